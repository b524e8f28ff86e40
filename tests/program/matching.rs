//! Matches lists of other systems with the tenant's inventory.

mod ids;

use std::os::unix::fs::DirBuilderExt;

use serde_json::Value;

use super::terminal::Terminal;
use super::workbench::{Output, Workbench};

/// An inventory in the format of `fetch`, whose devices can be found by different rules.
pub fn bench() -> Workbench {
    let bench = Workbench::with(10);
    let tenant = bench.simulator.url();
    let now = jiff::Timestamp::now();
    let stamp = format!(
        "{{\"offboard_list\":1,\"tenant\":\"{}\",\"fetched_at\":\"{now}\",\"complete\":true}}",
        tenant.trim_end_matches('/')
    );
    let devices = [
        r#"{"hwid":"aaaa00000000000000a0","hostname":"LT-1.corp.example","mac":"00:0c:29:00:00:01","serial":"PF-0001","user":"CORP\\ada"}"#,
        r#"{"hwid":"aaaa00000000000000a1","hostname":"LT-2","mac":"00:0c:29:00:00:02","serial":"PF-0002","user":"CORP\\bob"}"#,
        r#"{"hwid":"aaaa00000000000000a2","hostname":"LT-3","mac":"00:0c:29:00:00:03","serial":"PF-0003","user":"bob@corp.example"}"#,
        r#"{"hwid":"aaaa00000000000000a3","hostname":"TWIN","mac":"00:0c:29:00:00:04","serial":"PF-0004","user":"CORP\\eve","nickname":"Counter"}"#,
        r#"{"hwid":"aaaa00000000000000a4","hostname":"TWIN","mac":"00:0c:29:00:00:05","serial":"PF-0005","user":"LAB\\eve"}"#,
    ];
    for directory in ["state", "state/lists"] {
        let path = bench.path(directory);
        let made = std::fs::DirBuilder::new().mode(0o700).create(path);
        made.expect("a directory");
    }
    bench.write(
        "state/lists/lab.jsonl",
        &format!("{stamp}\n{}\n", devices.join("\n")),
    );
    bench.write("whole.jsonl", &format!("{stamp}\n{}\n", devices.join("\n")));
    bench
}

pub const HWID: [&str; 5] = [
    "aaaa00000000000000a0",
    "aaaa00000000000000a1",
    "aaaa00000000000000a2",
    "aaaa00000000000000a3",
    "aaaa00000000000000a4",
];

fn plan(bench: &Workbench, list: &str, more: &[&str]) -> Output {
    let plan = ["plan", list, "--action", "remove", "--output", "jsonl"];
    bench.run(&[&plan[..], more].concat())
}

fn matched(output: &Output) -> Vec<(String, String)> {
    let text = |device: &Value, key: &str| device[key].as_str().unwrap_or_default().to_owned();
    let devices = output.events("device");
    devices
        .iter()
        .map(|device| (text(device, "hwid"), text(device, "matched_by")))
        .collect()
}

fn pairs(expected: &[(usize, &str)]) -> Vec<(String, String)> {
    let pairs = expected.iter();
    pairs
        .map(|(device, rule)| (HWID[*device].to_owned(), (*rule).to_owned()))
        .collect()
}

#[test]
fn inspect_and_plan_report_hwids_that_differ_only_in_case() {
    let bench = bench();
    bench.write("case.csv", "hwid,hostname\nab12cd,a\nAB12CD,b\n");
    let inspect = bench.run(&["inspect", "case.csv"]);
    let plan = plan(&bench, "case.csv", &["--all"]);
    for text in [&inspect.stdout, &plan.stderr] {
        assert!(
            text.contains("2 devices have a HWID that differs only in case"),
            "{text}"
        );
    }
}

