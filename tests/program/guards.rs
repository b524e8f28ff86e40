//! Limits and warnings of plans: what is refused says which guard it was, its number, and what raises it.

use serde_json::json;

use super::workbench::Workbench;

fn bench() -> Workbench {
    Workbench::with(120)
}

#[test]
fn second_run_over_max_per_day_is_refused_by_plan_and_run() {
    let bench = bench();
    let limits = |most: u64| {
        let text = bench.config();
        let (kept, _) = text.split_once("\n[limits]").expect("limits");
        let text = format!("{kept}\n[limits]\nmax_devices = 5000\nmax_per_day = {most}\n");
        bench.write("config.toml", &text);
    };
    let select = |number: &str| {
        [
            "devices.json",
            "--action",
            "remove",
            "--where",
            "is:accepted or -is:accepted",
        ]
        .into_iter()
        .chain(["--oldest", number, "--output", "jsonl", "--allow"])
        .chain(["recent,old-list,most,new,shrunk,last"])
        .map(str::to_owned)
        .collect::<Vec<_>>()
    };
    let run = |command: &[&str], number: &str| {
        let mut arguments: Vec<String> = vec![command[0].to_owned()];
        arguments.extend(select(number));
        arguments.extend(command[1..].iter().map(ToString::to_string));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        bench.run(&arguments)
    };
    limits(10);
    let first = run(&["run", "--expect-count", "8"], "8");
    first.finished();
    let sent = bench.sends().len();
    for command in [&["plan"][..], &["run", "--expect-count", "3"]] {
        let refused = run(command, "3");
        refused.exits(7);
        assert!(
            refused.stderr.contains("max_per_day = 10")
                && refused.stderr.contains("raise limits.max_per_day"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(bench.sends().len(), sent, "nothing was sent");
    limits(11);
    let raised = run(&["run", "--expect-count", "3"], "3");
    raised.finished();
}

#[test]
fn oldest_says_what_it_took_in_text_lines_and_the_record() {
    let bench = bench();
    let rows = "hwid,last seen\nh1,2026-03-01\nh2,\nh3,2026-01-01\nh4,2026-02-01\n";
    bench.write("some.csv", rows);
    let plan = [
        "plan", "some.csv", "--action", "remove", "--all", "--oldest", "2",
    ];
    let text = bench.run(&plan);
    text.prints(
        "oldest 2: 2 of 4 devices taken, those seen longest ago; 1 device has no last seen",
    );
    let lines = bench.run(&[&plan[..], &["--output", "jsonl", "-o", "plan.json"]].concat());
    let event = lines.event("plan");
    assert_eq!(event["devices"], 2);
    assert_eq!(
        event["oldest"],
        json!({"asked": 2, "of": 4, "without_last_seen": 1})
    );
    let file = std::fs::read_to_string(bench.path("plan.json")).expect("written");
    assert!(file.contains("--all --oldest 2"), "{file}");
    let none = bench.run(&[
        "plan", "some.csv", "--action", "remove", "--all", "--oldest", "0",
    ]);
    none.exits(2);
}

#[test]
fn new_shrunk_and_last_are_refused_until_they_are_allowed() {
    let bench = bench();
    let fetched = bench.run(&["fetch"]);
    fetched.exits(0);
    let list = "hwid,hostname,user,last seen,enrolled\n\
        h1,A,ann,2026-01-02T00:00:00Z,2026-01-01T12:00:00Z\n\
        h2,B,ann,2026-01-01T00:00:00Z,2025-01-01T00:00:00Z\n";
    bench.write("some.csv", list);
    let plan = ["plan", "some.csv", "--action", "remove", "--all"];
    let refused = bench.run(&plan);
    refused.exits(7);
    for (name, number) in [
        ("new", "1 device was enrolled less than min_enrolled = 1d"),
        (
            "shrunk",
            "the list has 2 devices, and the tenant's inventory had",
        ),
        ("last", "every device of 1 user is planned, such as of ann"),
    ] {
        let said = format!("{name} ({number}");
        assert!(refused.stderr.contains(&said), "{said}: {}", refused.stderr);
    }
    let allow = "recent,old-list,not-in-inventory,new,shrunk,last";
    let allowed = bench.run(&[&plan[..], &["--allow", allow]].concat());
    allowed.exits(0);
}
