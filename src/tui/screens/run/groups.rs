//! The devices of a run, grouped by what became of them.

use std::collections::{BTreeMap, HashMap};

use crate::domain::device::IdentifierKind;
use crate::domain::outcome::{DeviceState, Outcome, OutcomeClass};
use crate::engine::lookup_verdict::{Finding, LookupVerdict};
use crate::plan::PlannedDevice;

/// What the devices of a group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureGroup {
    pub outcome: Outcome,
    /// What they were sent by.
    pub kind: IdentifierKind,
    /// What a lookup by that came to.
    pub verdict: Option<LookupVerdict>,
    pub count: usize,
}

/// What distinguishes a group from the others of its run, in their order.
pub type GroupKey = (u8, Outcome, IdentifierKind, Option<LookupVerdict>);

/// Devices that ended alike, and of which lookups, if they were looked up, saw the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceGroup {
    /// What they have in common.
    pub head: FailureGroup,
    /// Which they are, by ordinal in the plan.
    pub ordinals: Vec<u32>,
}

impl FailureGroup {
    /// What distinguishes it from the others.
    pub fn key(self) -> GroupKey {
        key(self.outcome, self.kind, self.verdict)
    }

    /// True if its devices were accepted.
    pub fn is_accepted(self) -> bool {
        self.outcome.class() == OutcomeClass::Accepted
    }

    /// True if nothing is wrong with its devices: they were accepted, or not sent at all.
    pub fn is_success(self) -> bool {
        rank(self.outcome) > 0
    }
}

/// Failures come first, accepted devices last.
fn rank(outcome: Outcome) -> u8 {
    match outcome.class() {
        OutcomeClass::Failed | OutcomeClass::InDoubt | OutcomeClass::Gone => 0,
        OutcomeClass::NotSent => 1,
        OutcomeClass::Accepted => 2,
    }
}

fn key(outcome: Outcome, kind: IdentifierKind, verdict: Option<LookupVerdict>) -> GroupKey {
    (rank(outcome), outcome, kind, verdict)
}

/// Groups devices by their state and what lookups saw of them. A device without an outcome counts as
/// not sent.
pub fn group(
    states: &[DeviceState],
    devices: &[PlannedDevice],
    findings: &HashMap<u32, Finding>,
) -> Vec<DeviceGroup> {
    let mut groups: BTreeMap<GroupKey, Vec<u32>> = BTreeMap::new();
    for (ordinal, (state, device)) in (0_u32..).zip(states.iter().zip(devices)) {
        let finding = findings.get(&ordinal);
        let verdict = finding.map(|found| found.seen.verdict(device.hwid.as_ref()));
        let outcome = state.as_final_outcome();
        groups
            .entry(key(outcome, device.identifier.kind(), verdict))
            .or_default()
            .push(ordinal);
    }
    let groups = groups.into_iter();
    groups
        .map(|((_, outcome, kind, verdict), ordinals)| DeviceGroup {
            head: FailureGroup {
                outcome,
                kind,
                verdict,
                count: ordinals.len(),
            },
            ordinals,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::device::{Hwid, Identifier};
    use crate::domain::outcome::{Doubt, Failure};

    #[test]
    fn groups_begin_with_failures_and_end_with_accepted_devices() {
        let states = [
            DeviceState::Ended(Outcome::Accepted),
            DeviceState::Planned,
            DeviceState::Ended(Outcome::InDoubt(Doubt::NoAnswer)),
            DeviceState::Ended(Outcome::Failed(Failure::NotFound)),
            DeviceState::Ended(Outcome::InDoubt(Doubt::NoAnswer)),
        ];
        let devices: Vec<PlannedDevice> = (0..states.len())
            .map(|place| {
                let hwid = Hwid::parse(&format!("h{place}")).expect("an HWID");
                PlannedDevice::bare(Identifier::Hwid(hwid))
            })
            .collect();
        let groups = group(&states, &devices, &HashMap::new());
        let found: Vec<(Outcome, &[u32], bool)> = groups
            .iter()
            .map(|group| {
                let head = group.head;
                (head.outcome, group.ordinals.as_slice(), head.is_success())
            })
            .collect();
        assert_eq!(
            found,
            [
                (Outcome::Failed(Failure::NotFound), &[3][..], false),
                (Outcome::InDoubt(Doubt::NoAnswer), &[2, 4][..], false),
                (Outcome::NotSent, &[1][..], true),
                (Outcome::Accepted, &[0][..], true),
            ]
        );
    }
}
