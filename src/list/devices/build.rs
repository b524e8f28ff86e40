//! Builds the list from its rows in reading order, and merges rows with the same HWID.

mod dates;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::draft::Draft;
use super::hwid_index::HwidIndex;
use super::store::Store;
use crate::domain::device::MacAddress;
use crate::list::error::Full;
use crate::list::fields::cells;
use crate::list::fields::column::Column;
use crate::list::fields::dates::{Date, OpenDate};
use crate::list::fields::field::{Field, FieldSet};
use crate::list::fields::headers::{Meaning, Role};
use crate::list::fields::hostname::same_name;
use crate::list::fields::missing_values::is_error_value;
use crate::list::fields::seconds::Seconds;
use crate::list::report::inspect::Findings;
use crate::list::report::problem::{ListNotice, Problem};
use crate::list::{ColumnId, ReadOptions};

/// The number of devices is estimated after this many rows.
const SAMPLE_ROWS: usize = 1024;
/// The maximum number of devices to reserve memory for, since the estimate can be wrong.
const MAX_EXPECTED: u64 = 8 << 20;

/// A list that is being read.
#[derive(Debug, Default)]
pub(in crate::list) struct Builder {
    pub options: ReadOptions,
    pub store: Store,
    pub by_hwid: HwidIndex,
    /// Rows that were merged into a device, apart from its first row.
    pub folded: Vec<FoldedRow>,
    /// Entries that were merged into another entry after all rows were read.
    pub moved: HashMap<u32, u32>,
    /// The fields in which the rows of a device differ.
    pub differing: HashMap<u32, FieldSet>,
    /// The fields of which a value is an error of a spreadsheet.
    pub unreadable: HashMap<u32, FieldSet>,
    /// Columns with the first date of its kind in the row.
    first_dates: Vec<ColumnId>,
    /// The notice about such values.
    pub cell_errors: Option<ListNotice>,
    /// Unusable entries.
    pub problems: BTreeMap<u32, Problem>,
    /// The HWIDs that unusable entries name.
    pub claims: Vec<(u32, Box<str>)>,
    /// Entries with the HWID of an earlier entry but another host name, by the earlier entry.
    pub namesakes: BTreeMap<u32, Vec<u32>>,
    pub notices: Vec<ListNotice>,
    pub stamp: Option<ListStamp>,
    /// All columns of the list, in the order in which they occur.
    pub columns: Vec<Column>,
    /// Facts about the list as a whole, for the reading report.
    pub findings: Findings,
    /// The size of the source in bytes.
    pub source_size: u64,
    /// The latest possible last-seen time.
    pub horizon: Seconds,
    /// True if cells can have decoration of a spreadsheet or ticket.
    pub is_decorated: bool,
    /// True if device IDs are hardware IDs only while no value looks like another system's.
    pub doubts_device_ids: bool,
    /// The current row. Readers fill it before they call [`Builder::add`].
    pub draft: Draft,
    merged: Draft,
    open_dates: Vec<(u32, ColumnId, OpenDate)>,
}

/// A device ID turned out to be another system's identifier: the list has to be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::list) struct ForeignId;

/// The position of a row in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::list) struct RowLocation {
    pub offset: u64,
    pub line: u64,
}

/// A row that was merged into device `into`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::list) struct FoldedRow {
    pub into: u32,
    pub location: RowLocation,
}

/// The metadata in the header of our own list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::list) struct ListStamp {
    pub tenant: Option<Box<str>>,
    pub account: Option<Box<str>>,
    pub fetched_at: Option<Timestamp>,
}

