//! Plan files that other people approve by their signatures.

use std::path::Path;
use std::process::Command;

use offboard::plan::PlanFile;

use super::{assert_refused, bench, forge, freeze, send, write_list};
use crate::program::terminal::Terminal;
use crate::program::workbench::{Output, Workbench, in_parallel};

/// Makes a key, and gives the line for the approvers' file. None without OpenSSH.
fn make_key(bench: &Workbench, name: &str) -> Option<String> {
    let path = bench.path(name);
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
        .arg(&path)
        .status();
    if made.is_err() {
        return None;
    }
    let public = std::fs::read_to_string(path.with_extension("pub")).expect("a public key");
    Some(format!("{name}@example.com {public}"))
}

fn require_approvals(bench: &Workbench, approvals: usize, approvers: &str) {
    bench.write("allowed_signers", approvers);
    bench.configure_profile(&format!(
        "approvals = {approvals}\napprovers = \"allowed_signers\""
    ));
}

fn approve(bench: &Workbench, file: &str, key: &str, more: &[&str]) -> Output {
    let key = bench.path(key).display().to_string();
    bench.run(&[&["approve", file, "--key", &key][..], more].concat())
}

fn read_plan(path: &Path) -> PlanFile {
    let bytes = std::fs::read(path).expect("a plan");
    let sizes = offboard::plan::CallSizes {
        batch: 50,
        canary: 5,
    };
    PlanFile::read(&bytes, jiff::Timestamp::now(), sizes).expect("a plan file")
}

/// A public key, of which nobody has the private half.
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPPD2vfHFtm0g9xmjJD6Z8vhL6LD97vgBOwoZXW6O8nh";

#[test]
fn doctor_reads_the_file_of_the_approvers() {
    let bench = bench();
    bench.configure_profile("approvals = 1\napprovers = \"nowhere\"");
    let doctor = bench.run(&["doctor"]);
    doctor.exits(1);
    doctor.prints("approvals  error");
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
    bench.write("nowhere", &format!("ann@example.com {key}\n"));
    let doctor = bench.run(&["doctor"]);
    let line = "approvals  ok       1 approval of other people required for each plan";
    doctor.prints(line);
}

#[test]
fn approvals_of_other_people_are_required_shown_and_recorded() {
    let bench = bench();
    let (Some(bob), Some(carol)) = (make_key(&bench, "bob"), make_key(&bench, "carol")) else {
        // Without OpenSSH nobody can approve; how signatures count is tested without it.
        return;
    };
    write_list(&bench, "server");
    require_approvals(&bench, 2, &format!("{bob}{carol}"));
    let run = [
        "run",
        "list.csv",
        "--action",
        "archive",
        "--all",
        "--expect-count",
        "3",
    ];
    let asked = bench.run(&run);
    assert_refused(
        &bench,
        &asked,
        "2 approvals of other people required: wrote plan-",
    );
    let name = asked.stderr.split(": wrote ").nth(1).expect("a name");
    let name = name.split(';').next().expect("a name").to_owned();
    let send = || bench.run(&["run", "--plan", &name, "--output", "jsonl"]);
    assert_refused(&bench, &send(), "and the plan has 0");

    let shown = approve(&bench, &name, "bob", &[]);
    shown.exits(7);
    for said in [
        "lt-2",
        "srv-1",
        &bench.known_hwids()[2],
        "archive 3 devices",
    ] {
        assert!(shown.stdout.contains(said), "{said}: {}", shown.stdout);
    }
    assert_eq!(read_plan(&bench.path(&name)).signatures.len(), 0);
    assert_eq!(
        approve(&bench, &name, "bob", &["--expect-count", "2"]).code,
        Some(7)
    );
    for _ in 0..2 {
        let approved = approve(&bench, &name, "bob", &["--expect-count", "3"]);
        approved.exits(0);
        approved.prints("approved by bob@example.com\n");
    }
    assert_refused(&bench, &send(), "and the plan has 1");
    let approved = approve(&bench, &name, "carol", &["--expect-count", "3"]);
    assert!(
        approved
            .stdout
            .contains("approved by bob@example.com, carol@example.com")
    );
    let run = send();
    run.exits(0);
    assert!(
        run.stderr
            .contains("approved by bob@example.com, carol@example.com"),
        "{}",
        run.stderr
    );
    let show = bench.run(&["runs", "show", "last"]);
    assert!(
        show.stdout.contains("bob@example.com (SHA256:"),
        "{}",
        show.stdout
    );
    let report = bench.run(&["runs", "export", "last", "--format", "markdown"]);
    report.prints("carol@example.com");
}

#[test]
fn signed_plan_file_of_another_machine_is_sent_and_an_unsigned_one_is_not() {
    let bench = bench();
    let Some(bob) = make_key(&bench, "bob") else {
        return;
    };
    write_list(&bench, "server");
    require_approvals(&bench, 0, &bob);
    let plan = [
        "plan",
        "list.csv",
        "--action",
        "archive",
        "--all",
        "-o",
        "plan.json",
    ];
    assert_eq!(Output::of(bench.command_in("other", &plan)).code, Some(0));
    assert_refused(&bench, &send(&bench), "no approver signed it");
    assert_eq!(
        approve(&bench, "plan.json", "bob", &["--expect-count", "3"]).code,
        Some(0)
    );
    forge(&bench, |file| file["action"] = "remove".into());
    assert_refused(&bench, &send(&bench), "not valid for this plan");
    forge(&bench, |file| file["action"] = "archive".into());
    assert_eq!(send(&bench).code, Some(0), "as it was signed");
}

