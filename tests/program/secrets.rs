//! Whatever the program writes, and whatever goes wrong: the secret is never in it. The workbench
//! searches all output, all files and every byte on a terminal, in these tests and all others.

use offboard::simulator::SimulatorSettings;

use super::workbench::{Output, Workbench, ended, in_parallel, search};

/// By MAC, so that nothing waits for a resend; the tenant knows none of them.
const MACS: &str = "00:0c:29:11:22:33\n00:0c:29:11:22:34\n00:0c:29:11:22:35\n\
    00:0c:29:11:22:36\n00:0c:29:11:22:37\n00:0c:29:11:22:38\n";

fn bench(faults: &str) -> Workbench {
    let bench = Workbench::new(SimulatorSettings {
        devices: 40,
        faults: faults.parse().expect("a plan"),
        ..SimulatorSettings::default()
    });
    bench.write("macs.txt", MACS);
    bench
}

/// Runs every command there is, each with a log of all there is to log, and gives back the exit codes.
fn run_everything(bench: &Workbench) -> Vec<(&'static str, Option<i32>)> {
    let macs = [
        "macs.txt", "--action", "remove", "--all", "--output", "jsonl",
    ];
    let run: Vec<&str> = ["run"].into_iter().chain(macs).collect();
    let plan: Vec<&str> = ["plan"].into_iter().chain(macs).collect();
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["plan", "macs.txt", "--action", "remove", "--all"],
        [&plan[..], &["-o", "plan.json"]].concat(),
        [&run[..], &["--expect-count", "7"]].concat(),
        [&run[..], &["--expect-count", "6", "--report", "report.md"]].concat(),
        vec!["run", "--plan", "plan.json"],
        vec!["doctor"],
        vec!["fetch"],
        vec!["resume"],
        vec!["resume", "last"],
        vec!["resume", "last", "--verify"],
        vec!["resume", "last", "--expect-count", "1", "--output", "jsonl"],
        vec!["stop", "last"],
        vec!["runs"],
        vec!["runs", "--output", "jsonl"],
        vec!["runs", "show", "last"],
        vec!["runs", "show", "last", "--output", "jsonl"],
        vec!["runs", "find", "00:0c:29:11:22:33"],
        vec!["runs", "find", "00:0c:29:11:22:33", "--output", "jsonl"],
        vec!["close", "last"],
        vec!["init"],
        vec!["simulate", "--write-list", "fleet.json", "--only-list"],
        vec!["--demo", "--help"],
        vec!["--version"],
        vec!["man"],
        // The screen, without a terminal to show it on.
        vec!["macs.txt"],
    ];
    for shell in ["bash", "zsh", "fish"] {
        commands.push(vec!["completions", shell]);
    }
    for format in ["csv", "json", "jsonl", "markdown"] {
        commands.push(vec!["runs", "export", "last", "--format", format]);
    }
    for (format, file) in [
        ("csv", "e.csv"),
        ("json", "e.json"),
        ("jsonl", "e.jsonl"),
        ("markdown", "e.md"),
    ] {
        commands.push(vec![
            "runs", "export", "last", "--format", format, "-o", file,
        ]);
    }
    let log = bench.path("log").display().to_string();
    let mut codes = Vec::new();
    for command in commands {
        let logged = [&command[..], &["--log-file", &log, "-vv"]].concat();
        let output = bench.run(&logged);
        assert!(output.code.is_some(), "{command:?} ends by itself");
        let panicked = output.stderr.contains("panicked");
        assert!(!panicked, "{command:?}: {}", output.stderr);
        codes.push((command[0], output.code));
    }
    assert!(bench.files().contains(&bench.path("log")), "it is searched");
    codes
}

#[test]
fn commands_never_print_the_secret() {
    let bench = bench("");
    let codes = run_everything(&bench);
    let fine = codes.iter().filter(|(_, code)| *code == Some(0)).count();
    assert!(fine >= 20, "they do their work: {codes:?}");
    let files = bench.files();
    for written in [
        "report.md",
        "plan.json",
        "e.csv",
        "e.md",
        "state/journal.db",
        "state/lists/lab.jsonl",
    ] {
        assert!(
            files.contains(&bench.path(written)),
            "{written} is searched"
        );
    }
}

#[test]
fn commands_never_print_a_secret_that_the_tenant_refuses() {
    for replacement in ["client_secret_file", "token_file"] {
        let bench = bench("");
        bench.configure_token("canary-9f2e");
        if replacement == "client_secret_file" {
            let config = bench.config();
            let lines = "client_id = \"someone\"\nclient_secret_file";
            bench.write("config.toml", &config.replace("token_file", lines));
        }
        let codes = run_everything(&bench);
        assert!(codes.contains(&("run", Some(5))), "{codes:?}");
    }
}

