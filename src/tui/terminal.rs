//! The terminal: taken over, drawn on, and given back on every way out.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::TuiError;
use super::app::App;
use super::view;

/// The terminal is ours. For the panic hook, which has nothing else to go by.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal, taken over.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
    /// Once the terminal is gone: the end of a pipe that is never written, so that reading from
    /// standard input waits for ever instead of spinning.
    detached: Option<OwnedFd>,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn enter(mouse: bool) -> Result<Self, TuiError> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(TuiError::NoTerminal(
                "standard input and output must be a terminal",
            ));
        }
        if std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty()) {
            return Err(TuiError::NoTerminal(
                "this terminal can't draw (TERM is dumb or not set)",
            ));
        }
        restore_on_panic();
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
        let screen = Self {
            terminal: Terminal::new(backend)?,
            mouse,
            detached: None,
        };
        screen.take()?;
        Ok(screen)
    }

    fn take(&self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            cursor::Hide
        )?;
        if self.mouse {
            execute!(io::stdout(), EnableMouseCapture)?;
        }
        Ok(())
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws one frame.
    pub(super) fn draw(&mut self, app: &App) -> io::Result<()> {
        self.terminal.draw(|frame| view::render(frame, app))?;
        self.terminal.backend_mut().flush()
    }

    /// False once the terminal is gone.
    pub(super) fn is_alive(&self) -> bool {
        self.detached.is_none()
    }

    /// The terminal is gone: nothing is read from it or written to it any more.
    pub(super) fn detach(&mut self) {
        if self.detached.is_some() {
            return;
        }
        TAKEN.store(false, Ordering::SeqCst);
        // Whatever of this fails leaves a dead descriptor, which is where we are already.
        if let Ok((read, write)) = rustix::pipe::pipe() {
            let _ = rustix::stdio::dup2_stdin(&read);
            self.detached = Some(write);
        }
        if let Ok(null) = std::fs::OpenOptions::new().write(true).open("/dev/null") {
            let _ = rustix::stdio::dup2_stdout(&null);
            let _ = rustix::stdio::dup2_stderr(&null);
        }
    }

    /// Puts `text` on the terminal's clipboard (OSC 52).
    pub(super) fn copy(text: &str) {
        let sequence = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text));
        // A terminal that can't is no reason to stop.
        let _ = io::stdout()
            .write_all(sequence.as_bytes())
            .and_then(|()| io::stdout().flush());
    }

    /// Gives the terminal back, stops the process, and takes the terminal again when it goes on.
    pub(super) fn suspend(&mut self) {
        restore();
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP);
        // If the terminal is gone by now, the next frame finds out.
        let _ = self.take();
        let _ = self.terminal.clear();
    }

    /// Gives the terminal back.
    pub(super) fn leave(&mut self) {
        if self.is_alive() {
            restore();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Gives the terminal back, once. By hand: the library's own way prints to a standard error that
/// may be dead.
fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = execute!(
        io::stdout(),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

/// A panic on the screen's thread gives the terminal back before it is told. On another thread it
/// only goes into the log: the screen lives on, and says that the engine is gone.
fn restore_on_panic() {
    let screen = std::thread::current().id();
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == screen {
            restore();
            tell(panic);
        } else {
            tracing::error!(%panic, "a thread panicked");
        }
    }));
}
