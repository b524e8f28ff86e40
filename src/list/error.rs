//! Errors of reading a list.

use std::io;

/// An error of reading a list. Each message names the list, the line if known, and a remedy.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The file can't be opened.
    #[error("can't open {name}: {source}: name a file that exists and that you may read")]
    Open {
        name: Box<str>,
        /// The error of the system.
        source: io::Error,
    },
    /// A directory or a device.
    #[error("{name} is {what}: name a file, or - for standard input")]
    NotAFile {
        name: Box<str>,
        /// Its kind, such as `a directory`.
        what: &'static str,
    },
    /// Reading failed.
    #[error("can't read {name}: {source}: save the list again")]
    Read {
        name: Box<str>,
        /// The error of the system or the decompressor.
        source: io::Error,
    },
    /// The temporary copy of a source that can't be read twice failed.
    #[error(
        "can't keep a copy of {name} in {directory}: {source}: make room in the directory, or make it writable"
    )]
    Spool {
        name: Box<str>,
        /// The directory of the copy.
        directory: Box<str>,
        /// The error of the system.
        source: io::Error,
    },
    /// It has no content.
    #[error("{name} is empty: save the list again")]
    Empty { name: Box<str> },
    /// It is truncated or malformed.
    #[error("{name}, line {line}, column {column}: {reason}")]
    Syntax {
        name: Box<str>,
        /// Counted from 1.
        line: u64,
        /// Counted from 1, in bytes.
        column: u64,
        /// The error and its remedy.
        reason: &'static str,
    },
    /// A row that is too long, which usually means an unclosed quote.
    #[error(
        "{name}, line {line}: a row of more than {limit} MiB begins here: close a quote or bracket that is left open, or check that the file is a list with a line for each row"
    )]
    RowTooLong {
        name: Box<str>,
        /// Where the row begins, counted from 1.
        line: u64,
        /// The maximum length of a row, in MiB.
        limit: usize,
    },
    /// More devices or text than can be addressed.
    #[error("{name} is too large: split it into lists of at most {limit}")]
    TooLarge {
        name: Box<str>,
        /// The maximum size.
        limit: &'static str,
    },
    /// More rows than are allowed.
    #[error(
        "{name} has more than {limit} rows: raise `max_rows` in [lists] if it really is a list"
    )]
    TooManyRows { name: Box<str>, limit: u64 },
    /// A table in which no header names a field.
    #[error(
        "{name} has no column that names a device among its headers ({headers}): \
         say which column it is, as in --column hwid=\"…\", or rename a header to HWID, MAC Address, Hostname or Serial"
    )]
    NoIdentifierColumn {
        name: Box<str>,
        /// The headers, safe to show.
        headers: Box<str>,
    },
    /// Binary, or UTF-16 without a byte order mark.
    #[error("{name}, line {line}: a NUL byte, so this is not text: save the list as UTF-8")]
    NulByte {
        name: Box<str>,
        /// Counted from 1.
        line: u64,
    },
    /// Two of our own lists in one file.
    #[error(
        "{name}, line {line}: a second list begins here: save and open each in a file of its own"
    )]
    SecondList {
        name: Box<str>,
        /// Counted from 1.
        line: u64,
    },
    /// Another header below the first one: its rows may have other columns.
    #[error(
        "{name}, line {line}: a second header with other columns: save each part as a list of its own"
    )]
    SecondHeader {
        name: Box<str>,
        /// Counted from 1.
        line: u64,
    },
    /// A list written by a later version.
    #[error(
        "{name} is a list of format {version}, and this version reads format 1: update offboard"
    )]
    NewerFormat {
        name: Box<str>,
        /// The format.
        version: u64,
    },
    /// Text or data, but not a list of devices.
    #[error(
        "{name}, line {line}: this is not a device list but {seen}: a list is a table or JSON with names such as \
         HWID, MAC Address or Hostname, a workbook, or one identifier per line; text that names devices is for --ids, or \
         for `I` on the screen"
    )]
    NotAList {
        name: Box<str>,
        /// Counted from 1.
        line: u64,
        /// A description of the content, safe to show.
        seen: Box<str>,
    },
    /// Not UTF-8; reading starts again once the encoding is known.
    #[error("{name}: its encoding can't be recognised: give it with --encoding")]
    NotUtf8 { name: Box<str> },
    /// UTF-8 beside another encoding, as in two files that were joined.
    #[error(
        "{name} has two encodings: {mixture}, which looks like {guess}: save each part as UTF-8, \
         or give --encoding NAME if it really is one encoding"
    )]
    MixedEncodings {
        name: Box<str>,
        /// The lines of both.
        mixture: Box<str>,
        /// The name of the other encoding.
        guess: &'static str,
    },
    /// A workbook that can't be read.
    #[error("{name}: {source}")]
    Workbook {
        name: Box<str>,
        /// The error and its remedy.
        source: crate::list::formats::workbook::WorkbookError,
    },
    /// A compressed file or a pipe with more bytes than the limit.
    #[error(
        "{name} has more than {limit} bytes once it is unpacked: raise `max_expanded` in [lists] if it really is a list"
    )]
    Expands {
        name: Box<str>,
        /// In bytes.
        limit: u64,
    },
    /// The file changed while it was read, or afterwards.
    #[error("{name} has changed on disk: load it again")]
    Changed { name: Box<str> },
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The list can't be read.
    Error(ListError),
    /// A column of device IDs turned out to have another system's identifiers: the list has to be read
    /// again, with that column not read as hardware IDs.
    ForeignIds,
}

impl From<ListError> for Stop {
    fn from(error: ListError) -> Self {
        Self::Error(error)
    }
}

/// Why a row can't be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The arena's offsets are 32 bits wide.
    Text,
    /// The maximum number of rows was reached.
    Rows(u64),
}

impl Full {
    /// The error for the list called `name`.
    pub fn error(self, name: &str) -> ListError {
        let name = name.into();
        match self {
            Self::Text => ListError::TooLarge {
                name,
                limit: "4 GiB of text",
            },
            Self::Rows(limit) => ListError::TooManyRows { name, limit },
        }
    }
}
