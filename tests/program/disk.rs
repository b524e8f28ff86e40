//! Disks that fill up, directories that can't be used, journals that can't be trusted.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Command;

use offboard::domain::run::RunId;
use offboard::simulator::SimulatorSettings;

use super::journals::finished;
use super::workbench::{Output, Workbench, in_parallel};

/// The same command under a limit on the size of any file it writes, in KiB. A write beyond it
/// fails as on a full disk, and brings a signal that ends a process that doesn't handle it.
fn limited(bench: &Workbench, kibibytes: u32, arguments: &[String]) -> Command {
    let plain = bench.command(&[]);
    let mut command = Command::new("bash");
    command
        .arg("-c")
        .arg(format!("ulimit -f {kibibytes}; exec \"$0\" \"$@\""))
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
fn full_disk_sends_nothing_without_an_intent_and_loses_no_outcome() {
    let sizes = [8, 64, 120, 160, 200, 240, 280, 320, 360, 400, 440];
    let sent = in_parallel(&sizes, |&kibibytes| {
        let bench = Workbench::with(120);
        let arguments = bench.run_all();
        let output = Output::of(limited(&bench, kibibytes, &arguments));
        let deletes = bench.deletes();
        if deletes.is_empty() {
            output.exits(1);
            output.says("journal");
            return false;
        }
        nothing_is_lost(&bench, &output, &format!("{kibibytes} KiB"));
        if output.code == Some(1) {
            output.says("journal");
        }
        // Without room the history is not shown rather than shown with devices that were sent as not sent.
        let arguments = ["runs", "show", "last", "--output", "jsonl"].map(str::to_owned);
        let history = Output::of(limited(&bench, kibibytes, &arguments));
        let devices = history.events("device");
        let unsent = devices
            .iter()
            .filter(|device| device["outcome"] == "not_sent");
        let is_true = unsent.count() + bench.sends().len() <= devices.len();
        assert!(
            history.code == Some(1) || is_true,
            "{kibibytes} KiB: {}",
            history.stdout
        );
        // With room again the run is resumed.
        finishes(&bench, &format!("{kibibytes} KiB"));
        true
    });
    assert!(
        sent.contains(&true) && sent.contains(&false),
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
        let resumed = bench.resume(&left);
        resumed.finished();
    }
    for (identifier, sends) in bench.sends() {
        assert_eq!(sends, 1, "{identifier} at {place}");
    }
}

/// The first, the second … sync of a run fails, until it has no more of them. What wasn't synced is
/// thrown away, so what is sent without a durable intent is sent twice or unknown afterwards.
#[cfg(target_os = "linux")]
#[test]
fn failed_sync_stops_the_run_before_the_next_call() {
    let workshop = Workbench::new(SimulatorSettings::default());
    let library = super::faults::library(&workshop, "fsync");
    // None if there are fewer syncs; else whether the run failed, and whether that was after a call.
    let fail_at = |&at: &usize| {
        let bench = Workbench::with(12);
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
            return None;
        }
        // A sync that fails as the journal is closed costs nothing: the log that it empties stays.
        let failed = output.code == Some(1);
        if failed {
            let named = ["/journal.", "the journal", "/run-"];
            let is_named = named.iter().any(|file| output.stderr.contains(file));
            assert!(is_named, "{place}: {}", output.stderr);
        }
        if bench.deletes().is_empty() {
            return Some((failed, false));
        }
        nothing_is_lost(&bench, &output, &place);
        finishes(&bench, &place);
        Some((failed, failed))
    };
    let mut results = Vec::new();
    for first in (1..).step_by(4) {
        results.extend(in_parallel(
            &[first, first + 1, first + 2, first + 3],
            fail_at,
        ));
        if results.contains(&None) {
            break;
        }
    }
    let results = results.iter().flatten();
    let failed = results.clone().filter(|(failed, _)| *failed).count();
    let failed_later = results.filter(|(_, later)| *later).count();
    assert!(
        failed > failed_later && failed_later > 3,
        "{failed} failed, {failed_later} of them after a call"
    );
}

#[test]
fn state_directory_that_cannot_be_used_is_named() {
    let bench = Workbench::with(5);
    bench.write("one.txt", "hwid\na1\n");
    bench.write("file", "no directory");
    for directory in ["/proc/offboard", "file"] {
        let mut command = bench.command_in(directory, &["run", "one.txt", "--action", "remove"]);
        command.args(["--all", "--expect-count", "1"]);
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
        let export = bench.run(&["runs", "export", "last", "--format", "jsonl", "-o", target]);
        assert_eq!(export.code, Some(1), "{target}: {}", export.stderr);
        export.says(target);
    }
}

#[test]
fn run_whose_lock_cannot_be_written_is_stored_and_says_how_to_resume_it() {
    let bench = Workbench::with(3);
    let planned = bench.plan_of("devices.json", "remove", &["-o", "plan.json"]);
    planned.exits(0);
    let count = planned.event("plan")["devices"].to_string();
    let text = std::fs::read_to_string(bench.path("plan.json")).expect("the plan");
    let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let id = plan["id"]
        .as_str()
        .and_then(RunId::from_hex)
        .expect("an ID");
    let id = &id.short();
    let lock = bench.path(&format!("state/run-{id}.lock"));
    std::fs::create_dir(&lock).expect("in the way");
    let failed = bench.run(&["run", "--plan", "plan.json", "--expect-count", &count]);
    failed.exits(1);
    let command = format!("offboard resume {id} --expect-count {count}");
    failed.says(&command);
    assert_eq!(bench.deletes().len(), 0);
    std::fs::remove_dir(&lock).expect("out of the way");
    let resumed = bench.run(&["resume", id, "--expect-count", &count]);
    resumed.says("finished");
    assert_eq!(bench.sends().len().to_string(), count);
}

#[test]
fn log_that_cannot_be_written_is_named_and_stops_nothing() {
    let bench = Workbench::new(SimulatorSettings::default());
    bench.write_bytes("log", &vec![b'\n'; 512 << 10]);
    let arguments = ["--log-file", "log", "runs"].map(str::to_owned);
    let output = Output::of(limited(&bench, 512, &arguments));
    output.exits(0);
    let note = "--log-file log: a part of the log is missing: ";
    output.says(note);
}

#[test]
fn copy_of_the_journal_that_finds_no_room_leaves_nothing_and_names_the_remedy() {
    let bench = finished();
    let old = bench.database();
    let aged = old.execute("UPDATE runs SET ended_at = '2025-01-02T03:04:05Z'", []);
    assert_eq!(aged.expect("aged"), 1);
    drop(old);
    // Enough for every other file of the journal.
    let refused = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|&part| part.to_owned()).collect();
        let output = Output::of(limited(&bench, 120, &arguments));
        output.exits(1);
        output.stderr
    };
    let files = bench.files();
    let backup = refused(&["backup", "copy.db"]);
    assert!(backup.contains("name a file on another disk"), "{backup}");
    let forget = refused(&["forget", "--before", "2025-02-01"]);
    assert!(forget.contains("make room"), "{forget}");
    let is_copy = |file: &PathBuf| !files.contains(file) && !file.ends_with("names.key");
    let left: Vec<PathBuf> = bench.files().into_iter().filter(is_copy).collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}
