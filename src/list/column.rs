//! The columns of a list while it is read: what each is read as, and what was met in it.

use std::collections::HashSet;

use super::dates::{DateOrder, Orders};
use super::headers::{self, Alias, Meaning, System, normalise};
use super::{Field, ReadOptions};

/// How many different values of a column the reading report shows.
const SAMPLES: usize = 3;
/// The most bytes of a sample.
const LONGEST_SAMPLE: usize = 80;

/// A column of the list: a header, or a path of JSON keys joined by dots.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub header: String,
    pub role: Role,
    /// How many rows have a value in it.
    pub filled: u64,
    /// The first different values in it.
    pub samples: Vec<String>,
    /// What its dates allow so far.
    pub orders: Orders,
    /// How many of its dates need that order.
    pub open_dates: u64,
    /// How many of them would lie in the future if the year came first.
    pub future_by_year: u64,
    /// Its dates that could not be read.
    pub unreadable: u64,
    /// Its dates that lie in the future.
    pub future: u64,
}

/// What a column is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A part of a field.
    Known(Alias),
    /// Kept for display, search and matching, because the values are another system's identifiers.
    ForeignId,
    /// Kept for display and search.
    Other,
}

impl Column {
    pub fn new(header: &str, role: Role) -> Self {
        Self {
            header: header.to_owned(),
            role,
            filled: 0,
            samples: Vec::new(),
            orders: Orders::default(),
            open_dates: 0,
            future_by_year: 0,
            unreadable: 0,
            future: 0,
        }
    }

    /// The field that it is read as.
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

    /// Counts a value that isn't blank.
    pub fn note(&mut self, value: &str) {
        self.filled += 1;
        if self.samples.len() < SAMPLES && self.samples.iter().all(|sample| sample != value) {
            self.samples
                .push(crate::text::head(value, LONGEST_SAMPLE).to_owned());
        }
    }

    /// The order of its dates: as the operator says, else as they prove.
    pub fn date_order(&self, options: &ReadOptions) -> Option<DateOrder> {
        // One wrong clock doesn't decide; of days of the month read as years, many lie ahead.
        let is_not_year_first =
            self.future_by_year >= 2 && self.future_by_year * 20 >= self.open_dates;
        let orders = if is_not_year_first {
            self.orders.without_year_first()
        } else {
            self.orders
        };
        options.date_order.or_else(|| orders.decided())
    }
}

/// Decides what the columns with these headers are read as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Roles<'a> {
    pub options: &'a ReadOptions,
    pub system: Option<&'static System>,
    /// True once a value of a device ID turned out to be another system's.
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
        // "Name" is a machine's where the table has anything of machines, else a person's.
        let of_devices = headers.iter().zip(&roles).any(|(header, role)| {
            meaning(role).is_some_and(Meaning::is_of_device) && !is_ambiguous_name(header)
        });
        let of_persons = roles
            .iter()
            .any(|role| meaning(role).and_then(Meaning::field) == Some(Field::User));
        if !of_devices && of_persons {
            for (header, role) in headers.iter().zip(&mut roles) {
                if is_ambiguous_name(header) && meaning(role).is_some_and(Meaning::is_of_device) {
                    *role = Role::Known(Alias::best(Meaning::Person));
                }
            }
        }
        roles
    }

    /// The role of one header, whatever the others are.
    pub fn of(&self, header: &str) -> Role {
        let name = normalise(header);
        if let Some(field) = self.options.field_of(header) {
            return Role::Known(Alias::best(Meaning::of_field(field)));
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

    /// The role of a key in a block of the row, where the system says what it is.
    pub fn given(&self, key: &str) -> Option<Role> {
        self.system?.role(&normalise(key))
    }

    /// True where a device ID can be the hardware ID: in our own tenant's lists, and in lists of no
    /// known system whose values don't look like another system's.
    pub fn device_id_is_hwid(&self) -> bool {
        match self.system {
            Some(system) => system.own,
            None => !self.foreign_device_ids,
        }
    }
}

/// The meaning of a header of our own exports, which are read exactly as they were written.
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

/// Names that stand for a machine in one list and for a person in another.
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

/// What the first rows' names say of a whole table.
pub(super) fn system_of(headers: &[String]) -> Option<&'static System> {
    let names: HashSet<String> = headers.iter().map(|header| normalise(header)).collect();
    headers::recognise(&names, &HashSet::new())
}
