//! The journal's files: created private, and checked while they are open.
//!
//! A process that has a removed database open can still write to it, and those writes are lost. So the
//! files are checked after every write, and the lock file outside the database has the newest intent.

use std::collections::HashMap;
use std::fmt;
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::wal;
use crate::domain::run::RunId;
use crate::text::hex;

/// The database's name in the state directory.
pub(super) const DATABASE: &str = "journal.db";
const LOCK: &str = "journal.lock";
/// What every SQLite database begins with.
const DATABASE_MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How often and how long to wait for a log whose beginning another process may be writing.
const ATTEMPTS: u32 = 5;
const RETRY_INTERVAL: Duration = Duration::from_millis(2);

/// What happened to a file that is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// No file has its name.
    Removed(PathBuf),
    /// Another file has its name.
    Replaced(PathBuf),
    /// It is shorter than it was.
    Shortened(PathBuf),
    /// It doesn't begin as such a file does.
    Overwritten(PathBuf),
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, change) = match self {
            Self::Removed(path) => (path, "was removed"),
            Self::Replaced(path) => (path, "was replaced"),
            Self::Shortened(path) => (path, "was cut short"),
            Self::Overwritten(path) => (path, "was overwritten"),
        };
        write!(formatter, "{} {change}", path.display())
    }
}

/// The files of an open database.
#[derive(Debug)]
pub(super) struct OpenFiles {
    database: OpenFile,
    log: OpenFile,
    index: OpenFile,
    /// It has the newest intent, by which a later start knows what the database lacks.
    lock: OpenFile,
}

/// A file as it was at the last check.
#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    identity: (u64, u64),
    size: u64,
}

impl OpenFiles {
    /// The files of the database at `path`, all of which exist once a connection has used it.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let beside = |extension| OpenFile::of(path.with_extension(extension));
        Ok(Self {
            database: OpenFile::of(path.to_owned())?,
            log: beside("db-wal")?,
            index: beside("db-shm")?,
            lock: OpenFile::of(path.with_file_name(LOCK))?,
        })
    }

    /// Returns a loss if writes no longer reach the files that a later start will open.
    pub(super) fn check(&mut self) -> io::Result<Option<Loss>> {
        let files = [
            &mut self.database,
            &mut self.log,
            &mut self.index,
            &mut self.lock,
        ];
        for file in files {
            if let Some(loss) = file.check()? {
                return Ok(Some(loss));
            }
        }
        let overwritten = |file: &OpenFile| Ok(Some(Loss::Overwritten(file.path.clone())));
        if start_of(&self.database)?.is_none_or(|start| &start != DATABASE_MAGIC) {
            return overwritten(&self.database);
        }
        if !is_log(&self.log)? {
            return overwritten(&self.log);
        }
        Ok(None)
    }
}

/// True if the log is empty, or begins as every log does. Another process may be writing its beginning:
/// it is read again before it counts as overwritten.
fn is_log(log: &OpenFile) -> io::Result<bool> {
    for _ in 0..ATTEMPTS {
        if log.size == 0 || start_of(log)?.is_some_and(|header| wal::is_header(&header)) {
            return Ok(true);
        }
        std::thread::sleep(RETRY_INTERVAL);
    }
    Ok(false)
}

impl OpenFile {
    fn of(path: PathBuf) -> io::Result<Self> {
        let metadata = path.symlink_metadata()?;
        Ok(Self {
            identity: identity(&metadata),
            size: metadata.len(),
            path,
        })
    }

    fn check(&mut self) -> io::Result<Option<Loss>> {
        let Some(metadata) = metadata_of(&self.path)? else {
            return Ok(Some(Loss::Removed(self.path.clone())));
        };
        if identity(&metadata) != self.identity {
            return Ok(Some(Loss::Replaced(self.path.clone())));
        }
        // SQLite makes none of its files shorter while they are in use.
        if metadata.len() < self.size {
            return Ok(Some(Loss::Shortened(self.path.clone())));
        }
        self.size = metadata.len();
        Ok(None)
    }
}

