//! The program in a real pseudo-terminal.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use super::replies::{Keys, Replies, Reply};
use super::workbench::{Workbench, search};

/// How long anything may take to come onto the screen, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program in a pseudo-terminal, and what is on its screen.
pub struct Terminal {
    /// None once the terminal is gone.
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Keys,
    reply: Arc<Mutex<Reply>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
    written: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
    /// The reader shall end with the next bytes.
    enough: Arc<AtomicBool>,
    /// How many bytes a second the terminal takes; all at once if 0.
    rate: Arc<AtomicU32>,
}

impl Terminal {
    pub fn start(bench: &Workbench, arguments: &[&str], columns: u16, rows: u16) -> Self {
        Self::start_with(bench, arguments, &[], columns, rows)
    }

    /// With the workbench's list open.
    pub fn opened(bench: &Workbench, columns: u16, rows: u16) -> Self {
        let terminal = Self::start(bench, &["devices.json"], columns, rows);
        terminal.wait_for(" shown");
        terminal
    }

    /// With these environment variables besides the workbench's.
    pub fn start_with(
        bench: &Workbench,
        arguments: &[&str],
        variables: &[(&str, &str)],
        columns: u16,
        rows: u16,
    ) -> Self {
        let mut command = Self::command(bench, arguments);
        command.env("TERM", "xterm-256color");
        for (name, value) in variables {
            command.env(name, value);
        }
        Self::spawn(command, columns, rows)
    }

    /// On a terminal of which the environment doesn't name the kind.
    pub fn start_without_term(bench: &Workbench, arguments: &[&str]) -> Self {
        let mut command = Self::command(bench, arguments);
        command.env_remove("TERM");
        Self::spawn(command, 80, 24)
    }

    /// With what these shell commands write piped to it.
    pub fn start_piped(bench: &Workbench, producer: &str, arguments: &[&str]) -> Self {
        let mut command = Self::command(bench, arguments);
        let line = format!("{{ {producer}; }} | \"$@\"");
        let shell = ["sh".into(), "-c".into(), line.into(), "sh".into()];
        command.get_argv_mut().splice(..0, shell);
        command.env("TERM", "xterm-256color");
        Self::spawn(command, 100, 30)
    }

    fn command(bench: &Workbench, arguments: &[&str]) -> CommandBuilder {
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
        command
    }

