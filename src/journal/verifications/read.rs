//! Reads verifications: of runs, of their devices, and of a list's devices.

use std::collections::HashMap;
use std::fmt;

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::{
    Evidence, EvidenceSource, MatchRule, RunVerification, Verified, VerifiedCounts, VerifiedState,
};
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::RunId;
use crate::domain::target::Target;
use crate::journal::history::DeviceRecord;
use crate::journal::read::time;
use crate::journal::{Journal, JournalError, known_account, read};
use crate::list::{DeviceId, DeviceList};
use crate::verification::RecordMatch;

/// The version of the tables from which on there are verifications.
const WITH_VERIFICATIONS: i64 = 12;

/// The newest row of each device.
const NEWEST_DEVICES: &str =
    "SELECT d.ordinal, d.state, d.recognised_by, d.hwid, d.macs, d.hostname, d.last_seen, d.enrolled,
         v.seen_at, r.id
     FROM verified_devices d JOIN verifications v ON v.number = d.verification
     JOIN runs r ON r.number = d.run
     WHERE d.verification = (SELECT max(e.verification) FROM verified_devices e
         WHERE e.run = d.run AND e.ordinal = d.ordinal)";

/// An entry of a list that is the tenant's record of an accepted device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedEntry {
    /// Still there, or returned.
    pub state: VerifiedState,
    /// The run by which the device was accepted.
    pub run: RunId,
    /// The value that the record and the device have in common.
    pub recognised_by: MatchRule,
}

/// `returned, after run 7f7c30wr; recognised by serial`.
impl fmt::Display for VerifiedEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}, after run {}; recognised {}",
            self.state.label(),
            self.run,
            self.recognised_by
        )
    }
}

/// What verifications found of a run's devices.
#[derive(Debug, Default)]
pub(in crate::journal) struct VerifiedDevices {
    /// Accepted devices of calls up to this one that have no row are gone; 0 for none.
    pub through_call: u32,
    /// Devices with a state of their own, by ordinal.
    pub rows: HashMap<u32, VerifiedRow>,
    /// The stored counts, with the call up to which they reach.
    pub counts: Option<(u32, VerifiedCounts)>,
    /// The time of the newest inventory that covers the run.
    pub inventory_time: Option<Timestamp>,
}

#[derive(Debug)]
pub(in crate::journal) struct VerifiedRow {
    pub verified: Verified,
    pub time: Timestamp,
}

impl VerifiedDevices {
    /// What was found of the device at this place of the plan, if it is accepted and was verified.
    pub fn of(&self, place: u64, record: &DeviceRecord) -> Option<Verified> {
        if record.state != DeviceState::Ended(Outcome::Accepted) {
            return None;
        }
        let ordinal = u32::try_from(place).ok()?;
        match self.rows.get(&ordinal) {
            Some(row) => Some(row.verified.clone()),
            None => {
                let is_covered = record.call.unwrap_or(0) <= self.through_call;
                (self.through_call > 0 && is_covered).then(|| Verified::bare(VerifiedState::Gone))
            }
        }
    }
}

/// A verification, as far as it concerns the date of runs.
struct VerificationRow {
    number: i64,
    account: i64,
    run: Option<i64>,
    /// The devices of the inventory, or that were looked up.
    devices: u64,
    evidence: Evidence,
    verified_at: Timestamp,
}

/// The newest counts of a run.
struct Counts {
    account: i64,
    first: i64,
    through_call: u32,
    states: VerifiedCounts,
}

impl Counts {
    /// The newest row that covers the run: an inventory, or lookups of all its devices.
    fn newest_of<'a>(&self, run: i64, rows: &'a [VerificationRow]) -> Option<&'a VerificationRow> {
        let concerns = rows.iter().filter(|row| {
            row.account == self.account
                && row.number >= self.first
                && row.run.is_none_or(|of| of == run)
        });
        let (whole, part): (Vec<_>, Vec<_>) = concerns.partition(|row| match row.evidence.source {
            EvidenceSource::Inventory { .. } => self.through_call > 0,
            EvidenceSource::Lookup => row.devices >= self.states.total(),
        });
        let newest =
            |rows: Vec<&'a VerificationRow>| rows.into_iter().max_by_key(|row| row.evidence.time);
        newest(whole).or_else(|| newest(part))
    }
}

