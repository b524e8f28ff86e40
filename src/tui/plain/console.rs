//! The terminal of the dialogue: lines in, lines out. It prints no control character but line feed
//! and backspace, and leaves the terminal's modes as it found them.

mod input;
mod printer;

use std::io::{self, IsTerminal};
use std::os::fd::OwnedFd;
use std::sync::Mutex;

use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcsetattr,
};
use tokio::sync::{mpsc, oneshot};

use crate::tui::app_host::Surface;
use crate::tui::terminal;

use input::LineReader;
pub(super) use input::{Input, Line};
use printer::Printer;

/// The modes in which the terminal was found, while they are changed.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

/// How the terminal hands over what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Line by line, as it was found.
    Lines,
    /// Line by line, without an echo.
    Secret,
    /// Key by key, without an echo.
    Keys,
}

pub(super) struct Console {
    printer: Printer,
    inputs: mpsc::Receiver<Input>,
    reader: LineReader,
    mode: Mode,
    /// Standard input and output are the terminal: what is printed is read by who types.
    is_terminal: bool,
    /// The cursor is behind a prompt.
    is_prompted: bool,
    has_ended: bool,
    /// The write end of the pipe that replaces a terminal that is gone.
    detached: Option<OwnedFd>,
}

impl Console {
    /// Opens the console. Where standard input held the list, commands come from the terminal device.
    pub(super) fn open(list_is_stdin: bool) -> io::Result<Self> {
        if list_is_stdin && !io::stdin().is_terminal() {
            terminal::read_keys_from_terminal_device().map_err(io::Error::other)?;
        }
        restore_on_panic();
        Ok(Self {
            printer: Printer::start()?,
            inputs: input::listen()?,
            reader: LineReader::default(),
            mode: Mode::Lines,
            is_terminal: io::stdin().is_terminal() && io::stdout().is_terminal(),
            is_prompted: false,
            has_ended: false,
            detached: None,
        })
    }

    /// True if someone at a terminal reads what is printed, and types.
    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// False once the terminal is gone.
    pub(super) fn is_alive(&self) -> bool {
        self.detached.is_none()
    }

    /// The next input; pending forever once there is none.
    pub(super) async fn next(&mut self) -> Input {
        match self.inputs.recv().await {
            Some(input) => input,
            None => std::future::pending().await,
        }
    }

    /// The lines that an input completes.
    pub(super) fn lines(&mut self, bytes: &[u8]) -> Vec<Line> {
        self.reader.feed(bytes)
    }

    /// The end of the input: what was typed without a line feed. At a terminal the end comes after it as a
    /// line of its own, and more may follow.
    pub(super) fn end(&mut self) -> Vec<Line> {
        let mut lines = self.reader.feed(b"\n");
        lines.retain(|line| *line != Line::Text(String::new()));
        if io::stdin().is_terminal() {
            lines.push(Line::End);
        } else {
            self.has_ended = true;
        }
        lines
    }

    /// True once a pipe or a file has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Prints a line, safe to show.
    pub(super) fn print(&mut self, line: &str) {
        if std::mem::take(&mut self.is_prompted) {
            self.printer.write("\n");
        }
        self.printer.write(line.trim_end());
        self.printer.write("\n");
    }

    /// Prints a prompt, unless the cursor is behind one.
    pub(super) fn prompt(&mut self, prompt: &str) {
        if !std::mem::replace(&mut self.is_prompted, true) {
            self.printer.write(prompt);
        }
    }

    /// The line behind the prompt was ended by who typed it.
    pub(super) fn line_ended(&mut self) {
        if self.is_terminal {
            self.is_prompted = false;
        } else if std::mem::take(&mut self.is_prompted) {
            // Nobody has typed a line feed.
            self.printer.write("\n");
        }
    }

    /// Shows what was typed key by key.
    pub(super) fn echo(&self, text: &str) {
        self.printer.write(text);
    }

    /// Resolves once everything printed so far was handed to the terminal.
    pub(super) fn flushed(&self) -> oneshot::Receiver<()> {
        self.printer.flushed()
    }

    /// Changes how the terminal hands over what is typed, and throws away what was typed before.
    pub(super) fn set_mode(&mut self, mode: Mode) {
        if mode != self.mode {
            self.mode = mode;
            self.apply_mode();
        }
        self.discard_input();
    }

    /// How the terminal hands over what is typed.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    fn apply_mode(&self) {
        if !io::stdin().is_terminal() || !self.is_alive() {
            return;
        }
        match self.mode {
            Mode::Lines => restore(),
            Mode::Keys | Mode::Secret => change(self.mode == Mode::Keys),
        }
    }

    /// Throws away what was typed and not yet handled. What comes through a pipe is no type-ahead.
    pub(super) fn discard_input(&mut self) {
        if !io::stdin().is_terminal() {
            return;
        }
        // Without a terminal there is nothing to throw away.
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        while self.inputs.try_recv().is_ok() {}
        self.reader = LineReader::default();
    }

    /// The terminal is gone: nothing more is read from it or written to it.
    pub(super) fn detach(&mut self) {
        if self.detached.is_none() {
            self.detached = terminal::replace_stdio();
            forget();
        }
    }

    /// Restores the terminal, and waits a moment for what was printed.
    pub(super) fn leave(&mut self) {
        if std::mem::take(&mut self.is_prompted) {
            self.printer.write("\n");
        }
        if self.is_alive() {
            restore();
        }
        self.printer.wait();
    }
}

impl Surface for Console {
    /// A sequence would set the clipboard: the text is written to a file instead.
    fn copy(&mut self, _text: &str) -> bool {
        false
    }

    fn redraw(&mut self) {}

    fn suspend(&mut self, note: &str) {
        if std::mem::take(&mut self.is_prompted) {
            self.printer.write("\n");
        }
        self.printer.write(&format!("{note}\n"));
        self.printer.wait();
        restore();
        terminal::stop_process();
        self.apply_mode();
        self.discard_input();
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if self.is_alive() {
            restore();
        }
    }
}

/// Switches the echo off, and the gathering of lines too for `keys`.
fn change(keys: bool) {
    let Ok(mut modes) = tcgetattr(io::stdin()) else {
        return;
    };
    if let Ok(mut found) = FOUND.lock() {
        match &*found {
            Some(found) => modes = found.clone(),
            None => *found = Some(modes.clone()),
        }
    }
    modes.local_modes.remove(LocalModes::ECHO);
    if keys {
        // The keys of signals stay: ctrl-c leaves here, too.
        modes.local_modes.remove(LocalModes::ICANON);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    } else {
        modes.local_modes.insert(LocalModes::ECHONL);
    }
    // If the terminal is gone by now, reading from it says so.
    let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &modes);
}

/// Gives back the modes in which the terminal was found.
fn restore() {
    let found = FOUND.lock().ok().and_then(|mut found| found.take());
    if let Some(found) = found {
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &found);
    }
}

/// There is no terminal any more.
fn forget() {
    if let Ok(mut found) = FOUND.lock() {
        *found = None;
    }
}

fn restore_on_panic() {
    // The hook of `panics`: it writes a panic that is caught to the log only.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !crate::platform::panics::is_caught() {
            restore();
        }
        report(panic);
    }));
}
