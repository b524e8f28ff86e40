//! A simulated tenant on loopback, for the demo, for tests and for trying out a configuration.
//!
//! It is a real HTTP server with a fleet of devices. It applies the calls, counts them against a rate
//! limit, injects faults on request, and records all calls.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

mod call;
mod faults;
mod generate;
mod limit;
mod oauth;
mod reads;
mod returns;
mod routes;
mod tenant;
#[cfg(test)]
mod tests;
mod wakes;

pub use faults::{Fault, FaultPlan, ParseFaultError};
pub use generate::{Fleet, Shape};
use limit::RateLimit;
pub use tenant::Tenant;

/// The client key that it accepts.
pub const CLIENT_ID: &str = "simulator-client";
/// The client secret that it accepts; not a secret, since it opens nothing else.
pub const CLIENT_SECRET: &str = "simulator-secret";

/// The settings of the simulated tenant.
#[derive(Clone, Debug)]
pub struct SimulatorSettings {
    /// Where it listens; loopback only.
    pub address: SocketAddr,
    /// The random seed of the fleet.
    pub seed: u64,
    /// How many devices the fleet has.
    pub devices: usize,
    /// The time from which the fleet's ages count.
    pub now: Timestamp,
    /// Calls in a window.
    pub limit: u32,
    /// The window of the rate limit.
    pub window: Duration,
    /// How long each answer takes.
    pub latency: Duration,
    /// The delay before the first two of every twenty calls arrive and count.
    pub travel: Duration,
    /// The injected faults.
    pub faults: FaultPlan,
    /// The longest list that one delete call may carry; unlimited without it.
    pub max_list: Option<usize>,
    /// How long a token is valid.
    pub token_lifetime: Duration,
    /// A gateway before it answers 404 to every Device Details call.
    pub hides_details: bool,
    /// How many of a hundred deleted devices are there again at the next read: their record stays, their
    /// agent reports again, or they enrol under a new hardware ID.
    pub returns: u8,
    /// How many of a hundred devices that weren't seen for a day report again between two reads of the
    /// inventory.
    pub wakes: u8,
    /// How Account Details are answered.
    pub account: AccountAnswer,
}

/// How the simulated tenant answers Account Details.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountAnswer {
    #[default]
    Account,
    /// With this status.
    Status(u16),
    /// With an account that has no numbers of licences.
    WithoutLicences,
    /// Never.
    Never,
}

impl Default for SimulatorSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            seed: 1,
            devices: 500,
            now: Timestamp::UNIX_EPOCH,
            limit: 10,
            window: Duration::from_secs(60),
            latency: Duration::ZERO,
            travel: Duration::ZERO,
            faults: FaultPlan::default(),
            max_list: None,
            token_lifetime: Duration::from_secs(3600),
            hides_details: false,
            account: AccountAnswer::default(),
            returns: 0,
            wakes: 0,
        }
    }
}

/// A call that it received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Since the start.
    pub at: Duration,
    /// The path, without the query.
    pub path: String,
    /// The status it answered; none if the answer was withheld.
    pub status: Option<u16>,
    /// The content of a delete call.
    pub delete: Option<Delete>,
}

/// The content of a delete call, and its effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// The `opt`, if one was sent.
    pub opt: Option<i64>,
    /// `HWID_list` or `MAC_list`.
    pub list: &'static str,
    /// As sent.
    pub identifiers: Vec<String>,
    /// For each, whether it was applied; empty if the call was not.
    pub applied: Vec<bool>,
}

/// Why the simulator can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It only ever listens on loopback.
    #[error("{0} is not on loopback: the simulator listens on loopback only")]
    NotLoopback(SocketAddr),
    /// The address is not available.
    #[error("{address}: {source}")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        source: std::io::Error,
    },
}

/// A running simulator; it stops when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    state: Shared,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the routes share.
#[derive(Clone, Debug)]
struct Shared(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    settings: SimulatorSettings,
    started: Instant,
    tenant: Tenant,
    limit: RateLimit,
    tokens: oauth::Tokens,
    deletes: u32,
    /// Calls on their way or arrived.
    sent: u32,
    received: Vec<Received>,
}

impl State {
    /// Has the devices come back that do so before the tenant is read.
    fn reenrol_due(&mut self) {
        let now = self.now();
        self.tenant.reenrol_due(now);
    }

    /// The inventory is about to be read from its beginning: devices come back and report before that.
    fn begin_read(&mut self) {
        let now = self.now();
        self.tenant.reenrol_due(now);
        self.tenant.report_again_due(now);
    }

    /// Now, and a second: lists store whole seconds, and a device that returns in the second of its deletion must
    /// appear seen later.
    fn now(&self) -> Timestamp {
        self.settings.now + self.started.elapsed() + Duration::from_secs(1)
    }
}

impl Shared {
    /// Never held across an await.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Simulator {
    /// Starts it on a thread of its own, with the fleet that its settings generate.
    pub fn start(settings: SimulatorSettings) -> Result<Self, StartError> {
        let fleet = Fleet::generate(settings.seed, settings.devices, settings.now);
        Self::start_with(settings, &fleet)
    }

    /// Starts it with this fleet.
    pub fn start_with(settings: SimulatorSettings, fleet: &Fleet) -> Result<Self, StartError> {
        let requested = settings.address;
        if !requested.ip().is_loopback() {
            return Err(StartError::NotLoopback(requested));
        }
        let failed = |source| StartError::Listen {
            address: requested,
            source,
        };
        let listener = std::net::TcpListener::bind(requested).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let state = Shared(Arc::new(Mutex::new(State {
            started: Instant::now(),
            tenant: Tenant::new(fleet)
                .with_returns(settings.seed, settings.returns)
                .with_wakes(settings.seed, settings.wakes),
            limit: RateLimit::new(settings.limit, settings.window),
            tokens: oauth::Tokens::new(settings.token_lifetime),
            deletes: 0,
            sent: 0,
            received: Vec::new(),
            settings,
        })));
        let (stop, stopped) = oneshot::channel();
        let router = routes::router(state.clone());
        let thread = std::thread::Builder::new()
            .name("simulator".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let Ok(listener) = TcpListener::from_std(listener) else {
                        return;
                    };
                    tokio::select! {
                        // An accept error ends a test or a demo, and both notice.
                        _ = axum::serve(listener, router) => {}
                        _ = stopped => {}
                    }
                });
            })
            .map_err(failed)?;
        Ok(Self {
            address,
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Its address as a `base_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A token that it accepts.
    pub fn token(&self) -> String {
        let mut state = self.state.lock();
        let elapsed = state.started.elapsed();
        state.tokens.issue(elapsed)
    }

    /// Everything that it received, in order.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().received.clone()
    }

    /// How many devices the tenant has, by what became of them: here, archived, removed.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.state.lock().tenant.counts()
    }

    /// Waits until it is stopped from elsewhere, as by a signal.
    pub fn join(mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Already stopped is as good.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
