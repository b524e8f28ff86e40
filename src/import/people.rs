//! Lists of persons: names and e-mail addresses without devices.

use std::collections::BTreeSet;

use serde::Serialize;

use super::join::LookupValues;
use super::{Entry, Import, MatchResult};
use crate::list::{Device, DeviceId, Field};

/// Counts of the persons of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(rename = "People", deny_unknown_fields)
)]
pub struct PeopleCounts {
    /// Persons, each once.
    pub persons: usize,
    /// Persons who have one device.
    pub with_one: usize,
    /// Persons who have several devices.
    pub with_several: usize,
    /// Persons whose account can't be decided.
    pub ambiguous: usize,
    /// Persons who have no device.
    pub without: usize,
    /// Devices of the persons whose account is decided, each once.
    pub devices: usize,
}

/// The clues of a person's row: accounts, addresses and display names are all read as users.
pub(super) fn clues(person: &Device<'_>) -> LookupValues {
    LookupValues {
        users: person.values(Field::User).map(str::to_owned).collect(),
        ..LookupValues::default()
    }
}

impl Import {
    /// Each person with the devices of their account; if the account is ambiguous, with the devices
    /// that it could mean. Empty for a list of devices.
    pub fn persons(&self) -> impl Iterator<Item = (&Entry, &[DeviceId])> {
        let persons = self.entries.iter().filter(|_| self.is_people);
        persons.filter_map(|entry| match &entry.result {
            MatchResult::Matched(id) => Some((entry, std::slice::from_ref(id))),
            MatchResult::Several(ids) | MatchResult::Ambiguous(ids) => {
                Some((entry, ids.as_slice()))
            }
            MatchResult::Missing(_) => Some((entry, &[][..])),
            MatchResult::Repeated | MatchResult::Invalid(_) => None,
        })
    }

    /// Counts the persons; `None` for a list of devices.
    pub fn people(&self) -> Option<PeopleCounts> {
        if !self.is_people {
            return None;
        }
        let mut counts = PeopleCounts::default();
        let mut known: BTreeSet<DeviceId> = BTreeSet::new();
        for (entry, devices) in self.persons() {
            counts.persons += 1;
            match entry.result {
                MatchResult::Matched(_) => counts.with_one += 1,
                MatchResult::Several(_) => counts.with_several += 1,
                MatchResult::Ambiguous(_) => {
                    counts.ambiguous += 1;
                    continue;
                }
                _ => counts.without += 1,
            }
            known.extend(devices);
        }
        counts.devices = known.len();
        Some(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::DeviceList;

    const INVENTORY: &str = "hwid,hostname,user,last seen\n\
        h0,LT-1,CORP\\ada,2026-01-01T00:00:00Z\n\
        h1,LT-2,CORP\\bob,2026-02-01T00:00:00Z\n\
        h2,LT-3,bob@corp.example,2026-03-01T00:00:00Z\n\
        h3,LT-4,CORP\\eve,\n\
        h4,LT-5,LAB\\eve,\n";

    const PERSONS: &str = "Name,E-Mail,Manager e-mail\n\
        Ada Lovelace,ada@mail.example,bob@corp.example\n\
        Bob Ross,Bob@corp.example,\n\
        Eve Doe,eve@mail.example,\n\
        Mallory,mallory@mail.example,\n\
        Bob R.,bob@corp.example,\n\
        ,,ada@corp.example\n";

    fn list(text: &str) -> DeviceList {
        DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list")
    }

    #[test]
    fn people_counts_persons_joined_by_account() {
        let (persons, inventory) = (list(PERSONS), list(INVENTORY));
        let import = Import::of_list(&persons, &inventory);
        let meanings: Vec<String> = import
            .entries
            .iter()
            .map(|entry| match &entry.result {
                MatchResult::Matched(id) => format!("{} {}", entry.text, id.index()),
                MatchResult::Several(ids) => format!("{} all {}", entry.text, ids.len()),
                MatchResult::Ambiguous(ids) => format!("{} {}?", entry.text, ids.len()),
                MatchResult::Missing(None) => format!("{} none", entry.text),
                MatchResult::Repeated => format!("{} again", entry.text),
                other => format!("{} {other:?}", entry.text),
            })
            .collect();
        assert_eq!(
            meanings.get(..5).expect("entries"),
            [
                "ada@mail.example 0",
                "Bob@corp.example all 2",
                "eve@mail.example 2?",
                "mallory@mail.example none",
                "bob@corp.example again"
            ]
        );
        assert!(meanings[5].contains("Invalid"), "{}", meanings[5]);
        assert_eq!(
            import.people(),
            Some(PeopleCounts {
                persons: 4,
                with_one: 1,
                with_several: 1,
                ambiguous: 1,
                without: 1,
                devices: 3,
            })
        );
        let planned = |all| import.selected(all).count();
        assert_eq!((planned(false), planned(true)), (1, 3));
    }

    #[test]
    fn people_is_none_for_a_list_of_devices() {
        let inventory = list(INVENTORY);
        let import = Import::of_list(&list("hwid,user\nh0,ada\n"), &inventory);
        assert_eq!(import.people(), None);
        assert_eq!(import.persons().count(), 0);
    }
}
