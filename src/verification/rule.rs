//! The rule: which record of the tenant is an accepted device, and what that says.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{AcceptedDevice, RecordMatch, SharedValues, Verified, VerifiedState};
use crate::engine::lookup_verdict::{LookupAnswer, Presence};
use crate::import::{Join, JoinResult, LookupValues, MatchRule};
use crate::list::{self, DeviceId, DeviceList};
use crate::plan::PlannedDevice;

/// The inventory doesn't show whether it has the device.
struct Undecided;

/// A complete inventory, indexed for the accepted devices that are looked for in it.
pub struct Verifier<'a> {
    inventory: &'a DeviceList,
    join: Join<'a>,
    /// HWIDs that unusable rows name, in lower case: such a row may be the device's record.
    claimed: HashMap<String, DeviceId>,
    /// The host names of records without any identifier: each may be any device of that name.
    unidentified: HashSet<String>,
    /// A record has neither an identifier nor a host name: it may be any device.
    has_nameless: bool,
    has_macs: bool,
}

impl<'a> Verifier<'a> {
    /// Indexes a complete inventory for these devices, the only ones that can be verified.
    pub fn over<'d>(
        inventory: &'a DeviceList,
        devices: impl Iterator<Item = &'d AcceptedDevice>,
    ) -> Self {
        let clues = devices.map(|accepted| LookupValues {
            hwid: hwid_of(&accepted.device),
            serials: vec![accepted.device.serial.clone()],
            hostnames: vec![accepted.device.hostname.clone()],
            ..LookupValues::default()
        });
        let claims: HashSet<DeviceId> = inventory.claims().map(|(id, _)| id).collect();
        let unidentified = inventory.ids().filter(|id| {
            let device = inventory.device(*id);
            device.hwid().is_none() && device.macs().next().is_none() && !claims.contains(id)
        });
        let unidentified: HashSet<String> = unidentified
            .map(|id| folded_name(inventory.device(id).hostname()))
            .collect();
        Self {
            join: Join::over(inventory, clues),
            claimed: inventory
                .claims()
                .map(|(id, hwid)| (hwid.to_ascii_lowercase(), id))
                .collect(),
            has_nameless: unidentified.contains(""),
            unidentified,
            has_macs: inventory
                .ids()
                .any(|id| inventory.device(id).macs().next().is_some()),
            inventory,
        }
    }

    /// The state of a device. `shared` is what several devices of its run have.
    pub fn verify(&self, accepted: &AcceptedDevice, shared: &SharedValues) -> Verified {
        let device = &accepted.device;
        let Ok(own) = self.own_record(device, shared) else {
            return Verified::bare(VerifiedState::Unknown);
        };
        if let Some(own) = &own
            && own.is_after(accepted.at)
        {
            return found(VerifiedState::Returned, own.clone());
        }
        match (self.new_record(accepted, shared), own) {
            (Ok(Some(new)), _) => found(VerifiedState::Returned, new),
            (_, Some(own)) => found(VerifiedState::StillThere, own),
            (Ok(None), None) if self.may_be_unidentified(device) => {
                Verified::bare(VerifiedState::Unknown)
            }
            (Ok(None), None) => Verified::bare(VerifiedState::Gone),
            (Err(Undecided), None) => Verified::bare(VerifiedState::Unknown),
        }
    }

    /// True if a record without an identifier may be the device's.
    fn may_be_unidentified(&self, device: &PlannedDevice) -> bool {
        let name = folded_name(&device.hostname);
        self.has_nameless
            || if name.is_empty() {
                !self.unidentified.is_empty()
            } else {
                self.unidentified.contains(&name)
            }
    }

    /// The device's own record: the one with its HWID; without a HWID, the only one with a MAC address of
    /// its own. An error if that can't be determined.
    fn own_record(
        &self,
        device: &PlannedDevice,
        shared: &SharedValues,
    ) -> Result<Option<RecordMatch>, Undecided> {
        if let Some(hwid) = hwid_of(device) {
            let clues = LookupValues {
                hwid: Some(hwid.clone()),
                ..LookupValues::default()
            };
            let id = match self.join.find(&clues) {
                JoinResult::One(_, id) => Some(id),
                // HWIDs that differ in case: the one seen last.
                JoinResult::Ambiguous(_, ids) | JoinResult::Account(ids) => ids.first().copied(),
                JoinResult::Nothing => self.claimed.get(&hwid.to_ascii_lowercase()).copied(),
            };
            return Ok(id.map(|id| self.sighting(id, MatchRule::Hwid)));
        }
        match self.join.find(&macs_of(device, shared)) {
            JoinResult::One(_, id) => Ok(Some(self.sighting(id, MatchRule::Mac))),
            JoinResult::Nothing if self.has_macs && has_own_mac(device, shared) => Ok(None),
            _ => Err(Undecided),
        }
    }

    /// The record under a new HWID, enrolled after the device was accepted: the only one with the device's
    /// MAC address, or the only such one with its serial number or host name. An older record is another one
    /// of the same computer, or another computer. An error if several may be it, or if it may be another
    /// device's of the run.
    fn new_record(
        &self,
        accepted: &AcceptedDevice,
        shared: &SharedValues,
    ) -> Result<Option<RecordMatch>, Undecided> {
        let device = &accepted.device;
        let by_serial = LookupValues {
            serials: vec![device.serial.clone()],
            ..LookupValues::default()
        };
        let by_hostname = LookupValues {
            hostnames: vec![device.hostname.clone()],
            ..LookupValues::default()
        };
        let clues = [
            (macs_of(device, shared), false),
            (by_serial, false),
            (by_hostname, shared.has_name_of(device)),
        ];
        let mut new_record = Ok(None);
        for (clues, is_shared) in &clues {
            let (rule, ids) = match self.join.find(clues) {
                JoinResult::One(rule, id) => (rule, vec![id]),
                // A dock's address is on every record that was made behind it.
                JoinResult::Ambiguous(MatchRule::Mac, _)
                | JoinResult::Account(_)
                | JoinResult::Nothing => {
                    continue;
                }
                JoinResult::Ambiguous(rule, ids) => (rule, ids),
            };
            let is_of_another = |id: DeviceId| {
                *is_shared && shared.has_mac_of_another(device, self.inventory.device(id).macs())
            };
            let ids = ids.into_iter().filter(|&id| !is_of_another(id));
            let sightings = ids.map(|id| self.sighting(id, rule));
            let mut new = sightings.filter(|sighting| {
                sighting.is_new_record(device) && is_after(sighting.enrolled, accepted.at)
            });
            match (new.next(), new.next()) {
                (None, _) => {}
                (Some(one), None) if !is_shared => return Ok(Some(one)),
                (Some(_), _) => new_record = Err(Undecided),
            }
        }
        new_record
    }

    fn sighting(&self, id: DeviceId, rule: MatchRule) -> RecordMatch {
        RecordMatch::of(&self.inventory.device(id), rule)
    }
}

