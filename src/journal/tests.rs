//! What the tests of the journal share: a journal, plans, calls.

use std::num::NonZeroU32;
use std::sync::LazyLock;

use jiff::Timestamp;

use super::*;
use crate::domain::action::Action;
use crate::domain::device::{Hwid, Identifier, IdentifierKind, IdentifyBy, MacAddress};
use crate::domain::outcome::{DeviceState, Doubt, Failure, Outcome};
use crate::domain::rate_limit::{Budget, Cap, CapSource, RateHeaders, WaitReason};
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::domain::target::{Policy, Target};
use crate::engine::response::{CallReport, CallResult, Element};
use crate::engine::{
    Batch, BatchOrigin, CallEnd, Intent, SlotAnswer, SlotEnd, SlotPurpose, TakenSlot,
};
use crate::plan::{CallSizes, Origin, Plan, PlannedDevice};
use crate::platform::clock::{BootTime, Now};

mod backup;
mod day_limit;
mod earlier;
mod file;
mod forget;
mod holds;
mod ledger;
mod licences;
mod lookups;
mod overlap;
mod rechecks;
mod records;
mod runs;
mod upgrade;
mod verifications;

struct Fixture {
    _directory: tempfile::TempDir,
    path: PathBuf,
    clock: Clock,
    journal: Journal,
}

/// A database without runs: creating its tables takes longer than most tests.
static NEW_DATABASE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a directory");
    drop(Journal::open(directory.path(), Clock::system()).expect("a journal"));
    std::fs::read(directory.path().join(files::DATABASE)).expect("a database")
});

fn fixture() -> Fixture {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().to_owned();
    let wall = "2026-11-23T10:00:00Z".parse().expect("a time");
    let clock = Clock::manual(Now {
        wall,
        boot: BootTime(1_000_000),
    });
    let database = path.join(files::DATABASE);
    files::make_database(&database).expect("a file");
    std::fs::write(&database, &*NEW_DATABASE).expect("a database");
    let journal = Journal::open(&path, clock.clone()).expect("a journal");
    Fixture {
        _directory: directory,
        path,
        clock,
        journal,
    }
}

fn target() -> Target {
    Target {
        tenant: "https://a.example".to_owned(),
        account: None,
        profile: "production".to_owned(),
    }
}

fn another_account() -> Target {
    Target {
        account: Some("other".to_owned()),
        ..target()
    }
}

fn by_hwid(text: &str) -> Identifier {
    Identifier::Hwid(Hwid::parse(text).expect("a HWID"))
}

fn plan(id: u8, hwids: &[&str]) -> Plan {
    let devices = hwids.iter().map(|text| PlannedDevice {
        macs: vec![MacAddress::parse("00:0c:29:cd:c7:b2").expect("a mac")],
        hostname: format!("LT-{text}"),
        user: "ada".to_owned(),
        device_type: "laptop".to_owned(),
        group: "Sales".to_owned(),
        status: "compliant".to_owned(),
        last_seen: Some(Timestamp::UNIX_EPOCH),
        ..PlannedDevice::bare(by_hwid(text))
    });
    Plan {
        id: RunId::from_bytes([id; 16]),
        target: target(),
        action: Action::Remove,
        identify_by: IdentifyBy::Auto,
        devices: devices.collect(),
        sources: vec![],
        left_out: vec![],
        repeated: 0,
        oldest: None,
        warnings: vec![],
        sizes: CallSizes {
            batch: 50,
            canary: 5,
        },
        origin: Origin {
            note: Some("CHG-1".to_owned()),
            ..Origin::default()
        },
    }
}

fn policy() -> Policy {
    Policy {
        rules_hash: String::new(),
        max_devices: 500,
        max_per_day: 2000,
        approvals: 0,
    }
}

fn admit(journal: &mut Journal, plan: &Plan) -> Admission {
    let confirmed = plan.confirm(plan.devices.len() as u64).expect("confirmed");
    journal
        .admit(&confirmed, &Operator::default(), &policy())
        .expect("stored")
}

fn budget(calls: u32) -> Budget {
    Budget::per_minute(NonZeroU32::new(calls).expect("positive"))
}

fn take(journal: &mut Journal, calls: u32) -> Result<TakenSlot, (BootTime, WaitReason)> {
    let answer = journal.take_slot(
        &target(),
        &budget(calls),
        SlotPurpose::Delete,
        Duration::from_secs(65),
    );
    match answer.expect("the ledger works") {
        SlotAnswer::Taken(slot) => Ok(slot),
        SlotAnswer::Denied { at, reason } => Err((at, reason)),
    }
}

/// A slot's call has ended, and the server said nothing of limits or the time.
fn slot_end(number: i64) -> SlotEnd {
    SlotEnd {
        number,
        cap: None,
        server: None,
    }
}

fn set_state(journal: &mut Journal, run: &RunId, state: RunState) {
    journal.store_state(run, state, None).expect("stored");
}

/// Stores the intent of the run's next call.
fn store_intent(journal: &mut Journal, run: &RunId, devices: &[u32]) -> (u32, TakenSlot) {
    let slot = take(journal, 10).expect("a slot");
    let batch = Batch {
        kind: IdentifierKind::Hwid,
        devices: devices.to_vec(),
        origin: BatchOrigin::Fresh,
    };
    let call = journal.run(&run.short()).expect("a run").calls + 1;
    let held = journal.lock_run(run).expect("the lock");
    journal
        .store_intent(&held, &Intent { call, batch, slot }, "hash")
        .expect("stored");
    (call, slot)
}

/// Stores what came of a call.
fn store_outcome(
    journal: &mut Journal,
    run: &RunId,
    (call, slot): (u32, TakenSlot),
    elements: &[Element],
    changes: Vec<(u32, DeviceState)>,
) {
    let report = CallReport {
        result: CallResult::Answered(elements.to_vec()),
        status: Some(200),
        message: String::new(),
        rate: RateHeaders::default(),
        odd_content_type: false,
    };
    let end = CallEnd {
        call,
        slot: slot_end(slot.number),
        report,
        changes,
    };
    journal.store_outcome(run, &end).expect("stored");
}

fn one_call(journal: &mut Journal, run: &RunId, devices: &[u32], elements: &[Element]) {
    let call = store_intent(journal, run, devices);
    let changes = devices
        .iter()
        .zip(elements)
        .map(|(&device, &element)| {
            let outcome = match element {
                Element::Deleted => Outcome::Accepted,
                _ => Outcome::Failed(Failure::NotFound),
            };
            (device, DeviceState::Ended(outcome))
        })
        .collect();
    store_outcome(journal, run, call, elements, changes);
}
