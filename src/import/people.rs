//! Lists of persons: names and e-mail addresses, and no device.

use std::collections::BTreeSet;

use super::join::Clues;
use super::{Entry, Import, Meaning};
use crate::list::{Device, DeviceId, Field};

/// How the persons of a list stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleCounts {
    /// All of them, each once.
    pub persons: usize,
    /// Those who have one device.
    pub with_one: usize,
    /// Those who have several.
    pub with_several: usize,
    /// Those whose account can't be told.
    pub ambiguous: usize,
    /// Those who have none.
    pub without: usize,
    /// The devices of those whose account is known, each once.
    pub devices: usize,
}

/// What is known of a person: accounts, addresses and display names are all read as users.
pub(super) fn clues(person: &Device<'_>) -> Clues {
    Clues {
        users: person.values(Field::User).map(str::to_owned).collect(),
        ..Clues::default()
    }
}

impl Import {
    /// The persons among the entries, each with the devices of their account; of one whose account
    /// can't be told, those that it could be. Empty for a list of devices.
    pub fn persons(&self) -> impl Iterator<Item = (&Entry, &[DeviceId])> {
        let persons = self.entries.iter().filter(|_| self.is_people);
        persons.filter_map(|entry| match &entry.meaning {
            Meaning::Matched(id) => Some((entry, std::slice::from_ref(id))),
            Meaning::Several(ids) | Meaning::Ambiguous(ids) => Some((entry, ids.as_slice())),
            Meaning::Missing(_) => Some((entry, &[][..])),
            Meaning::Repeated | Meaning::Invalid(_) => None,
        })
    }

    /// How the persons stand; none for a list of devices.
    pub fn people(&self) -> Option<PeopleCounts> {
        if !self.is_people {
            return None;
        }
        let mut counts = PeopleCounts::default();
        let mut known: BTreeSet<DeviceId> = BTreeSet::new();
        for (entry, devices) in self.persons() {
            counts.persons += 1;
            match entry.meaning {
                Meaning::Matched(_) => counts.with_one += 1,
                Meaning::Several(_) => counts.with_several += 1,
                Meaning::Ambiguous(_) => {
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
    fn persons_are_joined_by_their_accounts_and_counted() {
        let (persons, inventory) = (list(PERSONS), list(INVENTORY));
        let import = Import::of_list(&persons, &inventory);
        let meanings: Vec<String> = import
            .entries
            .iter()
            .map(|entry| match &entry.meaning {
                Meaning::Matched(id) => format!("{} {}", entry.text, id.index()),
                Meaning::Several(ids) => format!("{} all {}", entry.text, ids.len()),
                Meaning::Ambiguous(ids) => format!("{} {}?", entry.text, ids.len()),
                Meaning::Missing(None) => format!("{} none", entry.text),
                Meaning::Repeated => format!("{} again", entry.text),
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
    fn a_list_of_devices_has_no_persons() {
        let inventory = list(INVENTORY);
        let import = Import::of_list(&list("hwid,user\nh0,ada\n"), &inventory);
        assert_eq!(import.people(), None);
        assert_eq!(import.persons().count(), 0);
    }
}
