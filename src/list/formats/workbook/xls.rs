//! Measures an OLE2 file before calamine reads it: its chains of sectors, and its cells.
//!
//! calamine follows chains without looking for loops, and holds all sheets as dense tables with a
//! copy of each text. Sources: [MS-CFB] and [MS-XLS].

use std::io::{self, Read, Seek, SeekFrom};

use super::archive::damaged;
use super::error::WorkbookError;

/// The part of `max_expanded` that the workbook may need in memory: 128 MiB by default.
const MEMORY_SHARE: u64 = 8;
/// The copies of the file that are held while it is read.
const COPIES: u64 = 2;
/// What a cell needs, an empty one between filled ones included, beside its text.
const CELL_BYTES: u64 = size_of::<calamine::Data>() as u64;
/// The sheets that a workbook can have.
const MOST_SHEETS: usize = 1_024;
/// From this number on, a sector number is a mark.
const FIRST_MARK: u32 = 0xffff_fffa;
const END_OF_CHAIN: u32 = 0xffff_fffe;

/// Refuses what isn't a workbook, is encrypted, has chains without end, or would need too much
/// memory. `size` is the file's, in bytes, and `limit` is `max_expanded`.
pub(super) fn measure(
    input: &mut (impl Read + Seek),
    size: u64,
    limit: u64,
) -> Result<(), WorkbookError> {
    let mut container = CompoundFile::open(input, size)?;
    if container
        .find(&["EncryptedPackage", "EncryptionInfo"])
        .is_some()
    {
        return Err(WorkbookError::Encrypted);
    }
    let Some(entry) = container
        .find(&["Workbook"])
        .or_else(|| container.find(&["Book"]))
    else {
        return Err(WorkbookError::OtherDocument);
    };
    let mut memory = Memory {
        used: 0,
        limit: limit / MEMORY_SHARE,
    };
    memory.add(size * COPIES)?;
    let stream = container.stream(&entry)?;
    records::measure(&stream, &mut memory)
}

/// The memory that calamine will need.
struct Memory {
    used: u64,
    limit: u64,
}

impl Memory {
    fn add(&mut self, bytes: u64) -> Result<(), WorkbookError> {
        self.used = self.used.saturating_add(bytes);
        if self.used > self.limit {
            return Err(WorkbookError::XlsTooLarge { limit: self.limit });
        }
        Ok(())
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u16::from_le_bytes(*chunk))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u32::from_le_bytes(*chunk))
}

#[derive(Clone)]
struct Entry {
    name: String,
    start: u32,
    length: u64,
}

/// An OLE2 file: sectors that are chained by a table.
struct CompoundFile<'a, R> {
    input: &'a mut R,
    sector_size: usize,
    /// For each sector the next one of its chain.
    next: Vec<u32>,
    mini_next: Vec<u32>,
    entries: Vec<Entry>,
}

impl<'a, R: Read + Seek> CompoundFile<'a, R> {
    fn open(input: &'a mut R, size: u64) -> Result<Self, WorkbookError> {
        let short = || damaged("its header is cut off");
        let mut header = Vec::new();
        input.rewind().map_err(WorkbookError::Read)?;
        input
            .by_ref()
            .take(512)
            .read_to_end(&mut header)
            .map_err(WorkbookError::Read)?;
        let field = |at| u32_at(&header, at).ok_or_else(short);
        let sector_size = match u16_at(&header, 30) {
            Some(9) => 512,
            Some(12) => 4_096,
            _ => return Err(damaged("its sector size is unknown")),
        };
        let (directory, mini, mini_sectors) = (field(48)?, field(60)?, field(64)?);
        let mut tables: Vec<u32> = (76..512)
            .step_by(4)
            .map_while(|at| u32_at(&header, at))
            .collect();
        let mut table = field(68)?;
        let mut container = Self {
            input,
            sector_size,
            next: Vec::new(),
            mini_next: Vec::new(),
            entries: Vec::new(),
        };
        // One of the sectors is the header.
        let most = size / sector_size as u64;
        // The list of table sectors goes on in a chain of its own.
        let mut steps = 0..most;
        while table < FIRST_MARK {
            let step = steps.next();
            step.ok_or_else(|| damaged("its sector table has a loop"))?;
            tables.extend(numbers(&container.sector(table)?));
            table = tables.pop().unwrap_or(END_OF_CHAIN);
        }
        tables.retain(|&sector| sector < FIRST_MARK);
        if tables.len() as u64 > most {
            return Err(damaged("its sector table is longer than the file"));
        }
        for sector in tables {
            let numbers = numbers(&container.sector(sector)?);
            container.next.extend(numbers);
        }
        let directory = container.chain(directory, u64::MAX)?;
        container.entries = directory
            .chunks_exact(128)
            .filter_map(|entry| Entry::read(entry, sector_size))
            .collect();
        if mini_sectors > 0 {
            let length = u64::from(mini_sectors) * sector_size as u64;
            container.mini_next = numbers(&container.chain(mini, length)?);
        }
        Ok(container)
    }

