//! Looking up what is in doubt, without a screen.

use std::io::Write;

use tokio::sync::mpsc;

use super::signals::Signals;
use super::teller::Teller;
use super::{Ending, Start, Telling};
use crate::clock::Clock;
use crate::engine::driver::{Driver, LookupNews, News, Update};
use crate::journal::{DeviceRecord, RunRecord};
use crate::outcome::{DeviceState, Outcome};
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
    let mut signals = Signals::new()?;
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
    let count = doubted.len();
    if !telling.quiet {
        let asked = counted(count as u64, "device");
        teller.say(&format!("run {}: looking up {asked} in doubt", record.id));
    }
    let mut given_up = None;
    if count > 0 && driver.look_up(record.id, doubted).is_err() {
        return Ok(Ending::Broken("the engine has stopped".to_owned()));
    }
    let mut asked = false;
    let mut looking = count > 0;
    while looking {
        let update = tokio::select! {
            biased;
            number = signals.next() => {
                if asked {
                    return Ok(Ending::Killed(number));
                }
                asked = true;
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
            })) => {
                let place = ordinal as usize;
                teller.devices[place].state = state;
                if let DeviceState::Ended(outcome) = state {
                    let device = &teller.planned[place];
                    if !telling.quiet {
                        teller.say(&format!(
                            "{} {}: {outcome}: {}",
                            device.identifier,
                            visible(&device.hostname),
                            finding.seen.about(outcome)
                        ));
                    }
                    if outcome.is_definite() {
                        teller.tell_device(place, teller.devices[place], out)?;
                    }
                }
                looking = left > 0;
            }
            Some(News::Lookup(LookupNews::Unclear { ordinal, words })) => {
                let device = &teller.planned[ordinal as usize].identifier;
                teller.say(&format!("{device}: the answer can't be read: {words}"));
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
    teller.end(&ending, out)?;
    Ok(ending)
}
