//! A process: the worker that ships, with a clock, a disk and a network of the simulation's, and the
//! front end that drives it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use offboard::domain::run::RunState;
use offboard::domain::target::Policy;
use offboard::engine::{Control, CredentialKind};
use offboard::journal::{Journal, Operator};
use offboard::plan::ConfirmedPlan;
use offboard::platform::clock::Clock;
use offboard::runner::{ClientCredentials, Credential, CredentialError, Driver, Setup, Update};
use offboard::secret::Secret;
use tokio::sync::mpsc;

use super::schedule::Moment;
use super::transport::Wire;
use super::watch::Watch;
use super::world::World;

#[expect(
    clippy::struct_excessive_bools,
    reason = "what befell a process in any combination"
)]
pub struct Process {
    pub index: usize,
    pub account: usize,
    /// Its front end; none once that has gone away.
    pub driver: Option<Driver>,
    worker: Pin<Box<dyn Future<Output = ()>>>,
    pub updates: mpsc::Receiver<Update>,
    /// The front end's own connection.
    pub journal: Journal,
    pub clock: Clock,
    pub wire: Wire,
    pub credential: Arc<Mutex<CredentialFile>>,
    pub resend_once: bool,
    /// Its next step comes with this ticket only.
    pub ticket: u64,
    /// The call in flight.
    pub call: Option<u64>,
    /// The slot that it took last.
    pub slot: i64,
    /// SIGSTOP: it does nothing before this moment.
    pub frozen_until: Moment,
    /// Something was asked of it that it hasn't seen.
    pub is_asked: bool,
    /// A write of it has failed: it must not send any more.
    pub has_failed: bool,
    /// A file of the journal was lost under it: its next write may fail.
    pub may_break: bool,
    /// It has reported of that.
    pub is_broken: bool,
    /// Somebody has asked it to stop, or to pause, since its run began.
    pub stop_asked: bool,
    pub pause_asked: bool,
    /// That it was asked, and no run has been notified yet.
    pub stop_waits: bool,
    /// Its run was notified during a call.
    pub stop_heard: bool,
    /// The runs that it has, by index: first the one that it drives.
    pub own: Vec<usize>,
    pub active: Option<Active>,
    /// Runs that wait for their typed count, whatever comes.
    pub must_hold: Vec<usize>,
}

/// The run that a process drives, as its front end knows it.
pub struct Active {
    /// By index.
    pub run: usize,
    pub state: RunState,
    pub watch: Watch,
}

/// What the credential source reads.
pub struct CredentialFile {
    pub kind: CredentialKind,
    /// The ready token that the operator wrote there.
    pub ready: Secret,
    /// It can't be read now.
    pub fails: bool,
}

impl CredentialFile {
    fn read(&self) -> Result<Credential, CredentialError> {
        if self.fails {
            return Err(CredentialError::None);
        }
        Ok(match self.kind {
            CredentialKind::Static => Credential::Token(self.ready.clone()),
            CredentialKind::Client => Credential::Client(ClientCredentials {
                client_id: "simulation".to_owned(),
                client_secret: Secret::new("simulation".to_owned()),
            }),
        })
    }
}

/// What an operator or a signal asks of a process.
pub enum Asked {
    Control(Control),
    Plan(Box<ConfirmedPlan>),
    /// A run, by index, and the number of devices left that was reported.
    Resume(usize, u64),
    LookUp(usize, Vec<u32>),
    CancelLookups,
    Probe,
    /// The front end goes away.
    Leave,
}

impl Process {
    pub fn new(world: &mut World, index: usize, account: usize) -> Self {
        let clock = world.clock.with_own_alarm();
        let open = || Journal::open(world.directory.path(), clock.clone()).expect("a journal");
        let kind = if world.random.bool() {
            CredentialKind::Static
        } else {
            CredentialKind::Client
        };
        let resend_once = world.random.u8(..5) > 0;
        let (journal, own_journal) = (open(), open());
        let credential = Arc::new(Mutex::new(CredentialFile {
            kind,
            ready: world.ready_token(account),
            fails: false,
        }));
        let file = Arc::clone(&credential);
        let setup = Setup {
            journal,
            clock: clock.clone(),
            target: world.targets[account].clone(),
            api: super::world::api(),
            reference_devices: Arc::new(Vec::new),
            credential: Arc::new(move || {
                file.lock().unwrap_or_else(PoisonError::into_inner).read()
            }),
            budget: world.budgets[account],
            policy: Policy {
                rules_hash: String::new(),
                max_devices: 500,
                max_per_day: 100_000,
                approvals: 0,
            },
            licences: false,
            resend_once,
            minute: None,
            operator: Operator::default(),
        };
        let wire = Wire::new(Arc::clone(&world.client));
        let way = wire.clone();
        let (driver, worker, updates) =
            Driver::with_worker(setup, Box::new(move || Ok(way.clone())));
        Self {
            index,
            account,
            driver: Some(driver),
            worker: Box::pin(worker.serve()),
            updates,
            journal: own_journal,
            clock,
            wire,
            credential,
            resend_once,
            ticket: 0,
            call: None,
            slot: 0,
            frozen_until: 0,
            is_asked: false,
            has_failed: false,
            may_break: false,
            is_broken: false,
            stop_asked: false,
            pause_asked: false,
            stop_waits: false,
            stop_heard: false,
            own: Vec::new(),
            active: None,
            must_hold: Vec::new(),
        }
    }

    pub fn credential(&self) -> std::sync::MutexGuard<'_, CredentialFile> {
        self.credential
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_paused(&self) -> bool {
        let active = self.active.as_ref();
        active.is_some_and(|active| active.state == RunState::Paused)
    }

    /// Lets the worker go on, to the next of its steps or until it waits. True when it has ended.
    pub fn poll(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        match self.worker.as_mut().poll(&mut context) {
            Poll::Ready(()) => true,
            Poll::Pending => false,
        }
    }
}
