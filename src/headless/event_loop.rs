//! The event loop of every command that waits for the engine without a screen: signals first, then
//! updates.

use std::time::Duration;

use tokio::sync::mpsc;

use super::shutdown::{ShutdownRequest, Signals};
use crate::domain::run::StopCause;
use crate::runner::{Driver, EngineFailure, News, Update};

/// The time between two lines of progress where standard error is not a terminal.
pub(crate) const PROGRESS: Duration = Duration::from_secs(10);

/// Handles signals and updates while a command waits for the engine.
pub(crate) trait Listener {
    /// The result that ends the loop.
    type Outcome;

    /// Handles an update. An outcome ends the loop.
    fn on_news(&mut self, news: News, driver: &Driver) -> Option<Self::Outcome>;

    /// The first signal, by its cause: requests a stop after the call in flight. The updates report an engine that has
    /// already ended, so that a rejected request needs no report.
    fn on_stop(&mut self, cause: StopCause, driver: &Driver);

    /// Reports progress, every [`tick_every`](Self::tick_every).
    fn on_tick(&mut self) {}

    /// The time between two reports of progress.
    fn tick_every(&self) -> Duration {
        PROGRESS
    }

    /// The terminal is gone, and the configuration says to continue without it.
    fn on_terminal_gone(&mut self) {}
}

#[derive(Debug)]
pub(crate) enum LoopExit<T> {
    /// The listener returned an outcome.
    Outcome(T),
    EngineFailed(EngineFailure),
    /// A second signal with this number: exit without waiting for the call in flight.
    Signalled(i32),
}

/// Waits for a listener's outcome. Unless a second signal ended it, the engine's thread has ended when
/// this returns, and its last call is in the journal.
pub(crate) async fn run_until<L: Listener>(
    driver: Driver,
    mut updates: mpsc::Receiver<Update>,
    signals: &mut Signals,
    listener: &mut L,
) -> LoopExit<L::Outcome> {
    let period = listener.tick_every();
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let ended = loop {
        let update = tokio::select! {
            biased;
            request = signals.next() => {
                match request {
                    ShutdownRequest::Immediate(number) => return LoopExit::Signalled(number),
                    ShutdownRequest::Continue => listener.on_terminal_gone(),
                    ShutdownRequest::Stop(cause) => listener.on_stop(cause, &driver),
                }
                continue;
            }
            _ = ticks.tick() => {
                listener.on_tick();
                continue;
            }
            update = updates.recv() => update,
        };
        match update.map(|update| update.news) {
            Some(News::Failed(failure)) => break LoopExit::EngineFailed(failure),
            Some(news) => {
                if let Some(outcome) = listener.on_news(news, &driver) {
                    break LoopExit::Outcome(outcome);
                }
            }
            None => break LoopExit::EngineFailed(EngineFailure::Ended),
        }
    };
    drop(updates);
    driver.finish();
    ended
}
