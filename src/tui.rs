//! The terminal UI: one loop that waits for keys, the engine, signals and time; hands each to the
//! app as a message; performs the effects that come out; and draws when something has changed.
//!
//! Nothing is drawn and nothing wakes up while nothing happens.

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
use crate::fetch::FetchError;
use crate::list::{self, DeviceList};
use crate::platform::clock::Clock;
use crate::runner::{Driver, FetchNews, News, Update};

pub mod app;
mod backend;
mod component;
pub mod context;
pub mod dialogs;
mod effects;
mod fetch_progress;
pub mod input;
mod list_state;
pub mod message;
pub mod reload;
pub mod render;
mod runs;
pub mod saved_view;
pub mod screens;
mod shutdown;
mod startup;
mod terminal;
mod update;
pub mod widgets;

pub use app::App;
pub use backend::Backend;
pub use context::SessionConfig;
use input::escape_filter::EscapeSequenceFilter;
pub use message::{CallDetail, Effect, Identity, Message, PlanSource};
use reload::Opened;
use saved_view::SavedView;
use terminal::Screen;

/// No more than 30 frames a second.
const FRAME: Duration = Duration::from_millis(33);
/// How many rows a notch of the mouse's wheel is.
const NOTCH: isize = 3;
/// How often a countdown moves.
const TICK: Duration = Duration::from_millis(250);
/// A change of what is kept of the screen is on the disk after this: all that a kill can take.
const AUTOSAVE_DELAY: Duration = Duration::from_secs(5);

/// What the screen works with.
pub struct Session {
    /// The list.
    pub opened: Opened,
    /// What doesn't change.
    pub facts: SessionConfig,
    /// The time.
    pub clock: Clock,
    /// The engine; none where nothing can be sent.
    pub engine: Option<(Driver, mpsc::Receiver<Update>)>,
    /// The rest of the world.
    pub backend: Arc<dyn Backend>,
    /// Listen to the mouse.
    pub mouse: bool,
}

/// How the screen ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitReason {
    /// By the operator or a signal; how the last run stands, if there was one.
    Quit {
        /// The last run of this process.
        last_run: Option<LastRun>,
        /// What must not be lost with the screen.
        message: Option<String>,
    },
    /// At once, by a second signal.
    Aborted(i32),
}

/// How the last run stands when the screen is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// Where it stands.
    pub state: RunState,
    /// Its counts.
    pub tally: Tally,
}

