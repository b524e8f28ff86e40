//! What the screen shows of a run of the journal.

use crate::domain::run::RunId;
use crate::journal::{CallRecord, Journal, JournalError, RunRecord};
use crate::tui::call_detail::CallDetail;
use crate::tui::screens::history::state::{PastRun, RecalledRun};

pub(super) fn recall(journal: &mut Journal, id: RunId) -> Result<RecalledRun, JournalError> {
    // First mark the calls that a dead process left in flight as in doubt. If another process holds
    // the run, that is its task.
    match journal.lock_run(&id) {
        Ok(lock) => drop(journal.open_run(&id, &lock)?),
        Err(JournalError::Held { .. }) => {}
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
