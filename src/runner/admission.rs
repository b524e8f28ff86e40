//! Admits confirmed plans and resumed runs to the queue.

use std::collections::VecDeque;

use super::session::Session;
use super::transport::Transport;
use super::update::News;
use crate::api;
use crate::domain::run::{PauseReason, RunId, RunState, StopCause};
use crate::engine::{Engine, Report};
use crate::journal::{Admission, Conflict, JournalError, OpenedRun, RunLock};
use crate::plan::{ConfirmedPlan, LeftOutKind};
use crate::platform::failpoint;
use crate::text;

/// The runs that wait for the one before them, in order.
#[derive(Default)]
pub(super) struct QueuedRuns(VecDeque<Queued>);

/// A run that waits for the one before it. This process holds its lock from its admission on: no
/// other process can close or resume it.
pub(super) struct Queued {
    pub(super) run: RunId,
    pub(super) lock: RunLock,
}

impl QueuedRuns {
    pub(super) fn pop(&mut self) -> Option<Queued> {
        self.0.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, run: &RunId) -> bool {
        self.0.iter().any(|queued| queued.run == *run)
    }

    /// Admits a confirmed plan, unless another run has one of its devices.
    pub(super) async fn admit<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        plan: &ConfirmedPlan,
    ) {
        let id = plan.plan().id;
        if session.setup.api.read_only {
            let news = News::Refused(api::ReadOnlySession.to_string());
            return session.send_news(Some(id), news).await;
        }
        let approvals = plan.plan().origin.approvals.len();
        if let Err(refusal) = session.setup.policy.check_approvals(approvals) {
            let news = News::Refused(refusal.to_string());
            return session.send_news(Some(id), news).await;
        }
        failpoint::reach("plan-handed-over");
        failpoint::between_steps().await;
        let setup = &mut session.setup;
        let news = match setup.journal.admit(plan, &setup.operator, &setup.policy) {
            Ok(Admission::Admitted) => {
                failpoint::reach("confirmed");
                failpoint::between_steps().await;
                match session.setup.journal.lock_run(&id) {
                    Ok(lock) => {
                        self.0.push_back(Queued { run: id, lock });
                        News::Queued
                    }
                    Err(error) => not_started(plan, &error),
                }
            }
            Ok(Admission::Used) => News::Refused(format!(
                "the plan of run {id} was already used, and a plan is used once: plan again"
            )),
            Ok(Admission::Conflicts(conflicts)) => {
                News::Refused(format!("{}: plan again", conflicts_text(&conflicts)))
            }
            Ok(Admission::TooManyInADay(refusal)) => News::Refused(refusal.to_string()),
            Err(error) => News::Broken(format!("nothing was sent: {error}")),
        };
        session.send_news(Some(id), news).await;
    }

    /// Queues a run of the journal again, if it is of this tenant and the typed number is the number of
    /// devices left.
    pub(super) async fn readmit<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        run: RunId,
        expected_count: u64,
    ) {
        let news = match session.open(run) {
            Ok((lock, opened)) => match session.check_resume(run, &opened, expected_count) {
                Ok(()) => {
                    self.0.push_back(Queued { run, lock });
                    News::Queued
                }
                Err(not_resumed) => not_resumed.into(),
            },
            Err(error) => NotResumed::from(error).into(),
        };
        session.send_news(Some(run), news).await;
    }

    /// Stops the queued runs after a stop or a pause: each starts again only by its typed count.
    pub(super) async fn hold<T: Transport>(
        &mut self,
        session: &mut Session<T>,
    ) -> Result<(), JournalError> {
        let reason = PauseReason::Stopped(StopCause::Queue);
        for Queued { run, lock } in std::mem::take(&mut self.0) {
            session
                .setup
                .journal
                .store_state(&run, RunState::Stopped, Some(&reason))?;
            failpoint::between_steps().await;
            let stopped = Report::State {
                state: RunState::Stopped,
                pause: Some(reason.clone()),
            };
            drop(lock);
            session.send_news(Some(run), News::Report(stopped)).await;
        }
        Ok(())
    }
}

