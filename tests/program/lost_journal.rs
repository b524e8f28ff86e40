//! The journal's files are removed, cut or replaced under the program, or after it was killed.

use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use offboard::simulator::SimulatorSettings;

use super::workbench::{Output, Workbench, ended, in_parallel};

pub(super) const LATENCY: std::time::Duration = std::time::Duration::from_millis(300);

pub(super) fn bench(settings: SimulatorSettings) -> Workbench {
    let bench = Workbench::new(SimulatorSettings {
        devices: 60,
        ..settings
    });
    bench.configure("batch_size = 5");
    bench
}

fn cut(path: &Path, length: u64) {
    let file = OpenOptions::new().write(true).open(path).expect("open");
    file.set_len(length).expect("cut");
}

/// Writes something else over the beginning.
fn overwrite(path: &Path) {
    let file = OpenOptions::new().write(true).open(path).expect("open");
    file.write_all_at(&[b'x'; 24], 0).expect("written");
}

fn replace(path: &Path) {
    let copy = path.with_extension("copy");
    std::fs::copy(path, &copy).expect("copied");
    std::fs::rename(copy, path).expect("renamed");
}

/// What happens to the state directory while call 3 is on its way, and what is said of it.
type Damage = (&'static str, fn(&Path), &'static str);

/// What happens after a kill.
type Loss = (&'static str, fn(&Path));

const DAMAGES: [Damage; 12] = [
    (
        "database removed",
        |state| remove(state, "journal.db"),
        "journal.db was removed",
    ),
    (
        "database cut",
        |state| cut(&state.join("journal.db"), 0),
        "journal.db was cut short",
    ),
    (
        "database replaced",
        |state| replace(&state.join("journal.db")),
        "journal.db was replaced",
    ),
    (
        "database overwritten",
        |state| overwrite(&state.join("journal.db")),
        "journal.db was overwritten",
    ),
    (
        "log removed",
        |state| remove(state, "journal.db-wal"),
        "journal.db-wal was removed",
    ),
    (
        "log overwritten",
        |state| overwrite(&state.join("journal.db-wal")),
        "journal.db-wal was overwritten",
    ),
    (
        "log cut",
        |state| cut(&state.join("journal.db-wal"), 32),
        "journal.db-wal was cut short",
    ),
    (
        "index removed",
        |state| remove(state, "journal.db-shm"),
        "journal.db-shm was removed",
    ),
    (
        "newest call removed",
        |state| remove(state, "journal.lock"),
        "journal.lock was removed",
    ),
    (
        "newest call cut",
        |state| cut(&state.join("journal.lock"), 0),
        "journal.lock was cut short",
    ),
    (
        "directory removed",
        |state| std::fs::remove_dir_all(state).expect("removed"),
        "journal.db was removed",
    ),
    (
        "lock removed",
        |state| {
            for entry in std::fs::read_dir(state).expect("readable").flatten() {
                if entry.file_name().to_string_lossy().starts_with("run-") {
                    std::fs::remove_file(entry.path()).expect("removed");
                }
            }
        },
        ".lock was removed",
    ),
];

fn remove(state: &Path, name: &str) {
    std::fs::remove_file(state.join(name)).expect("removed");
}

#[test]
fn journal_lost_during_a_run_stops_it_and_prints_the_outcomes() {
    in_parallel(&DAMAGES, |&(name, damage, message)| {
        let bench = bench(SimulatorSettings {
            latency: LATENCY,
            ..SimulatorSettings::default()
        });
        let run = bench.run_all();
        let mut arguments: Vec<&str> = run.iter().map(String::as_str).collect();
        arguments.extend(["--report", "report.md"]);
        let child = bench.start(&arguments);
        bench.wait_for_calls(3);
        damage(&bench.path("state"));
        let run = ended(child);
        let is_reported = bench.path("report.md").exists();
        let is_explained = run.stderr.contains("the report is not written: ");
        assert!(is_reported || is_explained, "{name}: {}", run.stderr);
        assert_eq!(run.code, Some(1), "{name}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{name}: {}", run.stderr);
        let deletes = bench.deletes();
        assert_eq!(deletes.len(), 3, "{name}: nothing is sent after it");
        for call in &deletes {
            let call = call.delete.as_ref().expect("a delete call");
            for (identifier, &applied) in call.identifiers.iter().zip(&call.applied) {
                let outcome = if applied {
                    "accepted"
                } else {
                    "failed: not found"
                };
                let line = format!("{identifier}: {outcome}");
                assert!(
                    run.stderr.contains(&line),
                    "{name}: {line} in {}",
                    run.stderr
                );
            }
        }
    });
}

/// A run that was killed after its third call. Its log holds all that it wrote.
fn killed() -> Workbench {
    let bench = bench(SimulatorSettings::default());
    let arguments = bench.run_all();
    let mut command = bench.command(&[]);
    command
        .args(arguments)
        .env("OFFBOARD_FAILPOINT", "intent-stored=kill@3");
    assert_eq!(Output::of(command).code, None);
    assert_eq!(bench.arrived(), 2);
    bench
}

#[test]
fn journal_that_lost_its_log_after_a_kill_is_read_only() {
    let damages: [Loss; 7] = [
        ("log removed", |state| remove(state, "journal.db-wal")),
        ("log cut", |state| {
            let path = state.join("journal.db-wal");
            let length = File::open(&path)
                .and_then(|file| file.metadata())
                .expect("a log")
                .len();
            // By whole pages, so that what is left is sound.
            let pages = (length - 32) / (4096 + 24);
            cut(&path, 32 + (pages - 6) * (4096 + 24));
        }),
        ("everything removed", |state| {
            for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
                remove(state, name);
            }
        }),
        ("log and newest call removed", |state| {
            remove(state, "journal.db-wal");
            remove(state, "journal.lock");
        }),
        ("log removed and newest call overwritten", |state| {
            remove(state, "journal.db-wal");
            overwrite(&state.join("journal.lock"));
        }),
        ("log removed and all locks emptied", |state| {
            remove(state, "journal.db-wal");
            for path in locks(state) {
                cut(&path, 0);
            }
        }),
        ("log removed and all locks overwritten", |state| {
            remove(state, "journal.db-wal");
            for path in locks(state) {
                overwrite(&path);
            }
        }),
    ];
    for (name, damage) in damages {
        let bench = killed();
        damage(&bench.path("state"));
        for arguments in [&["runs"][..], &["doctor"], &["resume", "last"]] {
            let refused = bench.run(arguments);
            let printed = format!("{}{}", refused.stdout, refused.stderr);
            assert_eq!(refused.code, Some(1), "{name}, {arguments:?}: {printed}");
            let said = ["call 3 of run", "the lock of run"];
            assert!(
                said.iter().any(|said| printed.contains(said)),
                "{name}, {arguments:?}: {printed}"
            );
        }
        let again = bench.run_of("devices.json", "60", &[]);
        assert_eq!(again.code, Some(1), "{name}: {}", again.stderr);
        assert_eq!(bench.arrived(), 2, "{name}: nothing is sent again");
    }
}

