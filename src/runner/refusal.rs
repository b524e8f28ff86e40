//! Why a run isn't started or resumed.

use crate::api::ReadOnlySession;
use crate::domain::run::{RunId, RunState};
use crate::domain::target::{OtherTarget, PlanRefusal};
use crate::journal::{Conflict, Holder};
use crate::plan::LeftOutKind;
use crate::text;

/// Why a run isn't started or resumed. Nothing of it was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunRefusal {
    /// The session only reads.
    #[error(transparent)]
    ReadOnly(#[from] ReadOnlySession),
    /// The profile doesn't allow the plan.
    #[error(transparent)]
    Policy(#[from] PlanRefusal),
    /// The plan of this run was confirmed before.
    #[error("the plan of run {0} was already used, and a plan is used once: plan again")]
    Used(RunId),
    /// These devices of the plan may not be sent any more.
    #[error("{}: plan again", conflicts_text(.0))]
    Conflicts(Vec<Conflict>),
    /// The run is another tenant's or account's.
    #[error("run {run} {reason}")]
    OtherTarget { run: RunId, reason: OtherTarget },
    /// The run is finished or closed.
    #[error("run {run} is {}: nothing is left to send", .state.as_str())]
    Over { run: RunId, state: RunState },
    /// The number that was typed isn't the number of devices left.
    #[error("run {run} has {} left to send, not {expected}", text::counted(*.left, "device"))]
    OtherCount {
        run: RunId,
        /// Its devices that are left.
        left: u64,
        expected: u64,
    },
    /// The profile doesn't allow the rest of the run.
    #[error("run {run} can't be resumed: {reason}")]
    ResumePolicy { run: RunId, reason: PlanRefusal },
    /// These devices of the rest may not be sent any more.
    #[error(
        "run {run} can't be resumed: {}; close it and plan the rest again",
        conflicts_text(.conflicts)
    )]
    ResumeConflicts {
        run: RunId,
        conflicts: Vec<Conflict>,
    },
    /// The journal has no such run, or several; its message.
    #[error("{0}")]
    Unknown(String),
    /// Another process has the run.
    #[error("run {run} is held by {holder}")]
    Held {
        /// The run, as it was named.
        run: String,
        /// Who holds it.
        holder: Holder,
    },
}

/// Describes which devices can't be sent any more and why: the first few by name.
fn conflicts_text(conflicts: &[Conflict]) -> String {
    const NAMED: usize = 5;
    let name = |conflict: &Conflict| {
        let identifier = &conflict.identifier;
        match text::visible(&conflict.hostname) {
            hostname if hostname.is_empty() => format!("{identifier}: {}", conflict.reason),
            hostname => format!("{hostname} ({identifier}): {}", conflict.reason),
        }
    };
    let names = text::first_of(conflicts.iter().map(name), NAMED);
    let is_held = |conflict: &Conflict| conflict.reason.kind() == LeftOutKind::Held;
    let held = conflicts
        .iter()
        .filter(|conflict| is_held(conflict))
        .count();
    let happened = match held {
        0 => "another run has taken or removed",
        all if all == conflicts.len() => "a hold exempts",
        _ => "a hold exempts, or another run has taken or removed,",
    };
    format!(
        "{happened} {} since the plan was made: {}",
        text::counted(conflicts.len() as u64, "device"),
        names.join("; ")
    )
}
