//! The run's own screen.
//!
//! ```text
//! ┌ run ────────────────────────────────────────────────────────────────────────┐
//! │ vag4p68w  remove  confirmed 22:06:52 by you  CHG-1042     sending call 6 of 7 │
//! │ ▕████████████████████████████████████████████████▓▓▓▓▒░░░░░░░░░░░░  ▏ 79 %   │
//! │ ✓ 78 accepted  ✗ 6 failed  ? 1 in doubt  ○ 20 being sent  · 3 waiting        │
//! └──────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Below that the calls, and what needs the operator.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::outcome::{OutcomeClass, StateClass};
use crate::domain::rate_limit::BudgetStatus;
use crate::domain::run::RunState;
use crate::text::{self, counted, grouped, visible};
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::screens::run::activity::{Length, activity, time_spent, time_to_go};
use crate::tui::screens::run::calls::{self, NARROW, WIDE};
use crate::tui::screens::run::needs;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::duration::{STEP, clock, step_down, took, whole_seconds};
use crate::tui::widgets::layout::spread;
use crate::tui::widgets::panel::{empty, panel};
use crate::tui::widgets::run_bar::{bar, run_parts};
use crate::tui::widgets::sparkline::sparkline;
use crate::tui::widgets::tabs::percent_done;
use crate::tui::widgets::time::time_on;

/// There is nothing to show yet.
pub(in crate::tui) const NO_RUNS: &str = "No runs yet";
/// The most other runs that are listed.
const OTHERS: usize = 4;

/// What to do where there are no runs.
pub(in crate::tui) fn how_to_start(context: &Context) -> String {
    let (mark, delete) = (context.key(Command::Mark), context.key(Command::Delete));
    format!("Mark devices with {mark}, then press {delete}.")
}

