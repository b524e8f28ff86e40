//! `overview` counts lists and `explain` explains devices, with the binary.

use serde_json::{Value, json};

use super::workbench::{Output, Workbench};

const LIST: &str = "hwid,mac,hostname,type,status,group,last seen\n\
    aaaa0000000000000001,00:0c:29:00:00:01,LT-1,laptop,compliant,Sales,2026-11-20T10:00:00Z\n\
    aaaa0000000000000002,00:0c:29:00:00:02,lt-1,laptop,non_compliant,Sales,2026-03-01T10:00:00Z\n\
    aaaa0000000000000003,00:0c:29:00:00:03,SRV-1,server,out_of_license_usage,,2026-03-01T10:00:00Z\n\
    ,,LT-4,laptop,compliant,Lab,\n";

fn bench() -> Workbench {
    let bench = Workbench::with(5);
    bench.write("list.csv", LIST);
    bench
}

fn line(output: &Output) -> Value {
    output.exits(0);
    serde_json::from_str(&output.stdout).expect("one JSON line")
}

#[test]
fn overview_counts_shown_and_all_rows_with_queries() {
    let bench = bench();
    let overview = ["overview", "list.csv", "--where", "unseen>90d"];
    let text = bench.run(&overview);
    text.exits(0);
    for expected in [
        "2 of 4 rows match",
        "last seen  ▃▁▁▁▁▇▁",
        "180 d–1 y",
        "--where 'stale:hostname'",
    ] {
        assert!(
            text.stdout.contains(expected),
            "{expected}\n{}",
            text.stdout
        );
    }
    assert!(!text.stdout.contains("agent"), "no device has one");
    let ascii = bench.run(&[&overview[..], &["--ascii"]].concat());
    let mut in_posix = bench.command(&overview);
    in_posix.env("LC_ALL", "C");
    for ascii in [ascii, Output::of(in_posix)] {
        let drawn: String = ascii.stdout.chars().filter(|one| !one.is_ascii()).collect();
        assert!(drawn.chars().all(|one| one == '·'), "{drawn}");
    }
    let object =
        line(&bench.run(&[&overview[..], &["--by", "status", "--output", "json"]].concat()));
    assert_eq!((&object["all"], &object["shown"]), (&json!(4), &json!(2)));
    let values = object["fields"][0]["values"].as_array().expect("values");
    let compliant = values.iter().find(|value| value["value"] == "compliant");
    assert_eq!(
        compliant,
        Some(&json!({
            "value": "compliant", "shown": 0, "all": 2,
            "query": "status=compliant", "exclude": "-status=compliant"
        }))
    );
}

#[test]
fn overview_needs_no_configuration_and_names_the_fields_it_knows() {
    let bench = bench();
    bench.configure("");
    let overview = bench.run(&["overview", "list.csv"]);
    overview.exits(0);
    let unknown = bench.run(&["overview", "list.csv", "--by", "colour"]);
    unknown.exits(2);
    unknown.says("use hostname");
    let mistake = bench.run(&["overview", "list.csv", "--where", "unseen>"]);
    mistake.exits(2);
}

#[test]
fn overview_leaves_protected_devices_out_of_the_unseen() {
    let bench = bench();
    bench.protect("type:server");
    let object = line(&bench.run(&["overview", "list.csv", "--output", "json"]));
    let suggestions = object["suggestions"].as_array().expect("suggestions");
    let shown = |query: &str| {
        let found = suggestions.iter().find(|one| one["query"] == query);
        found.map(|one| one["shown"].clone())
    };
    assert_eq!(shown("unseen>180d -is:protected"), Some(json!(1)));
    assert_eq!(shown("is:protected"), Some(json!(1)));
}

#[test]
fn explain_shows_what_decided() {
    let bench = bench();
    bench.protect("type:server");
    let explain = |id, more: &[&str]| bench.run(&[&["explain", "list.csv", id], more].concat());
    let query = ["--where", "unseen>90d -type:server", "--action", "archive"];
    let text = explain("aaaa0000000000000001", &query);
    text.exits(0);
    for expected in [
        "result      not selected: the query doesn't match",
        "false   unseen>90d: last seen 0 s before the list's time",
        "false   type:server: type is \"laptop\"",
        "protected   no: no rule matches",
        "shares      hostname with lt-1 aaaa0000000000000002 (line 3), seen 264 d earlier",
        "warning     recent:",
    ] {
        assert!(
            text.stdout.contains(expected),
            "{expected}\n{}",
            text.stdout
        );
    }
    let planned = explain("000c.2900.0002", &query);
    let expected = "planned: archive aaaa0000000000000002";
    planned.prints(expected);
    let server = line(&explain("srv-1", &["--output", "json"]));
    assert_eq!(server["result"], "left_out");
    assert_eq!(server["rules"][0]["verdict"], "matches");
    assert_eq!(server["rules"][0]["query"]["fact"], "type is \"server\"");
    let unusable = line(&explain("LT-4", &["--output", "json"]));
    assert!(unusable["problem"].is_string() && unusable["identifier"].is_null());
}

#[test]
fn explain_refuses_ambiguous_names_and_knows_earlier_runs() {
    let bench = bench();
    let ambiguous = bench.run(&["explain", "list.csv", "LT-1"]);
    ambiguous.exits(7);
    let expected = "LT-1 aaaa0000000000000001 (line 2), lt-1 aaaa0000000000000002 (line 3)";
    ambiguous.says(expected);
    let missing = bench.run(&["explain", "list.csv", "LT-9"]);
    missing.exits(2);
    let sent = bench.run(
        &bench
            .run_all()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    let device = &sent.events("device")[0];
    let hwid = device["hwid"].as_str().expect("a HWID");
    let explained = line(&bench.run(&["explain", "devices.json", hwid, "--output", "json"]));
    assert_eq!(explained["result"], "left_out", "{explained}");
    assert_eq!(
        explained["earlier"][0]["standing"], "removed",
        "{explained}"
    );
}
