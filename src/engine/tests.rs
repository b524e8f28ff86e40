//! The machine, driven by a scripted world: each test says what the server answers and looks at
//! what was sent, what was stored and where the run ended.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use jiff::Timestamp;

use super::*;
use crate::domain::action::Action;
use crate::domain::outcome::Failure;
use crate::domain::rate_limit::{Budget, Ledger, NextCall, Slot, next_call};
use crate::engine::response::{self, NoAnswer};
use crate::plan::CallSizes;

const HWID: IdentifierKind = IdentifierKind::Hwid;
const MAC: IdentifierKind = IdentifierKind::Mac;

/// The world around one run.
struct World {
    machine: Engine,
    budget: Budget,
    ledger: Ledger,
    now: Now,
    latency: Duration,
    odd_content_type: bool,
    /// What the server does with each delete call, and then `afterwards`.
    script: VecDeque<Act>,
    afterwards: Act,
    tokens: VecDeque<TokenResult>,
    credential: Result<CredentialKind, String>,
    /// What was sent: the batches, in order.
    sent: Vec<Batch>,
    /// What was stored, in order: a word for each durable step.
    durable: Vec<String>,
    reports: Vec<Report>,
    token_calls: u32,
    /// The state in which the machine came to rest.
    rest: Option<(RunState, Option<PauseReason>)>,
    commands: VecDeque<Command>,
    /// Given when the machine next waits.
    controls: VecDeque<Control>,
}

#[derive(Clone)]
enum Act {
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
    let settings = Settings {
        action: Action::Remove,
        sizes: CallSizes { batch, canary: 5 },
        budget,
        request_timeout: Duration::from_secs(60),
        resend_once: true,
        seed: 1,
        calls_before: 0,
    };
    World {
        machine: Engine::new(settings, &planned),
        budget,
        ledger: Ledger::default(),
        now: Now {
            wall: Timestamp::UNIX_EPOCH,
            boot: BootTime(1_000_000),
        },
        latency: Duration::from_millis(100),
        odd_content_type: false,
        script: VecDeque::new(),
        afterwards: Act::Answer(vec![]),
        tokens: VecDeque::new(),
        credential: Ok(CredentialKind::Static),
        sent: Vec::new(),
        durable: Vec::new(),
        reports: Vec::new(),
        token_calls: 0,
        rest: None,
        commands: VecDeque::new(),
        controls: VecDeque::new(),
    }
}

impl World {
    fn script(mut self, acts: impl IntoIterator<Item = Act>) -> Self {
        self.script.extend(acts);
        self
    }

    /// Runs until the machine ends or pauses.
    fn run(&mut self) -> (RunState, Option<PauseReason>) {
        self.give(Event::Begin);
        self.run_until_idle()
    }

    fn resume(&mut self) -> (RunState, Option<PauseReason>) {
        self.rest = None;
        self.give(Event::Control(Control::Resume));
        self.run_until_idle()
    }

    fn give(&mut self, event: Event) {
        let commands = self.machine.step(event, self.now);
        self.commands.extend(commands);
    }

    fn run_until_idle(&mut self) -> (RunState, Option<PauseReason>) {
        for _ in 0..10_000 {
            let Some(command) = self.commands.pop_front() else {
                return self
                    .rest
                    .clone()
                    .expect("the machine rests only in a state");
            };
            self.perform(command);
        }
        panic!("the machine doesn't come to rest");
    }

