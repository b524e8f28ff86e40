//! Maps headers and JSON keys to fields, and recognises the system that wrote a list.
//!
//! The names are in `headers.toml`, by field and language; a new language or system needs no code. The
//! build script turns that file into the JSON that is parsed here.
//! Names are compared by [`normalise`].

mod meaning;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::Field;
pub(super) use meaning::{Block, Meaning};

const DATA: &str = include_str!(concat!(env!("OUT_DIR"), "/headers.json"));

/// The meaning of a name and its rank: 0 is the best-known name of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alias {
    pub meaning: Meaning,
    pub rank: u16,
}

/// A system that writes lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct System {
    /// The usual name.
    pub name: String,
    /// True for our own tenant's lists, in which a device ID is the hardware ID.
    #[serde(default)]
    pub own: bool,
    #[serde(default)]
    signatures: Vec<Vec<String>>,
    #[serde(default)]
    envelope: Vec<String>,
    #[serde(default)]
    foreign_ids: Vec<String>,
    #[serde(default)]
    columns: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The names of each field, the best-known one first.
    fields: Vec<(String, Vec<String>)>,
    systems: Vec<System>,
}

#[derive(Default)]
struct Data {
    aliases: HashMap<String, Alias>,
    systems: Vec<System>,
}

/// A numbered column is shown after the one without a number.
const NUMBERED_RANK: u16 = 1 << 12;

/// An invalid data file fails the tests; in a release no list could be read, but none would be
/// misread.
static KNOWN: LazyLock<Data> = LazyLock::new(|| Data::parse(DATA).unwrap_or_default());

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A part of a field.
    Known(Alias),
    /// For display, search and matching: the values are another system's identifiers.
    ForeignId,
    /// For display and search.
    Other,
}

/// What is wrong with the data file.
#[derive(Debug, thiserror::Error)]
enum DataError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("no field is called {0}")]
    Field(String),
    #[error("'{0}' is listed under two fields")]
    TwoFields(String),
}

impl Data {
    fn parse(text: &str) -> Result<Self, DataError> {
        let file: File = serde_json::from_str(text)?;
        let mut aliases = HashMap::new();
        for (field, names) in &file.fields {
            let meaning =
                Meaning::from_key(field).ok_or_else(|| DataError::Field(field.clone()))?;
            for (rank, name) in (0..).zip(names) {
                let alias = Alias { meaning, rank };
                let earlier = aliases.insert(normalise(name), alias);
                if earlier.is_some_and(|earlier| earlier.meaning != meaning) {
                    return Err(DataError::TwoFields(name.clone()));
                }
            }
        }
        let mut systems = file.systems;
        for system in &mut systems {
            system.normalise_names();
            for meaning in system.columns.values() {
                if meaning != "other" && Meaning::from_key(meaning).is_none() {
                    return Err(DataError::Field(meaning.clone()));
                }
            }
        }
        Ok(Self { aliases, systems })
    }
}

/// A name for comparison: in compatibility form, case-folded, with letters and digits only. Digits at
/// the end number a device's adapters or users; the caller handles them.
pub(super) fn normalise(name: &str) -> String {
    if name.is_ascii() {
        let bytes = name.bytes().filter(u8::is_ascii_alphanumeric);
        return bytes
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    // Lower case before the marks are composed: ẗ has no capital letter to compose.
    let lower = name
        .chars()
        .flat_map(char::to_lowercase)
        .nfkc()
        .flat_map(char::to_lowercase);
    // Composed last: marks that were apart before may be adjacent now.
    lower
        .filter(|character| character.is_alphanumeric())
        .nfkc()
        .collect()
}

/// The meaning of a [normalised](normalise) name in a row.
pub(super) fn alias(name: &str) -> Option<Alias> {
    match name {
        "offboardcsv" => return Some(Alias::best(Meaning::Marker)),
        "offboardunusable" => return Some(Alias::best(Meaning::Unusable)),
        _ => {}
    }
    KNOWN.aliases.get(name).copied().or_else(|| {
        // `MAC 2` for each adapter, and `group.1` for a repeated header.
        let numberless = name.trim_end_matches(|character: char| character.is_ascii_digit());
        let found = KNOWN.aliases.get(numberless).copied()?;
        let rank = found.rank.saturating_add(NUMBERED_RANK);
        (found.meaning != Meaning::DeviceId).then_some(Alias { rank, ..found })
    })
}

/// The system that writes lists with these [normalised](normalise) names: the headers or the keys
/// of a row, and the keys around the rows.
pub(super) fn recognise(
    names: &HashSet<String>,
    envelope: &HashSet<String>,
) -> Option<&'static System> {
    KNOWN.systems.iter().find(|system| {
        let signed = |signature: &Vec<String>| signature.iter().all(|name| names.contains(name));
        system.signatures.iter().any(signed)
            || system.envelope.iter().any(|key| envelope.contains(key))
    })
}

