//! Why a run stopped, in the journal and wherever the run is shown; and how far it has come meanwhile.

use std::time::Duration;

use offboard::simulator::SimulatorSettings;
use rustix::process::Signal;

use super::workbench::{Workbench, ended, in_parallel, signal, wait_until};

fn bench(latency: Duration) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices: 120,
        latency,
        ..SimulatorSettings::default()
    })
}

/// The reason is in the history, the run, the list of runs to resume, the report and the JSON.
fn shown_everywhere(bench: &Workbench, why: &str) {
    for arguments in [
        &["runs"][..],
        &["runs", "show", "last"],
        &["resume"],
        &["runs", "--output", "jsonl"],
        &["runs", "--output", "jsonl", "show", "last"],
    ] {
        let shown = bench.run(arguments);
        assert!(
            shown.stdout.contains(why),
            "{arguments:?}: {}",
            shown.stdout
        );
    }
    let report = bench.run(&["runs", "export", "last", "--format", "markdown"]);
    assert!(
        report.stdout.replace('\\', "").contains(why),
        "{}",
        report.stdout
    );
}

#[test]
fn cause_of_a_stop_is_kept_and_shown() {
    let causes = [
        (Signal::INT, "with ctrl-c (SIGINT)"),
        (Signal::TERM, "by a signal (SIGTERM)"),
        (Signal::HUP, "the terminal was closed (SIGHUP)"),
    ];
    in_parallel(&causes, |&(number, why)| {
        let bench = bench(Duration::from_millis(400));
        let run = bench.start_all();
        bench.wait_for_calls(1);
        signal(&run, number);
        let run = ended(run);
        assert_eq!(run.code, Some(5), "{why}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{why}: {}", run.stderr);
        shown_everywhere(&bench, why);
        let resumed = bench.resume(&bench.left());
        resumed.finished();
        let runs = bench.run(&["runs"]);
        assert!(!runs.stdout.contains(why), "it is over: {}", runs.stdout);
    });
}

#[test]
fn stop_by_another_process_names_who_asked() {
    let bench = bench(Duration::from_millis(400));
    let run = bench.start_all();
    bench.wait_for_calls(1);
    let stop = bench.run(&["stop", "last"]);
    stop.exits(0);
    let run = ended(run);
    assert_eq!(run.code, Some(5));
    let why = "with `offboard stop` by ";
    assert!(run.stderr.contains(why), "{}", run.stderr);
    shown_everywhere(&bench, why);
}

#[test]
fn second_signal_during_a_call_leaves_the_cause_of_the_first() {
    let bench = bench(Duration::from_secs(4));
    let run = bench.start_all();
    bench.wait_for_calls(1);
    signal(&run, Signal::TERM);
    wait_until("record of the stop", || {
        let connection = bench.database();
        let reason = connection.query_row("SELECT reason FROM runs", [], |row| row.get(0));
        reason.is_ok_and(|reason: Option<String>| reason.is_some())
    });
    signal(&run, Signal::INT);
    assert_eq!(ended(run).code, Some(130));
    let why = "by a signal (SIGTERM) while a call was in flight";
    shown_everywhere(&bench, why);
}

#[test]
fn killed_process_leaves_a_run_that_says_so() {
    let bench = bench(Duration::from_millis(400));
    let run = bench.start_all();
    bench.wait_for_calls(1);
    signal(&run, Signal::KILL);
    ended(run);
    shown_everywhere(&bench, "ended without recording why");
}

/// The latency makes the run last longer than the time between two lines.
#[test]
fn progress_is_printed_as_lines_where_standard_error_is_no_terminal() {
    let bench = bench(Duration::from_millis(400));
    let run = ended(bench.start_all());
    run.exits(3);
    let lines = || {
        run.stderr
            .lines()
            .filter(|line| line.contains(" of ") && line.contains("accepted"))
    };
    assert!(lines().count() >= 2, "{}", run.stderr);
    let fresh = self::bench(Duration::from_millis(400));
    let arguments: Vec<String> = fresh
        .run_all()
        .into_iter()
        .chain(["-q".to_owned()])
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let quiet = fresh.run(&arguments);
    assert!(!quiet.stderr.contains(" of "), "{}", quiet.stderr);
}
