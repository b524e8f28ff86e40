//! The terminal: taken over, drawn on, and given back on every way out.

mod backend;
mod device;
mod frame_writer;
mod input;
mod pacing;
mod probe;
mod sequences;

use std::io::{self, IsTerminal, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::layout::Rect;

use crate::tui::app::App;
use crate::tui::indicators::Indicators;
use crate::tui::render;
use crate::tui::terminal::backend::FrameBackend;
pub(super) use crate::tui::terminal::device::{
    read_keys_from_terminal_device, replace_stdio, watch,
};
use crate::tui::terminal::frame_writer::FrameWriter;
pub(super) use crate::tui::terminal::input::{Arrival, Input};
use crate::tui::terminal::pacing::Pacing;
use crate::tui::terminal::probe::FrameProbe;
use crate::tui::terminal::sequences::Capabilities;

/// Why the screen can't be opened, or broke.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    #[error("{0}: for a run without a screen use `offboard plan` and `offboard run`")]
    NoTerminal(&'static str),
    /// The terminal takes lines only.
    #[error(
        "this terminal can't draw a screen (TERM is dumb or not set): use `offboard --plain`, or `offboard plan` and `offboard run`"
    )]
    CannotDraw,
    #[error("the terminal: {0}")]
    Io(#[from] std::io::Error),
}

/// The terminal is taken over. For the panic hook, which has no other state.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The window's title was saved.
static TITLED: AtomicBool = AtomicBool::new(false);
static IN_PROGRESS: AtomicBool = AtomicBool::new(false);

pub(super) struct Screen {
    terminal: Terminal<FrameBackend>,
    writer: FrameWriter,
    pacing: Pacing,
    capabilities: Capabilities,
    /// What the terminal shows beside the screen.
    indicators: Indicators,
    /// What goes to the terminal before the next frame.
    before_frame: Vec<u8>,
    /// What goes to it behind the next frame.
    behind_frame: &'static [u8],
    /// Whether a frame has reached the terminal.
    pub(super) probe: FrameProbe,
    /// The terminal reports it now.
    reporting: bool,
    /// Once the terminal is gone: the end of a pipe that is never written, so that reading from
    /// standard input waits for ever instead of spinning.
    detached: Option<OwnedFd>,
    /// When the terminal was taken again after the process was stopped by itself.
    own_resume: Option<Instant>,
}

