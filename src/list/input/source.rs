//! The source of a list's bytes, which can be read again at any offset.
//!
//! A plain file in UTF-8 is read in place. Standard input, FIFOs, compressed files, workbooks and
//! other encodings are first written as plain text to an unlinked temporary file, so that every
//! record can be read again by its offset and memory stays bounded.

mod reader;
mod sheet;
#[cfg(test)]
mod tests;

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use jiff::Timestamp;
use reader::Reader;

use super::container::Container;
use super::spool::{self, DecodeError, Decoded};
use super::{decode, mixed};
use crate::list::ReadOptions;
use crate::list::error::ListError;
use crate::list::formats::workbook;
use crate::text;

/// The bytes of a list.
#[derive(Debug)]
pub(in crate::list) struct Source {
    name: Box<str>,
    bytes: Bytes,
    /// The path of the file and its state when it was opened.
    named: Option<(PathBuf, FileVersion)>,
    /// The directory of temporary copies.
    directory: PathBuf,
    pub container: Container,
    /// The encoding that the text was decoded from.
    pub encoding: Option<&'static Encoding>,
    /// True if the encoding was guessed from the text.
    pub is_guessed: bool,
    /// The number of characters that could not be decoded.
    pub damaged: u64,
    /// True if the workbook hides the sheet that was read.
    pub is_hidden_sheet: bool,
    /// The rows that a sheet hides and that were read.
    pub hidden_rows: u64,
    /// A message about rows or columns of a sheet that were left out.
    pub cut: Option<String>,
}

#[derive(Debug)]
enum Bytes {
    Memory(Box<[u8]>),
    File { file: File, stamp: FileVersion },
}

/// Identifies a version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileVersion {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

/// What a text is that needs no decoding.
const PLAIN: Decoded = Decoded {
    container: Container::Plain,
    encoding: None,
    damaged: 0,
};

impl Source {
    /// Opens the file at `path`, or standard input for `-`. A source that can't be read again in place
    /// is copied into `directory`; `copied` receives the number of bytes copied so far.
    pub fn open(
        path: &Path,
        directory: &Path,
        options: &ReadOptions,
        copied: &mut dyn FnMut(u64),
    ) -> Result<Self, ListError> {
        let source = Self::open_plain(path, directory, options, copied)?;
        source.unpacked(options)
    }

    fn open_plain(
        path: &Path,
        directory: &Path,
        options: &ReadOptions,
        copied: &mut dyn FnMut(u64),
    ) -> Result<Self, ListError> {
        if path.as_os_str() == "-" {
            let name: Box<str> = "standard input".into();
            let input = io::stdin().lock();
            return Self::spooled(name, input, directory, None, options, copied);
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
            return Self::spooled(name, file, directory, None, options, copied);
        }
        let stamp = FileVersion::of(&metadata);
        let named = Some((path.to_owned(), stamp));
        let mut magic = [0; 4];
        let length = file.read_at(&mut magic, 0).map_err(cant_open)?;
        if spool::needs_decoding(magic.get(..length).unwrap_or_default()) {
            return Self::spooled(name, file, directory, named, options, copied);
        }
        Ok(Self::of_file(name, file, stamp, directory, named, PLAIN))
    }

    fn of_file(
        name: Box<str>,
        file: File,
        stamp: FileVersion,
        directory: &Path,
        named: Option<(PathBuf, FileVersion)>,
        decoded: Decoded,
    ) -> Self {
        Self {
            name,
            bytes: Bytes::File { file, stamp },
            named,
            directory: directory.to_owned(),
            container: decoded.container,
            encoding: decoded.encoding,
            is_guessed: false,
            damaged: decoded.damaged,
            is_hidden_sheet: false,
            hidden_rows: 0,
            cut: None,
        }
    }

