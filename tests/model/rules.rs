//! The decisions: those of the program, called as it calls them, and older or broken ones in their
//! place.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use offboard::domain::action::Action;
use offboard::domain::device::{Hwid, Identifier, MacAddress};
use offboard::domain::rate_limit::{Budget, Ledger, NextCall, Slot, next_call};
use offboard::domain::run::RunId;
use offboard::plan::{
    Basis, Candidate, EarlierDevice, EarlierDevices, EarlierState, LeftOutReason, PlannedDevice,
};
use offboard::platform::clock::BootTime;

use super::state::{Call, DEVICES, ListName, Plan, Row, RunIndex, State, Tick};

/// What two moments lie apart. Calls of moments that follow each other arrive within 60 s, others
/// don't.
pub const STEP: Duration = Duration::from_secs(40);
/// How long a call may last: a request arrives at the moment at which it is sent, or at the next.
pub const LIFETIME: Tick = 1;
/// From this age of its completion on, a slot is free.
pub const FREE_AFTER: Tick = 2;
/// A device in doubt may be sent again 60 s later.
pub const RESEND_AFTER: Tick = 2;

/// Which rules hold.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// What the transaction checks that admits a run.
    pub admission: AdmissionRule,
    /// When a slot is completed.
    pub ledger: LedgerRule,
    /// Whether a run's lock keeps others out.
    pub lock: LockRule,
}

/// What the transaction checks that admits a run. The plan is always built by the program's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmissionRule {
    /// The program's.
    Shipped,
    /// Open runs and devices in doubt, by the HWID of the row.
    Old,
    /// All that the program's rule finds, but for what was removed.
    WithoutRemoved,
    /// All that the program's rule finds by the HWID of the row.
    ByHwid,
}

/// When a slot is completed, from which its window counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerRule {
    /// The program's: when its call is.
    Shipped,
    /// When its call is sent.
    CompletesWhenSent,
}

/// Whether a run's lock keeps others out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockRule {
    /// It does.
    Shipped,
    /// It is never asked for.
    NotTaken,
}

impl Rules {
    /// Those of the program.
    pub const SHIPPED: Self = Self {
        admission: AdmissionRule::Shipped,
        ledger: LedgerRule::Shipped,
        lock: LockRule::Shipped,
    };
}

/// What the two lists say of each record.
static LISTED: LazyLock<[[PlannedDevice; DEVICES]; 2]> = LazyLock::new(|| {
    let mac = |text| MacAddress::parse(text).expect("a MAC");
    let (first, second) = (mac("00:0c:29:00:00:01"), mac("00:0c:29:00:00:02"));
    [
        [
            listed("HWID-1", &[first], None),
            listed("HWID-2", &[second], None),
        ],
        [
            listed("hwid-1", &[], None),
            listed("HWID-3", &[second], Some(second)),
        ],
    ]
});

fn listed(hwid: &str, macs: &[MacAddress], sent: Option<MacAddress>) -> PlannedDevice {
    let hwid = Hwid::parse(hwid).expect("a HWID");
    let sent = sent.map_or(Identifier::Hwid(hwid.clone()), Identifier::Mac);
    PlannedDevice {
        hwid: Some(hwid),
        macs: macs.to_vec(),
        ..PlannedDevice::bare(sent)
    }
}

/// A device as its list has it.
pub fn device(list: ListName, device: usize) -> &'static PlannedDevice {
    &LISTED[list as usize][device]
}

/// The time of something that a process does. A list's time is that of the first answer, and lies before
/// whatever happens at the same moment.
fn work_time(tick: Tick) -> Timestamp {
    at(tick) + SignedDuration::from_secs(1)
}

fn at(tick: Tick) -> Timestamp {
    let step = SignedDuration::try_from(STEP).expect("a short span");
    Timestamp::UNIX_EPOCH + step * i32::from(tick)
}

fn run_id(run: RunIndex) -> RunId {
    RunId::from_bytes([run; 16])
}

fn run_index(id: RunId) -> RunIndex {
    id.bytes()[0]
}

