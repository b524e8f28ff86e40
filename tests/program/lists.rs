//! Inspects, refuses and plans lists of other systems with the binary.

use std::io::Write as _;

use serde_json::Value;

use super::workbench::Workbench;

fn bench() -> Workbench {
    Workbench::with(5)
}

const INTUNE: &str = "Device ID,Device name,Managed by,Ownership,Compliance,OS,Last check-in,Primary user UPN,Wi-Fi MAC,Serial number\n\
    51de0053-7c1e-4f0a-9d83-00155d0530f9,LT-0083,Intune,Corporate,Compliant,Windows,2026-10-11,user83@corp.example,3C5282938853,5CG083\n\
    51de0054-7c1e-4f0a-9d84-00155d0540fc,LT-0084,Intune,Personal,Compliant,Windows,2026-10-12,user84@corp.example,,5CG084\n";

#[test]
fn inspect_shows_columns_and_left_out_rows() {
    let bench = bench();
    bench.write("intune.csv", INTUNE);
    let text = bench.run(&["inspect", "intune.csv"]);
    text.exits(0);
    for expected in [
        "intune.csv: CSV of Microsoft Intune · ",
        "identifiers of Microsoft Intune, not hardware IDs",
        "Wi-Fi MAC         mac",
        "0 by HWID, 1 by MAC, 1 left out",
        "1 left out: not matched: match it with the tenant's inventory (line 3)",
        "\nnot matched: match it with the tenant's inventory\n  line 3  LT-0084",
        "Not in the file: hwid, type, group. Filters on these match nothing, and protection that reads them protects every device.",
    ] {
        assert!(
            text.stdout.contains(expected),
            "{expected}\n{}",
            text.stdout
        );
    }
    let json = bench.run(&["inspect", "intune.csv", "--output", "json"]);
    let report: Value = serde_json::from_str(&json.stdout).expect("JSON");
    let keys: Vec<&String> = report.as_object().expect("an object").keys().collect();
    let docs = include_str!("../../docs/lists.md");
    for key in keys {
        assert!(docs.contains(&format!("`{key}`")), "{key} is documented");
    }
    assert_eq!(report["by_mac"], 1);
    assert_eq!(report["columns"][0]["field"], Value::Null);
    assert_eq!(report["left_out"][0]["lines"][0], 3);
    assert_eq!(report["left_out"][0]["rows"][0]["name"], "LT-0084");
    assert_eq!(report["size"], INTUNE.len());
}

#[test]
fn inspect_exits_with_7_if_nothing_can_be_planned_and_2_for_other_content() {
    let bench = bench();
    bench.write("names.csv", "Hostname,Serial\nLT-1,5CG1\n");
    let names = bench.run(&["inspect", "names.csv"]);
    names.exits(7);
    names.prints("--match");
    for (name, text, expected) in [
        ("page.csv", "<!DOCTYPE html>\n<html></html>\n", "a web page"),
        (
            "mail.txt",
            "Hi team,\nplease remove these\n",
            "text: 'Hi team,'",
        ),
        (
            "answer.json",
            "{\"error\": \"expired\"}",
            "JSON without devices; its keys are error",
        ),
        ("value.json", "\"asd\"", "a single JSON value"),
        (
            "key.pem",
            "-----BEGIN CERTIFICATE-----\n",
            "a key or certificate",
        ),
        ("app.ini", "[server]\nport = 1\n", "a settings file"),
        (
            "card.vcf",
            "BEGIN:VCARD\nN:Doe;Jane\n",
            "a contact or calendar file",
        ),
        (
            "ids.txt",
            "a1b305c1\na1b405c1\nthen this one\n",
            "line 3: this is not a device list",
        ),
        (
            "shapes.csv",
            "Colour,Size\nred,3\n",
            "among its headers (Colour, Size)",
        ),
    ] {
        bench.write(name, text);
        let refused = bench.run(&["inspect", name]);
        assert_eq!(refused.code, Some(2), "{name}: {}", refused.stdout);
        assert!(
            refused.stderr.contains(expected),
            "{name}: {}",
            refused.stderr
        );
        let plan = bench.run(&["plan", name, "--action", "remove", "--all"]);
        assert_eq!(plan.code, Some(2), "{name}: {}", plan.stdout);
    }
    bench.write("empty.json", "{\"devices\": []}");
    let empty = bench.run(&["plan", "empty.json", "--action", "remove", "--all"]);
    empty.exits(7);
    empty.says("holds no devices");
}

