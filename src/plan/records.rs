//! Full records: the rows of the planned devices as the list held them, compressed in blocks.
//!
//! A block is a sequence of JSON arrays, one per record, compressed with Zstandard. A record has the rows
//! of one device: a list may have several for one. The size of a block and of a record are bounded,
//! whatever the list holds.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Keep;
use crate::list::RawRecord;
use crate::text::{self, raw_json};

/// A block is closed once it has this many bytes, before compression.
const BLOCK: usize = 1 << 20;
/// The most bytes of a record; what is longer is cut, and says so.
const LONGEST_RECORD: usize = 64 << 10;
/// The most bytes of a block, before compression: escapes, and hashes in place of values, make it longer.
const LARGEST_BLOCK: usize = BLOCK + 32 * LONGEST_RECORD;
const COMPRESSION: i32 = 3;

/// The full records of a plan's devices. A clone shares them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Which fields of the devices are kept, also outside the records.
    pub keep: Keep,
    /// Consecutive blocks; none if the plan has no records at all, such as the plan file of an earlier
    /// version.
    pub blocks: Option<Arc<[RecordBlock]>>,
}

/// Reads records one by one, best in their order: the last block is kept.
#[derive(Debug)]
pub struct RecordReader<'b> {
    blocks: &'b [RecordBlock],
    open: Option<(u32, Vec<FullRecord>)>,
}

impl<'b> RecordReader<'b> {
    /// A reader of these blocks.
    pub fn new(blocks: &'b [RecordBlock]) -> Self {
        Self { blocks, open: None }
    }

    /// The record with this number; none if no block has it.
    pub fn get(&mut self, number: u32) -> Result<Option<&FullRecord>, RecordError> {
        let block = self.blocks.iter().find(|block| block.has(number));
        let Some(block) = block else {
            return Ok(None);
        };
        let records = match self.open.take() {
            Some((first, records)) if first == block.first => records,
            _ => block.read()?,
        };
        let (first, records) = self.open.insert((block.first, records));
        Ok(records.get((number - *first) as usize))
    }
}

/// Consecutive records, compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBlock {
    /// The number of its first record within the plan.
    pub first: u32,
    /// How many it has.
    pub count: u32,
    /// The compressed records.
    pub data: Vec<u8>,
}

/// The rows of one device. Their texts are not safe to show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FullRecord {
    /// In the order of the list.
    pub rows: Vec<RecordRow>,
}

/// A row of a [`FullRecord`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordRow {
    /// The line of the list on which it begins, from 1; unknown if a plan file carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// A JSON value, as the list spelt it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Box<RawValue>>,
    /// A row of a table: header and cell; a surplus cell has an empty header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<(String, String)>>,
    /// A line of a bare list, or what is not valid JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The fields that were read from it, where the row itself isn't kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Map<String, Value>>,
    /// How many bytes the list held, if they were too many and the rest was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_from: Option<u64>,
}

impl PartialEq for RecordRow {
    fn eq(&self, other: &Self) -> bool {
        // JSON as it is spelt has no equality of its own.
        let written = |row: &Self| serde_json::to_string(row).unwrap_or_default();
        written(self) == written(other)
    }
}

