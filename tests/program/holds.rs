//! Held devices are left out by every path, until their hold ends.

use super::workbench::Workbench;

const ALLOW: [&str; 2] = ["--allow", "recent,old-list,most,new,shrunk,last"];

fn bench() -> Workbench {
    Workbench::with(60)
}

#[test]
fn held_device_is_left_out_of_plans_and_refused_in_plan_files() {
    let bench = bench();
    let plan = ["plan", "devices.json", "--action", "remove", "--all"];
    let jsonl = [&plan[..], &["--output", "jsonl"], &ALLOW].concat();
    let file = bench.run(&[&jsonl[..], &["-o", "plan.json"]].concat());
    let count = file.event("plan")["devices"].as_u64().expect("a number");
    let device = file.events("device").first().cloned().expect("a device");
    let hwid = device["hwid"].as_str().expect("a HWID").to_owned();
    let hold = [
        "hold",
        "add",
        &hwid,
        "--until",
        "2999-12-31",
        "--reason",
        "on leave",
    ];
    let added = bench.run(&[&hold[..], &["--owner", "bob"]].concat());
    added.exits(0);
    assert_eq!(
        added.stdout,
        format!("held 1 device until 2999-12-31: on leave\n  {hwid}\n")
    );

    let refused = bench.run(&["run", "--plan", "plan.json"]);
    refused.exits(7);
    refused.says("held until 2999-12-31: on leave");
    assert!(bench.sends().is_empty());

    let planned = bench.run(&jsonl);
    assert!(planned.event("plan")["held"].as_u64() >= Some(1));
    assert!(planned.event("plan")["devices"].as_u64() < Some(count));
    let reasons = planned.events("left_out");
    let reason = reasons
        .iter()
        .find(|row| row["hwid"] == *hwid)
        .expect("left out");
    assert_eq!(reason["reason"], "held until 2999-12-31: on leave");
    let text = bench.run(&[&plan[..], &ALLOW].concat());
    assert!(
        text.stdout
            .contains("left out: 1 held until 2999-12-31: on leave"),
        "{}",
        text.stdout
    );
    let explained = bench.run(&["explain", "devices.json", &hwid]);
    assert!(
        explained
            .stdout
            .contains("left out: held until 2999-12-31: on leave"),
        "{}",
        explained.stdout
    );
    let selected = bench.run(
        &[
            &[
                "plan",
                "devices.json",
                "--action",
                "remove",
                "--output",
                "jsonl",
            ][..],
            &["--where", "is:held"],
        ]
        .concat(),
    );
    assert_eq!(selected.event("plan")["devices"], 0, "{}", selected.stderr);
    assert!(selected.event("plan")["held"].as_u64() >= Some(1));

    let ended = bench.run(&["hold", "end", &hwid]);
    assert_eq!(ended.stdout, "ended 1 hold\n", "{}", ended.stderr);
    let again = bench.run(&jsonl);
    assert_eq!(again.event("plan")["devices"].as_u64(), Some(count));
    let twice = bench.run(&["hold", "end", &hwid]);
    twice.exits(2);
}

