//! Signals to a run without a screen: one finishes the call in flight, a second one doesn't wait for it.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use offboard::simulator::Settings;
use rustix::process::Signal;

use super::crashes::{compare, journaled};
use super::workbench::{Output, Workbench, ended, signal};

fn bench(latency: Duration) -> Workbench {
    Workbench::new(Settings {
        devices: 300,
        latency,
        ..Settings::default()
    })
}

#[test]
fn one_signal_finishes_the_call_in_flight_and_exits_5() {
    for asked in [Signal::TERM, Signal::INT] {
        let bench = bench(Duration::from_millis(300));
        let child = bench.start_all();
        bench.wait_for_calls(2);
        signal(&child, asked);
        let stopped = ended(child);
        let summary = stopped.event("summary");
        assert_eq!(
            (stopped.code, &summary["state"]),
            (Some(5), &"stopped".into()),
            "{asked:?}: {}",
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
    }
}

#[test]
fn a_second_signal_leaves_at_once_and_the_call_in_flight_is_in_doubt() {
    let slow = Duration::from_secs(4);
    for (asked, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let bench = bench(slow);
        let token = bench.simulator.token();
        // No token call, which would be as slow.
        bench.configure_token(&token);
        let child = bench.start_all();
        bench.wait_for_calls(1);
        signal(&child, asked);
        // Two of a kind that come together count as one.
        std::thread::sleep(Duration::from_millis(150));
        let begun = Instant::now();
        signal(&child, asked);
        let killed = ended(child);
        assert_eq!(killed.code, Some(code), "{}", killed.stderr);
        assert!(begun.elapsed() < slow / 2, "it didn't wait for the call");
        assert!(killed.stderr.contains("once more"), "{}", killed.stderr);
        let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
        assert!(runs.contains("\"in_doubt\":5,"), "{runs}");
        assert!(runs.contains("\"state\":\"stopped\""), "{runs}");
    }
}

/// From outside, while the server holds the request: unlike a failpoint's, its moment is nobody's choice.
#[test]
fn a_kill_while_the_server_holds_the_request_leaves_it_in_doubt() {
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
fn a_pipe_that_was_closed_before_the_start_sends_nothing() {
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
        let output = Output::of_piped(command);
        assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
        assert!(output.code.is_some(), "{arguments:?} ends by itself");
    }
    assert!(bench.deletes().is_empty());
}
