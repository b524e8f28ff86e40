//! Whatever the program writes, and whatever goes wrong: the secret is never in it. The workbench
//! searches all output, all files and every byte on a terminal, in these tests and all others.

use offboard::simulator::Settings;

use super::workbench::{Output, Workbench, search};

#[test]
fn no_command_and_no_fault_tells_the_secret() {
    for fault in [
        "",
        "403@1",
        "revoke@1,revoke@2",
        "web-page@1",
        "redirect@1",
        "no-result@1,no-result@2",
        "reset-after@1,reset-before@2",
        "400@1",
    ] {
        let faults = fault.parse().expect("a plan");
        let bench = Workbench::new(Settings {
            devices: 40,
            faults,
            ..Settings::default()
        });
        // By MAC, so that nothing waits for a resend.
        bench.write("macs.txt", "00:0c:29:11:22:33\n00:0c:29:11:22:34\n00:0c:29:11:22:35\n00:0c:29:11:22:36\n00:0c:29:11:22:37\n00:0c:29:11:22:38\n");
        let log = bench.path("log").display().to_string();
        let run = bench.run(&[
            "run",
            "macs.txt",
            "--action",
            "remove",
            "--all",
            "--expect-count",
            "6",
            "--output",
            "jsonl",
            "--log-file",
            &log,
            "-vv",
        ]);
        assert!(
            run.code.is_some_and(|code| (0..=5).contains(&code)),
            "{}",
            run.stderr
        );
        let export = bench.path("export.jsonl").display().to_string();
        for arguments in [
            &["runs"][..],
            &["runs", "show", "last"],
            &["runs", "export", "last", "-o", &export],
            &["resume"],
        ] {
            bench.run(arguments);
        }
        let files = bench.files();
        for written in ["log", "export.jsonl", "state/journal.db"] {
            assert!(
                files.contains(&bench.path(written)),
                "{written} is searched"
            );
        }
    }
}

#[test]
fn no_configuration_error_tells_the_secret() {
    let bench = Workbench::new(Settings {
        devices: 5,
        ..Settings::default()
    });
    let url = bench.simulator.url();
    bench.write("canary", "canary-9f2e\ncanary-9f2e\n");
    let with_file = format!("token_file = {:?}", bench.path("canary"));
    for (index, lines) in [
        "token = \"canary-9f2e\"",
        "token_env = \"NOBODY\"",
        &with_file,
        "token_command = [\"/bin/sh\", \"-c\", \"echo canary-9f2e; echo canary-9f2e >&2; exit 1\"]",
        "token_command = [\"/bin/echo\", \"canary-9f2e\"]\nproxy = \"http://127.0.0.1:9\"",
        "client_id = \"x\"\nclient_secret_command = [\"/bin/echo\", \"canary-9f2e\"]",
        "proxy = \"http://user:canary-9f2e@127.0.0.1:9\"",
    ]
    .into_iter()
    .enumerate()
    {
        bench.write(
            "config.toml",
            &format!("[profiles.lab]\nbase_url = \"{url}\"\n{lines}\n"),
        );
        // A device of a paused run is in no other plan.
        bench.write("one.txt", &format!("a{index}\nb{index}\n"));
        let run = bench.run(&[
            "run",
            "one.txt",
            "--action",
            "remove",
            "--all",
            "--expect-count",
            "2",
            "--output",
            "jsonl",
        ]);
        assert_ne!(run.code, Some(0), "{lines}");
    }
}

/// While it runs, the secret is neither in its command line nor in a child's, and the system is told to
/// write no core.
#[test]
fn a_running_process_shows_no_secret_and_dumps_no_core() {
    let bench = Workbench::new(Settings {
        devices: 60,
        latency: std::time::Duration::from_millis(400),
        ..Settings::default()
    });
    let mut child = bench
        .command(&[])
        .args(bench.run_all())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    while bench.deletes().is_empty() {
        assert!(
            child.try_wait().expect("a child").is_none(),
            "it sends first"
        );
        std::thread::yield_now();
    }
    let process = format!("/proc/{}", child.id());
    let tasks = std::fs::read_dir(format!("{process}/task")).expect("its threads");
    let children = tasks.flatten().flat_map(|task| {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let numbers: Vec<String> = children.split_whitespace().map(str::to_owned).collect();
        numbers
    });
    for number in std::iter::once(child.id().to_string()).chain(children) {
        // A child may be gone by now.
        let line = std::fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        search("a command line", &line);
    }
    let own = std::fs::read(format!("{process}/cmdline")).expect("a command line");
    assert!(!own.is_empty());
    let limits = std::fs::read_to_string(format!("{process}/limits")).expect("limits");
    let core = limits
        .lines()
        .find(|line| line.contains("core file"))
        .expect("a limit");
    let numbers: Vec<&str> = core
        .split_whitespace()
        .filter(|word| *word == "0")
        .collect();
    assert_eq!(numbers.len(), 2, "{core}");
    let output = Output::read(&child.wait_with_output().expect("it ends"));
    assert_eq!(
        output.event("summary")["state"],
        "finished",
        "{}",
        output.stderr
    );
}

/// A panic's message holds no secret, though the token is in memory by then.
#[test]
fn a_panic_tells_no_secret() {
    let bench = Workbench::new(Settings {
        devices: 40,
        ..Settings::default()
    });
    let mut command = bench.command(&[]);
    command
        .args(bench.run_all())
        .env("OFFBOARD_FAILPOINT", "answered=panic")
        .env("RUST_BACKTRACE", "full");
    let output = Output::of(command);
    assert_ne!(output.code, Some(0));
    assert!(!output.stderr.is_empty());
}
