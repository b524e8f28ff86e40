//! Plan files are authentic or refused: written with this journal, or signed by an approver.

mod approvals;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use offboard::text::hex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::terminal::{Terminal, requested_count};
use super::workbench::{Output, Workbench};

/// What is changed in a plan file, and how.
type Forgery<'a> = (&'a str, Box<dyn Fn(&mut Value) + 'a>);

fn bench() -> Workbench {
    Workbench::with(60)
}

/// A list of three devices, one of them a server.
fn write_list(bench: &Workbench, server_type: &str) {
    let hwids = bench.known_hwids();
    let list = format!(
        "hwid,hostname,type,os\n{},lt-1,laptop,Windows 11\n{},lt-2,laptop,Windows 11\n{},srv-1,{server_type},Windows Server\n",
        hwids[0], hwids[1], hwids[2]
    );
    bench.write("list.csv", &list);
}

fn freeze(bench: &Workbench, more: &[&str]) -> Output {
    let plan = ["plan", "list.csv", "--action", "archive", "-o", "plan.json"];
    bench.run(&[&plan[..], more].concat())
}

fn send(bench: &Workbench) -> Output {
    bench.run(&["run", "--plan", "plan.json", "--output", "jsonl"])
}

/// Changes the plan file, and computes its hashes anew as whoever forges it would.
fn forge(bench: &Workbench, change: impl FnOnce(&mut Value)) {
    let text = std::fs::read_to_string(bench.path("plan.json")).expect("a plan");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    change(&mut file);
    let mut hash = Sha256::new();
    let mut feed = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let id = word(&file["id"]);
    let id: Vec<u8> = (0..16)
        .map(|at| u8::from_str_radix(&id[at * 2..at * 2 + 2], 16).expect("hex"))
        .collect();
    feed(&id);
    for key in ["tenant", "account", "action"] {
        feed(word(&file[key]).as_bytes());
    }
    for device in file["devices"].as_array().expect("devices") {
        feed(word(&device["kind"]).as_bytes());
        feed(word(&device["identifier"]).as_bytes());
    }
    file["hash"] = hex(&hash.finalize()).into();
    let mut rest = file.clone();
    let object = rest.as_object_mut().expect("an object");
    object.remove("digest");
    object.remove("signatures");
    let digest = Sha256::digest(serde_json::to_vec(&rest).expect("JSON"));
    file["digest"] = hex(&digest).into();
    bench.write(
        "plan.json",
        &serde_json::to_string_pretty(&file).expect("JSON"),
    );
}

/// Nothing reached the tenant, and the reason says this.
fn assert_refused(bench: &Workbench, refused: &Output, said: &str) {
    assert_eq!(refused.code, Some(7), "{said}: {}", refused.stderr);
    assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    assert_eq!(bench.arrived(), 0, "{said}");
}

#[test]
fn forged_plan_file_is_refused_although_its_hashes_agree() {
    let bench = bench();
    bench.protect("type:server");
    write_list(&bench, "server");
    let server = bench.known_hwids()[2].clone();
    let changes: [Forgery<'_>; 4] = [
        (
            "a protected device",
            Box::new(|file| {
                file["devices"][0]["identifier"] = server.clone().into();
                file["devices"][0]["hwid"] = server.clone().into();
            }),
        ),
        (
            "another action",
            Box::new(|file| file["action"] = "remove".into()),
        ),
        (
            "another name",
            Box::new(|file| file["devices"][0]["hostname"] = "lt-9".into()),
        ),
        (
            "an accepted warning",
            Box::new(|file| file["allowed"] = serde_json::json!(["most"])),
        ),
    ];
    for (name, change) in changes {
        let frozen = freeze(&bench, &["--all"]);
        assert_eq!(frozen.code, Some(0), "{name}: {}", frozen.stderr);
        forge(&bench, change);
        assert_refused(&bench, &send(&bench), "it is not the file that was written");
        std::fs::remove_file(bench.path("plan.json")).expect("removed");
    }
    assert_eq!(freeze(&bench, &["--all"]).code, Some(0));
    assert_eq!(send(&bench).code, Some(0), "the file as it was written");
}

