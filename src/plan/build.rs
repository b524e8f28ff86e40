//! Builds a plan from a list and a selection.

use std::collections::HashSet;
use std::num::NonZeroU64;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::earlier::{Basis, EarlierDevices};
use super::guards::{COUNTED_FROM, Guards, ListSize, Oldest, SizeOf};
use super::{
    CallSizes, Criterion, LeftOut, LeftOutReason, Origin, Plan, PlannedDevice, Records,
    RetryTarget, Target, Warning,
};
use crate::domain::action::Action;
use crate::domain::device::{Identifier, IdentifierKind, IdentifyBy};
use crate::domain::run::RunId;
use crate::list::{Device, DeviceId, DeviceList, Field, Problem};
use crate::plan::protection::{Protection, Rules};
use crate::query::{Key, whole_groups};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The inputs of [`build`].
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// The run that it becomes.
    pub id: RunId,
    pub list: &'a DeviceList,
    /// The marked or selected devices, in any order: the plan follows the list's.
    pub selection: &'a [DeviceId],
    /// The action on the devices.
    pub action: Action,
    /// Which identifiers to send.
    pub identify_by: IdentifyBy,
    /// Where it is sent.
    pub target: &'a Target,
    /// The sizes of batches and canaries.
    pub sizes: CallSizes,
    /// Identifiers to send that the list doesn't have.
    pub bare_identifiers: &'a [Identifier],
    /// Devices of an earlier run, to be sent by the identifiers that they have here.
    pub retry_targets: &'a [RetryTarget],
    /// The `protect` rules.
    pub rules: &'a Rules,
    /// The devices of the list that they protect.
    pub protection: &'a Protection,
    /// What earlier runs of the account did with these devices.
    pub earlier: &'a EarlierDevices,
    /// The list's time, or an earlier one: what runs removed since then is left out, as far as
    /// [`skip_removed`](Self::skip_removed) says.
    pub list_time: Option<Timestamp>,
    /// Leave out devices that an earlier run removed, for selections that nobody reviewed. Otherwise such
    /// devices are planned with the run that removed them.
    pub skip_removed: bool,
    /// The run of which it is a retry, and the runs of which that was one: what they have in doubt
    /// may be sent again.
    pub retried_runs: &'a [RunId],
    /// The time of planning.
    pub now: Timestamp,
    /// The settings that cause warnings.
    pub guards: Guards,
    /// How many devices the last list of this name had from which a run was planned, if there is one.
    pub last_planned: Option<u64>,
    /// Take only this many devices, those seen longest ago.
    pub oldest: Option<NonZeroU64>,
    /// What selected the devices, in words.
    pub query: Option<&'a str>,
    /// The query that each device had to match.
    pub criterion: &'a Criterion,
    /// The operator's note.
    pub note: Option<&'a str>,
}

/// Builds the plan of a request.
pub fn build(request: &PlanRequest<'_>) -> Plan {
    let mut selection = request.selection.to_vec();
    selection.sort_unstable();
    selection.dedup();
    let mut chosen = Vec::with_capacity(selection.len());
    let mut left_out = Vec::new();
    for id in selection {
        let device = request.list.device(id);
        match planned(request, id, device) {
            Ok(planned) => chosen.push((planned, Some(id), device.repeats())),
            Err(reason) => left_out.push(left_out_row(device, reason)),
        }
    }
    add_named(request, &mut chosen, &mut left_out);
    let oldest = request.oldest.map(|asked| keep_oldest(&mut chosen, asked));
    let repeated = chosen.iter().map(|(.., repeats)| u64::from(*repeats)).sum();
    // A stable sort keeps the list's order within each kind.
    chosen.sort_by_key(|(device, ..)| device.identifier.kind() == IdentifierKind::Mac);
    let (devices, sources): (Vec<_>, Vec<_>) = chosen
        .into_iter()
        .map(|(device, source, _)| (device, source))
        .unzip();
    Plan {
        id: request.id,
        target: request.target.clone(),
        action: request.action,
        identify_by: request.identify_by,
        warnings: warnings(request, &devices, &sources),
        devices,
        sources,
        left_out,
        repeated,
        oldest,
        sizes: request.sizes,
        origin: origin(request),
    }
}

