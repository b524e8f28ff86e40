//! Everything about a device: its fields, all its identifiers, its states in runs, and its
//! records as the list has them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::outcome::DeviceState;
use crate::list::{DeviceId, Field, RawRecord};
use crate::plan::PlannedDevice;
use crate::text::{clip, visible};
use crate::tui::column::Column;
use crate::tui::context::Context;
use crate::tui::dialogs::device_detail::{DeviceDetail, Subject};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::panel::panel;

/// The most cells of a column's header.
const HEADER: usize = 30;

impl DeviceDetail {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let name = match self.subject {
            Subject::Listed(id) => context.list.devices.device(id).hostname().to_owned(),
            Subject::OfRun(..) => {
                of_run(context, self).map_or(String::new(), |(_, device)| device.hostname.clone())
            }
        };
        let title = if name.is_empty() {
            "device".to_owned()
        } else {
            visible(&name).into_owned()
        };
        let inner = panel(frame, area, context, &title);
        let lines: Vec<Line<'_>> = self
            .lines(context)
            .into_iter()
            .skip(self.scroll.at)
            .collect();
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
    }

    pub(super) fn lines(&self, context: &Context) -> Vec<Line<'static>> {
        let mut lines = match self.subject {
            Subject::Listed(id) => listed_lines(context, id),
            Subject::OfRun(..) => of_run_lines(context, self),
        };
        lines.extend(outcome_lines(context, self));
        lines.extend(earlier_lines(context, self));
        if let Subject::Listed(_) = self.subject {
            lines.push(Line::default());
            lines.extend(source_lines(context, self));
        }
        lines
    }
}

fn fact(context: &Context, name: &str, value: &str) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("{name:<10} "), context.settings.theme.dim()),
        Span::raw(visible(value).into_owned()),
    ])
}

/// What the list knows of the device.
fn listed_lines(context: &Context, id: DeviceId) -> Vec<Line<'static>> {
    let device = context.list.devices.device(id);
    let mut lines = Vec::new();
    if let Some(problem) = device.problem() {
        lines.push(Line::from(Span::styled(
            format!("unusable: {problem}"),
            context.settings.theme.warning(),
        )));
    }
    for field in Field::ALL {
        if !device.lacks(field) {
            lines.push(fact(context, field.heading(), &device.text(field)));
            let more = device.values(field).skip(1);
            lines.extend(more.map(|value| fact(context, "", value)));
        }
    }
    for (column, _) in device.others() {
        let heading = Column::Other(context.list.devices.header(column).into());
        let heading = clip(&heading.heading(), HEADER).into_owned();
        let names = std::iter::once(heading.as_str()).chain(std::iter::repeat(""));
        let values = names.zip(device.other_values(column));
        lines.extend(values.map(|(name, value)| fact(context, name, value)));
    }
    let repeats = device.repeats();
    let rows = if repeats > 0 {
        format!("{} and {repeats} more rows", device.line())
    } else {
        device.line().to_string()
    };
    lines.push(fact(context, "line", &rows));
    if let Some(by) = context.list.marks.found_by(id) {
        let marked = format!("{}, from {}", by.rule, by.from.name);
        lines.push(fact(context, "marked", &marked));
    }
    if let Some(reason) = context.list.protection.reason(id) {
        lines.push(fact(context, "protected", reason));
    }
    if let Some(reason) = context.list.protection.held(id) {
        lines.push(fact(context, "held", reason));
    }
    if let Some(run) = context.list.removed.get(&id) {
        let removed = format!("by run {run}, after the list was saved");
        lines.push(fact(context, "removed", &removed));
    }
    lines
}

/// The run and what its plan showed of a device that the list doesn't hold.
fn of_run<'a>(
    context: &'a Context,
    detail: &DeviceDetail,
) -> Option<(&'a RunView, &'a PlannedDevice)> {
    let Subject::OfRun(id, ordinal) = detail.subject else {
        return None;
    };
    let run = context.runs.find(id)?;
    Some((run, run.devices.get(ordinal as usize)?))
}

