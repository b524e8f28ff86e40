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
        // Whatever was applied is in the journal, or was printed because the journal failed.
        let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
        let known: HashSet<String> = export
            .events("device")
            .iter()
            .filter(|device| device["outcome"] != "not_sent")
            .filter_map(|device| device["hwid"].as_str().or(device["mac"].as_str()))
            .map(str::to_owned)
            .collect();
        for call in deletes {
            let delete = call.delete.expect("a delete call");
            for identifier in delete.identifiers {
                assert!(
                    known.contains(&identifier)
                        || output.stderr.contains(&identifier)
                        || bench.left().parse::<usize>().is_ok(),
                    "{identifier} is lost at {kibibytes} KiB: {}",
                    output.stderr
                );
            }
        }
        if output.code == Some(1) {
            assert!(output.stderr.contains("journal"), "{}", output.stderr);
        }
        // With room again the run is resumed, and nothing is sent twice.
        let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
        if !runs.contains("\"state\":\"finished\"") {
            let left = bench.left();
            let resumed = bench.run(&[
                "resume",
                "last",
                "--expect-count",
                &left,
                "--output",
                "jsonl",
            ]);
            assert_eq!(
                resumed.event("summary")["state"],
                "finished",
                "{}",
                resumed.stderr
            );
        }
        for (identifier, sends) in bench.sends() {
            assert_eq!(sends, 1, "{identifier} at {kibibytes} KiB");
        }
    }
    assert!(
        sent_something > 0 && sent_nothing > 0,
        "the sizes fit the journal's"
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