/// What is asked of a plan or run.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Its devices, and what they are built on.
    pub plan: &'a Plan,
    /// How far its list's clock goes ahead.
    pub ahead: Tick,
    /// The run itself, once it is one.
    pub run: Option<RunIndex>,
    /// False while the plan is built: then all that the list can't know is news.
    pub is_built: bool,
}

/// Why a device of a plan may not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// An open run has it, or it is in doubt.
    Held,
    /// This run removed it.
    Removed(RunIndex),
}

/// Asks the program's rule about one device, with what was read of the journal.
pub fn conflict(
    earlier: &EarlierDevices,
    state: &State,
    question: &Question<'_>,
    row: Row,
    place: usize,
) -> Option<Conflict> {
    let plan = question.plan;
    let candidate = Candidate {
        removed_by: row.removed_by.map(run_id),
        ..Candidate::from(device(plan.list, place))
    };
    let retried = state.retried(plan.retry_of).into_iter();
    let retried: Vec<RunId> = retried.map(run_id).collect();
    let basis = Basis {
        list_hash: "",
        list_time: Some(at(plan.list_time + question.ahead)),
        planned_at: work_time(plan.planned_at),
        known_slot: question.is_built.then_some(i64::from(plan.known_slot)),
        run: question.run.map(run_id),
        retried_runs: &retried,
    };
    match earlier.conflict(candidate, &basis)? {
        LeftOutReason::RemovedEarlier(run, _) => Some(Conflict::Removed(run_index(run))),
        _ => Some(Conflict::Held),
    }
}

/// What `rule` looks at of the journal for a device.
pub fn read(rule: AdmissionRule, state: &State, list: ListName, place: usize) -> EarlierDevices {
    let hwid = device(list, place).hwid.as_ref().map(Hwid::as_str);
    let mut read = EarlierDevices::default();
    for device in earlier_devices(state) {
        let has_hwid = || {
            let own = device.hwid.as_ref().map(Hwid::as_str);
            own.zip(hwid)
                .is_some_and(|(own, hwid)| own.eq_ignore_ascii_case(hwid))
        };
        let is_removed = device.state == EarlierState::Removed;
        let is_read = match rule {
            AdmissionRule::Shipped => true,
            AdmissionRule::Old => !is_removed && has_hwid(),
            AdmissionRule::WithoutRemoved => !is_removed,
            AdmissionRule::ByHwid => has_hwid(),
        };
        if is_read {
            read.insert(device);
        }
    }
    read
}

/// The journal's devices as [`EarlierDevices`] holds them.
fn earlier_devices(state: &State) -> impl Iterator<Item = EarlierDevice> {
    (0..).zip(&state.runs).flat_map(|(index, run)| {
        (0..DEVICES).filter_map(move |place| {
            run.plan.rows[place]?;
            let outcome = run.outcomes[place];
            let state = match outcome {
                None if run.open => EarlierState::Open,
                None => return None,
                Some(outcome) if outcome.definite => EarlierState::Removed,
                Some(_) => EarlierState::InDoubt,
            };
            let device = device(run.plan.list, place).clone();
            Some(EarlierDevice {
                run: run_id(index),
                action: Action::Remove,
                sent: device.identifier,
                hwid: device.hwid,
                macs: device.macs,
                state,
                decided_at: outcome.map(|outcome| work_time(outcome.at)),
                slot: outcome.map(|outcome| i64::from(outcome.call) + 1),
            })
        })
    })
}

/// Whether a slot may be taken now, by the program's rule.
pub fn may_call(calls: &[Call], per_window: u32) -> bool {
    let now = BootTime(0);
    let ago = |age: Tick| now - STEP * u32::from(age);
    let slot = |(number, call): (i64, &Call)| Slot {
        number,
        taken: ago(call.taken),
        deadline: ago(call.taken) + STEP * u32::from(LIFETIME),
        completed: call.completed.map(ago),
    };
    let ledger = Ledger {
        slots: (1..).zip(calls).map(slot).collect(),
        caps: Vec::new(),
    };
    let calls = NonZeroU32::new(per_window).expect("a call per window");
    next_call(&ledger, &Budget::per_minute(calls), now) == NextCall::Now
}
