//! The question before a run with unsent devices is closed.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::run::RunId;
use crate::text::grouped;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DECLINE, DialogKey, Hint, Section, command, hints, key, letter,
};
use crate::tui::job::RunJob;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::panel::{PopupWidth, key_lines, panel, popup};

/// Close the run?
#[derive(Clone, Debug)]
pub struct CloseRun {
    run: RunId,
    /// How many devices it has left.
    left: u64,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    Close,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    letter("y", Command::Close, "close the run", "close the run; its record is kept"),
    key("esc", DECLINE, Command::Back, "cancel", ""),
];

impl CloseRun {
    pub(super) const HELP: Section = Section {
        title: "close a run (X)",
        hints: || hints(KEYS),
    };

    /// The question about this run, which has as many devices left.
    pub fn new(run: RunId, left: u64) -> Self {
        Self {
            run,
            left,
            guard: KeyGuard::once_drawn(),
        }
    }
}

impl Component for CloseRun {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Close) => Response::close().with([Effect::Runs(RunJob::Close(self.run))]),
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    /// What it does can't be undone.
    fn is_for_keyboard(&self) -> bool {
        true
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let unsent = match self.left {
            1 => "The device not sent stays unsent.".to_owned(),
            left => format!("The {} devices not sent stay unsent.", grouped(left)),
        };
        let mut lines = vec![
            Line::default(),
            Line::from(format!("  {unsent}")),
            Line::from("  It can't be resumed. The record is kept."),
            Line::default(),
        ];
        lines.extend(key_lines(KEYS, |_| true));
        let title = format!("Close run {}?", self.run);
        let inner = panel(
            frame,
            popup(area, context, PopupWidth::Medium, 8),
            context,
            &title,
        );
        frame.render_widget(
            Paragraph::new(lines).style(context.settings.theme.strong()),
            inner,
        );
    }
}
