//! `--ids` and `--match`: select the devices that a ticket or another system's list names.

use std::collections::HashMap;
use std::io::Write;

use crate::export::Line;
use crate::import::{Entry, Import, ImportContent, MatchResult, MatchRule};
use crate::list::{DeviceId, DeviceList};
use crate::plan::MatchedFrom;
use crate::text;

mod reading;
#[cfg(test)]
mod tests;

pub(in crate::cli) use reading::{check, read};

/// Maximum number of entries that are listed individually.
const LISTED_MAX: usize = 20;

/// The option that provides the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum EntriesOption {
    /// `--ids`: the entries select from the list.
    Ids,
    /// `--match`: the entries are the list's rows, and select from the inventory.
    Match,
}

/// The entries and the devices that each one matches.
#[derive(Debug)]
pub(in crate::cli) struct Entries {
    pub(in crate::cli) import: Import,
    pub(in crate::cli) from: MatchedFrom,
    option: EntriesOption,
}

/// The `--skip-missing`, `--add-missing` and `--all-devices` options.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Tolerance {
    /// Ignore missing and invalid entries.
    pub(in crate::cli) skip_missing: bool,
    /// Send identifiers that the list lacks.
    pub(in crate::cli) add_missing: bool,
    /// Plan all devices of a person with several.
    pub(in crate::cli) all_devices: bool,
}

impl EntriesOption {
    fn prefix(self) -> &'static str {
        match self {
            Self::Ids => "--ids ",
            Self::Match => "",
        }
    }

    /// The list that is searched, for messages.
    fn searched_list(self) -> &'static str {
        match self {
            Self::Ids => "the list",
            Self::Match => "the inventory",
        }
    }
}

impl Entries {
    /// Matches every entry of `content` with the inventory.
    pub(in crate::cli) fn look_up(
        content: &ImportContent,
        inventory: &DeviceList,
        option: EntriesOption,
    ) -> Self {
        Self {
            import: content.look_up(inventory),
            from: MatchedFrom::of(content),
            option,
        }
    }

    /// The devices that may be planned, and the rule that found each.
    pub(in crate::cli) fn selected(&self, tolerance: Tolerance) -> HashMap<DeviceId, MatchRule> {
        let mut rules = HashMap::new();
        for (id, rule) in self.import.selected(tolerance.all_devices) {
            rules.entry(id).or_insert(rule);
        }
        rules
    }

    /// The JSON line of the counts.
    pub(in crate::cli) fn line(&self) -> Line {
        let (counts, people) = (self.import.counts(), self.import.people());
        match self.option {
            EntriesOption::Ids => Line::ids(counts, people),
            EntriesOption::Match => Line::matched(counts, people),
        }
    }

    /// Prints the counts and each problem to standard error; with `quiet` only if there are
    /// problems.
    pub(in crate::cli) fn print(&self, inventory: &DeviceList, quiet: bool) {
        let counts = self.import.counts();
        let problems = counts.ambiguous + counts.invalid + counts.missing + counts.several;
        if quiet && problems == 0 {
            return;
        }
        let label = match self.option {
            EntriesOption::Ids => "ids",
            EntriesOption::Match => "match",
        };
        let comments = match self.import.comments {
            0 => String::new(),
            count => format!(" · {}", text::counted(count as u64, "comment")),
        };
        let mut lines = format!(
            "{label}: {} matched · {} ambiguous · {} repeated · {} invalid · {} missing{comments}\n",
            counts.matched + counts.several,
            counts.ambiguous,
            counts.repeated,
            counts.invalid,
            counts.missing
        );
        let entries = self.import.entries.iter();
        let problems: Vec<String> = entries
            .filter_map(|entry| self.problem(entry, inventory))
            .collect();
        lines.extend(problems.iter().take(LISTED_MAX).map(String::as_str));
        if problems.len() > LISTED_MAX {
            lines.push_str(&format!("  and {} more\n", problems.len() - LISTED_MAX));
        }
        lines.push_str(&self.persons(inventory));
        // Standard error may be closed: ignore errors.
        let _ = std::io::stderr().write_all(lines.as_bytes());
    }

