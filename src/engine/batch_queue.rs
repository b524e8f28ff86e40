//! The queue of devices that are still to be sent, cut into batches.
//!
//! The first call of each kind of identifier is a small one, the canary. A batch that the server
//! refuses as a whole is halved; halves are sent breadth-first, so that one bad identifier never
//! fails the others. Devices in doubt may be resent once, when the resend is due.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::domain::device::IdentifierKind;
use crate::plan::CallSizes;
use crate::platform::clock::BootTime;

/// How long after its call ended a device in doubt is due to be resent.
const RESEND_AFTER: Duration = Duration::from_secs(60);
/// How long after its intent a device in doubt may still be resent without a confirmation.
const RESEND_WITHIN: Duration = Duration::from_secs(600);

/// The devices of one call, by their ordinal in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Which list of the call they go into.
    pub kind: IdentifierKind,
    /// In the order sent.
    pub devices: Vec<u32>,
    /// What the call is for.
    pub origin: BatchOrigin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchOrigin {
    /// Devices not sent before.
    Fresh,
    /// Part of a refused batch; the number ties siblings together.
    Half(u32),
    /// In doubt, sent once more.
    Resend,
}

#[derive(Clone, Debug)]
struct Resend {
    batch: Batch,
    due: BootTime,
    expires: BootTime,
}

#[derive(Clone, Copy, Debug)]
struct Siblings {
    passed: u8,
    larger: usize,
}

/// The devices of one run that are still to be sent.
#[derive(Clone, Debug)]
pub struct BatchQueue {
    sizes: CallSizes,
    fresh: VecDeque<(u32, IdentifierKind)>,
    halves: VecDeque<Batch>,
    resends: Vec<Resend>,
    siblings: HashMap<u32, Siblings>,
    next_pair: u32,
    resend_after: Duration,
    /// Kinds of identifier of which a device was accepted since the start, the last resume or the last
    /// new credential.
    verified_kinds: Vec<IdentifierKind>,
}

impl BatchQueue {
    /// A queue of `devices`, by ordinal, in the order in which they are to be sent.
    pub fn new(sizes: CallSizes, devices: impl IntoIterator<Item = (u32, IdentifierKind)>) -> Self {
        Self {
            sizes: CallSizes {
                batch: sizes.batch.max(1),
                canary: sizes.canary.max(1),
            },
            fresh: devices.into_iter().collect(),
            halves: VecDeque::new(),
            resends: Vec::new(),
            siblings: HashMap::new(),
            next_pair: 0,
            resend_after: RESEND_AFTER,
            verified_kinds: Vec::new(),
        }
    }

    /// When [`take`](Self::take) has something to send; never, if nothing is left.
    pub fn due(&self, now: BootTime) -> Option<BootTime> {
        if !self.halves.is_empty() || !self.fresh.is_empty() {
            return Some(now);
        }
        let resends = self.resends.iter().filter(|resend| resend.expires > now);
        resends.map(|resend| resend.due.max(now)).min()
    }

    /// Removes and returns the batch to send at `now`.
    pub fn take(&mut self, now: BootTime) -> Option<Batch> {
        self.resends.retain(|resend| resend.expires > now);
        let next_kind = self
            .halves
            .front()
            .map(|half| half.kind)
            .or_else(|| self.fresh.front().map(|&(_, kind)| kind));
        // A canary that is not sent yet goes before a resend: it is the smaller risk.
        let canary_first = next_kind.is_some_and(|kind| !self.is_kind_verified(kind));
        let due = self.resends.iter().position(|resend| resend.due <= now);
        if let Some(index) = due.filter(|_| !canary_first) {
            return Some(self.take_resend(index));
        }
        self.take_half().or_else(|| self.take_fresh())
    }

    /// Returns a batch to the front of the queue: its devices were not sent, or were refused for a
    /// reason that may pass.
    pub fn put_back(&mut self, batch: Batch) {
        match batch.origin {
            BatchOrigin::Fresh => {
                for device in batch.devices.into_iter().rev() {
                    self.fresh.push_front((device, batch.kind));
                }
            }
            BatchOrigin::Half(_) => self.halves.push_front(batch),
            // Devices in doubt are resent only once.
            BatchOrigin::Resend => {}
        }
    }

    /// Halves a batch of more than one device that the server refused as a whole.
    pub fn halve(&mut self, batch: Batch) {
        if let BatchOrigin::Half(pair) = batch.origin {
            self.siblings.remove(&pair);
        }
        let larger = batch.devices.len().div_ceil(2);
        let pair = self.next_pair;
        self.next_pair += 1;
        self.siblings.insert(pair, Siblings { passed: 0, larger });
        let mut first = batch.devices;
        let second = first.split_off(larger);
        for devices in [first, second] {
            let half = Batch {
                kind: batch.kind,
                devices,
                origin: BatchOrigin::Half(pair),
            };
            self.halves.push_back(half);
        }
    }

