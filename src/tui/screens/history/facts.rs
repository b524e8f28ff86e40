//! What the journal says of a run: who confirmed what, of which list, and what came of it.

use jiff::Timestamp;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

use crate::domain::outcome::{DeviceState, Outcome, OutcomeClass};
use crate::domain::run::RunState;
use crate::export::VerificationText;
use crate::journal::{RunBreakdown, RunRecord};
use crate::text::{counted, grouped, visible, wrap};
use crate::tui::context::Context;
use crate::tui::screens::history::cells::{counts, padded};
use crate::tui::screens::history::state::PastRun;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::age::age;
use crate::tui::widgets::duration::clock;
use crate::tui::widgets::run_bar::{bar, run_parts};
use crate::tui::widgets::time::time_on;

/// From this width on, what came of it is beside who confirmed what.
const BESIDE: u16 = 100;
/// The cells of a fact's name.
const NAME: usize = 11;
/// How wide the bars of outcomes are.
const BAR: usize = 18;
/// The width of a group's name.
const GROUP: usize = 20;

/// A name and what is known under it.
pub(in crate::tui) type Fact = (&'static str, String);

/// The inside of an area: for the facts, and beside them, where there is room, for what came of it.
pub(in crate::tui) fn columns(area: Rect) -> [Rect; 2] {
    let inside = Block::bordered().inner(area);
    if inside.width < BESIDE {
        return [inside, Rect::default()];
    }
    let columns = [Constraint::Fill(1), Constraint::Length(50)];
    Layout::horizontal(columns).areas(inside)
}

/// The facts; with what came of the run in a line, if they stand `alone`.
pub(in crate::tui) fn all_facts<'a>(
    context: &Context,
    run: &PastRun,
    width: u16,
    alone: bool,
) -> Vec<Line<'a>> {
    let width = usize::from(width);
    let mut lines = if alone {
        vec![result(context, run, width)]
    } else {
        vec![summary(context, run), Line::default()]
    };
    lines.extend(fact_lines(context, facts(context, run), width));
    lines
}

/// `remove · finished in 1:03`.
fn summary<'a>(context: &Context, run: &PastRun) -> Line<'a> {
    let theme = &context.settings.theme;
    let record = &run.record;
    let own = context.runs.find(record.id).filter(|own| own.is_ours());
    let state = own.and_then(RunView::wait_in_words);
    let state = state.unwrap_or(run.state.as_str());
    let mut text = format!(" {}{}{state}", record.action, theme.dot());
    let took = record.started_at.zip(record.ended_at);
    let took = took.filter(|_| !run.state.is_open());
    if let Some(took) = took.and_then(|(start, end)| end.duration_since(start).try_into().ok()) {
        text.push_str(&format!(" in {}", clock(took)));
    }
    Line::from(Span::styled(text, theme.strong()))
}

/// The outcomes in one line, with a bar.
fn result<'a>(context: &Context, run: &PastRun, width: usize) -> Line<'a> {
    let theme = &context.settings.theme;
    let tally = run.record.tally;
    let counts = counts(context, run);
    let used: usize = counts.iter().map(Span::width).sum();
    let mut spans = vec![Span::styled(format!(" {:<NAME$}", "result"), theme.dim())];
    let room = width.saturating_sub(NAME + used + 3);
    if room >= 10 {
        let parts = run_parts(theme, tally, 0);
        spans.extend(bar(theme, &parts, tally.total(), room.min(BAR + 2)));
        spans.push(Span::raw(" "));
    }
    spans.extend(counts);
    Line::from(spans)
}

