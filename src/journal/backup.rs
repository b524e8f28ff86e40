//! A copy of the journal, from which nothing is sent that the journal itself may send as well.

use std::io::{Error, ErrorKind};
use std::path::Path;

use rusqlite::{Connection, ErrorCode, Transaction, params};

use super::witnesses::BACKUP;
use super::{Journal, JournalError, calls, file_error, runs};
use crate::domain::run::RunState;

/// Why a run is closed in the copy.
const CLOSED: &str = "it was not over when this copy of the journal was made, so that what was sent afterwards is \
    unknown here. Check its devices in the tenant, then plan the rest again.";

impl Journal {
    /// Writes a consistent copy into the empty file at `path`, while other processes may write the
    /// journal. Runs that are not over are closed in the copy, and plan files are unknown to it: the
    /// journal may send them after this moment. A mark in it shows that it is a copy, which needs no lock
    /// file beside it. Refuses to copy a damaged journal.
    pub fn copy_to(&self, path: &Path) -> Result<(), JournalError> {
        self.check()?;
        let Some(name) = path.to_str() else {
            let source = Error::new(ErrorKind::InvalidFilename, "the name is not UTF-8");
            return Err(file_error(path, source));
        };
        self.connection
            .execute("VACUUM INTO ?1", [name])
            .map_err(|source| match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
                    JournalError::Copy(source)
                }
                _ => self.database(source),
            })?;
        let now = self.clock.now().wall.to_string();
        let separated = Connection::open(path).and_then(|mut copy| {
            // The caller throws away a copy that isn't whole.
            copy.pragma_update(None, "journal_mode", "MEMORY")?;
            let transaction = copy.transaction()?;
            separate(&transaction, &now)?;
            transaction.pragma_update(None, "application_id", BACKUP)?;
            transaction.commit()
        });
        separated.map_err(JournalError::Copy)
    }
}

fn separate(copy: &Transaction<'_>, now: &str) -> rusqlite::Result<()> {
    let of_open = format!("state IN {}", runs::states(true));
    let numbers: Vec<i64> = copy
        .prepare(&format!("SELECT number FROM runs WHERE {of_open}"))?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for number in numbers {
        calls::interrupt(copy, number, now)?;
    }
    copy.execute(
        &format!(
            "UPDATE runs SET state = ?1, reason = ?2, ended_at = coalesce(ended_at, ?3) WHERE {of_open}"
        ),
        params![RunState::Closed.as_str(), CLOSED, now],
    )?;
    copy.execute("DELETE FROM plan_files", [])?;
    Ok(())
}
