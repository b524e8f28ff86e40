//! Disks that fill up, directories that can't be used, journals that can't be trusted.

use std::collections::HashSet;
use std::process::Command;

use offboard::simulator::Settings;

use super::workbench::{Output, Workbench};

/// The same command under a limit on the size of any file it writes, in KiB. A write beyond it
/// fails as on a full disk.
fn limited(bench: &Workbench, kibibytes: u32, arguments: &[String]) -> Command {
    let plain = bench.command(&[]);
    let mut command = Command::new("bash");
    command
        .arg("-c")
        .arg(format!(
            "trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\""
        ))
        .arg(plain.get_program())
        .args(plain.get_args())
        .args(arguments)
        .current_dir(bench.path("."));
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

#[test]
fn on_a_full_disk_nothing_is_sent_without_an_intent_and_no_outcome_is_lost() {
    let mut sent_something = 0;
    let mut sent_nothing = 0;
    for kibibytes in [8, 64, 120, 160, 200, 240, 280, 320, 360, 400, 440] {
        let bench = Workbench::new(Settings {
            devices: 120,
            ..Settings::default()
        });
        let arguments = bench.run_all();
        let output = Output::of(limited(&bench, kibibytes, &arguments));
        let deletes = bench.deletes();
        if deletes.is_empty() {
            sent_nothing += 1;
            assert_eq!(output.code, Some(1), "{}", output.stderr);
            assert!(output.stderr.contains("journal"), "{}", output.stderr);
            continue;
        }
        sent_something += 1;
        nothing_is_lost(&bench, &output, &format!("{kibibytes} KiB"));
        if output.code == Some(1) {
            assert!(output.stderr.contains("journal"), "{}", output.stderr);
        }
        // With room again the run is resumed.
        finishes(&bench, &format!("{kibibytes} KiB"));
    }
    assert!(
        sent_something > 0 && sent_nothing > 0,
        "the sizes fit the journal's"
    );
}

/// Whatever was sent is in the journal, or was printed because the journal failed.
fn nothing_is_lost(bench: &Workbench, output: &Output, place: &str) {
    let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    let known: HashSet<String> = export
        .events("device")
        .iter()
        .filter(|device| device["outcome"] != "not_sent")
        .filter_map(|device| device["hwid"].as_str().or(device["mac"].as_str()))
        .map(str::to_owned)
        .collect();
    for identifier in bench.sends().keys() {
        assert!(
            known.contains(identifier) || output.stderr.contains(identifier),
            "{identifier} is lost at {place}: {}",
            output.stderr
        );
    }
}

/// The newest run, resumed if it isn't finished, ends, and nothing is sent twice.
fn finishes(bench: &Workbench, place: &str) {
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    if !runs.contains("\"state\":\"finished\"") {
        let left = bench.left();
        let resume = ["resume", "last", "--output", "jsonl", "--expect-count"];
        let resumed = bench.run(&[&resume[..], &[&left]].concat());
        assert_eq!(
            resumed.event("summary")["state"],
            "finished",
            "{}",
            resumed.stderr
        );
    }
    for (identifier, sends) in bench.sends() {
        assert_eq!(sends, 1, "{identifier} at {place}");
    }
}

/// The first, the second … sync of a run fails, until it has no more of them. What wasn't synced is
/// thrown away, so what is sent without a durable intent is sent twice or unknown afterwards.
#[cfg(target_os = "linux")]
#[test]
fn a_sync_that_fails_stops_the_run_before_anything_more_is_sent() {
    let workshop = Workbench::new(Settings::default());
    let library = super::faults::library(&workshop, "fsync");
    let (mut failed, mut failed_later) = (0, 0);
    for at in 1.. {
        let bench = Workbench::new(Settings {
            devices: 12,
            ..Settings::default()
        });
        let mut command = bench.command(&[]);
        command
            .args(bench.run_all())
            .env("LD_PRELOAD", &library)
            .env("FSYNC_FAILS_AT", at.to_string())
            .env("FSYNC_FAILED", bench.path("failed"));
        // `run_all` has planned, which opens the journal: begin as a first start does.
        let _ = std::fs::remove_dir_all(bench.path("state"));
        let output = Output::of(command);
        let place = format!("sync {at}");
        if !bench.path("failed").exists() {
            break;
        }
        // A sync that fails as the journal is closed costs nothing: the log that it empties stays.
        if output.code == Some(1) {
            failed += 1;
            assert!(
                output.stderr.contains("journal"),
                "{place}: {}",
                output.stderr
            );
        }
        if bench.deletes().is_empty() {
            continue;
        }
        failed_later += u32::from(output.code == Some(1));
        nothing_is_lost(&bench, &output, &place);
        finishes(&bench, &place);
    }
    assert!(
        failed > failed_later && failed_later > 3,
        "{failed} failed, {failed_later} of them after a call"
    );
}

#[test]
fn a_state_directory_that_cannot_be_used_is_named() {
    let bench = Workbench::new(Settings {
        devices: 5,
        ..Settings::default()
    });
    bench.write("one.txt", "a1\n");
    bench.write("file", "no directory");
    let arguments = [
        "run",
        "one.txt",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "1",
    ];
    for directory in ["/proc/offboard", "file"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offboard"));
        command
            .arg("--config")
            .arg(bench.path("config.toml"))
            .args(["--state-dir", directory])
            .args(arguments)
            .current_dir(bench.path("."));
        let output = Output::of(command);
        assert_ne!(output.code, Some(0));
        assert!(
            output.stderr.contains(directory) && output.stderr.contains("--state-dir"),
            "{}",
            output.stderr
        );
    }
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn a_newer_journal_is_left_alone_and_can_be_read() {
    let bench = finished();
    let database = rusqlite::Connection::open(bench.path("state/journal.db")).expect("open");
    database
        .pragma_update(None, "user_version", 99)
        .expect("set");
    drop(database);
    let runs = bench.run(&["runs"]);
    assert_eq!(runs.code, Some(0), "{}", runs.stderr);
    assert!(runs.stdout.contains("finished"), "{}", runs.stdout);
    let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    assert_eq!(export.events("device").len(), 2);
    let before = bench.simulator.received().len();
    bench.write("one.txt", "b1\n");
    let run = bench.run(&[
        "run",
        "one.txt",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "1",
    ]);
    assert_ne!(run.code, Some(0));
    assert!(run.stderr.contains("newer"), "{}", run.stderr);
    assert_eq!(bench.simulator.received().len(), before, "nothing is sent");
}

#[test]
fn a_damaged_journal_sends_nothing_and_what_is_valid_can_be_read() {
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
    assert_eq!(export.code, Some(1), "{}", export.stderr);
    assert!(export.stderr.contains("damaged"), "{}", export.stderr);
    assert!(
        export.stdout.contains("\"hwid\":\"a1\""),
        "{}",
        export.stdout
    );
    // Pages of the database itself.
    let mut bytes = std::fs::read(&path).expect("read");
    for byte in &mut bytes[4096..] {
        *byte ^= 0x5a;
    }
    std::fs::write(&path, bytes).expect("written");
    let before = bench.simulator.received().len();
    bench.write("one.txt", "b1\n");
    let run = bench.run(&[
        "run",
        "one.txt",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "1",
    ]);
    assert_ne!(run.code, Some(0), "{}", run.stdout);
    assert!(run.stderr.contains("journal"), "{}", run.stderr);
    assert_eq!(bench.simulator.received().len(), before, "nothing is sent");
}

/// A finished run of two devices, `a1` and `a2`, that the tenant doesn't know.
fn finished() -> Workbench {
    let bench = Workbench::new(Settings {
        devices: 5,
        ..Settings::default()
    });
    bench.write("two.txt", "a1\na2\n");
    let run = bench.run(&[
        "run",
        "two.txt",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "2",
    ]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    bench
}

#[test]
fn output_that_cannot_be_written_exits_1() {
    let bench = finished();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("a full device");
    let mut command = bench.command(&["runs", "export", "last"]);
    command.stdout(full);
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    for target in ["/dev/null", "state"] {
        let export = bench.run(&["runs", "export", "last", "-o", target]);
        assert_eq!(export.code, Some(1), "{target}: {}", export.stderr);
        assert!(export.stderr.contains(target), "{}", export.stderr);
    }
}
