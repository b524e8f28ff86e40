//! Facets: how many of the shown and marked rows have each value of a field.
//!
//! [`Facets::of`] reads a list once and numbers the values of each field, two or four bytes per
//! row and field. [`Facets::count`] then counts any set of rows in one pass over those numbers.
//! Every value has a query that selects exactly its rows.

mod dictionary;
mod form;
mod query_text;
mod suggestions;
#[cfg(test)]
mod tests;

pub use dictionary::Count;
use dictionary::Dictionary;
use form::Form;
pub use suggestions::{SuggestionCount, Suggestions, suggested};

use super::Key;
use crate::list::{DeviceId, DeviceList, Field};

/// The fields that an overview shows if none is named.
pub const OVERVIEW_FIELDS: [Field; 7] = [
    Field::Seen,
    Field::Status,
    Field::Type,
    Field::Group,
    Field::Os,
    Field::Agent,
    Field::Severity,
];

/// The values of some fields of a list.
#[derive(Clone, Debug)]
pub struct Facets {
    facets: Vec<Facet>,
}

/// The values of one field and the rows that have them.
///
/// Values are numbered from 0 in the order of display: ages and years by time, other values by
/// the number of their rows and then by name, and the missing value last.
#[derive(Clone, Debug)]
pub struct Facet {
    key: Key,
    form: Form,
    dictionary: Dictionary,
}

/// The most frequent values of a facet, and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Top {
    /// The numbers of the values, in display order.
    pub values: Vec<usize>,
    /// The number of further values.
    pub more: usize,
}

impl Facets {
    /// Reads the values of `keys`. A column that the list lacks, or whose header can't be written
    /// in a query, has no facet.
    pub fn of(list: &DeviceList, keys: &[Key]) -> Self {
        let facets = keys.iter().filter_map(|key| Facet::of(list, key));
        Self {
            facets: facets.collect(),
        }
    }

    /// The keys that have a facet: all fields, then the list's other columns.
    pub fn keys(list: &DeviceList) -> Vec<Key> {
        let mut keys: Vec<Key> = Field::ALL.map(Key::Field).into();
        let mut headers: Vec<&str> = Vec::new();
        for column in list.other_columns() {
            let header = list.header(column);
            let is_known = |other: &&str| list.find_columns(other) == list.find_columns(header);
            if !headers.iter().any(is_known)
                && Form::of(&Key::Column(header.into()), list).is_some()
            {
                headers.push(header);
            }
        }
        keys.extend(headers.into_iter().map(|header| Key::Column(header.into())));
        keys
    }

    /// The facets, in the order of the keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Facet> {
        self.facets.iter()
    }

    /// Counts the rows `shown` by value: for each facet, one count per value.
    pub fn count(
        &self,
        shown: &[DeviceId],
        is_marked: impl Fn(DeviceId) -> bool,
    ) -> Vec<Vec<Count>> {
        let marked: Vec<bool> = shown.iter().map(|&id| is_marked(id)).collect();
        let facets = self.facets.iter();
        facets
            .map(|facet| facet.dictionary.count(shown, &marked))
            .collect()
    }
}

impl Facet {
    /// The facet of one key.
    pub fn of(list: &DeviceList, key: &Key) -> Option<Self> {
        let form = Form::of(key, list)?;
        let dictionary = Dictionary::of(list, key, form);
        Some(Self {
            key: key.clone(),
            form,
            dictionary,
        })
    }

    /// The field or column.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The heading. Not safe to show for a column.
    pub fn heading(&self) -> &str {
        match &self.key {
            Key::Field(field) => field.heading(),
            Key::Column(header) => header,
        }
    }

    /// True if day and month of this list's dates are ambiguous. The facet then has no values,
    /// since no query could select them.
    pub fn is_undecided(&self) -> bool {
        self.form == Form::Undecided
    }

    /// The number of values, counting the missing value.
    pub fn len(&self) -> usize {
        self.dictionary.len()
    }

    /// True without any value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value as text, `none` for the missing value. Not safe to show.
    pub fn label(&self, value: usize) -> &str {
        match self.dictionary.text(value) {
            None if self.key == Key::Field(Field::Seen) => "never/unknown",
            None => "none",
            Some(text) => text,
        }
    }

    /// True for the value of rows that have none.
    pub fn is_missing(&self, value: usize) -> bool {
        self.dictionary.is_missing(value)
    }

    /// The number of rows of the whole list that have the value. A row with several values counts
    /// for each of them.
    pub fn total(&self, value: usize) -> u32 {
        self.totals().get(value).copied().unwrap_or(0)
    }

    /// True if the row has the value.
    pub fn has(&self, id: DeviceId, value: usize) -> bool {
        self.dictionary.has(id, value)
    }

    /// The first `most` values and the number of others. The missing value is always among them,
    /// in addition to `most`; ages and years are never cut.
    pub fn top(&self, most: usize) -> Top {
        let is_shown = |value: usize| {
            value < most || self.is_missing(value) || matches!(self.form, Form::Ages | Form::Years)
        };
        let values: Vec<usize> = (0..self.len()).filter(|&value| is_shown(value)).collect();
        Top {
            more: self.len() - values.len(),
            values,
        }
    }

    /// The rows of the whole list by value, for a histogram: the sum of all is the number of rows
    /// if none has several values.
    pub fn totals(&self) -> &[u32] {
        self.dictionary.totals()
    }

    /// The totals in the order of time; none if the values are not spans of time. Rows without a value aren't
    /// counted.
    pub fn histogram(&self) -> Option<&[u32]> {
        let ordered = matches!(self.form, Form::Ages | Form::Years);
        let missing = usize::from(
            self.len()
                .checked_sub(1)
                .is_some_and(|last| self.is_missing(last)),
        );
        ordered.then(|| &self.totals()[..self.len() - missing])
    }

    /// The query that selects exactly the rows with the value; `None` if it can't be written, as
    /// for a text too long for a regular expression.
    pub fn query(&self, value: usize) -> Option<String> {
        self.query_any(&[value])
    }

    /// The query that selects exactly the rows with at least one of `values`: one term with
    /// several values if possible, else alternatives in parentheses. `None` without any value.
    pub fn query_any(&self, values: &[usize]) -> Option<String> {
        query_text::any_of(&self.key, self.form, &self.dictionary, values)
    }

    /// The term that excludes the rows with the value. Like every negation it also leaves out rows
    /// without a value, except for the missing value.
    pub fn exclusion(&self, value: usize) -> Option<String> {
        let query = self.query(value)?;
        let has_several_terms = super::Query::parse(&query).ok()?.terms().len() > 1;
        Some(if has_several_terms {
            format!("-({query})")
        } else {
            format!("-{query}")
        })
    }
}
