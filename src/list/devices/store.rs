//! Stores devices: a block of bytes per device in one arena, and a few packed columns.
//!
//! A block contains the offset of the device's first row in the source, its MAC addresses and its
//! texts; a text that many devices share is stored as its number in the interner. Numbers have
//! variable length, so that an absent field takes one byte. No device has its own allocation.

#[cfg(test)]
mod tests;

use super::draft::Draft;
use super::intern::Interner;
use crate::domain::device::MacAddress;
use crate::list::ColumnId;
use crate::list::error::Full;
use crate::list::fields::field::{FIRST_SHARED_SLOT, Field, TEXT_FIELDS};
use crate::list::fields::seconds::Seconds;
use crate::list::fields::values;

/// The maximum number of interned texts per column that isn't a field.
const MAX_INTERNED_PER_COLUMN: usize = 1024;

/// All devices, by index.
#[derive(Debug, Default)]
pub(in crate::list) struct Store {
    arena: Vec<u8>,
    starts: Vec<u32>,
    lines: Vec<u32>,
    seen: Vec<Seconds>,
    enrolled: Vec<Seconds>,
    interned: Interner,
    /// The repeated texts of each other column.
    column_texts: Vec<Interner>,
    wasted: usize,
}

impl Store {
    /// The number of devices.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Adds a device whose first row is at `offset`, on `line`.
    pub fn push(&mut self, draft: &Draft, offset: u64, line: u64) -> Result<u32, Full> {
        let index = u32::try_from(self.starts.len()).map_err(|_| Full::Text)?;
        let start = self.append(draft, offset)?;
        self.starts.push(start);
        self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        self.seen.push(draft.seen);
        self.enrolled.push(draft.enrolled);
        Ok(index)
    }

    /// Replaces the content of device `index` by `draft`; its offset in the source stays.
    pub fn replace(&mut self, index: u32, draft: &Draft) -> Result<(), Full> {
        let old = self.block(index);
        let (offset, length) = (old.offset(), old.length());
        let start = self.start(index);
        if start + length == self.arena.len() {
            // Rows of one device, one per adapter, usually follow each other: reuse the space.
            self.arena.truncate(start);
        } else {
            self.wasted += length;
        }
        let start = self.append(draft, offset)?;
        if let Some(place) = self.starts.get_mut(index as usize) {
            *place = start;
        }
        self.record_last_seen(index, draft.seen);
        self.record_enrolled(index, draft.enrolled);
        Ok(())
    }

    /// Records a last-seen time if it is newer.
    pub fn record_last_seen(&mut self, index: u32, seen: Seconds) {
        if let Some(stored) = self.seen.get_mut(index as usize) {
            *stored = seen.max(*stored);
        }
    }

    /// Records an enrolment time if none is known.
    pub fn record_enrolled(&mut self, index: u32, enrolled: Seconds) {
        if let Some(stored) = self.enrolled.get_mut(index as usize)
            && stored.0 == 0
        {
            *stored = enrolled;
        }
    }

