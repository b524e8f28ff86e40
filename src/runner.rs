//! Drives the step machine: commits, sends and sleeps, on a thread of its own.
//!
//! One call is in flight in a process. A front end holds a [`Driver`], hands it confirmed plans and
//! controls, and hears of everything through a bounded channel. When the front end goes away, the
//! call in flight finishes and the run stops.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::api;
use crate::config::Credential;
use crate::domain::outcome::DeviceState;
use crate::domain::rate_limit::{Budget, BudgetStatus};
use crate::domain::run::RunId;
use crate::domain::target::{Policy, Target};
use crate::engine::lookup_verdict::{Finding, LookupKey};
use crate::engine::{Control, Report};
use crate::fetch::{FetchDestination, FetchError};
use crate::journal::{Journal, Operator};
use crate::plan::ConfirmedPlan;
use crate::platform::clock::{BootTime, Clock};
use crate::secret::Secret;

mod admission;
mod budget_status;
mod calls;
mod inventory;
mod lookups;
mod rate_limited;
#[cfg(test)]
mod tests;
mod worker;

use worker::Worker;

/// Reads the credential when the first call is due; an error's text is shown.
pub type CredentialSource = Arc<dyn Fn() -> Result<Credential, String> + Send + Sync>;

/// What a driver works with.
pub struct Setup {
    /// The driver's own connection.
    pub journal: Journal,
    /// The time.
    pub clock: Clock,
    /// Where runs are sent.
    pub target: Target,
    /// How the tenant is reached.
    pub api: api::Settings,
    /// Where the token comes from.
    pub credential: CredentialSource,
    /// The rate limit.
    pub budget: Budget,
    /// What may be sent when a run is taken up again.
    pub policy: Policy,
    /// Resend what is in doubt by HWID once.
    pub resend_once: bool,
    /// What stands for a minute, if that isn't one: a test's.
    pub minute: Option<Duration>,
    /// Who confirms plans here.
    pub operator: Operator,
}

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
    /// The tenant answered a [`Driver::probe`].
    Probed(Probe),
    /// The list is written, with as many devices, and there; or why not.
    Ended(Result<(u64, PathBuf), FetchError>),
}

/// What reading one device showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// By how many seconds this clock is ahead of the tenant's, if it told its time.
    pub clock_off: Option<i64>,
}

/// A front end's hold on the driver's thread.
#[derive(Debug)]
pub struct Driver {
    requests: mpsc::Sender<Request>,
    thread: Option<JoinHandle<()>>,
}

enum Request {
    Run(Box<ConfirmedPlan>),
    /// A run of the journal, and the number of devices left that its operator told.
    Resume(RunId, u64),
    Control(Control),
    /// Devices of a run, by ordinal.
    LookUp(RunId, Vec<u32>, LookupKey),
    CancelLookups,
    Fetch(FetchDestination),
    CancelFetch,
    Probe,
    /// In place of the configured credential, until the process ends.
    Token(Secret),
}

/// Why the driver doesn't take a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The thread has ended; it says why through its updates.
    #[error("the engine has stopped: restart the program")]
    Stopped,
    /// It is in a call, and enough waits for the call's end already.
    #[error("the engine is busy with a call: try again when it is over")]
    Busy,
}

impl Driver {
    /// Starts the thread. Nothing is read or sent before the first plan.
    pub fn start(setup: Setup) -> std::io::Result<(Self, mpsc::Receiver<Update>)> {
        let (requests, inbox) = mpsc::channel(16);
        let (outbox, updates) = mpsc::channel(256);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let worker = Worker::new(setup, inbox, outbox);
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || runtime.block_on(worker.serve()))?;
        Ok((
            Self {
                requests,
                thread: Some(thread),
            },
            updates,
        ))
    }

    /// Hands over a confirmed plan. It is journaled before anything else happens to it.
    pub fn run(&self, plan: ConfirmedPlan) -> Result<(), SendError> {
        self.request(Request::Run(Box::new(plan)))
    }

    /// Takes up a stopped or paused run of the journal. `told` is the number of devices left, as its
    /// operator typed it.
    pub fn resume(&self, run: RunId, told: u64) -> Result<(), SendError> {
        self.request(Request::Resume(run, told))
    }

    /// Looks devices of a run up, by ordinal, while no run is sending.
    pub fn look_up(&self, run: RunId, devices: Vec<u32>, by: LookupKey) -> Result<(), SendError> {
        self.request(Request::LookUp(run, devices, by))
    }

    /// Looks nothing more up.
    pub fn cancel_lookups(&self) -> Result<(), SendError> {
        self.request(Request::CancelLookups)
    }

    /// Reads the inventory into a list, while no run is sending and nothing is looked up.
    pub fn fetch(&self, place: FetchDestination) -> Result<(), SendError> {
        self.request(Request::Fetch(place))
    }

    /// Ends it after the call in flight. What was read is kept.
    pub fn cancel_fetch(&self) -> Result<(), SendError> {
        self.request(Request::CancelFetch)
    }

    /// Reads one device and keeps nothing: is the tenant there, and does it take the credential?
    pub fn probe(&self) -> Result<(), SendError> {
        self.request(Request::Probe)
    }

    /// Uses this token in place of the configured credential until the process ends. It is kept in
    /// memory only.
    pub fn use_token(&self, token: Secret) -> Result<(), SendError> {
        self.request(Request::Token(token))
    }

    fn request(&self, request: Request) -> Result<(), SendError> {
        self.requests
            .try_send(request)
            .map_err(|refused| match refused {
                TrySendError::Closed(_) => SendError::Stopped,
                TrySendError::Full(_) => SendError::Busy,
            })
    }

    /// Passes on what the operator or a signal asks.
    pub fn control(&self, control: Control) -> Result<(), SendError> {
        self.request(Request::Control(control))
    }

    /// Lets the call in flight finish, and waits for the thread's end. The updates must be drained
    /// or dropped meanwhile.
    pub fn finish(mut self) {
        let (closed, _) = mpsc::channel(1);
        self.requests = closed;
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by the panic hook, and the journal holds the intent.
            let _ = thread.join();
        }
    }
}
