//! What really happened to each device of each run, and what may be reported of it.

use offboard::domain::action::Action;
use offboard::domain::device::{Identifier, IdentifierKind};
use offboard::domain::outcome::{DeviceState, Failure, Outcome};
use offboard::domain::run::RunId;
use offboard::engine::response::{Body, HttpAnswer};
use offboard::plan::{Plan, PlannedDevice};
use serde_json::Value;

use super::account::Asked;
use super::auditor::Call;
use super::rechecks::Variant;
use super::world::World;

/// A plan that was handed over, and what became of it in truth.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what befell a run in any combination"
)]
pub struct Run {
    pub id: RunId,
    pub account: usize,
    pub action: Action,
    /// As it was admitted; before that as it was planned.
    pub plan: Plan,
    /// The hash that was confirmed.
    pub planned_hash: String,
    /// What was handed over of it, until one of that is admitted.
    pub variants: Vec<Variant>,
    /// The hash that it was admitted with.
    pub hash: String,
    /// How often it was resumed.
    pub resumes: u32,
    /// What was held when it was admitted or resumed last.
    pub held: Vec<u32>,
    pub retry_of: Option<RunId>,
    /// The journal took it in.
    pub admitted: bool,
    /// Its operator gave up what it had not sent.
    pub closed: bool,
    /// Another run took what it has left: its operator can only close it.
    pub must_close: bool,
    pub truths: Vec<Truth>,
    /// As the journal had them when it was last looked at.
    pub states: Vec<DeviceState>,
    /// The run's own state as the journal had it before the last look, and at it.
    pub row_states: [String; 2],
    /// Nothing of it is left to send, so that only who has it changes it.
    pub is_quiet: bool,
    /// Another process was used to ask it to stop.
    pub stop_requested: bool,
    pub flights: Vec<Flight>,
}

/// What a device met.
#[derive(Clone, Copy, Default)]
pub struct Truth {
    /// Times that a call of this run was applied to it.
    pub applied: u32,
    /// The server answered 1 for it.
    pub confirmed: bool,
    /// Sends whose answer was lost or couldn't be read.
    pub lost: u32,
}

/// A call whose intent is durable.
pub struct Flight {
    pub call: u32,
    pub kind: IdentifierKind,
    pub is_resend: bool,
    pub slot: i64,
    pub devices: Vec<u32>,
    /// It may be on the wire.
    pub sent: bool,
    pub end: FlightEnd,
    /// The journal has its end.
    pub settled: bool,
}

/// How a call ended, in truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlightEnd {
    NotSent,
    Refused,
    /// Which elements came through.
    Answered(Vec<bool>),
    Lost,
}

impl Run {
    pub fn new(plan: &Plan, account: usize, variant: Variant) -> Self {
        let count = plan.devices.len();
        Self {
            id: plan.id,
            account,
            action: plan.action,
            retry_of: plan.origin.retry_of,
            admitted: false,
            closed: false,
            must_close: false,
            truths: vec![Truth::default(); count],
            states: vec![DeviceState::Planned; count],
            row_states: Default::default(),
            is_quiet: false,
            stop_requested: false,
            flights: Vec::new(),
            planned_hash: plan.hash(),
            variants: vec![variant],
            hash: String::new(),
            resumes: 0,
            held: Vec::new(),
            plan: plan.clone(),
        }
    }

    /// It was admitted as this.
    pub fn take_plan(&mut self, plan: Plan) {
        self.truths = vec![Truth::default(); plan.devices.len()];
        self.states = vec![DeviceState::Planned; plan.devices.len()];
        self.hash = plan.hash();
        self.plan = plan;
    }

    pub fn identifier(&self, ordinal: u32) -> &Identifier {
        &self.plan.devices[ordinal as usize].identifier
    }

    /// True if it has this very device in doubt.
    pub fn has_in_doubt(&self, device: &PlannedDevice) -> bool {
        let mut mine = self.plan.devices.iter().zip(&self.states);
        mine.any(|(mine, state)| {
            mine == device && matches!(state, DeviceState::Ended(Outcome::InDoubt(_)))
        })
    }

    pub fn in_flight(&self, ordinal: u32) -> bool {
        let mut open = self.flights.iter().filter(|flight| !flight.settled);
        open.any(|flight| flight.devices.contains(&ordinal))
    }

    /// The journal has this call, and perhaps its end.
    pub fn take_in(&mut self, call: Call) {
        let at = self
            .flights
            .iter()
            .position(|flight| flight.call == call.number);
        if at.is_none() {
            assert!(!self.closed, "a closed run goes on");
            assert!(
                self.flights.iter().all(|flight| flight.settled),
                "an intent while the call before it has no durable outcome"
            );
            self.flights.push(Flight {
                call: call.number,
                kind: call.kind,
                is_resend: call.is_resend,
                slot: call.slot,
                devices: call.devices,
                sent: false,
                end: FlightEnd::Lost,
                settled: false,
            });
        }
        let at = at.unwrap_or(self.flights.len() - 1);
        if let Some(verdict) = call.verdict {
            self.settle(at, &verdict);
        }
    }

    fn settle(&mut self, at: usize, verdict: &str) {
        let flight = &mut self.flights[at];
        let call = flight.call;
        if std::mem::replace(&mut flight.settled, true) || !flight.sent {
            return;
        }
        let lost: Vec<bool> = match (verdict, &flight.end) {
            ("in_doubt", _) => vec![true; flight.devices.len()],
            ("answered", FlightEnd::Answered(readable)) => {
                readable.iter().map(|&readable| !readable).collect()
            }
            ("refused", FlightEnd::Refused) | ("not_sent", FlightEnd::NotSent) => Vec::new(),
            (verdict, end) => panic!("call {call} is reported as {verdict}, and was {end:?}"),
        };
        for (&ordinal, lost) in flight.devices.iter().zip(lost) {
            self.truths[ordinal as usize].lost += u32::from(lost);
        }
    }

