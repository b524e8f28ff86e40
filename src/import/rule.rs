//! By what an entry was joined with a device.

use std::fmt;

/// What an entry and its device have in common, the strongest first: the first rule that finds
/// something decides.
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
    /// The name that the console gives it, ignoring case.
    Nickname,
    /// The account of the person whose device it is.
    User,
}

impl MatchRule {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 6] = [
        Self::Hwid,
        Self::Mac,
        Self::Serial,
        Self::Hostname,
        Self::Nickname,
        Self::User,
    ];

    /// The word for it in plan files, the journal and exports.
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

    /// The rule whose [`as_str`](Self::as_str) is `word`.
    pub fn from_name(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == word)
    }
}

/// For people: `by serial`.
impl fmt::Display for MatchRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Hwid => "HWID",
            Self::Mac => "MAC",
            other => other.as_str(),
        };
        write!(formatter, "by {word}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_again_by_their_words() {
        for rule in MatchRule::ALL {
            assert_eq!(MatchRule::from_name(rule.as_str()), Some(rule));
        }
        assert_eq!(MatchRule::from_name("asset"), None);
        assert_eq!(MatchRule::Serial.to_string(), "by serial");
        assert_eq!(MatchRule::Hwid.to_string(), "by HWID");
    }
}
