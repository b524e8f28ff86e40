//! What outside of the database shows that it lacks something: the newest intent in the lock files, and that
//! there are lock files at all.

use rusqlite::params;

use super::files::{self, NewestIntent};
use super::lock::RunFileContent;
use super::{Journal, JournalError, at_path, lock};
use crate::domain::run::RunId;

/// SQLite's `application_id` of a copy that `offboard backup` made, until a state directory has taken it.
pub(super) const BACKUP: i32 = i32::from_be_bytes(*b"offb");

impl Journal {
    /// Describes what is missing, if a lock file has a newer intent than the database. The files of the
    /// runs are read only if the directory's own has none: it covers them all.
    pub(super) fn missing_intent(&self) -> Result<Option<String>, JournalError> {
        let lock_path = files::lock_path(&self.directory);
        let newest = NewestIntent::read(&self.lock).map_err(at_path(&lock_path))?;
        if let Some(newest) = newest {
            return self.missing(newest);
        }
        let is_unused = files::is_unused(&self.lock).map_err(at_path(&lock_path))?;
        let run_files = lock::run_files(&self.directory).map_err(at_path(&self.directory))?;
        for file in run_files {
            let missing = match file.content {
                RunFileContent::Call(intent) => self.missing(intent)?,
                RunFileContent::NoCall => None,
                // A kill can leave an empty one, but not of the first run of a directory.
                RunFileContent::Nothing if !is_unused => None,
                RunFileContent::Nothing | RunFileContent::Unreadable => {
                    self.missing_run(&file.run)?
                }
            };
            if missing.is_some() {
                return Ok(missing);
            }
        }
        Ok(None)
    }

    /// Describes the run by which a lock file is named that was emptied or overwritten, if the database
    /// doesn't have it.
    fn missing_run(&self, run: &str) -> Result<Option<String>, JournalError> {
        let ids: Vec<[u8; 16]> = self.query(|connection| {
            let mut found = connection.prepare("SELECT id FROM runs")?;
            let ids = found.query_map([], |row| row.get(0))?;
            ids.collect()
        })?;
        let is_stored = ids
            .into_iter()
            .any(|id| RunId::from_bytes(id).to_string() == run);
        Ok((!is_stored).then(|| {
            format!(
                "the lock of run {run} is here, emptied or overwritten, but the run is not recorded: files were \
                 removed or overwritten, or an older copy was restored"
            )
        }))
    }

    /// Describes this intent, if the database doesn't have it.
    pub(super) fn missing(&self, intent: NewestIntent) -> Result<Option<String>, JournalError> {
        let NewestIntent { run, call } = intent;
        let is_stored: bool = self.query(|connection| {
            connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM calls JOIN runs ON runs.number = calls.run
                 WHERE runs.id = ?1 AND calls.call >= ?2)",
                params![run.bytes(), call],
                |row| row.get(0),
            )
        })?;
        Ok((!is_stored).then(|| {
            format!(
                "call {call} of run {run} was made but is not recorded: a file was removed or cut short, or \
                 an older copy was restored"
            )
        }))
    }

    /// Describes what is missing, if nothing but the database is here: later calls may have been recorded in
    /// a database that is elsewhere now. That is as it should be for one without runs, a copy that
    /// `offboard backup` made, in which no run is open.
    pub(super) fn missing_witnesses(&mut self) -> Result<Option<String>, JournalError> {
        let lock_path = files::lock_path(&self.directory);
        let at_lock = at_path(&lock_path);
        let sql = "SELECT EXISTS (SELECT 1 FROM runs), application_id FROM pragma_application_id";
        let (has_runs, id): (bool, i32) = self.query(|connection| {
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        })?;
        let is_backup = id == BACKUP;
        if files::is_unused(&self.lock).map_err(at_lock)? {
            let is_alone = !lock::is_any(&self.directory).map_err(at_path(&self.directory))?;
            if is_alone && has_runs && !is_backup {
                return Ok(Some(
                    "it has runs, but neither `journal.lock` nor the lock of a run is beside it: they were \
                     removed, or the database alone was copied here. Put all files back that belong together, or a \
                     copy that `offboard backup` made"
                        .to_owned(),
                ));
            }
            files::mark_used(&self.lock).map_err(at_lock)?;
        }
        // From now on it is a journal, of which a file may be removed.
        if is_backup {
            self.query(|connection| connection.pragma_update(None, "application_id", 0))?;
        }
        Ok(None)
    }
}
