//! The inventory as a list, and what prevents reading it.

use std::process::Stdio;
use std::time::Duration;

use offboard::simulator::SimulatorSettings;

use super::terminal::{Terminal, requested_count};
use super::workbench::{Output, Workbench};

fn bench(devices: usize, faults: &str) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices,
        faults: faults.parse().expect("a plan"),
        ..SimulatorSettings::default()
    })
}

fn devices(bench: &Workbench, list: &str) -> usize {
    let plan = bench.run(&[
        "plan",
        list,
        "--action",
        "archive",
        "--all",
        "--output",
        "jsonl",
        "--allow",
        super::workbench::EVERY_WARNING,
    ]);
    plan.exits(0);
    plan.events("device").len() + plan.events("left_out").len()
}

/// The tenant loses a device.
fn remove(bench: &Workbench, list: &str, hwid: &str) {
    let removed = bench.run(&[
        "run",
        list,
        "--action",
        "remove",
        "--where",
        &format!("hwid={hwid}"),
        "--expect-count",
        "1",
        "--allow",
        "recent",
    ]);
    removed.exits(0);
}

#[test]
fn fetch_follows_no_link_in_the_place_of_its_files() {
    let bench = bench(130, "");
    bench.run(&["fetch"]).exits(0);
    for name in ["lab.part", "lab.lock"] {
        let path = bench.path("state/lists").join(name);
        let _ = std::fs::remove_file(&path);
        let elsewhere = bench.path("precious.txt");
        std::fs::write(&elsewhere, "precious").expect("written");
        std::os::unix::fs::symlink(&elsewhere, &path).expect("linked");
        let refused = bench.run(&["fetch"]);
        assert_ne!(refused.code, Some(0), "{name}");
        refused.says(name);
        let text = std::fs::read_to_string(&elsewhere).expect("readable");
        assert_eq!(text, "precious", "{name}");
        std::fs::remove_file(&path).expect("removed");
    }
}

#[test]
fn inventory_is_read_whole_and_opens_as_a_list() {
    let bench = bench(130, "");
    let fetched = bench.run(&["fetch"]);
    fetched.exits(0);
    let list = "state/lists/lab.jsonl";
    let text = std::fs::read_to_string(bench.path(list)).expect("written");
    let head: serde_json::Value =
        serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        (&head["offboard_list"], &head["complete"]),
        (&1.into(), &true.into())
    );
    let known = bench.known_hwids();
    let missing = known
        .iter()
        .filter(|hwid| !text.contains(hwid.as_str()))
        .count();
    assert_eq!(missing, 0, "of {}", known.len());
    assert!(devices(&bench, list) >= known.len());
    // Without a list, the screen takes it; a second fetch says what has changed.
    remove(&bench, list, &known[0]);
    let again = bench.run(&["fetch"]);
    again.exits(0);
    again.says("0 new, 1 gone, all by run ");
    assert!(!bench.path("state/lists/lab.part").exists());
}

