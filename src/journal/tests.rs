use std::num::NonZeroU32;

use jiff::Timestamp;

use super::*;
use crate::action::Action;
use crate::clock::{BootTime, Now};
use crate::device::{Hwid, Identifier, IdentifierKind, IdentifyBy, MacAddress};
use crate::engine::classify::{CallReport, CallResult, Element};
use crate::engine::{Batch, BatchOrigin, CallEnd, Intent, SlotEnd, SlotPurpose, TakenSlot};
use crate::outcome::{DeviceState, Doubt, Failure, Outcome};
use crate::pacer::{Budget, Cap, CapSource, RateHeaders, WaitReason};
use crate::plan::{CallSizes, Origin, Plan, PlannedDevice, Target};
use crate::run::{PauseReason, RunId, RunState};

mod earlier;

struct Fixture {
    _directory: tempfile::TempDir,
    path: PathBuf,
    clock: Clock,
    journal: Journal,
}

fn fixture() -> Fixture {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().to_owned();
    let wall = "2026-11-23T10:00:00Z".parse().expect("a time");
    let clock = Clock::manual(Now {
        wall,
        boot: BootTime(1_000_000),
    });
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

fn plan(id: u8, hwids: &[&str]) -> Plan {
    let devices = hwids.iter().map(|text| {
        let hwid = Hwid::parse(text).expect("a hwid");
        PlannedDevice {
            identifier: Identifier::Hwid(hwid.clone()),
            hwid: Some(hwid),
            macs: vec![MacAddress::parse("00:0c:29:cd:c7:b2").expect("a mac")],
            hostname: format!("LT-{text}"),
            nickname: String::new(),
            user: "ada".to_owned(),
            device_type: "laptop".to_owned(),
            group: "Sales".to_owned(),
            last_seen: Some(Timestamp::UNIX_EPOCH),
        }
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

fn admit(journal: &mut Journal, plan: &Plan) -> Admission {
    let confirmed = plan.confirm(plan.devices.len() as u64).expect("confirmed");
    journal
        .admit(&confirmed, &Operator::default())
        .expect("stored")
}

fn budget(calls: u32) -> Budget {
    Budget::per_minute(NonZeroU32::new(calls).expect("positive"))
}

fn take(journal: &mut Journal, calls: u32) -> Result<TakenSlot, (BootTime, WaitReason)> {
    journal
        .take_slot(
            &target(),
            &budget(calls),
            SlotPurpose::Delete,
            Duration::from_secs(65),
        )
        .expect("the ledger works")
}

fn one_call(journal: &mut Journal, run: &RunId, devices: &[u32], elements: &[Element]) {
    let slot = take(journal, 10).expect("a slot");
    let batch = Batch {
        kind: IdentifierKind::Hwid,
        devices: devices.to_vec(),
        origin: BatchOrigin::Fresh,
    };
    let call = journal.run(&run.short()).expect("a run").calls + 1;
    journal
        .store_intent(run, &Intent { call, batch, slot }, "hash")
        .expect("stored");
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
    let report = CallReport {
        result: CallResult::Answered(elements.to_vec()),
        status: Some(200),
        words: String::new(),
        rate: RateHeaders::default(),
        odd_content_type: false,
    };
    let slot = SlotEnd {
        number: slot.number,
        cap: None,
    };
    journal
        .store_outcome(
            run,
            &CallEnd {
                call,
                slot,
                report,
                changes,
            },
        )
        .expect("stored");
}

#[test]
fn a_run_is_read_back_as_it_was_confirmed() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1", "h2"]);
    assert_eq!(admit(&mut fixture.journal, &plan), Admission::Admitted);
    let reopened = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    let record = reopened.run("last").expect("a run");
    assert_eq!(
        (record.id, record.devices, record.state),
        (plan.id, 2, RunState::Queued)
    );
    assert_eq!(
        (record.hash, record.note.as_deref()),
        (plan.hash(), Some("CHG-1"))
    );
    let devices: Vec<_> = reopened
        .devices(&plan.id)
        .expect("devices")
        .into_iter()
        .map(|record| record.device)
        .collect();
    assert_eq!(devices, plan.devices);
}

#[test]
fn outcomes_are_read_back_and_definite_ones_never_change() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1", "h2", "h3"]);
    admit(&mut fixture.journal, &plan);
    one_call(
        &mut fixture.journal,
        &plan.id,
        &[0, 1],
        &[Element::Deleted, Element::NotDeleted],
    );
    one_call(
        &mut fixture.journal,
        &plan.id,
        &[1, 0],
        &[Element::Deleted, Element::NotDeleted],
    );
    let lock = fixture.journal.lock_run(&plan.id).expect("the lock");
    let opened = fixture.journal.open_run(&plan.id, &lock).expect("a run");
    let states: Vec<_> = opened.devices.into_iter().map(|(_, state)| state).collect();
    assert_eq!(
        states,
        [
            DeviceState::Ended(Outcome::Accepted),
            DeviceState::Ended(Outcome::Failed(Failure::NotFound)),
            DeviceState::Planned,
        ]
    );
    let tally = fixture.journal.run("last").expect("a run").tally;
    assert_eq!(
        (tally.accepted, tally.failed, tally.left, opened.calls),
        (1, 1, 1, 2)
    );
    let calls = fixture.journal.calls(&plan.id).expect("calls");
    assert_eq!(
        (calls[1].devices.as_slice(), calls[1].verdict),
        (&[1, 0][..], Some(Verdict::Answered))
    );
}

#[test]
fn a_device_of_an_open_run_is_not_admitted_again() {
    let mut fixture = fixture();
    let first = plan(1, &["h1", "h2"]);
    admit(&mut fixture.journal, &first);
    assert_eq!(
        admit(&mut fixture.journal, &plan(2, &["h2", "h3"])),
        Admission::Overlap(1)
    );
    assert_eq!(
        fixture.journal.runs().expect("runs").len(),
        1,
        "an unconfirmed plan is no run"
    );
    fixture
        .journal
        .store_state(&first.id, RunState::Closed, None)
        .expect("stored");
    assert_eq!(
        admit(&mut fixture.journal, &plan(2, &["h2", "h3"])),
        Admission::Admitted,
        "a plan that was refused for it isn't used up"
    );
    assert_eq!(
        admit(&mut fixture.journal, &plan(2, &["h2", "h3"])),
        Admission::Used
    );
}

#[test]
fn devices_that_are_not_those_confirmed_are_not_sent() {
    for damage in [
        "UPDATE run_devices SET identifier = 'h3' WHERE ordinal = 1",
        "DELETE FROM run_devices WHERE ordinal = 1",
        "UPDATE run_devices SET ordinal = 5 WHERE ordinal = 0",
    ] {
        let mut fixture = fixture();
        let plan = plan(1, &["h1", "h2"]);
        admit(&mut fixture.journal, &plan);
        let connection = Connection::open(fixture.journal.path()).expect("open");
        connection.execute(damage, []).expect("damaged");
        let lock = fixture.journal.lock_run(&plan.id).expect("the lock");
        let opened = fixture.journal.open_run(&plan.id, &lock);
        assert!(
            matches!(opened, Err(JournalError::Damaged { .. })),
            "{damage}"
        );
    }
}

#[test]
fn a_device_whose_identifiers_cannot_be_read_is_not_forgotten() {
    let mut fixture = fixture();
    admit(&mut fixture.journal, &plan(1, &["h1"]));
    let connection = Connection::open(fixture.journal.path()).expect("open");
    connection
        .execute("UPDATE run_devices SET hwid = 'h 1'", [])
        .expect("damaged");
    assert!(fixture.journal.held(&target(), None).is_err());
    let again = plan(2, &["h1"]).confirm(1).expect("confirmed");
    let admitted = fixture.journal.admit(&again, &Operator::default());
    assert!(admitted.is_err(), "it could be sent twice");
}

#[test]
fn a_limit_that_holds_for_longer_is_not_loosened() {
    let mut fixture = fixture();
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let cap = |left, seconds| Cap {
        left,
        after: slot.number,
        until: BootTime(1_000_000) + Duration::from_secs(seconds),
        source: CapSource::TooMany,
    };
    for cap in [cap(0, 3600), cap(0, 60)] {
        let end = SlotEnd {
            number: slot.number,
            cap: Some(cap),
        };
        fixture.journal.complete_slot(&end).expect("stored");
    }
    let ledger = fixture.journal.ledger(&target(), &budget(10));
    assert_eq!(ledger.expect("readable").caps, [cap(0, 3600)]);
}

#[test]
fn what_was_removed_after_the_list_was_saved_is_held() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1"]);
    admit(&mut fixture.journal, &plan);
    one_call(&mut fixture.journal, &plan.id, &[0], &[Element::Deleted]);
    fixture
        .journal
        .store_state(&plan.id, RunState::Finished, None)
        .expect("stored");
    let now = fixture.clock.now().wall;
    let held = |since| fixture.journal.held(&target(), since).expect("held");
    assert!(
        held(None)
            .reason(plan.devices[0].hwid.as_ref(), &[], &[])
            .is_some()
    );
    assert!(
        held(Some(now - Duration::from_secs(60)))
            .reason(plan.devices[0].hwid.as_ref(), &[], &[])
            .is_some()
    );
    assert!(held(Some(now + Duration::from_secs(60))).is_empty());
    let other = Target {
        account: Some("other".to_owned()),
        ..target()
    };
    assert!(fixture.journal.held(&other, None).expect("held").is_empty());
}

#[test]
fn the_reason_of_a_pause_is_kept_with_its_advice() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1"]);
    admit(&mut fixture.journal, &plan);
    let pause = PauseReason::TwoInDoubt;
    fixture
        .journal
        .store_state(&plan.id, RunState::Paused, Some(&pause))
        .expect("stored");
    let record = fixture.journal.run(&plan.id.short()[..4]).expect("a run");
    assert_eq!(record.state, RunState::Paused);
    assert!(record.reason.expect("a reason").contains("console"));
}

