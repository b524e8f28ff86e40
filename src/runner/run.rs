//! The run that a worker has open: performs its engine's commands, one after the other.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Instant;

use super::admission::{NotResumed, Queued};
use super::failure::{EngineFailure, SharedJournalError};
use super::inbox::{self, Inbox};
use super::refusal::RunRefusal;
use super::session::Session;
use super::trace;
use super::transport::Transport;
use super::update::News;
use crate::api::PreparedDelete;
use crate::domain::device::IdentifierKind;
use crate::domain::outcome::DeviceState;
use crate::domain::run::{RunId, RunState, StopCause};
use crate::engine::{
    CallEnd, Command, Control, Engine, Event, Report, RunNotice, RunSettings, SlotAnswer,
    SlotPurpose, TakenSlot,
};
use crate::journal::{JournalError, OpenedRun, RunLock};
use crate::platform::clock::BootTime;
use crate::platform::failpoint;

/// A run that this process has open and alone may write.
pub(super) struct ActiveRun {
    pub(super) run: RunId,
    pub(super) engine: Engine,
    pub(super) state: RunState,
    /// When the engine is to be woken.
    pub(super) wake: Option<BootTime>,
    opened: OpenedRun,
    commands: VecDeque<Command>,
    /// The call whose intent was stored last.
    prepared: Option<(PreparedDelete, TakenSlot)>,
    lock: RunLock,
    /// The licences before the run were read, or it was decided that they aren't.
    is_licence_read: bool,
    has_called: bool,
}

/// What follows a step.
pub(super) enum NextStep {
    More,
    /// The next step, but queued runs wait for the operator.
    Pause,
    /// Nothing until an event comes.
    Nothing,
    /// Nothing more: the run has ended or is paused.
    End,
}

impl ActiveRun {
    /// Opens a queued run. None, after a report to the front end, if it can't be opened.
    pub(super) async fn open<T: Transport>(
        session: &mut Session<T>,
        queued: Queued,
    ) -> Option<Self> {
        let Queued { run, lock } = queued;
        let opened = match session.setup.journal.open_run(&run, &lock) {
            Ok(opened) if opened.record.state.is_open() => opened,
            unusable => {
                let not_resumed: NotResumed = match unusable {
                    Ok(opened) => {
                        let state = opened.record.state;
                        RunRefusal::Over { run, state }.into()
                    }
                    Err(error) => error.into(),
                };
                session.send_news(Some(run), not_resumed.into()).await;
                return None;
            }
        };
        let mut engine = engine(session, &opened);
        Some(Self {
            run,
            commands: engine.step(Event::Begin, session.now()).into(),
            engine,
            state: RunState::Queued,
            wake: None,
            opened,
            prepared: None,
            lock,
            is_licence_read: false,
            has_called: false,
        })
    }

    /// True if the next step is the first of a call.
    pub(super) fn is_about_to_call(&self) -> bool {
        matches!(self.commands.front(), Some(Command::TakeSlot(_)))
    }