#[test]
fn plan_file_of_another_state_directory_is_refused() {
    let bench = bench();
    write_list(&bench, "server");
    let plan = [
        "plan",
        "list.csv",
        "--action",
        "archive",
        "--all",
        "-o",
        "plan.json",
    ];
    let frozen = Output::of(bench.command_in("other", &plan));
    frozen.exits(0);
    assert_refused(
        &bench,
        &send(&bench),
        "was not written with this state directory",
    );
}

#[test]
fn plan_file_that_was_used_is_refused_with_what_became_of_it() {
    let bench = bench();
    write_list(&bench, "laptop");
    let selected = freeze(
        &bench,
        &["--where", "hostname:lt", "--allow", "last,most,recent"],
    );
    selected.exits(0);
    let sent = send(&bench);
    sent.finished();
    let sends = bench.sends();
    let again = send(&bench);
    again.exits(7);
    for part in ["it was already used, by run ", " accepted", "plan again"] {
        assert!(again.stderr.contains(part), "{part}: {}", again.stderr);
    }
    assert_eq!(bench.sends(), sends, "nothing is sent again");
}

#[test]
fn plan_file_that_others_can_write_is_refused() {
    let bench = bench();
    write_list(&bench, "server");
    assert_eq!(freeze(&bench, &["--all"]).code, Some(0));
    let path = bench.path("plan.json");
    std::fs::set_permissions(&path, Permissions::from_mode(0o666)).expect("changed");
    assert_refused(&bench, &send(&bench), "others can write it");
}

#[test]
fn protection_is_evaluated_again_on_the_inventory() {
    let bench = bench();
    bench.protect("type:server");
    write_list(&bench, "laptop");
    assert_eq!(freeze(&bench, &["--all"]).code, Some(0));
    let hwids = bench.known_hwids();
    let tenant = bench.simulator.url();
    std::fs::create_dir_all(bench.path("state/lists")).expect("made");
    bench.write(
        "state/lists/lab.jsonl",
        &format!(
            "{{\"offboard_list\":1,\"tenant\":\"{}\",\"account\":null,\"fetched_at\":\"2026-11-01T10:00:00Z\",\"complete\":true}}\n\
             {{\"hwid\":\"{}\",\"type\":\"server\"}}\n{{\"hwid\":\"other\",\"type\":\"laptop\"}}\n",
            tenant.as_str().trim_end_matches('/'),
            hwids[1]
        ),
    );
    assert_refused(&bench, &send(&bench), "lt-2");
    std::fs::remove_file(bench.path("state/lists/lab.jsonl")).expect("removed");
    assert_eq!(send(&bench).code, Some(0));
}

#[test]
fn warnings_accepted_in_a_plan_file_are_accepted_when_it_is_sent() {
    let bench = bench();
    let plan = [
        "plan",
        "devices.json",
        "--action",
        "archive",
        "--all",
        "-o",
        "plan.json",
    ];
    assert_eq!(
        bench.run(&plan).code,
        Some(7),
        "its warnings are not accepted"
    );
    assert_refused(&bench, &send(&bench), "unaccepted warnings");
    std::fs::remove_file(bench.path("plan.json")).expect("removed");
    let frozen = bench.run(&[&plan[..], &["--allow", "most,recent,last"]].concat());
    frozen.exits(0);
    assert_eq!(send(&bench).code, Some(3));
}

#[test]
fn plan_saved_from_the_confirmation_is_sent_by_run() {
    let bench = bench();
    write_list(&bench, "laptop");
    let mut terminal = Terminal::start(&bench, &["list.csv"], 120, 40);
    terminal.wait_for(" shown");
    terminal.press("ada");
    let count = requested_count(&terminal);
    terminal.press("P");
    terminal.wait_for("plan.json");
    terminal.press("\r");
    terminal.wait_for("sends it");
    assert!(bench.simulator.received().is_empty(), "nothing was sent");
    let sent = bench.run(&["run", "--plan", "plan.json"]);
    sent.exits(0);
    assert_eq!(bench.sends().len().to_string(), count);
}
