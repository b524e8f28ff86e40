//! The account's licences: each measurement, and those before and after runs.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::read::time;
use super::{Journal, JournalError, account_number, known_account};
use crate::domain::licences::{Licences, RunLicences};
use crate::domain::run::RunId;
use crate::domain::target::Target;
use crate::engine::account_response::LicenceCount;

/// How long a tenant that doesn't report its licences isn't asked again.
const ASKED_AGAIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a measurement is valid for the next run, if nothing is sent meanwhile.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// For which moment of a run the licences were measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenceMoment {
    /// Before its first call.
    Before(RunId),
    /// After its last call.
    After(RunId),
}

/// The newest measurement.
struct Newest {
    number: i64,
    at: Option<Timestamp>,
    count: LicenceCount,
}

impl Newest {
    fn licences(&self) -> Option<Licences> {
        let (used, allowed) = self.count?;
        Some(Licences {
            used,
            allowed,
            measured_at: self.at?,
        })
    }

    fn is_within(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.at.is_some_and(|at| {
            let since = now.duration_since(at);
            !since.is_negative() && since < age
        })
    }
}

impl Journal {
    /// Stores what the tenant said of its licences in the call of this slot, for a moment of a run if one
    /// is given. Returns the measurement, unless the tenant doesn't report them.
    pub fn store_licences(
        &mut self,
        target: &Target,
        slot: i64,
        count: LicenceCount,
        moment: Option<LicenceMoment>,
    ) -> Result<Option<Licences>, JournalError> {
        let now = self.clock.now().wall;
        self.write(|transaction| {
            let account = account_number(transaction, target)?;
            transaction.execute(
                "INSERT INTO licences (account, measured_at, slot, used, allowed)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    account,
                    now.to_string(),
                    slot,
                    count.map(|(used, _)| used),
                    count.map(|(_, allowed)| allowed),
                ],
            )?;
            if let Some(moment) = moment.filter(|_| count.is_some()) {
                assign(transaction, moment, transaction.last_insert_rowid())?;
            }
            Ok(())
        })?;
        Ok(count.map(|(used, allowed)| Licences {
            used,
            allowed,
            measured_at: now,
        }))
    }

    /// Uses the newest measurement as that of the moment before a run, if it is fresh and nothing was sent
    /// to the account since.
    pub fn reuse_licences(
        &mut self,
        target: &Target,
        run: RunId,
    ) -> Result<Option<Licences>, JournalError> {
        let now = self.clock.now().wall;
        let Some(newest) = self.newest_licences(target)? else {
            return Ok(None);
        };
        let Some(licences) = newest.licences().filter(|_| newest.is_within(FRESH, now)) else {
            return Ok(None);
        };
        let is_old: bool = self.query(|connection| {
            connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM slots s JOIN licences l ON l.account = s.account
                 WHERE l.number = ?1 AND s.purpose = 'delete' AND s.number > l.slot)",
                [newest.number],
                |row| row.get(0),
            )
        })?;
        if is_old {
            return Ok(None);
        }
        self.write(|transaction| assign(transaction, LicenceMoment::Before(run), newest.number))?;
        Ok(Some(licences))
    }

    /// The newest measurement of the account's licences; none if there is none, or the tenant doesn't report them.
    pub fn last_licences(&self, target: &Target) -> Result<Option<Licences>, JournalError> {
        Ok(self
            .newest_licences(target)?
            .and_then(|newest| newest.licences()))
    }

    /// False while the tenant isn't asked, because it didn't report them when it was asked last.
    pub fn asks_for_licences(&self, target: &Target) -> Result<bool, JournalError> {
        let now = self.clock.now().wall;
        let newest = self.newest_licences(target)?;
        let refused = newest.filter(|newest| newest.count.is_none());
        Ok(!refused.is_some_and(|newest| newest.is_within(ASKED_AGAIN, now)))
    }

    fn newest_licences(&self, target: &Target) -> Result<Option<Newest>, JournalError> {
        self.query(|connection| {
            let Some(account) = known_account(connection, target)? else {
                return Ok(None);
            };
            let mut statement = connection.prepare_cached(
                "SELECT number, measured_at, used, allowed FROM licences
                 WHERE account = ?1 ORDER BY number DESC LIMIT 1",
            )?;
            let newest = statement.query_row([account], |row| {
                Ok(Newest {
                    number: row.get(0)?,
                    at: time(row, 1)?,
                    count: row.get::<_, Option<u64>>(2)?.zip(row.get(3)?),
                })
            });
            newest.optional()
        })
    }
}

fn assign(
    transaction: &rusqlite::Transaction<'_>,
    moment: LicenceMoment,
    number: i64,
) -> rusqlite::Result<()> {
    let (column, run) = match moment {
        LicenceMoment::Before(run) => ("licences_before", run),
        LicenceMoment::After(run) => ("licences_after", run),
    };
    let sql = format!("UPDATE runs SET {column} = ?2 WHERE id = ?1");
    transaction
        .execute(&sql, params![run.bytes(), number])
        .map(drop)
}

/// The licences of a run, from six columns: time, used and allowed, before and after.
pub(super) fn of_run(row: &Row<'_>, first: usize) -> rusqlite::Result<RunLicences> {
    let licences = |first: usize| -> rusqlite::Result<Option<Licences>> {
        let (at, used, allowed) = (time(row, first)?, row.get(first + 1)?, row.get(first + 2)?);
        let (Some(measured_at), Some(used), Some(allowed)) = (at, used, allowed) else {
            return Ok(None);
        };
        Ok(Some(Licences {
            used,
            allowed,
            measured_at,
        }))
    };
    Ok(RunLicences {
        before: licences(first)?,
        after: licences(first + 3)?,
    })
}
