//! Readers of a source.

use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use super::{Bytes, Source};

/// A reader with its own offset, so that a source can have several readers.
pub(super) struct Reader<'a> {
    pub source: &'a Source,
    pub offset: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &self.source.bytes {
            Bytes::Memory(bytes) => {
                let start = usize::try_from(self.offset).unwrap_or(usize::MAX);
                bytes.get(start..).unwrap_or_default().read(buffer)?
            }
            Bytes::File { file, .. } => file.read_at(buffer, self.offset)?,
        };
        self.offset += count as u64;
        Ok(count)
    }
}

/// A seekable reader of the whole source.
pub(super) struct Whole<'a> {
    pub source: &'a Source,
    pub offset: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.reader(self.offset).read(buffer)?;
        self.offset += count as u64;
        Ok(count)
    }
}

impl Seek for Whole<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.offset = match to {
            SeekFrom::Start(offset) => offset,
            SeekFrom::End(offset) => offset_from(self.source.size(), offset)?,
            SeekFrom::Current(offset) => offset_from(self.offset, offset)?,
        };
        Ok(self.offset)
    }
}

fn offset_from(base: u64, offset: i64) -> io::Result<u64> {
    let target = base.checked_add_signed(offset);
    target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "before the beginning"))
}
