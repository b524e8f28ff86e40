//! What may run: a confirmed plan, or a run that is taken up again.

use crate::api;
use crate::domain::run::{RunId, RunState};
use crate::engine::{Engine, Report};
use crate::journal::{Admission, JournalError, OpenedRun, RunLock};
use crate::plan::ConfirmedPlan;
use crate::platform::failpoint;
use crate::runner::worker::{Queued, Worker};
use crate::runner::{News, Request};
use crate::text;

impl Worker {
    pub(super) async fn enqueue(&mut self, request: Request) {
        match request {
            Request::Run(plan) => self.admit(&plan).await,
            Request::Resume(run, told) => self.readmit(run, told).await,
            Request::LookUp(run, devices, by) => self.ask_lookups(run, &devices, by).await,
            Request::CancelLookups => self.cancel_lookups().await,
            Request::Fetch(place) => self.begin_fetch(place).await,
            Request::CancelFetch => self.cancel_fetch().await,
            Request::Probe => self.begin_probe(),
            Request::Token(token) => self.replace_credential(token),
            Request::Control(_) => {}
        }
    }

    async fn admit(&mut self, plan: &ConfirmedPlan) {
        let id = plan.plan().id;
        if self.setup.api.read_only {
            let refused = News::Refused(api::ReadOnly.to_string());
            return self.tell(Some(id), refused).await;
        }
        failpoint::reach("plan-handed-over");
        let news = match self.setup.journal.admit(plan, &self.setup.operator) {
            Ok(Admission::Admitted) => {
                failpoint::reach("confirmed");
                match self.setup.journal.lock_run(&id) {
                    Ok(lock) => {
                        self.queue.push_back(Queued { run: id, lock });
                        News::Queued
                    }
                    Err(error) => refusal(&error),
                }
            }
            Ok(Admission::Used) => News::Refused(format!(
                "the plan of run {id} was used before, and a plan is used once: plan again"
            )),
            Ok(Admission::Overlap(devices)) => News::Refused(format!(
                "{} by now in an open run or in doubt: plan again",
                text::counted(devices, "device")
            )),
            Err(error) => News::Broken(format!("nothing was sent: {error}")),
        };
        self.tell(Some(id), news).await;
    }

    /// Takes a run up again, if it belongs here and the number told is what is left of it.
    async fn readmit(&mut self, run: RunId, told: u64) {
        let news = match self.open(run) {
            Ok((lock, opened)) => match self.check_resume(run, &opened, told) {
                Ok(()) => {
                    self.queue.push_back(Queued { run, lock });
                    News::Queued
                }
                Err(why) => News::Refused(why),
            },
            Err(error) => refusal(&error),
        };
        self.tell(Some(run), news).await;
    }

    fn check_resume(&mut self, run: RunId, opened: &OpenedRun, told: u64) -> Result<(), String> {
        if self.setup.api.read_only {
            return Err(api::ReadOnly.to_string());
        }
        let target = &self.setup.target;
        target
            .check(&opened.record.target)
            .map_err(|why| format!("run {run} {why}"))?;
        if !opened.record.state.is_open() {
            return Err(format!(
                "run {run} is {}: nothing is left to send",
                opened.record.state.as_str()
            ));
        }
        self.take_up(
            run,
            &opened.record.rules_hash,
            opened.record.tally.left,
            told,
        )
    }

    /// The same for the run that this process has open and paused; tenant and account are its own.
    pub(super) fn check_taken_up(
        &mut self,
        machine: &Engine,
        run: RunId,
        told: u64,
    ) -> Result<(), String> {
        let record = self.setup.journal.run(&run.short());
        let record = record.map_err(|error| error.to_string())?;
        self.take_up(run, &record.rules_hash, machine.tally().left, told)
    }

    /// Compares the count told with what is left, and keeps for the record that it was told.
    fn take_up(
        &mut self,
        run: RunId,
        rules_hash: &str,
        left: u64,
        told: u64,
    ) -> Result<(), String> {
        if told != left {
            return Err(format!(
                "run {run} has {} left to send, not {told}",
                text::counted(left, "device")
            ));
        }
        self.setup
            .policy
            .check(rules_hash, left)
            .map_err(|why| format!("run {run} can't be taken up: {why}"))?;
        self.setup
            .journal
            .record_resume(&run, told, &self.setup.operator)
            .map_err(|error| error.to_string())?;
        failpoint::reach("resume-stored");
        Ok(())
    }

    /// After a stop or a pause, what is queued starts only by its typed count.
    pub(super) async fn hold_queue(&mut self) -> Result<(), JournalError> {
        // What was confirmed during the last call is behind it too.
        while let Some(request) = self.deferred.pop_front() {
            self.enqueue(request).await;
        }
        for Queued { run, lock } in std::mem::take(&mut self.queue) {
            self.setup
                .journal
                .store_state(&run, RunState::Stopped, None)?;
            let stopped = Report::State {
                state: RunState::Stopped,
                pause: None,
            };
            drop(lock);
            self.tell(Some(run), News::Report(stopped)).await;
        }
        Ok(())
    }

    fn open(&mut self, run: RunId) -> Result<(RunLock, OpenedRun), JournalError> {
        let lock = self.setup.journal.lock_run(&run)?;
        let opened = self.setup.journal.open_run(&run, &lock)?;
        Ok((lock, opened))
    }
}

/// Why a run can't be opened, as the front end is told.
fn refusal(error: &JournalError) -> News {
    match error {
        JournalError::Held { .. } => News::Held(error.to_string()),
        error => News::Refused(error.to_string()),
    }
}
