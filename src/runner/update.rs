//! The updates from the worker to its front end.

use std::fmt;
use std::path::PathBuf;

use super::failure::{EngineFailure, LookupEnd};
use super::refusal::RunRefusal;
use crate::domain::licences::{Licences, RunLicences};
use crate::domain::outcome::DeviceState;
use crate::domain::rate_limit::BudgetStatus;
use crate::domain::run::RunId;
use crate::engine::Report;
use crate::engine::lookup_verdict::{Finding, LookupKey};
use crate::fetch::FetchError;
use crate::platform::clock::BootTime;

/// An update from the worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The run that it is about.
    pub run: Option<RunId>,
    /// What happened.
    pub news: News,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The run is confirmed, durably, and waits for the one before it.
    Queued,
    /// From the engine.
    Report(Report),
    /// Progress of lookups.
    Lookup(LookupNews),
    /// Progress of a fetch or probe.
    Fetch(FetchNews),
    /// The account's licences.
    Licences(LicenceNews),
    /// The calls that the budget has left.
    Budget(BudgetStatus),
    /// The run can't start, and nothing of it was sent.
    Refused(RunRefusal),
    /// Nothing more is sent.
    Failed(EngineFailure),
}

impl News {
    /// True if the tenant has answered a call.
    pub fn is_answer(&self) -> bool {
        match self {
            Self::Report(report) => matches!(report, Report::Changed { .. }),
            Self::Lookup(news) => matches!(news, LookupNews::Called(_) | LookupNews::Seen { .. }),
            Self::Fetch(news) => matches!(news, FetchNews::Read(_)),
            Self::Licences(news) => matches!(news, LicenceNews::Measured(_)),
            Self::Queued | Self::Budget(_) | Self::Refused(_) | Self::Failed(_) => false,
        }
    }
}

/// News of the account's licences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LicenceNews {
    /// They were measured.
    Measured(Licences),
    /// A run is over, and this is what is known of them before and after it. It follows the run's last
    /// report, whether they were measured or not.
    Settled(RunLicences),
}

/// Progress of lookups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupNews {
    /// A call was made.
    Called(LookupCalls),
    /// A device was looked up; the finding and the resulting state are durable.
    Seen {
        /// Which, by its ordinal in the plan.
        ordinal: u32,
        /// By which identifier.
        by: LookupKey,
        /// What was seen.
        finding: Finding,
        /// The device's state after the lookup.
        state: DeviceState,
    },
    /// The tenant's answer about a device can't be read, and its state is unchanged.
    Unclear {
        /// Which, by its ordinal in the plan.
        ordinal: u32,
        /// The answer, safe to show.
        message: String,
    },
    /// Nothing is looked up before a moment.
    Waiting(ReadingWait),
    /// Waits for another process's run, which is sending.
    Yielding,
    /// The lookups ended; why, unless all are done or they were cancelled.
    Ended(Option<LookupEnd>),
}

/// The calls of the lookups of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookupCalls {
    /// How many were made.
    pub made: usize,
    /// How many are to follow, if each is answered.
    pub left: usize,
    /// How many devices were answered with a 404 that no other answer confirms yet.
    pub unconfirmed: usize,
}

impl fmt::Display for LookupCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, left, .. } = self;
        write!(f, "{made} of {} calls", made + left)
    }
}

/// A wait between two calls that only read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingWait {
    /// Its end.
    pub until: BootTime,
    /// What follows, and after which failure: `the server answered 429; next call`.
    pub next: String,
}

/// Progress of a fetch or probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchNews {
    /// The fetch continues an earlier one, which read this many devices.
    Resumed(u64),
    /// This many devices have been read and stored.
    Read(u64),
    /// No call is made before a moment.
    Waiting(ReadingWait),
    /// Waits for another process's run, which is sending.
    Yielding,
    /// The tenant answered a [`Driver::probe`](super::Driver::probe).
    Probed(ProbeResult),
    /// The number of devices of the written list and its path, or the error.
    Ended(Result<(u64, PathBuf), FetchError>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeResult {
    /// How many seconds this clock is ahead of the tenant's, if the tenant sent a Date header.
    pub clock_off: Option<i64>,
}
