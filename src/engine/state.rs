//! What the engine remembers between two events.

use super::protocol::{Intent, Report, SlotPurpose, TakenSlot};
use crate::domain::outcome::DeviceState;
use crate::domain::run::{PauseReason, RunState, StopCause};
use crate::platform::clock::BootTime;

/// A device's state, and how many attempts on it got no readable answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeviceProgress {
    pub(super) state: DeviceState,
    pub(super) lost: u8,
}

#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// Not begun, or ended.
    Idle,
    LoadingCredential,
    TakingSlot(SlotPurpose),
    StoringIntent(Intent),
    /// The intent, and when it was durable.
    Calling(Intent, BootTime),
    StoringOutcome {
        reports: Vec<Report>,
        then: AfterStore,
    },
    FetchingToken(TakenSlot),
    CompletingSlot(AfterStore),
    StoringState(RunState, Option<PauseReason>),
    Waiting,
    Paused,
}

/// What follows once a step is durable.
#[derive(Clone, Debug)]
pub(super) enum AfterStore {
    GoOn,
    Pause(PauseReason),
    Retry(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The credential was not read yet.
    Unread,
    /// A ready token.
    Static,
    /// Client credentials, and no valid token.
    Missing,
    /// A token that no call was made with. However short its life is, one call is: otherwise a run
    /// could renew its token for ever.
    Fresh(Option<BootTime>),
    /// A token, to be renewed from then on.
    Good(Option<BootTime>),
}

impl Token {
    /// The same after a call with it.
    pub(super) fn used(self) -> Self {
        match self {
            Self::Fresh(renewal) => Self::Good(renewal),
            other => other,
        }
    }
}

/// What the operator requested and the engine has not done yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    pub(super) pause: bool,
    /// The first cause of a stop.
    pub(super) stop: Option<StopCause>,
}

impl Requests {
    pub(super) fn stop_for(&mut self, cause: StopCause) {
        self.stop.get_or_insert(cause);
    }
}

/// Counts of consecutive failures, each reset by a success of its kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FailureCounts {
    /// Calls that got no readable answer.
    pub(super) doubts: u32,
    /// Calls refused with 400 or 413.
    pub(super) refusals: u32,
    /// Tries that didn't reach the server.
    pub(super) unreached: u32,
    /// Calls refused with 401.
    pub(super) unauthorized: u32,
    /// Calls refused with 429, and since when.
    pub(super) too_many: u32,
    pub(super) too_many_since: Option<BootTime>,
}