#[test]
fn runs_are_found_by_the_beginning_of_their_name() {
    let mut fixture = fixture();
    admit(&mut fixture.journal, &plan(1, &["h1"]));
    let mut twin = plan(1, &["h2"]);
    twin.id = RunId::from_bytes([1, 1, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    admit(&mut fixture.journal, &twin);
    let find = |name: &str| fixture.journal.run(name);
    assert_eq!(find(&twin.id.short()).expect("a run").id, twin.id);
    assert!(matches!(
        find(&twin.id.short()[..3]),
        Err(JournalError::AmbiguousRun(_))
    ));
    assert!(matches!(find("nothing"), Err(JournalError::NoSuchRun(_))));
    assert!(find("").is_err());
}

#[test]
fn processes_share_one_budget() {
    let mut fixture = fixture();
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert!(take(&mut fixture.journal, 2).is_ok());
    let slot = take(&mut other, 2).expect("a slot");
    assert!(take(&mut fixture.journal, 2).is_err());
    other
        .complete_slot(&SlotEnd {
            number: slot.number,
            cap: None,
        })
        .expect("stored");
    let (at, why) = take(&mut fixture.journal, 2).expect_err("full");
    assert_eq!(
        (at, why),
        (BootTime(1_000_000 + 61_000), WaitReason::Budget)
    );
    fixture.clock.advance(Duration::from_secs(61));
    assert!(take(&mut fixture.journal, 2).is_ok());
}

#[test]
fn another_account_has_a_budget_of_its_own() {
    let mut fixture = fixture();
    assert!(take(&mut fixture.journal, 1).is_ok());
    let other = Target {
        account: Some("other".to_owned()),
        ..target()
    };
    let slot = fixture.journal.take_slot(
        &other,
        &budget(1),
        SlotPurpose::Token,
        Duration::from_secs(65),
    );
    assert!(slot.expect("the ledger works").is_ok());
}

#[test]
fn a_cap_outlives_the_process() {
    let mut fixture = fixture();
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let until = fixture.clock.now().boot + Duration::from_secs(300);
    let cap = Cap {
        left: 0,
        after: slot.number,
        until,
        source: CapSource::TooMany,
    };
    fixture
        .journal
        .complete_slot(&SlotEnd {
            number: slot.number,
            cap: Some(cap),
        })
        .expect("stored");
    let mut reopened = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert_eq!(take(&mut reopened, 10), Err((until, WaitReason::TooMany)));
}

#[test]
fn after_a_reboot_the_window_is_full_once() {
    let mut fixture = fixture();
    take(&mut fixture.journal, 10).expect("a slot");
    // Another boot: another id, and a clock that began anew.
    fixture
        .journal
        .connection
        .execute("UPDATE slots SET boot = 'before'", [])
        .expect("updated");
    let (at, why) = take(&mut fixture.journal, 10).expect_err("full");
    assert_eq!(
        (at, why),
        (BootTime(1_000_000 + 61_000), WaitReason::UnknownWindow)
    );
    fixture.clock.advance(Duration::from_secs(61));
    assert!(take(&mut fixture.journal, 10).is_ok());
}

#[test]
fn a_ledger_from_the_future_makes_the_window_full_once() {
    let mut fixture = fixture();
    take(&mut fixture.journal, 10).expect("a slot");
    fixture
        .journal
        .connection
        .execute("UPDATE slots SET taken = 99999999", [])
        .expect("updated");
    assert!(take(&mut fixture.journal, 10).is_err());
    fixture.clock.advance(Duration::from_secs(61));
    assert!(take(&mut fixture.journal, 10).is_ok());
}

#[test]
fn a_run_has_one_writer() {
    let fixture = fixture();
    let run = RunId::from_bytes([1; 16]);
    let other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    let lock = fixture.journal.lock_run(&run).expect("the lock");
    let holder = other
        .holder(&run)
        .expect("readable")
        .expect("held")
        .to_string();
    assert!(holder.contains(&std::process::id().to_string()), "{holder}");
    assert!(matches!(
        other.lock_run(&run),
        Err(JournalError::Held { .. })
    ));
    drop(lock);
    assert!(other.lock_run(&run).is_ok());
}

#[test]
fn a_newer_journal_is_read_and_never_written() {
    let mut fixture = fixture();
    let plan = plan(1, &["a1"]);
    admit(&mut fixture.journal, &plan);
    fixture
        .journal
        .connection
        .pragma_update(None, "user_version", 99)
        .expect("updated");
    let mut newer = Journal::open(&fixture.path, fixture.clock.clone()).expect("readable");
    assert_eq!(newer.runs().expect("readable").len(), 1);
    let error = newer
        .store_state(&plan.id, RunState::Running, None)
        .expect_err("newer");
    assert!(
        matches!(error, JournalError::Newer { found: 99, .. }),
        "{error}"
    );
}

#[test]
fn after_a_failed_write_nothing_more_is_written() {
    let mut fixture = fixture();
    let pages: i64 = fixture
        .journal
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("pages");
    fixture
        .journal
        .connection
        .pragma_update(None, "max_page_count", pages)
        .expect("a full disk");
    let hwids: Vec<String> = (0..500).map(|number| format!("h{number}")).collect();
    let plan = plan(1, &hwids.iter().map(String::as_str).collect::<Vec<_>>());
    let confirmed = plan.confirm(500).expect("confirmed");
    let error = fixture
        .journal
        .admit(&confirmed, &Operator::default())
        .expect_err("full");
    assert!(error.to_string().contains("full"), "{error}");
    fixture
        .journal
        .connection
        .pragma_update(None, "max_page_count", 1_000_000)
        .expect("room again");
    let error = fixture
        .journal
        .admit(&confirmed, &Operator::default())
        .expect_err("poisoned");
    assert!(matches!(error, JournalError::Poisoned));
}

#[test]
fn its_files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let mut fixture = fixture();
    admit(&mut fixture.journal, &plan(1, &["h1"]));
    for entry in std::fs::read_dir(&fixture.path).expect("readable") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.path());
    }
}

