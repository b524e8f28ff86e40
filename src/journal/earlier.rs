//! The states of a list's devices by the newest run that each of them was in.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, Row, params};

use super::{Journal, JournalError, conflicts, known_account, read};
use crate::domain::device::{Hwid, MacAddress};
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::{RunId, RunState};
use crate::domain::target::Target;
use crate::list::{DeviceId, DeviceList};
use crate::plan::ListIdentifiers;

/// The state of a device without an outcome in a run that isn't sending.
const UNSENT: DeviceState = DeviceState::Ended(Outcome::NotSent);

/// The columns of [`record`].
const COLUMNS: &str = "r.number, r.id, r.state, d.hwid, d.macs, d.outcome, d.reason
     FROM runs r JOIN run_devices d ON d.run = r.number";

/// The identifiers and the state of a device in a run.
struct Record {
    hwid: Option<Hwid>,
    macs: Vec<MacAddress>,
    state: RecordedState,
}

/// What a run's record says of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordedState {
    Ended(Outcome),
    /// It has no outcome in a run with this stored state.
    Unsent(RunId, Option<RunState>),
}

pub(super) type States = HashMap<DeviceId, RecordedState>;

impl Journal {
    /// The states of the list's devices by the newest run of this account that each was in; devices that
    /// were in none are missing. Records are matched by HWID; a MAC alone matches only if the record or
    /// the list's row has no HWID, since a reimaged computer keeps its MAC.
    ///
    /// Costs as much as the smaller one of the list and the history.
    pub fn earlier_states(
        &self,
        target: &Target,
        list: &DeviceList,
    ) -> Result<HashMap<DeviceId, DeviceState>, JournalError> {
        let states = self.read(|connection| {
            let Some(account) = known_account(connection, target)? else {
                return Ok(States::new());
            };
            if conflicts::knows_more_than(connection, account, list.len())? {
                states_by_identifier(connection, account, list)
            } else {
                states_of_all(connection, account, list)
            }
        })?;
        self.resolved(states)
    }

    /// The states, with those of unsent devices by whether a process holds their run.
    fn resolved(&self, states: States) -> Result<HashMap<DeviceId, DeviceState>, JournalError> {
        let mut unsent: HashMap<RunId, DeviceState> = HashMap::new();
        let mut resolved = HashMap::with_capacity(states.len());
        for (id, state) in states {
            let state = match state {
                RecordedState::Ended(outcome) => DeviceState::Ended(outcome),
                RecordedState::Unsent(run, stored) => match unsent.entry(run) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(new) => *new.insert(self.unsent(&run, stored)?),
                },
            };
            resolved.insert(id, state);
        }
        Ok(resolved)
    }

    /// The state of a device without an outcome in a run with this stored state.
    fn unsent(&self, id: &RunId, stored: Option<RunState>) -> Result<DeviceState, JournalError> {
        Ok(match stored {
            Some(RunState::Paused) => DeviceState::Planned,
            Some(RunState::Queued | RunState::Running) if self.holder(id)?.is_some() => {
                DeviceState::Planned
            }
            _ => UNSENT,
        })
    }
}

/// Reads all of the account's records, newest run first.
pub(super) fn states_of_all(
    connection: &Connection,
    account: i64,
    list: &DeviceList,
) -> rusqlite::Result<States> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE r.account = ?1 AND r.confirmed_at IS NOT NULL
         ORDER BY r.number DESC, d.ordinal"
    ))?;
    let mut rows = statement.query([account])?;
    let mut states = States::new();
    while let Some(row) = rows.next()? {
        let Some(record) = record(row)? else {
            continue;
        };
        for id in entries(list, record.hwid.as_ref(), &record.macs) {
            states.entry(id).or_insert(record.state);
        }
    }
    Ok(states)
}

/// Looks each of the list's devices up by its identifiers.
pub(super) fn states_by_identifier(
    connection: &Connection,
    account: i64,
    list: &DeviceList,
) -> rusqlite::Result<States> {
    let mut states = States::new();
    for id in list.ids() {
        if let Some(state) = newest_state(connection, account, list, id)? {
            states.insert(id, state);
        }
    }
    Ok(states)
}

/// The state of a list's device in the newest run that it was in. Older runs aren't read.
fn newest_state(
    connection: &Connection,
    account: i64,
    list: &DeviceList,
    id: DeviceId,
) -> rusqlite::Result<Option<RecordedState>> {
    let mut places = connection.prepare_cached(
        "SELECT run, ordinal FROM identifiers WHERE account = ?1 AND identifier = ?2 AND kind = ?3
         ORDER BY run DESC, ordinal",
    )?;
    let mut read = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE d.run = ?1 AND d.ordinal = ?2 AND r.confirmed_at IS NOT NULL"
    ))?;
    let mut newest: Option<((Reverse<i64>, i64), RecordedState)> = None;
    for key in ListIdentifiers::of(list.device(id)).into_keys() {
        let mut rows = places.query(params![account, key.to_string(), key.kind().as_str()])?;
        while let Some(row) = rows.next()? {
            let place = (Reverse(row.get(0)?), row.get(1)?);
            if newest.is_some_and(|(found, _)| found <= place) {
                break;
            }
            let mut found = read.query([place.0.0, place.1])?;
            let Some(row) = found.next()? else {
                continue;
            };
            if let Some(record) = record(row)?
                && entries(list, record.hwid.as_ref(), &record.macs).any(|entry| entry == id)
            {
                newest = Some((place, record.state));
                break;
            }
        }
    }
    Ok(newest.map(|(_, state)| state))
}

/// Reads [`COLUMNS`]; none if another version of this program wrote the outcome: no state is better than
/// a guess.
fn record(row: &Row<'_>) -> rusqlite::Result<Option<Record>> {
    let reason = row.get_ref(6)?.as_str_or_null()?.unwrap_or_default();
    let state = match row.get_ref(5)?.as_str_or_null()? {
        Some(class) => match Outcome::from_parts(class, reason) {
            Some(outcome) => RecordedState::Ended(outcome),
            None => return Ok(None),
        },
        None => {
            let run = RunId::from_bytes(row.get(1)?);
            RecordedState::Unsent(run, row.get_ref(2)?.as_str()?.parse().ok())
        }
    };
    Ok(Some(Record {
        hwid: read::hwid(row, 3)?,
        macs: read::macs(row, 4)?,
        state,
    }))
}

/// The list's entries that match a record with these identifiers.
fn entries<'a>(
    list: &'a DeviceList,
    hwid: Option<&'a Hwid>,
    macs: &'a [MacAddress],
) -> impl Iterator<Item = DeviceId> + 'a {
    let by_hwid = hwid.and_then(|hwid| list.find_hwid(hwid.as_str()));
    let by_mac = macs
        .iter()
        .filter(|mac| !mac.is_known_constant())
        .flat_map(|&mac| list.find_mac(mac))
        .filter(move |&id| hwid.is_none() || list.device(id).hwid().is_none());
    by_hwid.into_iter().chain(by_mac)
}
