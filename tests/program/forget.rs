//! `offboard forget`: the names of old runs are gone from every file, at once or not at all.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use super::terminal::Terminal;
use super::workbench::Workbench;

/// A run of two devices that ended long ago. Their names are in no other file of the state directory.
fn bench() -> (Workbench, String) {
    let bench = Workbench::with(60);
    let hwids = bench.known_hwids();
    bench.write(
        "list.csv",
        &format!(
            "hwid,hostname,user\n{},lt-analytical,ada.lovelace\n{},lt-compiler,ada.lovelace\n",
            hwids[0], hwids[1]
        ),
    );
    let sent = bench.run_of("list.csv", "2", &["--note", "CHG-7 ada.lovelace"]);
    assert!(matches!(sent.code, Some(0 | 3)), "{}", sent.stderr);
    age(&bench);
    (bench, hwids[0].clone())
}

/// Makes the runs old.
fn age(bench: &Workbench) {
    let database = bench.database();
    let aged = database.execute("UPDATE runs SET ended_at = '2025-01-02T03:04:05Z'", []);
    assert_eq!(aged.expect("aged"), 1);
}

fn state_files(bench: &Workbench) -> Vec<std::path::PathBuf> {
    let state = bench.path("state");
    let mut files = bench.files();
    files.retain(|file| file.starts_with(&state));
    files
}

/// True if a file of the state directory has a name of the run.
fn has_names(bench: &Workbench) -> bool {
    state_files(bench).iter().any(|file| {
        let bytes = std::fs::read(file).expect("readable").to_ascii_lowercase();
        let has = |name: &str| memchr::memmem::find(&bytes, name.as_bytes()).is_some();
        has("lovelace") || has("lt-analytical") || has("lt-compiler")
    })
}

#[test]
fn forget_replaces_names_in_every_file_and_history_stays_usable() {
    let (bench, hwid) = bench();
    let before = bench.run(&["forget", "--before", "2025-01-02"]);
    before.prints("no run and no hold");
    let dry = bench.run(&["forget", "--before", "2025-01-03", "--dry-run"]);
    assert!(
        dry.stdout
            .contains("would replace the names of 2 devices in 1 run"),
        "{}",
        dry.stdout
    );
    assert!(has_names(&bench));
    let forgotten = bench.run(&["forget", "--before", "2025-01-03"]);
    forgotten.exits(0);
    assert!(
        forgotten
            .stdout
            .contains("replaced the names of 2 devices in 1 run"),
        "{}",
        forgotten.stdout
    );
    forgotten.says("backups");
    assert!(!has_names(&bench));
    let shown = bench.run(&["runs", "show", "last"]);
    shown.exits(0);
    shown.prints("forgotten ");
    shown.prints("CHG-7 hash-");
    let found = bench.run(&["runs", "--output", "jsonl", "find", &hwid]);
    found.prints(&hwid);
    for format in ["csv", "json", "jsonl", "markdown", "html"] {
        let export = bench.run(&["runs", "export", "last", "--format", format]);
        export.exits(0);
        export.prints(&hwid);
        let is_report = ["markdown", "html"].contains(&format);
        let says = export.stdout.contains("they were forgotten on 20");
        assert_eq!(says, is_report, "{}", export.stdout);
    }
    let period = bench.run(&["runs", "report", "--since", "2020-01-01"]);
    let says = "users in 1 run: they were forgotten, last on 20";
    period.prints(says);
    bench.write("ticket.csv", "hostname\nlt-compiler\n");
    let merged = bench.run(&["runs", "export", "last", "--merge", "ticket.csv"]);
    let why = ": its names were forgotten";
    merged.prints(why);
    merged.says(why);
    // The removed device is still left out of later plans.
    let again = bench.plan_of("list.csv", "remove", &[]);
    assert_eq!(again.event("plan")["devices"], 0, "{}", again.stdout);
    let verified = bench.run(&["verify", "last"]);
    verified.exits(2);
    verified.says("--lookup");
    let future = bench.run(&["forget", "--before", "2999-01-01"]);
    future.exits(2);
    future.says("in the future");
}

#[test]
fn forget_that_cannot_read_the_state_directory_changes_nothing() {
    let (bench, _) = bench();
    bench.write("state/screens", "a file in place of the directory");
    let failed = bench.run(&["forget", "--before", "2025-01-03"]);
    failed.exits(1);
    let shown = bench.run(&["runs", "show", "last"]);
    assert!(!shown.stdout.contains("forgotten "), "{}", shown.stdout);
    std::fs::remove_file(bench.path("state/screens")).expect("removed");
    let forgotten = bench.run(&["forget", "--before", "2025-01-03"]);
    forgotten.exits(0);
    assert!(!has_names(&bench));
}

#[test]
fn forget_that_is_killed_at_any_step_has_changed_all_or_nothing() {
    let points = [
        "forget-copied",
        "forget-written",
        "forget-closed",
        "forget-renamed",
    ];
    for point in points {
        let (bench, _) = bench();
        let mut command = bench.command(&["forget", "--before", "2025-01-03"]);
        let killed = command
            .env("OFFBOARD_FAILPOINT", format!("{point}=kill"))
            .output()
            .expect("started");
        assert_eq!(killed.status.signal(), Some(9), "{point}");
        let is_done = point == "forget-renamed";
        let shown = bench.run(&["runs", "show", "last"]);
        assert_eq!(shown.code, Some(0), "{point}: {}", shown.stderr);
        assert_eq!(shown.stdout.contains("forgotten "), is_done, "{point}");
        assert_eq!(has_names(&bench), !is_done, "{point}");
        assert!(
            !bench.path("state/journal.db.forgetting").exists(),
            "{point}"
        );
        let again = bench.run(&["forget", "--before", "2025-01-03"]);
        assert_eq!(again.code, Some(0), "{point}: {}", again.stderr);
        assert!(!has_names(&bench), "{point}");
    }
}

#[test]
fn forget_waits_for_nobody_who_has_the_journal_open() {
    let (bench, _) = bench();
    let terminal = Terminal::start(&bench, &["list.csv"], 120, 40);
    terminal.wait_for("lt-analytical");
    let refused = bench.run(&["forget", "--before", "2025-01-03"]);
    refused.exits(6);
    refused.says("quit that process");
    assert!(has_names(&bench));
}

#[test]
fn files_of_the_state_directory_are_those_of_the_documentation() {
    let (bench, _) = bench();
    assert_eq!(
        bench.run(&["forget", "--before", "2025-01-03"]).code,
        Some(0)
    );
    let fetched = bench.run(&["fetch"]);
    fetched.exits(0);
    let page = include_str!("../../docs/security.md");
    let documented: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(name, _)| name)
        .collect();
    let is_documented = |file: &Path| {
        let name = file.strip_prefix(bench.path("state")).expect("in it");
        let name = name.to_str().expect("UTF-8");
        documented
            .iter()
            .any(|pattern| match pattern.split_once('*') {
                None => *pattern == name,
                Some((before, after)) => name
                    .strip_prefix(before)
                    .is_some_and(|rest| rest.ends_with(after) && !rest.contains('/')),
            })
    };
    let files = state_files(&bench);
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        assert!(is_documented(&file), "{}", file.display());
    }
}
