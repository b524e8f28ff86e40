//! What can go wrong with the journal.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::files::Loss;
use super::lock::Holder;

/// What can go wrong with the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file can't be made or locked.
    #[error("{path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// SQLite reported an error.
    #[error("the journal in {path}: {source}{}", remedy(.source))]
    Database {
        path: PathBuf,
        source: rusqlite::Error,
    },
    /// A copy of the journal can't be written.
    #[error("the copy can't be written: {0}; make room, or name a file on another disk")]
    Copy(rusqlite::Error),
    /// A program newer than this one wrote it.
    #[error(
        "the journal {path} is of version {found}, newer than this program's {known}: use the newer program; nothing was changed"
    )]
    Newer {
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A row holds what no version of this program writes.
    #[error("the journal {path} is damaged: {damage}")]
    Damaged {
        path: PathBuf,
        /// Which row, and what is wrong with it.
        damage: String,
    },
    /// Its files are no longer those that were opened: further writes would be lost.
    #[error(
        "the journal was lost while it was in use: {loss}; nothing more is sent. Check in the console what was \
         sent, and don't use this state directory before that"
    )]
    Lost {
        /// Which file, and what became of it.
        loss: Loss,
    },
    /// Another process has it open, and this one needs it for itself.
    #[error(
        "the journal is in use by another process: quit that process, then try again; nothing was changed"
    )]
    InUse,
    /// An earlier write failed in this process.
    #[error("a write to the journal failed, so that its state is unknown: restart the program")]
    Poisoned,
    /// No run has this name.
    #[error("no run '{0}' in the journal: see `offboard runs --all-profiles`")]
    NoSuchRun(String),
    /// More than one run has this name.
    #[error("several runs have names that begin with '{0}': give more characters")]
    AmbiguousRun(String),
    /// Another process has the run.
    #[error("run {run} is held by {holder}")]
    Held {
        run: String,
        /// Who holds it.
        holder: Holder,
    },
}

/// What to do about SQLite's error, where its text doesn't say it.
fn remedy(source: &rusqlite::Error) -> &'static str {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "; nothing is sent: move the state directory away as a whole, restore a backup into a new \
             one, and check the tenant before you plan again"
        }
        Some(ErrorCode::DatabaseBusy) => {
            "; another process has been writing it for 10 s: wait for it, or quit it"
        }
        Some(ErrorCode::DiskFull) => "; make room, or give another --state-dir",
        Some(ErrorCode::SystemIoFailure) => {
            "; the disk is full or failed, or a limit on the size of files was reached (`ulimit -f`): make room, or \
             give another --state-dir"
        }
        _ => "",
    }
}

/// Makes an error of this file from the system's.
pub(super) fn at_path(path: &Path) -> impl Fn(std::io::Error) -> JournalError + Copy {
    move |source| file_error(path, source)
}

pub(super) fn file_error(path: &Path, source: std::io::Error) -> JournalError {
    JournalError::File {
        path: path.to_owned(),
        source,
    }
}
