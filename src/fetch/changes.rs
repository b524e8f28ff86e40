//! The differences between a list and the list that replaces it, and which runs made them.

use jiff::Timestamp;

use crate::domain::action::Action;
use crate::domain::device::Identifier;
use crate::domain::run::RunId;
use crate::list::{DeviceId, DeviceList};
use crate::plan::{EarlierDevice, EarlierDevices, EarlierState, ListIdentifiers};
use crate::text::{counted, grouped};

/// More runs than this are not named.
const MAX_NAMED_RUNS: usize = 3;

/// New and vanished devices. Entries without an identifier aren't compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InventoryChanges {
    /// Number of devices that the old list lacks.
    pub new: u64,
    /// Devices of the old list that the new one lacks.
    pub vanished: Vec<DeviceId>,
}

/// Which runs removed the devices that vanished.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The runs that archived or removed some of them after the old list, newest first.
    pub by_run: Vec<(RunId, u64)>,
    /// The number of devices that are in doubt in a run: it may have removed them.
    pub in_doubt: u64,
    /// Those that no run of this journal removed.
    pub by_nobody: Vec<DeviceId>,
}

impl InventoryChanges {
    /// Compares the lists' devices by their identifiers.
    pub fn between(before: &DeviceList, after: &DeviceList) -> Self {
        let new = after.ids().filter(|&id| before.lacks_entry(after, id));
        let vanished = before.ids().filter(|&id| after.lacks_entry(before, id));
        Self {
            new: new.count() as u64,
            vanished: vanished.collect(),
        }
    }

    /// The identifiers by which [`attribute`](Self::attribute) looks for the vanished devices.
    pub fn keys(&self, before: &DeviceList) -> impl Iterator<Item = Identifier> {
        self.vanished
            .iter()
            .flat_map(|&id| ListIdentifiers::of(before.device(id)).into_keys())
    }

    /// Which runs removed the vanished devices of the list `before`.
    pub fn attribute(&self, before: &DeviceList, earlier: &EarlierDevices) -> Attribution {
        let mut attribution = Attribution::default();
        for &id in &self.vanished {
            let identifiers = ListIdentifiers::of(before.device(id));
            let concerning = earlier.concerning(identifiers.candidate());
            let newest = concerning
                .into_iter()
                .rev()
                .find(|device| may_have_removed(device, before.fetched_at()));
            match newest {
                Some(device) if device.state == EarlierState::Removed => {
                    let mut known = attribution.by_run.iter_mut();
                    match known.find(|(run, _)| *run == device.run) {
                        Some((_, devices)) => *devices += 1,
                        None => attribution.by_run.push((device.run, 1)),
                    }
                }
                Some(_) => attribution.in_doubt += 1,
                None => attribution.by_nobody.push(id),
            }
        }
        attribution
            .by_run
            .sort_by_key(|(_, devices)| std::cmp::Reverse(*devices));
        attribution
    }
}

/// True if the device's run archived or removed it after the list was begun, or may have. An uninstall
/// keeps the record.
fn may_have_removed(device: &EarlierDevice, listed_at: Option<Timestamp>) -> bool {
    let is_removal = device.action != Action::Uninstall
        && matches!(device.state, EarlierState::Removed | EarlierState::InDoubt);
    let is_older = match (device.decided_at, listed_at) {
        (Some(decided), Some(listed)) => decided < listed,
        _ => false,
    };
    is_removal && !is_older
}

