//! The wall clock jumps under a running program: it waits and paces by boot time.

use std::time::Duration;

use offboard::simulator::SimulatorSettings;

use super::budget::keeps_to_the_limit;
use super::faults;
use super::workbench::{Workbench, ended, start};

const YEAR: i64 = 365 * 24 * 3600;

#[cfg(target_os = "linux")]
#[test]
fn wall_clock_that_jumps_a_year_causes_no_burst_and_no_wait() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 200,
        // The server's own limit would hide what ours lets through.
        limit: 1000,
        // So that the clock jumps while slots are free, when a burst would show.
        latency: Duration::from_millis(60),
        ..SimulatorSettings::default()
    });
    bench.configure("batch_size = 5");
    bench.write("some.txt", &bench.known_hwids()[..120].join("\n"));
    let jump = |seconds: i64| {
        std::fs::write(bench.path("new"), seconds.to_string()).expect("written");
        std::fs::rename(bench.path("new"), bench.path("jump")).expect("renamed");
    };
    let mut command = bench.command(&[
        "run",
        "some.txt",
        "--action",
        "remove",
        "--all",
        "--allow",
        "most,recent,last",
        "--expect-count",
        "120",
        "--output",
        "jsonl",
    ]);
    command
        .env("LD_PRELOAD", faults::library(&bench, "clock"))
        .env("WALL_JUMP", bench.path("jump"));
    let child = start(command);
    bench.wait_for_calls(5);
    jump(YEAR);
    // By then the program is in the next window.
    bench.wait_for_calls(14);
    jump(-YEAR);
    let run = ended(child);
    run.exits(0);
    keeps_to_the_limit(&bench);
    let last = bench.simulator.received().last().expect("a call").at;
    assert!(last < Duration::from_secs(20), "it waited until {last:?}");
    // The clock did jump: the journal has the time as the wall clock had it.
    let database = bench.database();
    let years = "SELECT count(DISTINCT substr(ended_at, 1, 4)) FROM calls";
    let seen: i64 = database
        .query_row(years, [], |row| row.get(0))
        .expect("a number");
    assert!(seen >= 2, "the calls ended in {seen} years");
}
