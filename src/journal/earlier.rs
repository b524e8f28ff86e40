//! The states of a list's devices by the newest run that each of them was in.

use std::collections::HashMap;

use super::{Journal, JournalError, known_account, read};
use crate::domain::device::{Hwid, MacAddress};
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::{RunId, RunState};
use crate::domain::target::Target;
use crate::list::{DeviceId, DeviceList};

/// The state of a device without an outcome in a run that isn't sending.
const UNSENT: DeviceState = DeviceState::Ended(Outcome::NotSent);

impl Journal {
    /// The states of the list's devices by the newest run of this account that each was in; devices that
    /// were in none are missing. Records are matched by HWID; a MAC alone matches only if the record or
    /// the list's row has no HWID, since a reimaged computer keeps its MAC.
    pub fn earlier_states(
        &self,
        target: &Target,
        list: &DeviceList,
    ) -> Result<HashMap<DeviceId, DeviceState>, JournalError> {
        let database = |source| self.database(source);
        let mut states = HashMap::new();
        let account = known_account(&self.connection, target).map_err(database)?;
        let Some(account) = account else {
            return Ok(states);
        };
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT r.number, r.id, r.state, d.hwid, d.macs, d.outcome, d.reason
                 FROM runs r JOIN run_devices d ON d.run = r.number
                 WHERE r.account = ?1 AND r.confirmed_at IS NOT NULL
                 ORDER BY r.number DESC, d.ordinal",
            )
            .map_err(database)?;
        let mut rows = statement.query([account]).map_err(database)?;
        let mut unsent: Option<(i64, DeviceState)> = None;
        while let Some(row) = rows.next().map_err(database)? {
            let outcome = (|| {
                let reason = row.get_ref(6)?.as_str_or_null()?.unwrap_or_default();
                let class = row.get_ref(5)?.as_str_or_null()?;
                Ok(class.map(|class| Outcome::from_parts(class, reason)))
            })();
            let state = match outcome.map_err(database)? {
                Some(Some(outcome)) => DeviceState::Ended(outcome),
                // Written by another version of this program: no state is better than a guess.
                Some(None) => continue,
                None => {
                    let number = row.get(0).map_err(database)?;
                    match unsent {
                        Some((run, state)) if run == number => state,
                        _ => {
                            let id = RunId::from_bytes(row.get(1).map_err(database)?);
                            let stored: String = row.get(2).map_err(database)?;
                            let state = self.unsent(&id, stored.parse().ok())?;
                            unsent = Some((number, state));
                            state
                        }
                    }
                }
            };
            let hwid = read::hwid(row, 3).map_err(database)?;
            let macs = read::macs(row, 4).map_err(database)?;
            for id in entries(list, hwid.as_ref(), &macs) {
                states.entry(id).or_insert(state);
            }
        }
        Ok(states)
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
