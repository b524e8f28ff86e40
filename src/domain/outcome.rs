//! The outcomes of devices, with their meaning and what to do.
//!
//! The screen, the journal and the reports use these texts. A device that is *in doubt* may have been
//! deleted: it is never shown as failed and never counted as done.

mod tally;
#[cfg(test)]
mod tests;
mod texts;

use std::fmt;

use crate::domain::action::Action;
use crate::domain::device::IdentifierKind;

pub use tally::Tally;

/// The outcome of a device in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The cloud answered 1: it accepted the request. The state of the agent is unknown.
    Accepted,
    /// Answered and not applied.
    Failed(Failure),
    /// Absent after an earlier attempt whose answer was lost, perhaps because of that attempt.
    Gone,
    /// Sent, without a trustworthy answer: it may have been applied.
    InDoubt(Doubt),
    /// The run stopped before the device was sent.
    NotSent,
}

/// Why a device failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Failure {
    /// The answer was 0.
    NotFound,
    /// Sent alone and answered with 400 or 413.
    Refused,
    /// A lookup long after the call still found the device, enrolled before the call.
    StillThere,
}

/// Why a device is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Doubt {
    /// The connection broke, or no answer came in time.
    NoAnswer,
    /// The server answered with an error (408 or 5xx).
    ServerError,
    /// The server answered with a redirection, which is never followed.
    Redirected,
    /// The answer is unreadable: not JSON, too large, or without a result.
    UnreadableAnswer,
    /// The answer is a web page.
    WebPage,
    /// The answer has more or fewer results than devices were sent.
    WrongLength,
    /// This device's element of the answer is neither 0 nor 1.
    WrongElement,
    /// The process ended between the intent and the outcome.
    Interrupted,
    /// An uninstall was repeated after a lost answer and answered 0. The record stays in either case,
    /// so the 0 doesn't show whether the first attempt worked.
    RepeatAnsweredZero,
}

/// The five classes into which outcomes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutcomeClass {
    /// See [`Outcome::Accepted`].
    Accepted,
    /// See [`Outcome::Failed`].
    Failed,
    /// See [`Outcome::Gone`].
    Gone,
    /// See [`Outcome::InDoubt`].
    InDoubt,
    /// See [`Outcome::NotSent`].
    NotSent,
}

/// The state of a device in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceState {
    /// Not sent yet, or answered in a way that leaves it safe to send.
    Planned,
    /// In the call in flight.
    Sending,
    /// Ended with this outcome in this run.
    Ended(Outcome),
}

/// What the look of a device's state depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateClass {
    /// See [`DeviceState::Planned`].
    Planned,
    /// See [`DeviceState::Sending`].
    Sending,
    /// Ended with an outcome of this class.
    Ended(OutcomeClass),
}

impl From<DeviceState> for StateClass {
    fn from(state: DeviceState) -> Self {
        match state {
            DeviceState::Planned => Self::Planned,
            DeviceState::Sending => Self::Sending,
            DeviceState::Ended(outcome) => Self::Ended(outcome.class()),
        }
    }
}

impl From<OutcomeClass> for StateClass {
    fn from(class: OutcomeClass) -> Self {
        Self::Ended(class)
    }
}

impl DeviceState {
    /// The outcome if the run isn't sending: a device without an outcome was not sent.
    pub fn as_final_outcome(self) -> Outcome {
        match self {
            Self::Ended(outcome) => outcome,
            Self::Planned | Self::Sending => Outcome::NotSent,
        }
    }
}

impl Outcome {
    /// The class in which the outcome is counted.
    pub fn class(self) -> OutcomeClass {
        match self {
            Self::Accepted => OutcomeClass::Accepted,
            Self::Failed(_) => OutcomeClass::Failed,
            Self::Gone => OutcomeClass::Gone,
            Self::InDoubt(_) => OutcomeClass::InDoubt,
            Self::NotSent => OutcomeClass::NotSent,
        }
    }

    /// True if no later answer may change the outcome.
    pub fn is_definite(self) -> bool {
        matches!(self, Self::Accepted | Self::Failed(_) | Self::Gone)
    }

    /// The reason as a short phrase; empty if the class is enough.
    pub fn reason(self) -> &'static str {
        self.texts().reason
    }

    /// Parses an outcome from its class and reason, as stored in the journal.
    pub fn from_parts(class: &str, reason: &str) -> Option<Self> {
        match OutcomeClass::from_name(class)? {
            OutcomeClass::Accepted => Some(Self::Accepted),
            OutcomeClass::Gone => Some(Self::Gone),
            OutcomeClass::NotSent => Some(Self::NotSent),
            OutcomeClass::Failed => {
                let mut failures = Failure::ALL.into_iter().map(Self::Failed);
                failures.find(|failed| failed.reason() == reason)
            }
            OutcomeClass::InDoubt => {
                let mut doubts = Doubt::ALL.into_iter().map(Self::InDoubt);
                doubts.find(|in_doubt| in_doubt.reason() == reason)
            }
        }
    }

    /// The meaning, in a sentence.
    pub fn meaning(self, kind: IdentifierKind, action: Action) -> &'static str {
        (self.texts().meaning)(kind, action)
    }

    /// True if sending the same again can help: the call may have been lost or had no effect.
    pub fn retry_helps(self) -> bool {
        matches!(self, Self::InDoubt(_) | Self::Failed(Failure::StillThere))
    }

    /// True if sending the device by its other identifier can help.
    pub fn other_identifier_helps(self) -> bool {
        matches!(self, Self::InDoubt(_) | Self::Failed(_))
    }

    /// What the administrator can do, in a sentence.
    pub fn help(self) -> &'static str {
        self.texts().help
    }
}

impl Failure {
    /// Every failure.
    pub const ALL: [Self; 3] = [Self::NotFound, Self::Refused, Self::StillThere];
}

impl Doubt {
    /// Every doubt.
    pub const ALL: [Self; 9] = [
        Self::NoAnswer,
        Self::ServerError,
        Self::Redirected,
        Self::UnreadableAnswer,
        Self::WebPage,
        Self::WrongLength,
        Self::WrongElement,
        Self::Interrupted,
        Self::RepeatAnsweredZero,
    ];
}

impl OutcomeClass {
    /// Every class, in display order.
    pub const ALL: [Self; 5] = [
        Self::Accepted,
        Self::Failed,
        Self::Gone,
        Self::InDoubt,
        Self::NotSent,
    ];

    /// The name in JSON and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::InDoubt => "in_doubt",
            Self::NotSent => "not_sent",
        }
    }

    /// The label on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::InDoubt => "in doubt",
            Self::NotSent => "not sent",
        }
    }

    /// The class with this [name](Self::as_str).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }
}

impl fmt::Display for Outcome {
    /// `failed: not found`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.class().label())?;
        match self.reason() {
            "" => Ok(()),
            reason => write!(formatter, ": {reason}"),
        }
    }
}
