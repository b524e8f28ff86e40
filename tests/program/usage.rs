//! What is refused, what is wrong usage, and what is only printed.

use std::os::unix::fs::PermissionsExt;

use super::terminal::Terminal;
use super::workbench::{Output, Workbench};

fn bench() -> Workbench {
    Workbench::with(300)
}

#[test]
fn refusals_send_nothing_and_exit_7() {
    let bench = bench();
    let count = bench.count();
    let expected = ["--allow", "most,recent,last", "--expect-count", &count];
    let all = ["run", "devices.json", "--action", "remove", "--all"];
    let with = |more: &[&str]| bench.run(&[&all[..], more].concat());
    for (more, why) in [
        (
            &["--allow", "most,recent,last"][..],
            format!("--expect-count {count}"),
        ),
        (
            &["--allow", "most,recent,last", "--expect-count", "7"],
            "expected 7".to_owned(),
        ),
        (&["--expect-count", &count], "most (".to_owned()),
        (
            &[&expected[..], &["--max-devices", "10"]].concat(),
            "max_devices = 10".to_owned(),
        ),
        (
            &[&expected[..], &["--read-only"]].concat(),
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
    let bench = bench();
    let all = ["--action", "remove", "--all"];
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
        &[&["plan", "nowhere.json"][..], &all].concat(),
        &[&["plan", "config.toml", "--profile", "nobody"][..], &all].concat(),
        &["runs", "show", "nothing"],
        &["nonsense", "and", "more"],
    ] {
        let output = bench.run(arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}: {}", output.stderr);
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    let absent = bench.plan_of("nowhere.json", "remove", &[]);
    let causes = absent.stderr.matches("No such file").count();
    assert_eq!(causes, 1, "a cause is printed once: {}", absent.stderr);
    bench.write("broken.json", "[{\"hwid\":\"a\"},\n{\"hwid\":");
    let broken = bench.plan_of("broken.json", "remove", &[]);
    broken.exits(2);
    assert!(
        broken.stderr.contains("broken.json") && broken.stderr.contains('2'),
        "{}",
        broken.stderr
    );
}

#[test]
fn configuration_that_others_can_write_is_refused_with_the_remedy() {
    let bench = bench();
    for mode in [0o602, 0o646] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(bench.path("config.toml"), permissions).expect("changed");
        let refused = bench.plan_of("devices.json", "remove", &[]);
        assert_eq!(refused.code, Some(2), "{mode:o}: {}", refused.stderr);
        let named = refused.stderr.contains("config.toml");
        assert!(
            named && refused.stderr.contains("chmod go-w"),
            "{mode:o}: {}",
            refused.stderr
        );
    }
}

/// A FIFO, which must not make it hang, and a command that never ends its output.
#[test]
fn unreadable_secrets_pause_the_run_before_any_call() {
    let bench = bench();
    let config = bench.config();
    let made = std::process::Command::new("mkfifo")
        .arg(bench.path("pipe"))
        .status();
    assert!(made.expect("mkfifo").success());
    let pipe = format!("client_secret_file = {:?}", bench.path("pipe"));
    let command =
        "client_secret_command = [\"/bin/sh\", \"-c\", \"yes canary-9f2e | head -c 70000\"]";
    for (index, (line, why)) in [(pipe.as_str(), "not a regular file"), (command, "64 KiB")]
        .into_iter()
        .enumerate()
    {
        let lines: Vec<&str> = config
            .lines()
            .map(|own| {
                if own.starts_with("client_secret_file") {
                    line
                } else {
                    own
                }
            })
            .collect();
        bench.write("config.toml", &format!("{}\n", lines.join("\n")));
        // A device of a paused run is in no other plan.
        bench.write("one.txt", &format!("hwid\na{index}\n"));
        let run = bench.run_of("one.txt", "1", &[]);
        assert_eq!(run.code, Some(5), "{line}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{line}: {}", run.stderr);
    }
    assert!(bench.simulator.received().is_empty());
}

#[test]
fn state_directory_on_a_network_file_system_is_refused_with_the_remedy() {
    let bench = bench();
    for (magic, name) in [("26985", "NFS"), ("4283649346", "SMB/CIFS")] {
        let mut command = bench.command(&["runs"]);
        command.env("OFFBOARD_TEST_FILE_SYSTEM", magic);
        let refused = Output::of(command);
        refused.exits(2);
        assert!(
            refused.stderr.contains(name) && refused.stderr.contains("--state-dir"),
            "{}",
            refused.stderr
        );
    }
    let left = bench.path("state").read_dir().expect("a directory").count();
    assert_eq!(left, 0, "nothing was written there");
}

#[test]
fn init_writes_a_private_configuration_and_overwrites_nothing() {
    let bench = bench();
    std::fs::remove_file(bench.path("config.toml")).expect("removed");
    assert_eq!(bench.run(&["init"]).code, Some(0));
    let mode = std::fs::metadata(bench.path("config.toml"))
        .expect("written")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = bench.run(&["init"]);
    again.exits(2);
    again.says("exists: it is left as it is; name another file, or add a profile to it with");
}

#[test]
fn help_version_completions_and_manual_are_printed() {
    let bench = bench();
    for (arguments, expected) in [
        (&["--help"][..], "Exit codes"),
        (&["plan", "--help"], "unseen>90d"),
        (&["--version"], "offboard 0.1.0 (debug build)\n"),
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
fn manual_pages_of_all_commands_are_written_to_a_directory() {
    let bench = bench();
    let written = bench.run(&["man", "--dir", "man/man1"]);
    written.exits(0);
    for (page, part) in [
        ("offboard.1", ".SH FILES"),
        ("offboard-runs-find.1", "offboard-runs-find"),
    ] {
        let text = std::fs::read_to_string(bench.path("man/man1").join(page)).expect("a page");
        assert!(text.contains(part), "{page}");
    }
    let again = bench.run(&["man", "--dir", "man/man1"]);
    assert_eq!(again.code, Some(0), "pages are replaced: {}", again.stderr);
    let both = bench.run(&["man", "run", "--dir", "man1"]);
    both.exits(2);
}

#[test]
fn screen_without_a_terminal_points_to_the_commands() {
    let bench = bench();
    let output = bench.run(&["devices.json"]);
    output.exits(2);
    output.says("offboard run");
}

#[test]
fn terminal_that_cannot_draw_points_to_the_commands() {
    let bench = bench();
    for name in ["dumb", ""] {
        let terminal = Terminal::start_with(&bench, &["devices.json"], &[("TERM", name)], 80, 24);
        terminal.wait_written("remedy", |text| text.contains("offboard --plain"));
        assert_eq!(terminal.exit_code(), 2, "TERM={name}");
    }
    let terminal = Terminal::start_without_term(&bench, &["devices.json"]);
    terminal.wait_written("remedy", |text| text.contains("offboard run"));
    assert_eq!(terminal.exit_code(), 2, "no TERM");
}

#[test]
fn mistyped_command_suggests_the_nearest_and_a_bare_start_says_how_to_begin() {
    let bench = bench();
    for arguments in [
        &["fecth"][..],
        &["fecth", "-o", "x.jsonl"],
        &["fecth", "list"],
    ] {
        let output = bench.run(arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}");
        assert!(
            output.stderr.contains("did you mean `offboard fetch`?"),
            "{arguments:?}: {}",
            output.stderr
        );
    }
    let mut bare = std::process::Command::new(env!("CARGO_BIN_EXE_offboard"));
    bare.env("HOME", bench.path("nobody"))
        .env_remove("XDG_CONFIG_HOME")
        .current_dir(bench.path("."));
    let bare = Output::of(bare);
    bare.exits(2);
    for way in ["`offboard init`", "`offboard --demo`"] {
        bare.says(way);
    }
    let mut nowhere = std::process::Command::new(env!("CARGO_BIN_EXE_offboard"));
    nowhere.args(["--config", "nowhere.toml", "profiles"]);
    let nowhere = Output::of(nowhere);
    nowhere.exits(2);
    nowhere.says("`offboard init`");
    let mut demo = std::process::Command::new(env!("CARGO_BIN_EXE_offboard"));
    demo.args(["--demo", "--state-dir", "state"]);
    let demo = Output::of(demo);
    demo.exits(2);
    demo.says("'--demo' cannot be used with '--state-dir <DIR>'");
}

#[test]
fn secret_in_the_configuration_names_the_key_to_use_and_the_line() {
    let bench = bench();
    for (key, instead) in [
        ("client_secret", "client_secret_file"),
        ("token", "token_file"),
    ] {
        let text =
            format!("[profiles.lab]\nbase_url = \"https://a.example\"\n{key} = \"hunter2\"\n");
        bench.write("config.toml", &text);
        let refused = bench.run(&["plan", "devices.json", "--action", "remove", "--all"]);
        refused.exits(2);
        let expected =
            format!("config.toml:3: a secret is never in the configuration: use {instead}");
        refused.says(&expected);
        assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    }
}

#[test]
fn init_adds_a_profile_and_profiles_lists_them() {
    let bench = bench();
    let before = bench.config();
    let before = format!("# ours\n{before}# the end\n");
    bench.write("config.toml", &before);
    let added = bench.run(&["init", "--profile", "branch-2"]);
    added.exits(0);
    let after = bench.config();
    assert!(after.contains(&before), "every line is kept: {after}");
    let permissions = std::fs::metadata(bench.path("config.toml"))
        .expect("a file")
        .permissions();
    assert_eq!(permissions.mode() & 0o777, 0o600);
    let host = bench.simulator.url().replace("http://", "");
    let listed = bench.run(&["profiles"]);
    assert_eq!(
        listed.stdout,
        format!("  branch-2  gears.opswat.com\n* lab       {host} · default\n"),
        "{}",
        listed.stderr
    );
    let json = bench.run(&["profiles", "--output", "json"]);
    let profiles: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(profiles[0]["name"], "branch-2");
    assert_eq!(
        (&profiles[1]["default"], &profiles[1]["read_only"]),
        (&true.into(), &false.into())
    );
    for (name, why) in [("lab", "already"), ("a b", "letters, digits")] {
        let refused = bench.run(&["init", "--profile", name]);
        assert_eq!(refused.code, Some(2), "{name}");
        assert!(refused.stderr.contains(why), "{name}: {}", refused.stderr);
    }
    let unchanged = bench.config();
    assert_eq!(unchanged, after);
    bench.write("config.toml", &format!("{after}[keys]\nmrak = \"m\"\n"));
    let unknown = bench.run(&["profiles"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stdout);
    assert!(
        unknown.stderr.contains("unknown action 'mrak'"),
        "{}",
        unknown.stderr
    );
}

/// What bash completes for the last of these words, by the script that the program prints.
fn completed(bench: &Workbench, words: &[&str]) -> Vec<String> {
    let script = "eval \"$(offboard completions bash)\"\n\
                  COMP_WORDS=(offboard \"$@\"); COMP_CWORD=$#; COMP_TYPE=9\n\
                  function=$(complete -p offboard | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n\
                  \"$function\" offboard \"${COMP_WORDS[COMP_CWORD]}\"\n\
                  printf '%s\\n' \"${COMPREPLY[@]}\"";
    let plain = bench.command(&[]);
    let binary = std::path::Path::new(plain.get_program());
    let mut path = binary.parent().expect("a directory").as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut bash = std::process::Command::new("bash");
    bash.args(["--norc", "-c", script, "bash"])
        .args(plain.get_args())
        .args(words)
        .env("PATH", path)
        .env("HOME", bench.path("."))
        .current_dir(bench.path("."));
    let output = Output::of(bash);
    let lines = output.stdout.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn completions_in_bash_complete_profiles_runs_and_queries() {
    let bench = bench();
    let without_journal = completed(&bench, &["stop", ""]);
    assert!(!without_journal.contains(&"last".to_owned()));
    assert!(!bench.path("state").exists(), "completing creates nothing");
    assert_eq!(completed(&bench, &["--profile", "l"]), ["lab"]);
    assert_eq!(completed(&bench, &["prof"]), ["profiles"]);
    let query = ["plan", "devices.json", "--where", "type:laptop stat"];
    assert_eq!(completed(&bench, &query), ["type:laptop status:"]);
    let count = bench.count();
    bench.run_of("devices.json", &count, &[]);
    let open = [&["stop"][..], &["resume"], &["close"]];
    for words in open {
        let runs = completed(&bench, &[words, &[""]].concat());
        assert!(!runs.contains(&"last".to_owned()), "finished: {words:?}");
    }
    let shown = completed(&bench, &["runs", "show", ""]);
    assert!(shown.contains(&"last".to_owned()), "{shown:?}");
    let journal = rusqlite::Connection::open(bench.path("state/journal.db")).expect("a journal");
    journal
        .execute("UPDATE runs SET state = 'stopped'", [])
        .expect("stored");
    drop(journal);
    for words in open {
        let runs = completed(&bench, &[words, &[""]].concat());
        assert!(runs.contains(&"last".to_owned()), "{words:?}: {runs:?}");
        let run = runs
            .iter()
            .find(|word| !word.starts_with('-') && *word != "last");
        let run = run.expect("a run");
        let shown = bench.run(&["runs", "show", run]);
        shown.exits(0);
    }
    assert_eq!(completed(&bench, &["close", "la"]), ["last"]);
}
