//! The form in which a facet divides the values of its field.

use crate::list::{DeviceList, Field};
use crate::query::key::Columns;
use crate::query::{Key, Query};

const DAY: i64 = 86_400;

/// How the values of a field are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One value per text; case and Unicode form are ignored.
    Texts,
    /// One value per MAC address.
    Macs,
    /// One value per number of issues.
    Numbers,
    /// The ranges of [`AGES`].
    Ages,
    /// The years of enrolment, the newest first.
    Years,
    /// Dates whose day and month are ambiguous: no values.
    Undecided,
}

/// A range of ages.
#[derive(Clone, Copy, Debug)]
pub struct AgeRange {
    /// What it is called.
    pub label: &'static str,
    /// The query that selects it.
    pub query: &'static str,
}

/// The ranges of ages, the newest first. They cover all ages without overlap.
pub const AGES: [AgeRange; 7] = [
    range("< 1 d", "unseen<1d"),
    range("1–7 d", "unseen>=1d unseen<=7d"),
    range("7–30 d", "unseen>7d unseen<=30d"),
    range("30–90 d", "unseen>30d unseen<=90d"),
    range("90–180 d", "unseen>90d unseen<=180d"),
    range("180 d–1 y", "unseen>180d unseen<=1y"),
    range("> 1 y", "unseen>1y"),
];

const fn range(label: &'static str, query: &'static str) -> AgeRange {
    AgeRange { label, query }
}

/// The index in [`AGES`] of an age in seconds; a time after the list's is the newest range.
pub fn age_range(age: i64) -> usize {
    // The last age of each range but the last.
    const LIMITS: [i64; 6] = [DAY - 1, 7 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY];
    LIMITS.partition_point(|&limit| age > limit)
}

impl Form {
    /// The form of the facet of `key`; `None` for a column that `list` lacks, or whose header can't
    /// be written in a query.
    pub fn of(key: &Key, list: &DeviceList) -> Option<Self> {
        let field = match key {
            Key::Column(header) => {
                let is_found = !Columns::of(key, list).is_empty();
                let query = Query::parse(&format!("@\"{header}\":none")).ok()?;
                let is_read_back = query.keys().contains(key);
                return (is_found && is_read_back).then_some(Self::Texts);
            }
            Key::Field(field) => *field,
        };
        Some(match field {
            Field::Seen | Field::Enrolled if list.dates_undecided(field) => Self::Undecided,
            Field::Seen => Self::Ages,
            Field::Enrolled => Self::Years,
            Field::Mac => Self::Macs,
            Field::Issues => Self::Numbers,
            _ => Self::Texts,
        })
    }
}
