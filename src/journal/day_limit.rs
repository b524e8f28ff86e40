//! What an account sent in the last 24 hours, and how many devices the list of an earlier run had.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::{Journal, JournalError, known_account};
use crate::domain::target::Target;
use crate::platform::clock::Now;

const DAY: Duration = Duration::from_hours(24);

impl Journal {
    /// How many devices of the account were accepted, gone or in doubt in the last 24 hours, or are left in
    /// open runs.
    pub fn sent_in_a_day(&self, target: &Target) -> Result<u64, JournalError> {
        self.check_whole()?;
        let (now, boot) = (self.clock.now(), self.clock.boot_id());
        self.query(|connection| match known_account(connection, target)? {
            Some(account) => sent_in_a_day(connection, account, now, boot, None),
            None => Ok(0),
        })
    }

    /// How many devices the last list with this name had from which a run of the account was planned.
    pub fn last_list_size(
        &self,
        target: &Target,
        list_name: &str,
    ) -> Result<Option<u64>, JournalError> {
        self.query(|connection| {
            let Some(account) = known_account(connection, target)? else {
                return Ok(None);
            };
            connection
                .query_row(
                    "SELECT list_devices FROM runs
                     WHERE account = ?1 AND list_name = ?2 AND list_devices IS NOT NULL
                         AND confirmed_at IS NOT NULL
                     ORDER BY number DESC LIMIT 1",
                    params![account, list_name],
                    |row| row.get(0),
                )
                .optional()
        })
    }
}

/// The same within a transaction; the devices of the run `but` are not counted.
///
/// A clock that is set forward frees nothing that a call of this boot sent in the last 24 hours of boot
/// time; one that is set back leaves what was sent in the future.
pub(super) fn sent_in_a_day(
    connection: &Connection,
    account: i64,
    now: Now,
    boot_id: &str,
    but: Option<i64>,
) -> rusqlite::Result<u64> {
    let since = now.wall - DAY;
    connection
        .prepare_cached(
            // Without CROSS, the database may read all devices and look for the run of each.
            "SELECT count(*) FROM runs r CROSS JOIN run_devices d ON d.run = r.number
             LEFT JOIN calls c ON c.run = d.run AND c.call = d.call
             WHERE r.account = ?1 AND r.confirmed_at IS NOT NULL AND r.number IS NOT ?5
                 AND (r.ended_at IS NULL OR r.ended_at > ?2 OR r.state NOT IN ('finished', 'closed')
                     OR r.number IN (SELECT run FROM calls WHERE boot = ?3 AND intent_boot > ?4))
                 AND CASE
                     WHEN d.outcome IS NULL THEN r.state NOT IN ('finished', 'closed')
                     WHEN d.outcome = 'failed' THEN 0
                     ELSE d.decided_at IS NULL OR d.decided_at > ?2
                         OR (c.boot = ?3 AND c.intent_boot > ?4)
                 END",
        )?
        .query_row(
            params![account, since.to_string(), boot_id, (now.boot - DAY).0, but],
            |row| row.get(0),
        )
}
