//! What several devices of a run have in common, so that it recognises none of them.

use std::collections::{HashMap, HashSet};

use crate::domain::device::MacAddress;
use crate::import::host_name_key;
use crate::plan::PlannedDevice;

/// Values that recognise no single device of a run.
#[derive(Debug, Default)]
pub struct SharedValues {
    /// Every MAC address of the run.
    all_macs: HashSet<MacAddress>,
    macs: HashSet<MacAddress>,
    hostnames: HashSet<String>,
}

impl SharedValues {
    /// The MAC addresses that several of these devices have, such as a dock's, and the host names of
    /// several computers: of devices whose serial numbers or MAC addresses have nothing in common.
    pub fn of<'d>(devices: impl Iterator<Item = &'d PlannedDevice>) -> Self {
        let mut shared = Self::default();
        let mut by_name: HashMap<String, Computer<'_>> = HashMap::new();
        for device in devices {
            let own: HashSet<MacAddress> = device.macs.iter().copied().collect();
            let known = own.iter().filter(|&&mac| !shared.all_macs.insert(mac));
            shared.macs.extend(known);
            let Some(name) = name_of(device) else {
                continue;
            };
            let computer = by_name.entry(name.clone()).or_default();
            if !computer.may_be(&own, &device.serial) {
                shared.hostnames.insert(name);
            }
        }
        shared
    }

    pub(super) fn has_mac(&self, mac: MacAddress) -> bool {
        self.macs.contains(&mac)
    }

    /// True if one of these addresses is another device's of the run.
    pub(super) fn has_mac_of_another(
        &self,
        device: &PlannedDevice,
        mut macs: impl Iterator<Item = MacAddress>,
    ) -> bool {
        macs.any(|mac| self.all_macs.contains(&mac) && !device.macs.contains(&mac))
    }

    pub(super) fn has_name_of(&self, device: &PlannedDevice) -> bool {
        name_of(device).is_some_and(|name| self.hostnames.contains(&name))
    }
}

/// What the records of one host name have in common, as far as they say anything.
#[derive(Default)]
struct Computer<'d> {
    macs: Option<HashSet<MacAddress>>,
    serial: Option<&'d str>,
}

impl<'d> Computer<'d> {
    /// Adds another record of the name. False if it is another computer's.
    fn may_be(&mut self, macs: &HashSet<MacAddress>, serial: &'d str) -> bool {
        let mut is_same = true;
        if !macs.is_empty() {
            let common = self.macs.get_or_insert_with(|| macs.clone());
            common.retain(|mac| macs.contains(mac));
            is_same = !common.is_empty();
        }
        if !serial.is_empty() {
            is_same &= self
                .serial
                .get_or_insert(serial)
                .eq_ignore_ascii_case(serial);
        }
        is_same
    }
}

/// The host name without its domain, for comparison.
fn name_of(device: &PlannedDevice) -> Option<String> {
    let name = host_name_key(&device.hostname)?;
    Some(name.split('.').next().unwrap_or(&name).to_owned())
}
