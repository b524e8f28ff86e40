//! Which field a JSON key or a CSV header means.
//!
//! Names are compared without case, spaces, `_` and `-`. Inside an object such as `os_info` or
//! `group` a plain `name` or `version` has that object's meaning.

use super::Field;

/// What a value under some name says of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A hardware ID, by a name that can mean nothing else.
    Hwid,
    /// `device_id`: the HWID, unless another column is one.
    DeviceId,
    /// The manufacturer's serial number.
    Serial,
    /// The asset tag.
    Asset,
    /// The directory domain.
    Domain,
    /// Where the row comes from.
    Source,
    /// The machine's own name.
    Hostname,
    /// `device_name`: the host name where there is no other.
    DeviceName,
    /// The console's name for it.
    Nickname,
    /// MAC addresses.
    Mac,
    /// The block of adapters.
    Network,
    /// The device's address.
    Ip,
    /// An adapter's address.
    AdapterIp,
    /// The operating system, or the block about it.
    Os,
    /// Windows, macOS, Linux.
    OsFamily,
    /// Its version.
    OsVersion,
    /// Laptop, server …
    Type,
    /// Compliance.
    Status,
    /// How bad its issues are.
    Severity,
    /// The group, or the block about it.
    Group,
    /// The user, or the block about it.
    User,
    /// The agent's version, or the block about it.
    Agent,
    /// How many issues.
    Issues,
    /// Last seen.
    Seen,
    /// Enrolled.
    Enrolled,
    /// A block that holds the device's own fields.
    Device,
    /// The column that marks our own CSV exports.
    Marker,
    /// Why the row was unusable in the list that it was exported from.
    Unusable,
}

/// Which object a name stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
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
}

impl Meaning {
    /// What `name` means in `block`.
    pub fn of(block: Block, name: &str) -> Option<Self> {
        // No known name is longer, so a longer one is none of them.
        let mut buffer = [0_u8; 24];
        let mut length = 0;
        for byte in name
            .bytes()
            .filter(|byte| !matches!(byte, b' ' | b'_' | b'-' | b'\t'))
        {
            *buffer.get_mut(length)? = byte.to_ascii_lowercase();
            length += 1;
        }
        let name = buffer.get(..length)?;
        match block {
            Block::Row => of_row(name),
            Block::Os => match name {
                b"name" | b"osname" | b"productname" => Some(Self::Os),
                b"family" | b"osfamily" | b"type" | b"ostype" => Some(Self::OsFamily),
                b"version" | b"osversion" => Some(Self::OsVersion),
                _ => None,
            },
            Block::User => match name {
                b"username" | b"name" | b"user" | b"loginname" | b"account" => Some(Self::User),
                _ => None,
            },
            Block::Group => match name {
                b"name" | b"groupname" => Some(Self::Group),
                _ => None,
            },
            Block::Network => of_network(name),
            Block::Agent => match name {
                b"version" | b"agentversion" => Some(Self::Agent),
                _ => None,
            },
        }
    }

    /// The field that it belongs to, if to one.
    pub fn field(self) -> Option<Field> {
        Some(match self {
            Self::Hwid | Self::DeviceId => Field::Hwid,
            Self::Hostname | Self::DeviceName => Field::Hostname,
            Self::Nickname => Field::Nickname,
            Self::Mac | Self::Network => Field::Mac,
            Self::Ip | Self::AdapterIp => Field::Ip,
            Self::Os | Self::OsFamily | Self::OsVersion => Field::Os,
            Self::Type => Field::Type,
            Self::Status => Field::Status,
            Self::Severity => Field::Severity,
            Self::Group => Field::Group,
            Self::User => Field::User,
            Self::Agent => Field::Agent,
            Self::Issues => Field::Issues,
            Self::Seen => Field::Seen,
            Self::Enrolled => Field::Enrolled,
            Self::Serial => Field::Serial,
            Self::Asset => Field::Asset,
            Self::Domain => Field::Domain,
            Self::Source => Field::Source,
            Self::Device | Self::Marker | Self::Unusable => return None,
        })
    }

    /// True for what can identify a device.
    pub fn identifies(self) -> bool {
        matches!(self, Self::Hwid | Self::DeviceId | Self::Mac)
    }

    /// The block that an object with this meaning is.
    pub fn block(self) -> Option<Block> {
        match self {
            Self::Os => Some(Block::Os),
            Self::User => Some(Block::User),
            Self::Group => Some(Block::Group),
            Self::Network | Self::Mac => Some(Block::Network),
            Self::Agent => Some(Block::Agent),
            Self::Device => Some(Block::Row),
            _ => None,
        }
    }
}