    /// Reads the account's licences before the first call of all, if that delays nothing.
    pub(super) async fn before_first_call<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        inbox: &mut Inbox,
    ) {
        let is_first = matches!(
            self.commands.front(),
            Some(Command::TakeSlot(SlotPurpose::Delete))
        ) && self.opened.record.calls == 0
            && !self.is_licence_read;
        if !is_first || self.engine.stop_or_pause_requested() {
            return;
        }
        self.is_licence_read = true;
        let by = |kind| {
            let devices = self.opened.devices.iter();
            devices
                .filter(|(identifier, _)| identifier.kind() == kind)
                .count()
        };
        let calls = [IdentifierKind::Hwid, IdentifierKind::Mac]
            .map(|kind| self.opened.record.sizes.calls(by(kind)));
        session
            .read_licences_before(self.run, calls.into_iter().sum(), inbox)
            .await;
    }

    /// True once it has finished or stopped.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, RunState::Finished | RunState::Stopped)
    }

    /// True if it has made a call in this process.
    pub(super) fn has_called(&self) -> bool {
        self.has_called
    }

    pub(super) fn is_paused_run(&self, run: RunId) -> bool {
        run == self.run && self.state == RunState::Paused
    }

    /// The stop that another process has requested, if any.
    pub(super) fn requested_stop<T: Transport>(
        &self,
        session: &Session<T>,
    ) -> Result<Option<StopCause>, JournalError> {
        session.setup.journal.requested_stop(&self.run)
    }

    /// True if the next queued run may start without a confirmation. A stop or a pause during the last
    /// call of this run holds the queue, even if the run finished.
    pub(super) fn lets_next_start(&self) -> bool {
        self.state == RunState::Finished && !self.engine.stop_or_pause_requested()
    }

    /// Passes an event to the engine.
    pub(super) fn on_event<T: Transport>(&mut self, event: Event, session: &Session<T>) {
        self.commands.extend(self.engine.step(event, session.now()));
    }

    /// Passes a control to the engine between two of its steps.
    pub(super) fn record_control<T: Transport>(&mut self, control: Control, session: &Session<T>) {
        inbox::record_control(&mut self.engine, control, &session.setup.clock);
    }

    /// Performs the next command, and passes its result to the engine.
    pub(super) async fn step<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        inbox: &mut Inbox,
    ) -> Result<NextStep, EngineFailure> {
        let Some(command) = self.commands.pop_front() else {
            return Ok(NextStep::Nothing);
        };
        let after = match command {
            Command::StoreState(RunState::Paused, _) => NextStep::Pause,
            _ => NextStep::More,
        };
        let (point, name, begun) = (point(&command), trace::name(&command), Instant::now());
        let performed = self.perform(command, session, inbox).await;
        let event = match performed.map_err(|failure| self.with_lost_records(failure))? {
            ControlFlow::Continue(event) => event,
            ControlFlow::Break(after) => return Ok(after),
        };
        trace::step(self.run, name, &event, begun.elapsed());
        failpoint::reach_with(point, &(&session.credential, &session.token));
        failpoint::between_steps().await;
        self.wake = None;
        let stored = matches!(event, Event::Stored);
        if stored && let Some(stop) = self.requested_stop(session)? {
            self.record_control(Control::StopFor(stop), session);
        }
        let moved = stored || matches!(event, Event::SlotTaken(_));
        self.on_event(event, session);
        if moved {
            session.report_budget().await;
        }
        Ok(after)
    }

    /// Performs a command. Returns the event that answers it, if one does.
    async fn perform<T: Transport>(
        &mut self,
        command: Command,
        session: &mut Session<T>,
        inbox: &mut Inbox,
    ) -> Result<ControlFlow<NextStep, Event>, EngineFailure> {
        let run = &self.run;
        let journal = &mut session.setup.journal;
        Ok(ControlFlow::Continue(match command {
            Command::Report(report) => {
                self.report(session, report).await?;
                return Ok(ControlFlow::Break(NextStep::More));
            }
            Command::Wait(until) => {
                self.wake = Some(until);
                return Ok(ControlFlow::Break(NextStep::More));
            }
            Command::End => return Ok(ControlFlow::Break(NextStep::End)),
            Command::Send => {
                let prepared = self.prepared.take();
                self.has_called = true;
                session.send(run, prepared, &mut self.engine, inbox).await
            }
            Command::FetchToken => Event::Token(session.fetch_token(&mut self.engine, inbox).await),
            Command::LoadCredential => match session.load_credential() {
                Ok(kind) => Event::Credential(kind),
                Err(error) => Event::NoCredential(error.to_string()),
            },
            Command::TakeSlot(SlotPurpose::Delete) if let Err(lost) = self.lock.check() => {
                return Err(lost.into());
            }
            Command::TakeSlot(purpose) => match session.take_slot(purpose)? {
                SlotAnswer::Taken(slot) => Event::SlotTaken(slot),
                SlotAnswer::Denied { at, reason } => Event::SlotDenied { at, reason },
            },
            Command::StoreIntent(intent) => {
                let ready = session.store_intent(&self.lock, &self.opened, &intent)?;
                self.prepared = Some((ready, intent.slot));
                Event::Stored
            }
            Command::StoreOutcome(end) => {
                let stored = journal.store_outcome(run, &end);
                stored.map_err(|error| self.unstored(error, &end))?;
                session.report_other_client(*run, &end).await;
                Event::Stored
            }
            Command::CompleteSlot(end) => {
                session.complete_slot(&end)?;
                Event::Stored
            }
            Command::StoreState(state, pause) => {
                journal.store_state(run, state, pause.as_ref())?;
                Event::Stored
            }
        }))
    }

    /// The error for a call whose outcomes could not be stored.
    fn unstored(&self, error: JournalError, end: &CallEnd) -> EngineFailure {
        let error = SharedJournalError::from(error);
        if error.is_lost() {
            return error.into();
        }
        let introduction = format!("these outcomes of call {} could not be stored:", end.call);
        let states = end.changes.iter().copied();
        EngineFailure::Unstored {
            error,
            outcomes: listed(&introduction, &self.opened, states),
        }
    }

    /// A lost journal has no record of the run: adds all outcomes to its error.
    fn with_lost_records(&self, failure: EngineFailure) -> EngineFailure {
        let error = match failure {
            EngineFailure::Journal(error) if error.is_lost() => error,
            failure => return failure,
        };
        let sent: Vec<_> = (0..)
            .zip(self.engine.states())
            .filter(|&(_, state)| state != DeviceState::Planned)
            .collect();
        if sent.is_empty() {
            return error.into();
        }
        let run = self.run;
        let introduction =
            format!("what was sent in run {run}, of which the files may not have every outcome:");
        EngineFailure::Unstored {
            error,
            outcomes: listed(&introduction, &self.opened, sent.into_iter()),
        }
    }

    async fn report<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        report: Report,
    ) -> Result<(), JournalError> {
        match &report {
            Report::State { state, .. } => self.state = *state,
            // It cost two calls to find, and holds after a resume too.
            &Report::Notice(RunNotice::SmallerBatches(size)) => {
                let journal = &mut session.setup.journal;
                journal.store_batch_size(&self.run, size)?;
            }
            _ => {}
        }
        session
            .send_news(Some(self.run), News::Report(report))
            .await;
        Ok(())
    }
}

