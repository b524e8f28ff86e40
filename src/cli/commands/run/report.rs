//! `--report FILE`: the report of a run, written when it ends or pauses.

use std::path::Path;

use crate::cli::workspace::Workspace;
use crate::cli::{CommandError, print_note};
use crate::domain::run::RunId;
use crate::export::RunFormat;
use crate::platform::file::{self, WriteError};
use crate::text::visible_path;

/// Refuses a report that can't be written before anything is sent.
pub(super) fn check(path: Option<&Path>) -> Result<(), CommandError> {
    let Some(path) = path else { return Ok(()) };
    format_of(path)?;
    file::check_new(path).map_err(|error| match error {
        WriteError::Exists(_) => CommandError::usage(format!("--report {error}")),
        WriteError::Io { .. } => CommandError::usage(format!(
            "--report {error}; nothing was sent: name a file in a directory that you can write to"
        )),
    })
}

/// The format of a report, by the ending of its name.
fn format_of(path: &Path) -> Result<RunFormat, CommandError> {
    let format = RunFormat::of(path).filter(|format| format.is_report());
    format.ok_or_else(|| {
        CommandError::usage(format!(
            "--report {}: end the name with .html for a web page or .md for Markdown",
            visible_path(path)
        ))
    })
}

/// Writes the report. An error is printed and leaves the run's exit code unchanged.
pub(super) fn write(workspace: &Workspace, id: RunId, path: Option<&Path>) {
    if let Err(failure) = try_write(workspace, id, path) {
        print_note(format_args!(
            "the report is not written: {}; once that is resolved: `offboard runs export {id} --format html -o FILE`",
            failure.message()
        ));
    }
}

fn try_write(workspace: &Workspace, id: RunId, path: Option<&Path>) -> Result<(), CommandError> {
    let Some(path) = path else { return Ok(()) };
    let journal = workspace.journal()?;
    let Some(record) = journal.confirmed(&id)? else {
        // The engine failed before the run was confirmed, or the journal was lost.
        print_note("the report is not written: the journal doesn't have the run");
        return Ok(());
    };
    let devices = journal.devices(&id)?;
    let now = workspace.clock.now().wall;
    let text = format_of(path)?.text(&journal, &record, &devices, now)?;
    Ok(file::write_new(path, |out| out.write_all(&text))?)
}
