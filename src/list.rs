//! A saved list of devices in any format, stored compactly enough for a million devices.
//!
//! Reading is streamed: the bytes pass a bounded window, are split into rows and merged into devices;
//! rows without a HWID are assigned at the end. Each device is stored as a block of packed bytes. The
//! whole record is read again from the source when it is shown.
//!
//! ```text
//! input/     a file to its text: archive, compression, encoding
//! formats/   text to rows: what shape a list has, and a reader for each shape
//! fields/    what headers and cells mean: columns, identifiers, dates
//! devices/   rows to devices: merged, stored and identified
//! report/    what reading found: notices, rows that can't be used
//! ```
//!
//! Texts are stored as they were read. Make them safe with [`crate::text`] before showing them.

mod devices;
mod error;
mod fields;
mod formats;
#[doc(hidden)]
#[cfg(any(test, debug_assertions, fuzzing))]
pub mod fuzzing;
mod input;
mod open;
mod options;
mod record;
mod report;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::OnceLock;

use jiff::Timestamp;

use devices::build::{FoldedRow, ListStamp};
pub use devices::device::Device;
use devices::hwid_index::HwidIndex;
use devices::identify::MacIndex;
pub use devices::ids::{ColumnId, ColumnRef, DeviceId};
use devices::store::Store;
pub use error::ListError;
pub use fields::cells::is_placeholder;
use fields::column::Column;
pub use fields::dates::DateOrder;
pub use fields::field::Field;
use fields::field::FieldSet;
use fields::headers;
pub use fields::hostname::{is_default_name, same_host, short_name};
pub use fields::missing_values::{is_error_value, is_placeholder_word, is_word_for_nothing};
pub use fields::recognise::Recognised;
pub use formats::json::OTHER_COLUMNS;
pub use formats::row_ends::{NoRowEnds, RowEnd, RowEnds};
use formats::shape::Shape;
pub use input::container::Container;
use input::source::Source;
pub use options::{
    ColumnAssignment, MAX_EXPANDED, MAX_ROWS, NO_FIELD, OptionError, ReadOptions, parse_column,
    parse_delimiter, parse_encoding, parse_field,
};
pub use record::{RawRecord, RawRecordReader};
use report::inspect::Findings;
pub use report::inspect::{
    ColumnReport, LeftOutReport, LeftOutRow, ReadingReport, ReadingTimes, ReportLine, SkippedLine,
    WorseReading,
};
pub use report::problem::{ListNotice, Problem, Truncation};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadProgress {
    pub bytes_read: u64,
    /// The total number of bytes; `None` while it is unknown, as for standard input.
    pub bytes_total: Option<u64>,
}

/// The number of entries of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListCounts {
    /// Devices that can be identified with `auto`.
    pub devices: u64,
    /// Entries that can't.
    pub unusable: u64,
    /// Rows that were merged into another.
    pub repeated: u64,
}

/// A list of devices and of rows that can't be used, in the order of the file.
pub struct DeviceList {
    source: Source,
    shape: Shape,
    store: Store,
    by_hwid: HwidIndex,
    by_mac: OnceLock<MacIndex>,
    /// Each frame of the screen asks for it, for each row.
    newest_seen: OnceLock<Option<Timestamp>>,
    folded: Box<[FoldedRow]>,
    problems: Box<[(u32, Problem)]>,
    /// Sorted by device; only devices whose rows differ.
    differing: Box<[(u32, FieldSet)]>,
    /// Sorted by device; only devices with an error of a spreadsheet in a field.
    unreadable: Box<[(u32, FieldSet)]>,
    undecided: Box<[Field]>,
    notices: Vec<ListNotice>,
    stamp: Option<ListStamp>,
    columns: Vec<Column>,
    findings: Findings,
    /// The HWIDs that unusable entries name.
    claims: Box<[(u32, Box<str>)]>,
    options: ReadOptions,
    hash: String,
}

/// The field that values under this header or JSON key usually are.
pub fn field_of_header(header: &str) -> Option<Field> {
    headers::alias(&headers::normalise(header))?.meaning.field()
}

