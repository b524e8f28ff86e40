//! Problems of entries, and notices about a list as a whole.

use crate::domain::device::IdentifierError;
use crate::list::Field;
use crate::text::{counted, grouped, head, visible};

/// The most bytes of a date that a notice shows.
const LONGEST_DATE: usize = 40;

/// Why an entry is unusable. The text is short, because entries are grouped by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Problem {
    /// Neither a HWID nor a MAC address.
    #[error("no identifier")]
    NoIdentifier,
    /// The identifier can't be sent.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// The HWID is a number or another JSON value.
    #[error("HWID that is not a text")]
    HwidNotText,
    /// The HWID is written where there is none, such as `FFFFFFFF` and `123456789`.
    #[error("HWID that is a placeholder")]
    PlaceholderHwid,
    /// Two different HWIDs.
    #[error("two different HWIDs")]
    TwoHwids,
    /// The only MAC address also belongs to another device, or is one that many machines have.
    #[error("shared MAC")]
    SharedMac,
    /// Several MAC addresses, none of which is known to identify the device.
    #[error("several MACs, no HWID")]
    SeveralMacs,
    /// No HWID, although it has to be identified by one.
    #[error("no HWID")]
    NoHwid,
    /// No MAC address, although it has to be identified by one.
    #[error("no MAC address")]
    NoMac,
    /// Several MAC addresses, although it has to be identified by one.
    #[error("several MACs")]
    AmbiguousMac,
    /// More MAC addresses than any machine has.
    #[error("too many MACs")]
    TooManyMacs,
    /// A JSON value that is not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// Not valid JSON.
    #[error("broken JSON")]
    BrokenJson,
    /// More or fewer cells than the header has.
    #[error("wrong number of cells")]
    WrongCells,
    /// A row of a table whose first cell, an identifier or host name, begins like a comment.
    #[error("begins like a comment")]
    Commented,
    /// No identifier, but a name, serial number or user that can be matched.
    #[error("not matched: match it with the tenant's inventory")]
    Unmatched,
    /// The HWID is a number whose last digits a spreadsheet has dropped.
    #[error("HWID rounded by a spreadsheet")]
    Rounded,
    /// The HWID is a date, a time or a fraction: a spreadsheet has changed it.
    #[error("HWID that is a date, time or fraction")]
    DateOrFraction,
    /// The HWID is a number that its cell shows otherwise, such as with leading zeros.
    #[error("HWID that is a number with a display format")]
    Formatted,
    /// The identifier ends with an ellipsis.
    #[error("identifier cut off")]
    CutOff,
    /// Another row has the same HWID, another host name and none of its MAC addresses.
    #[error("contradicting rows")]
    Contradicting,
    /// Unusable in the list that it was exported from, for this reason. The export has neither that
    /// list's other rows nor all cells of this row, so the reason can't be checked again.
    #[error(transparent)]
    Exported(&'static Problem),
    /// An export marks it as unusable, for an unknown reason.
    #[error("marked as unusable")]
    Marked,
}

/// All reasons that an export can contain.
static REASONS: [Problem; 27] = [
    Problem::Identifier(IdentifierError::Empty),
    Problem::Identifier(IdentifierError::HwidTooLong),
    Problem::Identifier(IdentifierError::HwidCharacter),
    Problem::Identifier(IdentifierError::NotAMac),
    Problem::Identifier(IdentifierError::ZeroMac),
    Problem::Identifier(IdentifierError::BroadcastMac),
    Problem::Identifier(IdentifierError::MulticastMac),
    Problem::NoIdentifier,
    Problem::HwidNotText,
    Problem::PlaceholderHwid,
    Problem::TwoHwids,
    Problem::SharedMac,
    Problem::SeveralMacs,
    Problem::NoHwid,
    Problem::NoMac,
    Problem::AmbiguousMac,
    Problem::TooManyMacs,
    Problem::NotAnObject,
    Problem::BrokenJson,
    Problem::WrongCells,
    Problem::Commented,
    Problem::Unmatched,
    Problem::Rounded,
    Problem::DateOrFraction,
    Problem::Formatted,
    Problem::CutOff,
    Problem::Contradicting,
];

