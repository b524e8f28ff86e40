//! A run without a screen: progress on standard error, one JSON line a device on request.
//!
//! It never prompts. The same engine and journal as behind the screen do the work; this only
//! listens, passes signals on, and works out the exit code.

use std::io::Write;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::config::OnHangup;
use crate::domain::exit::Exit;
use crate::domain::outcome::Tally;
use crate::domain::run::{PauseReason, RunState};
use crate::engine::Control;
use crate::journal::{DeviceRecord, RunRecord};
use crate::plan::ConfirmedPlan;
use crate::platform::clock::{BootTime, Clock, Now};
use crate::runner::{Driver, News, Update};

pub(crate) mod event_loop;
mod reporter;
pub(crate) mod shutdown;
mod verify;

use event_loop::{Ended, Listener, run_until};
use reporter::RunReporter;
use shutdown::Signals;
pub use verify::verify;

/// What the first signal is answered with.
const STOPPING: &str = "stopping after the call in flight; once more to leave at once";

/// A longer wait is announced.
pub(crate) const LONG_WAIT: Duration = Duration::from_secs(2);

/// What is waited for and until when: `next call at 14:03:22 UTC, in 47 s`.
pub(crate) fn wait_line(reason: &str, until: BootTime, now: Now) -> String {
    let wait = until.since(now.boot);
    let at = (now.wall + wait).strftime("%H:%M:%S");
    format!("{reason} at {at} UTC, in {} s", wait.as_secs())
}

/// How a run is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputOptions {
    /// One JSON line a device on standard output, instead of a summary in words.
    pub jsonl: bool,
    /// Problems only.
    pub quiet: bool,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The run came to rest; the exit code follows from its counts.
    Rested {
        /// Where it stands.
        state: RunState,
        /// How its devices stand.
        tally: Tally,
        /// Why it is paused.
        pause: Option<PauseReason>,
    },
    /// It couldn't start; nothing was sent.
    Refused(String),
    /// The same, because another process has it.
    Held(String),
    /// The journal failed.
    Broken(String),
    /// A second signal: out at once.
    Killed(i32),
}

/// What is followed: a new run, or one that is taken up again.
#[derive(Clone, Debug)]
pub enum Start {
    /// A plan, confirmed.
    Plan(Box<ConfirmedPlan>),
    /// A run of the journal.
    Resume {
        /// What the history shows of it.
        record: Box<RunRecord>,
        /// Its devices.
        devices: Vec<DeviceRecord>,
        /// The number of devices left that was typed.
        expected_count: u64,
    },
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
) -> std::io::Result<Ending> {
    let mut signals = Signals::new(on_hangup)?;
    let mut reporter = RunReporter::new(&start, clock, output);
    // Nothing is sent for a reader that isn't there.
    reporter.begin(&start, out)?;
    let handed_over = match start {
        Start::Plan(plan) => driver.run(*plan),
        Start::Resume {
            record,
            expected_count,
            ..
        } => driver.resume(record.id, expected_count),
    };
    if let Err(error) = handed_over {
        return Ok(Ending::Broken(error.to_string()));
    }
    let mut following = Following {
        reporter,
        out,
        unwritten: None,
        alone: false,
    };
    let ending = match run_until(driver, updates, &mut signals, &mut following).await {
        Ended::With(ending) => ending,
        Ended::Broken(what) => Ending::Broken(what),
        Ended::Killed(number) => Ending::Killed(number),
    };
    let unwritten = following.unwritten;
    following.reporter.end(&ending, following.out, unwritten);
    Ok(ending)
}

/// A run that is followed, and what is printed about it.
struct Following<'a> {
    reporter: RunReporter,
    out: &'a mut (dyn Write + Send),
    /// Why standard output can't be written.
    unwritten: Option<std::io::Error>,
    /// The terminal is gone.
    alone: bool,
}

impl Listener for Following<'_> {
    type Outcome = Ending;

    fn on_news(&mut self, news: News, driver: &Driver) -> Option<Ending> {
        match news {
            News::Report(report) => match self.reporter.on_report(report, self.out) {
                Ok(None) => None,
                Ok(Some((state, pause))) => Some(Ending::Rested {
                    state,
                    tally: self.reporter.tally(),
                    pause,
                }),
                Err(error) => {
                    self.unwritten.get_or_insert(error);
                    // The call in flight is finished and journaled, whoever reads of it. A run that
                    // goes on without its terminal goes on without its reader too.
                    if !self.alone {
                        let _ = driver.control(Control::Stop);
                    }
                    None
                }
            },
            News::Queued | News::Budget(_) | News::Lookup(_) | News::Fetch(_) => None,
            News::Refused(why) => Some(Ending::Refused(why)),
            News::Held(by) => Some(Ending::Held(by)),
            News::Broken(what) => Some(Ending::Broken(what)),
        }
    }

    fn on_stop(&mut self, driver: &Driver) {
        self.reporter.say(STOPPING);
        let _ = driver.control(Control::Stop);
    }

    fn on_terminal_gone(&mut self) {
        self.alone = true;
    }
}

impl Ending {
    /// How the program ends after it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Rested { state, tally, .. } => Exit::of_run(*state, *tally),
            Self::Refused(_) => Exit::Refused,
            Self::Held(_) => Exit::Locked,
            Self::Broken(_) => Exit::Internal,
            Self::Killed(number) => Exit::Signal(*number),
        }
    }
}
