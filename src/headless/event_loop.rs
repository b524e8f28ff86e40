//! The loop of every command that waits for the engine without a screen: signals first, then updates.

use tokio::sync::mpsc;

use super::shutdown::{ShutdownRequest, Signals};
use crate::runner::{Driver, News, Update};

/// What a command does with what arrives while it waits for the engine.
pub(crate) trait Listener {
    /// What it waits for.
    type Outcome;

    /// Takes an update in. An outcome ends the loop.
    fn on_news(&mut self, news: News, driver: &Driver) -> Option<Self::Outcome>;

    /// The first signal: asks the engine to end after the call in flight. An engine that has ended
    /// already says so through its updates, so that a refused request needs no report.
    fn on_stop(&mut self, driver: &Driver);

    /// The terminal is gone, and the configuration says to go on without it.
    fn on_terminal_gone(&mut self) {}
}

/// How the loop ended.
#[derive(Debug)]
pub(crate) enum Ended<T> {
    /// The command has what it waited for.
    With(T),
    /// The engine stopped by itself; says why.
    Broken(String),
    /// A second signal with this number: leave at once. The call in flight is not awaited.
    Killed(i32),
}

/// Waits for a listener's outcome. But for a second signal, the engine's thread has ended when this
/// returns: its call in flight is over and in the journal.
pub(crate) async fn run_until<L: Listener>(
    driver: Driver,
    mut updates: mpsc::Receiver<Update>,
    signals: &mut Signals,
    listener: &mut L,
) -> Ended<L::Outcome> {
    let ended = loop {
        let update = tokio::select! {
            biased;
            asked = signals.next() => {
                match asked {
                    ShutdownRequest::AtOnce(number) => return Ended::Killed(number),
                    ShutdownRequest::GoOn => listener.on_terminal_gone(),
                    ShutdownRequest::Stop => listener.on_stop(&driver),
                }
                continue;
            }
            update = updates.recv() => update,
        };
        match update.map(|update| update.news) {
            Some(News::Broken(what)) => break Ended::Broken(what),
            Some(news) => {
                if let Some(outcome) = listener.on_news(news, &driver) {
                    break Ended::With(outcome);
                }
            }
            None => {
                break Ended::Broken(
                    "the engine stopped unexpectedly: see `offboard runs`".to_owned(),
                );
            }
        }
    };
    drop(updates);
    driver.finish();
    ended
}
