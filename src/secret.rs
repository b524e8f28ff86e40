//! The one type that holds a secret.
//!
//! A token travels in a URL and a client secret in a form body, so both are one careless `{}`
//! away from a log. [`Secret`] has no `Display`, prints as `Secret(…)` with `Debug`, and its
//! memory is wiped on drop.

mod escapes;
mod redactor;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

pub use redactor::Redactor;

/// A credential: an access token or a client secret.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes `text` as a secret. One trailing line break is dropped, since files and commands
    /// end their output with one.
    pub fn new(mut text: String) -> Self {
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        Self(SecretString::from(text))
    }

    /// The secret itself, for the one place that puts it on the wire.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// True when there is nothing in it, which is always a configuration mistake.
    pub fn is_empty(&self) -> bool {
        self.expose().trim().is_empty()
    }
}

/// So that what carries a secret can be compared in tests.
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
