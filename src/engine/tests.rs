//! The engine, driven by a scripted server: each test scripts the answers and checks what was sent,
//! what was stored and how the run ended.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use jiff::Timestamp;

use super::*;
use crate::domain::action::Action;
use crate::domain::outcome::Failure;
use crate::domain::rate_limit::{Budget, Ledger, NextCall, Slot, next_call};
use crate::engine::response::{self, NoAnswer};
use crate::plan::CallSizes;

mod batches;
mod controls;
mod doubts;
mod refusals;
mod slots;
mod steps;
mod tokens;

const HWID: IdentifierKind = IdentifierKind::Hwid;
const MAC: IdentifierKind = IdentifierKind::Mac;

/// The world around one run.
struct World {
    engine: Engine,
    budget: Budget,
    ledger: Ledger,
    now: Now,
    latency: Duration,
    odd_content_type: bool,
    /// What the server does with each delete call, and then `afterwards`.
    script: VecDeque<Reply>,
    afterwards: Reply,
    tokens: VecDeque<TokenResult>,
    credential: Event,
    /// What was sent: the batches, in order.
    sent: Vec<Batch>,
    /// What was stored, in order: the name of each durable step.
    durable: Vec<String>,
    reports: Vec<Report>,
    token_calls: u32,
    /// The state in which the engine paused or ended.
    end: Option<(RunState, Option<PauseReason>)>,
    commands: VecDeque<Command>,
    /// Given when the engine next waits.
    controls: VecDeque<Control>,
}

#[derive(Clone)]
enum Reply {
    /// 1 for each device but those named, which get a 0.
    Answer(Vec<u32>),
    Status(u16),
    StatusIf(u16, fn(&Batch) -> bool),
    Body(&'static str),
    Lost,
    NotSent(NotSent),
}

fn world(devices: &[IdentifierKind], batch: usize) -> World {
    let budget = Budget::per_minute(NonZeroU32::new(10).expect("positive"));
    let planned: Vec<_> = devices
        .iter()
        .map(|&kind| (kind, DeviceState::Planned))
        .collect();
    let settings = RunSettings {
        action: Action::Remove,
        sizes: CallSizes { batch, canary: 5 },
        budget,
        request_timeout: Duration::from_secs(60),
        resend_once: true,
        seed: 1,
        calls_before: 0,
    };
    World {
        engine: Engine::new(settings, &planned),
        budget,
        ledger: Ledger::default(),
        now: Now {
            wall: Timestamp::UNIX_EPOCH,
            boot: BootTime(1_000_000),
        },
        latency: Duration::from_millis(100),
        odd_content_type: false,
        script: VecDeque::new(),
        afterwards: Reply::Answer(vec![]),
        tokens: VecDeque::new(),
        credential: Event::Credential(CredentialKind::Static),
        sent: Vec::new(),
        durable: Vec::new(),
        reports: Vec::new(),
        token_calls: 0,
        end: None,
        commands: VecDeque::new(),
        controls: VecDeque::new(),
    }
}

impl World {
    fn script(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.script.extend(replies);
        self
    }

    /// Runs until the engine ends or pauses.
    fn run(&mut self) -> (RunState, Option<PauseReason>) {
        self.give(Event::Begin);
        self.run_until_idle()
    }

    fn resume(&mut self) -> (RunState, Option<PauseReason>) {
        self.end = None;
        self.give(Event::Control(Control::Resume));
        self.run_until_idle()
    }

    fn give(&mut self, event: Event) {
        let commands = self.engine.step(event, self.now);
        self.commands.extend(commands);
    }

    fn run_until_idle(&mut self) -> (RunState, Option<PauseReason>) {
        for _ in 0..10_000 {
            let Some(command) = self.commands.pop_front() else {
                return self
                    .end
                    .clone()
                    .expect("the engine is idle only in a state");
            };
            self.perform(command);
        }
        panic!("the engine does not become idle");
    }

