//! Device states for `is:`, and the trait that answers them.

use crate::domain::outcome::{DeviceState, OutcomeClass};
use crate::list::DeviceId;

/// A state of a device. The list itself knows [`Repeated`](Self::Repeated) and
/// [`Unusable`](Self::Unusable); [`StatusSource`] answers the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Marked by the operator.
    Marked,
    /// Other rows were folded into it.
    Repeated,
    /// Nothing identifies it.
    Unusable,
    /// A `protect` query covers it.
    Protected,
    /// A hold exempts it.
    Held,
    /// In a run and not sent yet.
    Planned,
    /// In the call in flight.
    Sending,
    /// The cloud accepted the request.
    Accepted,
    /// Answered but not applied.
    Failed,
    /// Absent now, after an attempt whose answer was lost.
    Gone,
    /// Sent, without a trustworthy answer.
    InDoubt,
    /// Its run stopped before it was sent.
    NotSent,
    /// A verification found the record of an accepted device seen or enrolled since.
    Returned,
    /// A verification found the record of an accepted device, not seen since.
    StillThere,
}

impl State {
    /// All states, in the documented order.
    pub const ALL: [Self; 14] = [
        Self::Marked,
        Self::Repeated,
        Self::Unusable,
        Self::Protected,
        Self::Held,
        Self::Planned,
        Self::Sending,
        Self::Accepted,
        Self::Failed,
        Self::Gone,
        Self::InDoubt,
        Self::NotSent,
        Self::Returned,
        Self::StillThere,
    ];

    /// The name used after `is:`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Repeated => "repeated",
            Self::Unusable => "unusable",
            Self::Protected => "protected",
            Self::Held => "held",
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::InDoubt => "in-doubt",
            Self::NotSent => "not-sent",
            Self::Returned => "returned",
            Self::StillThere => "still-there",
        }
    }

    /// The state with this [name](Self::as_str), ignoring case; `in_doubt` is `in-doubt`, as in JSON.
    pub fn from_name(word: &str) -> Option<Self> {
        let word = word.replace('_', "-");
        Self::ALL
            .into_iter()
            .find(|state| state.as_str().eq_ignore_ascii_case(&word))
    }

    /// True if a device with this status in its most recent run is in the state. Always false for
    /// marks, protection, holds and states that the list or a verification knows.
    pub fn is_of(self, status: DeviceState) -> bool {
        let ended =
            |class| matches!(status, DeviceState::Ended(outcome) if outcome.class() == class);
        match self {
            Self::Planned => status == DeviceState::Planned,
            Self::Sending => status == DeviceState::Sending,
            Self::Accepted => ended(OutcomeClass::Accepted),
            Self::Failed => ended(OutcomeClass::Failed),
            Self::Gone => ended(OutcomeClass::Gone),
            Self::InDoubt => ended(OutcomeClass::InDoubt),
            Self::NotSent => ended(OutcomeClass::NotSent),
            Self::Marked
            | Self::Protected
            | Self::Held
            | Self::Repeated
            | Self::Unusable
            | Self::Returned
            | Self::StillThere => false,
        }
    }

    /// True for what a verification finds.
    pub fn is_verified(self) -> bool {
        matches!(self, Self::Returned | Self::StillThere)
    }

    /// True for states that the list itself knows.
    pub(super) fn is_of_list(self) -> bool {
        matches!(self, Self::Repeated | Self::Unusable)
    }
}

/// Answers the states that a list doesn't know: marks, protection and outcomes.
pub trait StatusSource {
    /// True if the device is in the state. Never called for a state that the list itself knows.
    fn is(&self, id: DeviceId, state: State) -> bool;

    /// True if the state can be answered; otherwise a query that uses it is an error.
    fn knows(&self, _: State) -> bool {
        true
    }

    /// The hint for a state that can't be answered.
    fn hint(&self) -> &'static str {
        "use repeated or unusable"
    }
}

/// A source without marks, rules or runs: knows no state.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStatus;

impl StatusSource for NoStatus {
    fn is(&self, _: DeviceId, _: State) -> bool {
        false
    }

    fn knows(&self, _: State) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::{Doubt, Failure, Outcome};

    #[test]
    fn state_of_a_run_is_that_of_its_outcome() {
        let of = |status: DeviceState| {
            let states = State::ALL.into_iter().filter(|state| state.is_of(status));
            states.map(State::as_str).collect::<Vec<_>>()
        };
        assert_eq!(of(DeviceState::Planned), ["planned"]);
        assert_eq!(of(DeviceState::Sending), ["sending"]);
        for (outcome, state) in [
            (Outcome::Accepted, "accepted"),
            (Outcome::Failed(Failure::NotFound), "failed"),
            (Outcome::Gone, "gone"),
            (Outcome::InDoubt(Doubt::NoAnswer), "in-doubt"),
            (Outcome::NotSent, "not-sent"),
        ] {
            assert_eq!(of(DeviceState::Ended(outcome)), [state]);
        }
    }

    #[test]
    fn verification_finds_returned_devices_and_those_that_are_still_there() {
        let found = State::ALL.into_iter().filter(|state| state.is_verified());
        assert!(found.eq([State::Returned, State::StillThere]));
    }
}
