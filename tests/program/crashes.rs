//! The program dies at every step of its work; nothing is lost, and nothing is sent twice.

use std::collections::{HashMap, HashSet};
use std::os::unix::process::ExitStatusExt;

use offboard::simulator::SimulatorSettings;
use serde_json::Value;

use super::workbench::{Output, Workbench, in_parallel};

/// What the journal has of the devices of the newest run after a death at the point.
#[derive(Clone, Copy)]
enum Left {
    /// The run was never confirmed: there is none.
    NoRun,
    /// Nothing is in doubt.
    NothingInDoubt,
    /// The call whose intent was durable is.
    OneCallInDoubt,
}

const POINTS: [(&str, Left); 11] = [
    ("plan-handed-over", Left::NoRun),
    ("plan-stored", Left::NoRun),
    ("confirmed", Left::NothingInDoubt),
    ("running-stored", Left::NothingInDoubt),
    ("token-slot-taken", Left::NothingInDoubt),
    ("token-fetched", Left::NothingInDoubt),
    ("slot-taken@2", Left::NothingInDoubt),
    ("intent-stored@2", Left::OneCallInDoubt),
    ("answered@2", Left::OneCallInDoubt),
    ("outcome-stored@2", Left::NothingInDoubt),
    ("end-stored", Left::NothingInDoubt),
];

pub fn bench() -> Workbench {
    Workbench::with(120)
}

/// `POINT=what`, or `POINT=what@N`.
fn failpoint(point: &str, what: &str) -> String {
    match point.split_once('@') {
        Some((point, time)) => format!("{point}={what}@{time}"),
        None => format!("{point}={what}"),
    }
}

/// The newest run's devices, by identifier, as the journal has them.
pub fn journaled(bench: &Workbench) -> HashMap<String, Value> {
    let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    export.exits(0);
    let identifier = |device: &Value| {
        let name = device["hwid"].as_str().or_else(|| device["mac"].as_str());
        name.expect("an identifier").to_owned()
    };
    let devices = export.events("device");
    devices
        .into_iter()
        .map(|device| (identifier(&device), device))
        .collect()
}

/// What the tenant applied and what the journal says of it agree.
pub fn compare(bench: &Workbench, devices: &HashMap<String, Value>) {
    let mut applied = HashSet::new();
    for call in bench.deletes() {
        let delete = call.delete.expect("a delete call");
        for (identifier, done) in delete.identifiers.into_iter().zip(delete.applied) {
            let device = &devices[&identifier];
            let outcome = device["outcome"].as_str().expect("an outcome");
            if done {
                assert!(
                    ["accepted", "gone", "in_doubt"].contains(&outcome),
                    "{identifier} was applied and is {outcome}"
                );
                applied.insert(identifier);
            }
        }
    }
    for (identifier, device) in devices {
        assert!(
            device["outcome"] != "accepted" || applied.contains(identifier),
            "{identifier} is accepted and was never applied"
        );
    }
}

#[test]
fn run_killed_at_any_step_is_resumed_without_loss_or_repetition() {
    in_parallel(&POINTS, |&(point, left)| {
        let bench = bench();
        let arguments = bench.run_all();
        let mut command = bench.command(&[]);
        command
            .args(&arguments)
            .env("OFFBOARD_FAILPOINT", failpoint(point, "kill"));
        let output = command.output().expect("it runs");
        assert_eq!(
            output.status.signal(),
            Some(9),
            "{point}: {}",
            Output::read(&output).stderr
        );
        let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
        if matches!(left, Left::NoRun) {
            assert_eq!(runs, "", "{point}");
            assert!(bench.simulator.received().is_empty());
            return;
        }
        let in_flight = if matches!(left, Left::OneCallInDoubt) {
            50
        } else {
            0
        };
        // The next start marks it in doubt.
        let doubtful = format!("\"in_doubt\":{in_flight},");
        assert!(runs.contains(&doubtful), "{point}: {runs}");
        assert!(
            runs.contains("\"state\":\"stopped\"") || point == "end-stored",
            "{point}: {runs}"
        );
        if point != "end-stored" {
            let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
            let state = export.event("summary")["state"].clone();
            assert_eq!(state, "stopped", "{point}: no process has it any more");
            let count = bench.left();
            let resumed = bench.resume(&count);
            let summary = resumed.event("summary");
            assert_eq!(summary["state"], "finished", "{point}: {}", resumed.stderr);
            assert_eq!(summary["in_doubt"], in_flight, "{point}");
            let code = if in_flight == 0 { 3 } else { 4 };
            assert_eq!(resumed.code, Some(code), "{point}");
        }
        let devices = journaled(&bench);
        compare(&bench, &devices);
        assert!(
            devices
                .values()
                .all(|device| device["outcome"] != "not_sent"),
            "{point}"
        );
        for (identifier, sends) in bench.sends() {
            assert_eq!(sends, 1, "{point}: {identifier}");
        }
    });
}

