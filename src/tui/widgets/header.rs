//! ```text
//!  offboard  production · gears.opswat.com          budget ▕██████░░░░▏ 6 of 10 left · next 12 s  READ-ONLY
//!  devices.json  12,408 devices · 3 unusable · saved 3 d ago     showing 212 · marked 137 (5 hidden)
//!  filter: unseen>90d status:out_of_license_usage
//! ```
//!
//! and, while the filter is edited and has a mistake, a line that points at it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::{Query, QueryError};
use crate::text::{clip, counted, grouped, visible, width};
use crate::tui::context::Context;
use crate::tui::widgets::age::age;
use crate::tui::widgets::text_field::TextField;

/// The filter as the header shows it.
#[derive(Clone, Copy, Debug)]
pub enum FilterState<'a> {
    /// The current filter.
    InForce(&'a Query),
    /// It is edited, and may have a mistake.
    Edited(&'a TextField, Option<&'a QueryError>),
}

/// Draws the three lines, and the one for a mistake in the filter.
pub(in crate::tui) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    filter: FilterState<'_>,
) {
    let mut lines = vec![
        where_line(area, context),
        list_line(area, context),
        filter_line(area, context, filter),
    ];
    if let FilterState::Edited(field, Some(error)) = filter {
        lines.push(error_line(area, context, field, error));
    }
    frame.render_widget(Paragraph::new(lines), area);
    if let FilterState::Edited(input, _) = filter {
        let column = PROMPT.len() + input.visual_cursor() - scrolled(area, input);
        let column = u16::try_from(column)
            .unwrap_or(u16::MAX)
            .min(area.width.saturating_sub(1));
        frame.set_cursor_position((area.x + column, area.y + 2));
    }
}

/// Before the filter while it is edited.
const PROMPT: &str = " / ";

/// How many columns of the filter are scrolled away, so that its cursor is on the screen.
fn scrolled(area: Rect, input: &TextField) -> usize {
    input.visual_scroll(usize::from(area.width).saturating_sub(PROMPT.len() + 1))
}

/// What is wrong with the filter, under the place where it is.
fn error_line<'a>(
    area: Rect,
    context: &Context,
    input: &TextField,
    error: &QueryError,
) -> Line<'a> {
    let before: String = input.value().chars().take(error.column() - 1).collect();
    let place = (PROMPT.len() + width(&before)).saturating_sub(scrolled(area, input));
    let room = usize::from(area.width);
    let explanation = error.explanation();
    // On the side of the mark that has more room.
    let text = if place < room / 2 {
        let message = clip(&explanation, room.saturating_sub(place + 2));
        format!("{}^ {message}", " ".repeat(place))
    } else {
        let message = clip(&explanation, place.saturating_sub(1));
        let start = place.saturating_sub(width(&message) + 1);
        format!("{}{message} ^", " ".repeat(start))
    };
    Line::from(Span::styled(
        clip(&text, room).into_owned(),
        context.settings.theme.bad(),
    ))
}

/// `left` and `right` on one line, the left one cut if they don't fit.
fn spread<'a>(area: Rect, left: Vec<Span<'a>>, right: Vec<Span<'a>>) -> Line<'a> {
    let right_width: usize = right.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(right_width + 2);
    let mut used = 0;
    let mut spans = Vec::new();
    for span in left {
        let text = clip(&span.content, room.saturating_sub(used)).into_owned();
        used += width(&text);
        spans.push(Span::styled(text, span.style));
    }
    spans.push(Span::raw(" ".repeat(
        usize::from(area.width).saturating_sub(used + right_width + 1),
    )));
    spans.extend(right);
    Line::from(spans)
}

fn where_line(area: Rect, context: &Context) -> Line<'_> {
    let theme = context.settings.theme;
    let mut left = vec![
        Span::raw(" "),
        Span::styled("offboard", theme.strong()),
        Span::raw("  "),
    ];
    match &context.settings.target {
        Some(target) => left.push(Span::raw(format!(
            "{}{}{}",
            target.profile,
            theme.dot(),
            target.host()
        ))),
        None => left.push(Span::styled(
            "no configuration: triage only",
            theme.warning(),
        )),
    }
    let mut right = Vec::new();
    if context.settings.demo {
        let window = context.settings.budget.window.as_secs();
        let speed = format!("{}simulated, a minute is {window} s", theme.dot());
        // The tenant's name matters more.
        let speed = if area.width >= 100 {
            speed
        } else {
            String::new()
        };
        right.push(Span::styled(format!("DEMO{speed}  "), theme.warning()));
    }
    right.extend(budget(area, context));
    if context.settings.read_only {
        right.push(Span::styled("  READ-ONLY", theme.warning()));
    }
    spread(area, left, right)
}

