//! The question before a run with unsent devices is closed.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::domain::outcome::Tally;
use crate::domain::run::RunId;
use crate::domain::target::OtherTarget;
use crate::text::{counted, grouped, visible, wrap};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DECLINE, DialogKey, Hint, Section, command, hints, key, letter,
};
use crate::tui::job::RunJob;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, height_of, key_lines, popup};

#[derive(Clone, Debug)]
pub struct CloseRun {
    run: RunId,
    tally: Tally,
    /// The tenant and account that it is of, if those are others.
    other: Option<OtherTarget>,
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

    /// The question about this run, which may be of another tenant or account.
    pub fn new(run: RunId, tally: Tally, other: Option<OtherTarget>) -> Self {
        Self {
            run,
            tally,
            other,
            guard: KeyGuard::once_drawn(),
        }
    }
}

impl Component for CloseRun {
    fn footer(&self, _: &Context) -> Vec<Hint> {
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
        let unsent = match self.tally.left {
            0 => "Nothing is left to send.".to_owned(),
            1 => "The device not sent stays unsent.".to_owned(),
            left => format!("The {} devices not sent stay unsent.", grouped(left)),
        };
        let mut lines = vec![
            Line::from(format!("  {unsent}")),
            Line::from("  It can't be resumed. The record is kept."),
        ];
        if self.tally.in_doubt > 0 {
            let in_doubt = counted(self.tally.in_doubt, "device");
            lines.push(Line::from(format!(
                "  {in_doubt} in doubt: look them up in its failures."
            )));
        }
        if let Some(other) = &self.other {
            let text = format!("It {}.", other.owner());
            let wrapped = wrap(&visible(&text), 50).into_iter();
            lines.extend(wrapped.map(|text| Line::from(format!("  {text}"))));
        }
        // Blank lines only where the keys stay in sight at 60×15.
        if lines.len() <= 3 {
            lines.push(Line::default());
        }
        if lines.len() <= 3 {
            lines.insert(0, Line::default());
        }
        lines.extend(key_lines(KEYS, |_| true));
        let title = format!("Close run {}?", self.run);
        let height = height_of(&lines) + 2;
        let inner = dialog_panel(
            frame,
            popup(area, context, PopupWidth::Medium, height),
            context,
            &title,
        );
        frame.render_widget(
            Paragraph::new(lines).style(context.settings.theme.strong()),
            inner,
        );
    }
}
