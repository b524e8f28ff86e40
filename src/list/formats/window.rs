//! A bounded window of the source that moves from row to row.
//!
//! Every reader works on one window: it reads the bytes from the current row on, requests more if a
//! row is longer, and consumes the row. The window keeps track of offset, line number and hash, and
//! checks for binary files.

use std::io::Read;

use memchr::{memchr, memchr_iter, memrchr};
use sha2::{Digest, Sha256};

use crate::list::error::ListError;

/// The number of bytes read at a time.
const CHUNK: u64 = 1 << 20;
/// The number of bytes read first for one row; most rows are shorter.
const ROW_CHUNK: u64 = 4 << 10;
/// The maximum length of a row, in MiB.
const LONGEST_ROW_MIB: usize = 8;

/// See the module.
pub(in crate::list) struct Window<'a> {
    name: &'a str,
    reader: Box<dyn Read + 'a>,
    on_chunk: Box<dyn FnMut(u64) + 'a>,
    buffer: Vec<u8>,
    start: usize,
    offset: u64,
    line: u64,
    line_start: u64,
    ended: bool,
    read: u64,
    /// The number of bytes read next.
    chunk: u64,
    /// None where one row is read again.
    hasher: Option<Sha256>,
    /// The length of the buffer's beginning that is known to be UTF-8.
    valid: usize,
    /// The line end: a line feed, or the carriage return of old Macs.
    line_break: u8,
    /// Nobody asks for lines, so that their end need not be found.
    is_without_lines: bool,
}

impl<'a> Window<'a> {
    /// A window on `reader`, whose first byte is at `offset` of the source. `on_chunk` receives the
    /// number of bytes read so far.
    pub fn new(
        name: &'a str,
        reader: impl Read + 'a,
        offset: u64,
        on_chunk: impl FnMut(u64) + 'a,
    ) -> Self {
        Self {
            name,
            reader: Box::new(reader),
            on_chunk: Box::new(on_chunk),
            buffer: Vec::new(),
            start: 0,
            offset,
            line: 1,
            line_start: offset,
            ended: false,
            read: 0,
            chunk: CHUNK,
            hasher: Some(Sha256::new()),
            valid: 0,
            line_break: b'\n',
            is_without_lines: false,
        }
    }

    /// A window on the one row at `offset`: it reads little more than the row, and hashes nothing.
    pub fn on_row(name: &'a str, reader: impl Read + 'a, offset: u64) -> Self {
        Self {
            chunk: ROW_CHUNK,
            hasher: None,
            ..Self::new(name, reader, offset, |_| {})
        }
    }

    /// The same window, which finds no lines: one row of many on a line of megabytes is read without the rest.
    pub fn without_lines(self) -> Self {
        Self {
            is_without_lines: true,
            ..self
        }
    }

    /// The bytes that have been read and not consumed.
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// The offset of [`bytes`](Self::bytes) in the source.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The line on which [`bytes`](Self::bytes) begin, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Reads another chunk; false at the end of the source.
    pub fn more(&mut self) -> Result<bool, ListError> {
        if self.ended {
            return Ok(false);
        }
        if self.bytes().len() > LONGEST_ROW_MIB << 20 {
            return Err(ListError::RowTooLong {
                name: self.name.into(),
                line: self.line,
                limit: LONGEST_ROW_MIB,
            });
        }
        self.buffer.drain(..self.start);
        self.valid = self.valid.saturating_sub(self.start);
        self.start = 0;
        let old = self.buffer.len();
        self.read_chunk(self.chunk)?;
        if !self.is_without_lines
            && old == 0
            && self.buffer.len() as u64 == self.chunk
            && memchr(b'\n', self.bytes()).is_none()
        {
            // As much as of a whole list, so that its line breaks are recognised alike.
            self.read_chunk(CHUNK - self.chunk)?;
        }
        let new = self.buffer.get(old..).unwrap_or_default();
        if let Some(at) = memchr(0, new) {
            return Err(ListError::NulByte {
                name: self.name.into(),
                line: self.line_at(old + at),
            });
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(new);
        }
        self.chunk = CHUNK.min(self.chunk * 2);
        if old == 0
            && self.read == 0
            && memchr(b'\n', new).is_none()
            && memchr(b'\r', new).is_some()
        {
            self.line_break = b'\r';
        }
        self.ended = new.is_empty();
        self.read += new.len() as u64;
        self.check_utf8()?;
        (self.on_chunk)(self.read);
        Ok(!self.ended)
    }

    fn read_chunk(&mut self, length: u64) -> Result<(), ListError> {
        (&mut self.reader)
            .take(length)
            .read_to_end(&mut self.buffer)
            .map(drop)
            .map_err(|source| ListError::Read {
                name: self.name.into(),
                source,
            })
    }

