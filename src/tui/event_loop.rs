//! One loop that waits for keys, the runner, signals and time; hands each to the app as a message;
//! performs the effects that come out; and draws when something has changed.
//!
//! Nothing is drawn and nothing wakes up while nothing happens.

mod answer;
mod perform;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEventKind, MouseButton, MouseEventKind};
use futures_util::FutureExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::outcome::Tally;
use crate::domain::run::RunState;
use crate::list::DeviceList;
use crate::platform::clock::Clock;
use crate::runner::{Driver, News, Update};
use crate::text::counted;
use crate::tui::app::{App, Countdown};
use crate::tui::backend::Backend;
use crate::tui::context::SessionConfig;
use crate::tui::effect::Effect;
use crate::tui::indicators::Indicators;
use crate::tui::input::escape_filter::EscapeSequenceFilter;
use crate::tui::message::Message;
use crate::tui::opened::Opened;
use crate::tui::saved_view::SavedView;
use crate::tui::terminal::{self, Screen, TuiError};

/// How many rows a notch of the mouse's wheel is.
const NOTCH: isize = 3;
/// How often a countdown moves.
const TICK: Duration = Duration::from_millis(250);
/// How often it moves on a slow line.
const SLOW_TICK: Duration = Duration::from_secs(5);
/// Input is drained before a frame is drawn, but for no longer than this.
const DRAIN: Duration = Duration::from_millis(100);
/// A new size is drawn when no other has come for this long.
const RESIZE: Duration = Duration::from_millis(80);
/// A change of the view is saved after this: a kill loses no more.
const AUTOSAVE_DELAY: Duration = Duration::from_secs(5);

/// What the screen works with.
pub struct Session {
    /// The list.
    pub opened: Opened,
    /// What doesn't change.
    pub settings: SessionConfig,
    /// The time.
    pub clock: Clock,
    /// The engine; none where nothing can be sent.
    pub engine: Option<(Driver, mpsc::Receiver<Update>)>,
    /// Plans, the journal and files.
    pub backend: Arc<dyn Backend>,
    /// Listen to the mouse.
    pub mouse: bool,
    /// Ring the bell when a run ends or needs the operator.
    pub bell: bool,
}

/// How the screen ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitReason {
    /// By the operator or a signal.
    Quit {
        /// The last run of this process.
        last_run: Option<LastRun>,
        /// What must not be lost with the screen.
        message: Option<String>,
    },
    /// At once, by a second signal.
    Aborted(i32),
}

/// The last run when the program is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// Its state.
    pub state: RunState,
    /// Its counts.
    pub tally: Tally,
}

/// Opens the screen and stays until it is left. The terminal is restored on every way out.
pub async fn run(session: Session) -> Result<ExitReason, TuiError> {
    let Session {
        opened,
        settings,
        clock,
        engine,
        backend,
        mouse,
        bell,
    } = session;
    let (driver, updates) = engine.unzip();
    let mut screen = Screen::enter()?;
    let mut app = App::new(opened, settings, clock.now(), screen.size()?);
    app.listen_to_mouse(mouse);
    let (answers, answered) = mpsc::channel(64);
    let mut event_loop = Loop {
        app,
        clock,
        driver,
        updates,
        backend,
        answers,
        answered,
        has_ended: false,
        autosave: Autosave::default(),
        bell,
        redraw: Redraw {
            since: Some(Instant::now()),
            resized: None,
        },
    };
    // Many runs take a while to read: the first frame doesn't wait for them.
    event_loop.execute(Effect::ReadJournalStates, &mut screen);
    let result = event_loop.run(&mut screen).await;
    screen.leave();
    let Loop {
        app,
        driver,
        updates,
        backend,
        autosave,
        ..
    } = event_loop;
    drop(updates);
    result?;
    if let Some(writing) = autosave.writing {
        // The view is saved once more below.
        drop(writing.await);
    }
    let path = app.context.info.view_path.as_deref();
    let marks = app.context.list.marks.len() as u64;
    let saved = app
        .view_to_save()
        .zip(path)
        .map(|(view, path)| backend.save_view(path, &view));
    // The demo's journal goes with it.
    let commands = (!app.context.settings.demo)
        .then(|| app.runs().next_commands())
        .flatten();
    let saved = match saved {
        Some(Err(error)) => Some(error.to_string()),
        Some(Ok(())) if marks > 0 => {
            let marks = counted(marks, "mark");
            Some(format!(
                "{marks} saved: offered when the list is opened again"
            ))
        }
        _ => None,
    };
    match app.aborted_by() {
        Some(number) => Ok(ExitReason::Aborted(number)),
        None => {
            if let Some(driver) = driver {
                driver.finish();
            }
            let last_run = app.context.runs.newest().map(|run| LastRun {
                state: run.state,
                tally: run.tally,
            });
            Ok(ExitReason::Quit {
                last_run,
                message: app
                    .runs()
                    .exit_message()
                    .into_iter()
                    .chain(commands)
                    .chain(saved)
                    .reduce(|a, b| format!("{a}\n{b}")),
            })
        }
    }
}

