//! The history: whose runs it shows, and how a device is found in it.

use super::workbench::Workbench;

/// A workspace with a run of the profile `lab` and a newer one of `other`, an account of its own.
fn bench() -> Workbench {
    let bench = Workbench::with(30);
    let other = format!(
        "[profiles.other]\naccount = \"branch\"\nbase_url = \"{}\"\nclient_id = \"simulator-client\"\n\
         client_secret_file = \"{}\"\n[limits]",
        bench.simulator.url(),
        bench.path("secret").display()
    );
    let config = bench.config();
    let config = config.replacen("[limits]", &other, 1);
    bench.write(
        "config.toml",
        &format!("default_profile = \"lab\"\n{config}"),
    );
    bench.write(
        "one.csv",
        "hwid,hostname,user\na1,LT-1001.corp.example,\na2,LT-1002,ada\n",
    );
    for profile in ["lab", "other"] {
        let run = bench.run_of("one.csv", "2", &["--profile", profile, "--note", profile]);
        run.exits(3);
    }
    bench
}

#[test]
fn history_keeps_to_the_profile_and_all_profiles_widens_it() {
    let bench = bench();
    let notes = |arguments: &[&str]| -> Vec<String> {
        let listed = bench.run(&[&["runs", "--output", "jsonl"], arguments].concat());
        listed.exits(0);
        let line = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        let lines = listed.stdout.lines().map(line);
        lines
            .map(|run| run["note"].as_str().expect("a note").to_owned())
            .collect()
    };
    assert_eq!(notes(&[]), ["lab"]);
    assert_eq!(notes(&["--profile", "other"]), ["other"]);
    let config = bench.config();
    let third = "[profiles.third]\nbase_url = \"https://c.example\"\n";
    bench.write("config.toml", &format!("{config}\n{third}"));
    let none = bench.run(&["runs", "--profile", "third"]);
    assert!(
        none.stderr
            .contains("2 runs of other tenants or accounts: --all-profiles"),
        "{}",
        none.stderr
    );
    assert_eq!(notes(&["--all-profiles"]), ["other", "lab"]);
    let show = |arguments: &[&str]| bench.run(&[&["runs", "show", "last"], arguments].concat());
    assert!(
        show(&[]).stdout.contains("note      lab"),
        "{}",
        show(&[]).stdout
    );
    assert!(show(&["--all-profiles"]).stdout.contains("note      other"));
    let over = bench.run(&["resume", "last", "--expect-count", "1"]);
    over.exits(7);
    assert!(
        !over.stderr.contains("branch"),
        "its own last run: {}",
        over.stderr
    );
    for arguments in [&["resume"][..], &["resume", "--all-profiles"]] {
        assert_eq!(bench.run(arguments).code, Some(0), "{arguments:?}");
    }
    // What was sent can be read whatever becomes of the configuration.
    bench.write("config.toml", "broken = ");
    assert_eq!(notes(&[]), ["other", "lab"]);
}

#[test]
fn find_matches_names_with_and_without_domain_and_shows_who_sent_it() {
    let bench = bench();
    for (name, hostname) in [
        ("lt-1001", "LT-1001.corp.example"),
        ("LT-1001.corp.example", "LT-1001.corp.example"),
        ("lt-1002.corp.example", "LT-1002"),
        ("CORP\\lt-1002", "LT-1002"),
        ("CORP\\ada", "LT-1002"),
        ("Ada@corp.example", "LT-1002"),
    ] {
        let found = bench.run(&["runs", "find", name]);
        assert_eq!(found.code, Some(0), "{name}: {}", found.stderr);
        let lines: Vec<&str> = found.stdout.lines().collect();
        assert_eq!(lines.len(), 5, "headers and two runs: {}", found.stdout);
        for part in [hostname, "remove", "failed: not found"] {
            assert!(lines[1].contains(part), "{name}: {part}: {}", found.stdout);
        }
        for part in ["by ", "profile other", "note other"] {
            assert!(lines[2].contains(part), "{name}: {part}: {}", found.stdout);
        }
    }
    let found = bench.run(&["runs", "find", "lt-1002.corp.example", "--output", "jsonl"]);
    let line = found.stdout.lines().next().expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(
        (&line["run"].is_string(), &line["note"]),
        (&true, &"other".into())
    );
    assert!(line["operator"].is_string(), "{line}");
    for other in ["lt-1003.corp.example", "10.0.0.7"] {
        let found = bench.run(&["runs", "find", other]);
        assert!(
            found.stdout.contains("no run has"),
            "{other}: {}",
            found.stdout
        );
    }
}

#[test]
fn connection_error_names_purpose_host_and_port() {
    let bench = bench();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = closed.local_addr().expect("an address");
    drop(closed);
    bench.reconfigure(&bench.simulator.url(), &format!("http://{address}"));
    let fetched = bench.run(&["doctor"]);
    let place = format!("while getting a token from {address}: ");
    assert!(
        fetched.stdout.contains(&place),
        "{}{}",
        fetched.stdout,
        fetched.stderr
    );
    fetched.prints("refused");
    for secret in [offboard::simulator::CLIENT_SECRET, "/o/oauth"] {
        assert!(!fetched.stdout.contains(secret), "{}", fetched.stdout);
    }
}
