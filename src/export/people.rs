//! The counts of persons in a JSON line.

use serde::Serialize;

use crate::import::PeopleCounts;

/// Counts of the persons of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct People {
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

impl From<PeopleCounts> for People {
    fn from(counts: PeopleCounts) -> Self {
        Self {
            persons: counts.persons,
            with_one: counts.with_one,
            with_several: counts.with_several,
            ambiguous: counts.ambiguous,
            without: counts.without,
            devices: counts.devices,
        }
    }
}
