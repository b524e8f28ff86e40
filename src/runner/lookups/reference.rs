//! Reference devices: devices that the tenant should have, which show whether the path to its devices answers.

use std::collections::{HashSet, VecDeque};

use jiff::Timestamp;

use crate::domain::device::{Hwid, Identifier};
use crate::list::{DeviceId, DeviceList};

/// No more reference devices are tried than this: each costs a call.
const MAX_REFERENCE_DEVICES: usize = 3;

/// The devices of a list that the tenant most likely has, most recently seen first. They are more than
/// a plan usually holds, since those of the run don't count.
pub fn reference_devices(list: &DeviceList) -> Vec<Identifier> {
    const MAX: usize = 1000;
    let mut recent: Vec<(Option<Timestamp>, DeviceId)> = list
        .ids()
        .map(|id| (list.device(id).last_seen(), id))
        .collect();
    if let Some(last) = recent.len().checked_sub(1) {
        recent.select_nth_unstable_by(MAX.min(last), |one, other| other.cmp(one));
    }
    recent.truncate(MAX);
    recent.sort_unstable_by(|one, other| other.cmp(one));
    recent
        .into_iter()
        .filter_map(|(_, id)| Hwid::parse(list.device(id).hwid()?).ok())
        .map(Identifier::Hwid)
        .collect()
}

/// The reference devices of a run's lookups.
#[derive(Default)]
pub(super) struct ReferenceDevices {
    /// Devices that the tenant should have.
    named: Vec<Identifier>,
    /// The identifiers of the devices that the run has sent, in normal form: none of them is a reference device.
    sent: HashSet<Identifier>,
    /// Those that are left to try, once one was needed.
    left: Option<VecDeque<Identifier>>,
    /// The device that answered last, one of the run's own or a reference device.
    proven: Option<Identifier>,
}

impl ReferenceDevices {
    /// Of these devices, but those that the run has sent.
    pub(super) fn new(named: Vec<Identifier>, sent: HashSet<Identifier>) -> Self {
        Self {
            named,
            sent,
            left: None,
            proven: None,
        }
    }

    /// Chooses the devices to try, at the first need: of those that were named, then of `others`.
    pub(super) fn choose(&mut self, others: impl FnOnce() -> Vec<Identifier>) {
        self.left.get_or_insert_with(|| {
            let is_other = |device: &Identifier| !self.sent.contains(&device.normal_form());
            let named = std::mem::take(&mut self.named).into_iter();
            let mut left: VecDeque<_> =
                named.filter(is_other).take(MAX_REFERENCE_DEVICES).collect();
            if left.len() < MAX_REFERENCE_DEVICES {
                let others = others().into_iter().filter(is_other);
                left.extend(others.take(MAX_REFERENCE_DEVICES - left.len()));
            }
            left
        });
    }

    /// True if one is known and not tried yet.
    pub(super) fn is_left(&self) -> bool {
        self.proven.is_some() || self.left.as_ref().is_some_and(|left| !left.is_empty())
    }

    /// The next one to try: first the one that has answered.
    pub(super) fn next(&mut self) -> Option<Identifier> {
        let proven = self.proven.take();
        proven.or_else(|| self.left.as_mut()?.pop_front())
    }

    /// This device has just answered.
    pub(super) fn note_answer(&mut self, device: &Identifier) {
        self.proven = Some(device.clone());
    }

    /// Has this one tried again.
    pub(super) fn put_back(&mut self, control: Identifier) {
        self.left.get_or_insert_default().push_front(control);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hwids(texts: &[&str]) -> Vec<Identifier> {
        let hwid = |text: &&str| Hwid::parse(text).map(Identifier::Hwid);
        texts
            .iter()
            .map(hwid)
            .collect::<Result<_, _>>()
            .expect("HWIDs")
    }

    #[test]
    fn controls_are_the_most_recently_seen_devices_with_a_hwid() {
        let text = "hwid,mac,hostname,last seen\n\
            h1,,a,2026-01-01T00:00:00Z\n\
            ,00:0c:29:00:00:02,b,2026-05-01T00:00:00Z\n\
            h3,,c,2026-03-01T00:00:00Z\n\
            h4,,d,\n";
        let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
        assert_eq!(reference_devices(&list), hwids(&["h3", "h1", "h4"]));
        let empty = DeviceList::read_bytes("l.csv", b"hwid\n").expect("a list");
        assert_eq!(reference_devices(&empty), []);
    }

    #[test]
    fn controls_to_try_were_not_sent_by_the_run_and_are_few() {
        let sent = hwids(&["h1", "h2"]).into_iter().collect();
        let mut reference_devices = ReferenceDevices::new(hwids(&["H1", "h3", "h2"]), sent);
        assert!(!reference_devices.is_left(), "none was needed yet");
        reference_devices.choose(|| hwids(&["h2", "h4", "h5", "h6"]));
        let tried: Vec<_> = std::iter::from_fn(|| reference_devices.next()).collect();
        assert_eq!(tried, hwids(&["h3", "h4", "h5"]));
        reference_devices.choose(|| hwids(&["h9"]));
        assert!(!reference_devices.is_left(), "they are chosen once");
    }
}
