//! The columns of a list while it is read: their roles, samples and counts.

use std::collections::HashSet;

use super::dates::{DateOrder, Orders};
use super::headers::{self, Alias, Meaning, Role, System, normalise};
use crate::list::report::problem::DateCount;
use crate::list::{Field, ReadOptions};

/// The number of different values of a column in the reading report.
const SAMPLES: usize = 3;
/// The maximum length of a sample in bytes.
const LONGEST_SAMPLE: usize = 80;

/// A column of the list: a header, or a path of JSON keys joined by dots.
#[derive(Clone, Debug)]
pub(in crate::list) struct Column {
    pub header: String,
    pub role: Role,
    /// The number of rows with a value.
    pub filled: u64,
    /// The first different values.
    pub samples: Vec<String>,
    /// The orders of day, month and year that its dates allow so far.
    pub orders: Orders,
    /// The dates that need the order.
    pub open_dates: DateCount,
    /// The number of them that would be in the future with the year first.
    pub future_by_year: u64,
    /// The unreadable dates.
    pub unreadable: DateCount,
    /// The dates in the future.
    pub future: DateCount,
    /// The number of values that are errors of a spreadsheet.
    pub errors: u64,
    /// The row that was counted last.
    noted_row: Option<u64>,
}

impl Column {
    pub fn new(header: &str, role: Role) -> Self {
        Self {
            header: header.to_owned(),
            role,
            filled: 0,
            samples: Vec::new(),
            orders: Orders::default(),
            open_dates: DateCount::default(),
            future_by_year: 0,
            unreadable: DateCount::default(),
            future: DateCount::default(),
            errors: 0,
            noted_row: None,
        }
    }

    /// The field that the column is read as.
    pub fn field(&self) -> Option<Field> {
        match self.role {
            Role::Known(alias) => alias.meaning.field(),
            Role::ForeignId | Role::Other => None,
        }
    }

    /// True for the columns that our own exports add.
    pub fn is_mark(&self) -> bool {
        matches!(self.role, Role::Known(alias) if matches!(alias.meaning, Meaning::Marker | Meaning::Unusable))
    }

    /// Counts a value that isn't blank, of as many as `row` has in this column once.
    pub fn note(&mut self, value: &str, row: u64) {
        self.filled += u64::from(self.noted_row != Some(row));
        self.noted_row = Some(row);
        let sample = crate::text::head(value, LONGEST_SAMPLE);
        if self.samples.len() < SAMPLES && self.samples.iter().all(|known| known != sample) {
            self.samples.push(sample.to_owned());
        }
    }

    /// The order of its dates: from the options, else as the dates prove.
    pub fn date_order(&self, options: &ReadOptions) -> Option<DateOrder> {
        // A few dates in the future can come from a wrong clock. If days of the month are read as
        // years, many are in the future.
        let is_not_year_first =
            self.future_by_year >= 2 && self.future_by_year * 20 >= self.open_dates.count;
        let orders = if is_not_year_first {
            self.orders.without_year_first()
        } else {
            self.orders
        };
        options.date_order.or_else(|| orders.decided())
    }
}

impl Role {
    /// The role of a column that the options assign to a field, or to none.
    pub fn of_assigned(field: Option<Field>) -> Self {
        field.map_or(Self::Other, |field| {
            Self::Known(Alias::best(Meaning::of_field(field)))
        })
    }
}

/// Decides the roles of columns by their headers.
#[derive(Clone, Copy, Debug)]
pub(in crate::list) struct Roles<'a> {
    pub options: &'a ReadOptions,
    pub system: Option<&'static System>,
    /// True once a device ID turned out to be another system's identifier.
    pub foreign_device_ids: bool,
    /// One of our own exports: only its own headers name fields.
    pub ours: bool,
}