impl DeviceList {
    /// The number of entries: devices and unusable rows.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// True for a list without any entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All entries, in list order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = DeviceId> + use<> {
        (0..self.len()).map(DeviceId::from_index)
    }

    /// Counts devices, unusable rows and repeated rows.
    pub fn counts(&self) -> ListCounts {
        let unusable = self.problems.len() as u64;
        ListCounts {
            devices: self.len() as u64 - unusable,
            unusable,
            repeated: self.folded.len() as u64,
        }
    }

    /// One entry. If the list has no such entry, all its fields are empty.
    pub fn device(&self, id: DeviceId) -> Device<'_> {
        Device {
            list: self,
            id,
            block: self.store.block(id.0),
        }
    }

    /// The encoding of the text, if it was guessed: letters outside ASCII can be wrong.
    pub fn guessed_encoding(&self) -> Option<&str> {
        let encoding = self.findings.encoding.as_str();
        self.source.is_guessed.then_some(encoding)
    }

    /// The columns that are not read as a field, in the order of the list.
    pub fn other_columns(&self) -> impl Iterator<Item = ColumnId> + '_ {
        (0..)
            .zip(&self.columns)
            .filter(|(_, column)| column.field().is_none() && !column.is_mark())
            .map(|(number, _)| ColumnId::from_number(number))
    }

    /// The HWIDs that unusable entries name: such a row still describes that device.
    pub fn claims(&self) -> impl Iterator<Item = (DeviceId, &str)> {
        self.claims
            .iter()
            .map(|(index, hwid)| (DeviceId(*index), &**hwid))
    }

    /// True for a list of persons: a column names users, and no column describes a device.
    pub fn is_people(&self) -> bool {
        let has = |is: fn(headers::Meaning) -> bool| {
            self.columns.iter().any(|column| match column.role {
                headers::Role::Known(alias) => is(alias.meaning),
                // Another system's identifiers belong to devices.
                headers::Role::ForeignId => is(headers::Meaning::DeviceId),
                headers::Role::Other => false,
            })
        };
        has(|meaning| meaning.field() == Some(Field::User)) && !has(headers::Meaning::is_of_device)
    }

    /// The header of a column; empty if the list has no such column. Not safe to show.
    pub fn header(&self, column: ColumnId) -> &str {
        self.columns
            .get(column.index())
            .map_or("", |column| column.header.as_str())
    }

    /// The headers of all columns, or their paths in JSON; none of a list without any.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        let headers = self.columns.iter().map(|column| column.header.as_str());
        headers.filter(|header| !header.is_empty())
    }

    /// The columns with this header, ignoring case, white space and Unicode form. A column that is
    /// read as a field is returned as that field.
    pub fn find_columns(&self, header: &str) -> Vec<ColumnRef> {
        let folded = fold_header(header);
        let mut found: Vec<ColumnRef> = (0..)
            .zip(&self.columns)
            .filter(|(_, column)| fold_header(&column.header) == folded)
            .map(|(number, column)| match column.field() {
                Some(field) => ColumnRef::Field(field),
                None => ColumnRef::Other(ColumnId::from_number(number)),
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The list's path or `standard input`, safe to show.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// The SHA-256 of the list's text (decompressed, as UTF-8), in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The time from which ages count: the stamp of our own list, else the newest last-seen.
    pub fn time(&self) -> Option<Timestamp> {
        let stamp = self.stamp.as_ref().and_then(|stamp| stamp.fetched_at);
        let newest_seen = || self.store.newest_seen().timestamp();
        stamp.or_else(|| *self.newest_seen.get_or_init(newest_seen))
    }

    /// When the tenant was read, according to the stamp of our own list.
    pub fn fetched_at(&self) -> Option<Timestamp> {
        self.stamp.as_ref()?.fetched_at
    }

    /// The tenant that the list's stamp names.
    pub fn tenant(&self) -> Option<&str> {
        self.stamp.as_ref()?.tenant.as_deref()
    }

    /// The account that the list's stamp names.
    pub fn account(&self) -> Option<&str> {
        self.stamp.as_ref()?.account.as_deref()
    }

    /// Notices about the list as a whole.
    pub fn notices(&self) -> &[ListNotice] {
        &self.notices
    }

    /// The first sign that a part of the file is missing or was misread; `None` for a list that was
    /// read completely. Other unusable rows are no such sign.
    pub fn truncation(&self) -> Option<Truncation> {
        if self.notices.contains(&ListNotice::Incomplete) {
            return Some(Truncation::Incomplete);
        }
        if self
            .notices
            .iter()
            .any(|notice| matches!(notice, ListNotice::Cut { .. }))
        {
            return Some(Truncation::Cut);
        }
        let broken =
            |problem: &Problem| matches!(problem, Problem::BrokenJson | Problem::WrongCells);
        let (index, problem) = self.problems.iter().find(|(_, problem)| broken(problem))?;
        let line = self.store.line(*index);
        Some(match problem {
            Problem::BrokenJson => Truncation::BrokenJson { line },
            _ => Truncation::WrongCells { line },
        })
    }

    /// True when day and month can't be told apart in this column of dates, so that comparing by
    /// it would mislead.
    pub fn dates_undecided(&self, field: Field) -> bool {
        self.undecided.contains(&field)
    }

    /// True when the file that was opened has been changed or replaced since.
    pub fn changed_since_read(&self) -> bool {
        self.source.changed()
    }

    fn problem(&self, id: DeviceId) -> Option<&Problem> {
        let at = self
            .problems
            .binary_search_by_key(&id.0, |(index, _)| *index);
        at.ok()
            .and_then(|at| self.problems.get(at))
            .map(|(_, problem)| problem)
    }

    fn differing(&self, id: DeviceId) -> FieldSet {
        fields_of(&self.differing, id)
    }

    fn unreadable(&self, id: DeviceId) -> FieldSet {
        fields_of(&self.unreadable, id)
    }

    fn folded_rows(&self, id: DeviceId) -> &[FoldedRow] {
        let start = self.folded.partition_point(|row| row.into < id.0);
        let rows = self.folded.get(start..).unwrap_or_default();
        let count = rows.partition_point(|row| row.into == id.0);
        rows.get(..count).unwrap_or_default()
    }
}

/// The set of fields of one device, in a table that is sorted by device.
fn fields_of(table: &[(u32, FieldSet)], id: DeviceId) -> FieldSet {
    let at = table.binary_search_by_key(&id.0, |(index, _)| *index);
    let found = at.ok().and_then(|at| table.get(at));
    found.map(|(_, fields)| *fields).unwrap_or_default()
}

fn fold_header(header: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let folded: String = header.nfkc().flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Of a million devices only their number is worth printing.
impl fmt::Debug for DeviceList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DeviceList")
            .field("name", &self.name())
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}
