//! Plans: one action on an ordered set of devices.
//!
//! A [`Plan`] is built from a list, shown, and confirmed by the exact number of its devices. Only the
//! confirmation creates a [`ConfirmedPlan`], which is the only thing that the runner accepts.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::action::Action;
use crate::domain::device::{Hwid, Identifier, IdentifierKind, IdentifyBy, MacAddress};
use crate::domain::rate_limit::Budget;
use crate::domain::run::RunId;
use crate::domain::target::Target;
use crate::import::MatchRule;
use crate::list::DeviceId;
use crate::text::{grouped, hex};

mod approval;
pub mod breakdown;
mod build;
mod earlier;
pub mod explain;
mod file;
mod guards;
mod holds;
mod keep;
mod left_out;
mod matched;
pub mod protection;
mod recheck;
mod records;
mod selected_by;
#[cfg(test)]
mod tests;
mod warning;

pub use approval::{
    Approval, Approvals, Approvers, ApproversError, IgnoredSignature, NAMESPACE, SignatureError,
};
pub use breakdown::Breakdown;
pub use build::{PlanRequest, build};
pub use earlier::{
    Basis, Candidate, EarlierDevice, EarlierDevices, EarlierState, ListIdentifiers, Removal,
};
pub use file::{PlanFile, PlanFileError, Planner, Provenance, UnknownProvenance};
pub use guards::{Guards, ListSize, Oldest, Share, SizeOf};
pub use holds::{Hold, HoldError, Holds};
pub use keep::Keep;
pub use left_out::{LeftOut, LeftOutCount, LeftOutKind, LeftOutReason};
pub use matched::MatchedFrom;
pub use recheck::{
    Criterion, Dropped, FRESH_FOR, Recheck, RecheckError, RecheckRequest, entries_of,
    is_recheck_due, keys_of, known_until, recheck, sentence,
};
pub use records::{
    FullRecord, RecordBlock, RecordError, RecordReader, RecordRow, RecordWriter, Records,
};
pub use selected_by::SelectedBy;
pub use warning::Warning;

/// One device of a plan, with the values that the operator was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedDevice {
    /// What is sent.
    pub identifier: Identifier,
    /// Its hardware ID, sent or not.
    pub hwid: Option<Hwid>,
    /// All its MACs, sent or not.
    pub macs: Vec<MacAddress>,
    /// As the list has it.
    pub hostname: String,
    /// As the list has it.
    pub nickname: String,
    /// As the list has it.
    pub user: String,
    /// Desktop, laptop, server…
    pub device_type: String,
    /// As the list has it.
    pub group: String,
    /// The device's own status, such as its compliance; as the list has it.
    pub status: String,
    /// The manufacturer's serial number, as the list has it. It recognises a computer that comes back.
    pub serial: String,
    /// As the list has it.
    pub last_seen: Option<Timestamp>,
    /// When it was enrolled, as the list has it.
    pub enrolled: Option<Timestamp>,
    /// The rule that matched it with an imported entry, if it was imported.
    pub matched_by: Option<MatchRule>,
    /// The run that removed it after the list's time, if the operator saw that and marked it all
    /// the same.
    pub removed_by: Option<RunId>,
    /// The number of its full record in [`Origin::records`]; for a device of an earlier run that is sent
    /// again, within that run. None if it has none.
    pub record: Option<u32>,
}

impl PlannedDevice {
    /// A device of which only this identifier is known.
    pub fn bare(identifier: Identifier) -> Self {
        let (hwid, macs) = match &identifier {
            Identifier::Hwid(hwid) => (Some(hwid.clone()), Vec::new()),
            Identifier::Mac(mac) => (None, vec![*mac]),
        };
        Self {
            identifier,
            hwid,
            macs,
            hostname: String::new(),
            nickname: String::new(),
            user: String::new(),
            device_type: String::new(),
            group: String::new(),
            status: String::new(),
            serial: String::new(),
            last_seen: None,
            enrolled: None,
            matched_by: None,
            removed_by: None,
            record: None,
        }
    }

