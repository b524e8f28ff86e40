//! What a ticket or another system names, matched to the devices of an inventory.
//!
//! People paste what they have, or hand in a list of another system. Each entry is looked up by the
//! one [`Join`], whose first rule that finds something decides. What several devices could mean is
//! never chosen among.

mod account;
mod clean;
mod comments;
mod join;
mod keys;
mod named;
mod people;
mod rows;
mod rule;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashSet;

use crate::domain::device::{Identifier, MacAddress};
use crate::list::DeviceId;
pub use join::{Clues, Join, Joined};
pub use named::Named;
pub use people::PeopleCounts;
pub use rows::is_bare;
pub use rule::MatchRule;

/// A pasted text or another list, entry by entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// In the order of the text or the list.
    pub entries: Vec<Entry>,
    /// The entries are persons, from a list of such.
    pub is_people: bool,
    /// How many comments of a text were skipped.
    pub comments: usize,
}

/// One entry of a pasted text or of another list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it was looked for, cleaned; of a list's row, its name or identifier.
    pub text: String,
    /// The list's row; none for a text.
    pub row: Option<Row>,
    /// What it means.
    pub meaning: Meaning,
    /// The rule that found it, if one did.
    pub rule: Option<MatchRule>,
}

/// A row of the list that was matched with the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its entry there; its other columns are read by it.
    pub id: DeviceId,
    /// Its line, from 1.
    pub line: u64,
}

/// What an entry means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// This device.
    Matched(DeviceId),
    /// All of these: the devices of one person, the most recently seen first.
    Several(Vec<DeviceId>),
    /// One of these, the most recently seen first.
    Ambiguous(Vec<DeviceId>),
    /// The same as an earlier entry.
    Repeated,
    /// Neither an identifier nor a name; why.
    Invalid(String),
    /// Not in the inventory; as an identifier, if it is written like one.
    Missing(Option<Identifier>),
}

/// How many entries there are of each meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// One device.
    pub matched: usize,
    /// Several devices, all of them one person's.
    pub several: usize,
    /// Several devices.
    pub ambiguous: usize,
    /// The same as an earlier entry.
    pub repeated: usize,
    /// No identifier and no name.
    pub invalid: usize,
    /// Not in the list.
    pub missing: usize,
}

impl Import {
    /// Which row of the list each device was found by; of several, the first.
    pub fn rows(&self) -> impl Iterator<Item = (DeviceId, DeviceId)> + '_ {
        // What is collected last counts.
        self.entries.iter().rev().flat_map(|entry| {
            let devices: &[DeviceId] = match &entry.meaning {
                Meaning::Matched(id) => std::slice::from_ref(id),
                Meaning::Several(ids) => ids,
                _ => &[],
            };
            let row = entry.row.map(|row| row.id);
            devices.iter().filter_map(move |&id| Some((id, row?)))
        })
    }

    /// How many entries there are of each meaning.
    pub fn counts(&self) -> ImportCounts {
        let mut counts = ImportCounts::default();
        for entry in &self.entries {
            match entry.meaning {
                Meaning::Matched(_) => counts.matched += 1,
                Meaning::Several(_) => counts.several += 1,
                Meaning::Ambiguous(_) => counts.ambiguous += 1,
                Meaning::Repeated => counts.repeated += 1,
                Meaning::Invalid(_) => counts.invalid += 1,
                Meaning::Missing(_) => counts.missing += 1,
            }
        }
        counts
    }

    /// The devices of the entries that mean one.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.selected(false).map(|(id, _)| id)
    }

    /// The devices that may be planned, and the rule that found each; with `all_devices` those of
    /// persons who have several, too. A device can stand in it more than once.
    pub fn selected(&self, all_devices: bool) -> impl Iterator<Item = (DeviceId, MatchRule)> + '_ {
        self.entries.iter().flat_map(move |entry| {
            let ids = match &entry.meaning {
                Meaning::Matched(id) => std::slice::from_ref(id),
                Meaning::Several(ids) if all_devices => ids.as_slice(),
                _ => &[],
            };
            let rule = entry.rule.unwrap_or(MatchRule::Hwid);
            ids.iter().map(move |&id| (id, rule))
        })
    }

    /// The identifiers that the inventory doesn't have.
    pub fn missing_identifiers(&self) -> impl Iterator<Item = Identifier> + '_ {
        self.entries
            .iter()
            .filter_map(|entry| match &entry.meaning {
                Meaning::Missing(identifier) => identifier.clone(),
                _ => None,
            })
    }

    /// What wasn't matched, a line each: it can be pasted again.
    pub fn unmatched(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            if !matches!(entry.meaning, Meaning::Matched(_) | Meaning::Repeated) {
                text.push_str(&entry.text);
                text.push('\n');
            }
        }
        text
    }
}

/// The meaning of what was found, and by which rule; none if nothing was.
fn meaning_of(joined: Joined) -> Option<(Meaning, MatchRule)> {
    match joined {
        Joined::Nothing => None,
        Joined::One(rule, id) => Some((Meaning::Matched(id), rule)),
        Joined::Ambiguous(rule, ids) => Some((Meaning::Ambiguous(ids), rule)),
        Joined::Account(ids) => Some((Meaning::Several(ids), MatchRule::User)),
    }
}

/// What earlier entries were.
#[derive(Default)]
struct Seen {
    devices: HashSet<DeviceId>,
    texts: HashSet<String>,
}

impl Seen {
    /// The entry, unless an earlier one was the same.
    fn entry(&mut self, entry: Entry) -> Entry {
        let again = match &entry.meaning {
            Meaning::Matched(id) => !self.devices.insert(*id),
            Meaning::Several(ids) => {
                let before = self.devices.len();
                self.devices.extend(ids);
                self.devices.len() == before
            }
            // Two rows of a list can have one name and be two machines.
            _ if entry.row.is_some() => false,
            // An address is the same in every notation.
            _ => !self.texts.insert(
                MacAddress::parse(&entry.text)
                    .map_or_else(|_| entry.text.to_lowercase(), |mac| mac.to_string()),
            ),
        };
        if again {
            return Entry {
                meaning: Meaning::Repeated,
                ..entry
            };
        }
        entry
    }
}
