//! The lookups of one run: which comes next, and the answers that nothing confirmed yet.

use std::collections::VecDeque;

use super::control::Controls;
use crate::domain::device::Identifier;
use crate::domain::run::RunId;
use crate::engine::SlotEnd;
use crate::engine::lookup_verdict::{AnsweredAt, LookupKey, Seen};

/// The lookups of a run.
pub(super) struct Series {
    pub(super) run: RunId,
    pub(super) pending: VecDeque<Pending>,
    pub(super) controls: Controls,
    /// What got a 404 while no device had answered shortly before.
    pub(super) unconfirmed: Vec<(Pending, Answer)>,
}

impl Series {
    /// True while a 404 waits for a control that can still be tried.
    fn is_control_due(&self) -> bool {
        !self.unconfirmed.is_empty() && self.controls.is_left()
    }

    /// True once nothing is left to call.
    pub(super) fn is_done(&self) -> bool {
        self.pending.is_empty() && !self.is_control_due()
    }

    /// What the next call is about. A control goes first once a 404 waits for it.
    pub(super) fn next_target(&mut self) -> Option<Target> {
        if self.is_control_due() {
            return self.controls.next().map(Target::Control);
        }
        self.pending.pop_front().map(Target::Device)
    }
}

pub(super) struct Pending {
    pub(super) run: RunId,
    pub(super) ordinal: u32,
    pub(super) by: LookupKey,
    pub(super) identifier: Identifier,
    /// It is what was sent, so that the answer may settle the outcome.
    pub(super) was_sent: bool,
}

/// What the next call is about.
pub(super) enum Target {
    Device(Pending),
    Control(Identifier),
}

impl Target {
    pub(super) fn identifier(&self) -> &Identifier {
        match self {
            Self::Device(pending) => &pending.identifier,
            Self::Control(identifier) => identifier,
        }
    }
}

/// An answer about a device, and its slot.
pub(super) struct Answer {
    pub(super) seen: Seen,
    pub(super) at: AnsweredAt,
    pub(super) slot: SlotEnd,
}
