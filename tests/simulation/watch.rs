//! What a run may ask for, seen from outside: resends, canaries, one call at a time.

use std::collections::HashMap;
use std::time::Duration;

use offboard::domain::device::IdentifierKind;
use offboard::domain::outcome::{DeviceState, Failure, Outcome};
use offboard::plan::CallSizes;
use offboard::platform::clock::BootTime;

use super::truth::{Flight, Run};

/// Watches a run, from its beginning to its end in a process, by what the journal has of it.
pub struct Watch {
    sizes: CallSizes,
    resend_once: bool,
    /// Kinds of which something was accepted since the last resume.
    proven: Vec<IdentifierKind>,
    /// How many calls were looked at, and since when the last one's intent is durable.
    seen: usize,
    intent: Option<BootTime>,
    /// Devices in doubt: when the intent was durable, and when they were judged.
    doubts: HashMap<u32, (BootTime, BootTime)>,
    /// After a canary that found nothing, no call goes before a resume.
    must_pause: bool,
    /// The last it reported is that it waits to resend.
    waits: bool,
    /// The states of the devices, as they were reported to the front end.
    reported: Vec<DeviceState>,
    /// The same before the call in hand.
    before: Vec<DeviceState>,
}

impl Watch {
    pub fn new(sizes: CallSizes, resend_once: bool, run: &Run) -> Self {
        Self {
            sizes,
            resend_once,
            proven: Vec::new(),
            seen: run.flights.len(),
            intent: None,
            doubts: HashMap::new(),
            must_pause: false,
            waits: false,
            reported: run.states.clone(),
            before: run.states.clone(),
        }
    }

    /// The operator has resumed: nothing is proven any more.
    pub fn resumed(&mut self) {
        self.proven.clear();
        self.must_pause = false;
    }

    /// The front end is reported of a device.
    pub fn reported(&mut self, ordinal: u32, state: DeviceState) {
        self.reported[ordinal as usize] = state;
    }

    /// What the front end was reported is what the journal has.
    pub fn agrees(&self, run: &Run) -> bool {
        self.reported == run.states
    }

    pub fn waits(&mut self, to_resend: bool, _: BootTime) {
        self.waits = to_resend;
    }

    /// Looks at what a step has stored.
    pub fn look(&mut self, run: &Run, left: u64, now: BootTime) {
        if let Some(intended) = self.intent
            && let Some(flight) = run.flights.last().filter(|flight| flight.settled)
        {
            self.intent = None;
            self.judge(flight, run, left, (intended, now));
        }
        for flight in run.flights.iter().skip(self.seen) {
            self.intends(flight, run, now);
            self.intent = Some(now);
        }
        self.seen = run.flights.len();
        self.before.clone_from(&run.states);
    }

    fn intends(&mut self, flight: &Flight, run: &Run, now: BootTime) {
        self.waits = false;
        assert!(
            self.intent.is_none(),
            "a call before the last one's outcome"
        );
        assert!(!self.must_pause, "a call after a canary that found nothing");
        assert!(!flight.devices.is_empty(), "an empty call");
        assert!(flight.devices.len() <= self.sizes.batch, "a call too large");
        if !self.proven.contains(&flight.kind) {
            assert!(
                flight.devices.len() <= self.sizes.canary,
                "the first call by {} is no canary: {:?}",
                flight.kind.as_str(),
                flight.devices
            );
        }
        for &ordinal in &flight.devices {
            assert_eq!(
                run.identifier(ordinal).kind(),
                flight.kind,
                "in the wrong list"
            );
            let state = run.states[ordinal as usize];
            if !flight.is_resend {
                assert_eq!(state, DeviceState::Planned, "sent again: {ordinal}");
                continue;
            }
            assert!(self.resend_once, "resent, and the configuration says hold");
            assert_eq!(flight.kind, IdentifierKind::Hwid, "resent by MAC");
            assert!(
                matches!(state, DeviceState::Ended(Outcome::InDoubt(_))),
                "resent, and not in doubt: {state:?}"
            );
            // Taken out: once is all there is, and only by the process that judged it.
            let (intended, judged) = self
                .doubts
                .remove(&ordinal)
                .expect("resent a second time, or after a restart");
            assert!(
                now.since(judged) >= Duration::from_secs(60),
                "resent too early"
            );
            assert!(
                now.since(intended) <= Duration::from_secs(600),
                "resent too late"
            );
        }
    }

    /// The journal has the call's end.
    fn judge(&mut self, flight: &Flight, run: &Run, left: u64, when: (BootTime, BootTime)) {
        let missing = DeviceState::Ended(Outcome::Failed(Failure::NotFound));
        let mut all_missing = true;
        for (ordinal, &state) in (0_u32..).zip(&run.states) {
            if !flight.devices.contains(&ordinal) {
                assert_eq!(state, self.before[ordinal as usize], "changed unsent");
                continue;
            }
            all_missing &= state == missing;
            match state {
                DeviceState::Ended(Outcome::InDoubt(_)) if !flight.is_resend => {
                    self.doubts.insert(ordinal, when);
                }
                DeviceState::Ended(Outcome::Accepted) => self.proven.push(flight.kind),
                _ => {}
            }
        }
        self.must_pause = all_missing && !self.proven.contains(&flight.kind) && left > 0;
    }

    /// The run finishes by itself: nothing that is in doubt is still to be resent.
    pub fn finishes(&self, run: &Run, now: BootTime) {
        for (&ordinal, &(intended, _)) in &self.doubts {
            let waits = self.waits
                && self.resend_once
                && run.identifier(ordinal).kind() == IdentifierKind::Hwid
                && matches!(
                    run.states[ordinal as usize],
                    DeviceState::Ended(Outcome::InDoubt(_))
                )
                && now.since(intended) < Duration::from_secs(600);
            assert!(
                !waits,
                "finished, and device {ordinal} is still to be resent"
            );
        }
    }
}