/// Why records can't be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The block can't be decompressed, or has too many bytes.
    #[error("the block can't be decompressed: {0}")]
    Compression(#[from] std::io::Error),
    /// It is no sequence of records.
    #[error("the block can't be read: {0}")]
    Content(#[from] serde_json::Error),
    /// It has another number of records than it says.
    #[error("the block has {found} records instead of {expected}")]
    Count {
        /// How many it has.
        found: usize,
        /// How many it says.
        expected: u32,
    },
}

impl FullRecord {
    /// The rows of a list, as far as they are kept.
    pub fn of_rows(rows: Vec<RawRecord>) -> Self {
        let mut left = LONGEST_RECORD;
        let rows = rows.into_iter().map(|row| RecordRow::of(row, &mut left));
        Self {
            rows: rows.collect(),
        }
        .bounded()
    }

    /// The fields that were read from rows which themselves aren't kept.
    pub fn of_fields(line: Option<u64>, fields: Map<String, Value>) -> Self {
        let row = RecordRow {
            line,
            fields: Some(fields),
            ..RecordRow::default()
        };
        Self { rows: vec![row] }.bounded()
    }

    /// Cuts what is too long in spite of its parts, such as thousands of rows of one device.
    fn bounded(mut self) -> Self {
        const MOST_ROWS: usize = 200;
        let all = self.rows.len();
        if all > MOST_ROWS {
            self.rows.truncate(MOST_ROWS);
            self.rows.push(RecordRow {
                text: Some(format!("{} more rows are not kept", all - MOST_ROWS)),
                ..RecordRow::default()
            });
        }
        for row in &mut self.rows {
            let too_long = row.fields.as_ref().and_then(|fields| {
                let text = serde_json::to_string(fields).unwrap_or_default();
                (text.len() > LONGEST_RECORD).then_some(text)
            });
            if let Some(fields) = too_long {
                row.fields = None;
                row.cut_from = Some(fields.len() as u64);
                row.text = Some(text::head(&fields, LONGEST_RECORD).to_owned());
            }
        }
        self
    }
}

impl RecordRow {
    /// The row, cut to `left` bytes, which get fewer by it.
    fn of(row: RawRecord, left: &mut usize) -> Self {
        let mut take = |text: String| {
            let bytes = text.len();
            let kept = text::head(&text, *left).to_owned();
            *left -= kept.len();
            let cut_from = (kept.len() < bytes).then_some(bytes as u64);
            (kept, cut_from)
        };
        match row {
            RawRecord::Json { line, text } => {
                let (text, cut_from) = take(text);
                let json = match cut_from {
                    None => RawValue::from_string(text.clone()).ok(),
                    Some(_) => None,
                };
                Self {
                    line: Some(line),
                    text: json.is_none().then_some(text),
                    json,
                    cut_from,
                    ..Self::default()
                }
            }
            RawRecord::Cells { line, cells } => {
                let bytes: usize = cells.iter().map(|(_, cell)| cell.len()).sum();
                let mut is_cut = false;
                let mut kept = Vec::with_capacity(cells.len());
                let filled = cells
                    .into_iter()
                    .filter(|(header, cell)| !header.is_empty() || !cell.is_empty());
                for (header, cell) in filled {
                    let (header, header_cut) = take(header);
                    let (cell, cell_cut) = take(cell);
                    let is_whole = header_cut.is_none() && cell_cut.is_none();
                    is_cut |= !is_whole;
                    if is_whole || !cell.is_empty() {
                        kept.push((header, cell));
                    }
                }
                Self {
                    line: Some(line),
                    cells: Some(kept),
                    cut_from: is_cut.then_some(bytes as u64),
                    ..Self::default()
                }
            }
            RawRecord::Line { line, text } => {
                let (text, cut_from) = take(text);
                Self {
                    line: Some(line),
                    text: Some(text),
                    cut_from,
                    ..Self::default()
                }
            }
        }
    }

    /// The parts to show under each other: a name, if it has one, and a text. Not safe to show.
    pub fn lines(&self) -> Vec<(Option<String>, String)> {
        let mut lines = Vec::new();
        if let Some(line) = self.line {
            lines.push((Some(format!("line {line}")), String::new()));
        }
        if let Some(json) = &self.json {
            let indented = raw_json::indented(json);
            lines.extend(indented.lines().map(|line| (None, line.to_owned())));
        }
        if let Some(fields) = &self.fields {
            let pretty = serde_json::to_string_pretty(fields).unwrap_or_default();
            lines.extend(pretty.lines().map(|line| (None, line.to_owned())));
        }
        let cells = self.cells.iter().flatten();
        lines.extend(cells.map(|(name, value)| (Some(name.clone()), value.clone())));
        let text = self.text.iter().flat_map(|text| text.lines());
        lines.extend(text.map(|line| (None, line.to_owned())));
        if let Some(bytes) = self.cut_from {
            let bytes = text::counted(bytes, "byte");
            lines.push((None, format!("… cut: the list held {bytes}")));
        }
        lines
    }
}

impl RecordBlock {
    /// True if the record with this number is in it.
    pub fn has(&self, number: u32) -> bool {
        (self.first..self.first.saturating_add(self.count)).contains(&number)
    }

    /// Its records.
    pub fn read(&self) -> Result<Vec<FullRecord>, RecordError> {
        let text = zstd::bulk::decompress(&self.data, LARGEST_BLOCK)?;
        let records: Vec<FullRecord> = serde_json::Deserializer::from_slice(&text)
            .into_iter()
            .collect::<Result<_, _>>()?;
        if records.len() != self.count as usize {
            return Err(RecordError::Count {
                found: records.len(),
                expected: self.count,
            });
        }
        Ok(records)
    }
}

/// Compresses records, which are numbered in the order in which they come.
#[derive(Debug, Default)]
pub struct RecordWriter {
    blocks: Vec<RecordBlock>,
    text: Vec<u8>,
    first: u32,
    count: u32,
}

impl RecordWriter {
    /// Adds a record and returns its number.
    pub fn push(&mut self, record: &FullRecord) -> Result<u32, RecordError> {
        serde_json::to_writer(&mut self.text, record)?;
        self.text.push(b'\n');
        let number = self.first + self.count;
        self.count += 1;
        if self.text.len() >= BLOCK {
            self.flush()?;
        }
        Ok(number)
    }

    fn flush(&mut self) -> Result<(), RecordError> {
        if self.count == 0 {
            return Ok(());
        }
        let mut compressor = zstd::bulk::Compressor::new(COMPRESSION)?;
        compressor.include_checksum(true)?;
        self.blocks.push(RecordBlock {
            first: self.first,
            count: self.count,
            data: compressor.compress(&self.text)?,
        });
        self.first += self.count;
        self.count = 0;
        self.text.clear();
        Ok(())
    }

    /// All blocks.
    pub fn finish(mut self) -> Result<Arc<[RecordBlock]>, RecordError> {
        self.flush()?;
        Ok(self.blocks.into())
    }
}

#[cfg(test)]
mod tests;
