//! Rechecks a confirmed plan against a newer list: the tenant's inventory, or one that is named.

use std::path::Path;
use std::sync::Arc;

use super::inventory::{self, AvailableInventory, InventoryCache};
use super::recorded::Recorded;
use super::workspace::Workspace;
use crate::cli::commands::fetch;
use crate::cli::{CommandError, Exit};
use crate::list::DeviceList;
use crate::plan::{FRESH_FOR, Plan, Recheck, RecheckRequest, keys_of, known_until, recheck};
use crate::platform::failpoint;
use crate::query::{NoStatus, StatusSource};

/// The list to recheck a plan against: the named one; else the inventory, which is fetched first unless
/// the stored one is fresh. Resumes a fetch that was stopped.
pub(super) fn newer_list(
    workspace: &Workspace,
    plan: &Plan,
    named: Option<&Path>,
    quiet: bool,
    cache: &InventoryCache,
) -> Result<Arc<DeviceList>, CommandError> {
    if let Some(path) = named {
        return inventory::open_named(workspace, path);
    }
    if let Some(inventory) = fresh_inventory(workspace, plan, cache) {
        return Ok(inventory);
    }
    if fetch::fetch_default(workspace, quiet, cache)? != Exit::Accepted {
        return Err(CommandError::refused(
            "the inventory was not read to its end: the same command continues within the hour",
        ));
    }
    failpoint::reach("recheck-fetched");
    match cache.last_fetched(workspace) {
        AvailableInventory::Whole(inventory) => Ok(inventory),
        AvailableInventory::Unusable(reason) => Err(CommandError::refused(reason)),
        AvailableInventory::None => Err(CommandError::refused(
            "the inventory that was fetched is no longer there: try again",
        )),
    }
}

/// The stored inventory, if it is complete, fresh, newer than what the plan is based on, and not that itself.
pub(super) fn fresh_inventory(
    workspace: &Workspace,
    plan: &Plan,
    cache: &InventoryCache,
) -> Option<Arc<DeviceList>> {
    let AvailableInventory::Whole(inventory) = cache.last_fetched(workspace) else {
        return None;
    };
    let time = inventory.fetched_at()?;
    let age = workspace.clock.now().wall.duration_since(time);
    let is_newer = time > known_until(plan) && inventory.hash() != plan.origin.list_hash;
    let is_fresh = !age.is_negative() && age < FRESH_FOR && is_newer;
    is_fresh.then_some(inventory)
}

/// Says which devices of the plan are dropped, by this list, the journal and the `protect` rules.
pub(super) fn against(
    workspace: &Workspace,
    plan: &Plan,
    list: &DeviceList,
) -> Result<Recheck, CommandError> {
    let refused = |reason: String| CommandError::refused(reason);
    let query = plan
        .origin
        .criterion
        .query()
        .map_err(|error| refused(error.to_string()))?;
    let mut journal = workspace.journal()?;
    let retried = match &plan.origin.retry_of {
        Some(run) => journal.retried(run)?,
        None => Vec::new(),
    };
    let keys = keys_of(plan, list);
    let earlier = journal.earlier_devices(&workspace.target, keys.len(), keys.into_iter())?;
    // A query may ask for protected devices; that the rules can be evaluated is checked below.
    let rules = &workspace.profile.protect;
    let protection = rules.apply(list).unwrap_or_default();
    let recorded = query
        .as_ref()
        .map(|query| Recorded::read(workspace, &mut journal, list, query, &protection))
        .transpose()?;
    let states: &dyn StatusSource = match &recorded {
        Some(recorded) => recorded,
        None => &NoStatus,
    };
    recheck(&RecheckRequest {
        plan,
        query: query.as_ref(),
        list,
        states,
        rules,
        earlier: &earlier,
        retried_runs: &retried,
        now: workspace.clock.now().wall,
    })
    .map_err(|error| refused(format!("{} {error}", list.name())))
}
