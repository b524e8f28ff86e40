//! What became of the accepted devices, by later inventories and lookups.

mod lookups;

use std::os::unix::process::ExitStatusExt;

use offboard::simulator::SimulatorSettings;
use serde_json::Value;

use super::workbench::{EVERY_WARNING, Output, Workbench};

/// Of a hundred deleted devices, this many are there again at the next read.
fn bench(returns: u8) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices: 90,
        returns,
        ..SimulatorSettings::default()
    })
}

/// Fetches the inventory and removes the devices of it that match a query.
fn remove(bench: &Workbench, query: &str) -> Output {
    act(bench, "remove", query)
}

fn act(bench: &Workbench, action: &str, query: &str) -> Output {
    let list = "state/lists/lab.jsonl";
    let select = [
        "--action",
        action,
        "--where",
        query,
        "--allow",
        EVERY_WARNING,
    ];
    let plan = [&["plan", list, "--output", "jsonl"][..], &select].concat();
    let plan = bench.run(&plan);
    plan.exits(0);
    let count = plan.event("plan")["devices"].to_string();
    let run = ["run", list, "--expect-count", &count, "--output", "jsonl"];
    let run = bench.run(&[&run[..], &select].concat());
    run.exits(0);
    run
}

fn fetch(bench: &Workbench) -> String {
    let fetched = bench.run(&["fetch"]);
    fetched.exits(0);
    fetched.stderr
}

fn verify(bench: &Workbench, more: &[&str]) -> Output {
    bench.run(&[&["verify", "--output", "jsonl"][..], more].concat())
}

/// The number of devices that a query selects in a list, by its plan.
fn selected(bench: &Workbench, list: &str, query: &str) -> Output {
    bench.run(&[
        "plan",
        list,
        "--action",
        "archive",
        "--where",
        query,
        "--output",
        "jsonl",
        "--allow",
        EVERY_WARNING,
    ])
}

fn count(summary: &Value, state: &str) -> u64 {
    summary[state].as_u64().expect("a count")
}

#[test]
fn fetch_verifies_earlier_runs_and_says_which_run_removed_what_is_gone() {
    let bench = bench(0);
    fetch(&bench);
    let run = remove(&bench, "type:desktop");
    let accepted = run.event("summary")["accepted"].to_string();
    let name = run.event("summary")["run"]
        .as_str()
        .expect("a run")
        .to_owned();
    let said = fetch(&bench);
    assert!(
        said.contains(&format!("{accepted} gone, all by run {name}")),
        "{said}"
    );
    assert!(
        said.contains(&format!(
            "verified {accepted} accepted devices of 1 run: {accepted} gone"
        )),
        "{said}"
    );
    let verified = verify(&bench, &[]);
    verified.exits(0);
    let summary = verified.event("verification_summary");
    assert_eq!(summary["gone"].to_string(), accepted);
    let facts = verified.event("verification");
    assert_eq!(
        (&facts["run"], &facts["source"]),
        (&name.into(), &"inventory".into())
    );
    assert_eq!(facts["inventory_hash"].as_str().map(str::len), Some(64));
}

#[test]
fn device_that_nobody_here_removed_is_named() {
    let bench = bench(0);
    fetch(&bench);
    // Another administrator, with a journal of his own.
    let elsewhere = Output::of(bench.command_in(
        "elsewhere",
        &[
            "run",
            "state/lists/lab.jsonl",
            "--action",
            "remove",
            "--where",
            &format!("hwid={}", bench.known_hwids()[0]),
            "--expect-count",
            "1",
            "--allow",
            EVERY_WARNING,
        ],
    ));
    elsewhere.exits(0);
    remove(&bench, &format!("hwid={}", bench.known_hwids()[1]));
    let said = fetch(&bench);
    assert!(
        said.contains("2 gone, 1 by run ") && said.contains(", 1 by no run of this journal"),
        "{said}"
    );
    let named: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("  missing, but not removed by a recorded run: "))
        .collect();
    assert_eq!(named.len(), 1, "{said}");
    assert!(named[0].contains(&bench.known_hwids()[0]), "{said}");
}

