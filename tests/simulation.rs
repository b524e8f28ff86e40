//! A deterministic simulation of runs under faults.
//!
//! This is the step machine's second driver. The network, the disk, the clocks, another process on
//! the same budget, and the death of the process are all behind one seeded scheduler; the simulated
//! tenant is the oracle. After each step the safety invariants are checked, at the end that the run
//! comes to rest. A seed that fails prints itself; `OFFBOARD_SEED=n` replays it, `OFFBOARD_SEEDS=n`
//! runs more of them.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use offboard::action::Action;
use offboard::clock::{BootTime, Now};
use offboard::device::IdentifierKind;
use offboard::engine::classify::{self, Answer, Body, CallReport, NoAnswer, NotSent};
use offboard::engine::{
    CallEnd, Command, Control, CredentialKind, Engine, Event, Intent, Report, Settings, SlotEnd,
    TakenSlot, TokenReport, TokenResult,
};
use offboard::outcome::{DeviceState, Doubt, Failure, Outcome, Tally};
use offboard::pacer::{Budget, Ledger, NextCall, RateHeaders, Slot, next_call};
use offboard::plan::CallSizes;
use offboard::run::RunState;

const SEEDS: u64 = 400;
const TIMEOUT: Duration = Duration::from_secs(60);

/// What survives the death of the process.
struct Disk {
    states: Vec<DeviceState>,
    /// Each intent's devices, and whether its outcome is stored.
    calls: Vec<(Vec<u32>, bool)>,
    ledger: Ledger,
    run: RunState,
}

/// The oracle: what each device met at the server.
#[derive(Clone, Copy, Default)]
struct Truth {
    /// The record is there.
    present: bool,
    /// The server refuses any call that names it.
    poisonous: bool,
    /// Times that a call of ours was applied to it.
    applied: u32,
    /// The server answered 1 for it, and the answer was whole.
    confirmed: bool,
    /// Sends whose answer was lost or couldn't be read.
    lost: u32,
}

struct World {
    random: fastrand::Rng,
    action: Action,
    kinds: Vec<IdentifierKind>,
    truth: Vec<Truth>,
    disk: Disk,
    budget: Budget,
    sizes: CallSizes,
    largest: usize,
    now: Now,
    arrivals: Vec<BootTime>,
    /// Faults happen; at the end they are healed.
    faulty: bool,
    /// The intent whose call may go out.
    intent: Option<Intent>,
    log: Vec<String>,
}

/// The process died, or its disk failed under it.
struct Died;