    /// The same device, sent by this identifier of it.
    #[must_use]
    pub fn by(&self, identifier: Identifier) -> Self {
        let mut device = self.clone();
        if let Identifier::Hwid(hwid) = &identifier {
            device.hwid = Some(hwid.clone());
        }
        device.identifier = identifier;
        device
    }
}

/// How many devices a call carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallSizes {
    /// The most devices per call; at least 1.
    pub batch: usize,
    /// The most devices in the first call of each identifier kind; at least 1.
    pub canary: usize,
}

impl CallSizes {
    /// How many calls `devices` of one kind take.
    pub fn calls(&self, devices: usize) -> usize {
        let canary = self.canary.min(self.batch);
        match devices {
            0 => 0,
            few if few <= canary => 1,
            more => 1 + (more - canary).div_ceil(self.batch.max(1)),
        }
    }
}

/// What would be sent. Confirming it by its number of devices is the only way to a
/// [`ConfirmedPlan`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The run that this becomes.
    pub id: RunId,
    /// Where it is sent.
    pub target: Target,
    /// The action on its devices.
    pub action: Action,
    /// Which identifiers were to be used.
    pub identify_by: IdentifyBy,
    /// In the order in which they are sent: HWIDs before MACs, else in list order.
    pub devices: Vec<PlannedDevice>,
    /// For each of [`devices`](Self::devices), which entry of the list it came from, if from one.
    pub sources: Vec<Option<DeviceId>>,
    /// The selected rows that are not sent.
    pub left_out: Vec<LeftOut>,
    /// Rows of the list that were folded into a planned device.
    pub repeated: u64,
    /// How the selection was cut to the devices that were seen longest ago, if it was.
    pub oldest: Option<Oldest>,
    /// The warnings that must be accepted.
    pub warnings: Vec<Warning>,
    /// The sizes of batches and canaries.
    pub sizes: CallSizes,
    /// Where the selection came from, for the record.
    pub origin: Origin,
}

/// Where a plan's selection came from, for the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub list_name: String,
    /// SHA-256 of the list, in hexadecimal.
    pub list_hash: String,
    pub list_time: Option<Timestamp>,
    /// How many devices the list has; unknown in plan files of earlier versions.
    pub list_devices: Option<u64>,
    /// When the plan was built, by this host's clock.
    pub planned_at: Timestamp,
    /// The newest slot of the journal when the plan was built; none for a plan of another journal.
    pub known_slot: Option<i64>,
    /// What selected the devices, in words.
    pub query: Option<String>,
    /// The query that each device has to match.
    pub criterion: Criterion,
    /// The operator's note, such as a ticket's number.
    pub note: Option<String>,
    /// The hash of the `protect` rules that it was made under; empty for none.
    pub rules_hash: String,
    /// Who approved it.
    pub approvals: Vec<Approval>,
    /// The run of which it is a retry.
    pub retry_of: Option<RunId>,
    /// The imported list or text that selected the devices, if one did.
    pub matched_from: Option<MatchedFrom>,
    /// The rows of the devices as the list held them.
    pub records: Records,
}

/// A device of an earlier run, to be sent again by the identifier given here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryTarget {
    /// As that run's plan showed it.
    pub device: PlannedDevice,
    /// The list's entry of the same device, if it has one.
    pub source: Option<DeviceId>,
}

/// A plan whose number of devices the operator or the script confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedPlan {
    plan: Plan,
    recheck: Option<Recheck>,
}

/// The given number of devices is not the plan's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} devices, but the plan has {actual}")]
pub struct WrongCount {
    /// The given number.
    pub expected: u64,
    /// The plan's number.
    pub actual: u64,
}

impl Plan {
    /// Confirms the plan by the exact number of its devices.
    pub fn confirm(&self, expected_count: u64) -> Result<ConfirmedPlan, WrongCount> {
        let actual = self.devices.len() as u64;
        if expected_count == actual && actual > 0 {
            Ok(ConfirmedPlan {
                plan: self.clone(),
                recheck: None,
            })
        } else {
            Err(WrongCount {
                expected: expected_count,
                actual,
            })
        }
    }