#[test]
fn run_killed_while_it_is_resumed_loses_nothing() {
    let bench = bench();
    let mut command = bench.command(&[]);
    command
        .args(bench.run_all())
        .env("OFFBOARD_FAILPOINT", "outcome-stored=kill");
    assert_eq!(command.output().expect("it runs").status.signal(), Some(9));
    let count = bench.left();
    let mut command = bench.command(&["resume", "last", "--expect-count", &count]);
    command.env("OFFBOARD_FAILPOINT", "intent-stored=kill");
    assert_eq!(command.output().expect("it runs").status.signal(), Some(9));
    let rest = bench.left();
    let resumed = bench.resume(&rest);
    // After a resume the first call is a canary again.
    assert_eq!(
        resumed.event("summary")["in_doubt"],
        5,
        "{}",
        resumed.stderr
    );
    compare(&bench, &journaled(&bench));
}

/// Runs `arguments` until the failpoint kills it.
fn killed(bench: &Workbench, arguments: &[&str], failpoint: &str) {
    let mut command = bench.command(arguments);
    command.env("OFFBOARD_FAILPOINT", failpoint);
    let output = command.output().expect("it runs");
    let read = Output::read(&output);
    assert_eq!(
        output.status.signal(),
        Some(9),
        "{failpoint}: {}",
        read.stderr
    );
}

/// A resend is one more attempt, and there is none after it.
#[test]
fn run_killed_during_its_resend_resends_nothing_more() {
    in_parallel(&["intent-stored=kill@3", "answered=kill@3"], |failpoint| {
        let bench = Workbench::new(SimulatorSettings {
            devices: 60,
            faults: "reset-after@2".parse().expect("a plan"),
            ..SimulatorSettings::default()
        });
        bench.write("some.txt", &bench.known_hwids()[..20].join("\n"));
        let mut arguments = vec!["run", "some.txt", "--action", "remove", "--all"];
        arguments.extend(["--allow", "most,recent,last", "--expect-count", "20"]);
        killed(&bench, &arguments, failpoint);
        let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
        assert!(runs.contains("\"in_doubt\":15,"), "{failpoint}: {runs}");
        let sizes = bench.sizes();
        let resumed = bench.resume("0");
        assert!(matches!(resumed.code, Some(4 | 7)), "{}", resumed.stderr);
        assert_eq!(bench.sizes(), sizes, "{failpoint}: nothing more is sent");
        compare(&bench, &journaled(&bench));
    });
}

#[test]
fn run_killed_as_it_pauses_or_is_resumed_or_closed_loses_no_device() {
    let paused = || {
        Workbench::new(SimulatorSettings {
            devices: 120,
            faults: "403@2".parse().expect("a plan"),
            ..SimulatorSettings::default()
        })
    };
    // As it pauses.
    let bench = paused();
    let arguments = bench.run_all();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    killed(&bench, &arguments, "end-stored=kill");
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    assert!(runs.contains("\"state\":\"paused\""), "{runs}");
    // As it is resumed: the record is there, and nothing was sent yet.
    let (left, calls) = (bench.left(), bench.arrived());
    let resume = ["resume", "last", "--expect-count", &left];
    killed(&bench, &resume, "resume-stored=kill");
    assert_eq!(bench.arrived(), calls);
    assert_eq!(bench.left(), left);
    let resumed = bench.resume(&left);
    resumed.finished();
    compare(&bench, &journaled(&bench));
    let refused = |call: &offboard::simulator::Received| call.status == Some(403);
    let deletes = bench.deletes();
    let sent: usize = deletes
        .iter()
        .filter(|call| !refused(call))
        .map(|call| {
            call.delete
                .as_ref()
                .expect("a delete call")
                .identifiers
                .len()
        })
        .sum();
    assert_eq!(
        sent,
        bench.sends().len(),
        "each applied call's devices once"
    );
    // As it is closed.
    let bench = paused();
    let run = bench.run_of("devices.json", &bench.count(), &[]);
    run.exits(5);
    killed(&bench, &["close", "last"], "close-stored=kill");
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    assert!(runs.contains("\"state\":\"closed\""), "{runs}");
    assert_eq!(bench.run(&["close", "last"]).code, Some(7), "closed once");
}
