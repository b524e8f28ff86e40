//! What a query may ask of devices without a screen: how they stand by the journal, and protection.

use std::collections::HashMap;

use super::Failure;
use super::workspace::Workspace;
use crate::domain::outcome::DeviceState;
use crate::journal::Journal;
use crate::list::{DeviceId, DeviceList};
use crate::plan::protection::Protection;
use crate::query::{Query, State, StatusSource};

/// What is known without a screen: the runs of the journal, and the rules.
#[derive(Debug)]
pub(super) struct Recorded<'a> {
    /// How devices stand by the newest run that each was in.
    states: HashMap<DeviceId, DeviceState>,
    /// Which are never sent.
    protection: &'a Protection,
}

impl<'a> Recorded<'a> {
    /// What the query may ask; the runs are read only if it does.
    pub(super) fn read(
        workspace: &Workspace,
        journal: &mut Journal,
        list: &DeviceList,
        query: &Query,
        protection: &'a Protection,
    ) -> Result<Self, Failure> {
        let states = if query.states().is_empty() {
            HashMap::new()
        } else {
            // What a process that died had in flight is in doubt, and isn't selected as not sent.
            journal.recover_dead_runs();
            journal.earlier_states(&workspace.target, list)?
        };
        Ok(Self { states, protection })
    }
}

impl StatusSource for Recorded<'_> {
    fn is(&self, id: DeviceId, state: State) -> bool {
        match state {
            State::Protected => self.protection.reason(id).is_some(),
            other => self
                .states
                .get(&id)
                .is_some_and(|&stands| other.is_of(stands)),
        }
    }

    fn knows(&self, state: State) -> bool {
        !matches!(state, State::Marked | State::Sending)
    }

    fn hint(&self) -> &'static str {
        "only the screen knows it; for marks there is --ids FILE"
    }
}