    fn perform(&mut self, command: Command) {
        let event = match command {
            Command::Report(report) => {
                if let Report::State { state, pause } = &report
                    && *state != RunState::Running
                {
                    self.end = Some((*state, pause.clone()));
                }
                self.reports.push(report);
                return;
            }
            Command::End => return,
            Command::LoadCredential => self.credential.clone(),
            Command::TakeSlot(_) => match next_call(&self.ledger, &self.budget, self.now.boot) {
                NextCall::At { at, reason } => Event::SlotDenied { at, reason },
                NextCall::Now => {
                    let number = i64::try_from(self.ledger.slots.len()).expect("small") + 1;
                    let deadline = self.now.boot + Duration::from_secs(65);
                    self.ledger.slots.push(Slot {
                        number,
                        taken: self.now.boot,
                        deadline,
                        completed: None,
                    });
                    self.durable.push("slot".to_owned());
                    Event::SlotTaken(TakenSlot { number, deadline })
                }
            },
            Command::StoreIntent(intent) => {
                self.sent.push(intent.batch);
                self.durable.push("intent".to_owned());
                Event::Stored
            }
            Command::Send => {
                self.durable.push("sent".to_owned());
                self.pass(self.latency);
                Event::Called(self.answer())
            }
            Command::FetchToken => {
                self.token_calls += 1;
                self.pass(self.latency);
                let granted = TokenResult::Granted(Some(Duration::from_secs(3600)));
                Event::Token(TokenReport {
                    result: self.tokens.pop_front().unwrap_or(granted),
                    rate: RateHeaders::default(),
                })
            }
            Command::StoreOutcome(end) => {
                self.complete(end.slot);
                self.durable.push("outcome".to_owned());
                Event::Stored
            }
            Command::CompleteSlot(end) => {
                self.complete(end);
                Event::Stored
            }
            Command::StoreState(..) => Event::Stored,
            Command::Wait(until) => {
                if let Some(control) = self.controls.pop_front() {
                    Event::Control(control)
                } else {
                    self.pass(until.since(self.now.boot));
                    Event::Woken
                }
            }
        };
        self.give(event);
    }

    fn complete(&mut self, end: SlotEnd) {
        let slot = &mut self.ledger.slots[usize::try_from(end.number).expect("small") - 1];
        slot.completed = Some(self.now.boot);
        self.ledger.caps.extend(end.cap);
    }

    fn pass(&mut self, span: Duration) {
        self.now.boot = self.now.boot + span;
        self.now.wall += span;
    }

    fn answer(&mut self) -> CallReport {
        let batch = self.sent.last().expect("an intent before a send").clone();
        let reply = self
            .script
            .pop_front()
            .unwrap_or_else(|| self.afterwards.clone());
        let answered = |status: u16, body: &str| {
            response::classify(
                batch.devices.len(),
                &response::HttpAnswer {
                    status,
                    content_type: (!self.odd_content_type).then(|| "application/json".to_owned()),
                    encoding: None,
                    rate: RateHeaders::default(),
                    body: response::Body::Whole(body.as_bytes().to_vec()),
                },
            )
        };
        let ones = |but: &[u32]| {
            let result: Vec<u8> = batch
                .devices
                .iter()
                .map(|device| u8::from(!but.contains(device)))
                .collect();
            answered(200, &serde_json::json!({ "result": result }).to_string())
        };
        match reply {
            Reply::Answer(zeros) => ones(&zeros),
            Reply::Status(status) => answered(status, "message"),
            Reply::StatusIf(status, when) if when(&batch) => answered(status, "message"),
            Reply::StatusIf(..) => ones(&[]),
            Reply::Body(body) => answered(200, body),
            Reply::Lost => response::classify_silence(NoAnswer::Lost("reset".to_owned())),
            Reply::NotSent(reason) => response::classify_silence(NoAnswer::NotSent(reason)),
        }
    }

    fn states(&self) -> Vec<DeviceState> {
        self.engine.states().collect()
    }

    fn sizes(&self) -> Vec<usize> {
        self.sent.iter().map(|batch| batch.devices.len()).collect()
    }
}

fn ended(outcome: Outcome) -> DeviceState {
    DeviceState::Ended(outcome)
}

fn finished() -> (RunState, Option<PauseReason>) {
    (RunState::Finished, None)
}

fn paused(reason: PauseReason) -> (RunState, Option<PauseReason>) {
    (RunState::Paused, Some(reason))
}
