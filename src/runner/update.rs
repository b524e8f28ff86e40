//! What front ends hear from the worker.

use std::path::PathBuf;

use crate::domain::outcome::DeviceState;
use crate::domain::rate_limit::BudgetStatus;
use crate::domain::run::RunId;
use crate::engine::Report;
use crate::engine::lookup_verdict::{Finding, LookupKey};
use crate::fetch::FetchError;
use crate::platform::clock::BootTime;

/// What a driver tells its front end.
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
    /// From the step machine.
    Report(Report),
    /// Of lookups.
    Lookup(LookupNews),
    /// Of reading the inventory.
    Fetch(FetchNews),
    /// What the budget leaves.
    Budget(BudgetStatus),
    /// The run can't start, and nothing of it was sent; why.
    Refused(String),
    /// The same, because another process has it.
    Held(String),
    /// The journal failed: nothing more is sent. The text says what it doesn't hold.
    Broken(String),
}

/// What comes of lookups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupNews {
    /// A device was looked up; what was seen is durable, and so is what follows from it.
    Seen {
        /// Which, by its ordinal in the plan.
        ordinal: u32,
        /// By which identifier.
        by: LookupKey,
        /// What was seen.
        finding: Finding,
        /// How the device stands now.
        state: DeviceState,
        /// How many are still to be looked up.
        left: usize,
    },
    /// The tenant's answer about a device can't be read; nothing follows.
    Unclear {
        /// Which, by its ordinal in the plan.
        ordinal: u32,
        /// What was answered, safe to show.
        words: String,
    },
    /// Nothing is looked up before this moment.
    Waiting(BootTime),
    /// Another process's run is sending, and goes first.
    Yielding,
    /// Nothing more is looked up; why, if that isn't because all is done or it was cancelled.
    Ended(Option<String>),
}

/// What comes of reading the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchNews {
    /// It goes on from where an earlier one stopped, with as many devices.
    Resumed(u64),
    /// As many devices have been read, and are kept.
    Read(u64),
    /// Nothing is asked for before this moment.
    Waiting(BootTime),
    /// Another process's run is sending, and goes first.
    Yielding,
    /// The tenant answered a [`Driver::probe`](super::Driver::probe).
    Probed(Probe),
    /// The list is written, with as many devices, and there; or why not.
    Ended(Result<(u64, PathBuf), FetchError>),
}

/// What reading one device showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// By how many seconds this clock is ahead of the tenant's, if the tenant sent a Date header.
    pub clock_off: Option<i64>,
}
