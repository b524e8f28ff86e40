//! The calls of a run: as a row of signs, and as a table with the newest first.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::outcome::{DeviceState, Outcome, OutcomeClass, Tally};
use crate::domain::run::RunState;
use crate::journal::CallOrigin;
use crate::text::{clip, counted, grouped, visible};
use crate::tui::call_detail::CallDetail;
use crate::tui::context::Context;
use crate::tui::runs::Runs;
use crate::tui::screens::run::call_log::CallTally;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::duration::took;
use crate::tui::widgets::theme::Role;

/// From this width on, names aren't abbreviated.
pub(super) const WIDE: usize = 100;
/// With fewer cells, what another line says too is left out.
pub(super) const NARROW: usize = 66;
/// The most calls to come that have a sign of their own, and the fewest: what was answered says more.
const TO_COME: usize = 12;
const FEWEST_TO_COME: usize = 2;

/// One sign per call, oldest first, in at most `room` cells: all accepted, how many failed or are in
/// doubt, in flight, to come. The canaries are set apart.
pub(super) fn signs<'a>(context: &Context, run: &RunView, room: usize) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let mut all: Vec<Vec<Span<'a>>> = Vec::new();
    for (place, result) in run.call_log.results.iter().enumerate() {
        if is_in_flight(run, place) {
            continue;
        }
        let mut spans = result_signs(context, result.tally);
        if run.is_canary(place) {
            spans.insert(0, Span::raw("canary "));
            spans.push(Span::raw("  "));
        }
        all.push(spans);
    }
    if !run.in_flight.is_empty() {
        let sign = theme.sign(DeviceState::Sending);
        all.push(vec![Span::styled(sign, theme.role(Role::Progress))]);
    }
    let width = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>() + 1;
    let to_come = run.calls_to_come();
    if run.state.is_open() && to_come > 0 {
        let answered: usize = all.iter().map(|spans| width(spans)).sum();
        let sign = theme.sign(DeviceState::Planned);
        // A dot takes two cells, and so does a sign that more were left out on either side.
        let signs = room.saturating_sub(answered + 4) / 2;
        let signs = to_come.min(signs.clamp(FEWEST_TO_COME, TO_COME));
        let dots = vec![sign; signs].join(" ");
        let more = if to_come > signs { " …" } else { "" };
        all.push(vec![Span::styled(format!("{dots}{more}"), theme.dim())]);
    }
    // The newest stay.
    let mut used = 2;
    let kept = all.iter().rev().take_while(|spans| {
        used += width(spans);
        used <= room
    });
    let skipped = all.len() - kept.count();
    let mut spans = Vec::new();
    if skipped > 0 {
        spans.push(Span::styled("… ", theme.dim()));
    }
    for call in all.into_iter().skip(skipped) {
        spans.extend(call);
        spans.push(Span::raw(" "));
    }
    spans
}

/// What a call came to: a check mark, or what was not accepted.
fn result_signs<'a>(context: &Context, tally: Tally) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let mut spans = Vec::new();
    for class in [
        OutcomeClass::Failed,
        OutcomeClass::InDoubt,
        OutcomeClass::Gone,
        OutcomeClass::NotSent,
    ] {
        let count = tally.of_class(class);
        if count > 0 {
            let text = format!("{}{}", theme.sign(class), grouped(count));
            spans.push(Span::styled(text, theme.state(class)));
        }
    }
    if spans.is_empty() {
        let class = OutcomeClass::Accepted;
        spans.push(Span::styled(theme.sign(class), theme.state(class)));
    }
    spans
}

/// True if the journal has no outcome of the call yet.
fn is_in_flight(run: &RunView, place: usize) -> bool {
    let call = run.call_details.get(place);
    call.is_some_and(|call| call.took.is_none() && call.call == run.calls)
        && !run.in_flight.is_empty()
}

