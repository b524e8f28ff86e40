//! Rechecks a plan before it is sent: drops the devices for which it no longer holds by a newer list.
//!
//! Nothing here can add a device, or change one: [`recheck`] only says which devices of the plan are
//! dropped, and [`ConfirmedPlan::rechecked`](super::ConfirmedPlan::rechecked) takes those out.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::earlier::{Basis, Candidate, EarlierDevices, ListIdentifiers};
use super::protection::{Protection, RuleError, Rules};
use super::{LeftOut, LeftOutCount, LeftOutReason, Plan, PlannedDevice};
use crate::domain::device::{Identifier, IdentifyBy};
use crate::domain::run::RunId;
use crate::list::{Device, DeviceId, DeviceList, Field, Problem, Truncation, same_host};
use crate::query::{Matcher, Query, QueryError, StatusSource};

#[cfg(test)]
mod tests;

/// For so long, plans and inventories count as fresh.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_hours(1);

/// The query that each device of a plan has to match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Criterion {
    /// The devices were selected one by one, or all of them.
    #[default]
    None,
    /// This query, as it was written.
    Query(String),
    /// A plan file of an earlier version doesn't say.
    Unknown,
}

impl Criterion {
    /// The criterion of a selection by this query, if there is one.
    pub fn of(query: Option<&Query>) -> Self {
        query.map_or(Self::None, |query| Self::Query(query.text().to_owned()))
    }

    /// Parses the query, if there is one.
    pub fn query(&self) -> Result<Option<Query>, RecheckError> {
        match self {
            Self::None => Ok(None),
            Self::Query(text) => Ok(Some(Query::parse(text).map_err(RecheckError::Query)?)),
            Self::Unknown => Err(RecheckError::UnknownQuery),
        }
    }
}

/// The inputs of [`recheck`].
#[derive(Clone, Copy)]
pub struct RecheckRequest<'a> {
    pub plan: &'a Plan,
    /// Its [`Criterion`], parsed.
    pub query: Option<&'a Query>,
    /// The newer list.
    pub list: &'a DeviceList,
    /// The states of the list's devices, for the query.
    pub states: &'a dyn StatusSource,
    /// The `protect` rules.
    pub rules: &'a Rules,
    /// What runs of the account did with these devices, and the holds.
    pub earlier: &'a EarlierDevices,
    /// The run of which it is a retry, and the runs of which that was one.
    pub retried_runs: &'a [RunId],
    /// The time of the recheck.
    pub now: Timestamp,
}

/// What a recheck found: each dropped device, or, in the history, their counts by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recheck<D = Dropped> {
    /// When it was made, by this host's clock.
    pub at: Timestamp,
    pub list_name: String,
    /// SHA-256 of the list, in hexadecimal.
    pub list_hash: String,
    pub list_time: Option<Timestamp>,
    /// How many devices the confirmed plan had, the dropped ones included.
    pub planned_devices: u64,
    /// The hash of the plan that was confirmed and signed.
    pub planned_hash: String,
    /// What is not sent; devices in the plan's order.
    pub dropped: Vec<D>,
}

/// A device that a recheck dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Its place in the plan that was confirmed, from 0.
    pub ordinal: u32,
    /// As that plan had it.
    pub device: PlannedDevice,
    pub reason: LeftOutReason,
}

/// Why a list can't be used to recheck a plan. The message continues after the list's name, but for the
/// reasons that lie in the plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecheckError {
    /// It wasn't read completely: a device that is missing from it may be there.
    #[error("can't be used to recheck: {0}")]
    Incomplete(Truncation),
    /// It is empty.
    #[error("can't be used to recheck: it holds no devices")]
    Empty,
    /// It has no time.
    #[error(
        "can't be used to recheck: it has no dates, so that nothing shows which devices were seen since \
         the plan"
    )]
    Undated,
    /// It is the list that the plan was made of.
    #[error("can't be used to recheck: it is the list that the plan was made of")]
    Same,
    /// It is not newer than what the plan is based on.
    #[error("can't be used to recheck: it is of {time:.0}, and the plan is based on {basis:.0}")]
    NotNewer {
        /// The list's time.
        time: Timestamp,
        /// The plan's list's time, or the time of planning.
        basis: Timestamp,
    },
    /// The plan doesn't say which query selected its devices.
    #[error(
        "the plan file is of an earlier version, which doesn't keep the query: plan again, or send it \
         without --recheck"
    )]
    UnknownQuery,
    /// The plan's query can't be evaluated on the list.
    #[error("can't be used to recheck: the plan's query can't be evaluated on it: {0}")]
    Query(QueryError),
    /// The rules can't be evaluated on the list.
    #[error("can't be used to recheck: {0}")]
    Rule(RuleError),
}

