//! The query language of the screen's filter, `--where` and `protect` rules.
//!
//! A query is parsed once ([`Query::parse`]; errors give a column), prepared for a list
//! ([`Matcher::new`]) and evaluated per device. It fails closed: a missing or unreadable value
//! never matches a comparison or its negation, so unknown data never selects a device.

mod age_band;
mod complete;
mod error;
mod explain;
mod expression;
pub mod facets;
mod groups;
mod haystack;
mod highlight;
mod input;
mod key;
mod lexer;
mod literal;
mod mac;
mod matcher;
mod needle;
mod normal;
mod parser;
mod rewrite;
mod state;
mod subject;
mod term;
#[cfg(test)]
mod tests;
mod totals;
mod value;

use std::collections::BTreeSet;

pub use age_band::AgeBand;
pub use complete::{Completion, Word, complete, is_incomplete, term_for};
pub use error::QueryError;
pub use explain::{Fact, Node, Part, age, sharing, whole_groups};
use expression::{Expression, Test};
pub use groups::is_distinctive_name;
pub use highlight::Highlights;
pub use key::{JoinedList, Key};
use matcher::ColumnScope;
pub use matcher::Matcher;
pub use rewrite::with_values;
pub use state::{NoStatus, State, StatusSource};
pub use totals::ListTotals;

use crate::list::{Device, DeviceList};

/// A summary of the grammar for `--help`, the help screen and `docs/queries.md`.
pub const GRAMMAR: &str = "\
word               in any text column; \"a phrase\" may have spaces
29:cd              a MAC in any notation, or a part, as 29cd.c7 or 000c29
field:text         contains the text; field:a,b one of them
field=text         is the text
field:/regex/      matches the regular expression
field:none         has no value
unseen>90d         not seen for longer; units min h d w mo (30 d) y (365 d)
seen>=2026-01-31   whole days in UTC, of seen and enrolled
issues>5           numbers; for ages, dates and numbers there are < <= >= >
@\"Its Header\":text the same of any other column of the list
is:marked          or repeated unusable protected held planned sending
                   accepted failed gone in-doubt not-sent returned
                   still-there
dup:hostname       shares it with another device of the list
stale:hostname     shares it and is not the one most recently seen
a b                both; a or b; not a, -a; ( ) for groups
fields             hostname nickname hwid mac serial asset domain ip os
                   type status severity group user agent issues seen
                   enrolled source
Case and Unicode form are ignored; of several values, any counts.
A missing value never matches a comparison or its negation.";

/// A parsed query. The default is the empty query, which matches everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    text: String,
    expression: Expression,
}

impl Query {
    /// Parses `text`. White space alone is the empty query, which matches everything.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        match parser::parse(text) {
            Ok(expression) => Ok(Self {
                text: text.to_owned(),
                expression,
            }),
            Err(mistake) => Err(mistake.in_text(text)),
        }
    }

    /// Checks that the query can be evaluated on `list`: the columns exist, the dates it compares
    /// are readable, and `states` knows the states it uses. Cheap; [`Matcher::new`] runs the same
    /// checks but also indexes shared values.
    pub fn check(&self, list: &DeviceList, states: &dyn StatusSource) -> Result<(), QueryError> {
        matcher::check(self, list, states, ColumnScope::Required(None))
    }

    /// The query that matches what this one and `term` match.
    pub fn with_term(&self, term: &str) -> Result<Self, QueryError> {
        let text = self.text.trim();
        let both = match self.expression {
            Expression::All => term.to_owned(),
            Expression::Or(_) => format!("({text}) {term}"),
            _ => format!("{text} {term}"),
        };
        Self::parse(&both)
    }

    /// The text as one term of another query.
    pub fn as_term(&self) -> String {
        match self.expression {
            Expression::And(_) | Expression::Or(_) => format!("({})", self.text.trim()),
            _ => self.text.trim().to_owned(),
        }
    }

    /// True for the empty query, which matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression == Expression::All
    }

    /// The source text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The states in the query that [`StatusSource`] has to answer.
    pub fn states(&self) -> BTreeSet<State> {
        let mut states = BTreeSet::new();
        self.expression
            .visit(&mut |term| states.extend(term.test.states()));
        states
    }

    /// The first word or phrase without a field, which is searched in every text column.
    pub fn bare_word(&self) -> Option<&str> {
        let mut bare = None;
        self.expression.visit(&mut |term| {
            if bare.is_none() && matches!(term.test, Test::Anywhere { .. }) {
                bare = Some(term.at);
            }
        });
        let rest = self.text.get(bare?..)?;
        let word = match rest.strip_prefix('"') {
            Some(phrase) => phrase.split('"').next(),
            None => rest.split([' ', '(', ')']).next(),
        };
        word.map(str::trim)
    }

    /// Each word and field term as a query of its own, without negation; each value of
    /// `field:a,b` separately. Shows which of them match no device.
    pub fn terms(&self) -> Vec<Self> {
        let tokens = lexer::tokens(&self.text).unwrap_or_default();
        let parts = tokens.iter().flat_map(|token| token.parts(&self.text));
        parts.filter_map(|part| Self::parse(&part).ok()).collect()
    }

    /// The fields and columns that the query reads: it can't be evaluated safely for a device that
    /// lacks one of them. A bare word searches all texts and contributes no key.
    pub fn keys(&self) -> BTreeSet<Key> {
        let mut keys = BTreeSet::new();
        self.expression
            .visit(&mut |term| keys.extend(term.test.keys()));
        keys
    }

    /// The text values that `key` reads from the device; none for numbers and dates.
    pub fn texts<'d>(key: &Key, list: &DeviceList, device: &Device<'d>) -> Vec<&'d str> {
        key::Columns::of(key, list).texts(device)
    }
}
