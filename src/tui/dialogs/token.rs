//! A ready token that died: a new one is typed or pasted in its place, unseen.

pub mod state;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::run::{PauseReason, RunId};
use crate::tui::app::App;
use crate::tui::dialogs::token::state::TokenEntry;
use crate::tui::message::Effect;
use crate::tui::mode::Mode;

impl App {
    /// Asks for a new token if that is what the run waits for. True if it does.
    pub(in crate::tui) fn ask_for_token(&mut self, id: RunId) -> bool {
        let wanted = self.facts.static_token
            && self.runs.iter().any(|run| {
                run.id == id && run.is_ours() && run.pause == Some(PauseReason::TokenRefused)
            });
        if wanted {
            let left = self.runs.iter().find(|run| run.id == id);
            self.mode = Mode::Token(Box::new(TokenEntry::new(
                id,
                left.map_or(0, |run| run.tally.left),
            )));
        }
        wanted
    }

    pub(in crate::tui) fn token_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let now = self.now.boot;
        let Mode::Token(entry) = &mut self.mode else {
            return Vec::new();
        };
        if !entry.listens(now) {
            return Vec::new();
        }
        match key.code {
            KeyCode::Esc => self.mode = Mode::Browse,
            KeyCode::Backspace => entry.backspace(),
            KeyCode::Enter => {
                let (run, token) = (entry.run, entry.token());
                let Some(token) = token else {
                    entry.complaint = Some("type or paste the token first");
                    return Vec::new();
                };
                self.ask_to_resume(run);
                return vec![Effect::UseToken(token)];
            }
            KeyCode::Char(character)
                if !key
                    .modifiers
                    .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
            {
                entry.add(&character.to_string());
            }
            _ => {}
        }
        Vec::new()
    }

    /// The only place where a paste counts.
    pub(in crate::tui) fn paste_token(&mut self, text: &str) {
        if let Mode::Token(entry) = &mut self.mode {
            entry.add(text);
        }
    }
}