fn budget<'a>(area: Rect, context: &Context) -> Vec<Span<'a>> {
    let theme = context.settings.theme;
    let Some(status) = context.runs.budget_status else {
        return Vec::new();
    };
    let mut text = String::new();
    if area.width >= 100 {
        text.push_str("budget ");
        text.push_str(&theme.gauge(u64::from(status.left), u64::from(status.limit), 10));
        text.push(' ');
    }
    text.push_str(&format!("{} of {} left", status.left, status.limit));
    if let Some(next) = status.next {
        let seconds = next.since(context.now.boot).as_millis().div_ceil(1000);
        text.push_str(&format!("{}next {seconds} s", theme.dot()));
    }
    let style = if status.left == 0 {
        theme.warning()
    } else {
        ratatui::style::Style::new()
    };
    vec![Span::styled(text, style)]
}

fn list_line(area: Rect, context: &Context) -> Line<'_> {
    let theme = context.settings.theme;
    let mut right = vec![Span::raw(format!(
        "showing {}",
        grouped(context.list.rows.len() as u64)
    ))];
    if !context.list.marks.is_empty() {
        let mut marked = format!(
            "{}marked {}",
            theme.dot(),
            grouped(context.list.marks.len() as u64)
        );
        if context.list.hidden_marks > 0 {
            marked.push_str(&format!(
                " ({} hidden)",
                grouped(context.list.hidden_marks as u64)
            ));
        }
        right.push(Span::styled(marked, theme.marked()));
    }
    let taken: usize = right.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(taken + 2);
    let name = context.list.devices.name();
    let name = name.rsplit('/').next().unwrap_or(name);
    let facts = list_facts(context, room, width(name));
    let for_name = room
        .saturating_sub(width(&facts) + 3)
        .clamp(SHORTEST_NAME, 30);
    let left = vec![
        Span::raw(format!(" {}  ", clip(name, for_name))),
        Span::styled(facts, theme.dim()),
    ];
    spread(area, left, right)
}

/// A list's name is cut to this before a fact about it is left out.
const SHORTEST_NAME: usize = 8;

/// Facts about the list. Where there is no room for all, its age stays: what is planned from an
/// old list is planned from old data.
fn list_facts(context: &Context, room: usize, name: usize) -> String {
    let theme = context.settings.theme;
    let counts = context.list.devices.counts();
    let count = |count: u64, what: &str| (count > 0).then(|| format!("{} {what}", grouped(count)));
    let devices = Some(counted(counts.devices, "device"));
    let unusable = count(counts.unusable, "unusable");
    let repeated = count(counts.repeated, "repeated");
    let how = if context.list.devices.fetched_at().is_some() {
        "fetched"
    } else {
        "saved"
    };
    let time = context.list.devices.time();
    let mut saved = time.map(|time| format!("{how} {} ago", age(context.now.wall, time)));
    // The line above says where it is sent to.
    let sent_to = context
        .settings
        .target
        .as_ref()
        .map(|target| &target.tenant);
    let tenant = context.list.devices.tenant();
    if let Some(tenant) = tenant.filter(|tenant| sent_to.is_none_or(|sent_to| sent_to != tenant)) {
        let saved = saved.get_or_insert_default();
        saved.push_str(&format!(" of {}", visible(host(tenant))));
    }
    let mut facts = [devices, unusable, repeated, saved];
    let mut message = String::new();
    for dropped in [None, Some(2), Some(1), Some(0)] {
        if let Some(fact) = dropped.and_then(|at: usize| facts.get_mut(at)) {
            *fact = None;
        }
        let left: Vec<&str> = facts.iter().flatten().map(String::as_str).collect();
        message = left.join(theme.dot());
        // A space before the name, two behind it.
        if width(&message) + name.min(SHORTEST_NAME) + 3 <= room {
            break;
        }
    }
    message
}

/// An origin without its scheme.
fn host(tenant: &str) -> &str {
    tenant.split_once("://").map_or(tenant, |(_, host)| host)
}

fn filter_line<'a>(area: Rect, context: &Context, filter: FilterState<'_>) -> Line<'a> {
    let theme = context.settings.theme;
    match filter {
        FilterState::Edited(input, _) => {
            let mut skipped = 0;
            let scrolled = scrolled(area, input);
            let rest: String = input
                .value()
                .chars()
                .skip_while(|&character| {
                    let skip = skipped < scrolled;
                    skipped += width(character.encode_utf8(&mut [0; 4]));
                    skip
                })
                .collect();
            let room = usize::from(area.width).saturating_sub(PROMPT.len());
            Line::from(format!("{PROMPT}{}", clip(&rest, room)))
        }
        FilterState::InForce(query) if !query.is_empty() => {
            let room = usize::from(area.width).saturating_sub(10);
            let shown = clip(query.text(), room).into_owned();
            Line::from(Span::styled(format!(" filter: {shown}"), theme.marked()))
        }
        FilterState::InForce(_) => Line::default(),
    }
}
