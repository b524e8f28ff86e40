//! Decides whether earlier runs of the account or a hold forbid that a device is sent.
//!
//! [`EarlierDevices::conflict`] is the one rule: it is applied when a plan is built, and again inside the
//! transaction that admits or resumes a run, where no other process can change the result.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::{Holds, LeftOutReason, Plan, PlannedDevice};
use crate::domain::action::Action;
use crate::domain::device::{Hwid, Identifier, MacAddress};
use crate::domain::run::RunId;
use crate::list::Device;
use crate::platform::clock::HOST_CLOCK_TOLERANCE;

/// How long after a decision a device must have been enrolled to be another record: the tenant's
/// clock and ours may differ.
const ENROLLED_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// A device of an earlier run, with the values that decide whether a device may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierDevice {
    pub run: RunId,
    /// What that run does.
    pub action: Action,
    /// What that run sent, or will send.
    pub sent: Identifier,
    /// Its hardware ID, sent or not.
    pub hwid: Option<Hwid>,
    /// All its MACs, sent or not.
    pub macs: Vec<MacAddress>,
    /// Its state in that run.
    pub state: EarlierState,
    /// When its state was decided, by this host's clock.
    pub decided_at: Option<Timestamp>,
    /// The slot of the deciding call. Slots are numbered in the order in which they are taken, also if the
    /// clock is set back.
    pub slot: Option<i64>,
}

/// The state of a device in an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierState {
    /// Its run is open and may still send it.
    Open,
    /// It was sent, and no trustworthy answer came.
    InDoubt,
    /// Accepted or gone.
    Removed,
    /// The tenant answered that it has no such device.
    NotFound,
}

/// The times and runs that a plan is based on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Basis<'a> {
    pub list_time: Option<Timestamp>,
    /// The list's hash; empty if it is unknown.
    pub list_hash: &'a str,
    /// When the plan was built, by this host's clock.
    pub planned_at: Timestamp,
    /// The newest slot of this journal when the plan was built, if it was built on this journal.
    pub known_slot: Option<i64>,
    /// The run itself, which is no conflict.
    pub run: Option<RunId>,
    /// The run of which it is a retry, and the runs of which that was one: what they have in doubt
    /// may be sent again.
    pub retried_runs: &'a [RunId],
}

impl<'a> Basis<'a> {
    /// That of a plan as a run.
    pub fn of(plan: &'a Plan, retried_runs: &'a [RunId]) -> Self {
        Self {
            list_time: plan.origin.list_time,
            list_hash: &plan.origin.list_hash,
            planned_at: plan.origin.planned_at,
            known_slot: plan.origin.known_slot,
            run: Some(plan.id),
            retried_runs,
        }
    }
}

/// What an earlier run did to a device, as far as the cloud accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    pub run: RunId,
    /// Archive or remove: only these end a device's record.
    pub action: Action,
}

/// A device that may be sent, with the identifiers that earlier runs may have.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// What would be sent, if that is known.
    pub sent: Option<&'a Identifier>,
    /// Its hardware ID, sent or not.
    pub hwid: Option<&'a Hwid>,
    /// All its MACs, sent or not.
    pub macs: &'a [MacAddress],
    /// When it was enrolled, by the tenant's clock.
    pub enrolled: Option<Timestamp>,
    /// The run that removed it earlier, if the operator saw that and marked it even so.
    pub removed_by: Option<RunId>,
}

impl<'a> Candidate<'a> {
    /// All identifiers that it may be known by, in [normal form](Identifier::normal_form).
    pub fn keys(self) -> impl Iterator<Item = Identifier> + 'a {
        keys(self.sent, self.hwid, self.macs)
    }
}

impl<'a> From<&'a PlannedDevice> for Candidate<'a> {
    fn from(device: &'a PlannedDevice) -> Self {
        Self {
            sent: Some(&device.identifier),
            hwid: device.hwid.as_ref(),
            macs: &device.macs,
            enrolled: device.enrolled,
            removed_by: device.removed_by,
        }
    }
}

/// The identifiers of a list's entry, which a [`Candidate`] borrows.
#[derive(Clone, Debug)]
pub struct ListIdentifiers {
    hwid: Option<Hwid>,
    macs: Vec<MacAddress>,
    enrolled: Option<Timestamp>,
}