    /// The byte at index `at`, read if necessary; `None` at the end of the source.
    pub fn peek(&mut self, at: usize) -> Result<Option<u8>, ListError> {
        loop {
            if let Some(&byte) = self.bytes().get(at) {
                return Ok(Some(byte));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Moves on by `count` bytes.
    pub fn consume(&mut self, count: usize) {
        let gone = self.bytes().get(..count).unwrap_or(self.bytes());
        let (count, lines) = (gone.len(), memchr_iter(self.line_break, gone).count());
        if let Some(last) = memrchr(self.line_break, gone) {
            self.line_start = self.offset + last as u64 + 1;
        }
        self.line += lines as u64;
        self.offset += count as u64;
        self.start += count;
    }

    /// Skips a byte order mark, which doesn't count as a column.
    pub fn skip_byte_order_mark(&mut self) -> Result<(), ListError> {
        self.peek(2)?;
        if self.bytes().starts_with(b"\xef\xbb\xbf") {
            self.consume(3);
            self.line_start = self.offset;
        }
        Ok(())
    }

    /// The length of the line that begins here, with its line break.
    pub fn line_length(&mut self) -> Result<usize, ListError> {
        self.line_end(0)
    }

    /// The end of the line that begins at index `at`, with its line break.
    pub fn line_end(&mut self, at: usize) -> Result<usize, ListError> {
        let mut searched = at;
        loop {
            let bytes = self.bytes();
            let rest = bytes.get(searched..);
            if let Some(found) = rest.and_then(|rest| memchr(self.line_break, rest)) {
                return Ok(searched + found + 1);
            }
            searched = bytes.len();
            if !self.more()? {
                return Ok(searched);
            }
        }
    }

    /// The line of the byte at index `at`, from 1.
    pub fn line_at(&self, at: usize) -> u64 {
        let before = self.bytes().get(..at).unwrap_or(self.bytes());
        self.line + memchr_iter(self.line_break, before).count() as u64
    }

    /// True if the next `count` bytes, which are line breaks, contain an empty line. `after` is the byte
    /// before them: of a CR LF, the CR may belong to the row.
    pub fn has_blank_line_in(&self, count: usize, after: u8) -> bool {
        let breaks = self.bytes().get(..count).unwrap_or_default();
        let ends_row = usize::from(after == b'\r' && self.line_break == b'\n');
        memchr_iter(self.line_break, breaks).count() > ends_row
    }

    /// At most `most` lines from here, without line breaks and without lines longer than a row can be.
    pub fn first_lines(&mut self, most: usize) -> Result<Vec<String>, ListError> {
        let mut lines = Vec::new();
        let mut at = 0;
        while lines.len() < most && self.peek(at)?.is_some() {
            let end = self.line_end(at)?;
            let line = String::from_utf8_lossy(self.bytes().get(at..end).unwrap_or_default());
            lines.push(line.trim_end_matches(['\r', '\n']).to_owned());
            at = end;
        }
        Ok(lines)
    }

    /// The error for something that is not a list.
    pub fn not_a_list(&self, line: u64, seen: impl Into<Box<str>>) -> ListError {
        ListError::NotAList {
            name: self.name.into(),
            line,
            seen: seen.into(),
        }
    }

    /// Fails if the buffer is not UTF-8, apart from a character that the end of a chunk splits.
    fn check_utf8(&mut self) -> Result<(), ListError> {
        let unchecked = self.buffer.get(self.valid..).unwrap_or_default();
        match std::str::from_utf8(unchecked) {
            Ok(_) => self.valid = self.buffer.len(),
            Err(error) if error.error_len().is_none() && !self.ended => {
                self.valid += error.valid_up_to();
            }
            Err(_) => {
                return Err(ListError::NotUtf8 {
                    name: self.name.into(),
                });
            }
        }
        Ok(())
    }

    /// An error at index `at`.
    pub fn syntax(&self, at: usize, reason: &'static str) -> ListError {
        let before = self.bytes().get(..at).unwrap_or(self.bytes());
        let here = self.offset + before.len() as u64;
        let line_start = memrchr(self.line_break, before)
            .map_or(self.line_start, |last| self.offset + last as u64 + 1);
        ListError::Syntax {
            name: self.name.into(),
            line: self.line_at(at),
            column: here - line_start + 1,
            reason,
        }
    }

    /// The list's name, for errors.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The SHA-256 of all bytes read, in hexadecimal; empty for a window [on one row](Self::on_row).
    pub fn hash(&self) -> String {
        let hasher = self.hasher.clone();
        hasher.map_or_else(String::new, |hasher| crate::text::hex(&hasher.finalize()))
    }
}

#[cfg(test)]
mod tests;
