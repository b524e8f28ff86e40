//! A run has one writer; another process reads it, says who has it, and may ask it to stop.

use std::time::Duration;

use offboard::simulator::SimulatorSettings;

use super::terminal::Terminal;
use super::workbench::{Workbench, ended};

/// How often the holder of a run looks for a request is bounded by its call: long enough for the
/// other process to be sure that the run isn't over.
const LATENCY: Duration = Duration::from_millis(400);

#[test]
fn run_of_another_process_is_locked_and_can_be_stopped() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 300,
        latency: LATENCY,
        ..SimulatorSettings::default()
    });
    // Many calls, so that it outlives the commands that follow.
    bench.configure("batch_size = 5");
    let child = bench.start_all();
    bench.wait_for_calls(1);
    let screen = Terminal::start(&bench, &["devices.json"], 120, 40);
    screen.wait_for("1 run is driven by another process · 4 shows it");
    screen.leave("q");
    let holder = format!("process {} since 20", child.id());
    for command in [
        &["resume", "last", "--expect-count", "1"][..],
        &["resume", "last"],
        &["close", "last"],
    ] {
        let locked = bench.run(command);
        assert_eq!(locked.code, Some(6), "{command:?}: {}", locked.stderr);
        locked.says(&holder);
    }
    let show = bench.run(&["runs", "show", "last"]);
    show.exits(0);
    show.prints(&format!("held by {holder}"));
    let stop = bench.run(&["stop", "last"]);
    stop.exits(0);
    stop.prints(&format!("it is driven by {holder}"));
    stop.prints("was asked to stop after its call in flight");
    let stopped = ended(child);
    stopped.exits(5);
    assert_eq!(stopped.event("summary")["in_doubt"], 0);
    let close = bench.run(&["close", "last"]);
    close.exits(0);
    let list = bench.run(&["runs", "--output", "jsonl"]);
    list.prints("\"state\":\"closed\"");
    let closed = bench.run(&["runs", "show", "last", "--output", "jsonl"]);
    let summary = closed.event("summary");
    assert!(summary["not_sent"].as_u64() > Some(0), "{summary}");
    assert_eq!(
        (&summary["left"], &summary["exit"]),
        (&0.into(), &3.into()),
        "the rest is given up"
    );
    let report = bench.run(&["runs", "export", "last", "--format", "markdown"]);
    for said in ["### Not sent · ", "The run was closed before"] {
        assert!(report.stdout.contains(said), "{said}: {}", report.stdout);
    }
    let again = bench.resume("1");
    again.exits(7);
    let nobody = bench.run(&["stop", "last"]);
    nobody.exits(7);
}

#[test]
fn devices_of_a_paused_run_are_left_out_of_another_plan() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 120,
        faults: "403@2".parse().expect("a plan"),
        ..SimulatorSettings::default()
    });
    let count: u64 = bench.count().parse().expect("a number");
    let paused = bench.run_of("devices.json", &count.to_string(), &[]);
    paused.exits(5);
    let name = paused.event("plan")["run"]
        .as_str()
        .expect("a run")
        .to_owned();
    let left = paused.event("summary")["left"].as_u64().expect("a number");
    let beside = bench.plan_of("devices.json", "archive", &[]);
    let held = beside
        .events("left_out")
        .into_iter()
        .filter(|row| row["reason"] == format!("in run {name}"));
    assert_eq!(held.count() as u64, left);
    // When it is given up they may be planned again.
    assert_eq!(bench.run(&["close", "last"]).code, Some(0));
    let after = bench.plan_of("devices.json", "archive", &[]);
    let devices = after.event("plan")["devices"].as_u64();
    assert!(devices >= Some(left), "{devices:?} of {left}");
}
