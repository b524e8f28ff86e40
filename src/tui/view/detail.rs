//! Everything about a device: its fields, all its identifiers, how it stands in the run, and its
//! records as the list has them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::failures::{call_words, last_call};
use crate::list::{Field, RawRecord};
use crate::outcome::DeviceState;
use crate::text::visible;
use crate::tui::app::{App, Detail, Mode};

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, app: &App, detail: &Detail) {
    let name = app.list.device(detail.device).hostname().to_owned();
    let title = if name.is_empty() {
        "device".to_owned()
    } else {
        visible(&name).into_owned()
    };
    let inner = super::panel(frame, area, app, &title);
    let lines: Vec<Line<'_>> = lines(app).into_iter().skip(detail.scroll).collect();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}

/// The lines of the detail that is open.
pub fn lines(app: &App) -> Vec<Line<'static>> {
    let Mode::Detail(detail) = &app.mode else {
        return Vec::new();
    };
    let theme = app.facts.theme;
    let device = app.list.device(detail.device);
    let fact = |name: &str, value: &str| {
        Line::from(vec![
            Span::styled(format!("{name:<10} "), theme.dim()),
            Span::raw(visible(value).into_owned()),
        ])
    };
    let mut lines = Vec::new();
    if let Some(problem) = device.problem() {
        lines.push(Line::from(Span::styled(
            format!("unusable: {problem}"),
            theme.warning(),
        )));
    }
    for field in Field::ALL {
        if !device.lacks(field) {
            lines.push(fact(field.heading(), &device.text(field)));
        }
    }
    let repeats = device.repeats();
    let rows = if repeats > 0 {
        format!("{} and {repeats} more rows", device.line())
    } else {
        device.line().to_string()
    };
    lines.push(fact("line", &rows));
    if let Some(why) = app.facts.protection.reason(detail.device) {
        lines.push(fact("protected", why));
    }
    if let Some(run) = app.facts.removed.get(&detail.device) {
        lines.push(fact(
            "removed",
            &format!("by run {run}, after the list was saved"),
        ));
    }
    lines.extend(outcome_lines(app, detail));
    lines.extend(earlier_lines(app, detail));
    lines.push(Line::default());
    match &detail.records {
        None => lines.push(Line::from(Span::styled("reading the list…", theme.dim()))),
        Some(Err(why)) => lines.push(Line::from(Span::styled(why.clone(), theme.bad()))),
        Some(Ok(records)) => {
            for record in records {
                lines.extend(
                    record_lines(record)
                        .into_iter()
                        .map(|(name, value)| match name {
                            Some(name) => fact(&name, &value),
                            None => Line::from(visible(&value).into_owned()),
                        }),
                );
            }
        }
    }
    lines
}

/// How the device stands in the runs of this process.
fn outcome_lines(app: &App, detail: &Detail) -> Vec<Line<'static>> {
    let theme = app.facts.theme;
    let mut lines = Vec::new();
    for run in &app.runs {
        let Some(place) = run
            .sources
            .iter()
            .position(|&source| source == Some(detail.device))
        else {
            continue;
        };
        let (Some(&state), Some(planned)) = (run.states.get(place), run.devices.get(place)) else {
            continue;
        };
        let ordinal = u32::try_from(place).unwrap_or(u32::MAX);
        lines.push(Line::default());
        lines.push(Line::from(Span::styled(
            format!(
                "run {} · {} · {}",
                run.id,
                run.action,
                theme.state_words(state)
            ),
            theme.state(state),
        )));
        if let DeviceState::Ended(outcome) = state {
            lines.push(Line::from(
                outcome.meaning(planned.identifier.kind(), run.action),
            ));
        }
        let attempts = run
            .explained
            .iter()
            .filter(|call| call.devices.contains(&ordinal))
            .count();
        if let Some(call) = last_call(run, ordinal) {
            let took = call.took.map_or(String::new(), |took| {
                format!(" · took {} ms", took.as_millis())
            });
            lines.push(Line::from(format!(
                "attempt {attempts} · {}{took}",
                call_words(call)
            )));
            if !call.words.is_empty() {
                lines.push(Line::from(format!(
                    "the server said: {}",
                    visible(&call.words)
                )));
            }
        }
    }
    lines
}

/// What became of the device in all runs of the journal.
fn earlier_lines(app: &App, detail: &Detail) -> Vec<Line<'static>> {
    let theme = app.facts.theme;
    let heading = Line::from(Span::styled("earlier runs", theme.dim()));
    match &detail.outcomes {
        Some(Ok(found)) if !found.is_empty() => {
            let mut lines = vec![Line::default(), heading];
            lines.extend(found.iter().map(|found| {
                let outcome = found.outcome.as_deref().unwrap_or("not sent");
                let reason = if found.reason.is_empty() {
                    String::new()
                } else {
                    format!(": {}", found.reason)
                };
                let time = found.decided_at.as_deref().unwrap_or_default();
                let time = time.split('.').next().unwrap_or_default();
                Line::from(format!(
                    "run {} · {} · {}{} · {time} · sent as {}",
                    found.run,
                    found.action,
                    outcome.replace('_', " "),
                    reason.replace('_', " "),
                    visible(&found.identifier)
                ))
            }));
            lines
        }
        Some(Err(why)) => vec![
            Line::default(),
            Line::from(Span::styled(visible(why).into_owned(), theme.bad())),
        ],
        Some(Ok(_)) | None => Vec::new(),
    }
}

/// A record, field by field where it has fields.
fn record_lines(record: &RawRecord) -> Vec<(Option<String>, String)> {
    match record {
        RawRecord::Json { line, text } => {
            let pretty = serde_json::from_str::<serde_json::Value>(text)
                .and_then(|value| serde_json::to_string_pretty(&value))
                .unwrap_or_else(|_| text.clone());
            let mut lines = vec![(Some(format!("line {line}")), String::new())];
            lines.extend(pretty.lines().map(|line| (None, line.to_owned())));
            lines
        }
        RawRecord::Cells { line, cells } => {
            let mut lines = vec![(Some(format!("line {line}")), String::new())];
            lines.extend(
                cells
                    .iter()
                    .map(|(name, value)| (Some(visible(name).into_owned()), value.clone())),
            );
            lines
        }
        RawRecord::Line { line, text } => vec![(Some(format!("line {line}")), text.clone())],
    }
}
