//! The breakdown of a plan: totals with bars, outliers, what is left out. It is beside the list,
//! and on the whole screen behind `b`.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::alerts;
use crate::plan::LeftOutCount;
use crate::plan::breakdown::{Peculiarity, ValueCount};
use crate::query::AgeBand;
use crate::text::{clip, grouped, visible, width, wrap};
use crate::tui::context::Context;
use crate::tui::dialogs::delete::Confirmation;
use crate::tui::widgets::age::before;
use crate::tui::widgets::bar::Bar;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::theme::Role;

/// The cells of a bar.
const BAR: usize = 7;
/// The width of the names of age bands.
const BAND: usize = 10;

/// A line for each of the commonest values, at most `most`, and one for the rest.
pub(super) fn share_lines<'a>(
    context: &Context,
    shares: &[ValueCount],
    most: usize,
    room: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let name_room = room.saturating_sub(BAR + 7).max(4);
    let shown = if shares.len() > most { most - 1 } else { most };
    let rest = shares.get(shown..).unwrap_or_default();
    let in_rest = rest.iter().map(|share| share.devices).sum();
    let highest = shares.first().map_or(0, |share| share.devices).max(in_rest);
    let line = |name: &str, devices: u64| {
        let name = clip(name, name_room);
        let padding = " ".repeat(name_room - width(&name));
        let bar = Bar::new(highest, BAR).part(devices, theme.role(Role::Bar));
        let mut spans = vec![Span::raw(format!("{name}{padding} "))];
        spans.extend(bar.spans(theme));
        spans.push(Span::raw(format!(" {:>4}", grouped(devices))));
        Line::from(spans)
    };
    let mut lines: Vec<Line<'a>> = shares
        .iter()
        .take(shown)
        .map(|share| {
            let name = match share.value.as_str() {
                "" => "(none)",
                value => value,
            };
            line(name, share.devices)
        })
        .collect();
    if !rest.is_empty() {
        let name = format!("{} more", grouped(rest.len() as u64));
        lines.push(line(&name, in_rest));
    }
    lines
}

/// How many devices were last seen in a band of time.
pub(super) fn age_line<'a>(
    context: &Context,
    band: AgeBand,
    devices: u64,
    most: u64,
    room: usize,
) -> Line<'a> {
    let theme = &context.settings.theme;
    let cells = room.saturating_sub(BAND + 8).clamp(3, 12);
    let number = grouped(devices);
    let (style, text) = if band.is_recent() {
        (
            theme.danger(),
            Span::styled(format!(" {number} !"), theme.danger()),
        )
    } else {
        (theme.role(Role::Bar), Span::raw(format!(" {number}")))
    };
    let mut spans = vec![Span::raw(format!("{:<BAND$} ", band.as_str()))];
    spans.extend(Bar::new(most, cells).part(devices, style).spans(theme));
    spans.push(text);
    Line::from(spans)
}

/// A reason for leaving rows out, with their number.
pub(super) fn left_out_text(reason: &LeftOutCount) -> String {
    format!("{} {}", grouped(reason.rows), visible(&reason.reason))
}

/// What is unusual: a device by its name, several by their number.
pub(super) fn outlier_lines<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
) -> Vec<Line<'a>> {
    let breakdown = &confirm.breakdown;
    let mut lines = Vec::new();
    for unusual in Peculiarity::ALL {
        // Hidden devices have a line with `!`.
        if unusual == Peculiarity::Hidden {
            continue;
        }
        let text = match breakdown.count(unusual) {
            0 => continue,
            1 => one(context, confirm, unusual),
            many => format!("{} {}", grouped(many), several(unusual)),
        };
        lines.push(Line::from(clip(&text, room).into_owned()));
    }
    lines
}

/// The only device with a peculiarity.
fn one(context: &Context, confirm: &Confirmation, unusual: Peculiarity) -> String {
    let mut rows = confirm.breakdown.rows.iter();
    let place = rows.position(|row| row.peculiarities.has(unusual));
    let device = place.and_then(|place| confirm.plan.devices.get(place));
    let Some(device) = device else {
        return String::new();
    };
    let name = match device.hostname.as_str() {
        "" => device.identifier.to_string(),
        hostname => clip(hostname, 16).into_owned(),
    };
    let what = match unusual {
        Peculiarity::Recent => match confirm.plan.origin.list_time.zip(device.last_seen) {
            Some((time, seen)) => format!("seen {}", before(time, context.now.wall, seen)),
            None => "seen recently".to_owned(),
        },
        Peculiarity::Hidden => "hidden by the filter".to_owned(),
        Peculiarity::ByHand => "marked by hand".to_owned(),
        Peculiarity::OtherType => match device.device_type.as_str() {
            "" => "has no type".to_owned(),
            kind => format!("is a {}", clip(kind, 12)),
        },
        Peculiarity::OtherGroup => match device.group.as_str() {
            "" => "is in no group".to_owned(),
            group => format!("is in {}", clip(group, 14)),
        },
        Peculiarity::Server => "looks like a server".to_owned(),
        Peculiarity::NoHostname => "has no host name".to_owned(),
        Peculiarity::WholeUser => "the only device of its user".to_owned(),
        Peculiarity::WholeHostname => "all of its name".to_owned(),
    };
    let gap = if context.size.0 < 100 { " " } else { "  " };
    format!("{name}{gap}{what}")
}

