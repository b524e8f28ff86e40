//! Rows that a frame moves up or down: the terminal moves them itself, so that a step past the edge
//! of a table costs a row, not a screen.

use std::hash::{DefaultHasher, Hash, Hasher};

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::style::Print;
use ratatui::buffer::{Buffer, Cell};

/// The cells that a shift has to save: its sequences take some twenty bytes.
const LEAST_SAVING: usize = 40;

/// Rows of the whole width that move by as many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    /// The first row that moves or is moved over.
    top: u16,
    /// The row below the last one.
    bottom: u16,
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Up(u16),
    Down(u16),
}

impl Shift {
    /// The shift by which the terminal comes nearest to `wanted`, if one saves enough.
    pub(super) fn find(shown: &Buffer, wanted: &Buffer) -> Option<Self> {
        let (before, after) = (hashes(shown), hashes(wanted));
        let rows = before.len().min(after.len());
        let moved = |by: By| {
            let source = move |row: usize| match by {
                By::Up(rows) => row.checked_add(rows.into()),
                By::Down(rows) => row.checked_sub(rows.into()),
            };
            let (before, after) = (&before[..rows], &after[..rows]);
            (0..rows).filter(move |&row| {
                let from = source(row).and_then(|from| before.get(from));
                from == Some(&after[row]) && before[row] != after[row]
            })
        };
        let furthest = u16::try_from(rows).unwrap_or(u16::MAX);
        let ways = (1..furthest).flat_map(|rows| [By::Up(rows), By::Down(rows)]);
        // Of equal ones the shortest.
        let by = ways.rev().max_by_key(|&by| moved(by).count())?;
        let first = u16::try_from(moved(by).next()?).ok()?;
        let last = u16::try_from(moved(by).next_back()?).ok()?;
        let (top, bottom) = match by {
            By::Up(rows) => (first, last + 1 + rows),
            By::Down(rows) => (first - rows, last + 1),
        };
        let shift = Self { top, bottom, by };
        let mut shifted = shown.clone();
        shift.apply(&mut shifted);
        let cost = shifted.diff_iter(wanted).count() + LEAST_SAVING;
        (cost < shown.diff_iter(wanted).count()).then_some(shift)
    }

    /// Moves the rows in `shown`, as the terminal does.
    pub(super) fn apply(self, shown: &mut Buffer) {
        let width = usize::from(shown.area.width);
        let rows = usize::from(self.top) * width..usize::from(self.bottom) * width;
        let region = &mut shown.content[rows];
        match self.by {
            By::Up(rows) => {
                let cells = usize::from(rows) * width;
                region.rotate_left(cells);
                let kept = region.len() - cells;
                region[kept..].fill(Cell::default());
            }
            By::Down(rows) => {
                let cells = usize::from(rows) * width;
                region.rotate_right(cells);
                region[..cells].fill(Cell::default());
            }
        }
    }

    /// Rows are deleted at one end and inserted at the other, which every terminal can: scrolling
    /// by its own sequences is unknown to the Linux console, and a region of it that isn't taken
    /// back would outlive the program.
    pub(super) fn write(self, out: &mut Vec<u8>) -> std::io::Result<()> {
        let (deleted_at, inserted_at, rows) = match self.by {
            By::Up(rows) => (self.top, self.bottom - rows, rows),
            By::Down(rows) => (self.bottom - rows, self.top, rows),
        };
        queue!(
            out,
            MoveTo(0, deleted_at),
            Print(format_args!("\x1b[{rows}M")),
            MoveTo(0, inserted_at),
            Print(format_args!("\x1b[{rows}L"))
        )
    }
}

/// What stands in the left half of each row, for a comparison: the right one may be a panel, which
/// doesn't move with the rows.
fn hashes(buffer: &Buffer) -> Vec<u64> {
    let width = usize::from(buffer.area.width).max(1);
    let of_row = |row: &[Cell]| {
        let mut hasher = DefaultHasher::new();
        row[..row.len() / 2].hash(&mut hasher);
        hasher.finish()
    };
    buffer.content.chunks(width).map(of_row).collect()
}

#[cfg(test)]
mod tests;
