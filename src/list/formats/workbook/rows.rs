//! Gathers cells into rows, and rows into lines of text.

use std::io::Write;
use std::ops::ControlFlow;

use super::error::WorkbookError;

/// The columns that are read of a row.
pub(super) const MOST_COLUMNS: u32 = 2_000;
/// The rows that a sheet can have.
pub(super) const MOST_ROWS: u32 = 1_048_576;
/// The empty rows that can follow each other within a sheet.
const MOST_EMPTY_ROWS: u32 = 10_000;
/// The bytes of text that one row can have.
pub(super) const MOST_ROW_BYTES: usize = 16 << 20;
/// The rows that a sheet is ranked by.
const PREVIEW_ROWS: u32 = 50;

/// Says whether more is to be read.
pub(super) type Next = Result<ControlFlow<()>, WorkbookError>;

/// Gets each row that has a filled cell: its number from 0 and its cells from column A on.
pub(super) type EachRow<'a> = &'a mut dyn FnMut(u32, &[String]) -> Next;

/// Gathers cells, which come row by row, into rows.
pub(super) struct Rows<'a> {
    each: EachRow<'a>,
    /// The row being gathered, from 0.
    row: u32,
    /// Buffers that are reused; the first `used` of them are the row's cells.
    cells: Vec<String>,
    used: usize,
    bytes: usize,
    cut: bool,
    too_wide: bool,
}

impl<'a> Rows<'a> {
    /// Hands each row to `each`.
    pub fn new(each: EachRow<'a>) -> Self {
        Self {
            each,
            row: 0,
            cells: Vec::new(),
            used: 0,
            bytes: 0,
            cut: false,
            too_wide: false,
        }
    }

    /// Adds a cell by its row and column, both from 0. Cells of a row can come in any order.
    pub fn cell(&mut self, row: u32, column: u32, text: &str) -> Next {
        if text.trim().is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if row < self.row {
            let place = format!("row {} comes after row {}", row + 1, self.row + 1);
            return Err(WorkbookError::Damaged(place));
        }
        if row > self.row {
            if self.end_row()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if row >= MOST_ROWS || row - self.row > MOST_EMPTY_ROWS + 1 {
                self.cut = true;
                return Ok(ControlFlow::Break(()));
            }
            self.row = row;
        }
        if column >= MOST_COLUMNS {
            self.too_wide = true;
            return Ok(ControlFlow::Continue(()));
        }
        self.bytes += text.len();
        if self.bytes > MOST_ROW_BYTES {
            return Err(WorkbookError::TooMuchMemory(
                "a row has more than 16 MiB of text",
            ));
        }
        let column = column as usize;
        if self.cells.len() <= column {
            self.cells.resize_with(column + 1, String::new);
        }
        self.used = self.used.max(column + 1);
        if let Some(cell) = self.cells.get_mut(column) {
            cell.clear();
            push_line(cell, text);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end_row(&mut self) -> Next {
        let cells = self.cells.get_mut(..self.used).unwrap_or_default();
        let next = if cells.is_empty() {
            ControlFlow::Continue(())
        } else {
            (self.each)(self.row, cells)?
        };
        for cell in cells {
            cell.clear();
            // A huge cell must not leave its buffer behind.
            cell.shrink_to(1_024);
        }
        (self.used, self.bytes) = (0, 0);
        Ok(next)
    }

    /// Hands over the last row. Returns the last row, from 1, when later ones were left out, and
    /// whether columns were.
    pub fn finish(mut self) -> Result<(Option<u32>, bool), WorkbookError> {
        // Whether more rows are asked for no longer matters.
        let _ = self.end_row()?;
        Ok((self.cut.then_some(self.row + 1), self.too_wide))
    }
}

/// Appends `text` with each line break replaced by a space.
fn push_line(cell: &mut String, text: &str) {
    if !text.contains(['\r', '\n']) {
        cell.push_str(text);
        return;
    }
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' => cell.push(' '),
            other => cell.push(other),
        }
    }
}

/// The first rows of a sheet.
#[derive(Default)]
pub(super) struct Preview {
    /// The rows from row 1 on, empty ones included.
    pub rows: Vec<Vec<String>>,
    /// True when a cell has text, also one below these rows.
    pub filled: bool,
}

impl Preview {
    /// Adds a row, and asks for more until there are enough.
    pub fn add(&mut self, row: u32, cells: &[String]) -> ControlFlow<()> {
        self.filled = true;
        if row >= PREVIEW_ROWS {
            return ControlFlow::Break(());
        }
        self.rows.resize_with(row as usize, Vec::new);
        self.rows.push(cells.to_vec());
        ControlFlow::Continue(())
    }
}

/// Writes rows as comma-delimited lines.
pub(super) struct Lines<'a> {
    out: &'a mut dyn Write,
    limit: u64,
    written: u64,
    /// The lines written so far.
    count: u32,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// Writes at most `limit` bytes to `out`.
    pub fn new(out: &'a mut dyn Write, limit: u64) -> Self {
        Self {
            out,
            limit,
            written: 0,
            count: 0,
            line: Vec::new(),
        }
    }

    /// Writes the row with the number `row` (from 0) after empty lines for those that are missing.
    pub fn write(&mut self, row: u32, cells: &[String]) -> Next {
        self.line.clear();
        let missing = row.saturating_sub(self.count) as usize;
        self.line.resize(missing, b'\n');
        for (column, cell) in cells.iter().enumerate() {
            if column > 0 {
                self.line.push(b',');
            }
            push_field(&mut self.line, cell);
        }
        self.line.push(b'\n');
        self.count = row + 1;
        self.written += self.line.len() as u64;
        if self.written > self.limit {
            return Err(WorkbookError::TooLarge { limit: self.limit });
        }
        self.out
            .write_all(&self.line)
            .map_err(WorkbookError::Write)?;
        Ok(ControlFlow::Continue(()))
    }

    /// True when nothing was written.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

fn push_field(line: &mut Vec<u8>, text: &str) {
    if !text.contains([',', '"']) {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    line.push(b'"');
    for &byte in text.as_bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}
