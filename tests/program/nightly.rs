//! The nightly job in `contrib/`, as an administrator installs it, against the simulated tenant.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use offboard::simulator::SimulatorSettings;

use super::workbench::{EVERY_WARNING, Output, WINDOW, Workbench, in_parallel};

/// A night: what is configured, and how it ends.
#[derive(Clone, Copy)]
struct Night {
    name: &'static str,
    faults: &'static str,
    most: &'static str,
    query: &'static str,
    allow: &'static str,
    /// What the program does first, as shell commands.
    first: &'static str,
    profile: &'static str,
    /// Of the program's file.
    mode: u32,
    obstacle: Option<Obstacle>,
    /// The plan is run.
    runs: bool,
    code: i32,
    /// A part of the message; in it, `OFFBOARD` is the program.
    message: &'static str,
}

/// What keeps the night from its work.
#[derive(Clone, Copy, PartialEq)]
enum Obstacle {
    Locked,
    NoDirectory,
    NoFlock,
}

const GOOD: Night = Night {
    name: "good",
    faults: "",
    most: "5",
    query: "unseen>1d",
    allow: EVERY_WARNING,
    first: "",
    profile: "",
    mode: 0o700,
    obstacle: None,
    runs: true,
    code: 0,
    message: "archive of 5 devices: all accepted",
};

/// How a night can end.
const NIGHTS: [Night; 17] = [
    GOOD,
    Night {
        name: "nothing to do",
        runs: false,
        query: "hostname:nobody-at-all",
        message: "nothing to do",
        ..GOOD
    },
    Night {
        name: "no directory",
        runs: false,
        obstacle: Some(Obstacle::NoDirectory),
        code: 1,
        message: "can't be used (exit code 1)",
        ..GOOD
    },
    Night {
        name: "wrong query",
        runs: false,
        query: "unseen>>1d",
        code: 2,
        message: "a setting of the job is wrong: see the log of the job (exit code 2)",
        ..GOOD
    },
    Night {
        name: "a device fails",
        faults: "400@1",
        most: "1",
        code: 3,
        message: "some devices failed or were gone: see the report (exit code 3)",
        ..GOOD
    },
    Night {
        name: "in doubt",
        faults: "reset-after@1",
        code: 4,
        message: "look them up with: OFFBOARD resume last --verify (as the user ",
        ..GOOD
    },
    Night {
        name: "paused",
        faults: "403@1",
        code: 5,
        profile: "lab",
        message: "stopped or paused: see why with: OFFBOARD --profile lab resume (as the user ",
        ..GOOD
    },
    Night {
        name: "the fetch stops",
        first: "case \" $* \" in *\" fetch \"*) exit 5 ;; esac",
        runs: false,
        code: 5,
        message: "the next night continues it, or: OFFBOARD fetch (as the user ",
        ..GOOD
    },
    Night {
        name: "locked",
        runs: false,
        obstacle: Some(Obstacle::Locked),
        code: 6,
        message: "the job of another night is still running (exit code 6)",
        ..GOOD
    },
    Night {
        name: "a warning",
        runs: false,
        most: "90",
        allow: "",
        code: 7,
        message: "refused by a safety rule, nothing was sent",
        ..GOOD
    },
    Night {
        name: "no flock",
        obstacle: Some(Obstacle::NoFlock),
        runs: false,
        code: 127,
        message: "flock was not found in ",
        ..GOOD
    },
    Night {
        name: "no program",
        first: "exec nothing-of-this-name",
        runs: false,
        code: 127,
        message: "install it, or set OFFBOARD to its path (exit code 127)",
        ..GOOD
    },
    Night {
        name: "no executable program",
        mode: 0o600,
        runs: false,
        code: 126,
        message: "can't be executed: make it executable, or set OFFBOARD (exit code 126)",
        ..GOOD
    },
    Night {
        name: "killed at the plan",
        first: "case \" $* \" in *\" plan \"*) kill -KILL $$ ;; esac",
        runs: false,
        code: 137,
        message: "ended by a signal: nothing was sent (exit code 137)",
        ..GOOD
    },
    Night {
        name: "killed at the run",
        first: "case \" $* \" in *\" run \"*) kill -KILL $$ ;; esac",
        runs: false,
        code: 137,
        message: "devices may be in doubt, see: OFFBOARD runs (as the user ",
        ..GOOD
    },
    Night {
        name: "stopped at the fetch",
        first: "case \" $* \" in *\" fetch \"*) kill -TERM $PPID ;; esac",
        runs: false,
        code: 143,
        message: "stopped by a signal before the plan: nothing was sent (exit code 143)",
        ..GOOD
    },
    Night {
        name: "stopped at the plan",
        first: "case \" $* \" in *\" plan \"*) kill -HUP $PPID ;; esac",
        runs: false,
        code: 129,
        message: "stopped by a signal before the run: nothing was sent (exit code 129)",
        ..GOOD
    },
];

