//! The number that confirms: typed key by key, so that a paste can be distinguished from typing.

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::dialogs::Dialog;
use crate::tui::message::Message;
use crate::tui::plain::Dialogue;
use crate::tui::plain::questions::Kind;
use crate::tui::plain::sentences::NOTHING_SENT;

impl Dialogue {
    /// The number that is to be typed, and what that does.
    pub(super) fn expected_count(&self) -> Option<(u64, &'static str)> {
        match &self.host.app.dialog {
            Some(Dialog::Delete(delete)) => {
                let confirmation = delete.open_confirmation()?;
                let devices = confirmation.plan.devices.len() as u64;
                Some((devices, confirmation.act()))
            }
            Some(Dialog::Resume(resume)) => Some((resume.left(), "resume")),
            _ => None,
        }
    }

    /// What is wrong with the number, if something is.
    pub(super) fn count_error(&self) -> Option<String> {
        let dialog = self.host.app.dialog.as_ref()?;
        dialog.component().typed_count()?.error.clone()
    }

    /// The number is typed in view of the question, for half a second at least.
    pub(super) fn begin_count(&mut self) {
        let now = self.host.clock.now();
        self.handle(Message::Resumed(now));
        let text = self.question.take().map(|question| question.text);
        self.put_count(text.unwrap_or_default());
    }

    fn put_count(&mut self, text: Vec<String>) {
        self.say_answers(Kind::Count);
        self.listen_anew(Kind::Count, text);
    }

    /// Keys that were typed for the number.
    pub(super) fn on_keys(&mut self, bytes: &[u8], arrived: Instant) {
        let mut now = self.host.clock.now();
        now.boot = now.boot - arrived.elapsed();
        let before = self.digits();
        let key = key_of(bytes);
        let is_escape = key.is_some_and(|key| key.code == KeyCode::Esc);
        match key {
            Some(key) => self.handle(Message::Key(key, now)),
            // Several keys in one read were pasted, not typed.
            None => self.handle(Message::Paste(
                String::from_utf8_lossy(bytes).into_owned(),
                now,
            )),
        }
        let Some(after) = self.digits() else {
            if is_escape {
                self.say(NOTHING_SENT);
            }
            return;
        };
        let before = before.unwrap_or_default();
        if after.len() > before.len() {
            self.console.echo(&after[before.len()..]);
        } else {
            self.console
                .echo(&"\u{8} \u{8}".repeat(before.len() - after.len()));
        }
        let error = self.count_error();
        let is_new = self.question.as_mut().is_some_and(|question| {
            let is_new = question.error != error;
            question.error.clone_from(&error);
            is_new
        });
        if let Some(error) = error.filter(|_| is_new) {
            self.say(&error);
        }
    }

    /// The digits of the number that were typed so far.
    pub(super) fn digits(&self) -> Option<String> {
        let dialog = self.host.app.dialog.as_ref()?;
        Some(dialog.component().typed_count()?.digits.clone())
    }
}

/// The key of these bytes; `None` for several. Any other key than a digit, backspace, enter and escape voids
/// the number, even if it has a function on the screen.
fn key_of(bytes: &[u8]) -> Option<KeyEvent> {
    let code = match bytes {
        [b'\r' | b'\n'] => KeyCode::Enter,
        [0x7f | 0x08] => KeyCode::Backspace,
        // ctrl-d goes back, as everywhere in the dialogue.
        [0x1b | 0x04] => KeyCode::Esc,
        [digit @ b'0'..=b'9'] => KeyCode::Char(char::from(*digit)),
        // An arrow or the like.
        [0x1b, ..] => KeyCode::Null,
        _ => {
            let mut characters = std::str::from_utf8(bytes).ok()?.chars();
            match (characters.next(), characters.next()) {
                (Some(_), None) => KeyCode::Null,
                _ => return None,
            }
        }
    };
    Some(KeyEvent::new(code, KeyModifiers::NONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_keys_are_keys_and_several_at_once_are_none() {
        let code = |bytes: &[u8]| key_of(bytes).map(|key| key.code);
        assert_eq!(code(b"7"), Some(KeyCode::Char('7')));
        assert_eq!(code(b"\n"), Some(KeyCode::Enter));
        assert_eq!(code(b"\x1b"), Some(KeyCode::Esc));
        assert_eq!(code(b"\x1b[A"), Some(KeyCode::Null));
        for several in [&b"12"[..], b"2\n", b"1\x7f"] {
            assert_eq!(code(several), None);
        }
    }

    #[test]
    fn letters_are_no_keys_of_the_dialog() {
        for typed in ["D", "b", "s", "g", "P", "\t", "\u{15}", "é"] {
            let key = key_of(typed.as_bytes()).expect("one key");
            assert_eq!(key, KeyEvent::from(KeyCode::Null), "{typed:?}");
        }
    }
}