/// All lock files.
fn locks(state: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(state).expect("readable").flatten();
    let paths = entries.map(|entry| entry.path());
    let locks = paths.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "lock")
    });
    locks.collect()
}

/// Removes every lock file, as if the database alone had been copied.
pub(super) fn remove_locks(state: &Path) {
    for path in locks(state) {
        std::fs::remove_file(path).expect("removed");
    }
}

#[test]
fn journal_without_any_lock_file_is_read_only() {
    // With its log: only the locks show that it may be an older copy.
    let bench = killed();
    remove_locks(&bench.path("state"));
    for attempt in 1..=2 {
        for arguments in [&["runs"][..], &["doctor"], &["resume", "last"]] {
            let refused = bench.run(arguments);
            let printed = format!("{}{}", refused.stdout, refused.stderr);
            assert_eq!(refused.code, Some(1), "{attempt}, {arguments:?}: {printed}");
            for said in ["neither `journal.lock` nor", "`offboard backup`"] {
                assert!(
                    printed.contains(said),
                    "{attempt}, {arguments:?}: {printed}"
                );
            }
        }
    }
    let again = bench.run_of("devices.json", "60", &[]);
    again.exits(1);
    assert_eq!(bench.arrived(), 2, "nothing is sent");
    let shown = bench.run(&["runs", "show", "last"]);
    shown.exits(1);
    shown.prints("remove · stopped");
}

#[test]
fn journal_with_a_lock_of_a_run_or_without_runs_needs_no_other() {
    let bench = killed();
    remove(&bench.path("state"), "journal.lock");
    let left = bench.left();
    assert_eq!(
        bench.resume(&left).code,
        Some(4),
        "the run's own lock is here"
    );
    let bench = self::bench(SimulatorSettings::default());
    assert_eq!(bench.run(&["runs"]).code, Some(0));
    remove_locks(&bench.path("state"));
    assert_eq!(bench.run(&["runs"]).code, Some(0), "no run can be missing");
}

#[test]
fn emptied_locks_of_a_complete_journal_are_no_loss() {
    let bench = killed();
    for path in locks(&bench.path("state")) {
        std::fs::write(path, "").expect("emptied");
    }
    let left = bench.left();
    assert_eq!(bench.resume(&left).code, Some(4), "the run is recorded");
}

#[test]
fn lock_of_a_run_that_a_kill_left_before_its_record_is_no_loss() {
    let bench = self::bench(SimulatorSettings::default());
    bench.run(&["runs"]).exits(0);
    let lock = bench.path("state").join("run-0w3ge1r7.lock");
    std::fs::write(&lock, "").expect("written");
    std::fs::set_permissions(&lock, Permissions::from_mode(0o600)).expect("private");
    bench.run(&["runs"]).exits(0);
}

#[test]
fn sound_journal_resumes_after_a_kill() {
    let bench = killed();
    let left = bench.left();
    assert_eq!(bench.resume(&left).code, Some(4));
}

#[test]
fn journal_that_others_can_read_is_made_private() {
    let bench = bench(SimulatorSettings::default());
    assert_eq!(bench.run(&["runs"]).code, Some(0));
    let path = bench.path("state/journal.db");
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("open to others");
    assert_eq!(bench.run(&["runs"]).code, Some(0));
    assert_eq!(path.metadata().expect("there").mode() & 0o777, 0o600);
}

#[test]
fn journal_that_is_a_link_is_refused() {
    let bench = bench(SimulatorSettings::default());
    assert_eq!(bench.run(&["runs"]).code, Some(0));
    let state = bench.path("state");
    for name in ["journal.db", "journal.lock"] {
        let path = state.join(name);
        std::fs::remove_file(&path).expect("removed");
        let elsewhere = bench.path("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, &path).expect("linked");
        let refused = bench.run(&["runs"]);
        assert_eq!(refused.code, Some(1), "{name}: {}", refused.stderr);
        assert!(!elsewhere.exists(), "{name}: the link was followed");
        std::fs::remove_file(&path).expect("removed");
    }
}
