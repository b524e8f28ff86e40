//! The accepted devices of a run, with what earlier verifications found, and what a new one changes.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Row, params};

use super::read::VerifiedDevices;
use super::store::{VerificationChanges, VerifiedDevice};
use super::{Evidence, MatchRule, Verified, VerifiedCounts, VerifiedState, Verifier};
use crate::domain::device::IdentifierKind;
use crate::domain::run::RunId;
use crate::engine::lookup_verdict::LookupAnswer;
use crate::journal::history::{DEVICE_COLUMN_COUNT as NEXT, DEVICE_COLUMNS, device_record};
use crate::journal::read::time;
use crate::journal::{Journal, JournalError};
use crate::platform::clock::SERVER_CLOCK_TOLERANCE;
use crate::verification::{AcceptedDevice, SharedValues, by_lookup};

/// No call lasts longer from its intent to its answer.
const LONGEST_CALL: SignedDuration = SignedDuration::from_hours(1);

/// The accepted devices of a run.
pub(super) struct AcceptedRun {
    number: i64,
    pub id: RunId,
    pub devices: Vec<Entry>,
    earlier: VerifiedDevices,
    /// The devices that were accepted by calls up to this one are covered by the evidence.
    pub through_call: u32,
    /// Newer evidence was stored.
    pub is_superseded: bool,
    time: Timestamp,
}

pub(super) struct Entry {
    ordinal: u32,
    call: u32,
    sent_as: IdentifierKind,
    accepted: AcceptedDevice,
}

impl Journal {
    pub(super) fn read_accepted(&self, number: i64) -> Result<AcceptedRun, JournalError> {
        let (id, devices) = self.query(|connection| {
            let id = connection
                .prepare_cached("SELECT id FROM runs WHERE number = ?1")?
                .query_row([number], |row| row.get(0))?;
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {DEVICE_COLUMNS}, d.decided_at, c.intent_at, c.intent_boot, s.at, s.server
                 FROM run_devices d JOIN runs r ON r.number = d.run
                 LEFT JOIN calls c ON c.run = d.run AND c.call = d.call
                 LEFT JOIN server_times s ON s.account = r.account AND s.boot = c.boot
                 WHERE d.run = ?1 AND d.outcome = 'accepted' ORDER BY d.ordinal"
            ))?;
            let mut rows = statement.query(params![number])?;
            let mut devices = Vec::new();
            while let Some(row) = rows.next()? {
                devices.extend(entry(row)?);
            }
            Ok((RunId::from_bytes(id), devices))
        })?;
        Ok(AcceptedRun {
            number,
            id,
            devices,
            earlier: self.verified_devices(number)?,
            through_call: 0,
            is_superseded: false,
            time: Timestamp::UNIX_EPOCH,
        })
    }
}

/// An accepted device; none if its identifiers can't be read, so that nothing can be said of it.
fn entry(row: &Row<'_>) -> rusqlite::Result<Option<Entry>> {
    let (Some(record), Some(decided_at)) = (device_record(row)?, time(row, NEXT)?) else {
        return Ok(None);
    };
    let intent: Option<(Timestamp, i64)> = time(row, NEXT + 1)?.zip(row.get(NEXT + 2)?);
    let server: Option<(i64, Timestamp)> = row
        .get::<_, Option<i64>>(NEXT + 3)?
        .zip(time(row, NEXT + 4)?);
    Ok(Some(Entry {
        ordinal: row.get(0)?,
        call: record.call.unwrap_or(0),
        sent_as: record.device.identifier.kind(),
        accepted: AcceptedDevice {
            device: record.device,
            at: accepted_at(decided_at, intent, server),
        },
    }))
}

/// When a device was accepted: by this host's clock, unless that differed from the server's. `intent` and
/// `server` are times of two moments of one boot, each with its boot time in milliseconds.
fn accepted_at(
    decided: Timestamp,
    intent: Option<(Timestamp, i64)>,
    server: Option<(i64, Timestamp)>,
) -> Timestamp {
    let (Some((intent, intent_boot)), Some((server_boot, server))) = (intent, server) else {
        return decided;
    };
    let lasted = decided.duration_since(intent);
    let lasted = if lasted.is_negative() || lasted > LONGEST_CALL {
        LONGEST_CALL
    } else {
        lasted
    };
    let before = SignedDuration::from_millis(server_boot - intent_boot);
    let by_server = server
        .checked_sub(before)
        .and_then(|intent| intent.checked_add(lasted));
    match by_server {
        Ok(by_server) if by_server.duration_since(decided).abs() > SERVER_CLOCK_TOLERANCE => {
            by_server
        }
        _ => decided,
    }
}

impl AcceptedRun {
    pub fn accepted(&self) -> impl Iterator<Item = &AcceptedDevice> {
        self.devices.iter().map(|entry| &entry.accepted)
    }

