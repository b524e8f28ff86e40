//! The main job with the keyboard, in a real pseudo-terminal.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use offboard::simulator::Settings;
use portable_pty::{CommandBuilder, PtyPair, PtySize, native_pty_system};

use super::workbench::Workbench;

/// The program in a pseudo-terminal, and what is on its screen.
pub struct Terminal {
    pair: PtyPair,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Every byte that the program wrote.
    pub written: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    pub fn start(bench: &Workbench, arguments: &[&str], columns: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let plain = bench.command(arguments);
        let mut command = CommandBuilder::new(plain.get_program());
        command.args(plain.get_args());
        command.cwd(bench.path("."));
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            }
        }
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).expect("it runs");
        let keys = pair.master.take_writer().expect("a writer");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let written = Arc::new(Mutex::new(Vec::new()));
        let (shown, all) = (screen.clone(), written.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                shown
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .process(&bytes[..read]);
                all.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend_from_slice(&bytes[..read]);
            }
        });
        Self {
            pair,
            child,
            keys,
            screen,
            written,
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .and_then(|()| self.keys.flush())
            .expect("written");
    }

    pub fn screen(&self) -> String {
        self.screen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .screen()
            .contents()
    }

    /// Waits until the screen shows `text`.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    pub fn wait(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if is(&screen) {
                return screen;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "no {what} on\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.screen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .screen_mut()
            .set_size(rows, columns);
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.pair.master.resize(size).expect("resized");
    }

    pub fn exit_code(mut self) -> u32 {
        self.child.wait().expect("it ends").exit_code()
    }
}

/// The number that the dialog asks for, once it listens.
fn wanted(terminal: &Terminal) -> String {
    let screen = terminal.wait("a dialog that listens", |screen| {
        screen.contains("and press enter: ") && !screen.contains("(wait)")
    });
    let after = screen.split(" type ").nth(1).expect("the question");
    after.split(' ').next().expect("a number").to_owned()
}

#[test]
fn the_main_job_from_start_to_reviewed_failures() {
    let bench = Workbench::new(Settings {
        devices: 300,
        ..Settings::default()
    });
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for("showing 3");
    terminal.press("/unseen>60d\r");
    terminal.wait_for("filter: unseen>60d");
    terminal.press("a");
    terminal.wait_for("marked");
    terminal.press("d");
    terminal.wait_for("what is to be done");
    terminal.press("r");
    let count = wanted(&terminal);
    assert!(
        bench.simulator.received().is_empty(),
        "nothing is sent before the count"
    );
    for digit in count.chars() {
        terminal.press(&digit.to_string());
    }
    terminal.wait_for(&format!("press enter: {count}"));
    std::thread::sleep(Duration::from_millis(80));
    terminal.press("\r");
    terminal.wait_for("finished");
    let sent: usize = bench
        .deletes()
        .iter()
        .map(|call| {
            call.delete
                .as_ref()
                .expect("a delete call")
                .identifiers
                .len()
        })
        .sum();
    assert_eq!(sent.to_string(), count);
    terminal.press("f");
    terminal.wait("the failures, and what helps", |screen| {
        screen.contains("failed: not found") && screen.contains("what helps")
    });
    terminal.press("j\r");
    terminal.wait_for("attempt 1");
    terminal.press("\u{1b}");
    terminal.wait_for("meaning, and what helps");
    terminal.press("q");
    terminal.wait_for("filter: unseen>60d");
    terminal.press("q");
    terminal.wait_for("leave?");
    terminal.press("y");
    assert_eq!(terminal.exit_code(), 3, "some failed");
}

#[test]
fn a_pasted_count_sends_nothing() {
    let bench = Workbench::new(Settings {
        devices: 50,
        ..Settings::default()
    });
    let mut terminal = Terminal::start(&bench, &["devices.json"], 80, 24);
    terminal.wait_for("showing");
    terminal.press("dr");
    let count = wanted(&terminal);
    terminal.press(&format!("\u{1b}[200~{count}\r\u{1b}[201~"));
    terminal.wait_for("a paste doesn't count");
    terminal.press(&format!("{count}\r{count}\r"));
    std::thread::sleep(Duration::from_millis(700));
    terminal.press("\u{1b}");
    terminal.wait("the dialog closed", |screen| {
        !screen.contains("press enter")
    });
    assert!(bench.simulator.received().is_empty());
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn the_terminal_is_given_back_and_a_resize_is_followed() {
    let bench = Workbench::new(Settings {
        devices: 50,
        ..Settings::default()
    });
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for("showing");
    terminal.resize(40, 10);
    terminal.wait_for("too small");
    terminal.resize(80, 24);
    terminal.wait_for("showing");
    terminal.press("q");
    let written = terminal.written.clone();
    assert_eq!(terminal.exit_code(), 0);
    let begun = Instant::now();
    loop {
        let bytes = written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if text.contains("\u{1b}[?1049l")
            && text.contains("\u{1b}[?2004l")
            && text.contains("\u{1b}[?25h")
        {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "not given back");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_idle_screen_writes_nothing() {
    let bench = Workbench::new(Settings {
        devices: 50,
        ..Settings::default()
    });
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for("showing");
    let length = || {
        terminal
            .written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    };
    std::thread::sleep(Duration::from_millis(300));
    let before = length();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(length(), before);
    terminal.press("j");
    let begun = Instant::now();
    loop {
        let moved = terminal
            .written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
            - before;
        if moved > 0 {
            std::thread::sleep(Duration::from_millis(100));
            let moved = terminal
                .written
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .len()
                - before;
            assert!(moved < 300, "a cursor move writes {moved} bytes");
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "the cursor doesn't move"
        );
    }
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn sigterm_stops_the_run_after_its_call_and_gives_the_terminal_back() {
    let latency = Duration::from_millis(300);
    let bench = Workbench::new(Settings {
        devices: 300,
        latency,
        ..Settings::default()
    });
    let mut terminal = Terminal::start(&bench, &["devices.json"], 120, 40);
    terminal.wait_for("showing");
    terminal.press("adr");
    let count = wanted(&terminal);
    terminal.press(&count);
    terminal.wait_for(&format!("press enter: {count}"));
    std::thread::sleep(Duration::from_millis(80));
    terminal.press("\r");
    terminal.wait_for("accepted");
    let pid = terminal
        .child
        .process_id()
        .and_then(|pid| i32::try_from(pid).ok());
    let pid = pid
        .and_then(rustix::process::Pid::from_raw)
        .expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("signalled");
    assert_eq!(terminal.exit_code(), 5);
    let runs = bench.run(&["runs"]);
    assert!(
        runs.stdout.contains("stopped") && !runs.stdout.contains("in doubt"),
        "{}",
        runs.stdout
    );
}
