//! `[run] on_finish`: a command of the administrator's gets how each run ended, and changes nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use offboard::simulator::SimulatorSettings;
use rustix::process::Signal;
use serde_json::Value;

use super::terminal::Terminal;
use super::workbench::{Output, Workbench, ended, in_parallel, signal, wait_until};

fn bench(latency: Duration) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices: 30,
        latency,
        ..SimulatorSettings::default()
    })
}

/// Writes a shell script and configures it as `on_finish`.
fn set_on_finish(bench: &Workbench, script: &str) -> PathBuf {
    bench.write("notify", &format!("#!/bin/sh\n{script}\n"));
    let path = bench.path("notify");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("executable");
    bench.configure_run(&format!(
        "on_finish = [{:?}, \"an argument\"]",
        path.display().to_string()
    ));
    bench.path("ends")
}

fn ends(bench: &Workbench) -> Vec<Value> {
    let text = std::fs::read_to_string(bench.path("ends")).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect()
}

/// The command that runs everything.
fn all(bench: &Workbench) -> std::process::Command {
    let arguments = bench.run_all();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    bench.command(&arguments)
}

/// The screen, with the removal of a device confirmed.
fn removing_on_screen(bench: &Workbench, arguments: &[&str]) -> Terminal {
    let mut terminal = Terminal::start(bench, arguments, 120, 40);
    terminal.wait_for(" shown");
    terminal.press("d");
    terminal.wait_for("What should happen to");
    terminal.press("r");
    terminal.confirm();
    terminal
}

fn run_all(bench: &Workbench) -> Output {
    Output::of(all(bench))
}

#[test]
fn command_gets_the_summary_line_and_its_output_is_not_shown() {
    let bench = bench(Duration::ZERO);
    let file = set_on_finish(
        &bench,
        "cat >> ends; echo shown-by-nobody; echo nor-this >&2; echo \"$1\" >> argument",
    );
    let output = run_all(&bench);
    let summary = output.event("summary");
    assert_eq!(
        ends(&bench),
        std::slice::from_ref(&summary),
        "{}",
        output.stderr
    );
    assert_eq!(
        std::fs::read_to_string(file).expect("ends").lines().count(),
        1
    );
    let argument = std::fs::read_to_string(bench.path("argument")).expect("called");
    assert_eq!(argument, "an argument\n");
    let shown = format!("{}{}", output.stdout, output.stderr);
    assert!(
        !shown.contains("shown-by-nobody") && !shown.contains("nor-this"),
        "{shown}"
    );
    assert!(!output.stderr.contains("on_finish"), "{}", output.stderr);
}

#[test]
fn command_that_fails_is_reported_and_changes_nothing() {
    let expected = run_all(&bench(Duration::ZERO));
    let cases = [
        ("exit 1", "failed (exit status: 1)"),
        ("kill -9 $$", "failed (signal: 9"),
        ("sleep 600 & wait", "took longer than 0.75 s and was killed"),
        // None of these is a failure.
        ("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2", ""),
        ("exec <&-; sleep 0.1", ""),
    ];
    in_parallel(&cases, |(script, reported)| {
        let bench = bench(Duration::ZERO);
        set_on_finish(&bench, script);
        let output = run_all(&bench);
        assert_eq!(output.code, expected.code, "{script}");
        let said = output
            .stderr
            .lines()
            .find(|line| line.starts_with("on_finish: "));
        match said {
            Some(said) => assert!(
                !reported.is_empty() && said.contains(reported),
                "{script}: {said}"
            ),
            None => assert_eq!(*reported, "", "{script}: {}", output.stderr),
        }
    });
}

#[test]
fn program_that_is_missing_is_reported() {
    let bench = bench(Duration::ZERO);
    bench.configure_run("on_finish = [\"/nowhere/notify\"]");
    let output = run_all(&bench);
    assert!(
        output
            .stderr
            .contains("on_finish: /nowhere/notify can't be run: "),
        "{}",
        output.stderr
    );
    assert_ne!(output.code, Some(1));
}

