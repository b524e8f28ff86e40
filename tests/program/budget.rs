//! The budget of several processes on one state directory.

use std::process::{Child, Stdio};
use std::time::Duration;

use offboard::simulator::Settings;

use super::workbench::{Output, WINDOW, Workbench};

/// The published limit, in a window that is scaled to [`WINDOW`].
const LIMIT: usize = 10;
const DEVICES: usize = 150;

fn start(bench: &Workbench, list: &str) -> Child {
    let count = DEVICES.to_string();
    bench
        .command(&[
            "run",
            list,
            "--action",
            "archive",
            "--all",
            "--allow",
            "most",
            "--expect-count",
            &count,
            "--output",
            "jsonl",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs")
}

/// Two processes that want 20 calls in a window each never make more than 10 in any.
#[test]
fn two_processes_share_one_budget_whatever_the_latency() {
    // A minute is scaled to the window, so this is 0 to 20 s.
    for latency in [Duration::ZERO, WINDOW / 20, WINDOW / 3] {
        let bench = Workbench::new(Settings {
            devices: 2 * DEVICES,
            latency,
            ..Settings::default()
        });
        let config = std::fs::read_to_string(bench.path("config.toml")).expect("read");
        // Many small calls: no canary pause for devices that the tenant doesn't know.
        bench.write("config.toml", &format!("{config}batch_size = 8\n"));
        let machines = bench.known_hwids();
        let (first, second) = machines.split_at(machines.len() / 2);
        let pad = |name: &str, own: &[String]| {
            let mut lines: Vec<String> = own.iter().take(DEVICES).cloned().collect();
            lines.extend((lines.len()..DEVICES).map(|index| format!("{name}{index}")));
            lines.join("\n")
        };
        bench.write("first.txt", &pad("a", first));
        bench.write("second.txt", &pad("b", second));
        let children = [start(&bench, "first.txt"), start(&bench, "second.txt")];
        for child in children {
            let output = Output::read(&child.wait_with_output().expect("it ends"));
            assert_eq!(
                output.event("summary")["state"],
                "finished",
                "{}",
                output.stderr
            );
        }
        let received = bench.simulator.received();
        assert!(received.len() >= 40, "{} calls", received.len());
        assert!(
            received.iter().all(|call| call.status != Some(429)),
            "the server never had to refuse"
        );
        keeps_to_the_limit(&bench);
    }
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
fn a_crash_gives_no_calls_back() {
    let bench = Workbench::new(Settings {
        devices: 120,
        ..Settings::default()
    });
    let hwids = bench.known_hwids();
    for few in hwids.chunks(15).take(3) {
        // Each dies after its first call, and so never completes its last slot.
        bench.write("few.txt", &few.join("\n"));
        let mut command = bench.command(&[
            "run",
            "few.txt",
            "--action",
            "archive",
            "--all",
            "--allow",
            "most",
            "--expect-count",
            "15",
        ]);
        command.env("OFFBOARD_FAILPOINT", "answered=kill");
        command.output().expect("it runs");
    }
    bench.write("rest.txt", &hwids[45..].join("\n"));
    let calls = bench.simulator.received().len();
    assert_eq!(calls, 6, "a token and a call each");
    let plan = bench.run(&[
        "plan", "rest.txt", "--action", "archive", "--all", "--output", "jsonl",
    ]);
    let count = plan.event("plan")["devices"].to_string();
    let config = std::fs::read_to_string(bench.path("config.toml")).expect("read");
    bench.write("config.toml", &format!("{config}batch_size = 5\n"));
    let run = bench.run(&[
        "run",
        "rest.txt",
        "--action",
        "archive",
        "--all",
        "--allow",
        "most",
        "--expect-count",
        &count,
        "--output",
        "jsonl",
    ]);
    assert_eq!(run.event("summary")["state"], "finished", "{}", run.stderr);
    keeps_to_the_limit(&bench);
}