fn engine<T: Transport>(session: &Session<T>, opened: &OpenedRun) -> Engine {
    let devices: Vec<_> = opened
        .devices
        .iter()
        .map(|(identifier, state)| (identifier.kind(), *state))
        .collect();
    let setup = &session.setup;
    let settings = RunSettings {
        action: opened.record.action,
        sizes: opened.record.sizes,
        budget: setup.budget,
        request_timeout: setup.api.request_timeout,
        resend_once: setup.resend_once,
        seed: fastrand::u64(..),
        calls_before: opened.record.calls,
    };
    let engine = Engine::new(settings, &devices).with_lost_before(&opened.lost_before);
    match setup.minute {
        Some(minute) => engine.with_minute(minute),
        None => engine,
    }
}

/// The failpoint after `command`, at which a test can end the process.
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

/// Lists outcomes that the journal doesn't have, for standard error.
fn listed(
    introduction: &str,
    opened: &OpenedRun,
    states: impl Iterator<Item = (u32, DeviceState)>,
) -> String {
    use std::fmt::Write as _;
    let mut text = introduction.to_owned();
    for (ordinal, state) in states {
        let Some((identifier, _)) = opened.devices.get(ordinal as usize) else {
            continue;
        };
        let state = match state {
            DeviceState::Ended(outcome) => outcome.to_string(),
            DeviceState::Sending => "in doubt: sent, and no answer yet".to_owned(),
            DeviceState::Planned => "not sent".to_owned(),
        };
        // Writing to a String can't fail.
        let _ = write!(text, "\n  {identifier}: {state}");
    }
    text
}
