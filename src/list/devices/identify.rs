//! Chooses the identifier of a device that is sent, and finds devices by identifier.

use std::collections::HashSet;

use super::build::own_macs;
use super::store::Store;
use crate::domain::device::{Hwid, Identifier, IdentifyBy, MacAddress};
use crate::list::fields::field::Field;
use crate::list::report::problem::Problem;
use crate::list::{DeviceId, DeviceList};

impl DeviceList {
    /// The identifier that a plan sends for `id`.
    ///
    /// `Auto` is the HWID if there is one, else the MAC address, if the device has exactly one that no
    /// other entry has; addresses that drivers hard-code are ignored. `Hwid` and `Mac` never fall
    /// back. An unusable row has no identifier.
    pub fn identify(&self, id: DeviceId, by: IdentifyBy) -> Result<Identifier, Problem> {
        if let Some(problem) = self.problem(id).filter(|problem| problem.is_of_row()) {
            return Err(*problem);
        }
        let hwid = self.store.block(id.0).text(Field::Hwid);
        match by {
            IdentifyBy::Auto | IdentifyBy::Hwid if !hwid.is_empty() => {
                Ok(Identifier::Hwid(Hwid::parse(hwid)?))
            }
            IdentifyBy::Hwid => Err(Problem::NoHwid),
            IdentifyBy::Auto => match self.problem(id) {
                Some(problem) => Err(*problem),
                None => self.own_mac(id, Problem::SeveralMacs),
            },
            IdentifyBy::Mac => self.own_mac(id, Problem::AmbiguousMac),
        }
    }

    /// The device whose HWID is exactly `hwid`.
    pub fn find_hwid(&self, hwid: &str) -> Option<DeviceId> {
        self.by_hwid.find(&self.store, hwid).map(DeviceId)
    }

    /// All entries with this address, in list order, including unusable rows.
    pub fn find_mac(&self, mac: MacAddress) -> Vec<DeviceId> {
        self.mac_index().find(mac).map(DeviceId).collect()
    }

    /// The device of this list that is `id` of `other`, by HWID, else by MAC address and host name.
    /// `None` if there is none or it is ambiguous.
    pub fn find_same(&self, other: &Self, id: DeviceId) -> Option<DeviceId> {
        let device = other.device(id);
        self.find_known(device.hwid(), device.macs().next(), device.hostname())
    }

    /// How many other entries a hold of these holds too: those that have one of their MAC addresses, but for
    /// known constants, or one of their HWIDs in lower or upper case.
    pub fn held_along(&self, devices: &[DeviceId]) -> usize {
        let mut found = HashSet::new();
        for &id in devices {
            let device = self.device(id);
            let macs = device.macs().filter(|mac| !mac.is_known_constant());
            found.extend(macs.flat_map(|mac| self.find_mac(mac)));
            if let Some(hwid) = device.hwid() {
                let spellings = [hwid.to_ascii_lowercase(), hwid.to_ascii_uppercase()];
                found.extend(spellings.iter().filter_map(|hwid| self.find_hwid(hwid)));
            }
        }
        for id in devices {
            found.remove(id);
        }
        found.len()
    }