    /// Records the rule that matched each device with an entry of `from`; `rule` returns it for an entry
    /// of the plan's list.
    pub fn note_matches(
        &mut self,
        from: MatchedFrom,
        rule: impl Fn(DeviceId) -> Option<MatchRule>,
    ) {
        for (device, source) in self.devices.iter_mut().zip(&self.sources) {
            device.matched_by = source.and_then(&rule);
        }
        self.origin.matched_from = Some(from);
    }

    /// How many devices each rule matched with an imported entry, such as `12 by serial`.
    pub fn matches_by_rule(&self) -> Vec<String> {
        let mut counts: BTreeMap<MatchRule, u64> = BTreeMap::new();
        for rule in self.devices.iter().filter_map(|device| device.matched_by) {
            *counts.entry(rule).or_default() += 1;
        }
        let counts = counts.into_iter();
        counts
            .map(|(rule, count)| format!("{} {rule}", grouped(count)))
            .collect()
    }

    /// How many devices are sent by identifiers of `kind`.
    pub fn count_by(&self, kind: IdentifierKind) -> usize {
        self.devices
            .iter()
            .filter(|device| device.identifier.kind() == kind)
            .count()
    }

    /// How many calls it takes, without repeats and without the call for a token.
    pub fn calls(&self) -> usize {
        self.sizes.calls(self.count_by(IdentifierKind::Hwid))
            + self.sizes.calls(self.count_by(IdentifierKind::Mac))
    }

    /// The least time that the calls take, with `left` calls free now.
    pub fn duration(&self, budget: &Budget, left: u32) -> Duration {
        let waiting = (self.calls() as u64).saturating_sub(u64::from(left));
        let windows = waiting.div_ceil(u64::from(budget.calls.get()));
        budget
            .recovery()
            .saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX))
    }

    /// What was left out, counted by reason.
    pub fn left_out_counts(&self) -> Vec<LeftOutCount> {
        LeftOutCount::of(self.left_out.iter().map(|row| &row.reason))
    }

    /// How many of [`left_out`](Self::left_out) were left out for a reason of this kind.
    pub fn left_out_as(&self, kind: LeftOutKind) -> usize {
        self.left_out
            .iter()
            .filter(|row| row.reason.kind() == kind)
            .count()
    }

    /// The [`frozen_hash`] of its devices.
    pub fn hash(&self) -> String {
        let identifiers = self.devices.iter().map(|device| &device.identifier);
        frozen_hash(&self.id, &self.target, self.action, identifiers)
    }
}

/// The hash that freezes a plan: SHA-256, in hexadecimal, over id, tenant, account, action, then
/// kind and identifier of each device in order, each preceded by its length.
pub fn frozen_hash<'a>(
    id: &RunId,
    target: &Target,
    action: Action,
    identifiers: impl IntoIterator<Item = &'a Identifier>,
) -> String {
    let mut hash = Sha256::new();
    let mut feed = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    feed(id.bytes());
    feed(target.tenant.as_bytes());
    feed(target.account.as_deref().unwrap_or("").as_bytes());
    feed(action.as_str().as_bytes());
    for identifier in identifiers {
        feed(identifier.kind().as_str().as_bytes());
        feed(identifier.to_string().as_bytes());
    }
    hex(&hash.finalize())
}

impl ConfirmedPlan {
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What a recheck dropped from it since it was confirmed, if there was one.
    pub fn recheck(&self) -> Option<&Recheck> {
        self.recheck.as_ref()
    }

    /// The plan without the devices that its recheck dropped. `None` if nothing is left or the recheck
    /// belongs to another plan. A plan only ever shrinks: the devices that stay are those
    /// that were confirmed, in their order.
    #[must_use]
    pub fn rechecked(self, recheck: Recheck) -> Option<Self> {
        if self.recheck.is_some() || recheck.planned_hash != self.plan.hash() {
            return None;
        }
        let Self { mut plan, .. } = self;
        let dropped = recheck.ordinals();
        let stays = |place: &mut u32| {
            *place += 1;
            !dropped.contains(&(*place - 1))
        };
        let (mut device, mut source) = (0, 0);
        plan.devices.retain(|_| stays(&mut device));
        plan.sources.retain(|_| stays(&mut source));
        (!plan.devices.is_empty()).then_some(Self {
            plan,
            recheck: Some(recheck),
        })
    }
}
