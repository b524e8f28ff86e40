//! What runs hold against others.

use super::*;

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
