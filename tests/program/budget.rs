//! The budget of several processes on one state directory.

use std::process::Command;
use std::time::Duration;

use offboard::simulator::SimulatorSettings;

use super::workbench::{WINDOW, Workbench, ended_in_time, start};

/// The published limit, in a window that is scaled to [`WINDOW`].
const LIMIT: usize = 10;
const DEVICES: usize = 100;

/// Two processes that need 20 calls in a window each never make more than 10 in any.
#[test]
fn budget_is_shared_by_two_processes() {
    share(SimulatorSettings::default(), [Boot::Own, Boot::Own]);
}

/// The same when some calls take 20 s of a scaled minute to arrive, and each answer a second: were a
/// slot free again a window after it was taken, a quick call could arrive within a window of a slow one.
#[test]
fn budget_is_shared_by_two_processes_on_a_slow_line() {
    let slow = SimulatorSettings {
        latency: WINDOW / 60,
        travel: WINDOW / 3,
        ..SimulatorSettings::default()
    };
    share(slow, [Boot::Own, Boot::Own]);
}

/// A process in a container whose boot time runs a day behind, and one outside.
#[test]
fn budget_is_shared_with_a_process_in_another_time_namespace() {
    share(SimulatorSettings::default(), [Boot::Own, Boot::Behind]);
}

/// What a process can read of the machine's boot.
#[derive(Clone, Copy)]
enum Boot {
    /// What the machine says.
    Own,
    /// The boot of the machine, in another time namespace.
    Behind,
}

impl Boot {
    /// Has `command` run in this boot.
    fn set(self, bench: &Workbench, command: &mut Command) {
        if matches!(self, Self::Own) {
            return;
        }
        let root = bench.path("behind");
        for directory in ["proc/self", "proc/sys/kernel/random"] {
            std::fs::create_dir_all(root.join(directory)).expect("made");
        }
        let boot_id = "proc/sys/kernel/random/boot_id";
        // Where there is none, the name is another, as it would be in the namespace.
        let own = std::fs::read(format!("/{boot_id}")).unwrap_or_default();
        std::fs::write(root.join(boot_id), own).expect("written");
        let offsets = "monotonic           0         0\nboottime      -86400         0\n";
        std::fs::write(root.join("proc/self/timens_offsets"), offsets).expect("written");
        command.env("OFFBOARD_TEST_ROOT", root);
    }
}

fn share(settings: SimulatorSettings, boots: [Boot; 2]) {
    let bench = Workbench::new(SimulatorSettings {
        devices: 2 * DEVICES,
        // The server's own limit would hide what ours lets through.
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
    let children = [("first.txt", boots[0]), ("second.txt", boots[1])].map(|(list, boot)| {
        let mut command = bench.command(&["run", list, "--action", "archive", "--all"]);
        command.args(["--allow", "most", "--expect-count", &count]);
        command.args(["--output", "jsonl"]);
        boot.set(&bench, &mut command);
        start(command)
    });
    for child in children {
        let output = ended_in_time(child);
        output.finished();
    }
    let received = bench.simulator.received();
    assert!(received.len() >= 32, "{} calls", received.len());
    keeps_to_the_limit(&bench);
    let slots = bench
        .database()
        .query_row("SELECT count(*) FROM slots", [], |row| row.get(0));
    assert_eq!(slots, Ok(received.len()), "no process forgot a recent slot");
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
    crash_three_times(Boot::Own);
}

fn crash_three_times(boot: Boot) {
    let bench = Workbench::with(120);
    let hwids = bench.known_hwids();
    for few in hwids.chunks(15).take(3) {
        // Each dies after its first call, and so never completes its last slot.
        bench.write("few.txt", &few.join("\n"));
        let mut command = bench.command(&["run", "few.txt", "--action", "archive", "--all"]);
        command
            .args(["--allow", "most", "--expect-count", "15"])
            .env("OFFBOARD_FAILPOINT", "answered=kill");
        boot.set(&bench, &mut command);
        command.output().expect("it runs");
    }
    bench.write("rest.txt", &hwids[45..].join("\n"));
    let calls = bench.simulator.received().len();
    assert_eq!(calls, 6, "a token and a call each");
    bench.configure("batch_size = 5");
    let count = bench.count_of("rest.txt");
    let mut command = bench.command(&["run", "rest.txt", "--action", "archive", "--all"]);
    command.args(["--allow", "most", "--expect-count", &count]);
    command.args(["--output", "jsonl"]);
    boot.set(&bench, &mut command);
    let run = ended_in_time(start(command));
    run.finished();
    keeps_to_the_limit(&bench);
}
