//! The overview of the shown devices: how many have each value, beside the whole list.
//!
//! Counting runs off the drawing thread: [`Overview::request`] says what is to be counted, and the
//! counts that are shown stay until the new ones arrive.

use std::sync::Arc;

use crate::list::{DeviceId, DeviceList};
use crate::query::facets::{Count, Facets, OVERVIEW_FIELDS, Suggestions};
use crate::query::{Key, StatusSource};
use crate::tui::screens::devices::marks::Marks;

/// The numbered values of one list.
#[derive(Debug)]
pub struct Index {
    /// The fields that are shown.
    pub facets: Facets,
    /// Queries that are worth a look.
    pub suggestions: Suggestions,
}

/// A list has one index.
impl PartialEq for Index {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Index {
    /// Reads the list once. The states of devices are those of `states` at this time.
    pub fn of(list: &DeviceList, states: &dyn StatusSource) -> Self {
        let keys: Vec<Key> = OVERVIEW_FIELDS.iter().copied().map(Key::Field).collect();
        Self {
            facets: Facets::of(list, &keys),
            suggestions: Suggestions::of(list, states),
        }
    }

    pub fn count(&self, rows: &[DeviceId], marks: &Marks) -> Counts {
        let suggestions = self.suggestions.count(rows).into_iter();
        Counts {
            all_marked: false,
            values: self.facets.count(rows, |id| marks.contains(id)),
            suggestions: suggestions
                .map(|found| Suggestion {
                    heading: found.heading,
                    query: found.query.to_owned(),
                    shown: found.shown,
                })
                .collect(),
        }
    }
}

/// How many of the shown rows have each value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// For each facet, one count per value.
    pub values: Vec<Vec<Count>>,
    /// The suggestions that select a shown row.
    pub suggestions: Vec<Suggestion>,
    /// Every shown row is marked that can be sent, so that the marked share of each value says nothing.
    pub all_marked: bool,
}

/// A query that is worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub heading: &'static str,
    /// The query that selects them.
    pub query: String,
    /// The shown rows that it selects.
    pub shown: u32,
}

/// Up to this many rows are counted before anyone could read that they are.
const AT_ONCE: usize = 100_000;

/// What the counts depend on: the search that found the rows, and the changes of marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedRows {
    /// The search that found the shown rows.
    pub search_id: u64,
    /// How often marks have changed.
    pub mark_changes: u64,
}

#[derive(Debug, Default)]
pub struct Overview {
    /// The panel is shown beside the table, where there is room for it.
    pub is_open: bool,
    /// The values of the open list, once read.
    pub index: Option<Arc<Index>>,
    pub counts: Counts,
    /// What the shown counts are of.
    counted: Option<CountedRows>,
    is_counting: bool,
    /// The term that the panel added to the filter last, so that a further value can join it.
    pub added: Option<AddedTerm>,
}

/// A term of the filter that the panel wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedTerm {
    pub facet: usize,
    pub values: Vec<usize>,
}

impl Overview {
    pub fn new(is_open: bool) -> Self {
        Self {
            is_open,
            ..Self::default()
        }
    }

    /// True while the shown counts are of other rows than the table, of which there are so many that
    /// this lasts.
    pub fn is_counting(&self, rows: usize) -> bool {
        self.index.is_none() || self.is_counting && rows > AT_ONCE
    }

    /// True if these rows are to be counted now: never two counts at once.
    pub fn request(&mut self, rows: CountedRows) -> bool {
        let is_due = !self.is_counting && self.counted != Some(rows);
        self.is_counting |= is_due;
        is_due
    }

    pub fn on_counted(&mut self, rows: CountedRows, index: Arc<Index>, counts: Counts) {
        self.is_counting = false;
        self.counted = Some(rows);
        self.index = Some(index);
        self.counts = counts;
    }

    /// The states of devices have changed, or another list is open: the values are read again.
    pub fn invalidate(&mut self) {
        self.index = None;
        self.counted = None;
        self.added = None;
    }

    /// Another list is open: an answer that is on its way won't arrive.
    pub fn reset(&mut self) {
        self.invalidate();
        self.counts = Counts::default();
        self.is_counting = false;
    }
}