impl Problem {
    /// The problem of a row that an export marks as unusable, also for an unknown reason.
    pub(in crate::list) fn exported(text: &str) -> Self {
        let known = REASONS.iter().find(|reason| reason.to_string() == text);
        known.map_or(Self::Marked, Self::Exported)
    }

    /// The reason in at most 12 characters, for a table.
    pub fn short(self) -> &'static str {
        match self {
            Self::NoIdentifier => "no ID",
            Self::Identifier(
                IdentifierError::Empty
                | IdentifierError::HwidTooLong
                | IdentifierError::HwidCharacter,
            )
            | Self::HwidNotText
            | Self::PlaceholderHwid => "bad HWID",
            Self::Identifier(_) => "bad MAC",
            Self::TwoHwids => "two HWIDs",
            Self::SharedMac => "shared MAC",
            Self::SeveralMacs | Self::AmbiguousMac => "several MACs",
            Self::NoHwid => "no HWID",
            Self::NoMac => "no MAC",
            Self::TooManyMacs => "many MACs",
            Self::NotAnObject | Self::WrongCells => "bad row",
            Self::BrokenJson => "broken JSON",
            Self::Commented => "comment",
            Self::Unmatched => "not matched",
            Self::Rounded => "rounded ID",
            Self::DateOrFraction => "date as ID",
            Self::Formatted => "formatted ID",
            Self::CutOff => "cut-off ID",
            Self::Contradicting => "conflict",
            Self::Exported(reason) => reason.short(),
            Self::Marked => "unusable",
        }
    }

    /// True if the row itself is unusable; false if only the chosen kind of identifier is, so that
    /// another kind may work.
    pub(in crate::list) fn is_of_row(self) -> bool {
        !matches!(
            self,
            Self::SharedMac | Self::SeveralMacs | Self::NoHwid | Self::NoMac | Self::AmbiguousMac
        )
    }
}

/// A notice about a list as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListNotice {
    /// Most lines of a bare list do not look like HWIDs.
    #[error("most lines look like host names: match them with the tenant's inventory")]
    LooksLikeHostnames,
    /// A list of our own whose fetch was not finished.
    #[error("this list is incomplete: its fetch did not reach the end; fetch it again")]
    Incomplete,
    /// A part of a workbook's sheet that was left out.
    #[error("{what}: delete the empty rows or columns, or save the sheet as CSV")]
    Cut {
        /// What was left out.
        what: String,
    },
    /// A sheet that its workbook hides.
    #[error(
        "the sheet is hidden in the workbook: check that it is the one you mean, or name another one with --sheet"
    )]
    HiddenSheet,
    /// Rows that the sheet of a workbook hides.
    #[error(
        "{} of the sheet {} read too: delete hidden rows there, or copy the visible ones to a sheet of their own",
        counted(*.count, "row"),
        if *.count == 1 { "is hidden or filtered out in the workbook and is" } else { "are hidden or filtered out in the workbook and are" }
    )]
    HiddenRows {
        /// The number of them.
        count: u64,
    },
    /// Bytes that are not valid in the list's encoding.
    #[error(
        "{count} characters could not be decoded and are shown as \u{fffd}: save the list as UTF-8, or give --encoding"
    )]
    DamagedCharacters {
        /// The number of them.
        count: u64,
    },
    /// Values that are errors of a spreadsheet.
    #[error(
        "{count} values are errors of a spreadsheet, such as #N/A, and count as unreadable (first in line {line}): \
         a rule that reads one protects its device"
    )]
    CellErrors {
        /// The number of them.
        count: u64,
        /// The line of the first one, from 1.
        line: u64,
    },
    /// Devices whose HWIDs differ only in case.
    #[error(
        "{count} devices have a HWID that differs only in case from another's \
         (lines {first} and {second}): check whether they are one device"
    )]
    HwidsDifferInCase {
        /// How many devices.
        count: u64,
        /// The line of one of them, from 1.
        first: u64,
        /// The line of another device with that HWID.
        second: u64,
    },
    /// Dates of a column that could not be used.
    #[error("{}", fault.describe(*.field, .dates))]
    Dates {
        /// The field that the column is read as.
        field: Field,
        /// What is wrong with them.
        fault: DateFault,
        /// The number of them, and the first one.
        dates: DateCount,
    },
}

