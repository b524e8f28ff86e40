//! The driver's thread: performs what the step machine asks for, one step after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;

use crate::api::Client;
use crate::config::Credential;
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::engine::{
    CallEnd, Command, Control, Engine, Event, Notice, Report, Settings, SlotPurpose,
};
use crate::journal::{JournalError, OpenedRun, RunLock};
use crate::platform::clock::{BootTime, Clock};
use crate::platform::failpoint;
use crate::runner::inventory::Fetching;
use crate::runner::lookups::Lookups;
use crate::runner::rate_limited;
use crate::runner::{News, Request, Setup, Update};
use crate::secret::Secret;

/// Works off what the front end hands over, one run after the other.
pub(super) struct Worker {
    pub(super) setup: Setup,
    pub(super) client: Option<Arc<Client>>,
    pub(super) credential: Option<Credential>,
    /// What the operator typed in place of a token that died.
    pub(super) replacement: Option<Secret>,
    pub(super) token: Option<Secret>,
    pub(super) lookups: Lookups,
    pub(super) fetching: Option<Fetching>,
    pub(super) inbox: mpsc::Receiver<Request>,
    /// What came while an answer was awaited: nothing may stand between the answer and its record.
    pub(super) deferred: VecDeque<Request>,
    outbox: mpsc::Sender<Update>,
    pub(super) queue: VecDeque<Queued>,
}

/// A run that waits for its turn. It is this process's from its admission on: nobody else can close
/// it or take it up meanwhile.
pub(super) struct Queued {
    pub(super) run: RunId,
    pub(super) lock: RunLock,
}

/// How a run's turn ended.
enum Turn {
    Next,
    /// It stopped: what is queued behind it waits for the operator.
    Hold,
}

/// The journal failed: nothing more is sent. Says what it doesn't hold.
pub(super) struct Broken(pub(super) String);

impl From<JournalError> for Broken {
    fn from(error: JournalError) -> Self {
        Self(error.to_string())
    }
}