fn of_row(name: &[u8]) -> Option<Meaning> {
    Some(match name {
        b"hwid" | b"hardwareid" => Meaning::Hwid,
        b"deviceid" => Meaning::DeviceId,
        b"hostname" | b"host" | b"computername" | b"computer" | b"machinename" | b"pcname" => {
            Meaning::Hostname
        }
        b"serial" | b"serialnumber" => Meaning::Serial,
        b"asset" | b"assettag" => Meaning::Asset,
        b"domain" => Meaning::Domain,
        b"source" => Meaning::Source,
        b"devicename" | b"name" => Meaning::DeviceName,
        b"nickname" | b"alias" => Meaning::Nickname,
        b"networkinfo" | b"network" | b"networks" | b"networkadapters" | b"adapters"
        | b"interfaces" => Meaning::Network,
        b"ip" | b"ipaddress" | b"ipaddr" | b"publicip" | b"ipv4" | b"ipv4addr" | b"ipv4address"
        | b"localip" | b"privateip" => Meaning::Ip,
        b"os" | b"osinfo" | b"osname" | b"operatingsystem" => Meaning::Os,
        b"osfamily" | b"ostype" | b"platform" => Meaning::OsFamily,
        b"osversion" | b"operatingsystemversion" => Meaning::OsVersion,
        b"type" | b"devicetype" | b"machinetype" | b"formfactor" => Meaning::Type,
        b"status" | b"devicestatus" | b"compliancestatus" | b"compliance" => Meaning::Status,
        b"severity" => Meaning::Severity,
        b"group" | b"groupname" | b"devicegroup" | b"groupinfo" => Meaning::Group,
        b"user" | b"username" | b"userinfo" | b"loggedinuser" | b"loggedonuser" | b"owner"
        | b"primaryuser" | b"lastuser" | b"assigneduser" => Meaning::User,
        b"agent" | b"agentversion" | b"agentinfo" | b"clientversion" => Meaning::Agent,
        b"issues" | b"totalissue" | b"totalissues" | b"issuecount" | b"numberofissues" => {
            Meaning::Issues
        }
        b"seen" | b"lastseen" | b"lastseenat" | b"lastseentime" | b"lastconnected"
        | b"lastreport" | b"lastreported" | b"lastcheckin" | b"lastcontact" => Meaning::Seen,
        b"enrolled" | b"enrolledat" | b"enrolledtime" | b"enrolleddate" | b"enrollmentdate"
        | b"enrollmenttime" | b"registeredat" | b"registered" => Meaning::Enrolled,
        b"device" | b"deviceinfo" => Meaning::Device,
        b"offboardcsv" => Meaning::Marker,
        b"offboardunusable" => Meaning::Unusable,
        other => return mac(other),
    })
}

fn of_network(name: &[u8]) -> Option<Meaning> {
    match name {
        b"ip" | b"ipv4" | b"ipv4addr" | b"ipv4address" | b"ipaddress" | b"ipaddr" => {
            Some(Meaning::AdapterIp)
        }
        b"adapters" | b"interfaces" | b"networkinfo" => Some(Meaning::Network),
        other => mac(other),
    }
}

/// `MAC Address`, `mac_addr`, `macs`, and a column for each adapter: `MAC 2`, `wifi_mac`.
fn mac(name: &[u8]) -> Option<Meaning> {
    let name = name.trim_ascii_end();
    let end = name
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .map_or(0, |last| last + 1);
    match &name[..end] {
        b"mac"
        | b"macs"
        | b"macaddr"
        | b"macaddrs"
        | b"macaddress"
        | b"macaddresses"
        | b"maclist"
        | b"physicaladdress"
        | b"ethernetmac"
        | b"lanmac"
        | b"wifimac"
        | b"wlanmac"
        | b"wirelessmac"
        | b"ethernetmacaddress"
        | b"wifimacaddress" => Some(Meaning::Mac),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_compared_without_case_spaces_and_dashes() {
        for (name, meaning) in [
            ("Device ID", Meaning::DeviceId),
            ("HWID", Meaning::Hwid),
            ("Hardware-ID", Meaning::Hwid),
            ("MAC Address", Meaning::Mac),
            ("mac_address_2", Meaning::Mac),
            ("Host Name", Meaning::Hostname),
            ("host", Meaning::Hostname),
            ("Last Seen", Meaning::Seen),
            ("offboard_csv", Meaning::Marker),
            ("offboard_unusable", Meaning::Unusable),
        ] {
            assert_eq!(Meaning::of(Block::Row, name), Some(meaning), "{name}");
        }
        assert_eq!(Meaning::of(Block::Row, "machine"), None);
        assert_eq!(Meaning::of(Block::Row, &"m".repeat(99)), None);
    }

    #[test]
    fn every_field_is_read_under_its_own_name_and_heading() {
        for field in Field::ALL {
            assert!(Meaning::of(Block::Row, field.name()).is_some(), "{field:?}");
            assert!(
                Meaning::of(Block::Row, field.heading()).is_some(),
                "{field:?}"
            );
        }
    }

    #[test]
    fn a_plain_name_means_what_its_block_is_about() {
        assert_eq!(Meaning::of(Block::Os, "name"), Some(Meaning::Os));
        assert_eq!(Meaning::of(Block::Group, "name"), Some(Meaning::Group));
        assert_eq!(Meaning::of(Block::User, "name"), Some(Meaning::User));
        assert_eq!(Meaning::of(Block::Network, "mac_addr"), Some(Meaning::Mac));
    }
}
