//! The same job without a screen.

use std::collections::{HashMap, HashSet};

use offboard::simulator::SimulatorSettings;

use super::budget::keeps_to_the_limit;
use super::workbench::{Output, Workbench};

fn settings() -> SimulatorSettings {
    SimulatorSettings {
        devices: 300,
        ..SimulatorSettings::default()
    }
}

#[test]
fn plan_sends_nothing_and_prints_everything() {
    let bench = Workbench::new(settings());
    let plan = bench.plan_of("devices.json", "archive", &[]);
    let line = plan.event("plan");
    assert!(line["run"].is_null());
    assert_eq!(line["action"], "archive");
    assert_eq!(line["devices"], plan.events("device").len());
    assert_eq!(line["unusable"], plan.events("left_out").len());
    assert!(
        plan.events("device")
            .iter()
            .all(|device| device["outcome"] == "planned")
    );
    let by = |key: &str| line[key].as_u64().expect("a number");
    assert_eq!(by("by_hwid") + by("by_mac"), by("devices"));
    assert!(by("by_mac") > 0 && by("repeated") > 0 && by("unusable") > 0);
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn run_sends_exactly_what_the_plan_showed_within_the_rate_limit() {
    let bench = Workbench::new(settings());
    let planned = bench.plan_of("devices.json", "remove", &[]);
    let count = planned.event("plan")["devices"].to_string();
    let run = bench.run_of("devices.json", &count, &[]);
    let summary = run.event("summary");
    assert_eq!(
        (run.code, &summary["state"]),
        (Some(3), &"finished".into()),
        "{}",
        run.stderr
    );

    let identifier = |device: &serde_json::Value| {
        let hwid = device["hwid"].as_str().map(str::to_owned);
        hwid.or_else(|| device["mac"].as_str().map(str::to_owned))
            .expect("an identifier")
    };
    let expected: Vec<String> = planned.events("device").iter().map(identifier).collect();
    let deletes = bench.deletes();
    let sent: Vec<String> = deletes
        .iter()
        .flat_map(|call| call.delete.clone().expect("a delete call").identifiers)
        .collect();
    assert_eq!(sent, expected, "in this order, and each once");
    assert!(deletes.iter().all(|call| {
        call.delete
            .as_ref()
            .is_some_and(|delete| delete.opt == Some(1))
    }));
    assert_eq!(
        deletes.len(),
        usize::try_from(planned.event("plan")["calls"].as_u64().expect("calls")).expect("small")
    );

    let applied: HashMap<String, bool> = deletes
        .iter()
        .flat_map(|call| {
            let delete = call.delete.clone().expect("a delete call");
            delete.identifiers.into_iter().zip(delete.applied)
        })
        .collect();
    for device in run.events("device") {
        let outcome = if applied[&identifier(&device)] {
            "accepted"
        } else {
            "failed"
        };
        assert_eq!(device["outcome"], outcome, "{device}");
        assert_eq!(device["http_status"], 200);
        let mut listed = planned.events("device").into_iter();
        let listed = listed.find(|planned| identifier(planned) == identifier(&device));
        let listed = listed.expect("a planned device");
        for field in ["user", "last_seen", "type", "group", "status"] {
            assert!(listed[field].is_string(), "{field}: {listed}");
            assert_eq!(device[field], listed[field], "{field}");
        }
    }
    assert_eq!(run.events("device").len(), expected.len());

    let received = bench.simulator.received();
    assert!(received.iter().all(|call| call.status != Some(429)));
    keeps_to_the_limit(&bench);
}

#[test]
fn history_has_the_run_and_exports_it() {
    let bench = Workbench::new(settings());
    let run = bench.run_of("devices.json", &bench.count(), &["--note", "CHG-4711"]);
    let name = run.event("plan")["run"].as_str().expect("a run").to_owned();
    let list = bench.run(&["runs", "--output", "jsonl"]);
    let line: serde_json::Value = serde_json::from_str(list.stdout.trim()).expect("one line");
    assert_eq!(
        (&line["run"], &line["note"], &line["state"]),
        (&name.clone().into(), &"CHG-4711".into(), &"finished".into())
    );
    let show = bench.run(&["runs", "show", &name[..4]]);
    assert!(
        show.stdout.contains("failed: not found") && show.stdout.contains("CHG-4711"),
        "{}",
        show.stdout
    );
    let export = bench.run(&["runs", "export", "last", "--format", "jsonl"]);
    let sorted = |output: &Output| {
        let mut devices: Vec<String> = output
            .events("device")
            .iter()
            .map(ToString::to_string)
            .collect();
        devices.sort();
        devices
    };
    assert_eq!(sorted(&export), sorted(&run));
    assert_eq!(export.event("summary"), run.event("summary"));
    let again = bench.plan_of("devices.json", "remove", &[]);
    assert!(again.events("left_out").iter().any(|row| {
        row["reason"]
            .as_str()
            .is_some_and(|reason| reason.starts_with("removed earlier"))
    }));
}

#[test]
fn empty_selection_sends_nothing_and_exits_0() {
    let bench = Workbench::new(settings());
    let nobody = ["--where", "hostname=nobody"];
    let none = bench.run(&[&["run", "devices.json", "--action", "remove"][..], &nobody].concat());
    none.exits(0);
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn run_that_only_accepts_exits_0() {
    let bench = Workbench::new(settings());
    bench.write("known.txt", &bench.known_hwids()[..20].join("\n"));
    let run = bench.run_of("known.txt", "20", &[]);
    let summary = run.event("summary");
    assert_eq!(
        (run.code, &summary["accepted"], &summary["exit"]),
        (Some(0), &20.into(), &0.into()),
        "{}",
        run.stderr
    );
}

#[test]
fn run_that_pauses_exits_5_and_is_resumed_by_its_count() {
    let faults = "403@2".parse().expect("a plan");
    let bench = Workbench::new(SimulatorSettings {
        faults,
        ..settings()
    });
    let count = bench.count();
    let run = bench.run_of("devices.json", &count, &[]);
    let summary = run.event("summary");
    assert_eq!(
        (run.code, &summary["state"]),
        (Some(5), &"paused".into()),
        "{}",
        run.stderr
    );
    assert!(
        summary["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("403"))
    );
    let there_is = |bench: &Workbench| bench.run(&["resume"]).stdout;
    assert!(there_is(&bench).contains("paused"), "{}", there_is(&bench));
    let config = bench.config();
    let other = config.replacen("[limits]", "account = \"other\"\n[limits]", 1);
    bench.write("config.toml", &other);
    assert_eq!(there_is(&bench), "no run to resume\n", "of this account");
    let doctor = bench.run(&["doctor"]).stdout;
    assert!(!doctor.contains("unfinished"), "{doctor}");
    bench.write("config.toml", &config);
    let wrong = bench.resume("1");
    wrong.exits(7);
    let resumed = bench.resume(&summary["left"].to_string());
    assert_eq!(
        (resumed.code, &resumed.event("summary")["state"]),
        (Some(3), &"finished".into()),
        "{}",
        resumed.stderr
    );
    assert_eq!(resumed.event("plan"), run.event("plan"));
    let devices_printed = resumed.events("device");
    let accepted = devices_printed
        .iter()
        .filter(|line| line["outcome"] == "accepted");
    assert_eq!(
        resumed.event("summary")["accepted"],
        accepted.count(),
        "outcomes of the first process are printed too"
    );
    let devices: HashSet<String> = devices_printed
        .iter()
        .map(|line| line["hwid"].to_string() + &line["mac"].to_string())
        .collect();
    assert_eq!(
        (devices.len(), devices_printed.len()),
        (devices_printed.len(), count.parse().expect("a number"))
    );
    let answered = |call: &offboard::simulator::Received| call.status == Some(200);
    let mut sent: Vec<String> = bench
        .deletes()
        .into_iter()
        .filter(answered)
        .flat_map(|call| call.delete.expect("a delete call").identifiers)
        .collect();
    assert_eq!(sent.len().to_string(), count);
    sent.sort();
    sent.dedup();
    assert_eq!(
        sent.len().to_string(),
        count,
        "nothing definite is sent again"
    );
}

#[test]
fn lost_answer_by_mac_ends_in_doubt_and_exits_4() {
    let faults = "reset-after@1".parse().expect("a plan");
    let bench = Workbench::new(SimulatorSettings {
        faults,
        ..settings()
    });
    bench.write("macs.csv", "mac\n00:0c:29:11:22:33\n00:0c:29:11:22:34\n");
    let run = bench.run_of("macs.csv", "2", &[]);
    run.exits(4);
    assert!(
        run.events("device")
            .iter()
            .all(|device| device["outcome"] == "in_doubt")
    );
    assert_eq!(bench.deletes().len(), 1, "by MAC nothing is resent");
}

/// Accepted, and reported once.
#[test]
fn unusual_content_type_is_reported_once() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 120,
        faults: "text-type@1,text-type@2".parse().expect("a plan"),
        ..SimulatorSettings::default()
    });
    let known = bench.known_hwids();
    bench.write("known.txt", &known[..60].join("\n"));
    let run = bench.run_of("known.txt", "60", &[]);
    run.exits(0);
    assert_eq!(bench.sizes(), [5, 50, 5]);
    let notices = run.stderr.matches("unusual content type").count();
    assert_eq!(notices, 1, "{}", run.stderr);
}

