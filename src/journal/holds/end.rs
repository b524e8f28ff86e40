//! Ends holds: by an identifier that is given, or those of devices that were shown.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use super::{ConfirmedTime, HoldsVersion, numbered_of_key, version};
use crate::domain::device::Identifier;
use crate::domain::target::Target;
use crate::journal::{Journal, JournalError, Operator, account_number, operator};
use crate::plan::{Hold, ListIdentifiers};
use crate::platform::clock::Now;

/// The holds in force by which devices are held, as they were at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldsOfDevices {
    /// Changes whenever a hold is added or ended.
    version: HoldsVersion,
    numbers: Vec<i64>,
    /// The holds of these devices, the oldest first.
    pub own: Vec<Hold>,
    /// The holds of other devices that share a MAC address with these.
    pub others: Vec<Hold>,
}

#[cfg(test)]
impl HoldsOfDevices {
    /// These holds, of which `others` are of other devices.
    pub fn for_tests(own: Vec<Hold>, others: Vec<Hold>) -> Self {
        Self {
            version: HoldsVersion::for_tests(0),
            numbers: (1..).take(own.len()).collect(),
            own,
            others,
        }
    }
}

/// What became of holds that were to be ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndedHolds {
    /// This number was ended.
    Ended(u64),
    /// None was ended, because this identifier has none.
    NotHeld(Identifier),
}

impl Journal {
    /// Ends the holds in force of the account that have one of `keys`, which are in normal form. If a key has
    /// no hold, ends none.
    pub fn end_holds(
        &mut self,
        target: &Target,
        keys: &[Identifier],
        operator: &Operator,
    ) -> Result<EndedHolds, JournalError> {
        self.check()?;
        let (now, boot_id) = (self.clock.now(), self.clock.boot_id().to_owned());
        self.write(|transaction| {
            let account = account_number(transaction, target)?;
            let confirmed = ConfirmedTime::read(transaction, account, now, &boot_id)?;
            let mut ended = HashSet::new();
            for key in keys {
                let found = numbered_of_key(transaction, account, key, &confirmed)?;
                if found.is_empty() {
                    return Ok(EndedHolds::NotHeld(key.clone()));
                }
                ended.extend(found.into_iter().map(|(number, _)| number));
            }
            for &number in &ended {
                insert_end(transaction, number, now, operator)?;
            }
            Ok(EndedHolds::Ended(ended.len() as u64))
        })
    }

    /// The holds in force by which any of these devices is held.
    pub fn holds_of(
        &self,
        target: &Target,
        devices: &[ListIdentifiers],
    ) -> Result<HoldsOfDevices, JournalError> {
        // Read before the holds: those that come between are of a newer version, so that nothing is ended.
        let mut found = HoldsOfDevices {
            version: self.holds_version()?,
            numbers: Vec::new(),
            own: Vec::new(),
            others: Vec::new(),
        };
        let mut by_key: HashMap<Identifier, Vec<usize>> = HashMap::new();
        for (place, device) in devices.iter().enumerate() {
            for key in device.candidate().keys() {
                by_key.entry(key).or_default().push(place);
            }
        }
        for (number, record) in self.numbered_holds(target)? {
            let hold = record.hold;
            let sharing: Vec<usize> = hold
                .keys()
                .filter_map(|key| by_key.get(&key))
                .flatten()
                .copied()
                .collect();
            if !record.status.is_in_force() || sharing.is_empty() {
                continue;
            }
            let mut candidates = sharing.iter().filter_map(|&place| devices.get(place));
            if candidates.any(|device| hold.is_of(device.candidate())) {
                found.numbers.push(number);
                found.own.push(hold);
            } else {
                found.others.push(hold);
            }
        }
        Ok(found)
    }

    /// Ends the devices' own holds, as they were shown. Returns how many; none, and ends nothing, if any hold
    /// was added or ended since they were read.
    pub fn end_holds_of(
        &mut self,
        target: &Target,
        shown: &HoldsOfDevices,
        operator: &Operator,
    ) -> Result<Option<u64>, JournalError> {
        self.check()?;
        let now = self.clock.now();
        self.write(|transaction| {
            if version(transaction)? != shown.version {
                return Ok(None);
            }
            let account = account_number(transaction, target)?;
            let mut ended = 0;
            for &number in &shown.numbers {
                let is_known: bool = transaction
                    .prepare_cached(
                        "SELECT count(*) FROM holds WHERE number = ?1 AND account = ?2",
                    )?
                    .query_row(params![number, account], |row| row.get(0))?;
                if is_known {
                    insert_end(transaction, number, now, operator)?;
                    ended += 1;
                }
            }
            Ok(Some(ended))
        })
    }
}

fn insert_end(
    transaction: &Connection,
    number: i64,
    now: Now,
    operator: &Operator,
) -> rusqlite::Result<()> {
    let values = params![number, now.wall.to_string()];
    operator::insert(transaction, "hold_ends", "hold, ended_at", values, operator).map(drop)
}
