//! Reassembles escape sequences that a slow connection split into single keys.
//!
//! On a slow line an escape sequence can be split at any byte. What comes then is a lone `Esc` and
//! the rest of the sequence as keys, which would be obeyed as keys. So a lone `Esc` is held for a
//! moment, and what follows it as a sequence is thrown away whole, however slowly its bytes come; if
//! it began a paste, so is everything until the paste's end. An `Esc` that was given out already
//! can turn out to begin a sequence, too. A line that splits sequences has the next `Esc` held
//! longer.
//!
//! The terminal's reply to the question whether a frame has arrived is such a sequence. While it is
//! awaited, an `Esc` is held as long as on the slowest line.
//!
//! A paste that holds its own end mark goes on as keys. So whatever follows a paste without a moment
//! of silence is thrown away too.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// How long a lone `Esc` is held, on a line that hasn't split a sequence.
const HOLD: Duration = Duration::from_millis(100);
/// How long it is held at most.
const LONGEST_HOLD: Duration = Duration::from_secs(2);
/// How long a line counts as slow after it has split a sequence.
const SLOW: Duration = Duration::from_secs(300);
/// How late the next byte of a sequence may come.
const LATEST: Duration = Duration::from_secs(3);
/// How long after the question an `Esc` may begin the reply.
const REPLY: Duration = Duration::from_secs(10);
/// A paste without an end is over after this much silence.
const SILENCE: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub(in crate::tui) struct EscapeSequenceFilter {
    state: State,
    /// The longest time between two bytes of a sequence, and when the last one was split.
    gap: Option<(Duration, Instant)>,
    /// Until when a reply is awaited.
    reply_until: Option<Instant>,
    has_reply: bool,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Plain,
    /// An `Esc` that came then.
    Held(KeyEvent, Instant),
    /// An `Esc` that came then and was given out.
    Released(Instant),
    /// An `O` behind such an `Esc`: a letter, or within the sequence of a function key.
    HeldLetter(KeyEvent, Instant),
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
            KeyCode::Char(character) if is_plain(&key) => Some(character),
            _ => None,
        };
        match std::mem::take(&mut self.state) {
            State::Plain if is_escape => {
                self.state = State::Held(key, now);
                Vec::new()
            }
            State::Plain => vec![key],
            State::Held(escape, since) => {
                if now - since < self.hold(now) && matches!(character, Some('[' | 'O')) {
                    self.notice(since, now);
                    self.state = State::Sequence(String::new(), now);
                    return Vec::new();
                }
                self.state = State::Released(since);
                let mut keys = vec![escape];
                keys.extend(self.feed(key, now));
                keys
            }
            State::Released(since) => match character.filter(|_| now - since < LATEST) {
                Some('[') => {
                    self.notice(since, now);
                    self.state = State::Sequence(String::new(), now);
                    Vec::new()
                }
                Some('O') => {
                    self.state = State::HeldLetter(key, now);
                    Vec::new()
                }
                _ => self.feed(key, now),
            },
            State::HeldLetter(letter, since) => {
                if now - since < LONGEST_HOLD && character.is_some_and(is_function_key) {
                    self.notice(since, now);
                    return Vec::new();
                }
                let mut keys = vec![letter];
                keys.extend(self.feed(key, now));
                keys
            }
            State::Sequence(text, since) => self.feed_sequence(key, character, text, since, now),
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

    fn feed_sequence(
        &mut self,
        key: KeyEvent,
        character: Option<char>,
        mut text: String,
        since: Instant,
        now: Instant,
    ) -> Vec<KeyEvent> {
        let is_part = |character: &char| (' '..='~').contains(character) && now - since < LATEST;
        let Some(character) = character.filter(is_part) else {
            return self.feed(key, now);
        };
        self.notice(since, now);
        // The Linux console sends a second bracket for f1 to f5.
        let is_second_bracket = character == '[' && text.is_empty();
        text.push(character);
        match character {
            'n' if text == "0n" => {
                self.has_reply = true;
                self.reply_until = None;
            }
            '@'..='~' if text == "200~" => self.state = State::Paste(now),
            '@'..='~' if !is_second_bracket => {}
            _ => self.state = State::Sequence(text, now),
        }
        Vec::new()
    }

    /// The terminal was asked now: what it replies is no key.
    pub(in crate::tui) fn expect_reply(&mut self, now: Instant) {
        self.reply_until = Some(now + REPLY);
    }

    /// True once for each reply.
    pub(in crate::tui) fn take_reply(&mut self) -> bool {
        std::mem::take(&mut self.has_reply)
    }

    /// A paste came, whole as it seems.
    pub(in crate::tui) fn pasted(&mut self, now: Instant) {
        self.state = State::Paste(now);
    }

    /// How long to wait from now on before [`release`](Self::release), if something is held.
    pub(in crate::tui) fn waits(&self, now: Instant) -> Option<Duration> {
        let (hold, since) = match &self.state {
            State::Held(_, since) => (self.hold(*since), *since),
            State::HeldLetter(_, since) => (LONGEST_HOLD, *since),
            _ => return None,
        };
        Some(hold.saturating_sub(now.saturating_duration_since(since)))
    }

    /// The key that was held for long enough.
    pub(in crate::tui) fn release(&mut self, now: Instant) -> Option<KeyEvent> {
        if self.waits(now)? > Duration::ZERO {
            return None;
        }
        match std::mem::take(&mut self.state) {
            State::Held(escape, since) => {
                self.state = State::Released(since);
                Some(escape)
            }
            State::HeldLetter(letter, _) => Some(letter),
            _ => None,
        }
    }

    /// How long an `Esc` is held that came then.
    fn hold(&self, now: Instant) -> Duration {
        if self.reply_until.is_some_and(|until| now < until) {
            return LONGEST_HOLD;
        }
        match self.gap {
            Some((gap, seen)) if now.saturating_duration_since(seen) < SLOW => {
                (gap * 4).clamp(HOLD, LONGEST_HOLD)
            }
            _ => HOLD,
        }
    }

    /// A sequence was split between these two moments.
    fn notice(&mut self, since: Instant, now: Instant) {
        let longest = self.gap.map_or(Duration::ZERO, |(gap, _)| gap);
        self.gap = Some((longest.max(now - since), now));
    }
}

/// True for a key without ctrl and alt.
fn is_plain(key: &KeyEvent) -> bool {
    let modified = KeyModifiers::CONTROL | KeyModifiers::ALT;
    !key.modifiers.intersects(modified)
}

/// True for what ends the sequence of a function or arrow key that begins with `O`.
fn is_function_key(character: char) -> bool {
    matches!(character, 'A'..='D' | 'F' | 'H' | 'M' | 'P'..='S')
}

#[cfg(test)]
mod tests;
