//! Takes rows in the order in which they are read and folds those with the same HWID.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use jiff::Timestamp;

use super::date::{DayOrMonth, Order};
use super::draft::{DATE_FIELDS, Draft};
use super::error::ListError;
use super::field::{Differing, Field};
use super::problem::{Notice, Problem};
use super::store::{Full, Seconds, Store};
use crate::device::MacAddress;

/// A list while it is read.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub store: Store,
    pub by_hwid: HwidIndex,
    /// Rows folded into a device beyond its first.
    pub folded: Vec<FoldedRow>,
    /// What the rows of a device differ in, for devices whose rows do.
    pub differing: HashMap<u32, Differing>,
    /// Entries that can't be used.
    pub problems: BTreeMap<u32, Problem>,
    pub notices: Vec<Notice>,
    pub stamp: Option<Stamp>,
    /// All columns of the list, in the order in which they were met.
    pub columns: Vec<ListColumn>,
    /// The row that a reader fills in before it calls [`Builder::add`].
    pub draft: Draft,
    merged: Draft,
    open_dates: [Vec<(u32, DayOrMonth)>; 2],
    unreadable: [u64; 2],
}

/// A column of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListColumn {
    /// Its header, or its path in JSON with dots.
    pub header: String,
    /// The field that it is read as, if it is.
    pub field: Option<Field>,
}

/// Where a row is in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub offset: u64,
    pub line: u64,
}

/// A row that was folded into device `into`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FoldedRow {
    pub into: u32,
    pub place: Place,
}

/// What a list of our own says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    pub tenant: Option<Box<str>>,
    pub account: Option<Box<str>>,
    pub fetched_at: Option<Timestamp>,
}

/// Devices by their HWID; the HWIDs themselves are in the store.
#[derive(Debug, Default)]
pub(super) struct HwidIndex {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Builder {
    /// Adds the row that is in [`Builder::draft`], and empties it.
    pub fn add(&mut self, place: Place) -> Result<(), Full> {
        self.draft.settle();
        let hwid = self.draft.texts[0].as_str();
        let known = match self.draft.problem {
            None if !hwid.is_empty() => self.by_hwid.find(&self.store, hwid),
            _ => None,
        };
        let index = if let Some(index) = known {
            self.merged.load(&self.store, index);
            let differing = self.merged.merge(&self.draft);
            self.note_differing(index, differing);
            self.store.replace(index, &self.merged)?;
            if let Some(problem) = self.merged.problem {
                self.problems.insert(index, problem);
            }
            self.folded.push(FoldedRow { into: index, place });
            index
        } else {
            let index = self.store.push(&self.draft, place.offset, place.line)?;
            if let Some(problem) = self.draft.problem {
                self.problems.insert(index, problem);
            } else if !self.draft.texts[0].is_empty() {
                self.by_hwid.insert(&self.store, index);
            }
            index
        };
        for (which, open) in self.draft.open_dates.iter().enumerate() {
            self.open_dates[which].extend(open.map(|date| (index, date)));
            self.unreadable[which] += u64::from(self.draft.unreadable[which]);
        }
        self.draft.clear();
        Ok(())
    }

    /// Adds a row of which nothing can be used.
    pub fn add_unusable(&mut self, problem: Problem, place: Place) -> Result<(), Full> {
        self.draft.clear();
        self.draft.problem = Some(problem);
        self.add(place)
    }

    /// How many rows have been read.
    pub fn rows(&self) -> u64 {
        (self.store.len() + self.folded.len()) as u64
    }

