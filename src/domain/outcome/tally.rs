//! The numbers of devices of a run by outcome.

use super::{DeviceState, Outcome, OutcomeClass};
use crate::domain::run::RunState;

/// How many devices of a run have which state. Always derived from the devices' states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answered 1.
    pub accepted: u64,
    /// Answered and not applied.
    pub failed: u64,
    /// Absent after a lost answer.
    pub gone: u64,
    /// Perhaps applied.
    pub in_doubt: u64,
    /// Without an outcome: planned, or in the call in flight.
    pub left: u64,
}

impl Tally {
    /// Counts `states`.
    pub fn of(states: impl IntoIterator<Item = DeviceState>) -> Self {
        let mut tally = Self::default();
        for state in states {
            tally.add(state);
        }
        tally
    }

    /// The devices that were sent and not accepted: failed, in doubt or gone.
    pub fn not_accepted(&self) -> u64 {
        self.failed + self.in_doubt + self.gone
    }

    /// Counts one more device.
    pub fn add(&mut self, state: DeviceState) {
        *self.slot(state) += 1;
    }

    /// Moves one device from `before` to `after`.
    pub fn change(&mut self, before: DeviceState, after: DeviceState) {
        let slot = self.slot(before);
        *slot = slot.saturating_sub(1);
        *self.slot(after) += 1;
    }

    /// All devices counted.
    pub fn total(&self) -> u64 {
        self.accepted + self.failed + self.gone + self.in_doubt + self.left
    }

    /// The devices of this class; those that are left count as not sent.
    pub fn of_class(&self, class: OutcomeClass) -> u64 {
        match class {
            OutcomeClass::Accepted => self.accepted,
            OutcomeClass::Failed => self.failed,
            OutcomeClass::Gone => self.gone,
            OutcomeClass::InDoubt => self.in_doubt,
            OutcomeClass::NotSent => self.left,
        }
    }

    /// The devices with an outcome, by class in display order.
    pub fn answered(&self) -> [(OutcomeClass, u64); 4] {
        [
            OutcomeClass::Accepted,
            OutcomeClass::Failed,
            OutcomeClass::InDoubt,
            OutcomeClass::Gone,
        ]
        .map(|class| (class, self.of_class(class)))
    }

    /// Counts `devices` more of this class.
    pub fn add_class(&mut self, class: OutcomeClass, devices: u64) {
        let slot = match class {
            OutcomeClass::Accepted => &mut self.accepted,
            OutcomeClass::Failed => &mut self.failed,
            OutcomeClass::Gone => &mut self.gone,
            OutcomeClass::InDoubt => &mut self.in_doubt,
            OutcomeClass::NotSent => &mut self.left,
        };
        *slot += devices;
    }

    /// How many devices a resume would send to a run in this state: what a closed run has not sent
    /// is given up.
    pub fn left_in(&self, state: RunState) -> u64 {
        match state {
            RunState::Closed => 0,
            _ => self.left,
        }
    }

    fn slot(&mut self, state: DeviceState) -> &mut u64 {
        match state {
            DeviceState::Planned | DeviceState::Sending | DeviceState::Ended(Outcome::NotSent) => {
                &mut self.left
            }
            DeviceState::Ended(Outcome::Accepted) => &mut self.accepted,
            DeviceState::Ended(Outcome::Failed(_)) => &mut self.failed,
            DeviceState::Ended(Outcome::Gone) => &mut self.gone,
            DeviceState::Ended(Outcome::InDoubt(_)) => &mut self.in_doubt,
        }
    }
}
