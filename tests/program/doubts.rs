//! What is in doubt: looked up, settled where the answer allows it, and never called certain before.

use std::os::unix::process::ExitStatusExt;

use offboard::simulator::SimulatorSettings;
use serde_json::Value;

use super::terminal::{Terminal, requested_count};
use super::workbench::Workbench;

fn settings(fault: &str) -> SimulatorSettings {
    SimulatorSettings {
        devices: 60,
        faults: fault.parse().expect("a plan"),
        ..SimulatorSettings::default()
    }
}

fn bench(fault: &str) -> Workbench {
    bench_of(settings(fault))
}

/// By MAC, so that nothing is resent: two devices that the tenant has, and one that it hasn't.
fn bench_of(settings: SimulatorSettings) -> Workbench {
    let bench = Workbench::new(settings);
    let list: Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("devices.json")).expect("read"))
            .expect("JSON");
    let devices = list.as_array().expect("a list");
    let macs = devices
        .iter()
        .filter(|device| {
            device["hwid"].as_str().is_some_and(|hwid| !hwid.is_empty())
                && device["network_info"][0]["mac_addr"]
                    .as_str()
                    .is_some_and(|mac| !mac.is_empty())
        })
        .filter_map(|device| device["network_info"][0]["mac_addr"].as_str())
        .take(2);
    let mut lines: Vec<&str> = macs.collect();
    lines.push("00:0c:29:11:22:33");
    bench.write("macs.txt", &lines.join("\n"));
    bench
}

const RUN: [&str; 9] = [
    "run",
    "macs.txt",
    "--action",
    "remove",
    "--all",
    "--expect-count",
    "3",
    "--output",
    "jsonl",
];

#[test]
fn lookup_decides_a_device_left_in_doubt_by_a_lost_answer() {
    // Applied, and the answer lost: the records are gone.
    let bench = bench("reset-after@1");
    let run = bench.run(&RUN);
    run.exits(4);
    assert_eq!(run.event("summary")["in_doubt"], 3);
    // What a 404 is worth is known from a device that is there.
    assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
    let before = bench.simulator.received().len();
    let verified = bench.run(&["resume", "last", "--verify", "--output", "jsonl"]);
    let summary = verified.event("summary");
    assert_eq!(summary["gone"], 3, "{}", verified.stderr);
    assert_eq!(verified.code, Some(3), "gone is not accepted");
    verified.says("not in this tenant");
    let calls = &bench.simulator.received()[before..];
    let lookups = calls
        .iter()
        .filter(|call| call.path.contains("/v2.5/devices/"));
    assert_eq!(
        lookups.count(),
        5,
        "three devices, a control before and after"
    );
    assert!(
        calls.iter().all(|call| call.delete.is_none()),
        "it only reads"
    );
    // It is in the journal from now on.
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    assert!(runs.contains("\"gone\":3"), "{runs}");
    let again = bench.run(&["resume", "last", "--verify"]);
    assert_eq!(
        again.code,
        Some(3),
        "nothing is left to look up: {}",
        again.stderr
    );
}

#[test]
fn lookup_of_an_existing_record_leaves_the_doubt_and_prints_the_finding() {
    // Not applied, and the answer lost: two are still there, but by MAC that proves nothing.
    let bench = bench("reset-before@1");
    let run = bench.run(&RUN);
    assert_eq!(run.event("summary")["in_doubt"], 3, "{}", run.stderr);
    let verified = bench.run(&["resume", "last", "--verify", "--output", "jsonl"]);
    let summary = verified.event("summary");
    assert_eq!(
        (&summary["in_doubt"], &summary["gone"]),
        (&2.into(), &1.into())
    );
    verified.exits(4);
    verified.says("came back, or never removed");
}

/// What was stored of the lookups stays so, and only the others are looked up again.
#[test]
fn killed_lookups_continue_where_they_were() {
    for (failpoint, lookups) in [("lookup-answered=kill@2", 7), ("lookup-stored=kill@2", 8)] {
        let bench = bench("reset-after@1");
        assert_eq!(bench.run(&RUN).code, Some(4));
        assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
        let mut command = bench.command(&["resume", "last", "--verify"]);
        command.env("OFFBOARD_FAILPOINT", failpoint);
        assert_eq!(command.output().expect("it runs").status.signal(), Some(9));
        let verified = bench.run(&["resume", "last", "--verify", "--output", "jsonl"]);
        assert_eq!(verified.event("summary")["gone"], 3, "{}", verified.stderr);
        let received = bench.simulator.received();
        let looked = received
            .iter()
            .filter(|call| call.path.contains("/v2.5/devices/"));
        assert_eq!(looked.count(), lookups, "{failpoint}");
        assert_eq!(bench.arrived(), 1, "nothing is sent");
    }
}