struct Loop {
    app: App,
    clock: Clock,
    driver: Option<Driver>,
    updates: Option<mpsc::Receiver<Update>>,
    backend: Arc<dyn Backend>,
    answers: mpsc::Sender<Answer>,
    answered: mpsc::Receiver<Answer>,
    has_ended: bool,
    autosave: Autosave,
    bell: bool,
    redraw: Redraw,
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
    fn is_due(&self, events: &mpsc::Receiver<(std::io::Result<Event>, Instant)>) -> bool {
        let drained = events.is_empty() || self.since.is_some_and(|since| since.elapsed() >= DRAIN);
        drained && self.wait() == Some(Duration::ZERO)
    }
}

/// The answer to an effect, and the list that was open when it was requested.
type Answer = (Arc<DeviceList>, Message);

/// Saves the view while the screen is open.
#[derive(Default)]
struct Autosave {
    /// Since when it may have changed.
    touched: Option<Instant>,
    /// The path and the view that were saved last.
    written: Option<(PathBuf, Arc<SavedView>)>,
    writing: Option<JoinHandle<()>>,
}

impl Loop {
    async fn run(&mut self, screen: &mut Screen) -> Result<(), TuiError> {
        let mut events = terminal::events()?;
        let mut keys = EscapeSequenceFilter::default();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let mut suspend = signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?;
        let mut resumed = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
        let mut gone = terminal::watch()?;
        while !self.has_ended {
            if self.redraw.is_due(&events)
                && screen.is_alive()
                && screen.wait() == Some(Duration::ZERO)
            {
                self.draw(screen);
                continue;
            }
            let wait = self.next_wake(screen, &keys);
            let alive = screen.is_alive();
            let messages = tokio::select! {
                biased;
                _ = interrupt.recv() => vec![Message::Signal(SignalKind::interrupt().as_raw_value())],
                _ = terminate.recv() => vec![Message::Signal(SignalKind::terminate().as_raw_value())],
                _ = hangup.recv() => vec![hung_up(screen)],
                Some(()) = gone.recv() => vec![hung_up(screen)],
                _ = suspend.recv() => vec![Message::Suspend],
                _ = resumed.recv() => {
                    screen.retake();
                    vec![Message::Resumed(self.clock.now())]
                }
                flushed = screen.flushed(), if alive => match flushed {
                    Ok(()) => {
                        // Not by a message of its own right: what is on the screen is what was drawn.
                        self.handle(Message::Drawn(self.clock.now()), screen);
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
                        screen.retake();
                        messages.push(Message::Resumed(self.clock.now()));
                    }
                    messages.extend(match event {
                        Some((Ok(event), arrived)) => self.messages(event, arrived, &mut keys),
                        Some((Err(_), _)) | None => vec![hung_up(screen)],
                    });
                    messages
                },
                update = next_update(&mut self.updates) => vec![Message::Update(update, self.clock.now())],
                Some((list, message)) = self.answered.recv() => {
                    // A place in a list that was read again meanwhile means another device.
                    let stale = message.is_of_list() && !Arc::ptr_eq(&list, &self.app.context.list.devices);
                    if stale { Vec::new() } else { vec![message] }
                }
                () = sleep(self.autosave.touched.map(|since| AUTOSAVE_DELAY.saturating_sub(since.elapsed()))) => {
                    self.save_view();
                    continue;
                }
                () = sleep(wait) => {
                    let now = self.clock.now();
                    let mut messages: Vec<Message> =
                        keys.release().into_iter().map(|key| Message::Key(key, now)).collect();
                    messages.push(Message::Tick(now));
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
        screen.report_mouse(self.app.listens_to_mouse());
        screen.indicate(Indicators::of(&self.app.context), self.bell);
        self.redraw = Redraw::default();
        self.handle(Message::Rendered, screen);
        match screen.draw(&self.app) {
            Ok(true) => {}
            // The terminal shows it already.
            Ok(false) => self.handle(Message::Drawn(self.clock.now()), screen),
            Err(_) => {
                let message = hung_up(screen);
                self.handle(message, screen);
            }
        }
    }

    /// How long nothing has to be done until something happens.
    fn next_wake(&mut self, screen: &Screen, keys: &EscapeSequenceFilter) -> Option<Duration> {
        let frame = screen
            .wait()
            .filter(|_| screen.is_alive())
            .and_then(|wait| Some(wait.max(self.redraw.wait()?)));
        let now = self.clock.now().boot;
        let tick = self.app.counts_down().map(|countdown| match countdown {
            Countdown::Filter(due) => due.since(now),
            Countdown::Screen if screen.is_slow() => SLOW_TICK,
            Countdown::Dialog | Countdown::Screen => TICK,
        });
        [frame, keys.waits(), tick].into_iter().flatten().min()
    }

    /// Saves the view, if it changed.
    fn save_view(&mut self) {
        self.autosave.touched = None;
        let Some((view, path)) = self
            .app
            .view_to_save()
            .zip(self.app.context.info.view_path.clone())
        else {
            return;
        };
        if let Some(writing) = &self.autosave.writing
            && !writing.is_finished()
        {
            self.autosave.touched = Some(Instant::now());
            return;
        }
        if let Some((place, written)) = &self.autosave.written
            && (*place == path && written.same_content(&view))
        {
            return;
        }
        let view = Arc::new(view);
        self.autosave.written = Some((path.clone(), view.clone()));
        let backend = self.backend.clone();
        self.autosave.writing = Some(tokio::task::spawn_blocking(move || {
            // An error is reported when the program is left, which saves again.
            drop(backend.save_view(&path, &view));
        }));
    }

    fn messages(
        &self,
        event: Event,
        arrived: Instant,
        keys: &mut EscapeSequenceFilter,
    ) -> Vec<Message> {
        let mut now = self.clock.now();
        now.boot = now.boot - arrived.elapsed();
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => keys
                .feed(key, arrived)
                .into_iter()
                .map(|key| Message::Key(key, now))
                .collect(),
            Event::Paste(text) => {
                keys.pasted(arrived);
                vec![Message::Paste(text, now)]
            }
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollUp => vec![Message::Wheel(-NOTCH)],
                MouseEventKind::ScrollDown => vec![Message::Wheel(NOTCH)],
                MouseEventKind::Down(MouseButton::Left) => vec![Message::Click(mouse.row)],
                _ => Vec::new(),
            },
            Event::Resize(columns, rows) => vec![Message::Resized(columns, rows)],
            _ => Vec::new(),
        }
    }

    fn handle(&mut self, message: Message, screen: &mut Screen) {
        if !matches!(
            message,
            Message::Tick(_) | Message::Rendered | Message::Drawn(_)
        ) {
            self.autosave.touched.get_or_insert_with(Instant::now);
        }
        for effect in self.app.update(message) {
            self.execute(effect, screen);
        }
    }
}

/// The terminal is gone: nothing more is read from it or written to it.
fn hung_up(screen: &mut Screen) -> Message {
    screen.detach();
    Message::Signal(SignalKind::hangup().as_raw_value())
}

/// The next update. An engine that ends without one has panicked, which is reported once.
async fn next_update(updates: &mut Option<mpsc::Receiver<Update>>) -> Update {
    let Some(receiver) = updates else {
        return std::future::pending().await;
    };
    match receiver.recv().await {
        Some(update) => update,
        None => {
            *updates = None;
            let what = "the engine ended unexpectedly; what was in flight is in doubt: see `offboard runs`";
            Update {
                run: None,
                news: News::Broken(what.to_owned()),
            }
        }
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