/// What is wrong with a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    /// It is one such as `03/04/2026`, and nothing in its column proves the order of day and month.
    DayOrMonth,
    /// It is later than the list itself.
    Future,
    /// Its notation is unknown.
    Unreadable,
}

impl DateFault {
    fn describe(self, field: Field, dates: &DateCount) -> String {
        let one = dates.count == 1;
        let (is, count) = if one {
            ("is", "counts")
        } else {
            ("are", "count")
        };
        let line = grouped(dates.line);
        let first = match (visible(&dates.first), one) {
            (value, _) if value.is_empty() => String::new(),
            (value, true) => format!(" ({value}, line {line})"),
            (value, false) => format!(" (the first is {value}, line {line})"),
        };
        let (fault, remedy) = match self {
            Self::DayOrMonth => (
                format!("{is} ambiguous in day and month"),
                "give --date-order dmy or mdy, or save the list with dates such as 2026-04-03",
            ),
            Self::Future => (format!("{is} in the future"), "a clock is wrong"),
            Self::Unreadable => (
                "can't be read".to_owned(),
                "save the list with dates such as 2026-04-03",
            ),
        };
        format!(
            "{} of '{}' {fault}{first} and {count} as unreadable: {remedy}",
            counted(dates.count, "date"),
            field.heading()
        )
    }
}

/// Dates of a column that share a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateCount {
    /// The number of them.
    pub count: u64,
    /// The first one, as the list has it.
    pub first: String,
    /// The line of the first one, from 1; 0 until its row is complete.
    pub line: u64,
}

impl DateCount {
    /// Returns true if it is the first one.
    pub(in crate::list) fn add(&mut self, value: &str) -> bool {
        self.count += 1;
        let is_first = self.first.is_empty();
        if is_first {
            head(value.trim(), LONGEST_DATE).clone_into(&mut self.first);
        }
        is_first
    }

    /// Notes the line of a row: of the first date, if that is in it.
    pub(in crate::list) fn note_line(&mut self, line: u64) {
        if self.count > 0 && self.line == 0 {
            self.line = line;
        }
    }

    pub(in crate::list) fn add_all(&mut self, other: &Self) {
        self.count += other.count;
        if self.first.is_empty() {
            self.first.clone_from(&other.first);
            self.line = other.line;
        }
    }
}

/// A sign that part of a list is missing or was misread, so that selections may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Truncation {
    /// A list of our own whose fetch was not finished.
    #[error("its fetch did not reach the end: fetch it again")]
    Incomplete,
    /// A workbook whose rows were not all read.
    #[error("rows or columns of its sheet were not read: save the sheet as CSV")]
    Cut,
    /// A line of JSON lines that is not a whole value.
    #[error("line {line} is not a whole JSON value: save the list again, or delete the line")]
    BrokenJson {
        /// From 1.
        line: u64,
    },
    /// A row of a table with another number of cells than its header.
    #[error(
        "line {line} does not have as many cells as the header: save the list again, \
         or correct the line"
    )]
    WrongCells {
        /// From 1.
        line: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exported_keeps_known_reasons_and_accepts_unknown_ones() {
        for problem in &REASONS {
            let marked = Problem::exported(&problem.to_string());
            assert_eq!(marked, Problem::Exported(problem));
            assert_eq!(marked.to_string(), problem.to_string());
            assert!(marked.is_of_row(), "no other kind of identifier helps");
        }
        assert_eq!(Problem::exported("x"), Problem::Marked);
    }

    #[test]
    fn fault_of_a_date_names_the_first_one_that_has_a_text() {
        for (first, place) in [("", ""), ("32.13.", " (32.13., line 2)")] {
            let dates = DateCount {
                count: 1,
                first: first.to_owned(),
                line: 2,
            };
            let text = DateFault::Unreadable.describe(Field::Seen, &dates);
            let begin = format!("1 date of 'last seen' can't be read{place} and counts");
            assert!(text.starts_with(&begin), "{text}");
        }
    }
}
