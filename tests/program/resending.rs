//! The one resend that is allowed by itself: by HWID, once, in the process that lost the answer.

use offboard::simulator::Settings;

use super::workbench::{Output, WINDOW, Workbench};

/// Runs 20 known devices, of which the second call's answer is lost in this way.
fn run(fault: &str) -> (Workbench, Output) {
    let bench = Workbench::new(Settings {
        devices: 60,
        faults: fault.parse().expect("a plan"),
        ..Settings::default()
    });
    bench.write("some.txt", &bench.known_hwids()[..20].join("\n"));
    let run = bench.run_of("some.txt", "20", &[]);
    (bench, run)
}

#[test]
fn answer_lost_after_it_was_applied_is_resent_once_and_gone() {
    let (bench, run) = run("reset-after@2");
    let summary = run.event("summary");
    assert_eq!(
        (run.code, &summary["accepted"], &summary["gone"]),
        (Some(3), &5.into(), &15.into()),
        "{}",
        run.stderr
    );
    assert_eq!(bench.sizes(), [5, 15, 15]);
    let deletes = bench.deletes();
    let sent = |call: usize| {
        deletes[call]
            .delete
            .as_ref()
            .expect("sent")
            .identifiers
            .clone()
    };
    assert_eq!(sent(1), sent(2), "those in doubt, and only they");
    // A minute is a window here.
    assert!(deletes[2].at >= deletes[1].at + WINDOW);
    run.says("will be resent once");
}

#[test]
fn answer_lost_before_it_was_applied_is_resent_once_and_accepted() {
    let (bench, run) = run("reset-before@2");
    let summary = run.event("summary");
    assert_eq!(
        (run.code, &summary["accepted"]),
        (Some(0), &20.into()),
        "{}",
        run.stderr
    );
    assert_eq!(bench.sizes(), [5, 15, 15]);
}

#[test]
fn resend_whose_answer_is_lost_too_is_the_last() {
    let (bench, run) = run("reset-after@2,reset-after@3");
    let summary = run.event("summary");
    assert_eq!(
        (run.code, &summary["in_doubt"]),
        (Some(4), &15.into()),
        "{}",
        run.stderr
    );
    assert_eq!(bench.sizes(), [5, 15, 15], "and never a third time");
}

#[test]
fn on_doubt_hold_resends_nothing() {
    let bench = Workbench::new(Settings {
        devices: 60,
        faults: "reset-after@2".parse().expect("a plan"),
        ..Settings::default()
    });
    bench.configure_run("on_doubt = \"hold\"");
    bench.write("some.txt", &bench.known_hwids()[..20].join("\n"));
    let run = bench.run_of("some.txt", "20", &[]);
    run.exits(4);
    assert_eq!(bench.sizes(), [5, 15]);
}

/// A MAC can match another device the second time. Its run would wait for a resend as one by HWID
/// does, were there to be one.
#[test]
fn devices_sent_by_mac_are_not_resent() {
    let bench = Workbench::new(Settings {
        devices: 60,
        faults: "reset-after@2".parse().expect("a plan"),
        ..Settings::default()
    });
    let list: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("devices.json")).expect("read"))
            .expect("JSON");
    let macs: std::collections::BTreeSet<&str> = list
        .as_array()
        .expect("a list")
        .iter()
        .filter(|device| device["hwid"].as_str().is_some_and(|hwid| !hwid.is_empty()))
        .filter_map(|device| device["network_info"][0]["mac_addr"].as_str())
        .filter(|mac| !mac.is_empty())
        .collect();
    let macs: Vec<&str> = macs.into_iter().collect();
    bench.write("macs.txt", &macs.join("\n"));
    let count = bench.count_of("macs.txt");
    let run = bench.run_of("macs.txt", &count, &[]);
    let in_doubt = bench.sizes()[1] as u64;
    run.exits(4);
    assert_eq!(run.event("summary")["in_doubt"], in_doubt);
    assert!(bench.sends().values().all(|&sends| sends == 1));
}
