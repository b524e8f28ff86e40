//! Stores a verification.

use rusqlite::{Connection, params};

use super::{Evidence, EvidenceSource, VerificationScope, Verified, VerifiedCounts};
use crate::journal::read::keeps_hostnames;
use crate::journal::{Journal, JournalError, Operator, operator};

/// What a verification changes for a run.
pub(super) struct VerificationChanges {
    pub run: i64,
    /// How many devices were looked for.
    pub looked_at: u64,
    pub through_call: u32,
    pub counts: VerifiedCounts,
    /// The counts or what they cover differ from the stored ones.
    pub is_new: bool,
    pub devices: Vec<VerifiedDevice>,
}

pub(super) struct VerifiedDevice {
    pub ordinal: u32,
    pub verified: Verified,
}

/// The number of the account's newest verification.
pub(super) fn newest(connection: &Connection, account: i64) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT coalesce(max(number), 0) FROM verifications WHERE account = ?1",
        [account],
        |row| row.get(0),
    )
}

impl Journal {
    /// Stores a verification in one transaction. False, and nothing is stored, if another one was stored
    /// after `newest`. Without a run that it is about, nothing needs to be stored.
    pub(super) fn store_verification(
        &mut self,
        scope: VerificationScope,
        newest: i64,
        evidence: &Evidence,
        changes: &[VerificationChanges],
        operator: &Operator,
    ) -> Result<bool, JournalError> {
        if changes.is_empty() {
            return Ok(true);
        }
        let now = self.clock.now().wall.to_string();
        let (hash, devices) = match &evidence.source {
            EvidenceSource::Inventory { hash, devices } => (Some(hash.as_str()), *devices),
            EvidenceSource::Lookup => (None, changes.iter().map(|run| run.looked_at).sum()),
        };
        let is_news = changes
            .iter()
            .any(|run| run.is_new || !run.devices.is_empty());
        self.write(|transaction| {
            if self::newest(transaction, scope.account)? != newest {
                return Ok(false);
            }
            let is_known: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM verifications WHERE account = ?1 AND inventory_hash = ?2
                     AND (run IS NULL OR run IS ?3))",
                params![scope.account, hash, scope.run],
                |row| row.get(0),
            )?;
            if is_known && !is_news {
                return Ok(true);
            }
            let columns = "account, run, source, seen_at, inventory_hash, devices, verified_at";
            let values = params![
                scope.account,
                scope.run,
                evidence.source.as_str(),
                evidence.time.to_string(),
                hash,
                devices,
                now,
            ];
            let number = operator::insert(transaction, "verifications", columns, values, operator)?;
            changes
                .iter()
                .try_for_each(|run| insert(transaction, number, run))?;
            Ok(true)
        })
    }
}

fn insert(
    transaction: &rusqlite::Transaction<'_>,
    verification: i64,
    run: &VerificationChanges,
) -> rusqlite::Result<()> {
    if run.is_new {
        let VerifiedCounts {
            gone,
            still_there,
            returned,
            unknown,
        } = run.counts;
        transaction
            .prepare_cached(
                "INSERT INTO verified_runs (run, verification, through_call, gone, still_there, returned, unknown)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                run.run,
                verification,
                run.through_call,
                gone,
                still_there,
                returned,
                unknown
            ])?;
    }
    let keeps_hostnames = keeps_hostnames(transaction, run.run)?;
    let mut row = transaction.prepare_cached(
        "INSERT INTO verified_devices (run, ordinal, verification, state, recognised_by, hwid, macs, hostname,
             last_seen, enrolled)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for VerifiedDevice { ordinal, verified } in &run.devices {
        let sighting = verified.sighting.as_ref();
        let macs = sighting.map_or(&[][..], |sighting| &sighting.macs);
        let macs: Vec<String> = macs.iter().map(ToString::to_string).collect();
        row.execute(params![
            run.run,
            ordinal,
            verification,
            verified.state.as_str(),
            sighting.map(|sighting| sighting.recognised_by.as_str()),
            sighting.and_then(|sighting| sighting.hwid.as_deref()),
            macs.join(" "),
            sighting
                .filter(|_| keeps_hostnames)
                .map_or("", |sighting| &sighting.hostname),
            sighting
                .and_then(|sighting| sighting.last_seen)
                .map(|seen| seen.to_string()),
            sighting
                .and_then(|sighting| sighting.enrolled)
                .map(|enrolled| enrolled.to_string()),
        ])?;
    }
    Ok(())
}
