//! The durable record of runs, and of the budget, in one SQLite database.
//!
//! Nothing is sent before its intent is in here, and nothing is shown before its outcome is. Every
//! write is a transaction of its own that is on the disk when it returns. After a write that
//! failed, nothing more is written: a second try may succeed without having written.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params,
};

use crate::domain::target::Target;
use crate::platform::clock::Clock;
use crate::platform::failpoint::{self, NextWrite};

mod audit;
mod budget;
mod calls;
mod conflicts;
mod earlier;
mod history;
mod lock;
mod lookups;
mod operator;
mod read;
mod runs;
mod schema;
#[cfg(test)]
mod tests;
mod wal;

pub use audit::{FOUND_MOST, Found, FoundDevices, ResumeRecord};
pub use calls::{CallOrigin, CallRecord, Verdict};
pub use conflicts::Conflict;
pub use history::{DeviceRecord, RunRecord};
pub use lock::{Holder, RunLock};
pub use lookups::LookupRecord;
pub use operator::Operator;
pub use runs::{Admission, OpenedRun};

/// The database's name in the state directory.
const FILE_NAME: &str = "journal.db";
/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(10);

/// The journal of one state directory.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    clock: Clock,
    directory: PathBuf,
    /// A write failed: what is on the disk isn't known any more.
    poisoned: bool,
    /// Why it is only read, if it is.
    only_read: Option<OnlyRead>,
}

/// Why a journal is only read.
#[derive(Clone, Debug)]
enum OnlyRead {
    /// A newer program wrote it: its version.
    Newer(i64),
    /// What was written last can't be read: why.
    Damaged(String),
}

/// What can go wrong with the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file can't be made or locked.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// SQLite's word.
    #[error("the journal in {path}: {source}")]
    Database {
        /// The database.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// A program newer than this one wrote it.
    #[error(
        "the journal {path} is of version {found}, newer than this program's {known}: use the newer program; nothing was changed"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A row holds what no version of this program writes.
    #[error("the journal {path} is damaged: {what}")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// Which row, and what is wrong with it.
        what: String,
    },
    /// An earlier write failed in this process.
    #[error("the journal can't be trusted after a failed write: restart the program")]
    Poisoned,
    /// No run has this name.
    #[error("no run '{0}' in the journal: see `offboard runs`")]
    NoSuchRun(String),
    /// More than one run has this name.
    #[error("'{0}' is the beginning of several runs' names: give more of it")]
    AmbiguousRun(String),
    /// Another process has the run.
    #[error("run {run} is held by {holder}")]
    Held {
        /// The run.
        run: String,
        /// Who holds it.
        holder: Holder,
    },
}

impl Journal {
    /// Opens the journal in `directory`, which must exist, and makes it if there is none. One that a
    /// newer program wrote can be read as far as this one understands it; every write is refused.
    pub fn open(directory: &Path, clock: Clock) -> Result<Self, JournalError> {
        let path = directory.join(FILE_NAME);
        // Several processes that open a new database at once otherwise fail, busy timeout or not.
        let lock_path = directory.join("journal.lock");
        let lock = private_file(&lock_path).map_err(|source| file_error(&lock_path, source))?;
        lock.lock()
            .map_err(|source| file_error(&lock_path, source))?;
        make_private(&path).map_err(|source| file_error(&path, source))?;
        let database = |source| JournalError::Database {
            path: path.clone(),
            source,
        };
        let mut connection = Connection::open(&path).map_err(database)?;
        let damage = damage_of_log(&mut connection, &path).map_err(database)?;
        let found = match damage {
            // Not even what makes it newer is written into it.
            Some(_) => schema::VERSION,
            None => schema::prepare(&mut connection, BUSY).map_err(database)?,
        };
        let newer = (found > schema::VERSION).then_some(OnlyRead::Newer(found));
        Ok(Self {
            connection,
            clock,
            directory: directory.to_owned(),
            poisoned: false,
            only_read: newer.or(damage.map(OnlyRead::Damaged)),
        })
    }

    /// The database's path.
    pub fn path(&self) -> PathBuf {
        self.directory.join(FILE_NAME)
    }

