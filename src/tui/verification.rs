//! Verifications as the screen shows them. The texts are safe to show.

use std::collections::HashMap;

use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::journal::VerifiedEntry;
use crate::list::DeviceId;
use crate::verification::VerifiedState;

/// What became of a run's accepted devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationSummary {
    pub run: RunId,
    /// `51 gone · 2 still there · 1 returned`, or why nothing is known.
    pub counts: String,
    /// What that is based on.
    pub basis: Option<String>,
    /// What the counts don't say.
    pub notes: Vec<String>,
    pub devices: Vec<NotGone>,
}

/// An accepted device that is not gone; its texts are safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotGone {
    /// What is known of it.
    pub state: VerifiedState,
    /// Its host name, as it was planned.
    pub hostname: String,
    /// What was sent.
    pub identifier: String,
    /// What was found of it.
    pub about: String,
}

/// What a fetched inventory showed of earlier runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchVerification {
    /// The sentence about all runs; none without a run.
    pub summary: Option<String>,
    /// The counts of each of the runs that were asked for.
    pub runs: Vec<(RunId, String)>,
}

/// What the journal knows of a list's devices.
#[derive(Clone, Debug, Default)]
pub struct JournalStates {
    /// By the newest run that each was in.
    pub outcomes: HashMap<DeviceId, DeviceState>,
    /// By the newest verification.
    pub verified: HashMap<DeviceId, VerifiedEntry>,
}