/// More calls are counted there than were made here.
#[test]
fn another_client_of_the_account_is_reported() {
    let bench = Workbench::with(60);
    bench.write("known.txt", &bench.known_hwids()[..5].join("\n"));
    let alone = bench.run_of("known.txt", "5", &[]);
    assert!(!alone.stderr.contains("another client"), "{}", alone.stderr);
    // Its calls are on a state directory that this one knows nothing of.
    let doctor = Output::of(bench.command_in("elsewhere", &["doctor"]));
    doctor.exits(0);
    bench.write("more.txt", &bench.known_hwids()[5..10].join("\n"));
    let together = bench.run_of("more.txt", "5", &[]);
    let notices = together.stderr.matches("another client uses the account");
    assert_eq!(notices.count(), 1, "{}", together.stderr);
}

#[test]
fn expected_count_is_checked_even_without_a_device_to_send() {
    let bench = Workbench::new(settings());
    let run = |count: &[&str]| {
        let run = [
            "run",
            "devices.json",
            "--action",
            "remove",
            "--where",
            "hostname=nobody",
        ];
        bench.run(&[&run[..], count].concat())
    };
    let wrong = run(&["--expect-count", "137"]);
    wrong.exits(7);
    assert!(
        wrong
            .stderr
            .contains("expected 137 devices, but the plan has 0"),
        "{}",
        wrong.stderr
    );
    for right in [&["--expect-count", "0"][..], &[]] {
        let none = run(right);
        none.exits(0);
    }
}
