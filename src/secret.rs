//! The type of all secrets.
//!
//! Tokens are sent in URLs and client secrets in form bodies, so a `{}` could easily write them to a
//! log. [`Secret`] has no `Display`, prints `Secret(…)` with `Debug`, and is wiped from memory on drop.

mod decodings;
mod escapes;
mod redactor;
mod squeezed;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

pub use redactor::Redactor;

/// A credential: an access token or a client secret.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Creates a secret from `text` without one trailing line break, since files and commands end with
    /// one.
    pub fn new(mut text: String) -> Self {
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        Self(SecretString::from(text))
    }

    /// The secret in plain text, only for sending it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// True if it is empty, which is always a configuration error.
    pub fn is_empty(&self) -> bool {
        self.expose().trim().is_empty()
    }
}

/// Allows tests to compare values that contain a secret.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_is_redacted() {
        let secret = Secret::new("hunter2-canary".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(format!("{:?}", Some(&secret)), "Some(Secret(…))");
    }

    #[test]
    fn one_trailing_line_break_is_dropped() {
        assert_eq!(Secret::new("a\n".into()).expose(), "a");
        assert_eq!(Secret::new("a\r\n".into()).expose(), "a");
        assert_eq!(Secret::new("a\n\n".into()).expose(), "a\n");
        assert_eq!(Secret::new(" a ".into()).expose(), " a ");
    }
}