    /// Runs `work` in a write transaction of its own, durable when this returns.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        self.check_writable()?;
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        let attempt = (|| {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            let decided = failpoint::this_write();
            fail_if(decided == NextWrite::Fails)?;
            transaction.commit()?;
            fail_if(decided == NextWrite::FailsWritten)?;
            Ok(value)
        })();
        attempt.map_err(|source| {
            self.poisoned = true;
            self.database(source)
        })
    }

    /// An error where the journal is only read, since a newer program wrote it or it isn't whole.
    pub fn check_writable(&self) -> Result<(), JournalError> {
        match &self.only_read {
            None => Ok(()),
            Some(OnlyRead::Newer(found)) => Err(JournalError::Newer {
                path: self.path(),
                found: *found,
                known: schema::VERSION,
            }),
            Some(OnlyRead::Damaged(what)) => Err(self.damaged(format!(
                "{what}: what was sent and answered last is not known, and nothing can be sent; \
                 put a copy back, or give another --state-dir and look in the tenant first"
            ))),
        }
    }

    /// An error where what can be read isn't all that was written.
    pub fn check_whole(&self) -> Result<(), JournalError> {
        match &self.only_read {
            Some(OnlyRead::Damaged(_)) => self.check_writable(),
            _ => Ok(()),
        }
    }

    /// Looks for damage before anything is sent on the journal's word.
    pub fn check(&self) -> Result<(), JournalError> {
        self.check_whole()?;
        let found: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|source| self.database(source))?;
        if found == "ok" {
            return Ok(());
        }
        Err(self.damaged(crate::text::visible(&found).into_owned()))
    }

    fn database(&self, source: rusqlite::Error) -> JournalError {
        // Whatever else is wrong comes of that.
        if let Err(damaged) = self.check_whole() {
            return damaged;
        }
        JournalError::Database {
            path: self.path(),
            source,
        }
    }

    fn damaged(&self, what: impl Into<String>) -> JournalError {
        JournalError::Damaged {
            path: self.path(),
            what: what.into(),
        }
    }
}

/// Fails as a full disk does, where a test wants it to.
fn fail_if(decided: bool) -> rusqlite::Result<()> {
    if decided {
        let error = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        return Err(rusqlite::Error::SqliteFailure(error, None));
    }
    Ok(())
}

/// The number of the account in the journal, if it has one.
fn known_account(connection: &Connection, target: &Target) -> rusqlite::Result<Option<i64>> {
    connection
        .query_row(
            "SELECT id FROM accounts WHERE tenant = ?1 AND account = ?2",
            params![target.tenant, target.account.as_deref().unwrap_or_default()],
            |row| row.get(0),
        )
        .optional()
}

/// The same; made on first use.
fn account_number(transaction: &Transaction<'_>, target: &Target) -> rusqlite::Result<i64> {
    if let Some(number) = known_account(transaction, target)? {
        return Ok(number);
    }
    transaction.execute(
        "INSERT INTO accounts (tenant, account) VALUES (?1, ?2)",
        params![target.tenant, target.account.as_deref().unwrap_or_default()],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// What is wrong with the log beside the database, if something is. Then all of it stays as it is:
/// SQLite would otherwise take what can still be read into the database, and the rest away.
fn damage_of_log(connection: &mut Connection, path: &Path) -> rusqlite::Result<Option<String>> {
    connection.busy_timeout(BUSY)?;
    let damage = {
        // While it is looked at, no other process writes it. A database that can't be read is told of
        // by whoever reads it next.
        let immediate = TransactionBehavior::Immediate;
        let _writing = match connection.transaction_with_behavior(immediate) {
            Ok(writing) => writing,
            // Whoever closes it last would take the log into the database, looked at or not.
            Err(busy)
                if matches!(
                    busy.sqlite_error_code(),
                    Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
                ) =>
            {
                return Err(busy);
            }
            Err(_) => return Ok(None),
        };
        let log = path.with_extension("db-wal");
        wal::damage(&log).unwrap_or_else(|error| Some(format!("its log can't be read: {error}")))
    };
    if damage.is_some() {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    }
    Ok(damage)
}

/// Makes the database as a file that only its owner can read; SQLite gives its other files the same
/// mode. One that is there is never opened: closing it would take away every lock that this process
/// has on it, those of the journal's other connections too. Another process would then believe
/// itself alone, and remove the log that they go on writing into.
fn make_private(path: &Path) -> std::io::Result<()> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Opens or makes a file that only its owner can read. Not for a database: see [`make_private`].
fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn file_error(path: &Path, source: std::io::Error) -> JournalError {
    JournalError::File {
        path: path.to_owned(),
        source,
    }
}