#[test]
fn stop_and_a_resume_are_reported_and_a_refusal_is_not() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 120,
        latency: Duration::from_millis(300),
        ..SimulatorSettings::default()
    });
    set_on_finish(&bench, "cat >> ends");
    let refused = bench.run_of("devices.json", "1", &[]);
    refused.exits(7);
    assert!(ends(&bench).is_empty(), "nothing was confirmed");
    let child = bench.start_all();
    bench.wait_for_calls(1);
    signal(&child, Signal::TERM);
    let stopped = ended(child);
    stopped.exits(5);
    let left = bench.left();
    let resumed = bench.resume(&left);
    let states: Vec<Value> = ends(&bench)
        .iter()
        .map(|line| line["state"].clone())
        .collect();
    assert_eq!(states, ["stopped", "finished"], "{}", resumed.stderr);
    assert_eq!(ends(&bench)[1], resumed.event("summary"));
    let again = bench.resume("0");
    again.exits(7);
    assert_eq!(ends(&bench).len(), 2, "it is over");
}

#[test]
fn secrets_of_the_environment_are_not_inherited() {
    let bench = bench(Duration::ZERO);
    set_on_finish(&bench, "cat > ends; env > environment");
    let config = bench.config();
    let lines = config.lines().map(|line| {
        if line.starts_with("client_secret_file") {
            "client_secret_env = \"OUR_SECRET\""
        } else {
            line
        }
    });
    let lines: Vec<&str> = lines.collect();
    bench.write("config.toml", &format!("{}\n", lines.join("\n")));
    let mut command = all(&bench);
    command
        .env("OUR_SECRET", offboard::simulator::CLIENT_SECRET)
        .env("NO_SECRET", "kept");
    let output = Output::of(command);
    let environment = std::fs::read_to_string(bench.path("environment")).expect("called");
    assert!(environment.contains("NO_SECRET=kept"), "{environment}");
    assert!(!environment.contains("OUR_SECRET"), "{}", output.stderr);
}

#[test]
fn signal_ends_a_command_that_hangs() {
    let bench = bench(Duration::ZERO);
    set_on_finish(&bench, "cat > ends; sleep 600");
    let mut command = all(&bench);
    // The limit is a real one.
    command.env("OFFBOARD_TEST_WINDOW_MS", "60000");
    let child = super::workbench::start(command);
    wait_until("command", || bench.path("ends").exists());
    let begun = Instant::now();
    signal(&child, Signal::INT);
    let output = ended(child);
    assert!(begun.elapsed() < Duration::from_secs(20), "it was awaited");
    output.says("was interrupted and killed");
    assert_ne!(output.code, Some(130), "the run had ended");
}

#[test]
fn runs_of_the_screen_are_reported_without_blocking_it() {
    let bench = bench(Duration::ZERO);
    set_on_finish(&bench, "cat >> ends; sleep 0.3; exit 3");
    let mut terminal = removing_on_screen(&bench, &["devices.json"]);
    terminal.wait_for("failed (exit status: 3)");
    assert_eq!(ends(&bench).len(), 1);
    assert_eq!(ends(&bench)[0]["state"], "finished");
    terminal.press("q");
    terminal.exit_code();
    assert_eq!(ends(&bench).len(), 1, "each end is reported once");
}

#[test]
fn demo_tells_nobody() {
    let bench = bench(Duration::ZERO);
    set_on_finish(&bench, "cat >> ends");
    let default = bench.path(".config/offboard/config.toml");
    std::fs::create_dir_all(default.parent().expect("a directory")).expect("a directory");
    std::fs::copy(bench.path("config.toml"), default).expect("a copy");
    let mut terminal = removing_on_screen(&bench, &["--demo"]);
    terminal.wait("the run has ended", |screen| screen.contains("Finished: "));
    terminal.press("q");
    terminal.exit_code();
    assert!(!bench.path("ends").exists());
}
