//! Drives the step machine: commits, sends and sleeps, on a thread of its own.
//!
//! One call is in flight in a process. A front end holds a [`Driver`], hands it confirmed plans and
//! controls, and hears of everything through a bounded channel. When the front end goes away, the
//! call in flight finishes and the run stops.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use super::{Control, Report};
use crate::api;
use crate::clock::Clock;
use crate::config::Credential;
use crate::journal::{Journal, Operator};
use crate::pacer::{Budget, Standing};
use crate::plan::{ConfirmedPlan, Target};
use crate::run::RunId;

mod admission;
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
    /// Resend what is in doubt by HWID once.
    pub resend_once: bool,
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
    /// What the budget leaves.
    Budget(Standing),
    /// The run can't start, and nothing of it was sent; why.
    Refused(String),
    /// The journal failed: nothing more is sent. The text says what it doesn't hold.
    Broken(String),
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
}

/// The driver's thread has ended; it says why through its updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine has stopped: restart the program")]
pub struct Ended;

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
    pub fn run(&self, plan: ConfirmedPlan) -> Result<(), Ended> {
        self.requests
            .try_send(Request::Run(Box::new(plan)))
            .map_err(|_| Ended)
    }

    /// Takes up a stopped or paused run of the journal. `told` is the number of devices left, as its
    /// operator typed it.
    pub fn resume(&self, run: RunId, told: u64) -> Result<(), Ended> {
        self.requests
            .try_send(Request::Resume(run, told))
            .map_err(|_| Ended)
    }

    /// Passes on what the operator or a signal asks.
    pub fn control(&self, control: Control) -> Result<(), Ended> {
        self.requests
            .try_send(Request::Control(control))
            .map_err(|_| Ended)
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
