//! The rule: which record of the tenant is an accepted device, and what that says.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{AcceptedDevice, Sighting, Verified, VerifiedState};
use crate::domain::device::MacAddress;
use crate::engine::lookup_verdict::{Presence, Seen};
use crate::import::{Clues, Join, Joined, MatchRule};
use crate::list::{DeviceId, DeviceList};
use crate::plan::PlannedDevice;

/// The inventory doesn't tell whether it has the device.
struct Untold;

/// A complete inventory, indexed for the accepted devices that are looked for in it.
pub struct Verifier<'a> {
    inventory: &'a DeviceList,
    join: Join<'a>,
    /// HWIDs that unusable rows name, in lower case: such a row may be the device's record.
    claimed: HashMap<String, DeviceId>,
    has_macs: bool,
}

impl<'a> Verifier<'a> {
    /// Indexes a complete inventory for these devices, the only ones that can be verified.
    pub fn over<'d>(
        inventory: &'a DeviceList,
        devices: impl Iterator<Item = &'d AcceptedDevice>,
    ) -> Self {
        let clues = devices.map(|accepted| Clues {
            hwid: hwid_of(&accepted.device),
            serials: vec![accepted.device.serial.clone()],
            hostnames: vec![accepted.device.hostname.clone()],
            ..Clues::default()
        });
        Self {
            join: Join::over(inventory, clues),
            claimed: inventory
                .claims()
                .map(|(id, hwid)| (hwid.to_ascii_lowercase(), id))
                .collect(),
            has_macs: inventory
                .ids()
                .any(|id| inventory.device(id).macs().next().is_some()),
            inventory,
        }
    }

    /// The state of a device. `shared` are the MAC addresses that several devices of its run have.
    pub fn verify(&self, accepted: &AcceptedDevice, shared: &HashSet<MacAddress>) -> Verified {
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
            (Ok(None), None) => Verified::bare(VerifiedState::Gone),
            (Err(Untold), None) => Verified::bare(VerifiedState::Unknown),
        }
    }

    /// The device's own record: the one with its HWID; without a HWID, the only one with a MAC address of
    /// its own. An error if that can't be determined.
    fn own_record(
        &self,
        device: &PlannedDevice,
        shared: &HashSet<MacAddress>,
    ) -> Result<Option<Sighting>, Untold> {
        if let Some(hwid) = hwid_of(device) {
            let clues = Clues {
                hwid: Some(hwid.clone()),
                ..Clues::default()
            };
            let id = match self.join.find(&clues) {
                Joined::One(_, id) => Some(id),
                // HWIDs that differ in case: the one seen last.
                Joined::Ambiguous(_, ids) | Joined::Account(ids) => ids.first().copied(),
                Joined::Nothing => self.claimed.get(&hwid.to_ascii_lowercase()).copied(),
            };
            return Ok(id.map(|id| self.sighting(id, MatchRule::Hwid)));
        }
        match self.join.find(&macs_of(device, shared)) {
            Joined::One(_, id) => Ok(Some(self.sighting(id, MatchRule::Mac))),
            Joined::Nothing if self.has_macs && has_own_mac(device, shared) => Ok(None),
            _ => Err(Untold),
        }
    }

    /// The record under a new HWID, enrolled after the device was accepted: the only one with the device's
    /// MAC address, or the only such one with its serial number or host name. An older record is another one
    /// of the same computer, or another computer. An error if several may be it.
    fn new_record(
        &self,
        accepted: &AcceptedDevice,
        shared: &HashSet<MacAddress>,
    ) -> Result<Option<Sighting>, Untold> {
        let device = &accepted.device;
        let by_serial = Clues {
            serials: vec![device.serial.clone()],
            ..Clues::default()
        };
        let by_hostname = Clues {
            hostnames: vec![device.hostname.clone()],
            ..Clues::default()
        };
        let clues = [macs_of(device, shared), by_serial, by_hostname];
        let mut new_record = Ok(None);
        for clues in &clues {
            let (rule, ids) = match self.join.find(clues) {
                Joined::One(rule, id) => (rule, vec![id]),
                // A dock's address is on every record that was made behind it.
                Joined::Ambiguous(MatchRule::Mac, _) | Joined::Account(_) | Joined::Nothing => {
                    continue;
                }
                Joined::Ambiguous(rule, ids) => (rule, ids),
            };
            let sightings = ids.into_iter().map(|id| self.sighting(id, rule));
            let mut new = sightings.filter(|sighting| {
                sighting.is_new_record(device) && is_after(sighting.enrolled, accepted.at)
            });
            match (new.next(), new.next()) {
                (None, _) => {}
                (Some(one), None) => return Ok(Some(one)),
                (Some(_), Some(_)) => new_record = Err(Untold),
            }
        }
        new_record
    }

    fn sighting(&self, id: DeviceId, rule: MatchRule) -> Sighting {
        Sighting::of(&self.inventory.device(id), rule)
    }
}

/// The state of a device by a lookup that the tenant answered after it was accepted. `asked_by` is the
/// kind of identifier that was looked up.
pub fn by_lookup(accepted: &AcceptedDevice, seen: &Seen, asked_by: MatchRule) -> Verified {
    let Seen::Present(Presence {
        hwid,
        hostname,
        last_seen,
        enrolled,
    }) = seen
    else {
        return Verified::bare(VerifiedState::Gone);
    };
    let sighting = Sighting {
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

/// The MAC addresses that several devices of a run have: a dock's or an adapter's, which recognise
/// none of them.
pub(crate) fn shared_macs<'d>(
    devices: impl Iterator<Item = &'d PlannedDevice>,
) -> HashSet<MacAddress> {
    let mut once = HashSet::new();
    let mut shared = HashSet::new();
    for device in devices {
        let own: HashSet<_> = device.macs.iter().copied().collect();
        shared.extend(own.into_iter().filter(|&mac| !once.insert(mac)));
    }
    shared
}

fn found(state: VerifiedState, sighting: Sighting) -> Verified {
    Verified {
        state,
        sighting: Some(sighting),
    }
}

fn hwid_of(device: &PlannedDevice) -> Option<String> {
    device.hwid.as_ref().map(ToString::to_string)
}

fn macs_of(device: &PlannedDevice, shared: &HashSet<MacAddress>) -> Clues {
    let own = device.macs.iter().filter(|mac| !shared.contains(mac));
    Clues {
        macs: own.copied().collect(),
        ..Clues::default()
    }
}

fn has_own_mac(device: &PlannedDevice, shared: &HashSet<MacAddress>) -> bool {
    let mut macs = device.macs.iter();
    macs.any(|mac| !mac.is_known_constant() && !shared.contains(mac))
}

fn is_after(time: Option<Timestamp>, accepted_at: Timestamp) -> bool {
    time.is_some_and(|time| time > accepted_at)
}
