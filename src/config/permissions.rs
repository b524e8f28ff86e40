//! Checks that other users can't read a secret or write the configuration.
//!
//! The configuration names commands to run, so that only its owner may write it; only the owner may
//! read a secret. A group counts as others, unless it is the user's own primary group without other
//! members.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::ConfigError;
use crate::platform::system_file;

/// Why a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PermissionProblem {
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

/// The rule that a file must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Only its owner may read or write it.
    Secret,
    /// Only its owner may write it.
    Config,
}

/// The metadata of a file that the check needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMetadata {
    /// The file's type and permission bits.
    pub mode: u32,
    /// The user ID of its owner.
    pub owner: u32,
    /// The user ID of this process.
    pub user: u32,
    /// True if certainly only the user is in the file's group.
    pub group_is_private: bool,
}

/// Checks a file's metadata against a rule. It doesn't use access(2), which always permits root.
fn check(file: FileMetadata, rule: Rule) -> Result<(), PermissionProblem> {
    const TYPE: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    if file.mode & TYPE != REGULAR {
        return Err(PermissionProblem::NotAFile);
    }
    if file.owner != file.user && file.owner != 0 {
        return Err(PermissionProblem::Owner);
    }
    let has = |bits: u32| file.mode & bits != 0;
    let group_has = |bits: u32| !file.group_is_private && has(bits);
    let is_secret = rule == Rule::Secret;
    match () {
        () if has(0o002) => Err(PermissionProblem::Writable),
        () if group_has(0o020) => Err(PermissionProblem::GroupWritable),
        () if is_secret && has(0o004) => Err(PermissionProblem::Readable),
        () if is_secret && group_has(0o040) => Err(PermissionProblem::GroupReadable),
        () => Ok(()),
    }
}

/// The metadata of an open file: its name may refer to another file by now.
fn metadata(file: &File) -> std::io::Result<FileMetadata> {
    let metadata = file.metadata()?;
    let user = rustix::process::getuid().as_raw();
    Ok(FileMetadata {
        mode: metadata.mode(),
        owner: metadata.uid(),
        user,
        group_is_private: Accounts::read().is_private(metadata.gid(), user),
    })
}

/// Why a file can't be read, or may not be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustedReadError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Its owner or its permissions.
    #[error(transparent)]
    Problem(#[from] PermissionProblem),
}

/// Reads the first `limit` bytes of a file that obeys `rule`. A FIFO is refused, and doesn't block.
pub fn read(path: &Path, rule: Rule, limit: u64) -> Result<Vec<u8>, TrustedReadError> {
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    check(metadata(&file)?, rule)?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a configuration file that nobody else can write.
pub fn read_config(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    let bytes = read(path, Rule::Config, u64::MAX).map_err(|error| match error {
        TrustedReadError::Io(source) => unreadable(source),
        TrustedReadError::Problem(problem) => ConfigError::Permissions {
            path: path.to_owned(),
            problem,
        },
    })?;
    String::from_utf8(bytes).map_err(|error| unreadable(std::io::Error::other(error)))
}

/// The users and groups that the system's files list.
#[derive(Debug, Default)]
struct Accounts {
    passwd: String,
    group: String,
    /// The sources of users and groups; empty without the file, which means local files.
    nsswitch: String,
}

impl Accounts {
    fn read() -> Self {
        let read = |path| system_file::read(path).unwrap_or_default();
        Self {
            passwd: read("/etc/passwd"),
            group: read("/etc/group"),
            nsswitch: read("/etc/nsswitch.conf"),
        }
    }

    /// True if the group is certainly the user's primary one and has no other members. A directory service
    /// may have members that no file lists, so that the result is false with one.
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

    /// True if users and groups are only in local files.
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

    fn file(mode: u32, owner: u32, group_is_private: bool) -> FileMetadata {
        FileMetadata {
            mode: 0o100_000 | mode,
            owner,
            user: 1000,
            group_is_private,
        }
    }

    #[test]
    fn secret_is_readable_by_its_owner_only() {
        assert_eq!(check(file(0o600, 1000, false), Rule::Secret), Ok(()));
        assert_eq!(check(file(0o400, 0, false), Rule::Secret), Ok(()));
        assert_eq!(check(file(0o640, 1000, true), Rule::Secret), Ok(()));
        assert_eq!(
            check(file(0o640, 1000, false), Rule::Secret),
            Err(PermissionProblem::GroupReadable)
        );
        assert_eq!(
            check(file(0o604, 1000, true), Rule::Secret),
            Err(PermissionProblem::Readable)
        );
        assert_eq!(
            check(file(0o620, 1000, false), Rule::Secret),
            Err(PermissionProblem::GroupWritable)
        );
        assert_eq!(
            check(file(0o600, 1001, false), Rule::Secret),
            Err(PermissionProblem::Owner)
        );
    }

    #[test]
    fn configuration_is_writable_by_its_owner_only() {
        assert_eq!(check(file(0o644, 1000, false), Rule::Config), Ok(()));
        assert_eq!(check(file(0o664, 1000, true), Rule::Config), Ok(()));
        assert_eq!(
            check(file(0o664, 1000, false), Rule::Config),
            Err(PermissionProblem::GroupWritable)
        );
        assert!(
            PermissionProblem::GroupWritable
                .to_string()
                .contains("chmod g-w")
        );
        assert_eq!(
            check(file(0o646, 0, false), Rule::Config),
            Err(PermissionProblem::Writable)
        );
        let directory = FileMetadata {
            mode: 0o040_700,
            ..file(0, 1000, false)
        };
        assert_eq!(
            check(directory, Rule::Config),
            Err(PermissionProblem::NotAFile)
        );
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
    fn group_is_private_if_it_is_the_users_own_without_other_members() {
        let accounts = accounts(PASSWD, GROUP, "");
        assert!(accounts.is_private(1000, 1000));
        for (group, user, case) in [
            (2000, 1000, "a team"),
            (2001, 1000, "not the primary group"),
            (2003, 1000, "an empty group that the user isn't in"),
            (1001, 1000, "another user's primary group"),
            (2002, 1002, "the own group with another member"),
            (3000, 1000, "an unknown group"),
            (1000, 1003, "an unknown user"),
        ] {
            assert!(!accounts.is_private(group, user), "{case}");
        }
    }

    #[test]
    fn group_with_two_entries_is_not_private() {
        let twice = format!("{GROUP}also:x:1000:\n");
        assert!(!accounts(PASSWD, &twice, "").is_private(1000, 1000));
        let shared = format!("{PASSWD}ada2:x:1000:1000::/:\n");
        assert!(!accounts(&shared, GROUP, "").is_private(1000, 1000));
    }

    #[test]
    fn group_is_not_private_where_a_directory_may_have_more_members() {
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
