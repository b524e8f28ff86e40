//! The driver's thread: performs what the step machine asks for, one step after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;

use super::lookups::{self, Lookups};
use super::{News, Request, Setup, Update};
use crate::api::{Client, PreparedDelete};
use crate::clock::{BootTime, Clock};
use crate::config::Credential;
use crate::engine::classify::{self, NoAnswer};
use crate::engine::{
    CallEnd, Command, Control, CredentialKind, Engine, Event, Intent, Notice, Report, Settings,
    SlotPurpose, TokenReport, TokenResult,
};
use crate::failpoint;
use crate::journal::{JournalError, OpenedRun};
use crate::pacer::{self, Ledger, Standing};
use crate::run::{RunId, RunState};
use crate::secret::Secret;

/// Works off what the front end hands over, one run after the other.
pub(super) struct Worker {
    pub(super) setup: Setup,
    pub(super) client: Option<Arc<Client>>,
    pub(super) credential: Option<Credential>,
    /// What the operator typed in place of a token that died.
    replacement: Option<Secret>,
    pub(super) token: Option<Secret>,
    pub(super) lookups: Lookups,
    inbox: mpsc::Receiver<Request>,
    outbox: mpsc::Sender<Update>,
    pub(super) queue: VecDeque<RunId>,
}

/// How a run's turn ended.
enum Turn {
    Next,
    /// It stopped: what is queued behind it waits for the operator.
    Hold,
    /// The journal failed.
    Broken(String),
}

/// Boot time goes on during suspend and timers don't, so that no wait is longer than this at once.
const NAP: Duration = Duration::from_secs(5);
/// A slot outlives its call's own deadline by this much: for the intent's commit, and for timers.
pub(crate) const SLOT_GRACE: Duration = Duration::from_secs(5);

impl Worker {
    pub(super) fn new(
        setup: Setup,
        inbox: mpsc::Receiver<Request>,
        outbox: mpsc::Sender<Update>,
    ) -> Self {
        Self {
            setup,
            client: None,
            credential: None,
            replacement: None,
            token: None,
            lookups: Lookups::default(),
            inbox,
            outbox,
            queue: VecDeque::new(),
        }
    }

    pub(super) async fn serve(mut self) {
        loop {
            let Some(run) = self.queue.pop_front() else {
                match self.next_request().await {
                    Ok(Some(request)) => self.enqueue(request).await,
                    Ok(None) => return,
                    Err(error) => {
                        self.tell(None, News::Broken(error.to_string())).await;
                        return;
                    }
                }
                continue;
            };
            match self.drive(run).await {
                Turn::Next => {}
                Turn::Hold => {
                    if let Err(error) = self.hold_queue().await {
                        self.tell(Some(run), News::Broken(error.to_string())).await;
                        return;
                    }
                }
                Turn::Broken(what) => {
                    self.tell(Some(run), News::Broken(what)).await;
                    return;
                }
            }
        }
    }

