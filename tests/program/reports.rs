//! Reports of periods, exports with chosen columns, and the ticket's own file with the outcomes.

use offboard::simulator::SimulatorSettings;

use super::workbench::{Output, Workbench};

/// A bench on which a run was sent.
fn bench() -> Workbench {
    let bench = Workbench::with(60);
    let mut arguments = bench.run_all();
    arguments.extend(["--note", "CHG-7 <b>"].map(str::to_owned));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(bench.run(&arguments).code, Some(3));
    bench
}

fn read(bench: &Workbench, name: &str) -> Vec<u8> {
    std::fs::read(bench.path(name)).expect("written")
}

fn ok(output: Output) -> Output {
    output.exits(0);
    output
}

#[test]
fn report_of_a_refused_run_is_not_written_even_if_the_plan_was_sent_before() {
    let bench = Workbench::with(60);
    let hwid = &bench.known_hwids()[0];
    bench.write("one.txt", &format!("{hwid}\n"));
    let allow = super::workbench::EVERY_WARNING;
    let plan = ["plan", "one.txt", "--action", "remove", "--all"];
    ok(bench.run(&[&plan[..], &["--allow", allow, "-o", "plan.json"]].concat()));
    let send = |report: &str| bench.run(&["run", "--plan", "plan.json", "--report", report]);
    ok(send("first.md"));
    assert!(bench.path("first.md").exists());
    let again = send("again.md");
    again.exits(7);
    assert!(!bench.path("again.md").exists(), "{}", again.stderr);
}

#[test]
fn export_writes_chosen_columns_in_their_order() {
    let bench = bench();
    let columns = "time,hostname,outcome,run";
    ok(bench.run(&[
        "runs",
        "export",
        "last",
        "--columns",
        columns,
        "-o",
        "result.csv",
    ]));
    let csv = String::from_utf8(read(&bench, "result.csv")).expect("UTF-8");
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some(columns));
    let row = lines.next().expect("a device");
    assert!(row.starts_with("20") && row.contains(",accepted,"), "{row}");
    assert_eq!(row.matches(',').count(), 3, "{row}");
    let unknown = bench.run(&["runs", "export", "last", "--columns", "hostname,outcom"]);
    unknown.exits(2);
    for name in ["outcom", "hostname", "matched_by", "time"] {
        unknown.says(name);
    }
    let other = bench.run(&[
        "runs",
        "export",
        "last",
        "--columns",
        "hwid",
        "-o",
        "x.json",
    ]);
    other.exits(2);
    other.says("--format csv");
}

