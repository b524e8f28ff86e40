//! Reading the tenant's inventory into a list: page by page, in the budget, and from the last page
//! after a stop.
//!
//! What was read is kept aside with the place it has come to, each page durable before the next is
//! asked for. The list itself is there whole or not at all.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::{self, Client, Page, PageResult};
use crate::clock::{BootTime, Clock};
use crate::config::Credential;
use crate::engine::classify::NotSent;
use crate::engine::driver::{CredentialSource, SLOT_GRACE};
use crate::engine::{SlotEnd, SlotPurpose, TakenSlot, TokenResult};
use crate::journal::{Journal, JournalError};
use crate::pacer::{self, Budget, RateHeaders};
use crate::plan::Target;
use crate::run::RunState;
use crate::secret::Secret;

mod aside;

use aside::Aside;
pub use aside::AsideError;

/// Tries in a row that led nowhere before it is given up.
const TRIES: u32 = 3;
/// 429s in a row before it is given up; each waits longer than the one before.
const MOST_TOO_MANY: u32 = 10;
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// How often it looks whether a run has ended meanwhile.
const YIELD: Duration = Duration::from_secs(1);

/// What a fetch works with.
pub struct Fetch {
    /// Its own connection.
    pub journal: Journal,
    /// The time.
    pub clock: Clock,
    /// Whose inventory.
    pub target: Target,
    /// How the tenant is reached.
    pub api: api::Settings,
    /// Where the token comes from.
    pub credential: CredentialSource,
    /// The rate limit.
    pub budget: Budget,
    /// Where the list goes.
    pub path: PathBuf,
    /// Where what was read is kept meanwhile.
    pub aside: PathBuf,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on from where an earlier one stopped, with as many devices.
    Resumed(u64),
    /// As many devices have been read.
    Read(u64),
    /// Nothing is asked for before this moment.
    Waiting(BootTime),
    /// A run of this account is sending, and goes first.
    Yielding,
}

/// Why it ended before the end. What was read is kept.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// As asked.
    #[error("stopped with {0} devices read: the same command goes on from there within the hour")]
    Stopped(u64),
    /// The tenant can't be read now.
    #[error("{0}; what was read is kept, and the same command goes on from there within the hour")]
    Trouble(String),
    /// The tenant's answers make no sense.
    #[error("{0}: nothing was written")]
    Nonsense(String),
    /// The journal's word.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What was read can't be kept, or the list not be written.
    #[error(transparent)]
    Aside(#[from] AsideError),
}

struct Worker {
    fetch: Fetch,
    client: Client,
    credential: Credential,
    token: Option<Secret>,
    trouble: u32,
    unauthorized: u32,
    too_many: u32,
}

impl Fetch {
    /// Reads everything and writes the list; how many devices it has. `stop` ends it after the call
    /// in flight.
    pub async fn run(
        self,
        progress: &mut dyn FnMut(Progress),
        stop: Arc<tokio::sync::Notify>,
    ) -> Result<u64, FetchError> {
        Worker::new(self)?.run(progress, &stop).await
    }

    /// Reads one device and keeps nothing: is the tenant there, and does it take the credential?
    pub async fn probe(
        self,
        progress: &mut dyn FnMut(Progress),
        stop: Arc<tokio::sync::Notify>,
    ) -> Result<Probe, FetchError> {
        Worker::new(self)?.probe(progress, &stop).await
    }
}

/// What reading one device showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// By how many seconds this clock is ahead of the tenant's, if it told its time.
    pub clock_off: Option<i64>,
}

impl Worker {
    fn new(fetch: Fetch) -> Result<Self, FetchError> {
        let client = Client::new(fetch.api.clone())
            .map_err(|error| FetchError::Trouble(error.to_string()))?;
        let credential = (fetch.credential)().map_err(FetchError::Trouble)?;
        let token = match &credential {
            Credential::Token(token) => Some(token.clone()),
            Credential::Client(_) => None,
        };
        Ok(Self {
            fetch,
            client,
            credential,
            token,
            trouble: 0,
            unauthorized: 0,
            too_many: 0,
        })
    }

