//! What is asked and told at the start, one after the other: what is worth knowing about the list,
//! runs that stopped earlier, and whether to take back what was kept of this list's screen.

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::app::App;
use crate::tui::input::commands::View;
use crate::tui::message::Effect;
use crate::tui::mode::Mode;
use crate::tui::screens::history::state::Announcement;

impl App {
    /// What comes first, and the notice that the footer can tell by itself.
    pub(in crate::tui) fn begin(&mut self) {
        self.announce_stopped();
        let told_by_footer = match self.facts.notices.as_slice() {
            [] => return,
            [only] => {
                let room = usize::from(self.size.0).saturating_sub(2);
                matches!(self.mode, Mode::Browse) && crate::text::width(only) <= room
            }
            _ => false,
        };
        if told_by_footer {
            self.status = self.facts.notices.first().cloned();
        } else {
            self.mode = Mode::Notices;
        }
    }

    /// What comes after the notices about the list.
    fn announce_stopped(&mut self) {
        if self.facts.stopped_runs.is_empty() {
            self.offer_kept();
        } else {
            self.mode = Mode::Announce(Announcement {
                runs: self.facts.stopped_runs.clone(),
                at: 0,
            });
        }
    }

    /// What comes after the announcement of stopped runs.
    pub(in crate::tui) fn offer_kept(&mut self) {
        self.mode = if self.offered_back.is_some() {
            self.kept_asked = true;
            Mode::Kept
        } else {
            Mode::Browse
        };
    }

    /// Asks once, whichever way led past the question.
    pub(in crate::tui) fn offer_kept_once(&mut self) {
        let at_the_table = matches!(self.mode, Mode::Browse) && self.view == View::Devices;
        if at_the_table && !self.kept_asked && self.offered_back.is_some() {
            self.offer_kept();
        }
    }

    pub(in crate::tui) fn notices_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        if matches!(key.code, KeyCode::Enter | KeyCode::Esc | KeyCode::Char('q')) {
            self.announce_stopped();
        }
        Vec::new()
    }

    pub(in crate::tui) fn kept_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
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