#[test]
fn plan_refuses_incomplete_lists_with_a_remedy() {
    let bench = bench();
    let ours = |more: &str| format!("{{\"offboard_list\":1,{more}}}\n{{\"hwid\":\"a1b305c1\"}}\n");
    let half = "refusing an incompletely read list: list";
    for (text, expected) in [
        (
            ours("\"complete\":false"),
            format!("{half}: its fetch did not reach the end: fetch it again"),
        ),
        (
            "{\"hwid\":\"a1b305c1\"}\n{\"hwid\":\n".to_owned(),
            format!(
                "{half}: line 2 is not a whole JSON value: save the list again, or delete the line"
            ),
        ),
        (
            "HWID,Hostname\na1b305c1,LT-1\na1b305c2\n".to_owned(),
            format!(
                "{half}: line 3 does not have as many cells as the header: save the list again, \
                 or correct the line"
            ),
        ),
        (
            "[]".to_owned(),
            "nothing was planned: list holds no devices: save the list again".to_owned(),
        ),
        (
            ours("\"complete\":true,\"tenant\":\"https://other.example\""),
            "the list is of https://other.example, and the profile".to_owned(),
        ),
    ] {
        bench.write("list", &text);
        let plan = bench.run(&["plan", "list", "--action", "remove", "--all"]);
        assert_eq!(plan.code, Some(7), "{text}: {}", plan.stderr);
        assert!(plan.stderr.contains(&expected), "{text}: {}", plan.stderr);
    }
}

#[test]
fn parser_panic_is_one_line_on_stderr() {
    let bench = bench();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    // The record of the workbook's properties, without its content.
    for (name, content) in [
        ("[Content_Types].xml", &b""[..]),
        ("xl/workbook.bin", b"\x99\x01\0"),
    ] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .expect("a name");
        archive.write_all(content).expect("in memory");
    }
    let file = archive.finish().expect("in memory").into_inner();
    std::fs::write(bench.path("list.xlsb"), file).expect("written");
    let refused = bench.run(&["inspect", "list.xlsb"]);
    refused.exits(2);
    assert_eq!(
        refused.stderr,
        "offboard: list.xlsb: the workbook is damaged (its content can't be parsed): \
         open it in a spreadsheet program and save it again\n"
    );
}

#[test]
fn command_line_overrides_reading_options() {
    let bench = bench();
    bench.write(
        "cmdb.csv",
        "Geräte;Kennung;Gesehen am\nLT-1;a1b305c1;03.04.2026\n",
    );
    let plan = |more: &[&str]| {
        let mut arguments = vec!["plan", "cmdb.csv", "--action", "remove", "--all"];
        arguments.extend(["--output", "jsonl"]);
        arguments.extend(more);
        bench.run(&arguments)
    };
    assert_eq!(plan(&[]).code, Some(2));
    let read = plan(&[
        "--column",
        "hwid=Kennung",
        "--column",
        "seen=Gesehen am",
        "--date-order",
        "dmy",
    ]);
    assert!(
        read.stdout.contains("\"hwid\":\"a1b305c1\""),
        "{}{}",
        read.stdout,
        read.stderr
    );
    assert!(
        read.stdout.contains("\"old-list\""),
        "the dates are read: {}",
        read.stdout
    );
    let wrong = plan(&["--column", "kennung=hwid"]);
    wrong.exits(2);
    wrong.says("unknown field 'kennung'");
}

