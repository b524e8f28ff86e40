//! What only a release build can show; `.ci/run` has them run.

use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::workbench::{Output, Workbench};

fn release_binary() -> String {
    std::env::var("OFFBOARD_RELEASE_BINARY").expect("the release binary's path")
}

/// A release build has neither the failpoints nor the test's own clock.
#[test]
#[ignore = "needs a release build, named in OFFBOARD_RELEASE_BINARY: .ci/run does it"]
fn release_build_has_no_failpoints() {
    let binary = release_binary();
    let bytes = std::fs::read(&binary).expect("readable");
    for name in ["OFFBOARD_FAILPOINT", "OFFBOARD_TEST_"] {
        let found = memchr::memmem::find(&bytes, name.as_bytes());
        assert!(found.is_none(), "{name} is in the release binary");
    }
    let bench = Workbench::with(20);
    let arguments = bench.run_all();
    let mut command = bench.command_of(&binary, &[]);
    command
        .args(arguments)
        .env("OFFBOARD_FAILPOINT", "intent-stored=kill");
    let output = Output::of(command);
    output.finished();
}

/// The version of a release build names the commit, unless it is not built in a git work tree.
#[test]
#[ignore = "needs a release build, named in OFFBOARD_RELEASE_BINARY: .ci/run does it"]
fn release_build_names_its_commit() {
    let mut command = Command::new(release_binary());
    command.arg("--version");
    let version = Output::of(command);
    let git = Command::new("git")
        .args(["show", "--no-patch", "--format=%h %cs", "HEAD"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    let package = env!("CARGO_PKG_VERSION");
    let expected = match git {
        Ok(git) if git.status.success() => {
            let commit = String::from_utf8_lossy(&git.stdout);
            format!("offboard {package} ({})\n", commit.trim())
        }
        _ => format!("offboard {package}\n"),
    };
    assert_eq!(version.stdout, expected);
}

/// A million rows from a pipe: planned from within memory that the file alone would fill.
#[test]
#[ignore = "needs a release build, named in OFFBOARD_RELEASE_BINARY: .ci/run does it"]
fn release_build_plans_from_a_million_rows_in_bounded_memory() {
    const ROWS: u64 = 1_000_000;
    let bench = Workbench::with(5);
    let plain = bench.command_of(&release_binary(), &[]);
    let mut command = Command::new("bash");
    command
        .arg("-c")
        // In KiB, of addresses: stacks and the program itself included.
        .arg("ulimit -v 262144; exec \"$0\" \"$@\"")
        .arg(plain.get_program())
        .args(plain.get_args())
        .args(["plan", "-", "--action", "remove", "--output", "jsonl"])
        .args(["--where", "hostname:LT-99999 not hostname=LT-999990"])
        .current_dir(bench.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().expect("it starts");
    let mut input = BufWriter::new(child.stdin.take().expect("a pipe"));
    writeln!(input, "hwid,mac,hostname,os,group,user,last_seen").expect("written");
    for row in 0..ROWS {
        let mac = format!("02{row:010x}");
        writeln!(
            input,
            "{row:032x},{mac},LT-{row:06},Windows 11 Enterprise,Sales {},user{row}@example.com,\
             2026-01-{:02}T08:{:02}:00Z",
            row % 7,
            row % 28 + 1,
            row % 60,
        )
        .expect("written");
    }
    drop(input);
    let output = Output::read(&child.wait_with_output().expect("it ends"));
    // The list is old, which `run` would ask to be allowed.
    output.exits(7);
    let planned = output.event("plan");
    // LT-999991 to LT-999999.
    assert_eq!(planned["devices"], 9, "{}", output.stdout);
    assert!(
        started.elapsed() < Duration::from_secs(60),
        "took {:?}",
        started.elapsed()
    );
}