#[test]
fn lookups_yield_to_a_run_of_another_process() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 300,
        faults: "reset-after@1".parse().expect("a plan"),
        latency: std::time::Duration::from_millis(100),
        ..SimulatorSettings::default()
    });
    bench.write("macs.txt", "00:0c:29:11:22:33\n");
    let run = bench.run(&[
        "run",
        "macs.txt",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "1",
        "--output",
        "jsonl",
    ]);
    run.exits(4);
    let doubted = run.event("summary")["run"].as_str().map(str::to_owned);
    let doubted = doubted.expect("a run");
    let arguments = bench.run_all();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let before = bench.deletes().len();
    let mut other = bench
        .command(&arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it runs");
    while bench.deletes().len() == before {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let verified = bench.run(&["resume", &doubted, "--verify"]);
    assert!(other.wait().expect("it ends").code().is_some());
    assert!(
        verified
            .stderr
            .contains("waiting for a run of another process"),
        "{}",
        verified.stderr
    );
    let received = bench.simulator.received();
    let last = |is: &dyn Fn(&str) -> bool| received.iter().rposition(|call| is(&call.path));
    let sent = last(&|path| path.ends_with("/devices/delete"));
    let looked_up = last(&|path| path.contains("/v2.5/devices/"));
    assert!(sent < looked_up, "{sent:?} {looked_up:?}");
}

/// A screen that has removed three devices and got no answer, and shows so.
fn left_in_doubt(bench: &Workbench) -> Terminal {
    left_in_doubt_by(bench, "in doubt: no answer")
}

/// A screen that has removed the devices of the list, and shows those that this left in doubt.
fn left_in_doubt_by(bench: &Workbench, what: &str) -> Terminal {
    let mut terminal = Terminal::start(bench, &["macs.txt"], 120, 40);
    terminal.wait_for(" shown");
    terminal.press("adr");
    terminal.confirm();
    terminal.wait_for("finished");
    terminal.press("f");
    terminal.wait_for(what);
    terminal
}

#[test]
fn lookup_concludes_nothing_from_a_404_of_a_gateway() {
    for fetched in [true, false] {
        let bench = bench_of(SimulatorSettings {
            hides_details: true,
            ..settings("reset-after@1")
        });
        assert_eq!(bench.run(&RUN).code, Some(4));
        if fetched {
            assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
        }
        let before = bench.simulator.received().len();
        let verified = bench.run(&["resume", "last", "--verify", "--output", "jsonl"]);
        assert_eq!(
            verified.event("summary")["in_doubt"],
            3,
            "{}",
            verified.stdout
        );
        verified.exits(4);
        verified.says("a gateway may have answered");
        let received = bench.simulator.received();
        let lookups = received[before..]
            .iter()
            .filter(|call| call.path.contains("/v2.5/devices/"));
        let controls = if fetched { 3 } else { 0 };
        assert_eq!(lookups.count(), 3 + controls);
    }
}

#[test]
fn screen_looks_up_and_shows_the_finding() {
    let bench = bench("reset-after@1");
    assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
    let mut terminal = left_in_doubt(&bench);
    terminal.press("w");
    terminal.wait_for("Look up 3 devices");
    terminal.press("\r");
    let screen = terminal.wait_for("3 gone");
    assert!(screen.contains("not in this tenant"), "{screen}");
    // Gone devices lose their mark: nothing is asked.
    assert_eq!(terminal.leave("q"), 3);
}

#[test]
fn retry_says_how_many_devices_are_in_doubt() {
    // The canary is accepted, and a gateway answers the second call in place of the tenant.
    let bench = bench("500@2");
    let list = std::fs::read_to_string(bench.path("devices.json")).expect("read");
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let devices = list.as_array().expect("a list").iter();
    let macs = devices.filter_map(|device| device["network_info"][0]["mac_addr"].as_str());
    let macs: Vec<&str> = macs.filter(|mac| !mac.is_empty()).take(9).collect();
    bench.write("macs.txt", &macs.join("\n"));
    let mut terminal = left_in_doubt_by(&bench, "in doubt: server error");
    terminal.press("n");
    terminal.press("r");
    terminal.wait_for("! 4 devices are in doubt");
    assert_eq!(requested_count(&terminal), "4");
    terminal.press_until("\u{1b}", "the failures", |screen| {
        screen.contains("not accepted")
    });
    terminal.press_until("1", "the devices", |screen| screen.contains("1–9 of 9"));
    terminal.press_until("q", "the question", |screen| screen.contains("leave?"));
    assert_eq!(terminal.leave("y"), 4);
}

#[test]
fn retry_that_is_answered_0_is_gone() {
    let bench = bench("reset-after@1");
    let mut terminal = left_in_doubt(&bench);
    terminal.press("r");
    terminal.confirm();
    // The lost attempt removed them, so that they are no failure of this one.
    terminal.wait_for("3 gone");
    terminal.press("H");
    terminal.wait_for("? 3");
    // Found by a MAC, and the report of its run written.
    let macs = std::fs::read_to_string(bench.path("macs.txt")).expect("the list");
    terminal.press("/");
    terminal.wait_for("enter search");
    terminal.press(macs.lines().next().expect("a MAC"));
    terminal.press("\r");
    terminal.wait_for("2 matches for");
    terminal.press("e");
    terminal.wait_for("for a report");
    terminal.press("\r");
    terminal.wait_for("written");
    let written = bench.files().into_iter();
    let reports: Vec<_> = written
        .filter(|path| path.extension().is_some_and(|ending| ending == "html"))
        .collect();
    let text = std::fs::read_to_string(reports.first().expect("a report")).expect("readable");
    assert!(text.contains("<strong>3</strong> gone"), "{text}");
    assert_eq!(terminal.leave("q"), 3);
}

#[test]
fn stopped_run_is_announced_reviewed_and_resumed_by_its_count() {
    let bench = Workbench::with(120);
    let mut command = bench.command(&[]);
    command
        .args(bench.run_all())
        .env("OFFBOARD_FAILPOINT", "intent-stored=kill@2");
    command.output().expect("it runs");
    let left = bench.left();
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    let announced = format!("1 run stopped with {left} devices not sent · 4 shows it");
    terminal.wait_for(&announced);
    // Keys at the table don't resume it.
    terminal.press("r");
    terminal.press("j");
    terminal.wait_for(&announced);
    terminal.press("4");
    terminal.wait("the history without the announcement", |screen| {
        screen.contains("┌ history ─") && !screen.contains(&announced)
    });
    terminal.press("\r");
    terminal.wait_for("in doubt: interrupted");
    terminal.press_until("H", "history", |screen| screen.contains("┌ history ─"));
    terminal.press("r");
    assert_eq!(requested_count(&terminal), left);
    terminal.type_count(&left);
    terminal.wait_for("finished");
    terminal.press("H");
    terminal.wait("the finished run", |screen| {
        screen.contains("┌ history ─") && screen.contains("finished")
    });
    terminal.press("q");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 4, "some are in doubt");
    assert!(bench.sends().values().all(|&sends| sends == 1));
}

#[test]
fn stopped_run_is_closed_after_a_question() {
    let bench = Workbench::with(40);
    let mut command = bench.command(&[]);
    command
        .args(bench.run_all())
        .env("OFFBOARD_FAILPOINT", "confirmed=kill");
    command.output().expect("it runs");
    let mut terminal = Terminal::start(&bench, &["devices.json"], 80, 24);
    terminal.wait_for("1 run stopped with 40 devices not sent");
    terminal.press_until("4", "history", |screen| screen.contains("┌ history ─"));
    terminal.press("X");
    terminal.wait_for("Close run");
    terminal.press_until("y", "closed run", |screen| screen.contains("is closed"));
    terminal.press("q");
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    let runs = bench.run(&["runs", "--output", "jsonl"]).stdout;
    assert!(runs.contains("\"state\":\"closed\""), "{runs}");
}
