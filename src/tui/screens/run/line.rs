//! The line above the footer, on every screen but the run's own.
//!
//! ```text
//! ─ run 7k2m9x4c · remove · 340/500 ▕█████████████▓▒░    ▏ 331 accepted · 6 failed · next call in 4 s · ETA 0:52 ──
//! ```
//!
//! Where there is no room for all of it, the bar goes first, then the time to go, the run's name and
//! the action. How many failed or are in doubt is never left out.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::run::RunState;
use crate::text::grouped;
use crate::tui::context::Context;
use crate::tui::screens::run::activity::{Length, activity, time_to_go};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::run_bar::{bar, run_parts};

/// How wide the bar is.
const BAR: usize = 22;

/// What is left out, from nothing to all that may be.
const STEPS: std::ops::RangeInclusive<u8> = 0..=8;

/// Draws the line about the run in focus.
pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, context: &Context) {
    let Some(run) = context.runs.focus() else {
        return;
    };
    let theme = &context.settings.theme;
    let room = usize::from(area.width).saturating_sub(4);
    let width = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
    let mut spans = Vec::new();
    for step in STEPS {
        spans = parts(context, run, step);
        if width(&spans) <= room {
            break;
        }
    }
    let rule = theme.glyph("─", "-");
    let rest = rule.repeat((room + 1).saturating_sub(width(&spans)));
    let mut line = vec![Span::styled(format!("{rule} "), theme.dim())];
    line.extend(spans);
    line.push(Span::styled(format!(" {rest}"), theme.dim()));
    frame.render_widget(Paragraph::new(Line::from(line)), area);
}

fn parts<'a>(context: &Context, run: &RunView, step: u8) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let tally = run.tally;
    let style = match run.state {
        RunState::Paused | RunState::Stopped => theme.warning(),
        _ => theme.strong(),
    };
    let mut spans: Vec<Span<'a>> = Vec::new();
    let dot = theme.dot();
    let mut add = |part: Vec<Span<'a>>| {
        if !spans.is_empty() {
            spans.push(Span::styled(dot, theme.dim()));
        }
        spans.extend(part);
    };
    if step < 3 {
        add(vec![Span::styled(format!("run {}", run.id), style)]);
    }
    if step < 4 {
        add(vec![Span::styled(run.action.to_string(), style)]);
    }
    let done = tally.total() - tally.left;
    let progress = format!("{}/{}", grouped(done), grouped(tally.total()));
    if step < 8 {
        add(vec![Span::styled(progress, style)]);
    }
    if step < 1 {
        let in_flight = run.in_flight.len() as u64;
        let parts = run_parts(theme, tally, in_flight);
        add(bar(theme, &parts, tally.total(), BAR));
    }
    let counts = counts(context, run, step < 5);
    if step < 6 {
        for count in counts {
            add(vec![count]);
        }
    } else {
        let spaced = counts.into_iter().flat_map(|count| [count, Span::raw(" ")]);
        add(spaced.collect());
    }
    let length = match step {
        0..3 => Length::Long,
        3..6 => Length::Medium,
        _ => Length::Short,
    };
    if step < 7 {
        add(vec![Span::styled(activity(context, run, length), style)]);
    }
    if let Some(time) = time_to_go(context, run).filter(|_| step < 2) {
        add(vec![Span::styled(format!("ETA {time}"), style)]);
    }
    spans
}

/// The outcomes so far; with signs in place of words where there is little room.
fn counts<'a>(context: &Context, run: &RunView, words: bool) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let counts = run.tally.answered().into_iter().enumerate();
    counts
        .filter(|&(place, (_, count))| place == 0 || count > 0)
        .map(|(place, (class, count))| {
            let text = if words {
                format!("{} {}", grouped(count), class.label())
            } else {
                format!("{} {}", theme.sign(class), grouped(count))
            };
            let style = if place == 0 {
                Style::new()
            } else {
                theme.state(class)
            };
            Span::styled(text, style)
        })
        .collect()
}