    /// Decides the order of day and month in each column of dates, now that all of it is known.
    pub fn settle_dates(&mut self) {
        for (which, field) in DATE_FIELDS.into_iter().enumerate() {
            let dates = std::mem::take(&mut self.open_dates[which]);
            let proves = |order| dates.iter().any(|(_, date)| date.proves() == Some(order));
            let order = match (proves(Order::DayFirst), proves(Order::MonthFirst)) {
                (true, false) => Some(Order::DayFirst),
                (false, true) => Some(Order::MonthFirst),
                _ => None,
            };
            if order.is_none() && !dates.is_empty() {
                self.notices.push(Notice::DayOrMonth { field });
            }
            for (index, date) in dates {
                match order.map(|order| date.resolve(order)) {
                    Some(Some(seconds)) if which == 0 => self.store.see(index, seconds),
                    Some(Some(seconds)) => {
                        let kept = self.store.enrolled(index);
                        self.store.enrol(index, seconds);
                        if kept != Seconds::default() && kept != seconds {
                            let mut differing = Differing::default();
                            differing.add(Field::Enrolled);
                            self.note_differing(index, differing);
                        }
                    }
                    Some(None) => self.unreadable[which] += 1,
                    None => {}
                }
            }
            let count = self.unreadable[which];
            if count > 0 {
                self.notices.push(Notice::UnreadableDates { field, count });
            }
        }
    }

    /// Folds device `from` into device `into`; the caller drops `from`.
    pub fn fold(&mut self, from: u32, into: u32) -> Result<(), Full> {
        self.merged.load(&self.store, into);
        self.draft.load(&self.store, from);
        let differing = self.merged.merge(&self.draft);
        self.draft.clear();
        self.note_differing(into, differing);
        if let Some(earlier) = self.differing.remove(&from) {
            self.note_differing(into, earlier);
        }
        self.store.replace(into, &self.merged)?;
        if let Some(problem) = self.merged.problem {
            self.problems.insert(into, problem);
        }
        let place = Place {
            offset: self.store.block(from).offset(),
            line: self.store.line(from),
        };
        self.folded.push(FoldedRow { into, place });
        Ok(())
    }

    fn note_differing(&mut self, index: u32, differing: Differing) {
        if !differing.is_empty() {
            self.differing.entry(index).or_default().add_all(differing);
        }
    }

    /// The addresses of device `index` that can identify it.
    pub fn own_macs(&self, index: u32) -> impl Iterator<Item = MacAddress> + use<'_> {
        own_macs(&self.store, index)
    }
}

/// The addresses of device `index` that no driver hard-codes.
pub(super) fn own_macs(store: &Store, index: u32) -> impl Iterator<Item = MacAddress> + use<'_> {
    store
        .block(index)
        .macs()
        .filter(|mac| !mac.is_known_constant())
}

impl Draft {
    /// Takes over device `index`.
    fn load(&mut self, store: &Store, index: u32) {
        self.clear();
        let block = store.block(index);
        for (text, (_, kept)) in self.texts.iter_mut().zip(block.texts()) {
            text.push_str(kept);
        }
        for (column, kept) in block.others() {
            self.put_column(column, kept);
        }
        self.macs.extend(block.macs());
        self.issues = block.issues();
        self.seen = store.seen(index);
        self.enrolled = store.enrolled(index);
    }
}

impl HwidIndex {
    /// The device whose HWID is exactly `hwid`.
    pub fn find(&self, store: &Store, hwid: &str) -> Option<u32> {
        self.table
            .find(self.hasher.hash_one(hwid), |&index| {
                store.block(index).text(0) == hwid
            })
            .copied()
    }

    /// Gives every device in it its new index.
    pub fn renumber(&mut self, new: impl Fn(u32) -> u32) {
        for index in &mut self.table {
            *index = new(*index);
        }
    }

    /// Bytes held.
    pub fn memory_use(&self) -> usize {
        self.table.allocation_size()
    }

    fn insert(&mut self, store: &Store, index: u32) {
        let hasher = &self.hasher;
        let hash = |index: u32| hasher.hash_one(store.block(index).text(0));
        self.table
            .insert_unique(hash(index), index, |&other| hash(other));
    }
}

/// The arena is addressed with 32 bits.
pub(super) fn too_large(name: &str) -> ListError {
    ListError::TooLarge {
        name: name.into(),
        limit: "4 GiB of text",
    }
}
