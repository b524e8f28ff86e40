//! The main job with the keyboard, in a real pseudo-terminal.

use std::time::{Duration, Instant};

use offboard::simulator::SimulatorSettings;
use rustix::process::Signal;

use super::terminal::{Terminal, requested_count};
use super::workbench::{Workbench, in_parallel, wait_until};

#[test]
fn main_job_from_start_to_reviewed_failures() {
    let bench = Workbench::with(300);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("/unseen>60d\r");
    terminal.wait_for("/ unseen>60d");
    terminal.press("a");
    terminal.wait_for("marked");
    terminal.press("d");
    terminal.wait_for("What should happen to");
    terminal.press("r");
    let count = requested_count(&terminal);
    assert!(
        bench.simulator.received().is_empty(),
        "nothing is sent before the count"
    );
    terminal.type_count(&count);
    terminal.wait_for("finished");
    let sent: usize = bench
        .deletes()
        .iter()
        .map(|call| {
            call.delete
                .as_ref()
                .expect("a delete call")
                .identifiers
                .len()
        })
        .sum();
    assert_eq!(sent.to_string(), count);
    terminal.press("f");
    terminal.wait("the failures, and what helps", |screen| {
        screen.contains("✗ not found") && screen.contains("What helps")
    });
    terminal.press("j\r");
    terminal.wait_for("attempt 1");
    terminal.press("\u{1b}");
    terminal.wait_for("What helps");
    terminal.press("q");
    terminal.wait_for("/ unseen>60d");
    terminal.quit();
    assert_eq!(terminal.exit_code(), 3, "some failed");
}

#[test]
fn list_that_comes_late_from_a_pipe_is_waited_for_with_a_line() {
    let bench = Workbench::with(5);
    let producer = "sleep 4; cat devices.json";
    let terminal = Terminal::start_piped(&bench, producer, &["-"]);
    terminal.wait_for("reading the list from standard input until it ends");
    terminal.wait_for("5 of 5");
    terminal.leave("q");
}

#[test]
fn list_from_a_pipe_opens_the_screen_and_keys_come_from_the_terminal() {
    let bench = Workbench::with(20);
    let mut terminal = Terminal::start_piped(&bench, "cat devices.json", &["-"]);
    terminal.wait_for(" shown");
    terminal.press("adr");
    terminal.confirm();
    terminal.wait_for("finished");
    assert!(!bench.deletes().is_empty());
    terminal.quit();
    terminal.wait_until_given_back();
}

