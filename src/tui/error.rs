//! The errors of the backend, the engine and files.

use std::io;

use crate::config::edit::EditError;
use crate::domain::run::RunId;
use crate::export::{RowError, RunFileError};
use crate::import::ContentError;
use crate::journal::JournalError;
use crate::list::{ListError, WorseReading};
use crate::platform::file::WriteError;
use crate::query::QueryError;
use crate::runner::SendError;

/// Why nothing of the list can be planned: its file changed since it was read.
pub const LIST_CHANGED: &str = "the list's file changed since it was read: reload it with :reload, which keeps the marks, then plan again";

/// Why the backend can't answer.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The session has no configuration, hence no journal and no tenant.
    #[error("there is no configuration")]
    NoConfiguration,
    /// The journal can't be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A record of the list can't be read.
    #[error(transparent)]
    Record(#[from] ListError),
    /// What names devices can't be read.
    #[error(transparent)]
    Import(#[from] ContentError),
    /// The code of a command, which the backend shares, refused or failed.
    #[error(transparent)]
    Command(#[from] anyhow::Error),
    /// The list's file has changed since it was read.
    #[error("{}", LIST_CHANGED)]
    ListChanged,
    /// The system has no random numbers for the name of a run.
    #[error("can't create a run ID: {0}")]
    RunId(#[from] getrandom::Error),
    /// A run can't be written as a file.
    #[error(transparent)]
    Export(#[from] RunFileError),
    /// The filter can't be evaluated on the list.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// None of the devices to be held has an identifier.
    #[error("nothing is held: no identifier is known of these devices")]
    NothingToHold,
    /// Other holds are in force than were shown.
    #[error("no hold was ended: holds changed since they were shown; try again")]
    HoldsChanged,
    /// The view of a list can't be saved.
    #[error("can't save the view: {0}")]
    SaveView(#[source] io::Error),
    /// What a closed terminal showed can't be kept, or forgotten.
    #[error("can't keep what the closed terminal showed: {0}")]
    ClosedTerminal(#[source] io::Error),
    /// The assignments of columns can't be saved.
    #[error("can't remember the columns: {0}")]
    SaveColumns(#[source] io::Error),
    /// There is no inventory to match a list with.
    #[error("there is no inventory to match with: :fetch reads it")]
    NoInventory,
    /// Fewer devices could be sent if the columns were read so.
    #[error(transparent)]
    WorseReading(#[from] WorseReading),
    /// The command line assigns the column otherwise; holds its option.
    #[error(
        "the command line assigns this column, and takes precedence: start without {0} to assign it here"
    )]
    GivenColumn(String),
    /// A filter can't be saved in the configuration.
    #[error(transparent)]
    SaveFilter(#[from] EditError),
    /// Copied text can't be written.
    #[error("can't write what was copied: {0}")]
    SaveCopy(#[source] io::Error),
    /// No process has the run that is to be stopped.
    #[error("run {0} isn't running in any process")]
    NotRunning(RunId),
}

/// Why a file can't be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The name doesn't say in which format rows are written.
    #[error("end the name with .csv or .json")]
    RowFormat,
    /// The name doesn't say in which format a run is written.
    #[error("end the name with {}", crate::export::RunFormat::ENDINGS)]
    RunFormat,
    /// A row can't be read from the list, or not be written as JSON.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The rows can't be encoded.
    #[error(transparent)]
    Encode(#[from] io::Error),
    /// The run can't be read.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The file can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Why the engine doesn't do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The session can't send.
    #[error("there is no engine: nothing can be sent")]
    Missing,
    /// It doesn't take the request.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// Why an effect wasn't performed.
#[derive(Debug, thiserror::Error)]
pub enum EffectError {
    /// The backend can't answer.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The engine doesn't do it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The journal has no run of the tenant.
    #[error("there is no run of this tenant yet")]
    NoRun,
    /// The work for it panicked.
    #[error("internal error: try again; the log file (--log-file) says where it happened")]
    Panicked,
}

/// Why the inventory can't be fetched in this session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchRefusal {
    /// The session has no configuration.
    #[error("there is no configuration to read with: write one with `offboard init`")]
    NoConfiguration,
    /// The profile has no credential; holds what to do about it.
    #[error("nothing can be read: {0}")]
    NoCredential(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_happened_and_what_to_do() {
        let texts = [
            BackendError::NoConfiguration.to_string(),
            BackendError::NotRunning(RunId::from_bytes([7; 16])).to_string(),
            SaveError::from(BackendError::ListChanged).to_string(),
            SaveError::RowFormat.to_string(),
            EffectError::from(EngineError::from(SendError::Busy)).to_string(),
            FetchRefusal::NoCredential("the profile names no credential").to_string(),
        ];
        let name = RunId::from_bytes([7; 16]);
        assert_eq!(
            texts,
            [
                "there is no configuration".to_owned(),
                format!("run {name} isn't running in any process"),
                LIST_CHANGED.to_owned(),
                "end the name with .csv or .json".to_owned(),
                "the engine is busy with a call: try again when the call has ended".to_owned(),
                "nothing can be read: the profile names no credential".to_owned(),
            ]
        );
    }
}
