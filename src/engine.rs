//! A run as a pure step machine: `step(event, now)` gives the commands that come next.
//!
//! The engine decides. Its driver commits, sends and sleeps, and reports each result as an event. The
//! engine has no network, no disk and no clock of its own, so that a simulation can drive it through
//! every fault. Its phases fix the order of durable steps: slot, intent, network, outcome, and only
//! then the report that a front end shows.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::device::IdentifierKind;
use crate::domain::outcome::{DeviceState, Doubt, Outcome, Tally};
use crate::domain::rate_limit::{Cap, RateHeaders};
use crate::domain::run::{PauseReason, RunState, StopCause};
use crate::platform::clock::{BootTime, Now};

pub mod account_response;
mod apply_result;
mod apply_token;
mod batch_queue;
pub mod lookup_response;
pub mod lookup_verdict;
mod protocol;
pub mod response;
pub mod retry_policy;
mod state;
#[cfg(test)]
mod tests;

use batch_queue::BatchQueue;
pub use batch_queue::{Batch, BatchOrigin};
pub use protocol::{
    CallEnd, Command, Control, CredentialKind, Event, Intent, Report, RunNotice, RunSettings,
    SlotAnswer, SlotEnd, SlotPurpose, TakenSlot, TokenReport, TokenResult, Waiting,
};
use response::{CallReport, CallResult, Element, NotSent};
use state::{AfterStore, DeviceProgress, FailureCounts, Phase, Requests, Token};

/// The state of one run. It starts with [`Event::Begin`].
#[derive(Clone, Debug)]
pub struct Engine {
    settings: RunSettings,
    devices: Vec<DeviceProgress>,
    tally: Tally,
    queue: BatchQueue,
    phase: Phase,
    token: Token,
    requests: Requests,
    trouble: FailureCounts,
    calls: u32,
    /// True once the unusual content type of the answers was reported.
    reported_odd_type: bool,
    /// The unit of the waits between tries to connect: one second, less in tests.
    second: Duration,
    random: fastrand::Rng,
}

impl Engine {
    /// An engine for devices with these kinds of identifier and states, in the plan's order. Devices
    /// that are already in doubt stay so and are not resent.
    pub fn new(settings: RunSettings, devices: &[(IdentifierKind, DeviceState)]) -> Self {
        let fresh = (0_u32..)
            .zip(devices)
            .filter_map(|(ordinal, &(kind, state))| {
                (state == DeviceState::Planned).then_some((ordinal, kind))
            });
        Self {
            queue: BatchQueue::new(settings.sizes, fresh),
            tally: Tally::of(devices.iter().map(|&(_, state)| state)),
            devices: devices
                .iter()
                .map(|&(_, state)| DeviceProgress {
                    state,
                    lost: u8::from(matches!(state, DeviceState::Ended(Outcome::InDoubt(_)))),
                })
                .collect(),
            phase: Phase::Idle,
            token: Token::Unread,
            requests: Requests::default(),
            trouble: FailureCounts::default(),
            calls: settings.calls_before,
            reported_odd_type: false,
            second: Duration::from_secs(1),
            random: fastrand::Rng::with_seed(settings.seed),
            settings,
        }
    }

    /// An earlier run sent these devices, by ordinal, and got no trustworthy answer: that they are
    /// absent may be its doing.
    #[must_use]
    pub fn with_lost_before(mut self, ordinals: &[u32]) -> Self {
        for &ordinal in ordinals {
            if let Some(device) = self.devices.get_mut(ordinal as usize) {
                device.lost = device.lost.saturating_add(1);
            }
        }
        self
    }

    /// Scales the waits for resends and next tries: a minute of them takes this long. For tests.
    #[must_use]
    pub fn with_minute(mut self, minute: Duration) -> Self {
        self.queue.set_resend_after(minute);
        self.second = minute / 60;
        self
    }

    /// The number of devices by outcome.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// True once the operator or a signal requested a pause or a stop. Queued runs wait then, even if
    /// this run had nothing left to send.
    pub fn stop_or_pause_requested(&self) -> bool {
        self.requests.stop.is_some() || self.requests.pause
    }

