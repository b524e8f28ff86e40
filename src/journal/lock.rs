//! One writer a run: an OS lock that dies with its owner.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};

use super::{Journal, JournalError, file_error, private_file};
use crate::run::RunId;

/// Held as long as this process may write the run.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
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
        let path = self.directory.join(format!("run-{run}.lock"));
        let mut file = private_file(&path).map_err(|source| file_error(&path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Who it is only serves the message.
                let _ = file.read_to_string(&mut text);
                let holder = Holder(if text.trim().is_empty() {
                    "another process".to_owned()
                } else {
                    crate::text::visible(text.trim()).into_owned()
                });
                return Err(JournalError::Held {
                    run: run.short(),
                    holder,
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
        Ok(RunLock { _file: file })
    }

    /// Who holds the run, if a process does.
    pub fn holder(&self, run: &RunId) -> Result<Option<Holder>, JournalError> {
        if !self.directory.join(format!("run-{run}.lock")).exists() {
            return Ok(None);
        }
        match self.lock_run(run) {
            Ok(_lock) => Ok(None),
            Err(JournalError::Held { holder, .. }) => Ok(Some(holder)),
            Err(error) => Err(error),
        }
    }
}
