//! `--ids` and `--match`: the devices that a ticket or another system's list names.

use std::collections::HashMap;
use std::io::Write;

use crate::export::Line;
use crate::import::{Entry, Import, MatchRule, Meaning, Named};
use crate::list::{DeviceId, DeviceList};
use crate::plan::MatchedFrom;
use crate::text;

mod reading;
#[cfg(test)]
mod tests;

pub(super) use reading::{check, read};

/// How many entries are told one by one.
const TOLD: usize = 20;

/// The option that names the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// `--ids`: they select from the list.
    Ids,
    /// `--match`: they are the list, and select from the inventory.
    Match,
}

/// The entries, looked up.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) import: Import,
    pub(super) from: MatchedFrom,
    way: Way,
}

/// What may be planned of entries that aren't all one device.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forgiven {
    /// Go on without what is missing or invalid.
    pub(super) skip_missing: bool,
    /// Send identifiers that are missing.
    pub(super) add_missing: bool,
    /// Plan all devices of a person who has several.
    pub(super) all_devices: bool,
}

impl Way {
    fn prefix(self) -> &'static str {
        match self {
            Self::Ids => "--ids ",
            Self::Match => "",
        }
    }

    /// What the entries are looked up in.
    fn place(self) -> &'static str {
        match self {
            Self::Ids => "the list",
            Self::Match => "the inventory",
        }
    }
}

impl Entries {
    /// Looks all of `named` up.
    pub(super) fn look_up(named: &Named, inventory: &DeviceList, way: Way) -> Self {
        Self {
            import: named.look_up(inventory),
            from: MatchedFrom::of(named),
            way,
        }
    }

    /// The devices that may be planned, and the rule that found each.
    pub(super) fn selected(&self, forgiven: Forgiven) -> HashMap<DeviceId, MatchRule> {
        let mut rules = HashMap::new();
        for (id, rule) in self.import.selected(forgiven.all_devices) {
            rules.entry(id).or_insert(rule);
        }
        rules
    }

    /// The line of JSON.
    pub(super) fn line(&self) -> Line {
        let (counts, people) = (self.import.counts(), self.import.people());
        match self.way {
            Way::Ids => Line::ids(counts, people),
            Way::Match => Line::matched(counts, people),
        }
    }

    /// Says on standard error what was matched, and each entry that wasn't; if only problems are
    /// wanted, nothing where there is none.
    pub(super) fn tell(&self, inventory: &DeviceList, quiet: bool) {
        let counts = self.import.counts();
        let problems = counts.ambiguous + counts.invalid + counts.missing + counts.several;
        if quiet && problems == 0 {
            return;
        }
        let word = match self.way {
            Way::Ids => "ids",
            Way::Match => "match",
        };
        let mut lines = format!(
            "{word}: {} matched · {} ambiguous · {} repeated · {} invalid · {} missing\n",
            counts.matched + counts.several,
            counts.ambiguous,
            counts.repeated,
            counts.invalid,
            counts.missing
        );
        let entries = self.import.entries.iter();
        let told: Vec<String> = entries
            .filter_map(|entry| self.problem(entry, inventory))
            .collect();
        lines.extend(told.iter().take(TOLD).map(String::as_str));
        if told.len() > TOLD {
            lines.push_str(&format!("  and {} more\n", told.len() - TOLD));
        }
        lines.push_str(&self.persons(inventory));
        // A closed standard error is no reason to stop.
        let _ = std::io::stderr().write_all(lines.as_bytes());
    }

    fn problem(&self, entry: &Entry, inventory: &DeviceList) -> Option<String> {
        let what = match &entry.meaning {
            Meaning::Matched(_) | Meaning::Repeated => return None,
            // Persons stand in a table of their own.
            Meaning::Several(_) if self.import.is_people => return None,
            Meaning::Several(ids) => format!("has {}", devices(ids, inventory)),
            Meaning::Ambiguous(ids) => {
                let have = if ids.len() == 1 { "has" } else { "have" };
                let rule = entry.rule.map(|rule| format!(" {rule}"));
                format!(
                    "ambiguous{}: {} {have} it",
                    rule.unwrap_or_default(),
                    text::counted(ids.len() as u64, "device")
                )
            }
            Meaning::Invalid(why) => format!("invalid: {why}"),
            Meaning::Missing(_) => format!("missing: not in {}", self.way.place()),
        };
        Some(format!("  {} {what}\n", named(entry)))
    }

