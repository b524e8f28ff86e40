//! Verifications for the screen: of one run, and after a fetch.

use std::path::Path;

use crate::cli::CommandError;
use crate::cli::verification;
use crate::cli::workspace::Workspace;
use crate::domain::run::RunId;
use crate::export::{self, VerificationText};
use crate::list::DeviceList;
use crate::text::visible;
use crate::tui::verification::{FetchVerification, NotGone, VerificationSummary};

/// Verifies a run by the last fetched inventory, and returns what is known of it then.
pub(super) fn of_run(
    workspace: &Workspace,
    id: RunId,
) -> Result<VerificationSummary, CommandError> {
    let mut notes = verification::by_last_fetched(workspace, Some(&id))?;
    let journal = workspace.journal()?;
    let run = journal.run(&id.short())?;
    let devices = journal.devices(&id)?;
    let text = VerificationText::of(&run);
    let mut verified = VerificationSummary {
        run: id,
        counts: "not verified yet: no inventory was read after the run; :fetch reads one"
            .to_owned(),
        basis: None,
        notes: Vec::new(),
        devices: Vec::new(),
    };
    if let Some(text) = text {
        verified.counts = text.counts;
        verified.basis = Some(text.basis);
        notes.extend(text.notes.into_iter().map(str::to_owned));
        let not_gone = export::not_gone(&devices);
        verified.devices = not_gone
            .map(|(record, verified)| NotGone {
                state: verified.state,
                hostname: visible(&record.device.hostname).into_owned(),
                identifier: visible(&record.device.identifier.to_string()).into_owned(),
                about: verified.about(&record.device),
            })
            .collect();
    }
    verified.notes = notes;
    Ok(verified)
}

/// Verifies all runs by a list that was just fetched, and returns the counts of `runs`.
pub(super) fn of_fetched(
    workspace: &Workspace,
    path: &Path,
    runs: &[RunId],
) -> Result<FetchVerification, CommandError> {
    let list = DeviceList::open(path, &mut |_| {})?;
    let summary = verification::after_fetch(workspace, &list)?
        .into_iter()
        .next();
    let journal = workspace.journal()?;
    let mut verified = FetchVerification {
        summary,
        runs: Vec::new(),
    };
    for id in runs {
        if let Some(run) = journal.confirmed(id)?
            && let Some(text) = VerificationText::of(&run)
        {
            verified.runs.push((*id, text.counts));
        }
    }
    Ok(verified)
}
