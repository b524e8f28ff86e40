//! The rows of a run's devices as the list held them: stored by every path, shown, exported, bounded.

use serde_json::Value;

use super::workbench::{Output, Workbench};

fn bench() -> Workbench {
    Workbench::with(60)
}

/// A list of another system with two devices that the tenant knows, one of them in two rows.
fn write_list(bench: &Workbench) -> (String, String) {
    let hwids = bench.known_hwids();
    bench.write(
        "list.csv",
        &format!(
            "hwid,hostname,user,Cost center\n{0},lt-1,ada,\"47,11\"\n{1},lt-2,\u{202e}grace,\n{0},lt-1,ada,0815\n",
            hwids[0], hwids[1]
        ),
    );
    (hwids[0].clone(), hwids[1].clone())
}

/// Removes what these arguments select of `list`.
fn run(bench: &Workbench, list: &str, count: &str, more: &[&str]) {
    let arguments = [
        "run",
        list,
        "--action",
        "remove",
        "--allow",
        "most,recent,last",
        "--expect-count",
        count,
    ];
    sent(&bench.run(&[&arguments[..], more].concat()));
}

fn sent(output: &Output) {
    assert!(
        matches!(output.code, Some(0 | 3)),
        "{:?}: {}",
        output.code,
        output.stderr
    );
}

/// The line with the rows of a device of the newest run.
fn record(bench: &Workbench, device: &str) -> Value {
    let shown = bench.run(&[
        "runs", "--output", "jsonl", "show", "last", "--device", device,
    ]);
    shown.exits(0);
    assert_eq!(shown.events("device").len(), 1);
    shown.event("record")
}

#[test]
fn full_records_are_stored_by_a_run_of_a_list_and_by_a_plan_file() {
    let bench = bench();
    let (first, second) = write_list(&bench);
    run(&bench, "list.csv", "2", &["--all"]);
    let rows = record(&bench, &first)["rows"].clone();
    assert_eq!(rows[0]["line"], 2);
    assert_eq!(
        rows[0]["cells"][3],
        serde_json::json!(["Cost center", "47,11"])
    );
    assert_eq!(rows[1]["line"], 4, "the device has a second row");
    assert_eq!(rows[1]["cells"][3][1], "0815");
    let text = bench.run(&["runs", "show", "last", "--device", &second]);
    text.prints("user                 \\u{202e}grace");
    let unknown = bench.run(&["runs", "show", "last", "--device", "lt-3"]);
    unknown.exits(2);
    unknown.says("has no device lt-3");
    let by_name = record(&bench, "LT-1.corp.example");
    assert_eq!(by_name["rows"], rows);

    let hwids = bench.known_hwids();
    bench.write(
        "other.csv",
        &format!(
            "hwid,hostname,user,Cost center\n{},lt-9,joan,12\n",
            hwids[7]
        ),
    );
    let frozen = bench.plan_of("other.csv", "archive", &["-o", "other.json"]);
    frozen.exits(0);
    sent(&bench.run(&["run", "--plan", "other.json"]));
    let fields = record(&bench, &hwids[7])["rows"][0]["fields"].clone();
    assert_eq!(fields["user"], "joan");
    assert_eq!(fields["offboard_columns"]["Cost center"], "12");
}

#[test]
fn full_records_of_devices_without_a_row_and_of_older_runs_say_so() {
    let bench = bench();
    let (first, _) = write_list(&bench);
    let bare = bench.known_hwids()[9].clone();
    bench.write("ids.txt", &format!("{first}\n{bare}\n"));
    run(
        &bench,
        "list.csv",
        "2",
        &["--ids", "ids.txt", "--add-missing"],
    );
    let line = record(&bench, &bare);
    assert_eq!(line["rows"].as_array().map(Vec::len), Some(0));
    let missing = line["missing"].as_str().expect("a reason");
    assert!(missing.contains("by its identifier alone"), "{missing}");
    assert!(record(&bench, &first)["missing"].is_null());
    bench
        .database()
        .execute("DELETE FROM run_records", [])
        .expect("as an earlier version");
    let line = record(&bench, &first);
    let missing = line["missing"].as_str().expect("a reason");
    assert!(missing.contains("did not keep the rows"), "{missing}");
}