    /// The entry whose first row begins on this line; none if several do, as in JSON without line breaks.
    pub fn at_line(&self, line: u64) -> Option<DeviceId> {
        let count = u32::try_from(self.len()).ok()?;
        // In the order of the file.
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.store.line(middle) < line {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let is_on_line = |index: u32| self.store.line(index) == line;
        let found = is_on_line(low) && !is_on_line(low + 1);
        found.then(|| DeviceId::from_index(low as usize))
    }

    /// The device with this HWID; without a HWID, the only device without one that has this address and
    /// name.
    pub fn find_known(
        &self,
        hwid: Option<&str>,
        mac: Option<MacAddress>,
        hostname: &str,
    ) -> Option<DeviceId> {
        if let Some(hwid) = hwid {
            return self.find_hwid(hwid);
        }
        match self.find_nameless(mac?, hostname).as_slice() {
            [id] => Some(*id),
            _ => None,
        }
    }

    /// True if entry `id` of `other` has an identifier and is not in this list.
    pub fn lacks_entry(&self, other: &Self, id: DeviceId) -> bool {
        let device = other.device(id);
        match (device.hwid(), device.macs().next()) {
            (Some(hwid), _) => self.find_hwid(hwid).is_none(),
            (None, Some(mac)) => self.find_nameless(mac, device.hostname()).is_empty(),
            (None, None) => false,
        }
    }

    /// A short description of a device with name and identifier, not safe to show.
    pub fn name_of(&self, id: DeviceId) -> String {
        let device = self.device(id);
        let mac = || device.macs().next().map(|mac| mac.to_string());
        let identifier = device.hwid().map(str::to_owned).or_else(mac);
        [Some(device.hostname().to_owned()), identifier]
            .into_iter()
            .flatten()
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The entries without a HWID, with this address and host name.
    fn find_nameless(&self, mac: MacAddress, hostname: &str) -> Vec<DeviceId> {
        let mut found = self.find_mac(mac);
        found.retain(|&id| {
            let device = self.device(id);
            device.hwid().is_none() && device.hostname() == hostname
        });
        found
    }

    fn own_mac(&self, id: DeviceId, several: Problem) -> Result<Identifier, Problem> {
        let mut macs = own_macs(&self.store, id.0);
        match (macs.next(), macs.next()) {
            (Some(_), Some(_)) => Err(several),
            (Some(mac), None) if self.mac_index().find(mac).nth(1).is_none() => {
                Ok(Identifier::Mac(mac))
            }
            (Some(_), None) => Err(Problem::SharedMac),
            (None, _) if self.store.block(id.0).macs().next().is_some() => Err(Problem::SharedMac),
            (None, _) => Err(Problem::NoMac),
        }
    }

    /// Built on first use: a list whose devices all have HWIDs never needs it.
    fn mac_index(&self) -> &MacIndex {
        self.by_mac.get_or_init(|| MacIndex::new(&self.store))
    }
}

/// Devices by MAC address: a sorted array of ten-byte entries, address and big-endian index.
#[derive(Debug)]
pub(in crate::list) struct MacIndex(Vec<([u8; 6], [u8; 4])>);

impl MacIndex {
    fn new(store: &Store) -> Self {
        let mut entries = Vec::new();
        for index in (0_u32..).take(store.len()) {
            let macs = store.block(index).macs();
            entries.extend(macs.map(|mac| (mac.octets(), index.to_be_bytes())));
        }
        entries.sort_unstable();
        entries.shrink_to_fit();
        Self(entries)
    }

    fn find(&self, mac: MacAddress) -> impl Iterator<Item = u32> + use<'_> {
        let start = self.0.partition_point(|(found, _)| *found < mac.octets());
        let entries = self.0.get(start..).unwrap_or_default().iter();
        entries
            .take_while(move |(found, _)| *found == mac.octets())
            .map(|(_, index)| u32::from_be_bytes(*index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn held_along_are_entries_that_share_an_identifier() {
        let text = "hwid,mac\nh1,3c:52:82:00:00:01\nH1,\nh3,3c:52:82:00:00:01 3c:52:82:00:00:02\n\
                    h4,3c:52:82:00:00:02\nh5,3c:52:82:00:00:05\nh6,02:00:4c:4f:4f:50\nh7,02:00:4c:4f:4f:50\n";
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        let along = |devices: &[usize]| {
            let devices: Vec<DeviceId> =
                devices.iter().map(|&at| DeviceId::from_index(at)).collect();
            list.held_along(&devices)
        };
        assert_eq!(along(&[0]), 2, "the MAC of h3, the HWID in other letters");
        assert_eq!(along(&[2]), 2);
        assert_eq!(along(&[0, 1, 2, 3]), 0, "all of them were chosen");
        assert_eq!(along(&[4]), 0);
        assert_eq!(along(&[5]), 0, "a constant of a loopback adapter");
    }

    #[test]
    fn find_known_without_a_hwid_finds_no_entry_with_one() {
        let text = "hwid,mac,hostname\nh1,3c:52:82:00:00:01,LT-1\n,3c:52:82:00:00:02,LT-2\n";
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        let find = |mac, name| list.find_known(None, MacAddress::parse(mac).ok(), name);
        assert_eq!(find("3c:52:82:00:00:01", "LT-1"), None);
        let second = Some(DeviceId::from_index(1));
        assert_eq!(find("3c:52:82:00:00:02", "LT-2"), second);
        assert_eq!(find("3c:52:82:00:00:02", "LT-1"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn find_hwid_and_find_mac_find_every_identifier(
            rows in proptest::collection::vec((0_u8..6, proptest::collection::vec(0_u8..6, 0..4)), 1..12),
        ) {
            let mut text = "hwid,mac\n".to_owned();
            for (hwid, macs) in &rows {
                let macs: Vec<String> = macs.iter().map(|last| format!("3c:52:82:00:00:{last:02x}")).collect();
                let hwid = if *hwid == 0 { String::new() } else { format!("h{hwid}") };
                text += &format!("{hwid},{}\n", macs.join(" "));
            }
            let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
            for last in 0..6 {
                let mac = MacAddress::from_octets([0x3c, 0x52, 0x82, 0, 0, last]).expect("an address");
                let having: Vec<DeviceId> = list.ids()
                    .filter(|id| list.device(*id).macs().any(|own| own == mac))
                    .collect();
                prop_assert_eq!(list.find_mac(mac), having);
            }
            for id in list.ids() {
                let Some(hwid) = list.device(id).hwid() else { continue };
                prop_assert_eq!(list.find_hwid(hwid), Some(id));
                prop_assert_eq!(list.identify(id, IdentifyBy::Auto), Ok(Identifier::Hwid(Hwid::parse(hwid)?)));
            }
            prop_assert_eq!(list.find_hwid("h9"), None);
        }
    }
}