    /// Whose devices they are: those who have several, whose devices are planned only after they
    /// were shown, all of them; of the others the first.
    fn persons(&self, inventory: &DeviceList) -> String {
        let Some(people) = self.import.people() else {
            return String::new();
        };
        let mut lines = format!(
            "people: {} · {} with one device · {} with several · {} ambiguous · {} without\n",
            text::counted(people.persons as u64, "person"),
            people.with_one,
            people.with_several,
            people.ambiguous,
            people.without
        );
        let mut others = 0;
        for (entry, ids) in self.import.persons() {
            if !matches!(entry.meaning, Meaning::Several(_)) {
                others += 1;
                if others > TOLD {
                    continue;
                }
            }
            let could = match entry.meaning {
                Meaning::Ambiguous(_) => "ambiguous, could have ",
                _ => "",
            };
            lines.push_str(&format!(
                "  {}: {could}{}\n",
                named(entry),
                devices(ids, inventory)
            ));
        }
        if others > TOLD {
            lines.push_str(&format!("  and {} more\n", others - TOLD));
        }
        lines
    }

    /// Why nothing may be sent with these entries, if so.
    pub(super) fn refusal(&self, forgiven: Forgiven) -> Option<String> {
        let counts = self.import.counts();
        let added = if forgiven.add_missing {
            self.import.missing_identifiers().count()
        } else {
            0
        };
        let missing = counts.missing - added;
        let several = if forgiven.all_devices {
            0
        } else {
            counts.several
        };
        let mut reasons = Vec::new();
        if counts.ambiguous > 0 {
            reasons.push(format!(
                "{} ambiguous: name the devices by HWID",
                counts.ambiguous
            ));
        }
        if several > 0 {
            reasons.push(format!(
                "{several} with several devices, which --all-devices plans: {}",
                self.with_several()
            ));
        }
        if counts.invalid > 0 && !forgiven.skip_missing {
            reasons.push(format!("{} invalid", counts.invalid));
        }
        if missing > 0 && !forgiven.skip_missing {
            let looks = if forgiven.add_missing {
                " and no identifier by the looks"
            } else {
                ""
            };
            reasons.push(format!("{missing} not in {}{looks}", self.way.place()));
        }
        if reasons.is_empty() {
            return None;
        }
        let remedy = if counts.ambiguous + several > 0 {
            ""
        } else {
            " (--skip-missing goes on without them)"
        };
        let entries = match self.way {
            Way::Ids => "entries of --ids",
            Way::Match => "rows of the list",
        };
        Some(format!("{entries}: {}{remedy}", reasons.join(", ")))
    }

    /// The persons who have several devices, by name.
    fn with_several(&self) -> String {
        let entries = self.import.entries.iter();
        let persons: Vec<String> = entries
            .filter(|entry| matches!(entry.meaning, Meaning::Several(_)))
            .map(|entry| text::visible(&entry.text).into_owned())
            .collect();
        let more = persons.len().saturating_sub(TOLD);
        let mut told = persons;
        told.truncate(TOLD);
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        told.join(", ")
    }
}

/// An entry, safe to show; of a list with its line.
fn named(entry: &Entry) -> String {
    let shown = text::visible(&entry.text);
    match entry.row {
        Some(row) => format!("{shown} (line {})", row.line),
        None => shown.into_owned(),
    }
}

/// How many devices there are and which, safe to show.
fn devices(ids: &[DeviceId], inventory: &DeviceList) -> String {
    if ids.is_empty() {
        return "no device".to_owned();
    }
    let names: Vec<String> = ids
        .iter()
        .take(TOLD)
        .map(|&id| text::visible(&inventory.named(id)).into_owned())
        .collect();
    let more = ids.len().saturating_sub(TOLD);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "{}: {}{more}",
        text::counted(ids.len() as u64, "device"),
        names.join(", ")
    )
}