/// Why the screen can't be opened, or broke.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// No terminal, or one that can't do it.
    #[error("{0}: for a run without a screen use `offboard plan` and `offboard run`")]
    NoTerminal(&'static str),
    /// The system's word.
    #[error("the terminal: {0}")]
    Io(#[from] std::io::Error),
}

/// Opens the screen and stays until it is left. The terminal is restored on every way out.
pub async fn run(session: Session) -> Result<ExitReason, TuiError> {
    let Session {
        opened,
        facts,
        clock,
        engine,
        backend,
        mouse,
    } = session;
    let (driver, updates) = engine.unzip();
    let mut screen = Screen::enter(mouse)?;
    let app = App::new(opened, facts, clock.now(), screen.size()?);
    let (answers, answered) = mpsc::channel(64);
    let mut looping = Loop {
        app,
        clock,
        driver,
        updates,
        backend,
        answers,
        answered,
        ended: None,
        autosave: Autosave::default(),
    };
    // Many runs take a while to read: the first frame doesn't wait for them.
    looping.execute(Effect::ReadJournalStates, &mut screen);
    let result = looping.run(&mut screen).await;
    screen.leave();
    let Loop {
        app,
        driver,
        updates,
        backend,
        autosave,
        ..
    } = looping;
    drop(updates);
    result?;
    if let Some(writing) = autosave.writing {
        // The last word is the one below.
        drop(writing.await);
    }
    let screen = app.context.info.view_path.as_deref();
    let unkept = app
        .view_to_save()
        .zip(screen)
        .and_then(|(kept, screen)| backend.save_view(screen, &kept).err());
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
                    .chain(unkept)
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
    ended: Option<()>,
    autosave: Autosave,
}

/// What came of an effect, and the list that it was asked of.
type Answer = (Arc<DeviceList>, Message);

/// What is kept of the screen while it is open.
#[derive(Default)]
struct Autosave {
    /// When it may have changed since it was last looked at.
    touched: Option<Instant>,
    /// As it was last written, and where.
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
        let mut dirty = true;
        let mut drawn = Instant::now()
            .checked_sub(FRAME)
            .unwrap_or_else(Instant::now);
        while self.ended.is_none() {
            if dirty && drawn.elapsed() >= FRAME && screen.is_alive() {
                let drawing = screen
                    .report_mouse(!self.app.is_confirming())
                    .and_then(|()| screen.draw(&self.app));
                if drawing.is_err() {
                    let message = hung_up(screen);
                    self.handle(message, screen);
                    continue;
                }
                drawn = Instant::now();
                dirty = false;
                self.handle(Message::Drawn(self.clock.now()), screen);
            }
            let wait = match (
                dirty && screen.is_alive(),
                keys.waits(),
                self.app.counts_down(),
            ) {
                (true, ..) => Some(FRAME.saturating_sub(drawn.elapsed())),
                (_, Some(wait), _) => Some(wait),
                (_, _, true) => Some(TICK),
                _ => None,
            };
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
                event = events.recv(), if alive => {
                    // What was typed while the process was stopped is read as soon as it goes on, and
                    // the signal that says so takes a turn longer: it is heard first, so that no
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
                    // A place in a list that was read anew meanwhile means another device.
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
                    if !dirty {
                        messages.push(Message::Tick(now));
                    }
                    messages
                }
            };
            for message in messages {
                self.handle(message, screen);
                dirty = true;
            }
        }
        Ok(())
    }

    /// Has what is kept of the screen written, if it changed.
    fn save_view(&mut self) {
        self.autosave.touched = None;
        let Some((kept, screen)) = self
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
            && (*place == screen && written.same_content(&kept))
        {
            return;
        }
        let kept = Arc::new(kept);
        self.autosave.written = Some((screen.clone(), kept.clone()));
        let backend = self.backend.clone();
        self.autosave.writing = Some(tokio::task::spawn_blocking(move || {
            // What can't be written is told when the screen is left, which tries again.
            drop(backend.save_view(&screen, &kept));
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
        if !matches!(message, Message::Tick(_) | Message::Drawn(_)) {
            self.autosave.touched.get_or_insert_with(Instant::now);
        }
        for effect in self.app.update(message) {
            self.execute(effect, screen);
        }
    }

    fn execute(&mut self, effect: Effect, screen: &mut Screen) {
        match effect {
            Effect::Start(plan) => {
                let run = Some(plan.plan().id);
                let is_retry = plan.plan().origin.retry_of.is_some();
                let started = if !is_retry && self.app.context.list.devices.changed_since_read() {
                    Err(list::CHANGED.to_owned())
                } else {
                    self.ask(|driver| driver.run(*plan))
                };
                if let Err(reason) = started {
                    let news = News::Refused(reason);
                    let update = Update { run, news };
                    self.handle(Message::Update(update, self.clock.now()), screen);
                }
            }
            Effect::Resume(run, left) => {
                let asked = self.ask(|driver| driver.resume(run, left));
                self.report_error(asked, screen);
            }
            Effect::Control(control) => {
                if let Err(reason) = self.ask(|driver| driver.control(control)) {
                    self.handle(Message::ControlRejected(reason), screen);
                }
            }
            Effect::LookUp(run, devices, by) => {
                let asked = self.ask(|driver| driver.look_up(run, devices, by));
                self.report_error(asked, screen);
            }
            Effect::CancelLookups => {
                let asked = self.ask(Driver::cancel_lookups);
                self.report_error(asked, screen);
            }
            Effect::Fetch(place) => {
                if let Err(reason) = self.ask(|driver| driver.fetch(place)) {
                    let news = News::Fetch(FetchNews::Ended(Err(FetchError::Storage(reason))));
                    let update = Update { run: None, news };
                    self.handle(Message::Update(update, self.clock.now()), screen);
                }
            }
            Effect::CancelFetch => {
                let asked = self.ask(Driver::cancel_fetch);
                self.report_error(asked, screen);
            }
            Effect::UseToken(token) => {
                let asked = self.ask(|driver| driver.use_token(token));
                self.report_error(asked, screen);
            }
            Effect::Copy(text) => Screen::copy(&text),
            Effect::Suspend => {
                screen.suspend();
                self.handle(Message::Resumed(self.clock.now()), screen);
            }
            Effect::Quit => self.ended = Some(()),
            Effect::Abort(_) => {
                self.ended = Some(());
            }
            asked => {
                let (list, backend) = (self.app.context.list.devices.clone(), self.backend.clone());
                let protection = self.app.context.list.protection.clone();
                self.answer(move || {
                    let message = effects::answer(asked, &list, &protection, &*backend);
                    (list, message)
                });
            }
        }
    }

    /// Hands something to the engine, or says why it can't take it.
    fn ask(
        &self,
        ask: impl FnOnce(&Driver) -> Result<(), crate::runner::SendError>,
    ) -> Result<(), String> {
        let driver = self
            .driver
            .as_ref()
            .ok_or("there is no engine: nothing can be sent")?;
        ask(driver).map_err(|error| error.to_string())
    }

    fn report_error(&mut self, asked: Result<(), String>, screen: &mut Screen) {
        if let Err(reason) = asked {
            self.handle(Message::Failed(reason), screen);
        }
    }

    /// Does `work` on another thread and takes in what comes of it.
    fn answer(&self, work: impl FnOnce() -> Answer + Send + 'static) {
        let answers = self.answers.clone();
        tokio::task::spawn_blocking(move || {
            // Nobody is left to hear of it once the screen has closed.
            let _ = answers.blocking_send(work());
        });
    }
}

/// The terminal is gone: nothing more is read from it or written to it.
fn hung_up(screen: &mut Screen) -> Message {
    screen.detach();
    Message::Signal(SignalKind::hangup().as_raw_value())
}

/// The engine's next word. An engine that ends without one has panicked, which is said once.
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
