//! Where a list's bytes come from, and how they are read again.
//!
//! A plain file is read in place. Standard input, FIFOs, compressed files and UTF-16 are first
//! written as plain text to an unlinked temporary file, so that a record can be re-read by its
//! offset in every case and memory stays bounded.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::error::ListError;
use super::spool::{self, DecodeError};
use crate::text;

/// The bytes of a list.
#[derive(Debug)]
pub(super) struct Source {
    name: Box<str>,
    bytes: Bytes,
    /// The file that was named, as it was when it was opened.
    named: Option<(PathBuf, Stamp)>,
}

#[derive(Debug)]
enum Bytes {
    Memory(Box<[u8]>),
    File { file: File, stamp: Stamp },
}

/// What tells that a file is still the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Source {
    /// Opens the file at `path`, or standard input for `-`. What can't be re-read in place is
    /// copied into `directory`; `copied` is told how many bytes have been.
    pub fn open(
        path: &Path,
        directory: &Path,
        copied: &mut dyn FnMut(u64),
    ) -> Result<Self, ListError> {
        if path.as_os_str() == "-" {
            let name: Box<str> = "standard input".into();
            let input = io::stdin().lock();
            return Self::spooled(name, input, directory, None, copied);
        }
        let name: Box<str> = text::visible(&path.to_string_lossy()).into();
        let cant_open = |source| ListError::Open {
            name: name.clone(),
            source,
        };
        let kind = std::fs::metadata(path).map_err(cant_open)?.file_type();
        let refused = if kind.is_dir() {
            Some("a directory")
        } else if kind.is_char_device() || kind.is_block_device() {
            Some("a device")
        } else if kind.is_socket() {
            Some("a socket")
        } else {
            None
        };
        if let Some(what) = refused {
            return Err(ListError::NotAFile { name, what });
        }
        let file = File::open(path).map_err(cant_open)?;
        let metadata = file.metadata().map_err(cant_open)?;
        if !metadata.is_file() {
            return Self::spooled(name, file, directory, None, copied);
        }
        let stamp = Stamp::of(&metadata);
        let named = Some((path.to_owned(), stamp));
        let mut magic = [0; 4];
        let length = file.read_at(&mut magic, 0).map_err(cant_open)?;
        if spool::needs_decoding(magic.get(..length).unwrap_or_default()) {
            return Self::spooled(name, file, directory, named, copied);
        }
        Ok(Self {
            name,
            bytes: Bytes::File { file, stamp },
            named,
        })
    }

    /// A list that is in memory.
    pub fn from_memory(name: &str, bytes: &[u8]) -> Result<Self, ListError> {
        let name: Box<str> = text::visible(name).into();
        let bytes = if spool::needs_decoding(bytes) {
            let mut plain = Vec::new();
            spool::decode(bytes, &mut plain, &mut |_| {}).map_err(|error| match error {
                DecodeError::Input(source) | DecodeError::Output(source) => ListError::Read {
                    name: name.clone(),
                    source,
                },
            })?;
            plain.into()
        } else {
            bytes.into()
        };
        Ok(Self {
            name,
            bytes: Bytes::Memory(bytes),
            named: None,
        })
    }

    fn spooled(
        name: Box<str>,
        input: impl Read,
        directory: &Path,
        named: Option<(PathBuf, Stamp)>,
        copied: &mut dyn FnMut(u64),
    ) -> Result<Self, ListError> {
        let cant_spool = |source| ListError::Spool {
            name: name.clone(),
            directory: text::visible(&directory.to_string_lossy()).into(),
            source,
        };
        let mut file = tempfile::tempfile_in(directory).map_err(cant_spool)?;
        spool::decode(input, &mut file, copied).map_err(|error| match error {
            DecodeError::Output(source) => cant_spool(source),
            DecodeError::Input(source) => ListError::Read {
                name: name.clone(),
                source,
            },
        })?;
        let stamp = Stamp::of(&file.metadata().map_err(cant_spool)?);
        Ok(Self {
            name,
            bytes: Bytes::File { file, stamp },
            named,
        })
    }

    /// What it is called, safe to show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        match &self.bytes {
            Bytes::Memory(bytes) => bytes.len() as u64,
            Bytes::File { stamp, .. } => stamp.size,
        }
    }

    /// Reads from `offset` on.
    pub fn reader(&self, offset: u64) -> impl Read + '_ {
        Reader {
            source: self,
            offset,
        }
    }

    /// Fails when what is read no longer is what was opened.
    pub fn check_unchanged(&self) -> Result<(), ListError> {
        let Bytes::File { file, stamp } = &self.bytes else {
            return Ok(());
        };
        let now = file.metadata().map_err(|source| ListError::Read {
            name: self.name.clone(),
            source,
        })?;
        if Stamp::of(&now) == *stamp {
            Ok(())
        } else {
            Err(ListError::Changed {
                name: self.name.clone(),
            })
        }
    }

    /// True when another file, or other content, now stands where the list was opened.
    pub fn changed(&self) -> bool {
        self.named.as_ref().is_some_and(|(path, stamp)| {
            std::fs::metadata(path).map_or(true, |now| Stamp::of(&now) != *stamp)
        })
    }

    /// Bytes held in memory.
    pub fn memory_use(&self) -> usize {
        match &self.bytes {
            Bytes::Memory(bytes) => bytes.len(),
            Bytes::File { .. } => 0,
        }
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// Reads at an offset of its own, so that several can read one source.
struct Reader<'a> {
    source: &'a Source,
    offset: u64,
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
