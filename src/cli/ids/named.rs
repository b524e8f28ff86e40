//! Reading what names devices: a list of any shape, or a text.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Entries, Way};
use crate::cli::Failure;
use crate::cli::workspace::Workspace;
use crate::import::{Import, is_bare};
use crate::list::{DeviceList, ListError, ReadOptions};
use crate::plan::MatchedFrom;
use crate::text;

/// What stands in the file, before it is looked up.
#[derive(Debug)]
pub(in crate::cli) enum Named {
    /// A list of another system, with columns.
    List(Box<DeviceList>),
    /// What people write.
    Text {
        /// Safe to show.
        name: String,
        text: String,
    },
}

impl Named {
    /// Reads what stands at `path`; `-` is standard input. A list of any shape is one; a bare list,
    /// and what is no list, is a text.
    pub(in crate::cli) fn read(
        workspace: &Workspace,
        path: &Path,
        way: Way,
    ) -> Result<Self, Failure> {
        // With --ids, the options of the command line are those of the list.
        let options = match way {
            Way::Match => &workspace.reading,
            Way::Ids => &workspace.lists,
        };
        let shown = path.display().to_string();
        let name = text::visible(&shown).into_owned();
        let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
        let named = if path == Path::new("-") {
            Self::of_bytes("standard input", std::io::stdin().lock(), options)
        } else if is_file {
            match DeviceList::open_as(path, &workspace.state_dir, options, &mut |_| {}) {
                Ok(list) if !is_a_text(&list) => Ok(Self::List(Box::new(list))),
                read => as_text(&name, read, || crate::platform::file::read_text(path)),
            }
        } else {
            // A pipe can't be read twice.
            File::open(path)
                .map_err(|error| format!("{name}: {error}"))
                .and_then(|file| Self::of_bytes(&name, file, options))
        };
        let named = named.map_err(|why| Failure::usage(format!("{}{why}", way.prefix())))?;
        if let Self::List(list) = &named {
            if let Some(why) = list.half_read() {
                return Err(Failure::refused(format!(
                    "nothing is sent of a list that is read by half: {}: {why}",
                    list.name()
                )));
            }
            workspace.check_list(list).map_err(Failure::refused)?;
        }
        Ok(named)
    }

    pub(super) fn of_bytes(
        name: &str,
        source: impl Read,
        options: &ReadOptions,
    ) -> Result<Self, String> {
        let bytes =
            crate::platform::file::bytes_of(source).map_err(|why| format!("{name}: {why}"))?;
        match DeviceList::read_bytes_as(name, &bytes, options) {
            Ok(list) if !is_a_text(&list) => Ok(Self::List(Box::new(list))),
            read => as_text(name, read, || {
                crate::platform::file::utf8(bytes).map_err(|why| format!("{name}: {why}"))
            }),
        }
    }

    /// The list, if it is one.
    pub(in crate::cli) fn into_list(self) -> Option<Box<DeviceList>> {
        match self {
            Self::List(list) => Some(list),
            Self::Text { .. } => None,
        }
    }

    /// Looks all of it up.
    pub(in crate::cli) fn look_up(&self, inventory: &DeviceList, way: Way) -> Entries {
        let (import, from) = match self {
            Self::List(list) => {
                let from = MatchedFrom {
                    name: list.name().to_owned(),
                    hash: list.hash().to_owned(),
                };
                (Import::of_list(list, inventory), from)
            }
            Self::Text { name, text } => {
                let from = MatchedFrom {
                    name: name.clone(),
                    hash: text::hex(&Sha256::digest(text)),
                };
                (Import::read(text, inventory), from)
            }
        };
        Entries { import, from, way }
    }
}

/// A list in which no row is a device is none, nor is one that a line of a text looks like.
fn is_a_text(list: &DeviceList) -> bool {
    use crate::list::Problem::NotAnObject;
    let is_no_object = |id| list.device(id).problem() == Some(&NotAnObject);
    is_bare(list) || (!list.is_empty() && list.ids().all(is_no_object))
}

/// The text, if the list is a bare one or its error is that it is none. A bare list that is no text,
/// such as a compressed one, is read as a list.
fn as_text(
    name: &str,
    list: Result<DeviceList, ListError>,
    read: impl FnOnce() -> Result<String, String>,
) -> Result<Named, String> {
    let error = match list {
        Ok(list) => {
            return Ok(read().map_or_else(
                |_| Named::List(Box::new(list)),
                |text| text_named(name, text),
            ));
        }
        Err(
            error @ (ListError::NoIdentifierColumn { .. }
            | ListError::NotAList { .. }
            | ListError::Empty { .. }
            | ListError::Syntax { .. }
            | ListError::RowTooLong { .. }),
        ) => error,
        Err(error) => return Err(error.to_string()),
    };
    let text = read()?;
    // Of JSON that breaks off, words would be left that name devices.
    let start = text.split_whitespace().flat_map(str::chars).take(2);
    let start: String = start.collect();
    if start.starts_with('{') || start == "[{" {
        return Err(error.to_string());
    }
    Ok(text_named(name, text))
}

fn text_named(name: &str, text: String) -> Named {
    Named::Text {
        name: name.to_owned(),
        text,
    }
}
