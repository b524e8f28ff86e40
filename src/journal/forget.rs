//! Forgetting people: the names of devices and users in the records of old runs become keyed hashes.
//!
//! The new journal is built beside the old one and takes its place with one rename, so that a process that
//! dies leaves the old journal or the new one. The new file is written from what is left, so that no free
//! page or log of it has the old names. That needs the journal for this process alone.

mod key;
mod pseudonyms;
mod query;
mod rewrite;
mod rows;

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, ErrorCode};

use self::key::Key;
use super::{Journal, JournalError, Operator, at_path, files, read};
use crate::domain::run::RunId;
use crate::platform::{failpoint, file};

/// The version of the journal from which on it records what was forgotten.
const WITH_FORGETS: i64 = 14;

/// How long to wait for a process that is about to close the journal.
const BUSY: Duration = Duration::from_secs(2);

/// What was forgotten, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Finished and closed runs, and plans that were never confirmed.
    pub runs: u64,
    /// Their devices.
    pub devices: u64,
    /// Holds that are over.
    pub holds: u64,
}

impl Forgotten {
    /// True if there is nothing to forget.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Journal {
    /// What [`forget`](Self::forget) would change.
    pub fn forgettable(&self, before: Date) -> Result<Forgotten, JournalError> {
        self.check()?;
        let (now, boot_id) = (self.clock.now(), self.clock.boot_id());
        self.query(|connection| {
            let selected = rewrite::ForgetSelection::of(connection, before, now, boot_id)?;
            Ok(selected.counts())
        })
    }

    /// When the names of a run were forgotten, if they were.
    pub fn forgotten_at(&self, run: &RunId) -> Result<Option<Timestamp>, JournalError> {
        if self.version < WITH_FORGETS {
            return Ok(None);
        }
        let number = self.number(run)?;
        self.query(|connection| {
            connection.query_row(
                "SELECT (SELECT forgotten_at FROM forgets WHERE forgets.number = runs.forgotten)
                 FROM runs WHERE number = ?1",
                [number],
                |row| read::parsed_or_null(row, 0),
            )
        })
    }

    /// Replaces the names of devices and users by hashes in all runs that ended before this day, and in
    /// the holds that were over before it. Open and resumable runs are left as they are. An error if
    /// another process has the journal open.
    pub fn forget(self, before: Date, operator: &Operator) -> Result<Forgotten, JournalError> {
        self.check_writable()?;
        let found = self.forgettable(before)?;
        if found.is_nothing() {
            return Ok(found);
        }
        let Self {
            connection,
            clock,
            directory,
            lock,
            ..
        } = self;
        let path = directory.join(files::DATABASE);
        let lock_path = files::lock_path(&directory);
        // Nobody opens the journal meanwhile.
        lock.lock().map_err(at_path(&lock_path))?;
        drop(connection);
        let key = Key::of(&directory)?;
        let database = |source| JournalError::Database {
            path: path.clone(),
            source,
        };
        let part = part_path(&path);
        let io = at_path(&part);
        let alone = open_exclusive(&path)?;
        remove_part(&path).map_err(io)?;
        file::private_file(&part).map_err(io)?;
        let unfinished = Unfinished(&path);
        let name = part.to_str().ok_or_else(|| {
            io(io::Error::new(
                ErrorKind::InvalidFilename,
                "the name is not UTF-8",
            ))
        })?;
        alone.execute("VACUUM INTO ?1", [name]).map_err(database)?;
        failpoint::reach("forget-copied");
        let rewritten = rewrite::rewrite(&part, &key, before, &clock, operator);
        let forgotten = rewritten.map_err(|source| JournalError::Database {
            path: part.clone(),
            source,
        })?;
        File::open(&part)
            .and_then(|file| file.sync_all())
            .map_err(io)?;
        failpoint::reach("forget-written");
        // Closing it copies the log into the old file and removes it: the new file has none.
        alone.close().map_err(|(_, source)| database(source))?;
        failpoint::reach("forget-closed");
        replace(&part, &path).map_err(at_path(&path))?;
        drop(unfinished);
        failpoint::reach("forget-renamed");
        lock.unlock().map_err(at_path(&lock_path))?;
        Ok(forgotten)
    }
}

/// A connection that no other process has a journal beside. Its log is empty.
fn open_exclusive(path: &Path) -> Result<Connection, JournalError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.query_row("SELECT count(*) FROM accounts", [], |_| Ok(()))?;
        let busy: i64 =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            let error = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
            return Err(rusqlite::Error::SqliteFailure(error, None));
        }
        Ok(connection)
    };
    open().map_err(|source| match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalError::InUse,
        _ => JournalError::Database {
            path: path.to_owned(),
            source,
        },
    })
}

/// Puts the new file in the place of the old one, which has no log any more.
fn replace(part: &Path, path: &Path) -> io::Result<()> {
    for extension in ["db-wal", "db-shm"] {
        let beside = path.with_extension(extension);
        match std::fs::metadata(&beside) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(metadata) if metadata.len() == 0 || extension == "db-shm" => {
                std::fs::remove_file(&beside)?;
            }
            Ok(_) => {
                let text = "its log could not be merged; nothing was changed";
                return Err(io::Error::other(text));
            }
        }
    }
    std::fs::rename(part, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// The file in which the new journal is built.
pub(super) fn part_path(journal: &Path) -> PathBuf {
    journal.with_extension("db.forgetting")
}

/// Removes an unfinished new journal when dropped, for example after an error. Once it has replaced the old
/// journal, there is nothing left to remove.
struct Unfinished<'a>(&'a Path);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // The next command removes it otherwise.
        let _ = remove_part(self.0);
    }
}

/// Removes what a process left behind that died while it built a new journal. The caller holds the lock.
pub(super) fn remove_part(journal: &Path) -> io::Result<()> {
    match std::fs::remove_file(part_path(journal)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