impl<T: Transport> Session<T> {
    fn check_resume(
        &mut self,
        run: RunId,
        opened: &OpenedRun,
        expected_count: u64,
    ) -> Result<(), NotResumed> {
        if self.setup.api.read_only {
            return Err(NotResumed::Refused(api::ReadOnlySession.to_string()));
        }
        let target = &self.setup.target;
        target
            .check(&opened.record.target)
            .map_err(|reason| NotResumed::Refused(format!("run {run} {reason}")))?;
        if !opened.record.state.is_open() {
            return Err(NotResumed::is_over(run, opened.record.state));
        }
        self.confirm_resume(
            run,
            &opened.record.rules_hash,
            opened.record.tally.left,
            expected_count,
        )
    }

    /// The same for the run that this process has open and paused, whose tenant and account match.
    pub(super) fn check_resume_paused(
        &mut self,
        engine: &Engine,
        run: RunId,
        expected_count: u64,
    ) -> Result<(), NotResumed> {
        let record = self.setup.journal.run(&run.short())?;
        self.confirm_resume(run, &record.rules_hash, engine.tally().left, expected_count)
    }

    /// Compares the typed count with the devices left, and records the resume.
    fn confirm_resume(
        &mut self,
        run: RunId,
        rules_hash: &str,
        left: u64,
        expected_count: u64,
    ) -> Result<(), NotResumed> {
        if expected_count != left {
            return Err(NotResumed::Refused(format!(
                "run {run} has {} left to send, not {expected_count}",
                text::counted(left, "device")
            )));
        }
        let refused =
            |reason: String| NotResumed::Refused(format!("run {run} can't be resumed: {reason}"));
        self.setup
            .policy
            .check(rules_hash, left)
            .map_err(|reason| refused(reason.to_string()))?;
        let setup = &mut self.setup;
        let admission =
            setup
                .journal
                .record_resume(&run, expected_count, &setup.operator, &setup.policy)?;
        match admission {
            Admission::Admitted | Admission::Used => {}
            Admission::Conflicts(conflicts) => {
                return Err(refused(format!(
                    "{}; close it and plan the rest again",
                    conflicts_text(&conflicts)
                )));
            }
            Admission::TooManyInADay(refusal) => return Err(refused(refusal.to_string())),
        }
        failpoint::reach("resume-stored");
        Ok(())
    }

    fn open(&mut self, run: RunId) -> Result<(RunLock, OpenedRun), JournalError> {
        let lock = self.setup.journal.lock_run(&run)?;
        let opened = self.setup.journal.open_run(&run, &lock)?;
        Ok((lock, opened))
    }
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

/// Why a run of the journal is not resumed.
pub(super) enum NotResumed {
    /// A rule, or another process, is against it.
    Refused(String),
    /// The journal failed, or another process has the run.
    Journal(JournalError),
}

impl NotResumed {
    pub(super) fn is_over(run: RunId, state: RunState) -> Self {
        Self::Refused(format!(
            "run {run} is {}: nothing is left to send",
            state.as_str()
        ))
    }
}

impl From<JournalError> for NotResumed {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<NotResumed> for News {
    fn from(not_resumed: NotResumed) -> Self {
        match not_resumed {
            NotResumed::Refused(reason) => Self::Refused(reason),
            NotResumed::Journal(error @ JournalError::Held { .. }) => Self::Held(error.to_string()),
            NotResumed::Journal(
                error @ (JournalError::NoSuchRun(_) | JournalError::AmbiguousRun(_)),
            ) => Self::Refused(error.to_string()),
            NotResumed::Journal(error) => Self::Broken(format!("nothing was sent: {error}")),
        }
    }
}

/// The news that a run was admitted, but that this process can't lock it.
fn not_started(plan: &ConfirmedPlan, error: &JournalError) -> News {
    if let JournalError::Held { .. } = error {
        return News::Held(error.to_string());
    }
    let (id, devices) = (plan.plan().id, plan.plan().devices.len());
    News::Broken(format!(
        "nothing was sent: run {id} is stored, but it can't start: {error}. Once that is mended: offboard resume {id} \
         --expect-count {devices}"
    ))
}