    /// Holds what the journal says now against what it said before, and against the truth. Gives
    /// the devices that are newly reported as not found.
    pub fn check(&mut self, states: Vec<DeviceState>) -> Vec<u32> {
        let mut missing = Vec::new();
        for (ordinal, (&state, &before)) in (0_u32..).zip(states.iter().zip(&self.states)) {
            let truth = self.truths[ordinal as usize];
            let reported = format!("{} device {ordinal}: {before:?} → {state:?}", self.id);
            if let DeviceState::Ended(outcome) = before {
                assert!(
                    state == before || !outcome.is_definite(),
                    "{reported}: a definite outcome changed"
                );
                assert!(
                    state != DeviceState::Planned,
                    "{reported}: what is in doubt is not safe to send"
                );
            }
            let not_found = DeviceState::Ended(Outcome::Failed(Failure::NotFound));
            if state == not_found && before != state {
                missing.push(ordinal);
            }
            match state {
                DeviceState::Ended(Outcome::Accepted) => {
                    assert!(truth.confirmed, "{reported}: the server never said so");
                }
                DeviceState::Ended(Outcome::Failed(Failure::StillThere)) => {
                    assert_eq!(self.action, Action::Remove, "{reported}");
                    assert!(
                        state == before
                            || matches!(before, DeviceState::Ended(Outcome::InDoubt(_))),
                        "{reported}: a lookup settles only what is in doubt"
                    );
                }
                DeviceState::Ended(Outcome::Failed(_)) => {
                    assert_eq!(truth.applied, 0, "{reported}: failed, and yet applied");
                }
                DeviceState::Planned if !self.in_flight(ordinal) => {
                    assert_eq!(truth.applied, 0, "{reported}: planned, and yet applied");
                }
                _ => {}
            }
            let allowed = match self.identifier(ordinal).kind() {
                IdentifierKind::Hwid => 2,
                IdentifierKind::Mac => 1,
            };
            assert!(
                truth.lost <= allowed,
                "{reported}: {} lost answers",
                truth.lost
            );
        }
        self.states = states;
        missing
    }
}

impl World {
    pub fn flight(&mut self, run: usize, call: u32) -> &mut Flight {
        let mut flights = self.runs[run].flights.iter_mut();
        let found = flights.find(|flight| flight.call == call);
        found.expect("no send without a durable intent")
    }

    /// A Delete Devices call has reached the tenant of this account: it must be a confirmed plan's,
    /// and its bytes those of a durable intent.
    pub fn check_delete(&mut self, run: usize, call: u32, account: usize, body: &[u8]) -> Asked {
        let asked = Asked::read(body);
        let truth = &self.runs[run];
        assert!(truth.admitted, "sent without a confirmation");
        assert_eq!(truth.account, account, "sent to another tenant");
        assert_eq!(
            truth.action, asked.action,
            "another action than was confirmed"
        );
        let flight = truth.flights.iter().find(|flight| flight.call == call);
        let flight = flight.expect("no send without a durable intent");
        let planned: Vec<&Identifier> = flight
            .devices
            .iter()
            .map(|&ordinal| truth.identifier(ordinal))
            .collect();
        let texts: Vec<String> = planned.iter().map(ToString::to_string).collect();
        assert_eq!(texts, asked.identifiers, "other devices than were intended");
        let by_mac = |identifier: &&Identifier| identifier.kind() == IdentifierKind::Mac;
        assert!(
            planned.iter().all(|one| by_mac(one) == asked.by_mac),
            "in the wrong list"
        );
        let held = flight
            .devices
            .iter()
            .find(|ordinal| truth.held.contains(ordinal));
        assert_eq!(held, None, "sent, and held when the run was admitted");
        self.auditor.check_body(&truth.id, call, body);
        self.auditor.check_removed(&truth.id, call);
        asked
    }

    /// The tenant does as asked.
    pub fn apply(&mut self, run: usize, call: u32, account: usize, asked: &Asked) -> Vec<u8> {
        let devices = self.flight(run, call).devices.clone();
        let tenant = &mut self.accounts[account].tenant;
        let result: Vec<u8> = asked
            .identifiers
            .iter()
            .map(|identifier| u8::from(tenant.delete(identifier, asked.by_mac, asked.action)))
            .collect();
        for (ordinal, &element) in devices.iter().zip(&result) {
            self.runs[run].truths[*ordinal as usize].applied += u32::from(element);
        }
        result
    }

    /// What the tenant says, before anything befalls it on the way.
    pub fn note_answer(&mut self, run: usize, call: u32, answer: &HttpAnswer) {
        let flight = self.flight(run, call);
        let devices = flight.devices.clone();
        flight.end = match answer.status {
            200 => FlightEnd::Answered(vec![true; devices.len()]),
            400..=499 => FlightEnd::Refused,
            _ => FlightEnd::Lost,
        };
        let Some(result) = result_of(answer) else {
            return;
        };
        let truths = &mut self.runs[run].truths;
        for (ordinal, element) in devices.into_iter().zip(result) {
            truths[ordinal as usize].confirmed |= element == 1;
        }
    }
}

fn result_of(answer: &HttpAnswer) -> Option<Vec<u8>> {
    let Body::Whole(body) = &answer.body else {
        return None;
    };
    let value: Value = serde_json::from_slice(body).ok()?;
    serde_json::from_value(value.get("result")?.clone()).ok()
}
