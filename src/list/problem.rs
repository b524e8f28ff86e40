//! Why an entry of a list can't be used, and what is worth saying about a list as a whole.

use super::Field;
use crate::domain::device::IdentifierError;

/// Why an entry is unusable. Its text is short, so that entries can be counted by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Problem {
    /// Neither a HWID nor a MAC address.
    #[error("no identifier")]
    NoIdentifier,
    /// Its identifier can't be sent.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// Its HWID is a number or another JSON value.
    #[error("HWID that is not a text")]
    HwidNotText,
    /// It says two different things about its HWID.
    #[error("two different HWIDs")]
    TwoHwids,
    /// Its only MAC address is also another device's, or one that many machines have.
    #[error("shared MAC")]
    SharedMac,
    /// Several MAC addresses and nothing that says which one names it.
    #[error("several MACs, no HWID")]
    SeveralMacs,
    /// To be identified by HWID, and there is none.
    #[error("no HWID")]
    NoHwid,
    /// To be identified by MAC address, and there is none.
    #[error("no MAC address")]
    NoMac,
    /// To be identified by MAC address, and there are several.
    #[error("several MACs")]
    AmbiguousMac,
    /// More MAC addresses than any machine has.
    #[error("too many MACs")]
    TooManyMacs,
    /// A JSON value that is not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// Not JSON at all.
    #[error("broken JSON")]
    BrokenJson,
    /// More or fewer cells than the header has.
    #[error("wrong number of cells")]
    WrongCells,
    /// A row of a table whose first cell, an identifier or host name, begins like a comment.
    #[error("begins like a comment")]
    Commented,
    /// Nothing that identifies it here, but a name, serial number or user to find it by.
    #[error("not matched: match it with the tenant's inventory")]
    Unmatched,
    /// Its HWID is a number whose last digits a spreadsheet has dropped.
    #[error("HWID rounded by a spreadsheet")]
    Rounded,
    /// Its identifier ends with an ellipsis.
    #[error("identifier cut off")]
    CutOff,
    /// Another row has the same HWID, another host name and none of its MAC addresses.
    #[error("contradicting rows")]
    Contradicting,
    /// It was unusable in the list that it was exported from, for this reason. An export holds
    /// neither that list's other rows nor all of this one's cells, so it can't be judged anew.
    #[error(transparent)]
    Exported(&'static Problem),
    /// An export marks it as unusable, for no reason that is known here.
    #[error("marked as unusable")]
    Marked,
}

/// All that an export can tell as the reason.
static REASONS: [Problem; 24] = [
    Problem::Identifier(IdentifierError::Empty),
    Problem::Identifier(IdentifierError::HwidTooLong),
    Problem::Identifier(IdentifierError::HwidCharacter),
    Problem::Identifier(IdentifierError::NotAMac),
    Problem::Identifier(IdentifierError::ZeroMac),
    Problem::Identifier(IdentifierError::BroadcastMac),
    Problem::Identifier(IdentifierError::MulticastMac),
    Problem::NoIdentifier,
    Problem::HwidNotText,
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
    Problem::CutOff,
    Problem::Contradicting,
];

impl Problem {
    /// The problem of a row that an export marks as unusable; any mark does, known or not.
    pub(super) fn exported(text: &str) -> Self {
        let known = REASONS.iter().find(|reason| reason.to_string() == text);
        known.map_or(Self::Marked, Self::Exported)
    }

    /// True when the row itself is at fault; false when only the chosen kind of identifier is, so
    /// that another kind may do.
    pub(super) fn is_of_row(self) -> bool {
        !matches!(
            self,
            Self::SharedMac | Self::SeveralMacs | Self::NoHwid | Self::NoMac | Self::AmbiguousMac
        )
    }
}

/// Something about a list as a whole that the operator should know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// Most lines of a bare list do not look like HWIDs.
    #[error("most lines look like host names: match them with the tenant's inventory")]
    LooksLikeHostnames,
    /// A list of our own whose fetch did not reach the end.
    #[error("this list is incomplete: its fetch did not reach the end; fetch it again")]
    Incomplete,
    /// A column of dates such as `03/04/2026`, none or some of which tell the order.
    #[error(
        "day and month can't be told apart in '{}': its dates count as missing; \
         save the list with dates such as 2026-04-03", .field.heading()
    )]
    DayOrMonth {
        /// The column.
        field: Field,
    },
    /// A part of a workbook's sheet that was left out.
    #[error("{what}: delete the empty rows or columns, or save the sheet as CSV")]
    Cut {
        /// What was left out.
        what: String,
    },
    /// Bytes that no character of the list's encoding is.
    #[error(
        "{count} characters could not be decoded and are shown as \u{fffd}: save the list as UTF-8, or give --encoding"
    )]
    DamagedCharacters {
        /// How many.
        count: u64,
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
    /// Dates later than the file itself.
    #[error("{count} values of '{}' lie in the future and count as unreadable: a clock is wrong", .field.heading())]
    FutureDates {
        /// The column.
        field: Field,
        /// How many.
        count: u64,
    },
    /// Dates in no known notation.
    #[error("{count} values of '{}' are not dates that can be read and count as missing", .field.heading())]
    UnreadableDates {
        /// The column.
        field: Field,
        /// How many.
        count: u64,
    },
}

/// Part of a list is missing or was misread: what is selected of it by itself may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Truncation {
    /// A list of our own whose fetch did not reach the end.
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
    /// A row of a table that doesn't fit its header.
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
    fn a_mark_keeps_every_reason_and_an_unknown_mark_is_one_too() {
        for problem in &REASONS {
            let marked = Problem::exported(&problem.to_string());
            assert_eq!(marked, Problem::Exported(problem));
            assert_eq!(marked.to_string(), problem.to_string());
            assert!(marked.is_of_row(), "no other kind of identifier helps");
        }
        assert_eq!(Problem::exported("x"), Problem::Marked);
    }
}