fn several(unusual: Peculiarity) -> &'static str {
    match unusual {
        Peculiarity::Recent => "seen in list's last 7 d",
        Peculiarity::Hidden => "hidden by the filter",
        Peculiarity::ByHand => "marked by hand",
        Peculiarity::OtherType => "of other types than 95 %",
        Peculiarity::OtherGroup => "in other groups than 95 %",
        Peculiarity::Server => "look like servers",
        Peculiarity::NoHostname => "have no host name",
        Peculiarity::WholeUser => "are all devices of a user",
        Peculiarity::WholeHostname => "are all records of a name",
    }
}

/// The whole breakdown, in two columns from 76 cells on.
pub(super) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    confirm: &Confirmation,
    scroll: ListCursor,
) {
    let columns = columns_in(area, context, confirm);
    // The screen may have grown since the cursor was moved.
    let top = scroll.at.min(places_of(&columns, area) - 1);
    for (half, lines) in columns {
        let lines: Vec<Line<'_>> = lines.into_iter().skip(top).collect();
        let inner = Rect {
            x: half.x + 1,
            width: half.width.saturating_sub(1),
            ..half
        };
        frame.render_widget(Paragraph::new(lines), inner);
    }
}

/// How many lines can be the first that `area` shows: the last line stays at its bottom.
pub(super) fn places(area: Rect, context: &Context, confirm: &Confirmation) -> usize {
    places_of(&columns_in(area, context, confirm), area)
}

fn places_of(columns: &[(Rect, Vec<Line<'_>>)], area: Rect) -> usize {
    let longest = columns.iter().map(|(_, lines)| lines.len()).max();
    longest
        .unwrap_or(0)
        .saturating_sub(usize::from(area.height))
        + 1
}

/// The columns of the breakdown, and where they are.
fn columns_in<'a>(
    area: Rect,
    context: &Context,
    confirm: &Confirmation,
) -> Vec<(Rect, Vec<Line<'a>>)> {
    let halves: [Rect; 2] = if area.width >= 76 {
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(area)
    } else {
        [area, Rect::default()]
    };
    let room = usize::from(halves[0].width).saturating_sub(2);
    let columns = columns(context, confirm, room, halves[1].width > 0);
    halves.into_iter().zip(columns).collect()
}

/// The breakdown in two columns or in one.
fn columns<'a>(
    context: &Context,
    confirm: &Confirmation,
    room: usize,
    two: bool,
) -> Vec<Vec<Line<'a>>> {
    let [mut warnings, mut totals, groups] = sections(context, confirm, room);
    if two {
        warnings.extend(groups);
        return vec![totals, warnings];
    }
    totals.push(Line::default());
    vec![[warnings, totals, groups].concat()]
}

/// What must be known, the totals and outliers, and the groups.
fn sections<'a>(context: &Context, confirm: &Confirmation, room: usize) -> [Vec<Line<'a>>; 3] {
    let theme = &context.settings.theme;
    let breakdown = &confirm.breakdown;
    let heading = |text: &'static str| Line::from(Span::styled(text, theme.strong()));
    let all = usize::MAX;
    let mut left = vec![heading("by last seen")];
    let most = breakdown.ages.iter().map(|(_, devices)| *devices).max();
    left.extend(
        breakdown
            .ages
            .iter()
            .map(|&(band, devices)| age_line(context, band, devices, most.unwrap_or(0), room)),
    );
    left.extend([Line::default(), heading("by type")]);
    left.extend(share_lines(context, &breakdown.types, all, room));
    let outliers = outlier_lines(context, confirm, room);
    if !outliers.is_empty() {
        left.extend([Line::default(), heading("outliers")]);
        left.extend(outliers);
    }
    let mut right = Vec::new();
    let alerts = alerts::sentences(context, confirm, room);
    if !alerts.is_empty() {
        right.push(heading("warnings"));
        right.extend(alerts);
        right.push(Line::default());
    }
    if !breakdown.left_out.is_empty() {
        right.push(heading("left out"));
        for reason in &breakdown.left_out {
            let lines = wrap(&left_out_text(reason), room.saturating_sub(1));
            right.extend(lines.into_iter().map(Line::from));
        }
        right.push(Line::default());
    }
    let mut groups = vec![heading("by group")];
    groups.extend(share_lines(context, &breakdown.groups, all, room));
    [right, left, groups]
}