/// Finds the devices of a plan for which it no longer holds: those that the list lacks, that can't be sent
/// any more by their identifier, that are protected, held, or in another run, that don't match the query
/// any more, or that were seen since the plan. Fails if the list proves nothing.
pub fn recheck(request: &RecheckRequest<'_>) -> Result<Recheck, RecheckError> {
    let (plan, list) = (request.plan, request.list);
    if let Some(truncation) = list.truncation() {
        return Err(RecheckError::Incomplete(truncation));
    }
    if list.is_empty() {
        return Err(RecheckError::Empty);
    }
    let dated = list.time().filter(|_| !list.dates_undecided(Field::Seen));
    let time = dated.ok_or(RecheckError::Undated)?;
    if list.hash() == plan.origin.list_hash {
        return Err(RecheckError::Same);
    }
    let basis = known_until(plan);
    if time <= basis {
        return Err(RecheckError::NotNewer { time, basis });
    }
    let protection = request.rules.apply(list).map_err(RecheckError::Rule)?;
    let matcher = request
        .query
        .map(|query| Matcher::new(query, list, request.states))
        .transpose()
        .map_err(RecheckError::Query)?;
    let check = Check {
        request,
        protection: &protection,
        matcher: matcher.as_ref(),
        basis,
    };
    let dropped = (0_u32..)
        .zip(&plan.devices)
        .filter_map(|(ordinal, device)| {
            Some(Dropped {
                ordinal,
                device: device.clone(),
                reason: check.reason(device)?,
            })
        });
    Ok(Recheck {
        at: request.now,
        list_name: list.name().to_owned(),
        list_hash: list.hash().to_owned(),
        list_time: Some(time),
        planned_devices: plan.devices.len() as u64,
        planned_hash: plan.hash(),
        dropped: dropped.collect(),
    })
}

/// True if a plan that was confirmed now has to be rechecked: it was made an hour ago or more, or the clock
/// went back since.
pub fn is_recheck_due(plan: &Plan, now: Timestamp) -> bool {
    let age = now.duration_since(plan.origin.planned_at);
    age.is_negative() || age >= FRESH_FOR
}

/// The time up to which the plan knows its devices: that of its list, or of planning, if that is earlier.
pub fn known_until(plan: &Plan) -> Timestamp {
    let origin = &plan.origin;
    let list_time = origin.list_time.unwrap_or(origin.planned_at);
    list_time.min(origin.planned_at)
}

/// The list's entries that have an identifier of the device, one of which it is if it is there.
pub fn entries_of(list: &DeviceList, device: &PlannedDevice) -> Vec<DeviceId> {
    let by_hwid = device
        .hwid
        .as_ref()
        .and_then(|hwid| list.find_hwid(hwid.as_str()));
    let macs = device.macs.iter().filter(|mac| !mac.is_known_constant());
    let by_mac = macs.flat_map(|&mac| list.find_mac(mac));
    by_hwid.into_iter().chain(by_mac).collect()
}

/// The identifiers of the plan's devices, as the plan and as the list has them.
pub fn keys_of(plan: &Plan, list: &DeviceList) -> Vec<Identifier> {
    let planned = plan.devices.iter().map(Candidate::from);
    let listed = plan
        .devices
        .iter()
        .flat_map(|device| entries_of(list, device))
        .flat_map(|id| ListIdentifiers::of(list.device(id)).into_keys());
    planned.flat_map(Candidate::keys).chain(listed).collect()
}

struct Check<'a> {
    request: &'a RecheckRequest<'a>,
    protection: &'a Protection,
    matcher: Option<&'a Matcher<'a>>,
    basis: Timestamp,
}

