//! ```text
//!  failed: not found · 6 devices by HWID
//!    LT-1087          41becdf54040020a         call 3 · status 200 · 10:31:07 UTC
//! ┌ meaning, and what helps ────────────────────────────────────────────────────┐
//! │ The cloud answered 0: no device of this tenant has this HWID.               │
//! │ Look it up in the console: already removed, another tenant, or …            │
//! └─────────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::outcome::DeviceState;
use crate::text::{clip, counted, visible};
use crate::tui::app::{App, FailureLine, RunView};
use crate::tui::message::CallDetail;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let theme = app.facts.theme;
    let lines = app.failure_lines();
    let Some(run) = app.run().filter(|_| !lines.is_empty()) else {
        let text = match app.run() {
            None => " No run yet.",
            Some(_) => " Nothing failed, nothing is in doubt.",
        };
        frame.render_widget(Paragraph::new(text).style(theme.dim()), area);
        return;
    };
    let [list, explanation] = Layout::vertical([
        Constraint::Min(3),
        Constraint::Length(6.min(area.height / 2)),
    ])
    .areas(area);
    let rows = usize::from(list.height);
    let top = (app.failures.at + 1).saturating_sub(rows);
    let shown = lines
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, line)| {
            let style = if index == app.failures.at {
                theme.cursor()
            } else {
                ratatui::style::Style::new()
            };
            row(app, run, *line, usize::from(list.width)).patch_style(style)
        });
    frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()), list);
    let inner = super::panel(frame, explanation, app, "meaning, and what helps");
    let text = explain(app, run, lines.get(app.failures.at).copied());
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inner);
}

fn row<'a>(app: &App, run: &RunView, line: FailureLine, width: usize) -> Line<'a> {
    let theme = app.facts.theme;
    match line {
        FailureLine::Group(outcome, kind, count) => {
            let text = format!(
                " {outcome} · {} by {}",
                counted(count as u64, "device"),
                kind.word().to_uppercase()
            );
            Line::from(Span::styled(
                text,
                theme
                    .state(DeviceState::Ended(outcome))
                    .patch(theme.strong()),
            ))
        }
        FailureLine::Device(ordinal) => {
            let Some(device) = run.devices.get(ordinal as usize) else {
                return Line::default();
            };
            let call = last_call(run, ordinal).map_or(String::new(), call_words);
            let text = format!(
                "   {:<16} {:<24} {call}",
                clip(&device.hostname, 16),
                clip(&device.identifier.to_string(), 24)
            );
            Line::from(clip(&text, width).into_owned())
        }
    }
}

/// The last call that carried the device.
pub(super) fn last_call(run: &RunView, ordinal: u32) -> Option<&CallDetail> {
    run.explained
        .iter()
        .rev()
        .find(|call| call.devices.contains(&ordinal))
}

/// A call in a few words.
pub(super) fn call_words(call: &CallDetail) -> String {
    let status = call
        .status
        .map_or("no answer".to_owned(), |status| format!("status {status}"));
    format!(
        "call {} · {status} · {} UTC",
        call.call,
        call.at.strftime("%H:%M:%S")
    )
}

fn explain<'a>(app: &App, run: &RunView, line: Option<FailureLine>) -> Vec<Line<'a>> {
    let outcome_of = |ordinal: u32| match run.states.get(ordinal as usize)? {
        DeviceState::Ended(outcome) => Some((
            *outcome,
            run.devices.get(ordinal as usize)?.identifier.kind(),
        )),
        _ => None,
    };
    let (outcome, kind, words) = match line {
        Some(FailureLine::Group(outcome, kind, _)) => (outcome, kind, None),
        Some(FailureLine::Device(ordinal)) => {
            let Some((outcome, kind)) = outcome_of(ordinal) else {
                return Vec::new();
            };
            (
                outcome,
                kind,
                last_call(run, ordinal).filter(|call| !call.words.is_empty()),
            )
        }
        None => return Vec::new(),
    };
    let mut lines = vec![
        Line::from(outcome.meaning(kind, run.action)),
        Line::from(Span::styled(outcome.help(), app.facts.theme.strong())),
    ];
    if let Some(call) = words {
        lines.push(Line::from(format!(
            "the server said: {}",
            visible(&call.words)
        )));
    }
    lines
}