#[test]
fn processes_that_open_a_new_journal_at_once_all_succeed() {
    let directory = tempfile::tempdir().expect("a directory");
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Journal::open(directory.path(), Clock::system()).map(|_| ())))
            .collect();
        for thread in opened {
            thread.join().expect("no panic").expect("opened");
        }
    });
}

#[test]
fn an_intent_without_an_outcome_is_in_doubt_once_the_run_is_opened() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1", "h2", "h3"]);
    admit(&mut fixture.journal, &plan);
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let batch = Batch {
        kind: IdentifierKind::Hwid,
        devices: vec![1, 2],
        origin: BatchOrigin::Fresh,
    };
    let intent = Intent {
        call: 1,
        batch,
        slot,
    };
    fixture
        .journal
        .store_intent(&plan.id, &intent, "hash")
        .expect("stored");
    // The process dies here; twice opening equals once.
    let mut reopened = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    for _ in 0..2 {
        let lock = reopened.lock_run(&plan.id).expect("the lock");
        let opened = reopened.open_run(&plan.id, &lock).expect("a run");
        let doubt = DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted));
        let states: Vec<_> = opened.devices.into_iter().map(|(_, state)| state).collect();
        assert_eq!(states, [DeviceState::Planned, doubt, doubt]);
    }
    let devices = reopened.devices(&plan.id).expect("devices");
    assert_eq!(devices[1].call, Some(1));
    let held = reopened.held(&target(), None).expect("held");
    let reason = held
        .reason(plan.devices[1].hwid.as_ref(), &[], &[])
        .expect("held");
    assert!(matches!(reason, crate::plan::LeftOutReason::InDoubt(_)));
}

