//! ```text
//! ─ run 7k2m9x4c · remove · 340/500 ▕█████████████░░░░░░▏ 331 accepted · 6 failed · next call 4 s · ETA 0:52 ──
//! ```
//!
//! and the run's own screen: its state, what it waits for, its last calls and notices.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::outcome::Tally;
use crate::domain::rate_limit::WaitReason;
use crate::domain::run::RunState;
use crate::engine::Waiting;
use crate::export::counts;
use crate::text::{clip, counted, grouped, visible, width};
use crate::tui::context::Context;
use crate::tui::screens::run::state::RunView;

/// From this many columns on the line has room for the run's name, a gauge and whole words.
const WIDE: usize = 100;
/// How many of a run's last calls are shown.
const CALLS: usize = 5;

/// The line above the footer.
pub(in crate::tui) fn render_line(frame: &mut Frame<'_>, area: Rect, context: &Context) {
    let Some(run) = context.runs.focus() else {
        return;
    };
    let theme = &context.settings.theme;
    let done = run.tally.total() - run.tally.left;
    let room = usize::from(area.width);
    let progress = format!("{}/{}", grouped(done), grouped(run.tally.total()));
    let counts = counts(Tally {
        left: 0,
        ..run.tally
    });
    let is_wide = room >= WIDE;
    let text = if is_wide {
        let gauge = theme.gauge(done, run.tally.total(), 20);
        format!(
            "run {} · {} · {progress} {gauge} {counts}",
            run.id, run.action
        )
    } else {
        format!("{} {progress} · {counts}", run.action)
    };
    // What comes next stays, whatever else must be cut.
    let next = format!(" · {}", next_step(context, run, is_wide));
    let text = format!(
        "{}{next}",
        clip(&text, room.saturating_sub(width(&next) + 4))
    );
    let line = theme.glyph("─", "-");
    let shown = clip(&text, room.saturating_sub(4)).into_owned();
    let rest = line.repeat(room.saturating_sub(width(&shown) + 3));
    let style = match run.state {
        RunState::Paused | RunState::Stopped => theme.warning(),
        _ => theme.strong(),
    };
    let spans = vec![
        Span::styled(format!("{line} "), theme.dim()),
        Span::styled(shown, style),
        Span::styled(format!(" {rest}"), theme.dim()),
    ];
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// What the run does or waits for, in a few words.
fn next_step(context: &Context, run: &RunView, is_wide: bool) -> String {
    match (run.state, run.waiting) {
        (RunState::Running, Some((until, reason))) => {
            let wait = until.since(context.now.boot).as_millis().div_ceil(1000);
            let reason = if is_wide {
                reason.to_string()
            } else {
                short(reason).to_owned()
            };
            format!("{reason} {wait} s · ETA {}", eta(context, run))
        }
        (RunState::Running, None) => format!("sending · ETA {}", eta(context, run)),
        (RunState::Paused, _) => "paused, p goes on".to_owned(),
        (RunState::Stopped, _) => format!("stopped, {} not sent", grouped(run.tally.left)),
        (state, _) => state.as_str().to_owned(),
    }
}

/// What a run waits for, where there is little room.
fn short(reason: Waiting) -> &'static str {
    match reason {
        Waiting::Slot(WaitReason::TooMany) => "429, next",
        Waiting::Slot(WaitReason::ServerLimit) => "server limit, next",
        Waiting::Slot(WaitReason::Budget | WaitReason::UnknownWindow) => "next",
        Waiting::Retry(_) => "retry",
        Waiting::Resend => "resend",
    }
}

/// At the least: the calls that are left, as the budget allows.
fn eta(context: &Context, run: &RunView) -> String {
    let calls_left = (run.planned_calls as u64).saturating_sub(u64::from(run.calls));
    let next = run
        .waiting
        .map_or(Duration::ZERO, |(until, _)| until.since(context.now.boot));
    context.time_for(calls_left, next)
}

/// The view `2`.
pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, context: &Context) {
    let theme = &context.settings.theme;
    if context.runs.views.is_empty() {
        let text = " No run yet. Mark devices and press d in the devices.";
        frame.render_widget(Paragraph::new(text).style(theme.dim()), area);
        return;
    }
    let mut lines = Vec::new();
    for run in context.runs.views.iter().rev() {
        lines.extend(run_lines(context, run));
        lines.push(Line::default());
    }
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
}

fn run_lines<'a>(context: &'a Context, run: &'a RunView) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let fact = |name: &str, value: String| {
        Line::from(vec![
            Span::styled(format!(" {name:<9} "), theme.dim()),
            Span::raw(value),
        ])
    };
    let mut lines = vec![Line::from(Span::styled(
        format!(" run {} · {} · {}", run.id, run.action, run.state.as_str()),
        theme.strong(),
    ))];
    let tally = run.tally;
    lines.push(fact(
        "devices",
        format!(
            "{} of {} done",
            grouped(tally.total() - tally.left),
            grouped(tally.total())
        ),
    ));
    lines.push(fact("outcomes", counts(tally).replace("not sent", "left")));
    lines.push(fact(
        "calls",
        format!("{} of {} planned", run.calls, run.planned_calls),
    ));
    if let Some((until, reason)) = run.waiting {
        let wait = until.since(context.now.boot).as_millis().div_ceil(1000);
        lines.push(fact("waiting", format!("{reason}, {wait} s")));
    }
    if let Some(pause) = &run.pause {
        lines.push(Line::from(Span::styled(
            format!(" paused    {pause}"),
            theme.warning(),
        )));
        lines.push(fact("", pause.advice().to_owned()));
        let left = counted(tally.left, "device");
        lines.push(fact(
            "",
            format!("p goes on with the {left} left, x stops the run"),
        ));
    }
    for call in run.call_details.iter().rev().take(CALLS) {
        let devices = counted(call.devices.len() as u64, "device");
        let mut text = format!("{} · {devices}", call.summary());
        if !call.message.is_empty() {
            text.push_str(&format!(" · {}", visible(&call.message)));
        }
        lines.push(fact("", text));
    }
    for notice in run.notices.iter().rev().take(8) {
        lines.push(fact("note", visible(notice).into_owned()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_run_line_says_what_an_unusual_wait_is_for() {
        for (reason, said) in [
            (Waiting::Slot(WaitReason::Budget), "next"),
            (Waiting::Slot(WaitReason::TooMany), "429, next"),
            (Waiting::Retry(2), "retry"),
            (Waiting::Resend, "resend"),
        ] {
            assert_eq!(short(reason), said);
        }
    }
}