    async fn probe(
        &mut self,
        progress: &mut dyn FnMut(Progress),
        stop: &tokio::sync::Notify,
    ) -> Result<Probe, FetchError> {
        loop {
            let slot = self.slot(progress, stop, 0).await?;
            let Some(token) = self.token.clone() else {
                self.renew(slot).await?;
                continue;
            };
            let (result, rate) = self.client.page(&token, None, Some(1)).await;
            self.complete(slot, &rate, matches!(result, PageResult::TooMany))?;
            let words = match result {
                PageResult::Page(_) | PageResult::Beyond => {
                    let now = self.fetch.clock.now().wall;
                    let off = |date: Timestamp| now.as_second() - date.as_second();
                    return Ok(Probe {
                        clock_off: rate.date.map(off),
                    });
                }
                PageResult::TooMany => continue,
                PageResult::Unauthorized => "the token is invalid or expired (401)".to_owned(),
                PageResult::NotSent(reason) => reason.to_string(),
                PageResult::Invalid(words) | PageResult::Unclear(words) => words,
            };
            return Err(FetchError::Trouble(words));
        }
    }

    async fn run(
        &mut self,
        progress: &mut dyn FnMut(Progress),
        stop: &tokio::sync::Notify,
    ) -> Result<u64, FetchError> {
        let now = self.fetch.clock.now().wall;
        let mut aside = Aside::open(&self.fetch.aside, &self.fetch.target, now)?;
        if aside.devices() > 0 {
            progress(Progress::Resumed(aside.devices()));
        }
        let mut seen: HashSet<String> = HashSet::new();
        let mut resumed = aside.next().is_some();
        while !aside.is_complete() {
            let slot = self.slot(progress, stop, aside.devices()).await?;
            let Some(token) = self.token.clone() else {
                self.renew(slot).await?;
                continue;
            };
            let (result, rate) = self.client.page(&token, aside.next(), None).await;
            self.complete(slot, &rate, matches!(result, PageResult::TooMany))?;
            match result {
                PageResult::Page(page) => {
                    (self.trouble, self.unauthorized, self.too_many) = (0, 0, 0);
                    resumed = false;
                    check_page(&page, &mut seen)?;
                    aside.add(&page.devices, page.next, self.fetch.clock.now().wall)?;
                    progress(Progress::Read(aside.devices()));
                }
                PageResult::Beyond => aside.add(&[], None, self.fetch.clock.now().wall)?,
                PageResult::Invalid(_) if resumed => {
                    // The tenant has forgotten the page: from the beginning, then.
                    resumed = false;
                    aside.restart(&self.fetch.target, self.fetch.clock.now().wall)?;
                    progress(Progress::Read(0));
                }
                PageResult::Invalid(words) => {
                    return Err(FetchError::Nonsense(format!("status 400: {words}")));
                }
                PageResult::TooMany => {}
                PageResult::Unauthorized => self.unauthorized()?,
                PageResult::NotSent(reason @ (NotSent::Certificate(_) | NotSent::ProxyLogin)) => {
                    return Err(FetchError::Trouble(reason.to_string()));
                }
                PageResult::NotSent(reason) => self.troubled(&reason.to_string(), stop).await?,
                PageResult::Unclear(words) => self.troubled(&words, stop).await?,
            }
        }
        Ok(aside.publish(&self.fetch.path, &self.fetch.target)?)
    }

