//! A time as a device is stored with it.

use jiff::Timestamp;

/// A time to the second, between 1970 and 2106; zero is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seconds(pub u32);

impl Seconds {
    /// A time that can't be read. It is later than all others, so that it outweighs them where the
    /// newest counts: nobody knows whether it is newer.
    pub const UNREADABLE: Self = Self(u32::MAX);

    /// The time, if there is one that could be read.
    pub fn timestamp(self) -> Option<Timestamp> {
        match self.0 {
            0 | u32::MAX => None,
            seconds => Timestamp::from_second(i64::from(seconds)).ok(),
        }
    }
}