impl Journal {
    /// What was found of a run's devices.
    pub(in crate::journal) fn verified_devices(
        &self,
        number: i64,
    ) -> Result<VerifiedDevices, JournalError> {
        self.query(|connection| {
            let mut found = VerifiedDevices::default();
            if self.version < WITH_VERIFICATIONS {
                return Ok(found);
            }
            let Some(counts) = self.counts(Some(number))?.remove(&number) else {
                return Ok(found);
            };
            found.through_call = counts.through_call;
            found.counts = Some((counts.through_call, counts.states));
            if counts.through_call > 0 {
                let mut rows = self.rows()?;
                rows.retain(|row| matches!(row.evidence.source, EvidenceSource::Inventory { .. }));
                found.inventory_time = counts.newest_of(number, &rows).map(|row| row.evidence.time);
            }
            let sql = format!("{NEWEST_DEVICES} AND d.run = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([number])?;
            while let Some(row) = rows.next()? {
                if let Some(verified) = verified(row)? {
                    let time = read::parsed(row, 8)?;
                    found
                        .rows
                        .insert(row.get(0)?, VerifiedRow { verified, time });
                }
            }
            Ok(found)
        })
    }

    /// The verification of each of these runs that was verified, by number.
    pub(in crate::journal) fn run_verifications<T>(
        &self,
        runs: &[(T, i64)],
    ) -> Result<HashMap<i64, RunVerification>, JournalError> {
        self.query(|_| {
            if self.version < WITH_VERIFICATIONS || runs.is_empty() {
                return Ok(HashMap::new());
            }
            let only = match runs {
                [(_, one)] => Some(*one),
                _ => None,
            };
            let counts = self.counts(only)?;
            if counts.is_empty() {
                return Ok(HashMap::new());
            }
            let rows = self.rows()?;
            let verifications = counts.into_iter().filter_map(|(run, found)| {
                let row = found.newest_of(run, &rows)?;
                let verification = RunVerification {
                    counts: found.states,
                    evidence: row.evidence.clone(),
                    verified_at: row.verified_at,
                };
                Some((run, verification))
            });
            Ok(verifications.collect())
        })
    }

    /// The newest counts of a run, or of all.
    fn counts(&self, run: Option<i64>) -> rusqlite::Result<HashMap<i64, Counts>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT n.run, r.account, n.first, c.through_call, c.gone, c.still_there, c.returned, c.unknown
             FROM (SELECT run, min(verification) AS first, max(verification) AS last FROM verified_runs
                   WHERE ?1 IS NULL OR run = ?1 GROUP BY run) n
             JOIN verified_runs c ON c.run = n.run AND c.verification = n.last
             JOIN runs r ON r.number = n.run",
        )?;
        let rows = statement.query_map([run], |row| {
            let counts = Counts {
                account: row.get(1)?,
                first: row.get(2)?,
                through_call: row.get(3)?,
                states: VerifiedCounts {
                    gone: row.get(4)?,
                    still_there: row.get(5)?,
                    returned: row.get(6)?,
                    unknown: row.get(7)?,
                },
            };
            Ok((row.get(0)?, counts))
        })?;
        rows.collect()
    }

    fn rows(&self) -> rusqlite::Result<Vec<VerificationRow>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, account, run, seen_at, inventory_hash, devices, verified_at FROM verifications",
        )?;
        let rows = statement.query_map([], |row| {
            let devices = row.get(5)?;
            let source = match row.get::<_, Option<String>>(4)? {
                Some(hash) => EvidenceSource::Inventory { hash, devices },
                None => EvidenceSource::Lookup,
            };
            Ok(VerificationRow {
                number: row.get(0)?,
                account: row.get(1)?,
                run: row.get(2)?,
                devices,
                evidence: Evidence {
                    source,
                    time: read::parsed(row, 3)?,
                },
                verified_at: read::parsed(row, 6)?,
            })
        })?;
        rows.collect()
    }

    /// The devices of a list that are the records of accepted devices which are still there or have
    /// returned. Of several runs the newest counts.
    ///
    /// # Errors
    ///
    /// If the journal can't be read.
    pub fn verified_states(
        &self,
        target: &Target,
        list: &DeviceList,
    ) -> Result<HashMap<DeviceId, VerifiedEntry>, JournalError> {
        self.query(|connection| {
            let mut states = HashMap::new();
            let account = known_account(connection, target)?;
            let (Some(account), WITH_VERIFICATIONS..) = (account, self.version) else {
                return Ok(states);
            };
            let sql = format!(
                "{NEWEST_DEVICES} AND d.state IN ('still_there', 'returned') AND v.account = ?1
                 ORDER BY d.run"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![account])?;
            while let Some(row) = rows.next()? {
                let Some(Verified {
                    state,
                    sighting: Some(sighting),
                }) = verified(row)?
                else {
                    continue;
                };
                let found = match &sighting.hwid {
                    Some(hwid) => list.find_hwid(hwid).into_iter().collect(),
                    None => entries_without_hwid(list, &sighting),
                };
                let entry = VerifiedEntry {
                    state,
                    run: RunId::from_bytes(row.get(9)?),
                    recognised_by: sighting.recognised_by,
                };
                states.extend(found.into_iter().map(|id| (id, entry)));
            }
            Ok(states)
        })
    }
}

/// The entries without a HWID that have a MAC address of the record.
fn entries_without_hwid(list: &DeviceList, sighting: &RecordMatch) -> Vec<DeviceId> {
    let own = sighting.macs.iter().filter(|mac| !mac.is_known_constant());
    let mut found: Vec<DeviceId> = own.flat_map(|&mac| list.find_mac(mac)).collect();
    found.retain(|&id| list.device(id).hwid().is_none());
    found
}

/// What [`NEWEST_DEVICES`] has of a device; none for what no version of this program writes.
fn verified(row: &Row<'_>) -> rusqlite::Result<Option<Verified>> {
    let Some(state) = VerifiedState::from_name(row.get_ref(1)?.as_str()?) else {
        return Ok(None);
    };
    let rule = row.get_ref(2)?.as_str_or_null()?;
    let sighting = match rule.and_then(MatchRule::from_name) {
        Some(recognised_by) => Some(RecordMatch {
            recognised_by,
            hwid: row.get(3)?,
            macs: read::macs(row, 4)?,
            hostname: row.get(5)?,
            last_seen: time(row, 6)?,
            enrolled: time(row, 7)?,
        }),
        None => None,
    };
    Ok(Some(Verified { state, sighting }))
}
