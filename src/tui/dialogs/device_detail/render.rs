//! Everything about a device: its fields, all its identifiers, its states in runs, and its
//! records as the list has them.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::domain::device::{Identifier, IdentifyBy, MacAddress};
use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::list::{DeviceId, Field};
use crate::plan::{PlannedDevice, Removal};
use crate::text::{self, clip, counted, visible};
use crate::tui::column::Column;
use crate::tui::context::Context;
use crate::tui::dialogs::device_detail::rows::{fact, source_lines, stored_lines};
use crate::tui::dialogs::device_detail::{DeviceDetail, Subject};
use crate::tui::widgets::age::age;
use crate::tui::widgets::layout::{beside_table, detail_width};
use crate::tui::widgets::panel::side_panel;

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
        let area = match detail_width(context.size.0) {
            Some(width) if self.is_beside_table() => beside_table(area, width),
            _ => area,
        };
        let inner = side_panel(frame, area, context, &title, "esc closes", true);
        let inner = inner.inner(Margin::new(1, 0));
        let lines: Vec<Line<'_>> = self
            .lines(context, inner.width)
            .into_iter()
            .skip(self.scroll.at)
            .collect();
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
    }

    /// All lines, for an area of this width.
    pub(super) fn lines(&self, context: &Context, width: u16) -> Vec<Line<'static>> {
        let mut lines = match self.subject {
            Subject::Listed(id) => listed_lines(context, id, usize::from(width)),
            Subject::OfRun(..) => of_run_lines(context, self),
        };
        lines.extend(self.explanation_lines(context));
        lines.extend(outcome_lines(context, self));
        lines.extend(verified_lines(context, self));
        lines.extend(earlier_lines(context, self));
        lines.push(Line::default());
        match self.subject {
            Subject::Listed(id) => {
                lines.push(row_line(context, id, self.is_raw));
                if self.is_raw {
                    lines.extend(source_lines(context, self));
                }
            }
            Subject::OfRun(run, _) => {
                let hint = if self.is_raw { "" } else { "   J shows it" };
                let text = format!("as the list of run {run} held it{hint}");
                lines.push(Line::from(Span::styled(text, context.settings.theme.dim())));
                if self.is_raw {
                    lines.extend(stored_lines(context, self));
                }
            }
        }
        lines
    }
}

/// Where the device is in the list's file.
fn row_line(context: &Context, id: DeviceId, is_raw: bool) -> Line<'static> {
    let device = context.list.devices.device(id);
    let name = context.list.devices.name();
    let name = visible(name.rsplit('/').next().unwrap_or(name)).into_owned();
    let more = match device.repeats() {
        0 => String::new(),
        repeats => format!(" and {}", counted(u64::from(repeats), "more row")),
    };
    let hint = if is_raw { "" } else { "   J shows it" };
    let text = format!("line {}{more} of {name}{hint}", device.line());
    Line::from(Span::styled(text, context.settings.theme.dim()))
}

/// What the list knows of the device.
fn listed_lines(context: &Context, id: DeviceId, width: usize) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let device = context.list.devices.device(id);
    let mut lines = vec![mark_line(context, id)];
    if let Some(problem) = device.problem() {
        let sign = theme.glyph("⊘", "!");
        lines.push(Line::from(Span::styled(
            format!("{sign} unusable: {problem}"),
            theme.warning(),
        )));
    }
    lines.push(Line::default());
    let sent = context.list.devices.identify(id, IdentifyBy::Auto).ok();
    for field in Field::ALL {
        if device.lacks(field) || matches!(field, Field::Seen | Field::Enrolled) {
            continue;
        }
        for (place, value) in device.values(field).enumerate() {
            let heading = if place == 0 { field.heading() } else { "" };
            let mut line = fact(context, heading, value);
            let is_sent = sent
                .as_ref()
                .is_some_and(|sent| is_identifier(field, value, sent));
            if is_sent {
                let used: usize = line.spans.iter().map(Span::width).sum();
                let sign = theme.glyph("◂ sent", "< sent");
                let gap = width.saturating_sub(used + text::width(sign) + 2).max(1);
                line.push_span(Span::raw(" ".repeat(gap)));
                line.push_span(Span::styled(sign, theme.accent()));
            }
            lines.push(line);
        }
        if device.values(field).next().is_none() {
            lines.push(fact(context, field.heading(), &device.text(field)));
        }
    }
    lines.push(Line::default());
    lines.extend(time_lines(context, id));
    for (column, _) in device.others() {
        let heading = Column::Other(context.list.devices.header(column).into());
        let heading = clip(&heading.heading(), HEADER).into_owned();
        let names = std::iter::once(heading.as_str()).chain(std::iter::repeat(""));
        let values = names.zip(device.other_values(column));
        lines.extend(values.map(|(name, value)| fact(context, name, value)));
    }
    if let Some(reason) = context.list.protection.held(id) {
        lines.push(fact(context, "held", reason));
    }
    if let Some(Removal { run, action }) = context.list.removed.get(&id) {
        let by = format!("by run {}, after the list was saved", run.short());
        lines.push(fact(context, action.past_participle(), &by));
    }
    lines
}

