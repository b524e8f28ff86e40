//! The actions on a device: uninstall, archive, remove.

use std::fmt;
use std::str::FromStr;

/// An action of Delete Devices v2.0. Each also uninstalls the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Uninstall the agent, keep the cloud record.
    Uninstall,
    /// Uninstall the agent, archive the cloud record.
    Archive,
    /// Uninstall the agent, remove the cloud record.
    Remove,
}

impl Action {
    /// All actions in display order, the mildest first.
    pub const ALL: [Self; 3] = [Self::Uninstall, Self::Archive, Self::Remove];

    /// The parameter `opt` of Delete Devices v2.0. It is always sent, because its default is remove.
    pub fn wire_value(self) -> u8 {
        match self {
            Self::Uninstall => 0,
            Self::Remove => 1,
            Self::Archive => 2,
        }
    }

    /// The action whose `opt` is `value`.
    pub fn from_wire(value: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|action| action.wire_value() == value)
    }

    /// The name on the screen, in the journal and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uninstall => "uninstall",
            Self::Archive => "archive",
            Self::Remove => "remove",
        }
    }

    /// What was done to a device, as far as the cloud accepted it.
    pub fn past_participle(self) -> &'static str {
        match self {
            Self::Uninstall => "uninstalled",
            Self::Archive => "archived",
            Self::Remove => "removed",
        }
    }

    /// The consequence for a device, in one sentence.
    pub fn consequence(self) -> &'static str {
        match self {
            Self::Uninstall => {
                "The agent is told to uninstall itself; the cloud record stays and keeps its history."
            }
            Self::Archive => {
                "The agent is told to uninstall itself; the cloud record is archived for the account's retention period."
            }
            Self::Remove => {
                "The agent is told to uninstall itself; the cloud record is removed for good."
            }
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A text that is not the name of an action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown action '{0}': use uninstall, archive or remove")]
pub struct UnknownAction(String);

impl FromStr for Action {
    type Err = UnknownAction;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == word)
            .ok_or_else(|| UnknownAction(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_values_are_those_of_the_published_api() {
        assert_eq!(Action::Uninstall.wire_value(), 0);
        assert_eq!(Action::Remove.wire_value(), 1);
        assert_eq!(Action::Archive.wire_value(), 2);
        assert_eq!(Action::from_wire(3), None);
    }

    #[test]
    fn words_parse_back() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse(), Ok(action));
            assert_eq!(Action::from_wire(action.wire_value()), Some(action));
        }
        assert!("delete".parse::<Action>().is_err());
    }
}
