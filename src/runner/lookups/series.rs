//! The lookups of one run: which comes next, and the answers that nothing confirmed yet.

use std::collections::VecDeque;
use std::time::Duration;

use super::reference::ReferenceDevices;
use crate::domain::device::Identifier;
use crate::domain::run::RunId;
use crate::engine::SlotEnd;
use crate::engine::lookup_verdict::{AnsweredAt, LookupAnswer, LookupKey};
use crate::platform::clock::BootTime;
use crate::runner::update::LookupCalls;

/// The lookups of a run.
pub(super) struct Series {
    pub(super) run: RunId,
    pub(super) pending: VecDeque<PendingLookup>,
    pub(super) references: ReferenceDevices,
    /// What got a 404, since a device answered last.
    pub(super) unconfirmed: Vec<Unconfirmed>,
    /// How many calls were made.
    pub(super) calls: usize,
}

/// A 404 that may be a gateway's.
pub(super) struct Unconfirmed {
    pub(super) pending: PendingLookup,
    pub(super) answer: AnsweredLookup,
    /// A device had answered on the same path shortly before.
    pub(super) was_open: bool,
}

impl Series {
    /// True once nothing is left to call.
    pub(super) fn is_done(&self) -> bool {
        self.pending.is_empty() && (self.unconfirmed.is_empty() || !self.references.is_left())
    }

    /// The calls that were made, and those that follow if each is answered.
    pub(super) fn progress(&self) -> LookupCalls {
        let control = !self.is_done() && self.references.is_left();
        LookupCalls {
            made: self.calls,
            left: self.pending.len() + usize::from(control),
            unconfirmed: self.unconfirmed.len(),
        }
    }

    /// What the next call is about. A control goes before the devices if the path isn't known to be open,
    /// behind them, and between them before a 404 gets older than `patience`.
    pub(super) fn next_target(
        &mut self,
        now: BootTime,
        is_open: bool,
        patience: Duration,
    ) -> Option<LookupTarget> {
        let is_control_due = match self.unconfirmed.first() {
            _ if !self.references.is_left() => false,
            None => !is_open,
            Some(oldest) => {
                self.pending.is_empty() || now.since(oldest.answer.at.now.boot) >= patience
            }
        };
        if is_control_due {
            return self.references.next().map(LookupTarget::Reference);
        }
        self.pending.pop_front().map(LookupTarget::Device)
    }
}

pub(super) struct PendingLookup {
    pub(super) run: RunId,
    pub(super) ordinal: u32,
    pub(super) by: LookupKey,
    pub(super) identifier: Identifier,
    /// It is what was sent, so that the answer may settle the outcome.
    pub(super) was_sent: bool,
}

/// What the next call is about.
pub(super) enum LookupTarget {
    Device(PendingLookup),
    Reference(Identifier),
}

impl LookupTarget {
    pub(super) fn identifier(&self) -> &Identifier {
        match self {
            Self::Device(pending) => &pending.identifier,
            Self::Reference(identifier) => identifier,
        }
    }
}

/// An answer about a device, and its slot.
pub(super) struct AnsweredLookup {
    pub(super) seen: LookupAnswer,
    pub(super) at: AnsweredAt,
    pub(super) slot: SlotEnd,
}