impl Attribution {
    /// Who removed them: `all by run 7f7c30wr`, or `51 by run 7f7c30wr, 3 by no run of this journal`. None without
    /// any.
    pub fn summary(&self) -> Option<String> {
        let nobody = self.by_nobody.len() as u64;
        if let ([(run, _)], 0, 0) = (self.by_run.as_slice(), self.in_doubt, nobody) {
            return Some(format!("all by run {run}"));
        }
        let (named, others) = self.by_run.split_at(self.by_run.len().min(MAX_NAMED_RUNS));
        let mut parts: Vec<String> = named
            .iter()
            .map(|(run, devices)| format!("{} by run {run}", grouped(*devices)))
            .collect();
        if !others.is_empty() {
            let devices: u64 = others.iter().map(|(_, devices)| devices).sum();
            let runs = counted(others.len() as u64, "other run");
            parts.push(format!("{} by {runs}", grouped(devices)));
        }
        if self.in_doubt > 0 {
            parts.push(format!("{} in doubt in a run", grouped(self.in_doubt)));
        }
        if nobody > 0 && parts.is_empty() {
            parts.push("by no run of this journal".to_owned());
        } else if nobody > 0 {
            parts.push(format!("{} by no run of this journal", grouped(nobody)));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::device::Hwid;

    #[test]
    fn changes_are_found_by_identifiers_not_positions() {
        let read =
            |text: &str| DeviceList::read_bytes("list.csv", text.as_bytes()).expect("a list");
        let before = read(
            "hwid,mac,hostname\nh1,,A\nh2,,B\n,00:0c:29:00:00:03,C\n,00:0c:29:00:00:04,D\n,,NAMELESS\n",
        );
        let after = read("hwid,mac,hostname\nh9,,Z\n,00:0c:29:00:00:03,C\nh2,,RENAMED\n");
        let changes = InventoryChanges::between(&before, &after);
        assert_eq!(changes.new, 1);
        let vanished: Vec<usize> = changes.vanished.iter().map(|id| id.index()).collect();
        assert_eq!(vanished, [0, 3]);
    }

    fn removal(run: u8, hwid: &str, action: Action, state: EarlierState, day: u8) -> EarlierDevice {
        let hwid = Hwid::parse(hwid).expect("a HWID");
        EarlierDevice {
            run: RunId::from_bytes([run; 16]),
            action,
            sent: Identifier::Hwid(hwid.clone()),
            hwid: Some(hwid),
            macs: Vec::new(),
            state,
            decided_at: format!("2026-11-{day:02}T10:00:00Z").parse().ok(),
            slot: Some(i64::from(day)),
        }
    }

    #[test]
    fn vanished_devices_are_attributed_to_the_runs_that_removed_them_since() {
        let list = |hwids: &[&str]| {
            let rows = hwids
                .iter()
                .map(|hwid| format!("{{\"device_id\":\"{hwid}\"}}\n"));
            let head = "{\"offboard_list\":1,\"tenant\":\"https://t.example\",\"account\":null,\
                        \"fetched_at\":\"2026-11-20T10:00:00Z\",\"complete\":true}\n";
            let text = head.to_owned() + &rows.collect::<String>();
            DeviceList::read_bytes("l.jsonl", text.as_bytes()).expect("a list")
        };
        let before = list(&["h1", "h2", "h3", "h4", "h5", "h6"]);
        let changes = InventoryChanges::between(&before, &list(&["h6"]));
        let mut earlier = EarlierDevices::default();
        let (remove, uninstall) = (Action::Remove, Action::Uninstall);
        for device in [
            removal(1, "H1", Action::Archive, EarlierState::Removed, 21),
            removal(1, "h2", remove, EarlierState::InDoubt, 21),
            removal(1, "h3", uninstall, EarlierState::Removed, 21),
            // It was in the list after that run.
            removal(2, "h4", remove, EarlierState::Removed, 19),
            removal(1, "h5", remove, EarlierState::NotFound, 21),
            removal(1, "h6", remove, EarlierState::Removed, 21),
        ] {
            earlier.insert(device);
        }
        let found = changes.attribute(&before, &earlier);
        let run = RunId::from_bytes([1; 16]);
        assert_eq!((&found.by_run[..], found.in_doubt), (&[(run, 1)][..], 1));
        let nobody: Vec<usize> = found.by_nobody.iter().map(|id| id.index()).collect();
        assert_eq!(nobody, [2, 3, 4]);
        assert_eq!(
            found.summary(),
            Some(format!(
                "1 by run {run}, 1 in doubt in a run, 3 by no run of this journal"
            ))
        );
    }

    #[test]
    fn summary_names_the_run_of_all_and_no_more_than_three() {
        let run = |number: u8| RunId::from_bytes([number; 16]);
        let by = |by_run: Vec<(RunId, u64)>| Attribution {
            by_run,
            ..Attribution::default()
        };
        assert_eq!(Attribution::default().summary(), None);
        assert_eq!(
            by(vec![(run(1), 54)]).summary(),
            Some(format!("all by run {}", run(1)))
        );
        let many = by((1..=5).map(|number| (run(number), 10)).collect());
        let summary = many.summary().expect("some");
        assert!(summary.ends_with(", 20 by 2 other runs"), "{summary}");
        let nobody = Attribution {
            by_nobody: vec![DeviceId::from_index(0)],
            ..Attribution::default()
        };
        assert_eq!(
            nobody.summary().as_deref(),
            Some("by no run of this journal")
        );
    }
}
