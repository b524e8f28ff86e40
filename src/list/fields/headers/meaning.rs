//! What the values of a column, or of a JSON key, say about a device.

use crate::list::Field;

/// The meaning of a value for a device, by the name of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// A hardware ID, by an unambiguous name.
    Hwid,
    /// An ID of the device, which is the hardware ID only in some lists.
    DeviceId,
    /// MAC addresses.
    Mac,
    /// Last seen.
    Seen,
    Enrolled,
    /// The number of issues.
    Issues,
    Text(Field),
    /// An adapter's address, used if the device has no address of its own.
    AdapterIp,
    /// Windows, macOS, Linux: used if there is no name of the operating system.
    OsFamily,
    /// The operating system's version.
    OsVersion,
    /// The display name of a person.
    Person,
    /// A person's first name.
    FirstName,
    /// A person's last name.
    LastName,
    /// A block of adapters.
    Network,
    /// A block with the device's own fields.
    Device,
    /// The column that marks our own CSV exports.
    Marker,
    /// Why the row was unusable in the list that it was exported from.
    Unusable,
}

/// The object that contains a JSON key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonParent {
    /// The row itself.
    Row,
    /// About the operating system.
    Os,
    /// About the user.
    User,
    /// About the group.
    Group,
    /// About an adapter.
    Network,
    /// About the agent.
    Agent,
    /// About something that is not a field.
    Unknown,
}

impl Meaning {
    /// The meaning of a key of `headers.toml`; `None` for an invalid key.
    pub fn from_key(key: &str) -> Option<Self> {
        Some(match key {
            "device_id" => Self::DeviceId,
            "os_family" => Self::OsFamily,
            "os_version" => Self::OsVersion,
            "person" => Self::Person,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "network" => Self::Network,
            "device" => Self::Device,
            "os_block" => Self::Text(Field::Os),
            "user_block" => Self::Text(Field::User),
            "group_block" => Self::Text(Field::Group),
            "agent_block" => Self::Text(Field::Agent),
            name => Self::of_field(Field::from_name(name)?),
        })
    }

    /// The meaning of a column that is read as `field`.
    pub fn of_field(field: Field) -> Self {
        match field {
            Field::Hwid => Self::Hwid,
            Field::Mac => Self::Mac,
            Field::Seen => Self::Seen,
            Field::Enrolled => Self::Enrolled,
            Field::Issues => Self::Issues,
            text => Self::Text(text),
        }
    }

    /// The field that a value with this meaning becomes part of.
    pub fn field(self) -> Option<Field> {
        Some(match self {
            Self::Hwid | Self::DeviceId => Field::Hwid,
            Self::Mac | Self::Network => Field::Mac,
            Self::Seen => Field::Seen,
            Self::Enrolled => Field::Enrolled,
            Self::Issues => Field::Issues,
            Self::Text(field) => field,
            Self::AdapterIp => Field::Ip,
            Self::OsFamily | Self::OsVersion => Field::Os,
            Self::Person | Self::FirstName | Self::LastName => Field::User,
            Self::Device | Self::Marker | Self::Unusable => return None,
        })
    }

    /// True if a list with this column is a list of devices, not of persons.
    pub fn is_of_device(self) -> bool {
        !matches!(
            self.field(),
            None | Some(
                Field::User
                    | Field::Group
                    | Field::Status
                    | Field::Domain
                    | Field::Source
                    | Field::Type
            )
        )
    }

    /// True if the column can identify a row: without such a column a table is not a list.
    pub fn names_row(self) -> bool {
        matches!(
            self.field(),
            Some(
                Field::Hwid
                    | Field::Mac
                    | Field::Hostname
                    | Field::Nickname
                    | Field::Serial
                    | Field::Asset
                    | Field::User
            )
        )
    }

    /// True if the value must be a text: another JSON value makes the row unusable.
    pub fn is_identifier_or_mark(self) -> bool {
        matches!(
            self,
            Self::Hwid | Self::DeviceId | Self::Mac | Self::Unusable
        )
    }

    /// The block that an object with this meaning is.
    pub fn block(self) -> Option<JsonParent> {
        match self {
            Self::Text(Field::Os) => Some(JsonParent::Os),
            Self::Text(Field::User) => Some(JsonParent::User),
            Self::Text(Field::Group) => Some(JsonParent::Group),
            Self::Text(Field::Agent) => Some(JsonParent::Agent),
            Self::Network | Self::Mac => Some(JsonParent::Network),
            Self::Device => Some(JsonParent::Row),
            _ => None,
        }
    }
}
