//! Reads a file or paste that names devices: a list of any shape, or free text.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Import, is_bare};
use crate::list::{DeviceList, ListError, ReadOptions};
use crate::platform::file::{self, ReadError};
use crate::text;

/// The content of a file, pipe or paste, before it is looked up.
#[derive(Debug)]
pub enum ImportContent {
    /// A list with columns.
    List(Box<DeviceList>),
    /// Free text.
    Text {
        /// Safe to show.
        name: String,
        text: String,
    },
}

/// Why what names devices can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The list can't be read; names the file.
    #[error(transparent)]
    List(#[from] ListError),
    /// The file can't be read as text.
    #[error("{name}: {source}")]
    Text {
        /// The file, safe to show.
        name: String,
        /// What happened.
        source: ReadError,
    },
}

impl ImportContent {
    /// Reads the file or pipe at `path`. A bare list, and content that isn't a list, is a text.
    /// Temporary copies go into the directory `spool`.
    pub fn read(path: &Path, spool: &Path, options: &ReadOptions) -> Result<Self, ContentError> {
        let shown = path.display().to_string();
        let name = text::visible(&shown).into_owned();
        if path.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return match DeviceList::open_as(path, spool, options, &mut |_| {}) {
                Ok(list) if !is_text(&list) => Ok(Self::List(Box::new(list))),
                read => as_text(&name, read, || file::read_text(path)),
            };
        }
        // A pipe can't be read twice.
        match File::open(path) {
            Ok(file) => Self::of_bytes(&name, file, options),
            Err(error) => Err(unreadable(&name)(error.into())),
        }
    }

    /// Like [`read`](Self::read), for all bytes of `source`; `name` is safe to show.
    pub fn of_bytes(
        name: &str,
        source: impl Read,
        options: &ReadOptions,
    ) -> Result<Self, ContentError> {
        let bytes = file::bytes_of(source).map_err(unreadable(name))?;
        match DeviceList::read_bytes_as(name, &bytes, options) {
            Ok(list) if !is_text(&list) => Ok(Self::List(Box::new(list))),
            read => as_text(name, read, || file::text_of(bytes)),
        }
    }

    /// The list, if it is one.
    pub fn list(&self) -> Option<&DeviceList> {
        match self {
            Self::List(list) => Some(list),
            Self::Text { .. } => None,
        }
    }

    /// The list, if it is one.
    pub fn into_list(self) -> Option<Box<DeviceList>> {
        match self {
            Self::List(list) => Some(list),
            Self::Text { .. } => None,
        }
    }

    /// The name of the file, safe to show.
    pub fn name(&self) -> &str {
        match self {
            Self::List(list) => list.name(),
            Self::Text { name, .. } => name,
        }
    }

    /// SHA-256 of the text, in hexadecimal.
    pub fn hash(&self) -> String {
        match self {
            Self::List(list) => list.hash().to_owned(),
            Self::Text { text, .. } => text::hex(&Sha256::digest(text)),
        }
    }

    /// Looks up all entries.
    pub fn look_up(&self, inventory: &DeviceList) -> Import {
        match self {
            Self::List(list) => Import::of_list(list, inventory),
            Self::Text { text, .. } => Import::read(text, inventory),
        }
    }
}

/// True for a bare list, and for JSON without any object, such as an array of names.
fn is_text(list: &DeviceList) -> bool {
    use crate::list::Problem::NotAnObject;
    let is_no_object = |id| list.device(id).problem() == Some(&NotAnObject);
    is_bare(list) || (!list.is_empty() && list.ids().all(is_no_object))
}

/// The text, if `list` is a bare list or was refused because it isn't a list. A bare list that can't
/// be read as text, such as a compressed one, stays a list.
fn as_text(
    name: &str,
    list: Result<DeviceList, ListError>,
    read: impl FnOnce() -> Result<String, ReadError>,
) -> Result<ImportContent, ContentError> {
    let error = match list {
        Ok(list) => {
            return Ok(read().map_or_else(
                |_| ImportContent::List(Box::new(list)),
                |text| text_content(name, text),
            ));
        }
        Err(
            error @ (ListError::NoIdentifierColumn { .. }
            | ListError::NotAList { .. }
            | ListError::Empty { .. }
            | ListError::Syntax { .. }
            | ListError::RowTooLong { .. }),
        ) => error,
        Err(error) => return Err(error.into()),
    };
    let text = read().map_err(unreadable(name))?;
    // Words of truncated JSON would be looked up as names.
    let start = text.split_whitespace().flat_map(str::chars).take(2);
    let start: String = start.collect();
    if start.starts_with('{') || start == "[{" {
        return Err(error.into());
    }
    Ok(text_content(name, text))
}

fn unreadable(name: &str) -> impl Fn(ReadError) -> ContentError {
    move |source| ContentError::Text {
        name: name.to_owned(),
        source,
    }
}

fn text_content(name: &str, text: String) -> ImportContent {
    ImportContent::Text {
        name: name.to_owned(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &[u8]) -> Result<ImportContent, ContentError> {
        ImportContent::of_bytes("l", text, &ReadOptions::default())
    }

    #[test]
    fn of_bytes_distinguishes_lists_texts_and_truncated_json() {
        for text in [
            "h000\nh001\n",
            "• LT-1, LT-2\n",
            "[\"h0\", \"h1\"]",
            "",
            "h0 LT-2",
        ] {
            let content = read(text.as_bytes());
            assert!(matches!(content, Ok(ImportContent::Text { .. })), "{text}");
        }
        for text in ["hwid\nh0\n", "[{\"hwid\":\"h0\"}]", "{\"hwid\":\"h0\"}\n"] {
            assert!(
                matches!(read(text.as_bytes()), Ok(ImportContent::List(_))),
                "{text}"
            );
        }
        let utf_16: Vec<u8> = [0xfeff_u16]
            .into_iter()
            .chain("h000\nh001\n".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        match read(&utf_16) {
            Ok(ImportContent::Text { text, .. }) => assert_eq!(text, "h000\nh001\n"),
            other => panic!("{other:?}"),
        }
        for text in [
            "[{\"hwid\": \"h0\",\n",
            "[\n {\"hwid\": \"h0\"},\n {\"hwid\": \"h1\"",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn of_bytes_reads_a_compressed_list_like_a_plain_one() {
        let plain = b"Name,E-Mail\nAda,ada@corp.example\n";
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).expect("packed");
        let packed = encoder.finish().expect("packed");
        let (plain, packed) = (read(plain).expect("a list"), read(&packed).expect("a list"));
        assert!(packed.list().is_some_and(DeviceList::is_people));
        assert_eq!(packed.hash(), plain.hash());
    }
}
