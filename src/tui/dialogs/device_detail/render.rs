//! Everything about a device: its fields, all its identifiers, its states in runs, and its
//! records as the list has them.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::list::DeviceId;
use crate::plan::PlannedDevice;
use crate::text::{counted, visible};
use crate::tui::context::Context;
use crate::tui::dialogs::device_detail::facts::{FACTS, listed_lines};
use crate::tui::dialogs::device_detail::rows::{fact, source_lines, stored_lines};
use crate::tui::dialogs::device_detail::{DeviceDetail, DeviceRef};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::age::ago;
use crate::tui::widgets::layout::{beside_table, detail_width};
use crate::tui::widgets::panel::{continues, side_panel, wrap_line};

/// The cells between the facts and the explanation beside them, and the fewest of the explanation.
const GAP: u16 = 2;
const EXPLANATION: u16 = 30;

impl DeviceDetail {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let name = match self.subject {
            DeviceRef::Listed(id) => context.list.devices.device(id).hostname().to_owned(),
            DeviceRef::OfRun(..) => {
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
        let rows = usize::from(inner.height);
        let (mut at, mut below) = (inner, 0);
        let columns = self.columns(context, inner.width);
        let all = columns.iter().map(|(_, lines)| lines.len()).max();
        // It may have fewer lines since it was scrolled.
        let top = self.scroll.at.min(all.unwrap_or(0).saturating_sub(1));
        for (width, lines) in columns {
            at.width = width;
            let shown: Vec<Line<'_>> = lines.into_iter().skip(top).collect();
            below = below.max(shown.len().saturating_sub(rows));
            frame.render_widget(Paragraph::new(shown), at);
            at.x += width + GAP;
        }
        continues(frame, area, context, [top, below]);
    }

    /// The lines in columns, with their widths, for an area of this width. What would be sent, and why
    /// not, is beside the facts where there is room.
    pub(super) fn columns(&self, context: &Context, width: u16) -> Vec<(u16, Vec<Line<'static>>)> {
        let has_two = width >= FACTS + GAP + EXPLANATION && !self.is_raw;
        let first = if has_two { FACTS } else { width };
        let wrapped = |lines: Vec<Line<'static>>, width: u16| {
            let lines = lines.iter();
            lines
                .flat_map(|line| wrap_line(line, usize::from(width)))
                .collect()
        };
        let mut facts = match self.subject {
            DeviceRef::Listed(id) => listed_lines(context, id, usize::from(first)),
            DeviceRef::OfRun(..) => of_run_lines(context, self),
        };
        let explanation = self.lines_behind_facts(context);
        if has_two {
            let second = width - first - GAP;
            let explanation = explanation.into_iter().skip_while(|line| line.width() == 0);
            let explanation = wrapped(explanation.collect(), second);
            return vec![(first, wrapped(facts, first)), (second, explanation)];
        }
        facts.extend(explanation);
        vec![(width, wrapped(facts, width))]
    }

    /// How many lines are above the rows as the list has them, which begin with where they are.
    pub(super) fn lines_above_rows(&self, context: &Context) -> usize {
        let columns = context.size.0;
        let panel = detail_width(columns).filter(|_| self.is_beside_table());
        let width = panel.unwrap_or(columns).saturating_sub(4);
        let mut lines = match self.subject {
            DeviceRef::Listed(id) => listed_lines(context, id, usize::from(width)),
            DeviceRef::OfRun(..) => of_run_lines(context, self),
        };
        lines.extend(self.lines_between_facts_and_rows(context));
        let lines = lines.iter();
        lines
            .map(|line| wrap_line(line, usize::from(width)).len())
            .sum()
    }

    fn lines_between_facts_and_rows(&self, context: &Context) -> Vec<Line<'static>> {
        let mut lines = self.explanation_lines(context);
        lines.extend(outcome_lines(context, self));
        lines.extend(verified_lines(context, self));
        lines.extend(earlier_lines(context, self));
        lines.push(Line::default());
        lines
    }

    fn lines_behind_facts(&self, context: &Context) -> Vec<Line<'static>> {
        let mut lines = self.lines_between_facts_and_rows(context);
        match self.subject {
            DeviceRef::Listed(id) => {
                lines.push(row_line(context, id, self.is_raw));
                if self.is_raw {
                    lines.extend(source_lines(context, self));
                }
            }
            DeviceRef::OfRun(run, _) => {
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

/// The run and what its plan showed of a device that the list doesn't hold.
fn of_run<'a>(
    context: &'a Context,
    detail: &'a DeviceDetail,
) -> Option<(RunId, &'a PlannedDevice)> {
    let DeviceRef::OfRun(id, ordinal) = detail.subject else {
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

/// The runs of this process that have the device, and its place in each.
fn runs_of<'a>(
    context: &'a Context,
    detail: &DeviceDetail,
) -> impl Iterator<Item = (&'a RunView, usize)> {
    let subject = detail.subject;
    context.runs.views.iter().filter_map(move |run| {
        let place = match subject {
            DeviceRef::Listed(id) => run.sources.iter().position(|&source| source == Some(id)),
            DeviceRef::OfRun(of, ordinal) => (of == run.id).then_some(ordinal as usize),
        };
        Some((run, place?))
    })
}

/// The states of the device in the runs of this process.
fn outcome_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let mut lines = Vec::new();
    for (run, place) in runs_of(context, detail) {
        let (Some(&state), Some(planned)) = (run.states.get(place), run.devices.get(place)) else {
            continue;
        };
        // Nothing more is sent of a run that has stopped or is over.
        let state = match state {
            DeviceState::Planned if !run.state.is_active() => {
                DeviceState::Ended(state.as_final_outcome())
            }
            state => state,
        };
        let ordinal = u32::try_from(place).unwrap_or(u32::MAX);
        lines.push(Line::default());
        lines.push(Line::from(Span::styled(
            format!(
                "run {} · {}: {}",
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
    let DeviceRef::Listed(device) = detail.subject else {
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

/// What became of the device in all runs of the journal but those that are shown above.
fn earlier_lines(context: &Context, detail: &DeviceDetail) -> Vec<Line<'static>> {
    let theme = &context.settings.theme;
    let heading = Line::from(Span::styled("earlier runs", theme.dim()));
    match &detail.outcomes {
        Some(Ok(found)) => {
            let is_above = |id: RunId| runs_of(context, detail).any(|(run, _)| run.id == id);
            let earlier = found.iter().filter(|found| !is_above(found.run));
            let earlier: Vec<Line<'_>> = earlier
                .map(|found| {
                    let time = found.decided_at.unwrap_or(found.confirmed_at);
                    let identifier = found.record.device.identifier.to_string();
                    Line::from(format!(
                        "run {} · {} · {} · {}, {} UTC · sent as {}",
                        found.run,
                        found.action,
                        found.record.state.as_final_outcome(),
                        ago(context.now.wall, time),
                        time.strftime("%Y-%m-%d %H:%M"),
                        visible(&identifier)
                    ))
                })
                .collect();
            if earlier.is_empty() {
                return Vec::new();
            }
            [Line::default(), heading]
                .into_iter()
                .chain(earlier)
                .collect()
        }
        Some(Err(error)) => vec![
            Line::default(),
            Line::from(Span::styled(
                visible(&error.to_string()).into_owned(),
                theme.danger(),
            )),
        ],
        None => Vec::new(),
    }
}
