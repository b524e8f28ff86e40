//! The account's licences before and after runs: measured, and never at a run's expense.

use std::time::{Duration, Instant};

use offboard::simulator::{AccountAnswer, Received, SimulatorSettings};
use rustix::process::Signal;
use serde_json::Value;

use super::terminal::{Terminal, requested_count};
use super::workbench::{DELETE, Output, WINDOW, Workbench, ended, in_parallel, signal, wait_until};

const ACCOUNT: &str = "/o/api/v3.1/account";

/// A tenant that answers so, and a profile that reads licences.
fn bench(devices: usize, account: AccountAnswer) -> Workbench {
    bench_with(SimulatorSettings {
        devices,
        account,
        ..SimulatorSettings::default()
    })
}

fn bench_with(settings: SimulatorSettings) -> Workbench {
    let bench = Workbench::new(settings);
    bench.reconfigure("licences = false", "licences = true");
    bench
}

fn run_all(bench: &Workbench) -> Output {
    let count = bench.count();
    bench.run_of(
        "devices.json",
        &count,
        &["--allow", super::workbench::EVERY_WARNING],
    )
}

fn calls(bench: &Workbench, path: &str) -> Vec<Received> {
    let mut received = bench.simulator.received();
    received.retain(|call| call.path == path);
    received
}

#[test]
fn licences_are_measured_before_and_after_a_run_and_kept_with_it() {
    let bench = bench(100, AccountAnswer::Account);
    let output = run_all(&bench);
    let summary = output.event("summary");
    let (before, after) = (&summary["licences_before"], &summary["licences_after"]);
    let number = |value: &Value| value.as_u64().expect("a number");
    let accepted = number(&summary["accepted"]);
    assert!(accepted > 50, "{}", output.stderr);
    assert_eq!(
        number(&before["used"]),
        number(&before["allowed"]),
        "every device uses one"
    );
    assert_eq!(number(&after["used"]), number(&before["used"]) - accepted);
    let paths: Vec<String> = bench
        .simulator
        .received()
        .into_iter()
        .map(|call| call.path)
        .collect();
    let deletes = paths.iter().filter(|path| *path == DELETE).count();
    let mut expected = vec!["/o/oauth/token", ACCOUNT];
    expected.extend(vec![DELETE; deletes]);
    expected.push(ACCOUNT);
    assert_eq!(paths, expected);
    let sentence = format!(
        "licences: {} → {} of {} used",
        before["used"], after["used"], after["allowed"]
    );
    output.says(&sentence);

    let shown = bench.run(&["runs", "show", "last"]).stdout;
    assert!(
        shown.contains(&sentence.replace("licences:", "licences ")),
        "{shown}"
    );
    let report = bench
        .run(&["runs", "export", "last", "--format", "markdown"])
        .stdout;
    let line = format!(
        "| Licences before | {} of {} used, measured ",
        before["used"], before["allowed"]
    );
    assert!(
        report.contains(&line) && report.contains("| Licences after | "),
        "{report}"
    );
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    let run: Value = serde_json::from_str(&runs).expect("a line");
    assert_eq!(
        (&run["licences_before"], &run["licences_after"]),
        (before, after)
    );
    let plan = bench.run(&["plan", "devices.json", "--action", "remove", "--all"]);
    let known = format!(
        "licences: {} of {} used, measured ",
        after["used"], after["allowed"]
    );
    plan.prints(&known);
}

#[test]
fn run_that_needs_the_whole_window_is_not_delayed() {
    // How many calls the run takes, with one for the token.
    let bench_of = || bench(100, AccountAnswer::Account);
    let plan = bench_of()
        .plan_of("devices.json", "remove", &[])
        .event("plan");
    let needed = plan["calls"].as_u64().expect("a number") + 1;
    in_parallel(
        &[(needed, false), (needed + 1, true)],
        |&(limit, measured)| {
            let bench = bench_of();
            bench.configure(&format!("requests_per_minute = {limit}"));
            let output = run_all(&bench);
            let summary = output.event("summary");
            assert_eq!(summary["licences_before"].is_object(), measured, "{limit}");
            let deletes = calls(&bench, DELETE);
            assert_eq!(deletes.len() as u64, needed - 1);
            let took = deletes[deletes.len() - 1].at.saturating_sub(deletes[0].at);
            assert!(took < WINDOW, "{took:?}");
            // No slot is free soon after it.
            assert!(summary.get("licences_after").is_none(), "{summary}");
        },
    );
}

