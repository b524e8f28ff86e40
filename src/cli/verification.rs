//! Verifies runs by an inventory: after a fetch, on the screen, and for `offboard verify`.

use std::path::Path;

use super::workspace::{Workspace, open_list};
use super::{CommandError, Exit, inventory};
use crate::domain::run::RunId;
use crate::export::verified_counts;
use crate::journal::{Operator, Verification};
use crate::list::{DeviceList, ReadOptions};
use crate::text::counted;
use crate::verification::{Evidence, VerifiedCounts};

/// Verifies by the inventory at `path`. Returns sentences about the runs of which it proves nothing. Fails
/// if it proves nothing about this tenant.
pub(super) fn by_inventory(
    workspace: &Workspace,
    only: Option<&RunId>,
    path: &Path,
) -> Result<Vec<String>, CommandError> {
    let list = open_list(
        path,
        &workspace.state_dir,
        &ReadOptions::default(),
        &mut |_| {},
    )?;
    let evidence = evidence(workspace, &list)?;
    let verification = workspace.journal()?.verify_by_inventory(
        &workspace.target,
        only,
        (&list, &evidence),
        &Operator::current(),
    )?;
    Ok(limits(&verification, &evidence))
}

/// Verifies by the last fetched inventory, if there is one that proves something. Returns sentences about
/// what it doesn't prove.
pub(super) fn by_last_fetched(
    workspace: &Workspace,
    only: Option<&RunId>,
) -> Result<Vec<String>, CommandError> {
    let path = inventory::path(workspace);
    if !path.exists() {
        return Ok(vec!["no inventory was fetched".to_owned()]);
    }
    match by_inventory(workspace, only, &path) {
        Err(failure) if matches!(failure.exit(), Exit::Refused | Exit::Usage) => Ok(vec![format!(
            "the last fetched inventory proves nothing: {}",
            failure.message()
        )]),
        verified => verified,
    }
}

/// What the list is evidence of; refused if it proves nothing about this tenant.
fn evidence(workspace: &Workspace, list: &DeviceList) -> Result<Evidence, CommandError> {
    let now = workspace.clock.now().wall;
    Evidence::of_inventory(list, &workspace.target, now)
        .map_err(|reason| CommandError::refused(format!("{}: {reason}", list.name())))
}

/// About which runs the inventory proves nothing.
fn limits(verification: &Verification, evidence: &Evidence) -> Vec<String> {
    let time = evidence.time.strftime("%Y-%m-%d %H:%M UTC");
    let runs = |runs: &[RunId]| {
        let mut names: Vec<String> = runs.iter().rev().take(3).map(RunId::short).collect();
        if runs.len() > names.len() {
            names.push("…".to_owned());
        }
        let count = counted(runs.len() as u64, "run");
        format!("{count} ({})", names.join(", "))
    };
    let mut sentences = Vec::new();
    if !verification.too_old_for.is_empty() {
        sentences.push(format!(
            "the inventory of {time} was read before the last call of {}: fetch a new one",
            runs(&verification.too_old_for)
        ));
    }
    if !verification.superseded_for.is_empty() {
        sentences.push(format!(
            "the inventory of {time} is older than the one that {} verified with, which is kept",
            runs(&verification.superseded_for)
        ));
    }
    sentences
}

/// Verifies the runs of the account by an inventory that was just fetched. Returns the sentences about
/// it; none if there is nothing to verify.
pub(super) fn after_fetch(
    workspace: &Workspace,
    list: &DeviceList,
) -> Result<Vec<String>, CommandError> {
    let evidence = evidence(workspace, list)?;
    let mut journal = workspace.journal()?;
    let verification = journal.verify_by_inventory(
        &workspace.target,
        None,
        (list, &evidence),
        &Operator::current(),
    )?;
    let mut counts = VerifiedCounts::default();
    let mut runs = 0;
    for run in journal.runs()? {
        if verification.covered.contains(&run.id) {
            counts = counts.plus(verified_counts(&run));
            runs += 1;
        }
    }
    let mut lines = Vec::new();
    if runs > 0 {
        lines.push(format!(
            "verified {} of {}: {counts}",
            counted(counts.total(), "accepted device"),
            counted(runs, "run")
        ));
    }
    if counts.returned > 0 {
        lines.push(
            "  see `offboard verify`, or is:returned in an inventory fetched ten minutes after the run, to offboard them \
             again"
                .to_owned(),
        );
    }
    Ok(lines)
}