#[test]
fn terminal_is_restored_and_a_resize_is_followed() {
    let bench = Workbench::with(50);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.resize(40, 10);
    terminal.wait_for("too small");
    terminal.resize(80, 24);
    terminal.wait_for(" shown");
    terminal.press("q");
    terminal.wait_until_given_back();
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn idle_screen_writes_nothing() {
    let bench = Workbench::with(50);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    let before = quiet(&terminal);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(terminal.written().len(), before);
    terminal.press("j");
    wait_until("move of the cursor", || terminal.written().len() > before);
    let moved = quiet(&terminal) - before;
    assert!(moved < 300, "a cursor move writes {moved} bytes");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn screen_writes_little_for_marks_and_a_filter() {
    let bench = Workbench::with(1);
    let mut terminal = Terminal::start(&bench, &["--demo"], 120, 40);
    terminal.wait("counted overview", |screen| {
        screen.contains("worth a look") && !screen.contains("counting")
    });
    let cost = |terminal: &mut Terminal, keys: &str| {
        let before = quiet(terminal);
        terminal.press_slowly(keys, Duration::from_millis(60));
        wait_until("answer to the keys", || terminal.written().len() > before);
        quiet(terminal) - before
    };
    // The first keys can coincide with what is drawn after the start.
    let costs = (0..3).map(|_| cost(&mut terminal, "j"));
    let moved = costs.min().unwrap_or_default();
    assert!(moved <= 200, "a cursor move writes {moved} bytes");
    let marked = cost(&mut terminal, "a");
    assert!(marked <= 1024, "marking all writes {marked} bytes");
    cost(&mut terminal, "U");
    let pace = Duration::from_millis(100);
    for filter in ["unseen>60d", "status:com", "group:fina", "windows 11"] {
        // The goal of 5 KB holds where keys come evenly. Beside other tests they don't, and more of them
        // are followed by a frame, which adds some hundred bytes.
        let most = 6_000;
        let mut costs: Vec<usize> = Vec::new();
        while costs.len() < 3 && costs.last().is_none_or(|&bytes| bytes > most) {
            cost(&mut terminal, "/");
            let before = quiet(&terminal);
            terminal.press_slowly(filter, pace);
            costs.push(quiet(&terminal) - before);
            cost(&mut terminal, "\u{1b}");
        }
        let least = costs.iter().min();
        assert!(least <= Some(&most), "{filter} writes {costs:?} bytes");
    }
    for marks in ["  ", " jj jjj ", "vjjjjjjv"] {
        cost(&mut terminal, "U");
        cost(&mut terminal, marks);
        let marked = cost(&mut terminal, "a");
        assert!(
            marked <= 1024,
            "marking all after {marks:?} writes {marked} bytes"
        );
    }
}

#[test]
fn step_past_the_edge_writes_a_row() {
    let bench = Workbench::with(200);
    let mut terminal = Terminal::opened(&bench, 100, 30);
    let mut cost = |keys: &str| {
        let before = quiet(&terminal);
        terminal.press(keys);
        wait_until("answer to the keys", || terminal.written().len() > before);
        quiet(&terminal) - before
    };
    cost("jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj");
    let down = cost("j");
    cost("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk");
    let up = cost("k");
    for (way, bytes) in [("down", down), ("up", up)] {
        assert!(
            bytes <= 600,
            "a step {way} past the edge writes {bytes} bytes"
        );
    }
}

#[test]
fn run_that_waits_writes_only_a_countdown() {
    in_parallel(&["1", "2"], |view| {
        let bench = Workbench::with(120);
        bench.configure("batch_size = 5");
        let window = [("OFFBOARD_TEST_WINDOW_MS", "60000")];
        let mut terminal = Terminal::start_with(&bench, &["devices.json"], &window, 120, 40);
        terminal.wait("counted overview", |screen| {
            screen.contains("worth a look") && !screen.contains("counting")
        });
        terminal.press("adr");
        terminal.confirm();
        terminal.wait("a full limit", |screen| screen.contains("next call in 5"));
        terminal.press(view);
        quiet(&terminal);
        let before = terminal.written().len();
        std::thread::sleep(Duration::from_secs(10));
        let written = (terminal.written().len() - before) / 10;
        assert!(written <= 30, "view {view} writes {written} bytes a second");
    });
}

/// Waits until nothing has been written for a while, and says how much was by then.
fn quiet(terminal: &Terminal) -> usize {
    let mut before = terminal.written().len();
    loop {
        std::thread::sleep(Duration::from_millis(250));
        let now = terminal.written().len();
        if now == before {
            return now;
        }
        before = now;
    }
}

#[test]
fn sigterm_stops_the_run_after_its_call_and_restores_the_terminal() {
    let latency = Duration::from_millis(300);
    let bench = Workbench::new(SimulatorSettings {
        devices: 300,
        latency,
        ..SimulatorSettings::default()
    });
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("adr");
    terminal.confirm();
    terminal.wait_for("accepted");
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.exit_code(), 5);
    let runs = bench.run(&["runs"]);
    assert!(
        runs.stdout.contains("stopped") && !runs.stdout.contains("in doubt"),
        "{}",
        runs.stdout
    );
}

#[test]
fn list_that_changed_since_it_was_opened_is_not_planned_from() {
    let bench = Workbench::with(40);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    bench.write("devices.json", "[]");
    terminal.press("dr");
    terminal.wait_for("changed since it was read");
    terminal.press_until("\u{1b}", "closed dialog", |screen| {
        !screen.contains("changed since it was read")
    });
    terminal.press("q");
    terminal.exit_code();
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn killed_screen_has_saved_its_marks() {
    let bench = Workbench::with(20);
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("  ");
    terminal.wait_for("● 2");
    let marks = || {
        // A file that is being written has another name until it is whole.
        let files = std::fs::read_dir(bench.path("state/screens")).ok()?;
        let mut paths = files.filter_map(|file| Some(file.ok()?.path()));
        let path = paths.find(|path| path.extension().is_some_and(|ending| ending == "json"))?;
        let text = std::fs::read(path).ok()?;
        let kept: serde_json::Value = serde_json::from_slice(&text).ok()?;
        Some(kept["marks"].as_array()?.len())
    };
    let begun = Instant::now();
    while marks() != Some(2) {
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing is kept");
        std::thread::sleep(Duration::from_millis(50));
    }
    terminal.signal(Signal::KILL);
    drop(terminal);
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for("R restores");
    terminal.press("R");
    terminal.wait_for("● 2");
    terminal.press("Uq");
    terminal.exit_code();
}

#[test]
fn read_only_demo_refuses_before_it_requests_a_count() {
    let bench = Workbench::with(1);
    let mut terminal = Terminal::start(&bench, &["--demo", "--read-only"], 120, 40);
    terminal.wait_for(" shown");
    terminal.press("d");
    terminal.wait_for("This session is read-only");
    terminal.press_until("\u{1b}", "closed dialog", |screen| {
        !screen.contains("This session is read-only")
    });
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}
