//! The same job without a screen.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use offboard::simulator::Settings;

use super::workbench::{WINDOW, Workbench};

fn settings() -> Settings {
    Settings {
        devices: 300,
        ..Settings::default()
    }
}

#[test]
fn a_plan_sends_nothing_and_says_everything() {
    let bench = Workbench::new(settings());
    let plan = bench.run(&[
        "plan",
        "devices.json",
        "--action",
        "archive",
        "--all",
        "--output",
        "jsonl",
    ]);
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
fn a_run_sends_exactly_what_the_plan_showed_within_the_rate_limit() {
    let bench = Workbench::new(settings());
    let planned = bench.run(&[
        "plan",
        "devices.json",
        "--action",
        "remove",
        "--all",
        "--output",
        "jsonl",
    ]);
    let count = planned.event("plan")["devices"].to_string();
    let run = bench.run(&[
        "run",
        "devices.json",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        &count,
        "--allow",
        "most,recent",
        "--output",
        "jsonl",
    ]);
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
        assert_eq!(device["status"], 200);
    }
    assert_eq!(run.events("device").len(), expected.len());

    let received = bench.simulator.received();
    assert!(received.iter().all(|call| call.status != Some(429)));
    for calls in received.windows(11) {
        assert!(
            calls[10].at >= calls[0].at + WINDOW,
            "more than 10 calls in a window"
        );
    }
}