fn of_run_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let Some((run, device)) = of_run(context, detail) else {
        return Vec::new();
    };
    let macs: Vec<String> = device.macs.iter().map(ToString::to_string).collect();
    let facts = [
        ("hostname", device.hostname.clone()),
        (
            "hwid",
            device
                .hwid
                .as_ref()
                .map_or(String::new(), ToString::to_string),
        ),
        ("mac", macs.join(" ")),
        ("nickname", device.nickname.clone()),
        ("user", device.user.clone()),
        ("type", device.device_type.clone()),
        ("group", device.group.clone()),
        (
            "last seen",
            device
                .last_seen
                .map_or(String::new(), |seen| seen.to_string()),
        ),
        (
            "matched",
            device
                .matched_by
                .map_or(String::new(), |rule| rule.to_string()),
        ),
    ];
    let mut lines = vec![Line::from(Span::styled(
        format!("not in this list: as run {} was shown it", run.id),
        context.settings.theme.dim(),
    ))];
    let known = facts.iter().filter(|(_, value)| !value.is_empty());
    lines.extend(known.map(|(name, value)| fact(context, name, value)));
    lines
}

/// The device's rows as the list has them.
fn source_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    match &detail.records {
        None => vec![Line::from(Span::styled("reading the list…", theme.dim()))],
        Some(Err(error)) => vec![Line::from(Span::styled(error.to_string(), theme.danger()))],
        Some(Ok(records)) => {
            let lines = records.iter().flat_map(record_lines);
            let lines = lines.map(|(name, value)| match name {
                Some(name) => fact(context, &name, &value),
                None => Line::from(visible(&value).into_owned()),
            });
            lines.collect()
        }
    }
}

/// The states of the device in the runs of this process.
fn outcome_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let mut lines = Vec::new();
    for run in &context.runs.views {
        let place = match detail.subject {
            Subject::Listed(id) => run.sources.iter().position(|&source| source == Some(id)),
            Subject::OfRun(of, ordinal) => (of == run.id).then_some(ordinal as usize),
        };
        let Some(place) = place else { continue };
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
                theme.state_text(state)
            ),
            theme.state(state),
        )));
        if let DeviceState::Ended(outcome) = state {
            lines.push(Line::from(
                outcome.meaning(planned.identifier.kind(), run.action),
            ));
            if let Some(finding) = run.findings.get(&ordinal) {
                lines.push(Line::from(format!(
                    "looked up {} UTC: {}",
                    finding.at.strftime("%Y-%m-%d %H:%M:%S"),
                    finding.seen.about(outcome, planned.hwid.as_ref())
                )));
            }
        }
        let attempts = run
            .call_details
            .iter()
            .filter(|call| call.devices.contains(&ordinal))
            .count();
        if let Some(call) = run.last_call(ordinal) {
            let took = call.took.map_or(String::new(), |took| {
                format!(" · took {} ms", took.as_millis())
            });
            lines.push(Line::from(format!(
                "attempt {attempts} · {}{took}",
                call.summary()
            )));
            if !call.message.is_empty() {
                lines.push(Line::from(format!(
                    "the server said: {}",
                    visible(&call.message)
                )));
            }
        }
    }
    lines
}

/// What became of the device in all runs of the journal.
fn earlier_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let heading = Line::from(Span::styled("earlier runs", theme.dim()));
    match &detail.outcomes {
        Some(Ok(found)) if !found.is_empty() => {
            let mut lines = vec![Line::default(), heading];
            lines.extend(found.iter().map(|found| {
                let time = found.decided_at.unwrap_or(found.confirmed_at);
                let identifier = found.record.device.identifier.to_string();
                Line::from(format!(
                    "run {} · {} · {} · {time:.0} · sent as {}",
                    found.run,
                    found.action,
                    found.record.state.as_final_outcome(),
                    visible(&identifier)
                ))
            }));
            lines
        }
        Some(Err(error)) => vec![
            Line::default(),
            Line::from(Span::styled(
                visible(&error.to_string()).into_owned(),
                theme.danger(),
            )),
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
