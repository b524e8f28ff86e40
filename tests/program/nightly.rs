//! The nightly job in `contrib/`, as an administrator installs it, against the simulated tenant.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use offboard::simulator::Settings;

use super::workbench::{EVERY_WARNING, Output, WINDOW, Workbench, in_parallel};

/// A night: what is configured, and how it ends.
#[derive(Clone, Copy)]
struct Night {
    name: &'static str,
    faults: &'static str,
    most: &'static str,
    query: &'static str,
    allow: &'static str,
    /// Ends the program when it is to run the plan.
    is_killed: bool,
    is_locked: bool,
    has_no_directory: bool,
    code: i32,
    /// A part of what is told.
    told: &'static str,
}

const GOOD: Night = Night {
    name: "good",
    faults: "",
    most: "5",
    query: "unseen>1d",
    allow: EVERY_WARNING,
    is_killed: false,
    is_locked: false,
    has_no_directory: false,
    code: 0,
    told: "archive of 5 devices: all accepted",
};

/// How a night can end.
const NIGHTS: [Night; 10] = [
    GOOD,
    Night {
        name: "nothing to do",
        query: "hostname:nobody-at-all",
        told: "nothing to do",
        ..GOOD
    },
    Night {
        name: "no directory",
        has_no_directory: true,
        code: 1,
        told: "can't be used (exit code 1)",
        ..GOOD
    },
    Night {
        name: "wrong query",
        query: "unseen>>1d",
        code: 2,
        told: "the configuration or a setting of the job is wrong (exit code 2)",
        ..GOOD
    },
    Night {
        name: "a device fails",
        faults: "400@1",
        most: "1",
        code: 3,
        told: "some devices failed or were gone: see the report (exit code 3)",
        ..GOOD
    },
    Night {
        name: "in doubt",
        faults: "reset-after@1",
        code: 4,
        told: "look them up with: offboard resume last --verify (exit code 4)",
        ..GOOD
    },
    Night {
        name: "paused",
        faults: "403@1",
        code: 5,
        told: "stopped or paused: see why with: offboard resume (exit code 5)",
        ..GOOD
    },
    Night {
        name: "locked",
        is_locked: true,
        code: 6,
        told: "the job of another night is still running (exit code 6)",
        ..GOOD
    },
    Night {
        name: "a warning",
        most: "90",
        allow: "",
        code: 7,
        told: "refused by a safety rule, nothing was sent",
        ..GOOD
    },
    Night {
        name: "killed",
        is_killed: true,
        code: 137,
        told: "devices may be in doubt, see: offboard runs (exit code 137)",
        ..GOOD
    },
];

fn bench(night: &Night) -> Workbench {
    let bench = Workbench::new(Settings {
        devices: 100,
        faults: night.faults.parse().expect("faults"),
        ..Settings::default()
    });
    bench.configure_run("on_doubt = \"hold\"");
    bench
}

/// The script, with a program that finds the workbench's configuration.
fn job(bench: &Workbench, night: &Night) -> Command {
    let kill = if night.is_killed {
        "case \" $* \" in *\" run \"*) kill -KILL $$ ;; esac\n"
    } else {
        ""
    };
    let program = format!(
        "#!/bin/sh\n{kill}exec {} --config {} --state-dir {} \"$@\"\n",
        env!("CARGO_BIN_EXE_offboard"),
        bench.path("config.toml").display(),
        bench.path("state").display(),
    );
    bench.write("offboard", &program);
    let mode = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(bench.path("offboard"), mode).expect("executable");
    let tell = |name: &str| format!("printf '%s\\n' \"$1\" >> {}", bench.path(name).display());
    let mut command = Command::new("sh");
    command
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/contrib/offboard-nightly"
        ))
        .env("OFFBOARD", bench.path("offboard"))
        .env("OFFBOARD_TEST_WINDOW_MS", WINDOW.as_millis().to_string())
        .env("HOME", bench.path("."))
        .env("NIGHTLY_DIR", bench.path("nightly"))
        .env("NIGHTLY_WHERE", night.query)
        .env("NIGHTLY_MOST", night.most)
        .env("NIGHTLY_ALLOW", night.allow)
        .env("NIGHTLY_ALARM", tell("alarms"))
        .env("NIGHTLY_HEARTBEAT", tell("heartbeats"))
        .env("NIGHTLY_REPORT", tell("reports"))
        .stdin(Stdio::null());
    command
}

fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_night_ends_with_a_heartbeat_or_an_alarm() {
    in_parallel(&NIGHTS, |night| {
        let name = night.name;
        let bench = bench(night);
        let directory = bench.path("nightly");
        let mut held = None;
        if night.has_no_directory {
            bench.write("nightly", "a file");
        } else {
            std::fs::create_dir(&directory).expect("made");
            let lock = std::fs::File::create(directory.join("lock")).expect("made");
            if night.is_locked {
                lock.try_lock().expect("locked");
                held = Some(lock);
            }
        }
        let output = Output::of(job(&bench, night));
        drop(held);
        assert_eq!(output.code, Some(night.code), "{name}: {}", output.stderr);
        let (alarms, heartbeats) = (
            lines(&bench.path("alarms")),
            lines(&bench.path("heartbeats")),
        );
        let told = if night.code == 0 {
            &heartbeats
        } else {
            &alarms
        };
        assert_eq!(
            alarms.len() + heartbeats.len(),
            1,
            "{name}: {alarms:?} {heartbeats:?}"
        );
        assert_eq!(told.len(), 1, "{name}");
        assert!(told[0].contains(night.told), "{name}: {}", told[0]);
        let sends = matches!(night.code, 3..=5) || night.told == GOOD.told;
        assert_eq!(
            lines(&bench.path("reports")).len(),
            usize::from(sends),
            "{name}"
        );
        assert_eq!(
            !bench.deletes().is_empty() || night.code == 5,
            sends,
            "{name}"
        );
    });
}

#[test]
fn a_good_night_archives_the_oldest_and_cleans_up_plan_files_but_no_reports() {
    let bench = bench(&GOOD);
    let directory = bench.path("nightly");
    std::fs::create_dir(&directory).expect("made");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(40 * 86_400);
    for name in ["plan-old.json", "plan-old.json.lines", "report-old.md"] {
        let file = std::fs::File::create(directory.join(name)).expect("made");
        file.set_modified(old).expect("set");
    }
    let output = Output::of(job(&bench, &GOOD));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert_eq!(bench.simulator.standing().1, 5, "archived");
    let mut names: Vec<String> = std::fs::read_dir(&directory)
        .expect("read")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let kinds: Vec<&str> = names
        .iter()
        .map(|name| name.split("-2").next().unwrap_or(name))
        .collect();
    assert_eq!(kinds, ["lock", "plan", "plan", "report", "report-old.md"]);
    let report = lines(&bench.path("reports"));
    let text = std::fs::read_to_string(directory.join(&report[0])).expect("a report");
    assert!(text.starts_with("# Archive 5 devices: run "), "{text}");
    // The next night plans anew.
    let next = Output::of(job(&bench, &GOOD));
    assert_eq!(next.code, Some(0), "{}", next.stderr);
    assert_eq!(bench.simulator.standing().1, 10);
}
