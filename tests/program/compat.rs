//! What earlier versions wrote opens unchanged: journals, plan files and exports, of which
//! `tests/corpus/compat` holds samples by the version of their journal.

use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use offboard::plan::{CallSizes, PlanFile};
use offboard::text::hex;
use serde_json::Value;

use super::workbench::Workbench;

/// The versions, and the run of each that was exported.
const VERSIONS: [(&str, &str); 3] = [("v4", "r45mxv7g"), ("v5", "3466mqt4"), ("v6", "e2sjxtge")];

fn sample(version: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus/compat")
        .join(version)
        .join(name)
}

fn read(version: &str, name: &str) -> Vec<u8> {
    std::fs::read(sample(version, name)).expect("a sample")
}

/// A workspace on the journal of an earlier version and the profile that it was written under.
fn bench(version: &str) -> Workbench {
    let bench = Workbench::with(1);
    let config = format!(
        "[profiles.lab]\nbase_url = \"http://127.0.0.1:18080\"\nclient_id = \"simulator-client\"\n\
         client_secret_file = \"{}\"\n",
        bench.path("secret").display()
    );
    bench.write("config.toml", &config);
    let mut journal = Vec::new();
    GzDecoder::new(&*read(version, "journal.db.gz"))
        .read_to_end(&mut journal)
        .expect("gzip");
    let state = bench.path("state");
    std::fs::create_dir(&state).expect("a directory");
    std::fs::set_permissions(&state, Permissions::from_mode(0o700)).expect("private");
    bench.write_bytes("state/journal.db", &journal);
    bench
}

fn events(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect()
}

#[test]
fn journal_of_an_earlier_version_opens_with_its_runs_and_outcomes() {
    for (version, run) in VERSIONS {
        let bench = bench(version);
        let runs = bench.run(&["runs", "--output", "jsonl"]);
        assert_eq!(runs.code, Some(0), "{version}: {}", runs.stderr);
        let runs = events(&runs.stdout);
        let states: Vec<(&str, &str)> = runs
            .iter()
            .map(|run| {
                let text = |name: &str| run[name].as_str().expect("a text");
                (text("action"), text("state"))
            })
            .collect();
        assert_eq!(
            states,
            [
                ("remove", "paused"),
                ("remove", "finished"),
                ("uninstall", "finished")
            ],
            "{version}"
        );
        let exported = bench.run(&["runs", "export", run, "--format", "jsonl"]);
        assert_eq!(exported.code, Some(0), "{version}: {}", exported.stderr);
        let before = events(&String::from_utf8(read(version, "run.jsonl")).expect("UTF-8"));
        let now = events(&exported.stdout);
        assert_eq!(before.len(), now.len(), "{version}");
        for (before, now) in before.iter().zip(&now) {
            for (field, value) in before.as_object().expect("an object") {
                // Renamed in version 7, where `status` is the device's own.
                let field = match (field.as_str(), &before["event"]) {
                    ("status", event) if event == "device" => "http_status",
                    (field, _) => field,
                };
                assert_eq!(&now[field], value, "{version}: {field}");
            }
        }
        // The paused run waits for its count, so that it can be resumed.
        let resume = bench.run(&["resume", "last"]);
        assert!(
            resume.stderr.contains("--expect-count 3"),
            "{version}: {}",
            resume.stderr
        );
    }
}

#[test]
fn upgrade_killed_at_any_step_is_done_by_the_next_start() {
    for point in ["upgrade-copied", "upgrade-written", "upgrade-stored"] {
        let bench = bench("v6");
        let mut command = bench.command(&["runs"]);
        command.env("OFFBOARD_FAILPOINT", format!("{point}=kill"));
        let killed = command.output().expect("it runs");
        assert_eq!(killed.status.signal(), Some(9), "{point}");
        let copy = bench.path("state/journal.db.before-upgrade");
        let copied = rusqlite::Connection::open(&copy).expect("a copy");
        let version: i64 = copied
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .expect("a version");
        assert_eq!(version, 6, "{point}: the copy is of the old journal");
        let mode = copy.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{point}");
        drop(copied);
        let found = bench.run(&["runs", "find", "LT-", "--output", "jsonl"]);
        assert_eq!(found.code, Some(0), "{point}: {}", found.stderr);
        let untouched = self::bench("v6").run(&["runs", "find", "LT-", "--output", "jsonl"]);
        assert_eq!(found.stdout, untouched.stdout, "{point}");
        assert!(!copy.exists(), "{point}: the upgrade is through");
    }
}

#[test]
fn plan_file_of_an_earlier_version_is_read_as_it_was_written() {
    let at = "2026-11-27T06:00:00Z".parse().expect("a time");
    for (version, _) in VERSIONS {
        let bytes = read(version, "plan.json");
        let file: Value = serde_json::from_slice(&bytes).expect("JSON");
        let plan = PlanFile::read(
            &bytes,
            at,
            CallSizes {
                batch: 50,
                canary: 5,
            },
        )
        .unwrap_or_else(|error| panic!("{version}: {error}"))
        .plan;
        let devices: Vec<String> = plan
            .devices
            .iter()
            .map(|device| device.identifier.to_string())
            .collect();
        let written: Vec<&str> = file["devices"]
            .as_array()
            .expect("devices")
            .iter()
            .map(|device| device["hwid"].as_str().expect("a hardware ID"))
            .collect();
        assert_eq!(devices, written, "{version}");
        assert_eq!(plan.origin.note.as_deref(), Some("CHG-3"), "{version}");
        assert_eq!(plan.hash(), file["hash"].as_str().expect("a hash"));
        assert_eq!(hex(plan.id.bytes()), file["id"].as_str().expect("an ID"));
    }
}

#[test]
fn export_of_an_earlier_version_opens_as_a_list() {
    for (version, _) in VERSIONS {
        let bench = bench(version);
        for name in ["run.csv", "run.json"] {
            let path = sample(version, name);
            let path = path.to_str().expect("UTF-8");
            let inspected = bench.run(&["inspect", path, "--output", "json"]);
            assert_eq!(
                inspected.code,
                Some(0),
                "{version}/{name}: {}",
                inspected.stderr
            );
            let report: Value = serde_json::from_str(&inspected.stdout).expect("JSON");
            assert_eq!(report["by_hwid"], 3, "{version}/{name}");
        }
    }
}
