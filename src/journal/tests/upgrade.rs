//! A journal of an older version gets what lookups need, of all that it holds.

use super::*;

/// A search for a part of the name of the first devices, and the counts of each run.
fn seen(journal: &Journal) -> (Vec<FoundDevice>, Vec<crate::domain::outcome::Tally>) {
    let runs = journal.runs().expect("read");
    (
        journal.find("lt-h1").expect("read").devices,
        runs.iter().map(|run| run.tally).collect(),
    )
}

/// Makes version 7 of a journal.
fn downgrade(path: &Path) {
    let connection = Connection::open(path.join(files::DATABASE)).expect("open");
    connection
        .execute_batch(
            "ALTER TABLE runs DROP COLUMN closed_by; DROP TABLE dropped_devices; DROP TABLE rechecks;
             ALTER TABLE runs DROP COLUMN forgotten; DROP TABLE forgets;
             DROP TABLE verified_devices; DROP TABLE verified_runs; DROP TABLE verifications;
             ALTER TABLE run_devices DROP COLUMN serial;
             DROP TABLE fetch_totals; ALTER TABLE runs DROP COLUMN licences_before;
             ALTER TABLE runs DROP COLUMN licences_after; DROP TABLE licences;
             DROP TABLE run_records; DROP TABLE server_times; DROP TABLE hold_ends; DROP TABLE hold_identifiers; DROP TABLE holds;
             ALTER TABLE runs DROP COLUMN list_devices; ALTER TABLE slots DROP COLUMN process;
             DROP TRIGGER count_outcomes; DROP TABLE outcome_counts; DROP TABLE search_blocks;
             DROP INDEX runs_by_state; CREATE INDEX run_devices_by_outcome ON run_devices (run, outcome);
             PRAGMA user_version = 7",
        )
        .expect("downgraded");
}

#[test]
fn upgraded_journal_has_the_same_counts_and_finds_the_same_devices() {
    let mut fixture = fixture();
    let hwids: Vec<String> = (0..200).map(|number| format!("h{number}")).collect();
    let first = plan(1, &hwids.iter().map(String::as_str).collect::<Vec<_>>());
    admit(&mut fixture.journal, &first);
    let answers = [Element::Deleted, Element::NotDeleted];
    one_call(&mut fixture.journal, &first.id, &[0, 1], &answers);
    admit(&mut fixture.journal, &plan(2, &["k1", "h1000"]));
    let before = seen(&fixture.journal);
    assert_eq!(
        before.0.len(),
        112,
        "h1, h10 to h19, h100 to h199 and h1000"
    );
    let one_by_one = fixture.journal.find_in_all("lt-h1", 1_000).expect("read");
    assert_eq!(before.0, one_by_one.devices, "in the same order");
    drop(fixture.journal);
    downgrade(&fixture.path);
    let database = fixture.path.join(files::DATABASE);
    // One that an upgrade left behind which was killed.
    std::fs::write(crate::journal::upgrade::copy_path(&database), "").expect("written");
    let upgraded = Journal::open(&fixture.path, fixture.clock.clone()).expect("upgraded");
    assert_eq!(seen(&upgraded), before);
    assert!(
        !crate::journal::upgrade::copy_path(&database).exists(),
        "it is through"
    );
}

#[test]
fn run_that_an_older_version_stored_after_the_upgrade_is_found() {
    let mut fixture = fixture();
    admit(&mut fixture.journal, &plan(1, &["h1"]));
    fixture
        .journal
        .connection
        .execute("DELETE FROM search_blocks", [])
        .expect("deleted");
    assert_eq!(seen(&fixture.journal).0.len(), 1);
}

#[test]
fn upgrade_that_finds_no_room_for_its_copy_changes_nothing() {
    let mut fixture = fixture();
    admit(&mut fixture.journal, &plan(1, &["h1"]));
    drop(fixture.journal);
    downgrade(&fixture.path);
    let database = fixture.path.join(files::DATABASE);
    let part = database.with_extension("db.before-upgrade.part");
    std::fs::create_dir_all(part.join("occupied")).expect("made");
    let error = Journal::open(&fixture.path, fixture.clock.clone()).expect_err("no copy");
    assert!(error.to_string().contains("can't be copied"), "{error}");
    std::fs::remove_dir_all(part).expect("removed");
    let upgraded = Journal::open(&fixture.path, fixture.clock.clone()).expect("upgraded");
    assert_eq!(upgraded.runs().expect("read").len(), 1);
}
