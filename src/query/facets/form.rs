//! The form in which a facet divides the values of its field.

use crate::list::{DeviceList, Field};
use crate::query::key::Columns;
use crate::query::{Key, Query};

/// How the values of a field are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One value per text; case and Unicode form are ignored.
    Texts,
    /// One value per MAC address.
    Macs,
    /// One value per number of issues.
    Numbers,
    /// The ranges of [`AgeBand::KNOWN`](crate::query::AgeBand::KNOWN).
    Ages,
    /// The years of enrolment, the newest first.
    Years,
    /// Dates whose day and month are ambiguous: no values.
    Undecided,
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
