//! The kinds of workbooks, and what can be wrong with one.

use std::io;

use crate::text;

/// The file formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkbookKind {
    /// Excel 2007 and later, XML in a zip archive (also `.xlsm`).
    Xlsx,
    /// Excel 2007 and later, binary parts in a zip archive.
    Xlsb,
    /// Excel 5.0 to 2003, in an OLE2 container.
    Xls,
    /// `OpenDocument` spreadsheet, as `LibreOffice` writes it.
    Ods,
}

/// Why a workbook can't be read, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The file can't be read.
    #[error("the workbook can't be read: {0}: save it again")]
    Read(#[source] io::Error),
    /// The text can't be written.
    #[error("the sheet's text can't be written: {0}: make room in the directory")]
    Write(#[source] io::Error),
    /// A password protects the content.
    #[error("the workbook is encrypted: save it without a password")]
    Encrypted,
    /// The content contradicts the format.
    #[error("the workbook is damaged ({0}): open it in a spreadsheet program and save it again")]
    Damaged(String),
    /// A cell has an error of a newer version, such as `#SPILL!`, in this row, counted from 1, or below it.
    #[error(
        "the workbook has a cell with the error {} in row {row} or below, which can't be read: \
         correct the formula, or save the sheet as CSV",
        text::clip(value, 40)
    )]
    ErrorValue {
        /// The error as the file has it.
        value: String,
        /// The row of the cell before it.
        row: u32,
    },
    /// The expanded parts, or the sheet's text, have more than `limit` bytes.
    #[error(
        "the workbook expands to more than {limit} bytes: raise `max_expanded` in [lists], or save the sheet as CSV"
    )]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A part would need more memory than is allowed, whatever `max_expanded` says.
    #[error("the workbook needs too much memory ({0}): save the sheet as CSV")]
    TooMuchMemory(&'static str),
    /// An `.xls` file is held in memory as a whole, which takes more than `limit` bytes.
    #[error(
        "the .xls workbook needs more than {limit} bytes of memory, an eighth of `max_expanded`: \
         save it as .xlsx or CSV, or raise `max_expanded` in [lists]"
    )]
    XlsTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// No sheet has the name.
    #[error("the workbook has no sheet {name:?}: choose one of {}", quoted(.sheets))]
    NoSuchSheet {
        /// The name that was asked for.
        name: String,
        /// The names that exist.
        sheets: Vec<String>,
    },
    /// No sheet has a cell with text.
    #[error("the workbook has no filled cell: save the list in it first")]
    Empty,
    /// A zip archive with other content.
    #[error("a zip archive that is not a workbook: unpack it first")]
    PlainZip,
    /// An OLE2 file with other content, such as a Word document.
    #[error("an OLE2 file that is not a workbook: save the list as .xlsx or CSV")]
    OtherDocument,
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    names.join(", ")
}