    /// The next request; none when the front end is gone. Looks devices up meanwhile, and tells of
    /// slots that free.
    async fn next_request(&mut self) -> Result<Option<Request>, JournalError> {
        loop {
            match self.inbox.try_recv() {
                Ok(request) => return Ok(Some(request)),
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) => {}
            }
            let look = match self.look_up(None).await? {
                lookups::Turn::Again => continue,
                lookups::Turn::Later(moment) => Some(moment),
                lookups::Turn::Idle => None,
            };
            let frees = self.tell_budget().await.and_then(|standing| standing.next);
            let Some(next) = look.into_iter().chain(frees).min() else {
                return Ok(self.inbox.recv().await);
            };
            tokio::select! {
                biased;
                request = self.inbox.recv() => return Ok(request),
                () = nap(&self.setup.clock, next) => {}
            }
        }
    }

    async fn drive(&mut self, run: RunId) -> Turn {
        let (_lock, opened) = match self.open(run) {
            Ok(opened) => opened,
            Err(error) => {
                self.tell(Some(run), News::Refused(error.to_string())).await;
                return Turn::Next;
            }
        };
        let mut machine = self.machine(&opened);
        let mut state = RunState::Queued;
        let mut prepared: Option<PreparedDelete> = None;
        let mut wake = None;
        let mut commands = VecDeque::from(machine.step(Event::Begin, self.setup.clock.now()));
        loop {
            let Some(command) = commands.pop_front() else {
                let event = match self.idle(&run, &mut machine, state, wake).await {
                    Ok(Some(event)) => event,
                    // The front end is gone. A paused run stays paused, with its reason.
                    Ok(None) if state == RunState::Paused => break,
                    Ok(None) => Event::Control(Control::Stop),
                    Err(error) => return Turn::Broken(error.to_string()),
                };
                commands.extend(machine.step(event, self.setup.clock.now()));
                continue;
            };
            let point = point(&command);
            let event = match command {
                Command::Report(report) => {
                    if let Report::State { state: entered, .. } = &report {
                        state = *entered;
                    }
                    self.tell(Some(run), News::Report(report)).await;
                    continue;
                }
                Command::Wait(until) => {
                    wake = Some(until);
                    continue;
                }
                Command::End => break,
                Command::LoadCredential => Event::Credential(self.load_credential()),
                Command::TakeSlot(purpose) => match self.take_slot(purpose) {
                    Ok(event) => event,
                    Err(error) => return Turn::Broken(error.to_string()),
                },
                Command::StoreIntent(intent) => match self.store_intent(&run, &opened, &intent) {
                    Ok(ready) => {
                        prepared = Some(ready);
                        Event::Stored
                    }
                    Err(why) => return Turn::Broken(why),
                },
                Command::Send => self.send(prepared.take(), &mut machine).await,
                Command::FetchToken => Event::Token(self.fetch_token(&mut machine).await),
                Command::StoreOutcome(end) => {
                    if let Err(error) = self.setup.journal.store_outcome(&run, &end) {
                        return Turn::Broken(unstored(&error, &opened, &end));
                    }
                    self.tell_other_client(run, &end).await;
                    Event::Stored
                }
                Command::CompleteSlot(end) => match self.setup.journal.complete_slot(&end) {
                    Ok(()) => Event::Stored,
                    Err(error) => return Turn::Broken(error.to_string()),
                },
                Command::StoreState(state, pause) => {
                    let stored = self.setup.journal.store_state(&run, state, pause.as_ref());
                    let held = match stored {
                        Ok(()) if state == RunState::Paused => self.hold_queue().await,
                        stored => stored,
                    };
                    match held {
                        Ok(()) => Event::Stored,
                        Err(error) => return Turn::Broken(error.to_string()),
                    }
                }
            };
            failpoint::reach(point);
            wake = None;
            self.tell_budget().await;
            if matches!(event, Event::Stored)
                && self.setup.journal.stop_requested(&run).unwrap_or(false)
            {
                // Between two steps the machine only takes note.
                machine.step(Event::Control(Control::Stop), self.setup.clock.now());
            }
            commands.extend(machine.step(event, self.setup.clock.now()));
        }
        if state == RunState::Finished {
            Turn::Next
        } else {
            Turn::Hold
        }
    }

    fn machine(&self, opened: &OpenedRun) -> Engine {
        let devices: Vec<_> = opened
            .devices
            .iter()
            .map(|(identifier, state)| (identifier.kind(), *state))
            .collect();
        let settings = Settings {
            action: opened.record.action,
            sizes: opened.sizes,
            budget: self.setup.budget,
            request_timeout: self.setup.api.request_timeout,
            resend_once: self.setup.resend_once,
            seed: fastrand::u64(..),
            calls_before: opened.calls,
        };
        Engine::new(settings, &devices).with_lost_before(&opened.lost_before)
    }

    /// Waits for what ends the machine's idleness: a request, or the moment it asked for. None when
    /// the front end is gone. Devices are looked up only while the run is paused: it goes first.
    async fn idle(
        &mut self,
        run: &RunId,
        machine: &mut Engine,
        state: RunState,
        wake: Option<BootTime>,
    ) -> Result<Option<Event>, JournalError> {
        loop {
            if self.setup.journal.stop_requested(run).unwrap_or(false) {
                return Ok(Some(Event::Control(Control::Stop)));
            }
            let now = self.setup.clock.now().boot;
            if wake.is_some_and(|wake| wake <= now) {
                return Ok(Some(Event::Woken));
            }
            let mut look = None;
            if state == RunState::Paused && self.inbox.is_empty() {
                match self.look_up(Some((run, &mut *machine))).await? {
                    lookups::Turn::Again => continue,
                    lookups::Turn::Later(moment) => look = Some(moment),
                    lookups::Turn::Idle => {}
                }
            }
            let standing = self.tell_budget().await;
            let frees = standing.and_then(|standing| standing.next);
            // A nap at most, since another process may ask this run to stop.
            let moments = wake.into_iter().chain(frees).chain(look);
            let next = moments.min().unwrap_or(now + NAP);
            let request = tokio::select! {
                biased;
                request = self.inbox.recv() => request,
                () = nap(&self.setup.clock, next) => continue,
            };
            match request {
                Some(Request::Control(control)) => return Ok(Some(Event::Control(control))),
                Some(request) => self.enqueue(request).await,
                None => return Ok(None),
            }
        }
    }

    pub(super) fn load_credential(&mut self) -> Result<CredentialKind, String> {
        if self.client.is_none() {
            let client = Client::new(self.setup.api.clone()).map_err(|error| error.to_string())?;
            self.client = Some(Arc::new(client));
        }
        let credential = match &self.replacement {
            Some(token) => Credential::Token(token.clone()),
            None => (self.setup.credential)()?,
        };
        let kind = match &credential {
            Credential::Token(token) => {
                self.token = Some(token.clone());
                CredentialKind::Static
            }
            Credential::Client(_) => CredentialKind::Client,
        };
        self.credential = Some(credential);
        Ok(kind)
    }

    pub(super) fn take_slot(&mut self, purpose: SlotPurpose) -> Result<Event, JournalError> {
        let lifetime = self.setup.api.request_timeout + SLOT_GRACE;
        let Setup {
            journal,
            target,
            budget,
            ..
        } = &mut self.setup;
        Ok(
            match journal.take_slot(target, budget, purpose, lifetime)? {
                Ok(slot) => Event::SlotTaken(slot),
                Err((at, why)) => Event::SlotDenied { at, why },
            },
        )
    }

    /// The bytes whose hash is stored are kept, and are the bytes that are sent.
    fn store_intent(
        &mut self,
        run: &RunId,
        opened: &OpenedRun,
        intent: &Intent,
    ) -> Result<PreparedDelete, String> {
        let client = self.client.as_ref().ok_or("no client before an intent")?;
        let identifiers: Vec<_> = intent
            .batch
            .devices
            .iter()
            .filter_map(|&ordinal| Some(opened.devices.get(ordinal as usize)?.0.clone()))
            .collect();
        let prepared = client
            .prepare_delete(opened.record.action, &identifiers)
            .map_err(|error| error.to_string())?;
        self.setup
            .journal
            .store_intent(run, intent, &prepared.hash())
            .map_err(|error| error.to_string())?;
        Ok(prepared)
    }

    async fn send(&mut self, prepared: Option<PreparedDelete>, machine: &mut Engine) -> Event {
        let (Some(client), Some(token), Some(prepared)) =
            (self.client.clone(), self.token.clone(), prepared)
        else {
            let reason = classify::NotSent::Unreachable("no token".to_owned());
            return Event::Called(classify::classify_silence(NoAnswer::NotSent(reason)));
        };
        let answer = self.hear(client.delete(&token, &prepared), machine).await;
        Event::Called(match answer {
            Ok(answer) => classify::classify(prepared.devices(), &answer),
            Err(silence) => classify::classify_silence(silence),
        })
    }

    async fn fetch_token(&mut self, machine: &mut Engine) -> TokenReport {
        let (Some(client), Some(Credential::Client(credentials))) =
            (self.client.clone(), self.credential.clone())
        else {
            return TokenReport {
                result: TokenResult::Refused("no client credentials".to_owned()),
                rate: pacer::RateHeaders::default(),
            };
        };
        let (report, token) = self.hear(client.fetch_token(&credentials), machine).await;
        if token.is_some() {
            self.token = token;
        }
        report
    }

    /// Waits for `call`, passing controls to the machine meanwhile; other requests are taken in
    /// after it.
    async fn hear<T>(&mut self, call: impl Future<Output = T>, machine: &mut Engine) -> T {
        let mut waiting = Vec::new();
        let mut open = true;
        tokio::pin!(call);
        let done = loop {
            tokio::select! {
                biased;
                done = &mut call => break done,
                request = self.inbox.recv(), if open => {
                    let control = match request {
                        Some(Request::Control(control)) => control,
                        Some(request) => {
                            waiting.push(request);
                            continue;
                        }
                        None => {
                            open = false;
                            Control::Stop
                        }
                    };
                    // In the middle of a call the machine only takes note.
                    machine.step(Event::Control(control), self.setup.clock.now());
                }
            }
        };
        for request in waiting {
            self.enqueue(request).await;
        }
        done
    }

    /// From now on this token is the credential.
    pub(super) fn replace_credential(&mut self, token: Secret) {
        self.replacement = Some(token);
        self.token = None;
    }

    async fn tell_budget(&mut self) -> Option<Standing> {
        let ledger = self.ledger()?;
        let standing = pacer::standing(&ledger, &self.setup.budget, self.setup.clock.now().boot);
        self.tell(None, News::Budget(standing)).await;
        Some(standing)
    }

    /// The server counts fewer calls left than we do: somebody else uses the account.
    async fn tell_other_client(&mut self, run: RunId, end: &CallEnd) {
        let Some(remaining) = end.report.rate.remaining else {
            return;
        };
        let Some(ledger) = self.ledger() else { return };
        let own = Ledger {
            caps: Vec::new(),
            ..ledger
        };
        let standing = pacer::standing(&own, &self.setup.budget, self.setup.clock.now().boot);
        if remaining < standing.left {
            self.tell(Some(run), News::Report(Report::Notice(Notice::OtherClient)))
                .await;
        }
    }

    fn ledger(&mut self) -> Option<Ledger> {
        let Setup {
            journal,
            target,
            budget,
            ..
        } = &mut self.setup;
        // The gauge is only for show; whoever takes a slot reads the ledger for itself.
        journal.ledger(target, budget).ok()
    }

    pub(super) async fn tell(&self, run: Option<RunId>, news: News) {
        // A front end that is gone needs no news; the journal has it all.
        let _ = self.outbox.send(Update { run, news }).await;
    }
}