/// Who confirmed the run, when, of which list and what it left out; the most telling facts first.
pub(super) fn facts(context: &Context, run: &PastRun) -> Vec<Fact> {
    let record = &run.record;
    let safe = |text: &str| visible(text).into_owned();
    let dot = context.settings.theme.dot();
    let confirmed = record.confirmed_at.strftime("%Y-%m-%d %H:%M:%S");
    let operator = safe(&record.operator.to_string());
    let mut facts = vec![("confirmed", format!("{confirmed} UTC by {operator}"))];
    facts.extend(
        run.driver(context.now.wall)
            .map(|driver| ("now", safe(&driver))),
    );
    facts.extend(record.closed_by.as_ref().map(|by| ("closed by", safe(by))));
    let reason = record.labelled_reason();
    facts.extend(reason.map(|(label, reason)| (label, safe(reason))));
    if let Some(text) = VerificationText::of(record) {
        facts.push(("since then", text.summary()));
    }
    facts.push(("times", times(run, dot)));
    facts.push(("tenant", record.target.label()));
    let arrow = context.settings.theme.glyph("→", "->");
    let licences = record.licences.sentence(arrow);
    facts.extend(licences.map(|licences| ("licences", licences)));
    facts.push(("list", list(record)));
    facts.extend(marked(record).map(|marked| ("marked", marked)));
    facts.extend(record.note.as_ref().map(|note| ("note", safe(note))));
    let names: Vec<String> = record.approvals.iter().map(ToString::to_string).collect();
    if !names.is_empty() {
        facts.push(("approved", safe(&names.join(", "))));
    }
    let warnings = record.warnings.iter().flatten();
    facts.extend(warnings.map(|warning| ("allowed", safe(warning))));
    facts.extend(left_out(record).map(|rows| ("left out", rows)));
    let recheck = record.recheck.as_ref();
    facts.extend(recheck.map(|recheck| ("rechecked", safe(&recheck.sentence()))));
    facts
}

/// When it began, and paused or ended; with the day only if that isn't the day of its confirmation.
fn times(run: &PastRun, dot: &str) -> String {
    let record = &run.record;
    let time = |what: &str, time: Option<Timestamp>| {
        Some(format!("{what} {}", time_on(record.confirmed_at, time?)))
    };
    let calls = counted(u64::from(record.calls), "call");
    let end = match run.state {
        state @ (RunState::Paused | RunState::Stopped) => state.as_str(),
        _ => "ended",
    };
    let known = [
        time("started", record.started_at),
        time(end, record.ended_at),
        Some(calls),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    known.join(dot)
}

/// The list, and how old it was.
fn list(record: &RunRecord) -> String {
    let name = visible(&record.list_name);
    match record.list_time {
        Some(time) if time <= record.confirmed_at => {
            format!("{name}, as of {} before", age(record.confirmed_at, time))
        }
        _ => name.into_owned(),
    }
}

/// How the devices were selected, behind the label `marked`.
fn marked(record: &RunRecord) -> Option<String> {
    let query = record.query.as_deref().map(|query| {
        let query = query.strip_prefix("marked ").unwrap_or(query);
        visible(query).into_owned()
    });
    let from = record.matched_from.as_ref().map(|from| visible(&from.name));
    // "marked from FILE" names it.
    let from = from.filter(|name| query.as_ref().is_none_or(|query| !query.contains(&**name)));
    let from = from.map(|name| format!("named by {name}"));
    let known: Vec<String> = query.into_iter().chain(from).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

fn left_out(record: &RunRecord) -> Option<String> {
    if record.left_out == 0 {
        return None;
    }
    let reasons = record.left_out_reasons.iter().flatten();
    let reasons: Vec<String> = reasons
        .map(|count| format!("{} {}", grouped(count.rows), visible(&count.reason)))
        .collect();
    Some(if reasons.is_empty() {
        counted(record.left_out, "row")
    } else {
        reasons.join(", ")
    })
}

/// Facts under each other, the values wrapped beside the names.
pub(in crate::tui) fn fact_lines<'a>(
    context: &Context,
    facts: Vec<Fact>,
    width: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let room = width.saturating_sub(NAME + 2);
    let facts = facts.into_iter().flat_map(|(name, value)| {
        let wrapped = wrap(&value, room).into_iter().enumerate();
        wrapped.map(move |(place, text)| {
            let name = if place == 0 { name } else { "" };
            Line::from(vec![
                Span::styled(format!(" {name:<NAME$}"), theme.dim()),
                Span::raw(text),
            ])
        })
    });
    facts.collect()
}

/// A bar for each outcome, and the largest groups: as many as fit into so many lines.
pub(in crate::tui) fn results<'a>(
    context: &Context,
    run: &PastRun,
    counts: Option<&RunBreakdown>,
    room: usize,
) -> Vec<Line<'a>> {
    let mut lines = outcomes(context, run, counts);
    // A blank line and the heading.
    let room = room.saturating_sub(lines.len() + 2);
    lines.extend(groups(context, counts, room));
    lines
}

