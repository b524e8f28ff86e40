//! Lookups of a tenant behind a gateway, which may answer in its place at any time.

use std::sync::{Arc, Mutex};

use super::hostile::{Answer, SECRET, bench};
use super::workbench::{Output, WINDOW, in_parallel};

/// The answer to the Device Details call of this number, from 1, about the device of this name.
type Details = fn(call: usize, name: &str) -> Answer;

fn present(hwid: &str) -> Answer {
    let device = serde_json::json!({ "hwid": hwid, "hostname": "LT-1" });
    Answer::new(200, device.to_string())
}

fn absent() -> Answer {
    Answer::new(404, r#"{"error":"not found"}"#)
}

/// Leaves six devices in doubt, fetches an inventory of two others, and looks the six up. Returns the
/// last output and the names that were looked up.
fn look_up_six(details: Details) -> (Output, Vec<String>) {
    let looked_up = Arc::new(Mutex::new(Vec::new()));
    let seen = looked_up.clone();
    let bench = bench(SECRET, move |request| match request.path.as_str() {
        "/o/oauth/token" => Answer::token("t0ken"),
        "/o/api/v2/devices/delete" => Answer::new(502, "{}"),
        "/o/api/v3.7/devices" => {
            let device = |hwid: &str| serde_json::json!({ "hwid": hwid, "hostname": hwid });
            let devices = [device("control-1"), device("control-2")];
            Answer::new(200, serde_json::json!({ "devices": devices }).to_string())
        }
        path => {
            let name = path.rsplit('/').next().unwrap_or_default();
            let mut seen = seen.lock().expect("lookups");
            seen.push(name.to_owned());
            details(seen.len(), name)
        }
    });
    // By MAC, so that nothing is resent.
    let macs: Vec<String> = (10..16)
        .map(|last| format!("00:0c:29:11:22:{last}"))
        .collect();
    bench.write("macs.txt", &macs.join("\n"));
    assert_eq!(bench.run_of("macs.txt", "6", &[]).code, Some(4));
    assert_eq!(bench.run(&["fetch", "-q"]).code, Some(0));
    let verified = bench.run(&["resume", "last", "--verify", "--output", "jsonl"]);
    let looked_up = looked_up.lock().expect("lookups").clone();
    (verified, looked_up)
}

#[test]
fn lookups_believe_404_only_if_a_device_has_answered_before_and_after() {
    // The first answer shows that the path is open; then a gateway closes it.
    let (verified, looked_up) = look_up_six(|call, name| match call {
        1 => present(name),
        _ => absent(),
    });
    let summary = verified.event("summary");
    let counts = (&summary["gone"], &summary["in_doubt"]);
    assert_eq!(counts, (&0.into(), &6.into()), "{}", verified.stderr);
    assert!(verified.stderr.contains("a gateway may have answered"));
    let expected = [
        "control", "10", "11", "12", "13", "14", "15", "control", "control",
    ];
    let kinds = looked_up.iter().map(|name| {
        let kind = name
            .split_once('-')
            .map_or_else(|| &name[name.len() - 2..], |(kind, _)| kind);
        kind.to_owned()
    });
    assert_eq!(kinds.collect::<Vec<_>>(), expected);
}

#[test]
fn lookups_ask_again_about_a_404_that_is_old_when_a_device_answers() {
    // A gateway answers twice. When it has opened, the devices are there.
    let (verified, looked_up) = look_up_six(|call, name| match call {
        2 => absent(),
        3 => {
            std::thread::sleep(WINDOW * 3);
            absent()
        }
        _ => present(name),
    });
    let summary = verified.event("summary");
    assert_eq!(summary["gone"], 0, "{}", verified.stderr);
    for device in [":10", ":11"] {
        let of_device = looked_up.iter().filter(|name| name.ends_with(device));
        assert_eq!(of_device.count(), 2, "{device}: {looked_up:?}");
    }
}

#[test]
fn lookups_believe_404_only_if_the_control_itself_has_answered() {
    let of_the_gateway = |_, name: &str| match name {
        name if name.starts_with("control") => present("gateway"),
        _ => absent(),
    };
    let in_another_case = |_, name: &str| match name {
        name if name.starts_with("control") => present(&name.to_uppercase()),
        _ => absent(),
    };
    let of_nobody = |_, name: &str| match name {
        name if name.starts_with("control") => Answer::new(200, r#"{"hostname":"gateway"}"#),
        _ => absent(),
    };
    let cases: [(Details, u64, usize); 3] = [
        (of_the_gateway, 0, 2),
        (of_nobody, 0, 2),
        (in_another_case, 6, 2),
    ];
    in_parallel(&cases, |&(details, gone, controls)| {
        let (verified, looked_up) = look_up_six(details);
        let summary = verified.event("summary");
        assert_eq!(summary["gone"], gone, "{}", verified.stderr);
        let tried = looked_up.iter().filter(|name| name.starts_with("control"));
        assert_eq!(tried.count(), controls, "{looked_up:?}");
    });
}

#[test]
fn lookups_take_unsent_devices_of_the_run_as_controls() {
    let looked_up = Arc::new(Mutex::new(Vec::new()));
    let seen = looked_up.clone();
    let bench = bench(SECRET, move |request| match request.path.as_str() {
        "/o/oauth/token" => Answer::token("t0ken"),
        "/o/api/v2/devices/delete" => Answer::accepted(request),
        path => {
            let name = path.rsplit('/').next().unwrap_or_default();
            seen.lock().expect("lookups").push(name.to_owned());
            // Those of the last call are gone.
            if name.starts_with("unsent") {
                present(name)
            } else {
                absent()
            }
        }
    });
    bench.configure("batch_size = 5\ncanary = 5");
    let sent = (0..10).map(|number| format!("sent-{number}"));
    let unsent = (0..10).map(|number| format!("unsent-{number}"));
    let rows: Vec<String> = sent.chain(unsent).collect();
    bench.write("hwids.csv", &format!("hwid\n{}\n", rows.join("\n")));
    let run = "run hwids.csv --action remove --all --allow most --expect-count 20";
    let run: Vec<&str> = run.split(' ').collect();
    let mut command = bench.command(&run);
    command.env("OFFBOARD_FAILPOINT", "intent-stored=kill@2");
    assert_eq!(Output::of(command).code, None);
    let verified = bench.run(&["resume", "last", "--verify", "--output", "jsonl"]);
    let summary = verified.event("summary");
    let counts = (&summary["gone"], &summary["in_doubt"]);
    assert_eq!(counts, (&5.into(), &0.into()), "{}", verified.stderr);
    let looked_up = looked_up.lock().expect("lookups").clone();
    let tried = looked_up.iter().filter(|name| name.starts_with("unsent"));
    assert_eq!(tried.count(), 2, "{looked_up:?}");
}