fn metadata_of(path: &Path) -> io::Result<Option<Metadata>> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// The first bytes of a file of the database; none if it has less. Its handle stays open until the
/// process ends: closing one releases every POSIX lock of this process on the file, including those of
/// SQLite's connections.
fn start_of<const LENGTH: usize>(file: &OpenFile) -> io::Result<Option<[u8; LENGTH]>> {
    static HANDLES: Mutex<Option<HashMap<(u64, u64), File>>> = Mutex::new(None);
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    let handles = handles.get_or_insert_default();
    let handle = match handles.entry(file.identity) {
        std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
        std::collections::hash_map::Entry::Vacant(new) => new.insert(File::open(&file.path)?),
    };
    let mut bytes = [0; LENGTH];
    match handle.read_exact_at(&mut bytes, 0) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates the database as a file that only its owner can read; SQLite gives its other files the same
/// mode. An existing one is not opened here: see [`start_of`]. A link is refused, and a file that
/// others can read is made private.
pub(super) fn make_database(path: &Path) -> io::Result<()> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => return made.map(drop),
    }
    for extension in ["db", "db-wal", "db-shm"] {
        let path = path.with_extension(extension);
        let Some(metadata) = metadata_of(&path)? else {
            continue;
        };
        if !metadata.is_file() {
            let text = format!(
                "{} is not a regular file: remove it, or give another --state-dir",
                path.display()
            );
            return Err(io::Error::new(ErrorKind::InvalidInput, text));
        }
        if metadata.mode() & 0o077 != 0 {
            std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

/// True if the file at `path` is still `file`, so that a lock on it excludes other processes.
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let here = identity(&file.metadata()?);
    Ok(metadata_of(path)?.is_some_and(|metadata| identity(&metadata) == here))
}

/// The file that is locked while the journal is opened. It holds the newest intent.
pub(super) fn lock_path(directory: &Path) -> PathBuf {
    directory.join(LOCK)
}

/// The newest call whose intent was durable: of the state directory in its lock file, of a run in the
/// run's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NewestIntent {
    pub(super) run: RunId,
    pub(super) call: u32,
}

impl NewestIntent {
    /// How many bytes it takes in a lock file, always.
    pub(super) const LENGTH: usize = "run ".len() + 32 + " call ".len() + 10 + "\n".len();

    /// Reads it from the start of a lock file; none before the first intent, or if an earlier version of
    /// the program stored it.
    pub(super) fn read(lock: &File) -> io::Result<Option<Self>> {
        let text = read_start(lock)?;
        Ok(text.get(..Self::LENGTH).and_then(Self::parse))
    }

    /// Writes it into a lock file with one call, since another process may read it meanwhile.
    pub(super) fn write(self, lock: &File) -> io::Result<()> {
        lock.write_all_at(self.to_string().as_bytes(), 0)?;
        lock.sync_data()
    }

    fn parse(line: &str) -> Option<Self> {
        let (run, call) = line.strip_prefix("run ")?.split_once(" call ")?;
        Some(Self {
            run: RunId::from_hex(run)?,
            call: call.trim_end().parse().ok()?,
        })
    }
}

/// True if nothing was ever written into a lock file: it was made for a new state directory, or in place of
/// one that was removed.
pub(super) fn is_unused(lock: &File) -> io::Result<bool> {
    Ok(lock.metadata()?.len() == 0)
}

/// Marks an [unused](is_unused) file as used, with room for the newest intent.
pub(super) fn mark_used(lock: &File) -> io::Result<()> {
    if !is_unused(lock)? {
        return Ok(());
    }
    let line = format!("{:width$}\n", "", width = NewestIntent::LENGTH - 1);
    lock.write_all_at(line.as_bytes(), 0)?;
    lock.sync_data()
}

/// Reads the first bytes of a lock file, more than any has; nothing if they aren't text.
pub(super) fn read_start(lock: &File) -> io::Result<String> {
    let mut bytes = [0; 512];
    let mut filled = 0;
    while let rest @ [_, ..] = &mut bytes[filled..] {
        match lock.read_at(rest, filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(String::from_utf8(bytes[..filled].to_vec()).unwrap_or_default())
}

impl fmt::Display for NewestIntent {
    /// Always of the same length, so that a new one overwrites the last one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "run {} call {:010}",
            hex(self.run.bytes()),
            self.call
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::file;

    #[test]
    fn newest_intent_is_read_back_and_covered_by_the_next() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        let read = || NewestIntent::read(&File::open(&path).expect("open")).expect("readable");
        let lock = file::private_file(&path).expect("made");
        assert_eq!(read(), None);
        for call in [u32::MAX, 7] {
            let intent = NewestIntent {
                run: RunId::from_bytes([0xa7; 16]),
                call,
            };
            intent.write(&lock).expect("written");
            assert_eq!(read(), Some(intent));
        }
        lock.write_all_at(b"run \xff", 0).expect("written");
        assert_eq!(read(), None);
    }

    #[test]
    fn database_is_not_made_where_a_link_points() {
        let directory = tempfile::tempdir().expect("a directory");
        let link = directory.path().join("link.db");
        let nowhere = directory.path().join("nowhere");
        std::os::unix::fs::symlink(&nowhere, &link).expect("linked");
        assert!(make_database(&link).is_err());
        assert!(!nowhere.exists());
    }
}
