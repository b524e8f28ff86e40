//! The filter language: what the screen's filter, `--where` and `protect` understand.
//!
//! A query is parsed once, with an error that points at the column of the mistake, then prepared
//! for a list and asked of each device. It fails closed: a missing or unreadable value matches no
//! comparison, nor its negation, so that nothing is selected because something isn't known.

mod complete;
mod error;
mod expression;
mod groups;
mod haystack;
mod input;
mod key;
mod lexer;
mod mac;
mod matcher;
mod needle;
mod normal;
mod parser;
mod state;
mod subject;
mod term;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;

pub use complete::{Completion, complete};
pub use error::QueryError;
use expression::{Expression, Test};
pub use key::{Beside, Key};
pub use matcher::Matcher;
pub use state::{NoStatus, State, States};

use crate::list::{Device, DeviceList};

/// The language in a few lines, for `--help`, the help screen and `docs/queries.md`.
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
is:marked          or repeated unusable protected planned sending accepted
                   failed gone in-doubt not-sent
dup:hostname       shares it with another device of the list
stale:hostname     shares it and is not the one most recently seen
a b                both; a or b; not a, -a; ( ) for groups
fields             hostname nickname hwid mac serial asset domain ip os
                   type status severity group user agent issues seen
                   enrolled source
Case and Unicode form are ignored; of several values, any counts.
A missing value matches no comparison, nor its negation.";

/// A query that parses. The default is the empty one, which matches everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    text: String,
    expression: Expression,
}

impl Query {
    /// Parses `text`; nothing but spaces is the empty query, which matches everything.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        match parser::parse(text) {
            Ok(expression) => Ok(Self {
                text: text.to_owned(),
                expression,
            }),
            Err(mistake) => Err(mistake.in_text(text)),
        }
    }

    /// Whether it can be asked of `list`: its columns of dates can be read, and the caller knows
    /// the states it asks for. Costs nothing to speak of, unlike [`Matcher::new`], which checks
    /// the same.
    pub fn check(&self, list: &DeviceList, states: &dyn States) -> Result<(), QueryError> {
        matcher::check(
            &self.expression,
            list,
            states,
            matcher::Columned::LookupKey(None),
        )
        .map_err(|mistake| mistake.in_text(&self.text))
    }

    /// True when it matches everything because nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.expression == Expression::All
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The states that it asks for and that the list doesn't know by itself.
    pub fn states(&self) -> BTreeSet<State> {
        let mut states = BTreeSet::new();
        self.expression
            .visit(&mut |term| states.extend(term.test.states()));
        states
    }

    /// The first word or phrase that names no field and is looked for in every text column.
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

    /// The fields and columns whose values decide: a device that lacks one of them can't be judged
    /// safely. A bare word, which looks into all texts, reads none in particular.
    pub fn keys(&self) -> BTreeSet<Key> {
        let mut keys = BTreeSet::new();
        self.expression
            .visit(&mut |term| keys.extend(term.test.keys()));
        keys
    }

    /// The values of the device that `key` reads, those that are kept as texts.
    pub fn texts<'d>(key: &Key, list: &DeviceList, device: &Device<'d>) -> Vec<&'d str> {
        key::Columns::of(key, list).texts(device)
    }
}
