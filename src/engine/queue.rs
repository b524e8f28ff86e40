//! What is still to be sent, and in which portions.
//!
//! The first call of each kind of identifier is a small one, the canary. A portion that the server
//! refuses as a whole is halved; halves go out breadth-first, sibling before child, so that one
//! bad identifier never fails its neighbours. What is in doubt may be resent once, when it is due.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clock::BootTime;
use crate::device::IdentifierKind;
use crate::plan::CallSizes;

/// How long after it was judged a device in doubt is due to be resent.
const RESEND_AFTER: Duration = Duration::from_secs(60);
/// How long after its intent a device in doubt may still be resent by itself.
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

/// What a batch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchOrigin {
    /// Devices not sent before.
    Fresh,
    /// Part of a refused batch; the number ties siblings together.
    Half(u32),
    /// In doubt, sent once more.
    Resend,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this.
    Batch(Batch),
    /// Nothing before this moment, when a resend is due.
    At(BootTime),
    /// Nothing is left to send.
    Nothing,
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

/// See the module.
#[derive(Clone, Debug)]
pub struct Queue {
    sizes: CallSizes,
    fresh: VecDeque<(u32, IdentifierKind)>,
    halves: VecDeque<Batch>,
    resends: Vec<Resend>,
    siblings: HashMap<u32, Siblings>,
    next_pair: u32,
    /// Kinds of identifier of which some device was already accepted since the start, the last
    /// resume or the last new credential.
    proven: Vec<IdentifierKind>,
}

