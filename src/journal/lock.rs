//! Run locks: an OS lock per run, which the system releases when its process ends.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::{Journal, JournalError, Loss, file_error, files};
use crate::domain::run::RunId;

/// How often and how long to wait for a lock: another process may hold it only for a check.
const LOOKS: u32 = 10;
const LOOK: Duration = Duration::from_millis(20);

/// Held as long as this process may write the run.
#[derive(Debug)]
pub struct RunLock {
    file: File,
    path: PathBuf,
}

impl RunLock {
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
        for _ in 0..LOOKS {
            match self.try_lock_run(run) {
                Err(JournalError::Held { .. }) => std::thread::sleep(LOOK),
                taken => return taken,
            }
        }
        self.try_lock_run(run)
    }

    /// The same without waiting for one who only looks.
    pub fn try_lock_run(&self, run: &RunId) -> Result<RunLock, JournalError> {
        let path = self.lock_path(run);
        let mut file = files::private_file(&path).map_err(|source| file_error(&path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::Held {
                    run: run.short(),
                    holder: read_holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(file_error(&path, source)),
        }
        let holder = format!(
            "process {} since {}",
            std::process::id(),
            self.clock.now().wall
        );
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.as_bytes()))
            .map_err(|source| file_error(&path, source))?;
        Ok(RunLock { file, path })
    }

    /// Who holds the run, if a process does. Looking takes nothing from anybody: those who only look
    /// don't stand in each other's way, and a writer waits the moment out.
    pub fn holder(&self, run: &RunId) -> Result<Option<Holder>, JournalError> {
        let path = self.lock_path(run);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(file_error(&path, source)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_holder(&mut file))),
            Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
        }
    }

    fn lock_path(&self, run: &RunId) -> PathBuf {
        self.directory.join(format!("run-{run}.lock"))
    }
}

/// Who it is only serves the message, so that what can't be read is no error.
fn read_holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let read = file.read_to_string(&mut text);
    Holder(match (read, text.trim()) {
        (Err(_), _) | (_, "") => "another process".to_owned(),
        (Ok(_), text) => crate::text::visible(text).into_owned(),
    })
}
