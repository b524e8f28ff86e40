//! What of a run needs the operator: why it rests, and what was not accepted.

use ratatui::text::{Line, Span};

use crate::domain::outcome::{DeviceState, Outcome, OutcomeClass};
use crate::domain::run::{PauseReason, RunState};
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
        (Some(PauseReason::Operator), _) | (None, None) => return Vec::new(),
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

/// One line per outcome that isn't well.
fn failures<'a>(context: &Context, run: &RunView, room: usize) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut outcomes: Vec<(Outcome, usize, &'static str)> = Vec::new();
    for group in run.groups.iter().map(|group| group.head) {
        if group.is_well() || group.outcome.class() == OutcomeClass::Gone {
            continue;
        }
        let meaning = group.outcome.meaning(group.kind, run.action);
        match outcomes
            .iter_mut()
            .find(|(outcome, ..)| *outcome == group.outcome)
        {
            Some((_, count, _)) => *count += group.count,
            None => outcomes.push((group.outcome, group.count, meaning)),
        }
    }
    let name = |outcome: Outcome, count: usize| {
        let state = DeviceState::Ended(outcome);
        format!(" {} {} {outcome}", theme.sign(state), grouped(count as u64))
    };
    let longest = outcomes
        .iter()
        .map(|&(outcome, count, _)| width(&name(outcome, count)));
    let cells = longest.max().unwrap_or(0).max(28).min(room / 2);
    let key = context.settings.keys.name_of(Command::Failures);
    let keys = format!("{key} opens them");
    let lines = outcomes.iter().map(|&(outcome, count, meaning)| {
        let is_resent = outcome.class() == OutcomeClass::InDoubt;
        // The run's activity says when.
        let is_resent = is_resent && run.resends_doubts();
        let text = if is_resent {
            "resent once automatically"
        } else {
            meaning
        };
        let first = clip(&name(outcome, count), cells).into_owned();
        let style = theme.state(DeviceState::Ended(outcome));
        let left = room.saturating_sub(cells + 3);
        // The first part says what happened, the rest what that may mean.
        let short = text.split(": ").next().unwrap_or(text);
        let with_key = |text: &str| width(text) + 2 + width(&keys) + 2 <= left;
        let (text, key) = match text {
            text if with_key(text) => (text, keys.as_str()),
            text if width(text) <= left => (text, ""),
            _ if with_key(short) => (short, keys.as_str()),
            _ if width(short) <= left || is_resent => (short, ""),
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
