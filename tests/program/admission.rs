//! Whether earlier runs forbid that a device is sent is decided when a run is admitted, whatever was
//! true when its plan was made.

use offboard::simulator::SimulatorSettings;

use super::workbench::{Output, Workbench, ended, in_parallel};

fn bench(settings: SimulatorSettings) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices: 60,
        ..settings
    })
}

/// Writes a plan of `list` to a file of this name.
fn freeze(bench: &Workbench, list: &str, action: &str, name: &str, more: &[&str]) {
    let plan = ["plan", list, "--action", action, "--all", "-o", name];
    let frozen = bench.run(&[&plan[..], more].concat());
    frozen.exits(0);
}

fn send(bench: &Workbench, name: &str) -> Output {
    bench.run(&["run", "--output", "jsonl", "--plan", name])
}

#[test]
fn second_plan_of_the_same_devices_is_refused_after_the_first_was_sent() {
    for action in ["remove", "archive", "uninstall"] {
        let bench = bench(SimulatorSettings::default());
        let hwids = &bench.known_hwids()[..5];
        bench.write("leavers.csv", &format!("hwid\n{}\n", hwids.join("\n")));
        freeze(&bench, "leavers.csv", action, "first.json", &[]);
        freeze(&bench, "leavers.csv", action, "second.json", &[]);
        let first = send(&bench, "first.json");
        first.exits(0);
        let run = first.event("plan")["run"]
            .as_str()
            .expect("a run")
            .to_owned();
        let second = send(&bench, "second.json");
        second.exits(7);
        for said in [
            format!("{}: ", hwids[0]),
            format!(" earlier, by run {run}"),
            "plan again".to_owned(),
        ] {
            assert!(second.stderr.contains(&said), "{said}: {}", second.stderr);
        }
        assert!(bench.sends().values().all(|&times| times == 1));
        let third = bench.plan_of("leavers.csv", action, &[]);
        let left_out = third.events("left_out");
        assert_eq!(left_out.len(), 5, "{}", third.stdout);
        let reason = left_out[0]["reason"].as_str().expect("a reason");
        assert!(
            reason.ends_with(&format!(" earlier, by run {run}")),
            "{reason}"
        );
    }
}

#[test]
fn processes_that_run_one_list_at_once_send_each_device_once() {
    let rounds: Vec<&str> = ["remove", "archive", "uninstall"].repeat(2);
    in_parallel(&rounds, |action| {
        let bench = bench(SimulatorSettings::default());
        let hwids = &bench.known_hwids()[..5];
        bench.write("leavers.csv", &format!("hwid\n{}\n", hwids.join("\n")));
        let run = [
            "run",
            "leavers.csv",
            "--all",
            "--action",
            action,
            "--expect-count",
            "5",
        ];
        let started: Vec<_> = (0..6).map(|_| bench.start(&run)).collect();
        let ended: Vec<Output> = started.into_iter().map(ended).collect();
        let mut codes: Vec<_> = ended.iter().map(|output| output.code).collect();
        codes.sort_unstable();
        let (accepted, refused) = (Some(0), Some(7));
        assert_eq!(
            codes,
            [accepted, refused, refused, refused, refused, refused],
            "{action}"
        );
        let sends = bench.sends();
        assert_eq!(sends.len(), 5, "{action}");
        assert!(sends.values().all(|&times| times == 1), "{action}");
    });
}

#[test]
fn hwid_in_another_case_is_the_same_device() {
    let bench = bench(SimulatorSettings::default());
    let hwid = bench.known_hwids()[0].clone();
    let other = hwid.to_ascii_lowercase();
    let other = if other == hwid {
        hwid.to_ascii_uppercase()
    } else {
        other
    };
    assert_ne!(other, hwid);
    bench.write("first.csv", &format!("hwid\n{hwid}\n"));
    bench.write("second.csv", &format!("hwid\n{other}\n"));
    freeze(&bench, "second.csv", "remove", "second.json", &[]);
    let first = bench.run_of("first.csv", "1", &[]);
    first.exits(0);
    let second = send(&bench, "second.json");
    second.exits(7);
    assert_eq!(bench.deletes().len(), 1);
}

#[test]
fn device_in_doubt_under_its_mac_is_not_sent_by_that_mac_under_another_hwid() {
    let bench = bench(SimulatorSettings {
        faults: "reset-after@1".parse().expect("a plan"),
        ..SimulatorSettings::default()
    });
    let mac = "00:0c:29:5a:11:07";
    bench.write("by-mac.csv", &format!("hostname,mac\nLT-1,{mac}\n"));
    bench.write(
        "reimaged.csv",
        &format!("hostname,hwid,mac\nLT-1,new-hwid-1,{mac}\n"),
    );
    freeze(
        &bench,
        "reimaged.csv",
        "remove",
        "reimaged.json",
        &["--identify-by", "mac"],
    );
    let first = bench.run_of("by-mac.csv", "1", &[]);
    first.exits(4);
    let frozen = send(&bench, "reimaged.json");
    frozen.exits(7);
    frozen.says("in doubt in run");
    for by in ["mac", "hwid"] {
        let plan = bench.plan_of("reimaged.csv", "remove", &["--identify-by", by]);
        assert_eq!(plan.event("plan")["devices"], 0, "by {by}: {}", plan.stdout);
    }
    assert_eq!(bench.arrived(), 1);
}
