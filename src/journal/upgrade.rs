//! The copy of a journal that is being upgraded.
//!
//! An upgrade is one transaction, so that a process that dies leaves the old journal or the new one. The
//! copy is for what a transaction can't undo, such as a fault of the upgrade itself. It is removed once
//! the upgrade is durable, by this process or the next one that opens the journal.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use crate::platform::file;

/// How far an upgrade is, in devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpgradeProgress {
    /// Those that are done.
    pub done: u64,
    /// All devices of all runs.
    pub total: u64,
}

/// The file of the copy of the journal at `journal`.
pub(super) fn copy_path(journal: &Path) -> PathBuf {
    journal.with_extension("db.before-upgrade")
}

/// Writes the copy of the journal, whose writers the caller keeps out. Uses a connection of its own:
/// SQLite copies nothing within a transaction. A copy that was not finished is written again.
pub(super) fn make_copy(journal: &Path, busy: Duration) -> rusqlite::Result<()> {
    let part = journal.with_extension("db.before-upgrade.part");
    let make = || -> Result<(), Box<dyn std::error::Error>> {
        remove(&part)?;
        let file = file::private_file(&part)?;
        let name = part.to_str().ok_or("its name is not UTF-8")?;
        let connection = Connection::open(journal)?;
        connection.busy_timeout(busy)?;
        connection.execute("VACUUM INTO ?1", [name])?;
        drop(connection);
        file.sync_all()?;
        std::fs::rename(&part, copy_path(journal))?;
        Ok(File::open(part.parent().unwrap_or(Path::new(".")))?.sync_all()?)
    };
    make().map_err(|error| {
        let text = format!(
            "it needs an upgrade and can't be copied before it: {error}; nothing was changed; free as much \
             space as it takes, and try again"
        );
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
        rusqlite::Error::SqliteFailure(code, Some(text))
    })
}

/// Removes the copy of a journal whose upgrade is through.
pub(super) fn remove_copy(journal: &Path) {
    // One that stays takes space, and does no other harm.
    let _ = remove(&copy_path(journal));
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
