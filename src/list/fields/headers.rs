//! Maps headers and JSON keys to fields, and recognises the system that wrote a list.
//!
//! The names are in `headers.toml`, by field and language; a new language or system needs no code. The
//! build script turns that file into tables, so that no start parses it.
//! Names are compared by [`normalise()`].

mod meaning;
mod normalise;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use crate::list::Field;
pub(in crate::list) use meaning::{JsonParent, Meaning};
pub(in crate::list) use normalise::normalise;

/// The names by [normalised](normalise()) form, and the systems: generated from `headers.toml`.
mod data {
    #![expect(clippy::unreadable_literal, reason = "generated")]

    use super::System;

    include!(concat!(env!("OUT_DIR"), "/headers.rs"));
}

/// The meaning of a name and its rank: 0 is the best-known name of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::list) struct Alias {
    pub meaning: Meaning,
    pub rank: u16,
}

/// A system that writes lists. Its names are [normalised](normalise()), but for its own.
#[derive(Debug)]
pub(in crate::list) struct System {
    /// The usual name.
    pub name: &'static str,
    /// True for our own tenant's lists, in which a device ID is the hardware ID.
    pub own: bool,
    foreign_ids: &'static [&'static str],
    /// Columns whose meaning differs from the usual one, by the key of the meaning or `other`.
    columns: &'static [(&'static str, &'static str)],
}

/// A numbered column is shown after the one without a number.
const NUMBERED_RANK: u16 = 1 << 12;

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::list) enum Role {
    /// A part of a field.
    Known(Alias),
    /// For display, search and matching: the values are another system's identifiers.
    ForeignId,
    /// For display and search.
    Other,
}

/// The meaning of a [normalised](normalise()) name in a row.
pub(in crate::list) fn alias(name: &str) -> Option<Alias> {
    match name {
        "offboardcsv" => return Some(Alias::best(Meaning::Marker)),
        "offboardunusable" => return Some(Alias::best(Meaning::Unusable)),
        _ => {}
    }
    known(name).or_else(|| {
        // `MAC 2` for each adapter, and `group.1` for a repeated header; `PC-0013` is a machine's name.
        let numberless = name.trim_end_matches(|character: char| character.is_ascii_digit());
        let number = name.get(numberless.len()..)?;
        if number.len() > 2 || (number.len() > 1 && number.starts_with('0')) {
            return None;
        }
        let found = known(numberless)?;
        let rank = found.rank.saturating_add(NUMBERED_RANK);
        (found.meaning != Meaning::DeviceId).then_some(Alias { rank, ..found })
    })
}

/// The meaning of a name of `headers.toml`.
fn known(name: &str) -> Option<Alias> {
    let (key, rank) = *data::ALIASES.get(name)?;
    let meaning = Meaning::from_key(key)?;
    Some(Alias { meaning, rank })
}

/// The system that writes lists with these [normalised](normalise()) names: the headers or the keys
/// of a row, and the keys around the rows.
pub(in crate::list) fn recognise(
    names: &HashSet<String>,
    envelope: &HashSet<String>,
) -> Option<&'static System> {
    let signatures = names.iter().filter_map(|name| data::SIGNATURES.get(name));
    let signed = signatures
        .copied()
        .flatten()
        .filter(|(_, others)| others.iter().all(|name| names.contains(*name)));
    let enclosed = envelope.iter().filter_map(|key| data::ENVELOPES.get(key));
    let first = signed.map(|(system, _)| system).chain(enclosed).min()?;
    data::SYSTEMS.get(*first)
}

impl System {
    /// True if the column with this [normalised](normalise()) name has the system's own identifiers.
    pub fn is_foreign_id(&self, name: &str) -> bool {
        self.foreign_ids.contains(&name)
    }

    /// The meaning of a [normalised](normalise()) name in this system, if it differs from the usual one.
    pub fn role(&self, name: &str) -> Option<Role> {
        let (_, key) = self.columns.iter().find(|(column, _)| *column == name)?;
        let meaning = Meaning::from_key(key);
        Some(meaning.map_or(Role::Other, |meaning| Role::Known(Alias::best(meaning))))
    }
}

impl Alias {
    /// True for the name of one of several columns, such as `MAC 2`.
    pub fn is_numbered(self) -> bool {
        self.rank >= NUMBERED_RANK
    }

    pub fn best(meaning: Meaning) -> Self {
        Self { meaning, rank: 0 }
    }
}

/// The meaning of a [normalised](normalise()) JSON key in a nested block.
pub(in crate::list) fn alias_in(block: JsonParent, name: &str) -> Option<Alias> {
    let text = |field| Some(Meaning::Text(field));
    let meaning = match block {
        JsonParent::Row => return alias(name),
        JsonParent::Unknown => None,
        JsonParent::Os => match name {
            "name" | "osname" | "productname" => text(Field::Os),
            "family" | "osfamily" | "type" | "ostype" => Some(Meaning::OsFamily),
            "version" | "osversion" => Some(Meaning::OsVersion),
            _ => None,
        },
        JsonParent::User => match name {
            "username" | "name" | "user" | "loginname" | "account" | "email" | "emailaddress" => {
                text(Field::User)
            }
            "domain" => text(Field::Domain),
            "realname" | "fullname" | "displayname" => Some(Meaning::Person),
            _ => None,
        },
        JsonParent::Group => match name {
            "id" | "uuid" | "guid" | "href" | "url" | "type" | "count" | "total" => None,
            _ => text(Field::Group),
        },
        JsonParent::Network => match name {
            "ip" | "ipv4" | "ipv4addr" | "ipv4address" | "ipaddress" | "ipaddr" => {
                Some(Meaning::AdapterIp)
            }
            "adapters" | "interfaces" | "networkinfo" => Some(Meaning::Network),
            "address" => None,
            other => alias(other)
                .map(|alias| alias.meaning)
                .filter(|meaning| matches!(meaning, Meaning::Mac | Meaning::Network)),
        },
        JsonParent::Agent => match name {
            "version" | "agentversion" => text(Field::Agent),
            _ => None,
        },
    };
    meaning.map(Alias::best)
}

/// The field of a line of a bare list.
pub(in crate::list) fn field_alias(field: Field) -> Alias {
    Alias::best(Meaning::of_field(field))
}
