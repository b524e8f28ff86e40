//! Keys that were typed before the rows they are meant for.
//!
//! A changed filter or order is in force at once; its rows come a moment later. What acts on rows
//! must not take the old ones for the new ones: such a key waits until they are on the screen, and
//! whatever is typed behind it waits too, in its order.

use crossterm::event::KeyEvent;

use crate::tui::app::App;
use crate::tui::input::commands::{Act, View};
use crate::tui::message::Effect;

/// A key or a command that waits for rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuedInput {
    /// A key.
    Key(KeyEvent),
    /// A command by its name.
    Act(Act),
}

impl App {
    /// A key of the view itself.
    pub(in crate::tui) fn view_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let ahead = QueuedInput::Key(*key);
        if !self.queued_input.is_empty() || self.waits(ahead) {
            self.queued_input.push_back(ahead);
            return Vec::new();
        }
        self.obey_key(key)
    }

    /// Does something by its name, or has it wait for the rows that it is about.
    pub(in crate::tui) fn act_by_name(&mut self, act: Act) -> Vec<Effect> {
        if self.must_wait(act) {
            self.queued_input.push_back(QueuedInput::Act(act));
            return Vec::new();
        }
        self.context.status = None;
        self.act(act)
    }

    /// The next thing that waits, if it needn't any more.
    pub(in crate::tui) fn next_ahead(&mut self) -> Option<QueuedInput> {
        let next = *self.queued_input.front()?;
        if self.waits(next) {
            return None;
        }
        self.queued_input.pop_front()
    }

    pub(in crate::tui) fn obey_ahead(&mut self, ahead: QueuedInput) -> Vec<Effect> {
        match ahead {
            QueuedInput::Act(act) => self.act_by_name(act),
            QueuedInput::Key(key) if self.dialog.is_none() && !self.context.is_too_small() => {
                self.obey_key(&key)
            }
            // A dialog that an earlier key has opened, where no key waits.
            QueuedInput::Key(key) => self.key(&key),
        }
    }

    fn obey_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        self.context.status = None;
        let act = self.context.settings.keys.act(self.view, key);
        act.map_or_else(Vec::new, |act| self.act(act))
    }

    fn waits(&self, ahead: QueuedInput) -> bool {
        let act = match ahead {
            QueuedInput::Act(act) => Some(act),
            QueuedInput::Key(key) => self.context.settings.keys.act(self.view, &key),
        };
        self.dialog.is_none() && act.is_some_and(|act| self.must_wait(act))
    }

    fn must_wait(&self, act: Act) -> bool {
        self.view == View::Devices && act.is_about_rows() && self.awaits_rows()
    }

    /// True while the rows on the screen are those of an earlier filter or order.
    fn awaits_rows(&self) -> bool {
        self.devices.shown_search_id != self.devices.search_id
    }
}

impl Act {
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
