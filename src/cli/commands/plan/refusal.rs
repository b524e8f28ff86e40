//! Why a plan may not be sent as it is.

use crate::cli::workspace::Workspace;
use crate::plan::Plan;

/// Why a plan may not be sent as it is, with the warnings that are allowed.
pub(in crate::cli) fn refusal(
    workspace: &Workspace,
    plan: &Plan,
    allowed: &[String],
) -> Option<String> {
    over_policy(workspace, plan)
        .or_else(|| over_day(workspace, plan))
        .or_else(|| unaccepted(plan, allowed))
}

/// The same before a recheck, which may leave no more devices than a day allows.
pub(in crate::cli) fn refusal_before_recheck(
    workspace: &Workspace,
    plan: &Plan,
    allowed: &[String],
) -> Option<String> {
    over_policy(workspace, plan).or_else(|| unaccepted(plan, allowed))
}

/// Why the profile forbids the plan, if it does.
fn over_policy(workspace: &Workspace, plan: &Plan) -> Option<String> {
    if workspace.read_only {
        return Some(crate::api::ReadOnlySession.to_string());
    }
    let policy = workspace.policy_of_plans();
    let checked = policy.check(&plan.origin.rules_hash, plan.devices.len() as u64);
    checked.err().map(|refusal| refusal.to_string())
}

/// Why the plan is too much for today, if it is. It is checked again when the run is admitted, and an
/// unreadable journal is reported there.
pub(in crate::cli) fn over_day(workspace: &Workspace, plan: &Plan) -> Option<String> {
    let sent = workspace
        .journal()
        .and_then(|journal| Ok(journal.sent_in_a_day(&workspace.target)?));
    let policy = workspace.policy_of_plans();
    let checked = policy.check_day(sent.ok()?, plan.devices.len() as u64);
    checked.err().map(|refusal| refusal.to_string())
}

/// The warnings that are not allowed, if there are any.
fn unaccepted(plan: &Plan, allowed: &[String]) -> Option<String> {
    let unaccepted: Vec<String> = plan
        .warnings
        .iter()
        .filter(|warning| !allowed.iter().any(|name| name == warning.name()))
        .map(|warning| format!("{} ({})", warning.name(), warning.sentence()))
        .collect();
    (!unaccepted.is_empty() && !plan.devices.is_empty()).then(|| {
        format!(
            "unaccepted warnings: {} (accept with --allow)",
            unaccepted.join("; ")
        )
    })
}