    fn sector(&mut self, sector: u32) -> Result<Vec<u8>, WorkbookError> {
        let size = self.sector_size as u64;
        let at = (u64::from(sector) + 1) * size;
        self.input
            .seek(SeekFrom::Start(at))
            .map_err(WorkbookError::Read)?;
        let mut bytes = Vec::with_capacity(self.sector_size);
        let read: io::Result<usize> = self.input.by_ref().take(size).read_to_end(&mut bytes);
        read.map_err(WorkbookError::Read)?;
        if bytes.is_empty() {
            return Err(damaged("a sector is beyond the end of the file"));
        }
        Ok(bytes)
    }

    fn chain(&mut self, mut sector: u32, length: u64) -> Result<Vec<u8>, WorkbookError> {
        let mut bytes = Vec::new();
        let mut steps = 0..self.next.len();
        while sector != END_OF_CHAIN {
            let step = steps.next();
            step.ok_or_else(|| damaged("a chain of sectors has a loop"))?;
            bytes.extend(self.sector(sector)?);
            if bytes.len() as u64 >= length {
                break;
            }
            let next = self.next.get(sector as usize).copied();
            sector = next.ok_or_else(|| damaged("a chain of sectors leaves the table"))?;
        }
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    fn find(&self, names: &[&str]) -> Option<Entry> {
        let is_named =
            |entry: &&Entry| (names.iter()).any(|name| entry.name.eq_ignore_ascii_case(name));
        self.entries.iter().find(is_named).cloned()
    }

    fn stream(&mut self, entry: &Entry) -> Result<Vec<u8>, WorkbookError> {
        let root = self.entries.first().map(|root| (root.start, root.length));
        let (start, length) = root.unwrap_or((END_OF_CHAIN, 0));
        // calamine reads the small streams' container in any case.
        let minis = if self.mini_next.is_empty() {
            Vec::new()
        } else {
            self.chain(start, length)?
        };
        if entry.length >= 4_096 {
            return self.chain(entry.start, entry.length);
        }
        let (mut bytes, mut sector) = (Vec::new(), entry.start);
        let mut steps = 0..self.mini_next.len();
        while sector != END_OF_CHAIN && (bytes.len() as u64) < entry.length {
            let at = sector as usize * 64;
            let piece = minis.get(at..minis.len().min(at.saturating_add(64)));
            let next = self.mini_next.get(sector as usize);
            let (Some(piece), Some(&next), Some(_)) = (piece, next, steps.next()) else {
                return Err(damaged("a chain of small sectors is broken"));
            };
            bytes.extend_from_slice(piece);
            sector = next;
        }
        bytes.truncate(usize::try_from(entry.length).unwrap_or(usize::MAX));
        Ok(bytes)
    }
}

impl Entry {
    fn read(bytes: &[u8], sector_size: usize) -> Option<Self> {
        let units: Vec<u16> = (0..64)
            .step_by(2)
            .map_while(|at| u16_at(bytes, at))
            .take_while(|&unit| unit != 0)
            .collect();
        let length = bytes.get(120..)?.first_chunk()?;
        // Files with small sectors leave the upper half of the length undefined.
        let length = if sector_size == 512 {
            u64::from(u32_at(length, 0)?)
        } else {
            u64::from_le_bytes(*length)
        };
        Some(Self {
            name: String::from_utf16_lossy(&units),
            start: u32_at(bytes, 116)?,
            length,
        })
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    let (numbers, _) = bytes.as_chunks();
    numbers
        .iter()
        .map(|number| u32::from_le_bytes(*number))
        .collect()
}

mod records;