/// Draws the run in focus, and a line about each of the others.
pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, context: &Context) {
    let Some(run) = context.runs.shown() else {
        // The journal may have some, also of other processes.
        let key = context.key(Command::History);
        let hint = format!("{} {key} shows all runs.", how_to_start(context));
        empty(frame, area, context, "No run in this session yet", &hint);
        return;
    };
    let inner = panel(frame, area, context, "run");
    let width = usize::from(inner.width);
    let height = usize::from(inner.height);
    let roomy = height >= 24;
    let mut lines = vec![head(inner, context, run)];
    let blank = |lines: &mut Vec<Line<'_>>, from: usize| {
        if height >= from {
            lines.push(Line::default());
        }
    };
    blank(&mut lines, 24);
    lines.push(progress(context, run, width));
    lines.push(counts(inner, context, run));
    blank(&mut lines, 16);
    lines.extend(facts(context, run, width, height));
    lines.extend(others(context, run, inner));
    let needs = needs::lines(context, run, width);
    let left = height.saturating_sub(lines.len());
    let kept = needs.len().min(left);
    let gaps = usize::from(height >= 16) + usize::from(roomy);
    let rows = left.saturating_sub(kept + gaps * 2);
    let table = calls::table(context, run, rows, width);
    if !table.is_empty() {
        blank(&mut lines, 16);
        if roomy {
            let heading = match calls::scrolled(context, run, rows) {
                0 => "calls, newest first".to_owned(),
                newer => format!("calls, newest first, {} newer", grouped(newer as u64)),
            };
            lines.push(rule(context, &heading, width));
        }
        lines.extend(table);
    }
    if kept > 0 {
        blank(&mut lines, 16);
        if roomy {
            lines.push(rule(context, "needs you", width));
        }
        lines.extend(needs.into_iter().take(kept));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

/// Which run it is, and what it does.
fn head<'a>(area: Rect, context: &Context, run: &RunView) -> Line<'a> {
    let theme = &context.settings.theme;
    let is_wide = usize::from(area.width) >= WIDE;
    let confirmed = run.confirmed_at.map(|at| {
        let at = time_on(context.now.wall, at);
        let by = run.confirmed_by.as_deref().unwrap_or("you");
        if is_wide {
            format!("confirmed {at} by {}", visible(by))
        } else {
            format!("{at} {}", visible(by))
        }
    });
    let note = run.note.as_ref().map(|note| {
        let name = if is_wide { "note " } else { "" };
        format!("{name}{}", visible(note))
    });
    let gap = if is_wide { "   " } else { "  " };
    let name = if is_wide { "run " } else { "" };
    let mut left = vec![
        Span::raw(" "),
        Span::styled(format!("{name}{}", run.id), theme.strong()),
        Span::styled(format!("{gap}{}", run.action), theme.strong()),
    ];
    for fact in [confirmed, note].into_iter().flatten() {
        left.push(Span::styled(format!("{gap}{fact}"), theme.dim()));
    }
    let style = match run.state {
        RunState::Running => theme.accent(),
        RunState::Paused | RunState::Stopped => theme.warning(),
        _ => Style::new(),
    };
    let right = activity(context, run, Length::Long);
    spread(area, left, vec![Span::styled(right, style)])
}

/// The bar, and the share that is done.
fn progress<'a>(context: &Context, run: &RunView, width: usize) -> Line<'a> {
    let theme = &context.settings.theme;
    let in_flight = run.in_flight.len() as u64;
    let parts = run_parts(theme, run.tally, in_flight);
    let percent = percent_done(run).replace('%', " %");
    let mut spans = vec![Span::raw(" ")];
    spans.extend(bar(
        theme,
        &parts,
        run.tally.total(),
        width.saturating_sub(9),
    ));
    spans.push(Span::styled(format!(" {percent}"), theme.strong()));
    Line::from(spans)
}

/// How many devices are where. The words go before a number does.
fn counts<'a>(area: Rect, context: &Context, run: &RunView) -> Line<'a> {
    let theme = &context.settings.theme;
    let tally = run.tally;
    let in_flight = run.in_flight.len() as u64;
    let waiting = tally.left.saturating_sub(in_flight);
    let rest = if run.state.is_open() && run.state != RunState::Stopped {
        ("waiting", StateClass::Planned)
    } else {
        let class = OutcomeClass::NotSent;
        (class.label(), class.into())
    };
    let answered = tally.answered().into_iter();
    let answered = answered.map(|(class, count)| (count, class.label(), class.into()));
    let others = [
        (in_flight, "being sent", StateClass::Sending),
        (waiting, rest.0, rest.1),
    ];
    let shown = answered.chain(others).enumerate();
    let shown: Vec<_> = shown
        .filter(|&(place, (count, ..))| place == 0 || count > 0)
        .map(|(_, count)| count)
        .collect();
    let mut spans = Vec::new();
    let room = usize::from(area.width);
    for (gap, words) in [("   ", true), ("  ", true), ("  ", false)] {
        spans = vec![Span::raw(" ")];
        for &(count, word, state) in &shown {
            let number = format!("{} {}", theme.sign(state), grouped(count));
            let text = if words {
                format!("{number} {word}")
            } else {
                number
            };
            spans.push(Span::styled(text, theme.state(state)));
            spans.push(Span::raw(gap));
        }
        if spans.iter().map(Span::width).sum::<usize>() <= room {
            break;
        }
    }
    let all = format!("{} in all", grouped(tally.total()));
    let used: usize = spans.iter().map(Span::width).sum();
    if used + all.len() < room {
        return spread(area, spans, vec![Span::styled(all, theme.dim())]);
    }
    Line::from(spans)
}

/// Calls, limit, time and how long answers take.
fn facts<'a>(context: &Context, run: &RunView, width: usize, height: usize) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut lines = Vec::new();
    let mut add = |name: &str, mut text: Vec<Span<'a>>| {
        text.insert(0, Span::styled(format!(" {name:<8} "), theme.dim()));
        lines.push(Line::from(text));
    };
    if calls::has_calls(run) {
        let summary = calls::summary(context, run, width);
        let room = width.saturating_sub(text::width(&summary) + 14);
        let mut spans = calls::signs(context, run, room);
        spans.push(Span::raw(format!("   {summary}")));
        add("calls", spans);
    }
    if let Some(status) = context.runs.budget_status
        && run.is_ours()
        && run.state.is_open()
    {
        let cells = if width < NARROW { 5 } else { 10 };
        let gauge = theme.gauge(u64::from(status.left), u64::from(status.limit), cells);
        let text = limit(context, run, status, width);
        add(
            "limit",
            vec![
                Span::styled(gauge, theme.dim()),
                Span::raw(format!(" {text}")),
            ],
        );
    }
    if let Some(spent) = time_spent(context, run) {
        add("time", vec![Span::raw(time(context, run, spent, width))]);
    }
    if let Some(licences) = run.licences.sentence(theme.glyph("→", "->")) {
        add("licences", vec![Span::raw(licences)]);
    }
    if let Some(verified) = &run.verified {
        add(
            "verified",
            vec![Span::raw(format!("accepted, since then: {verified}"))],
        );
    }
    if let (Some(typical), true) = (run.call_log.typical(), height >= 18) {
        let durations = &run.call_log.durations;
        let slowest = durations.iter().max().copied().unwrap_or_default();
        let (typical, slowest, dot) = (took(typical), took(slowest), theme.dot());
        let text = format!("  {typical} typical{dot}{slowest} slowest");
        let micros = durations.iter().map(Duration::as_micros);
        let micros = micros.map(|micros| u64::try_from(micros).unwrap_or(u64::MAX));
        let line = Span::styled(sparkline(theme, micros), theme.accent());
        add("answers", vec![line, Span::raw(text)]);
    }
    lines
}