impl Check<'_> {
    /// Why the device is dropped, if it is.
    fn reason(&self, device: &PlannedDevice) -> Option<LeftOutReason> {
        let list = self.request.list;
        let protected = entries_of(list, device)
            .into_iter()
            .find_map(|id| self.protection.reason(id));
        if let Some(rule) = protected {
            return Some(LeftOutReason::Protected(rule.to_owned()));
        }
        if let Some(conflict) = self.conflict(device) {
            return Some(conflict);
        }
        let id = match find(list, device) {
            Ok(id) => id,
            Err(reason) => return Some(reason),
        };
        let entry = list.device(id);
        let holds = &self.request.earlier.holds;
        if let Some(hold) = holds.of(ListIdentifiers::of(entry).candidate()) {
            return Some(LeftOutReason::of_hold(hold));
        }
        // It often matches the query no longer because it was seen: that says more.
        match (entry.last_seen(), device.last_seen) {
            (Some(seen), _) if seen > self.basis => return Some(LeftOutReason::SeenSince(seen)),
            (None, Some(_)) => return Some(LeftOutReason::SeenUnknown),
            _ => {}
        }
        let is_outside = self.matcher.is_some_and(|matcher| !matcher.matches(id));
        is_outside.then_some(LeftOutReason::NoMatch)
    }

    /// The hold or the other run that forbids it, by the rule of admission.
    fn conflict(&self, device: &PlannedDevice) -> Option<LeftOutReason> {
        let basis = Basis::of(self.request.plan, self.request.retried_runs);
        self.request.earlier.conflict(device.into(), &basis)
    }
}

/// The device's entry, from which the list would send the same identifier.
fn find(list: &DeviceList, device: &PlannedDevice) -> Result<DeviceId, LeftOutReason> {
    let id = match &device.identifier {
        Identifier::Hwid(hwid) => list
            .find_hwid(hwid.as_str())
            .ok_or(LeftOutReason::Missing)?,
        Identifier::Mac(mac) => match list.find_mac(*mac).as_slice() {
            [] => return Err(LeftOutReason::Missing),
            [id] if is_another(&list.device(*id), device) => {
                return Err(LeftOutReason::OtherDevice);
            }
            [id] => *id,
            _ => return Err(LeftOutReason::Unusable(Problem::SharedMac)),
        },
    };
    let by = match device.identifier {
        Identifier::Hwid(_) => IdentifyBy::Hwid,
        Identifier::Mac(_) => IdentifyBy::Mac,
    };
    match list.identify(id, by) {
        Ok(sent) if sent.normal_form() == device.identifier.normal_form() => Ok(id),
        Ok(_) => Err(LeftOutReason::OtherDevice),
        Err(problem) => Err(LeftOutReason::Unusable(problem)),
    }
}

/// True if the entry has the device's MAC address, which may be a docking station's, and is known to be
/// another device: by its hardware ID, or by its host name.
fn is_another(entry: &Device<'_>, device: &PlannedDevice) -> bool {
    let hwids = device.hwid.as_ref().zip(entry.hwid());
    if let Some((planned, listed)) = hwids {
        return !planned.as_str().eq_ignore_ascii_case(listed);
    }
    let (planned, listed) = (device.hostname.as_str(), entry.hostname());
    !planned.is_empty() && !listed.is_empty() && !same_host(planned, listed)
}

impl Recheck {
    /// The ordinals that are dropped.
    pub(super) fn ordinals(&self) -> HashSet<u32> {
        self.dropped.iter().map(|dropped| dropped.ordinal).collect()
    }

    /// The dropped devices, counted by reason.
    pub fn counts(&self) -> Vec<LeftOutCount> {
        LeftOutCount::of(self.dropped.iter().map(|dropped| &dropped.reason))
    }

    /// What was checked and what became of it, in a sentence; not safe to show.
    pub fn sentence(&self) -> String {
        sentence(
            &self.list_name,
            self.list_time,
            self.planned_devices,
            &self.counts(),
        )
    }
}

/// What a recheck found, in a sentence; not safe to show.
pub fn sentence(
    list_name: &str,
    list_time: Option<Timestamp>,
    planned: u64,
    counts: &[LeftOutCount],
) -> String {
    use crate::text::{counted, grouped};
    let of = list_time.map_or_else(String::new, |time| format!(" of {time:.0}"));
    let against = format!("rechecked against {list_name}{of}");
    let dropped: u64 = counts.iter().map(|count| count.rows).sum();
    if dropped == 0 {
        return format!("{against}: none of {} dropped", counted(planned, "device"));
    }
    let reasons: Vec<String> = counts
        .iter()
        .map(|count| format!("{} {}", grouped(count.rows), count.reason))
        .collect();
    format!(
        "{against}: {} of {} dropped: {}",
        grouped(dropped),
        counted(planned, "device"),
        reasons.join("; ")
    )
}

impl Dropped {
    /// As a row that is left out. Its line is not known: 0.
    pub fn row(&self) -> LeftOut {
        LeftOut {
            hwid: self.device.hwid.as_ref().map(ToString::to_string),
            mac: match &self.device.identifier {
                Identifier::Mac(mac) => Some(*mac),
                Identifier::Hwid(_) => self.device.macs.first().copied(),
            },
            hostname: self.device.hostname.clone(),
            line: 0,
            reason: self.reason.clone(),
        }
    }
}