impl System {
    fn normalise_names(&mut self) {
        for names in &mut self.signatures {
            for name in names {
                *name = normalise(name);
            }
        }
        for names in [&mut self.envelope, &mut self.foreign_ids] {
            for name in names {
                *name = normalise(name);
            }
        }
        let columns = std::mem::take(&mut self.columns);
        let columns = columns.into_iter();
        self.columns = columns
            .map(|(name, field)| (normalise(&name), field))
            .collect();
    }

    /// True if the column with this [normalised](normalise) name has the system's own identifiers.
    pub fn is_foreign_id(&self, name: &str) -> bool {
        self.foreign_ids.iter().any(|foreign| foreign == name)
    }

    /// The meaning of a [normalised](normalise) name in this system, if it differs from the usual one.
    pub fn role(&self, name: &str) -> Option<Role> {
        let meaning = Meaning::from_key(self.columns.get(name)?);
        Some(meaning.map_or(Role::Other, |meaning| Role::Known(Alias::best(meaning))))
    }
}

impl Alias {
    pub fn best(meaning: Meaning) -> Self {
        Self { meaning, rank: 0 }
    }
}

/// The meaning of a [normalised](normalise) JSON key in a nested block.
pub(super) fn alias_in(block: Block, name: &str) -> Option<Alias> {
    let text = |field| Some(Meaning::Text(field));
    let meaning = match block {
        Block::Row => return alias(name),
        Block::Unknown => None,
        Block::Os => match name {
            "name" | "osname" | "productname" => text(Field::Os),
            "family" | "osfamily" | "type" | "ostype" => Some(Meaning::OsFamily),
            "version" | "osversion" => Some(Meaning::OsVersion),
            _ => None,
        },
        Block::User => match name {
            "username" | "name" | "user" | "loginname" | "account" | "email" | "emailaddress" => {
                text(Field::User)
            }
            "domain" => text(Field::Domain),
            "realname" | "fullname" | "displayname" => Some(Meaning::Person),
            _ => None,
        },
        Block::Group => match name {
            "id" | "uuid" | "guid" | "href" | "url" | "type" | "count" | "total" => None,
            _ => text(Field::Group),
        },
        Block::Network => match name {
            "ip" | "ipv4" | "ipv4addr" | "ipv4address" | "ipaddress" | "ipaddr" => {
                Some(Meaning::AdapterIp)
            }
            "adapters" | "interfaces" | "networkinfo" => Some(Meaning::Network),
            "address" => None,
            other => alias(other)
                .map(|alias| alias.meaning)
                .filter(|meaning| matches!(meaning, Meaning::Mac | Meaning::Network)),
        },
        Block::Agent => match name {
            "version" | "agentversion" => text(Field::Agent),
            _ => None,
        },
    };
    meaning.map(Alias::best)
}

/// The field of a line of a bare list.
pub(super) fn field_alias(field: Field) -> Alias {
    Alias::best(Meaning::of_field(field))
}
