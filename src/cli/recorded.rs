//! The device states that a query can use without a screen: those of the journal, and protection.

use std::collections::HashMap;

use super::CommandError;
use super::workspace::Workspace;
use crate::domain::outcome::DeviceState;
use crate::journal::{Journal, VerifiedEntry};
use crate::list::{DeviceId, DeviceList};
use crate::plan::protection::Protection;
use crate::query::{Query, State, StatusSource};

/// The states of devices by the journal, and the protected devices.
#[derive(Debug)]
pub(super) struct Recorded<'a> {
    /// By the newest run that each device was in.
    states: HashMap<DeviceId, DeviceState>,
    protection: &'a Protection,
    /// The devices that are held, if the query asks for them.
    held: HashMap<DeviceId, String>,
    /// What verifications found, if the query asks for it.
    verified: HashMap<DeviceId, VerifiedEntry>,
}

impl<'a> Recorded<'a> {
    /// Reads the states; runs are read only if the query uses a state.
    pub(super) fn read(
        workspace: &Workspace,
        journal: &mut Journal,
        list: &DeviceList,
        query: &Query,
        protection: &'a Protection,
    ) -> Result<Self, CommandError> {
        let states = if query.states().is_empty() {
            HashMap::new()
        } else {
            // Devices that a process which died had in flight must not be selected as not sent.
            journal.recover_dead_runs()?;
            journal.earlier_states(&workspace.target, list)?
        };
        let held = if query.states().contains(&State::Held) {
            journal.held(&workspace.target, list)?
        } else {
            HashMap::new()
        };
        let verified = if query.states().iter().any(|state| state.is_verified()) {
            journal.verified_states(&workspace.target, list)?
        } else {
            HashMap::new()
        };
        Ok(Self {
            states,
            protection,
            held,
            verified,
        })
    }
}

impl StatusSource for Recorded<'_> {
    fn is(&self, id: DeviceId, state: State) -> bool {
        match state {
            State::Protected => self.protection.reason(id).is_some(),
            State::Held => self.held.contains_key(&id),
            verified if verified.is_verified() => self
                .verified
                .get(&id)
                .is_some_and(|entry| entry.state.query_state() == Some(verified)),
            other => self
                .states
                .get(&id)
                .is_some_and(|&current| other.is_of(current)),
        }
    }

    fn knows(&self, state: State) -> bool {
        !matches!(state, State::Marked | State::Sending)
    }

    fn hint(&self) -> &'static str {
        "it is available on the screen only; use --ids FILE to select marked devices"
    }
}
