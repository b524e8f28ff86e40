//! Finds the parts of a value that the terms of a query match, to show why a row is selected.
//!
//! Negated terms match nothing, and neither do comparisons of ages, dates and numbers, states and
//! shared values: none of them is a part of a text.

#[cfg(test)]
mod tests;

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use super::Query;
use super::expression::{Expression, MacTest, Test, TextTest};
use super::key::Columns;
use super::mac::{MacDigits, any_notation};
use super::needle::Needle;
use super::normal::{folded, is_plain, normal};
use crate::domain::device::MacAddress;
use crate::list::{ColumnRef, DeviceList};

/// The longest part of a value that is searched, in bytes.
const SEARCHED: usize = 4096;

/// The tests of a query that match a part of a text, prepared for one list.
#[derive(Debug, Default)]
pub struct Highlights<'q> {
    /// Words that are searched in every text.
    anywhere: Vec<&'q Needle>,
    /// The tests of fields and columns.
    texts: Vec<(Vec<ColumnRef>, &'q [TextTest])>,
    digits: Vec<&'q MacDigits>,
    macs: Vec<&'q MacTest>,
}

impl<'q> Highlights<'q> {
    /// The tests of `query` that aren't negated.
    pub fn of(query: &'q Query, list: &DeviceList) -> Self {
        let mut found = Self::default();
        found.collect(&query.expression, list, false);
        found
    }

    fn collect(&mut self, expression: &'q Expression, list: &DeviceList, negated: bool) {
        match expression {
            Expression::And(parts) | Expression::Or(parts) => {
                for part in parts {
                    self.collect(part, list, negated);
                }
            }
            Expression::Not(inner) => self.collect(inner, list, !negated),
            Expression::Term(term) if !negated => match &term.test {
                Test::Anywhere { needle, mac } => {
                    self.anywhere.push(needle);
                    self.digits.extend(mac);
                }
                Test::Text(key, tests) => {
                    self.texts.push((Columns::of(key, list).into_refs(), tests));
                }
                Test::Mac(tests) => self.macs.extend(tests),
                _ => {}
            },
            Expression::All | Expression::Term(_) => {}
        }
    }

    /// True if no part of any value can be matched.
    pub fn is_empty(&self) -> bool {
        self.anywhere.is_empty() && self.texts.is_empty() && self.macs.is_empty()
    }

    /// True if a test names one of these columns.
    pub fn names(&self, columns: &[ColumnRef]) -> bool {
        self.tests_of(columns).next().is_some()
    }

    /// The tests that name one of these columns.
    fn tests_of(&self, columns: &[ColumnRef]) -> impl Iterator<Item = &'q [TextTest]> {
        let is_of = |named: &[ColumnRef]| columns.iter().any(|column| named.contains(column));
        let of_columns = self.texts.iter().filter(move |(named, _)| is_of(named));
        of_columns.map(|(_, tests)| *tests)
    }

    /// The matched parts of a value that is shown for `columns`, in bytes, in order and apart.
    pub fn in_text(&self, columns: &[ColumnRef], value: &str) -> Vec<Range<usize>> {
        let value = crate::text::head(value, SEARCHED);
        let mut parts = Vec::new();
        for needle in &self.anywhere {
            parts.extend(occurrences(needle, value));
        }
        for test in self.tests_of(columns).flatten() {
            match test {
                TextTest::Missing => {}
                TextTest::Contains(needle) => parts.extend(occurrences(needle, value)),
                TextTest::Equals(texts) => {
                    parts.extend(texts.has(value).then_some(0..value.len()));
                }
                TextTest::Matches(pattern) => {
                    parts.extend(in_form(value, &normal(value), |text| {
                        let found = pattern.0.find_iter(text);
                        found.map(|found| found.range()).collect()
                    }));
                }
            }
        }
        apart(parts)
    }

    /// The matched parts of an address in the notation that is shown, in bytes.
    pub fn in_mac(&self, mac: MacAddress) -> Vec<Range<usize>> {
        let of_field = self.macs.iter().filter_map(|test| match test {
            MacTest::Contains(digits) => Some(digits),
            _ => None,
        });
        let digits = self.digits.iter().copied().chain(of_field);
        let mut parts: Vec<Range<usize>> = digits.filter_map(|digits| digits.find(mac)).collect();
        let shown = mac.to_string();
        for test in &self.macs {
            match test {
                MacTest::Matches(pattern) => {
                    let before = parts.len();
                    parts.extend(pattern.0.find_iter(&shown).map(|found| found.range()));
                    // Found in a notation that isn't shown.
                    let is_elsewhere = |text: &str| pattern.0.is_match(text);
                    if parts.len() == before && any_notation(mac, is_elsewhere) {
                        parts.push(0..shown.len());
                    }
                }
                MacTest::OneOf(addresses) if addresses.binary_search(&mac.octets()).is_ok() => {
                    parts.push(0..shown.len());
                }
                MacTest::OneOf(_) | MacTest::Contains(_) | MacTest::Missing => {}
            }
        }
        apart(parts)
    }
}

/// Where the needle is in `value`.
fn occurrences(needle: &Needle, value: &str) -> Vec<Range<usize>> {
    if !needle.is_in(value) {
        return Vec::new();
    }
    let in_folded = |text: &str| {
        let found = text.match_indices(needle.folded());
        found.map(|(at, part)| at..at + part.len()).collect()
    };
    if is_plain(value) {
        return in_folded(&value.to_ascii_lowercase());
    }
    in_form(value, &folded(value), in_folded)
}

/// The parts of `value` that `find` finds in the form of it that is compared. All of it if the form
/// isn't that of its characters one by one.
fn in_form(value: &str, form: &str, find: impl Fn(&str) -> Vec<Range<usize>>) -> Vec<Range<usize>> {
    let found = find(form);
    if found.is_empty() || is_plain(value) {
        return found;
    }
    let is_folded = form == folded(value);
    // The ends of characters: in the form and in the value.
    let mut ends = vec![(0, 0)];
    let mut rebuilt = String::with_capacity(form.len());
    for (at, character) in value.grapheme_indices(true) {
        let part = if is_folded {
            folded(character)
        } else {
            normal(character).into_owned()
        };
        // A run of white space is one space.
        let is_further_space = rebuilt.ends_with(' ') && part.starts_with(' ');
        rebuilt.push_str(part.get(usize::from(is_further_space)..).unwrap_or(&part));
        ends.push((rebuilt.len(), at + character.len()));
    }
    if rebuilt != form {
        return std::iter::once(0..value.len()).collect();
    }
    let parts = found.into_iter().map(|part| {
        let before = ends.iter().rev().find(|(end, _)| *end <= part.start);
        let behind = ends.iter().find(|(end, _)| *end >= part.end);
        let start = before.map_or(0, |(_, at)| *at);
        start..behind.map_or(value.len(), |(_, at)| *at)
    });
    parts.collect()
}

/// The parts in order, those that touch as one.
fn apart(mut parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    parts.retain(|part| !part.is_empty());
    parts.sort_by_key(|part| part.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match apart.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => apart.push(part),
        }
    }
    apart
}
