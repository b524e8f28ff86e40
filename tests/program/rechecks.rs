//! `run --plan FILE --recheck`: drops what no longer holds by a newer list, and sends the rest.

use std::collections::HashSet;
use std::os::unix::process::ExitStatusExt;

use serde_json::{Value, json};

use super::crashes::journaled;
use super::workbench::{Output, Workbench, in_parallel};

const ALLOW: &str = "recent,old-list,most,new,shrunk,last,not-in-inventory";

fn bench() -> Workbench {
    Workbench::with(60)
}

/// Writes `plan.json` of the list; returns its devices.
fn plan(bench: &Workbench, list: &str, more: &[&str]) -> Vec<Value> {
    let planned = bench.run(
        &[
            &["plan", list, "--action", "remove", "-o", "plan.json"][..],
            &["--output", "jsonl", "--allow", ALLOW],
            more,
        ]
        .concat(),
    );
    planned.exits(0);
    planned.events("device")
}

fn recheck(bench: &Workbench, more: &[&str]) -> Output {
    let run = [
        "run",
        "--plan",
        "plan.json",
        "--recheck",
        "--output",
        "jsonl",
    ];
    bench.run(&[&run[..], more].concat())
}

/// How many pages of the inventory were read.
fn pages(bench: &Workbench) -> usize {
    let received = bench.simulator.received().into_iter();
    received
        .filter(|call| call.path.ends_with("/devices"))
        .count()
}

fn hold(bench: &Workbench, hwid: &str) {
    let held = bench.run(&[
        "hold",
        "add",
        hwid,
        "--until",
        "2999-12-31",
        "--reason",
        "on leave",
    ]);
    held.exits(0);
}

fn hwids(devices: &[Value]) -> Vec<String> {
    let hwids = devices.iter().filter_map(|device| device["hwid"].as_str());
    hwids.map(str::to_owned).collect()
}

#[test]
fn recheck_fetches_the_inventory_and_drops_what_the_tenant_lacks_or_holds() {
    let bench = bench();
    let planned = plan(&bench, "devices.json", &["--all"]);
    let known: HashSet<String> = bench.known_hwids().into_iter().collect();
    let held = hwids(&planned)
        .into_iter()
        .find(|hwid| known.contains(hwid))
        .expect("a known device");
    hold(&bench, &held);
    let count = planned.len().to_string();
    let wrong = recheck(&bench, &["--expect-count", "1"]);
    wrong.exits(7);
    assert!(bench.simulator.received().is_empty(), "not even a page");

    let run = recheck(&bench, &["--expect-count", &count, "--report", "report.md"]);
    let event = run.event("plan");
    let dropped = run.events("left_out");
    let dropped: Vec<&Value> = dropped
        .iter()
        .filter(|row| row["line"] == 0 && row["reason"] != "unusable: no identifier")
        .collect();
    let missing = dropped
        .iter()
        .filter(|row| row["reason"] == "missing from the newer list")
        .count();
    assert!(missing > 0, "the list has devices that the tenant lacks");
    assert!(
        dropped
            .iter()
            .any(|row| row["hwid"] == *held && row["reason"] == "held until 2999-12-31: on leave"),
        "{dropped:?}"
    );
    assert_eq!(event["recheck"]["planned"], planned.len());
    assert_eq!(event["recheck"]["dropped"], dropped.len());
    assert_eq!(event["devices"], planned.len() - dropped.len());
    let sent: HashSet<String> = bench.sends().into_keys().collect();
    assert_eq!(sent.len(), planned.len() - dropped.len());
    assert!(!sent.contains(&held));
    assert!(dropped.iter().all(|row| {
        let hwid = row["hwid"].as_str().unwrap_or_default();
        !sent.contains(hwid)
    }));
    run.says("devices dropped: ");
    run.says("  dropped: ");

    let report = std::fs::read_to_string(bench.path("report.md")).expect("written");
    assert!(report.contains("## Dropped by the recheck"), "{report}");
    assert!(report.contains("held until 2999-12-31"), "{report}");
    let page = bench.run(&["runs", "export", "last", "--format", "html"]);
    let heading = "<h2>Dropped by the recheck, not sent</h2>";
    page.prints(heading);
    page.prints("held until 2999-12-31");
    let shown = bench.run(&["runs", "show", "last"]);
    shown.prints("rechecked");
    shown.prints(&held);
    let runs = bench.run(&["runs", "--output", "jsonl"]);
    assert!(
        runs.stdout
            .contains(&format!("\"dropped\":{}", dropped.len()))
    );
    let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    assert_eq!(export.events("left_out").len(), dropped.len());
    let again = recheck(&bench, &[]);
    assert_eq!(again.code, Some(7), "a plan is sent once");
}