#[test]
fn where_queries_other_columns_by_header() {
    let bench = bench();
    bench.write("intune.csv", INTUNE);
    let plan = |query: &str| {
        bench.run(&[
            "plan",
            "intune.csv",
            "--action",
            "remove",
            "--where",
            query,
            "--output",
            "jsonl",
        ])
    };
    let corporate = plan("@\"Ownership\":corporate");
    assert!(
        corporate.stdout.contains("3c:52:82:93:88:53"),
        "{}{}",
        corporate.stdout,
        corporate.stderr
    );
    let by_field = plan("@\"Primary user UPN\":user83");
    by_field.prints("3c:52:82:93:88:53");
    let unknown = plan("@\"Owner\":x");
    unknown.exits(2);
    unknown.says("no column @\"Owner\"");
    unknown.says("Ownership");
}

#[test]
fn where_queries_columns_of_the_matched_list() {
    let bench = bench();
    bench.write("intune.csv", INTUNE);
    bench.write(
        "inventory.csv",
        "hwid,hostname,serial,last seen\na1b305c1,LT-0083,5CG083,2026-10-11\na1b405c1,LT-0084,5CG084,2026-10-12\n",
    );
    let plan = |query: &str| {
        bench.run(&[
            "plan",
            "intune.csv",
            "--match",
            "--inventory",
            "inventory.csv",
            "--action",
            "remove",
            "--where",
            query,
            "--output",
            "jsonl",
            "--allow",
            super::workbench::EVERY_WARNING,
        ])
    };
    let personal = plan("@\"Ownership\":personal");
    personal.exits(0);
    personal.prints("\"hwid\":\"a1b405c1\"");
    assert!(
        !personal.stdout.contains("\"hwid\":\"a1b305c1\""),
        "{}",
        personal.stdout
    );
    assert_eq!(plan("@\"Owner\":x").code, Some(2));
}

#[test]
fn match_finds_the_devices_of_leavers() {
    let bench = bench();
    bench.write(
        "inventory.csv",
        "hwid,hostname,user,last seen\na1b305c1,LT-1,CORP\\ada,2026-10-01\na1b405c1,LT-2,CORP\\bob,2026-10-01\na1b505c1,LT-3,bob,2026-10-02\n",
    );
    bench.write(
        "leavers.csv",
        "Name,E-Mail\nAda Lovelace,ada@corp.example\nBob Ross,bob@corp.example\nEve Doe,eve@corp.example\n",
    );
    let plan = |more: &[&str]| {
        let mut arguments = vec![
            "plan",
            "leavers.csv",
            "--match",
            "--inventory",
            "inventory.csv",
        ];
        arguments.extend(["--action", "remove", "--output", "jsonl"]);
        arguments.extend(["--allow", super::workbench::EVERY_WARNING]);
        arguments.extend(more);
        bench.run(&arguments)
    };
    let refused = plan(&["--skip-missing"]);
    refused.exits(7);
    let planned = plan(&["--skip-missing", "--all-devices"]);
    planned.exits(0);
    for hwid in ["a1b305c1", "a1b405c1", "a1b505c1"] {
        planned.prints(&format!("\"hwid\":\"{hwid}\""));
    }
    planned.prints("\"event\":\"match\"");
    planned.prints("\"matched_by\":\"user\"");
}

#[test]
fn max_rows_limits_the_rows_of_an_archive() {
    let bench = bench();
    let encoder = std::fs::File::create(bench.path("rows.gz")).expect("a file");
    let mut encoder = flate2::write::GzEncoder::new(encoder, flate2::Compression::best());
    encoder
        .write_all(&b"abc1234\n".repeat(5_000))
        .expect("written");
    encoder.finish().expect("written");
    bench.configure("[lists]\nmax_rows = 4999");
    let refused = bench.run(&["inspect", "rows.gz"]);
    refused.exits(2);
    assert!(
        refused
            .stderr
            .contains("rows.gz has more than 4999 rows: raise `max_rows` in [lists]"),
        "{}",
        refused.stderr
    );
    bench.reconfigure("4999", "5000");
    let read = bench.run(&["inspect", "rows.gz"]);
    read.exits(0);
    read.prints("5,000 rows · 1 by HWID, 0 by MAC, 0 left out, 4,999 merged into another");
}