/// The calls left, when the next one may go, and who else takes some.
fn limit(context: &Context, run: &RunView, status: BudgetStatus, width: usize) -> String {
    let dot = context.settings.theme.dot();
    let mut text = format!("{} of {} calls left", status.left, status.limit);
    if width >= WIDE {
        text.push_str(" this minute");
    }
    // While the run waits, its activity says for how long.
    let next = status
        .next
        .filter(|_| status.left == 0 && run.waiting.is_none());
    let until = next.map(|next| whole_seconds(next.since(context.now.boot)));
    // A call may take longer than that.
    if let Some(seconds) = until.filter(|&seconds| seconds > 0) {
        text.push_str(&format!("{dot}next one in {seconds} s"));
    }
    if status.others > 0 {
        let noun = match status.others {
            _ if width < WIDE => "more",
            1 => "other process",
            _ => "other processes",
        };
        let others = grouped(status.others);
        text.push_str(&format!("{dot}used by {others} {noun}, too"));
    }
    text
}

/// The time that the run took or takes, and what it resends in that time.
fn time(context: &Context, run: &RunView, spent: Duration, width: usize) -> String {
    let dot = context.settings.theme.dot();
    let mut text = match run.ended_at {
        Some(_) => clock(spent),
        // As wide as what follows, so that nothing beside it moves.
        None if spent < STEP => format!("<{} so far", clock(STEP)),
        None => format!("{:>5} so far", clock(step_down(spent))),
    };
    if let Some(to_go) = time_to_go(context, run) {
        text.push_str(&format!("{dot}about {to_go} to go"));
    }
    if !run.resends.is_empty() && run.state == RunState::Running && width >= WIDE {
        let devices = counted(run.resends.len() as u64, "device");
        text.push_str(&format!("{dot}resends {devices} in doubt"));
    }
    text
}

/// A line about each of the other runs, the newest first.
fn others<'a>(context: &Context, focus: &RunView, area: Rect) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let others = context.runs.views.iter().rev();
    let others = others.filter(|run| run.id != focus.id).take(OTHERS);
    let lines = others.map(|run| {
        let devices = counted(run.tally.total(), "device");
        let mut left = vec![
            Span::styled(" also     ", theme.dim()),
            Span::raw(format!("{}  {}  {devices}", run.id, run.action)),
        ];
        for class in [OutcomeClass::Failed, OutcomeClass::InDoubt] {
            let count = match run.tally.of_class(class) {
                0 => continue,
                count => grouped(count),
            };
            let text = if usize::from(area.width) < NARROW {
                format!("{} {count}", theme.sign(class))
            } else {
                format!("{count} {}", class.label())
            };
            left.push(Span::styled(theme.dot(), theme.dim()));
            left.push(Span::styled(text, theme.warning()));
        }
        let length = if usize::from(area.width) >= WIDE {
            Length::Medium
        } else {
            Length::Short
        };
        let right = activity(context, run, length);
        spread(area, left, vec![Span::styled(right, theme.dim())])
    });
    lines.collect()
}

/// A heading across the panel.
fn rule<'a>(context: &Context, heading: &str, width: usize) -> Line<'a> {
    let theme = &context.settings.theme;
    let line = theme.glyph("─", "-");
    let rest = width.saturating_sub(heading.len() + 5);
    Line::from(vec![
        Span::styled(format!("{} ", line.repeat(3)), theme.faint()),
        Span::styled(heading.to_owned(), theme.strong()),
        Span::styled(format!(" {}", line.repeat(rest)), theme.faint()),
    ])
}
