//! What the step machine may ask for, seen from outside: resends, canaries, one call at a time.

use std::collections::HashMap;
use std::time::Duration;

use offboard::domain::device::IdentifierKind;
use offboard::domain::outcome::{DeviceState, Outcome};
use offboard::engine::{BatchOrigin, CallEnd, Engine, Intent};
use offboard::plan::CallSizes;
use offboard::platform::clock::BootTime;

use super::truth::Run;

/// Watches one machine, from its beginning to its end in a process.
pub struct Watch {
    sizes: CallSizes,
    resend_once: bool,
    /// Kinds of which something was accepted since the last resume.
    proven: Vec<IdentifierKind>,
    /// The call under way, and when its intent was durable.
    intent: Option<(Intent, BootTime)>,
    /// Devices in doubt: when the intent was durable, and when they were judged.
    doubts: HashMap<u32, (BootTime, BootTime)>,
    /// After a canary that found nothing, no call goes before a resume.
    must_pause: bool,
}

impl Watch {
    pub fn new(sizes: CallSizes, resend_once: bool) -> Self {
        Self {
            sizes,
            resend_once,
            proven: Vec::new(),
            intent: None,
            doubts: HashMap::new(),
            must_pause: false,
        }
    }

    /// The operator has resumed: nothing is proven any more.
    pub fn resumed(&mut self) {
        self.proven.clear();
        self.must_pause = false;
    }

    /// The machine asks for an intent.
    pub fn intends(&mut self, intent: &Intent, run: &Run, now: BootTime) {
        assert!(
            self.intent.is_none(),
            "a call before the last one's outcome"
        );
        assert!(!self.must_pause, "a call after a canary that found nothing");
        let batch = &intent.batch;
        assert!(!batch.devices.is_empty(), "an empty call");
        assert!(batch.devices.len() <= self.sizes.batch, "a call too large");
        if !self.proven.contains(&batch.kind) {
            assert!(
                batch.devices.len() <= self.sizes.canary,
                "the first call by {} is no canary: {batch:?}",
                batch.kind.as_str()
            );
        }
        for &ordinal in &batch.devices {
            assert_eq!(
                run.identifier(ordinal).kind(),
                batch.kind,
                "in the wrong list"
            );
            let state = run.states[ordinal as usize];
            if batch.origin != BatchOrigin::Resend {
                assert_eq!(state, DeviceState::Planned, "sent again: {ordinal}");
                continue;
            }
            assert!(self.resend_once, "resent, and the configuration says hold");
            assert_eq!(batch.kind, IdentifierKind::Hwid, "resent by MAC");
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

    /// The intent is durable.
    pub fn sends(&mut self, intent: Intent, now: BootTime) {
        self.intent = Some((intent, now));
    }

    /// The machine has judged the call.
    pub fn judges(&mut self, end: &CallEnd, run: &Run, left: u64, now: BootTime) {
        let (intent, at) = self.intent.take().expect("an outcome of a call");
        assert_eq!(intent.call, end.call, "an outcome of another call");
        let mut all_missing = !end.changes.is_empty();
        let mut accepted = false;
        for &(ordinal, state) in &end.changes {
            if let DeviceState::Ended(Outcome::InDoubt(_)) = state
                && intent.batch.origin != BatchOrigin::Resend
            {
                self.doubts.insert(ordinal, (at, now));
            }
            accepted |= state == DeviceState::Ended(Outcome::Accepted);
            let missing = DeviceState::Ended(Outcome::Failed(
                offboard::domain::outcome::Failure::NotFound,
            ));
            all_missing &= state == missing;
            assert!(intent.batch.devices.contains(&ordinal), "changed unsent");
            assert!(
                state != DeviceState::Planned
                    || run.states[ordinal as usize] == DeviceState::Planned,
                "put back to planned with an attempt in doubt behind it"
            );
        }
        let kind = intent.batch.kind;
        if accepted {
            self.proven.push(kind);
        }
        self.must_pause = all_missing && !self.proven.contains(&kind) && left > 0;
    }

    /// The machine finishes by itself: nothing that is in doubt is still to be resent.
    pub fn finishes(&self, run: &Run, now: BootTime) {
        for (&ordinal, &(intended, _)) in &self.doubts {
            let waits = self.resend_once
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

    /// What the machine counts is what the journal has.
    pub fn agrees(machine: &Engine, run: &Run) {
        assert!(
            machine.states().eq(run.states.iter().copied()),
            "the machine's states aren't the journal's"
        );
        let counted = offboard::domain::outcome::Tally::of(run.states.iter().copied());
        assert_eq!(
            machine.tally(),
            counted,
            "the machine's counts aren't the journal's"
        );
    }
}
