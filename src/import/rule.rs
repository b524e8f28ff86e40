//! The rules by which an entry is matched with a device.

use std::fmt;

/// The value that an entry and its device have in common; the strongest rule first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatchRule {
    /// The hardware ID, ignoring case.
    Hwid,
    /// A MAC address that isn't a known constant.
    Mac,
    /// The manufacturer's serial number, ignoring case.
    Serial,
    /// The host name, ignoring case; two different domains make two names.
    Hostname,
    /// The name in the console, ignoring case.
    Nickname,
    /// The account of the device's user.
    User,
}

impl MatchRule {
    /// All rules, in the order in which they are tried.
    pub const ALL: [Self; 6] = [
        Self::Hwid,
        Self::Mac,
        Self::Serial,
        Self::Hostname,
        Self::Nickname,
        Self::User,
    ];

    /// The name in plan files, the journal and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hwid => "hwid",
            Self::Mac => "mac",
            Self::Serial => "serial",
            Self::Hostname => "hostname",
            Self::Nickname => "nickname",
            Self::User => "user",
        }
    }

    /// The rule whose [`as_str`](Self::as_str) is `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}

/// The label for messages, such as `by serial`.
impl fmt::Display for MatchRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = match self {
            Self::Hwid => "HWID",
            Self::Mac => "MAC",
            other => other.as_str(),
        };
        write!(formatter, "by {label}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_name_inverts_as_str() {
        for rule in MatchRule::ALL {
            assert_eq!(MatchRule::from_name(rule.as_str()), Some(rule));
        }
        assert_eq!(MatchRule::from_name("asset"), None);
        assert_eq!(MatchRule::Serial.to_string(), "by serial");
        assert_eq!(MatchRule::Hwid.to_string(), "by HWID");
    }
}
