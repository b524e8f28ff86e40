//! A simulated tenant, a configuration that points to it, and the binary.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use offboard::simulator::{CLIENT_ID, CLIENT_SECRET, Fleet, Received, Settings, Shape, Simulator};
use serde_json::Value;

/// The window of the rate limit in these tests; the binary's budget is scaled to the same.
pub const WINDOW: Duration = Duration::from_millis(1500);

pub struct Workbench {
    directory: tempfile::TempDir,
    pub simulator: Simulator,
}

/// What a command left behind.
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Workbench {
    pub fn new(settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let now = jiff::Timestamp::now();
        let settings = Settings {
            window: WINDOW,
            now,
            ..settings
        };
        let fleet = Fleet::generate(settings.seed, settings.devices, now);
        let simulator = Simulator::start_with(settings, &fleet).expect("a simulator");
        let bench = Self {
            directory,
            simulator,
        };
        bench.write("devices.json", &fleet.list(Shape::V2));
        bench.write("secret", CLIENT_SECRET);
        bench.write(
            "config.toml",
            &format!(
                "[profiles.lab]\nbase_url = \"{}\"\nclient_id = \"{CLIENT_ID}\"\nclient_secret_file = \"{}\"\n\
                 [limits]\nmax_devices = 5000\n",
                bench.simulator.url(),
                bench.path("secret").display()
            ),
        );
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a private file.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("private");
    }

    /// The binary, in this workspace.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offboard"));
        command
            .arg("--config")
            .arg(self.path("config.toml"))
            .arg("--state-dir")
            .arg(self.path("state"))
            .args(arguments)
            .current_dir(self.directory.path())
            .env("OFFBOARD_TEST_WINDOW_MS", WINDOW.as_millis().to_string())
            .env("HOME", self.directory.path())
            .env_remove("XDG_CONFIG_HOME");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("it runs");
        Output {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The delete calls that the tenant received.
    pub fn deletes(&self) -> Vec<Received> {
        let mut received = self.simulator.received();
        received.retain(|call| call.delete.is_some());
        received
    }

    /// Everything that the program has written below the workspace.
    pub fn files(&self) -> Vec<PathBuf> {
        fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(directory).expect("readable").flatten() {
                if entry.path().is_dir() {
                    walk(&entry.path(), files);
                } else {
                    files.push(entry.path());
                }
            }
        }
        let mut files = Vec::new();
        walk(&self.path("state"), &mut files);
        files
    }
}

impl Output {
    /// The JSON lines of this event.
    pub fn events(&self, event: &str) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("a JSON line"))
            .filter(|line| line["event"] == event)
            .collect()
    }

    /// The only JSON line of this event.
    pub fn event(&self, event: &str) -> Value {
        let mut events = self.events(event);
        assert_eq!(events.len(), 1, "{}", self.stdout);
        events.remove(0)
    }
}
