//! What earlier runs of an account did with devices, read for [`EarlierDevices::conflict`].

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use rusqlite::{Connection, Row, params};

use super::{Journal, JournalError, holds, known_account, read};
use crate::domain::device::{Identifier, IdentifierKind};
use crate::domain::outcome::{Failure, Outcome};
use crate::domain::run::{RunId, RunState};
use crate::domain::target::Target;
use crate::plan::{
    Basis, Candidate, EarlierDevice, EarlierDevices, EarlierState, LeftOutReason, PlannedDevice,
};
use crate::platform::clock::Now;

/// A device that may not be sent any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What would have been sent.
    pub identifier: Identifier,
    /// As the list has it.
    pub hostname: String,
    /// Why it may not be sent.
    pub reason: LeftOutReason,
}

/// The columns of [`earlier_device`], after the device's run and ordinal.
const COLUMNS: &str =
    "d.run, d.ordinal, r.id, r.action, r.state, d.kind, d.identifier, d.hwid, d.macs, d.outcome,
     d.reason, d.decided_at, c.slot, r.list_hash
     FROM run_devices d JOIN runs r ON r.number = d.run
     LEFT JOIN calls c ON c.run = d.run AND c.call = d.call";

impl Journal {
    /// What earlier runs of the account did with the devices that have one of `keys`, which belong to
    /// `devices` devices. A journal with fewer identifiers than that is read completely.
    pub fn earlier_devices(
        &self,
        target: &Target,
        devices: usize,
        keys: impl Iterator<Item = Identifier>,
    ) -> Result<EarlierDevices, JournalError> {
        // A damaged journal may lack removals.
        self.check_whole()?;
        self.read(|connection| {
            let mut devices = match known_account(connection, target)? {
                Some(account) => {
                    let (now, boot_id) = (self.clock.now(), self.clock.boot_id());
                    read_devices(connection, account, devices, keys, now, boot_id)?
                }
                None => EarlierDevices::default(),
            };
            devices.last_slot = connection.query_row(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'slots'",
                [],
                |row| row.get(0),
            )?;
            Ok(devices)
        })
    }
}

/// The devices that a plan built on `basis` may not send, in order.
pub(super) fn conflicts(
    connection: &Connection,
    account: i64,
    devices: &[PlannedDevice],
    basis: &Basis<'_>,
    now: Now,
    boot_id: &str,
) -> rusqlite::Result<Vec<Conflict>> {
    let keys = devices
        .iter()
        .map(Candidate::from)
        .flat_map(Candidate::keys);
    let earlier = read_devices(connection, account, devices.len(), keys, now, boot_id)?;
    let conflict = |device: &PlannedDevice| {
        Some(Conflict {
            identifier: device.identifier.clone(),
            hostname: device.hostname.clone(),
            reason: earlier.conflict(device.into(), basis)?,
        })
    };
    Ok(devices.iter().filter_map(conflict).collect())
}

fn read_devices(
    connection: &Connection,
    account: i64,
    count: usize,
    keys: impl Iterator<Item = Identifier>,
    now: Now,
    boot_id: &str,
) -> rusqlite::Result<EarlierDevices> {
    let keys: Vec<Identifier> = keys.collect();
    let mut devices = if knows_more_than(connection, account, count)? {
        read_by_identifier(connection, account, keys.iter().cloned())?
    } else {
        read_all(connection, account)?
    };
    devices.holds = holds::in_force(connection, account, count, &keys, now, boot_id)?;
    Ok(devices)
}

/// True if the account's runs have more identifiers than this: looking that many up is cheaper than
/// reading all.
pub(super) fn knows_more_than(
    connection: &Connection,
    account: i64,
    count: usize,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM identifiers WHERE account = ?1 LIMIT 1 OFFSET ?2")?
        .exists(params![account, count])
}

