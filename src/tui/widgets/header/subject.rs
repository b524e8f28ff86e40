//! The header's second line where the screen isn't about the list: the run whose failures are shown, or the
//! history.

use ratatui::text::Span;

use crate::text::{clip, counted, grouped, visible, width};
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::screens::history::state::PastRun;
use crate::tui::screens::run::state::RunView;

/// What the second line is about.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) enum HeaderSubject<'a> {
    List,
    /// The run whose failures are shown.
    Run(&'a RunView),
    History {
        runs: &'a [PastRun],
        /// The text that is searched in them.
        search: Option<&'a str>,
    },
}

/// The parts at the left and at the right, for so many cells; none for the list.
pub(super) fn parts<'a>(
    subject: HeaderSubject<'a>,
    context: &Context,
    room: usize,
) -> Option<[Vec<Span<'a>>; 2]> {
    let theme = &context.settings.theme;
    match subject {
        HeaderSubject::List => None,
        HeaderSubject::Run(run) => {
            let right = outcomes(context, run);
            let taken: usize = right.iter().map(Span::width).sum();
            let room = room.saturating_sub(taken + 3);
            let dot = theme.dot();
            let state = run.wait_in_words();
            let state = state.unwrap_or_else(|| run.state.as_str());
            let whole = format!(" run {}{dot}{}{dot}{state}", run.id, run.action);
            let text = if width(&whole) > room {
                format!(" run {}{dot}{state}", run.id)
            } else {
                whole
            };
            let left = Span::raw(clip(&text, room).into_owned());
            Some([vec![left], right])
        }
        HeaderSubject::History { runs, search } => {
            let devices = runs.iter().map(|run| run.record.devices).sum();
            let (runs, devices) = (
                counted(runs.len() as u64, "run"),
                counted(devices, "device"),
            );
            let right = format!("{runs}{}{devices}", theme.dot());
            let key = context.key(Command::Filter);
            let (text, style) = match search {
                Some(text) => (
                    format!(" {key} {} in all runs", visible(text)),
                    theme.accent(),
                ),
                None => (format!(" {key} search devices in all runs"), theme.dim()),
            };
            let room = room.saturating_sub(width(&right) + 3);
            let left = Span::styled(clip(&text, room).into_owned(), style);
            Some([vec![left], vec![Span::raw(right)]])
        }
    }
}

/// `✓ 101  ✗ 6  ? 1`.
fn outcomes<'a>(context: &Context, run: &RunView) -> Vec<Span<'a>> {
    let theme = &context.settings.theme;
    let answered = run.tally.answered().into_iter().enumerate();
    let shown = answered.filter(|&(place, (_, count))| place == 0 || count > 0);
    shown
        .flat_map(|(place, (class, count))| {
            let gap = if place == 0 { "" } else { "  " };
            let text = format!("{} {}", theme.sign(class), grouped(count));
            [Span::raw(gap), Span::styled(text, theme.state(class))]
        })
        .collect()
}