impl Roles<'_> {
    /// The roles of all headers of a table, in their order.
    pub fn of_headers(&self, headers: &[String]) -> Vec<Role> {
        let mut roles: Vec<Role> = headers.iter().map(|header| self.of(header)).collect();
        let meaning = |role: &Role| match role {
            Role::Known(alias) => Some(alias.meaning),
            _ => None,
        };
        let has_hwid = roles
            .iter()
            .any(|role| meaning(role) == Some(Meaning::Hwid));
        let best_id = roles
            .iter()
            .filter_map(|role| match role {
                Role::Known(alias) if alias.meaning == Meaning::DeviceId => Some(alias.rank),
                _ => None,
            })
            .min();
        for role in &mut roles {
            if let Role::Known(alias) = role
                && alias.meaning == Meaning::DeviceId
                && (has_hwid || Some(alias.rank) != best_id)
            {
                *role = Role::ForeignId;
            }
        }
        // "Name" is a machine's name if the table describes machines, else a person's, unless the options
        // assign it.
        let is_ambiguous =
            |header: &str| is_ambiguous_name(header) && self.options.assigned(header).is_none();
        let of_devices = headers.iter().zip(&roles).any(|(header, role)| {
            meaning(role).is_some_and(Meaning::is_of_device) && !is_ambiguous(header)
        });
        let of_persons = roles
            .iter()
            .any(|role| meaning(role).and_then(Meaning::field) == Some(Field::User));
        if !of_devices && of_persons {
            // What is of a device is ambiguous here.
            for role in &mut roles {
                if meaning(role).is_some_and(Meaning::is_of_device) {
                    *role = Role::Known(Alias::best(Meaning::Person));
                }
            }
        }
        roles
    }

    /// The role of one header, independent of the others.
    pub fn of(&self, header: &str) -> Role {
        let name = normalise(header);
        if let Some(assigned) = self.options.assigned(header) {
            return Role::of_assigned(assigned.field);
        }
        if self.ours {
            return own_export(header).map_or(Role::Other, Role::Known);
        }
        if let Some(system) = self.system {
            if system.is_foreign_id(&name) {
                return Role::ForeignId;
            }
            if let Some(role) = system.role(&name) {
                return role;
            }
        }
        match headers::alias(&name) {
            Some(alias) if alias.meaning == Meaning::DeviceId && !self.device_id_is_hwid() => {
                Role::ForeignId
            }
            Some(alias) if !matches!(alias.meaning, Meaning::Device | Meaning::Network) => {
                Role::Known(alias)
            }
            _ => Role::Other,
        }
    }

    /// The role of a key in a nested block, if the system defines it.
    pub fn given(&self, key: &str) -> Option<Role> {
        self.system?.role(&normalise(key))
    }

    /// True if a device ID can be the hardware ID: in our own tenant's lists, and in lists of an unknown
    /// system whose values don't look like another system's.
    pub fn device_id_is_hwid(&self) -> bool {
        match self.system {
            Some(system) => system.own,
            None => !self.foreign_device_ids,
        }
    }
}

/// The meaning of a header of our own exports, which is compared exactly.
fn own_export(header: &str) -> Option<Alias> {
    let meaning = match header {
        "offboard_csv" => Meaning::Marker,
        "offboard_unusable" => Meaning::Unusable,
        "last_seen" => Meaning::Seen,
        "enrolled_at" => Meaning::Enrolled,
        name => Meaning::of_field(Field::from_name(name)?),
    };
    Some(Alias::best(meaning))
}

/// Names that mean a machine in one list and a person in another.
fn is_ambiguous_name(header: &str) -> bool {
    matches!(
        normalise(header).as_str(),
        "name"
            | "displayname"
            | "nom"
            | "nombre"
            | "nome"
            | "naam"
            | "nazwa"
            | "nazev"
            | "名前"
            | "名称"
            | "이름"
    )
}

/// The system that wrote a table, by the names in its first rows.
pub(in crate::list) fn system_of(headers: &[String]) -> Option<&'static System> {
    let names: HashSet<String> = headers.iter().map(|header| normalise(header)).collect();
    headers::recognise(&names, &HashSet::new())
}

#[cfg(test)]
mod tests;