#[test]
fn returned_devices_are_shown_and_can_be_offboarded_again() {
    let bench = bench(40);
    fetch(&bench);
    remove(&bench, "type:laptop");
    let fetched = fetch(&bench);
    let verified = verify(&bench, &[]);
    verified.exits(3);
    let summary = verified.event("verification_summary");
    let (returned, still) = (count(&summary, "returned"), count(&summary, "still_there"));
    assert!(
        returned > 2 && still > 1 && count(&summary, "gone") > 0,
        "{summary}"
    );
    assert!(
        fetched.contains(&format!("· {still} still there · {returned} returned")),
        "{fetched}"
    );
    let devices = verified.events("verified");
    assert_eq!(devices.len() as u64, count(&summary, "accepted"));
    let reimaged: Vec<&Value> = devices
        .iter()
        .filter(|device| device["state"] == "returned" && device["found_hwid"] != device["hwid"])
        .collect();
    assert!(!reimaged.is_empty(), "{devices:?}");
    for device in &reimaged {
        let rule = device["recognised_by"].as_str().expect("a rule");
        assert!(["mac", "serial", "hostname"].contains(&rule), "{device}");
        assert!(device["enrolled"].is_string(), "{device}");
    }
    let new = reimaged[0]["found_hwid"].as_str().expect("a HWID");
    returned_device_is_shown_everywhere(&bench, new, still, returned);
    // A second offboarding starts from the new inventory. One device can have two removed records.
    let list = "state/lists/lab.jsonl";
    let plan = selected(&bench, list, "is:returned");
    let planned = plan.events("device").len() as u64;
    assert!(
        planned > 0 && planned <= returned,
        "{planned} of {returned}"
    );
    let again = selected(&bench, list, "is:still-there");
    // Their answer is less than ten minutes older than the inventory, and clocks may differ by as much.
    let left_out = again.events("left_out").into_iter();
    let removed = left_out.filter(|row| {
        let reason = row["reason"].as_str();
        reason.is_some_and(|reason| reason.starts_with("removed earlier"))
    });
    assert_eq!(removed.count() as u64, still, "{}", again.stdout);
    remove(&bench, "is:returned or is:still-there");
    fetch(&bench);
    // The simulated tenant may bring some of them back once more.
    let again = verify(&bench, &[]).event("verification_summary");
    assert!(count(&again, "accepted") > 0, "{again}");
    assert!(
        count(&again, "returned") + count(&again, "still_there") < count(&again, "accepted"),
        "{again}"
    );
}

/// Every view shows a returned device with its new HWID, or how many there are.
fn returned_device_is_shown_everywhere(bench: &Workbench, new: &str, still: u64, returned: u64) {
    let text = bench.run(&["verify", "last"]);
    text.exits(3);
    let line = format!("under the new HWID {new}, recognised by");
    text.prints(&line);
    let listed = bench.run(&["runs", "show", "last"]);
    assert!(
        listed
            .stdout
            .contains(&format!("{still} still there · {returned} returned")),
        "{}",
        listed.stdout
    );
    for (format, heading) in [
        ("markdown", "## Verification"),
        ("html", "Verification</h2>"),
    ] {
        let report = bench.run(&["runs", "export", "last", "--format", format]);
        report.exits(0);
        assert!(
            report.stdout.contains(heading) && report.stdout.contains(new),
            "{}",
            report.stdout
        );
    }
    let doctor = bench.run(&["doctor"]).stdout;
    assert!(
        doctor.contains(&format!("{returned} devices returned, of runs ")),
        "{doctor}"
    );
    let explained = bench.run(&["explain", "state/lists/lab.jsonl", new]).stdout;
    assert!(explained.contains("returned, after run "), "{explained}");
}