/// A call that isn't made names its URL, which holds the token, in the HTTP library's errors.
#[test]
fn commands_never_print_the_secret_of_a_call_that_is_not_made() {
    // It takes connections and speaks no TLS.
    let plain = bench("");
    let port = plain
        .simulator
        .url()
        .rsplit(':')
        .next()
        .expect("a port")
        .to_owned();
    let tls = format!("https://127.0.0.1:{port}");
    std::thread::scope(|scope| {
        for (base_url, more) in [
            (tls.as_str(), ""),
            ("http://127.0.0.1:9", ""),
            ("https://tenant.invalid", ""),
            ("https://tenant.example", "proxy = \"http://127.0.0.1:9\""),
            // One that answers CONNECT with an error.
            (
                "https://tenant.example",
                &format!("proxy = \"http://127.0.0.1:{port}\""),
            ),
        ] {
            let more = more.to_owned();
            scope.spawn(move || {
                let bench = bench("");
                bench.configure_token("canary-9f2e");
                bench.reconfigure(&bench.simulator.url(), base_url);
                bench.configure_profile(&more);
                let codes = run_everything(&bench);
                assert!(codes.contains(&("run", Some(5))), "{base_url}: {codes:?}");
            });
        }
    });
}

#[test]
fn faults_and_damage_never_reveal_the_secret() {
    let log = |bench: &Workbench| bench.path("log").display().to_string();
    let faults = [
        "403@1",
        "500@1,503@2",
        "revoke@1,revoke@2",
        "web-page@1",
        "redirect@1",
        "no-result@1,no-result@2",
        "reset-after@1,reset-before@2",
        "400@1",
    ];
    in_parallel(&faults, |fault| {
        let bench = bench(fault);
        let run = bench.run_of("macs.txt", "6", &["--log-file", &log(&bench), "-vv"]);
        assert!(
            run.code.is_some_and(|code| (0..=5).contains(&code)),
            "{}",
            run.stderr
        );
        for arguments in [
            &["runs", "show", "last"][..],
            &["runs", "export", "last", "-o", "e.jsonl"],
            &["resume"],
        ] {
            bench.run(arguments);
        }
    });
    let bench = bench("");
    bench.run_of("macs.txt", "6", &[]);
    let journal = bench.path("state/journal.db");
    let mut bytes = std::fs::read(&journal).expect("read");
    for byte in &mut bytes[4096..] {
        *byte ^= 0x5a;
    }
    std::fs::write(&journal, bytes).expect("written");
    run_everything(&bench);
}

#[test]
fn configuration_errors_never_contain_the_secret() {
    let bench = Workbench::with(5);
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
        bench.write("one.txt", &format!("hwid\na{index}\nb{index}\n"));
        let run = bench.run_of("one.txt", "2", &[]);
        assert_ne!(run.code, Some(0), "{lines}");
    }
}

/// While it runs, the secret is neither in its command line nor in a child's, and the system is asked to
/// write no core.
#[test]
fn running_process_shows_no_secret_and_dumps_no_core() {
    let bench = Workbench::new(SimulatorSettings {
        devices: 60,
        latency: std::time::Duration::from_millis(400),
        ..SimulatorSettings::default()
    });
    let child = bench.start_all();
    bench.wait_for_calls(1);
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
    let output = ended(child);
    output.finished();
}

/// A panic that prints what is at hand, as that of an `unwrap` of it would, says that there is a secret
/// and not which; nor does its backtrace.
#[test]
fn panic_never_prints_the_secret() {
    let bench = bench("");
    for ready in [false, true] {
        if ready {
            bench.configure_token(&bench.simulator.token());
        }
        let log = bench.path("log").display().to_string();
        let list = format!("panic-{ready}.txt");
        bench.write(&list, &bench.known_hwids()[usize::from(ready)]);
        let mut command = bench.command(&["run", &list, "--action", "remove", "--all"]);
        command
            .args(["--allow", "most,recent,last", "--expect-count", "1"])
            .args(["--log-file", &log, "-vv"])
            .env("OFFBOARD_FAILPOINT", "answered=panic")
            .env("RUST_BACKTRACE", "full");
        let output = Output::of(command);
        output.exits(1);
        let reported = output.stderr.contains("the failpoint answered, at");
        assert!(
            reported && output.stderr.contains("Secret(…)"),
            "{}",
            output.stderr
        );
    }
}
