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

use crate::domain::outcome::DeviceState;
use crate::engine::lookup_verdict::{self, Finding};
use crate::plan::PlannedDevice;
use crate::text::{clip, counted, visible};
use crate::tui::call_detail::CallDetail;
use crate::tui::context::Context;
use crate::tui::screens::failures::FailuresScreen;
use crate::tui::screens::run::state::{FailureLine, RunView};
use crate::tui::widgets::panel::panel;

/// Draws the failures, and what the one under the cursor means.
pub fn render(frame: &mut Frame<'_>, area: Rect, screen: &FailuresScreen, context: &Context) {
    let theme = &context.settings.theme;
    let lines = screen.lines(&context.runs);
    let Some(run) = screen.run(&context.runs).filter(|_| !lines.is_empty()) else {
        let text = match screen.run(&context.runs) {
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
    frame.render_widget(Paragraph::new(title(screen, context, run)), heading);
    let rows = usize::from(list.height);
    let top = (screen.cursor + 1).saturating_sub(rows);
    let shown = lines
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, line)| {
            let style = if index == screen.cursor {
                theme.selection()
            } else {
                ratatui::style::Style::new()
            };
            row(screen, context, run, *line, usize::from(list.width)).patch_style(style)
        });
    frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()), list);
    let inner = panel(frame, explanation, context, "meaning, and what helps");
    let text = explain(context, run, lines.get(screen.cursor).copied());
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inner);
}

/// Which run it is, what is marked, and how far lookups have come.
fn title<'a>(screen: &FailuresScreen, context: &Context, run: &RunView) -> Line<'a> {
    let theme = &context.settings.theme;
    let mut text = format!(" run {} · {} · {}", run.id, run.action, run.state.as_str());
    if !screen.marks.is_empty() {
        text.push_str(&format!(" · marked {}", screen.marks.len()));
    }
    let mut spans = vec![Span::styled(text, theme.dim())];
    let lookups = context.runs.lookup_progress.as_ref();
    if let Some(lookups) = lookups.filter(|lookups| lookups.run == run.id) {
        let mut text = format!(
            " · looking up {} of {}",
            (lookups.done + 1).min(lookups.total()),
            lookups.total()
        );
        if context.runs.is_active() {
            text.push_str(", after the run");
        } else if lookups.yields {
            text.push_str(", after the run of another process");
        } else if let Some(until) = lookups.until {
            let wait = until.since(context.now.boot).as_millis().div_ceil(1000);
            text.push_str(&format!(", next call {wait} s"));
        }
        text.push_str(" · w ends it");
        spans.push(Span::styled(text, theme.warning()));
    }
    Line::from(spans)
}

fn row<'a>(
    screen: &FailuresScreen,
    context: &Context,
    run: &RunView,
    line: FailureLine,
    width: usize,
) -> Line<'a> {
    let theme = &context.settings.theme;
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
            let mark = if screen.marks.contains(&ordinal) {
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

fn explain<'a>(context: &Context, run: &RunView, line: Option<FailureLine>) -> Vec<Line<'a>> {
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
            context.settings.theme.strong(),
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
