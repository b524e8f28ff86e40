//! The report of a run: what it has, in which format, and when it can't be written.

use offboard::simulator::SimulatorSettings;

use super::{bench, contains_all};
use crate::program::workbench::{Output, Workbench};

#[test]
fn report_has_operator_time_action_and_reasons() {
    let bench = bench();
    let report = std::fs::read_to_string(bench.path("report.md")).expect("written after the run");
    let hash = bench.run(&["runs", "--output", "jsonl"]);
    let hash: serde_json::Value = serde_json::from_str(hash.stdout.trim()).expect("a run");
    let part = [
        "# Remove ",
        hash["hash"].as_str().expect("a hash"),
        "CHG-1042 \\| \\*urgent\\*",
        "over SSH (10.0.0.7 50210 10.0.0.1 22)",
        "## Outcomes",
        "| accepted | ",
        "## Calls made",
        "### Failed: not found",
        "devices.json (SHA-256 ",
        "| Selected by | --all |",
        "| Warnings allowed | recent: ",
        " by HWID, ",
        "| 1 | HWID | ",
    ];
    contains_all(&report, &part);
    let shown = bench.run(&["runs", "show", "last"]).stdout;
    assert!(shown.contains("over SSH (10.0.0.7 50210 "), "{shown}");
    assert!(shown.contains("ended     "), "{shown}");
    let line = bench.run(&["runs", "--output", "jsonl"]).stdout;
    let line: serde_json::Value = serde_json::from_str(line.trim()).expect("a run");
    assert_eq!(line["ssh_connection"], "10.0.0.7 50210 10.0.0.1 22");
    assert_eq!(
        (&line["query"], &line["left"]),
        (&"--all".into(), &0.into())
    );
    assert!(line["started_at"].is_string(), "{line}");
    let again = bench.run(&["runs", "export", "last", "--format", "markdown"]);
    let without_time = |text: &str| text.rsplit_once(" at ").map(|(text, _)| text.to_owned());
    assert_eq!(without_time(&again.stdout), without_time(&report));
    let mut arguments = bench.run_all();
    arguments.extend(["--report", "report.md"].map(str::to_owned));
    let calls = bench.simulator.received().len();
    let refused = bench.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        refused.code,
        Some(2),
        "before anything is sent: {}",
        refused.stderr
    );
    assert_eq!(bench.simulator.received().len(), calls);
}

#[test]
fn report_lists_sent_and_left_out_devices_as_text() {
    let bench = Workbench::with(60);
    bench.write(
        "odd.json",
        r#"[{"hwid": "a_b-d", "hostname": "*x*|<c>`d"}, {"mac": "00:0c:29:00:00:09"}, {"os": "none"}]"#,
    );
    let run = bench.run(&[
        "run",
        "odd.json",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "2",
        "-q",
    ]);
    run.says("run ");
    let report = bench
        .run(&["runs", "export", "last", "--format", "markdown"])
        .stdout;
    let part = [
        "2 devices: 1 by HWID, 1 by MAC.",
        "## Left out and held",
        "| unusable: no identifier | 1 | 100 % |",
        "| Warnings allowed | none |",
        "| Note | none |",
        "| 1 | HWID | a\\_b-d | \\*x\\*\\|\\<c\\>\\`d |",
        "| 2 | MAC | 00:0c:29:00:00:09 |",
    ];
    contains_all(&report, &part);
    let shown = bench.run(&["runs", "show", "last"]).stdout;
    let part = [
        "left out  1 · 1 unusable: no identifier",
        "hash  ",
        "query     --all",
    ];
    contains_all(&shown, &part);
    let listed = bench.run(&["runs"]).stdout;
    assert!(listed.contains("(profile lab) · by "), "{listed}");
    assert!(listed.contains("odd.json: --all"), "{listed}");
}

#[test]
fn report_is_a_web_page_or_markdown_by_its_ending() {
    let bench = Workbench::with(60);
    bench.write(
        "odd.json",
        r#"[{"hwid": "a1", "hostname": "<script src=//x>\u202egpj.exe", "user": "\" onload=\"x"}]"#,
    );
    let run = |report: &str| {
        let mut arguments = vec!["run", "odd.json", "--action", "remove", "--all"];
        arguments.extend(["--expect-count", "1", "--report", report]);
        bench.run(&arguments)
    };
    let refused = run("report.txt");
    refused.exits(2);
    contains_all(&refused.stderr, &["report.txt", ".html", ".md"]);
    assert!(
        bench.simulator.received().is_empty(),
        "before anything is sent"
    );
    run("report.html");
    let page = std::fs::read_to_string(bench.path("report.html")).expect("written");
    let part = [
        "<!DOCTYPE html><html lang=\"en\">",
        "default-src 'none'",
        "&lt;script src=//x&gt;\\u{202e}gpj.exe",
        "&quot; onload=&quot;x",
        "<caption>Devices by outcome</caption>",
        "Failed: not found",
    ];
    contains_all(&page, &part);
    assert!(
        !page.contains("<script") && !page.contains('\u{202e}'),
        "{page}"
    );
    for (file, begin) in [
        ("again.html", "<!DOCTYPE html>"),
        ("again.md", "# Remove 1 device"),
        ("again.csv", "offboard_csv,"),
        ("again.json", "["),
        ("again.jsonl", "{\"event\""),
    ] {
        let written = bench.run(&["runs", "export", "last", "-o", file]);
        assert_eq!(written.code, Some(0), "{file}: {}", written.stderr);
        let text = std::fs::read_to_string(bench.path(file)).expect("written");
        assert!(text.starts_with(begin), "{file}: {text}");
    }
    let refused = bench.run(&["runs", "export", "last", "-o", "again.pdf"]);
    refused.exits(2);
    contains_all(&refused.stderr, &["again.pdf", ".html", "--format"]);
}

#[test]
fn report_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let bench = Workbench::with(60);
    for path in ["none/report.md", "/proc/report.md"] {
        let mut arguments = bench.run_all();
        arguments.extend(["--report", path].map(str::to_owned));
        let refused = bench.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(refused.code, Some(2), "{path}: {}", refused.stderr);
        refused.says(path);
    }
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn report_that_is_lost_later_leaves_the_runs_exit_code() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 60,
        latency: std::time::Duration::from_millis(300),
        ..SimulatorSettings::default()
    });
    std::fs::create_dir(bench.path("reports")).expect("made");
    let mut arguments = bench.run_all();
    arguments.extend(["--report", "reports/report.md"].map(str::to_owned));
    let child = bench
        .command(&[])
        .args(arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    while bench.deletes().is_empty() {
        std::thread::yield_now();
    }
    std::fs::remove_dir_all(bench.path("reports")).expect("removed");
    let output = Output::read(&child.wait_with_output().expect("it ends"));
    assert_eq!(output.code, Some(3), "some failed: {}", output.stderr);
    output.says("the report is not written: ");
    let export = output
        .stderr
        .split('`')
        .find(|part| part.contains("runs export"));
    let export: Vec<&str> = export.expect("a remedy").split(' ').skip(1).collect();
    let export: Vec<&str> = export
        .into_iter()
        .filter(|word| !["-o", "FILE"].contains(word))
        .collect();
    assert!(bench.run(&export).stdout.contains("<h2>Outcomes</h2>"));
}