fn origin(request: &PlanRequest<'_>) -> Origin {
    Origin {
        list_name: request.list.name().to_owned(),
        list_hash: request.list.hash().to_owned(),
        list_time: request.list.time(),
        list_devices: Some(request.list.counts().devices),
        planned_at: request.now,
        known_slot: Some(request.earlier.last_slot),
        query: request.query.map(str::to_owned),
        criterion: request.criterion.clone(),
        note: request.note.map(str::to_owned),
        rules_hash: request.rules.hash(),
        approvals: Vec::new(),
        retry_of: request.retried_runs.first().copied(),
        matched_from: None,
        records: Records::default(),
    }
}

/// Adds the identifiers that the list doesn't have, and the devices of a retry.
fn add_named(
    request: &PlanRequest<'_>,
    chosen: &mut Vec<(PlannedDevice, Option<DeviceId>, u32)>,
    left_out: &mut Vec<LeftOut>,
) {
    let bare = request
        .bare_identifiers
        .iter()
        .map(|identifier| RetryTarget {
            device: PlannedDevice::bare(identifier.clone()),
            source: None,
        });
    let mut named: HashSet<Identifier> = HashSet::new();
    if !request.bare_identifiers.is_empty() || !request.retry_targets.is_empty() {
        named.extend(chosen.iter().map(|(device, ..)| device.identifier.clone()));
    }
    for RetryTarget { mut device, source } in bare.chain(request.retry_targets.iter().cloned()) {
        // No identifier is sent twice.
        if !named.insert(device.identifier.clone()) {
            continue;
        }
        // Rules can't match a device that is not in the list.
        let unknown = request.rules.bare();
        let protected = match source {
            Some(id) => request.protection.reason(id),
            None => unknown.as_deref(),
        };
        let reason = match &device.identifier {
            Identifier::Mac(mac) if mac.is_known_constant() => {
                Some(LeftOutReason::Unusable(Problem::SharedMac))
            }
            Identifier::Hwid(hwid) if hwid.is_known_constant() => {
                Some(LeftOutReason::Unusable(Problem::PlaceholderHwid))
            }
            _ => left_out_reason(request, &mut device, protected),
        };
        match reason {
            None => chosen.push((device, source, 0)),
            Some(reason) => left_out.push(LeftOut {
                hwid: device.hwid.map(|hwid| hwid.to_string()),
                mac: device.macs.first().copied(),
                hostname: device.hostname,
                line: source.map_or(0, |id| request.list.device(id).line()),
                reason,
            }),
        }
    }
}

fn planned(
    request: &PlanRequest<'_>,
    id: DeviceId,
    device: Device<'_>,
) -> Result<PlannedDevice, LeftOutReason> {
    let identifier = request
        .list
        .identify(id, request.identify_by)
        .map_err(LeftOutReason::Unusable)?;
    let mut planned = PlannedDevice {
        identifier,
        hwid: device.sent_hwid(),
        macs: device.macs().collect(),
        hostname: device.hostname().to_owned(),
        nickname: device.nickname().to_owned(),
        user: device.user().to_owned(),
        device_type: device.device_type().to_owned(),
        group: device.group().to_owned(),
        status: device.status().to_owned(),
        serial: device.text(Field::Serial).into_owned(),
        last_seen: device.last_seen(),
        enrolled: device.enrolled_at(),
        matched_by: None,
        removed_by: None,
        record: None,
    };
    match left_out_reason(request, &mut planned, request.protection.reason(id)) {
        None => Ok(planned),
        Some(reason) => Err(reason),
    }
}

/// Why a device is left out, if it is. A device that an earlier run removed and that is planned even so
/// gets that run's id.
fn left_out_reason(
    request: &PlanRequest<'_>,
    device: &mut PlannedDevice,
    protected: Option<&str>,
) -> Option<LeftOutReason> {
    if let Some(rule) = protected {
        return Some(LeftOutReason::Protected(rule.to_owned()));
    }
    let basis = Basis {
        list_time: request.list_time,
        list_hash: request.list.hash(),
        planned_at: request.now,
        known_slot: None,
        run: None,
        retried_runs: request.retried_runs,
    };
    match request.earlier.conflict((&*device).into(), &basis) {
        Some(LeftOutReason::RemovedEarlier(run, _)) if !request.skip_removed => {
            device.removed_by = Some(run);
            None
        }
        reason => reason,
    }
}

