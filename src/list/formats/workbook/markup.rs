//! Measures an XML part while it streams past, before a parser holds any of it in memory.

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};

use super::error::WorkbookError;

/// The bytes that one tag, text or cell can have; a spreadsheet allows 32,767 characters.
const MOST_CELL_BYTES: u64 = 4 << 20;
/// The memory that the table of shared texts can need.
const MOST_STRING_BYTES: u64 = 96 << 20;
/// What one shared text needs beside its characters.
const STRING_OVERHEAD: u64 = 24;
/// The cell formats that a workbook can have, with some room: Excel allows 65,490.
const MOST_FORMATS: u64 = 140_000;
/// The bytes that a tag or text in the part with the styles can have: each cell format keeps a
/// copy of its font's name.
const MOST_STYLE_BYTES: u64 = 4 << 10;
/// The tags that the list of sheets, names or relationships can have.
const MOST_INDEX_TAGS: u64 = 2_000_000;
/// The bytes of a tag that are kept for a look at its name and attributes.
const KEPT: usize = 1_024;

/// How markup in UTF-16 begins: Excel keeps the queries of its data model so.
const UTF16: [(&[u8], &Encoding); 4] = [
    (b"\xff\xfe<\0", UTF_16LE),
    (b"\xfe\xff\0<", UTF_16BE),
    (b"<\0", UTF_16LE),
    (b"\0<", UTF_16BE),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Unknown,
    /// Not XML.
    Other,
    Strings,
    Styles,
    /// A sheet, or what a parser may take for one.
    Sheet,
    /// The list of sheets, names or relationships.
    Index,
}

/// The state between two pieces of a part.
pub(super) struct Markup {
    part: Part,
    in_tag: bool,
    /// The begin of the tag that is open.
    tag: Vec<u8>,
    /// Bytes since the last `<` or `>`.
    run: u64,
    /// Bytes of the cell or shared text that is open.
    cell: Option<u64>,
    bytes: u64,
    strings: u64,
    tags: u64,
    /// Turns a part in UTF-16 into text whose tags are seen.
    decoder: Option<Decoder>,
}

impl Markup {
    /// A part of which nothing has passed.
    pub fn new() -> Self {
        Self {
            part: Part::Unknown,
            in_tag: false,
            tag: Vec::with_capacity(KEPT),
            run: 0,
            cell: None,
            bytes: 0,
            strings: 0,
            tags: 0,
            decoder: None,
        }
    }

    /// Measures the next piece; the first one has at least four bytes if the part has.
    pub fn add(&mut self, piece: &[u8]) -> Result<(), WorkbookError> {
        if self.bytes == 0 {
            let found = UTF16.iter().find(|(start, _)| piece.starts_with(start));
            self.decoder = found.map(|(_, encoding)| encoding.new_decoder());
        }
        let Some(decoder) = &mut self.decoder else {
            return self.add_text(piece);
        };
        let room = decoder.max_utf8_buffer_length(piece.len());
        let mut text = String::with_capacity(room.unwrap_or_default());
        // The end of a part can't change what it is measured as.
        let _ = decoder.decode_to_string(piece, &mut text, false);
        self.add_text(text.as_bytes())
    }

    fn add_text(&mut self, mut piece: &[u8]) -> Result<(), WorkbookError> {
        if self.bytes == 0 {
            let text = piece.strip_prefix(b"\xef\xbb\xbf").unwrap_or(piece);
            if text.trim_ascii_start().first() != Some(&b'<') {
                self.part = Part::Other;
            }
        }
        self.bytes += piece.len() as u64;
        if self.part == Part::Other {
            return Ok(());
        }
        while !piece.is_empty() {
            let mark = if self.in_tag { b'>' } else { b'<' };
            let found = memchr::memchr(mark, piece);
            let (before, after) = piece.split_at(found.unwrap_or(piece.len()));
            self.pass(before)?;
            piece = after.get(1..).unwrap_or_default();
            if found.is_some() {
                self.in_tag = !self.in_tag;
                self.run = 0;
                if self.in_tag {
                    self.tag.clear();
                } else {
                    self.end_tag()?;
                }
            }
        }
        Ok(())
    }