#[test]
fn uninstalled_devices_stay_and_their_record_says_so() {
    let bench = bench(0);
    fetch(&bench);
    act(&bench, "uninstall", "type:desktop");
    fetch(&bench);
    let verified = verify(&bench, &[]);
    verified.exits(3);
    let summary = verified.event("verification_summary");
    assert_eq!(summary["still_there"], summary["accepted"]);
    let text = bench.run(&["verify", "last"]).stdout;
    assert!(text.contains("an uninstall keeps the record"), "{text}");
}

#[test]
fn only_a_complete_inventory_of_the_tenant_that_is_newer_proves_something() {
    let bench = bench(0);
    fetch(&bench);
    let list = std::fs::read_to_string(bench.path("state/lists/lab.jsonl")).expect("read");
    remove(&bench, "type:desktop");
    bench.write("old.jsonl", &list);
    let old = verify(&bench, &["--inventory", "old.jsonl"]);
    old.exits(4);
    assert!(
        old.stderr
            .contains("was read before the last call of 1 run"),
        "{}",
        old.stderr
    );
    let newer = bench.run(&["fetch", "-o", "newer.jsonl", "-q"]);
    newer.exits(0);
    let text = std::fs::read_to_string(bench.path("newer.jsonl")).expect("read");
    bench.write(
        "partial.jsonl",
        &text.replacen("\"complete\":true", "\"complete\":false", 1),
    );
    bench.write("cut.jsonl", &text[..text.len() - 40]);
    bench.write("other.jsonl", &text.replacen("127.0.0.1", "127.0.0.2", 1));
    bench.write("foreign.csv", "hwid,hostname\nabc123,LT-1\n");
    for (name, why) in [
        ("partial.jsonl", "a partial inventory proves nothing"),
        ("cut.jsonl", "a partial inventory proves nothing"),
        ("other.jsonl", "it is of "),
        ("foreign.csv", "is not an inventory"),
        ("devices.json", "is not an inventory"),
    ] {
        let refused = verify(&bench, &["--inventory", name]);
        assert_eq!(refused.code, Some(7), "{name}: {}", refused.stderr);
        assert!(refused.stderr.contains(why), "{name}: {}", refused.stderr);
    }
    let verified = verify(
        &bench,
        &["--inventory", "newer.jsonl", "-o", "verified.jsonl"],
    );
    assert_eq!(
        (verified.code, verified.stdout.as_str()),
        (Some(0), ""),
        "{}",
        verified.stderr
    );
    let written = std::fs::read_to_string(bench.path("verified.jsonl")).expect("written");
    assert!(
        written.contains("\"event\":\"verification_summary\""),
        "{written}"
    );
}

#[test]
fn verify_that_is_killed_anywhere_is_repeated_with_the_same_result() {
    for point in ["verification-evaluated", "verification-stored"] {
        let bench = bench(40);
        fetch(&bench);
        remove(&bench, "type:laptop");
        let inventory = bench.run(&["fetch", "-o", "later.jsonl"]);
        inventory.exits(0);
        // As if the fetch had not verified: a journal of before.
        let database = bench.database();
        for table in ["verified_devices", "verified_runs", "verifications"] {
            database
                .execute(&format!("DELETE FROM {table}"), [])
                .expect("deleted");
        }
        drop(database);
        let mut command = bench.command(&["verify", "--inventory", "later.jsonl"]);
        command.env("OFFBOARD_FAILPOINT", format!("{point}=kill"));
        let killed = command.output().expect("it ran").status;
        assert_eq!(killed.signal(), Some(9), "{point}");
        let first = verify(&bench, &["--inventory", "later.jsonl"]);
        let second = verify(&bench, &["--inventory", "later.jsonl"]);
        assert_eq!(
            (first.code, second.code),
            (Some(3), Some(3)),
            "{}",
            first.stderr
        );
        let states = |output: &Output| {
            let devices = output.events("verified");
            let states = devices.iter().map(|device| device["state"].clone());
            states.collect::<Vec<Value>>()
        };
        assert_eq!(states(&first), states(&second), "{point}");
        let verifications: u64 = bench
            .database()
            .query_row("SELECT count(*) FROM verifications", [], |row| row.get(0))
            .expect("counted");
        assert_eq!(verifications, 1, "{point}");
    }
}
