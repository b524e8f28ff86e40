//! A compact time in seconds.

use jiff::Timestamp;

/// A time to the second, between 1970 and 2106; zero means no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::list) struct Seconds(pub u32);

impl Seconds {
    /// An unreadable time. It is later than all others, because it may be newer where the newest time
    /// counts.
    pub const UNREADABLE: Self = Self(u32::MAX);

    /// The time, unless it is missing or unreadable.
    pub fn timestamp(self) -> Option<Timestamp> {
        match self.0 {
            0 | u32::MAX => None,
            seconds => Timestamp::from_second(i64::from(seconds)).ok(),
        }
    }
}
