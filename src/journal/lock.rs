//! Run locks: an OS lock per run, which the system releases when its process ends.
//!
//! The lock's file outlives the process. Its first line is the newest call of the run whose intent was
//! durable, so that a journal which lost calls is noticed; the second line is the process.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::NewestIntent;
use super::{Journal, JournalError, Loss, at_path, file_error, files};
use crate::domain::run::RunId;
use crate::platform::file;

/// How often and how long to wait for a lock: another process may hold it only for a check.
const ATTEMPTS: u32 = 10;
const RETRY_INTERVAL: Duration = Duration::from_millis(20);
const PREFIX: &str = "run-";
const SUFFIX: &str = ".lock";

/// Held as long as this process may write the run.
#[derive(Debug)]
pub struct RunLock {
    run: RunId,
    file: File,
    path: PathBuf,
}

impl RunLock {
    /// The run that is held.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// An error if the lock file was removed or replaced: it no longer excludes other processes.
    pub fn check(&self) -> Result<(), JournalError> {
        let lost = |loss| Err(JournalError::Lost { loss });
        match files::is_at(&self.file, &self.path) {
            Ok(true) => Ok(()),
            Ok(false) if self.path.exists() => lost(Loss::Replaced(self.path.clone())),
            Ok(false) => lost(Loss::Removed(self.path.clone())),
            Err(source) => Err(file_error(&self.path, source)),
        }
    }

    /// The newest call of the run whose intent was durable; none before the first.
    pub(super) fn newest_intent(&self) -> Result<Option<NewestIntent>, JournalError> {
        NewestIntent::read(&self.file).map_err(at_path(&self.path))
    }

    /// Records a call whose intent is durable.
    pub(super) fn store_newest_intent(&self, intent: NewestIntent) -> Result<(), JournalError> {
        let stored = intent.write(&self.file);
        stored.map_err(at_path(&self.path))
    }
}

/// The process that has a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder(String);

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Journal {
    /// Takes the run for this process, or says who has it.
    pub fn lock_run(&self, run: &RunId) -> Result<RunLock, JournalError> {
        for _ in 0..ATTEMPTS {
            match self.try_lock_run(run) {
                Err(JournalError::Held { .. }) => std::thread::sleep(RETRY_INTERVAL),
                taken => return taken,
            }
        }
        self.try_lock_run(run)
    }

    /// The same without waiting for one who only looks.
    pub fn try_lock_run(&self, run: &RunId) -> Result<RunLock, JournalError> {
        let path = self.lock_path(run);
        if !path.exists() {
            // A lock file would hide that a damaged journal lacks its own.
            self.check_whole()?;
        }
        let file = file::private_file(&path).map_err(at_path(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::Held {
                    run: run.short(),
                    holder: read_holder(&file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(file_error(&path, source)),
        }
        let holder = format!(
            "process {} since {}",
            std::process::id(),
            self.clock.now().wall.strftime("%FT%TZ")
        );
        write_holder(&file, &holder).map_err(at_path(&path))?;
        Ok(RunLock {
            run: *run,
            file,
            path,
        })
    }

    /// Who holds the run, if a process does. Looking takes nothing from anybody: those who only look
    /// don't stand in each other's way, and a writer waits the moment out.
    pub fn holder(&self, run: &RunId) -> Result<Option<Holder>, JournalError> {
        let path = self.lock_path(run);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(file_error(&path, source)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_holder(&file))),
            Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
        }
    }

    fn lock_path(&self, run: &RunId) -> PathBuf {
        self.directory.join(format!("{PREFIX}{run}{SUFFIX}"))
    }
}

/// Writes the second line, and never the first, which must survive a kill at any moment. The file of a run
/// without a call has an empty first line.
fn write_holder(file: &File, holder: &str) -> io::Result<()> {
    let start = match NewestIntent::read(file)? {
        Some(_) => NewestIntent::LENGTH,
        None => 0,
    };
    let line = match start {
        0 => format!("{:width$}\n{holder}", "", width = NewestIntent::LENGTH - 1),
        _ => holder.to_owned(),
    };
    file.write_all_at(line.as_bytes(), start as u64)?;
    file.set_len((start + line.len()) as u64)
}

/// Who it is only serves the message, so that what can't be read is no error.
fn read_holder(file: &File) -> Holder {
    let text = files::read_start(file).unwrap_or_default();
    let holder = text.get(NewestIntent::LENGTH..).unwrap_or_default();
    Holder(match holder.trim() {
        "" => "another process".to_owned(),
        holder => crate::text::visible(holder).into_owned(),
    })
}

/// The file of a run's lock.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RunFile {
    /// The run by which it is named.
    pub run: String,
    pub content: RunFileContent,
}

