//! Guards: the settings whose excess a plan warns of, and the cut to the devices seen longest ago.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Warning;

/// Lists shorter than this cause no warning about shares and sizes.
pub(super) const COUNTED_FROM: u64 = 20;

/// A share of a whole, from 0 to 1, in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(u32);

impl Share {
    const WHOLE: u32 = 10_000;
    pub const HALF: Self = Self(Self::WHOLE / 2);
    /// Four fifths.
    pub const FOUR_FIFTHS: Self = Self(Self::WHOLE / 5 * 4);

    /// The share `value`, rounded to ten-thousandths; none if it isn't from 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        let parts = (value * f64::from(Self::WHOLE)).round();
        // Comparing finds the whole number without a cast that could lose something.
        (0..=Self::WHOLE)
            .find(|&whole| (f64::from(whole) - parts).abs() < 0.5)
            .map(Self)
    }

    /// True if `part` is more than this share of `whole`.
    pub fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(Self::WHOLE) > u128::from(whole) * u128::from(self.0)
    }

    /// True if `part` is less than this share of `whole`.
    pub fn exceeds(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(Self::WHOLE) < u128::from(whole) * u128::from(self.0)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", f64::from(self.0) / f64::from(Self::WHOLE))
    }
}

/// The settings of `[limits]` that cause warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guards {
    /// More than this share of the list causes `most`.
    pub max_share: Share,
    /// Devices that were enrolled less than this before the list's time cause `new`.
    pub min_enrolled: Duration,
    /// A list with less than this share of what it should have causes `shrunk`.
    pub shrunk: Share,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            max_share: Share::HALF,
            min_enrolled: Duration::from_hours(24),
            shrunk: Share::FOUR_FIFTHS,
        }
    }
}

/// A number of devices that a list should come near to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSize {
    /// The number of devices.
    pub devices: u64,
    /// Which list has that many.
    pub of: SizeOf,
}

/// The list that another is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizeOf {
    /// The tenant's last complete inventory.
    Inventory,
    /// The last list of the same name that a run was planned from.
    LastPlanned,
}

impl SizeOf {
    /// With its article, for a sentence.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Inventory => "the tenant's inventory",
            Self::LastPlanned => "the last list of this name that a run was planned from",
        }
    }
}

impl Guards {
    /// The warning `shrunk`, if a list of `devices` devices has too few of them.
    pub fn shrunk(&self, devices: u64, expected: ListSize) -> Option<Warning> {
        let is_shrunk =
            expected.devices >= COUNTED_FROM && self.shrunk.exceeds(devices, expected.devices);
        is_shrunk.then_some(Warning::Shrunk {
            devices,
            expected: expected.devices,
            of: expected.of,
            share: self.shrunk,
        })
    }
}

/// The cut of a selection to the devices that were seen longest ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oldest {
    /// How many were asked for.
    pub asked: NonZeroU64,
    /// How many could have been taken, with and without last seen.
    pub of: u64,
    /// How many of those have no last seen, so that they were not taken.
    pub undated: u64,
}

impl Oldest {
    /// The sentence for people.
    pub fn sentence(&self, taken: u64) -> String {
        use crate::text::{counted, grouped};
        let mut sentence = format!(
            "oldest {}: {} of {} taken, those seen longest ago",
            grouped(self.asked.get()),
            grouped(taken),
            counted(self.of, "device"),
        );
        if self.undated > 0 {
            let verb = if self.undated == 1 { "has" } else { "have" };
            sentence.push_str(&format!(
                "; {} {verb} no last seen and can't be taken",
                counted(self.undated, "device")
            ));
        }
        sentence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_is_a_number_from_0_to_1() {
        for (value, shown) in [(0.0, "0"), (0.5, "0.5"), (0.8, "0.8"), (1.0, "1")] {
            assert_eq!(Share::new(value).expect("a share").to_string(), shown);
        }
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Share::new(wrong), None, "{wrong}");
        }
        assert!(!Share::HALF.is_exceeded_by(10, 20));
        assert!(Share::HALF.is_exceeded_by(11, 20));
        assert!(Share::HALF.exceeds(9, 20));
        assert!(!Share::HALF.exceeds(10, 20));
    }

    #[test]
    fn shrunk_is_a_list_with_fewer_devices_than_it_should_have() {
        let guards = Guards::default();
        let expected = |devices| ListSize {
            devices,
            of: SizeOf::LastPlanned,
        };
        assert_eq!(guards.shrunk(80, expected(100)), None);
        let shrunk = guards.shrunk(79, expected(100)).expect("a warning");
        assert_eq!(
            shrunk.sentence(),
            "the list has 79 devices, and the last list of this name that a run was planned from had 100: \
             less than shrunk = 0.8"
        );
        assert_eq!(guards.shrunk(1, expected(19)), None, "too few to count");
        assert!(guards.shrunk(1, expected(20)).is_some());
    }
}
