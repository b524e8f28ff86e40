//! A query as a tree of terms.

use std::ops::Range;

use regex::Regex;

use super::key::Key;
use super::mac::MacDigits;
use super::needle::{ExactTexts, Needle};
use super::state::State;
use crate::list::Field;

/// A query or subquery.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Expression {
    /// Matches everything.
    #[default]
    All,
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Term(Term),
}

/// One test and its position in the query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    /// Byte offset in the query text.
    pub at: usize,
    pub test: Test,
}

/// A test of one device.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// Some text contains the word, or a MAC address contains it if it is a whole or partial
    /// address.
    Anywhere {
        needle: Needle,
        mac: Option<MacDigits>,
    },
    Text(Key, Vec<TextTest>),
    /// Some MAC address is one of these.
    Mac(Vec<MacTest>),
    /// A number or a date is missing.
    Missing(Field),
    /// The number of issues.
    Issues(Comparison, u64),
    /// A date against a day, in epoch seconds.
    Date(Field, Comparison, Range<i64>),
    /// Not seen for this long, in seconds.
    Unseen(Comparison, i64),
    /// In one of these states.
    Is(Vec<State>),
    /// Shares the field's value with another device.
    Duplicate(Key),
    /// Shares the field's value and is not the most recently seen.
    Stale(Key),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TextTest {
    Missing,
    Contains(Needle),
    Equals(ExactTexts),
    Matches(Pattern),
}

/// A test of the MAC addresses.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum MacTest {
    Missing,
    /// Octets of whole addresses, in order. There may be thousands: those of a ticket, or of a run.
    OneOf(Vec<[u8; 6]>),
    Contains(MacDigits),
    Matches(Pattern),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

/// A compiled regular expression, compared by its source text.
#[derive(Clone, Debug)]
pub(super) struct Pattern(pub Regex);

impl Expression {
    /// Calls `see` for every term, in query order.
    pub fn visit(&self, see: &mut dyn FnMut(&Term)) {
        match self {
            Self::All => {}
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.visit(see);
                }
            }
            Self::Not(inner) => inner.visit(see),
            Self::Term(term) => see(term),
        }
    }
}

impl Test {
    /// The fields and columns that the test reads; none for a bare word.
    pub fn keys(&self) -> impl Iterator<Item = Key> + use<> {
        let keys = match self {
            Self::Anywhere { .. } | Self::Is(_) => [None, None],
            Self::Text(key, _) | Self::Duplicate(key) => [Some(key.clone()), None],
            Self::Missing(field) | Self::Date(field, ..) => [Some(Key::Field(*field)), None],
            Self::Mac(_) => [Some(Key::Field(Field::Mac)), None],
            Self::Issues(..) => [Some(Key::Field(Field::Issues)), None],
            Self::Unseen(..) => [Some(Key::Field(Field::Seen)), None],
            Self::Stale(key) => [Some(key.clone()), Some(Key::Field(Field::Seen))],
        };
        keys.into_iter().flatten()
    }

    /// The fields that the test reads.
    pub fn fields(&self) -> impl Iterator<Item = Field> + use<> {
        self.keys().filter_map(|key| match key {
            Key::Field(field) => Some(field),
            Key::Column(_) => None,
        })
    }

    /// The states that [`StatusSource`](super::StatusSource) has to answer.
    pub fn states(&self) -> impl Iterator<Item = State> + '_ {
        let states = match self {
            Self::Is(states) => states.as_slice(),
            _ => &[],
        };
        states.iter().copied().filter(|state| !state.is_of_list())
    }
}

impl Comparison {
    /// True if the comparison holds for `left` and `right`.
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }

    /// True if the comparison holds for the time `second` and all of `day`.
    pub fn holds_for_day(self, second: i64, day: &Range<i64>) -> bool {
        match self {
            Self::Less => second < day.start,
            Self::AtMost => second < day.end,
            Self::Equal => day.contains(&second),
            Self::AtLeast => second >= day.start,
            Self::More => second >= day.end,
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}