/// Boot time goes on during suspend and timers don't, so that no wait is longer than this at once.
const NAP: Duration = Duration::from_secs(5);
/// A slot outlives its call's own deadline by this much: for the intent's commit, and for timers.
const SLOT_GRACE: Duration = Duration::from_secs(5);

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
            fetching: None,
            inbox,
            deferred: VecDeque::new(),
            outbox,
            queue: VecDeque::new(),
        }
    }

    pub(super) async fn serve(mut self) {
        loop {
            let Some(queued) = self.queue.pop_front() else {
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
            let run = queued.run;
            let turn = match self.drive(queued).await {
                Ok(Turn::Hold) => self.hold_queue().await.map_err(Broken::from),
                Ok(Turn::Next) => Ok(()),
                Err(broken) => Err(broken),
            };
            if let Err(Broken(what)) = turn {
                self.tell(Some(run), News::Broken(what)).await;
                return;
            }
        }
    }

    /// The next request; none when the front end is gone. Reads meanwhile, and tells of slots that
    /// free.
    async fn next_request(&mut self) -> Result<Option<Request>, JournalError> {
        loop {
            match self.next_waiting() {
                Ok(request) => return Ok(Some(request)),
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) => {}
            }
            let read = match self.read(None).await? {
                rate_limited::Turn::Again => continue,
                rate_limited::Turn::Later(moment) => Some(moment),
                rate_limited::Turn::Idle => None,
            };
            let frees = self.tell_budget().await.and_then(|standing| standing.next);
            let Some(next) = read.into_iter().chain(frees).min() else {
                return Ok(self.inbox.recv().await);
            };
            tokio::select! {
                biased;
                request = self.inbox.recv() => return Ok(request),
                () = nap(&self.setup.clock, next) => {}
            }
        }
    }

    /// What came meanwhile, in order.
    fn next_waiting(&mut self) -> Result<Request, TryRecvError> {
        match self.deferred.pop_front() {
            Some(request) => Ok(request),
            None => self.inbox.try_recv(),
        }
    }

    /// One step of what only reads: lookups, and then the inventory.
    async fn read(
        &mut self,
        held: Option<(&RunId, &mut Engine)>,
    ) -> Result<rate_limited::Turn, JournalError> {
        match self.look_up(held).await? {
            rate_limited::Turn::Idle => self.fetch_on().await,
            turn => Ok(turn),
        }
    }

    async fn drive(&mut self, queued: Queued) -> Result<Turn, Broken> {
        let Queued { run, lock } = queued;
        let opened = match self.setup.journal.open_run(&run, &lock) {
            Ok(opened) if opened.record.state.is_open() => opened,
            unusable => {
                let why = match unusable {
                    Ok(opened) => format!("run {run} is {}", opened.record.state.as_str()),
                    Err(error) => error.to_string(),
                };
                self.tell(Some(run), News::Refused(why)).await;
                return Ok(Turn::Next);
            }
        };
        let mut machine = self.machine(&opened);
        let mut state = RunState::Queued;
        let mut prepared = None;
        let mut wake = None;
        let mut commands = VecDeque::from(machine.step(Event::Begin, self.setup.clock.now()));
        loop {
            let Some(command) = commands.pop_front() else {
                let event = match self.idle(&run, &mut machine, state, wake).await? {
                    Some(event) => event,
                    // The front end is gone. A paused run stays paused, with its reason.
                    None if state == RunState::Paused => break,
                    None => Event::Control(Control::Stop),
                };
                commands.extend(machine.step(event, self.setup.clock.now()));
                continue;
            };
            if let Command::TakeSlot(_) = command {
                // The last moment at which nothing of the next call has begun.
                self.take_in(&mut machine).await;
            }
            let point = point(&command);
            let event = match command {
                Command::Report(report) => {
                    match &report {
                        Report::State { state: entered, .. } => state = *entered,
                        // Learnt at the cost of two calls: whoever takes the run up knows it too.
                        &Report::Notice(Notice::SmallerBatches(size)) => {
                            self.setup.journal.store_batch_size(&run, size)?;
                        }
                        _ => {}
                    }
                    self.tell(Some(run), News::Report(report)).await;
                    continue;
                }
                Command::Wait(until) => {
                    wake = Some(until);
                    continue;
                }
                Command::End => break,
                Command::Send => self.send(prepared.take(), &mut machine).await,
                Command::FetchToken => Event::Token(self.fetch_token(&mut machine).await),
                Command::StoreIntent(intent) => {
                    let ready = self.store_intent(&run, &opened, &intent)?;
                    prepared = Some((ready, intent.slot));
                    Event::Stored
                }
                Command::StoreOutcome(end) => {
                    let stored = self.setup.journal.store_outcome(&run, &end);
                    stored.map_err(|error| Broken(unstored(&error, &opened, &end)))?;
                    self.tell_other_client(run, &end).await;
                    Event::Stored
                }
                Command::LoadCredential => Event::Credential(self.load_credential()),
                Command::TakeSlot(purpose) => self.take_slot(purpose)?,
                Command::CompleteSlot(end) => {
                    self.setup.journal.complete_slot(&end)?;
                    Event::Stored
                }
                Command::StoreState(state, pause) => {
                    self.store_state(&run, state, pause.as_ref()).await?;
                    Event::Stored
                }
            };
            failpoint::reach_with(point, &(&self.credential, &self.token));
            wake = None;
            let stored = matches!(event, Event::Stored);
            if stored && self.setup.journal.stop_requested(&run)? {
                // Between two steps the machine only takes note.
                machine.step(Event::Control(Control::Stop), self.setup.clock.now());
            }
            let moved = stored || matches!(event, Event::SlotTaken(_));
            commands.extend(machine.step(event, self.setup.clock.now()));
            if moved {
                self.tell_budget().await;
            }
        }
        // A stop or a pause that came during the last call had nothing to hold back of this run.
        if state == RunState::Finished && !machine.stop_or_pause_requested() {
            Ok(Turn::Next)
        } else {
            Ok(Turn::Hold)
        }
    }

    /// Stores where the run stands. When it pauses, what is queued behind it waits for the operator.
    async fn store_state(
        &mut self,
        run: &RunId,
        state: RunState,
        pause: Option<&PauseReason>,
    ) -> Result<(), JournalError> {
        self.setup.journal.store_state(run, state, pause)?;
        if state == RunState::Paused {
            self.hold_queue().await?;
        }
        Ok(())
    }

    /// Takes in what came while the machine was busy. It only takes note of controls.
    async fn take_in(&mut self, machine: &mut Engine) {
        loop {
            let control = match self.next_waiting() {
                Ok(Request::Control(control)) => control,
                Ok(request) => {
                    self.enqueue(request).await;
                    continue;
                }
                // The front end is gone.
                Err(TryRecvError::Disconnected) => Control::Stop,
                Err(TryRecvError::Empty) => return,
            };
            machine.step(Event::Control(control), self.setup.clock.now());
            if self.inbox.is_closed() && self.inbox.is_empty() {
                return;
            }
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
        let machine = Engine::new(settings, &devices).with_lost_before(&opened.lost_before);
        match self.setup.minute {
            Some(minute) => machine.with_minute(minute),
            None => machine,
        }
    }

    /// Waits for what ends the machine's idleness: a request, or the moment it asked for. None when
    /// the front end is gone. Nothing is read but while the run is paused: it goes first.
    async fn idle(
        &mut self,
        run: &RunId,
        machine: &mut Engine,
        state: RunState,
        wake: Option<BootTime>,
    ) -> Result<Option<Event>, JournalError> {
        loop {
            if self.setup.journal.stop_requested(run)? {
                return Ok(Some(Event::Control(Control::Stop)));
            }
            let now = self.setup.clock.now().boot;
            if wake.is_some_and(|wake| wake <= now) {
                return Ok(Some(Event::Woken));
            }
            let mut read = None;
            let mut request = match self.next_waiting() {
                // The front end is gone, and nobody waits for what is read.
                Err(TryRecvError::Disconnected) => return Ok(None),
                waiting => waiting.ok(),
            };
            if request.is_none() && state == RunState::Paused {
                match self.read(Some((run, &mut *machine))).await? {
                    rate_limited::Turn::Again => continue,
                    rate_limited::Turn::Later(moment) => read = Some(moment),
                    rate_limited::Turn::Idle => {}
                }
            }
            let standing = self.tell_budget().await;
            let frees = standing.and_then(|standing| standing.next);
            // A nap at most, since another process may ask this run to stop.
            let moments = wake.into_iter().chain(frees).chain(read);
            let next = moments.min().unwrap_or(now + NAP);
            if request.is_none() {
                request = tokio::select! {
                    biased;
                    request = self.inbox.recv() => request,
                    () = nap(&self.setup.clock, next) => continue,
                };
            }
            match request {
                Some(Request::Control(control)) => return Ok(Some(Event::Control(control))),
                Some(Request::Resume(id, told)) if id == *run && state == RunState::Paused => {
                    match self.check_taken_up(machine, id, told) {
                        Ok(()) => return Ok(Some(Event::Control(Control::Resume))),
                        Err(why) => self.tell(Some(id), News::Refused(why)).await,
                    }
                }
                Some(request) => self.enqueue(request).await,
                None => return Ok(None),
            }
        }
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
                Err((at, reason)) => Event::SlotDenied { at, reason },
            },
        )
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
            crate::domain::outcome::DeviceState::Ended(outcome) => outcome.to_string(),
            _ => "not sent".to_owned(),
        };
        // Writing to a String can't fail.
        let _ = write!(text, "\n  {identifier}: {state}");
    }
    text
}