impl Queue {
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
            proven: Vec::new(),
        }
    }

    /// Takes out what is to be sent at `now`.
    pub fn take(&mut self, now: BootTime) -> Next {
        self.resends.retain(|resend| resend.expires > now);
        let next_kind = self
            .halves
            .front()
            .map(|half| half.kind)
            .or_else(|| self.fresh.front().map(|&(_, kind)| kind));
        // A canary that is still out goes before a resend: it is the smaller risk.
        let canary_first = next_kind.is_some_and(|kind| !self.is_proven(kind));
        let due = self.resends.iter().position(|resend| resend.due <= now);
        if let Some(index) = due.filter(|_| !canary_first) {
            return Next::Batch(self.resends.remove(index).batch);
        }
        if let Some(batch) = self.take_half().or_else(|| self.take_fresh()) {
            return Next::Batch(batch);
        }
        match self.resends.iter().map(|resend| resend.due).min() {
            Some(due) => Next::At(due),
            None => Next::Nothing,
        }
    }

    /// Puts a batch back whose devices were not sent, or were refused for a passing reason. It is
    /// the next to go.
    pub fn put_back(&mut self, batch: Batch) {
        match batch.origin {
            BatchOrigin::Fresh => {
                for device in batch.devices.into_iter().rev() {
                    self.fresh.push_front((device, batch.kind));
                }
            }
            BatchOrigin::Half(_) => self.halves.push_front(batch),
            // Held from now on: one resend is all there is.
            BatchOrigin::Resend => {}
        }
    }

    /// Puts a resend back that was taken out and never attempted.
    pub fn put_back_untried(&mut self, batch: Batch, now: BootTime) {
        if batch.origin == BatchOrigin::Resend {
            self.resends.push(Resend {
                batch,
                due: now,
                expires: now + RESEND_AFTER,
            });
        } else {
            self.put_back(batch);
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

    /// Notes that a batch was answered. When both halves of a refused batch were, its size was at
    /// fault, and the size that holds for the rest of the run is returned.
    pub fn passed(&mut self, batch: &Batch) -> Option<usize> {
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

    /// Plans one more attempt for devices in doubt, judged at `now` after an intent at `intent`.
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
            due: now + RESEND_AFTER,
            expires: intent + RESEND_WITHIN,
        });
    }

    /// Notes that a device was accepted by its identifier of `kind`.
    pub fn prove(&mut self, kind: IdentifierKind) {
        if !self.is_proven(kind) {
            self.proven.push(kind);
        }
    }

    /// Makes the next call of each kind a canary again: after a resume or a new credential.
    pub fn distrust(&mut self) {
        self.proven.clear();
    }

    /// True when a call of this kind has accepted something since the last [`distrust`](Self::distrust).
    pub fn is_proven(&self, kind: IdentifierKind) -> bool {
        self.proven.contains(&kind)
    }

    fn take_half(&mut self) -> Option<Batch> {
        let mut half = self.halves.pop_front()?;
        let limit = self.limit(half.kind);
        if half.devices.len() > limit {
            // Cut again by a canary or a smaller size, its sibling's success says nothing more.
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
        if self.is_proven(kind) {
            self.sizes.batch
        } else {
            self.sizes.canary.min(self.sizes.batch)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: BootTime = BootTime(1_000_000);
    const HWID: IdentifierKind = IdentifierKind::Hwid;

    fn queue(devices: u32, batch: usize, canary: usize) -> Queue {
        Queue::new(
            CallSizes { batch, canary },
            (0..devices).map(|device| (device, HWID)),
        )
    }

    fn take(queue: &mut Queue) -> Batch {
        match queue.take(NOW) {
            Next::Batch(batch) => batch,
            other => panic!("a batch, not {other:?}"),
        }
    }

    #[test]
    fn the_first_call_of_each_kind_is_a_canary() {
        let kinds = (0..30).map(|device| {
            (
                device,
                if device < 20 {
                    HWID
                } else {
                    IdentifierKind::Mac
                },
            )
        });
        let mut queue = Queue::new(
            CallSizes {
                batch: 12,
                canary: 5,
            },
            kinds,
        );
        let mut sizes = Vec::new();
        while let Next::Batch(batch) = queue.take(NOW) {
            sizes.push((batch.kind, batch.devices.len()));
            queue.prove(batch.kind);
        }
        let mac = IdentifierKind::Mac;
        assert_eq!(
            sizes,
            [(HWID, 5), (HWID, 12), (HWID, 3), (mac, 5), (mac, 5)]
        );
    }

    #[test]
    fn halves_go_sibling_before_child_and_before_what_is_fresh() {
        let mut queue = queue(20, 8, 8);
        queue.prove(HWID);
        let whole = take(&mut queue);
        queue.halve(whole);
        let left = take(&mut queue);
        assert_eq!(left.devices, [0, 1, 2, 3]);
        queue.halve(left);
        assert_eq!(take(&mut queue).devices, [4, 5, 6, 7]);
        assert_eq!(take(&mut queue).devices, [0, 1]);
        assert_eq!(take(&mut queue).devices, [2, 3]);
        assert_eq!(take(&mut queue).devices, (8..16).collect::<Vec<_>>());
    }

    #[test]
    fn when_both_halves_pass_the_size_was_at_fault() {
        let mut queue = queue(20, 9, 9);
        queue.prove(HWID);
        let whole = take(&mut queue);
        queue.halve(whole);
        let left = take(&mut queue);
        assert_eq!(queue.passed(&left), None);
        let right = take(&mut queue);
        assert_eq!(queue.passed(&right), Some(5));
        assert_eq!(take(&mut queue).devices.len(), 5);
    }

    #[test]
    fn one_bad_identifier_leaves_the_size_alone() {
        let mut queue = queue(8, 4, 4);
        queue.prove(HWID);
        let whole = take(&mut queue);
        queue.halve(whole);
        let left = take(&mut queue);
        queue.halve(left);
        let right = take(&mut queue);
        assert_eq!(queue.passed(&right), None);
        let first = take(&mut queue);
        assert_eq!(first.devices.len(), 1);
        let second = take(&mut queue);
        assert_eq!(queue.passed(&second), None);
        assert_eq!(take(&mut queue).devices.len(), 4);
    }

    #[test]
    fn a_resend_is_due_a_minute_later_and_expires_ten_minutes_after_the_intent() {
        let mut queue = queue(1, 5, 5);
        take(&mut queue);
        queue.prove(HWID);
        queue.resend_later(HWID, vec![0], NOW, NOW);
        let due = NOW + RESEND_AFTER;
        assert_eq!(queue.take(NOW), Next::At(due));
        let mut expired = queue.clone();
        assert_eq!(expired.take(NOW + RESEND_WITHIN), Next::Nothing);
        let Next::Batch(batch) = queue.take(due) else {
            panic!("due")
        };
        assert_eq!(batch.origin, BatchOrigin::Resend);
        queue.put_back(batch);
        assert_eq!(queue.take(due), Next::Nothing, "a tried resend is held");
    }

    #[test]
    fn a_due_resend_goes_ahead_of_what_is_planned_but_not_of_a_canary() {
        let mut queue = queue(20, 5, 2);
        queue.prove(HWID);
        let first = take(&mut queue);
        queue.resend_later(HWID, first.devices, NOW - RESEND_AFTER, NOW - RESEND_AFTER);
        let mut distrusted = queue.clone();
        distrusted.distrust();
        assert_eq!(take(&mut queue).origin, BatchOrigin::Resend);
        let canary = take(&mut distrusted);
        assert_eq!(
            (canary.origin, canary.devices.len()),
            (BatchOrigin::Fresh, 2)
        );
    }

    #[test]
    fn after_a_resume_a_half_is_cut_to_a_canary_too() {
        let mut queue = queue(40, 40, 5);
        queue.prove(HWID);
        let whole = take(&mut queue);
        queue.halve(whole);
        queue.distrust();
        assert_eq!(take(&mut queue).devices, [0, 1, 2, 3, 4]);
        queue.prove(HWID);
        assert_eq!(take(&mut queue).devices, (5..20).collect::<Vec<_>>());
    }

    proptest! {
        /// Whatever is put back, refused and halved: each device is taken until it is answered,
        /// and never twice at once.
        #[test]
        fn every_device_is_answered_once(
            devices in 1_u32..80, batch in 1_usize..20, canary in 1_usize..8,
            fates in prop::collection::vec(0_u8..4, 0..60),
        ) {
            let mut queue = queue(devices, batch, canary);
            let mut fates = fates.into_iter();
            let mut answered = vec![0_u32; devices as usize];
            while let Next::Batch(batch) = queue.take(NOW) {
                match fates.next() {
                    Some(0) => queue.put_back(batch),
                    Some(1) if batch.devices.len() > 1 => queue.halve(batch),
                    Some(2) => { queue.put_back_untried(batch, NOW); queue.distrust(); }
                    _ => {
                        queue.passed(&batch);
                        queue.prove(batch.kind);
                        for device in batch.devices { answered[device as usize] += 1; }
                    }
                }
            }
            prop_assert!(answered.iter().all(|&times| times == 1), "{answered:?}");
        }
    }
}
