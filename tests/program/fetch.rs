//! The inventory as a list, and what stands in the way of reading it.

use std::process::Stdio;

use offboard::simulator::Settings;

use super::workbench::{Output, Workbench};

fn bench(devices: usize, faults: &str) -> Workbench {
    Workbench::new(Settings {
        devices,
        faults: faults.parse().expect("a plan"),
        ..Settings::default()
    })
}

fn devices(bench: &Workbench, list: &str) -> usize {
    let plan = bench.run(&[
        "plan", list, "--action", "archive", "--all", "--output", "jsonl",
    ]);
    assert_eq!(plan.code, Some(0), "{}", plan.stderr);
    plan.events("device").len() + plan.events("left_out").len()
}

#[test]
fn the_inventory_is_read_whole_and_opens_as_a_list() {
    let bench = bench(130, "");
    let fetched = bench.run(&["fetch"]);
    assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
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
    let removed = bench.run(&[
        "run",
        list,
        "--action",
        "remove",
        "--where",
        &format!("hwid={}", known[0]),
        "--expect-count",
        "1",
        "--allow",
        "recent",
    ]);
    assert_eq!(removed.code, Some(0), "{}", removed.stderr);
    let again = bench.run(&["fetch"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(
        again.stderr.contains("0 new, 1 vanished"),
        "{}",
        again.stderr
    );
    assert!(!bench.path("state/lists/lab.part").exists());
}

#[test]
fn a_stopped_fetch_goes_on_after_its_last_page() {
    let bench = bench(700, "");
    let mut child = bench
        .command(&["fetch", "-o", "all.jsonl"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let aside = bench.path("state/lists/lab.part");
    let pages = || {
        let text = std::fs::read_to_string(&aside).unwrap_or_default();
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
    assert_eq!(stopped.code, Some(5), "{}", stopped.stderr);
    assert!(
        stopped.stderr.contains("goes on from there"),
        "{}",
        stopped.stderr
    );
    assert!(!bench.path("all.jsonl").exists(), "whole or not at all");
    let (kept, before) = (pages(), bench.simulator.received().len());
    let rest = bench.run(&["fetch", "-o", "all.jsonl"]);
    assert_eq!(rest.code, Some(0), "{}", rest.stderr);
    assert!(rest.stderr.contains("going on after"), "{}", rest.stderr);
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
fn a_dead_token_and_a_place_that_cant_be_written_are_told() {
    let bench = bench(60, "");
    std::os::unix::fs::symlink("/nowhere", bench.path("link")).expect("a link");
    let link = bench.run(&["fetch", "-o", "link"]);
    assert_eq!(link.code, Some(2), "{}", link.stderr);
    assert!(bench.simulator.received().is_empty());
    bench.write("token", "canary-9f2e");
    let url = bench.simulator.url();
    let token = bench.path("token");
    bench.write(
        "config.toml",
        &format!("[profiles.lab]\nbase_url = \"{url}\"\ntoken_file = {token:?}\n"),
    );
    let dead = bench.run(&["fetch"]);
    assert_eq!(dead.code, Some(5), "{}", dead.stderr);
    assert!(dead.stderr.contains("401"), "{}", dead.stderr);
    let doctor = bench.run(&["doctor"]);
    assert_eq!(doctor.code, Some(1), "{}", doctor.stdout);
    assert!(
        doctor.stdout.contains("tenant     error"),
        "{}",
        doctor.stdout
    );
    std::fs::remove_file(bench.path("token")).expect("removed, so that it isn't searched");
}

#[test]
fn the_doctor_finds_a_sound_workspace_sound() {
    let bench = bench(20, "");
    let doctor = bench.run(&["doctor"]);
    assert_eq!(doctor.code, Some(0), "{}{}", doctor.stdout, doctor.stderr);
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
    assert_eq!(wrong.code, Some(2), "{}", wrong.stdout);
    assert!(wrong.stdout.contains("config.toml:1"), "{}", wrong.stdout);
}