    fn problem(&self, entry: &Entry, inventory: &DeviceList) -> Option<String> {
        let problem = match &entry.result {
            MatchResult::Matched(_) | MatchResult::Repeated => return None,
            // Persons are listed separately.
            MatchResult::Several(_) if self.import.is_people => return None,
            MatchResult::Several(ids) => format!("has {}", devices(ids, inventory)),
            MatchResult::Ambiguous(ids) => {
                let rule = entry.rule.map(|rule| format!(" {rule}"));
                let devices = devices(ids, inventory);
                format!("ambiguous{}: {devices}", rule.unwrap_or_default())
            }
            MatchResult::Invalid(reason) => format!("invalid: {reason}"),
            MatchResult::Missing(_) => format!("missing: not in {}", self.option.searched_list()),
        };
        Some(format!("  {} {problem}\n", entry_name(entry)))
    }

    /// The persons and their devices. Every person with several devices is listed, since
    /// `--all-devices` requires that they were shown; of the others only the first.
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
            if !matches!(entry.result, MatchResult::Several(_)) {
                others += 1;
                if others > LISTED_MAX {
                    continue;
                }
            }
            let could = match entry.result {
                MatchResult::Ambiguous(_) => "ambiguous, could have ",
                _ => "",
            };
            lines.push_str(&format!(
                "  {}: {could}{}\n",
                entry_name(entry),
                devices(ids, inventory)
            ));
        }
        if others > LISTED_MAX {
            lines.push_str(&format!("  and {} more\n", others - LISTED_MAX));
        }
        lines
    }

    /// The reason why nothing may be sent with these entries, if there is one.
    pub(in crate::cli) fn refusal(&self, tolerance: Tolerance) -> Option<String> {
        let counts = self.import.counts();
        let added = if tolerance.add_missing {
            self.import.missing_identifiers().count()
        } else {
            0
        };
        let missing = counts.missing - added;
        let several = if tolerance.all_devices {
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
                "{several} with several devices (accept with --all-devices): {}",
                self.with_several()
            ));
        }
        if counts.invalid > 0 && !tolerance.skip_missing {
            reasons.push(format!("{} invalid", counts.invalid));
        }
        if missing > 0 && !tolerance.skip_missing {
            let unlike = if tolerance.add_missing {
                " and don't look like identifiers"
            } else {
                ""
            };
            reasons.push(format!(
                "{missing} not in {}{unlike}",
                self.option.searched_list()
            ));
        }
        if reasons.is_empty() {
            return None;
        }
        let remedy = if counts.ambiguous + several > 0 {
            ""
        } else {
            " (ignore them with --skip-missing)"
        };
        let entries = match self.option {
            EntriesOption::Ids => "entries of --ids",
            EntriesOption::Match => "rows of the list",
        };
        Some(format!("{entries}: {}{remedy}", reasons.join(", ")))
    }

    /// The names of the persons with several devices, up to [`LISTED_MAX`].
    fn with_several(&self) -> String {
        let entries = self.import.entries.iter();
        let persons: Vec<String> = entries
            .filter(|entry| matches!(entry.result, MatchResult::Several(_)))
            .map(|entry| text::visible(&entry.text).into_owned())
            .collect();
        text::first_of(persons.into_iter(), LISTED_MAX).join(", ")
    }
}

/// The entry's text, safe to show, with its line if it is a row of a list.
fn entry_name(entry: &Entry) -> String {
    let shown = text::visible(&entry.text);
    match entry.row {
        Some(row) => format!("{shown} (line {})", row.line),
        None => shown.into_owned(),
    }
}

/// The number of devices and their names, safe to show.
fn devices(ids: &[DeviceId], inventory: &DeviceList) -> String {
    if ids.is_empty() {
        return "no device".to_owned();
    }
    let names: Vec<String> = ids
        .iter()
        .take(LISTED_MAX)
        .map(|&id| text::visible(&inventory.name_of(id)).into_owned())
        .collect();
    let more = ids.len().saturating_sub(LISTED_MAX);
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
