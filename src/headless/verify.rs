//! Looking up what is in doubt, without a screen.

use std::io::Write;

use tokio::sync::mpsc;

use super::event_loop::{Ended, Listener, run_until};
use super::{Ending, OutputOptions, STOPPING, Start};
use crate::config::OnHangup;
use crate::domain::outcome::{DeviceState, Outcome};
use crate::engine::lookup_verdict::{Finding, LookupKey};
use crate::headless::reporter::RunReporter;
use crate::headless::shutdown::Signals;
use crate::journal::{DeviceRecord, RunRecord};
use crate::platform::clock::Clock;
use crate::runner::{Driver, LookupNews, News, Update};
use crate::text::{counted, visible};

/// Looks up the devices of a run that are in doubt, one call each, and says what that settled.
/// Nothing is sent again.
pub async fn verify(
    (driver, updates): (Driver, mpsc::Receiver<Update>),
    record: &RunRecord,
    devices: Vec<DeviceRecord>,
    clock: Clock,
    output: OutputOptions,
    out: &mut (dyn Write + Send),
) -> std::io::Result<Ending> {
    // Lookups change nothing at the tenant: whoever hangs up ends them.
    let mut signals = Signals::new(OnHangup::Stop)?;
    let doubted: Vec<u32> = (0..)
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
    let count = doubted.len();
    if !output.quiet {
        let asked = counted(count as u64, "device");
        reporter.say(&format!("run {}: looking up {asked} in doubt", record.id));
    }
    if count > 0
        && driver
            .look_up(record.id, doubted, LookupKey::SentIdentifier, Vec::new())
            .is_err()
    {
        return Ok(Ending::Broken("the engine has stopped".to_owned()));
    }
    let mut verifying = Verifying {
        reporter,
        out,
        unwritten: None,
        yielding: false,
    };
    if count > 0 {
        match run_until(driver, updates, &mut signals, &mut verifying).await {
            Ended::With(None) => {}
            Ended::With(Some(why)) => {
                let line = format!("the rest was not looked up: {why}");
                verifying.reporter.say(&line);
            }
            Ended::Broken(what) => return Ok(Ending::Broken(what)),
            Ended::Killed(number) => return Ok(Ending::Killed(number)),
        }
    }
    let ending = Ending::Rested {
        state: record.state.unheld(),
        tally: verifying.reporter.tally(),
        pause: None,
    };
    let unwritten = verifying.unwritten;
    verifying.reporter.end(&ending, verifying.out, unwritten);
    Ok(ending)
}

/// Lookups under way, and what is printed about them.
struct Verifying<'a> {
    reporter: RunReporter,
    out: &'a mut (dyn Write + Send),
    /// Why standard output can't be written.
    unwritten: Option<std::io::Error>,
    /// True once it was printed that another process is sending.
    yielding: bool,
}

impl Listener for Verifying<'_> {
    /// Why the rest was not looked up, if it was given up.
    type Outcome = Option<String>;

    fn on_news(&mut self, news: News, driver: &Driver) -> Option<Option<String>> {
        let News::Lookup(news) = news else {
            return None;
        };
        match news {
            LookupNews::Seen {
                ordinal,
                finding,
                state,
                left,
                ..
            } => {
                let written = self.reporter.on_lookup(ordinal, &finding, state, self.out);
                if let Err(error) = written {
                    // What was seen is in the journal, whoever reads of it.
                    self.unwritten.get_or_insert(error);
                    let _ = driver.cancel_lookups();
                }
                (left == 0).then_some(None)
            }
            LookupNews::Unclear { ordinal, words } => {
                let device = &self.reporter.planned[ordinal as usize].identifier;
                self.reporter.say(&format!("{device}: {words}"));
                None
            }
            LookupNews::Yielding => {
                if !self.yielding && !self.reporter.output.quiet {
                    self.reporter
                        .say("a run of another process is sending, and goes first");
                }
                self.yielding = true;
                None
            }
            LookupNews::Waiting(until) => {
                self.reporter.wait("next lookup", until);
                None
            }
            LookupNews::Ended(why) => Some(why),
        }
    }

    fn on_stop(&mut self, driver: &Driver) {
        self.reporter.say(STOPPING);
        let _ = driver.cancel_lookups();
    }
}

impl RunReporter {
    /// Takes in what a lookup saw, and how the device stands now.
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
            self.say(&format!(
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
