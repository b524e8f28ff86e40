//! A front end's handle on the worker, which runs on a thread of its own.

use std::thread::JoinHandle;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::failure::SendError;
use super::inbox::{DriverRequest, Inbox};
use super::setup::Setup;
use super::transport::{Connect, Transport};
use super::update::Update;
use super::worker::Worker;
use crate::api::Client;
use crate::domain::device::Identifier;
use crate::domain::run::RunId;
use crate::engine::Control;
use crate::engine::lookup_verdict::LookupKey;
use crate::fetch::FetchDestination;
use crate::plan::ConfirmedPlan;
use crate::secret::Secret;

/// A front end's handle on the worker's thread.
#[derive(Debug)]
pub struct Driver {
    requests: mpsc::Sender<DriverRequest>,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    /// Starts the thread. Nothing is read or sent before the first plan.
    pub fn start(setup: Setup) -> std::io::Result<(Self, mpsc::Receiver<Update>)> {
        let api = setup.api.clone();
        let connect: Connect<Client> = Box::new(move || Client::new(api.clone()));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (mut driver, worker, updates) = Self::with_worker(setup, connect);
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || runtime.block_on(worker.serve()))?;
        driver.thread = Some(thread);
        Ok((driver, updates))
    }

    /// The same without a thread: the worker runs only while [`Worker::serve`] is polled.
    pub fn with_worker<T: Transport>(
        setup: Setup,
        connect: Connect<T>,
    ) -> (Self, Worker<T>, mpsc::Receiver<Update>) {
        let (requests, inbox) = mpsc::channel(16);
        let (outbox, updates) = mpsc::channel(256);
        let driver = Self {
            requests,
            thread: None,
        };
        let worker = Worker::new(setup, connect, Inbox::new(inbox), outbox);
        (driver, worker, updates)
    }

    /// Hands over a confirmed plan, which is journaled first.
    pub fn run(&self, plan: ConfirmedPlan) -> Result<(), SendError> {
        self.request(DriverRequest::Run(Box::new(plan)))
    }

    /// Resumes a stopped or paused run of the journal. `expected_count` is the number of devices left,
    /// as its operator typed it.
    pub fn resume(&self, run: RunId, expected_count: u64) -> Result<(), SendError> {
        self.request(DriverRequest::Resume(run, expected_count))
    }

    /// Looks up devices of a run, by ordinal, while no run is sending. A 404 counts only once a device
    /// has answered: one of these, or one that the run has not sent, of the run or of `reference_devices`, for which
    /// see [`reference_devices`](super::reference_devices).
    pub fn look_up(
        &self,
        run: RunId,
        devices: Vec<u32>,
        by: LookupKey,
        reference_devices: Vec<Identifier>,
    ) -> Result<(), SendError> {
        self.request(DriverRequest::LookUp {
            run,
            devices,
            by,
            reference_devices,
        })
    }

    /// Ends the lookups after the call in flight.
    pub fn cancel_lookups(&self) -> Result<(), SendError> {
        self.request(DriverRequest::CancelLookups)
    }

    /// Reads the inventory into a list, while no run is sending and no lookup is pending.
    pub fn fetch(&self, destination: FetchDestination) -> Result<(), SendError> {
        self.request(DriverRequest::Fetch(destination))
    }

    /// Ends the fetch after the call in flight. The next fetch continues from there.
    pub fn cancel_fetch(&self) -> Result<(), SendError> {
        self.request(DriverRequest::CancelFetch)
    }

    /// Reports how many calls the rate limit leaves: another process may have used some.
    pub fn report_budget(&self) -> Result<(), SendError> {
        self.request(DriverRequest::ReportBudget)
    }

    /// Reads one device and stores nothing, to check whether the tenant answers and accepts the
    /// credential.
    pub fn probe(&self) -> Result<(), SendError> {
        self.request(DriverRequest::Probe)
    }

    /// Uses this token in place of the configured credential until the process ends. It is held in
    /// memory only.
    pub fn use_token(&self, token: Secret) -> Result<(), SendError> {
        self.request(DriverRequest::Token(token))
    }

    fn request(&self, request: DriverRequest) -> Result<(), SendError> {
        self.requests
            .try_send(request)
            .map_err(|refused| match refused {
                TrySendError::Closed(_) => SendError::Stopped,
                TrySendError::Full(_) => SendError::Busy,
            })
    }

    /// Passes on a request of the operator or a signal.
    pub fn control(&self, control: Control) -> Result<(), SendError> {
        self.request(DriverRequest::Control(control))
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
