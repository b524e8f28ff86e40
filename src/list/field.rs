//! The fields that a device can be shown, searched and sorted by.

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The machine's own name.
    Hostname,
    /// The name in the console.
    Nickname,
    /// The hardware ID.
    Hwid,
    /// The MAC addresses.
    Mac,
    /// The manufacturer's serial number.
    Serial,
    /// The asset tag or inventory number.
    Asset,
    /// The directory domain or workgroup.
    Domain,
    /// An IP address.
    Ip,
    /// Operating system and version.
    Os,
    /// Laptop, desktop, server …
    Type,
    /// Compliant, non-compliant …
    Status,
    /// Critical, warning, no issues.
    Severity,
    /// The group.
    Group,
    /// The owner or the logged-in user.
    User,
    /// The agent's version.
    Agent,
    /// The number of issues that the agent reports.
    Issues,
    /// The last-seen time.
    Seen,
    /// The enrolment time.
    Enrolled,
    /// The system that the row comes from: a column of the list, else the recognised system.
    Source,
}

impl Field {
    /// All fields, in the order of the documentation.
    pub const ALL: [Self; 19] = [
        Self::Hostname,
        Self::Nickname,
        Self::Hwid,
        Self::Mac,
        Self::Serial,
        Self::Asset,
        Self::Domain,
        Self::Ip,
        Self::Os,
        Self::Type,
        Self::Status,
        Self::Severity,
        Self::Group,
        Self::User,
        Self::Agent,
        Self::Issues,
        Self::Seen,
        Self::Enrolled,
        Self::Source,
    ];

    /// The name in the query language, the configuration and exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hostname => "hostname",
            Self::Nickname => "nickname",
            Self::Hwid => "hwid",
            Self::Mac => "mac",
            Self::Serial => "serial",
            Self::Asset => "asset",
            Self::Domain => "domain",
            Self::Ip => "ip",
            Self::Os => "os",
            Self::Type => "type",
            Self::Status => "status",
            Self::Severity => "severity",
            Self::Group => "group",
            Self::User => "user",
            Self::Agent => "agent",
            Self::Issues => "issues",
            Self::Seen => "seen",
            Self::Enrolled => "enrolled",
            Self::Source => "source",
        }
    }

    /// The field whose [`name`](Self::name) is `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// The column heading on the screen.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Seen => "last seen",
            other => other.name(),
        }
    }

    /// True for a field whose values are texts, not addresses, numbers or dates.
    pub fn is_text(self) -> bool {
        self.text_slot().is_some()
    }

    /// The index among a device's stored texts; `None` for a field that is stored as numbers.
    pub(super) fn text_slot(self) -> Option<usize> {
        match self {
            Self::Hwid => Some(0),
            Self::Hostname => Some(1),
            Self::Nickname => Some(2),
            Self::User => Some(3),
            Self::Ip => Some(4),
            Self::Serial => Some(5),
            Self::Asset => Some(6),
            Self::Os => Some(7),
            Self::Type => Some(8),
            Self::Status => Some(9),
            Self::Severity => Some(10),
            Self::Group => Some(11),
            Self::Agent => Some(12),
            Self::Domain => Some(13),
            Self::Source => Some(14),
            Self::Mac | Self::Issues | Self::Seen | Self::Enrolled => None,
        }
    }
}

/// The number of fields that are stored as texts.
pub(super) const TEXT_COUNT: usize = 15;

/// The fields that are stored as texts, each at its [`Field::text_slot`]. From
/// [`FIRST_SHARED_SLOT`] on, many devices share a text.
pub(super) const TEXT_FIELDS: [Field; TEXT_COUNT] = [
    Field::Hwid,
    Field::Hostname,
    Field::Nickname,
    Field::User,
    Field::Ip,
    Field::Serial,
    Field::Asset,
    Field::Os,
    Field::Type,
    Field::Status,
    Field::Severity,
    Field::Group,
    Field::Agent,
    Field::Domain,
    Field::Source,
];

/// The first text slot whose texts repeat enough to be interned.
pub(super) const FIRST_SHARED_SLOT: usize = 7;

/// A set of fields: those in which the rows of one device differ, or those of which a value can't be
/// read. MAC addresses and last-seen times never differ: all addresses are stored, and the newest time
/// counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSet(u32);

impl FieldSet {
    /// Adds a field.
    pub fn add(&mut self, field: Field) {
        self.0 |= 1 << field as u16;
    }

    /// Adds all fields of `other`.
    pub fn add_all(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// True if the set has this field.
    pub fn has(self, field: Field) -> bool {
        self.0 >> field as u16 & 1 == 1
    }

    /// True for a set without fields.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_name_inverts_name() {
        for field in Field::ALL {
            assert_eq!(Field::from_name(field.name()), Some(field));
        }
        assert_eq!(Field::from_name("last seen"), None);
        assert_eq!(Field::Seen.heading(), "last seen");
    }

    #[test]
    fn text_slot_matches_text_fields() {
        for (slot, field) in TEXT_FIELDS.into_iter().enumerate() {
            assert_eq!(field.text_slot(), Some(slot));
        }
    }
}
