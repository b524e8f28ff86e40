//! `run --plan FILE --recheck`: drops what no longer holds, and sends the rest.

use super::{RunArgs, print_plan, refuse, unwritten};
use crate::cli::arguments::output::TextOrJsonl;
use crate::cli::commands::plan;
use crate::cli::commands::plan::{OutputArgs, PreparedPlan};
use crate::cli::inventory::InventoryCache;
use crate::cli::workspace::Workspace;
use crate::cli::{CommandError, Exit, print_note, recheck};
use crate::plan::{ConfirmedPlan, Plan, Recheck};
use crate::platform::failpoint;
use crate::text::{counted, visible};

/// Rechecks a confirmed plan and sends what is left of it. Nothing is stored before that: killed at any
/// step, the same command begins again.
pub(super) fn send(
    workspace: &Workspace,
    args: &RunArgs,
    prepared: &PreparedPlan,
    confirmed: ConfirmedPlan,
    cache: &InventoryCache,
) -> Result<Exit, CommandError> {
    let output = args.output;
    let found = match find(workspace, args, confirmed.plan(), cache) {
        Ok(found) => found,
        Err(failure) if failure.exit() == Exit::Refused => {
            return refuse(workspace, prepared, output, &failure.message());
        }
        Err(failure) => return Err(failure),
    };
    failpoint::reach("rechecked");
    if !output.quiet {
        print(&found);
    }
    let Some(left) = confirmed.rechecked(found.clone()) else {
        return none_left(workspace, prepared, output, found).map_err(|error| unwritten(&error));
    };
    if let Some(reason) = plan::over_day(workspace, left.plan()) {
        let left = PreparedPlan::rechecked(left.plan().clone(), found);
        return refuse(workspace, &left, output, &reason);
    }
    super::send(workspace, args, left)
}

fn find(
    workspace: &Workspace,
    args: &RunArgs,
    plan: &Plan,
    cache: &InventoryCache,
) -> Result<Recheck, CommandError> {
    // A plan that can't be rechecked costs no fetch.
    let query = plan.origin.criterion.query();
    query.map_err(|error| CommandError::refused(error.to_string()))?;
    let named = args.inventory.inventory.as_deref();
    let list = recheck::newer_list(workspace, plan, named, args.output.quiet, cache)?;
    recheck::against(workspace, plan, &list)
}

/// Prints what was dropped, and why.
fn print(found: &Recheck) {
    print_note(visible(&found.sentence()));
    for dropped in &found.dropped {
        let identifier = dropped.device.identifier.to_string();
        let name = match visible(&dropped.device.hostname) {
            hostname if hostname.is_empty() => visible(&identifier).into_owned(),
            hostname => format!("{hostname} ({})", visible(&identifier)),
        };
        print_note(format_args!(
            "  dropped: {name}: {}",
            visible(&dropped.reason.to_string())
        ));
    }
}

/// Everything was dropped.
fn none_left(
    workspace: &Workspace,
    prepared: &PreparedPlan,
    output: OutputArgs,
    found: Recheck,
) -> std::io::Result<Exit> {
    let devices = counted(found.planned_devices, "planned device");
    if output.format == TextOrJsonl::Jsonl {
        let empty = Plan {
            devices: Vec::new(),
            sources: Vec::new(),
            ..prepared.plan.clone()
        };
        let none = PreparedPlan::rechecked(empty, found);
        print_plan(workspace, &none, output, "finished", None, Exit::Accepted)?;
    }
    if !output.quiet {
        print_note(format_args!(
            "no device to send: the recheck dropped all {devices}; nothing was sent"
        ));
    }
    Ok(Exit::Accepted)
}
