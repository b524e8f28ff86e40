//! Measures the records of a workbook stream: how many cells and how much text they stand for.

use std::collections::VecDeque;

use super::{CELL_BYTES, MOST_SHEETS, Memory, WorkbookError, damaged, u16_at, u32_at};

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;
const FILE_PASS: u16 = 0x002f;
const CONTINUE: u16 = 0x003c;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00bd;
const SHARED_TEXTS: u16 = 0x00fc;
const SHARED_TEXT_CELL: u16 = 0x00fd;
const DIMENSIONS: u16 = 0x0200;
/// Records that hold one cell each: label, formatted label, number, boolean, RK and formula.
const CELLS: [u16; 6] = [0x0204, 0x00d6, 0x0203, 0x0205, 0x027e, FORMULA];
const FORMULA: u16 = 0x0006;
/// The text of the formula cell before it.
const FORMULA_TEXT: u16 = 0x0207;

/// The rows, and the cells, that a sheet of this format can have.
const MOST_ROWS: u32 = 0x1_0000;
const MOST_CELLS: u64 = 0x100_0000;

/// Refuses a stream that is encrypted, or whose sheets need more memory than is left.
pub(super) fn measure(stream: &[u8], memory: &mut Memory) -> Result<(), WorkbookError> {
    let (mut sheets, mut texts) = (Vec::new(), Vec::new());
    let mut rest = stream;
    while let Some((kind, data)) = next(&mut rest) {
        match kind {
            FILE_PASS => return Err(WorkbookError::Encrypted),
            BOUND_SHEET => sheets.push(u32_at(data, 0).unwrap_or(u32::MAX)),
            SHARED_TEXTS => {
                let mut pieces = VecDeque::from([data]);
                let mut ahead = rest;
                while let Some((CONTINUE, data)) = next(&mut ahead) {
                    pieces.push_back(data);
                }
                texts = Pieces { pieces, at: 0 }.lengths();
            }
            END => break,
            _ => {}
        }
    }
    if sheets.len() > MOST_SHEETS {
        return Err(WorkbookError::TooMuchMemory(
            "it has more than 1,024 sheets",
        ));
    }
    let mut sum = Sum { bytes: 0, memory };
    for start in sheets {
        let sheet = stream.get(start as usize..);
        sum.add_sheet(
            sheet.ok_or_else(|| damaged("a sheet is beyond the end"))?,
            &texts,
        )?;
        // Sheets that overlap would be read, and held, again and again.
        if sum.bytes > 2 * stream.len() {
            return Err(damaged("its sheets overlap"));
        }
    }
    Ok(())
}

fn next<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    let (kind, length) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
    let data = rest.get(4..4 + length)?;
    *rest = rest.get(4 + length..)?;
    Some((kind, data))
}

struct Sum<'a> {
    bytes: usize,
    memory: &'a mut Memory,
}

impl Sum<'_> {
    fn add_sheet(&mut self, mut rest: &[u8], texts: &[u32]) -> Result<(), WorkbookError> {
        let whole = rest.len();
        let mut area = Area::default();
        let (mut depth, mut text_bytes) = (0_u32, 0);
        let mut formula = (0, 0);
        while let Some((kind, data)) = next(&mut rest) {
            let row = u16_at(data, 0).unwrap_or(0);
            let column = u16_at(data, 2).unwrap_or(0);
            match kind {
                BEGIN => depth += 1,
                END if depth <= 1 => break,
                END => depth -= 1,
                // An embedded chart has records of its own.
                _ if depth > 1 => {}
                SHARED_TEXT_CELL => {
                    let text = u32_at(data, 6).and_then(|index| texts.get(index as usize));
                    // A text of unknown length may be the longest possible one.
                    text_bytes += text.map_or(3 * 32_767, |&length| u64::from(length));
                    area.add(row, column, column);
                }
                MUL_RK => {
                    let last = u16_at(data, data.len().saturating_sub(2)).unwrap_or(column);
                    area.add(row, column, last.max(column));
                }
                DIMENSIONS if !is_plausible(data) => {
                    return Err(damaged("the dimensions of a sheet are impossible"));
                }
                FORMULA_TEXT => {
                    text_bytes += 2 * data.len() as u64;
                    // Without a formula before it, calamine takes it for the first cell's.
                    area.add(formula.0, formula.1, formula.1);
                }
                kind if CELLS.contains(&kind) => {
                    if kind == FORMULA {
                        formula = (row, column);
                    }
                    text_bytes += data.len() as u64;
                    area.add(row, column, column);
                }
                _ => {}
            }
        }
        self.bytes += whole - rest.len();
        let cells = area.cells().max(area.records);
        self.memory.add(cells * CELL_BYTES + text_bytes)
    }
}

