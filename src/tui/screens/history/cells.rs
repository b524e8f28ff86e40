//! Cells that the runs and the devices of the history have in common.

use jiff::Timestamp;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Span;

use crate::domain::outcome::{OutcomeClass, StateClass};
use crate::text::{clip, grouped, visible};
use crate::tui::context::Context;
use crate::tui::screens::history::state::PastRun;
use crate::tui::widgets::time::is_same_day;

/// The list of as many lines, and what is below it: the same for every run, so that the list doesn't
/// jump under the cursor.
pub(super) fn split(area: Rect, lines: usize) -> [Rect; 2] {
    let below = (area.height / 2).clamp(5, 22);
    // The border and the heading.
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(3);
    let list = lines.clamp(4, area.height.saturating_sub(below).max(4));
    Layout::vertical([Constraint::Length(list), Constraint::Fill(1)]).areas(area)
}

/// `today 22:06`, `2026-11-20 14:10`, or `11-20 14:10` where there is little room.
pub(super) fn when(time: Timestamp, now: Timestamp, wide: bool) -> String {
    let year = |time: Timestamp| time.strftime("%Y").to_string();
    if is_same_day(time, now) {
        return format!("today {}", time.strftime("%H:%M"));
    }
    let format = match (wide, year(time) == year(now)) {
        (true, _) => "%Y-%m-%d %H:%M",
        (false, true) => "%m-%d %H:%M",
        (false, false) => "%Y-%m-%d",
    };
    time.strftime(format).to_string()
}

/// The outcomes as signs: `✓ 101 ✗ 6 ? 1 – 182`. What is left of a run that a process drives waits.
pub(super) fn counts<'a>(context: &Context, run: &PastRun) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let tally = run.record.tally;
    let left = if run.holder.is_some() {
        StateClass::Planned
    } else {
        OutcomeClass::NotSent.into()
    };
    let answered = tally.answered().into_iter();
    let counts = answered.map(|(class, count)| (class.into(), count));
    let mut spans = Vec::new();
    for (place, (state, count)) in counts.chain([(left, tally.left)]).enumerate() {
        if place > 0 && count == 0 {
            continue;
        }
        let gap = if place == 0 { "" } else { " " };
        let text = format!("{gap}{} {}", theme.sign(state), grouped(count));
        spans.push(Span::styled(text, theme.state(state)));
    }
    spans
}

/// Text of others in a column of this width.
pub(super) fn padded(text: &str, width: usize) -> String {
    let shown = visible(text);
    let shown = clip(&shown, width);
    let missing = width.saturating_sub(crate::text::width(&shown));
    format!("{shown}{}", " ".repeat(missing))
}
