//! An outcome that came and can't be stored; a journal that can't be written at all.

use std::process::Command;

use super::workbench::{Output, Workbench};

fn bench() -> Workbench {
    Workbench::with(120)
}

/// Only the outcome of the second call fails to be stored: everything else of the journal works.
#[test]
fn outcome_that_cannot_be_stored_is_printed_and_stops_the_run() {
    let bench = bench();
    let arguments = bench.run_all();
    bench
        .database()
        .execute_batch(
            "CREATE TRIGGER no_outcome BEFORE UPDATE OF verdict ON calls
             WHEN NEW.call = 2 AND NEW.verdict = 'answered'
             BEGIN SELECT RAISE(FAIL, 'no room for it'); END",
        )
        .expect("a trigger");
    let mut command = bench.command(&[]);
    command.args(arguments);
    let run = Output::of(command);
    run.exits(1);
    run.says("no room for it");
    let deletes = bench.deletes();
    assert_eq!(deletes.len(), 2, "nothing is sent after it");
    let lost = deletes[1].delete.clone().expect("a delete call");
    assert_eq!(lost.identifiers.len(), 50);
    for (identifier, &applied) in lost.identifiers.iter().zip(&lost.applied) {
        let outcome = if applied {
            "accepted"
        } else {
            "failed: not found"
        };
        let line = format!("{identifier}: {outcome}");
        assert!(run.stderr.contains(&line), "{line} in {}", run.stderr);
    }
    for identifier in &deletes[0]
        .delete
        .as_ref()
        .expect("a delete call")
        .identifiers
    {
        let line = format!("{identifier}: ");
        assert!(!run.stderr.contains(&line), "the journal has {identifier}");
    }
    // The next start, with a journal that works again, calls them what they are.
    bench
        .database()
        .execute_batch("DROP TRIGGER no_outcome")
        .expect("dropped");
    let resumed = bench.resume(&bench.left());
    let summary = resumed.event("summary");
    assert_eq!(
        (resumed.code, &summary["in_doubt"]),
        (Some(4), &50.into()),
        "{}",
        resumed.stderr
    );
    let doubtful: Vec<String> = resumed
        .events("device")
        .into_iter()
        .filter(|device| device["outcome"] == "in_doubt")
        .map(|device| {
            assert_eq!(device["reason"], "interrupted");
            let name = device["hwid"].as_str().or(device["mac"].as_str());
            name.expect("an identifier").to_owned()
        })
        .collect();
    assert_eq!(doubtful, lost.identifiers);
    assert!(bench.sends().values().all(|&sends| sends == 1));
}

/// Bits don't stop root, so the directory is on a mount that is read-only, in a mount namespace of
/// the command's own. Where none can be had, there is nothing to test with.
#[test]
fn read_only_state_directory_sends_nothing() {
    let bench = bench();
    let arguments = bench.run_all();
    let received = bench.simulator.received().len();
    let plain = bench.command(&[]);
    let state = bench.path("state");
    let script = "mount --bind \"$STATE\" \"$STATE\" \
        && mount -o remount,bind,ro \"$STATE\" || exit 99; exec \"$0\" \"$@\"";
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--map-root-user", "sh", "-c", script])
        .arg(plain.get_program())
        .args(plain.get_args())
        .args(arguments)
        .env("STATE", &state)
        .current_dir(bench.path("."));
    let Ok(output) = command.output() else {
        return;
    };
    let output = Output::read(&output);
    let refused = output.code == Some(99) || output.stderr.starts_with("unshare:");
    if refused {
        return;
    }
    output.exits(1);
    let named = output.stderr.contains(&state.display().to_string());
    assert!(
        named && output.stderr.contains("Read-only"),
        "{}",
        output.stderr
    );
    assert_eq!(bench.simulator.received().len(), received);
}
