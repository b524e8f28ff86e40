//! The masked field for a new token.

use std::fmt;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;

use crate::domain::run::RunId;
use crate::platform::clock::BootTime;
use crate::secret::Secret;

/// A token is being typed or pasted. Its text is never shown, and wiped in the end.
#[derive(Clone)]
pub struct TokenEntry {
    /// The run that waits for it.
    pub run: RunId,
    /// How many devices the run has left.
    pub left: u64,
    /// What was wrong with the last try.
    pub complaint: Option<&'static str>,
    text: Zeroizing<String>,
    /// From then on it listens: what is typed ahead isn't meant for it.
    listens_from: Option<BootTime>,
}

/// Longer than any token in the field; a text that doesn't grow leaves no copy behind.
const CAPACITY: usize = 8192;
/// How long it is on the screen before it listens.
const ARMING: Duration = Duration::from_millis(500);

impl TokenEntry {
    /// An empty field.
    pub fn new(run: RunId, left: u64) -> Self {
        Self {
            run,
            left,
            complaint: None,
            text: Zeroizing::new(String::with_capacity(CAPACITY)),
            listens_from: None,
        }
    }

    /// The field is on the screen.
    pub fn drawn(&mut self, now: BootTime) {
        self.listens_from.get_or_insert(now + ARMING);
    }

    /// True if a key at this moment is heard.
    pub fn listens(&self, now: BootTime) -> bool {
        self.listens_from.is_some_and(|from| now >= from)
    }

    /// Text was typed or pasted. Line breaks and other control characters are no part of a token.
    pub fn add(&mut self, text: &str) {
        self.complaint = None;
        for character in text.chars().filter(|character| !character.is_control()) {
            if self.text.len() + character.len_utf8() <= CAPACITY {
                self.text.push(character);
            }
        }
    }

    /// The last character is taken back.
    pub fn backspace(&mut self) {
        self.text.pop();
    }

    /// How many characters there are; all that is ever shown of them.
    pub fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// The token, if there is one.
    pub fn token(&self) -> Option<Secret> {
        let secret = Secret::new(self.text.trim().to_owned());
        (!secret.is_empty()).then_some(secret)
    }
}

impl fmt::Debug for TokenEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenEntry")
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}