#[test]
fn approve_signs_with_no_key_whose_signature_would_not_count() {
    let bench = bench();
    let (Some(bob), Some(eve)) = (make_key(&bench, "bob"), make_key(&bench, "eve")) else {
        return;
    };
    let ada = make_key(&bench, "ada").expect("a key");
    write_list(&bench, "server");
    assert_eq!(freeze(&bench, &["--all"]).code, Some(0));
    let before = std::fs::read(bench.path("plan.json")).expect("a plan");
    let planner = &read_plan(&bench.path("plan.json")).planner.users[0];
    let ada = ada.replace("ada@example.com", planner);
    let (_, eve) = eve.split_once(' ').expect("a key");
    let (eve, _) = eve.rsplit_once(' ').expect("a comment");
    require_approvals(&bench, 1, &format!("{bob}{ada}"));
    let signed = |key| approve(&bench, "plan.json", key, &["--expect-count", "3"]);
    let file = bench.path("allowed_signers").display().to_string();
    for (key, reason) in [
        ("eve", "does not belong to an approver"),
        ("eve.pub", "does not belong to an approver"),
        ("ada", "planned it"),
    ] {
        let refused = signed(key);
        assert_eq!(refused.code, Some(7), "{key}: {}", refused.stdout);
        for said in [reason, &file, "bob@example.com"] {
            assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
        }
        let names_its_line = refused.stderr.contains(eve);
        assert_eq!(names_its_line, key != "ada", "{}", refused.stderr);
        let after = std::fs::read(bench.path("plan.json")).expect("a plan");
        assert!(after == before, "{key}: the file was written");
    }
    std::fs::remove_file(bench.path("eve.pub")).expect("removed");
    assert_eq!(signed("eve").code, Some(7), "by the private key alone");
    // This format can't be read without its file beside it.
    let old = bench.path("old");
    let mut make = Command::new("ssh-keygen");
    make.args(["-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-f"]);
    assert!(make.arg(&old).status().expect("made").success());
    std::fs::remove_file(old.with_extension("pub")).expect("removed");
    let refused = signed("old");
    refused.exits(2);
    refused.says("old.pub");
    let after = std::fs::read(bench.path("plan.json")).expect("a plan");
    assert!(after == before, "the file was written");

    assert_eq!(signed("bob").code, Some(0));
    assert_eq!(read_plan(&bench.path("plan.json")).signatures.len(), 1);
    bench.write("allowed_signers", "");
    let nobody = signed("bob");
    nobody.says("names nobody");
    bench.reconfigure("approvals = 1\napprovers = \"allowed_signers\"", "");
    assert_eq!(signed("eve").code, Some(0), "nobody says who may approve");
}

#[test]
fn protection_is_evaluated_again_on_what_a_signed_file_carries() {
    let bench = bench();
    let Some(bob) = make_key(&bench, "bob") else {
        return;
    };
    bench.protect("os:\"Windows Server\"");
    write_list(&bench, "server");
    require_approvals(&bench, 0, &bob);
    assert_eq!(freeze(&bench, &["--all"]).code, Some(0));
    // A column that the plan doesn't show, and that whoever signed didn't look at.
    forge(&bench, |file| {
        let row = file["rows"][0].as_str().expect("a row");
        file["rows"][0] = row.replace("Windows 11", "Windows Server").into();
    });
    let signed = approve(&bench, "plan.json", "bob", &["--expect-count", "2"]);
    signed.exits(0);
    assert_refused(&bench, &send(&bench), "is protected: os:");
}

#[test]
fn screen_writes_a_plan_for_approval_in_place_of_sending_it() {
    let bench = bench();
    write_list(&bench, "server");
    require_approvals(&bench, 1, &format!("bob {KEY}\n"));
    let mut terminal = Terminal::start(&bench, &["list.csv"], 120, 40);
    terminal.wait_for(" shown");
    terminal.press("ada");
    terminal.confirm();
    terminal.wait_for("1 approval of other people required");
    let plans = std::fs::read_dir(bench.path("."))
        .expect("readable")
        .flatten();
    let names: Vec<String> = plans
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("plan-"))
        .collect();
    let [name] = &names[..] else {
        panic!("one plan: {names:?}")
    };
    let refused = bench.run(&["run", "--plan", name]);
    assert_refused(&bench, &refused, "the plan has 0");
}

#[test]
fn approvals_that_are_given_at_once_are_all_kept() {
    let bench = bench();
    let people = ["bob", "carol", "dora", "emil"];
    let keys: Option<Vec<String>> = people.iter().map(|name| make_key(&bench, name)).collect();
    let Some(keys) = keys else {
        return;
    };
    write_list(&bench, "server");
    require_approvals(&bench, people.len(), &keys.concat());
    let plan = [
        "plan", "list.csv", "--action", "archive", "--all", "-o", "p.json",
    ];
    assert_eq!(bench.run(&plan).code, Some(0));
    in_parallel(&people, |person| {
        let approved = approve(&bench, "p.json", person, &["--expect-count", "3"]);
        approved.exits(0);
    });
    assert_eq!(
        read_plan(&bench.path("p.json")).signatures.len(),
        people.len()
    );
}
