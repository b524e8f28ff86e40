//! The durable record of runs, and of the budget, in one SQLite database.
//!
//! No call is sent before its intent is stored, and no outcome is shown before it is stored. Every
//! write is a transaction of its own that is on the disk when it returns. After a failed write,
//! further writes are refused: a second try may succeed without having written.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params,
};

use self::files::OpenFiles;
use crate::domain::target::Target;
use crate::platform::clock::Clock;
use crate::platform::failpoint::{self, NextWrite};
use crate::platform::file;

mod admission;
mod audit;
mod backup;
mod breakdown;
mod budget;
mod calls;
mod conflicts;
mod day_limit;
mod earlier;
mod error;
mod files;
mod forget;
mod history;
mod holds;
mod licences;
mod lock;
mod lookups;
mod operator;
mod read;
mod rechecks;
mod records;
mod runs;
mod schema;
mod search;
mod tally;
#[cfg(test)]
mod tests;
mod trend;
mod upgrade;
mod verifications;
mod wal;
mod witnesses;

pub use admission::Admission;
pub use audit::{FoundDevice, FoundDevices, ResumeRecord};
pub use breakdown::{DeviceCount, RunBreakdown};
pub use calls::{CallOrigin, CallRecord, CallVerdict};
pub use conflicts::Conflict;
pub use error::JournalError;
use error::{at_path, file_error};
pub use files::Loss;
pub use forget::Forgotten;
pub use history::{DeviceRecord, RunRecord};
pub use holds::{EndedHolds, HoldRecord, HoldStatus, HoldsOfDevices, HoldsVersion};
pub use licences::LicenceMoment;
pub use lock::{Holder, RunLock};
pub use lookups::LookupRecord;
pub use operator::Operator;
pub use rechecks::RecheckRecord;
pub use records::StoredRecord;
pub use runs::OpenedRun;
pub use search::MAX_FOUND;
pub use trend::FetchTotals;
pub use upgrade::UpgradeProgress;
pub use verifications::{RunVerification, Verification, VerifiedEntry};

/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(10);

/// What to do about a damaged journal.
const REMEDY: &str = "restore a backup, or check the tenant first and give another --state-dir";

/// The journal of one state directory.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    clock: Clock,
    directory: PathBuf,
    /// The version of its tables, see [`schema`]; older than this program's if it could not be upgraded.
    version: i64,
    /// The database's files; none if the journal is only read.
    files: Option<OpenFiles>,
    /// The lock file, into which the newest intent is written.
    lock: File,
    /// Set after a failed write: the on-disk state is unknown, so further writes are refused.
    poisoned: bool,
    /// Why the journal is only read, if it is.
    read_only: Option<ReadOnlyCause>,
}

/// Why a journal is only read.
#[derive(Clone, Debug)]
enum ReadOnlyCause {
    /// A newer program wrote it, with this version.
    Newer(i64),
    /// The last writes can't be read; a description.
    Damaged(String),
}

impl Journal {
    /// Opens the journal in `directory`, which must exist, and creates it if there is none. One that a
    /// newer program wrote is read as far as this one understands it; every write is refused.
    pub fn open(directory: &Path, clock: Clock) -> Result<Self, JournalError> {
        Self::open_with_progress(directory, clock, &mut |_| {})
    }

