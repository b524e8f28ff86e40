//! A run without a screen: progress on standard error, one JSON line a device on request.
//!
//! It never prompts. The same engine and journal as behind the screen do the work; this only
//! listens, passes signals on, and works out the exit code.

use std::io::Write;

use tokio::sync::mpsc;

use crate::config::OnHangup;
use crate::domain::exit::Exit;
use crate::domain::outcome::Tally;
use crate::domain::run::{PauseReason, RunState};
use crate::engine::Control;
use crate::journal::{DeviceRecord, RunRecord};
use crate::plan::ConfirmedPlan;
use crate::platform::clock::Clock;
use crate::runner::{Driver, News, Update};

mod reporter;
pub(crate) mod shutdown;
mod verify;

use reporter::Teller;
use shutdown::{Asked, Signals};
pub use verify::verify;

/// How a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
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
        /// The number of devices left that was told.
        told: u64,
    },
}

/// Follows a run to its end. `out` takes the JSON lines.
pub async fn follow(
    driver: Driver,
    mut updates: mpsc::Receiver<Update>,
    start: Start,
    clock: Clock,
    telling: Telling,
    on_hangup: OnHangup,
    out: &mut (dyn Write + Send),
) -> std::io::Result<Ending> {
    let mut signals = Signals::new(on_hangup)?;
    let mut teller = Teller::new(&start, clock, telling);
    // Nothing is sent for a reader that isn't there.
    teller.begin(&start, out)?;
    let handed_over = match start {
        Start::Plan(plan) => driver.run(*plan),
        Start::Resume { record, told, .. } => driver.resume(record.id, told),
    };
    if let Err(error) = handed_over {
        return Ok(Ending::Broken(error.to_string()));
    }
    let mut unwritten = None;
    let mut alone = false;
    let ending = loop {
        let update = tokio::select! {
            biased;
            asked = signals.next() => {
                match asked {
                    Asked::AtOnce(number) => break Ending::Killed(number),
                    Asked::GoOn => alone = true,
                    Asked::Stop => {
                        teller.say("stopping after the call in flight; once more to leave at once");
                        // An engine that has ended says so through its updates.
                        let _ = driver.control(Control::Stop);
                    }
                }
                continue;
            }
            update = updates.recv() => update,
        };
        let Some(Update { news, .. }) = update else {
            break Ending::Broken(
                "the engine ended without a word: see `offboard runs`".to_owned(),
            );
        };
        match news {
            News::Report(report) => match teller.hear(report, out) {
                Ok(None) => {}
                Ok(Some((state, pause))) => {
                    break Ending::Rested {
                        state,
                        tally: teller.tally(),
                        pause,
                    };
                }
                Err(error) => {
                    unwritten.get_or_insert(error);
                    // The call in flight is finished and journaled, whoever reads of it. A run that
                    // goes on without its terminal goes on without its reader too.
                    if !alone {
                        let _ = driver.control(Control::Stop);
                    }
                }
            },
            News::Queued | News::Budget(_) | News::Lookup(_) | News::Fetch(_) => {}
            News::Refused(why) => break Ending::Refused(why),
            News::Held(by) => break Ending::Held(by),
            News::Broken(what) => break Ending::Broken(what),
        }
    };
    if !matches!(ending, Ending::Killed(_)) {
        drop(updates);
        driver.finish();
    }
    if let Err(error) = teller.end(&ending, out) {
        unwritten.get_or_insert(error);
    }
    if let Some(error) = unwritten {
        teller.tell_unwritten(&error);
    }
    Ok(ending)
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