impl World {
    fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let hwids = random.usize(0..60);
        let macs = random.usize(0..20).max(usize::from(hwids == 0));
        let kinds: Vec<_> = std::iter::repeat_n(IdentifierKind::Hwid, hwids)
            .chain(std::iter::repeat_n(IdentifierKind::Mac, macs))
            .collect();
        let absent = random.f64() * 0.6;
        let truth = kinds.iter().map(|_| Truth {
            present: random.f64() >= absent,
            poisonous: random.u8(..60) == 0,
            ..Truth::default()
        });
        Self {
            truth: truth.collect(),
            action: Action::ALL[random.usize(..3)],
            disk: Disk {
                states: vec![DeviceState::Planned; kinds.len()],
                calls: Vec::new(),
                ledger: Ledger::default(),
                run: RunState::Queued,
            },
            kinds,
            budget: Budget::per_minute(NonZeroU32::new(random.u32(1..=10)).expect("positive")),
            sizes: CallSizes {
                batch: random.usize(1..=50),
                canary: random.usize(1..=6),
            },
            largest: if random.bool() {
                50
            } else {
                random.usize(1..=12)
            },
            now: Now {
                wall: Timestamp::UNIX_EPOCH,
                boot: BootTime(1_000_000),
            },
            arrivals: Vec::new(),
            faulty: true,
            intent: None,
            log: Vec::new(),
            random,
        }
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.faulty && self.random.u8(..100) < percent
    }

    fn pass(&mut self, span: Duration) {
        self.now.boot = self.now.boot + span;
        self.now.wall += span;
    }

    fn pass_up_to(&mut self, seconds: u64) {
        let milliseconds = self.random.u64(..=seconds * 1000);
        self.pass(Duration::from_millis(milliseconds));
    }

    /// A process takes the run up, as after a start or a resume, and goes on until the run rests or
    /// the process dies.
    fn process(&mut self) -> Result<RunState, Died> {
        self.judge_interrupted();
        let settings = Settings {
            action: self.action,
            sizes: self.sizes,
            budget: self.budget,
            request_timeout: TIMEOUT,
            resend_once: true,
            seed: self.random.u64(..),
            calls_before: u32::try_from(self.disk.calls.len()).expect("few"),
        };
        let devices: Vec<_> = self
            .kinds
            .iter()
            .copied()
            .zip(self.disk.states.iter().copied())
            .collect();
        let mut machine = Engine::new(settings, &devices);
        let mut commands = VecDeque::from(machine.step(Event::Begin, self.now));
        let mut resumes = 0;
        loop {
            self.check();
            if self.chance(1) {
                return Err(Died);
            }
            if self.chance(2) {
                let control = if self.random.bool() {
                    Control::Pause
                } else {
                    Control::Stop
                };
                commands.extend(machine.step(Event::Control(control), self.now));
            }
            let Some(command) = commands.pop_front() else {
                // The operator has looked at it, and goes on.
                resumes += 1;
                assert!(resumes < 400, "the run pauses for ever");
                self.pass_up_to(900);
                assert_eq!(
                    self.disk.run,
                    RunState::Paused,
                    "the machine rests only when paused"
                );
                commands.extend(machine.step(Event::Control(Control::Resume), self.now));
                continue;
            };
            if let Some(event) = self.perform(command)? {
                let Some(event) = event else {
                    return Ok(self.disk.run);
                };
                commands.extend(machine.step(event, self.now));
            }
        }
    }

    /// Performs a command. `Some(None)` is the end.
    #[expect(clippy::option_option, reason = "no event, the end, or an event")]
    fn perform(&mut self, command: Command) -> Result<Option<Option<Event>>, Died> {
        let event = match command {
            Command::Report(report) => {
                self.hear(&report);
                return Ok(None);
            }
            Command::End => return Ok(Some(None)),
            Command::LoadCredential => {
                let client = self.random.bool();
                Event::Credential(Ok(if client {
                    CredentialKind::Client
                } else {
                    CredentialKind::Static
                }))
            }
            Command::TakeSlot(_) => self.take_slot(),
            Command::StoreIntent(intent) => {
                self.store()?;
                let kind = intent.batch.kind;
                assert!(!intent.batch.devices.is_empty());
                assert!(
                    intent
                        .batch
                        .devices
                        .iter()
                        .all(|&device| self.kinds[device as usize] == kind)
                );
                self.disk.calls.push((intent.batch.devices.clone(), false));
                self.intent = Some(intent);
                if self.chance(3) {
                    // Suspended between the intent and the send.
                    self.pass_up_to(3600);
                }
                Event::Stored
            }
            Command::Send => Event::Called(self.call()?),
            Command::StoreOutcome(end) => {
                self.store()?;
                self.store_outcome(&end);
                Event::Stored
            }
            Command::CompleteSlot(end) => {
                self.store()?;
                self.complete(&end);
                Event::Stored
            }
            Command::FetchToken => Event::Token(self.fetch_token()?),
            Command::StoreState(state, pause) => {
                self.store()?;
                assert_eq!(
                    state == RunState::Paused,
                    pause.is_some(),
                    "a pause has a reason"
                );
                self.disk.run = state;
                Event::Stored
            }
            Command::Wait(until) => {
                let span = until.since(self.now.boot);
                self.pass(span);
                Event::Woken
            }
        };
        Ok(Some(Some(event)))
    }

    /// A write: it may fail, or the process may die before or after it.
    fn store(&mut self) -> Result<(), Died> {
        if self.chance(1) { Err(Died) } else { Ok(()) }
    }

    /// Another process on the same budget takes slots too.
    fn take_slot(&mut self) -> Event {
        if self.chance(15)
            && next_call(&self.disk.ledger, &self.budget, self.now.boot) == NextCall::Now
        {
            let number = self.new_slot().number;
            self.arrivals
                .push(self.now.boot + Duration::from_millis(self.random.u64(..20_000)));
            let completed = self.now.boot + Duration::from_secs(20);
            self.slot(number).completed = Some(completed);
        }
        match next_call(&self.disk.ledger, &self.budget, self.now.boot) {
            NextCall::At { at, why } => Event::SlotDenied { at, why },
            NextCall::Now => Event::SlotTaken(self.new_slot()),
        }
    }

    fn new_slot(&mut self) -> TakenSlot {
        let number = i64::try_from(self.disk.ledger.slots.len()).expect("few") + 1;
        let deadline = self.now.boot + TIMEOUT + Duration::from_secs(5);
        self.disk.ledger.slots.push(Slot {
            number,
            taken: self.now.boot,
            deadline,
            completed: None,
        });
        TakenSlot { number, deadline }
    }

    fn slot(&mut self, number: i64) -> &mut Slot {
        &mut self.disk.ledger.slots[usize::try_from(number).expect("positive") - 1]
    }

    fn complete(&mut self, end: &SlotEnd) {
        let now = self.now.boot;
        let slot = self.slot(end.number);
        slot.completed.get_or_insert(now);
        self.disk.ledger.caps.extend(end.cap);
    }

    fn fetch_token(&mut self) -> Result<TokenReport, Died> {
        self.arrive()?;
        let result = if self.chance(10) {
            match self.random.u8(..4) {
                0 => TokenResult::Refused("invalid_client".to_owned()),
                1 => TokenResult::TooMany,
                2 => TokenResult::NotSent(NotSent::Unreachable("down".to_owned())),
                _ => TokenResult::Failed("503".to_owned()),
            }
        } else {
            TokenResult::Granted(Some(Duration::from_secs(self.random.u64(1..4000))))
        };
        Ok(TokenReport {
            result,
            rate: RateHeaders::default(),
        })
    }

    /// A call takes its time, arrives somewhere in it, and the process may die meanwhile.
    fn arrive(&mut self) -> Result<(), Died> {
        let seconds = if self.random.u8(..4) == 0 { 59 } else { 1 };
        self.pass_up_to(seconds);
        self.arrivals.push(self.now.boot);
        self.pass_up_to(1);
        if self.chance(1) { Err(Died) } else { Ok(()) }
    }

    /// The network and the server. The intent that allows it must be the last thing stored.
    fn call(&mut self) -> Result<CallReport, Died> {
        let intent = self
            .intent
            .take()
            .expect("no send without a durable intent");
        let devices = intent.batch.devices;
        let (stored, ended) = self.disk.calls.last().expect("an intent on the disk");
        assert!(
            *stored == devices && !ended,
            "what is sent is what was stored"
        );
        if self.chance(4) {
            let reason = match self.random.u8(..4) {
                0 => NotSent::Certificate("expired".to_owned()),
                1 => NotSent::ProxyLogin,
                _ => NotSent::Unreachable("refused".to_owned()),
            };
            return Ok(classify::classify_silence(NoAnswer::NotSent(reason)));
        }
        if self.chance(4) {
            // Lost on the way there.
            self.lose(&devices);
            self.arrive()?;
            return Ok(classify::classify_silence(NoAnswer::Lost(
                "reset".to_owned(),
            )));
        }
        // From here on the answer may be lost to us, as by the death of the process.
        if self.chance(5) {
            let status = [401, 429, 403, 404][self.random.usize(..4)];
            self.arrive()?;
            return Ok(self.answer(&devices, status, "no"));
        }
        if devices.len() > self.largest
            || devices
                .iter()
                .any(|&device| self.truth[device as usize].poisonous)
        {
            self.arrive()?;
            let status = if self.random.bool() { 400 } else { 413 };
            return Ok(self.answer(&devices, status, "refused"));
        }
        let fails = self.chance(4);
        if fails && self.random.bool() {
            self.lose(&devices);
            self.arrive()?;
            return Ok(self.answer(&devices, 500, "not applied"));
        }
        let result: Vec<u8> = devices.iter().map(|&device| self.apply(device)).collect();
        if let Err(died) = self.arrive() {
            self.lose(&devices);
            return Err(died);
        }
        let whole = serde_json::json!({ "result": result }).to_string();
        if fails {
            self.lose(&devices);
            return Ok(self.answer(&devices, 502, "applied, and the answer lost"));
        }
        if self.chance(6) {
            self.lose(&devices);
            return Ok(match self.random.u8(..5) {
                0 => classify::classify_silence(NoAnswer::Lost("no answer within 60 s".to_owned())),
                1 => self.answer(&devices, 200, "<html>sign in</html>"),
                2 => self.answer(&devices, 302, ""),
                3 => self.answer(
                    &devices,
                    200,
                    &serde_json::json!({ "result": result[1..] }).to_string(),
                ),
                _ => self.answer(&devices, 200, &whole[..whole.len() - 1]),
            });
        }
        if self.chance(4) {
            self.lose(&devices[..1]);
            for (&device, &result) in devices.iter().zip(&result).skip(1) {
                self.truth[device as usize].confirmed |= result == 1;
            }
            let mut odd = result;
            odd[0] = 7;
            return Ok(self.answer(
                &devices,
                200,
                &serde_json::json!({ "result": odd }).to_string(),
            ));
        }
        for (&device, &result) in devices.iter().zip(&result) {
            self.truth[device as usize].confirmed |= result == 1;
        }
        Ok(self.answer(&devices, 200, &whole))
    }

    fn apply(&mut self, device: u32) -> u8 {
        let action = self.action;
        let truth = &mut self.truth[device as usize];
        let found = truth.present;
        if found {
            truth.applied += 1;
            truth.present = action == Action::Uninstall;
        }
        u8::from(found)
    }

    fn lose(&mut self, devices: &[u32]) {
        for &device in devices {
            self.truth[device as usize].lost += 1;
        }
    }

    fn answer(&mut self, devices: &[u32], status: u16, body: &str) -> CallReport {
        let rate = RateHeaders {
            remaining: self.chance(20).then(|| self.random.u32(..10)),
            reset: self.chance(20).then(|| self.random.i64(-5..4000)),
            retry_after: self.chance(5).then(|| self.random.i64(..5000).max(0)),
            date: None,
        };
        classify::classify(
            devices.len(),
            &Answer {
                status,
                content_type: Some("application/json".to_owned()),
                encoding: None,
                rate,
                body: Body::Whole(body.as_bytes().to_vec()),
            },
        )
    }

    fn store_outcome(&mut self, end: &CallEnd) {
        self.complete(&end.slot);
        for &(device, state) in &end.changes {
            let before = self.disk.states[device as usize];
            if let DeviceState::Ended(outcome) = before {
                assert!(
                    !outcome.is_definite() || before == state,
                    "a definite outcome changed"
                );
            }
            self.disk.states[device as usize] = state;
        }
        self.disk.calls.last_mut().expect("an intent").1 = true;
    }

    /// What opening a run does: an intent without an outcome is in doubt.
    fn judge_interrupted(&mut self) {
        self.intent = None;
        for (devices, ended) in &mut self.disk.calls {
            if !std::mem::replace(ended, true) {
                for &device in devices.iter() {
                    let state = &mut self.disk.states[device as usize];
                    if *state == DeviceState::Planned {
                        *state = DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted));
                    }
                }
            }
        }
    }

    /// Nothing is told before it is stored.
    fn hear(&mut self, report: &Report) {
        if let Report::Changed { devices, .. } = report {
            for &(device, state) in devices {
                assert_eq!(
                    self.disk.states[device as usize], state,
                    "told before stored"
                );
            }
        }
        self.log.push(format!("{report:?}"));
    }

    /// The safety invariants.
    fn check(&self) {
        let open: Vec<u32> = self
            .disk
            .calls
            .iter()
            .filter(|(_, ended)| !ended)
            .flat_map(|(devices, _)| devices.iter().copied())
            .collect();
        for (device, (&state, truth)) in (0_u32..).zip(self.disk.states.iter().zip(&self.truth)) {
            let in_flight = open.contains(&device);
            match state {
                DeviceState::Ended(Outcome::Accepted) => {
                    assert!(
                        truth.confirmed,
                        "device {device}: accepted, and the server never said so"
                    );
                }
                DeviceState::Ended(Outcome::Failed(Failure::NotFound | Failure::Refused)) => {
                    assert_eq!(truth.applied, 0, "device {device}: failed, and yet applied");
                }
                DeviceState::Planned if !in_flight => {
                    assert_eq!(
                        truth.applied, 0,
                        "device {device}: planned, and yet applied"
                    );
                }
                _ => {}
            }
            let allowed = match self.kinds[device as usize] {
                IdentifierKind::Hwid => 2,
                IdentifierKind::Mac => 1,
            };
            assert!(
                truth.lost <= allowed,
                "device {device}: {} sends with a lost answer",
                truth.lost
            );
        }
        let tally = Tally::of(self.disk.states.iter().copied());
        assert_eq!(tally.total(), self.kinds.len() as u64);
        let mut arrivals = self.arrivals.clone();
        arrivals.sort_unstable();
        let limit = self.budget.calls.get() as usize;
        for window in arrivals.windows(limit + 1) {
            assert!(
                window[limit].since(window[0]) >= Duration::from_secs(60),
                "over the rate limit: {window:?}"
            );
        }
    }

    /// Processes come and go; in the end the faults are healed and the run comes to rest.
    fn live(&mut self) {
        for life in 0..200 {
            if life >= 12 {
                self.faulty = false;
            }
            match self.process() {
                Ok(RunState::Finished) => {
                    self.check();
                    assert_eq!(Tally::of(self.disk.states.iter().copied()).left, 0);
                    return;
                }
                Ok(RunState::Stopped) | Err(Died) => self.pass_up_to(600),
                Ok(state) => panic!("the run came to rest as {}", state.word()),
            }
        }
        panic!("the run never came to rest");
    }
}

#[test]
fn whatever_happens_the_invariants_hold_and_the_run_comes_to_rest() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let seeds = match number("OFFBOARD_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("OFFBOARD_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let mut world = World::new(seed);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.live()));
        if outcome.is_err() {
            let tail: Vec<&String> = world.log.iter().rev().take(12).rev().collect();
            panic!(
                "seed {seed} fails; replay it with OFFBOARD_SEED={seed}. It ended in:\n{tail:#?}"
            );
        }
    }
}
