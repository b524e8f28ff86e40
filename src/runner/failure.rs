//! Why the engine sends nothing more, and why lookups end before all were made.

use std::fmt;
use std::sync::Arc;

use crate::api::ReadOnlySession;
use crate::domain::run::RunId;
use crate::domain::target::OtherTarget;
use crate::engine::retry_policy::ReadFailure;
use crate::journal::JournalError;

/// An error of the journal in an update, which can be cloned and compared.
#[derive(Clone, Debug)]
pub struct SharedJournalError(Arc<JournalError>);

impl SharedJournalError {
    /// True if the journal's files are gone.
    pub fn is_lost(&self) -> bool {
        matches!(*self.0, JournalError::Lost { .. })
    }
}

impl From<JournalError> for SharedJournalError {
    fn from(error: JournalError) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for SharedJournalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for SharedJournalError {}

impl PartialEq for SharedJournalError {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for SharedJournalError {}

/// Why a request was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The thread has ended; its last update has the reason.
    #[error("the engine has stopped: restart the program")]
    Stopped,
    /// A call is in flight, and the queue of requests is full.
    #[error("the engine is busy with a call: try again when the call has ended")]
    Busy,
}

/// Why the engine sends nothing more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineFailure {
    /// The journal can't be read or written.
    #[error(transparent)]
    Journal(#[from] SharedJournalError),
    /// A plan, or a run to resume, couldn't be stored or read.
    #[error("nothing was sent: {0}")]
    NotAdmitted(SharedJournalError),
    /// A run was stored, but this process can't lock it.
    #[error(
        "nothing was sent: run {run} is stored, but it can't start: {error}. Fix the cause, then run: offboard resume \
         {run} --expect-count {devices}"
    )]
    NotStarted {
        run: RunId,
        /// How many devices it has.
        devices: usize,
        error: SharedJournalError,
    },
    /// The journal may lack these outcomes.
    #[error("{error}\n{outcomes}")]
    Unstored {
        error: SharedJournalError,
        /// The outcomes, a line each below one that introduces them.
        outcomes: String,
    },
    /// A call of a session that only reads was to be sent.
    #[error(transparent)]
    ReadOnly(#[from] ReadOnlySession),
    /// A call was to be sent before the client was there.
    #[error("internal error: a call was planned before the client was ready")]
    NoClient,
    /// The engine didn't take a run.
    #[error(transparent)]
    Rejected(#[from] SendError),
    /// Its thread has ended without a reason.
    #[error("the engine stopped unexpectedly: `offboard runs` shows what is in doubt")]
    Ended,
}

impl From<JournalError> for EngineFailure {
    fn from(error: JournalError) -> Self {
        Self::Journal(error.into())
    }
}

/// Why lookups ended before all were made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupEnd {
    /// The tenant can't be read now.
    #[error(transparent)]
    Read(#[from] ReadFailure),
    /// The journal can't be read, or another process has the run.
    #[error(transparent)]
    Journal(#[from] SharedJournalError),
    /// The run is another tenant's or account's.
    #[error("run {run} {reason}")]
    OtherTarget { run: RunId, reason: OtherTarget },
}

impl From<JournalError> for LookupEnd {
    fn from(error: JournalError) -> Self {
        Self::Journal(error.into())
    }
}
