//! The first line: where plans are sent, the screens with their counts, and the calls left.
//!
//! ```text
//!  offboard  demo · 127.0.0.1:34861   [1 Devices]  2 Run 42%  3 Failures 7  4 History   DEMO   calls ▕████░░░░▏ 5 of 10 left
//! ```

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::domain::run::RunState;
use crate::text::{clip, grouped, head};
use crate::tui::context::Context;
use crate::tui::input::commands::View;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::duration::whole_seconds;

/// From this width on, there is room for the program's name and the gauge.
pub(in crate::tui) const WIDE: u16 = 100;

pub(in crate::tui) fn line<'a>(
    area: Rect,
    context: &'a Context,
    view: View,
    reviewed: Option<&RunView>,
) -> Line<'a> {
    let Parts {
        before,
        tabs,
        right,
    } = parts(area, context, view, reviewed);
    let mut spans = before;
    spans.extend(tabs);
    let used = width(&spans) + width(&right) + 1;
    spans.push(Span::raw(
        " ".repeat(usize::from(area.width).saturating_sub(used)),
    ));
    spans.extend(right);
    Line::from(spans)
}

/// The screen whose tab is in this column of the line.
pub(in crate::tui) fn view_at(
    area: Rect,
    context: &Context,
    view: View,
    reviewed: Option<&RunView>,
    column: u16,
) -> Option<View> {
    let Parts { before, tabs, .. } = parts(area, context, view, reviewed);
    let mut at = width(&before);
    for (tab, view) in tabs.iter().zip(View::ALL) {
        let end = at + tab.width();
        if (at..end).contains(&usize::from(column)) {
            return Some(view);
        }
        at = end;
    }
    None
}

/// The line from left to right: the tenant, a tab for each screen, and what is at the right end.
struct Parts<'a> {
    before: Vec<Span<'a>>,
    tabs: Vec<Span<'a>>,
    right: Vec<Span<'a>>,
}

fn width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(Span::width).sum()
}

fn parts<'a>(
    area: Rect,
    context: &'a Context,
    view: View,
    reviewed: Option<&RunView>,
) -> Parts<'a> {
    let theme = &context.settings.theme;
    let mut right = Vec::new();
    if context.settings.demo {
        right.push(Span::styled(
            "DEMO",
            theme.warning().add_modifier(Modifier::BOLD),
        ));
    }
    if context.settings.read_only {
        right.push(Span::styled(
            "READ-ONLY",
            theme.warning().add_modifier(Modifier::BOLD),
        ));
    }
    if let Some(took) = context.slow_link {
        let seconds = took.as_millis().div_ceil(100);
        let link = format!("link {}.{} s", seconds / 10, seconds % 10);
        right.push(Span::styled(link, theme.warning()));
    }
    let is_wide = area.width >= WIDE;
    // The tenant is never cut for the sake of a count that the screens show too.
    let target = target(context, is_wide);
    let full = tabs(context, view, reviewed, Names::Whole);
    let beside = |calls: Option<Span<'a>>| {
        let right = right.iter().cloned().chain(calls.filter(|_| is_wide));
        separated(right.collect(), "   ")
    };
    let room_beside = |right: &[Span<'_>]| usize::from(area.width).saturating_sub(width(right) + 2);
    let fits = |right: &Vec<Span<'_>>| width(&target) + width(&full) < room_beside(right);
    // The names of the screens are worth more than the gauge.
    let candidates = [calls_left(context), calls_left_short(context)];
    let (right, tabs) = match candidates.map(beside).into_iter().find(fits) {
        Some(right) => (right, full),
        None => {
            let right = beside(calls_left(context));
            let room = room_beside(&right);
            let shorter = [Names::Letters, Names::LettersOnly, Names::None];
            let mut shorter = shorter
                .map(|names| tabs(context, view, reviewed, names))
                .into_iter();
            let shortest = shorter.next_back().unwrap_or_default();
            let fits = |tabs: &Vec<Span<'_>>| width(&target) + width(tabs) < room;
            (right, shorter.find(fits).unwrap_or(shortest))
        }
    };
    let room = room_beside(&right);
    let mut before = clipped(target, room.saturating_sub(width(&tabs) + 1));
    let free = room.saturating_sub(width(&before) + width(&tabs));
    before.push(Span::raw(" ".repeat(free.min(if is_wide { 3 } else { 1 }))));
    Parts {
        before,
        tabs,
        right,
    }
}

fn target<'a>(context: &Context, is_wide: bool) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let mut spans = vec![Span::raw(" ")];
    if is_wide {
        spans.push(Span::styled("offboard", theme.strong()));
        spans.push(Span::raw("  "));
    }
    match &context.settings.target {
        Some(target) => spans.push(Span::raw(format!(
            "{}{}{}",
            target.profile,
            theme.dot(),
            target.host()
        ))),
        None => spans.push(Span::styled("no tenant: triage only", theme.warning())),
    }
    spans
}

