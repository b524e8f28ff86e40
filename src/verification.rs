//! What became of the devices that the cloud accepted, by a later look at the tenant.
//!
//! Accepted is what the cloud answered, and it never changes. A verification is stored beside it and says
//! what a complete inventory, or a lookup, that is newer than the answer has of the device. What can't
//! be determined is [`VerifiedState::Unknown`].

mod evidence;
mod rule;
mod shared;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;

use crate::domain::device::MacAddress;
use crate::import::MatchRule;
use crate::list::Device;
use crate::plan::PlannedDevice;
use crate::query::State;
use crate::text::{grouped, visible};

pub use evidence::{Evidence, EvidenceSource, Unproven};
pub use rule::{Verifier, by_lookup};
pub use shared::SharedValues;

/// What a verification found of an accepted device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VerifiedState {
    /// The tenant has no record of it.
    Gone,
    /// Its record is there, and it was not seen since.
    StillThere,
    /// It was seen or enrolled since, under its own HWID or a new one.
    Returned,
    /// The tenant's answer doesn't show it.
    Unknown,
}

impl VerifiedState {
    /// All states, in the order in which they are counted.
    pub const ALL: [Self; 4] = [Self::Gone, Self::StillThere, Self::Returned, Self::Unknown];

    /// The name in the journal and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::StillThere => "still_there",
            Self::Returned => "returned",
            Self::Unknown => "unknown",
        }
    }

    /// The state whose [`as_str`](Self::as_str) is `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// The state of a query that finds the tenant's records of such devices, if there are any.
    pub fn query_state(self) -> Option<State> {
        match self {
            Self::StillThere => Some(State::StillThere),
            Self::Returned => Some(State::Returned),
            Self::Gone | Self::Unknown => None,
        }
    }

    /// The label on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::StillThere => "still there",
            other => other.as_str(),
        }
    }
}

/// A device that the cloud accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedDevice {
    /// As the plan showed it.
    pub device: PlannedDevice,
    /// When it was accepted.
    pub at: Timestamp,
}

/// The tenant's record by which a device was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMatch {
    /// The value that the record and the device have in common.
    pub recognised_by: MatchRule,
    /// The record's HWID.
    pub hwid: Option<String>,
    /// The MAC addresses of a record without a HWID.
    pub macs: Vec<MacAddress>,
    /// The record's host name.
    pub hostname: String,
    /// When the record was last seen.
    pub last_seen: Option<Timestamp>,
    /// When the record was enrolled.
    pub enrolled: Option<Timestamp>,
}

impl RecordMatch {
    fn of(device: &Device<'_>, recognised_by: MatchRule) -> Self {
        Self {
            recognised_by,
            hwid: device.hwid().map(str::to_owned),
            macs: match device.hwid() {
                Some(_) => Vec::new(),
                None => device.macs().collect(),
            },
            hostname: device.hostname().to_owned(),
            last_seen: device.last_seen(),
            enrolled: device.enrolled_at(),
        }
    }

    /// True if the record was enrolled or seen after this time.
    fn is_after(&self, time: Timestamp) -> bool {
        let after = |seen: Option<Timestamp>| seen.is_some_and(|seen| seen > time);
        after(self.last_seen) || after(self.enrolled)
    }

    /// True if the record has a HWID that the device did not have.
    pub fn is_new_record(&self, device: &PlannedDevice) -> bool {
        match (&self.hwid, &device.hwid) {
            (Some(found), Some(own)) => !own.is(found),
            (Some(_), None) => self.recognised_by != MatchRule::Mac,
            (None, _) => false,
        }
    }
}

/// The state of a device, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub state: VerifiedState,
    /// The record that was found, if one was.
    pub sighting: Option<RecordMatch>,
}

impl Verified {
    /// The state without a record.
    pub fn bare(state: VerifiedState) -> Self {
        Self {
            state,
            sighting: None,
        }
    }

    /// What was found of the device, as a phrase; empty if the state says it all.
    pub fn about(&self, device: &PlannedDevice) -> String {
        let Some(sighting) = &self.sighting else {
            return match self.state {
                VerifiedState::Unknown => {
                    "several records may be it by MAC address, serial number or host name, or by having no \
                     identifier, or the inventory has no MAC addresses"
                        .to_owned()
                }
                _ => String::new(),
            };
        };
        let mut parts = Vec::new();
        if sighting.is_new_record(device) {
            parts.push(format!(
                "as {} under the new HWID {}, recognised {}",
                visible(&sighting.hostname),
                visible(sighting.hwid.as_deref().unwrap_or_default()),
                sighting.recognised_by
            ));
        }
        let time = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M UTC").to_string();
        if self.state == VerifiedState::Returned {
            parts.extend(sighting.enrolled.map(|at| format!("enrolled {}", time(at))));
        }
        parts.push(match sighting.last_seen {
            Some(seen) => format!("last seen {}", time(seen)),
            None => "last seen unknown".to_owned(),
        });
        parts.join(", ")
    }
}

/// How many accepted devices are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifiedCounts {
    pub gone: u64,
    pub still_there: u64,
    pub returned: u64,
    /// Not known: the tenant's answer doesn't say, or nothing newer than the answer was read.
    pub unknown: u64,
}

impl VerifiedCounts {
    /// Counts one more device.
    pub fn add(&mut self, state: VerifiedState) {
        *match state {
            VerifiedState::Gone => &mut self.gone,
            VerifiedState::StillThere => &mut self.still_there,
            VerifiedState::Returned => &mut self.returned,
            VerifiedState::Unknown => &mut self.unknown,
        } += 1;
    }

    /// The devices in this state.
    pub fn of(self, state: VerifiedState) -> u64 {
        match state {
            VerifiedState::Gone => self.gone,
            VerifiedState::StillThere => self.still_there,
            VerifiedState::Returned => self.returned,
            VerifiedState::Unknown => self.unknown,
        }
    }

    /// All devices.
    pub fn total(self) -> u64 {
        self.gone + self.still_there + self.returned + self.unknown
    }

    /// The counts of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            gone: self.gone + other.gone,
            still_there: self.still_there + other.still_there,
            returned: self.returned + other.returned,
            unknown: self.unknown + other.unknown,
        }
    }
}

/// `51 gone · 2 still there · 1 returned`.
impl fmt::Display for VerifiedCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = VerifiedState::ALL
            .into_iter()
            .filter(|&state| state == VerifiedState::Gone || self.of(state) > 0)
            .map(|state| format!("{} {}", grouped(self.of(state)), state.label()));
        formatter.write_str(&counts.collect::<Vec<_>>().join(" · "))
    }
}
