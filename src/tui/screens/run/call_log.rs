//! What is derived from the calls of a run: counts for each call, the last call of each device, how
//! long answers take.

use std::time::Duration;

use crate::domain::outcome::{DeviceState, Doubt, Outcome, OutcomeClass, Tally};
use crate::journal::CallOrigin;
use crate::tui::call_detail::CallDetail;

/// How many of the last calls the duration of answers is estimated from.
const RECENT: usize = 30;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallLog {
    /// What became of the devices of each call by that call, in the order of the calls.
    pub results: Vec<CallTally>,
    /// How long the last calls took, oldest first.
    pub durations: Vec<Duration>,
    /// For each device, one more than the place of its last call; 0 without one.
    last: Vec<u32>,
}

/// What became of the devices of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallTally {
    /// By outcome. What the call left to be sent again is left.
    pub tally: Tally,
    /// The first of its devices that is in doubt, by ordinal.
    pub first_in_doubt: Option<u32>,
}

impl CallLog {
    /// Derives it from the calls, in their order, and the states of the run's devices.
    pub fn new(calls: &[CallDetail], states: &[DeviceState]) -> Self {
        let mut last = vec![0; states.len()];
        for (place, call) in (1_u32..).zip(calls) {
            for &ordinal in &call.devices {
                if let Some(last) = last.get_mut(ordinal as usize) {
                    *last = place;
                }
            }
        }
        let results = calls.iter().enumerate().map(|(place, call)| {
            let mut result = CallTally::default();
            for &ordinal in &call.devices {
                let Some(state) = left_by(&last, calls, states, place, ordinal) else {
                    continue;
                };
                let in_doubt = state.as_final_outcome().class() == OutcomeClass::InDoubt;
                if in_doubt && result.first_in_doubt.is_none() {
                    result.first_in_doubt = Some(ordinal);
                }
                result.tally.add(state);
            }
            result
        });
        let results = results.collect();
        let took = calls.iter().filter_map(|call| call.took);
        let took: Vec<Duration> = took.collect();
        let durations = took[took.len().saturating_sub(RECENT)..].to_vec();
        Self {
            results,
            durations,
            last,
        }
    }

    /// The place of the last call that carried the device.
    pub fn last_call(&self, ordinal: u32) -> Option<usize> {
        let place = *self.last.get(ordinal as usize)?;
        (place as usize).checked_sub(1)
    }

    /// The state in which the call at this place left one of its devices, of the calls and states that the
    /// log was derived from.
    pub fn left_by(
        &self,
        calls: &[CallDetail],
        states: &[DeviceState],
        place: usize,
        ordinal: u32,
    ) -> Option<DeviceState> {
        left_by(&self.last, calls, states, place, ordinal)
    }

    /// How long half of the last calls took at the most.
    pub fn typical(&self) -> Option<Duration> {
        let mut sorted = self.durations.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len().saturating_sub(1) / 2).copied()
    }
}

/// See [`CallLog::left_by`]; `last` is [`CallLog::last`].
fn left_by(
    last: &[u32],
    calls: &[CallDetail],
    states: &[DeviceState],
    place: usize,
    ordinal: u32,
) -> Option<DeviceState> {
    let state = *states.get(ordinal as usize)?;
    let decided = (*last.get(ordinal as usize)? as usize).checked_sub(1)?;
    Some(if decided == place {
        state
    } else {
        superseded(calls.get(decided))
    })
}

/// The state in which a call left a device that a later one carried again: what is resent was in
/// doubt, anything else was not taken.
fn superseded(later: Option<&CallDetail>) -> DeviceState {
    match later.map(|call| call.origin) {
        Some(CallOrigin::Resend) => DeviceState::Ended(Outcome::InDoubt(Doubt::NoAnswer)),
        _ => DeviceState::Planned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::Failure;

    fn call(number: u32, origin: CallOrigin, devices: &[u32], took: Option<u64>) -> CallDetail {
        CallDetail {
            call: number,
            origin,
            at: jiff::Timestamp::UNIX_EPOCH,
            took: took.map(Duration::from_millis),
            status: Some(200),
            message: String::new(),
            devices: devices.to_vec(),
        }
    }

    #[test]
    fn counts_of_a_call_are_what_that_call_came_to() {
        let calls = [
            call(1, CallOrigin::Fresh, &[0, 1, 2, 3], Some(300)),
            call(2, CallOrigin::Half, &[3], Some(100)),
            call(3, CallOrigin::Resend, &[2], None),
        ];
        let states = [
            DeviceState::Ended(Outcome::Accepted),
            DeviceState::Ended(Outcome::Failed(Failure::NotFound)),
            DeviceState::Ended(Outcome::Accepted),
            DeviceState::Ended(Outcome::Accepted),
        ];
        let log = CallLog::new(&calls, &states);
        let tallies: Vec<Tally> = log.results.iter().map(|result| result.tally).collect();
        let first = Tally {
            accepted: 1,
            failed: 1,
            in_doubt: 1,
            left: 1,
            gone: 0,
        };
        let accepted = Tally {
            accepted: 1,
            ..Tally::default()
        };
        assert_eq!(tallies, [first, accepted, accepted]);
        assert_eq!(log.results[0].first_in_doubt, Some(2));
        assert_eq!(log.last_call(2), Some(2));
        assert_eq!(log.last_call(0), Some(0));
        assert_eq!(log.last_call(9), None, "no such device");
        assert_eq!(log.typical(), Some(Duration::from_millis(100)));
    }

    #[test]
    fn call_log_of_no_calls_is_empty() {
        let log = CallLog::new(&[], &[DeviceState::Planned]);
        assert_eq!((log.last_call(0), log.typical()), (None, None));
    }
}
