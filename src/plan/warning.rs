//! Warnings: unusual properties of a plan that must be accepted.

use std::time::Duration;

/// Something unusual about a plan, which the operator must see and a script must allow by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Devices seen within a day of the list's time.
    Recent {
        /// How many.
        devices: u64,
    },
    /// The list is older than a day.
    OldList {
        /// How old.
        age: Duration,
    },
    /// Over half of a list of 20 or more.
    Most {
        /// How many are planned.
        devices: u64,
        /// Of how many in the list.
        of: u64,
    },
    /// Devices that the tenant's inventory doesn't have, where the plan is of another list.
    NotInInventory {
        /// How many.
        devices: u64,
        /// How old the inventory was when it was planned, if that is known.
        age: Option<Duration>,
    },
    /// `protect` rules that match no device of a list of 20 or more.
    RuleMatchesNone {
        /// The rules, safe to show.
        rules: Vec<String>,
    },
}

impl Warning {
    /// The names of all warnings, as `--allow` takes them.
    pub const NAMES: [&'static str; 5] = [
        "recent",
        "old-list",
        "most",
        "not-in-inventory",
        "rule-matches-none",
    ];

    /// Its name, one of [`NAMES`](Self::NAMES).
    pub fn name(&self) -> &'static str {
        match self {
            Self::Recent { .. } => "recent",
            Self::OldList { .. } => "old-list",
            Self::Most { .. } => "most",
            Self::NotInInventory { .. } => "not-in-inventory",
            Self::RuleMatchesNone { .. } => "rule-matches-none",
        }
    }

    /// The name at the beginning of a warning's text in the journal.
    pub fn name_in(text: &str) -> Option<&'static str> {
        let (name, _) = text.split_once(':')?;
        Self::NAMES.into_iter().find(|known| *known == name)
    }

    /// The sentence for people.
    pub fn sentence(&self) -> String {
        use crate::text::{counted, grouped};
        match self {
            Self::Recent { devices } => {
                let verb = if *devices == 1 { "was" } else { "were" };
                format!(
                    "{} {verb} seen within a day of the list's time",
                    counted(*devices, "device")
                )
            }
            Self::OldList { age } => {
                format!("the list is {} old", counted(age.as_secs() / 86_400, "day"))
            }
            Self::Most { devices, of } => format!(
                "{} of the list's {} devices: over half",
                grouped(*devices),
                grouped(*of)
            ),
            Self::NotInInventory { devices, age } => {
                let (is, devices) = match devices {
                    1 => ("is", counted(1, "device")),
                    more => ("are", counted(*more, "device")),
                };
                let age = match age {
                    None => "whose age is unknown".to_owned(),
                    Some(age) if age.as_secs() < 3600 => "less than an hour old".to_owned(),
                    Some(age) if age.as_secs() < 2 * 86_400 => {
                        format!("{} old", counted(age.as_secs() / 3600, "hour"))
                    }
                    Some(age) => format!("{} old", counted(age.as_secs() / 86_400, "day")),
                };
                format!("{devices} {is} not in the tenant's inventory, {age}")
            }
            Self::RuleMatchesNone { rules } => {
                let rules: Vec<String> = rules.iter().map(|rule| format!("'{rule}'")).collect();
                format!("no device matches protect {}", rules.join(", "))
            }
        }
    }
}