#[test]
fn the_history_has_the_run_and_exports_it() {
    let bench = Workbench::new(settings());
    let count = bench.count();
    let run = bench.run(&[
        "run",
        "devices.json",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        &count,
        "--allow",
        "most,recent",
        "--output",
        "jsonl",
        "--note",
        "CHG-4711",
    ]);
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
    let sorted = |output: &super::workbench::Output| {
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
    let again = bench.run(&[
        "plan",
        "devices.json",
        "--action",
        "remove",
        "--all",
        "--output",
        "jsonl",
    ]);
    assert!(again.events("left_out").iter().any(|row| {
        row["reason"]
            .as_str()
            .is_some_and(|reason| reason.starts_with("removed earlier"))
    }));
}

#[test]
fn refusals_send_nothing_and_exit_7() {
    let bench = Workbench::new(settings());
    let count = bench.count();
    let all = ["run", "devices.json", "--action", "remove", "--all"];
    let with = |more: &[&str]| bench.run(&[&all[..], more].concat());
    for (more, why) in [
        (
            &["--allow", "most,recent"][..],
            format!("--expect-count {count}"),
        ),
        (
            &["--allow", "most,recent", "--expect-count", "7"],
            "not 7".to_owned(),
        ),
        (&["--expect-count", &count], "most (".to_owned()),
        (
            &[
                "--allow",
                "most,recent",
                "--expect-count",
                &count,
                "--max-devices",
                "10",
            ],
            "max_devices = 10".to_owned(),
        ),
        (
            &[
                "--allow",
                "most,recent",
                "--expect-count",
                &count,
                "--read-only",
            ],
            "read-only".to_owned(),
        ),
    ] {
        let refused = with(more);
        assert_eq!(refused.code, Some(7), "{more:?}: {}", refused.stderr);
        assert!(
            refused.stderr.contains(&why),
            "{more:?}: {}",
            refused.stderr
        );
        let json = with(&[more, &["--output", "jsonl"]].concat());
        assert_eq!(
            (json.code, &json.event("summary")["exit"]),
            (Some(7), &7.into())
        );
    }
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn usage_and_configuration_errors_exit_2() {
    let bench = Workbench::new(settings());
    for arguments in [
        &["plan", "devices.json", "--action", "remove"][..],
        &["plan", "devices.json", "--action", "remove", "--where", " "],
        &[
            "plan",
            "devices.json",
            "--action",
            "remove",
            "--where",
            "hst:a",
        ],
        &["plan", "devices.json", "--action", "delete", "--all"],
        &["plan", "nowhere.json", "--action", "remove", "--all"],
        &[
            "plan",
            "config.toml",
            "--action",
            "remove",
            "--all",
            "--profile",
            "nobody",
        ],
        &["runs", "show", "nothing"],
        &["nonsense", "and", "more"],
    ] {
        let output = bench.run(arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}: {}", output.stderr);
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    let absent = bench.run(&["plan", "nowhere.json", "--action", "remove", "--all"]);
    let causes = absent.stderr.matches("No such file").count();
    assert_eq!(causes, 1, "a cause is told once: {}", absent.stderr);
    bench.write("broken.json", "[{\"hwid\":\"a\"},\n{\"hwid\":");
    let broken = bench.run(&["plan", "broken.json", "--action", "remove", "--all"]);
    assert_eq!(broken.code, Some(2));
    assert!(
        broken.stderr.contains("broken.json") && broken.stderr.contains('2'),
        "{}",
        broken.stderr
    );
}

#[test]
fn nothing_selected_is_nothing_to_send_and_exits_0() {
    let bench = Workbench::new(settings());
    let none = bench.run(&[
        "run",
        "devices.json",
        "--action",
        "remove",
        "--where",
        "hostname=nobody",
    ]);
    assert_eq!(none.code, Some(0), "{}", none.stderr);
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn a_run_that_only_accepts_exits_0() {
    let bench = Workbench::new(settings());
    let found = bench.run(&[
        "plan",
        "devices.json",
        "--action",
        "uninstall",
        "--where",
        "unseen>100d",
        "--output",
        "jsonl",
    ]);
    let count = found.event("plan")["devices"].to_string();
    let run = bench.run(&[
        "run",
        "devices.json",
        "--action",
        "uninstall",
        "--where",
        "unseen>100d",
        "--expect-count",
        &count,
        "--output",
        "jsonl",
    ]);
    let summary = run.event("summary");
    let failed = summary["failed"].as_u64().expect("a number");
    assert_eq!(
        run.code,
        Some(if failed == 0 { 0 } else { 3 }),
        "{}",
        run.stderr
    );
    assert_eq!(summary["exit"], run.code.expect("a code"));
}

#[test]
fn a_run_that_pauses_exits_5_and_is_resumed_by_its_count() {
    let faults = "403@2".parse().expect("a plan");
    let bench = Workbench::new(Settings {
        faults,
        ..settings()
    });
    let count = bench.count();
    let run = bench.run(&[
        "run",
        "devices.json",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        &count,
        "--allow",
        "most,recent",
        "--output",
        "jsonl",
    ]);
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
    let left = summary["left"].to_string();
    let there_is = |bench: &Workbench| bench.run(&["resume"]).stdout;
    assert!(there_is(&bench).contains("paused"), "{}", there_is(&bench));
    let config = std::fs::read_to_string(bench.path("config.toml")).expect("read");
    let other = config.replacen("[limits]", "account = \"other\"\n[limits]", 1);
    bench.write("config.toml", &other);
    assert_eq!(there_is(&bench), "no run to resume\n", "of this account");
    let doctor = bench.run(&["doctor"]).stdout;
    assert!(!doctor.contains("not over"), "{doctor}");
    bench.write("config.toml", &config);
    let wrong = bench.run(&["resume", "last", "--expect-count", "1"]);
    assert_eq!(wrong.code, Some(7), "{}", wrong.stderr);
    let resumed = bench.run(&[
        "resume",
        "last",
        "--expect-count",
        &left,
        "--output",
        "jsonl",
    ]);
    assert_eq!(
        (resumed.code, &resumed.event("summary")["state"]),
        (Some(3), &"finished".into()),
        "{}",
        resumed.stderr
    );
    assert_eq!(resumed.event("plan"), run.event("plan"));
    let told = resumed.events("device");
    let accepted = told.iter().filter(|line| line["outcome"] == "accepted");
    assert_eq!(
        resumed.event("summary")["accepted"],
        accepted.count(),
        "what ended before is told, too"
    );
    let devices: HashSet<String> = told
        .iter()
        .map(|line| line["hwid"].to_string() + &line["mac"].to_string())
        .collect();
    assert_eq!(
        (devices.len(), told.len()),
        (told.len(), count.parse().expect("a number"))
    );
    let mut sent: Vec<String> = bench
        .deletes()
        .iter()
        .filter(|call| call.status == Some(200))
        .flat_map(|call| call.delete.clone().expect("a delete call").identifiers)
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
fn a_lost_answer_by_mac_ends_in_doubt_and_exits_4() {
    let faults = "reset-after@1".parse().expect("a plan");
    let bench = Workbench::new(Settings {
        faults,
        ..settings()
    });
    bench.write("macs.csv", "mac\n00:0c:29:11:22:33\n00:0c:29:11:22:34\n");
    let run = bench.run(&[
        "run",
        "macs.csv",
        "--action",
        "remove",
        "--all",
        "--expect-count",
        "2",
        "--output",
        "jsonl",
    ]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    assert!(
        run.events("device")
            .iter()
            .all(|device| device["outcome"] == "in_doubt")
    );
    assert_eq!(bench.deletes().len(), 1, "by MAC nothing is resent");
}

#[test]
fn sigterm_finishes_the_call_in_flight_and_exits_5() {
    let latency = Duration::from_millis(300);
    let bench = Workbench::new(Settings {
        latency,
        ..settings()
    });
    let count = bench.count();
    let child = bench
        .command(&[
            "run",
            "devices.json",
            "--action",
            "remove",
            "--all",
            "--expect-count",
            &count,
            "--allow",
            "most,recent",
            "--output",
            "jsonl",
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    while bench.deletes().is_empty() {
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("signalled");
    let output = child.wait_with_output().expect("it ends");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let last: serde_json::Value =
        serde_json::from_str(stdout.lines().last().expect("a summary")).expect("JSON");
    assert_eq!(
        (output.status.code(), &last["state"]),
        (Some(5), &"stopped".into()),
        "{stdout}"
    );
    assert_eq!(last["in_doubt"], 0, "the call in flight was finished");
    let applied: usize = bench
        .deletes()
        .iter()
        .map(|call| {
            call.delete
                .as_ref()
                .expect("a delete call")
                .applied
                .iter()
                .filter(|&&applied| applied)
                .count()
        })
        .sum();
    assert_eq!(last["accepted"], applied);
}

#[test]
fn init_writes_a_private_configuration_and_overwrites_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Workbench::new(settings());
    std::fs::remove_file(bench.path("config.toml")).expect("removed");
    assert_eq!(bench.run(&["init"]).code, Some(0));
    let mode = std::fs::metadata(bench.path("config.toml"))
        .expect("written")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = bench.run(&["init"]);
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("exists"), "{}", again.stderr);
}

#[test]
fn help_version_completions_and_manual_are_printed() {
    let bench = Workbench::new(settings());
    for (arguments, expected) in [
        (&["--help"][..], "Exit codes"),
        (&["--version"], "offboard"),
        (&["plan", "--help"], "unseen>90d"),
        (&["completions", "bash"], "_offboard"),
        (&["man"], ".TH"),
    ] {
        let output = bench.run(arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}");
        assert!(
            output.stdout.contains(expected),
            "{arguments:?}: {}",
            output.stdout
        );
    }
}

#[test]
fn without_a_terminal_the_screen_points_to_the_commands() {
    let bench = Workbench::new(settings());
    let output = bench.run(&["devices.json"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("offboard run"), "{}", output.stderr);
}

#[test]
fn a_run_that_another_process_holds_is_locked_and_can_be_asked_to_stop() {
    let latency = Duration::from_millis(400);
    let bench = Workbench::new(Settings {
        latency,
        ..settings()
    });
    let count = bench.count();
    let child = bench
        .command(&[
            "run",
            "devices.json",
            "--action",
            "remove",
            "--all",
            "--expect-count",
            &count,
            "--allow",
            "most,recent",
            "--output",
            "jsonl",
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    while bench.deletes().is_empty() {
        std::thread::yield_now();
    }
    for command in [
        &["resume", "last", "--expect-count", "1"][..],
        &["close", "last"],
    ] {
        let locked = bench.run(command);
        assert_eq!(locked.code, Some(6), "{command:?}: {}", locked.stderr);
        assert!(
            locked.stderr.contains(&child.id().to_string()),
            "{}",
            locked.stderr
        );
    }
    assert!(
        bench
            .run(&["runs", "show", "last"])
            .stdout
            .contains("held by process")
    );
    let stop = bench.run(&["stop", "last"]);
    assert_eq!(stop.code, Some(0), "{}", stop.stderr);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(
        output.status.code(),
        Some(5),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let close = bench.run(&["close", "last"]);
    assert_eq!(close.code, Some(0), "{}", close.stderr);
    let list = bench.run(&["runs", "--output", "jsonl"]);
    assert!(
        list.stdout.contains("\"state\":\"closed\""),
        "{}",
        list.stdout
    );
    let closed = bench.run(&["runs", "--output", "jsonl", "show", "last"]);
    let summary = closed.event("summary");
    assert!(summary["not_sent"].as_u64() > Some(0), "{summary}");
    assert_eq!(
        (&summary["left"], &summary["exit"]),
        (&0.into(), &3.into()),
        "the rest is given up"
    );
    let report = bench.run(&["runs", "export", "last", "--format", "markdown"]);
    for said in ["### Not sent · ", "The run was closed before"] {
        assert!(report.stdout.contains(said), "{said}: {}", report.stdout);
    }
    let again = bench.run(&["resume", "last", "--expect-count", "1"]);
    assert_eq!(again.code, Some(7), "{}", again.stderr);
}

#[test]
fn a_count_that_was_told_is_checked_even_if_there_is_none_to_send() {
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
    assert_eq!(wrong.code, Some(7), "{}", wrong.stderr);
    assert!(
        wrong.stderr.contains("0 devices, not 137"),
        "{}",
        wrong.stderr
    );
    for right in [&["--expect-count", "0"][..], &[]] {
        let none = run(right);
        assert_eq!(none.code, Some(0), "{}", none.stderr);
    }
}