/// A host name for comparison, without case and domain.
fn folded_name(hostname: &str) -> String {
    list::short_name(hostname.trim()).to_lowercase()
}

/// The state of a device by a lookup that the tenant answered after it was accepted. `asked_by` is the
/// kind of identifier that was looked up.
pub fn by_lookup(accepted: &AcceptedDevice, seen: &LookupAnswer, asked_by: MatchRule) -> Verified {
    let LookupAnswer::Present(Presence {
        hwid,
        hostname,
        last_seen,
        enrolled,
    }) = seen
    else {
        return Verified::bare(VerifiedState::Gone);
    };
    let sighting = RecordMatch {
        recognised_by: asked_by,
        hwid: hwid.clone(),
        macs: Vec::new(),
        hostname: hostname.clone(),
        last_seen: *last_seen,
        enrolled: *enrolled,
    };
    let state = if sighting.is_new_record(&accepted.device) {
        // A MAC address of a record with another HWID: a reimaged computer, or somebody else's dock.
        if is_after(*enrolled, accepted.at) {
            VerifiedState::Returned
        } else {
            return Verified::bare(VerifiedState::Unknown);
        }
    } else if sighting.is_after(accepted.at) {
        VerifiedState::Returned
    } else {
        VerifiedState::StillThere
    };
    found(state, sighting)
}

fn found(state: VerifiedState, sighting: RecordMatch) -> Verified {
    Verified {
        state,
        sighting: Some(sighting),
    }
}

fn hwid_of(device: &PlannedDevice) -> Option<String> {
    device.hwid.as_ref().map(ToString::to_string)
}

fn macs_of(device: &PlannedDevice, shared: &SharedValues) -> LookupValues {
    let own = device.macs.iter().filter(|&&mac| !shared.has_mac(mac));
    LookupValues {
        macs: own.copied().collect(),
        ..LookupValues::default()
    }
}

fn has_own_mac(device: &PlannedDevice, shared: &SharedValues) -> bool {
    let mut macs = device.macs.iter();
    macs.any(|mac| !mac.is_known_constant() && !shared.has_mac(*mac))
}

fn is_after(time: Option<Timestamp>, accepted_at: Timestamp) -> bool {
    time.is_some_and(|time| time > accepted_at)
}
