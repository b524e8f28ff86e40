//! Matches pasted text or another system's list with the devices of an inventory.
//!
//! Every entry is looked up by one [`Join`]. For a row of a list, the first rule that finds something
//! decides; a word of a text can be of any kind. If several devices could be meant, none is chosen.

mod account;
mod clean;
mod comments;
mod content;
mod join;
mod keys;
mod people;
mod rows;
mod rule;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashSet;

use crate::domain::device::{Identifier, IdentifierError, MacAddress};
use crate::list::{DeviceId, Problem};
pub use content::{ContentError, ImportContent};
pub use join::{Join, JoinResult, LookupValues};
pub(crate) use keys::name as host_name_key;
pub use people::PeopleCounts;
pub use rows::{is_bare, match_rows};
pub use rule::MatchRule;

/// The entries of a pasted text or another list, and the devices they match.
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
    /// The cleaned text; for a row of a list, its name or identifier.
    pub text: String,
    /// The row of the list; `None` for a text.
    pub row: Option<Row>,
    /// The devices that match it.
    pub result: MatchResult,
    /// The rule that found the devices.
    pub rule: Option<MatchRule>,
}

/// A row of the list that was matched with the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The entry of that list, by which its other columns are read.
    pub id: DeviceId,
    /// The line of the row, from 1.
    pub line: u64,
}

/// The result of matching one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatchResult {
    /// Exactly this device.
    Matched(DeviceId),
    /// All of these: the devices of one person, the most recently seen first.
    Several(Vec<DeviceId>),
    /// One of these, the most recently seen first.
    Ambiguous(Vec<DeviceId>),
    /// The same as an earlier entry.
    Repeated,
    /// Neither an identifier nor a name.
    Invalid(InvalidEntry),
    /// Not in the inventory. `Some` if the text looks like an identifier.
    Missing(Option<Identifier>),
}

/// Why an entry names neither a device nor a person. All texts are ASCII: they are written into files of any
/// encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEntry {
    /// A known constant.
    #[error("an address that a VPN or virtual adapter gives to many machines")]
    SharedAddress,
    /// An address of no machine, or none at all.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// It has characters of neither.
    #[error("neither an identifier nor a host name")]
    NotAName,
    /// Such as `unknown` and `localhost`.
    #[error("a placeholder, or a default name of many machines")]
    DefaultName,
    /// The row can't be read.
    #[error(transparent)]
    Row(#[from] Problem),
    /// A row of a list of people.
    #[error("no value names a person")]
    NoPerson,
    /// A row of another list.
    #[error("no value names a device")]
    NoDevice,
}

/// The number of entries by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// One device.
    pub matched: usize,
    /// Several devices of one person.
    pub several: usize,
    /// Several devices could be meant.
    pub ambiguous: usize,
    /// The same as an earlier entry.
    pub repeated: usize,
    /// Neither an identifier nor a name.
    pub invalid: usize,
    /// Not in the inventory.
    pub missing: usize,
}

impl Import {
    /// Each matched device with the row that found it; if several rows did, the first.
    pub fn rows(&self) -> impl Iterator<Item = (DeviceId, DeviceId)> + '_ {
        // In reverse, so that the first row wins when collected into a map.
        self.entries.iter().rev().flat_map(|entry| {
            let devices: &[DeviceId] = match &entry.result {
                MatchResult::Matched(id) => std::slice::from_ref(id),
                MatchResult::Several(ids) => ids,
                _ => &[],
            };
            let row = entry.row.map(|row| row.id);
            devices.iter().filter_map(move |&id| Some((id, row?)))
        })
    }

    /// Counts the entries by result.
    pub fn counts(&self) -> ImportCounts {
        let mut counts = ImportCounts::default();
        for entry in &self.entries {
            match entry.result {
                MatchResult::Matched(_) => counts.matched += 1,
                MatchResult::Several(_) => counts.several += 1,
                MatchResult::Ambiguous(_) => counts.ambiguous += 1,
                MatchResult::Repeated => counts.repeated += 1,
                MatchResult::Invalid(_) => counts.invalid += 1,
                MatchResult::Missing(_) => counts.missing += 1,
            }
        }
        counts
    }

    /// The devices of entries that match exactly one.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.selected(false).map(|(id, _)| id)
    }

    /// The devices that may be planned, with the rule that found each. `all_devices` includes those
    /// of persons with several. A device can occur more than once.
    pub fn selected(&self, all_devices: bool) -> impl Iterator<Item = (DeviceId, MatchRule)> + '_ {
        self.entries.iter().flat_map(move |entry| {
            let ids = match &entry.result {
                MatchResult::Matched(id) => std::slice::from_ref(id),
                MatchResult::Several(ids) if all_devices => ids.as_slice(),
                _ => &[],
            };
            let rule = entry.rule.unwrap_or(MatchRule::Hwid);
            ids.iter().map(move |&id| (id, rule))
        })
    }

    /// The identifiers that the inventory lacks.
    pub fn missing_identifiers(&self) -> impl Iterator<Item = Identifier> + '_ {
        self.entries.iter().filter_map(|entry| match &entry.result {
            MatchResult::Missing(identifier) => identifier.clone(),
            _ => None,
        })
    }

    /// The unmatched entries, one per line, so that they can be pasted again.
    pub fn unmatched(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            if !matches!(
                entry.result,
                MatchResult::Matched(_) | MatchResult::Repeated
            ) {
                text.push_str(&entry.text);
                text.push('\n');
            }
        }
        text
    }
}

/// How an entry is matched by what a join found, and the rule; `None` if nothing was found.
fn result_of(joined: JoinResult) -> Option<(MatchResult, MatchRule)> {
    match joined {
        JoinResult::Nothing => None,
        JoinResult::One(rule, id) => Some((MatchResult::Matched(id), rule)),
        JoinResult::Ambiguous(rule, ids) => Some((MatchResult::Ambiguous(ids), rule)),
        JoinResult::Account(ids) => Some((MatchResult::Several(ids), MatchRule::User)),
    }
}

/// The devices and texts of earlier entries.
#[derive(Default)]
struct EarlierEntries {
    devices: HashSet<DeviceId>,
    texts: HashSet<String>,
}

impl EarlierEntries {
    /// Marks the entry as repeated if an earlier one was the same.
    fn check(&mut self, entry: Entry) -> Entry {
        let is_repeated = match &entry.result {
            MatchResult::Matched(id) => !self.devices.insert(*id),
            MatchResult::Several(ids) => {
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
        if is_repeated {
            return Entry {
                result: MatchResult::Repeated,
                ..entry
            };
        }
        entry
    }
}