    /// The block of device `index`.
    pub fn block(&self, index: u32) -> PackedDevice<'_> {
        PackedDevice {
            bytes: self.arena.get(self.start(index)..).unwrap_or_default(),
            interned: &self.interned,
            column_texts: &self.column_texts,
        }
    }

    /// The last-seen time of device `index`.
    pub fn seen(&self, index: u32) -> Seconds {
        self.seen.get(index as usize).copied().unwrap_or_default()
    }

    /// The enrolment time of device `index`.
    pub fn enrolled(&self, index: u32) -> Seconds {
        self.enrolled
            .get(index as usize)
            .copied()
            .unwrap_or_default()
    }

    /// The line of device `index`'s first row, from 1.
    pub fn line(&self, index: u32) -> u64 {
        self.lines.get(index as usize).copied().map_or(0, u64::from)
    }

    /// The newest last-seen time of all devices.
    pub fn newest_seen(&self) -> Seconds {
        let readable = self
            .seen
            .iter()
            .copied()
            .filter(|&seen| seen != Seconds::UNREADABLE);
        readable.max().unwrap_or_default()
    }

    /// Removes the devices for which `keep` is false.
    pub fn retain(&mut self, keep: &[bool]) {
        for (index, _) in keep.iter().enumerate().filter(|(_, keep)| !**keep) {
            if let Ok(index) = u32::try_from(index) {
                self.wasted += self.block(index).length();
            }
        }
        retain(&mut self.starts, keep);
        retain(&mut self.lines, keep);
        retain(&mut self.seen, keep);
        retain(&mut self.enrolled, keep);
    }

    /// Frees the memory that merging and growing left over.
    pub fn tidy(&mut self) {
        if self.wasted > self.arena.len() / 8 {
            let mut arena = Vec::with_capacity(self.arena.len() - self.wasted);
            for index in 0..self.starts.len() {
                let start = self.starts[index] as usize;
                let block = PackedDevice {
                    bytes: self.arena.get(start..).unwrap_or_default(),
                    interned: &self.interned,
                    column_texts: &self.column_texts,
                };
                // The new arena is no longer than the old one, so its offsets fit as well.
                self.starts[index] = u32::try_from(arena.len()).unwrap_or(u32::MAX);
                arena.extend_from_slice(&block.bytes[..block.length()]);
            }
            self.arena = arena;
            self.wasted = 0;
        }
        self.arena.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.lines.shrink_to_fit();
        self.seen.shrink_to_fit();
        self.enrolled.shrink_to_fit();
    }

    fn start(&self, index: u32) -> usize {
        self.starts
            .get(index as usize)
            .map_or(usize::MAX, |&start| start as usize)
    }

    fn append(&mut self, draft: &Draft, offset: u64) -> Result<u32, Full> {
        let start = u32::try_from(self.arena.len()).map_err(|_| Full::Text)?;
        let arena = &mut self.arena;
        put_number(arena, offset);
        put_number(
            arena,
            draft.issues.map_or(0, |issues| u64::from(issues) + 1),
        );
        put_number(arena, draft.macs.len() as u64);
        for mac in &draft.macs {
            arena.extend_from_slice(&mac.octets());
        }
        for (slot, text) in draft.texts.iter().enumerate() {
            let interner = (slot >= FIRST_SHARED_SLOT).then_some(&mut self.interned);
            put_text(arena, interner, text);
        }
        put_number(arena, draft.others().len() as u64);
        for (column, text) in draft.others() {
            put_number(arena, u64::from(column.number()));
            let at = column.index();
            if self.column_texts.len() <= at {
                let interner = || Interner::with_room_for(MAX_INTERNED_PER_COLUMN);
                self.column_texts.resize_with(at + 1, interner);
            }
            put_text(arena, self.column_texts.get_mut(at), text);
        }
        Ok(start)
    }
}

/// Writes a text, or its number if it is interned.
fn put_text(arena: &mut Vec<u8>, interner: Option<&mut Interner>, text: &str) {
    let symbol = match interner {
        Some(interner) if !text.is_empty() => interner.symbol(text),
        _ => None,
    };
    if let Some(symbol) = symbol {
        put_number(arena, (u64::from(symbol) << 1) + 1);
    } else {
        put_number(arena, (text.len() as u64) << 1);
        arena.extend_from_slice(text.as_bytes());
    }
}

fn retain<T: Copy>(column: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    column.retain(|_| keep.next().copied().unwrap_or(true));
}

/// A view of a device's block in the arena.
#[derive(Clone, Copy, Debug)]
pub(in crate::list) struct PackedDevice<'a> {
    bytes: &'a [u8],
    interned: &'a Interner,
    column_texts: &'a [Interner],
}

impl<'a> PackedDevice<'a> {
    /// The offset of the device's first row in the source.
    pub fn offset(self) -> u64 {
        let mut bytes = self.bytes;
        take_number(&mut bytes)
    }

