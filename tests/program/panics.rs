//! Panics of the engine and of the screen: each is reported, and nothing is lost.

use std::time::Duration;

use offboard::simulator::SimulatorSettings;

use super::crashes::{bench, compare, journaled};
use super::terminal::Terminal;
use super::workbench::{Output, Workbench, wait_until};

/// The screen's thread panics while the engine waits for an answer.
#[test]
fn screen_panic_loses_no_call_in_flight() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 12,
        // The first call is still in flight when a busy machine gets to draw.
        latency: Duration::from_secs(3),
        ..SimulatorSettings::default()
    });
    let moment = bench.path("now");
    let failpoint = format!("draw=panic@{}", moment.display());
    let mut terminal = Terminal::start_with(
        &bench,
        &["devices.json"],
        &[("OFFBOARD_FAILPOINT", &failpoint)],
        120,
        40,
    );
    terminal.wait_for(" shown");
    terminal.press("adr");
    let count = terminal.confirm();
    bench.wait_for_calls(1);
    std::fs::write(&moment, "").expect("written");
    terminal.press("j");
    terminal.wait_until_given_back();
    assert_eq!(terminal.exit_code(), 101);
    wait_until("end of the run", || {
        let runs = bench.run(&["runs"]).stdout;
        runs.contains("stopped")
    });
    let resumed = bench.resume(&bench.left());
    let summary = resumed.event("summary");
    assert_eq!(summary["state"], "finished", "{}", resumed.stderr);
    // The process ended over its answer.
    assert_eq!(summary["in_doubt"], 5);
    let devices = journaled(&bench);
    assert_eq!(devices.len().to_string(), count);
    compare(&bench, &devices);
    assert!(bench.sends().values().all(|&sends| sends == 1));
}

#[test]
fn engine_panic_is_reported_and_the_run_can_be_resumed() {
    let bench = bench();
    let mut command = bench.command(&[]);
    command
        .args(bench.run_all())
        .env("OFFBOARD_FAILPOINT", "answered=panic@2");
    let output = Output::of(command);
    output.exits(1);
    output.says("offboard runs");
    let rest = bench.left();
    let resumed = bench.resume(&rest);
    assert_eq!(
        resumed.event("summary")["in_doubt"],
        50,
        "{}",
        resumed.stderr
    );
    compare(&bench, &journaled(&bench));
}

#[test]
fn screen_panic_restores_the_terminal() {
    let bench = bench();
    let moment = bench.path("now");
    let failpoint = format!("draw=panic@{}", moment.display());
    let mut terminal = Terminal::start_with(
        &bench,
        &["devices.json"],
        &[("OFFBOARD_FAILPOINT", &failpoint)],
        120,
        40,
    );
    terminal.wait_for(" shown");
    std::fs::write(&moment, "").expect("written");
    terminal.press("j");
    terminal.wait_until_given_back();
    // It is printed after the alternate screen was left, where it can be read.
    terminal.wait_written("panic message", |text| {
        text.split("\u{1b}[?1049l")
            .nth(1)
            .is_some_and(|after| after.contains("the failpoint draw"))
    });
    assert_eq!(terminal.exit_code(), 101);
}

#[test]
fn engine_panic_leaves_the_screen_usable() {
    let bench = bench();
    let mut terminal = Terminal::start_with(
        &bench,
        &["devices.json"],
        &[("OFFBOARD_FAILPOINT", "answered=panic")],
        120,
        40,
    );
    terminal.wait_for(" shown");
    terminal.press("adr");
    terminal.confirm();
    terminal.wait_for("the engine stopped unexpectedly");
    terminal.press("jd");
    terminal.wait_for("Nothing can be sent any more");
    terminal.press_until("\u{1b}", "closed dialog", |screen| {
        !screen.contains("Nothing can be sent")
    });
    terminal.wait_for("in doubt");
    terminal.quit();
    terminal.wait_until_given_back();
    // What was in flight is in doubt.
    assert_eq!(terminal.exit_code(), 1, "not what the last run says");
    let rest = bench.left();
    let resumed = bench.resume(&rest);
    assert_eq!(
        resumed.event("summary")["in_doubt"],
        5,
        "{}",
        resumed.stderr
    );
}
