//! `run --plan FILE --recheck`: drops what no longer holds, and sends the rest.

use super::{RunArgs, print_plan, refuse, unwritten};
use crate::cli::arguments::output::TextOrJsonl;
use crate::cli::commands::plan;
use crate::cli::commands::plan::{PreparedPlan, Printing};
use crate::cli::inventory::InventoryCache;
use crate::cli::workspace::Workspace;
use crate::cli::{Exit, Failure, print_note, recheck};
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
) -> Result<Exit, Failure> {
    let printing = args.printing;
    let found = match find(workspace, args, confirmed.plan(), cache) {
        Ok(found) => found,
        Err(failure) if failure.exit() == Exit::Refused => {
            return refuse(workspace, prepared, printing, &failure.message());
        }
        Err(failure) => return Err(failure),
    };
    failpoint::reach("rechecked");
    if !printing.quiet {
        print(&found);
    }
    let Some(left) = confirmed.rechecked(found.clone()) else {
        return none_left(workspace, prepared, printing, found).map_err(|error| unwritten(&error));
    };
    if let Some(reason) = plan::over_day(workspace, left.plan()) {
        let left = PreparedPlan::rechecked(left.plan().clone(), found);
        return refuse(workspace, &left, printing, &reason);
    }
    super::send(workspace, args, left)
}

fn find(
    workspace: &Workspace,
    args: &RunArgs,
    plan: &Plan,
    cache: &InventoryCache,
) -> Result<Recheck, Failure> {
    // A plan that can't be rechecked costs no fetch.
    let query = plan.origin.criterion.query();
    query.map_err(|error| Failure::refused(error.to_string()))?;
    let named = args.inventory.inventory.as_deref();
    let list = recheck::newer_list(workspace, plan, named, args.printing.quiet, cache)?;
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
    printing: Printing,
    found: Recheck,
) -> std::io::Result<Exit> {
    let devices = counted(found.planned_devices, "planned device");
    if printing.output == TextOrJsonl::Jsonl {
        let empty = Plan {
            devices: Vec::new(),
            sources: Vec::new(),
            ..prepared.plan.clone()
        };
        let none = PreparedPlan::rechecked(empty, found);
        print_plan(workspace, &none, printing, "finished", None, Exit::Accepted)?;
    }
    if !printing.quiet {
        print_note(format_args!(
            "no device to send: the recheck dropped all {devices}; nothing was sent"
        ));
    }
    Ok(Exit::Accepted)
}
