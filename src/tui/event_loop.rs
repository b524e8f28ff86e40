//! One loop that waits for keys, the runner, signals and time; hands each to the app as a message;
//! performs the effects that come out; and draws when something has changed.
//!
//! Idle until an event arrives: no redraw, no timer.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEventKind, MouseButton, MouseEventKind};
use futures_util::FutureExt as _;
use ratatui::layout::Position;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::tui::app::Countdown;
use crate::tui::app_host::{AppHost, ExitReason, SessionParts, Surface};
use crate::tui::indicators::Indicators;
use crate::tui::input::escape_filter::EscapeSequenceFilter;
use crate::tui::message::Message;
use crate::tui::terminal::{self, Arrival, Input, Screen, TuiError};

/// Rows scrolled per wheel notch.
const NOTCH: isize = 3;
/// How often a countdown moves.
const TICK: Duration = Duration::from_millis(250);
/// How often it moves on a slow line.
const SLOW_TICK: Duration = Duration::from_secs(5);
/// Input is drained before a frame is drawn, but for no longer than this.
const DRAIN: Duration = Duration::from_millis(100);
/// A new size is drawn when no other has come for this long.
const RESIZE: Duration = Duration::from_millis(80);

/// Opens the screen and stays until it is left. The terminal is restored on every way out.
pub async fn run(session: SessionParts) -> Result<ExitReason, TuiError> {
    let bell = session.bell;
    let mut screen = Screen::enter()?;
    let size = screen.size()?;
    let mut event_loop = Loop {
        host: AppHost::new(session, size),
        bell,
        redraw: Redraw {
            since: Some(Instant::now()),
            resized: None,
        },
        keys: EscapeSequenceFilter::default(),
    };
    event_loop.host.begin(&mut screen);
    let result = event_loop.run(&mut screen).await;
    screen.leave();
    result?;
    Ok(event_loop.host.finish().await)
}

struct Loop {
    host: AppHost,
    bell: bool,
    redraw: Redraw,
    keys: EscapeSequenceFilter,
}

/// Whether a frame has to be drawn.
#[derive(Debug, Default)]
struct Redraw {
    /// Since when the screen may have changed.
    since: Option<Instant>,
    /// When the terminal was resized last.
    resized: Option<Instant>,
}

impl Redraw {
    /// The message may change the screen.
    fn request(&mut self, message: &Message) {
        let now = Instant::now();
        self.since.get_or_insert(now);
        if matches!(message, Message::Resized(..)) {
            self.resized = Some(now);
        }
    }

    /// How long to wait for another size; none if nothing has to be drawn.
    fn wait(&self) -> Option<Duration> {
        let resized = self
            .resized
            .map_or(Duration::ZERO, |at| RESIZE.saturating_sub(at.elapsed()));
        self.since.map(|_| resized)
    }

    /// True if a frame has to be drawn now: not in the midst of a burst of keys or of sizes.
    fn is_due(&self, events: &mpsc::Receiver<Arrival>) -> bool {
        let drained = events.is_empty() || self.since.is_some_and(|since| since.elapsed() >= DRAIN);
        drained && self.wait() == Some(Duration::ZERO)
    }
}

impl Loop {
    async fn run(&mut self, screen: &mut Screen) -> Result<(), TuiError> {
        let (input, mut events) = Input::start(screen.probe.replies())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let mut suspend = signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?;
        let mut resumed = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
        let mut resized = signal(SignalKind::window_change())?;
        let mut gone = terminal::watch()?;
        while !self.host.has_ended {
            if self.redraw.is_due(&events)
                && screen.is_alive()
                && screen.wait() == Some(Duration::ZERO)
            {
                self.draw(screen);
                continue;
            }
            let wait = self.next_wake(screen);
            let alive = screen.is_alive();
            let autosave = self.host.autosave_wait();
            let messages = tokio::select! {
                biased;
                _ = interrupt.recv() => vec![Message::Signal(SignalKind::interrupt().as_raw_value())],
                _ = terminate.recv() => vec![Message::Signal(SignalKind::terminate().as_raw_value())],
                _ = hangup.recv() => vec![hung_up(screen)],
                Some(()) = gone.recv() => vec![hung_up(screen)],
                _ = suspend.recv() => vec![Message::Suspend],
                _ = resumed.recv() => self.resumed(screen),
                _ = resized.recv(), if alive => {
                    input.on_resized();
                    screen.size().map_or_else(|_| Vec::new(), |(columns, rows)| vec![Message::Resized(columns, rows)])
                }
                flushed = screen.flushed(), if alive => match flushed {
                    Ok(()) => {
                        // No message: the written frame is the drawn one.
                        self.on_written(screen);
                        continue;
                    }
                    Err(_) => vec![hung_up(screen)],
                },
                event = events.recv(), if alive => {
                    // What was typed while the process was stopped is read as soon as it continues, and
                    // the signal that says so takes a turn longer: it is handled first, so that no
                    // dialog takes such a key for an answer.
                    tokio::task::yield_now().await;
                    let mut messages = Vec::new();
                    if resumed.recv().now_or_never().is_some() {
                        messages.extend(self.resumed(screen));
                    }
                    messages.extend(match event {
                        Some((Ok(event), arrived)) => self.messages(event, arrived, screen),
                        Some((Err(_), _)) | None => vec![hung_up(screen)],
                    });
                    messages
                },
                message = self.host.next() => message.into_iter().collect(),
                () = sleep(autosave) => {
                    self.host.save_view();
                    continue;
                }
                () = sleep(wait) => {
                    let now = self.host.clock.now();
                    let released = self.keys.release(Instant::now());
                    let mut messages: Vec<Message> =
                        released.into_iter().map(|key| Message::Key(key, now)).collect();
                    messages.push(Message::Tick(now));
                    if screen.probe.give_up(Instant::now()) {
                        messages.push(Message::Drawn(now));
                    }
                    messages
                }
            };
            for message in messages {
                self.redraw.request(&message);
                self.handle(message, screen);
            }
        }
        Ok(())
    }