    /// Takes a slot, after any run of this account that is sending.
    async fn slot(
        &mut self,
        progress: &mut dyn FnMut(Progress),
        stop: &tokio::sync::Notify,
        devices: u64,
    ) -> Result<TakenSlot, FetchError> {
        let purpose = if self.token.is_some() {
            SlotPurpose::Fetch
        } else {
            SlotPurpose::Token
        };
        loop {
            let wait = if self.a_run_is_sending()? {
                progress(Progress::Yielding);
                YIELD
            } else {
                let lifetime = self.fetch.api.request_timeout + SLOT_GRACE;
                let Fetch {
                    journal,
                    target,
                    budget,
                    ..
                } = &mut self.fetch;
                match journal.take_slot(target, budget, purpose, lifetime)? {
                    Ok(slot) => return Ok(slot),
                    Err((at, _)) => {
                        progress(Progress::Waiting(at));
                        // The boot clock may run on while this one is suspended.
                        at.since(self.fetch.clock.now().boot).min(YIELD)
                    }
                }
            };
            tokio::select! {
                () = stop.notified() => return Err(FetchError::Stopped(devices)),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn a_run_is_sending(&self) -> Result<bool, JournalError> {
        let journal = &self.fetch.journal;
        for run in journal.runs()? {
            let ours = self.fetch.target.check(&run.target).is_ok();
            if ours && run.state == RunState::Running && journal.holder(&run.id)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn renew(&mut self, slot: TakenSlot) -> Result<(), FetchError> {
        let Credential::Client(credentials) = &self.credential else {
            return Err(FetchError::Trouble("there is no token".to_owned()));
        };
        let (report, token) = self.client.fetch_token(credentials).await;
        self.complete(slot, &report.rate, report.result == TokenResult::TooMany)?;
        self.token = token;
        match report.result {
            TokenResult::Granted(_) | TokenResult::TooMany => Ok(()),
            TokenResult::Refused(words) => Err(FetchError::Trouble(format!(
                "the token endpoint refused the credentials: {words}"
            ))),
            TokenResult::NotSent(reason) => Err(FetchError::Trouble(reason.to_string())),
            TokenResult::Failed(words) => Err(FetchError::Trouble(words)),
        }
    }

    fn unauthorized(&mut self) -> Result<(), FetchError> {
        self.unauthorized += 1;
        if matches!(self.credential, Credential::Token(_)) || self.unauthorized > 1 {
            return Err(FetchError::Trouble(
                "the token is invalid or expired (401)".to_owned(),
            ));
        }
        self.token = None;
        Ok(())
    }

    fn complete(
        &mut self,
        slot: TakenSlot,
        rate: &RateHeaders,
        too_many: bool,
    ) -> Result<(), FetchError> {
        let now = self.fetch.clock.now();
        let budget = &self.fetch.budget;
        let cap = if too_many {
            self.too_many += 1;
            let jitter = fastrand::f64();
            let tries = self.too_many;
            Some(pacer::cap_after_429(
                rate,
                budget,
                slot.number,
                tries,
                jitter,
                now,
            ))
        } else {
            rate.cap(budget, slot.number, now)
        };
        self.fetch.journal.complete_slot(&SlotEnd {
            number: slot.number,
            cap,
        })?;
        if self.too_many >= MOST_TOO_MANY {
            return Err(FetchError::Trouble(
                "the tenant goes on answering 429 (too many calls)".to_owned(),
            ));
        }
        Ok(())
    }

    /// Something that may pass: waits a little, or gives up.
    async fn troubled(
        &mut self,
        words: &str,
        stop: &tokio::sync::Notify,
    ) -> Result<(), FetchError> {
        self.trouble += 1;
        if self.trouble >= TRIES {
            return Err(FetchError::Trouble(words.to_owned()));
        }
        tokio::select! {
            () = stop.notified() => Err(FetchError::Trouble("stopped".to_owned())),
            () = tokio::time::sleep(RETRY_AFTER) => Ok(()),
        }
    }
}

/// A page that names one that was read already would go round for ever.
fn check_page(page: &Page, seen: &mut HashSet<String>) -> Result<(), FetchError> {
    match &page.next {
        Some(next) if !seen.insert(next.clone()) => Err(FetchError::Nonsense(
            "the tenant's pages go round in a circle".to_owned(),
        )),
        Some(_) if page.devices.is_empty() => Err(FetchError::Nonsense(
            "the tenant sent a page without devices that isn't the last".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Where a profile's fetched list is when no place is named.
pub fn usual_path(state_dir: &std::path::Path, profile: &str) -> PathBuf {
    state_dir
        .join("lists")
        .join(format!("{}.jsonl", file_name(profile)))
}

/// A profile's name as a file's: what a path would obey is written as hexadecimal.
pub fn file_name(profile: &str) -> String {
    let mut name = String::new();
    for byte in profile.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    name
}

/// What may be gone on with: younger than that.
const KEPT_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

fn is_fresh(begun: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(begun);
    !age.is_negative() && age < KEPT_FOR
}