    /// Each device's state, by ordinal.
    pub fn states(&self) -> impl Iterator<Item = DeviceState> + '_ {
        self.devices.iter().map(|device| device.state)
    }

    /// Handles one event and returns the commands that follow. An event that doesn't belong to the
    /// phase has no effect.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Command> {
        match event {
            Event::Control(control) => return self.control(control, now),
            Event::Settled(ordinal, outcome) => {
                self.apply_lookup(ordinal, outcome);
                return Vec::new();
            }
            _ => {}
        }
        match (std::mem::replace(&mut self.phase, Phase::Idle), event) {
            (Phase::Idle, Event::Begin) => self.begin(),
            (Phase::LoadingCredential, Event::Credential(kind)) => {
                self.token = match kind {
                    CredentialKind::Static => Token::Static,
                    CredentialKind::Client => Token::Missing,
                };
                self.go_on(now)
            }
            (Phase::LoadingCredential, Event::NoCredential(reason)) => {
                self.pause(PauseReason::Setup(reason), now)
            }
            (Phase::TakingSlot(purpose), Event::SlotTaken(slot)) => {
                self.use_slot(purpose, slot, now)
            }
            (Phase::TakingSlot(_), Event::SlotDenied { at, reason }) => {
                self.wait(at, Waiting::Slot(reason))
            }
            (Phase::StoringIntent(intent), Event::Stored) => self.send(intent, now),
            (Phase::Calling(intent, sent), Event::Called(report)) => {
                self.apply_call_result(intent, sent, report, now)
            }
            (Phase::FetchingToken(slot), Event::Token(report)) => self.on_token(slot, report, now),
            (Phase::StoringOutcome { mut reports, then }, Event::Stored) => {
                let mut commands: Vec<Command> = reports.drain(..).map(Command::Report).collect();
                commands.extend(self.follow(then, now));
                commands
            }
            (Phase::CompletingSlot(then), Event::Stored) => self.follow(then, now),
            (Phase::StoringState(state, pause), Event::Stored) => {
                self.on_state_stored(state, pause, now)
            }
            (Phase::Waiting, Event::Woken) => self.go_on(now),
            (phase, _) => {
                self.phase = phase;
                Vec::new()
            }
        }
    }

    fn begin(&mut self) -> Vec<Command> {
        self.store_state(RunState::Running, None)
    }

    fn control(&mut self, control: Control, now: Now) -> Vec<Command> {
        match control {
            Control::Pause => self.requests.pause = true,
            Control::Stop => self.requests.stop_for(StopCause::Operator),
            Control::StopFor(cause) => self.requests.stop_for(cause),
            Control::Resume => {
                self.requests.pause = false;
                if matches!(self.phase, Phase::Paused) && self.requests.stop.is_none() {
                    self.trouble = FailureCounts::default();
                    self.queue.require_canary();
                    // The credential may have been replaced.
                    self.token = Token::Unread;
                    return self.store_state(RunState::Running, None);
                }
            }
        }
        match self.phase {
            Phase::Waiting => self.go_on(now),
            Phase::Paused if self.requests.stop.is_some() => self.go_on(now),
            _ => Vec::new(),
        }
    }

    /// Starts the next step when none is under way.
    fn go_on(&mut self, now: Now) -> Vec<Command> {
        if self.tally.left == 0 && self.stop_or_pause_requested() {
            return self.store_state(RunState::Finished, None);
        }
        if let Some(cause) = self.requests.stop.clone() {
            return self.store_state(RunState::Stopped, Some(PauseReason::Stopped(cause)));
        }
        if self.requests.pause {
            return self.pause(PauseReason::Operator, now);
        }
        match self.queue.due(now.boot) {
            None => return self.store_state(RunState::Finished, None),
            Some(due) if due > now.boot => return self.wait(due, Waiting::Resend),
            Some(_) => {}
        }
        match self.token {
            Token::Unread => {
                self.phase = Phase::LoadingCredential;
                vec![Command::LoadCredential]
            }
            Token::Missing => self.take_slot(SlotPurpose::Token),
            Token::Good(Some(renewal)) if renewal <= now.boot => self.take_slot(SlotPurpose::Token),
            Token::Static | Token::Fresh(_) | Token::Good(_) => self.take_slot(SlotPurpose::Delete),
        }
    }

    fn take_slot(&mut self, purpose: SlotPurpose) -> Vec<Command> {
        self.phase = Phase::TakingSlot(purpose);
        vec![Command::TakeSlot(purpose)]
    }

    fn use_slot(&mut self, purpose: SlotPurpose, slot: TakenSlot, now: Now) -> Vec<Command> {
        if self.stop_or_pause_requested() || self.has_run_out(slot, now) {
            // Stopped between two calls, or the computer slept: nothing is sent, and the slot is spent.
            return self.complete_slot(slot, None, None, AfterStore::GoOn);
        }
        if purpose == SlotPurpose::Token {
            self.phase = Phase::FetchingToken(slot);
            return vec![Command::FetchToken];
        }
        match self.queue.take(now.boot) {
            Some(batch) => {
                self.calls += 1;
                self.token = self.token.used();
                let intent = Intent {
                    call: self.calls,
                    batch,
                    slot,
                };
                self.phase = Phase::StoringIntent(intent.clone());
                vec![Command::StoreIntent(intent)]
            }
            // What was to be resent expired meanwhile; the slot is spent.
            None => self.complete_slot(slot, None, None, AfterStore::GoOn),
        }
    }

    fn has_run_out(&self, slot: TakenSlot, now: Now) -> bool {
        slot.has_run_out(self.settings.request_timeout, now.boot)
    }

    fn send(&mut self, intent: Intent, now: Now) -> Vec<Command> {
        if self.has_run_out(intent.slot, now) {
            let report =
                response::classify_silence(response::NoAnswer::NotSent(NotSent::SlotExpired));
            return self.apply_call_result(intent, now.boot, report, now);
        }
        let report = Report::Sending {
            call: intent.call,
            devices: intent.batch.devices.clone(),
        };
        self.phase = Phase::Calling(intent, now.boot);
        vec![Command::Report(report), Command::Send]
    }

    fn complete_slot(
        &mut self,
        slot: TakenSlot,
        cap: Option<Cap>,
        server: Option<Timestamp>,
        then: AfterStore,
    ) -> Vec<Command> {
        self.phase = Phase::CompletingSlot(then);
        vec![Command::CompleteSlot(SlotEnd {
            number: slot.number,
            cap,
            server,
        })]
    }

    fn follow(&mut self, then: AfterStore, now: Now) -> Vec<Command> {
        match then {
            AfterStore::GoOn => self.go_on(now),
            AfterStore::Pause(reason) => self.pause(reason, now),
            AfterStore::Retry(tries) => {
                if self.stop_or_pause_requested() {
                    return self.go_on(now);
                }
                let base = self.second * 2_u32.saturating_pow(tries.min(6));
                let spread = base.mul_f64(0.25 * self.random.f64());
                self.wait(now.boot + base + spread, Waiting::Retry(tries))
            }
        }
    }

    fn pause(&mut self, reason: PauseReason, now: Now) -> Vec<Command> {
        if self.tally.left == 0 {
            // Nothing is left to send; devices in doubt wait for the operator.
            return self.store_state(RunState::Finished, None);
        }
        if self.requests.stop.is_some() {
            return self.go_on(now);
        }
        self.store_state(RunState::Paused, Some(reason))
    }

    fn store_state(&mut self, state: RunState, pause: Option<PauseReason>) -> Vec<Command> {
        self.phase = Phase::StoringState(state, pause.clone());
        vec![Command::StoreState(state, pause)]
    }

    fn on_state_stored(
        &mut self,
        state: RunState,
        pause: Option<PauseReason>,
        now: Now,
    ) -> Vec<Command> {
        let mut commands = Vec::new();
        // Only a pause by the operator goes on without a question, whose number has no device in doubt.
        let goes_on = matches!(
            (state, &pause),
            (RunState::Running, _) | (RunState::Paused, Some(PauseReason::Operator))
        );
        if !goes_on {
            let dropped = self.queue.drop_resends();
            if dropped > 0 {
                commands.push(Command::Report(Report::Notice(RunNotice::NotResent(
                    dropped,
                ))));
            }
        }
        commands.push(Command::Report(Report::State { state, pause }));
        match state {
            RunState::Running => commands.extend(self.go_on(now)),
            RunState::Paused => {
                self.requests.pause = false;
                self.phase = Phase::Paused;
                if self.requests.stop.is_some() {
                    commands.extend(self.go_on(now));
                }
            }
            _ => {
                self.phase = Phase::Idle;
                commands.push(Command::End);
            }
        }
        commands
    }

    fn wait(&mut self, until: BootTime, reason: Waiting) -> Vec<Command> {
        self.phase = Phase::Waiting;
        vec![
            Command::Report(Report::Waiting { until, reason }),
            Command::Wait(until),
        ]
    }
}