#[test]
fn stopped_fetch_continues_after_its_last_page() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 700,
        // So that calls are still to be made when the signal comes.
        latency: Duration::from_millis(60),
        ..SimulatorSettings::default()
    });
    let mut child = bench
        .command(&["fetch", "-o", "all.jsonl"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let checkpoint = bench.path("state/lists/lab.part");
    let pages = || {
        let text = std::fs::read_to_string(&checkpoint).unwrap_or_default();
        text.matches("{\"offboard_page\":").count()
    };
    while pages() < 3 {
        assert!(
            child.try_wait().expect("a child").is_none(),
            "it is slower than that"
        );
        std::thread::yield_now();
    }
    let process =
        rustix::process::Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("signalled");
    let stopped = Output::read(&child.wait_with_output().expect("it ends"));
    stopped.exits(5);
    stopped.says("continues from there");
    assert!(!bench.path("all.jsonl").exists(), "whole or not at all");
    let (kept, before) = (pages(), bench.simulator.received().len());
    assert!(kept <= 5, "{kept} pages, and slots were free for more");
    let rest = bench.run(&["fetch", "-o", "all.jsonl"]);
    rest.exits(0);
    rest.says("resuming after");
    let calls = bench.simulator.received().len() - before;
    let total = bench.known_hwids().len().div_ceil(50) + 2;
    assert!(
        calls <= total - kept + 1,
        "{calls} calls after {kept} pages of {total}"
    );
    let text = std::fs::read_to_string(bench.path("all.jsonl")).expect("written");
    for hwid in bench.known_hwids() {
        assert_eq!(text.matches(&format!("\"{hwid}\"")).count(), 1, "{hwid}");
    }
}

#[test]
fn fetch_reports_an_expired_token_and_an_unwritable_destination() {
    let bench = bench(60, "");
    std::os::unix::fs::symlink("/nowhere", bench.path("link")).expect("a link");
    let link = bench.run(&["fetch", "-o", "link"]);
    link.exits(2);
    assert!(bench.simulator.received().is_empty());
    bench.write("token", "canary-9f2e");
    let url = bench.simulator.url();
    let token = bench.path("token");
    bench.write(
        "config.toml",
        &format!("[profiles.lab]\nbase_url = \"{url}\"\ntoken_file = {token:?}\n"),
    );
    let dead = bench.run(&["fetch"]);
    dead.exits(5);
    dead.says("401");
    let doctor = bench.run(&["doctor"]);
    doctor.exits(1);
    doctor.prints("tenant     error");
    std::fs::remove_file(bench.path("token")).expect("removed, so that it isn't searched");
}

#[test]
fn fetch_refuses_without_a_credential_or_over_another_file() {
    let bench = bench(60, "");
    let over = bench.run(&["fetch", "-o", "devices.json"]);
    over.exits(2);
    over.says("name another path");
    let url = bench.simulator.url();
    bench.write(
        "config.toml",
        &format!("[profiles.lab]\nbase_url = \"{url}\"\n"),
    );
    let none = bench.run(&["fetch"]);
    none.exits(2);
    none.says("no credential");
    assert!(!none.stderr.contains("kept"), "{}", none.stderr);
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn inventory_that_was_cut_verifies_and_plans_nothing() {
    let bench = bench(60, "");
    assert_eq!(bench.run(&["fetch"]).code, Some(0));
    let list = "state/lists/lab.jsonl";
    let text = std::fs::read_to_string(bench.path(list)).expect("written");
    remove(&bench, list, &bench.known_hwids()[0]);
    let part: String = text.split_inclusive('\n').take(20).collect();
    bench.write("part.jsonl", &part);
    let verified = bench.run(&["verify", "last", "--inventory", "part.jsonl"]);
    assert_ne!(verified.code, Some(0), "{}", verified.stdout);
    assert!(!verified.stdout.contains("1 gone"), "{}", verified.stdout);
    let output = format!("{}{}", verified.stdout, verified.stderr);
    assert!(output.contains("did not reach the end"), "{output}");
}

#[test]
fn screen_fetches_the_list_again_and_keeps_its_marks() {
    let bench = bench(60, "");
    let fetched = bench.run(&["fetch"]);
    fetched.exits(0);
    // The list lacks a device that the tenant has, and soon has one that the tenant lacks.
    let list = "state/lists/lab.jsonl";
    let text = std::fs::read_to_string(bench.path(list)).expect("written");
    let known = bench.known_hwids();
    let line = |hwid: &str| {
        let line = text.lines().find(|line| line.contains(hwid));
        line.expect("a line").to_owned()
    };
    let devices = text.lines().count() - 1;
    let count = |devices: usize| format!("\"devices\":{devices}");
    let shorter = text
        .replace(&format!("{}\n", line(&known[3])), "")
        .replace(&count(devices), &count(devices - 1));
    bench.write(list, &shorter);
    let mut terminal = Terminal::start(&bench, &[], 120, 40);
    terminal.wait_for("lab.jsonl");
    terminal.press(&format!("/hwid={} or hwid={}\r", known[0], known[1]));
    terminal.wait_for("2 shown");
    terminal.press("a");
    terminal.wait_for("● 2");
    remove(&bench, list, &known[0]);
    terminal.press(":fetch\r");
    terminal.wait_for("whole inventory");
    terminal.press("\r");
    terminal.wait("what vanished", |screen| {
        screen.contains("no longer marked") && screen.contains(&known[0][..12])
    });
    terminal.press_until("\u{1b}", "closed dialog", |screen| {
        !screen.contains("no longer marked")
    });
    terminal.wait("the marks that are left", |screen| {
        screen.contains("1 new, 1 gone, all by run ")
            && screen.contains("1 shown")
            && screen.contains("● 1")
    });
    // It is planned from.
    terminal.press("dr");
    assert_eq!(requested_count(&terminal), "1");
    terminal.press("\u{1b}");
    terminal.wait("the dialog closed", |screen| {
        !screen.contains("press enter")
    });
    terminal.quit();
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn screen_fetch_waits_for_the_run() {
    let bench = bench(300, "");
    let mut terminal = Terminal::opened(&bench, 120, 40);
    terminal.press("adr");
    terminal.confirm();
    terminal.wait_for("run ");
    terminal.press(":fetch\r");
    terminal.wait_for("whole inventory");
    terminal.press("\r");
    terminal.wait_for("enter  open it");
    let paths = |requested_count: &str| -> Vec<usize> {
        let received = bench.simulator.received();
        let places = received.iter().enumerate();
        places
            .filter(|(_, call)| call.path.ends_with(requested_count))
            .map(|(place, _)| place)
            .collect()
    };
    let (deletes, pages) = (paths("/devices/delete"), paths("/v3.7/devices"));
    assert!(!pages.is_empty() && deletes.len() > 2);
    assert!(
        deletes.iter().max() < pages.iter().min(),
        "{deletes:?} {pages:?}"
    );
    terminal.press_while("\r", "enter  open it");
    // Those that weren't accepted kept their marks, and the tenant has no such devices.
    terminal.wait("the new list", |screen| {
        screen.contains("lab.jsonl") && screen.contains("no longer marked")
    });
    terminal.press("\r");
    terminal.wait_for("of them marked");
    assert_eq!(terminal.leave("q"), 3, "some failed");
}

#[test]
fn doctor_accepts_a_sound_workspace() {
    let bench = bench(20, "");
    let doctor = bench.run(&["doctor"]);
    doctor.exits(0);
    for line in [
        "config     ok",
        "state      ok",
        "journal    ok",
        "tenant     ok",
        "clock      ",
    ] {
        assert!(doctor.stdout.contains(line), "{line}: {}", doctor.stdout);
    }
    let read = bench.simulator.received();
    assert!(
        read.iter().all(|call| call.delete.is_none()),
        "it only reads"
    );
    bench.write("config.toml", "nonsense = 1\n");
    let wrong = bench.run(&["doctor"]);
    wrong.exits(2);
    wrong.prints("config.toml:1");
}

#[test]
fn doctor_prints_what_it_waits_for() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 300,
        latency: Duration::from_millis(100),
        ..SimulatorSettings::default()
    });
    let arguments = bench.run_all();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut run = bench
        .command(&arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    while bench.deletes().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let doctor = bench.run(&["doctor"]);
    assert!(run.wait().expect("it ends").code().is_some());
    doctor.exits(0);
    assert!(
        doctor
            .stderr
            .contains("waiting for a run of another process"),
        "{}",
        doctor.stderr
    );
}
