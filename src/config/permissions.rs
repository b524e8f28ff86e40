//! Who may read a secret and who may write the configuration.
//!
//! A configuration names commands that are run, so nobody else may write it; a secret's file must
//! be nobody else's to read. A group counts as others, unless it is the user's own primary group and
//! nobody else can be in it.

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
    /// The file's group can read a secret.
    #[error("its group can read it, and others may be in that group: chmod g-rw it")]
    GroupReadable,
    /// The file's group can write it.
    #[error("its group can write it, and others may be in that group: chmod g-w it")]
    GroupWritable,
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
    /// Certainly nobody but the user is in the file's group.
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
    let has = |bits: u32| facts.mode & bits != 0;
    let group_has = |bits: u32| !facts.group_is_private && has(bits);
    let is_secret = rule == Rule::Secret;
    match () {
        () if has(0o002) => Err(Problem::Writable),
        () if group_has(0o020) => Err(Problem::GroupWritable),
        () if is_secret && has(0o004) => Err(Problem::Readable),
        () if is_secret && group_has(0o040) => Err(Problem::GroupReadable),
        () => Ok(()),
    }
}

/// The facts of an open file: of the file that is read, not of a name that may change meanwhile.
pub fn facts(file: &File) -> std::io::Result<Facts> {
    let metadata = file.metadata()?;
    let user = rustix::process::getuid().as_raw();
    Ok(Facts {
        mode: metadata.mode(),
        owner: metadata.uid(),
        user,
        group_is_private: Accounts::read().is_private(metadata.gid(), user),
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

/// The users and groups that the system's files list.
#[derive(Debug, Default)]
struct Accounts {
    passwd: String,
    group: String,
    /// Where the system looks for users and groups; empty without the file, which means in files.
    nsswitch: String,
}

impl Accounts {
    fn read() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        Self {
            passwd: read("/etc/passwd"),
            group: read("/etc/group"),
            nsswitch: read("/etc/nsswitch.conf"),
        }
    }

    /// True when it is certain that the group is the user's primary one and holds nobody else. A
    /// directory service may know members that no file lists, so that nothing is certain with one.
    fn is_private(&self, group: u32, user: u32) -> bool {
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
        let mut own = None;
        for line in self.passwd.lines() {
            let mut fields = line.split(':');
            let (name, uid, gid) = (fields.next(), fields.nth(1), fields.next());
            if number(uid) == Some(user) {
                if number(gid) != Some(group) || own.is_some() {
                    return false;
                }
                own = name;
            } else if number(gid) == Some(group) {
                return false;
            }
        }
        let Some(own) = own else { return false };
        let mut entries = self
            .group
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .filter(|fields| number(fields.get(2).copied()) == Some(group));
        let (Some(entry), None) = (entries.next(), entries.next()) else {
            return false;
        };
        let mut members = entry.get(3).copied().unwrap_or_default().split(',');
        members.all(|member| member.trim().is_empty() || member.trim() == own)
            && self.lists_everyone()
    }

    /// True if users and groups come from files alone.
    fn lists_everyone(&self) -> bool {
        // Systemd's own users, such as those of running services, are in no group of others.
        let is_local = |source: &str| matches!(source, "files" | "systemd");
        self.nsswitch
            .lines()
            .filter_map(|line| line.split('#').next()?.split_once(':'))
            .filter(|(database, _)| matches!(database.trim(), "passwd" | "group" | "initgroups"))
            .flat_map(|(_, sources)| sources.split_whitespace())
            .all(is_local)
    }
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
            Err(Problem::GroupReadable)
        );
        assert_eq!(
            check(facts(0o604, 1000, true), Rule::Secret),
            Err(Problem::Readable)
        );
        assert_eq!(
            check(facts(0o620, 1000, false), Rule::Secret),
            Err(Problem::GroupWritable)
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
            Err(Problem::GroupWritable)
        );
        assert!(Problem::GroupWritable.to_string().contains("chmod g-w"));
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

    const PASSWD: &str = "ada:x:1000:1000::/:\nbob:x:1001:1001::/:\neve:x:1002:2002::/:\n";
    const GROUP: &str = "ada:x:1000:\nbob:x:1001:\nteam:x:2000:ada,bob\nsolo:x:2001:ada\n\
                         empty:x:2003:\neve:x:2002:bob\n";

    fn accounts(passwd: &str, group: &str, nsswitch: &str) -> Accounts {
        Accounts {
            passwd: passwd.to_owned(),
            group: group.to_owned(),
            nsswitch: nsswitch.to_owned(),
        }
    }

    #[test]
    fn a_group_is_private_if_it_is_the_users_own_and_names_nobody_else() {
        let accounts = accounts(PASSWD, GROUP, "");
        assert!(accounts.is_private(1000, 1000));
        for (group, user, what) in [
            (2000, 1000, "a team"),
            (2001, 1000, "not the primary group"),
            (2003, 1000, "an empty group that the user isn't in"),
            (1001, 1000, "another user's primary group"),
            (2002, 1002, "the own group with another member"),
            (3000, 1000, "an unknown group"),
            (1000, 1003, "an unknown user"),
        ] {
            assert!(!accounts.is_private(group, user), "{what}");
        }
    }

    #[test]
    fn a_group_that_two_lines_describe_is_not_private() {
        let twice = format!("{GROUP}also:x:1000:\n");
        assert!(!accounts(PASSWD, &twice, "").is_private(1000, 1000));
        let shared = format!("{PASSWD}ada2:x:1000:1000::/:\n");
        assert!(!accounts(&shared, GROUP, "").is_private(1000, 1000));
    }

    #[test]
    fn a_group_is_not_private_where_a_directory_may_know_more_members() {
        for (nsswitch, is_private) in [
            (
                "passwd: files systemd\ngroup:\tfiles systemd # sss\nhosts: dns\n",
                true,
            ),
            ("passwd: files sss\ngroup: files sss\n", false),
            ("passwd: files\ngroup: files ldap\n", false),
            ("passwd: files winbind\n", false),
            ("group: files [SUCCESS=merge] systemd\n", false),
            ("initgroups: files nis\n", false),
        ] {
            let accounts = accounts(PASSWD, GROUP, nsswitch);
            assert_eq!(accounts.is_private(1000, 1000), is_private, "{nsswitch}");
        }
    }
}