/// Reads all devices of the account's runs.
pub(super) fn read_all(connection: &Connection, account: i64) -> rusqlite::Result<EarlierDevices> {
    let mut devices = EarlierDevices::default();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE r.account = ?1 AND r.confirmed_at IS NOT NULL
         ORDER BY r.number, d.ordinal"
    ))?;
    let mut rows = statement.query([account])?;
    while let Some(row) = rows.next()? {
        if let Some(device) = earlier_device(row)? {
            devices.note_list(device.run, row.get_ref(13)?.as_str()?);
            devices.insert(device);
        }
    }
    Ok(devices)
}

/// Reads the devices of the account's runs that have one of `keys`, in the same order.
pub(super) fn read_by_identifier(
    connection: &Connection,
    account: i64,
    keys: impl Iterator<Item = Identifier>,
) -> rusqlite::Result<EarlierDevices> {
    let mut places = connection.prepare_cached(
        "SELECT run, ordinal FROM identifiers WHERE account = ?1 AND identifier = ?2 AND kind = ?3",
    )?;
    let mut records = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE d.run = ?1 AND d.ordinal = ?2 AND r.confirmed_at IS NOT NULL"
    ))?;
    let mut devices = EarlierDevices::default();
    let mut by_place: BTreeMap<(i64, i64), Option<EarlierDevice>> = BTreeMap::new();
    let mut read_keys = HashSet::new();
    let mut pending: Vec<Identifier> = keys.collect();
    while !pending.is_empty() {
        // Pages of the index and of the devices are read once each: in their order, and a device once for
        // all of its identifiers.
        pending.sort_by_cached_key(ToString::to_string);
        let mut found = BTreeSet::new();
        for key in pending.drain(..) {
            let mut rows = places.query(params![account, key.to_string(), key.kind().as_str()])?;
            while let Some(row) = rows.next()? {
                found.insert((row.get(0)?, row.get(1)?));
            }
            read_keys.insert(key);
        }
        for place in found {
            let Entry::Vacant(entry) = by_place.entry(place) else {
                continue;
            };
            let mut rows = records.query([place.0, place.1])?;
            let Some(row) = rows.next()? else {
                continue;
            };
            let device = entry.insert(earlier_device(row)?);
            if let Some(device) = device {
                devices.note_list(device.run, row.get_ref(13)?.as_str()?);
            }
            // A later answer about what was sent frees a device that is in doubt.
            if let Some(device) = device
                && device.state == EarlierState::InDoubt
                && let sent = device.sent.normal_form()
                && !read_keys.contains(&sent)
            {
                pending.push(sent);
            }
        }
    }
    for device in by_place.into_values().flatten() {
        devices.insert(device);
    }
    Ok(devices)
}

/// A device of an earlier run; none if its outcome causes no conflict.
fn earlier_device(row: &Row<'_>) -> rusqlite::Result<Option<EarlierDevice>> {
    let reason = row.get_ref(10)?.as_str_or_null()?.unwrap_or_default();
    let state: RunState = read::parsed(row, 4)?;
    let state = match row.get_ref(9)?.as_str_or_null()? {
        None if state.is_open() => EarlierState::Open,
        None => return Ok(None),
        Some(class) => match Outcome::from_parts(class, reason) {
            Some(Outcome::Accepted | Outcome::Gone) => EarlierState::Removed,
            Some(Outcome::Failed(Failure::NotFound)) => EarlierState::NotFound,
            Some(Outcome::Failed(Failure::Refused | Failure::StillThere) | Outcome::NotSent) => {
                return Ok(None);
            }
            // An unknown outcome may have been applied.
            Some(Outcome::InDoubt(_)) | None => EarlierState::InDoubt,
        },
    };
    let kind = row.get_ref(5)?.as_str()?;
    let kind = IdentifierKind::from_name(kind)
        .ok_or_else(|| read::unreadable(5, &"not a kind of identifier"))?;
    let sent = Identifier::parse(kind, row.get_ref(6)?.as_str()?)
        .map_err(|error| read::unreadable(6, &error))?;
    Ok(Some(EarlierDevice {
        run: RunId::from_bytes(row.get(2)?),
        action: read::parsed(row, 3)?,
        sent,
        hwid: read::hwid(row, 7)?,
        macs: read::macs(row, 8)?,
        state,
        decided_at: read::parsed_or_null(row, 11)?,
        slot: row.get(12)?,
    }))
}
