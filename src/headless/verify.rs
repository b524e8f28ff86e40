//! Looks up the accepted devices of a run, without a screen.

use std::io::Write;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::event_loop::{Listener, LoopExit, PROGRESS, run_until};
use super::shutdown::Signals;
use super::waits::Waits;
use super::{STOPPING, YIELDING};
use crate::config::OnHangup;
use crate::domain::run::{RunId, StopCause};
use crate::engine::lookup_verdict::{LookupAnswer, LookupKey};
use crate::platform::clock::Clock;
use crate::runner::{
    Driver, EngineFailure, LookupCalls, LookupEnd, LookupNews, News, ReadingWait, SendError, Update,
};
use crate::text::counted;

/// What lookups saw of a run's devices.
#[derive(Debug, Default)]
pub struct LookedUp {
    /// The devices by ordinal, when the tenant answered, and what it answered.
    pub seen: Vec<(u32, Timestamp, LookupAnswer)>,
    /// How many answers nothing follows from.
    pub unclear: u64,
    /// Why the rest was not looked up, if it was given up.
    pub given_up: Option<LookupEnd>,
}

/// Why the lookups didn't end.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// Signals can't be received.
    #[error(transparent)]
    Signals(#[from] std::io::Error),
    /// The engine didn't take them.
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    EngineFailed(#[from] EngineFailure),
    /// A second signal with this number: the program exits immediately.
    #[error("signal {0}")]
    Signalled(i32),
}

/// Looks up these devices of a run, one call each. Nothing is sent.
///
/// # Errors
///
/// If signals can't be received, the engine failed or a second signal came.
pub async fn look_up_accepted(
    (driver, updates): (Driver, mpsc::Receiver<Update>),
    run: RunId,
    ordinals: Vec<u32>,
    clock: Clock,
    quiet: bool,
) -> Result<LookedUp, LookUpError> {
    let mut signals = Signals::new(OnHangup::Stop)?;
    let mut reporter = VerificationReporter {
        looked_up: LookedUp::default(),
        total: ordinals.len(),
        calls: LookupCalls::default(),
        waits: Waits::default(),
        yielding: false,
        clock,
        quiet,
    };
    let requested = driver.look_up(run, ordinals, LookupKey::SentIdentifier, Vec::new());
    requested?;
    match run_until(driver, updates, &mut signals, &mut reporter).await {
        LoopExit::Outcome(given_up) => Ok(LookedUp {
            given_up,
            ..reporter.looked_up
        }),
        LoopExit::EngineFailed(failure) => Err(failure.into()),
        LoopExit::Signalled(number) => Err(LookUpError::Signalled(number)),
    }
}

/// Lookups under way, and what is printed about them.
struct VerificationReporter {
    looked_up: LookedUp,
    total: usize,
    calls: LookupCalls,
    waits: Waits,
    yielding: bool,
    clock: Clock,
    quiet: bool,
}

impl VerificationReporter {
    fn line(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }
}

impl Listener for VerificationReporter {
    /// Why the rest was not looked up, if it was given up.
    type Outcome = Option<LookupEnd>;

    fn on_news(&mut self, news: News, _: &Driver) -> Option<Self::Outcome> {
        let News::Lookup(news) = news else {
            return None;
        };
        match news {
            LookupNews::Called(calls) => {
                self.calls = calls;
                None
            }
            LookupNews::Seen {
                ordinal, finding, ..
            } => {
                self.looked_up
                    .seen
                    .push((ordinal, finding.at, finding.seen));
                None
            }
            LookupNews::Unclear { message, .. } => {
                self.looked_up.unclear += 1;
                let _ = writeln!(std::io::stderr(), "{message}");
                None
            }
            LookupNews::Yielding => {
                if !self.yielding {
                    self.line(YIELDING);
                }
                self.yielding = true;
                None
            }
            LookupNews::Waiting(ReadingWait { until, next }) => {
                let now = self.clock.now();
                if let Some(line) = self.waits.announce(&next, until, now) {
                    self.line(&line);
                }
                None
            }
            LookupNews::Ended(reason) => Some(reason),
        }
    }

    fn on_tick(&mut self) {
        let (done, calls) = (self.looked_up.seen.len(), self.calls);
        let of = counted(self.total as u64, "device");
        let wait = self.waits.suffix(self.clock.now());
        self.line(&format!("{done} of {of} looked up in {calls}{wait}"));
    }

    fn tick_every(&self) -> std::time::Duration {
        PROGRESS
    }

    fn on_stop(&mut self, _: StopCause, driver: &Driver) {
        self.line(STOPPING);
        let _ = driver.cancel_lookups();
    }
}
