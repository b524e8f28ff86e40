//! What is written of runs for other programs and for tickets, and what opens as a list again.

mod run_report;

use super::terminal::Terminal;
use super::workbench::Workbench;

fn bench() -> Workbench {
    let bench = Workbench::with(120);
    let mut arguments = bench.run_all();
    arguments.extend(["--note", "CHG-1042 | *urgent*", "--report", "report.md"].map(str::to_owned));
    let mut command = bench.command(&[]);
    command
        .args(arguments)
        .env("SSH_CONNECTION", "10.0.0.7 50210 10.0.0.1 22");
    let done = super::workbench::Output::of(command);
    done.exits(3);
    bench
}

fn contains_all(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
}

#[test]
fn failed_rows_are_exported_and_open_as_a_list_again() {
    let bench = bench();
    let failed = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    let mut expected: Vec<String> = failed
        .events("device")
        .into_iter()
        .filter(|line| line["outcome"] == "failed")
        .map(|line| line["hwid"].to_string() + &line["mac"].to_string())
        .collect();
    expected.sort();
    assert!(!expected.is_empty());
    for (format, file) in [("csv", "failed.csv"), ("json", "failed.json")] {
        let export = [
            "runs",
            "export",
            "last",
            "--format",
            format,
            "--outcome",
            "failed",
            "-o",
            file,
        ];
        let written = bench.run(&export);
        written.exits(0);
        assert_eq!(bench.run(&export).code, Some(1), "nothing is overwritten");
        let plan = bench.run(&[
            "plan", file, "--action", "remove", "--all", "--output", "jsonl", "--allow", "recent",
        ]);
        plan.exits(0);
        let mut read: Vec<String> = plan
            .events("device")
            .into_iter()
            .chain(plan.events("left_out"))
            .map(|line| line["hwid"].to_string() + &line["mac"].to_string())
            .collect();
        read.sort();
        assert_eq!(read, expected, "{format}");
    }
    let wrong = bench.run(&[
        "runs",
        "export",
        "last",
        "--format",
        "markdown",
        "--outcome",
        "failed",
    ]);
    wrong.exits(2);
}

#[test]
fn devices_are_found_over_all_runs() {
    let bench = bench();
    let found = bench.known_hwids().into_iter().find_map(|hwid| {
        let upper = hwid.to_uppercase();
        let found = bench.run(&["runs", "find", &upper, "--output", "jsonl"]);
        let line: serde_json::Value =
            serde_json::from_str(found.stdout.trim()).expect("one device");
        line["mac"].is_string().then_some((hwid, line))
    });
    let (hwid, line) = found.expect("a device with a MAC");
    assert_eq!(line["hwid"], hwid);
    assert!(line["outcome"].is_string(), "{line}");
    let name = line["hostname"].as_str().expect("a name");
    let mac = line["mac"]
        .as_str()
        .unwrap_or("none")
        .replace(':', "-")
        .to_uppercase();
    for text in [name, &mac] {
        let found = bench.run(&["runs", "find", text]);
        assert!(found.stdout.contains(name), "{text}: {}", found.stdout);
    }
    assert!(
        bench
            .run(&["runs", "find", "%"])
            .stdout
            .contains("no run has a matching device")
    );
    assert_eq!(bench.run(&["runs", "find", " "]).code, Some(2));
}

#[test]
fn table_is_raw_in_a_file_and_safe_on_a_terminal() {
    let bench = Workbench::with(60);
    let name = "LT\u{9b}2J\u{202e}gpj";
    bench.write(
        "odd.json",
        &format!(r#"[{{"hwid": "a1", "hostname": "{name}"}}]"#),
    );
    bench.run(&[
        "run",
        "odd.json",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "1",
    ]);
    let export = ["runs", "export", "last", "--format", "csv"];
    assert!(bench.run(&export).stdout.contains(name), "nothing is lost");
    let terminal = Terminal::start(&bench, &export, 200, 24);
    terminal.wait_for("gpj");
    let written = String::from_utf8_lossy(&terminal.written()).into_owned();
    assert!(written.contains("LT\\u{9b}2J\\u{202e}gpj"), "{written:?}");
    assert!(!written.contains(['\u{9b}', '\u{202e}']), "{written:?}");
    assert_eq!(terminal.exit_code(), 0);
}

/// A device's HTTP status and its own status keep apart, in the run, in every export and in a resume.
#[test]
fn status_is_of_the_device_and_http_status_of_the_call_in_every_output() {
    let bench = bench();
    let exported = |format: &str| {
        let written = bench.run(&["runs", "export", "last", "--format", format]);
        written.exits(0);
        written.stdout
    };
    let list: Vec<serde_json::Value> =
        serde_json::from_str(&std::fs::read_to_string(bench.path("devices.json")).expect("a list"))
            .expect("JSON");
    let status_of = |hwid: &serde_json::Value| {
        let listed = list.iter().find(|device| &device["hwid"] == hwid);
        listed.expect("a listed device")["status"].clone()
    };
    let objects: Vec<serde_json::Value> = serde_json::from_str(&exported("json")).expect("JSON");
    let lines: Vec<serde_json::Value> = exported("jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|line: &serde_json::Value| line["event"] == "device")
        .collect();
    for device in lines.iter().chain(&objects) {
        assert_eq!(device["http_status"], 200, "{device}");
        if device["hwid"].is_string() {
            assert_eq!(device["status"], status_of(&device["hwid"]), "{device}");
        }
    }
    let csv = exported("csv");
    let header: Vec<&str> = csv.lines().next().expect("a header").split(',').collect();
    assert!(header.contains(&"status") && header.contains(&"http_status"));
    let found = bench.run(&["runs", "find", "LT-", "--output", "jsonl"]);
    let found: serde_json::Value =
        serde_json::from_str(found.stdout.lines().next().expect("a line")).expect("JSON");
    assert_eq!(found["http_status"], 200, "{found}");
}

#[test]
fn outcome_in_doubt_is_accepted_with_underscore_and_hyphen() {
    let bench = bench();
    for name in ["in_doubt,not_sent", "in-doubt,not-sent"] {
        let export = [
            "runs",
            "export",
            "last",
            "--format",
            "csv",
            "--outcome",
            name,
        ];
        let written = bench.run(&export);
        assert_eq!(written.code, Some(0), "{name}: {}", written.stderr);
        let query = format!("is:{name}");
        let plan = [
            "plan",
            "devices.json",
            "--action",
            "remove",
            "--where",
            &query,
            "--output",
            "jsonl",
        ];
        let planned = bench.run(&plan);
        assert_eq!(planned.code, Some(0), "{name}: {}", planned.stderr);
    }
}
