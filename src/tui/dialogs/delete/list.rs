//! The exact list of a plan, the most unusual devices first. The order is for the eye only.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::columns::{Columns, SEEN};
use super::keys::{SEARCH_KEYS, SearchKey};
use super::search::ListSearch;
use crate::plan::PlannedDevice;
use crate::plan::breakdown::{Peculiarities, Peculiarity, PlanRow, SelectionOrigin};
use crate::text::{clip, clip_middle, grouped, width};
use crate::tui::column::Shorten;
use crate::tui::context::Context;
use crate::tui::dialogs::delete::Confirmation;
use crate::tui::input::dialog_keys::command;
use crate::tui::widgets::age::age;
use crate::tui::widgets::layout::spread;
use crate::tui::widgets::list_cursor::ListCursor;

/// How many devices fit into an area of this height.
pub(super) fn rows_in(height: u16) -> usize {
    let other = u16::from(has_place(height)) + u16::from(has_heading(height));
    usize::from(height.saturating_sub(other)).max(1)
}

/// On the smallest screens a device is worth more than a heading.
fn has_heading(height: u16) -> bool {
    height >= 4
}

fn has_place(height: u16) -> bool {
    height >= 2
}

impl Confirmation {
    pub(super) fn on_search_key(&mut self, key: &KeyEvent, context: &Context) {
        match command(SEARCH_KEYS, key) {
            Some(SearchKey::Keep) => self.search.is_typed = false,
            Some(SearchKey::Clear) => self.search = ListSearch::default(),
            Some(SearchKey::Edit) | None => {
                self.search.field.on_key(key);
                self.find(self.search.at, true, context);
            }
        }
    }

    pub(super) fn on_search_paste(&mut self, text: &str, context: &Context) {
        self.search.field.on_paste(text);
        self.find(self.search.at, true, context);
    }

    /// `n`, `N`.
    pub(super) fn find_next(&mut self, forward: bool, context: &Context) {
        let all = self.plan.devices.len();
        let step = if forward { 1 } else { all.saturating_sub(1) };
        self.find(self.search.at + step, forward, context);
    }

    /// Shows the first match from a place on, round the end of the list.
    fn find(&mut self, from: usize, forward: bool, context: &Context) {
        let all = self.plan.devices.len();
        let mut places = (0..all).map(|step| {
            let step = if forward { step } else { all - step };
            (from + step) % all
        });
        let found = places.find(|&place| self.is_match(self.ordinal_at(place)));
        self.search.misses = found.is_none() && self.search.is_on();
        if let Some(place) = found {
            self.search.at = place;
            let shown = self.scroll.at..self.scroll.at + self.list_rows(context);
            if !shown.contains(&place) {
                self.scroll = ListCursor::at(place);
            }
        }
    }

    /// True if the device with this ordinal is searched for.
    pub(in crate::tui) fn is_match(&self, ordinal: usize) -> bool {
        let device = self.plan.devices.get(ordinal);
        device.is_some_and(|device| self.search.matches(device))
    }
}

/// Draws the list with its heading and a line that says which part of it is shown.
pub(super) fn render(frame: &mut Frame<'_>, area: Rect, context: &Context, confirm: &Confirmation) {
    let theme = &context.settings.theme;
    let room = usize::from(area.width);
    let columns = confirm.widths.columns(room);
    let rows = rows_in(area.height);
    let all = confirm.plan.devices.len();
    let top = confirm.scroll.at.min(all.saturating_sub(rows));
    let mut lines = Vec::new();
    if has_heading(area.height) {
        let heading = clip(&columns.heading(), room).into_owned();
        lines.push(Line::from(Span::styled(heading, theme.strong())));
    }
    for place in top..(top + rows).min(all) {
        let ordinal = confirm.ordinal_at(place);
        let device = confirm.plan.devices.get(ordinal);
        let row = confirm.breakdown.rows.get(ordinal);
        if let Some((device, row)) = device.zip(row) {
            let line = row_line(context, confirm, columns, place, (device, row), room);
            lines.push(line);
        }
    }
    frame.render_widget(Paragraph::new(lines), area);
    if !has_place(area.height) {
        return;
    }
    let last = Rect {
        y: area.y + area.height.saturating_sub(1),
        height: area.height.min(1),
        ..area
    };
    let (order, other) = if confirm.in_file_order {
        ("in the order sent", "s most unusual first")
    } else {
        ("most unusual first", "s order sent")
    };
    let shown = format!(
        " rows {}–{} of {}, {order}",
        grouped(top as u64 + 1),
        grouped((top + rows).min(all) as u64),
        grouped(all as u64)
    );
    let search = &confirm.search;
    let left = if search.is_typed || search.is_on() {
        let room = usize::from(area.width / 2);
        let searched = if search.is_typed {
            search.field.with_cursor(room)
        } else {
            clip(search.field.value(), room).into_owned()
        };
        let mut left = vec![Span::styled(format!(" / {searched}"), theme.strong())];
        if search.misses {
            left.push(Span::styled("  no match", theme.warning()));
        }
        left
    } else {
        vec![Span::styled(shown, theme.dim())]
    };
    let right = match (search.is_typed, search.is_on()) {
        (true, _) => "enter back to the number".to_owned(),
        (false, true) => "n next, N previous".to_owned(),
        (false, false) => format!("{other}  / search"),
    };
    let line = spread(last, left, vec![Span::styled(right, theme.dim())]);
    frame.render_widget(Paragraph::new(line), last);
}

