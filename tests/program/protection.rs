//! What the profile protects is never sent, and rules that change stop what was planned before.

use super::workbench::Workbench;

const ALL: [&str; 7] = [
    "plan",
    "devices.json",
    "--action",
    "remove",
    "--all",
    "--output",
    "jsonl",
];

fn bench() -> Workbench {
    Workbench::with(120)
}

#[test]
fn protected_devices_are_left_out_and_never_reach_the_tenant() {
    let bench = bench();
    let open = bench.run(&ALL).event("plan")["devices"].as_u64();
    bench.protect("type:server");
    let plan = bench.run(&ALL);
    let protected: Vec<String> = plan
        .events("left_out")
        .into_iter()
        .filter(|row| {
            row["reason"]
                .as_str()
                .is_some_and(|reason| reason.starts_with("protected"))
        })
        .filter_map(|row| row["hwid"].as_str().map(str::to_owned))
        .collect();
    assert!(!protected.is_empty());
    assert!(plan.event("plan")["protected"].as_u64() >= Some(protected.len() as u64));
    assert!(plan.event("plan")["devices"].as_u64() < open);
    let done = bench.run(
        &bench
            .run_all()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    done.finished();
    let sends = bench.sends();
    assert!(!sends.is_empty());
    for hwid in protected {
        assert!(!sends.contains_key(&hwid), "{hwid} is protected");
    }
}

#[test]
fn resume_is_refused_under_other_rules_or_over_the_limit() {
    let bench = bench();
    bench.protect("type:server");
    let mut command = bench.command(&[]);
    command
        .args(bench.run_all())
        .env("OFFBOARD_FAILPOINT", "answered=kill");
    command.output().expect("it runs");
    let calls = bench.simulator.received().len();
    let left = bench.left();
    let resume = ["resume", "last", "--expect-count", &left];
    bench.protect("type:laptop");
    let other = bench.run(&resume);
    other.exits(7);
    other.says("protect rules have changed");
    bench.protect("type:server");
    let over = bench.run(&[
        "--max-devices",
        "3",
        "resume",
        "last",
        "--expect-count",
        &left,
    ]);
    over.exits(7);
    over.says("max_devices");
    assert_eq!(bench.simulator.received().len(), calls, "nothing was sent");
    let same = bench.run(&resume);
    assert!(matches!(same.code, Some(0 | 3 | 4)), "{}", same.stderr);
}

#[test]
fn rules_that_cant_be_read_are_refused_with_their_line() {
    let bench = bench();
    for (rule, said) in [
        ("hst:a", "hostname"),
        ("is:failed", "is:failed"),
        (" ", "empty"),
    ] {
        bench.protect(rule);
        let refused = bench.run(&ALL);
        assert_eq!(refused.code, Some(2), "{rule}: {}", refused.stderr);
        refused.says("config.toml:7:");
        refused.says(said);
    }
}

#[test]
fn rules_and_terms_that_match_nothing_are_reported_and_refused() {
    let bench = bench();
    bench.configure_profile(&format!(
        "list = '{}'",
        bench.path("devices.json").display()
    ));
    bench.configure_profile("protect = ['type:srever', 'type:server']");
    let plan = bench.run(&[
        "plan",
        "devices.json",
        "--action",
        "remove",
        "--where",
        "-hostname:nobody type:laptop,labtop",
    ]);
    for line in [
        "protect type:srever: matches 0 devices",
        "protect type:server: matches ",
        "--where: hostname:nobody matches no device",
        "--where: type:labtop matches no device",
        "warning rule-matches-none: no device matches protect 'type:srever'",
    ] {
        assert!(plan.stdout.contains(line), "{line}: {}", plan.stdout);
    }
    plan.says("unaccepted warnings: ");
    assert!(
        !plan.stdout.contains("--where: type:laptop"),
        "{}",
        plan.stdout
    );
    let run = [
        "run",
        "devices.json",
        "--action",
        "remove",
        "--expect-count",
        "1",
    ];
    let run = [&run[..], &["--where", "type:laptop", "--output", "jsonl"]].concat();
    let refused = bench.run(&run);
    refused.exits(7);
    refused.says("rule-matches-none");
    let terms: Vec<(String, String, bool)> = refused
        .events("term")
        .iter()
        .map(|term| {
            let text = |key: &str| term[key].as_str().unwrap_or_default().to_owned();
            (
                text("source"),
                text("query"),
                term["devices"].as_u64() > Some(0),
            )
        })
        .collect();
    let term = |source: &str, query: &str, some| (source.to_owned(), query.to_owned(), some);
    assert_eq!(
        terms,
        [
            term("protect", "type:srever", false),
            term("protect", "type:server", true),
            term("where", "type:laptop", true)
        ]
    );
    assert!(bench.sends().is_empty());
    let allowed = [
        &run[..],
        &[
            "--allow",
            "recent,old-list,most,new,shrunk,last,rule-matches-none",
        ],
    ]
    .concat();
    let allowed = bench.run(&allowed);
    assert!(!allowed.stderr.contains("unaccepted"), "{}", allowed.stderr);
    let doctor = bench.run(&["doctor"]);
    for line in [
        "protect    warning  type:srever matches none of ",
        "protect    ok       type:server matches ",
    ] {
        assert!(doctor.stdout.contains(line), "{line}: {}", doctor.stdout);
    }
}

#[test]
fn rules_with_wildcards_or_other_quotes_are_refused() {
    let bench = bench();
    for (rule, hint) in [
        ("hostname:SRV*", "write hostname:/^SRV.*/"),
        ("hostname:\"SRV*\"", "write hostname:/^SRV.*/"),
        ("type:“server”", "as in type:\"server\""),
        ("type:‘server’", "as in type:\"server\""),
    ] {
        bench.protect(rule);
        let refused = bench.run(&ALL);
        assert_eq!(refused.code, Some(2), "{rule}: {}", refused.stderr);
        assert!(refused.stderr.contains(hint), "{rule}: {}", refused.stderr);
    }
}

#[test]
fn plan_of_a_list_that_lacks_what_rules_ask_for_names_the_remedy() {
    let bench = bench();
    bench.protect("type:server");
    let hwids = bench.known_hwids();
    bench.write(
        "no-type.csv",
        &format!("hwid,hostname\n{},LT-1\n", hwids[0]),
    );
    let plan = bench.run(&["plan", "no-type.csv", "--action", "remove", "--all"]);
    plan.prints("left out: 1 protected: type unknown");
    plan.prints("--match takes them from the inventory");
    let plan = bench.run(&["plan", "devices.json", "--action", "remove", "--all"]);
    assert!(!plan.stdout.contains("with --match"), "{}", plan.stdout);
}
