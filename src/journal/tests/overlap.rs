//! What runs hold against others.

use LeftOutReason::{InDoubt, InRun, RemovedEarlier};

use super::*;
use crate::plan::{Basis, EarlierDevices, LeftOutReason};

/// What the journal says of the account's devices with this HWID.
fn earlier_devices(
    journal: &Journal,
    target: &Target,
    hwid: &str,
) -> Result<EarlierDevices, JournalError> {
    let hwid = by_hwid(hwid);
    journal.earlier_devices(target, 1, std::iter::once(hwid.normal_form()))
}

fn conflicts(devices: &[(&str, LeftOutReason)]) -> Admission {
    let conflict = |(hwid, reason): &(&str, LeftOutReason)| Conflict {
        identifier: by_hwid(hwid),
        hostname: format!("LT-{hwid}"),
        reason: reason.clone(),
    };
    Admission::Conflicts(devices.iter().map(conflict).collect())
}

#[test]
fn admit_refuses_a_device_of_an_open_run() {
    let mut fixture = fixture();
    let first = plan(1, &["h1", "h2"]);
    admit(&mut fixture.journal, &first);
    assert_eq!(
        admit(&mut fixture.journal, &plan(2, &["h2", "h3"])),
        conflicts(&[("h2", InRun(first.id))])
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
fn device_with_unreadable_identifiers_is_an_error() {
    let mut fixture = fixture();
    admit(&mut fixture.journal, &plan(1, &["h1"]));
    let connection = Connection::open(fixture.journal.path()).expect("open");
    connection
        .execute("UPDATE run_devices SET hwid = 'h 1'", [])
        .expect("damaged");
    assert!(earlier_devices(&fixture.journal, &target(), "h1").is_err());
    let again = plan(2, &["h1"]).confirm(1).expect("confirmed");
    let admitted = fixture
        .journal
        .admit(&again, &Operator::default(), &policy());
    assert!(admitted.is_err(), "it could be sent twice");
}

#[test]
fn admit_refuses_devices_removed_after_the_list_was_saved() {
    let mut fixture = fixture();
    let mut plan = plan(1, &["h1"]);
    plan.origin.list_hash = "its list".to_owned();
    admit(&mut fixture.journal, &plan);
    one_call(&mut fixture.journal, &plan.id, &[0], &[Element::Deleted]);
    fixture
        .journal
        .store_state(&plan.id, RunState::Finished, None)
        .expect("stored");
    let now = fixture.clock.now().wall;
    let conflict = |account: &Target, list_time| {
        let earlier = earlier_devices(&fixture.journal, account, "H1").expect("readable");
        let basis = Basis {
            list_time,
            planned_at: now + Duration::from_secs(3600),
            ..Basis::default()
        };
        earlier.conflict((&plan.devices[0]).into(), &basis)
    };
    let removed = Some(RemovedEarlier(plan.id, Action::Remove));
    let minute = Duration::from_secs(60);
    assert_eq!(conflict(&target(), None), removed);
    assert_eq!(conflict(&target(), Some(now - minute)), removed);
    assert_eq!(
        conflict(&target(), Some(now + minute)),
        removed,
        "clocks differ"
    );
    assert_eq!(conflict(&target(), Some(now + 11 * minute)), None);
    let other = another_account();
    assert_eq!(conflict(&other, None), None);
    let earlier = earlier_devices(&fixture.journal, &target(), "h1").expect("readable");
    let of_same_list = Basis {
        list_time: Some(now + 11 * minute),
        list_hash: &plan.origin.list_hash,
        planned_at: now + 60 * minute,
        ..Basis::default()
    };
    assert_eq!(
        earlier.conflict((&plan.devices[0]).into(), &of_same_list),
        removed,
        "a list doesn't know what became of it"
    );
}

#[test]
fn closed_run_blocks_only_devices_in_doubt() {
    let mut fixture = fixture();
    let plan = plan(1, &["h1", "h2"]);
    admit(&mut fixture.journal, &plan);
    let opened = fixture
        .journal
        .close_run(&plan.id, &Operator::default())
        .expect("closed");
    assert_eq!(opened.record.tally.left, 2);
    assert_eq!(
        fixture.journal.run("last").expect("a run").state,
        RunState::Closed
    );
    let earlier = earlier_devices(&fixture.journal, &target(), "h1").expect("readable");
    assert!(earlier.is_empty());
    let _lock = fixture.journal.lock_run(&plan.id).expect("the lock");
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert!(matches!(
        other.close_run(&plan.id, &Operator::default()),
        Err(JournalError::Held { .. })
    ));
}

#[test]
fn devices_in_doubt_are_admitted_only_in_a_retry_of_their_run() {
    let mut fixture = fixture();
    let first = plan(1, &["h1", "h2"]);
    admit(&mut fixture.journal, &first);
    let journal = &mut fixture.journal;
    store_intent(journal, &first.id, &[0, 1]);
    let lock = journal.lock_run(&first.id).expect("the lock");
    journal.open_run(&first.id, &lock).expect("judged");
    set_state(journal, &first.id, RunState::Finished);
    let doubt = |run: &Plan| conflicts(&[("h1", InDoubt(run.id))]);
    assert_eq!(admit(journal, &plan(2, &["h1"])), doubt(&first));
    let retry = |id: u8, of: &Plan| {
        let mut retry = plan(id, &["h1"]);
        retry.origin.retry_of = Some(of.id);
        retry
    };
    let other = plan(9, &["h9"]);
    assert_eq!(admit(journal, &retry(3, &other)), doubt(&first));
    assert_eq!(admit(journal, &retry(4, &first)), Admission::Admitted);
    let retried = plan(4, &["h1"]).id;
    let lock = journal.lock_run(&retried).expect("the lock");
    let opened = journal.open_run(&retried, &lock).expect("opened");
    assert_eq!(opened.lost_before, [0], "the first run's attempt");
    drop(lock);
    assert_eq!(admit(journal, &retry(4, &first)), Admission::Used);
    // Twice at a time it isn't sent either.
    let in_retry = conflicts(&[("h1", InRun(retried))]);
    assert_eq!(admit(journal, &retry(5, &first)), in_retry);
}

/// Sends one device in one call of `run`, with this outcome.
fn decided(fixture: &mut Fixture, run: &Plan, outcome: Outcome) {
    let journal = &mut fixture.journal;
    let call = store_intent(journal, &run.id, &[0]);
    let changes = vec![(0, DeviceState::Ended(outcome))];
    store_outcome(journal, &run.id, call, &[Element::Unreadable], changes);
    set_state(journal, &run.id, RunState::Finished);
}

/// The row that is planned shares only its MAC with the run in doubt, whose HWID a retry sent again.
#[test]
fn later_answer_is_found_by_the_sent_identifier() {
    for (answer, held) in [
        (Outcome::Failed(Failure::NotFound), false),
        (Outcome::Failed(Failure::Refused), true),
    ] {
        let mut fixture = fixture();
        let first = plan(1, &["h1"]);
        admit(&mut fixture.journal, &first);
        decided(&mut fixture, &first, Outcome::InDoubt(Doubt::WrongElement));
        let mut retry = plan(2, &["h1"]);
        retry.origin.retry_of = Some(first.id);
        retry.devices[0].macs.clear();
        assert_eq!(admit(&mut fixture.journal, &retry), Admission::Admitted);
        decided(&mut fixture, &retry, answer);
        let mac = Identifier::Mac(first.devices[0].macs[0]);
        let mut by_mac = plan(3, &["h1"]);
        by_mac.devices = vec![crate::plan::PlannedDevice::bare(mac)];
        let admitted = admit(&mut fixture.journal, &by_mac);
        assert_eq!(admitted != Admission::Admitted, held, "{answer}");
    }
}

#[test]
fn resume_is_refused_for_devices_that_another_run_took() {
    let mut fixture = fixture();
    let first = plan(1, &["h1", "h2"]);
    admit(&mut fixture.journal, &first);
    let connection = Connection::open(fixture.journal.path()).expect("open");
    // As a build did that compared less: the run was no obstacle.
    let state = |state: &str| {
        connection
            .execute("UPDATE runs SET state = ?1 WHERE number = 1", [state])
            .expect("changed");
    };
    state("closed");
    let second = plan(2, &["h2"]);
    assert_eq!(admit(&mut fixture.journal, &second), Admission::Admitted);
    state("stopped");
    let resumed = fixture
        .journal
        .record_resume(&first.id, 2, &Operator::default(), &policy())
        .expect("readable");
    assert_eq!(resumed, conflicts(&[("h2", InRun(second.id))]));
    assert!(
        fixture
            .journal
            .resumes(&first.id)
            .expect("readable")
            .is_empty()
    );
}
