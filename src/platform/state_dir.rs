//! The directory that holds the journal: private, local, and one user's.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// What is wrong with a state directory.
#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    #[error("the state directory {path}: {source}: give another one with --state-dir")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// It belongs to another user, or others may use it.
    #[error("the state directory {path} {problem}")]
    Unsafe {
        path: PathBuf,
        /// What is wrong, with the remedy.
        problem: &'static str,
    },
    /// It is on a network file system.
    #[error(
        "the state directory {path} is on {kind}, where the journal's locks can't be trusted: give a local one with --state-dir"
    )]
    Network {
        path: PathBuf,
        /// Which file system.
        kind: &'static str,
    },
    /// The home directory isn't known.
    #[error("the state directory's place is not known (is HOME set?): give --state-dir DIR")]
    NoHome,
}

/// Makes a directory within the state directory, for its user only.
pub fn private_directory(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Where the state directory is, or would be: `given`, or its usual place. Nothing without a home
/// directory.
pub fn place(given: Option<&Path>) -> Option<PathBuf> {
    given.map(Path::to_owned).or_else(usual_place)
}

/// The state directory: `given`, or its usual place. It is made if there is none.
pub fn open(given: Option<&Path>) -> Result<PathBuf, StateDirError> {
    let path = place(given).ok_or(StateDirError::NoHome)?;
    let io = |source| StateDirError::Io {
        path: path.clone(),
        source,
    };
    private_directory(&path).map_err(io)?;
    let metadata = std::fs::metadata(&path).map_err(io)?;
    let user = rustix::process::getuid().as_raw();
    if let Some(problem) = problem(metadata.mode(), metadata.uid(), user) {
        return Err(StateDirError::Unsafe { path, problem });
    }
    if let Some(kind) = network_kind(&path).map_err(io)? {
        return Err(StateDirError::Network { path, kind });
    }
    Ok(path)
}

fn usual_place() -> Option<PathBuf> {
    let directories = directories::ProjectDirs::from("", "", "offboard")?;
    Some(
        directories
            .state_dir()
            .unwrap_or_else(|| directories.data_local_dir())
            .to_owned(),
    )
}

/// What is wrong with a directory of this mode and owner. Bits don't stop root, so this doesn't ask
/// the system.
fn problem(mode: u32, owner: u32, user: u32) -> Option<&'static str> {
    if owner != user {
        return Some("belongs to another user: give one of your own with --state-dir");
    }
    (mode & 0o077 != 0).then_some("can be used by others: chmod 700 it")
}

#[cfg(target_os = "linux")]
fn network_kind(path: &Path) -> std::io::Result<Option<&'static str>> {
    // A test can't mount a server's share, but a debug build can be made to think it is on one.
    #[cfg(debug_assertions)]
    if let Some(magic) = std::env::var("OFFBOARD_TEST_FILE_SYSTEM")
        .ok()
        .and_then(|text| text.parse().ok())
    {
        return Ok(network_name(magic));
    }
    Ok(network_name(rustix::fs::statfs(path)?.f_type))
}

#[cfg(not(target_os = "linux"))]
fn network_kind(_path: &Path) -> std::io::Result<Option<&'static str>> {
    Ok(None)
}

/// The network file systems among the magic numbers of statfs(2).
#[cfg(target_os = "linux")]
fn network_name(magic: i64) -> Option<&'static str> {
    // Some kernels report the number sign-extended from 32 bits.
    match magic & 0xffff_ffff {
        0x6969 => Some("NFS"),
        0xff53_4d42 | 0xfe53_4d42 | 0x517b => Some("SMB/CIFS"),
        0x0102_1997 => Some("9P"),
        0x5346_414f => Some("AFS"),
        0x00c3_6400 => Some("Ceph"),
        0x6573_5546 => Some("FUSE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_directory_must_be_private_and_ones_own() {
        assert_eq!(problem(0o40700, 1000, 1000), None);
        assert!(problem(0o40750, 1000, 1000).is_some_and(|problem| problem.contains("chmod 700")));
        assert!(problem(0o40700, 0, 1000).is_some_and(|problem| problem.contains("another user")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn network_file_systems_are_known() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(-11_317_950), Some("SMB/CIFS"), "sign-extended");
        assert_eq!(network_name(0xef53), None, "ext4");
    }

    #[test]
    fn state_directory_is_made_private() {
        let parent = tempfile::tempdir().expect("a directory");
        let path = parent.path().join("a/b");
        let opened = open(Some(&path)).expect("made");
        let mode = std::fs::metadata(opened).expect("metadata").mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
