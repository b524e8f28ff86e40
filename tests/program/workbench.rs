//! A simulated tenant, a configuration that points to it, and the binary.

mod config;
mod output;

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use offboard::simulator::{
    CLIENT_ID, CLIENT_SECRET, Fleet, Received, Shape, Simulator, SimulatorSettings,
};

pub use output::{Output, search};

/// The window of the rate limit in these tests; the binary's budget is scaled to the same.
pub const WINDOW: Duration = Duration::from_millis(1500);

pub struct Workbench {
    directory: tempfile::TempDir,
    pub simulator: Simulator,
    hwids: Vec<String>,
}

impl Workbench {
    /// With this many devices.
    pub fn with(devices: usize) -> Self {
        Self::new(SimulatorSettings {
            devices,
            ..SimulatorSettings::default()
        })
    }

    pub fn new(settings: SimulatorSettings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let now = jiff::Timestamp::now();
        let settings = SimulatorSettings {
            window: WINDOW,
            now,
            ..settings
        };
        let fleet = Fleet::generate(settings.seed, settings.devices, now);
        let simulator = Simulator::start_with(settings, &fleet).expect("a simulator");
        let bench = Self {
            directory,
            simulator,
            hwids: fleet.known_hwids(),
        };
        bench.write("devices.json", &fleet.list(Shape::V2));
        bench.write("secret", CLIENT_SECRET);
        bench.write(
            "config.toml",
            &format!(
                "[run]\nlicences = false\n[profiles.lab]\nbase_url = \"{}\"\nclient_id = \"{CLIENT_ID}\"\nclient_secret_file = \"{}\"\n\
                 [limits]\nmax_devices = 5000\nmax_per_day = 100000\n",
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
        self.write_bytes(name, text.as_bytes());
    }

    /// Writes a private file of any content.
    pub fn write_bytes(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("private");
    }

    /// The binary, in this workspace.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_in("state", arguments)
    }

    /// The binary, in this workspace, with a state directory of its own.
    pub fn command_in(&self, state: &str, arguments: &[&str]) -> Command {
        self.prepared(env!("CARGO_BIN_EXE_offboard"), state, arguments)
    }

    /// Another build of the binary, in this workspace.
    pub fn command_of(&self, binary: &str, arguments: &[&str]) -> Command {
        self.prepared(binary, "state", arguments)
    }

    fn prepared(&self, binary: &str, state: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary);
        // The demo has its own.
        if !arguments.contains(&"--demo") {
            command.arg("--config").arg(self.path("config.toml"));
            command.arg("--state-dir").arg(self.path(state));
        }
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env("OFFBOARD_TEST_WINDOW_MS", WINDOW.as_millis().to_string())
            .env("HOME", self.directory.path())
            .env("LC_ALL", "C.UTF-8")
            .env_remove("COLORFGBG")
            .env_remove("XDG_CONFIG_HOME");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        Output::of(self.command(arguments))
    }

    /// Plans `action` for all of `list`.
    pub fn plan_of(&self, list: &str, action: &str, more: &[&str]) -> Output {
        let plan = [
            "plan",
            list,
            "--action",
            action,
            "--all",
            "--output",
            "jsonl",
            "--allow",
            EVERY_WARNING,
        ];
        self.run(&[&plan[..], more].concat())
    }

    /// Removes all of `list`.
    pub fn run_of(&self, list: &str, count: &str, more: &[&str]) -> Output {
        self.run(&[&removal(list, count)[..], more].concat())
    }

    /// Takes up the newest run, of which this many are left.
    pub fn resume(&self, left: &str) -> Output {
        let resume = ["resume", "last", "--expect-count", left];
        self.run(&[&resume[..], &["--output", "jsonl"]].concat())
    }

    /// Starts the binary; its output is read when it ends.
    pub fn start(&self, arguments: &[&str]) -> Child {
        start(self.command(arguments))
    }

    /// Starts the removal of everything of the workbench's list.
    pub fn start_all(&self) -> Child {
        let count = self.count();
        self.start(&removal("devices.json", &count))
    }

    /// The arguments that run everything of the workbench's list.
    pub fn run_all(&self) -> Vec<String> {
        let count = self.count();
        removal("devices.json", &count).map(str::to_owned).to_vec()
    }

    /// How many devices a plan of everything has.
    pub fn count(&self) -> String {
        self.count_of("devices.json")
    }

    /// How many devices a plan of all of `list` has.
    pub fn count_of(&self, list: &str) -> String {
        let plan = self.plan_of(list, "remove", &[]);
        plan.exits(0);
        plan.event("plan")["devices"].to_string()
    }

