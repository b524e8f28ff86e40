//! Imports lists of other systems on the screen.

use rust_xlsxwriter::Workbook;
use serde_json::Value;

use super::matching::{HWID, bench};
use super::terminal::{Terminal, requested_count};

#[test]
fn import_of_a_workbook_shows_persons_and_plans_by_user() {
    let bench = bench();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip([
        ["Name", "E-Mail"],
        ["Ada Lovelace", "ada@corp.example"],
        ["Robert Ross", "bob@corp.example"],
        ["Mallory", "mallory@corp.example"],
    ]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).expect("a cell");
        }
    }
    let path = bench.path("leavers.xlsx");
    workbook.save(path).expect("a workbook");

    let mut terminal = Terminal::start(&bench, &["whole.jsonl"], 120, 40);
    terminal.wait_for("LT-3");
    terminal.press("I");
    terminal.wait_for("ctrl-d show matches");
    terminal.press("\t");
    terminal.wait_for("enter read it");
    terminal.press("leavers.xlsx\r");
    let screen = terminal.wait_for("3 persons · 1 with one device · 1 with several · 1 without");
    for shown in [
        "1 device chosen",
        "none chosen: space",
        "no device (line 4)",
    ] {
        assert!(screen.contains(shown), "{shown}:\n{screen}");
    }
    terminal.press("j ");
    terminal.wait_for("3 devices chosen");
    terminal.press("\r");
    terminal.wait_for("● 3");

    terminal.press_until("d", "the choice of an action", |screen| {
        screen.contains("What should happen to")
    });
    terminal.press("a");
    let screen = terminal.wait_for("leavers.xlsx: 3 by user");
    assert_eq!(screen.matches(" by user ").count(), 4, "{screen}");
    let count = requested_count(&terminal);
    assert_eq!(count, "3");
    terminal.wait_for("to send:  ▏");
    terminal.type_count(&count);
    terminal.wait_for("finished");
    terminal.press("q");
    // The tenant has none of them, and what failed stays marked.
    terminal.wait_for("saved for the next start");
    terminal.press("y");
    terminal.exit_code();

    let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    let rule = |device: &Value| device["matched_by"].as_str().map(str::to_owned);
    let devices = export.events("device");
    let rules: Vec<_> = devices.iter().map(rule).collect();
    assert_eq!(rules, vec![Some("user".to_owned()); 3], "{}", export.stdout);
    let mut sent: Vec<String> = bench.sends().into_keys().collect();
    sent.sort();
    assert_eq!(sent, &HWID[..3]);
    let report = bench.run(&["runs", "export", "last", "--format", "markdown"]);
    report.prints("leavers.xlsx");
}