fn left_out_row(device: Device<'_>, reason: LeftOutReason) -> LeftOut {
    LeftOut {
        hwid: device.hwid().map(str::to_owned),
        mac: device.macs().next(),
        hostname: device.hostname().to_owned(),
        line: device.line(),
        reason,
    }
}

/// The warning about the list's age, if it is due.
pub(super) fn old_list(time: Option<Timestamp>, now: Timestamp) -> Option<Warning> {
    let age = now.duration_since(time?);
    (age > DAY).then(|| Warning::OldList {
        age: Duration::try_from(age).unwrap_or_default(),
    })
}

/// Keeps the `asked` devices that were seen longest ago, in the order that they have; of those seen at the
/// same time, the first ones.
fn keep_oldest<A, B>(chosen: &mut Vec<(PlannedDevice, A, B)>, asked: NonZeroU64) -> Oldest {
    let of = chosen.len() as u64;
    let mut dated: Vec<(Timestamp, usize)> = chosen
        .iter()
        .enumerate()
        .filter_map(|(place, (device, ..))| Some((device.last_seen?, place)))
        .collect();
    let undated = of - dated.len() as u64;
    dated.sort_unstable();
    dated.truncate(usize::try_from(asked.get()).unwrap_or(usize::MAX));
    let taken: HashSet<usize> = dated.into_iter().map(|(_, place)| place).collect();
    let mut place = 0;
    chosen.retain(|_| {
        place += 1;
        taken.contains(&(place - 1))
    });
    Oldest { asked, of, undated }
}

fn warnings(
    request: &PlanRequest<'_>,
    devices: &[PlannedDevice],
    sources: &[Option<DeviceId>],
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(time) = request.list.time() {
        let recent = devices
            .iter()
            .filter_map(|device| device.last_seen)
            .filter(|&seen| time.duration_since(seen) < DAY)
            .count() as u64;
        if recent > 0 {
            warnings.push(Warning::Recent { devices: recent });
        }
    }
    warnings.extend(old_list(request.list.time(), request.now));
    let of = request.list.counts().devices;
    let share = request.guards.max_share;
    if of >= COUNTED_FROM && share.is_exceeded_by(devices.len() as u64, of) {
        warnings.push(Warning::Most {
            devices: devices.len() as u64,
            of,
            share,
        });
    }
    warnings.extend(recently_enrolled_warning(request, devices));
    // A retry is of the devices of a run, whichever list is open.
    if let (Some(expected), false) = (request.last_planned, request.selection.is_empty()) {
        let expected = ListSize {
            devices: expected,
            of: SizeOf::LastPlanned,
        };
        warnings.extend(request.guards.shrunk(of, expected));
    }
    warnings.extend(last_device_warning(request.list, sources));
    let rules = request.protection.rules_without_match();
    let guessed = request.list.guessed_encoding();
    if (of >= COUNTED_FROM || guessed.is_some()) && !rules.is_empty() {
        let guessed = guessed.map(str::to_owned);
        warnings.push(Warning::RuleMatchesNone { rules, guessed });
    }
    warnings
}

/// The warning of devices that were enrolled shortly before the list's time.
fn recently_enrolled_warning(
    request: &PlanRequest<'_>,
    devices: &[PlannedDevice],
) -> Option<Warning> {
    let within = request.guards.min_enrolled;
    let time = request.list.time().unwrap_or(request.now);
    let since = time - SignedDuration::try_from(within).ok()?;
    let enrolled = devices.iter().filter_map(|device| device.enrolled);
    let devices = enrolled.filter(|&enrolled| enrolled > since).count() as u64;
    (devices > 0).then_some(Warning::New { devices, within })
}

/// The warning of users and host names that lose every device that the list has of them.
fn last_device_warning(list: &DeviceList, sources: &[Option<DeviceId>]) -> Option<Warning> {
    let planned: HashSet<DeviceId> = sources.iter().flatten().copied().collect();
    if planned.len() < 2 {
        return None;
    }
    let whole = |field| whole_groups(list, &Key::Field(field), &|id| planned.contains(&id));
    let (users, hostnames) = (whole(Field::User), whole(Field::Hostname));
    let user = users.first().map(|&id| list.device(id).user());
    let hostname = hostnames.first().map(|&id| list.device(id).hostname());
    let example = user.or(hostname)?;
    Some(Warning::Last {
        users: users.len() as u64,
        hostnames: hostnames.len() as u64,
        example: crate::text::clip(example, 40).into_owned(),
    })
}
