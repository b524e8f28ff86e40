//! How many bytes the screen writes at 120×40, which is what a slow SSH line feels.
//!
//! Goals: a cursor move at most 200 B, marking all at most 1 kB, ten keys of a filter at most 5 kB, a run that
//! waits at most 30 B a second, an idle screen nothing. `tests/program/screen.rs` holds them.
//! The last lines have a terminal that takes 20 kB a second and a key that is held down.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that can't open its terminal has failed; it reports on standard output"
)]

use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
/// Between two keys of a hand that types fast.
const HAND: Duration = Duration::from_millis(60);
/// Between two keys of a key that is held down.
const REPEAT: Duration = Duration::from_millis(33);
/// What the slow line takes in a second.
const SLOW_LINE: usize = 20_000;

fn main() {
    // `cargo test --all-targets` runs benchmarks without this.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut screen = Screen::open(None);
    screen.wait_for(" shown");
    report("first frame", screen.quiet());
    report("cursor move (j)", screen.cost(|screen| screen.press("j")));
    report("mark (space)", screen.cost(|screen| screen.press(" ")));
    report("PgDn", screen.cost(|screen| screen.press("\u{1b}[6~")));
    report("mark all (a)", screen.cost(|screen| screen.press("a")));
    for (name, pause) in [
        ("ten filter keys", HAND),
        ("ten filter keys, 150 ms each", Duration::from_millis(150)),
        ("ten filter keys, 300 ms each", Duration::from_millis(300)),
    ] {
        screen.press("\u{1b}");
        screen.quiet();
        let filter = screen.cost(|screen| {
            screen.press("/");
            screen.type_slowly("unseen>60d", pause);
        });
        report(name, filter);
        screen.press("\r");
        screen.quiet();
    }
    screen.press("d");
    screen.wait_for("What should happen to");
    screen.press("r");
    let count = screen.requested_count();
    screen.type_slowly(&count, HAND);
    screen.wait_for(&format!(":  {count}▏"));
    std::thread::sleep(Duration::from_millis(150));
    let before = screen.bytes();
    screen.press("\r");
    std::thread::sleep(Duration::from_secs(3));
    report("run, first 3 s", screen.bytes() - before);
    let sending = screen.bytes();
    std::thread::sleep(Duration::from_secs(5));
    report("run, B/s of the next 5 s", (screen.bytes() - sending) / 5);
    screen.wait_for(" in doubt in 0:");
    // In the demo the slots come back within seconds; a run that waits for a minute waits for nothing else.
    screen.wait_for("10/10 calls left");
    std::thread::sleep(Duration::from_secs(1));
    let waiting = screen.bytes();
    std::thread::sleep(Duration::from_secs(5));
    report("run that waits, B/s", (screen.bytes() - waiting) / 5);
    drop(screen);
    hold_on_slow_line();
}

/// Holds `j` down for four seconds on a line that takes [`SLOW_LINE`] bytes a second.
fn hold_on_slow_line() {
    let mut screen = Screen::open(Some(SLOW_LINE));
    screen.wait_for(" shown");
    screen.quiet();
    // From the last row of the screen each step scrolls the table.
    screen.press("\u{1b}[6~");
    screen.quiet();
    let before = screen.bytes();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        screen.press("j");
        std::thread::sleep(REPEAT);
    }
    let released = Instant::now();
    let last = screen.quiet_since();
    report("slow line, j held 4 s", screen.bytes() - before);
    println!(
        "{:<28} {:>8} ms",
        "slow line, still for",
        last.saturating_duration_since(released).as_millis()
    );
}

fn report(what: &str, bytes: usize) {
    println!("{what:<28} {bytes:>8} B");
}

/// The demo in a pseudo-terminal.
struct Screen {
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    shown: Arc<Mutex<vt100::Parser>>,
    written: Arc<AtomicUsize>,
}

impl Screen {
    /// Opens the demo on a terminal that takes as many bytes a second, or all at once.
    fn open(bytes_per_second: Option<usize>) -> Self {
        let size = PtySize {
            rows: ROWS,
            cols: COLUMNS,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_offboard"));
        command.arg("--demo");
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).expect("it runs");
        let keys = pair.master.take_writer().expect("a writer");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let shown = Arc::new(Mutex::new(vt100::Parser::new(ROWS, COLUMNS, 0)));
        let written = Arc::new(AtomicUsize::new(0));
        let (parser, count) = (shown.clone(), written.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 1000];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                let mut parser = parser.lock().unwrap_or_else(PoisonError::into_inner);
                parser.process(bytes.get(..read).unwrap_or_default());
                drop(parser);
                count.fetch_add(read, Ordering::SeqCst);
                if let Some(rate) = bytes_per_second {
                    let seconds = u32::try_from(rate).unwrap_or(1);
                    let read = u32::try_from(read).unwrap_or(0);
                    std::thread::sleep(Duration::from_secs(1) * read / seconds);
                }
            }
        });
        Self {
            _master: pair.master,
            keys,
            child,
            shown,
            written,
        }
    }

    fn bytes(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("written");
        self.keys.flush().expect("written");
    }

    fn type_slowly(&mut self, keys: &str, pace: Duration) {
        for key in keys.chars() {
            self.press(key.encode_utf8(&mut [0; 4]));
            std::thread::sleep(pace);
        }
    }

    /// How many bytes `action` and all that follows from it cost.
    fn cost(&mut self, action: impl FnOnce(&mut Self)) -> usize {
        let before = self.bytes();
        action(self);
        self.quiet() - before
    }

    /// Waits until nothing has come for a while; returns what had been written by then.
    fn quiet(&self) -> usize {
        self.quiet_since();
        self.bytes()
    }

    /// Waits until nothing has come for a while; returns since when.
    fn quiet_since(&self) -> Instant {
        let (mut before, mut since) = (self.bytes(), Instant::now());
        while since.elapsed() < Duration::from_millis(600) {
            std::thread::sleep(Duration::from_millis(20));
            let now = self.bytes();
            if now != before {
                (before, since) = (now, Instant::now());
            }
        }
        since
    }

    fn contents(&self) -> String {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.screen().contents()
    }

    fn wait_for(&self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.contents();
            if screen.contains(text) {
                return screen;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "no {text} on\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The number that the confirmation asks for, once it listens.
    fn requested_count(&self) -> String {
        loop {
            let screen = self.wait_for("and press enter to ");
            if !screen.contains("wait…") {
                let after = screen.split(" Type ").nth(1).expect("the question");
                return after.split(' ').next().expect("a number").to_owned();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A benchmark that failed leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