/// Whether it is marked, and what found it.
fn mark_line(context: &Context, id: DeviceId) -> Line<'static> {
    let theme = &context.settings.theme;
    if !context.list.marks.contains(id) {
        return Line::from(Span::styled("not marked", theme.dim()));
    }
    let by = context.list.marks.found_by(id);
    let by = by.map(|by| format!(", {} from {}", by.rule, visible(&by.from.name)));
    let text = format!("{} marked{}", theme.glyph("●", "*"), by.unwrap_or_default());
    Line::from(Span::styled(text, theme.mark()))
}

/// True if this value is what would be sent.
fn is_identifier(field: Field, value: &str, sent: &Identifier) -> bool {
    match (field, sent) {
        (Field::Hwid, Identifier::Hwid(hwid)) => hwid.as_str() == value,
        (Field::Mac, Identifier::Mac(mac)) => {
            MacAddress::parse(value).is_ok_and(|value| value == *mac)
        }
        _ => false,
    }
}

/// Ages, which decide, and the times behind them.
fn time_lines(context: &Context, id: DeviceId) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let list = &context.list.devices;
    let device = list.device(id);
    let times = [
        (Field::Seen, device.last_seen()),
        (Field::Enrolled, device.enrolled_at()),
    ];
    let lines = times.into_iter().filter_map(|(field, time)| {
        let Some(time) = time else {
            // As the list has it, if it has anything.
            let value = device.text(field);
            return (!value.is_empty()).then(|| fact(context, field.heading(), &value));
        };
        let ago = list
            .time()
            .map(|of_list| format!("{} ago", age(of_list, time)));
        let days = list
            .time()
            .map_or(0, |of_list| of_list.duration_since(time).as_hours() / 24);
        let style = if field == Field::Seen {
            theme.age(days)
        } else {
            Style::new()
        };
        Some(Line::from(vec![
            Span::styled(format!("{:<10} ", field.heading()), theme.dim()),
            Span::styled(format!("{:<10}", ago.unwrap_or_default()), style),
            Span::styled(
                format!(" {}", time.strftime("%Y-%m-%d %H:%M UTC")),
                theme.dim(),
            ),
        ]))
    });
    lines.collect()
}

/// The run and what its plan showed of a device that the list doesn't hold.
fn of_run<'a>(
    context: &'a Context,
    detail: &'a DeviceDetail,
) -> Option<(RunId, &'a PlannedDevice)> {
    let Subject::OfRun(id, ordinal) = detail.subject else {
        return None;
    };
    if let Some(found) = &detail.found {
        return Some((id, &found.record.device));
    }
    let run = context.runs.find(id)?;
    Some((id, run.devices.get(ordinal as usize)?))
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
        match &detail.found {
            Some(found) => format!("run {run} · {}", found.record.state.as_final_outcome()),
            None => format!("not in this list: as run {run} was shown it"),
        },
        context.settings.theme.dim(),
    ))];
    let known = facts.iter().filter(|(_, value)| !value.is_empty());
    lines.extend(known.map(|(name, value)| fact(context, name, value)));
    lines
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

/// What a verification found: that this is the record of a device which an earlier run removed.
fn verified_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let Subject::Listed(device) = detail.subject else {
        return Vec::new();
    };
    let Some(entry) = context.list.verified.get(&device) else {
        return Vec::new();
    };
    let text = format!("{} {entry}", theme.glyph("↩", "<"));
    vec![
        Line::default(),
        Line::from(Span::styled(text, theme.warning())),
    ]
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