/// What the file of a run's lock says about its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunFileContent {
    /// The newest call whose intent was durable.
    Call(NewestIntent),
    /// The run had no call yet.
    NoCall,
    /// Nothing: it was made at the moment of a kill, or emptied.
    Nothing,
    /// Neither of these: it was overwritten.
    Unreadable,
}

/// The files of all run locks of a state directory.
pub(super) fn run_files(directory: &Path) -> io::Result<Vec<RunFile>> {
    let mut files = Vec::new();
    for path in files_of_runs(directory)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let run = name.strip_prefix(PREFIX);
        let run = run.and_then(|name| name.strip_suffix(SUFFIX));
        let file = File::open(&path)?;
        let text = files::read_start(&file)?;
        let first_line = text.get(..NewestIntent::LENGTH).unwrap_or(&text);
        let content = match NewestIntent::read(&file)? {
            Some(intent) => RunFileContent::Call(intent),
            None if file.metadata()?.len() == 0 => RunFileContent::Nothing,
            None if !text.is_empty() && first_line.trim().is_empty() => RunFileContent::NoCall,
            None => RunFileContent::Unreadable,
        };
        files.push(RunFile {
            run: run.unwrap_or_default().to_owned(),
            content,
        });
    }
    Ok(files)
}

/// True if a state directory has the file of any run's lock.
pub(super) fn is_any(directory: &Path) -> io::Result<bool> {
    Ok(!files_of_runs(directory)?.is_empty())
}

fn files_of_runs(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in directory.read_dir()? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_lock = name.starts_with(PREFIX) && name.ends_with(SUFFIX);
        if is_lock && entry.file_type()?.is_file() {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holder_is_written_beside_the_newest_intent() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("run-0.lock");
        let file = file::private_file(&path).expect("made");
        let intent = NewestIntent {
            run: RunId::from_bytes([7; 16]),
            call: 3,
        };
        // What an earlier version of the program wrote.
        std::fs::write(&path, "process 12345 since 2026-01-02T03:04:05Z").expect("written");
        write_holder(&file, "the first one").expect("written");
        assert_eq!(NewestIntent::read(&file).expect("readable"), None);
        assert_eq!(read_holder(&file).to_string(), "the first one");
        intent.write(&file).expect("written");
        for holder in ["the second one", "third"] {
            write_holder(&file, holder).expect("written");
            assert_eq!(NewestIntent::read(&file).expect("readable"), Some(intent));
            assert_eq!(read_holder(&file).to_string(), holder);
        }
        let content = || {
            let mut files = run_files(directory.path()).expect("read");
            let file = files.pop().expect("a file");
            assert_eq!(file.run, "0");
            file.content
        };
        assert_eq!(content(), RunFileContent::Call(intent));
        for (bytes, is) in [
            (&b""[..], RunFileContent::Nothing),
            (b"x", RunFileContent::Unreadable),
            (b"\xff\xfe\n", RunFileContent::Unreadable),
        ] {
            std::fs::write(&path, bytes).expect("written");
            assert_eq!(content(), is, "{bytes:?}");
        }
        std::fs::write(&path, "").expect("written");
        write_holder(&file, "without a call").expect("written");
        assert_eq!(content(), RunFileContent::NoCall);
    }
}