fn is_plausible(data: &[u8]) -> bool {
    let (first, last, columns) = if data.len() == 10 {
        (
            u16_at(data, 0).map(u32::from),
            u16_at(data, 2).map(u32::from),
            u16_at(data, 6),
        )
    } else {
        (u32_at(data, 0), u32_at(data, 4), u16_at(data, 10))
    };
    let (Some(first), Some(last), Some(columns)) = (first, last, columns) else {
        return false;
    };
    // The last row is the one after the last used one, or 0 when none is used.
    let rows_fit = last <= MOST_ROWS && (last == 0 || first < last);
    // calamine reserves room for every cell: a width that no sheet has is harmless in a low one only.
    rows_fit && u64::from(last) * u64::from(columns) <= MOST_CELLS
}

/// The rectangle around the cells of a sheet.
#[derive(Default)]
struct Area {
    /// First row, first column, last row, last column.
    corners: Option<(u16, u16, u16, u16)>,
    records: u64,
}

impl Area {
    fn add(&mut self, row: u16, first: u16, last: u16) {
        self.records += u64::from(last - first) + 1;
        let (top, left, bottom, right) = self.corners.unwrap_or((row, first, row, last));
        self.corners = Some((
            top.min(row),
            left.min(first),
            bottom.max(row),
            right.max(last),
        ));
    }

    fn cells(&self) -> u64 {
        self.corners.map_or(0, |(top, left, bottom, right)| {
            (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)
        })
    }
}

/// The table of shared texts, which goes on in further records.
struct Pieces<'a> {
    pieces: VecDeque<&'a [u8]>,
    at: usize,
}

impl Pieces<'_> {
    /// The most bytes that each text has as UTF-8.
    fn lengths(mut self) -> Vec<u32> {
        let mut lengths = Vec::new();
        if self.skip(8).is_some() {
            while let Some(length) = self.text() {
                lengths.push(length);
            }
        }
        lengths
    }

    fn text(&mut self) -> Option<u32> {
        self.whole()?;
        let count = u16::from_le_bytes([self.byte()?, self.byte()?]);
        let flags = self.byte()?;
        let runs = if flags & 8 == 0 {
            0
        } else {
            usize::from(u16::from_le_bytes([self.byte()?, self.byte()?]))
        };
        let extra = if flags & 4 == 0 {
            0
        } else {
            u32::from_le_bytes([self.byte()?, self.byte()?, self.byte()?, self.byte()?])
        };
        let (mut left, mut wide) = (usize::from(count), flags & 1 == 1);
        while left > 0 {
            let size = if wide { 2 } else { 1 };
            let room = self
                .pieces
                .front()
                .map_or(0, |piece| piece.len().saturating_sub(self.at))
                / size;
            if room == 0 {
                // A text that goes on in the next record begins with its width anew.
                self.advance()?;
                wide = *self.pieces.front()?.first()? & 1 == 1;
                self.at = 1;
                continue;
            }
            self.at += room.min(left) * size;
            left -= room.min(left);
        }
        self.skip(runs * 4)?;
        self.skip(extra as usize)?;
        Some(u32::from(count) * 3)
    }

    fn advance(&mut self) -> Option<()> {
        if self.pieces.len() < 2 {
            return None;
        }
        self.pieces.pop_front();
        self.at = 0;
        Some(())
    }

    fn whole(&mut self) -> Option<()> {
        while self.at >= self.pieces.front()?.len() {
            self.advance()?;
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        self.whole()?;
        let byte = self.pieces.front()?.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            self.whole()?;
            let step = count.min(self.pieces.front()?.len() - self.at);
            self.at += step;
            count -= step;
        }
        Some(())
    }
}
