//! What columns were assigned to on the screen, remembered for lists with the same headers.
//!
//! One private file of the state directory for each set of headers. The screen applies it when such
//! a list is opened; commands only point to it, since a plan that nobody watches must not depend on a
//! file that nobody named.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::list::{ColumnAssignment, DeviceList, parse_field};
use crate::platform::state_dir;
use crate::text;

/// The version of the shape.
const VERSION: u32 = 1;

/// Where they are remembered.
#[derive(Debug)]
pub(super) struct ColumnMemory {
    /// None without a state directory: until the process ends.
    directory: Option<PathBuf>,
    process: Mutex<HashMap<String, Remembered>>,
}

/// The assignments of one set of headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    /// When they were made.
    pub(super) at: Timestamp,
    pub(super) columns: Vec<ColumnAssignment>,
}

/// The shape of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    offboard_columns: u32,
    at: Timestamp,
    columns: Vec<SavedColumn>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedColumn {
    header: String,
    /// The field's name, or `none`.
    field: String,
}

impl ColumnMemory {
    /// In this state directory.
    pub(super) fn in_state(state_dir: &Path) -> Self {
        Self {
            directory: Some(state_dir.join("columns")),
            process: Mutex::default(),
        }
    }

    /// Until the process ends.
    pub(super) fn of_process() -> Self {
        Self {
            directory: None,
            process: Mutex::default(),
        }
    }

    /// What is remembered for the headers of `list`. A file of another version is ignored.
    pub(super) fn load(&self, list: &DeviceList) -> Option<Remembered> {
        let key = key(list)?;
        let Some(directory) = &self.directory else {
            // A poisoned lock still holds whole values.
            let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
            return process.get(&key).cloned();
        };
        let bytes = std::fs::read(file(directory, &key)).ok()?;
        let saved: Saved = serde_json::from_slice(&bytes).ok()?;
        if saved.offboard_columns != VERSION {
            return None;
        }
        let columns = saved.columns.into_iter().map(|column| {
            let field = parse_field(&column.field).ok()?;
            let header = column.header;
            Some(ColumnAssignment { header, field })
        });
        Some(Remembered {
            at: saved.at,
            columns: columns.collect::<Option<_>>()?,
        })
    }