/// `5 of 7 answered · 1 in flight · 20 devices each`.
pub(super) fn summary(context: &Context, run: &RunView, width: usize) -> String {
    let dot = context.settings.theme.dot();
    let in_flight = !run.in_flight.is_empty();
    let answered = (run.calls as usize).saturating_sub(usize::from(in_flight));
    let all = run.calls as usize + run.calls_to_come();
    let mut text = format!("{answered} of {all} answered");
    if in_flight && width >= NARROW {
        text.push_str(&format!("{dot}1 in flight"));
    }
    if width >= WIDE && run.devices.len() > run.sizes.batch {
        let devices = counted(run.sizes.batch as u64, "device");
        text.push_str(&format!("{dot}{devices} each"));
    }
    text
}

/// The heading of the table and as many calls as fit into `rows` lines of `width` cells.
pub(super) fn table<'a>(
    context: &Context,
    run: &RunView,
    rows: usize,
    width: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let Some(rows) = rows.checked_sub(1).filter(|&rows| rows > 0) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    if !run.in_flight.is_empty() {
        lines.push(in_flight(context, run, width));
    }
    let current = cursor(&context.runs, run);
    let past = past_calls(run).enumerate();
    let shown = past.skip(scrolled(context, run, rows + 1)).take(rows);
    lines.extend(shown.filter_map(|(line, place)| {
        let call = run.call_details.get(place)?;
        let result = *run.call_log.results.get(place)?;
        let row = past_call(context, run, place, call, result, width);
        Some(if line == current {
            under_cursor(context, row)
        } else {
            row
        })
    }));
    if lines.is_empty() {
        return lines;
    }
    lines.truncate(rows);
    let columns = Columns::of(run, width);
    let heading = format!(
        "{}{} accepted  failed  in doubt{}",
        columns.before_counts(["call", "time", "took", "answer"]),
        if columns.devices { " devices" } else { "" },
        if run.tally.gone > 0 { "    gone" } else { "" }
    );
    lines.insert(0, Line::from(Span::styled(heading, theme.strong())));
    lines
}

/// The places of the calls that aren't in flight, the newest first.
pub(in crate::tui) fn past_calls(run: &RunView) -> impl Iterator<Item = usize> {
    let places = (0..run.call_details.len()).rev();
    places.filter(|&place| !is_in_flight(run, place))
}

/// The line of the cursor among the past calls.
pub(in crate::tui) fn cursor(runs: &Runs, run: &RunView) -> usize {
    let current = runs.current_call.filter(|(of, _)| *of == run.id);
    let line = current.and_then(|(_, call)| {
        past_calls(run).position(|place| run.call_details[place].call == call)
    });
    line.unwrap_or(0)
}

/// How many of the newest past calls are above a table of as many rows, its heading among them.
pub(super) fn scrolled(context: &Context, run: &RunView, rows: usize) -> usize {
    let others = 1 + usize::from(!run.in_flight.is_empty());
    let room = rows.saturating_sub(others).max(1);
    (cursor(&context.runs, run) + 1).saturating_sub(room)
}

/// The line with the cursor in its first cell.
fn under_cursor<'a>(context: &Context, line: Line<'a>) -> Line<'a> {
    let theme = &context.settings.theme;
    let mut spans = line.spans.into_iter();
    let first = spans.next().unwrap_or_default();
    let rest = first.content.strip_prefix(' ').unwrap_or(&first.content);
    let rest = Span::styled(rest.to_owned(), first.style);
    let cursor = Span::styled(theme.glyph("▌", ">"), theme.accent());
    let line: Line<'_> = [cursor, rest].into_iter().chain(spans).collect();
    line.patch_style(theme.selection())
}

/// The columns that have room. What a call came to is never left out.
#[derive(Clone, Copy, Debug)]
struct Columns {
    /// How many devices it carried: the sum of the other numbers.
    devices: bool,
    took: bool,
    /// The cells of the answer, which may have the sort of the call behind it.
    answer: usize,
}

impl Columns {
    fn of(run: &RunView, width: usize) -> Self {
        // Call, time and counts, with the blanks before each.
        let counts = if run.tally.gone > 0 { 52 } else { 44 };
        let (took, answer, devices) = (9, 12, 8);
        Self {
            devices: width >= counts + took + answer + devices,
            took: width >= counts + took + answer,
            answer: if width >= counts + answer { answer } else { 5 },
        }
    }

