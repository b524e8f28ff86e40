//! ```text
//!  failed: not found · 6 devices by HWID
//!    LT-1087          41becdf54040020a         call 3 · status 200 · 10:31:07 UTC
//! ┌ meaning, and what helps ────────────────────────────────────────────────────┐
//! │ The cloud answered 0: no device of this tenant has this HWID.               │
//! │ Look it up in the console: already removed, another tenant, or …            │
//! └─────────────────────────────────────────────────────────────────────────────┘
//! ```

pub mod lookup_state;
pub mod lookups;
pub mod retry;

use std::collections::BTreeSet;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::engine::lookup_verdict::{self, Finding};
use crate::plan::PlannedDevice;
use crate::text::{clip, counted, visible};
use crate::tui::app::App;
use crate::tui::call_detail::CallDetail;
use crate::tui::runs::Runs;
use crate::tui::screens::run::state::{FailureLine, RunView};
use crate::tui::widgets::panel::panel;

/// What wasn't accepted, of one run.
#[derive(Debug, Default)]
pub struct FailuresScreen {
    /// The run that was chosen for review; the newest of this process if none was.
    pub reviewed_run: Option<RunId>,
    /// The line under the cursor.
    pub cursor: usize,
    /// The marked devices, by ordinal.
    pub marks: BTreeSet<u32>,
}

impl FailuresScreen {
    /// The run whose failures are shown.
    pub fn run<'a>(&self, runs: &'a Runs) -> Option<&'a RunView> {
        let chosen = self.reviewed_run.and_then(|id| runs.find(id));
        chosen.or_else(|| runs.newest())
    }

    /// The lines that are shown.
    pub fn lines(&self, runs: &Runs) -> Vec<FailureLine> {
        self.run(runs).map_or(Vec::new(), |run| {
            run.failure_lines(self.reviewed_run == Some(run.id))
        })
    }
}

pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let theme = app.context.settings.theme;
    let lines = app.failure_lines();
    let Some(run) = app.reviewed().filter(|_| !lines.is_empty()) else {
        let text = match app.reviewed() {
            None => " No run yet.",
            Some(_) => " Nothing failed, nothing is in doubt.",
        };
        frame.render_widget(Paragraph::new(text).style(theme.dim()), area);
        return;
    };
    let [heading, list, explanation] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(7.min(area.height / 2)),
    ])
    .areas(area);
    frame.render_widget(Paragraph::new(title(app, run)), heading);
    let rows = usize::from(list.height);
    let top = (app.failures.cursor + 1).saturating_sub(rows);
    let shown = lines
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, line)| {
            let style = if index == app.failures.cursor {
                theme.cursor()
            } else {
                ratatui::style::Style::new()
            };
            row(app, run, *line, usize::from(list.width)).patch_style(style)
        });
    frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()), list);
    let inner = panel(frame, explanation, app, "meaning, and what helps");
    let text = explain(app, run, lines.get(app.failures.cursor).copied());
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inner);
}

/// Which run it is, what is marked, and how far lookups have come.
fn title<'a>(app: &App, run: &RunView) -> Line<'a> {
    let theme = app.context.settings.theme;
    let mut text = format!(" run {} · {} · {}", run.id, run.action, run.state.as_str());
    if !app.failures.marks.is_empty() {
        text.push_str(&format!(" · marked {}", app.failures.marks.len()));
    }
    let mut spans = vec![Span::styled(text, theme.dim())];
    if let Some(looking) = app
        .context
        .runs
        .lookup_progress
        .as_ref()
        .filter(|looking| looking.run == run.id)
    {
        let mut text = format!(
            " · looking up {} of {}",
            (looking.done + 1).min(looking.total()),
            looking.total()
        );
        if app.context.runs.is_active() {
            text.push_str(", after the run");
        } else if looking.yields {
            text.push_str(", after the run of another process");
        } else if let Some(until) = looking.until {
            let wait = until.since(app.context.now.boot).as_millis().div_ceil(1000);
            text.push_str(&format!(", next call {wait} s"));
        }
        text.push_str(" · w ends it");
        spans.push(Span::styled(text, theme.warning()));
    }
    Line::from(spans)
}

fn row<'a>(app: &App, run: &RunView, line: FailureLine, width: usize) -> Line<'a> {
    let theme = app.context.settings.theme;
    match line {
        FailureLine::Group(group) => {
            let outcome = group.outcome;
            let sighting = group
                .sighting
                .map_or(String::new(), |sighting| format!(" · {sighting}"));
            let text = format!(
                " {outcome}{sighting} · {} by {}",
                counted(group.count as u64, "device"),
                group.kind.as_str().to_uppercase()
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
            let mark = if app.failures.marks.contains(&ordinal) {
                theme.glyph("●", "*")
            } else {
                " "
            };
            let about = match (run.findings.get(&ordinal), run.states.get(ordinal as usize)) {
                (Some(finding), Some(DeviceState::Ended(outcome))) => {
                    finding.seen.about(*outcome, device.hwid.as_ref())
                }
                _ => match run.alternate_findings.get(&ordinal) {
                    Some(finding) => alternate_summary(device, finding),
                    None => run
                        .last_call(ordinal)
                        .map_or(String::new(), CallDetail::summary),
                },
            };
            let text = format!(
                " {mark} {:<16} {:<24} {about}",
                clip(&device.hostname, 16),
                clip(&device.identifier.to_string(), 24)
            );
            Line::from(clip(&text, width).into_owned())
        }
    }
}

/// What a lookup by the other identifier leads to.
fn alternate_summary(device: &PlannedDevice, finding: &Finding) -> String {
    match lookup_verdict::offer(device, finding) {
        Ok(identifier) => format!("the same device by {identifier}: o plans it"),
        Err(reason) => reason,
    }
}

fn explain<'a>(app: &App, run: &RunView, line: Option<FailureLine>) -> Vec<Line<'a>> {
    let outcome_of = |ordinal: u32| match run.states.get(ordinal as usize)? {
        DeviceState::Ended(outcome) => Some((
            *outcome,
            run.devices.get(ordinal as usize)?.identifier.kind(),
        )),
        _ => None,
    };
    let (outcome, kind, message) = match line {
        Some(FailureLine::Group(group)) => (group.outcome, group.kind, None),
        Some(FailureLine::Device(ordinal)) => {
            let Some((outcome, kind)) = outcome_of(ordinal) else {
                return Vec::new();
            };
            (
                outcome,
                kind,
                run.last_call(ordinal)
                    .filter(|call| !call.message.is_empty()),
            )
        }
        None => return Vec::new(),
    };
    let mut lines = vec![
        Line::from(outcome.meaning(kind, run.action)),
        Line::from(Span::styled(
            outcome.help(),
            app.context.settings.theme.strong(),
        )),
    ];
    if let Some(FailureLine::Device(ordinal)) = line
        && let Some(device) = run.devices.get(ordinal as usize)
    {
        let when = |finding: &Finding| finding.at.strftime("%Y-%m-%d %H:%M:%S").to_string();
        if let Some(finding) = run.findings.get(&ordinal) {
            let seen = finding.seen.about(outcome, device.hwid.as_ref());
            lines.push(Line::from(format!(
                "looked up {} UTC: {seen}",
                when(finding)
            )));
        }
        if let Some(finding) = run.alternate_findings.get(&ordinal) {
            lines.push(Line::from(format!(
                "by its other identifier, {} UTC: {}",
                when(finding),
                alternate_summary(device, finding)
            )));
        }
    }
    if let Some(call) = message {
        lines.push(Line::from(format!(
            "the server said: {}",
            visible(&call.message)
        )));
    }
    lines
}