#[test]
fn a_closed_run_holds_only_what_is_in_doubt() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1", "h2"]);
    admit(&mut fixture.journal, &plan);
    let opened = fixture.journal.close_run(&plan.id).expect("closed");
    assert_eq!(opened.record.tally.left, 2);
    assert_eq!(
        fixture.journal.run("last").expect("a run").state,
        RunState::Closed
    );
    assert!(
        fixture
            .journal
            .held(&target(), None)
            .expect("held")
            .is_empty()
    );
    let _lock = fixture.journal.lock_run(&plan.id).expect("the lock");
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert!(matches!(
        other.close_run(&plan.id),
        Err(JournalError::Held { .. })
    ));
}

#[test]
fn a_stop_is_asked_for_through_the_journal() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1"]);
    admit(&mut fixture.journal, &plan);
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert!(!fixture.journal.stop_requested(&plan.id).expect("readable"));
    other.request_stop(&plan.id).expect("asked");
    assert!(fixture.journal.stop_requested(&plan.id).expect("readable"));
    fixture
        .journal
        .record_resume(&plan.id, 1, &Operator::default())
        .expect("stored");
    assert!(!fixture.journal.stop_requested(&plan.id).expect("readable"));
}

#[test]
fn only_a_retry_of_that_very_run_takes_what_it_has_in_doubt() {
    let mut fixture = fixture();
    let first = plan(1, &["h1", "h2"]);
    admit(&mut fixture.journal, &first);
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let batch = Batch {
        kind: IdentifierKind::Hwid,
        devices: vec![0, 1],
        origin: BatchOrigin::Fresh,
    };
    let intent = Intent {
        call: 1,
        batch,
        slot,
    };
    let journal = &mut fixture.journal;
    journal
        .store_intent(&first.id, &intent, "hash")
        .expect("stored");
    let lock = journal.lock_run(&first.id).expect("the lock");
    journal.open_run(&first.id, &lock).expect("judged");
    journal
        .store_state(&first.id, RunState::Finished, None)
        .expect("stored");
    assert_eq!(admit(journal, &plan(2, &["h1"])), Admission::Overlap(1));
    let retry = |id: u8, of: &Plan| {
        let mut retry = plan(id, &["h1"]);
        retry.origin.retry_of = Some(of.id);
        retry
    };
    let other = plan(9, &["h9"]);
    assert_eq!(admit(journal, &retry(3, &other)), Admission::Overlap(1));
    assert_eq!(admit(journal, &retry(4, &first)), Admission::Admitted);
    let retried = plan(4, &["h1"]).id;
    let lock = journal.lock_run(&retried).expect("the lock");
    let opened = journal.open_run(&retried, &lock).expect("opened");
    assert_eq!(opened.lost_before, [0], "the first run's attempt");
    drop(lock);
    assert_eq!(admit(journal, &retry(4, &first)), Admission::Used);
    // Twice at a time it isn't sent either.
    assert_eq!(admit(journal, &retry(5, &first)), Admission::Overlap(1));
}

