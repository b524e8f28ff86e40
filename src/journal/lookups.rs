//! Lookups: what Device Details said of a run's devices, and what that settled.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Journal, JournalError, budget, read};
use crate::domain::device::Identifier;
use crate::domain::outcome::Outcome;
use crate::domain::run::RunId;
use crate::engine::SlotEnd;
use crate::engine::lookup_verdict::{Finding, LookupAnswer, Presence};

/// A lookup as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupRecord {
    /// The device, by its place in the plan.
    pub ordinal: u32,
    /// The identifier that was looked up, if it isn't the one that was sent.
    pub alternate_identifier: Option<String>,
    /// What was seen, and when.
    pub finding: Finding,
}

impl Journal {
    /// Stores a lookup and the outcome that `conclude` derives from the stored one, in one transaction
    /// with the end of the slot. `alternate_identifier` was looked up, if it isn't the one that was sent.
    /// Returns the new outcome, `None` if the device has none yet.
    pub fn store_lookup(
        &mut self,
        run: &RunId,
        ordinal: u32,
        alternate_identifier: Option<&Identifier>,
        finding: &Finding,
        slot: &SlotEnd,
        conclude: impl FnOnce(Outcome) -> Outcome,
    ) -> Result<Option<Outcome>, JournalError> {
        let number = self.number(run)?;
        let now = self.clock.now();
        let boot_id = self.clock.boot_id().to_owned();
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        self.write(|transaction| {
            budget::complete(transaction, slot, now, &boot_id)?;
            let presence = match &finding.seen {
                LookupAnswer::Absent => None,
                LookupAnswer::Present(presence) => Some(presence),
            };
            let keeps_hostnames = read::keeps_hostnames(transaction, number)?;
            transaction.execute(
                "INSERT INTO lookups (run, ordinal, looked_at, present, hwid, hostname, last_seen,
                     enrolled_at, identifier)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    number,
                    ordinal,
                    finding.at.to_string(),
                    presence.is_some(),
                    presence.and_then(|presence| presence.hwid.as_deref()),
                    presence.map(|presence| {
                        if keeps_hostnames {
                            presence.hostname.as_str()
                        } else {
                            ""
                        }
                    }),
                    presence.and_then(|presence| time(presence.last_seen)),
                    presence.and_then(|presence| time(presence.enrolled)),
                    alternate_identifier.map(ToString::to_string),
                ],
            )?;
            let before = transaction
                .query_row(
                    "SELECT outcome, reason FROM run_devices WHERE run = ?1 AND ordinal = ?2 AND outcome IS NOT NULL",
                    params![number, ordinal],
                    read::outcome,
                )
                .optional()?;
            let Some(before) = before else {
                return Ok(None);
            };
            let after = conclude(before);
            if after != before {
                transaction.execute(
                    "UPDATE run_devices SET outcome = ?3, reason = ?4, decided_at = ?5
                     WHERE run = ?1 AND ordinal = ?2 AND outcome = 'in_doubt'",
                    params![
                        number,
                        ordinal,
                        after.class().as_str(),
                        after.reason(),
                        now.wall.to_string()
                    ],
                )?;
            }
            Ok(Some(after))
        })
    }

    /// The newest finding of each device of a run that was looked up by the identifier that was sent,
    /// by ordinal.
    pub fn findings(&self, run: &RunId) -> Result<HashMap<u32, Finding>, JournalError> {
        let lookups = self.lookups(run)?.into_iter();
        Ok(lookups
            .filter(|lookup| lookup.alternate_identifier.is_none())
            .map(|lookup| (lookup.ordinal, lookup.finding))
            .collect())
    }

    /// The lookups of a run's devices, oldest first.
    pub fn lookups(&self, run: &RunId) -> Result<Vec<LookupRecord>, JournalError> {
        let number = self.number(run)?;
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT ordinal, looked_at, present, hwid, hostname, last_seen, enrolled_at, identifier
                 FROM lookups WHERE run = ?1 ORDER BY number",
            )?;
            let mut rows = statement.query([number])?;
            let mut lookups = Vec::new();
            while let Some(row) = rows.next()? {
                let time = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
                    let text: Option<String> = row.get(column)?;
                    Ok(text.and_then(|text| text.parse().ok()))
                };
                let seen = if row.get(2)? {
                    LookupAnswer::Present(Presence {
                        hwid: row.get(3)?,
                        hostname: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                        last_seen: time(5)?,
                        enrolled: time(6)?,
                    })
                } else {
                    LookupAnswer::Absent
                };
                if let Some(at) = time(1)? {
                    lookups.push(LookupRecord {
                        ordinal: row.get(0)?,
                        alternate_identifier: row.get(7)?,
                        finding: Finding { at, seen },
                    });
                }
            }
            Ok(lookups)
        })
    }
}
