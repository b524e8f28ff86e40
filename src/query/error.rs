//! Query errors and their position.

use std::fmt;

use winnow::error::ParserError;
use winnow::stream::Location;

use super::input::Input;

/// A query that can't be parsed or evaluated, displayed as `column 7: unknown field 'hst' (did you
/// mean 'hostname'?)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    column: usize,
    message: String,
    hint: Option<String>,
}

impl QueryError {
    /// The column in characters, from 1; one past the end if something is missing there.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The message without column and hint. Safe to show.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead, if known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The message with its hint, for a screen that marks the column itself.
    pub fn explanation(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{} ({hint})", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "column {}: {}", self.column, self.explanation())
    }
}

impl std::error::Error for QueryError {}

/// An error during parsing, with its position in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    at: usize,
    message: String,
    hint: Option<String>,
}

impl SyntaxError {
    /// An error at byte offset `at`.
    pub fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }

    /// Adds what to write instead.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Converts the byte offset to a column of `text`, and makes the texts safe to show.
    pub fn in_text(self, text: &str) -> QueryError {
        let before = text.get(..self.at).unwrap_or(text);
        let visible = |message: String| crate::text::visible(&message).into_owned();
        QueryError {
            column: before.chars().count() + 1,
            message: visible(self.message),
            hint: self.hint.map(visible),
        }
    }
}

impl ParserError<Input<'_>> for SyntaxError {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        Self::new(input.current_token_start(), "unexpected input")
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}