    /// Any command.
    pub fn spawn(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system()
            .openpty(size(columns, rows))
            .expect("a pseudo-terminal");
        let child = pair.slave.spawn_command(command).expect("it runs");
        let keys = pair.master.take_writer().expect("a writer");
        let keys: Keys = Arc::new(Mutex::new(Some(keys)));
        let reply = Arc::new(Mutex::new(Reply::AtOnce));
        let mut replies = Replies::new(keys.clone(), reply.clone());
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let written = Arc::new(Mutex::new(Vec::new()));
        let enough = Arc::new(AtomicBool::new(false));
        let rate = Arc::new(AtomicU32::new(0));
        let (shown, all, stop) = (screen.clone(), written.clone(), enough.clone());
        let line = rate.clone();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 1000];
            while let Ok(size @ 1..) = reader.read(&mut bytes) {
                shown
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .process(&bytes[..size]);
                all.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend_from_slice(&bytes[..size]);
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let rate = line.load(Ordering::SeqCst);
                if rate > 0 {
                    let read = u32::try_from(size).expect("a small buffer");
                    std::thread::sleep(Duration::from_secs(1) * read / rate);
                }
                replies.answer(&bytes[..size]);
            }
        });
        Self {
            master: Some(pair.master),
            keys,
            reply,
            child,
            screen,
            written,
            reader: Some(reader),
            enough,
            rate,
        }
    }

    /// From now on the terminal takes as many bytes a second.
    pub fn slow_down(&self, bytes_per_second: u32) {
        self.rate.store(bytes_per_second, Ordering::SeqCst);
    }

    /// From now on the terminal answers so.
    pub fn reply(&self, reply: Reply) {
        *self.reply.lock().unwrap_or_else(PoisonError::into_inner) = reply;
    }

    pub fn press(&mut self, keys: &str) {
        let mut terminal = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let terminal = terminal.as_mut().expect("a terminal");
        terminal
            .write_all(keys.as_bytes())
            .and_then(|()| terminal.flush())
            .expect("written");
    }

    /// Presses `keys` once a second as long as the screen shows `text`: a dialog drops a key that
    /// arrives at the very moment at which it is drawn.
    pub fn press_while(&mut self, keys: &str, text: &str) {
        let begun = Instant::now();
        while self.screen().contains(text) {
            assert!(begun.elapsed() < PATIENCE, "{text} stays");
            self.press(keys);
            let pressed = Instant::now();
            self.wait("another screen, or a second", |screen| {
                !screen.contains(text) || pressed.elapsed() > Duration::from_secs(1)
            });
        }
    }

    /// Types a number as a hand does: not at once with what follows.
    pub fn type_count(&mut self, count: &str) {
        self.press(count);
        self.wait_for(&format!(":  {count}▏"));
        std::thread::sleep(Duration::from_millis(120));
        self.press("\r");
    }

    /// Confirms what is asked, and returns the number of devices.
    pub fn confirm(&mut self) -> String {
        let count = requested_count(self);
        self.type_count(&count);
        count
    }

    /// Leaves the program, which asks first.
    pub fn quit(&mut self) {
        self.press("q");
        self.wait_for("leave?");
        self.press("y");
    }

    /// Sends one character after the other, with this much time between them.
    pub fn press_slowly(&mut self, keys: &str, pace: Duration) {
        for (index, character) in keys.chars().enumerate() {
            if index > 0 {
                std::thread::sleep(pace);
            }
            self.press(character.encode_utf8(&mut [0; 4]));
        }
    }

    pub fn screen(&self) -> String {
        self.screen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .screen()
            .contents()
    }

    /// What `look` makes of the screen, with the colours of its cells.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        look(screen.screen())
    }

    /// Waits until the program has written nothing for a quarter of a second.
    pub fn wait_quiet(&self) {
        let mut before = usize::MAX;
        let mut since = Instant::now();
        self.wait("quiet screen", |_| {
            let now = self.written().len();
            if now != before {
                (before, since) = (now, Instant::now());
            }
            since.elapsed() > Duration::from_millis(250)
        });
    }

    /// Every byte that the program has written.
    pub fn written(&self) -> Vec<u8> {
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits out the silence after a paste, in which the program drops keys as part of it.
    pub fn wait_out_paste(&self) {
        let pasted = Instant::now();
        self.wait("end of the silence after a paste", |_| {
            pasted.elapsed() > Duration::from_millis(700)
        });
    }

    /// How often the program has written `sequence`.
    pub fn count_written(&self, sequence: &str) -> usize {
        let written = self.written();
        let windows = written.windows(sequence.len());
        windows
            .filter(|bytes| *bytes == sequence.as_bytes())
            .count()
    }

    /// Presses `keys` again and again until the screen shows that they were accepted: keys are dropped
    /// for a moment after a dialog closed by itself or refused.
    pub fn press_until(&mut self, keys: &str, what: &str, is: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        while !is(&self.screen()) {
            assert!(begun.elapsed() < Duration::from_secs(20), "no {what}");
            self.press(keys);
            let pressed = Instant::now();
            self.wait("an answer to the keys", |screen| {
                is(screen) || pressed.elapsed() > Duration::from_millis(200)
            });
        }
    }

    /// Waits until the screen shows `text`.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    pub fn wait(&self, what: &str, mut is: impl FnMut(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if is(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < PATIENCE, "no {what} on\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until what the program has written, of which the screen shows the last, is so.
    pub fn wait_written(&self, what: &str, is: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        loop {
            let written = self.written();
            let text = String::from_utf8_lossy(&written);
            if is(&text) {
                return;
            }
            let last = text.get(text.len().saturating_sub(2000)..).unwrap_or(&text);
            assert!(begun.elapsed() < PATIENCE, "no {what} in …{last:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The terminal is as it was before: no alternate screen, no bracketed paste, a cursor.
    pub fn wait_until_given_back(&self) {
        self.wait_written("terminal given back", |text| {
            ["\u{1b}[?1049l", "\u{1b}[?2004l", "\u{1b}[?25h"]
                .iter()
                .all(|sequence| text.contains(sequence))
        });
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.screen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .screen_mut()
            .set_size(rows, columns);
        let master = self.master.as_ref().expect("a terminal");
        master.resize(size(columns, rows)).expect("resized");
    }

    pub fn process(&self) -> Pid {
        let pid = self.child.process_id().expect("it runs");
        Pid::from_raw(i32::try_from(pid).expect("a process")).expect("a process")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.process(), signal).expect("signalled");
    }

    /// The terminal goes away, as when a connection drops.
    pub fn hang_up(&mut self) {
        // The reader has the terminal open too: a new size makes the program write, which lets it go.
        self.enough.store(true, Ordering::SeqCst);
        self.resize(100, 30);
        let reader = self.reader.take().expect("a reader");
        reader.join().expect("it ends");
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.master = None;
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    pub fn exit_code(mut self) -> u32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status.exit_code();
            }
            assert!(begun.elapsed() < PATIENCE, "no end on\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Presses these keys until the program ends: they don't count for a moment after a dialog.
    pub fn leave(mut self, keys: &str) -> u32 {
        let begun = Instant::now();
        while !self.has_ended() && begun.elapsed() < PATIENCE {
            self.press(keys);
            std::thread::sleep(Duration::from_millis(100));
        }
        self.exit_code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            search("what was on the terminal", &self.written());
        }
    }
}

/// The number that the dialog asks for, once it listens.
pub fn requested_count(terminal: &Terminal) -> String {
    let screen = terminal.wait("a dialog that listens", |screen| {
        screen.contains("and press enter to ") && !screen.contains("wait…")
    });
    let after = screen.split(" Type ").nth(1).expect("the question");
    after.split(' ').next().expect("a number").to_owned()
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        ..PtySize::default()
    }
}