    /// The same; `progress` is called during the upgrade of a journal that an older program wrote, which takes
    /// seconds for a million devices.
    pub fn open_with_progress(
        directory: &Path,
        clock: Clock,
        progress: &mut dyn FnMut(UpgradeProgress),
    ) -> Result<Self, JournalError> {
        let path = directory.join(files::DATABASE);
        // Without a lock, several processes that open a new database at the same time fail, even with a
        // busy timeout.
        let lock_path = files::lock_path(directory);
        let lock = file::private_file(&lock_path).map_err(at_path(&lock_path))?;
        lock.lock().map_err(at_path(&lock_path))?;
        files::make_database(&path).map_err(at_path(&path))?;
        forget::remove_part(&path).map_err(at_path(&path))?;
        let database = |source| JournalError::Database {
            path: path.clone(),
            source,
        };
        let mut connection = Connection::open(&path).map_err(database)?;
        let damage = damage_of_log(&mut connection, &path).map_err(database)?;
        let before = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap_or(schema::VERSION);
        if damage.is_none() && before < schema::VERSION {
            // Before the upgrade, which may be done when this process ends.
            files::mark_used(&lock).map_err(at_path(&lock_path))?;
        }
        let found = match damage {
            // A damaged journal is not migrated.
            Some(_) => before,
            None => schema::prepare(&mut connection, &path, BUSY, progress).map_err(database)?,
        };
        let is_newer = damage.is_none() && found > schema::VERSION;
        let newer = is_newer.then_some(ReadOnlyCause::Newer(found));
        let mut journal = Self {
            connection,
            clock,
            directory: directory.to_owned(),
            version: found,
            files: None,
            lock,
            poisoned: false,
            read_only: newer.or(damage.map(ReadOnlyCause::Damaged)),
        };
        if journal.read_only.is_none() {
            let missing = match journal.missing_intent()? {
                None => journal.missing_witnesses()?,
                missing => missing,
            };
            journal.read_only = missing.map(ReadOnlyCause::Damaged);
        }
        if journal.read_only.is_none() {
            // A first read creates the log and its index.
            journal
                .connection
                .query_row("SELECT count(*) FROM runs WHERE number = 0", [], |_| Ok(()))
                .map_err(|source| journal.database(source))?;
            let opened = OpenFiles::of(&path).map_err(at_path(&path))?;
            journal.files = Some(opened);
        }
        let unlocked = journal.lock.unlock();
        unlocked.map_err(at_path(&lock_path))?;
        Ok(journal)
    }

    /// Checks that writes reach the files that a later start will open.
    fn check_files(&mut self) -> Result<(), JournalError> {
        let path = self.path();
        let Some(files) = &mut self.files else {
            return Ok(());
        };
        let loss = files.check().map_err(at_path(&path))?;
        self.poisoned |= loss.is_some();
        loss.map_or(Ok(()), |loss| Err(JournalError::Lost { loss }))
    }

    /// The database's path.
    pub fn path(&self) -> PathBuf {
        self.directory.join(files::DATABASE)
    }

    /// Runs `work` in a read transaction: it sees one state of the journal, and many queries cost less than
    /// with a transaction for each.
    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        self.query(|connection| {
            let transaction = connection.unchecked_transaction()?;
            work(&transaction)
        })
    }

    /// Runs `work` without a transaction around it.
    fn query<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        work(&self.connection).map_err(|source| self.database(source))
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
        // Before the write, because a write restores the length of a truncated file; and after it, because
        // only then it is known which file was written.
        self.check_files()?;
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
        let written = attempt.map_err(|source| self.database(source));
        let checked = written.and_then(|value| self.check_files().map(|()| value));
        self.poisoned |= checked.is_err();
        checked
    }

    /// An error if the journal is only read: a newer program wrote it, or it is damaged.
    pub fn check_writable(&self) -> Result<(), JournalError> {
        match &self.read_only {
            None => Ok(()),
            Some(ReadOnlyCause::Newer(found)) => Err(JournalError::Newer {
                path: self.path(),
                found: *found,
                known: schema::VERSION,
            }),
            Some(ReadOnlyCause::Damaged(damage)) => Err(self.damaged(format!(
                "{damage}: the last calls and outcomes are unknown, and nothing can be sent; {REMEDY}"
            ))),
        }
    }

    /// An error if the journal can't be read completely.
    pub fn check_whole(&self) -> Result<(), JournalError> {
        match &self.read_only {
            Some(ReadOnlyCause::Damaged(_)) => self.check_writable(),
            _ => Ok(()),
        }
    }

    /// Looks for damage, before anything is sent by what the journal says.
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
        // The damage is the cause of any other error.
        if let Err(damaged) = self.check_whole() {
            return damaged;
        }
        JournalError::Database {
            path: self.path(),
            source,
        }
    }

    fn damaged(&self, damage: impl Into<String>) -> JournalError {
        JournalError::Damaged {
            path: self.path(),
            damage: damage.into(),
        }
    }
}

/// Fails as a full disk does, at a failpoint of a test.
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

/// The number of the account in the journal, added on first use.
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

/// Describes the damage of the write-ahead log, if there is any. A damaged log is left as it is: SQLite
/// would otherwise copy its readable part into the database and delete the rest.
fn damage_of_log(connection: &mut Connection, path: &Path) -> rusqlite::Result<Option<String>> {
    connection.busy_timeout(BUSY)?;
    let damage = {
        // The transaction keeps other processes from writing. The next read reports a database that
        // can't be read.
        let immediate = TransactionBehavior::Immediate;
        let _writing = match connection.transaction_with_behavior(immediate) {
            Ok(writing) => writing,
            // The last process to close would copy the log into the database, checked or not.
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