#[test]
fn match_applies_each_rule_and_plans_from_the_inventory() {
    let bench = bench();
    bench.write(
        "leavers.csv",
        "hwid,mac,serial,hostname,nickname,Ticket\n\
         AAAA00000000000000A0,,,,,T1\n\
         ,00-0C-29-00-00-02,,,,T2\n\
         ,,pf-0003,,,T3\n\
         ,,,,counter,T4\n\
         ,,,lt-1.corp.example,,T5\n",
    );
    let planned = plan(&bench, "leavers.csv", &["--match"]);
    planned.exits(0);
    assert_eq!(
        matched(&planned),
        pairs(&[(0, "hwid"), (1, "mac"), (2, "serial"), (3, "nickname")])
    );
    let event = planned.event("match");
    assert_eq!(
        (&event["matched"], &event["repeated"], &event["people"]),
        (&4.into(), &1.into(), &Value::Null)
    );
    planned.says("match: 4 matched");
    bench.write("names.csv", "mac,hostname\n,LT-2.corp.example\n,lt-3\n");
    let by_name = plan(&bench, "names.csv", &["--match", "--where", "serial:0003"]);
    assert_eq!(matched(&by_name), pairs(&[(2, "hostname")]), "both narrow");
    let text = bench.run(&["plan", "names.csv", "--action", "remove", "--match"]);
    assert!(
        text.stdout
            .contains("matched with names.csv: 2 by hostname"),
        "{}",
        text.stdout
    );
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn match_refuses_ambiguous_rows_and_unskipped_missing_ones() {
    let bench = bench();
    bench.write("twins.csv", "mac,hostname\n,LT-2\n,twin\n");
    for more in [&["--match"][..], &["--match", "--skip-missing"]] {
        let refused = plan(&bench, "twins.csv", more);
        refused.exits(7);
        assert_eq!(refused.event("match")["ambiguous"], 1);
        assert_eq!(matched(&refused), pairs(&[(1, "hostname")]));
        assert!(
            refused
                .stderr
                .contains("twin (line 3) ambiguous by hostname: 2 devices"),
            "{}",
            refused.stderr
        );
    }
    let file = plan(&bench, "twins.csv", &["--match", "-o", "plan.json"]);
    file.exits(7);
    assert!(!bench.path("plan.json").exists());

    bench.write("missing.csv", "mac,hostname\n,LT-2\n,nobody\n,localhost\n");
    let refused = plan(&bench, "missing.csv", &["--match"]);
    refused.exits(7);
    refused.says("not in the inventory");
    let skipped = plan(&bench, "missing.csv", &["--match", "--skip-missing"]);
    skipped.exits(0);
    let event = skipped.event("match");
    assert_eq!(
        (&event["missing"], &event["invalid"]),
        (&1.into(), &1.into())
    );
    assert_eq!(matched(&skipped), pairs(&[(1, "hostname")]));
}

#[test]
fn match_requires_an_inventory_and_excludes_other_selectors() {
    let bench = bench();
    bench.write("names.csv", "mac,hostname\n,LT-2\n");
    for (more, expected) in [
        (&["--match", "--all"][..], "cannot be used with"),
        (&["--match", "--ids", "names.csv"], "cannot be used with"),
        (&["--match", "--inventory", "none.jsonl"], "none.jsonl"),
    ] {
        let refused = plan(&bench, "names.csv", more);
        assert_eq!(refused.code, Some(2), "{more:?}: {}", refused.stderr);
        refused.says(expected);
    }
    let inventory = std::fs::read_to_string(bench.path("whole.jsonl")).expect("read");
    bench.write(
        "other.jsonl",
        &inventory.replacen("http://", "https://other.", 1),
    );
    bench.write(
        "half.jsonl",
        &inventory.replacen("\"complete\":true", "\"complete\":false", 1),
    );
    for name in ["other.jsonl", "half.jsonl"] {
        let refused = plan(&bench, "names.csv", &["--match", "--inventory", name]);
        assert_eq!(refused.code, Some(7), "{name}: {}", refused.stderr);
    }
    std::fs::remove_file(bench.path("state/lists/lab.jsonl")).expect("removed");
    let none = plan(&bench, "names.csv", &["--match"]);
    none.exits(2);
    none.says("offboard fetch");
    let named = plan(
        &bench,
        "names.csv",
        &["--match", "--inventory", "whole.jsonl"],
    );
    named.exits(0);
}

#[test]
fn match_plans_several_devices_of_a_person_only_on_request() {
    let bench = bench();
    bench.write("ada.txt", "ada@corp.example\n");
    let one = plan(&bench, "ada.txt", &["--match"]);
    one.exits(0);
    assert_eq!(matched(&one), pairs(&[(0, "user")]));

    bench.write("bob.txt", "ada@corp.example\nCORP\\bob\n");
    let several = plan(&bench, "bob.txt", &["--match"]);
    several.exits(7);
    assert_eq!(matched(&several), pairs(&[(0, "user")]));
    let reason = several.event("summary")["reason"].to_string();
    assert!(
        reason.contains("bob") && reason.contains("--all-devices"),
        "{reason}"
    );
    several.says("CORP\\bob has 2 devices: LT-");
    let all = plan(&bench, "bob.txt", &["--match", "--all-devices"]);
    all.exits(0);
    assert_eq!(
        matched(&all),
        pairs(&[(0, "user"), (1, "user"), (2, "user")])
    );

    bench.write("eve.txt", "eve@elsewhere.example\n");
    let two_domains = plan(&bench, "eve.txt", &["--match", "--all-devices"]);
    two_domains.exits(7);
    assert!(two_domains.events("device").is_empty());
    bench.write("mallory.txt", "mallory@corp.example\n");
    let none = plan(&bench, "mallory.txt", &["--match"]);
    none.exits(7);
    assert_eq!(none.event("match")["missing"], 1);
}

#[test]
fn not_in_inventory_is_a_warning_that_allow_accepts() {
    let bench = bench();
    let list = format!("hwid,last seen\n{},\nbbbb0000000000000001,\n", HWID[0]);
    bench.write("other.csv", &list);
    let planned = plan(&bench, "other.csv", &["--all", "-o", "plan.json"]);
    assert_eq!(
        planned.event("plan")["warnings"],
        serde_json::json!(["not-in-inventory"]),
        "{}",
        planned.stderr
    );
    let run = ["run", "other.csv", "--action", "remove", "--all"];
    let run = [&run[..], &["--expect-count", "2", "--output", "jsonl"]].concat();
    let refused = bench.run(&run);
    refused.exits(7);
    assert!(
        refused
            .stderr
            .contains("1 device is not in the tenant's inventory, less than an hour old"),
        "{}",
        refused.stderr
    );
    let stored = bench.run(&["run", "--plan", "plan.json"]);
    stored.exits(7);
    stored.says("not-in-inventory");
    assert!(bench.simulator.received().is_empty());
    let allowed = bench.run(&[&run[..], &["--allow", "not-in-inventory"]].concat());
    allowed.finished();
    // The inventory itself and a copy of it are not other lists.
    for list in ["state/lists/lab.jsonl", "whole.jsonl"] {
        let own = plan(&bench, list, &["--all"]);
        // Everything is planned, so every user and host name loses its last device.
        assert_eq!(own.event("plan")["warnings"], serde_json::json!(["last"]));
    }
    let inventory = std::fs::read_to_string(bench.path("whole.jsonl")).expect("read");
    let half = inventory.replacen("\"complete\":true", "\"complete\":false", 1);
    bench.write("state/lists/lab.jsonl", &half);
    bench.write("third.csv", "hwid\nbbbb0000000000000002\n");
    let unchecked = plan(&bench, "third.csv", &["--all"]);
    assert_eq!(unchecked.event("plan")["warnings"], serde_json::json!([]));
    assert!(
        unchecked
            .stderr
            .contains("isn't checked against the inventory"),
        "{}",
        unchecked.stderr
    );
}

#[test]
fn run_records_the_rule_of_each_match() {
    let bench = bench();
    bench.write("names.csv", "mac,hostname,serial\n,,PF-0001\n,LT-3,\n");
    let planned = plan(&bench, "names.csv", &["--match", "-o", "plan.json"]);
    planned.exits(0);
    let run = bench.run(&["run", "--plan", "plan.json", "--output", "jsonl"]);
    let rules: Vec<&str> = vec!["serial", "hostname"];
    let devices = run.events("device");
    let reported: Vec<&str> = devices
        .iter()
        .map(|device| device["matched_by"].as_str().expect("a rule"))
        .collect();
    assert_eq!(reported, rules, "{}", run.stderr);
    let csv = bench.run(&["runs", "export", "last", "--format", "csv"]);
    assert!(csv.stdout.contains(",matched_by") && csv.stdout.contains(",serial"));
    let report = bench.run(&["runs", "export", "last", "--format", "markdown"]);
    for expected in [
        "| by serial |",
        "| Matched with it | names.csv (SHA-256 ",
        "--match names.csv",
    ] {
        assert!(
            report.stdout.contains(expected),
            "{expected}: {}",
            report.stdout
        );
    }
    let json = bench.run(&["runs", "export", "last", "--format", "json"]);
    json.prints("\"matched_by\":\"serial\"");
}

#[test]
fn screen_warns_of_devices_that_the_inventory_lacks() {
    let bench = bench();
    bench.write(
        "other.csv",
        "hwid,hostname\naaaa00000000000000a0,LT-1\nbbbb0000000000000001,LT-9\n",
    );
    let mut terminal = Terminal::start(&bench, &["other.csv"], 120, 40);
    terminal.wait_for("LT-9");
    for _ in 0..2 {
        terminal.press("a");
        terminal.wait_for("● 2");
        terminal.press("d");
        terminal.wait_for("What should happen to");
        terminal.press("a");
        terminal.wait_for("not-in-inventory: ");
        // The dialog accepts keys only after it has been shown for a while.
        terminal.wait_for("to send:  ▏");
        terminal.press("\u{1b}");
        terminal.wait_for("space mark");
    }
    terminal.press("q");
    terminal.wait_for("saved for the next start");
    terminal.press("y");
    terminal.exit_code();
    assert!(bench.simulator.received().is_empty());
}
