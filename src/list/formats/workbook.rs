//! Turns one sheet of an Excel or `OpenDocument` workbook into comma-delimited text.
//!
//! A workbook is hostile input: its parts are measured before they are parsed, sheets are streamed,
//! and what is written is limited as well, because one shared text can be in a million cells.

mod archive;
mod book;
mod cell;
mod error;
mod hidden;
mod markup;
mod ods;
mod rows;
mod sheet;
#[cfg(test)]
pub(in crate::list) mod tests;
mod xls;
mod xml;

use std::io::{Read, Seek, SeekFrom, Write};

use self::book::Book;
use self::rows::{Lines, Preview, Rows};

pub use self::error::{WorkbookError, WorkbookKind};

/// Ends the text of a number that its cell shows otherwise. Unicode reserves it: no text has it.
pub const SHOWN_OTHERWISE: char = '\u{fdd0}';

const ZIP: &[u8] = b"PK\x03\x04";
const OLE2: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// The sheets that are looked at before one has to be named.
const MOST_CANDIDATES: usize = 100;

/// What a sheet is called, and which of the workbook's other sheets exist.
#[derive(Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The sheet's name, as it is in the workbook.
    pub name: String,
    /// The names of the sheets that were not read, in the workbook's order.
    pub others: Vec<String>,
    /// True when the workbook hides the sheet.
    pub hidden: bool,
    /// The last row that was read, counted from 1, when cells after it were left out: they follow
    /// more than 10,000 empty rows, or are beyond row 1,048,576.
    pub cut_after_row: Option<u32>,
    /// True when cells beyond column 2,000 were left out.
    pub columns_cut: bool,
    /// The filled rows that the sheet hides, by hand or by a filter, and that were read; 0 if the kind
    /// of workbook doesn't tell.
    pub hidden_rows: u64,
}

/// True when input that begins so is a zip archive or an OLE2 file, thus perhaps a workbook.
pub fn is_workbook(start: &[u8]) -> bool {
    start.starts_with(ZIP) || start.starts_with(OLE2)
}

/// Writes one sheet as comma-delimited text, a line for each row from row 1 on, so that line
/// numbers are the sheet's row numbers.
///
/// The sheet is the one called `sheet` (case and surrounding blanks ignored), else the first one
/// for which `rank` is not 0, visible ones before hidden ones, else the first one with a filled
/// cell. `rank` gets the texts of the first 50 rows. `limit` bounds the bytes of the expanded
/// parts and, separately, those of the text written.
///
/// A parser's panic on a damaged workbook is caught, and is an error.
pub fn write_delimited(
    mut input: impl Read + Seek,
    sheet: Option<&str>,
    limit: u64,
    rank: &dyn Fn(&[Vec<String>]) -> usize,
    out: &mut dyn Write,
) -> Result<Sheet, WorkbookError> {
    let kind = measure(&mut input, limit)?;
    let mut book = Book::open(kind, &mut input, limit)?;
    let chosen = choose(&mut book, sheet, rank)?;
    let mut lines = Lines::new(out, limit);
    let (cut_after_row, columns_cut) =
        read_rows(&mut book, chosen, &mut |row, cells| lines.write(row, cells))?;
    if lines.is_empty() {
        return Err(WorkbookError::Empty);
    }
    let (mut name, mut hidden, mut others) = (String::new(), false, Vec::new());
    for (index, sheet) in book.sheets().iter().enumerate() {
        if index == chosen {
            (name, hidden) = (sheet.name.clone(), sheet.hidden);
        } else {
            others.push(sheet.name.clone());
        }
    }
    let hidden_rows = match book.hidden_rows() {
        Some(count) => count,
        None if kind == WorkbookKind::Xlsx => {
            drop(book);
            book::guarded(|| hidden::count(&mut input, &name))?.unwrap_or(0)
        }
        None => 0,
    };
    Ok(Sheet {
        name,
        others,
        hidden,
        cut_after_row,
        columns_cut,
        hidden_rows,
    })
}

/// Tells the kind of workbook, and refuses one that expands without end.
pub fn measure(input: &mut (impl Read + Seek), limit: u64) -> Result<WorkbookKind, WorkbookError> {
    let size = input.seek(SeekFrom::End(0)).map_err(WorkbookError::Read)?;
    if size > limit {
        return Err(WorkbookError::TooLarge { limit });
    }
    input.rewind().map_err(WorkbookError::Read)?;
    let mut start = Vec::new();
    input
        .by_ref()
        .take(OLE2.len() as u64)
        .read_to_end(&mut start)
        .map_err(WorkbookError::Read)?;
    input.rewind().map_err(WorkbookError::Read)?;
    if start.starts_with(OLE2) {
        book::guarded(|| xls::measure(input, size, limit))?;
        Ok(WorkbookKind::Xls)
    } else {
        book::guarded(|| archive::measure(input, limit))
    }
}

fn choose(
    book: &mut Book<impl Read + Seek>,
    name: Option<&str>,
    rank: &dyn Fn(&[Vec<String>]) -> usize,
) -> Result<usize, WorkbookError> {
    if let Some(name) = name {
        let folded = name.trim().to_lowercase();
        let found = book
            .sheets()
            .iter()
            .position(|sheet| sheet.name.trim().to_lowercase() == folded);
        return found.ok_or_else(|| WorkbookError::NoSuchSheet {
            name: name.trim().to_owned(),
            sheets: book
                .sheets()
                .iter()
                .map(|sheet| sheet.name.clone())
                .collect(),
        });
    }
    let mut candidates: Vec<usize> = (0..book.sheets().len()).collect();
    // A stable sort keeps the workbook's order among the visible and among the hidden ones.
    candidates.sort_by_key(|&index| book.sheets().get(index).is_some_and(|sheet| sheet.hidden));
    candidates.truncate(MOST_CANDIDATES);
    let mut filled = None;
    for index in candidates {
        let mut preview = Preview::default();
        read_rows(book, index, &mut |row, cells| Ok(preview.add(row, cells)))?;
        if !preview.filled {
            continue;
        }
        if rank(&preview.rows) > 0 {
            return Ok(index);
        }
        filled = filled.or(Some(index));
    }
    filled.ok_or(WorkbookError::Empty)
}

/// Reads the sheet's rows, and returns the last row when later ones were left out and whether
/// columns were.
fn read_rows(
    book: &mut Book<impl Read + Seek>,
    index: usize,
    row: rows::EachRow<'_>,
) -> Result<(Option<u32>, bool), WorkbookError> {
    let mut rows = Rows::new(row);
    book.visit(index, &mut |row, column, text| rows.cell(row, column, text))?;
    rows.finish()
}