/// A list of these devices, seen at these times.
fn list(bench: &Workbench, name: &str, devices: &[(&str, &str, &str)]) {
    let rows = devices
        .iter()
        .map(|(hwid, kind, seen)| format!("{hwid},{hwid}-PC,{kind},{seen}\n"));
    let rows: String = rows.collect();
    bench.write(name, &format!("hwid,hostname,type,last seen\n{rows}"));
}

#[test]
fn recheck_against_a_list_drops_what_came_alive_and_refuses_what_proves_nothing() {
    let bench = bench();
    let known = bench.known_hwids();
    let [a, b, c, d] = [&*known[0], &*known[1], &*known[2], &*known[3]];
    let (old, newest) = ("2026-01-01T00:00:00Z", "2026-05-01T00:00:00Z");
    let before = [
        (a, "laptop", old),
        (b, "laptop", old),
        (c, "laptop", old),
        (d, "server", newest),
    ];
    list(&bench, "before.csv", &before);
    let planned = plan(&bench, "before.csv", &["--where", "unseen>60d type:laptop"]);
    assert_eq!(planned.len(), 3);
    let refusal = |rows: &str, said: &str| {
        bench.write("now.csv", rows);
        let refused = recheck(&bench, &["--inventory", "now.csv"]);
        refused.exits(7);
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
        assert!(bench.sends().is_empty(), "{said}");
    };
    let rows = |rows: &str| format!("hwid,hostname,type,last seen\n{rows}");
    refusal(
        &rows(&format!("{a},A,laptop,{old}\n")),
        "the plan is based on",
    );
    refusal("hwid,hostname,type,last seen\n", "");
    refusal(&format!("hwid,hostname\n{a},A\n"), "it has no dates");
    refusal(
        &format!(
            "{{\"offboard_list\":1,\"complete\":false,\"fetched_at\":\"{newest}\"}}\n{{\"device_id\":\"{a}\"}}\n"
        ),
        "refusing an incompletely read list",
    );
    let without = bench.run(&["run", "--plan", "plan.json", "--inventory", "now.csv"]);
    without.exits(2);

    // One came alive, one became a server.
    let alive = "2026-06-01T00:00:00Z";
    let now = [(a, "laptop", alive), (b, "server", old), (c, "laptop", old)];
    list(&bench, "now.csv", &now);
    let run = recheck(&bench, &["--inventory", "now.csv"]);
    run.exits(0);
    let sent: Vec<String> = bench.sends().into_keys().collect();
    assert_eq!(sent, [c]);
    let reasons: Vec<Value> = run
        .events("left_out")
        .into_iter()
        .map(|row| json!([row["hwid"], row["reason"]]))
        .collect();
    assert_eq!(
        reasons,
        [
            json!([a, format!("seen since the plan, at {alive}")]),
            json!([b, "not matched by the query any more"])
        ]
    );
}

#[test]
fn recheck_that_leaves_too_many_for_a_day_shows_what_is_left() {
    let bench = bench();
    let planned = plan(
        &bench,
        "devices.json",
        &["--where", "unseen>90d", "--oldest", "4"],
    );
    hold(&bench, &hwids(&planned)[0]);
    bench.reconfigure("max_per_day = 100000", "max_per_day = 1");
    let refused = recheck(&bench, &[]);
    refused.exits(7);
    refused.says("max_per_day");
    let (event, dropped) = (refused.event("plan"), refused.events("left_out"));
    let left = refused.events("device").len() as u64;
    assert_eq!(event["recheck"]["planned"], 4);
    assert!(left > 1 && left < 4, "{left}");
    assert_eq!(event["devices"], left);
    assert!(
        dropped.iter().any(|row| row["hwid"] == hwids(&planned)[0]),
        "{dropped:?}"
    );
    assert!(bench.sends().is_empty());
}

#[test]
fn recheck_that_drops_everything_sends_nothing_and_the_plan_can_be_sent_later() {
    let bench = bench();
    let planned = plan(
        &bench,
        "devices.json",
        &["--where", "unseen>90d", "--oldest", "2"],
    );
    for hwid in hwids(&planned) {
        hold(&bench, &hwid);
    }
    let run = recheck(&bench, &[]);
    run.exits(0);
    assert!(
        run.stderr
            .contains("the recheck dropped all 2 planned devices; nothing was sent"),
        "{}",
        run.stderr
    );
    assert_eq!(run.event("summary")["exit"], 0);
    assert_eq!(run.event("plan")["devices"], 0);
    assert!(bench.sends().is_empty());
    assert_eq!(bench.run(&["runs", "--output", "jsonl"]).stdout, "");
    for hwid in hwids(&planned) {
        assert_eq!(bench.run(&["hold", "end", &hwid]).code, Some(0));
    }
    let later = recheck(&bench, &[]);
    later.finished();
    assert_eq!(bench.sends().len(), 2);
}

