//! The question at the start: take back what was kept of this list's screen?

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::app::{App, Mode};
use crate::tui::message::Effect;

impl App {
    /// What comes after the announcement of stopped runs.
    pub(super) fn offer_kept(&mut self) {
        self.mode = if self.offered_back.is_some() {
            Mode::Kept
        } else {
            Mode::Browse
        };
    }

    pub(super) fn kept_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        match key.code {
            KeyCode::Enter | KeyCode::Char('y') => {
                self.mode = Mode::Browse;
                let Some(kept) = self.offered_back.take() else {
                    return Vec::new();
                };
                self.take_back(kept);
                self.count_hidden();
                return self.search();
            }
            KeyCode::Char('n') => {
                self.offered_back = None;
                self.mode = Mode::Browse;
            }
            KeyCode::Esc => self.mode = Mode::Browse,
            _ => {}
        }
        Vec::new()
    }
}