    /// Draws a frame; whether it has reached the terminal is known later.
    fn draw(&mut self, screen: &mut Screen) {
        screen.report_mouse(self.host.app.listens_to_mouse());
        screen.indicate(Indicators::of(&self.host.app.context), self.bell);
        self.redraw = Redraw::default();
        if self.host.app.opens_key_guard() && screen.ask_for_arrival() {
            self.keys.expect_reply(Instant::now());
        }
        self.handle(Message::Rendered, screen);
        match screen.draw(&self.host.app) {
            Ok(true) => {}
            // The terminal shows it already.
            Ok(false) => self.on_written(screen),
            Err(_) => {
                let message = hung_up(screen);
                self.handle(message, screen);
            }
        }
    }

    /// The last frame was handed to the line. Whether it has arrived is known once the terminal replies.
    fn on_written(&mut self, screen: &mut Screen) {
        let now = self.host.clock.now();
        let message = if screen.probe.is_pending() {
            Message::Written(now)
        } else {
            Message::Drawn(now)
        };
        self.handle(message, screen);
    }

    /// The process continues after it was stopped.
    fn resumed(&self, screen: &mut Screen) -> Vec<Message> {
        if screen.is_own_resume() {
            return Vec::new();
        }
        screen.retake();
        vec![Message::Resumed(self.host.clock.now())]
    }

    /// How long nothing has to be done until something happens.
    fn next_wake(&mut self, screen: &Screen) -> Option<Duration> {
        let frame = screen
            .wait()
            .filter(|_| screen.is_alive())
            .and_then(|wait| Some(wait.max(self.redraw.wait()?)));
        let now = self.host.clock.now().boot;
        let tick = self
            .host
            .app
            .counts_down()
            .map(|countdown| match countdown {
                Countdown::At(due) => due.since(now),
                Countdown::Screen if screen.is_slow() => SLOW_TICK,
                Countdown::Dialog | Countdown::Screen => TICK,
            });
        let reply = screen.probe.wait(Instant::now());
        [frame, self.keys.waits(Instant::now()), tick, reply]
            .into_iter()
            .flatten()
            .min()
    }

    fn messages(&mut self, event: Event, arrived: Instant, screen: &mut Screen) -> Vec<Message> {
        let mut now = self.host.clock.now();
        now.boot = now.boot - arrived.elapsed();
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                let keys = self.keys.feed(key, arrived);
                let mut messages: Vec<Message> =
                    keys.into_iter().map(|key| Message::Key(key, now)).collect();
                if self.keys.take_reply()
                    && let Some(took) = screen.probe.replied(arrived)
                {
                    messages.push(Message::Arrived(took, now));
                }
                messages
            }
            Event::Paste(text) => {
                self.keys.pasted(arrived);
                vec![Message::Paste(text, now)]
            }
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollUp => vec![Message::Wheel(-NOTCH)],
                MouseEventKind::ScrollDown => vec![Message::Wheel(NOTCH)],
                MouseEventKind::Down(MouseButton::Left) => {
                    vec![Message::Click(Position::new(mouse.column, mouse.row), now)]
                }
                _ => Vec::new(),
            },
            // A signal has announced a new size.
            _ => Vec::new(),
        }
    }

    fn handle(&mut self, message: Message, screen: &mut Screen) {
        self.host.handle(message, screen);
    }
}

impl Surface for Screen {
    fn copy(&mut self, text: &str) -> bool {
        Self::copy(self, text)
    }

    fn redraw(&mut self) {
        Self::redraw(self);
    }

    fn suspend(&mut self, note: &str) {
        Self::suspend(self, note);
    }
}

/// The terminal is gone: nothing more is read from it or written to it.
fn hung_up(screen: &mut Screen) -> Message {
    screen.detach();
    Message::Signal(SignalKind::hangup().as_raw_value())
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