    /// The cells before the counts.
    fn before_counts(self, [call, time, took, answer]: [&str; 4]) -> String {
        let took = if self.took {
            format!("  {took:>7}")
        } else {
            String::new()
        };
        let cells = self.answer;
        let answer = clip(answer, cells);
        format!(" {call:>4}  {time:<8}{took}  {answer:<cells$}")
    }
}

fn in_flight<'a>(context: &Context, run: &RunView, width: usize) -> Line<'a> {
    let theme = &context.settings.theme;
    let sent = run.sent_at.unwrap_or(context.now.wall);
    let columns = Columns::of(run, width);
    let mut text = columns.before_counts([
        &run.calls.to_string(),
        &sent.strftime("%H:%M:%S").to_string(),
        theme.glyph("…", "~"),
        "in flight",
    ]);
    if columns.devices {
        text.push_str(&format!("{:>8}", grouped(run.in_flight.len() as u64)));
    }
    Line::from(Span::styled(text, theme.role(Role::Progress)))
}

fn past_call<'a>(
    context: &Context,
    run: &RunView,
    place: usize,
    call: &CallDetail,
    result: CallTally,
    width: usize,
) -> Line<'a> {
    let theme = &context.settings.theme;
    let status = call
        .status
        .map_or("none".to_owned(), |status| status.to_string());
    let sort = match call.origin {
        CallOrigin::Fresh if run.is_canary(place) => "  canary",
        CallOrigin::Fresh => "",
        CallOrigin::Half => "  half",
        CallOrigin::Resend => "  resend",
    };
    let columns = Columns::of(run, width);
    let mut spans = vec![Span::raw(columns.before_counts([
        &call.call.to_string(),
        &call.at.strftime("%H:%M:%S").to_string(),
        &call.took.map_or("-".to_owned(), took),
        &format!("{status}{sort}"),
    ]))];
    if columns.devices {
        let devices = grouped(call.devices.len() as u64);
        spans.push(Span::raw(format!("{devices:>8}")));
    }
    let answered = result.tally.answered();
    for ((class, count), cells) in answered.into_iter().zip([9, 8, 10, 8]) {
        if class == OutcomeClass::Gone && run.tally.gone == 0 {
            continue;
        }
        let (text, style) = match (class, count) {
            (_, 0) => (String::new(), Style::new()),
            (OutcomeClass::Accepted, count) => (grouped(count), Style::new()),
            (class, count) => (grouped(count), theme.state(class)),
        };
        spans.push(Span::styled(format!("{text:>cells$}"), style));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    let room = width.saturating_sub(used + 3);
    if let Some((remark, style)) = remark(context, run, call, result).filter(|_| room > 8) {
        spans.push(Span::raw("   "));
        spans.push(Span::styled(clip(&remark, room).into_owned(), style));
    }
    Line::from(spans)
}

/// What else is to be known of a call: the server's message, or which of its devices is in doubt.
fn remark(
    context: &Context,
    run: &RunView,
    call: &CallDetail,
    result: CallTally,
) -> Option<(String, Style)> {
    let theme = &context.settings.theme;
    if !call.message.is_empty() {
        return Some((visible(&call.message).into_owned(), theme.dim()));
    }
    let ordinal = result.first_in_doubt?;
    let state = *run.states.get(ordinal as usize)?;
    let device = run.devices.get(ordinal as usize)?;
    let name = match device.hostname.as_str() {
        "" => device.identifier.to_string(),
        name => name.to_owned(),
    };
    let outcome = state.as_final_outcome();
    let later = run.call_details.iter();
    let later = later.filter(|later| later.call > call.call && later.devices.contains(&ordinal));
    let text = match (outcome, later.map(|later| later.call).max()) {
        // The reason is that of the later call.
        (Outcome::InDoubt(_), Some(later)) => {
            format!("{}: in doubt, sent again in call {later}", visible(&name))
        }
        (Outcome::InDoubt(_), None) => format!("{}: {}", visible(&name), outcome.reason()),
        (later, _) => format!(
            "{}: {} after a resend",
            visible(&name),
            later.class().label()
        ),
    };
    Some((text, theme.state(OutcomeClass::InDoubt)))
}

/// True if there are calls, or there will be.
pub(super) fn has_calls(run: &RunView) -> bool {
    run.calls > 0 || run.state != RunState::Queued
}
