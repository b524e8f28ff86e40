//! Runs without a screen: progress on standard error and, if requested, one JSON line per device.
//!
//! It never prompts. It uses the same engine and journal as the screen: it prints updates, passes
//! signals on, and returns the exit code.

use std::io::Write;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::config::OnHangup;
use crate::domain::exit::Exit;
use crate::domain::outcome::Tally;
use crate::domain::run::{PauseReason, RunId, RunState, StopCause};
use crate::engine::Control;
use crate::export::Line;
use crate::journal::{DeviceRecord, RunRecord};
use crate::plan::ConfirmedPlan;
use crate::platform::clock::Clock;
use crate::runner::{Driver, EngineFailure, LicenceNews, News, RunRefusal, Update};

mod doubts;
pub(crate) mod event_loop;
mod reporter;
pub(crate) mod shutdown;
mod verify;
pub(crate) mod waits;

pub use doubts::look_up_doubts;
use event_loop::{Listener, LoopExit, run_until};
use reporter::RunReporter;
use shutdown::Signals;
pub use verify::{LookUpError, LookedUp, look_up_accepted};

/// Printed when read-only work yields to a run of the account.
pub const YIELDING: &str = "waiting for a run of another process";

/// Printed at the first signal.
const STOPPING: &str = "stopping after the call in flight (signal again to exit immediately)";

/// How a run is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputOptions {
    /// One JSON line per device on standard output.
    pub jsonl: bool,
    /// Print problems only.
    pub quiet: bool,
    /// The time between two lines of progress where standard error is not a terminal.
    pub progress: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The run ended or paused; the exit code follows from its counts.
    RunEnded {
        state: RunState,
        tally: Tally,
        pause: Option<PauseReason>,
    },
    /// The run could not start; nothing was sent.
    Refused(RunRefusal),
    EngineFailed(EngineFailure),
    /// A second signal with this number: the program exits immediately.
    Signalled(i32),
}

/// The run to follow: a new one, or one that is resumed.
#[derive(Clone, Debug)]
pub enum Start {
    Plan(Box<ConfirmedPlan>),
    /// A run of the journal.
    Resume {
        record: Box<RunRecord>,
        devices: Vec<DeviceRecord>,
        /// The number of devices left that was typed.
        expected_count: u64,
    },
}

/// How a run was left, and its last JSON line.
#[derive(Clone, Debug)]
pub struct Followed {
    pub ending: Ending,
    /// The summary, whether it was printed or not.
    pub summary: Line,
}

impl Start {
    pub fn run(&self) -> RunId {
        match self {
            Self::Plan(plan) => plan.plan().id,
            Self::Resume { record, .. } => record.id,
        }
    }
}

/// Follows a run to its end. `out` takes the JSON lines.
pub async fn follow(
    driver: Driver,
    updates: mpsc::Receiver<Update>,
    start: Start,
    clock: Clock,
    output: OutputOptions,
    on_hangup: OnHangup,
    out: &mut (dyn Write + Send),
) -> std::io::Result<Followed> {
    let mut signals = Signals::new(on_hangup)?;
    let mut reporter = RunReporter::new(&start, clock, output);
    // Nothing is sent if standard output can't be written.
    reporter.begin(&start, out)?;
    let requested = match start {
        Start::Plan(plan) => driver.run(*plan),
        Start::Resume {
            record,
            expected_count,
            ..
        } => driver.resume(record.id, expected_count),
    };
    if let Err(error) = requested {
        let ending = Ending::EngineFailed(error.into());
        let summary = reporter.summary(&ending);
        return Ok(Followed { ending, summary });
    }
    let mut following = Following {
        reporter,
        out,
        unwritten: None,
        continues_alone: false,
        rested: None,
    };
    let ending = match run_until(driver, updates, &mut signals, &mut following).await {
        LoopExit::Outcome(ending) => ending,
        // The run had already ended; only the licence count was pending.
        LoopExit::EngineFailed(_) if let Some(rested) = following.rested.take() => rested,
        LoopExit::EngineFailed(failure) => Ending::EngineFailed(failure),
        LoopExit::Signalled(number) => Ending::Signalled(number),
    };
    let unwritten = following.unwritten;
    following.reporter.end(&ending, following.out, unwritten);
    let summary = following.reporter.summary(&ending);
    Ok(Followed { ending, summary })
}

/// A run that is followed, and what is printed about it.
struct Following<'a> {
    reporter: RunReporter,
    out: &'a mut (dyn Write + Send),
    /// Why standard output can't be written.
    unwritten: Option<std::io::Error>,
    /// True once the terminal is gone and the run continues.
    continues_alone: bool,
    /// How the run ended, while its licences are read.
    rested: Option<Ending>,
}

impl Listener for Following<'_> {
    type Outcome = Ending;

    fn on_news(&mut self, news: News, driver: &Driver) -> Option<Ending> {
        match news {
            News::Report(report) => match self.reporter.on_report(report, self.out) {
                Ok(None) => None,
                Ok(Some((state, pause))) => {
                    let rested = Ending::RunEnded {
                        state,
                        tally: self.reporter.tally(),
                        pause,
                    };
                    // A paused run may go on, so that its licences aren't read.
                    if state == RunState::Paused {
                        return Some(rested);
                    }
                    self.rested = Some(rested);
                    None
                }
                Err(error) => {
                    self.unwritten.get_or_insert(error);
                    // The journal has the outcomes. A run that continues without its terminal continues
                    // without its reader too.
                    if !self.continues_alone {
                        let _ = driver.control(Control::StopFor(StopCause::Output));
                    }
                    None
                }
            },
            News::Licences(LicenceNews::Settled(licences)) => {
                self.reporter.licences = licences;
                self.rested.take()
            }
            News::Licences(LicenceNews::Measured(_))
            | News::Queued
            | News::Budget(_)
            | News::Lookup(_)
            | News::Fetch(_) => None,
            News::Refused(refusal) => Some(Ending::Refused(refusal)),
            News::Failed(failure) => Some(Ending::EngineFailed(failure)),
        }
    }

    fn on_stop(&mut self, cause: StopCause, driver: &Driver) {
        if self.rested.is_none() {
            self.reporter.print(STOPPING);
        }
        let _ = driver.control(Control::StopFor(cause));
    }

    fn on_tick(&mut self) {
        self.reporter.print_progress();
    }

    fn tick_every(&self) -> Duration {
        self.reporter.output.progress
    }

    fn on_terminal_gone(&mut self) {
        self.continues_alone = true;
    }
}

impl Ending {
    /// How the program ends after it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::RunEnded { state, tally, .. } => Exit::of_run(*state, *tally),
            Self::Refused(RunRefusal::Held { .. }) => Exit::Locked,
            Self::Refused(_) => Exit::Refused,
            Self::EngineFailed(_) => Exit::Internal,
            Self::Signalled(number) => Exit::Signal(*number),
        }
    }
}
