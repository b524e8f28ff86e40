//! Takes rows in the order in which they are read and folds those with the same HWID.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use jiff::Timestamp;

use super::column::Column;
use super::dates::{Date, DateOrder, OpenDate};
use super::draft::{DateNote, Draft};
use super::field::{Differing, Field};
use super::headers::Meaning;
use super::headers::Role;
use super::inspect::Findings;
use super::problem::{Notice, Problem};
use super::seconds::Seconds;
use super::store::{Full, Store};
use super::{ColumnId, ReadOptions, cells, values};
use crate::domain::device::MacAddress;

/// After so many rows, the number of devices is estimated from the size of the source.
const SAMPLE_ROWS: usize = 1024;
/// More devices are not made room for at once, since an estimate can be wrong.
const MOST_EXPECTED: u64 = 8 << 20;

/// A list while it is read.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub options: ReadOptions,
    pub store: Store,
    pub by_hwid: HwidIndex,
    /// Rows folded into a device beyond its first.
    pub folded: Vec<FoldedRow>,
    /// Entries that were folded into another once all rows were read, with that other entry.
    pub moved: HashMap<u32, u32>,
    /// What the rows of a device differ in, for devices whose rows do.
    pub differing: HashMap<u32, Differing>,
    /// Entries that can't be used.
    pub problems: BTreeMap<u32, Problem>,
    /// HWIDs that entries name which can't be used.
    pub claims: Vec<(u32, Box<str>)>,
    /// Entries with the HWID of another entry and another host name, by that other entry.
    pub namesakes: BTreeMap<u32, Vec<u32>>,
    pub notices: Vec<Notice>,
    pub stamp: Option<Stamp>,
    /// All columns of the list, in the order in which they were met.
    pub columns: Vec<Column>,
    /// What was found out about the list as a whole, for the reading report.
    pub findings: Findings,
    /// Bytes of the whole source.
    pub source_size: u64,
    /// No device can have been seen after this time.
    pub horizon: Seconds,
    /// True for cells that a spreadsheet or a ticket may have decorated.
    pub is_decorated: bool,
    /// True when a device ID is the hardware ID only as long as its values look like one.
    pub doubts_device_ids: bool,
    /// The row that a reader fills in before it calls [`Builder::add`].
    pub draft: Draft,
    merged: Draft,
    open_dates: Vec<(u32, ColumnId, OpenDate)>,
}

