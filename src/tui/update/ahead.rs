//! Keys that were typed before the rows they are meant for.
//!
//! A changed filter or order is in force at once; its rows come a moment later. What acts on rows
//! must not take the old ones for the new ones: such a key waits until they are on the screen, and
//! whatever is typed behind it waits too, in its order.

use crossterm::event::KeyEvent;

use crate::tui::app::{Ahead, App, Mode};
use crate::tui::keys::{Act, View};
use crate::tui::message::Effect;

impl App {
    /// A key of the view itself.
    pub(super) fn view_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        if !self.ahead.is_empty() {
            self.ahead.push_back(Ahead::Key(*key));
            return Vec::new();
        }
        self.obey(key)
    }

    /// Does something, or has it wait for the rows that it is about.
    pub(super) fn act_on_shown(&mut self, act: Act) -> Vec<Effect> {
        if self.must_wait(act) {
            self.ahead.push_back(Ahead::Act(act));
            return Vec::new();
        }
        self.status = None;
        self.act(act)
    }

    /// The next thing that waits, once the rows are there.
    pub(super) fn next_ahead(&mut self) -> Option<Ahead> {
        if self.awaits_rows() {
            return None;
        }
        self.ahead.pop_front()
    }

    pub(super) fn obey_ahead(&mut self, ahead: Ahead) -> Vec<Effect> {
        match ahead {
            Ahead::Key(key) if matches!(self.mode, Mode::Browse) && !self.is_too_small() => {
                self.obey(&key)
            }
            Ahead::Key(key) => self.key(&key),
            Ahead::Act(act) => self.act_on_shown(act),
        }
    }

    fn obey(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let act = self.facts.keys.act(self.view, key);
        if act.is_some_and(|act| self.must_wait(act)) {
            // Nothing waits yet, or this is the first of what did.
            self.ahead.push_front(Ahead::Key(*key));
            return Vec::new();
        }
        self.status = None;
        act.map_or_else(Vec::new, |act| self.act(act))
    }

    fn must_wait(&self, act: Act) -> bool {
        self.view == View::Devices && act.is_about_rows() && self.awaits_rows()
    }

    /// True while the rows on the screen are those of an earlier filter or order.
    fn awaits_rows(&self) -> bool {
        self.table.found != self.generation
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
