//! What `is:` can ask for, and who answers.

use crate::domain::outcome::{DeviceState, OutcomeClass};
use crate::list::DeviceId;

/// A state that a device can be in. All but [`Repeated`](Self::Repeated) and
/// [`Unusable`](Self::Unusable), which the list itself knows, are answered by [`States`].
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
    /// In a run, and not sent yet.
    Planned,
    /// In the call in flight.
    Sending,
    /// The cloud accepted the request.
    Accepted,
    /// Answered, and not applied.
    Failed,
    /// Absent now, after an attempt whose answer was lost.
    Gone,
    /// Sent, without a trustworthy answer.
    InDoubt,
    /// Its run stopped first.
    NotSent,
}

impl State {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 11] = [
        Self::Marked,
        Self::Repeated,
        Self::Unusable,
        Self::Protected,
        Self::Planned,
        Self::Sending,
        Self::Accepted,
        Self::Failed,
        Self::Gone,
        Self::InDoubt,
        Self::NotSent,
    ];

    /// The word after `is:`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Repeated => "repeated",
            Self::Unusable => "unusable",
            Self::Protected => "protected",
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::InDoubt => "in-doubt",
            Self::NotSent => "not-sent",
        }
    }

    /// The state whose [`word`](Self::as_str) is `word`, whatever its case.
    pub fn from_name(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str().eq_ignore_ascii_case(word))
    }

    /// True if a device that stands like this in its newest run is in the state. Marks, protection
    /// and what the list knows aren't about runs.
    pub fn is_of(self, stands: DeviceState) -> bool {
        let ended =
            |class| matches!(stands, DeviceState::Ended(outcome) if outcome.class() == class);
        match self {
            Self::Planned => stands == DeviceState::Planned,
            Self::Sending => stands == DeviceState::Sending,
            Self::Accepted => ended(OutcomeClass::Accepted),
            Self::Failed => ended(OutcomeClass::Failed),
            Self::Gone => ended(OutcomeClass::Gone),
            Self::InDoubt => ended(OutcomeClass::InDoubt),
            Self::NotSent => ended(OutcomeClass::NotSent),
            Self::Marked | Self::Protected | Self::Repeated | Self::Unusable => false,
        }
    }

    /// True for what the list knows by itself.
    pub(super) fn is_of_list(self) -> bool {
        matches!(self, Self::Repeated | Self::Unusable)
    }
}

/// Who knows the states that are not of the list: marks, protection and outcomes.
pub trait States {
    /// Whether the device is in the state. Never asked for what the list knows by itself.
    fn is(&self, id: DeviceId, state: State) -> bool;

    /// Whether it can be told at all; if not, a query that asks for it is an error.
    fn knows(&self, state: State) -> bool {
        let _ = state;
        true
    }

    /// What can be asked for instead of a state that can't be told.
    fn hint(&self) -> &'static str {
        "a list by itself knows repeated and unusable"
    }
}

/// Nobody knows: a list by itself, without a screen and a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStatus;

impl States for NoStatus {
    fn is(&self, _: DeviceId, _: State) -> bool {
        false
    }

    fn knows(&self, _: State) -> bool {
        false
    }
}
