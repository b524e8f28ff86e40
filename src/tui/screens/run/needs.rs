//! The problems of a run that need the operator: why it paused or stopped, and what was not accepted.

use ratatui::text::{Line, Span};

use crate::domain::outcome::{DeviceState, Outcome, OutcomeClass};
use crate::domain::run::{PauseReason, RunState, StopCause};
use crate::text::{clip, grouped, visible, width, wrap};
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::screens::run::state::RunView;

/// The most notices that are shown.
const NOTICES: usize = 3;
/// What follows on lines of their own.
const INDENT: usize = 3;

/// The lines, the most urgent first.
pub(super) fn lines<'a>(context: &Context, run: &RunView, room: usize) -> Vec<Line<'a>> {
    let mut lines = pause(context, run, room);
    lines.extend(failures(context, run, room));
    let theme = &context.settings.theme;
    for notice in run.notices.iter().rev().take(NOTICES) {
        let text = format!(" note  {}", visible(notice));
        let text = clip(&text, room).into_owned();
        lines.push(Line::from(Span::styled(text, theme.dim())));
    }
    lines
}

/// Why the run rests, unless the operator wanted it.
fn pause<'a>(context: &Context, run: &RunView, room: usize) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    if !matches!(run.state, RunState::Paused | RunState::Stopped) {
        return Vec::new();
    }
    let (reason, advice) = match (&run.pause, &run.reason) {
        (Some(PauseReason::Operator | PauseReason::Stopped(StopCause::Operator)), _)
        | (None, None) => return Vec::new(),
        (Some(pause), _) => (pause.to_string(), pause.advice()),
        (None, Some(reason)) => (reason.clone(), ""),
    };
    let room = room.saturating_sub(INDENT);
    let reason = wrap(&reason, room).into_iter().enumerate();
    let mut lines: Vec<Line<'a>> = reason
        .map(|(place, text)| {
            let sign = if place == 0 { " ! " } else { "   " };
            Line::from(Span::styled(format!("{sign}{text}"), theme.warning()))
        })
        .collect();
    if !advice.is_empty() {
        let advice = wrap(advice, room).into_iter();
        lines.extend(advice.map(|text| Line::from(format!("   {text}"))));
    }
    lines
}

/// The devices of a failed or doubtful outcome.
struct OpenProblem {
    outcome: Outcome,
    count: usize,
    /// How many of them the run resends.
    resent: usize,
    meaning: &'static str,
}

/// One line per failed or doubtful outcome.
fn failures<'a>(context: &Context, run: &RunView, room: usize) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut problems: Vec<OpenProblem> = Vec::new();
    for group in &run.groups {
        let (head, resent) = (group.head, run.count_resent(&group.ordinals));
        if head.is_success() || head.outcome.class() == OutcomeClass::Gone {
            continue;
        }
        let mut known = problems.iter_mut();
        match known.find(|known| known.outcome == head.outcome) {
            Some(known) => {
                known.count += head.count;
                known.resent += resent;
            }
            None => problems.push(OpenProblem {
                outcome: head.outcome,
                count: head.count,
                resent,
                meaning: head.outcome.meaning(head.kind, run.action),
            }),
        }
    }
    let name = |problem: &OpenProblem| {
        let sign = theme.sign(DeviceState::Ended(problem.outcome));
        let count = grouped(problem.count as u64);
        format!(" {sign} {count} {}", problem.outcome)
    };
    let longest = problems.iter().map(|problem| width(&name(problem)));
    let cells = longest.max().unwrap_or(0).max(28).min(room / 2);
    let key = context.key(Command::Failures);
    let keys = format!("{key} opens them");
    let lines = problems.iter().map(|problem| {
        // The run's activity says when.
        let text = match problem.resent {
            0 => problem.meaning.to_owned(),
            resent if resent == problem.count => "resent once automatically".to_owned(),
            resent => format!("{} resent once automatically", grouped(resent as u64)),
        };
        let first = clip(&name(problem), cells).into_owned();
        let style = theme.state(DeviceState::Ended(problem.outcome));
        let left = room.saturating_sub(cells + 3);
        // The first part says what happened, the rest what that may mean.
        let short = text.split(": ").next().unwrap_or(&text);
        let with_key = |text: &str| width(text) + 2 + width(&keys) + 2 <= left;
        let (text, key) = match text.as_str() {
            text if with_key(text) => (text, keys.as_str()),
            text if width(text) <= left => (text, ""),
            _ if with_key(short) => (short, keys.as_str()),
            _ if width(short) <= left || problem.resent > 0 => (short, ""),
            _ => ("", keys.as_str()),
        };
        let between = if key.is_empty() || text.is_empty() {
            width(text)
        } else {
            left.saturating_sub(width(key) + 2)
        };
        Line::from(vec![
            Span::styled(format!("{first:<cells$}"), style),
            Span::raw(format!("   {text:<between$}")),
            Span::styled(key.to_owned(), theme.dim()),
        ])
    });
    lines.collect()
}
