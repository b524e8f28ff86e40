//! What was confirmed for one tenant, one account and its rules is sent nowhere else.

use offboard::simulator::SimulatorSettings;

use super::workbench::{Output, Workbench};

fn bench(faults: &str) -> Workbench {
    Workbench::new(SimulatorSettings {
        devices: 120,
        faults: faults.parse().expect("a plan"),
        ..SimulatorSettings::default()
    })
}

/// Has the workbench's profile send to another's tenant.
fn point_to(bench: &Workbench, other: &Workbench) {
    let config = bench.config();
    let url = other.simulator.url();
    bench.write("config.toml", &config.replace(&bench.simulator.url(), &url));
}

fn is_refused(output: &Output, why: &str) {
    assert_eq!(output.code, Some(7), "{why}: {}", output.stderr);
    assert!(output.stderr.contains(why), "{why}: {}", output.stderr);
}

#[test]
fn run_is_resumed_only_as_it_was_confirmed() {
    let (bench, other) = (bench("403@2"), bench(""));
    let paused = bench.run_of("devices.json", &bench.count(), &[]);
    paused.exits(5);
    let left = bench.left();
    let run = paused.event("plan")["run"]
        .as_str()
        .expect("a run")
        .to_owned();
    // `last` is the newest of the profile's own.
    let by_name = || bench.run(&["resume", &run, "--expect-count", &left]);
    let calls = bench.simulator.received().len();
    let config = bench.config();

    point_to(&bench, &other);
    is_refused(&by_name(), &format!("belongs to {}", bench.simulator.url()));
    bench.write("config.toml", &config);

    bench.configure_profile("account = \"other\"");
    is_refused(&by_name(), "account none");
    bench.write("config.toml", &config);

    bench.protect("type:server");
    is_refused(&bench.resume(&left), "protect rules");
    bench.write("config.toml", &config);

    let resume = ["resume", "last", "--expect-count", &left];
    let few = bench.run(&[&resume[..], &["--max-devices", "10"]].concat());
    is_refused(&few, "max_devices = 10");
    let read_only = bench.run(&[&resume[..], &["--read-only"]].concat());
    is_refused(&read_only, "read-only");

    assert_eq!(bench.simulator.received().len(), calls, "nothing was sent");
    assert!(other.simulator.received().is_empty());
    let resumed = bench.resume(&left);
    resumed.finished();
}

#[test]
fn plan_file_is_sent_only_where_and_as_large_as_its_profile_allows() {
    let (bench, other) = (bench(""), bench(""));
    let made = bench.plan_of("devices.json", "archive", &["-o", "plan.json"]);
    made.exits(0);
    let text = std::fs::read_to_string(bench.path("plan.json")).expect("written");
    // Whole, and of another tenant: its hash is right.
    other.write("plan.json", &text);
    let run = ["run", "--plan", "plan.json", "--allow", "most,recent,last"];
    let elsewhere = other.run(&run);
    is_refused(&elsewhere, &format!("belongs to {}", bench.simulator.url()));
    let large = bench.run(&[&run[..], &["--max-devices", "10"]].concat());
    is_refused(&large, "max_devices = 10");
    for bench in [&bench, &other] {
        assert!(bench.simulator.received().is_empty());
        assert!(bench.run(&["runs"]).stdout.is_empty());
    }
    // And there it is sent.
    let sent = bench.run(&[&run[..], &["--output", "jsonl"]].concat());
    sent.finished();
}

/// The environment's proxies are nothing to this program: one that is set for a browser must not see
/// the token.
#[test]
fn proxies_of_the_environment_are_not_used() {
    let bench = bench("");
    let arguments = bench.run_all();
    let mut command = bench.command(&[]);
    command.args(arguments);
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        // Nobody listens there.
        command.env(name, "http://127.0.0.1:9");
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let run = Output::of(command);
    run.finished();
}
