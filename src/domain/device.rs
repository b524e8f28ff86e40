//! The identifiers of a device in the tenant's API: hardware IDs and MAC addresses.
//!
//! Both are validated when they are parsed, so that every value of these types can be sent.

use std::fmt;
use std::str::FromStr;

/// A hardware ID: 1 to 128 of `A–Z a–z 0–9 . _ : -`, with at least one letter or digit. Lookups put it
/// into the path of a URL, so `.` and `..` are invalid.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hwid(Box<str>);

/// A unicast, non-zero MAC address, shown and sent as `00:0c:29:cd:c7:b2`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddress([u8; 6]);

/// One element of a call's list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identifier {
    /// Sent in `HWID_list`.
    Hwid(Hwid),
    /// Sent in `MAC_list`.
    Mac(MacAddress),
}

/// The kind of an identifier. A call has identifiers of one kind only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdentifierKind {
    /// `HWID_list`.
    Hwid,
    /// `MAC_list`.
    Mac,
}

/// The identifier of a device that a plan sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IdentifyBy {
    /// The HWID if there is one, else the MAC if it is unique to the device.
    #[default]
    Auto,
    /// The HWID; a device without one is unusable.
    Hwid,
    /// The MAC; a device without a unique one is unusable.
    Mac,
}

/// Why a text is not a valid identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IdentifierError {
    #[error("empty identifier")]
    Empty,
    /// More than 128 characters.
    #[error("HWID longer than 128 characters")]
    HwidTooLong,
    /// A character that can't be sent, or `.` or `..`.
    #[error("HWID with a character that can't be sent")]
    HwidCharacter,
    /// Not in one of the four notations.
    #[error("not a MAC address")]
    NotAMac,
    /// `00:00:00:00:00:00`.
    #[error("zero MAC address")]
    ZeroMac,
    /// `ff:ff:ff:ff:ff:ff`.
    #[error("broadcast MAC address")]
    BroadcastMac,
    /// The group bit is set.
    #[error("multicast MAC address")]
    MulticastMac,
}

/// A host name of Windows has at most 15 characters.
const SHORTEST_DISTINCTIVE: usize = 16;

impl Hwid {
    /// True if the other text is the same HWID: a tenant may answer in another case.
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }

    /// The maximum length of a HWID, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// Parses `text`, trimmed.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(IdentifierError::Empty);
        }
        let sendable = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-'));
        if !sendable || !text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            return Err(IdentifierError::HwidCharacter);
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(IdentifierError::HwidTooLong);
        }
        Ok(Self(text.into()))
    }

    /// True for a text that can't be a host name: a UUID, a long hexadecimal number, or letters and
    /// digits mixed as in the vendor's samples. False if uncertain.
    pub fn is_distinctive(text: &str) -> bool {
        let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let groups: Vec<usize> = text.split('-').map(str::len).collect();
        if groups == [8, 4, 4, 4, 12] {
            return text.split('-').all(hexadecimal);
        }
        if text.len() < SHORTEST_DISTINCTIVE
            || !text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return false;
        }
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let turns = text
            .as_bytes()
            .windows(2)
            .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
            .count();
        hexadecimal(text) || (digits * 3 >= text.len() && turns >= 4)
    }

    /// The HWID in its original spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MacAddress {
    /// Parses `text`, trimmed, in any of the notations `00:0c:29:cd:c7:b2`, `00-0C-29-CD-C7-B2`,
    /// `000c.29cd.c7b2` and `000c29cdc7b2`.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(IdentifierError::Empty);
        }
        let octets = octets(text.as_bytes()).ok_or(IdentifierError::NotAMac)?;
        Self::from_octets(octets)
    }

    /// Validates six octets.
    pub fn from_octets(octets: [u8; 6]) -> Result<Self, IdentifierError> {
        match octets {
            [0, 0, 0, 0, 0, 0] => Err(IdentifierError::ZeroMac),
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] => Err(IdentifierError::BroadcastMac),
            [first, ..] if first & 1 == 1 => Err(IdentifierError::MulticastMac),
            _ => Ok(Self(octets)),
        }
    }

    /// The six octets, in transmission order.
    pub fn octets(self) -> [u8; 6] {
        self.0
    }
}

impl Identifier {
    /// The kind of the identifier.
    pub fn kind(&self) -> IdentifierKind {
        match self {
            Self::Hwid(_) => IdentifierKind::Hwid,
            Self::Mac(_) => IdentifierKind::Mac,
        }
    }

    /// The form in which identifiers are compared with those of earlier runs: a HWID that differs
    /// only in case may name the same device.
    #[must_use]
    pub fn normal_form(&self) -> Self {
        match self {
            Self::Hwid(hwid) => Self::Hwid(Hwid(hwid.0.to_ascii_lowercase().into())),
            Self::Mac(mac) => Self::Mac(*mac),
        }
    }

    /// Parses an identifier of this kind, as stored in the journal and plan files.
    pub fn parse(kind: IdentifierKind, text: &str) -> Result<Self, IdentifierError> {
        match kind {
            IdentifierKind::Hwid => Hwid::parse(text).map(Self::Hwid),
            IdentifierKind::Mac => MacAddress::parse(text).map(Self::Mac),
        }
    }
}

impl IdentifierKind {
    /// The name in the journal, in plan files and in hashes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hwid => "hwid",
            Self::Mac => "mac",
        }
    }

    /// The kind whose [`as_str`](Self::as_str) is `word`.
    pub fn from_name(word: &str) -> Option<Self> {
        match word {
            "hwid" => Some(Self::Hwid),
            "mac" => Some(Self::Mac),
            _ => None,
        }
    }
}

impl IdentifyBy {
    /// All values.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Hwid, Self::Mac];

    /// The name on the command line and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Hwid => "hwid",
            Self::Mac => "mac",
        }
    }

    /// The value whose [`as_str`](Self::as_str) is `word`.
    pub fn from_name(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == word)
    }
}

fn octets(text: &[u8]) -> Option<[u8; 6]> {
    let (separator, group) = match text.len() {
        12 => (None, 12),
        14 => (Some(b'.'), 4),
        17 => match text[2] {
            separator @ (b':' | b'-') => (Some(separator), 2),
            _ => return None,
        },
        _ => return None,
    };
    let mut digits = [0_u8; 12];
    let mut count = 0;
    for (index, &byte) in text.iter().enumerate() {
        if index % (group + 1) == group {
            if Some(byte) != separator {
                return None;
            }
            continue;
        }
        let digit = char::from(byte).to_digit(16)?;
        *digits.get_mut(count)? = u8::try_from(digit).ok()?;
        count += 1;
    }
    let mut octets = [0_u8; 6];
    for (octet, pair) in octets.iter_mut().zip(digits.chunks_exact(2)) {
        *octet = pair[0] << 4 | pair[1];
    }
    (count == 12).then_some(octets)
}

impl fmt::Display for Hwid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for octet in self.0 {
            write!(formatter, "{separator}{octet:02x}")?;
            separator = ":";
        }
        Ok(())
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MacAddress({self})")
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hwid(hwid) => hwid.fmt(formatter),
            Self::Mac(mac) => mac.fmt(formatter),
        }
    }
}

impl FromStr for Hwid {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl FromStr for MacAddress {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

mod constants;
#[cfg(test)]
mod tests;