impl Screen {
    pub(super) fn enter() -> Result<Self, TuiError> {
        if !io::stdout().is_terminal() {
            return Err(TuiError::NoTerminal("standard output must be a terminal"));
        }
        if std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty()) {
            return Err(TuiError::CannotDraw);
        }
        if !io::stdin().is_terminal() {
            read_keys_from_terminal_device()?;
        }
        restore_on_panic();
        let mut screen = Self {
            terminal: Terminal::new(FrameBackend::default())?,
            writer: FrameWriter::start()?,
            pacing: Pacing::new(Instant::now()),
            capabilities: Capabilities::detect(),
            indicators: Indicators::default(),
            before_frame: Vec::new(),
            behind_frame: b"",
            probe: FrameProbe::default(),
            reporting: false,
            detached: None,
            own_resume: None,
        };
        screen.take()?;
        Ok(screen)
    }

    fn take(&mut self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            // A console without one shows what was there.
            Clear(ClearType::All),
            EnableBracketedPaste,
            cursor::Hide
        )?;
        if self.capabilities.has_title() {
            TITLED.store(true, Ordering::SeqCst);
            execute!(io::stdout(), Print(sequences::SAVE_TITLE))?;
        }
        self.indicators.title.clear();
        self.indicators.progress = None;
        self.reporting = false;
        Ok(())
    }

    /// Shows the window's title and progress with the next frame, as far as they have changed, and
    /// rings the bell once for a run that has ended or needs the operator.
    pub(super) fn indicate(&mut self, indicators: Indicators, bell: bool) {
        let before = std::mem::replace(&mut self.indicators, indicators);
        let now = &self.indicators;
        let mut text = String::new();
        if now.title != before.title {
            text.extend(self.capabilities.title(&now.title));
        }
        if now.progress != before.progress
            && let Some(sequence) = self.capabilities.progress(now.progress)
        {
            IN_PROGRESS.store(now.progress.is_some(), Ordering::SeqCst);
            text.push_str(&sequence);
        }
        if bell && now.rings_after(&before) {
            text.push('\u{7}');
        }
        self.before_frame.extend_from_slice(text.as_bytes());
    }

    /// Enables or disables reports of clicks and the wheel from the next frame on: a dialog that
    /// confirms is for the keyboard alone. Motion isn't reported: on a slow line it would be a flood.
    pub(super) fn report_mouse(&mut self, enabled: bool) {
        if enabled == self.reporting {
            return;
        }
        self.reporting = enabled;
        let sequence: &[u8] = if enabled {
            b"\x1b[?1000h\x1b[?1006h"
        } else {
            b"\x1b[?1006l\x1b[?1000l"
        };
        self.before_frame.extend_from_slice(sequence);
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// How long the next frame has to wait; none while one is being written.
    pub(super) fn wait(&self) -> Option<Duration> {
        (!self.writer.is_writing()).then(|| self.pacing.wait(Instant::now()))
    }

    /// True if the line was seen to be slow.
    pub(super) fn is_slow(&self) -> bool {
        self.pacing.is_slow(Instant::now())
    }

    /// Draws one frame and begins to write it. False if nothing has to be written, because the
    /// terminal shows it already.
    pub(super) fn draw(&mut self, app: &App) -> io::Result<bool> {
        crate::platform::failpoint::reach("draw");
        self.pacing.begin(Instant::now());
        self.terminal.draw(|frame| render::render(frame, app))?;
        let mut bytes = std::mem::take(&mut self.before_frame);
        bytes.extend(self.terminal.backend_mut().take());
        bytes.extend(std::mem::take(&mut self.behind_frame));
        if bytes.is_empty() {
            return Ok(false);
        }
        self.writer.write(bytes)?;
        Ok(true)
    }

    /// Asks the terminal behind the next frame whether that has arrived. False if it isn't asked.
    pub(super) fn ask_for_arrival(&mut self) -> bool {
        let asks = self.probe.ask();
        if asks {
            self.behind_frame = probe::QUESTION;
        }
        asks
    }

    /// Waits until the frame that was drawn last is written; for ever if none is being written.
    pub(super) async fn flushed(&mut self) -> io::Result<()> {
        let (bytes, took) = self.writer.flushed().await?;
        self.pacing.flushed(bytes, took, Instant::now());
        self.probe.written(Instant::now());
        Ok(())
    }

    /// The next frame is drawn whole.
    pub(super) fn redraw(&mut self) {
        // Not `clear`, which keeps the cursor's place.
        if let Ok((columns, rows)) = self.size() {
            let _ = self.terminal.resize(Rect::new(0, 0, columns, rows));
        }
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
        self.detached = replace_stdio();
    }

    /// Puts `text` on the terminal's clipboard (OSC 52), with the next frame. False if the terminal
    /// has none; whether it takes the text is never known.
    pub(super) fn copy(&mut self, text: &str) -> bool {
        let sequence = self.capabilities.clipboard(text).unwrap_or_default();
        self.before_frame.extend_from_slice(sequence.as_bytes());
        !sequence.is_empty()
    }

    /// Gives the terminal back with a note, stops the process, and takes the terminal again when it
    /// continues.
    pub(super) fn suspend(&mut self, note: &str) {
        let _ = self.probe.wait_for_reply();
        restore();
        if self.is_alive() {
            // Without it the process stops all the same.
            let _ = writeln!(io::stdout(), "{note}");
        }
        stop_process();
        self.retake();
        self.own_resume = Some(Instant::now());
    }

    /// True once, for the signal that comes after a [suspension](Self::suspend): the terminal was taken
    /// again already.
    pub(super) fn is_own_resume(&mut self) -> bool {
        let own = self.own_resume.take();
        own.is_some_and(|at| at.elapsed() < Duration::from_secs(1))
    }

    /// Takes the terminal again after the process was stopped, by us or by someone else; the next
    /// frame is drawn whole.
    pub(super) fn retake(&mut self) {
        if !self.is_alive() {
            return;
        }
        // What the shell did to the terminal meanwhile isn't known to the library, which would take
        // it for raw still. If the terminal is gone by now, the next frame finds out.
        let _ = disable_raw_mode();
        let _ = self.take();
        self.terminal.backend_mut().forget();
        self.redraw();
    }

    pub(super) fn leave(&mut self) {
        if !self.is_alive() {
            return;
        }
        if self.writer.finish() {
            let _ = self.probe.wait_for_reply();
            restore();
        } else if TAKEN.swap(false, Ordering::SeqCst) {
            // The line doesn't take another byte: the modes of the terminal device are all that can be
            // given back.
            let _ = disable_raw_mode();
        }
    }
}

/// Stops the process until it is continued. If it can't be stopped, the program continues.
pub(super) fn stop_process() {
    // Not SIGTSTP, which is handled by who calls this.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
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
    if TITLED.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), Print(sequences::RESTORE_TITLE));
    }
    if IN_PROGRESS.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), Print(sequences::NO_PROGRESS));
    }
    let _ = disable_raw_mode();
}

/// A panic on the screen's thread gives the terminal back before it is reported. On another thread it
/// only goes into the log: the screen lives on, and says that the engine is gone.
fn restore_on_panic() {
    let screen = std::thread::current().id();
    // The hook of `panics`: it writes a panic that is caught to the log only.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if crate::platform::panics::is_caught() {
            report(panic);
        } else if std::thread::current().id() == screen {
            restore();
            report(panic);
        } else {
            tracing::error!(%panic, "a thread panicked");
        }
    }));
}