#[test]
fn merge_gives_the_tickets_file_back_with_outcomes() {
    let bench = bench();
    let lines = bench.run(&["runs", "export", "last"]).events("device");
    let named = |outcome: &str| {
        let mut found = lines.iter().filter(|line| {
            let name = line["hostname"].as_str().unwrap_or_default();
            let same = lines.iter().filter(|other| other["hostname"] == name);
            line["outcome"] == outcome && !name.is_empty() && same.count() == 1
        });
        let line = found.next().expect("a device");
        line["hostname"].as_str().expect("a name").to_owned()
    };
    let (accepted, failed) = (named("accepted"), named("failed"));
    let run = bench.run(&["runs", "--output", "jsonl"]).stdout;
    let run: serde_json::Value = serde_json::from_str(run.trim()).expect("a run");
    let run = run["run"].as_str().expect("a name");
    let text =
        format!("Büro;Gerät\r\nZürich;{accepted}\r\n\r\nGenève;{failed}\r\nBern;LT-00000\r\n");
    let bytes = encoding_rs::WINDOWS_1252.encode(&text).0.into_owned();
    bench.write_bytes("ticket.csv", &bytes);
    let merge = |more: &[&str]| {
        let merge = [
            "runs",
            "export",
            "last",
            "--merge",
            "ticket.csv",
            "--column",
            "hostname=Gerät",
        ];
        bench.run(&[&merge, more].concat())
    };
    let done = ok(merge(&["-o", "done.csv"]));
    done.says("2 rows with an outcome");
    assert_eq!(
        read(&bench, "ticket.csv"),
        bytes,
        "the ticket's file is left alone"
    );
    let merged = encoding_rs::WINDOWS_1252
        .decode(&read(&bench, "done.csv"))
        .0
        .into_owned();
    let rows: Vec<&str> = merged.split("\r\n").collect();
    assert_eq!(rows[0], "Büro;Gerät;outcome;reason;call;time;run");
    assert!(
        rows[1].starts_with(&format!("Zürich;{accepted};accepted;;")),
        "{merged}"
    );
    assert!(rows[1].ends_with(run), "{merged}");
    assert_eq!(rows[2], "");
    assert!(
        rows[3].starts_with(&format!("Genève;{failed};failed;not found;")),
        "{merged}"
    );
    assert_eq!(rows[4], format!("Bern;LT-00000;;not in run {run};;;"));
    assert_eq!(
        merge(&["-o", "done.csv"]).code,
        Some(1),
        "nothing is overwritten"
    );
    ok(merge(&["-o", "./ticket.csv"]));
    assert_eq!(
        read(&bench, "ticket.csv"),
        read(&bench, "done.csv"),
        "unless it is named"
    );
    bench.write("ticket.json", r#"[{"hostname": "LT-1"}]"#);
    let refused = bench.run(&["runs", "export", "last", "--merge", "ticket.json"]);
    refused.exits(2);
    refused.says("save it as CSV");
}

#[test]
fn period_report_covers_the_runs_of_its_days() {
    let bench = bench();
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    ok(bench.run(&["runs", "report", "--since", "2020-01-01", "-o", "all.html"]));
    let page = String::from_utf8(read(&bench, "all.html")).expect("UTF-8");
    for part in [
        "<h2>By action</h2>",
        "<h2>By month</h2>",
        "<h2>By group</h2>",
        "CHG-7 &lt;b&gt;",
        "Failed: not found",
        &today[..7],
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    let markdown = ok(bench.run(&["runs", "report", "--since", &today])).stdout;
    assert!(markdown.contains("CHG-7 \\<b\\>"), "{markdown}");
    assert!(markdown.contains("1 run, "), "{markdown}");
    let none = [
        "runs",
        "report",
        "--since",
        "2020-01-01",
        "--until",
        "2020-12-31",
    ];
    let none = ok(bench.run(&none)).stdout;
    assert!(none.contains("No run was confirmed"), "{none}");
    let swapped = bench.run(&[
        "runs",
        "report",
        "--since",
        "2020-02-01",
        "--until",
        "2020-01-01",
    ]);
    swapped.exits(2);
    let other = bench.run(&["runs", "report", "--since", "2020-01-01", "-o", "all.pdf"]);
    other.exits(2);
}

#[test]
fn report_numbers_devices_by_the_plan_after_one_that_cannot_be_read() {
    let bench = bench();
    let rows = |report: &str| {
        let rows = report.lines().filter(|line| line.contains("| HWID |"));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    let export = ["runs", "export", "last", "--format", "markdown"];
    let whole = rows(&ok(bench.run(&export)).stdout);
    bench
        .database()
        .execute_batch(
            "PRAGMA ignore_check_constraints = ON;
             UPDATE run_devices SET outcome = 'vanished' WHERE ordinal = 0;",
        )
        .expect("damaged");
    let damaged = bench.run(&export);
    damaged.exits(1);
    assert_eq!(rows(&damaged.stdout), whole[1..]);
}

#[test]
fn report_and_merged_file_say_that_a_run_is_still_open() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 60,
        faults: "403@1".parse().expect("faults"),
        ..SimulatorSettings::default()
    });
    let hwid = bench.known_hwids()[0].clone();
    bench.write("list.csv", &format!("hwid\n{hwid}\n"));
    assert_eq!(bench.run_of("list.csv", "1", &[]).code, Some(5));
    let period = ok(bench.run(&["runs", "report", "--since", "2020-01-01"])).stdout;
    let meaning = "The run paused before these devices were sent. Resume it, or close it.";
    assert!(period.contains(meaning), "{period}");
    let merged = ok(bench.run(&["runs", "export", "last", "--merge", "list.csv"]));
    let row = format!("{hwid},not_sent,the run is paused,");
    merged.prints(&row);
    for note in [
        " is paused: outcomes can still change",
        ": it has no host names; `keep`",
    ] {
        merged.says(note);
    }
}
