//! An administrator's afternoon, with the keyboard, in a real pseudo-terminal: 2,000 devices, the stale
//! twins of reimaged laptops, a ticket's list, an archive, the questions afterwards, the report.

use std::collections::HashMap;

use offboard::simulator::SimulatorSettings;
use serde_json::Value;

use super::terminal::{Terminal, requested_count};
use super::workbench::Workbench;

#[test]
fn stale_reimaged_laptops_are_archived_looked_up_retried_and_reported() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 2000,
        faults: "reset-after@3".parse().expect("a plan"),
        ..SimulatorSettings::default()
    });
    bench.protect("type:server");
    bench.configure_run("on_doubt = \"hold\"");
    let config = bench.config();
    let more = "[filters]\nreimaged = \"stale:hostname type:laptop\"\n";
    bench.write("config.toml", &format!("{config}{more}"));

    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    archive_the_stale_ones(&bench, &mut terminal);
    ask_why_and_retry(&mut terminal);
    let code = terminal.exit_code();
    assert!(matches!(code, 0 | 3 | 4), "{code}");
    report(&bench);

    // The next day it is as it was left.
    let mut terminal = Terminal::start(&bench, &["devices.json"], 80, 24);
    terminal.wait_for("R restores");
    terminal.press("R");
    terminal.wait_for("/ stale:hostname");
    terminal.press("q");
    terminal.wait_for("saved for the next start");
    terminal.press("y");
    terminal.exit_code();
}

/// Finds them by a filter of the configuration, adds a ticket's, and archives them.
fn archive_the_stale_ones(bench: &Workbench, terminal: &mut Terminal) {
    terminal.wait_for(" shown");
    terminal.press("F");
    terminal.wait_for("stale:hostname type:laptop");
    terminal.press("\r");
    terminal.wait_for("/ stale:hostname type:laptop");
    terminal.press("a");
    terminal.wait_for("marked");
    // The ticket names some devices, one of them a protected server, and somebody.
    let plan = bench.run(&[
        "plan",
        "devices.json",
        "--action",
        "archive",
        "--all",
        "--output",
        "jsonl",
    ]);
    let servers = plan.events("left_out");
    let server = servers.iter().find(|row| {
        row["hwid"].is_string()
            && row["reason"]
                .as_str()
                .is_some_and(|why| why == "protected: type:server")
    });
    let server = server.expect("a server")["hwid"]
        .as_str()
        .expect("a HWID")
        .to_owned();
    let hwids = bench.known_hwids();
    let ticket = format!(
        "• {}\r\n“{}”\r\n{server}\r\nLT-nobody\r\n",
        hwids[10], hwids[20]
    );
    terminal.press("I");
    terminal.wait_for("ctrl-d show matches");
    terminal.press(&format!("\u{1b}[200~{ticket}\u{1b}[201~"));
    terminal.wait_for("LT-nobody");
    terminal.wait_out_paste();
    terminal.press("\u{4}");
    terminal.wait_for("3 matched");
    terminal.wait_for("enter adds");
    terminal.press("\r");
    terminal.wait_for("hidden");

    terminal.press_until("d", "the choice of an action", |screen| {
        screen.contains("What should happen to")
    });
    terminal.press("a");
    terminal.wait_for("protected: type:server");
    let count = terminal.confirm();
    terminal.wait_for("finished");
    assert!(
        !bench.sends().contains_key(&server),
        "a protected server is never sent"
    );
    assert_eq!(bench.sends().len().to_string(), count);
    only_the_stale_twins_were_sent(bench, &[&hwids[10], &hwids[20]]);
}

/// Of the laptops that share a host name, all but the one seen last were sent, though its MAC is
/// theirs; of the others only what the ticket names.
fn only_the_stale_twins_were_sent(bench: &Workbench, ticket: &[&String]) {
    let list = std::fs::read_to_string(bench.path("devices.json")).expect("a list");
    let list: Vec<Value> = serde_json::from_str(&list).expect("JSON");
    let text = |device: &Value, field: &str| device[field].as_str().unwrap_or_default().to_owned();
    let mac = |device: &Value| text(&device["network_info"][0], "mac_addr");
    // Rows of one HWID are one device, seen last when the newest of them was.
    let mut devices: HashMap<String, &Value> = HashMap::new();
    for row in list.iter().filter(|row| !text(row, "hwid").is_empty()) {
        let device = devices.entry(text(row, "hwid")).or_insert(row);
        if text(row, "last_seen") > text(device, "last_seen") {
            *device = row;
        }
    }
    let mut names: HashMap<String, Vec<&Value>> = HashMap::new();
    for device in devices.into_values() {
        let name = text(device, "hostname").to_lowercase();
        names.entry(name).or_default().push(device);
    }
    let sends = bench.sends();
    let (mut stale, mut shared) = (0, 0);
    for (name, mut twins) in names {
        twins.sort_by_key(|device| text(device, "last_seen"));
        let live = twins[twins.len() - 1];
        let undecided = twins.len() < 2
            || text(twins[0], "last_seen").is_empty()
            || text(twins[twins.len() - 2], "last_seen") == text(live, "last_seen")
            || ["", "localhost"].contains(&name.as_str());
        for device in &twins {
            let hwid = text(device, "hwid");
            let is_stale = !undecided
                && text(live, "hwid") != hwid
                && text(device, "machine_type") == "laptop";
            let requested_count = is_stale || ticket.contains(&&hwid);
            assert_eq!(sends.contains_key(&hwid), requested_count, "{name} {hwid}");
            stale += usize::from(is_stale);
            shared += usize::from(is_stale && mac(live) == mac(device));
        }
    }
    assert!(
        stale > 10 && shared > 10,
        "{stale} stale, {shared} with a live one's MAC"
    );
}

fn ask_why_and_retry(terminal: &mut Terminal) {
    terminal.press("f");
    terminal.wait_for("in doubt: no answer");
    terminal.wait_for("look it up");
    // Why? Of the first device.
    terminal.press("j");
    terminal.press("w");
    terminal.wait_for("Look");
    terminal.press("\r");
    terminal.wait_for("looked up");
    // The last one once more, through the same confirmation.
    terminal.press("Gk");
    terminal.press("r");
    let again = requested_count(terminal);
    assert_eq!(again, "1");
    terminal.type_count(&again);
    terminal.wait("the retry has ended", |screen| screen.contains("1/1"));
    terminal.press("H");
    terminal.wait_for("archive");
    terminal.press("q");
    terminal.wait_for("/ stale:hostname");
    terminal.press("q");
    terminal.wait_for("saved for the next start");
    terminal.press("y");
}

fn report(bench: &Workbench) {
    let runs = bench.run(&["runs", "--output", "jsonl"]);
    let first: Value =
        serde_json::from_str(runs.stdout.lines().last().expect("a run")).expect("JSON");
    let name = first["run"].as_str().expect("a name");
    let report = bench.run(&[
        "runs",
        "export",
        name,
        "--format",
        "markdown",
        "-o",
        "report.md",
    ]);
    report.exits(0);
    let report = std::fs::read_to_string(bench.path("report.md")).expect("written");
    assert!(
        report.contains("In doubt: no answer") && report.contains("## Calls made"),
        "{report}"
    );
}
