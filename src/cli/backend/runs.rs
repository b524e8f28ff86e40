//! The runs of the journal that the screen shows.

use super::{JournalBackend, away};
use crate::domain::run::RunId;
use crate::journal::{CallRecord, Journal, JournalError, RunRecord};
use crate::tui::away::AwayRun;
use crate::tui::call_detail::CallDetail;
use crate::tui::error::BackendError;
use crate::tui::screens::history::state::{PastRun, RecalledRun};

pub(super) fn recall(journal: &mut Journal, id: RunId) -> Result<RecalledRun, JournalError> {
    // First mark the calls that a dead process left in flight as in doubt. If another process holds
    // the run, that is its task.
    match journal.lock_run(&id) {
        Ok(lock) => drop(journal.open_run(&id, &lock)?),
        // What can be read of a damaged journal is shown as it is.
        Err(JournalError::Held { .. } | JournalError::Damaged { .. }) => {}
        Err(error) => return Err(error),
    }
    let record = journal.run(&id.short())?;
    Ok(RecalledRun {
        past: past(journal, record)?,
        devices: journal.devices(&id)?,
        calls: journal.calls(&id)?.into_iter().map(detail).collect(),
        findings: journal.findings(&id)?,
    })
}

pub(super) fn past(journal: &Journal, record: RunRecord) -> Result<PastRun, JournalError> {
    let (state, holder) = journal.run_status(&record)?;
    Ok(PastRun {
        record,
        state,
        holder: holder.map(|holder| holder.to_string()),
    })
}

pub(super) fn detail(call: CallRecord) -> CallDetail {
    CallDetail {
        call: call.call,
        origin: call.origin,
        at: call.intent_at,
        took: call
            .ended_at
            .and_then(|ended| ended.duration_since(call.intent_at).try_into().ok()),
        status: call.status,
        message: call.message,
        devices: call.devices,
    }
}

impl JournalBackend {
    /// The runs of this target that are open, also those that other processes drive.
    pub(in crate::cli) fn open_runs(
        &self,
        journal: &mut Journal,
    ) -> Result<Vec<PastRun>, BackendError> {
        journal.recover_dead_runs()?;
        let mut open = Vec::new();
        for record in journal.open_runs()? {
            if self.workspace.target.check(&record.target).is_ok() {
                let run = past(journal, record)?;
                open.extend(run.state.is_open().then_some(run));
            }
        }
        Ok(open)
    }

    /// The runs of this target whose terminal was closed and that weren't shown since, newest first. A run
    /// that can't be read isn't worth a start that fails.
    pub(in crate::cli) fn away_runs(&self, journal: &Journal) -> Vec<AwayRun> {
        let terminals = away::all(&self.workspace.state_dir);
        let runs = terminals.into_iter().filter_map(|closed| {
            let record = journal.run(closed.run()).ok()?;
            self.workspace.target.check(&record.target).ok()?;
            let past = past(journal, record).ok()?;
            Some(AwayRun { closed, past })
        });
        let mut runs: Vec<AwayRun> = runs.collect();
        runs.sort_by_key(|away| std::cmp::Reverse(away.past.record.confirmed_at));
        runs
    }
}
