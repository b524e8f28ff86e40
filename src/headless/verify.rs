//! Looking up what is in doubt, without a screen.

use std::io::Write;

use tokio::sync::mpsc;

use super::{Ending, Start, Telling};
use crate::config::OnHangup;
use crate::domain::outcome::{DeviceState, Outcome};
use crate::engine::lookup_verdict::{Finding, LookupKey};
use crate::headless::reporter::Teller;
use crate::headless::shutdown::{Asked, Signals};
use crate::journal::{DeviceRecord, RunRecord};
use crate::platform::clock::Clock;
use crate::runner::{Driver, LookupNews, News, Update};
use crate::text::{counted, visible};

/// Looks up the devices of a run that are in doubt, one call each, and says what that settled.
/// Nothing is sent again.
pub async fn verify(
    driver: Driver,
    mut updates: mpsc::Receiver<Update>,
    record: &RunRecord,
    devices: Vec<DeviceRecord>,
    clock: Clock,
    telling: Telling,
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
        told: 0,
    };
    let mut teller = Teller::new(&start, clock, telling);
    teller.write_start(&start, out)?;
    let count = doubted.len();
    if !telling.quiet {
        let asked = counted(count as u64, "device");
        teller.say(&format!("run {}: looking up {asked} in doubt", record.id));
    }
    let mut given_up = None;
    if count > 0
        && driver
            .look_up(record.id, doubted, LookupKey::SentIdentifier)
            .is_err()
    {
        return Ok(Ending::Broken("the engine has stopped".to_owned()));
    }
    let mut unwritten = None;
    let mut yielding = false;
    let mut looking = count > 0;
    while looking {
        let update = tokio::select! {
            biased;
            asked = signals.next() => {
                if let Asked::AtOnce(number) = asked {
                    return Ok(Ending::Killed(number));
                }
                teller.say("stopping after the call in flight; once more to leave at once");
                // An engine that has ended says so through its updates.
                let _ = driver.cancel_lookups();
                continue;
            }
            update = updates.recv() => update,
        };
        match update.map(|update| update.news) {
            Some(News::Lookup(LookupNews::Seen {
                ordinal,
                finding,
                state,
                left,
                ..
            })) => {
                if let Err(error) = teller.hear_seen(ordinal, &finding, state, out) {
                    // What was seen is in the journal, whoever reads of it.
                    unwritten.get_or_insert(error);
                    let _ = driver.cancel_lookups();
                }
                looking = left > 0;
            }
            Some(News::Lookup(LookupNews::Unclear { ordinal, words })) => {
                let device = &teller.planned[ordinal as usize].identifier;
                teller.say(&format!("{device}: the answer can't be read: {words}"));
            }
            Some(News::Lookup(LookupNews::Yielding)) => {
                if !yielding && !telling.quiet {
                    teller.say("a run of another process is sending, and goes first");
                }
                yielding = true;
            }
            Some(News::Lookup(LookupNews::Ended(why))) => {
                given_up = why;
                looking = false;
            }
            Some(News::Broken(what)) => return Ok(Ending::Broken(what)),
            Some(_) => {}
            None => {
                return Ok(Ending::Broken(
                    "the engine ended without a word: see `offboard runs`".to_owned(),
                ));
            }
        }
    }
    drop(updates);
    driver.finish();
    if let Some(why) = given_up {
        teller.say(&format!("the rest was not looked up: {why}"));
    }
    let ending = Ending::Rested {
        state: record.state.unheld(),
        tally: teller.tally(),
        pause: None,
    };
    if let Err(error) = teller.end(&ending, out) {
        unwritten.get_or_insert(error);
    }
    if let Some(error) = unwritten {
        teller.tell_unwritten(&error);
    }
    Ok(ending)
}

impl Teller {
    /// Takes in what a lookup saw, and how the device stands now.
    fn hear_seen(
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
        if !self.telling.quiet {
            self.say(&format!(
                "{} {}: {outcome}: {}",
                device.identifier,
                visible(&device.hostname),
                finding.seen.about(outcome, device.hwid.as_ref())
            ));
        }
        if outcome.is_definite() {
            self.tell_device(place, self.devices[place], out)?;
        }
        Ok(())
    }
}