#[test]
fn hold_list_shows_who_holds_what_and_a_list_can_be_held() {
    let bench = bench();
    let added = bench.run(
        &[
            &["hold", "add", "devices.json", "--where", "type:server"][..],
            &["--until", "2999-12-31", "--reason", "audit"],
        ]
        .concat(),
    );
    added.exits(0);
    let json = bench.run(&["hold", "list", "--output", "json"]);
    let holds: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    let holds = holds.as_array().expect("an array");
    assert!(!holds.is_empty());
    assert!(
        holds
            .iter()
            .all(|hold| hold["state"] == "in_force" && hold["reason"] == "audit")
    );
    let text = bench.run(&["hold", "list"]);
    assert_eq!(text.stdout.lines().count(), holds.len(), "{}", text.stdout);
    for (arguments, said) in [
        (
            &["devicse.json", "--until", "2999-12-31", "--reason", "x"][..],
            "devicse.json is neither a file nor a hardware ID or MAC address",
        ),
        (
            &["LT-1", "--until", "2999-12-31", "--reason", "x"],
            "read it with `offboard fetch`",
        ),
        (&["h1", "--until", "2020-01-01", "--reason", "x"], "is over"),
        (
            &["h1", "--until", "2999-12-31", "--reason", " "],
            "--reason is empty",
        ),
        (
            &[
                "00:05:9a:3c:7a:00",
                "--until",
                "2999-12-31",
                "--reason",
                "x",
            ],
            "many computers",
        ),
    ] {
        let refused = bench.run(&[&["hold", "add"][..], arguments].concat());
        refused.exits(2);
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
}

#[test]
fn name_is_held_only_if_it_means_one_device_of_the_inventory() {
    let bench = bench();
    let fetched = bench.run(&["fetch"]);
    fetched.exits(0);
    let planned = bench.run(&["plan", "--action", "remove", "--all", "--output", "jsonl"]);
    let devices = planned.events("device");
    let of_name = |name: &serde_json::Value| {
        devices
            .iter()
            .filter(|device| device["hostname"] == *name)
            .count()
    };
    let unique = devices
        .iter()
        .find(|device| of_name(&device["hostname"]) == 1);
    let unique = unique.expect("a host name of one device");
    let shared = devices
        .iter()
        .find(|device| of_name(&device["hostname"]) > 1);
    let shared = shared.expect("a host name of several devices")["hostname"].as_str();
    let (shared, hwid) = (
        shared.expect("text"),
        unique["hwid"].as_str().expect("text"),
    );
    let hostname = unique["hostname"].as_str().expect("text");
    let add = |names: &[&str]| {
        let rest = ["--until", "2999-12-31", "--reason", "on leave"];
        bench.run(&[&["hold", "add"][..], names, &rest].concat())
    };
    for (names, said) in [
        (&[shared][..], format!("nothing is held: {shared} names")),
        (
            &[hostname, "NO-SUCH-1"],
            "nothing is held: NO-SUCH-1 is neither a file".to_owned(),
        ),
        (&["0123456789abcdef"], "with --add-missing".to_owned()),
    ] {
        let refused = add(names);
        refused.exits(2);
        assert!(refused.stderr.contains(&said), "{said}: {}", refused.stderr);
    }
    assert_eq!(bench.run(&["hold", "list"]).stdout, "no device is held\n");
    let added = add(&[&hostname.to_lowercase()]);
    added.exits(0);
    added.prints(hwid);
    let plan = ["plan", "--action", "remove", "--all", "--output", "jsonl"];
    let left_out = bench.run(&plan).events("left_out");
    let held = left_out.iter().filter(|row| row["hwid"] == *hwid);
    assert_eq!(held.count(), 1, "{left_out:?}");
    let added = add(&["0123456789abcdef", "--add-missing"]);
    added.exits(0);

    let ended = bench.run(&["hold", "end", hostname, "0123456789abcdef"]);
    assert_eq!(ended.stdout, "ended 2 holds\n", "{}", ended.stderr);
}

#[test]
fn hold_add_matches_a_list_of_names_with_the_inventory() {
    let bench = bench();
    let add = [
        "hold",
        "add",
        "ticket.csv",
        "--until",
        "2999-12-31",
        "--reason",
        "on leave",
    ];
    let plan = ["--action", "remove", "--all", "--output", "jsonl"];
    let plan = [&["plan", "devices.json"][..], &plan, &ALLOW].concat();
    let hostname = {
        let device = bench.run(&plan).events("device").first().cloned();
        let device = device.expect("a device");
        device["hostname"].as_str().expect("a name").to_owned()
    };
    let ticket = |rows: &str| bench.write("ticket.csv", &format!("Computer name,owner\n{rows}"));
    ticket(&format!("{hostname},ann\n"));
    let without = bench.run(&add);
    without.exits(7);
    without.says("offboard fetch");

    assert_eq!(bench.run(&["fetch"]).code, Some(0));
    ticket(&format!("{hostname},ann\nNO-SUCH-1,bob\n"));
    let refused = bench.run(&add);
    refused.exits(2);
    assert!(
        refused
            .stderr
            .contains("nothing is held: NO-SUCH-1 is no device of "),
        "{}",
        refused.stderr
    );
    ticket(&format!("{hostname},ann\n"));
    let held = bench.run(&add);
    held.exits(0);
    held.prints("held 1 device until");
    held.prints(&hostname);
}
