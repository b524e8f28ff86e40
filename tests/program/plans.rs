//! Plans that are made from a ticket's list, and plans that wait in a file.

use super::workbench::{Output, Workbench};

fn bench() -> Workbench {
    Workbench::with(120)
}

const PLAN: [&str; 5] = ["plan", "devices.json", "--action", "archive", "--output"];

fn plan(bench: &Workbench, more: &[&str]) -> Output {
    let arguments: Vec<&str> = PLAN
        .into_iter()
        .chain(["jsonl"])
        .chain(more.iter().copied())
        .collect();
    bench.run(&arguments)
}

#[test]
fn ids_select_devices_and_unclear_entries_are_refused() {
    let bench = bench();
    let hwids = bench.known_hwids();
    let clean = format!("• {}\n“{}”,\n{}\n", hwids[0], hwids[1], hwids[0]);
    bench.write("clean.txt", &clean);
    let clean = plan(&bench, &["--ids", "clean.txt"]);
    clean.exits(0);
    let ids = clean.event("ids");
    assert_eq!((&ids["matched"], &ids["repeated"]), (&2.into(), &1.into()));
    assert_eq!(clean.event("plan")["devices"], 2);

    bench.write(
        "missing.txt",
        &format!("{}\nLT-nobody\n9f3ac41b7d2e8650f\n", hwids[0]),
    );
    let missing = ["--ids", "missing.txt"];
    let refused = plan(&bench, &missing);
    refused.exits(7);
    refused.says("LT-nobody missing");
    let skipped = plan(&bench, &[&missing[..], &["--skip-missing"]].concat());
    assert_eq!(
        (skipped.code, &skipped.event("plan")["devices"]),
        (Some(0), &1.into())
    );
    let added = plan(&bench, &[&missing[..], &["--add-missing"]].concat());
    assert_eq!(
        added.code,
        Some(7),
        "a name is no identifier: {}",
        added.stderr
    );
    let both = plan(
        &bench,
        &[&missing[..], &["--add-missing", "--skip-missing"]].concat(),
    );
    assert_eq!(
        (both.code, &both.event("plan")["devices"]),
        (Some(0), &2.into())
    );

    let none = bench.run(&[
        "run",
        "devices.json",
        "--action",
        "archive",
        "--ids",
        "missing.txt",
        "--expect-count",
        "1",
    ]);
    none.exits(7);
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn incompletely_read_list_is_refused() {
    let bench = bench();
    for (name, text, said) in [
        (
            "cut.jsonl",
            "{\"hwid\":\"a\"}\n{\"hwid\":\"b\"}\n{\"hwid\":\"c",
            "line 3 is not a whole JSON value",
        ),
        (
            "cut.csv",
            "hwid,hostname,type\na,b,laptop\nc,d\n",
            "line 3 does not have as many cells",
        ),
        (
            "half.jsonl",
            "{\"offboard_list\":1,\"complete\":false}\n{\"device_id\":\"a\"}\n",
            "fetch it again",
        ),
    ] {
        bench.write(name, text);
        for command in ["plan", "run"] {
            let refused = bench.run(&[command, name, "--action", "archive", "--all"]);
            assert_eq!(refused.code, Some(7), "{name}: {}", refused.stderr);
            refused.says(said);
        }
    }
    bench.write("unusable.csv", "hwid,hostname\na,b\n,c\n");
    let plan = bench.run(&["plan", "unusable.csv", "--action", "archive", "--all"]);
    assert_eq!(
        plan.code,
        Some(0),
        "a row without an identifier is reported: {}",
        plan.stderr
    );
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn quiet_plan_prints_nothing_if_all_ids_match() {
    let bench = bench();
    bench.write("clean.txt", &bench.known_hwids().join("\n"));
    let arguments = ["plan", "devices.json", "--action", "archive", "-q", "--ids"];
    let allow = ["--allow", super::workbench::EVERY_WARNING];
    let quiet = bench.run(&[&arguments[..], &["clean.txt"], &allow].concat());
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
    bench.write("missing.txt", "nobody");
    let missing = bench.run(&[&arguments[..], &["missing.txt"]].concat());
    missing.says("1 missing");
}

#[test]
fn query_narrows_ids_and_an_empty_one_selects_nothing() {
    let bench = bench();
    bench.write("ids.txt", &bench.known_hwids().join("\n"));
    bench.write("none.txt", "\n");
    let all = plan(&bench, &["--ids", "ids.txt"]).event("plan")["devices"].as_u64();
    let some = plan(&bench, &["--ids", "ids.txt", "--where", "type:laptop"]);
    let narrowed = some.event("plan")["devices"].as_u64();
    assert!(
        narrowed < all && narrowed > Some(0),
        "{narrowed:?} of {all:?}"
    );
    let none = bench.run(&[
        "run",
        "devices.json",
        "--action",
        "archive",
        "--ids",
        "none.txt",
    ]);
    none.exits(0);
    let twice = bench.run(&["plan", "-", "--action", "archive", "--ids", "-"]);
    twice.exits(2);
}

#[test]
fn plan_file_is_sent_once() {
    let bench = bench();
    let made = plan(&bench, &["--all", "-o", "plan.json"]);
    assert_eq!(made.code, Some(7), "its warnings wait: {}", made.stderr);
    let again = plan(&bench, &["--all", "-o", "plan.json"]);
    assert_eq!(again.code, Some(1), "it is there already: {}", again.stderr);
    // The list isn't needed any more.
    bench.write("devices.json", "[]");
    let run = ["run", "--plan", "plan.json", "--output", "jsonl"];
    let warned = bench.run(&run);
    assert_eq!(
        warned.code,
        Some(7),
        "warnings still count: {}",
        warned.stderr
    );
    let allowed: Vec<&str> = run
        .into_iter()
        .chain(["--allow", "most,recent,last"])
        .collect();
    let done = bench.run(&allowed);
    let summary = done.event("summary");
    assert_eq!(summary["state"], "finished", "{}", done.stderr);
    assert_eq!(done.event("plan")["hash"], made.event("plan")["hash"]);
    let sent = bench.sends().len() as u64;
    assert_eq!(made.event("plan")["devices"].as_u64(), Some(sent));
    let calls = bench.simulator.received().len();
    let twice = bench.run(&allowed);
    twice.exits(7);
    twice.says("used once");
    assert_eq!(bench.simulator.received().len(), calls);
}

#[test]
fn plan_file_is_refused_elsewhere_changed_or_under_other_rules() {
    let bench = bench();
    plan(&bench, &["--all", "-o", "plan.json"]);
    let text = std::fs::read_to_string(bench.path("plan.json")).expect("written");
    bench.write(
        "changed.json",
        &text.replacen("\"archive\"", "\"remove\"", 1),
    );
    let tenant = bench.simulator.url();
    let tenant = tenant.trim_end_matches('/');
    bench.write(
        "elsewhere.json",
        &text.replacen(tenant, "https://gears.opswat.com", 1),
    );
    bench.write("blank.json", "\"a\u{3164}b\"");
    for (file, said) in [
        ("changed.json", "hash"),
        // The tenant is in the hash, too.
        ("elsewhere.json", "hash"),
        ("devices.json", "not a plan file"),
        // The error of the JSON library quotes the blank letter.
        ("blank.json", "a\\u{3164}b"),
    ] {
        let refused = bench.run(&["run", "--plan", file, "--allow", "most,recent,last"]);
        assert_eq!(refused.code, Some(7), "{file}: {}", refused.stderr);
        refused.says(said);
    }
    let config = bench.config();
    bench.reconfigure("[limits]", "account = \"other\"\n[limits]");
    let account = bench.run(&["run", "--plan", "plan.json", "--allow", "most,recent,last"]);
    account.exits(7);
    account.says("belongs to");
    bench.write("config.toml", &config);
    bench.protect("type:server");
    let rules = bench.run(&["run", "--plan", "plan.json", "--allow", "most,recent,last"]);
    rules.exits(7);
    rules.says("protect rules");
    assert!(bench.simulator.received().is_empty());
    let both = bench.run(&[
        "run",
        "devices.json",
        "--action",
        "archive",
        "--all",
        "--plan",
        "plan.json",
    ]);
    both.exits(2);
    let neither = bench.run(&["run"]);
    neither.exits(2);
    let half = bench.run(&["run", "devices.json", "--all"]);
    half.exits(2);
}

/// The text of a plan has a line for each device, with every column, and the note.
#[test]
fn text_lists_the_devices_in_columns_and_the_note() {
    let bench = bench();
    bench.write(
        "two.csv",
        "hwid,hostname,type,status,group,user,last seen\n\
         a1,LT-1,laptop,non_compliant,Sales,ada,2026-01-02T00:00:00Z\n\
         a22,WS-22,desktop,compliant,Lab,,2026-01-03T00:00:00Z\n",
    );
    let plan = bench.run(&[
        "plan",
        "two.csv",
        "--action",
        "archive",
        "--all",
        "--note",
        "CHG-7",
        "--allow",
        "old-list,recent",
    ]);
    plan.exits(0);
    let rows: Vec<&str> = plan
        .stdout
        .lines()
        .skip_while(|line| !line.contains("identifier"))
        .take(3)
        .collect();
    assert_eq!(
        rows,
        [
            "  hostname  identifier  type     status         group  user  last seen",
            "  LT-1      a1          laptop   non_compliant  Sales  ada   2026-01-02",
            "  WS-22     a22         desktop  compliant      Lab    –     2026-01-03",
        ],
        "{}",
        plan.stdout
    );
    plan.prints("note: CHG-7");
}

#[test]
fn plan_that_run_would_refuse_exits_7_and_says_so_in_every_form() {
    let bench = bench();
    let all = ["plan", "devices.json", "--action", "archive", "--all"];
    let forms: [&[&str]; 4] = [&[], &["-q"], &["--output", "jsonl"], &["-o", "plan.json"]];
    for form in forms {
        let refused = bench.run(&[&all[..], form].concat());
        assert_eq!(refused.code, Some(7), "{form:?}: {}", refused.stderr);
        assert!(
            refused
                .stderr
                .contains("`run` would refuse this plan: unaccepted warnings: recent"),
            "{form:?}: {}",
            refused.stderr
        );
    }
    // What is written can be sent with the warnings accepted, by whoever sends it.
    assert!(bench.path("plan.json").exists());
    let accepted = bench.run(&[&all[..], &["--allow", super::workbench::EVERY_WARNING]].concat());
    accepted.exits(0);
    let read_only = bench.run(&[&all[..], &["--read-only"]].concat());
    read_only.exits(7);
}

#[test]
fn plan_and_run_without_a_list_use_the_profiles_list_else_the_fetched_inventory() {
    let bench = bench();
    let plan = ["plan", "--action", "archive", "--all", "--output", "jsonl"];
    let run = ["run", "--action", "archive", "--all"];
    for arguments in [&plan[..], &run] {
        let none = bench.run(arguments);
        none.exits(2);
        none.says("offboard fetch");
    }
    let fetched = bench.run(&["fetch"]);
    fetched.exits(0);
    let of_inventory = bench.run(&plan);
    let devices = of_inventory.event("plan")["devices"].as_u64();
    assert!(devices > Some(2), "{}", of_inventory.stderr);
    bench.write("own.csv", "hwid\na1\na2\n");
    bench.configure_profile(&format!("list = {:?}", bench.path("own.csv")));
    assert_eq!(bench.run(&plan).event("plan")["devices"], 2);
    let refused = bench.run(&[&run[..], &["--output", "jsonl"]].concat());
    assert_eq!(refused.event("plan")["devices"], 2, "{}", refused.stderr);
    let matching = bench.run(&["plan", "--action", "archive", "--match"]);
    matching.exits(2);
    matching.says("--match needs LIST");
}