impl Builder {
    /// Adds a cell or JSON text to [`Builder::draft`].
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
        let row = self.rows();
        let Some(column) = self.columns.get_mut(column) else {
            return Ok(());
        };
        column.note(&text, row);
        let is_error = is_error_value(&text);
        if is_error {
            column.errors += 1;
            self.draft.put_error(column.field());
        }
        let Role::Known(alias) = column.role else {
            self.draft.put_column(id, &text);
            return Ok(());
        };
        match alias.meaning {
            Meaning::Seen | Meaning::Enrolled if is_error => {
                self.put_date(id, Date::Unreadable, &text);
            }
            Meaning::Seen | Meaning::Enrolled => self.put_date(id, Date::parse(&text), &text),
            Meaning::DeviceId if self.doubts_device_ids && cells::looks_like_foreign_id(&text) => {
                return Err(ForeignId);
            }
            _ => self.draft.put(alias, &text),
        }
        Ok(())
    }

    /// Adds a number that its cell shows otherwise to [`Builder::draft`], if its column is one of hardware
    /// IDs or MAC addresses, of which it can be none.
    pub fn put_formatted(&mut self, column: usize, text: &str) -> bool {
        let row = self.rows();
        let Some(column) = self.columns.get_mut(column) else {
            return false;
        };
        let Role::Known(alias) = column.role else {
            return false;
        };
        let is_identifier = matches!(
            alias.meaning,
            Meaning::Hwid | Meaning::DeviceId | Meaning::Mac
        );
        if is_identifier {
            column.note(text, row);
            self.draft.put_formatted(alias.meaning, text);
        }
        is_identifier
    }

    /// True if `cell`, the first of a row, begins like a comment, and its column has identifiers or
    /// host names, which never begin so.
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
        is_name && !cells::is_placeholder(&cells::clean(cell))
    }

    /// Adds the row in [`Builder::draft`] and clears the draft.
    pub fn add(&mut self, location: RowLocation) -> Result<(), Full> {
        if self.rows() >= self.options.max_rows {
            return Err(Full::Rows(self.options.max_rows));
        }
        self.draft.finish_row();
        self.note_line_of_dates(location.line);
        let hwid = self.draft.text(Field::Hwid);
        let known = match self.draft.problem {
            None => self.by_hwid.find(&self.store, hwid),
            Some(_) => None,
        };
        let index = match known {
            Some(first) => match self.of_same_name(first) {
                Some(index) => {
                    self.merge_into(index, location)?;
                    index
                }
                None => {
                    let index = self
                        .store
                        .push(&self.draft, location.offset, location.line)?;
                    self.namesakes.entry(first).or_default().push(index);
                    index
                }
            },
            None => {
                let index = self
                    .store
                    .push(&self.draft, location.offset, location.line)?;
                if let Some(problem) = self.draft.problem {
                    self.problems.insert(index, problem);
                    let claimed = self.draft.claimed_hwids();
                    self.claims
                        .extend(claimed.map(|hwid| (index, Box::from(hwid))));
                } else if !self.draft.text(Field::Hwid).is_empty() {
                    self.by_hwid.insert(&self.store, index);
                }
                index
            }
        };
        self.note_errors(index, location.line);
        if self.store.len() == SAMPLE_ROWS {
            self.make_room(location.offset);
        }
        let dates = self.draft.open_dates.iter();
        self.open_dates
            .extend(dates.map(|&(column, date)| (index, column, date)));
        self.draft.clear();
        Ok(())
    }

    /// Reserves space in the index for the expected number of devices, given that the rows so far end
    /// near `offset`. Growing step by step would hash every HWID again each time.
    fn make_room(&mut self, offset: u64) {
        let sampled = self.by_hwid.len() as u64;
        let expected = self.source_size.saturating_mul(sampled) / offset.max(1);
        let more = usize::try_from(expected.min(MAX_EXPECTED)).unwrap_or(0);
        self.by_hwid
            .reserve(&self.store, more.saturating_sub(SAMPLE_ROWS));
    }

    /// The entry with the HWID of `first` and the host name of the current row.
    fn of_same_name(&self, first: u32) -> Option<u32> {
        let name = self.draft.text(Field::Hostname);
        let has_name =
            |index: &u32| same_name(name, self.store.block(*index).text(Field::Hostname));
        let namesakes = self.namesakes.get(&first).into_iter().flatten();
        std::iter::once(&first)
            .chain(namesakes)
            .copied()
            .find(has_name)
    }

    fn merge_into(&mut self, index: u32, location: RowLocation) -> Result<(), Full> {
        self.merged.load(&self.store, index);
        let differing = self.merged.merge(&self.draft);
        self.note_differing(index, differing);
        self.store.replace(index, &self.merged)?;
        if let Some(problem) = self.merged.problem {
            self.problems.insert(index, problem);
        }
        self.folded.push(FoldedRow {
            into: index,
            location,
        });
        Ok(())
    }

    /// Adds a row without any usable value.
    pub fn add_unusable(&mut self, problem: Problem, location: RowLocation) -> Result<(), Full> {
        self.draft.clear();
        self.draft.problem = Some(problem);
        self.add(location)
    }

    /// The number of rows read.
    pub fn rows(&self) -> u64 {
        (self.store.len() + self.folded.len()) as u64
    }

    /// Merges device `from` into device `into`; the caller removes `from`.
    pub fn fold(&mut self, from: u32, into: u32) -> Result<(), Full> {
        self.merged.load(&self.store, into);
        self.draft.load(&self.store, from);
        let differing = self.merged.merge(&self.draft);
        self.draft.clear();
        self.note_differing(into, differing);
        if let Some(earlier) = self.differing.remove(&from) {
            self.note_differing(into, earlier);
        }
        if let Some(errors) = self.unreadable.remove(&from) {
            self.unreadable.entry(into).or_default().add_all(errors);
        }
        self.store.replace(into, &self.merged)?;
        if let Some(problem) = self.merged.problem {
            self.problems.insert(into, problem);
        }
        let location = RowLocation {
            offset: self.store.block(from).offset(),
            line: self.store.line(from),
        };
        self.folded.push(FoldedRow { into, location });
        self.moved.insert(from, into);
        Ok(())
    }

    fn note_errors(&mut self, index: u32, line: u64) {
        let errors = self.draft.errors;
        if errors == 0 {
            return;
        }
        match &mut self.cell_errors {
            Some(ListNotice::CellErrors { count, .. }) => *count += errors,
            notice => {
                *notice = Some(ListNotice::CellErrors {
                    count: errors,
                    line,
                });
            }
        }
        let fields = self.draft.unreadable;
        self.unreadable.entry(index).or_default().add_all(fields);
    }

    fn note_differing(&mut self, index: u32, differing: FieldSet) {
        if differing != FieldSet::default() {
            self.differing.entry(index).or_default().add_all(differing);
        }
    }

    /// The MAC addresses of device `index` that can identify it.
    pub fn own_macs(&self, index: u32) -> impl Iterator<Item = MacAddress> + use<'_> {
        own_macs(&self.store, index)
    }
}

/// The MAC addresses of device `index` without those that drivers hard-code.
pub(in crate::list) fn own_macs(
    store: &Store,
    index: u32,
) -> impl Iterator<Item = MacAddress> + use<'_> {
    store
        .block(index)
        .macs()
        .filter(|mac| !mac.is_known_constant())
}

impl Draft {
    /// Loads device `index`.
    fn load(&mut self, store: &Store, index: u32) {
        self.clear();
        let block = store.block(index);
        for (text, (_, stored)) in self.texts.iter_mut().zip(block.texts()) {
            text.push_str(stored);
        }
        for (column, stored) in block.others() {
            self.put_column(column, stored);
        }
        self.macs.extend(block.macs());
        self.issues = block.issues();
        self.seen = store.seen(index);
        self.enrolled = store.enrolled(index);
    }
}