/// What a test can break off once `command` is done: each step of a call.
fn point(command: &Command) -> &'static str {
    match command {
        Command::TakeSlot(SlotPurpose::Delete) => "slot-taken",
        Command::TakeSlot(SlotPurpose::Token) => "token-slot-taken",
        Command::FetchToken => "token-fetched",
        Command::StoreIntent(_) => "intent-stored",
        Command::Send => "answered",
        Command::StoreOutcome(_) => "outcome-stored",
        Command::StoreState(RunState::Running, _) => "running-stored",
        Command::StoreState(..) => "end-stored",
        _ => "",
    }
}

/// Sleeps until `until` at the latest, in boot time; may return early.
async fn nap(clock: &Clock, until: BootTime) {
    tokio::time::sleep(until.since(clock.now().boot).min(NAP)).await;
}

/// What the journal doesn't hold, for standard error.
fn unstored(error: &JournalError, opened: &OpenedRun, end: &CallEnd) -> String {
    use std::fmt::Write as _;
    let mut text = format!(
        "{error}\nthese outcomes of call {} could not be stored:",
        end.call
    );
    for &(ordinal, state) in &end.changes {
        let Some((identifier, _)) = opened.devices.get(ordinal as usize) else {
            continue;
        };
        let state = match state {
            crate::outcome::DeviceState::Ended(outcome) => outcome.to_string(),
            _ => "not sent".to_owned(),
        };
        // Writing to a String can't fail.
        let _ = write!(text, "\n  {identifier}: {state}");
    }
    text
}