#[test]
fn tenant_that_does_not_tell_is_asked_once_and_nothing_is_shown() {
    let answers = [
        AccountAnswer::Status(404),
        AccountAnswer::Status(403),
        AccountAnswer::WithoutLicences,
    ];
    in_parallel(&answers, |&answer| {
        let bench = bench(100, answer);
        bench.write("one.txt", &format!("{}\n", bench.known_hwids()[0]));
        bench.write("two.txt", &format!("{}\n", bench.known_hwids()[1]));
        for list in ["one.txt", "two.txt"] {
            let output = bench.run_of(list, "1", &[]);
            let summary = output.event("summary");
            assert_eq!(
                (output.code, &summary["accepted"]),
                (Some(0), &1.into()),
                "{}",
                output.stderr
            );
            assert!(
                summary.get("licences_before").is_none() && summary.get("licences_after").is_none()
            );
            assert!(!output.stderr.contains("licence"), "{}", output.stderr);
        }
        let plan = bench.run(&["plan", "devices.json", "--action", "remove", "--all"]);
        assert!(!plan.stdout.contains("licence"), "{}", plan.stdout);
        assert_eq!(calls(&bench, ACCOUNT).len(), 1, "{answer:?}");
    });
}

#[test]
fn failure_that_may_pass_is_not_remembered() {
    let bench = bench(100, AccountAnswer::Status(503));
    bench.write("one.txt", &format!("{}\n", bench.known_hwids()[0]));
    let output = bench.run_of("one.txt", "1", &[]);
    output.exits(0);
    assert_eq!(calls(&bench, ACCOUNT).len(), 2, "before and after");
}

#[test]
fn tenant_that_never_answers_delays_a_run_for_seconds_and_a_signal_ends_the_rest() {
    let bench = bench(100, AccountAnswer::Never);
    bench.write("one.txt", &format!("{}\n", bench.known_hwids()[0]));
    let begun = Instant::now();
    let child = bench.start(&[
        "run",
        "one.txt",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "1",
        "--output",
        "jsonl",
        "--allow",
        "most,recent,last,not-in-inventory",
    ]);
    wait_until("second call for licences", || {
        calls(&bench, ACCOUNT).len() == 2
    });
    assert_eq!(bench.deletes().len(), 1);
    signal(&child, Signal::TERM);
    let output = ended(child);
    assert!(begun.elapsed() < Duration::from_secs(30));
    let summary = output.event("summary");
    assert_eq!(
        (output.code, &summary["state"]),
        (Some(0), &"finished".into()),
        "{}",
        output.stderr
    );
}

#[test]
fn fetch_measures_too_and_the_next_run_uses_that() {
    let bench = bench_with(SimulatorSettings {
        devices: 100,
        limit: 1000,
        ..SimulatorSettings::default()
    });
    bench.configure("requests_per_minute = 600");
    let run_one = |place: usize| {
        bench.write("one.txt", &format!("{}\n", bench.known_hwids()[place]));
        let allow = ["--allow", super::workbench::EVERY_WARNING];
        bench.run_of("one.txt", "1", &allow)
    };
    let fetch = bench.run(&["fetch", "--read-only"]);
    fetch.exits(0);
    let said = fetch
        .stderr
        .lines()
        .find(|line| line.starts_with("licences: "));
    assert!(
        said.is_some_and(|line| line.ends_with(" used")),
        "{}",
        fetch.stderr
    );
    let summary = run_one(0).event("summary");
    assert!(summary["licences_before"].is_object(), "{summary}");
    let first_delete = bench.deletes()[0].at;
    let before = calls(&bench, ACCOUNT)
        .into_iter()
        .filter(|call| call.at < first_delete);
    assert_eq!(before.count(), 1, "the one of the fetch");
    // What was measured before a run is not what the next one begins with.
    let fetched = &summary["licences_before"]["measured_at"];
    let again = run_one(1);
    let measured = &again.event("summary")["licences_before"]["measured_at"];
    assert!(measured.is_string(), "{}", again.stderr);
    assert_ne!(measured, fetched);
}

#[test]
fn licences_are_not_read_where_the_configuration_says_so() {
    let bench = bench(100, AccountAnswer::Account);
    bench.reconfigure("licences = true", "licences = false");
    let output = run_all(&bench);
    assert!(output.event("summary").get("licences_before").is_none());
    assert!(calls(&bench, ACCOUNT).is_empty());
}

#[test]
fn screen_shows_licences_of_the_plan_the_run_and_the_history() {
    let bench = bench(100, AccountAnswer::Account);
    assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("d");
    terminal.wait_for("What should happen to");
    terminal.press("r");
    let count = requested_count(&terminal);
    terminal.wait_for(" used, measured just now");
    terminal.type_count(&count);
    terminal.wait("licences after the run", |screen| {
        screen.contains("Finished: ") && screen.contains("licences ") && screen.contains(" → ")
    });
    terminal.press("2");
    terminal.wait_for(" licences ");
    terminal.press("4");
    terminal.wait_for(" licences ");
    terminal.press("qq");
    terminal.exit_code();
}
