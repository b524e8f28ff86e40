//! Runs the app for a front end: hands messages to it, performs the effects that come out, and
//! saves its view.
//!
//! The screen and the plain dialogue differ in what they read and print. What happens between a
//! message and its effects is this, for both.

mod answers;
mod autosave;
mod ends;
pub(super) mod jobs;
mod perform;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::domain::outcome::Tally;
use crate::domain::run::RunState;
use crate::platform::clock::Clock;
use crate::runner::{Driver, EngineFailure, News, Update};
use crate::text::counted;
use crate::tui::app::App;
use crate::tui::app_host::answers::Answers;
use crate::tui::app_host::autosave::Autosave;
use crate::tui::app_host::ends::Ends;
use crate::tui::backend::Backend;
use crate::tui::context::SessionConfig;
use crate::tui::effect::Effect;
use crate::tui::job::Job;
use crate::tui::message::Message;
use crate::tui::opened_list::Opened;

/// What a front end works with.
pub struct SessionParts {
    pub opened: Opened,
    pub settings: SessionConfig,
    pub clock: Clock,
    /// The engine; none where nothing can be sent.
    pub engine: Option<(Driver, mpsc::Receiver<Update>)>,
    /// Plans, the journal and files.
    pub backend: Arc<dyn Backend>,
    pub mouse: bool,
    /// Ring the bell when a run ends or needs the operator.
    pub bell: bool,
}

/// How a front end ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitReason {
    /// By the operator or a signal.
    Quit {
        /// The last run of this process.
        last_run: Option<LastRun>,
        /// The engine broke, or the journal was lost: what the last run says is not all.
        is_broken: bool,
        /// What must not be lost with the screen.
        message: Option<String>,
    },
    /// At once, by a second signal.
    Aborted(i32),
}

/// The last run when the program is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRun {
    pub state: RunState,
    pub tally: Tally,
}

/// What the terminal does for an effect.
pub(in crate::tui) trait Surface {
    /// Puts text on the terminal's clipboard; false if it has none.
    fn copy(&mut self, text: &str) -> bool;

    /// Shows everything anew.
    fn redraw(&mut self);

    /// Shows `note` below the shell's command and suspends the process. Returns when it continues.
    fn suspend(&mut self, note: &str);
}

pub(in crate::tui) struct AppHost {
    pub(in crate::tui) app: App,
    pub(in crate::tui) clock: Clock,
    driver: Option<Driver>,
    updates: Option<mpsc::Receiver<Update>>,
    backend: Arc<dyn Backend>,
    answers: Answers,
    /// True once the program is to be left.
    pub(in crate::tui) has_ended: bool,
    autosave: Autosave,
    ends: Ends,
}

impl AppHost {
    /// The app on a list that was just opened, on a terminal of `size` columns and rows.
    pub(in crate::tui) fn new(session: SessionParts, size: (u16, u16)) -> Self {
        let (driver, updates) = session.engine.unzip();
        let now = session.clock.now();
        let mut app = App::new(session.opened, session.settings, now, size);
        app.listen_to_mouse(session.mouse);
        Self {
            app,
            clock: session.clock,
            driver,
            updates,
            backend: session.backend,
            answers: Answers::default(),
            has_ended: false,
            autosave: Autosave::default(),
            ends: Ends::default(),
        }
    }

    /// Reads what became of the devices in earlier runs. Many runs take a while to read: the first
    /// frame doesn't wait for them.
    pub(in crate::tui) fn begin(&mut self, surface: &mut dyn Surface) {
        self.execute(Effect::Job(Job::ReadJournalStates), surface);
        // They are shown now. One that is still being sent is shown again: how it ends isn't known yet.
        let shown = self.app.context.settings.away.iter();
        for away in shown.filter(|away| !away.is_sent()) {
            if let Err(error) = self.backend.forget_closed_terminal(&away.closed) {
                tracing::warn!(%error, "what happened meanwhile will be shown again");
            }
        }
    }

    /// Hands a message to the app, and performs what follows.
    pub(in crate::tui) fn handle(&mut self, message: Message, surface: &mut dyn Surface) {
        if !matches!(
            message,
            Message::Tick(_)
                | Message::Rendered
                | Message::Written(_)
                | Message::Drawn(_)
                | Message::Arrived(..)
        ) {
            self.autosave.touch();
        }
        for effect in self.app.update(message) {
            self.execute(effect, surface);
        }
    }

    /// The next message of the engine or of an effect. None for an answer that came too late.
    pub(in crate::tui) async fn next(&mut self) -> Option<Message> {
        tokio::select! {
            biased;
            update = next_update(&mut self.updates) => {
                Some(Message::Update(update, self.clock.now()))
            }
            Some((list, answer)) = self.answers.next() => {
                // A place in a list that was read again meanwhile means another device.
                let stale = answer.is_of_list() && !Arc::ptr_eq(&list, &self.app.context.list.devices);
                (!stale).then(|| answer.into())
            }
        }
    }

    /// True while an effect is being performed whose answer is to come.
    pub(in crate::tui) fn awaits_answers(&self) -> bool {
        self.answers.are_awaited()
    }

    /// How long until the view is to be saved, if it may have changed.
    pub(in crate::tui) fn autosave_wait(&self) -> Option<Duration> {
        self.autosave.wait()
    }

    /// Saves the view, if it changed.
    pub(in crate::tui) fn save_view(&mut self) {
        self.autosave.clear();
        let path = self.app.context.info.view_path.clone();
        if let Some((view, path)) = self.app.view_to_save().zip(path) {
            self.autosave.save(view, path, &self.backend);
        }
    }

    /// Saves the view, and waits for the engine to finish its call.
    pub(in crate::tui) async fn finish(self) -> ExitReason {
        let Self {
            app,
            driver,
            updates,
            backend,
            autosave,
            mut ends,
            ..
        } = self;
        drop(updates);
        autosave.finish().await;
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
        if let Some(number) = app.aborted_by() {
            return ExitReason::Aborted(number);
        }
        if let Some(driver) = driver {
            driver.finish();
        }
        for end in app.runs().ends_to_notify() {
            ends.notify(end, drop, &backend);
        }
        let failures = ends.finish().await;
        let last_run = app.context.runs.newest().map(|run| LastRun {
            state: run.state,
            tally: run.tally,
        });
        ExitReason::Quit {
            last_run,
            is_broken: app.context.runs.is_broken(),
            message: app
                .runs()
                .exit_message()
                .into_iter()
                .chain(commands)
                .chain(saved)
                .chain(failures)
                .reduce(|a, b| format!("{a}\n{b}")),
        }
    }
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
            Update {
                run: None,
                news: News::Failed(EngineFailure::Ended),
            }
        }
    }
}
