//! Copies of the journal.

use super::*;

#[test]
fn copy_sends_nothing_that_the_journal_may_send_as_well() {
    let mut fixture = fixture();
    let journal = &mut fixture.journal;
    let (over, open) = (plan(1, &["h1"]), plan(2, &["h2", "h3", "h4"]));
    admit(journal, &over);
    one_call(journal, &over.id, &[0], &[Element::Deleted]);
    set_state(journal, &over.id, RunState::Finished);
    admit(journal, &open);
    one_call(journal, &open.id, &[0], &[Element::Deleted]);
    store_intent(journal, &open.id, &[1]);
    let file = plan(3, &["h5"]);
    journal
        .remember_plan_file(&file.id, "digest", &Operator::default())
        .expect("stored");

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal.db");
    std::fs::write(&path, "").expect("made");
    journal.copy_to(&path).expect("copied");
    let copy = Journal::open(directory.path(), fixture.clock.clone()).expect("a journal");
    let states = |journal: &Journal, plan: &Plan| -> Vec<DeviceState> {
        let devices = journal.devices(&plan.id).expect("devices");
        devices.into_iter().map(|device| device.state).collect()
    };
    let run = copy.run(&open.id.short()).expect("a run");
    assert_eq!(run.state, RunState::Closed);
    let (label, reason) = run.labelled_reason().expect("a reason");
    assert_eq!(label, "closed", "nobody closed it");
    assert!(reason.contains("copy of the journal"), "{reason}");
    assert_eq!(
        states(&copy, &open)[1],
        DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted))
    );
    assert_eq!(copy.plan_file_digest(&file.id).expect("read"), None);
    let finished = copy.run(&over.id.short()).expect("a run");
    assert_eq!(
        (finished.state, finished.reason),
        (RunState::Finished, None)
    );

    // The journal itself is as before.
    assert_eq!(states(journal, &open)[1], DeviceState::Planned);
    let digest = journal.plan_file_digest(&file.id).expect("read");
    assert_eq!(digest.as_deref(), Some("digest"));
    let run = journal.run(&open.id.short()).expect("a run");
    assert!(run.state.is_open());
}