    fn perform(&mut self, command: Command) {
        let event = match command {
            Command::Report(report) => {
                if let Report::State { state, pause } = &report
                    && *state != RunState::Running
                {
                    self.rest = Some((*state, pause.clone()));
                }
                self.reports.push(report);
                return;
            }
            Command::End => return,
            Command::LoadCredential => Event::Credential(self.credential.clone()),
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
        let act = self
            .script
            .pop_front()
            .unwrap_or_else(|| self.afterwards.clone());
        let answered = |status: u16, body: &str| {
            response::classify(
                batch.devices.len(),
                &response::Answer {
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
        match act {
            Act::Answer(zeros) => ones(&zeros),
            Act::Status(status) => answered(status, "words"),
            Act::StatusIf(status, when) if when(&batch) => answered(status, "words"),
            Act::StatusIf(..) => ones(&[]),
            Act::Body(body) => answered(200, body),
            Act::Lost => response::classify_silence(NoAnswer::Lost("reset".to_owned())),
            Act::NotSent(reason) => response::classify_silence(NoAnswer::NotSent(reason)),
        }
    }

    fn states(&self) -> Vec<DeviceState> {
        self.machine.states().collect()
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

#[test]
fn a_run_sends_a_canary_of_each_kind_and_then_batches() {
    let mut world = world(&[vec![HWID; 70], vec![MAC; 12]].concat(), 50);
    assert_eq!(world.run(), finished());
    assert_eq!(world.sizes(), [5, 50, 15, 5, 7]);
    assert!(
        world
            .states()
            .iter()
            .all(|&state| state == ended(Outcome::Accepted))
    );
}

#[test]
fn each_step_is_durable_before_the_next() {
    let mut world = world(&[HWID; 8], 50);
    world.run();
    let round = ["slot", "intent", "sent", "outcome"];
    assert_eq!(world.durable, [round, round].concat());
}

#[test]
fn results_are_positional() {
    let mut world = world(&[HWID; 9], 50).script([Act::Answer(vec![1, 4]), Act::Answer(vec![7])]);
    assert_eq!(world.run(), finished());
    let failed: Vec<usize> = (0..9)
        .filter(|&index| world.states()[index] == ended(Outcome::Failed(Failure::NotFound)))
        .collect();
    assert_eq!(failed, [1, 4, 7]);
}

#[test]
fn a_canary_of_zeros_pauses_while_devices_are_left() {
    let mut world = world(&[HWID; 9], 50).script([Act::Answer((0..9).collect())]);
    assert_eq!(world.run(), paused(PauseReason::CanaryNotFound(5)));
    assert_eq!(world.machine.tally().left, 4);
    assert_eq!(world.resume(), finished());
    assert_eq!(world.sizes(), [5, 4]);
}

#[test]
fn a_canary_of_zeros_finishes_a_run_that_has_nothing_left() {
    let mut world = world(&[HWID; 3], 50).script([Act::Answer(vec![0, 1, 2])]);
    assert_eq!(world.run(), finished());
    assert_eq!(world.machine.tally().failed, 3);
}

#[test]
fn one_bad_identifier_never_fails_its_neighbours() {
    let bad: fn(&Batch) -> bool = |batch| batch.devices.contains(&17);
    let mut world = world(&[HWID; 40], 50);
    world.afterwards = Act::StatusIf(400, bad);
    assert_eq!(world.run(), finished());
    for (index, &state) in world.states().iter().enumerate() {
        let expected = if index == 17 {
            Outcome::Failed(Failure::Refused)
        } else {
            Outcome::Accepted
        };
        assert_eq!(state, ended(expected), "{index}");
    }
}

#[test]
fn a_batch_that_is_too_large_sets_the_size_for_the_rest() {
    let large: fn(&Batch) -> bool = |batch| batch.devices.len() > 20;
    let mut world = world(&[HWID; 105], 50);
    world.afterwards = Act::StatusIf(413, large);
    assert_eq!(world.run(), finished());
    assert_eq!(
        world.sizes(),
        [5, 50, 25, 25, 13, 12, 13, 12, 13, 13, 13, 11]
    );
    assert_eq!(world.machine.tally().accepted, 105);
}

#[test]
fn six_refusals_with_nothing_accepted_pause() {
    let mut world = world(&[HWID; 200], 50);
    world.afterwards = Act::Status(400);
    assert_eq!(world.run(), paused(PauseReason::SixRefusals));
    assert_eq!(world.sent.len(), 6);
}

#[test]
fn what_is_in_doubt_by_hwid_is_resent_once_a_minute_later() {
    let mut world = world(&[HWID; 5], 50).script([Act::Lost, Act::Answer(vec![2])]);
    let start = world.now.boot;
    assert_eq!(world.run(), finished());
    assert_eq!(world.sizes(), [5, 5]);
    assert!(world.now.boot.since(start) >= Duration::from_secs(60));
    assert_eq!(world.states()[2], ended(Outcome::Gone));
    assert_eq!(world.machine.tally().accepted, 4);
}

#[test]
fn a_zero_after_an_earlier_runs_lost_answer_is_gone() {
    let mut world = world(&[HWID; 2], 50).script([Act::Answer(vec![0, 1])]);
    world.machine = world.machine.with_lost_before(&[1]);
    assert_eq!(world.run(), finished());
    assert_eq!(world.states()[0], ended(Outcome::Failed(Failure::NotFound)));
    assert_eq!(world.states()[1], ended(Outcome::Gone));
}

#[test]
fn a_zero_after_a_lost_uninstall_stays_in_doubt() {
    let mut world = world(&[HWID; 2], 50).script([Act::Lost, Act::Answer(vec![0])]);
    world.machine.settings.action = Action::Uninstall;
    assert_eq!(world.run(), finished());
    assert_eq!(
        world.states()[0],
        ended(Outcome::InDoubt(Doubt::RepeatAnsweredZero))
    );
    assert_eq!(world.states()[1], ended(Outcome::Accepted));
}

#[test]
fn what_is_in_doubt_by_mac_is_held() {
    let mut world = world(&[MAC; 5], 50).script([Act::Lost]);
    assert_eq!(world.run(), finished());
    assert_eq!(world.sent.len(), 1);
    assert_eq!(world.machine.tally().in_doubt, 5);
}

#[test]
fn a_resend_that_is_refused_leaves_its_devices_in_doubt_and_held() {
    for act in [
        Act::Status(429),
        Act::Status(400),
        Act::NotSent(NotSent::Unreachable("no".into())),
        Act::Lost,
    ] {
        let mut world = world(&[HWID; 3], 50).script([Act::Lost, act]);
        assert_eq!(world.run(), finished());
        assert_eq!(world.sent.len(), 2);
        assert_eq!(world.machine.tally().in_doubt, 3);
    }
}

#[test]
fn two_calls_in_doubt_in_a_row_pause() {
    for act in [
        Act::Lost,
        Act::Status(500),
        Act::Body("{}"),
        Act::Body(r#"{"result":[2,2,2,2,2]}"#),
    ] {
        let mut world = world(&[HWID; 30], 50).script([act.clone(), act]);
        assert_eq!(world.run(), paused(PauseReason::TwoInDoubt));
        assert_eq!(world.machine.tally().in_doubt, 10);
    }
}

#[test]
fn a_single_unreadable_element_is_in_doubt_and_the_others_stand() {
    let mut world = world(&[HWID; 3], 50).script([Act::Body(r#"{"result":[1,"1",0]}"#)]);
    world.machine.settings.resend_once = false;
    assert_eq!(world.run(), finished());
    assert_eq!(
        world.states(),
        [
            ended(Outcome::Accepted),
            ended(Outcome::InDoubt(Doubt::WrongElement)),
            ended(Outcome::Failed(Failure::NotFound)),
        ]
    );
}

#[test]
fn redirections_and_web_pages_are_in_doubt_and_pause() {
    let mut redirected = world(&[HWID; 9], 50).script([Act::Status(302)]);
    assert_eq!(redirected.run(), paused(PauseReason::Redirected(302)));
    let mut page = world(&[HWID; 9], 50).script([Act::Body("<html>login</html>")]);
    assert_eq!(page.run(), paused(PauseReason::WebPage));
    assert_eq!(page.machine.tally().in_doubt, 5);
}

#[test]
fn statuses_that_retrying_cannot_help_pause_with_the_devices_planned() {
    for status in [403, 404, 405, 406, 415, 418] {
        let mut world = world(&[HWID; 9], 50).script([Act::Status(status)]);
        let words = "words".to_owned();
        assert_eq!(
            world.run(),
            paused(PauseReason::Status {
                status,
                message: words
            })
        );
        assert_eq!(world.machine.tally().left, 9);
        assert_eq!(world.resume(), finished());
        assert_eq!(world.machine.tally().accepted, 9);
    }
}

#[test]
fn connecting_is_tried_three_times() {
    let down = Act::NotSent(NotSent::Unreachable("refused".to_owned()));
    let mut flaky = world(&[HWID; 3], 50).script([down.clone(), down.clone()]);
    assert_eq!(flaky.run(), finished());
    let mut dead = world(&[HWID; 3], 50);
    dead.afterwards = down;
    assert_eq!(
        dead.run(),
        paused(PauseReason::Unreachable("refused".to_owned()))
    );
    assert_eq!((dead.sent.len(), dead.machine.tally().left), (3, 3));
}

#[test]
fn a_bad_certificate_and_a_proxy_login_pause_at_once() {
    let act = Act::NotSent(NotSent::Certificate("expired".to_owned()));
    let mut certificate = world(&[HWID; 3], 50).script([act]);
    assert_eq!(
        certificate.run(),
        paused(PauseReason::Certificate("expired".to_owned()))
    );
    let mut proxy = world(&[HWID; 3], 50).script([Act::NotSent(NotSent::ProxyLogin)]);
    assert_eq!(proxy.run(), paused(PauseReason::ProxyLogin));
}

#[test]
fn a_429_fails_nobody_and_waits() {
    let mut world = world(&[HWID; 9], 50).script([Act::Status(429), Act::Status(429)]);
    let start = world.now.boot;
    assert_eq!(world.run(), finished());
    assert_eq!(world.machine.tally().accepted, 9);
    assert!(world.now.boot.since(start) >= Duration::from_secs(180));
}

#[test]
fn a_quarter_of_an_hour_of_429_pauses() {
    let mut world = world(&[HWID; 9], 50);
    world.afterwards = Act::Status(429);
    let start = world.now.boot;
    assert_eq!(world.run(), paused(PauseReason::RateLimited));
    assert!(world.now.boot.since(start) >= Duration::from_secs(900));
    assert_eq!(world.machine.tally().left, 9);
}

#[test]
fn a_static_token_that_dies_pauses() {
    let mut world = world(&[HWID; 9], 50).script([Act::Status(401)]);
    assert_eq!(world.run(), paused(PauseReason::TokenRefused));
    assert_eq!(world.machine.tally().left, 9);
    assert_eq!(world.resume(), finished());
    assert_eq!(world.sizes(), [5, 5, 4]);
}

#[test]
fn client_credentials_are_renewed_once_after_a_401() {
    let mut renewed = world(&[HWID; 9], 50).script([Act::Answer(vec![]), Act::Status(401)]);
    renewed.credential = Ok(CredentialKind::Client);
    assert_eq!(renewed.run(), finished());
    assert_eq!((renewed.token_calls, renewed.sizes()), (2, vec![5, 4, 4]));
    let mut refused = world(&[HWID; 9], 50);
    refused.credential = Ok(CredentialKind::Client);
    refused.afterwards = Act::Status(401);
    assert_eq!(refused.run(), paused(PauseReason::TokenRefused));
    assert_eq!(refused.sent.len(), 2);
}

#[test]
fn refused_credentials_pause_and_never_loop() {
    let mut world = world(&[HWID; 9], 50);
    world.credential = Ok(CredentialKind::Client);
    world
        .tokens
        .push_back(TokenResult::Refused("invalid_client".to_owned()));
    assert_eq!(
        world.run(),
        paused(PauseReason::CredentialsRefused("invalid_client".to_owned()))
    );
    assert_eq!((world.token_calls, world.sent.len()), (1, 0));
}

#[test]
fn a_short_lived_token_is_used_before_it_is_renewed() {
    let mut world = world(&[HWID; 100], 5);
    world.credential = Ok(CredentialKind::Client);
    for _ in 0..50 {
        world
            .tokens
            .push_back(TokenResult::Granted(Some(Duration::from_secs(20))));
    }
    assert_eq!(world.run(), finished());
    assert!(world.token_calls < 10, "{}", world.token_calls);
}

#[test]
fn a_credential_that_cannot_be_read_pauses_before_any_call() {
    let mut world = world(&[HWID; 9], 50);
    world.credential = Err("no such variable".to_owned());
    assert_eq!(
        world.run(),
        paused(PauseReason::Setup("no such variable".to_owned()))
    );
    assert!(world.ledger.slots.is_empty());
}

#[test]
fn a_slot_that_ran_out_before_the_send_sends_nothing() {
    let mut world = world(&[HWID; 3], 50);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::StoreIntent(_))) {
        let command = world.commands.pop_front().expect("an intent comes");
        world.perform(command);
    }
    world.commands.clear();
    // The machine sleeps for an hour between the slot and the send.
    world.pass(Duration::from_secs(3600));
    let commands = world.machine.step(Event::Stored, world.now);
    assert!(matches!(
        &commands[..],
        [Command::StoreOutcome(CallEnd {
            report: CallReport {
                result: CallResult::NotSent(NotSent::SlotExpired),
                ..
            },
            ..
        })]
    ));
    assert_eq!(world.machine.tally().left, 3);
}

#[test]
fn a_slot_that_ran_out_before_its_token_call_is_spent() {
    let mut world = world(&[HWID; 3], 50);
    world.credential = Ok(CredentialKind::Client);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::TakeSlot(_))) {
        let command = world.commands.pop_front().expect("a slot is taken");
        world.perform(command);
    }
    world.commands.clear();
    let slot = TakenSlot {
        number: 1,
        deadline: world.now.boot + Duration::from_secs(65),
    };
    // The machine sleeps for an hour between the slot and the call.
    world.pass(Duration::from_secs(3600));
    let commands = world.machine.step(Event::SlotTaken(slot), world.now);
    assert!(matches!(&commands[..], [Command::CompleteSlot(_)]));
}

#[test]
fn no_more_than_the_budget_is_sent_in_a_minute() {
    let mut world = world(&[HWID; 100], 5);
    world.run();
    let taken: Vec<BootTime> = world.ledger.slots.iter().map(|slot| slot.taken).collect();
    assert_eq!(taken.len(), 20);
    for pair in taken.windows(11) {
        assert!(pair[10].since(pair[0]) >= Duration::from_secs(60));
    }
}

#[test]
fn a_pause_finishes_the_call_in_flight_and_only_then_takes_effect() {
    let mut world = world(&[HWID; 9], 50);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::Send)) {
        let command = world.commands.pop_front().expect("a send comes");
        world.perform(command);
    }
    assert!(
        world
            .machine
            .step(Event::Control(Control::Pause), world.now)
            .is_empty()
    );
    assert_eq!(world.run_until_idle(), paused(PauseReason::Operator));
    assert_eq!(
        (world.machine.tally().accepted, world.machine.tally().left),
        (5, 4)
    );
    assert_eq!(world.resume(), finished());
    assert_eq!(world.sizes(), [5, 4]);
}

#[test]
fn a_stop_before_the_slot_is_used_sends_nothing_more() {
    for control in [Control::Stop, Control::Pause] {
        let mut world = world(&[HWID; 20], 10);
        world.give(Event::Begin);
        while !matches!(world.commands.front(), Some(Command::TakeSlot(_))) {
            let command = world.commands.pop_front().expect("a slot is asked for");
            world.perform(command);
        }
        world.give(Event::Control(control));
        world.run_until_idle();
        assert!(world.sent.is_empty(), "{control:?}");
        assert!(world.machine.stop_or_pause_requested() || control == Control::Pause);
    }
}

#[test]
fn a_stop_during_the_last_call_is_remembered() {
    let mut world = world(&[HWID; 3], 10);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::Send)) {
        let command = world.commands.pop_front().expect("a call");
        world.perform(command);
    }
    world.give(Event::Control(Control::Stop));
    assert_eq!(world.run_until_idle(), finished());
    assert!(
        world.machine.stop_or_pause_requested(),
        "what is queued behind it waits"
    );
}

#[test]
fn an_unusual_content_type_is_told_once() {
    let mut world = world(&[HWID; 40], 10);
    world.odd_content_type = true;
    world.run();
    let told = world
        .reports
        .iter()
        .filter(|report| **report == Report::Notice(Notice::OddContentType));
    assert_eq!(told.count(), 1);
}

#[test]
fn a_stop_while_waiting_ends_at_once_with_the_rest_left() {
    let mut world = world(&[HWID; 100], 5);
    world.controls.push_back(Control::Stop);
    assert_eq!(world.run(), (RunState::Stopped, None));
    assert_eq!(world.machine.tally().left, 50);
}

#[test]
fn a_stop_ends_a_paused_run() {
    let mut world = world(&[HWID; 9], 50).script([Act::Status(403)]);
    world.run();
    world.give(Event::Control(Control::Stop));
    assert_eq!(world.run_until_idle(), (RunState::Stopped, None));
}

#[test]
fn what_was_in_doubt_before_a_restart_is_held() {
    let doubt = ended(Outcome::InDoubt(Doubt::Interrupted));
    let mut world = world(&[HWID; 2], 50);
    let settings = world.machine.settings.clone();
    world.machine = Engine::new(settings, &[(HWID, doubt), (HWID, DeviceState::Planned)]);
    assert_eq!(world.run(), finished());
    assert_eq!(world.sent[0].devices, [1]);
    assert_eq!(world.states()[0], doubt);
}

#[test]
fn nothing_is_reported_before_it_is_stored() {
    let mut world = world(&[HWID; 3], 50);
    world.give(Event::Begin);
    while let Some(command) = world.commands.pop_front() {
        if matches!(command, Command::StoreOutcome(_)) {
            let told = world
                .reports
                .iter()
                .any(|report| matches!(report, Report::Changed { .. }));
            assert!(!told);
        }
        world.perform(command);
    }
    assert!(
        world
            .reports
            .iter()
            .any(|report| matches!(report, Report::Changed { .. }))
    );
}

#[test]
fn events_that_do_not_belong_change_nothing() {
    let mut world = world(&[HWID; 3], 50);
    let now = world.now;
    assert!(world.machine.step(Event::Stored, now).is_empty());
    assert!(world.machine.step(Event::Woken, now).is_empty());
    assert_eq!(world.run(), finished());
    assert!(world.machine.step(Event::Stored, now).is_empty());
}
