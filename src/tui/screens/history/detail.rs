//! The panel about the run under the cursor: who confirmed what, what came of it, and what can be done.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::journal::RunBreakdown;
use crate::text::grouped;
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::screens::history::facts::{all_facts, columns, heading, results};
use crate::tui::screens::history::state::PastRun;
use crate::tui::widgets::panel::side_panel;

/// The lines of outcomes and groups that leave room for what can be done.
const RESULTS: usize = 9;

/// How many lines of the facts have no room in this area.
pub(super) fn hidden(area: Rect, context: &Context, run: &PastRun) -> usize {
    let [left, right] = columns(area);
    let facts = all_facts(context, run, left.width, right.is_empty());
    facts.len().saturating_sub(usize::from(left.height))
}

/// Draws the details in this area; `scrolled` if they have the keys, by so many lines.
pub(super) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    run: &PastRun,
    counts: Option<&RunBreakdown>,
    scrolled: Option<usize>,
) {
    let [left, right] = columns(area);
    let mut facts = all_facts(context, run, left.width, right.is_empty());
    let hidden = facts.len().saturating_sub(usize::from(left.height));
    let hint = match scrolled {
        Some(_) => "esc back".to_owned(),
        None if hidden > 0 => format!("{} scrolls", context.key(Command::Panel)),
        None => String::new(),
    };
    let title = format!("run {}", run.record.id);
    side_panel(frame, area, context, &title, &hint, scrolled.is_some());
    let facts: Vec<Line<'_>> = facts.split_off(scrolled.unwrap_or(0).min(hidden));
    frame.render_widget(Paragraph::new(facts), left);
    let mut lines = results(context, run, counts, RESULTS);
    lines.extend(keys(context, run));
    frame.render_widget(Paragraph::new(lines), right);
}

/// What can be done with the run, and what can't.
fn keys<'a>(context: &Context, run: &PastRun) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let record = &run.record;
    let left = record.tally.left_in(run.state);
    let rests = run.state.is_open() && run.holder.is_none() && left > 0;
    let resume = if rests {
        format!("resume ({} left)", grouped(left))
    } else {
        "resume (no devices left)".to_owned()
    };
    let close = if rests {
        "close (the rest stays unsent)"
    } else {
        "close (no devices left)"
    };
    let mut keys = vec![
        (Command::Detail, "its devices and failures".to_owned(), true),
        (
            Command::Export,
            "export: report, CSV, JSON".to_owned(),
            true,
        ),
        (
            Command::Verify,
            "verify: are its accepted devices gone?".to_owned(),
            record.tally.accepted > 0,
        ),
    ];
    if run.holder.is_some() {
        keys.push((Command::Stop, "request a stop".to_owned(), true));
    } else {
        keys.push((Command::ResumeRun, resume, rests));
        keys.push((Command::CloseRun, close.to_owned(), rests));
    }
    let mut lines = vec![Line::default(), heading(context, "what you can do")];
    lines.extend(keys.into_iter().map(|(command, text, is_possible)| {
        let key = context.key(command);
        let style = if is_possible {
            Style::new()
        } else {
            theme.dim()
        };
        Line::from(Span::styled(format!(" {key:<6} {text}"), style))
    }));
    lines
}