#[test]
fn a_devices_outcomes_are_told_over_all_runs_of_the_account() {
    let mut fixture = fixture();
    admit(&mut fixture.journal, &plan(1, &["h1", "h2"]));
    let hwid = Hwid::parse("h2").expect("an HWID");
    let found = fixture
        .journal
        .outcomes_of(&target(), Some(&hwid), &[])
        .expect("read");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (
            found[0].record.device.identifier.to_string(),
            found[0].record.state,
            found[0].ordinal
        ),
        ("h2".to_owned(), DeviceState::Planned, 1)
    );
    assert_eq!(
        (found[0].run, &found[0].target),
        (plan(1, &["h1"]).id, &target())
    );
    let elsewhere = Target {
        account: Some("elsewhere".to_owned()),
        ..target()
    };
    let none = fixture
        .journal
        .outcomes_of(&elsewhere, Some(&hwid), &[])
        .expect("read");
    assert!(none.is_empty());
}

#[test]
fn a_search_says_that_it_found_more_than_it_tells() {
    let mut fixture = fixture();
    let hwids: Vec<String> = (0..=FOUND_MOST)
        .map(|number| format!("h{number}"))
        .collect();
    let hwids: Vec<&str> = hwids.iter().map(String::as_str).collect();
    admit(&mut fixture.journal, &plan(1, &hwids));
    let all = fixture.journal.find("lt-h").expect("read");
    assert_eq!((all.devices.len(), all.is_cut), (FOUND_MOST, true));
    let one = fixture.journal.find("LT-H1000").expect("read");
    assert_eq!((one.devices.len(), one.is_cut), (2, false), "and LT-h10000");
    assert_eq!(one.devices[0].ordinal, 1000);
}
