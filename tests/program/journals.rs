//! Journals that can't be trusted: nothing is sent because of them, and what is valid can be read.

use std::time::Instant;

use offboard::simulator::SimulatorSettings;

use super::workbench::{Output, WINDOW, Workbench};

/// A finished run of two devices, `a1` and `a2`, that the tenant doesn't know.
pub fn finished() -> Workbench {
    let bench = Workbench::with(5);
    bench.write("two.txt", "hwid\na1\na2\n");
    let run = bench.run_of("two.txt", "2", &[]);
    run.exits(3);
    bench
}

/// A run that is paused after its canary.
fn paused() -> Workbench {
    let bench = Workbench::new(SimulatorSettings {
        devices: 120,
        faults: "403@2".parse().expect("a plan"),
        ..SimulatorSettings::default()
    });
    let run = bench.run_of("devices.json", &bench.count(), &[]);
    run.exits(5);
    bench
}

/// Neither a resume nor another look at it sends anything.
fn is_not_resumed(bench: &Workbench, left: &str, why: &str) -> Output {
    let calls = bench.simulator.received().len();
    let resumed = bench.resume(left);
    assert_ne!(resumed.code, Some(0), "{}", resumed.stderr);
    assert!(resumed.stderr.contains(why), "{why}: {}", resumed.stderr);
    assert_eq!(bench.simulator.received().len(), calls, "nothing is sent");
    resumed
}

#[test]
fn run_of_a_newer_journal_is_not_resumed() {
    let bench = paused();
    let left = bench.left();
    let set = |version: i64| {
        let database = bench.database();
        database
            .pragma_update(None, "user_version", version)
            .expect("set");
    };
    let version = bench
        .database()
        .pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
        .expect("a version");
    set(99);
    is_not_resumed(&bench, &left, "newer");
    set(version);
    assert_eq!(bench.resume(&left).code, Some(3), "and as it was, it is");
}

/// A row that no version of the program writes, a device that isn't the one that was confirmed, one
/// too few: each in a run that could be taken up otherwise.
#[test]
fn run_of_a_damaged_journal_is_not_resumed() {
    for damage in [
        "UPDATE run_devices SET outcome = 'vanished' WHERE ordinal = 1",
        "UPDATE run_devices SET identifier = 'another1' WHERE ordinal = 60",
        "UPDATE runs SET action = 'uninstall'",
        "DELETE FROM run_devices WHERE ordinal = 60",
    ] {
        let bench = paused();
        let left = bench.left();
        bench
            .database()
            .execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {damage};"))
            .expect("damaged");
        let resumed = is_not_resumed(&bench, &left, "");
        let reported = resumed.code == Some(1) && resumed.stderr.contains("damaged");
        let fewer = resumed.code == Some(7);
        assert!(
            reported || fewer,
            "{damage}: {:?} {}",
            resumed.code,
            resumed.stderr
        );
        let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
        assert!(
            !export.events("device").is_empty(),
            "{damage}: what is valid is read"
        );
    }
}

/// What a killed process left in the log beside the database, damaged before what was written last:
/// SQLite alone would use what is before the damage, and call devices not sent that were.
#[test]
fn damaged_log_beside_the_journal_sends_nothing_and_stays_as_it_is() {
    let bench = Workbench::with(120);
    bench.write("one.txt", "hwid\nb1\n");
    let mut command = bench.command(&[]);
    command
        .args(bench.run_all())
        .env("OFFBOARD_FAILPOINT", "outcome-stored=kill@3");
    command.output().expect("it runs");
    let log = bench.path("state/journal.db-wal");
    let whole = std::fs::read(&log).expect("a log");
    for eighths in [0, 1, 2, 4] {
        let mut bytes = whole.clone();
        let place = bytes.len() * eighths / 8;
        for byte in &mut bytes[place..place + 16] {
            *byte ^= 0x5a;
        }
        std::fs::write(&log, &bytes).expect("written");
        is_not_resumed(&bench, "15", "damaged");
        let calls = bench.simulator.received().len();
        let run = bench.run_of("one.txt", "1", &[]);
        run.exits(1);
        run.says("damaged");
        assert_eq!(bench.simulator.received().len(), calls, "nothing is sent");
        let runs = bench.run(&["runs"]);
        runs.exits(1);
        let reported = runs.stderr.contains("damaged") && runs.stderr.contains("--state-dir");
        assert!(reported, "{}", runs.stderr);
        let kept = std::fs::read(&log).expect("it is still there");
        assert_eq!(kept, bytes, "nothing was written into it");
    }
    // The end of what was written last may be a write that was cut short: its call is in doubt.
    let cut = whole.len() - 3000;
    std::fs::write(&log, &whole[..cut]).expect("written");
    let resumed = bench.resume(&bench.left());
    let summary = resumed.event("summary");
    assert_eq!(
        (&summary["state"], &summary["in_doubt"]),
        (&"finished".into(), &50.into()),
        "{}",
        resumed.stderr
    );
    assert!(bench.sends().values().all(|&sends| sends == 1));
}

#[test]
fn ledger_that_cannot_be_placed_in_time_makes_the_window_full_once() {
    for damage in [
        "UPDATE slots SET boot = 'another'",
        "UPDATE slots SET taken = taken + 1000000000",
    ] {
        let bench = finished();
        bench.database().execute_batch(damage).expect("damaged");
        bench.write("more.txt", "hwid\nb1\n");
        let calls = bench.simulator.received().len();
        let begun = Instant::now();
        let before = bench.simulator.received().last().expect("a call").at;
        let run = bench.run_of("more.txt", "1", &[]);
        run.exits(3);
        let received = bench.simulator.received();
        assert!(received[calls].at >= before + WINDOW, "{damage}");
        assert!(begun.elapsed() < WINDOW * 3, "{damage}: once");
    }
}

#[test]
fn newer_journal_is_unchanged_and_can_be_read() {
    let bench = finished();
    let database = rusqlite::Connection::open(bench.path("state/journal.db")).expect("open");
    database
        .pragma_update(None, "user_version", 99)
        .expect("set");
    drop(database);
    let runs = bench.run(&["runs"]);
    runs.exits(0);
    runs.prints("finished");
    let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    assert_eq!(export.events("device").len(), 2);
    let before = bench.simulator.received().len();
    bench.write("one.txt", "hwid\nb1\n");
    let run = bench.run_of("one.txt", "1", &[]);
    assert_ne!(run.code, Some(0));
    run.says("newer");
    assert_eq!(bench.simulator.received().len(), before, "nothing is sent");
}

#[test]
fn damaged_journal_sends_nothing_and_its_valid_part_can_be_read() {
    let bench = finished();
    let path = bench.path("state/journal.db");
    let database = rusqlite::Connection::open(&path).expect("open");
    database
        .execute_batch(
            "PRAGMA ignore_check_constraints = ON;
             UPDATE run_devices SET outcome = 'vanished' WHERE ordinal = 1;",
        )
        .expect("damaged");
    drop(database);
    let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    export.exits(1);
    export.says("damaged");
    export.prints("\"hwid\":\"a1\"");
    // Pages of the database itself.
    let mut bytes = std::fs::read(&path).expect("read");
    for byte in &mut bytes[4096..] {
        *byte ^= 0x5a;
    }
    std::fs::write(&path, bytes).expect("written");
    let before = bench.simulator.received().len();
    bench.write("one.txt", "hwid\nb1\n");
    let run = bench.run_of("one.txt", "1", &[]);
    assert_ne!(run.code, Some(0), "{}", run.stdout);
    run.says("journal");
    assert_eq!(bench.simulator.received().len(), before, "nothing is sent");
}
