//! What names devices for an import, and what it matched in the list.

use std::path::{Path, PathBuf};

use crate::import::{Import, ImportContent};
use crate::list::{DeviceList, ReadOptions};
use crate::plan::MatchedFrom;
use crate::tui::error::BackendError;

/// The record's name for pasted text.
const PASTED: &str = "a pasted list";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportSource {
    /// A file: a list of any shape, or a text.
    File(PathBuf),
    /// What was pasted: the same.
    Pasted(String),
}

/// What names devices, looked up in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// Entry by entry.
    pub import: Import,
    pub from: MatchedFrom,
}

impl Matched {
    /// The entries of `content`, looked up in the list.
    pub fn of(content: &ImportContent, list: &DeviceList) -> Self {
        Self {
            import: content.look_up(list),
            from: MatchedFrom::of(content),
        }
    }
}

impl ImportSource {
    /// Reads it; what doesn't fit into memory is put into the directory `spool`.
    pub fn read(&self, spool: &Path, options: &ReadOptions) -> Result<ImportContent, BackendError> {
        let content = match self {
            // Standard input is the terminal here.
            Self::File(path) if path == Path::new("-") => {
                ImportContent::read(Path::new("./-"), spool, options)
            }
            Self::File(path) => ImportContent::read(path, spool, options),
            Self::Pasted(text) => {
                // A paste is UTF-8 whatever the files are.
                let options = ReadOptions {
                    encoding: None,
                    ..options.clone()
                };
                ImportContent::of_bytes(PASTED, text.as_bytes(), &options)
            }
        };
        Ok(content?)
    }
}