fn bench(night: &Night) -> Workbench {
    let bench = Workbench::new(SimulatorSettings {
        devices: 100,
        faults: night.faults.parse().expect("faults"),
        ..SimulatorSettings::default()
    });
    bench.configure_run("on_doubt = \"hold\"");
    bench
}

fn script(bench: &Workbench, name: &str, text: &str, mode: u32) {
    bench.write(name, text);
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(bench.path(name), mode).expect("set");
}

/// The script, with a program that finds the workbench's configuration.
fn job(bench: &Workbench, night: &Night) -> Command {
    let program = format!(
        "#!/bin/sh\n{}\nexec {} --config {} --state-dir {} \"$@\"\n",
        night.first,
        env!("CARGO_BIN_EXE_offboard"),
        bench.path("config.toml").display(),
        bench.path("state").display(),
    );
    script(bench, "offboard", &program, night.mode);
    if night.obstacle == Some(Obstacle::NoFlock) {
        script(bench, "flock", "#!/bin/sh\nexit 127\n", 0o700);
    }
    let append = |name: &str| format!("printf '%s\\n' \"$1\" >> {}", bench.path(name).display());
    let mut command = Command::new("/bin/sh");
    command
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/contrib/offboard-nightly"
        ))
        .env("PATH", bench.path("."))
        .env("OFFBOARD", bench.path("offboard"))
        .env("OFFBOARD_TEST_WINDOW_MS", WINDOW.as_millis().to_string())
        .env("HOME", bench.path("."))
        .env("NIGHTLY_PROFILE", night.profile)
        .env("NIGHTLY_DIR", bench.path("nightly"))
        .env("NIGHTLY_WHERE", night.query)
        .env("NIGHTLY_MOST", night.most)
        .env("NIGHTLY_ALLOW", night.allow)
        .env("NIGHTLY_ALARM", append("alarms"))
        .env("NIGHTLY_HEARTBEAT", append("heartbeats"))
        .env("NIGHTLY_REPORT", append("reports"))
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
        if night.obstacle == Some(Obstacle::NoDirectory) {
            bench.write("nightly", "a file");
        } else {
            std::fs::create_dir(&directory).expect("made");
            let lock = std::fs::File::create(directory.join("lock")).expect("made");
            if night.obstacle == Some(Obstacle::Locked) {
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
        let messages = if night.code == 0 {
            &heartbeats
        } else {
            &alarms
        };
        assert_eq!(
            alarms.len() + heartbeats.len(),
            1,
            "{name}: {alarms:?} {heartbeats:?}"
        );
        assert_eq!(messages.len(), 1, "{name}");
        let program = bench.path("offboard").display().to_string();
        let text = messages[0].replace(&program, "OFFBOARD");
        assert!(text.contains(night.message), "{name}: {text}");
        assert_eq!(
            lines(&bench.path("reports")).len(),
            usize::from(night.runs),
            "{name}"
        );
        assert_eq!(
            // The tenant counts no call that it refuses.
            !bench.deletes().is_empty() || night.name == "paused",
            night.runs,
            "{name}"
        );
    });
}

#[test]
fn good_night_archives_the_oldest_and_cleans_up_plan_files_but_no_reports() {
    let bench = bench(&GOOD);
    let directory = bench.path("nightly");
    std::fs::create_dir(&directory).expect("made");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(40 * 86_400);
    for name in ["plan-old.json", "plan-old.json.lines", "report-old.md"] {
        let file = std::fs::File::create(directory.join(name)).expect("made");
        file.set_modified(old).expect("set");
    }
    let output = Output::of(job(&bench, &GOOD));
    output.exits(0);
    assert_eq!(bench.simulator.counts().1, 5, "archived");
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
    next.exits(0);
    assert_eq!(bench.simulator.counts().1, 10);
}

#[test]
fn service_lets_mail_run_a_program_with_set_group_id() {
    // Settings of systemd that set NoNewPrivileges, or imply it for a service of a user.
    const WITHOUT_NEW_PRIVILEGES: [&str; 17] = [
        "NoNewPrivileges",
        "DynamicUser",
        "SystemCallFilter",
        "SystemCallArchitectures",
        "SystemCallLog",
        "RestrictAddressFamilies",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
        "LockPersonality",
        "MemoryDenyWriteExecute",
        "PrivateDevices",
        "ProtectClock",
        "ProtectHostname",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
    ];
    let service = include_str!("../../contrib/offboard-nightly.service");
    let names = service.lines().filter_map(|line| line.split_once('='));
    let found: Vec<&str> = names
        .map(|(name, _)| name)
        .filter(|name| WITHOUT_NEW_PRIVILEGES.contains(name))
        .collect();
    assert_eq!(found, Vec::<&str>::new());
}
