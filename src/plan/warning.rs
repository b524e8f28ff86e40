//! Warnings: unusual properties of a plan that must be accepted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Keep;
use super::guards::{Share, SizeOf};
use crate::list::Field;
use crate::text::{counted, grouped};

/// Something unusual about a plan, which the operator must see and a script must allow by name. In this form a
/// plan file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Warning {
    /// Devices seen within a day of the list's time.
    Recent { devices: u64 },
    /// The list is older than a day.
    OldList {
        /// How old.
        #[serde(rename = "seconds", with = "seconds")]
        age: Duration,
    },
    /// Over `max_share` of a list of 20 or more.
    Most {
        /// How many are planned.
        devices: u64,
        /// Of how many in the list.
        of: u64,
        /// The setting. It couldn't be set in earlier versions.
        #[serde(default = "half", skip_serializing_if = "is_half")]
        share: Share,
    },
    /// Devices that were enrolled shortly before the list's time.
    New {
        devices: u64,
        /// The setting `min_enrolled`.
        #[serde(rename = "seconds", with = "seconds")]
        within: Duration,
    },
    /// The list has fewer devices than it should have.
    Shrunk {
        /// How many it has.
        devices: u64,
        /// How many the other list has.
        expected: u64,
        /// Which list that is.
        of: SizeOf,
        /// The setting.
        share: Share,
    },
    /// Users and host names with two or more devices in the list, all of which are planned.
    Last {
        /// How many users.
        users: u64,
        /// How many host names.
        hostnames: u64,
        /// One of them, safe to show; empty if it isn't kept.
        example: String,
    },
    /// Devices that the tenant's inventory doesn't have, where the plan is of another list.
    NotInInventory {
        devices: u64,
        /// How old the inventory was when it was planned, if that is known.
        #[serde(rename = "seconds", with = "optional_seconds", default)]
        age: Option<Duration>,
    },
    /// `protect` rules that match no device of a list of 20 or more, or of one whose encoding was guessed.
    RuleMatchesNone {
        /// The rules, safe to show.
        rules: Vec<String>,
        /// The guessed encoding of the list, in which letters of the rules can look different.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guessed: Option<String>,
    },
}

impl Warning {
    /// The names of all warnings, as `--allow` takes them.
    pub const NAMES: [&'static str; 8] = [
        "recent",
        "old-list",
        "most",
        "new",
        "shrunk",
        "last",
        "not-in-inventory",
        "rule-matches-none",
    ];

