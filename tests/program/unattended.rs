//! Runs without a screen whose terminal, reader or operator goes away.

use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use offboard::simulator::Settings;
use rustix::process::{Pid, Signal, kill_process};

use super::workbench::{Output, Workbench};

fn bench(latency: Duration) -> Workbench {
    Workbench::new(Settings {
        devices: 120,
        latency,
        ..Settings::default()
    })
}

fn start(bench: &Workbench) -> Child {
    let arguments = bench.run_all();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    bench
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs")
}

/// Waits until the tenant has a delete call before it, and hasn't answered.
fn wait_for_call(bench: &Workbench) {
    let begun = Instant::now();
    let is_delete = |path: &str| path.ends_with("/devices/delete");
    while !bench
        .simulator
        .received()
        .iter()
        .any(|call| is_delete(&call.path))
    {
        assert!(begun.elapsed() < Duration::from_secs(60), "no call");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("signalled");
}

fn end(child: Child) -> Output {
    Output::read(&child.wait_with_output().expect("it ends"))
}

#[test]
fn a_dropped_connection_told_of_twice_finishes_the_call_in_flight() {
    let bench = bench(Duration::from_millis(400));
    let child = start(&bench);
    wait_for_call(&bench);
    // The kernel tells of it, and so does the shell.
    signal(&child, Signal::HUP);
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, Signal::HUP);
    let output = end(child);
    let summary = output.event("summary");
    assert_eq!(
        (output.code, &summary["state"]),
        (Some(5), &"stopped".into())
    );
    assert_eq!(summary["in_doubt"], 0, "the call in flight was finished");
    assert_eq!(bench.deletes().len(), 1);
}

#[test]
fn on_hangup_finish_goes_on_until_asked_to_stop() {
    let bench = bench(Duration::from_millis(100));
    let config = std::fs::read_to_string(bench.path("config.toml")).expect("readable");
    bench.write(
        "config.toml",
        &format!("{config}[run]\non_hangup = \"finish\"\n"),
    );
    let mut child = start(&bench);
    wait_for_call(&bench);
    signal(&child, Signal::HUP);
    std::thread::sleep(Duration::from_millis(50));
    // Nobody reads any more either.
    drop(child.stdout.take());
    let output = end(child);
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    assert!(runs.contains("\"state\":\"finished\""), "{runs}");
}

#[test]
fn a_hangup_that_was_to_be_ignored_is_ignored() {
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
    wait_for_call(&bench);
    signal(&child, Signal::HUP);
    assert_eq!(end(child).event("summary")["state"], "finished");
}

#[test]
fn what_was_in_flight_at_a_second_signal_is_in_doubt() {
    let bench = bench(Duration::from_secs(3));
    let child = start(&bench);
    wait_for_call(&bench);
    signal(&child, Signal::INT);
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, Signal::TERM);
    let output = end(child);
    assert_eq!(output.code, Some(128 + 15));
    let summary = output.event("summary");
    assert_eq!(
        (&summary["in_doubt"], &summary["exit"]),
        (&5.into(), &143.into())
    );
    let doubted = output.events("device");
    let doubted = doubted.iter().filter(|line| line["outcome"] == "in_doubt");
    assert_eq!(doubted.count(), 5, "the canary may have been applied");
}

#[test]
fn a_second_signal_is_obeyed_before_a_reader_that_does_not_read() {
    // More outcomes than a pipe holds.
    let bench = Workbench::new(Settings {
        devices: 1500,
        max_list: None,
        ..Settings::default()
    });
    let config = std::fs::read_to_string(bench.path("config.toml")).expect("readable");
    let config = format!("{config}batch_size = 500\nrequests_per_minute = 60\n");
    bench.write("config.toml", &config);
    let mut child = start(&bench);
    let unread: OwnedFd = child.stdout.take().expect("a pipe").into();
    let begun = Instant::now();
    while bench.deletes().len() < 4 && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, Signal::TERM);
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, Signal::TERM);
    let asked = Instant::now();
    let code = child.wait().expect("it ends").code();
    assert_eq!(code, Some(128 + 15));
    assert!(asked.elapsed() < Duration::from_secs(10));
    drop(unread);
}

#[test]
fn a_refusal_that_nobody_reads_is_a_refusal() {
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
