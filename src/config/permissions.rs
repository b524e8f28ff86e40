//! Who may read a secret and who may write the configuration.
//!
//! A configuration names commands that are run, so nobody else may write it; a secret's file must
//! be nobody else's to read. A group counts as others, unless only the user is in it.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::ConfigError;

/// Why a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not a regular file.
    #[error("not a regular file")]
    NotAFile,
    /// It belongs to someone who is neither the user nor root.
    #[error("it belongs to another user: make it yours with chown")]
    Owner,
    /// Others can read a secret.
    #[error("others can read it: chmod 600 it")]
    Readable,
    /// Others can write it.
    #[error("others can write it: chmod go-w it")]
    Writable,
}

/// What must hold of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nobody else reads or writes it.
    Secret,
    /// Nobody else writes it.
    Config,
}

/// What the check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The file's type and permission bits.
    pub mode: u32,
    /// Its owner.
    pub owner: u32,
    /// Who asks.
    pub user: u32,
    /// Nobody but the user is in the file's group.
    pub group_is_private: bool,
}

/// Checks the facts of a file against a rule. Bits don't stop root, so this doesn't ask the system.
pub fn check(facts: Facts, rule: Rule) -> Result<(), Problem> {
    const TYPE: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    if facts.mode & TYPE != REGULAR {
        return Err(Problem::NotAFile);
    }
    if facts.owner != facts.user && facts.owner != 0 {
        return Err(Problem::Owner);
    }
    let others = if facts.group_is_private { 0o007 } else { 0o077 };
    if facts.mode & others & 0o022 != 0 {
        return Err(Problem::Writable);
    }
    if rule == Rule::Secret && facts.mode & others & 0o044 != 0 {
        return Err(Problem::Readable);
    }
    Ok(())
}

/// The facts of an open file: of the file that is read, not of a name that may change meanwhile.
pub fn facts(file: &File) -> std::io::Result<Facts> {
    let metadata = file.metadata()?;
    let user = rustix::process::getuid().as_raw();
    Ok(Facts {
        mode: metadata.mode(),
        owner: metadata.uid(),
        user,
        group_is_private: group_is_private(
            metadata.gid(),
            user,
            &std::fs::read_to_string("/etc/passwd").unwrap_or_default(),
            &std::fs::read_to_string("/etc/group").unwrap_or_default(),
        ),
    })
}

/// Reads a configuration file that nobody else can write.
pub(super) fn read_config(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    let mut file = open(path).map_err(unreadable)?;
    check(facts(&file).map_err(unreadable)?, Rule::Config).map_err(|problem| {
        ConfigError::Permissions {
            path: path.to_owned(),
            problem,
        }
    })?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// Opens a file for reading; a FIFO doesn't make it hang.
pub fn open(path: &Path) -> std::io::Result<File> {
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// True when the user, and nobody else that the system's files know, is in the group. When in
/// doubt, it is not.
fn group_is_private(group: u32, user: u32, passwd: &str, groups: &str) -> bool {
    let mut own_name = None;
    for line in passwd.lines() {
        let mut fields = line.split(':');
        let (name, uid, gid) = (fields.next(), fields.nth(1), fields.next());
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
        if number(uid) == Some(user) {
            own_name = name;
        } else if number(gid) == Some(group) {
            return false;
        }
    }
    let Some(own_name) = own_name else {
        return false;
    };
    groups
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2).and_then(|gid| gid.parse().ok()) == Some(group))
        .and_then(|fields| fields.get(3).copied())
        .is_some_and(|members| {
            members
                .split(',')
                .all(|member| member.is_empty() || member == own_name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(mode: u32, owner: u32, group_is_private: bool) -> Facts {
        Facts {
            mode: 0o100_000 | mode,
            owner,
            user: 1000,
            group_is_private,
        }
    }

    #[test]
    fn a_secret_is_nobody_elses_to_read() {
        assert_eq!(check(facts(0o600, 1000, false), Rule::Secret), Ok(()));
        assert_eq!(check(facts(0o400, 0, false), Rule::Secret), Ok(()));
        assert_eq!(check(facts(0o640, 1000, true), Rule::Secret), Ok(()));
        assert_eq!(
            check(facts(0o640, 1000, false), Rule::Secret),
            Err(Problem::Readable)
        );
        assert_eq!(
            check(facts(0o604, 1000, true), Rule::Secret),
            Err(Problem::Readable)
        );
        assert_eq!(
            check(facts(0o620, 1000, false), Rule::Secret),
            Err(Problem::Writable)
        );
        assert_eq!(
            check(facts(0o600, 1001, false), Rule::Secret),
            Err(Problem::Owner)
        );
    }

    #[test]
    fn a_configuration_is_nobody_elses_to_write() {
        assert_eq!(check(facts(0o644, 1000, false), Rule::Config), Ok(()));
        assert_eq!(check(facts(0o664, 1000, true), Rule::Config), Ok(()));
        assert_eq!(
            check(facts(0o664, 1000, false), Rule::Config),
            Err(Problem::Writable)
        );
        assert_eq!(
            check(facts(0o646, 0, false), Rule::Config),
            Err(Problem::Writable)
        );
        let directory = Facts {
            mode: 0o040_700,
            ..facts(0, 1000, false)
        };
        assert_eq!(check(directory, Rule::Config), Err(Problem::NotAFile));
    }

    #[test]
    fn a_group_of_one_is_private() {
        let passwd = "ada:x:1000:1000::/:\nbob:x:1001:1001::/:\n";
        let groups = "ada:x:1000:\nbob:x:1001:\nteam:x:2000:ada,bob\nsolo:x:2001:ada\n";
        assert!(group_is_private(1000, 1000, passwd, groups));
        assert!(group_is_private(2001, 1000, passwd, groups));
        assert!(!group_is_private(2000, 1000, passwd, groups));
        assert!(
            !group_is_private(1001, 1000, passwd, groups),
            "another's primary group"
        );
        assert!(
            !group_is_private(3000, 1000, passwd, groups),
            "an unknown group"
        );
        assert!(!group_is_private(1000, 1000, "", groups), "an unknown user");
    }
}
