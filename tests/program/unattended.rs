//! Runs without a screen whose terminal, reader or operator goes away.

use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use offboard::simulator::SimulatorSettings;
use rustix::process::Signal;

use super::crashes::{compare, journaled};
use super::workbench::{Workbench, ended, in_parallel, signal};

fn bench(latency: Duration) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices: 120,
        latency,
        ..SimulatorSettings::default()
    })
}

#[test]
fn second_hangup_still_finishes_the_call_in_flight() {
    let bench = bench(Duration::from_millis(400));
    let child = bench.start_all();
    bench.wait_for_calls(1);
    // The kernel reports it, and so does the shell.
    signal(&child, Signal::HUP);
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, Signal::HUP);
    let output = ended(child);
    let summary = output.event("summary");
    assert_eq!(
        (output.code, &summary["state"]),
        (Some(5), &"stopped".into())
    );
    assert_eq!(summary["in_doubt"], 0, "the call in flight was finished");
    assert_eq!(bench.deletes().len(), 1);
}

#[test]
fn on_hangup_finish_continues_until_a_signal() {
    let bench = bench(Duration::from_millis(100));
    bench.configure_run("on_hangup = \"finish\"");
    let mut child = bench.start_all();
    bench.wait_for_calls(1);
    signal(&child, Signal::HUP);
    std::thread::sleep(Duration::from_millis(50));
    // Nobody reads any more either.
    drop(child.stdout.take());
    let output = ended(child);
    output.exits(3);
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    assert!(runs.contains("\"state\":\"finished\""), "{runs}");
}

#[test]
fn ignored_hangup_stays_ignored() {
    let bench = bench(Duration::from_millis(100));
    let arguments = bench.run_all();
    let plain = bench.command(&[]);
    let mut command = std::process::Command::new("bash");
    command
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(plain.get_args())
        .args(arguments)
        .current_dir(bench.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let child = command.spawn().expect("it runs");
    bench.wait_for_calls(1);
    signal(&child, Signal::HUP);
    assert_eq!(ended(child).event("summary")["state"], "finished");
}

#[test]
fn call_in_flight_at_a_second_signal_is_in_doubt() {
    let bench = bench(Duration::from_secs(2));
    // No call for a token, which would take as long.
    bench.configure_token(&bench.simulator.token());
    let child = bench.start_all();
    bench.wait_for_calls(1);
    signal(&child, Signal::INT);
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, Signal::TERM);
    let output = ended(child);
    assert_eq!(output.code, Some(128 + 15));
    let summary = output.event("summary");
    assert_eq!(
        (&summary["in_doubt"], &summary["exit"]),
        (&5.into(), &143.into())
    );
    let devices = output.events("device");
    let in_doubt = devices.iter().filter(|line| line["outcome"] == "in_doubt");
    assert_eq!(in_doubt.count(), 5, "the canary may have been applied");
}

#[test]
fn second_signal_exits_even_if_standard_output_is_not_read() {
    // More outcomes than a pipe holds.
    let bench = Workbench::new(SimulatorSettings {
        devices: 1500,
        max_list: None,
        ..SimulatorSettings::default()
    });
    bench.configure("batch_size = 500\nrequests_per_minute = 60");
    let mut child = bench.start_all();
    let unread: OwnedFd = child.stdout.take().expect("a pipe").into();
    let begun = Instant::now();
    while bench.deletes().len() < 4 && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, Signal::TERM);
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, Signal::TERM);
    let signalled = Instant::now();
    let code = child.wait().expect("it ends").code();
    assert_eq!(code, Some(128 + 15));
    assert!(signalled.elapsed() < Duration::from_secs(10));
    drop(unread);
}

#[test]
fn refusal_exits_7_even_if_nobody_reads_it() {
    let bench = bench(Duration::ZERO);
    let mut command = bench.command(&[
        "run",
        "devices.json",
        "--action",
        "remove",
        "--all",
        "--output",
        "jsonl",
    ]);
    let (read, write) = rustix::pipe::pipe().expect("a pipe");
    drop(read);
    let status = command
        .stdout(write)
        .stderr(Stdio::null())
        .status()
        .expect("it runs");
    assert_eq!(status.code(), Some(7));
}

#[test]
fn one_signal_finishes_the_call_in_flight_and_exits_5() {
    in_parallel(&[Signal::TERM, Signal::INT], |&first| {
        let bench = bench(Duration::from_millis(300));
        let child = bench.start_all();
        bench.wait_for_calls(2);
        signal(&child, first);
        let stopped = ended(child);
        let summary = stopped.event("summary");
        assert_eq!(
            (stopped.code, &summary["state"]),
            (Some(5), &"stopped".into()),
            "{first:?}: {}",
            stopped.stderr
        );
        assert_eq!(summary["in_doubt"], 0, "the call in flight was finished");
        assert_eq!(bench.sizes(), [5, 50], "and none begun");
        let applied: usize = bench
            .deletes()
            .into_iter()
            .flat_map(|call| call.delete.expect("a delete call").applied)
            .filter(|&applied| applied)
            .count();
        assert_eq!(summary["accepted"], applied);
    });
}

/// From outside, while the server holds the request: unlike a failpoint's, its moment is nobody's choice.
#[test]
fn kill_during_a_request_leaves_it_in_doubt() {
    let bench = bench(Duration::from_millis(500));
    let mut child = bench.start_all();
    bench.wait_for_calls(2);
    signal(&child, Signal::KILL);
    assert_eq!(child.wait().expect("it ends").signal(), Some(9));
    let resumed = bench.resume(&bench.left());
    assert_eq!(
        (resumed.code, &resumed.event("summary")["in_doubt"]),
        (Some(4), &50.into()),
        "{}",
        resumed.stderr
    );
    compare(&bench, &journaled(&bench));
    assert!(bench.sends().values().all(|&sends| sends == 1));
}

/// Nobody reads from the start: nothing is sent for a reader that isn't there, and nothing panics.
#[test]
fn pipe_that_was_closed_before_the_start_sends_nothing() {
    let bench = bench(Duration::ZERO);
    let arguments = bench.run_all();
    let all: Vec<&str> = arguments.iter().map(String::as_str).collect();
    for arguments in [
        &all[..],
        &["plan", "devices.json", "--action", "remove", "--all"],
        &["runs"],
        &["--help"],
        &["man"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = bench.command(arguments);
        command.stdout(writer).stderr(Stdio::piped());
        let output = ended(command.spawn().expect("it runs"));
        assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
        assert!(output.code.is_some(), "{arguments:?} ends by itself");
    }
    assert!(bench.deletes().is_empty());
}
