//! What fetches counted over time, and the runs between them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::terminal::Terminal;
use super::workbench::{EVERY_WARNING, Workbench};

fn bench() -> Workbench {
    let bench = Workbench::with(100);
    bench.reconfigure("licences = false", "licences = true");
    bench
}

fn lines(bench: &Workbench, more: &[&str]) -> Vec<Value> {
    let output = bench.run(&[&["runs", "trend", "--output", "jsonl"], more].concat());
    output.exits(0);
    let lines = output.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Fetches, runs everything, and fetches again. Returns how many devices were accepted.
fn fetch_run_fetch(bench: &Workbench) -> u64 {
    assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
    // An inventory without devices wouldn't replace the first one.
    let run = bench.run_of(
        "devices.json",
        "20",
        &["--oldest", "20", "--allow", EVERY_WARNING],
    );
    let accepted = run.event("summary")["accepted"].as_u64().expect("a number");
    assert!(accepted > 0, "{}", run.stderr);
    // The trend's times are seconds.
    let second = || Timestamp::now().as_second();
    let fetched = second();
    while second() == fetched {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
    accepted
}

#[test]
fn each_complete_fetch_adds_a_line_whose_counts_add_up() {
    let bench = bench();
    let empty = bench.run(&["runs", "trend"]);
    empty.exits(0);
    assert!(
        empty
            .stdout
            .contains("no fetch is recorded yet: each complete `offboard fetch`")
    );
    assert!(lines(&bench, &[]).is_empty());
    let accepted = fetch_run_fetch(&bench);
    let lines = lines(&bench, &[]);
    assert_eq!(lines.len(), 2);
    let devices = |line: &Value| line["devices"].as_u64().expect("a number");
    assert_eq!(devices(&lines[0]) - devices(&lines[1]), accepted);
    for line in &lines {
        for counts in ["by_status", "by_type", "by_age"] {
            let counts = line[counts].as_object().expect("counts");
            let sum: u64 = counts.values().filter_map(Value::as_u64).sum();
            assert_eq!(sum, devices(line), "{line}");
        }
        assert_eq!(line["licences"]["used"], line["devices"], "{line}");
        assert_eq!(line["list_hash"].as_str().map(str::len), Some(64));
    }
    assert_ne!(lines[0]["list_hash"], lines[1]["list_hash"]);
}

#[test]
fn interrupted_fetch_adds_no_line() {
    let bench = bench();
    let mut command = bench.command(&["fetch", "-q"]);
    command.env("OFFBOARD_FAILPOINT", "list-published=kill");
    let ended = super::workbench::Output::of(command);
    assert_ne!(ended.code, Some(0));
    assert!(lines(&bench, &[]).is_empty(), "killed before the line");
    assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
    assert_eq!(lines(&bench, &[]).len(), 1);
}

#[test]
fn chart_shows_devices_licences_and_runs_and_is_ascii_on_request() {
    let bench = bench();
    let accepted = fetch_run_fetch(&bench);
    let chart = bench.run(&["runs", "trend"]).stdout;
    for text in [
        "127.0.0.1",
        "devices ",
        "unseen > 90 d",
        "licences used",
        "▲",
        "█",
    ] {
        assert!(chart.contains(text), "{text}: {chart}");
    }
    let runs = format!("2 fetches, 1 run (▲), accepted: remove {accepted}");
    assert!(chart.contains(&runs), "{chart}");
    assert!(
        chart.lines().all(|line| line.chars().count() <= 79),
        "{chart}"
    );
    let ascii = bench.run(&["runs", "trend", "--ascii"]).stdout;
    assert!(
        ascii.is_ascii() && ascii.contains('^') && ascii.contains('#'),
        "{ascii}"
    );
    let future = bench
        .run(&["runs", "trend", "--since", "2999-01-01"])
        .stdout;
    assert!(
        future.contains("no fetch is recorded since 2999-01-01"),
        "{future}"
    );
    assert_eq!(lines(&bench, &["--since", "2020-01-01"]).len(), 2);
    assert!(lines(&bench, &["--since", "2999-01-01"]).is_empty());
    let wrong = bench.run(&["runs", "trend", "--since", "yesterday"]);
    wrong.exits(2);
    let all = bench.run(&["runs", "trend", "--all-profiles"]);
    assert_eq!(all.code, Some(0), "there is one account: {}", all.stderr);
}

#[test]
fn history_opens_the_trend_and_says_what_to_do_without_one() {
    let bench = bench();
    let mut terminal = Terminal::opened(&bench, 80, 24);
    terminal.press("d");
    terminal.wait_for("What should happen to");
    terminal.press("r");
    terminal.confirm();
    terminal.wait_for("Finished: ");
    terminal.press("4");
    terminal.wait_for("run ");
    terminal.press("t");
    terminal.wait_for("No fetch is recorded yet.");
    terminal.press("\u{1b}");
    terminal.wait("closed trend", |screen| {
        !screen.contains("No fetch is recorded yet.")
    });
    terminal.leave("q");
    assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
    let mut terminal = Terminal::start(&bench, &["devices.json", "--ascii"], 80, 24);
    terminal.wait_for(" shown");
    terminal.press("4");
    terminal.wait_for("run ");
    terminal.press("t");
    terminal.wait_for("1 fetch, no run meanwhile");
    for text in ["devices ", "unseen > 90 d", "licences used"] {
        terminal.wait_for(text);
    }
    terminal.press("\u{1b}");
    terminal.wait("closed trend", |screen| !screen.contains("licences used"));
    terminal.leave("q");
}
