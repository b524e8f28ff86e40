//! The differences between a list and the list that replaces it.

use crate::list::{DeviceId, DeviceList};

/// New and vanished devices. Entries without an identifier aren't compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Number of devices that the old list lacks.
    pub new: u64,
    /// Devices of the old list that the new one lacks.
    pub vanished: Vec<DeviceId>,
}

impl Changes {
    /// Compares the lists' devices by their identifiers.
    pub fn between(before: &DeviceList, after: &DeviceList) -> Self {
        let new = after.ids().filter(|&id| before.lacks_entry(after, id));
        let vanished = before.ids().filter(|&id| after.lacks_entry(before, id));
        Self {
            new: new.count() as u64,
            vanished: vanished.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_found_by_identifiers_not_positions() {
        let read =
            |text: &str| DeviceList::read_bytes("list.csv", text.as_bytes()).expect("a list");
        let before = read(
            "hwid,mac,hostname\nh1,,A\nh2,,B\n,00:0c:29:00:00:03,C\n,00:0c:29:00:00:04,D\n,,NAMELESS\n",
        );
        let after = read("hwid,mac,hostname\nh9,,Z\n,00:0c:29:00:00:03,C\nh2,,RENAMED\n");
        let changes = Changes::between(&before, &after);
        assert_eq!(changes.new, 1);
        let vanished: Vec<usize> = changes.vanished.iter().map(|id| id.index()).collect();
        assert_eq!(vanished, [0, 3]);
    }
}