/// The spans in at most `room` cells.
fn clipped(spans: Vec<Span<'_>>, room: usize) -> Vec<Span<'_>> {
    let mut left = room;
    let spans = spans.into_iter().map(|span| {
        let text = clip(&span.content, left).into_owned();
        left = left.saturating_sub(crate::text::width(&text));
        Span::styled(text, span.style)
    });
    spans.collect()
}

fn separated<'a>(spans: Vec<Span<'a>>, gap: &'static str) -> Vec<Span<'a>> {
    let mut all = Vec::new();
    for span in spans {
        if !all.is_empty() {
            all.push(Span::raw(gap));
        }
        all.push(span);
    }
    all
}

/// What the tabs of the screens that aren't open say besides their keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Their names and counts.
    Whole,
    /// The first letters of their names, and counts.
    Letters,
    /// The letters without counts.
    LettersOnly,
    None,
}

/// The screens, in the order of their keys.
fn tabs<'a>(
    context: &Context,
    view: View,
    reviewed: Option<&RunView>,
    names: Names,
) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let failures = reviewed.map_or(0, |run| run.tally.not_accepted());
    let failures = (failures > 0).then(|| grouped(failures));
    let urgent = failures
        .as_ref()
        .map_or_else(Style::new, |_| theme.danger());
    let tabs = [
        (View::Devices, "Devices", None, Style::new()),
        (View::Run, "Run", run_state(context), theme.accent()),
        (View::Failures, "Failures", failures, urgent),
        (View::History, "History", None, Style::new()),
    ];
    let mut spans = Vec::new();
    for (tab, name, count, style) in tabs {
        let key = context.key(tab.command());
        let is_open = tab == view;
        let label = match (names, &count) {
            (Names::None, _) if !is_open => key.to_owned(),
            (Names::Letters, Some(count)) if !is_open => format!("{key} {} {count}", head(name, 1)),
            (Names::Letters | Names::LettersOnly, _) if !is_open => {
                format!("{key} {}", head(name, 1))
            }
            (_, Some(count)) => format!("{key} {name} {count}"),
            (_, None) => format!("{key} {name}"),
        };
        let style = if is_open {
            theme.accent().add_modifier(Modifier::REVERSED)
        } else if count.is_some() {
            style
        } else {
            Style::new()
        };
        let label = if is_open {
            format!("[{label}]")
        } else {
            format!(" {label} ")
        };
        spans.push(Span::styled(label, style));
    }
    spans
}

/// How far the run in focus is.
fn run_state(context: &Context) -> Option<String> {
    let run = context.runs.focus()?;
    Some(match run.state {
        RunState::Running => percent_done(run),
        RunState::Finished => "done".to_owned(),
        state => state.as_str().to_owned(),
    })
}

/// Which share of the run's devices has an outcome.
pub(in crate::tui) fn percent_done(run: &RunView) -> String {
    let total = run.tally.total();
    let done = total - run.tally.left;
    format!("{}%", (done * 100).checked_div(total).unwrap_or(100))
}

/// `calls ▕████░░░░▏ 5 of 10 left`, and when the next one may be made.
pub(in crate::tui) fn calls_left<'a>(context: &Context) -> Option<Span<'a>> {
    let theme = &context.settings.theme;
    let status = context.runs.budget_status?;
    let gauge = theme.gauge(u64::from(status.left), u64::from(status.limit), 8);
    // As wide as it gets, so that nothing beside it moves.
    let limit = status.limit.to_string();
    let left = format!("{:>1$} of {limit} left", status.left, limit.len());
    let text = match until_next(context) {
        Some(seconds) => format!("{:>1$}", format!("next in {seconds} s"), left.len()),
        None => left,
    };
    Some(Span::styled(
        format!("calls {gauge} {text}"),
        calls_style(context),
    ))
}

/// The same in a few cells: `5/10 calls left`.
pub(in crate::tui) fn calls_left_short<'a>(context: &Context) -> Option<Span<'a>> {
    let status = context.runs.budget_status?;
    let text = match until_next(context) {
        Some(seconds) => format!("next call in {seconds} s"),
        None => format!("{}/{} calls left", status.left, status.limit),
    };
    Some(Span::styled(text, calls_style(context)))
}

/// The seconds until a call may be made, if none may be made now, and no other line says so: two countdowns
/// would be written each second.
fn until_next(context: &Context) -> Option<u64> {
    let runs = &context.runs;
    let status = runs.budget_status.filter(|status| status.left == 0)?;
    let run_waits = runs.focus().is_some_and(|run| run.waiting.is_some());
    let is_said = run_waits || runs.fetch_progress.is_some();
    let next = status.next.filter(|_| !is_said)?;
    Some(whole_seconds(next.since(context.now.boot)))
}

fn calls_style(context: &Context) -> Style {
    let theme = &context.settings.theme;
    let spent = context
        .runs
        .budget_status
        .is_some_and(|status| status.left == 0);
    if spent { theme.warning() } else { theme.dim() }
}
