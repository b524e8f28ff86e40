//! Runs, their calls and outcomes, read back.

use super::*;
use crate::import::MatchRule;
use crate::plan::LeftOutReason;
use crate::plan::MatchedFrom;

#[test]
fn run_is_read_back_as_confirmed() {
    let mut fixture = fixture();
    let mut plan = plan(1, &["h1", "h2"]);
    plan.devices[1].matched_by = Some(MatchRule::Serial);
    plan.origin.matched_from = Some(MatchedFrom {
        name: "leavers.csv".to_owned(),
        hash: "00ff".to_owned(),
    });
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
    assert_eq!(record.matched_from, plan.origin.matched_from);
    let devices: Vec<_> = reopened
        .devices(&plan.id)
        .expect("devices")
        .into_iter()
        .map(|record| record.device)
        .collect();
    for (ordinal, device) in (0..).zip(&mut plan.devices) {
        device.record = Some(ordinal);
    }
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
        (
            tally.accepted,
            tally.failed,
            tally.left,
            opened.record.calls
        ),
        (1, 1, 1, 2)
    );
    let calls = fixture.journal.calls(&plan.id).expect("calls");
    assert_eq!(
        (calls[1].devices.as_slice(), calls[1].verdict),
        (&[1, 0][..], Some(CallVerdict::Answered))
    );
}

#[test]
fn open_run_refuses_devices_other_than_the_confirmed_ones() {
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
fn pause_reason_is_stored_with_its_advice() {
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
fn closed_run_keeps_why_it_had_stopped_and_who_closed_it() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1"]);
    admit(&mut fixture.journal, &plan);
    let journal = &mut fixture.journal;
    journal
        .store_state(&plan.id, RunState::Paused, Some(&PauseReason::TwoInDoubt))
        .expect("stored");
    let closer = |os_user: &str| Operator {
        os_user: os_user.to_owned(),
        host: "jump-1".to_owned(),
        ..Operator::default()
    };
    journal
        .close_run(&plan.id, &closer("anna"))
        .expect("closed");
    journal
        .close_run(&plan.id, &closer("ben"))
        .expect("closed already");
    let record = journal.run("last").expect("a run");
    assert_eq!(record.state, RunState::Closed);
    assert_eq!(record.closed_by.as_deref(), Some("anna on jump-1"));
    let (label, reason) = record.labelled_reason().expect("a reason");
    assert_eq!(label, "before");
    assert!(reason.starts_with("two calls in a row"), "{reason}");
    assert!(!reason.contains("resume"), "{reason}");
    let record = RunRecord {
        reason: Some("refused: No. Ask Ben. Check it, then resume.".to_owned()),
        ..record.clone()
    };
    let words = record.reason_without_advice();
    assert_eq!(words, Some("refused: No. Ask Ben"), "as the server said it");
    assert_eq!(record.ended_at, Some(fixture.clock.now().wall));
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
fn run_lock_excludes_other_writers() {
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
fn open_run_marks_an_intent_without_an_outcome_in_doubt() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1", "h2", "h3"]);
    admit(&mut fixture.journal, &plan);
    store_intent(&mut fixture.journal, &plan.id, &[1, 2]);
    // The process dies here; twice opening equals once.
    let mut reopened = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    let full = reopened.connection.pragma_update(None, "query_only", true);
    full.expect("as on a full disk");
    assert!(
        reopened.recover_dead_runs().is_err(),
        "the history would call them not sent"
    );
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
    let again = Plan {
        id: RunId::from_bytes([2; 16]),
        ..plan.clone()
    };
    let reason = |at: usize, reason| Conflict {
        identifier: plan.devices[at].identifier.clone(),
        hostname: plan.devices[at].hostname.clone(),
        reason,
    };
    let expected = Admission::Conflicts(vec![
        reason(0, LeftOutReason::InRun(plan.id)),
        reason(1, LeftOutReason::InDoubt(plan.id)),
        reason(2, LeftOutReason::InDoubt(plan.id)),
    ]);
    assert_eq!(admit(&mut reopened, &again), expected);
}

#[test]
fn stop_is_requested_through_the_journal() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1"]);
    admit(&mut fixture.journal, &plan);
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    let requested = |fixture: &Fixture| fixture.journal.requested_stop(&plan.id).expect("readable");
    assert_eq!(requested(&fixture), None);
    let operator = Operator::current();
    other.request_stop(&plan.id, &operator).expect("requested");
    let stop = requested(&fixture).expect("a stop");
    assert_eq!(
        stop.to_string(),
        format!("stopped with `offboard stop` by {operator}")
    );
    fixture
        .journal
        .record_resume(&plan.id, 1, &Operator::default(), &policy())
        .expect("stored");
    assert_eq!(requested(&fixture), None);
}

#[test]
fn outcomes_of_finds_a_device_in_all_runs_of_the_account() {
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
    let elsewhere = another_account();
    let none = fixture
        .journal
        .outcomes_of(&elsewhere, Some(&hwid), &[])
        .expect("read");
    assert!(none.is_empty());
}

#[test]
fn find_reports_that_its_result_is_truncated() {
    let mut fixture = fixture();
    let hwids: Vec<String> = (0..12).map(|number| format!("h{number}")).collect();
    let hwids: Vec<&str> = hwids.iter().map(String::as_str).collect();
    admit(&mut fixture.journal, &plan(1, &hwids));
    let find = |text| fixture.journal.find_at_most(text, 11).expect("read");
    let all = find("lt-h");
    assert_eq!((all.devices.len(), all.is_truncated), (11, true));
    let one = find("LT-H1");
    assert_eq!(
        (one.devices.len(), one.is_truncated),
        (3, false),
        "and LT-h10, LT-h11"
    );
    assert_eq!(one.devices[0].ordinal, 1);
}

#[test]
fn breakdown_counts_devices_by_outcome_and_group() {
    let mut fixture = fixture();
    let mut plan = plan(1, &["h1", "h2", "h3", "h4"]);
    plan.devices[2].group = "Lab".to_owned();
    admit(&mut fixture.journal, &plan);
    let elements = [Element::Deleted, Element::NotDeleted];
    one_call(&mut fixture.journal, &plan.id, &[0, 1], &elements);
    let counted = fixture.journal.breakdown(&plan.id).expect("counted");
    let outcomes = [
        (Outcome::NotSent, 2),
        (Outcome::Accepted, 1),
        (Outcome::Failed(Failure::NotFound), 1),
    ];
    assert_eq!(counted.outcomes, outcomes);
    let groups = [("Sales".to_owned(), 3), ("Lab".to_owned(), 1)];
    assert_eq!(counted.groups, groups);
    let counts = fixture.journal.device_counts(&plan.id).expect("counted");
    let count = |group: &str, outcome, devices| DeviceCount {
        group: group.to_owned(),
        outcome,
        kind: IdentifierKind::Hwid,
        devices,
    };
    let expected = [
        count("Lab", Outcome::NotSent, 1),
        count("Sales", Outcome::Accepted, 1),
        count("Sales", Outcome::Failed(Failure::NotFound), 1),
        count("Sales", Outcome::NotSent, 1),
    ];
    assert_eq!(counts, expected);
    let times = fixture.journal.decision_times(&plan.id).expect("read");
    let decided = |index: usize| times.contains_key(&plan.devices[index].identifier);
    assert_eq!([0, 1, 2, 3].map(decided), [true, true, false, false]);
}
