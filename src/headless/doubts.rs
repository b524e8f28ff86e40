//! Looks up devices in doubt, without a screen.

use std::io::Write;

use tokio::sync::mpsc;

use super::event_loop::{Listener, LoopExit, run_until};
use super::{Ending, OutputOptions, STOPPING, Start, YIELDING};
use crate::config::OnHangup;
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::StopCause;
use crate::engine::lookup_verdict::{Finding, LookupKey};
use crate::headless::reporter::RunReporter;
use crate::headless::shutdown::Signals;
use crate::journal::{DeviceRecord, RunRecord};
use crate::platform::clock::Clock;
use crate::runner::{Driver, EngineFailure, LookupCalls, LookupEnd, LookupNews, News, Update};
use crate::text::{counted, visible};

/// Looks up the devices of a run that are in doubt, one call each, and prints the results. Nothing is
/// sent again.
pub async fn look_up_doubts(
    (driver, updates): (Driver, mpsc::Receiver<Update>),
    record: &RunRecord,
    devices: Vec<DeviceRecord>,
    clock: Clock,
    output: OutputOptions,
    out: &mut (dyn Write + Send),
) -> std::io::Result<Ending> {
    // Lookups change nothing at the tenant, so that a hangup ends them.
    let mut signals = Signals::new(OnHangup::Stop)?;
    let in_doubt: Vec<u32> = (0..)
        .zip(&devices)
        .filter(|(_, device)| matches!(device.state, DeviceState::Ended(Outcome::InDoubt(_))))
        .map(|(ordinal, _)| ordinal)
        .collect();
    let start = Start::Resume {
        record: Box::new(record.clone()),
        devices,
        expected_count: 0,
    };
    let reporter = RunReporter::new(&start, clock, output);
    reporter.write_start(&start, out)?;
    let count = in_doubt.len();
    if !output.quiet {
        let devices = counted(count as u64, "device");
        reporter.print(&format!("run {}: looking up {devices} in doubt", record.id));
    }
    let requested = match count {
        0 => Ok(()),
        _ => driver.look_up(record.id, in_doubt, LookupKey::SentIdentifier, Vec::new()),
    };
    let mut looking_up = DoubtReporter {
        reporter,
        out,
        unwritten: None,
        yielding: false,
        calls: LookupCalls::default(),
        printed: LookupCalls::default(),
    };
    let failed: Option<EngineFailure> = match requested {
        Err(error) => Some(error.into()),
        Ok(()) if count == 0 => None,
        Ok(()) => match run_until(driver, updates, &mut signals, &mut looking_up).await {
            LoopExit::Outcome(None) => None,
            LoopExit::Outcome(Some(end)) => {
                let line = format!("the rest was not looked up: {end}");
                looking_up.reporter.print(&visible(&line));
                None
            }
            LoopExit::EngineFailed(failure) => Some(failure),
            LoopExit::Signalled(number) => return Ok(Ending::Signalled(number)),
        },
    };
    if let Some(failure) = failed {
        looking_up
            .reporter
            .print(&format!("the rest was not looked up: {failure}"));
        return Ok(Ending::EngineFailed(failure));
    }
    let ending = Ending::RunEnded {
        state: record.state.without_holder(),
        tally: looking_up.reporter.tally(),
        pause: None,
    };
    let unwritten = looking_up.unwritten;
    looking_up.reporter.end(&ending, looking_up.out, unwritten);
    Ok(ending)
}

/// Lookups under way, and what is printed about them.
struct DoubtReporter<'a> {
    reporter: RunReporter,
    out: &'a mut (dyn Write + Send),
    /// Why standard output can't be written.
    unwritten: Option<std::io::Error>,
    /// True once the wait for another process was printed.
    yielding: bool,
    calls: LookupCalls,
    /// The calls in the last line of progress.
    printed: LookupCalls,
}

impl Listener for DoubtReporter<'_> {
    /// Why the rest was not looked up, if it was given up.
    type Outcome = Option<LookupEnd>;

    fn on_news(&mut self, news: News, driver: &Driver) -> Option<Self::Outcome> {
        let News::Lookup(news) = news else {
            return None;
        };
        match news {
            LookupNews::Called(calls) => {
                self.calls = calls;
                None
            }
            LookupNews::Seen {
                ordinal,
                finding,
                state,
                ..
            } => {
                let written = self.reporter.on_lookup(ordinal, &finding, state, self.out);
                if let Err(error) = written {
                    // The finding is in the journal.
                    self.unwritten.get_or_insert(error);
                    let _ = driver.cancel_lookups();
                }
                None
            }
            LookupNews::Unclear { ordinal, message } => {
                let device = &self.reporter.planned[ordinal as usize].identifier;
                self.reporter.print(&format!("{device}: {message}"));
                None
            }
            LookupNews::Yielding => {
                if !self.yielding && !self.reporter.output.quiet {
                    self.reporter.print(YIELDING);
                }
                self.yielding = true;
                None
            }
            LookupNews::Waiting(wait) => {
                self.reporter.wait(&wait.next, wait.until);
                None
            }
            LookupNews::Ended(reason) => Some(reason),
        }
    }

    fn on_tick(&mut self) {
        if self.calls != self.printed && !self.reporter.output.quiet {
            self.printed = self.calls;
            self.reporter.print(&format!("look-up: {}", self.calls));
        }
    }

    fn on_stop(&mut self, _: StopCause, driver: &Driver) {
        self.reporter.print(STOPPING);
        let _ = driver.cancel_lookups();
    }
}

impl RunReporter {
    /// Prints what a lookup saw and the device's state after it.
    fn on_lookup(
        &mut self,
        ordinal: u32,
        finding: &Finding,
        state: DeviceState,
        out: &mut (dyn Write + Send),
    ) -> std::io::Result<()> {
        let place = ordinal as usize;
        self.devices[place].state = state;
        let DeviceState::Ended(outcome) = state else {
            return Ok(());
        };
        let device = &self.planned[place];
        if !self.output.quiet {
            self.print(&format!(
                "{} {}: {outcome}: {}",
                device.identifier,
                visible(&device.hostname),
                finding.seen.about(outcome, device.hwid.as_ref())
            ));
        }
        if outcome.is_definite() {
            self.write_device(place, self.devices[place], out)?;
        }
        Ok(())
    }
}
