//! `offboard backup`, and a copy in place of the journal.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use offboard::simulator::SimulatorSettings;

use super::lost_journal::{LATENCY, bench, remove_locks};
use super::workbench::{Output, ended};

#[test]
fn backup_copies_the_journal_while_a_run_writes_it_and_the_copy_opens() {
    let bench = bench(SimulatorSettings {
        latency: LATENCY,
        ..SimulatorSettings::default()
    });
    let child = bench.start_all();
    bench.wait_for_calls(3);
    let copied = bench.run(&["backup", "copy.db"]);
    copied.exits(0);
    assert_eq!(copied.stdout, "wrote copy.db: 1 run\n");
    copied.says("closed in the copy");
    assert_eq!(bench.run(&["backup", "copy.db"]).code, Some(1), "it exists");
    let missing = bench.run(&["backup", "nowhere/copy.db"]);
    missing.exits(1);
    assert_eq!(ended(child).code, Some(3));
    let mode = bench.path("copy.db").metadata().expect("there").mode();
    assert_eq!(mode & 0o777, 0o600);
    let state = bench.path("restored");
    std::fs::create_dir(&state).expect("made");
    std::fs::set_permissions(&state, Permissions::from_mode(0o700)).expect("private");
    std::fs::rename(bench.path("copy.db"), state.join("journal.db")).expect("moved");
    let shown =
        Output::of(bench.command_in("restored", &["runs", "--output", "jsonl", "show", "last"]));
    shown.exits(0);
    let summary = shown.event("summary");
    assert!(summary["accepted"].as_u64() >= Some(9), "{summary}");
    // The call in flight has no outcome in the copy, and the run itself went on.
    assert_eq!(summary["state"], "closed", "{summary}");
    assert_eq!(summary["in_doubt"], 5, "{summary}");
    let listed = Output::of(bench.command_in("restored", &["runs"]));
    assert!(
        listed.stdout.contains("copy of the journal"),
        "{}",
        listed.stdout
    );
    let arrived = bench.arrived();
    let resumed =
        Output::of(bench.command_in("restored", &["resume", "last", "--expect-count", "1"]));
    resumed.exits(7);
    assert_eq!(bench.arrived(), arrived, "nothing is sent by the copy");
    // It is a journal as any other now.
    remove_locks(&state);
    let lost = Output::of(bench.command_in("restored", &["runs"]));
    lost.exits(1);
    lost.says("neither `journal.lock`");
}

#[test]
fn older_copy_in_place_of_the_journal_is_detected() {
    let bench = bench(SimulatorSettings::default());
    assert_eq!(bench.run(&["backup", "old.db"]).code, Some(0));
    let count = bench.count();
    assert_eq!(bench.run_of("devices.json", &count, &[]).code, Some(3));
    std::fs::rename(bench.path("old.db"), bench.path("state/journal.db")).expect("moved");
    let refused = bench.run(&["runs"]);
    refused.exits(1);
    refused.says("an older copy");
}
