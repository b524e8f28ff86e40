//! The filter language: what the screen's filter and `--where` understand.
//!
//! A query is parsed once, with an error that points at the column of the mistake, and then asked
//! of each device. It fails closed: a missing or unreadable value matches no comparison, nor its
//! negation.

use crate::list::Field;

mod lexer;
mod matcher;
mod parser;
#[cfg(test)]
mod tests;

pub use matcher::Matcher;

/// The language in a few lines, for `--help`, the help screen and the README.
pub const GRAMMAR: &str = "\
word                 in any text column; \"a phrase\" with spaces
a MAC in any notation, or two hex pairs of one (29:cd), is looked for as that
field:text           the field contains the text; field:a,b any of them
field=text           the field is the text
field:none           the field has no value
unseen>90d           not seen for longer than; units min h d w mo y
seen>=2026-01-31     dates, UTC; enrolled too, with < <= > >= =
issues>5             numbers, with < <= > >= =
a b                  both; a or b; not a, -a; ( ) for groups
fields: hostname nickname hwid mac ip os type status severity group user agent issues seen enrolled";

/// A query that parses.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: String,
    expression: Expression,
}

/// What is wrong with a query, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct QueryError {
    /// The column of the mistake, in characters from 1.
    pub column: usize,
    /// What is wrong, with what is allowed.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Expression {
    /// Matches everything.
    All,
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Term(Term),
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    /// In any text column, or, when the word is one or part of one, as a MAC.
    Anywhere {
        needle: Needle,
        mac: Option<Vec<u8>>,
    },
    /// The field contains any of these.
    Contains(Field, Vec<Needle>),
    /// The field is any of these.
    Equals(Field, Vec<Needle>),
    /// Some MAC of the device contains these octets.
    Octets(Vec<Vec<u8>>),
    /// The field has no value.
    Missing(Field),
    /// The number of issues.
    Issues(Comparison, i64),
    /// A date, in epoch seconds: the day from the first to before the second.
    Date(Field, Comparison, (i64, i64)),
    /// Not seen for this long, in seconds.
    Unseen(Comparison, i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
}

/// A text that is looked for, whatever its case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Needle {
    lower: String,
}

impl Query {
    /// Parses `text`; nothing but spaces is the empty query, which matches everything.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        Ok(Self {
            text: text.to_owned(),
            expression: parser::parse(text)?,
        })
    }

    /// True when it matches everything because nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.expression == Expression::All
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Default for Query {
    fn default() -> Self {
        Self {
            text: String::new(),
            expression: Expression::All,
        }
    }
}
