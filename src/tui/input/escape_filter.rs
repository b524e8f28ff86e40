//! Reassembles escape sequences that a slow connection split into single keys.
//!
//! On a slow line an escape sequence can be split at any byte. What comes then is a lone `Esc` and
//! the rest of the sequence as keys, which would be obeyed as keys. So a lone `Esc` is held for a
//! moment, and what follows it as a sequence is thrown away whole; if it began a paste, so is
//! everything until the paste's end.
//!
//! A paste that holds its own end mark goes on as keys. So whatever follows a paste without a moment
//! of silence is thrown away too.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent};

/// How long a lone `Esc` is held.
const HOLD: Duration = Duration::from_millis(100);
/// A paste without an end is over after this much silence.
const SILENCE: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Debug, Default)]
pub(in crate::tui) struct EscapeSequenceFilter {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Plain,
    /// An `Esc` that came then.
    Held(KeyEvent, Instant),
    /// Within a sequence whose text so far is this.
    Sequence(String, Instant),
    /// Within a paste whose beginning was split; the last key came then.
    Paste(Instant),
    /// An `Esc` within such a paste.
    PasteEscape(String, Instant),
}

impl EscapeSequenceFilter {
    /// Takes in a key that arrived now and gives back those that are meant.
    pub(in crate::tui) fn feed(&mut self, key: KeyEvent, now: Instant) -> Vec<KeyEvent> {
        let is_escape = key.code == KeyCode::Esc && key.modifiers.is_empty();
        let character = match key.code {
            KeyCode::Char(character) => Some(character),
            _ => None,
        };
        match std::mem::take(&mut self.state) {
            State::Plain if is_escape => {
                self.state = State::Held(key, now);
                Vec::new()
            }
            State::Plain => vec![key],
            State::Held(escape, since) => {
                if now - since < HOLD && matches!(character, Some('[' | 'O')) {
                    self.state = State::Sequence(String::new(), now);
                    return Vec::new();
                }
                let mut keys = vec![escape];
                keys.extend(self.feed(key, now));
                keys
            }
            State::Sequence(mut text, since) => {
                let Some(character) = character.filter(|_| now - since < HOLD) else {
                    return self.feed(key, now);
                };
                text.push(character);
                match character {
                    '@'..='~' if text == "200~" => self.state = State::Paste(now),
                    '@'..='~' => {}
                    _ => self.state = State::Sequence(text, now),
                }
                Vec::new()
            }
            State::Paste(last) if now - last >= SILENCE => self.feed(key, now),
            State::Paste(_) => {
                self.state = if is_escape {
                    State::PasteEscape(String::new(), now)
                } else {
                    State::Paste(now)
                };
                Vec::new()
            }
            State::PasteEscape(_, last) if now - last >= SILENCE => self.feed(key, now),
            State::PasteEscape(mut text, _) => {
                text.extend(character);
                self.state = match text.as_str() {
                    "[201~" => State::Plain,
                    begun if "[201~".starts_with(begun) => State::PasteEscape(text, now),
                    _ => State::Paste(now),
                };
                Vec::new()
            }
        }
    }

    /// A paste came, whole as it seems.
    pub(in crate::tui) fn pasted(&mut self, now: Instant) {
        self.state = State::Paste(now);
    }

    /// How long to wait before [`release`](Self::release), if something is held.
    pub(in crate::tui) fn waits(&self) -> Option<Duration> {
        match &self.state {
            State::Held(_, since) => Some(HOLD.saturating_sub(since.elapsed())),
            _ => None,
        }
    }

    /// The `Esc` that turned out to be one.
    pub(in crate::tui) fn release(&mut self) -> Option<KeyEvent> {
        match &self.state {
            State::Held(escape, since) if since.elapsed() >= HOLD => {
                let escape = *escape;
                self.state = State::Plain;
                Some(escape)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    fn key(code: KeyCode) -> KeyEvent {
        KeyEvent::new(code, KeyModifiers::NONE)
    }

    /// Feeds characters, `\x1b` as `Esc`, a millisecond apart, and tells what comes out.
    fn fed(text: &str) -> String {
        let (mut keys, mut now) = (EscapeSequenceFilter::default(), Instant::now());
        let mut out = String::new();
        for character in text.chars() {
            now += Duration::from_millis(1);
            let code = if character == '\u{1b}' {
                KeyCode::Esc
            } else {
                KeyCode::Char(character)
            };
            for key in keys.feed(key(code), now) {
                out.push(match key.code {
                    KeyCode::Char(character) => character,
                    _ => '^',
                });
            }
        }
        out
    }

    #[test]
    fn a_split_sequence_is_thrown_away_whole() {
        assert_eq!(fed("a\u{1b}[Bb"), "ab");
        assert_eq!(fed("\u{1b}[1;5Cx"), "x");
        assert_eq!(fed("\u{1b}OPx"), "x");
    }

    #[test]
    fn an_escape_before_another_key_is_an_escape() {
        assert_eq!(fed("\u{1b}q"), "^q");
        assert_eq!(fed("\u{1b}\u{1b}q"), "^^q");
    }

    #[test]
    fn a_paste_whose_beginning_was_split_presses_no_keys() {
        assert_eq!(fed("\u{1b}[200~137\rq\u{1b}[201~x"), "x");
        assert_eq!(fed("\u{1b}[200~a\u{1b}[Bb\u{1b}[201~x"), "x");
    }

    #[test]
    fn what_follows_a_paste_without_silence_presses_no_keys() {
        let (mut keys, mut now) = (EscapeSequenceFilter::default(), Instant::now());
        keys.pasted(now);
        for character in "ad\ry".chars() {
            now += Duration::from_millis(400);
            assert!(keys.feed(key(KeyCode::Char(character)), now).is_empty());
        }
        now += SILENCE;
        assert_eq!(keys.feed(key(KeyCode::Char('j')), now).len(), 1);
    }

    #[test]
    fn a_lone_escape_is_released_after_a_moment() {
        let mut keys = EscapeSequenceFilter::default();
        let long_ago = Instant::now()
            .checked_sub(HOLD)
            .expect("the machine is up for a while");
        assert!(keys.feed(key(KeyCode::Esc), long_ago).is_empty());
        assert_eq!(keys.waits(), Some(Duration::ZERO));
        assert_eq!(keys.release().map(|key| key.code), Some(KeyCode::Esc));
        assert_eq!(keys.waits(), None);
    }
}