    /// How many devices of the newest run are left to send, which `resume` requires.
    pub fn left(&self) -> String {
        let refused = self.run(&["resume", "last"]);
        refused.exits(7);
        let after = refused.stderr.split(" has ").nth(1);
        let number = after.and_then(|rest| rest.split(' ').next());
        number.expect("a number").to_owned()
    }

    /// How often each identifier was sent.
    pub fn sends(&self) -> HashMap<String, usize> {
        let mut sends = HashMap::new();
        for call in self.deletes() {
            for identifier in call.delete.expect("a delete call").identifiers {
                *sends.entry(identifier).or_default() += 1;
            }
        }
        sends
    }

    /// The HWIDs of the list that the tenant knows, in the list's order.
    pub fn known_hwids(&self) -> Vec<String> {
        self.hwids.clone()
    }

    /// The delete calls that the tenant received.
    pub fn deletes(&self) -> Vec<Received> {
        let mut received = self.simulator.received();
        received.retain(|call| call.delete.is_some());
        received
    }

    /// How many devices each delete call carried that the tenant took in.
    pub fn sizes(&self) -> Vec<usize> {
        let deletes = self.deletes().into_iter();
        deletes
            .filter_map(|call| Some(call.delete?.identifiers.len()))
            .collect()
    }

    /// How many delete calls have reached the tenant, answered or not.
    pub fn arrived(&self) -> usize {
        let received = self.simulator.received().into_iter();
        received.filter(|call| call.path == DELETE).count()
    }

    /// Waits until this many delete calls have reached the tenant.
    pub fn wait_for_calls(&self, calls: usize) {
        wait_until("call in flight", || self.arrived() >= calls);
    }

    /// The journal's database, opened beside the program.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path("state/journal.db")).expect("a journal")
    }

    /// Every file of the workspace that the program may have written.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect_files(self.directory.path(), &mut files);
        // These hold secrets because the test put them there.
        files.retain(|path| {
            !["secret", "canary", "config.toml"]
                .iter()
                .any(|name| path == &self.path(name))
        });
        files
    }
}

/// Every warning, so that a plan is accepted whatever its list is like.
pub const EVERY_WARNING: &str =
    "most,recent,old-list,new,shrunk,last,not-in-inventory,rule-matches-none";

/// The path of the call that deletes.
pub const DELETE: &str = "/o/api/v2/devices/delete";

/// The arguments that remove all of `list`.
fn removal<'a>(list: &'a str, count: &'a str) -> [&'a str; 11] {
    [
        "run",
        list,
        "--action",
        "remove",
        "--all",
        "--allow",
        "most,recent,last",
        "--output",
        "jsonl",
        "--expect-count",
        count,
    ]
}

/// Starts a command; its output is read when it ends.
pub fn start(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs")
}

/// What a child wrote by its end.
pub fn ended(child: Child) -> Output {
    Output::read(&child.wait_with_output().expect("it ends"))
}

/// What a child wrote by its end, which must come within a minute: one that waits for ever is killed.
pub fn ended_in_time(child: Child) -> Output {
    let process = rustix::process::Pid::from_child(&child);
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver
        .recv_timeout(Duration::from_secs(60))
        .inspect_err(|_| {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        });
    Output::read(&output.expect("it ends in time").expect("it ends"))
}

/// Sends a child a signal.
pub fn signal(child: &Child, signal: rustix::process::Signal) {
    let process = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(process, signal).expect("signalled");
}

/// Tests each case on a thread of its own, a few at a time: most of them wait. Returns the results in
/// the order of the cases.
pub fn in_parallel<T: Sync, R: Send>(cases: &[T], test: impl Fn(&T) -> R + Sync) -> Vec<R> {
    const AT_A_TIME: usize = 4;
    let mut results = Vec::with_capacity(cases.len());
    for cases in cases.chunks(AT_A_TIME) {
        std::thread::scope(|scope| {
            let threads: Vec<_> = cases
                .iter()
                .map(|case| scope.spawn(|| test(case)))
                .collect();
            for thread in threads {
                let result = thread.join();
                results.push(result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
        });
    }
    results
}

/// Waits for what another process does, on a machine that is busy with other tests.
pub fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(60), "no {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for Workbench {
    /// Whatever a test made the program write is searched for the secrets.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for path in self.files() {
            // A pipe would block, and a file may be gone by now.
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap_or_default();
                search(&path.display().to_string(), &bytes);
            }
        }
    }
}

fn collect_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("readable").flatten() {
        if entry.path().is_dir() {
            collect_files(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}
