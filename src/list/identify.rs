//! Which identifier of a device is sent, and finding devices by one.

use super::build::own_macs;
use super::problem::Problem;
use super::store::Store;
use super::{DeviceId, DeviceList};
use crate::device::{Hwid, Identifier, IdentifyBy, MacAddress};

impl DeviceList {
    /// The identifier that a plan sends for `id`.
    ///
    /// `Auto` is the HWID if there is one, else the MAC address, if it has exactly one that no
    /// other entry of the list has; addresses that drivers hard-code don't count. `Hwid` and `Mac`
    /// never fall back. A row that is itself at fault has none at all.
    pub fn identify(&self, id: DeviceId, by: IdentifyBy) -> Result<Identifier, Problem> {
        if let Some(problem) = self.problem(id).filter(|problem| problem.is_of_row()) {
            return Err(*problem);
        }
        let hwid = self.store.block(id.0).text(0);
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

    /// All entries that have this address, in list order; unusable rows too.
    pub fn find_mac(&self, mac: MacAddress) -> Vec<DeviceId> {
        self.mac_index().find(mac).map(DeviceId).collect()
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

    /// Built when it is first asked for: a list whose devices all have HWIDs never needs it.
    fn mac_index(&self) -> &MacIndex {
        self.by_mac.get_or_init(|| MacIndex::new(&self.store))
    }
}

/// Devices by their MAC addresses: address and big-endian device, ten bytes each, sorted.
#[derive(Debug)]
pub(super) struct MacIndex(Vec<([u8; 6], [u8; 4])>);

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

    /// Bytes held.
    pub fn memory_use(&self) -> usize {
        self.0.capacity() * size_of::<([u8; 6], [u8; 4])>()
    }
}