#[test]
fn full_records_are_exported_with_the_devices() {
    let bench = bench();
    let (first, second) = write_list(&bench);
    run(&bench, "list.csv", "2", &["--all"]);
    let export = |format: &str, more: &[&str]| {
        let arguments = ["runs", "export", "last", "--full", "--format", format];
        bench.run(&[&arguments[..], more].concat())
    };
    let csv = export("csv", &[]);
    csv.exits(0);
    let mut reader = csv::Reader::from_reader(csv.stdout.as_bytes());
    let headers = reader.headers().expect("headers").clone();
    let at = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .expect("there")
    };
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(&rows[0][at("row.Cost center")], "47,11");
    assert_eq!(&rows[0][at("row2.Cost center")], "0815");
    assert_eq!(&rows[1][at("row2.Cost center")], "");
    let json = export("json", &[]);
    let devices: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(devices[0]["offboard_rows"][1]["cells"][3][1], "0815");
    assert!(!json.stdout.contains('\u{202e}'), "escaped");
    for (format, file) in [("csv", "full.csv"), ("json", "full.json")] {
        assert_eq!(export(format, &["-o", file]).code, Some(0));
        let plan = bench.run(&["inspect", file, "--output", "json"]);
        let report: Value = serde_json::from_str(&plan.stdout).expect("JSON");
        assert_eq!(report["entries"], 2, "{format}: {report}");
        let ids = bench.run(&[
            "plan", file, "--all", "--action", "remove", "--output", "jsonl",
        ]);
        let named: Vec<Value> = ids
            .events("device")
            .into_iter()
            .chain(ids.events("left_out"))
            .map(|line| line["hwid"].clone())
            .collect();
        assert_eq!(named, [first.as_str(), second.as_str()], "{format}");
    }
    assert_eq!(export("markdown", &[]).code, Some(2));
}

#[test]
fn full_records_that_are_damaged_are_named_and_outcomes_are_still_readable() {
    let bench = bench();
    let (first, _) = write_list(&bench);
    run(&bench, "list.csv", "2", &["--all"]);
    bench
        .database()
        .execute("UPDATE run_records SET data = x'28b52ffd00'", [])
        .expect("damaged");
    let shown = bench.run(&["runs", "show", "last", "--device", &first]);
    shown.exits(1);
    shown.prints("outcome   ");
    let named = "the full record of device 1 of run";
    shown.says(named);
    assert_eq!(bench.run(&["runs", "show", "last"]).code, Some(0));
    assert_eq!(
        bench
            .run(&["runs", "export", "last", "--format", "csv"])
            .code,
        Some(0)
    );
    let full = bench.run(&["runs", "export", "last", "--full", "--format", "json"]);
    full.exits(1);
    full.says(named);
    let devices: Value = serde_json::from_str(&full.stdout).expect("JSON");
    assert_eq!(devices.as_array().map(Vec::len), Some(2));
    let missing = devices[0]["offboard_rows_missing"].as_str().expect("why");
    assert!(missing.contains(named), "{missing}");
}

#[test]
fn keep_chooses_what_the_journal_stores_of_devices() {
    let bench = bench();
    bench.configure("[journal]\nkeep = [\"hostname\", \"@Cost center\"]\n");
    let (first, second) = write_list(&bench);
    run(&bench, "list.csv", "2", &["--all"]);
    let rows = record(&bench, &first)["rows"].clone();
    assert_eq!(
        rows[0]["fields"],
        serde_json::json!({"hwid": first, "hostname": "lt-1", "offboard_columns": {"Cost center": ["47,11", "0815"]}})
    );
    let users = bench
        .database()
        .query_row(
            "SELECT group_concat(user_name, ''), group_concat(hostname) FROM run_devices",
            [],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )
        .expect("read");
    assert_eq!(users, (String::new(), "lt-1,lt-2".to_owned()));
    let found = bench.run(&["runs", "find", "ada"]);
    found.prints("no run has a matching device");
    for file in bench.files() {
        let is_state = file.components().any(|part| part.as_os_str() == "state");
        let bytes = std::fs::read(&file).expect("readable");
        let has_user = bytes.windows(5).any(|part| part == b"grace");
        assert!(!(is_state && has_user), "{}", file.display());
    }
    assert_eq!(
        record(&bench, &second)["rows"][0]["fields"]["hostname"],
        "lt-2"
    );

    let lines = bench.config().lines().count();
    bench.reconfigure("\"@Cost center\"", "\n\"owner\"");
    let refused = bench.run(&["plan", "list.csv", "--all", "--action", "remove"]);
    refused.exits(2);
    let message = &refused.stderr;
    assert!(
        message.contains(&format!("config.toml:{lines}: keep names")),
        "{message}"
    );
    assert!(
        message.contains("keep names no field 'owner': choose of hostname, nickname"),
        "{message}"
    );
}
