//! A plan's warning in a plan file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plan::{Share, SizeOf, Warning};

#[derive(Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum FileWarning {
    Recent {
        devices: u64,
    },
    OldList {
        seconds: u64,
    },
    Most {
        devices: u64,
        of: u64,
        #[serde(default = "half", skip_serializing_if = "is_half")]
        share: Share,
    },
    New {
        devices: u64,
        seconds: u64,
    },
    Shrunk {
        devices: u64,
        expected: u64,
        of: SizeOf,
        share: Share,
    },
    Last {
        users: u64,
        hostnames: u64,
        example: String,
    },
    NotInInventory {
        devices: u64,
        seconds: Option<u64>,
    },
    RuleMatchesNone {
        rules: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guessed: Option<String>,
    },
}

impl FileWarning {
    pub(super) fn of(warning: &Warning) -> Self {
        match *warning {
            Warning::RuleMatchesNone {
                ref rules,
                ref guessed,
            } => Self::RuleMatchesNone {
                rules: rules.clone(),
                guessed: guessed.clone(),
            },
            Warning::Recent { devices } => Self::Recent { devices },
            Warning::OldList { age } => Self::OldList {
                seconds: age.as_secs(),
            },
            Warning::Most { devices, of, share } => Self::Most { devices, of, share },
            Warning::New { devices, within } => Self::New {
                devices,
                seconds: within.as_secs(),
            },
            Warning::Shrunk {
                devices,
                expected,
                of,
                share,
            } => Self::Shrunk {
                devices,
                expected,
                of,
                share,
            },
            Warning::Last {
                users,
                hostnames,
                ref example,
            } => Self::Last {
                users,
                hostnames,
                example: example.clone(),
            },
            Warning::NotInInventory { devices, age } => Self::NotInInventory {
                devices,
                seconds: age.map(|age| age.as_secs()),
            },
        }
    }

    /// None for the list's age, which is measured anew.
    pub(super) fn into_warning(self) -> Option<Warning> {
        match self {
            Self::Recent { devices } => Some(Warning::Recent { devices }),
            Self::Most { devices, of, share } => Some(Warning::Most { devices, of, share }),
            Self::New { devices, seconds } => Some(Warning::New {
                devices,
                within: Duration::from_secs(seconds),
            }),
            Self::Shrunk {
                devices,
                expected,
                of,
                share,
            } => Some(Warning::Shrunk {
                devices,
                expected,
                of,
                share,
            }),
            Self::Last {
                users,
                hostnames,
                example,
            } => Some(Warning::Last {
                users,
                hostnames,
                example: crate::text::clip(&example, 40).into_owned(),
            }),
            Self::NotInInventory { devices, seconds } => Some(Warning::NotInInventory {
                devices,
                age: seconds.map(Duration::from_secs),
            }),
            Self::RuleMatchesNone { rules, guessed } => {
                let guessed = guessed.map(|encoding| crate::text::clip(&encoding, 40).into_owned());
                Some(Warning::RuleMatchesNone { rules, guessed })
            }
            Self::OldList { .. } => None,
        }
    }
}

/// The share of `most` before it could be set.
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