/// A bar for each outcome.
fn outcomes<'a>(context: &Context, run: &PastRun, counts: Option<&RunBreakdown>) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let total = run.record.devices.max(1);
    let mut lines = vec![heading(context, "outcome")];
    for &(outcome, count) in counts.iter().flat_map(|counts| &counts.outcomes) {
        // A process may be sending it: that isn't known here.
        let is_waiting = outcome == Outcome::NotSent && run.holder.is_some();
        let state = if is_waiting {
            DeviceState::Planned
        } else {
            DeviceState::Ended(outcome)
        };
        let name = match outcome {
            Outcome::InDoubt(_) => format!("{} {}", theme.sign(state), outcome.reason()),
            _ if is_waiting => format!("{} no outcome yet", theme.sign(state)),
            _ => theme.state_text(state),
        };
        let cells = usize::try_from(count.min(total) * BAR as u64 / total).unwrap_or(BAR);
        let pattern = match outcome.class() {
            OutcomeClass::Accepted => theme.glyph("█", "#"),
            OutcomeClass::Failed => theme.glyph("▓", "x"),
            OutcomeClass::InDoubt => theme.glyph("▒", "?"),
            OutcomeClass::Gone => theme.glyph("▚", "0"),
            OutcomeClass::NotSent => theme.glyph("·", "."),
        };
        let cells = pattern.repeat(cells.max(1));
        lines.push(Line::from(vec![
            Span::styled(format!(" {}", padded(&name, GROUP)), theme.state(state)),
            Span::styled(format!(" {cells:<BAR$}"), theme.state(state)),
            Span::raw(format!(" {:>7}", grouped(count))),
        ]));
    }
    if counts.is_none() {
        lines.push(Line::from(Span::styled(" counting…", theme.dim())));
    }
    lines
}

/// The largest groups, two in a line.
fn groups<'a>(context: &Context, counts: Option<&RunBreakdown>, lines: usize) -> Vec<Line<'a>> {
    let groups = counts.map_or(&[][..], |counts| counts.groups.as_slice());
    let is_unknown = groups.iter().all(|(name, _)| name.is_empty());
    if is_unknown || lines == 0 {
        return Vec::new();
    }
    let cells = lines.saturating_mul(2);
    // The last cell counts the rest.
    let named = if groups.len() > cells {
        cells - 1
    } else {
        groups.len()
    };
    let mut cells: Vec<String> = groups
        .iter()
        .take(named)
        .map(|(name, count)| {
            let name = if name.is_empty() { "(no group)" } else { name };
            format!("{} {:>4}", padded(name, 17), grouped(*count))
        })
        .collect();
    let rest = groups.get(named..).unwrap_or_default();
    if !rest.is_empty() {
        let devices: u64 = rest.iter().map(|(_, count)| count).sum();
        let name = format!("{} more", rest.len());
        cells.push(format!("{} {:>4}", padded(&name, 17), grouped(devices)));
    }
    let mut lines = vec![Line::default(), heading(context, "by group")];
    lines.extend(
        cells
            .chunks(2)
            .map(|pair| Line::from(format!(" {}", pair.join("   ")))),
    );
    lines
}

pub(super) fn heading<'a>(context: &Context, text: &str) -> Line<'a> {
    let style = context.settings.theme.strong();
    Line::from(Span::styled(format!(" {text}"), style))
}