#[test]
fn recheck_drops_what_the_inventory_protects_where_the_plan_file_alone_is_refused() {
    let bench = bench();
    bench.protect("group:executives");
    let known = bench.known_hwids();
    let (a, b) = (&known[0], &known[1]);
    let rows = |group: &str| {
        format!("hwid,hostname,group,last seen\n{a},A,{group},2026-01-01\n{b},B,Sales,2026-01-02\n")
    };
    let newer = "not-planned,C,Sales,2026-02-01\n";
    bench.write("before.csv", &rows("Sales"));
    assert_eq!(plan(&bench, "before.csv", &["--all"]).len(), 2);
    bench.write("now.csv", &(rows("Executives") + newer));
    let run = recheck(&bench, &["--inventory", "now.csv"]);
    assert_eq!(run.event("summary")["accepted"], 1, "{}", run.stderr);
    assert_eq!(
        run.event("left_out")["reason"],
        "protected: group:executives"
    );
    let sent: Vec<String> = bench.sends().into_keys().collect();
    assert_eq!(sent, std::slice::from_ref(b));
}

#[test]
fn recheck_against_a_named_list_sends_nothing_that_the_last_fetched_inventory_protects() {
    let bench = bench();
    assert_eq!(bench.run(&["fetch"]).code, Some(0));
    let inventory = "state/lists/lab.jsonl";
    let servers = plan(&bench, inventory, &["--where", "type:server"]);
    let server = hwids(&servers).remove(0);
    bench.protect("type:server");
    let old = "2026-01-01T00:00:00Z";
    // Both lists lack what the inventory says of it.
    std::fs::remove_file(bench.path("plan.json")).expect("removed");
    list(&bench, "before.csv", &[(&server, "laptop", old)]);
    assert_eq!(plan(&bench, "before.csv", &["--all"]).len(), 1);
    let now = [
        (&*server, "laptop", old),
        ("another", "laptop", "2026-02-01T00:00:00Z"),
    ];
    list(&bench, "now.csv", &now);
    let refused = recheck(&bench, &["--inventory", "now.csv"]);
    refused.exits(7);
    refused.says("is protected: type:server");
    assert!(bench.sends().is_empty());
}

#[test]
fn recheck_against_the_plans_own_list_is_refused_and_its_own_inventory_is_fetched_again() {
    let bench = bench();
    let known = bench.known_hwids();
    let old = "2026-01-01T00:00:00Z";
    list(&bench, "before.csv", &[(&known[0], "laptop", old)]);
    assert_eq!(plan(&bench, "before.csv", &["--all"]).len(), 1);
    let refused = recheck(&bench, &["--inventory", "before.csv"]);
    refused.exits(7);
    let said = "it is the list that the plan was made of";
    refused.says(said);
    assert!(bench.sends().is_empty());

    assert_eq!(bench.run(&["fetch"]).code, Some(0));
    std::fs::remove_file(bench.path("plan.json")).expect("removed");
    plan(&bench, "state/lists/lab.jsonl", &["--oldest", "1", "--all"]);
    let before = pages(&bench);
    let run = recheck(&bench, &[]);
    run.exits(0);
    assert!(pages(&bench) > before, "the inventory is read again");
}

#[test]
fn recheck_killed_at_any_step_loses_nothing() {
    let points = [
        "recheck-fetched",
        "rechecked",
        "plan-handed-over",
        "plan-stored",
    ];
    in_parallel(&points, |&point| {
        let bench = bench();
        let planned = plan(&bench, "devices.json", &["--all"]);
        let killed = bench
            .command(&["run", "--plan", "plan.json", "--recheck", "-q"])
            .env("OFFBOARD_FAILPOINT", format!("{point}=kill"))
            .output()
            .expect("it runs");
        let stderr = Output::read(&killed).stderr;
        assert_eq!(killed.status.signal(), Some(9), "{point}: {stderr}");
        assert!(bench.sends().is_empty(), "{point}");
        assert_eq!(bench.run(&["runs"]).stdout, "", "{point}");
        // The next recheck finds something else.
        let known: HashSet<String> = bench.known_hwids().into_iter().collect();
        let held = hwids(&planned)
            .into_iter()
            .find(|hwid| known.contains(hwid))
            .expect("a known device");
        hold(&bench, &held);
        let read = pages(&bench);
        let run = recheck(&bench, &[]);
        assert_eq!(
            run.event("summary")["state"],
            "finished",
            "{point}: {}",
            run.stderr
        );
        let sends = bench.sends();
        assert!(!sends.contains_key(&held), "{point}");
        assert!(sends.values().all(|&times| times == 1), "{point}");
        assert_eq!(journaled(&bench).len(), sends.len(), "{point}");
        assert_eq!(pages(&bench), read, "{point}: the inventory is fresh");
    });
}
