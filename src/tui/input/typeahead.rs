//! Keys that were typed before the rows they are meant for.
//!
//! A changed filter or order is in force at once; its rows come a moment later. What acts on rows
//! must not take the old ones for the new ones: such a key waits until they are on the screen, and
//! whatever is typed behind it waits too, in its order.

use crossterm::event::KeyEvent;

use crate::tui::app::App;
use crate::tui::effect::Effect;
use crate::tui::input::commands::{Command, View};

/// A key or a command that waits for rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuedInput {
    /// A key.
    Key(KeyEvent),
    /// A command by its name.
    Command(Command),
}

impl App {
    /// A key of the view itself.
    pub(in crate::tui) fn view_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let input = QueuedInput::Key(*key);
        if !self.queued_input.is_empty() || self.waits(input) {
            self.queued_input.push_back(input);
            return Vec::new();
        }
        self.dispatch_key(key)
    }

    /// Does something by its name, or has it wait for the rows that it is about.
    pub(in crate::tui) fn run_by_name(&mut self, act: Command) -> Vec<Effect> {
        if self.must_wait(act) {
            self.queued_input.push_back(QueuedInput::Command(act));
            return Vec::new();
        }
        self.context.status = None;
        self.run_command(act)
    }

    /// The next thing that waits, if it needn't any more.
    pub(in crate::tui) fn next_queued(&mut self) -> Option<QueuedInput> {
        let next = *self.queued_input.front()?;
        if self.waits(next) {
            return None;
        }
        self.queued_input.pop_front()
    }

    pub(in crate::tui) fn dispatch_queued(&mut self, input: QueuedInput) -> Vec<Effect> {
        match input {
            QueuedInput::Command(act) => self.run_by_name(act),
            QueuedInput::Key(key) if self.dialog.is_none() && !self.context.is_too_small() => {
                self.dispatch_key(&key)
            }
            // A dialog that an earlier key has opened, where no key waits.
            QueuedInput::Key(key) => self.key(&key),
        }
    }

    fn dispatch_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        self.context.status = None;
        let act = self.context.settings.keys.command(self.view, key);
        act.map_or_else(Vec::new, |act| self.run_command(act))
    }

    fn waits(&self, input: QueuedInput) -> bool {
        let act = match input {
            QueuedInput::Command(act) => Some(act),
            QueuedInput::Key(key) => self.context.settings.keys.command(self.view, &key),
        };
        self.dialog.is_none() && act.is_some_and(|act| self.must_wait(act))
    }

    fn must_wait(&self, act: Command) -> bool {
        self.view == View::Devices && act.is_about_rows() && self.awaits_rows()
    }

    /// True while the rows on the screen are those of an earlier filter or order.
    fn awaits_rows(&self) -> bool {
        self.devices.shown_search_id != self.devices.search_id
    }
}

impl Command {
    /// True if it depends on which rows are shown, or where the cursor is among them.
    fn is_about_rows(self) -> bool {
        matches!(
            self,
            Self::Up
                | Self::Down
                | Self::PageUp
                | Self::PageDown
                | Self::Top
                | Self::Bottom
                | Self::Mark
                | Self::Range
                | Self::MarkShown
                | Self::UnmarkShown
                | Self::Invert
                | Self::Detail
                | Self::Copy
                | Self::Export
                | Self::Delete
        )
    }
}
