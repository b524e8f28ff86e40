//! The exit codes in `--help`, and [`CommandError`]: an error with its exit code.

use std::fmt;

pub use crate::domain::exit::Exit;
use crate::platform::file::WriteError;
use crate::query::QueryError;
use crate::tui::error::BackendError;

/// The exit codes, one per line, for `--help`.
pub(super) fn codes() -> String {
    let lines = Exit::table().map(|(number, meaning)| format!("  {number:<6} {meaning}"));
    let lines: Vec<String> = lines.collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// An error with the exit code that it leads to.
#[derive(Debug)]
pub struct CommandError {
    exit: Exit,
    error: anyhow::Error,
}

impl CommandError {
    fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        let error = error.into();
        Self { exit, error }
    }

    /// Wrong usage or configuration.
    pub fn usage(error: impl Into<Message>) -> Self {
        Self::new(Exit::Usage, error.into().0)
    }

    /// Refused by a safety rule.
    pub fn refused(error: impl Into<Message>) -> Self {
        Self::new(Exit::Refused, error.into().0)
    }

    /// Another process holds what is needed.
    pub fn locked(error: impl Into<Message>) -> Self {
        Self::new(Exit::Locked, error.into().0)
    }

    /// An internal or I/O error.
    pub fn internal(error: impl Into<Message>) -> Self {
        Self::new(Exit::Internal, error.into().0)
    }

    /// True if the reader of standard output has closed the pipe.
    pub fn is_closed_pipe(&self) -> bool {
        self.error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// The exit code that the error leads to.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// The error, safe to show.
    pub fn message(&self) -> String {
        self.error.to_string()
    }
}

/// The content of a [`CommandError`]: a text or another error.
#[derive(Debug)]
pub struct Message(anyhow::Error);

impl<E: fmt::Display + fmt::Debug + Send + Sync + 'static> From<E> for Message {
    fn from(error: E) -> Self {
        Self(anyhow::Error::msg(error))
    }
}

impl From<CommandError> for BackendError {
    fn from(failure: CommandError) -> Self {
        Self::Command(failure.error)
    }
}

impl From<crate::config::ConfigError> for CommandError {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::new(Exit::Usage, error)
    }
}

impl From<crate::config::edit::EditError> for CommandError {
    fn from(error: crate::config::edit::EditError) -> Self {
        use crate::config::edit::EditError as Error;
        match error {
            Error::Config(error) => error.into(),
            Error::Write(error) => error.into(),
            error @ (Error::Syntax { .. } | Error::NameTaken(_)) => Self::new(Exit::Usage, error),
        }
    }
}

impl From<crate::platform::state_dir::StateDirError> for CommandError {
    fn from(error: crate::platform::state_dir::StateDirError) -> Self {
        Self::new(Exit::Usage, error)
    }
}

impl From<crate::list::ListError> for CommandError {
    fn from(error: crate::list::ListError) -> Self {
        Self::new(Exit::Usage, error)
    }
}

impl From<crate::journal::JournalError> for CommandError {
    fn from(error: crate::journal::JournalError) -> Self {
        use crate::journal::JournalError as Error;
        let exit = match error {
            Error::Held { .. } | Error::InUse => Exit::Locked,
            Error::NoSuchRun(_) | Error::AmbiguousRun(_) => Exit::Usage,
            _ => Exit::Internal,
        };
        Self::new(exit, error)
    }
}

impl From<crate::export::RunFileError> for CommandError {
    fn from(error: crate::export::RunFileError) -> Self {
        match error {
            crate::export::RunFileError::Journal(error) => error.into(),
            crate::export::RunFileError::Io(error) => error.into(),
        }
    }
}

impl From<WriteError> for CommandError {
    fn from(error: WriteError) -> Self {
        Self::new(Exit::Internal, error)
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Internal, error)
    }
}

/// The query of `--where`: others are those of plans, whose errors are refusals.
impl From<QueryError> for CommandError {
    fn from(error: QueryError) -> Self {
        Self::usage(format!("--where: {error}"))
    }
}
