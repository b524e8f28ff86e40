//! The fields that a device can be shown, searched and sorted by.

/// Defines [`Field`] from the table below: each field's meaning, variant and name.
macro_rules! fields {
    ($($(#[$meaning:meta])* $field:ident = $name:literal,)*) => {
        /// A column of the list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $($(#[$meaning])* $field,)*
        }

        impl Field {
            /// All fields, in the order of the documentation.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$field),*];

            /// The name in the query language, the configuration and exports.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)*
                }
            }
        }
    };
}

fields! {
    /// The machine's own name.
    Hostname = "hostname",
    /// The name in the console.
    Nickname = "nickname",
    /// The hardware ID.
    Hwid = "hwid",
    /// The MAC addresses.
    Mac = "mac",
    /// The manufacturer's serial number.
    Serial = "serial",
    /// The asset tag or inventory number.
    Asset = "asset",
    /// The directory domain or workgroup.
    Domain = "domain",
    /// An IP address.
    Ip = "ip",
    /// Operating system and version.
    Os = "os",
    /// Laptop, desktop, server …
    Type = "type",
    /// Compliant, non-compliant …
    Status = "status",
    /// Critical, warning, no issues.
    Severity = "severity",
    Group = "group",
    /// The owner or the logged-in user.
    User = "user",
    /// The agent's version.
    Agent = "agent",
    /// The number of issues that the agent reports.
    Issues = "issues",
    /// The last-seen time.
    Seen = "seen",
    /// The enrolment time.
    Enrolled = "enrolled",
    /// The system that the row comes from: a column of the list, else the recognised system.
    Source = "source",
}

/// The fields that are stored as texts, in the order of their [`Field::text_slot`]; the others are stored
/// as addresses, numbers and dates. From [`FIRST_SHARED_SLOT`] on, many devices share a text.
pub(in crate::list) const TEXT_FIELDS: [Field; 15] = [
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
pub(in crate::list) const FIRST_SHARED_SLOT: usize = 7;

impl Field {
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
    pub(in crate::list) fn text_slot(self) -> Option<usize> {
        const SLOTS: [Option<usize>; Field::ALL.len()] = {
            let mut slots = [None; Field::ALL.len()];
            let mut slot = 0;
            while slot < TEXT_FIELDS.len() {
                slots[TEXT_FIELDS[slot] as usize] = Some(slot);
                slot += 1;
            }
            slots
        };
        SLOTS[self as usize]
    }
}

/// A set of fields: those in which the rows of one device differ, or those of which a value can't be
/// read. MAC addresses and last-seen times never differ: all addresses are stored, and the newest time
/// counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::list) struct FieldSet(u32);

impl FieldSet {
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
}
