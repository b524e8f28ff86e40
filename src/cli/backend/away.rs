//! What was kept when a terminal was closed: a small file for each run, until the next start has shown
//! it.

use std::path::{Path, PathBuf};

use crate::platform::file::{self, WriteError};
use crate::platform::state_dir;
use crate::tui::away::ClosedTerminal;

const DIRECTORY: &str = "away";

fn path(state_dir: &Path, run: &ClosedTerminal) -> PathBuf {
    state_dir
        .join(DIRECTORY)
        .join(format!("{}.json", run.run()))
}

/// Keeps it, unless the run has a file already: that is of an earlier terminal, and the next start says what
/// has happened since the first of them was closed. With the newer counts it would leave out what came between.
pub(super) fn keep(state_dir: &Path, run: &ClosedTerminal) -> std::io::Result<()> {
    state_dir::private_directory(&state_dir.join(DIRECTORY))?;
    let write = |out: &mut dyn std::io::Write| Ok(serde_json::to_writer(out, run)?);
    match file::write_new(&path(state_dir, run), write) {
        Ok(()) | Err(WriteError::Exists(_)) => Ok(()),
        Err(error) => Err(std::io::Error::other(error)),
    }
}

/// All that is kept. A file that isn't readable as such says nothing.
pub(super) fn all(state_dir: &Path) -> Vec<ClosedTerminal> {
    let Ok(files) = std::fs::read_dir(state_dir.join(DIRECTORY)) else {
        return Vec::new();
    };
    let files = files.flatten().filter_map(|file| {
        let closed = ClosedTerminal::read(&std::fs::read(file.path()).ok()?)?;
        // A name that was changed by hand must not lead to another file.
        (path(state_dir, &closed) == file.path()).then_some(closed)
    });
    files.collect()
}

/// Removes what is kept of a run.
pub(super) fn forget(state_dir: &Path, run: &ClosedTerminal) -> std::io::Result<()> {
    match std::fs::remove_file(path(state_dir, run)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
