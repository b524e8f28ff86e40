//! The states of a list's devices by the newest run that each of them was in.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Row, params};

use super::{Journal, JournalError, conflicts, known_account, read};
use crate::domain::device::{Hwid, MacAddress};
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::{RunId, RunState};
use crate::domain::target::Target;
use crate::list::{DeviceId, DeviceList};
use crate::plan::ListIdentifiers;

/// The state of a device without an outcome in a run that isn't sending.
const UNSENT: DeviceState = DeviceState::Ended(Outcome::NotSent);

/// The columns of [`Journal::record`].
const COLUMNS: &str = "r.number, r.id, r.state, d.hwid, d.macs, d.outcome, d.reason
     FROM runs r JOIN run_devices d ON d.run = r.number";

/// The identifiers and the state of a device in a run.
struct Record {
    hwid: Option<Hwid>,
    macs: Vec<MacAddress>,
    state: DeviceState,
}

/// The states of devices without an outcome, by run.
type Unsent = HashMap<i64, DeviceState>;

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
        let database = |source| self.database(source);
        // One for all queries: see [`Journal::read`].
        let _reading = self.connection.unchecked_transaction().map_err(database)?;
        let account = known_account(&self.connection, target).map_err(database)?;
        let Some(account) = account else {
            return Ok(HashMap::new());
        };
        let knows_more = conflicts::knows_more_than(&self.connection, account, list.len());
        if knows_more.map_err(database)? {
            self.states_by_identifier(account, list)
        } else {
            self.states_of_all(account, list)
        }
    }

    /// Reads all of the account's records, newest run first.
    pub(super) fn states_of_all(
        &self,
        account: i64,
        list: &DeviceList,
    ) -> Result<HashMap<DeviceId, DeviceState>, JournalError> {
        let database = |source| self.database(source);
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} WHERE r.account = ?1 AND r.confirmed_at IS NOT NULL
                 ORDER BY r.number DESC, d.ordinal"
            ))
            .map_err(database)?;
        let mut rows = statement.query([account]).map_err(database)?;
        let mut states = HashMap::new();
        let mut unsent = Unsent::new();
        while let Some(row) = rows.next().map_err(database)? {
            let Some(record) = self.record(row, &mut unsent)? else {
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
        &self,
        account: i64,
        list: &DeviceList,
    ) -> Result<HashMap<DeviceId, DeviceState>, JournalError> {
        let mut states = HashMap::new();
        let mut unsent = Unsent::new();
        for id in list.ids() {
            if let Some(state) = self.newest_state(account, list, id, &mut unsent)? {
                states.insert(id, state);
            }
        }
        Ok(states)
    }

    /// The state of a list's device in the newest run that it was in. Older runs aren't read.
    fn newest_state(
        &self,
        account: i64,
        list: &DeviceList,
        id: DeviceId,
        unsent: &mut Unsent,
    ) -> Result<Option<DeviceState>, JournalError> {
        let database = |source| self.database(source);
        let mut places = self
            .connection
            .prepare_cached(
                "SELECT run, ordinal FROM identifiers WHERE account = ?1 AND identifier = ?2 AND kind = ?3
                 ORDER BY run DESC, ordinal",
            )
            .map_err(database)?;
        let mut read = self
            .connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} WHERE d.run = ?1 AND d.ordinal = ?2 AND r.confirmed_at IS NOT NULL"
            ))
            .map_err(database)?;
        let mut newest: Option<((Reverse<i64>, i64), DeviceState)> = None;
        for key in ListIdentifiers::of(list.device(id)).into_keys() {
            let values = params![account, key.to_string(), key.kind().as_str()];
            let mut rows = places.query(values).map_err(database)?;
            while let Some(row) = rows.next().map_err(database)? {
                let place = (
                    Reverse(row.get(0).map_err(database)?),
                    row.get(1).map_err(database)?,
                );
                if newest.is_some_and(|(found, _)| found <= place) {
                    break;
                }
                let mut found = read.query([place.0.0, place.1]).map_err(database)?;
                let Some(row) = found.next().map_err(database)? else {
                    continue;
                };
                if let Some(record) = self.record(row, unsent)?
                    && entries(list, record.hwid.as_ref(), &record.macs).any(|entry| entry == id)
                {
                    newest = Some((place, record.state));
                    break;
                }
            }
        }
        Ok(newest.map(|(_, state)| state))
    }

    /// Reads [`COLUMNS`]; none if another version of this program wrote the outcome: no state is better
    /// than a guess.
    fn record(&self, row: &Row<'_>, unsent: &mut Unsent) -> Result<Option<Record>, JournalError> {
        let database = |source| self.database(source);
        let outcome = (|| {
            let reason = row.get_ref(6)?.as_str_or_null()?.unwrap_or_default();
            let class = row.get_ref(5)?.as_str_or_null()?;
            Ok(class.map(|class| Outcome::from_parts(class, reason)))
        })();
        let state = match outcome.map_err(database)? {
            Some(Some(outcome)) => DeviceState::Ended(outcome),
            Some(None) => return Ok(None),
            None => match unsent.entry(row.get(0).map_err(database)?) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => {
                    let id = RunId::from_bytes(row.get(1).map_err(database)?);
                    let stored: String = row.get(2).map_err(database)?;
                    *new.insert(self.unsent(&id, stored.parse().ok())?)
                }
            },
        };
        Ok(Some(Record {
            hwid: read::hwid(row, 3).map_err(database)?,
            macs: read::macs(row, 4).map_err(database)?,
            state,
        }))
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