    /// Records that a batch was answered. When both halves of a refused batch were, its size was at
    /// fault: returns the size for the rest of the run.
    pub fn on_answered(&mut self, batch: &Batch) -> Option<usize> {
        let BatchOrigin::Half(pair) = batch.origin else {
            return None;
        };
        let siblings = self.siblings.get_mut(&pair)?;
        siblings.passed += 1;
        if siblings.passed < 2 {
            return None;
        }
        let larger = siblings.larger;
        self.siblings.remove(&pair);
        (larger < self.sizes.batch).then(|| {
            self.sizes.batch = larger;
            larger
        })
    }

    /// True if one more attempt after an intent at `intent` would be due in time.
    pub fn can_resend(&self, intent: BootTime, now: BootTime) -> bool {
        now + self.resend_after < intent + RESEND_WITHIN
    }

    /// Queues one more attempt for devices in doubt, whose call ended at `now` after an intent at
    /// `intent`.
    pub fn resend_later(
        &mut self,
        kind: IdentifierKind,
        devices: Vec<u32>,
        intent: BootTime,
        now: BootTime,
    ) {
        self.resends.push(Resend {
            batch: Batch {
                kind,
                devices,
                origin: BatchOrigin::Resend,
            },
            due: now + self.resend_after,
            expires: intent + RESEND_WITHIN,
        });
    }

    /// Sets how long after its call a device in doubt is resent; a minute by default.
    pub fn set_resend_after(&mut self, span: Duration) {
        self.resend_after = span;
    }

    /// Gives all resends up; returns how many devices they had.
    pub fn drop_resends(&mut self) -> usize {
        let resends = std::mem::take(&mut self.resends).into_iter();
        resends.map(|resend| resend.batch.devices.len()).sum()
    }

    /// Removes a device from the resends.
    pub fn forget_resend(&mut self, device: u32) {
        for resend in &mut self.resends {
            resend.batch.devices.retain(|&other| other != device);
        }
        self.resends
            .retain(|resend| !resend.batch.devices.is_empty());
    }

    /// Records that a device was accepted by its identifier of `kind`.
    pub fn mark_kind_verified(&mut self, kind: IdentifierKind) {
        if !self.is_kind_verified(kind) {
            self.verified_kinds.push(kind);
        }
    }

    /// Makes the next call of each kind a canary again: after a resume or a new credential.
    pub fn require_canary(&mut self) {
        self.verified_kinds.clear();
    }

    /// True when a call of this kind has accepted something since the last [`require_canary`](Self::require_canary).
    pub fn is_kind_verified(&self, kind: IdentifierKind) -> bool {
        self.verified_kinds.contains(&kind)
    }

    /// Cuts a resend like any other batch, so that the first call after a resume is a canary.
    fn take_resend(&mut self, index: usize) -> Batch {
        let limit = self.limit(self.resends[index].batch.kind);
        let batch = &mut self.resends[index].batch;
        if batch.devices.len() <= limit {
            return self.resends.remove(index).batch;
        }
        let rest = batch.devices.split_off(limit);
        Batch {
            kind: batch.kind,
            devices: std::mem::replace(&mut batch.devices, rest),
            origin: BatchOrigin::Resend,
        }
    }

    fn take_half(&mut self) -> Option<Batch> {
        let mut half = self.halves.pop_front()?;
        let limit = self.limit(half.kind);
        if half.devices.len() > limit {
            // Once it is cut again, its sibling's success says nothing about the size.
            if let BatchOrigin::Half(pair) = half.origin {
                self.siblings.remove(&pair);
            }
            let rest = half.devices.split_off(limit);
            self.halves.push_front(Batch {
                devices: rest,
                ..half.clone()
            });
        }
        Some(half)
    }

    fn take_fresh(&mut self) -> Option<Batch> {
        let &(_, kind) = self.fresh.front()?;
        let limit = self.limit(kind);
        let mut devices = Vec::with_capacity(limit);
        while devices.len() < limit {
            match self.fresh.front() {
                Some(&(device, same)) if same == kind => devices.push(device),
                _ => break,
            }
            self.fresh.pop_front();
        }
        Some(Batch {
            kind,
            devices,
            origin: BatchOrigin::Fresh,
        })
    }

    fn limit(&self, kind: IdentifierKind) -> usize {
        if self.is_kind_verified(kind) {
            self.sizes.batch
        } else {
            self.sizes.canary.min(self.sizes.batch)
        }
    }
}

#[cfg(test)]
mod tests;
