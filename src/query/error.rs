//! What is wrong with a query, and where.

use std::fmt;

use winnow::error::ParserError;
use winnow::stream::Location;

use super::input::Input;

/// A mistake in a query. It is shown as `column 7: unknown field 'hst' (did you mean 'hostname'?)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    column: usize,
    message: String,
    hint: Option<String>,
}

impl QueryError {
    /// The column of the mistake, in characters from 1; one past the end when something is missing
    /// there.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong, safe to show.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead, where that can be guessed.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The message with the hint, for where the column is pointed at.
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

/// A mistake while it is found: its place is still in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    at: usize,
    message: String,
    hint: Option<String>,
}

impl Mistake {
    /// A mistake at byte `at`.
    pub fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }

    /// The same, with what to write instead.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// With its column in `text`.
    pub fn in_text(self, text: &str) -> QueryError {
        let before = text.get(..self.at).unwrap_or(text);
        QueryError {
            column: before.chars().count() + 1,
            message: self.message,
            hint: self.hint,
        }
    }
}

impl ParserError<Input<'_>> for Mistake {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        Self::new(input.current_token_start(), "this can't be read")
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}