fn row_line<'a>(
    context: &Context,
    confirm: &Confirmation,
    columns: Columns,
    place: usize,
    (device, row): (&PlannedDevice, &PlanRow),
    room: usize,
) -> Line<'a> {
    let theme = &context.settings.theme;
    let cell = |text: &str, cells: usize, style: Style| {
        if cells == 0 {
            return Span::raw("");
        }
        let (text, style) = match text {
            "" => (theme.glyph("—", "-"), theme.dim()),
            text => (text, style),
        };
        let text = clip(text, cells);
        let padding = " ".repeat(cells - width(&text) + 1);
        Span::styled(format!("{text}{padding}"), style)
    };
    let plain = Style::new();
    let searched = if confirm.is_match(confirm.ordinal_at(place)) {
        theme.matched()
    } else {
        plain
    };
    let number = if columns.number > 0 {
        format!("{:>4} ", grouped(place as u64 + 1))
    } else {
        String::new()
    };
    let id = device.identifier.to_string();
    let id = clip_middle(&id, columns.id).into_owned();
    let status = Shorten::Status.apply(&row.status, columns.status);
    let mut spans = vec![
        Span::raw(" "),
        Span::styled(number, theme.dim()),
        cell(&device.hostname, columns.host, searched),
        cell(&id, columns.id, searched),
        cell(&device.device_type, columns.kind, plain),
        cell(&status, columns.status, theme.status(&row.status)),
        cell(&device.group, columns.group, plain),
    ];
    let (seen, style) = match confirm.plan.origin.list_time.zip(device.last_seen) {
        None => (theme.glyph("—", "-").to_owned(), theme.dim()),
        Some((time, seen)) if row.is_within_a_day() => {
            (format!("{} !", age(time, seen)), theme.danger())
        }
        Some((time, seen)) => {
            let recent = row.peculiarities.has(Peculiarity::Recent);
            let style = if recent { theme.danger() } else { plain };
            (age(time, seen), style)
        }
    };
    spans.push(Span::styled(format!("{seen:>SEEN$}  "), style));
    let unusual = row.peculiarities != Peculiarities::default();
    let style = if unusual { theme.danger() } else { theme.dim() };
    let rest = room.saturating_sub(columns.taken());
    let reason = reason(device, row, rest);
    spans.push(Span::styled(clip(&reason, rest).into_owned(), style));
    Line::from(spans)
}

/// Why a device is in the plan, and what is unusual about it beside its age. Where there is no room
/// for both, what is unusual comes first, in fewer words.
pub(super) fn reason(device: &PlannedDevice, row: &PlanRow, room: usize) -> String {
    let selected = match row.selected {
        SelectionOrigin::ByHand => "by hand".to_owned(),
        SelectionOrigin::Range => "range".to_owned(),
        SelectionOrigin::Inverted => "inverted".to_owned(),
        SelectionOrigin::Filter => "filter".to_owned(),
        SelectionOrigin::All => "all shown".to_owned(),
        SelectionOrigin::Ticket => match device.matched_by {
            Some(rule) => format!("ticket {rule}"),
            None => "ticket".to_owned(),
        },
        SelectionOrigin::Restored => "earlier session".to_owned(),
        SelectionOrigin::Cursor => "at the cursor".to_owned(),
        SelectionOrigin::Retry => "retry".to_owned(),
    };
    let removed = device.removed_by.map(|_| "sent earlier");
    let peculiarities = |in_full: bool| {
        row.peculiarities
            .iter()
            .filter_map(move |unusual| match unusual {
                // Each of these has its place in the row.
                Peculiarity::Recent | Peculiarity::ByHand | Peculiarity::NoHostname => None,
                Peculiarity::Hidden => Some("hidden"),
                Peculiarity::OtherType => Some("other type"),
                Peculiarity::OtherGroup => Some("other group"),
                Peculiarity::Server => Some("server?"),
                Peculiarity::WholeUser if in_full => Some("all of this user"),
                Peculiarity::WholeUser => Some("all of user"),
                Peculiarity::WholeHostname if in_full => Some("all of this name"),
                Peculiarity::WholeHostname => Some("all of name"),
            })
    };
    let selected = std::iter::once(selected.as_str());
    let in_full: Vec<&str> = selected
        .clone()
        .chain(peculiarities(true))
        .chain(removed)
        .collect();
    let in_full = in_full.join(", ");
    if width(&in_full) <= room {
        return in_full;
    }
    let unusual_first: Vec<&str> = peculiarities(false)
        .chain(removed)
        .chain(selected)
        .collect();
    let counts = (1..unusual_first.len()).rev();
    let mut shorter = counts.filter_map(|count| {
        let (said, others) = unusual_first.split_at_checked(count)?;
        Some(format!("{} +{}", said.join(", "), others.len()))
    });
    let first = unusual_first.first().copied().unwrap_or_default();
    let fitting = shorter.find(|said| width(said) <= room);
    fitting.unwrap_or_else(|| first.to_owned())
}
