//! Reads a table's first rows, in which its header is looked for.

use super::header::HEADER_ROWS;
use crate::list::error::ListError;
use crate::list::formats::cutter::{Cutter, record_start};
use crate::list::formats::row::Cells;
use crate::list::formats::window::Window;

/// A record of the table's first rows.
pub(super) struct FirstRow {
    /// Begin and end, in bytes from the window's start.
    pub start: usize,
    pub end: usize,
    pub cells: Vec<String>,
}

/// The cells of the window's first rows.
pub(in crate::list) fn first_cells(
    mut cutter: Cutter,
    window: &mut Window<'_>,
) -> Result<Vec<Vec<String>>, ListError> {
    let rows = first_rows(window, &mut cutter)?;
    Ok(rows.into_iter().map(|row| row.cells).collect())
}

pub(super) fn first_rows(
    window: &mut Window<'_>,
    cutter: &mut Cutter,
) -> Result<Vec<FirstRow>, ListError> {
    let mut rows = Vec::new();
    let mut cells = Cells::default();
    let mut at = 0;
    while rows.len() < HEADER_ROWS {
        let start = record_start(window, at)?;
        if window.peek(start)?.is_none() {
            break;
        }
        let end = match cutter.cut(window, start, &mut cells) {
            Ok(end) => end,
            // The header may be above the error, which is reported when the rows are read.
            Err(ListError::Syntax { .. } | ListError::RowTooLong { .. }) if !rows.is_empty() => {
                break;
            }
            Err(error) => return Err(error),
        };
        let record = cells.record();
        if !record.is_blank() {
            rows.push(FirstRow {
                start,
                end,
                cells: record.texts().map(str::to_owned).collect(),
            });
        }
        at = end;
    }
    Ok(rows)
}
