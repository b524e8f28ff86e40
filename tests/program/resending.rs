//! The one resend that is allowed by itself: by HWID, once, in the process that lost the answer.

use offboard::simulator::SimulatorSettings;

use super::workbench::{Output, WINDOW, Workbench};

/// Runs 20 known devices, of which the second call's answer is lost in this way.
fn run(fault: &str) -> (Workbench, Output) {
    let bench = Workbench::new(SimulatorSettings {
        devices: 60,
        faults: fault.parse().expect("a plan"),
        ..SimulatorSettings::default()
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
fn on_doubt_hold_resends_nothing() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 60,
        faults: "reset-after@2".parse().expect("a plan"),
        ..SimulatorSettings::default()
    });
    bench.configure_run("on_doubt = \"hold\"");
    bench.write("some.txt", &bench.known_hwids()[..20].join("\n"));
    let run = bench.run_of("some.txt", "20", &[]);
    run.exits(4);
    assert_eq!(bench.sizes(), [5, 15]);
}