    /// A source in memory.
    pub fn from_memory(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Self, ListError> {
        let name: Box<str> = text::visible(name).into();
        let mut decoded = PLAIN;
        let bytes = if spool::needs_decoding(bytes) {
            let mut plain = Vec::new();
            let limit = options.max_expanded;
            decoded =
                spool::decode(bytes, limit, false, &mut plain, &mut |_| {}).map_err(|error| {
                    match error {
                        DecodeError::Input(source) | DecodeError::Output(source) => {
                            ListError::Read {
                                name: name.clone(),
                                source,
                            }
                        }
                        DecodeError::TooLarge => ListError::Expands {
                            name: name.clone(),
                            limit,
                        },
                    }
                })?;
            plain.into()
        } else {
            bytes.into()
        };
        let source = Self {
            name,
            bytes: Bytes::Memory(bytes),
            named: None,
            directory: std::env::temp_dir(),
            container: decoded.container,
            encoding: decoded.encoding,
            is_guessed: false,
            damaged: decoded.damaged,
            is_hidden_sheet: false,
            hidden_rows: 0,
            cut: None,
        };
        source.unpacked(options)
    }

    /// Unpacks the chosen sheet of a workbook, or decodes the text if the options name an encoding. A byte
    /// order mark says more than they do: its text was decoded.
    fn unpacked(mut self, options: &ReadOptions) -> Result<Self, ListError> {
        let mut start = [0; 8];
        let length = self.reader(0).read(&mut start).unwrap_or(0);
        if workbook::is_workbook(start.get(..length).unwrap_or_default()) {
            self.unpack_sheet(options)?;
        } else if let Some(encoding) = options.encoding
            && self.encoding.is_none()
            && !self.is_own_list()
        {
            self.decode_from(encoding)?;
        }
        Ok(self)
    }

    /// True for a list that `fetch` wrote, which is always UTF-8.
    fn is_own_list(&self) -> bool {
        let mut start = [0; 17];
        let length = self.reader(0).read(&mut start).unwrap_or(0);
        start.get(..length) == Some(b"{\"offboard_list\":")
    }

    /// Decodes the text from its detected encoding.
    pub fn decode_recognised(&mut self) -> Result<(), ListError> {
        let cant_read = |source| ListError::Read {
            name: self.name.clone(),
            source,
        };
        let encoding = decode::detect(self.reader(0)).map_err(cant_read)?;
        if let Some(mixture) = mixed::find(self.reader(0), encoding).map_err(cant_read)? {
            return Err(ListError::MixedEncodings {
                name: self.name.clone(),
                mixture: mixture.to_string().into(),
                guess: encoding.name(),
            });
        }
        self.is_guessed = ![UTF_8, UTF_16LE, UTF_16BE].contains(&encoding);
        self.decode_from(encoding)
    }

    fn decode_from(&mut self, encoding: &'static Encoding) -> Result<(), ListError> {
        let mut text = self.new_text()?;
        let damaged = decode::decode(self.reader(0), encoding, &mut text);
        let damaged = damaged.map_err(|source| self.cant_write(source))?;
        self.damaged = damaged;
        self.encoding = Some(encoding);
        self.replace_with(text)
    }

    fn new_text(&self) -> Result<File, ListError> {
        tempfile::tempfile_in(&self.directory).map_err(|source| self.cant_write(source))
    }

    fn cant_write(&self, source: io::Error) -> ListError {
        ListError::Spool {
            name: self.name.clone(),
            directory: text::visible(&self.directory.to_string_lossy()).into(),
            source,
        }
    }

    fn replace_with(&mut self, text: File) -> Result<(), ListError> {
        let stamp = text.metadata().map_err(|source| self.cant_write(source))?;
        self.bytes = Bytes::File {
            file: text,
            stamp: FileVersion::of(&stamp),
        };
        Ok(())
    }

    /// The modification time of the named file, or of its copy; `None` for a list in memory.
    pub fn modified(&self) -> Option<Timestamp> {
        let stamp = match (&self.named, &self.bytes) {
            (Some((_, stamp)), _) | (None, Bytes::File { stamp, .. }) => stamp,
            (None, Bytes::Memory(_)) => return None,
        };
        Timestamp::from_second(stamp.modified.0).ok()
    }

    fn spooled(
        name: Box<str>,
        input: impl Read,
        directory: &Path,
        named: Option<(PathBuf, FileVersion)>,
        options: &ReadOptions,
        copied: &mut dyn FnMut(u64),
    ) -> Result<Self, ListError> {
        let cant_spool = |source| ListError::Spool {
            name: name.clone(),
            directory: text::visible(&directory.to_string_lossy()).into(),
            source,
        };
        let mut file = tempfile::tempfile_in(directory).map_err(cant_spool)?;
        let limit = options.max_expanded;
        let decoded = spool::decode(input, limit, named.is_none(), &mut file, copied);
        let decoded = decoded.map_err(|error| match error {
            DecodeError::Output(source) => cant_spool(source),
            DecodeError::Input(source) => ListError::Read {
                name: name.clone(),
                source,
            },
            DecodeError::TooLarge => ListError::Expands {
                name: name.clone(),
                limit,
            },
        })?;
        let stamp = FileVersion::of(&file.metadata().map_err(cant_spool)?);
        Ok(Self::of_file(name, file, stamp, directory, named, decoded))
    }

    /// The name of the list, safe to show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        match &self.bytes {
            Bytes::Memory(bytes) => bytes.len() as u64,
            Bytes::File { stamp, .. } => stamp.size,
        }
    }

    /// A reader that starts at `offset`.
    pub fn reader(&self, offset: u64) -> impl Read + '_ {
        Reader {
            source: self,
            offset,
        }
    }

    /// Fails if the file changed since it was opened.
    pub fn check_unchanged(&self) -> Result<(), ListError> {
        let Bytes::File { file, stamp } = &self.bytes else {
            return Ok(());
        };
        let now = file.metadata().map_err(|source| ListError::Read {
            name: self.name.clone(),
            source,
        })?;
        if FileVersion::of(&now) == *stamp {
            Ok(())
        } else {
            Err(ListError::Changed {
                name: self.name.clone(),
            })
        }
    }

    /// True if the path now has another file or other content.
    pub fn changed(&self) -> bool {
        self.named.as_ref().is_some_and(|(path, stamp)| {
            std::fs::metadata(path).map_or(true, |now| FileVersion::of(&now) != *stamp)
        })
    }
}

impl FileVersion {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}