/// A value of a device ID turned out to be another system's: the list has to be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ForeignId;

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
    /// Puts a cell of the row, or a text of JSON, into [`Builder::draft`].
    pub fn put(&mut self, column: usize, cell: &str) -> Result<(), ForeignId> {
        let text = if self.is_decorated {
            cells::clean(cell)
        } else {
            Cow::Borrowed(cell.trim())
        };
        if text.is_empty() {
            return Ok(());
        }
        let id = ColumnId::from_number(column as u64);
        let Some(column) = self.columns.get_mut(column) else {
            return Ok(());
        };
        column.note(&text);
        let Role::Known(alias) = column.role else {
            self.draft.put_column(id, &text);
            return Ok(());
        };
        match alias.meaning {
            Meaning::Seen | Meaning::Enrolled => self.put_date(id, Date::parse(&text)),
            Meaning::DeviceId if self.doubts_device_ids && cells::looks_like_foreign_id(&text) => {
                return Err(ForeignId);
            }
            _ => self.draft.put(alias, &text),
        }
        Ok(())
    }

    /// True if `cell`, the first of a row, begins like a comment and its column holds identifiers or
    /// host names, which don't begin so.
    pub fn is_commented(&self, cell: &str) -> bool {
        let begins = |cell: &str| cell.starts_with(['#', ';']) || cell.starts_with("//");
        if !begins(cell.trim_start()) {
            return false;
        }
        let is_name = self
            .columns
            .first()
            .is_some_and(|column| match column.role {
                Role::Known(alias) => matches!(
                    alias.meaning,
                    Meaning::Hwid
                        | Meaning::DeviceId
                        | Meaning::Mac
                        | Meaning::Text(Field::Hostname | Field::Serial)
                ),
                Role::ForeignId => true,
                Role::Other => false,
            });
        is_name && !cells::is_nothing(&cells::clean(cell))
    }

    /// Puts a date into [`Builder::draft`].
    pub fn put_date(&mut self, id: ColumnId, date: Date) {
        let Some(column) = self.columns.get_mut(id.index()) else {
            return;
        };
        let Role::Known(alias) = column.role else {
            return;
        };
        match self.draft.put_date(id, alias.meaning, date, self.horizon) {
            DateNote::Fine => {}
            DateNote::Open(open) => {
                column.orders.narrow(open);
                column.open_dates += 1;
                let by_year = open.resolve(DateOrder::YearFirst);
                column.future_by_year += u64::from(by_year.is_some_and(|at| at > self.horizon));
            }
            DateNote::Unreadable => column.unreadable += 1,
            DateNote::Future => column.future += 1,
        }
    }

    /// Adds the row that is in [`Builder::draft`], and empties it.
    pub fn add(&mut self, place: Place) -> Result<(), Full> {
        if self.rows() >= self.options.max_rows {
            return Err(Full::Rows(self.options.max_rows));
        }
        self.draft.finish_row();
        let hwid = self.draft.texts[0].as_str();
        let known = match self.draft.problem {
            None if !hwid.is_empty() => self.by_hwid.find(&self.store, hwid),
            _ => None,
        };
        let index = match known {
            Some(first) => match self.of_same_name(first) {
                Some(index) => {
                    self.merge_into(index, place)?;
                    index
                }
                None => {
                    let index = self.store.push(&self.draft, place.offset, place.line)?;
                    self.namesakes.entry(first).or_default().push(index);
                    index
                }
            },
            None => {
                let index = self.store.push(&self.draft, place.offset, place.line)?;
                if let Some(problem) = self.draft.problem {
                    self.problems.insert(index, problem);
                    let claimed = self.draft.claimed_hwids();
                    self.claims
                        .extend(claimed.map(|hwid| (index, Box::from(hwid))));
                } else if !self.draft.texts[0].is_empty() {
                    self.by_hwid.insert(&self.store, index);
                }
                index
            }
        };
        if self.store.len() == SAMPLE_ROWS {
            self.make_room(place.offset);
        }
        let dates = self.draft.open_dates.iter();
        self.open_dates
            .extend(dates.map(|&(column, date)| (index, column, date)));
        self.draft.clear();
        Ok(())
    }

    /// Makes room in the index for as many devices as the rows so far, which end near `offset`, let
    /// expect: growing step by step hashes every HWID again each time.
    fn make_room(&mut self, offset: u64) {
        let sampled = self.by_hwid.table.len() as u64;
        let expected = self.source_size.saturating_mul(sampled) / offset.max(1);
        let more = usize::try_from(expected.min(MOST_EXPECTED)).unwrap_or(0);
        self.by_hwid
            .reserve(&self.store, more.saturating_sub(SAMPLE_ROWS));
    }

    /// The entry with the HWID of `first` whose host name is the row's.
    fn of_same_name(&self, first: u32) -> Option<u32> {
        let name = values::first(&self.draft.texts[HOSTNAME_SLOT]);
        let has_name = |index: &u32| same_name(name, self.store.block(*index).text(HOSTNAME_SLOT));
        let namesakes = self.namesakes.get(&first).into_iter().flatten();
        std::iter::once(&first)
            .chain(namesakes)
            .copied()
            .find(has_name)
    }

    fn merge_into(&mut self, index: u32, place: Place) -> Result<(), Full> {
        self.merged.load(&self.store, index);
        let differing = self.merged.merge(&self.draft);
        self.note_differing(index, differing);
        self.store.replace(index, &self.merged)?;
        if let Some(problem) = self.merged.problem {
            self.problems.insert(index, problem);
        }
        self.folded.push(FoldedRow { into: index, place });
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
        for (index, id, date) in std::mem::take(&mut self.open_dates) {
            let Some(column) = self.columns.get_mut(id.index()) else {
                continue;
            };
            let order = column.date_order(&self.options);
            let seconds = match order.map(|order| date.resolve(order)) {
                Some(Some(seconds)) if seconds <= self.horizon => seconds,
                Some(Some(_)) => {
                    column.future += 1;
                    Seconds::UNREADABLE
                }
                Some(None) => {
                    column.unreadable += 1;
                    Seconds::UNREADABLE
                }
                None => Seconds::UNREADABLE,
            };
            if column.field() == Some(Field::Enrolled) {
                let kept = self.store.enrolled(index);
                self.store.record_enrolled(index, seconds);
                if kept != Seconds::default() && kept != seconds {
                    let mut differing = Differing::default();
                    differing.add(Field::Enrolled);
                    self.note_differing(index, differing);
                }
            } else {
                self.store.record_last_seen(index, seconds);
            }
        }
        for field in [Field::Seen, Field::Enrolled] {
            self.note_dates_of(field);
        }
    }

    fn note_dates_of(&mut self, field: Field) {
        let columns = self
            .columns
            .iter()
            .filter(|column| column.field() == Some(field));
        let (mut undecided, mut unreadable, mut future) = (false, 0, 0);
        for column in columns {
            undecided |= column.open_dates > 0 && column.date_order(&self.options).is_none();
            unreadable += column.unreadable;
            future += column.future;
        }
        if undecided {
            self.notices.push(Notice::DayOrMonth { field });
        }
        if future > 0 {
            let count = future;
            self.notices.push(Notice::FutureDates { field, count });
        }
        if unreadable > 0 {
            let count = unreadable;
            self.notices.push(Notice::UnreadableDates { field, count });
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
        self.moved.insert(from, into);
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

/// Where the host name stands among a device's texts.
pub(super) const HOSTNAME_SLOT: usize = 1;

/// True if two host names are one machine's: the same but for case, or the same up to a domain that
/// only one of them has.
pub(super) fn same_host(one: &str, other: &str) -> bool {
    if has_domain(one) == has_domain(other) {
        same_name(one, other)
    } else {
        same_short_name(one, other)
    }
}

/// True if the two are the same up to the domains that they have.
pub(super) fn same_short_name(one: &str, other: &str) -> bool {
    same_name(short_name(one), short_name(other))
}

/// True for a name with a domain; an address is a name that begins with a digit.
pub(super) fn has_domain(name: &str) -> bool {
    name.contains('.') && !name.starts_with(|first: char| first.is_ascii_digit())
}

fn short_name(name: &str) -> &str {
    match name.split_once('.') {
        Some((short, _)) if has_domain(name) => short,
        _ => name,
    }
}

/// True if the two differ in nothing but case.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
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

    fn reserve(&mut self, store: &Store, more: usize) {
        let hasher = &self.hasher;
        self.table
            .reserve(more, |&index| hasher.hash_one(store.block(index).text(0)));
    }

    fn insert(&mut self, store: &Store, index: u32) {
        let hasher = &self.hasher;
        let hash = |index: u32| hasher.hash_one(store.block(index).text(0));
        self.table
            .insert_unique(hash(index), index, |&other| hash(other));
    }
}
