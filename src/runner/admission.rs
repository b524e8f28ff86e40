//! Admits confirmed plans and resumed runs to the queue.

use std::collections::VecDeque;

use super::failure::EngineFailure;
use super::refusal::RunRefusal;
use super::session::Session;
use super::transport::Transport;
use super::update::News;
use crate::api::ReadOnlySession;
use crate::domain::run::{PauseReason, RunId, RunState, StopCause};
use crate::engine::{Engine, Report};
use crate::journal::{Admission, JournalError, OpenedRun, RunLock};
use crate::plan::ConfirmedPlan;
use crate::platform::failpoint;

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
            let news = News::Refused(ReadOnlySession.into());
            return session.send_news(Some(id), news).await;
        }
        let approvals = plan.plan().origin.approvals.len();
        if let Err(refusal) = session.setup.policy.check_approvals(approvals) {
            let news = News::Refused(refusal.into());
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
                    Err(error) => not_started(plan, error),
                }
            }
            Ok(Admission::Used) => News::Refused(RunRefusal::Used(id)),
            Ok(Admission::Conflicts(conflicts)) => News::Refused(RunRefusal::Conflicts(conflicts)),
            Ok(Admission::TooManyInADay(refusal)) => News::Refused(refusal.into()),
            Err(error) => News::Failed(EngineFailure::NotAdmitted(error.into())),
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
            return Err(RunRefusal::from(ReadOnlySession).into());
        }
        let target = &self.setup.target;
        target
            .check(&opened.record.target)
            .map_err(|reason| RunRefusal::OtherTarget { run, reason })?;
        if !opened.record.state.is_open() {
            let state = opened.record.state;
            return Err(RunRefusal::Over { run, state }.into());
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
            let expected = expected_count;
            return Err(RunRefusal::OtherCount {
                run,
                left,
                expected,
            }
            .into());
        }
        self.setup
            .policy
            .check(rules_hash, left)
            .map_err(|reason| RunRefusal::ResumePolicy { run, reason })?;
        let setup = &mut self.setup;
        let admission =
            setup
                .journal
                .record_resume(&run, expected_count, &setup.operator, &setup.policy)?;
        match admission {
            Admission::Admitted | Admission::Used => {}
            Admission::Conflicts(conflicts) => {
                return Err(RunRefusal::ResumeConflicts { run, conflicts }.into());
            }
            Admission::TooManyInADay(reason) => {
                return Err(RunRefusal::ResumePolicy { run, reason }.into());
            }
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

/// Why a run of the journal is not resumed.
pub(super) enum NotResumed {
    /// A rule, or another process, is against it.
    Refused(RunRefusal),
    /// The journal failed.
    Journal(JournalError),
}

impl From<RunRefusal> for NotResumed {
    fn from(refusal: RunRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<JournalError> for NotResumed {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Held { run, holder } => Self::Refused(RunRefusal::Held { run, holder }),
            JournalError::NoSuchRun(_) | JournalError::AmbiguousRun(_) => {
                Self::Refused(RunRefusal::Unknown(error.to_string()))
            }
            error => Self::Journal(error),
        }
    }
}

impl From<NotResumed> for News {
    fn from(not_resumed: NotResumed) -> Self {
        match not_resumed {
            NotResumed::Refused(refusal) => Self::Refused(refusal),
            NotResumed::Journal(error) => Self::Failed(EngineFailure::NotAdmitted(error.into())),
        }
    }
}

/// The news that a run was admitted, but that this process can't lock it.
fn not_started(plan: &ConfirmedPlan, error: JournalError) -> News {
    if let JournalError::Held { run, holder } = error {
        return News::Refused(RunRefusal::Held { run, holder });
    }
    let (id, devices) = (plan.plan().id, plan.plan().devices.len());
    News::Failed(EngineFailure::NotStarted {
        run: id,
        devices,
        error: error.into(),
    })
}
