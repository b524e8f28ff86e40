//! `verify --lookup`: one call for each accepted device.

use offboard::simulator::SimulatorSettings;

use super::{bench, count, fetch, remove, verify};
use crate::program::workbench::Workbench;

#[test]
fn lookups_verify_a_run_without_an_inventory() {
    let bench = bench(40);
    fetch(&bench);
    remove(&bench, "type:laptop unseen>60d");
    let unknown = verify(&bench, &["last"]);
    assert_eq!(
        unknown.code,
        Some(4),
        "nothing newer is known: {}",
        unknown.stderr
    );
    unknown.says("fetch a new one");
    let before = bench.simulator.received().len();
    let verified = verify(&bench, &["last", "--lookup"]);
    verified.exits(3);
    let facts = verified.event("verification");
    assert_eq!(
        (&facts["source"], &facts["unknown"]),
        (&"lookup".into(), &0.into())
    );
    assert!(
        count(&facts, "gone") > 0 && count(&facts, "returned") > 0,
        "{facts}"
    );
    let calls = bench.simulator.received().len() - before;
    assert!(calls as u64 >= count(&facts, "accepted"), "a call each");
    let received = bench.simulator.received();
    assert!(received[before..].iter().all(|call| call.delete.is_none()));
}

#[test]
fn gateway_that_answers_404_to_every_lookup_verifies_nothing() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 90,
        hides_details: true,
        ..SimulatorSettings::default()
    });
    fetch(&bench);
    remove(&bench, "type:desktop");
    let verified = verify(&bench, &["last", "--lookup"]);
    verified.exits(4);
    let facts = verified.event("verification");
    assert_eq!(facts["unknown"], facts["accepted"]);
}

#[test]
fn lookup_that_ends_early_exits_with_5_though_an_earlier_inventory_says_all() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 90,
        hides_details: true,
        ..SimulatorSettings::default()
    });
    fetch(&bench);
    let run = remove(&bench, "type:desktop");
    let accepted = run.event("summary")["accepted"].to_string();
    fetch(&bench);
    assert_eq!(verify(&bench, &["last"]).code, Some(0));
    let verified = verify(&bench, &["last", "--lookup"]);
    verified.exits(5);
    let said = format!(" of {accepted} accepted devices ");
    verified.says(&said);
    assert_eq!(verified.event("verification_summary")["exit"], 5);
}