impl ListIdentifiers {
    /// Those of `device`.
    pub fn of(device: Device<'_>) -> Self {
        Self {
            hwid: device.sent_hwid(),
            macs: device.macs().collect(),
            enrolled: device.enrolled_at(),
        }
    }

    /// The identifiers that the entry may be known by, in normal form.
    pub fn into_keys(self) -> impl Iterator<Item = Identifier> {
        let macs = self.macs.into_iter().filter(|mac| !mac.is_known_constant());
        let hwid = self.hwid.map(|hwid| Identifier::Hwid(hwid).normal_form());
        hwid.into_iter().chain(macs.map(Identifier::Mac))
    }

    /// The entry as a candidate, before its identifier to send is chosen.
    pub fn candidate(&self) -> Candidate<'_> {
        Candidate {
            sent: None,
            hwid: self.hwid.as_ref(),
            macs: &self.macs,
            enrolled: self.enrolled,
            removed_by: None,
        }
    }
}

/// Devices of earlier runs of an account, by all their identifiers.
#[derive(Clone, Debug, Default)]
pub struct EarlierDevices {
    devices: Vec<EarlierDevice>,
    by_key: HashMap<Identifier, Vec<usize>>,
    /// The newest slot of the journal when they were read.
    pub last_slot: i64,
    /// The holds that are in force.
    pub holds: Holds,
    /// The hashes of the lists from which the runs were planned.
    list_hashes: HashMap<RunId, Box<str>>,
}

impl EarlierDevices {
    /// Notes from which list a run was planned.
    pub fn note_list(&mut self, run: RunId, hash: &str) {
        self.list_hashes.entry(run).or_insert_with(|| hash.into());
    }

    /// Adds a device.
    pub fn insert(&mut self, device: EarlierDevice) {
        let index = self.devices.len();
        for key in keys(Some(&device.sent), device.hwid.as_ref(), &device.macs) {
            let indices = self.by_key.entry(key).or_default();
            if indices.last() != Some(&index) {
                indices.push(index);
            }
        }
        self.devices.push(device);
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &EarlierDevice> {
        self.devices.iter()
    }

    /// Why `candidate` may not be sent by a plan built on `basis`, if it may not. A hold outweighs being in an
    /// open run, which outweighs being in doubt, which outweighs having been removed; of several removals the newest
    /// counts.
    pub fn conflict(&self, candidate: Candidate<'_>, basis: &Basis<'_>) -> Option<LeftOutReason> {
        if let Some(hold) = self.holds.of(candidate) {
            return Some(LeftOutReason::of_hold(hold));
        }
        let mut concerned = self.concerning(candidate);
        concerned.retain(|earlier| Some(earlier.run) != basis.run);
        let newest = |state, holds: &dyn Fn(&EarlierDevice) -> bool| {
            let mut newest_first = concerned.iter().rev();
            newest_first.find(|earlier| earlier.state == state && holds(earlier))
        };
        if let Some(earlier) = newest(EarlierState::Open, &|_| true) {
            return Some(LeftOutReason::InRun(earlier.run));
        }
        let in_doubt = newest(EarlierState::InDoubt, &|earlier| {
            !basis.retried_runs.contains(&earlier.run)
                && !enrolled_again(earlier, candidate)
                && !self.is_superseded(earlier)
        });
        if let Some(earlier) = in_doubt {
            return Some(LeftOutReason::InDoubt(earlier.run));
        }
        newest(EarlierState::Removed, &|earlier| {
            !enrolled_again(earlier, candidate) && self.is_news(earlier, basis)
        })
        .filter(|earlier| Some(earlier.run) != candidate.removed_by)
        .map(|earlier| LeftOutReason::RemovedEarlier(earlier.run, earlier.action))
    }

    /// True if the removal came after the list or the plan, as far as is known.
    fn is_news(&self, removed: &EarlierDevice, basis: &Basis<'_>) -> bool {
        if let (Some(slot), Some(known)) = (removed.slot, basis.known_slot)
            && slot > known
        {
            return true;
        }
        // Its own list can't know of it, whatever the dates in it say.
        let hash = self.list_hashes.get(&removed.run);
        if hash.is_some_and(|hash| !hash.is_empty() && **hash == *basis.list_hash) {
            return true;
        }
        let (Some(decided), Some(list)) = (removed.decided_at, basis.list_time) else {
            return true;
        };
        // Times in the future are of a wrong clock or of another time zone.
        let (Ok(known_until), Ok(latest)) = (
            list.min(basis.planned_at).checked_sub(HOST_CLOCK_TOLERANCE),
            basis.planned_at.checked_add(HOST_CLOCK_TOLERANCE),
        ) else {
            return true;
        };
        list > latest || decided > known_until
    }

    /// The devices of earlier runs that may be the same record as `candidate`, in the order of their
    /// calls.
    pub fn concerning(&self, candidate: Candidate<'_>) -> Vec<&EarlierDevice> {
        let mut indices: Vec<usize> = candidate
            .keys()
            .flat_map(|key| self.by_key.get(&key).into_iter().flatten().copied())
            .collect();
        // The same device is found once per identifier that both have.
        indices.sort_unstable();
        indices.dedup();
        let found = indices.iter().filter_map(|&index| self.devices.get(index));
        let mut concerned: Vec<_> = found
            .filter(|earlier| concerns(earlier, candidate))
            .collect();
        concerned.sort_by_key(|earlier| (earlier.slot, earlier.decided_at));
        concerned
    }

    fn with_key<'a>(
        &'a self,
        key: &Identifier,
    ) -> impl Iterator<Item = &'a EarlierDevice> + use<'a> {
        let indices = self.by_key.get(key).into_iter().flatten();
        indices.filter_map(|&index| self.devices.get(index))
    }