    fn pass(&mut self, bytes: &[u8]) -> Result<(), WorkbookError> {
        let count = bytes.len() as u64;
        if self.in_tag {
            let room = KEPT.saturating_sub(self.tag.len());
            self.tag.extend(bytes.iter().take(room));
        }
        self.run += count;
        if let Some(cell) = &mut self.cell {
            *cell += count + 1;
        }
        if self.run.max(self.cell.unwrap_or(0)) > MOST_CELL_BYTES {
            return Err(WorkbookError::TooMuchMemory("a cell has more than 4 MiB"));
        }
        if self.part == Part::Styles && self.run > MOST_STYLE_BYTES {
            return Err(WorkbookError::TooMuchMemory("a style has more than 4 KiB"));
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), WorkbookError> {
        let (closes, name) = name(&self.tag);
        if !closes {
            self.part = match (self.part, name) {
                // The parser looks for these wherever they are.
                (_, b"sst") => Part::Strings,
                (_, b"styleSheet" | b"fonts" | b"cellXfs") => Part::Styles,
                (Part::Unknown, b"workbook" | b"Relationships" | b"manifest") => Part::Index,
                (Part::Unknown, name) if !name.is_empty() => Part::Sheet,
                (part, _) => part,
            };
            if name == b"sst" {
                // Room for as many texts as the table announces is reserved at once.
                self.strings = self.strings.max(announced(&self.tag));
            }
            self.tags += match self.part {
                Part::Strings => u64::from(name == b"si"),
                Part::Styles => u64::from(name == b"xf"),
                _ => 1,
            };
        }
        match name {
            b"c" | b"si" | b"table-cell" if !closes => self.cell = Some(0),
            b"c" | b"si" | b"row" | b"sheetData" | b"table-cell" | b"table-row" => self.cell = None,
            _ => {}
        }
        match self.part {
            Part::Strings => {
                let strings = self.tags.max(self.strings);
                if self
                    .bytes
                    .saturating_add(strings.saturating_mul(STRING_OVERHEAD))
                    > MOST_STRING_BYTES
                {
                    return Err(WorkbookError::TooMuchMemory(
                        "its texts need more than 96 MiB",
                    ));
                }
            }
            Part::Styles if self.tags > MOST_FORMATS => {
                return Err(WorkbookError::TooMuchMemory("it has too many cell formats"));
            }
            Part::Index if self.tags > MOST_INDEX_TAGS || self.bytes > MOST_STRING_BYTES => {
                return Err(WorkbookError::TooMuchMemory("it has too many names"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether a tag is a closing one, and its name without the prefix; empty for what is no element.
fn name(tag: &[u8]) -> (bool, &[u8]) {
    let (closes, tag) = match tag.split_first() {
        Some((b'/', rest)) => (true, rest),
        Some((b'?' | b'!', _)) => (false, &[][..]),
        _ => (false, tag),
    };
    let end = tag
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || *byte == b'/');
    let name = tag.get(..end.unwrap_or(tag.len())).unwrap_or_default();
    let prefix = name
        .iter()
        .position(|&byte| byte == b':')
        .map_or(0, |at| at + 1);
    (closes, name.get(prefix..).unwrap_or_default())
}

fn announced(tag: &[u8]) -> u64 {
    let attribute = b"uniqueCount=";
    let Some(at) = memchr::memmem::find(tag, attribute) else {
        return 0;
    };
    let value = tag.get(at + attribute.len() + 1..).unwrap_or_default();
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |sum: u64, digit| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    })
}

/// The bytes that a record of a binary workbook can have: a text of 32,767 UTF-16 units and more.
const MOST_RECORD_BYTES: u64 = 1 << 20;
/// The record type of a shared text.
const SHARED_TEXT: u32 = 0x13;

/// Walks the records of a binary part: a type of one or two bytes, a length of one to four, each
/// with seven bits to the byte, and the content.
#[derive(Default)]
pub(super) struct Records {
    kind: u32,
    length: u64,
    /// Bytes of the header that were read: the type's, then the length's.
    kind_bytes: u32,
    length_bytes: u32,
    kind_done: bool,
    /// Content still to pass.
    skip: u64,
    bytes: u64,
    texts: u64,
}

impl Records {
    /// Measures the next piece.
    pub fn add(&mut self, mut piece: &[u8]) -> Result<(), WorkbookError> {
        self.bytes += piece.len() as u64;
        while let Some((&byte, rest)) = piece.split_first() {
            if self.skip > 0 {
                let count = self.skip.min(piece.len() as u64);
                self.skip -= count;
                let count = usize::try_from(count).unwrap_or(piece.len());
                piece = piece.get(count..).unwrap_or_default();
                continue;
            }
            piece = rest;
            let (bits, more) = (byte & 0x7f, byte & 0x80 != 0);
            if !self.kind_done {
                self.kind |= u32::from(bits) << (7 * self.kind_bytes);
                self.kind_bytes += 1;
                self.kind_done = !more || self.kind_bytes == 2;
                continue;
            }
            self.length |= u64::from(bits) << (7 * self.length_bytes);
            self.length_bytes += 1;
            if !more || self.length_bytes == 4 {
                self.end_header()?;
            }
        }
        Ok(())
    }

    fn end_header(&mut self) -> Result<(), WorkbookError> {
        self.texts += u64::from(self.kind == SHARED_TEXT);
        let memory = self.texts * STRING_OVERHEAD;
        // UTF-16 turned into UTF-8 can grow by half.
        if self.texts > 0 && memory + self.bytes / 2 * 3 > MOST_STRING_BYTES + (32 << 20) {
            return Err(WorkbookError::TooMuchMemory(
                "its texts need more than 96 MiB",
            ));
        }
        if self.length > MOST_RECORD_BYTES {
            return Err(WorkbookError::TooMuchMemory("a record has more than 1 MiB"));
        }
        *self = Self {
            skip: self.length,
            bytes: self.bytes,
            texts: self.texts,
            ..Self::default()
        };
        Ok(())
    }
}