    /// Its name, one of [`NAMES`](Self::NAMES).
    pub fn name(&self) -> &'static str {
        match self {
            Self::Recent { .. } => "recent",
            Self::OldList { .. } => "old-list",
            Self::Most { .. } => "most",
            Self::New { .. } => "new",
            Self::Shrunk { .. } => "shrunk",
            Self::Last { .. } => "last",
            Self::NotInInventory { .. } => "not-in-inventory",
            Self::RuleMatchesNone { .. } => "rule-matches-none",
        }
    }

    /// The name at the beginning of a warning's text in the journal.
    pub fn name_in(text: &str) -> Option<&'static str> {
        let (name, _) = text.split_once(':')?;
        Self::NAMES.into_iter().find(|known| *known == name)
    }

    /// The sentence for the journal: without the example of a user or host name unless both are kept.
    pub fn stored_sentence(&self, keep: &Keep) -> String {
        let keeps_example = keep.has(Field::User) && keep.has(Field::Hostname);
        match self {
            &Self::Last {
                users, hostnames, ..
            } if !keeps_example => Self::Last {
                users,
                hostnames,
                example: String::new(),
            }
            .sentence(),
            other => other.sentence(),
        }
    }

    /// The sentence for people.
    pub fn sentence(&self) -> String {
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
            Self::Most { devices, of, share } => format!(
                "{} of the list's {} devices: more than max_share = {share}",
                grouped(*devices),
                grouped(*of)
            ),
            Self::New { devices, within } => {
                let verb = if *devices == 1 { "was" } else { "were" };
                format!(
                    "{} {verb} enrolled less than min_enrolled = {} before the list's time",
                    counted(*devices, "device"),
                    span(*within)
                )
            }
            Self::Shrunk {
                devices,
                expected,
                of,
                share,
            } => format!(
                "the list has {}, and {} had {}: less than shrunk = {share}",
                counted(*devices, "device"),
                of.phrase(),
                grouped(*expected)
            ),
            Self::Last {
                users,
                hostnames,
                example,
            } => {
                let names = [(*users, "user"), (*hostnames, "host name")];
                let names = names.into_iter().filter(|(count, _)| *count > 0);
                let names: Vec<String> = names.map(|(count, of)| counted(count, of)).collect();
                let example = match example.as_str() {
                    "" => String::new(),
                    example => format!(", such as of {example}"),
                };
                format!(
                    "every device of {} is planned{example}",
                    names.join(" and ")
                )
            }
            Self::NotInInventory { devices, age } => {
                let is = if *devices == 1 { "is" } else { "are" };
                let devices = counted(*devices, "device");
                format!(
                    "{devices} {is} not in the tenant's inventory, {}",
                    age_in_words(*age)
                )
            }
            Self::RuleMatchesNone { rules, guessed } => {
                let rules: Vec<String> = rules.iter().map(|rule| format!("'{rule}'")).collect();
                let guessed = guessed.as_ref().map(|encoding| {
                    format!("; the list's encoding was guessed as {encoding}: compare its letters, or give --encoding")
                });
                format!(
                    "no device matches protect {}{}",
                    rules.join(", "),
                    guessed.unwrap_or_default()
                )
            }
        }
    }
}

/// How old an inventory is.
fn age_in_words(age: Option<Duration>) -> String {
    match age.map(|age| age.as_secs()) {
        None => "whose age is unknown".to_owned(),
        Some(..3600) => "less than an hour old".to_owned(),
        Some(age @ ..172_800) => format!("{} old", counted(age / 3600, "hour")),
        Some(age) => format!("{} old", counted(age / 86_400, "day")),
    }
}

/// A setting's span, in the largest unit that it is whole in.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    for (unit, size) in [("d", 86_400), ("h", 3600), ("min", 60)] {
        if seconds > 0 && seconds.is_multiple_of(size) {
            return format!("{}{unit}", seconds / size);
        }
    }
    format!("{seconds}s")
}

fn half() -> Share {
    Share::HALF
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_half(share: &Share) -> bool {
    *share == Share::HALF
}

/// A span as its seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(span.as_secs())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

/// A span that isn't always known, as its seconds.
mod optional_seconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "serde passes a reference")]
    pub fn serialize<S: Serializer>(span: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        span.map(|span| span.as_secs()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_of_an_inventory_is_in_hours_up_to_two_days() {
        for (seconds, words) in [
            (None, "whose age is unknown"),
            (Some(3599), "less than an hour old"),
            (Some(3600), "1 hour old"),
            (Some(172_799), "47 hours old"),
            (Some(172_800), "2 days old"),
        ] {
            assert_eq!(age_in_words(seconds.map(Duration::from_secs)), words);
        }
        for (devices, words) in [(1, "1 device is not in"), (2, "2 devices are not in")] {
            let warning = Warning::NotInInventory { devices, age: None };
            assert!(warning.sentence().starts_with(words), "{words}");
        }
    }

    /// A plan of an earlier version has no share, and its hash is that of the text without it.
    #[test]
    fn share_is_written_unless_it_is_the_one_of_earlier_versions() {
        let most = |share| Warning::Most {
            devices: 9,
            of: 20,
            share,
        };
        let written = |warning: &Warning| serde_json::to_value(warning).expect("JSON");
        for (share, has_share) in [(Share::HALF, false), (Share::FOUR_FIFTHS, true)] {
            let text = written(&most(share));
            assert_eq!(text.get("share").is_some(), has_share, "{text}");
            let read: Warning = serde_json::from_value(text).expect("a warning");
            assert_eq!(read, most(share));
        }
    }
}
