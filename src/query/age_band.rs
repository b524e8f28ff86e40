//! Ranges of ages, by which devices are counted: the overview and the review of a plan share them.

use jiff::SignedDuration;

/// A range of the time between a device's last-seen time and its list's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeBand {
    /// Less than a day, or later than the list.
    Day,
    /// At most 7 days.
    Week,
    /// At most 30 days.
    Month,
    /// At most 90 days.
    Quarter,
    /// At most 180 days.
    HalfYear,
    /// At most 365 days.
    Year,
    Longer,
    /// The list doesn't say.
    Unknown,
}

impl AgeBand {
    /// All bands of known ages, the newest first. They cover all ages without overlap.
    pub const KNOWN: [Self; 7] = [
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::HalfYear,
        Self::Year,
        Self::Longer,
    ];

    /// The band of this age.
    pub fn of(age: SignedDuration) -> Self {
        const DAY: i64 = 24 * 60 * 60;
        match age.as_secs() {
            ..DAY => Self::Day,
            seconds if seconds <= 7 * DAY => Self::Week,
            seconds if seconds <= 30 * DAY => Self::Month,
            seconds if seconds <= 90 * DAY => Self::Quarter,
            seconds if seconds <= 180 * DAY => Self::HalfYear,
            seconds if seconds <= 365 * DAY => Self::Year,
            _ => Self::Longer,
        }
    }

    /// Its name, such as `30–90 d`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "< 1 d",
            Self::Week => "1–7 d",
            Self::Month => "7–30 d",
            Self::Quarter => "30–90 d",
            Self::HalfYear => "90–180 d",
            Self::Year => "180 d–1 y",
            Self::Longer => "> 1 y",
            Self::Unknown => "unknown",
        }
    }

    /// The query that selects its devices.
    pub fn query(self) -> &'static str {
        match self {
            Self::Day => "unseen<1d",
            Self::Week => "unseen>=1d unseen<=7d",
            Self::Month => "unseen>7d unseen<=30d",
            Self::Quarter => "unseen>30d unseen<=90d",
            Self::HalfYear => "unseen>90d unseen<=180d",
            Self::Year => "unseen>180d unseen<=1y",
            Self::Longer => "unseen>1y",
            Self::Unknown => "seen:none",
        }
    }

    /// True for devices that are probably in use.
    pub fn is_recent(self) -> bool {
        self <= Self::Week
    }
}