    /// The number of issues.
    pub fn issues(self) -> Option<u32> {
        let mut bytes = self.bytes;
        take_number(&mut bytes);
        take_number(&mut bytes)
            .checked_sub(1)
            .and_then(|issues| u32::try_from(issues).ok())
    }

    /// The MAC addresses, in reading order.
    pub fn macs(self) -> impl Iterator<Item = MacAddress> + use<'a> {
        // Only addresses that passed this check were stored.
        self.split()
            .0
            .iter()
            .filter_map(|&octets| MacAddress::from_octets(octets).ok())
    }

    /// The texts, in the order of [`TEXT_FIELDS`], each with all [`values`] of its field.
    pub fn texts(self) -> impl Iterator<Item = (Field, &'a str)> + use<'a> {
        let mut bytes = self.split().1;
        let interned = self.interned;
        TEXT_FIELDS
            .into_iter()
            .map(move |field| (field, take_text(&mut bytes, interned)))
    }

    /// The first value of a text field.
    pub fn text(self, field: Field) -> &'a str {
        values::first(self.all_values(field))
    }

    /// All [`values`] of a text field; empty for another field.
    pub fn all_values(self, field: Field) -> &'a str {
        let Some(slot) = field.text_slot() else {
            return "";
        };
        let mut bytes = self.split().1;
        for _ in 0..slot {
            skip_text(&mut bytes);
        }
        take_text(&mut bytes, self.interned)
    }

    /// The texts of the list's other columns, each with all [`values`] of its column.
    pub fn others(self) -> impl Iterator<Item = (ColumnId, &'a str)> + use<'a> {
        let mut bytes = self.split().1;
        for _ in TEXT_FIELDS {
            skip_text(&mut bytes);
        }
        let interned = self.column_texts;
        let count = take_number(&mut bytes);
        (0..count).map(move |_| {
            let column = ColumnId::from_number(take_number(&mut bytes));
            let text = match interned.get(column.index()) {
                Some(interned) => take_text(&mut bytes, interned),
                None => "",
            };
            (column, text)
        })
    }

    fn length(self) -> usize {
        let mut bytes = self.split().1;
        for _ in TEXT_FIELDS {
            skip_text(&mut bytes);
        }
        for _ in 0..take_number(&mut bytes) {
            take_number(&mut bytes);
            skip_text(&mut bytes);
        }
        self.bytes.len() - bytes.len()
    }

    /// The MAC addresses and the texts.
    fn split(self) -> (&'a [[u8; 6]], &'a [u8]) {
        let mut bytes = self.bytes;
        take_number(&mut bytes);
        take_number(&mut bytes);
        let count = usize::try_from(take_number(&mut bytes)).unwrap_or(0);
        let (macs, texts) = bytes.split_at_checked(count * 6).unwrap_or_default();
        (macs.as_chunks().0, texts)
    }
}

fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(low_bits(number) + 0x80);
        number >>= 7;
    }
    bytes.push(low_bits(number));
}

fn low_bits(number: u64) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

fn take_number(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let Some(&byte) = bytes.split_off_first() else {
            break;
        };
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

fn take_text<'a>(bytes: &mut &'a [u8], interned: &'a Interner) -> &'a str {
    let tag = take_number(bytes);
    if tag & 1 == 1 {
        return u32::try_from(tag >> 1).map_or("", |symbol| interned.text(symbol));
    }
    let text = take(bytes, tag >> 1);
    // Only complete texts are written to the arena.
    std::str::from_utf8(text).unwrap_or_default()
}

fn skip_text(bytes: &mut &[u8]) {
    let tag = take_number(bytes);
    if tag & 1 == 0 {
        take(bytes, tag >> 1);
    }
}

fn take<'a>(bytes: &mut &'a [u8], length: u64) -> &'a [u8] {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let (head, tail) = bytes.split_at_checked(length).unwrap_or_default();
    *bytes = tail;
    head
}