    /// True if a later call by the same identifier got a definite answer: what the call in doubt did
    /// no longer matters.
    fn is_superseded(&self, doubt: &EarlierDevice) -> bool {
        let sent = doubt.sent.normal_form();
        self.with_key(&sent).any(|later| {
            matches!(later.state, EarlierState::Removed | EarlierState::NotFound)
                && later.sent.normal_form() == sent
                && matches!((later.slot, doubt.slot), (Some(later), Some(doubt)) if later > doubt)
        })
    }
}

/// The identifiers by which devices are found, in normal form. An address that VPN clients or
/// hypervisors give to every computer identifies no device.
fn keys(
    sent: Option<&Identifier>,
    hwid: Option<&Hwid>,
    macs: &[MacAddress],
) -> impl Iterator<Item = Identifier> {
    let own = macs.iter().filter(|mac| !mac.is_known_constant());
    sent.map(Identifier::normal_form)
        .into_iter()
        .chain(hwid.map(|hwid| Identifier::Hwid(hwid.clone()).normal_form()))
        .chain(own.map(|&mac| Identifier::Mac(mac)))
}

/// True if `earlier` and `candidate` may be the same record of the tenant. Two different HWIDs are
/// two records even if they share a MAC, as with a reimaged computer, unless one of the two is sent by
/// an identifier of the other.
fn concerns(earlier: &EarlierDevice, candidate: Candidate<'_>) -> bool {
    let has = |sent: &Identifier, hwid: Option<&Hwid>, macs: &[MacAddress]| match sent {
        Identifier::Hwid(sent) => hwid.is_some_and(|hwid| hwid.is(sent.as_str())),
        Identifier::Mac(sent) => !sent.is_known_constant() && macs.contains(sent),
    };
    if has(&earlier.sent, candidate.hwid, candidate.macs)
        || candidate
            .sent
            .is_some_and(|sent| has(sent, earlier.hwid.as_ref(), &earlier.macs))
    {
        return true;
    }
    match (&earlier.hwid, candidate.hwid) {
        (Some(earlier), Some(candidate)) => earlier.is(candidate.as_str()),
        _ => earlier
            .macs
            .iter()
            .any(|mac| !mac.is_known_constant() && candidate.macs.contains(mac)),
    }
}

fn enrolled_again(earlier: &EarlierDevice, candidate: Candidate<'_>) -> bool {
    match (candidate.enrolled, earlier.decided_at) {
        (Some(enrolled), Some(decided)) => enrolled.duration_since(decided) >= ENROLLED_AGAIN,
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests;
