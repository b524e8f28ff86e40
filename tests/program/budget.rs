//! The budget of several processes on one state directory.

use std::time::Duration;

use offboard::simulator::Settings;

use super::workbench::{WINDOW, Workbench, ended};

/// The published limit, in a window that is scaled to [`WINDOW`].
const LIMIT: usize = 10;
const DEVICES: usize = 100;

/// Two processes that need 20 calls in a window each never make more than 10 in any.
#[test]
fn budget_is_shared_by_two_processes() {
    share(Settings::default());
}

/// The same when some calls take 20 s of a scaled minute to arrive, and each answer a second: were a
/// slot free again a window after it was taken, a quick call could arrive within a window of a slow one.
#[test]
fn budget_is_shared_by_two_processes_on_a_slow_line() {
    share(Settings {
        latency: WINDOW / 60,
        travel: WINDOW / 3,
        ..Settings::default()
    });
}

fn share(settings: Settings) {
    let bench = Workbench::new(Settings {
        devices: 2 * DEVICES,
        // The server's own word on the limit would hide what ours lets through.
        limit: 1000,
        ..settings
    });
    // Many small calls.
    bench.configure("batch_size = 6");
    let machines = bench.known_hwids();
    let (first, second) = machines.split_at(machines.len() / 2);
    let pad = |name: &str, own: &[String]| {
        let mut lines: Vec<String> = own.iter().take(DEVICES).cloned().collect();
        lines.extend((lines.len()..DEVICES).map(|index| format!("{name}{index}")));
        format!("hwid\n{}", lines.join("\n"))
    };
    bench.write("first.txt", &pad("a", first));
    bench.write("second.txt", &pad("b", second));
    let count = DEVICES.to_string();
    let children = ["first.txt", "second.txt"].map(|list| {
        let run = [
            "run", list, "--action", "archive", "--all", "--allow", "most",
        ];
        let more = ["--expect-count", &count, "--output", "jsonl"];
        bench.start(&[&run[..], &more].concat())
    });
    for child in children {
        let output = ended(child);
        assert_eq!(
            output.event("summary")["state"],
            "finished",
            "{}",
            output.stderr
        );
    }
    let received = bench.simulator.received();
    assert!(received.len() >= 32, "{} calls", received.len());
    keeps_to_the_limit(&bench);
}

/// No window of the server's saw more calls than the limit allows.
pub fn keeps_to_the_limit(bench: &Workbench) {
    let received = bench.simulator.received();
    let mut arrivals: Vec<Duration> = received.iter().map(|call| call.at).collect();
    arrivals.sort_unstable();
    for window in arrivals.windows(LIMIT + 1) {
        let span = window[LIMIT].saturating_sub(window[0]);
        assert!(span >= WINDOW, "{} calls within {span:?}", LIMIT + 1);
    }
}

/// Another process takes its turn on the same budget after a crash, which keeps its slots.
#[test]
fn crash_frees_no_slots() {
    let bench = Workbench::new(Settings {
        devices: 120,
        ..Settings::default()
    });
    let hwids = bench.known_hwids();
    for few in hwids.chunks(15).take(3) {
        // Each dies after its first call, and so never completes its last slot.
        bench.write("few.txt", &few.join("\n"));
        let mut command = bench.command(&["run", "few.txt", "--action", "archive", "--all"]);
        command
            .args(["--allow", "most", "--expect-count", "15"])
            .env("OFFBOARD_FAILPOINT", "answered=kill");
        command.output().expect("it runs");
    }
    bench.write("rest.txt", &hwids[45..].join("\n"));
    let calls = bench.simulator.received().len();
    assert_eq!(calls, 6, "a token and a call each");
    bench.configure("batch_size = 5");
    let run = bench.run_of("rest.txt", &bench.count_of("rest.txt"), &[]);
    assert_eq!(run.event("summary")["state"], "finished", "{}", run.stderr);
    keeps_to_the_limit(&bench);
}