    /// Remembers `columns` for the headers of `list`, in place of what was; an empty slice
    /// forgets it.
    pub(super) fn save(
        &self,
        list: &DeviceList,
        columns: &[ColumnAssignment],
        at: Timestamp,
    ) -> io::Result<()> {
        let Some(key) = key(list) else {
            return Ok(());
        };
        let Some(directory) = &self.directory else {
            let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
            let columns = columns.to_vec();
            process.insert(key, Remembered { at, columns });
            return Ok(());
        };
        let path = file(directory, &key);
        if columns.is_empty() {
            return match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let columns = columns.iter().map(|column| SavedColumn {
            header: column.header.clone(),
            field: column.field_name().to_owned(),
        });
        let saved = Saved {
            offboard_columns: VERSION,
            at,
            columns: columns.collect(),
        };
        state_dir::private_directory(directory)?;
        crate::platform::file::replace(&path, |out| Ok(serde_json::to_writer_pretty(out, &saved)?))
            .map_err(io::Error::other)
    }
}

/// What a command says about a list whose columns were assigned on the screen; none if none were, or
/// if the command was given the same.
pub(super) fn note(
    state_dir: &Path,
    list: &DeviceList,
    given: &[ColumnAssignment],
) -> Option<String> {
    let remembered = ColumnMemory::in_state(state_dir).load(list)?;
    let missing = remembered.columns.into_iter();
    let missing: Vec<_> = missing.filter(|column| !given.contains(column)).collect();
    (!missing.is_empty()).then(|| {
        let options: Vec<String> = missing.iter().map(ColumnAssignment::option).collect();
        format!(
            "columns were assigned on the screen, which commands don't apply: give {}, or write them \
             into [lists.columns]",
            options.join(" ")
        )
    })
}

/// A name for the set of headers of a list, whatever their order and letters; none without headers.
fn key(list: &DeviceList) -> Option<String> {
    let headers: BTreeSet<String> = list.headers().map(str::to_lowercase).collect();
    if headers.is_empty() {
        return None;
    }
    let mut hash = Sha256::new();
    for header in headers {
        // No header contains the other's end.
        hash.update((header.len() as u64).to_le_bytes());
        hash.update(header);
    }
    Some(text::hex(&hash.finalize()))
}

fn file(directory: &Path, key: &str) -> PathBuf {
    directory.join(format!("{key}.json"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::list::parse_column;

    fn list(text: &str) -> DeviceList {
        DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list")
    }

    fn columns(texts: &[&str]) -> Vec<ColumnAssignment> {
        let parsed = texts.iter().map(|text| parse_column(text));
        parsed.collect::<Result<_, _>>().expect("assignments")
    }

    fn at() -> Timestamp {
        "2026-11-20T10:00:00Z".parse().expect("a time")
    }

    #[test]
    fn columns_are_remembered_for_the_headers_in_any_order_and_forgotten() {
        let directory = tempfile::tempdir().expect("a directory");
        let memory = ColumnMemory::in_state(directory.path());
        let first = list("hwid,Box,Rack\nh1,LT-1,R1\n");
        assert_eq!(memory.load(&first), None);
        let assigned = columns(&["hostname=Box", "none=Rack"]);
        memory.save(&first, &assigned, at()).expect("saved");
        let again = ColumnMemory::in_state(directory.path());
        let other_order = list("rack,hwid,BOX\nR2,h2,LT-2\n");
        let remembered = again.load(&other_order).expect("remembered");
        assert_eq!((remembered.columns, remembered.at), (assigned, at()));
        assert_eq!(
            again.load(&list("hwid,Box\nh1,LT-1\n")),
            None,
            "other headers"
        );
        assert_eq!(again.load(&list("h00001\nh00002\n")), None, "no headers");
        memory.save(&other_order, &[], at()).expect("forgotten");
        assert_eq!(again.load(&first), None);
        memory.save(&first, &[], at()).expect("nothing to forget");
    }

    #[test]
    fn file_is_private_and_one_of_another_version_or_a_damaged_one_is_ignored() {
        let directory = tempfile::tempdir().expect("a directory");
        let memory = ColumnMemory::in_state(directory.path());
        let list = list("hwid,Box\nh1,LT-1\n");
        let assigned = columns(&["hostname=Box"]);
        memory.save(&list, &assigned, at()).expect("saved");
        let path = file(
            &directory.path().join("columns"),
            &key(&list).expect("a key"),
        );
        let mode = path.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).expect("read");
        let damaged = [
            text.replace("\"offboard_columns\": 1", "\"offboard_columns\": 2"),
            text.replace("hostname", "colour"),
            text[..text.len() / 2].to_owned(),
        ];
        for damaged in damaged {
            assert_ne!(damaged, text);
            std::fs::write(&path, damaged).expect("written");
            assert_eq!(memory.load(&list), None);
        }
    }

    #[test]
    fn command_points_to_what_it_does_not_apply() {
        let directory = tempfile::tempdir().expect("a directory");
        let list = list("hwid,Old Box\nh1,LT-1\n");
        let assigned = columns(&["hostname=Old Box", "none=Rack"]);
        let memory = ColumnMemory::in_state(directory.path());
        assert_eq!(note(directory.path(), &list, &[]), None);
        memory.save(&list, &assigned, at()).expect("saved");
        let said = note(directory.path(), &list, &assigned[1..]).expect("a note");
        assert!(said.contains("--column 'hostname=Old Box'"), "{said}");
        assert!(!said.contains("none=Rack"), "{said}");
        assert_eq!(note(directory.path(), &list, &assigned), None);
    }
}