    /// Determines which of its devices the inventory covers: those that were accepted before it was
    /// begun.
    pub fn cover(&mut self, evidence: &Evidence) {
        self.time = evidence.time;
        let newest = self.devices.iter().map(|entry| entry.call).max();
        let too_late = self.devices.iter();
        let first_too_late = too_late
            .filter(|entry| entry.accepted.at >= evidence.time)
            .map(|entry| entry.call)
            .min();
        self.through_call = match first_too_late {
            Some(call) => call.saturating_sub(1),
            None => newest.unwrap_or(0),
        };
        let is_older = self
            .earlier
            .inventory_time
            .is_some_and(|time| time > evidence.time);
        self.is_superseded = is_older || self.through_call < self.earlier.through_call;
    }

    pub fn by_inventory(mut self, inventory: &Verifier<'_>) -> VerificationChanges {
        let shared = SharedValues::of(self.devices.iter().map(|entry| &entry.accepted.device));
        let time = self.time;
        let through = self.through_call;
        let found = self.devices.iter().filter(|entry| entry.call <= through);
        let found: Vec<(u32, Timestamp, Verified)> = found
            .map(|entry| {
                let verified = inventory.verify(&entry.accepted, &shared);
                (entry.ordinal, time, verified)
            })
            .collect();
        self.through_call = through.max(self.earlier.through_call);
        self.changes(found)
    }

    /// What lookups change. A device that was accepted after it was looked up stays as it is, and so does
    /// one that returned under a new record: what its old identifier finds doesn't take that back.
    pub fn by_lookups(mut self, lookups: &[(u32, Timestamp, LookupAnswer)]) -> VerificationChanges {
        self.through_call = self.earlier.through_call;
        let by_ordinal: HashMap<u32, (Timestamp, &LookupAnswer)> = lookups
            .iter()
            .map(|(ordinal, at, seen)| (*ordinal, (*at, seen)))
            .collect();
        let found = self.devices.iter().filter_map(|entry| {
            let &(at, seen) = by_ordinal.get(&entry.ordinal)?;
            let asked_by = match entry.sent_as {
                IdentifierKind::Hwid => MatchRule::Hwid,
                IdentifierKind::Mac => MatchRule::Mac,
            };
            let is_later = at > entry.accepted.at;
            let verified = by_lookup(&entry.accepted, seen, asked_by);
            let is_stored = is_later
                && (verified.state == VerifiedState::Returned || !self.has_new_record(entry));
            is_stored.then_some((entry.ordinal, at, verified))
        });
        let found = found.collect();
        self.changes(found)
    }

    /// The rows to add for what was found, and the counts after it.
    fn changes(self, found: Vec<(u32, Timestamp, Verified)>) -> VerificationChanges {
        let looked_at = found.len() as u64;
        let mut rows = Vec::new();
        let mut states: HashMap<u32, Verified> = HashMap::new();
        for (ordinal, at, verified) in found {
            let earlier = self.earlier.rows.get(&ordinal);
            if earlier.is_some_and(|row| row.time > at) {
                continue;
            }
            let is_default = verified.state == VerifiedState::Gone && earlier.is_none() && {
                let entry = self.entry(ordinal);
                entry.is_some_and(|entry| entry.call <= self.through_call)
            };
            let is_known = earlier.is_some_and(|row| is_alike(&row.verified, &verified));
            if !is_default && !is_known {
                rows.push((ordinal, verified.clone()));
            }
            states.insert(ordinal, verified);
        }
        let mut counts = VerifiedCounts::default();
        for entry in &self.devices {
            let state = match states.get(&entry.ordinal) {
                Some(verified) => Some(verified.state),
                None => self.state_before(entry),
            };
            if let Some(state) = state {
                counts.add(state);
            }
        }
        VerificationChanges {
            run: self.number,
            looked_at,
            through_call: self.through_call,
            counts,
            is_new: self.earlier.counts != Some((self.through_call, counts)),
            devices: rows
                .into_iter()
                .map(|(ordinal, verified)| VerifiedDevice { ordinal, verified })
                .collect(),
        }
    }

    /// True if an earlier verification found the device under a new HWID.
    fn has_new_record(&self, entry: &Entry) -> bool {
        let row = self.earlier.rows.get(&entry.ordinal);
        let returned = row.filter(|row| row.verified.state == VerifiedState::Returned);
        let sighting = returned.and_then(|row| row.verified.sighting.as_ref());
        sighting.is_some_and(|sighting| sighting.is_new_record(&entry.accepted.device))
    }

    fn entry(&self, ordinal: u32) -> Option<&Entry> {
        let place = self
            .devices
            .binary_search_by_key(&ordinal, |entry| entry.ordinal);
        place.ok().and_then(|place| self.devices.get(place))
    }

    fn state_before(&self, entry: &Entry) -> Option<VerifiedState> {
        match self.earlier.rows.get(&entry.ordinal) {
            Some(row) => Some(row.verified.state),
            None => (entry.call <= self.earlier.through_call).then_some(VerifiedState::Gone),
        }
    }
}

/// True if the same is said of the same record. That a device which has returned was seen again is no
/// change.
fn is_alike(one: &Verified, other: &Verified) -> bool {
    let record = |verified: &Verified| {
        let sighting = verified.sighting.as_ref();
        sighting.map(|sighting| (sighting.recognised_by, sighting.hwid.clone()))
    };
    one.state == other.state && record(one) == record(other)
}
