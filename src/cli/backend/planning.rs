//! Plans for the screen.

use super::JournalBackend;
use crate::cli::full_records;
use crate::cli::inventory::{self, AvailableInventory};
use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::list::DeviceList;
use crate::plan::protection::Protection;
use crate::plan::{Candidate, ListIdentifiers, Plan, PlanRequest, SelectedBy, build};
use crate::tui::error::BackendError;
use crate::tui::job::PlanSource;

impl JournalBackend {
    /// The plan of devices of the list, or of a retry.
    pub(super) fn planned(
        &self,
        list: &DeviceList,
        protection: &Protection,
        action: Action,
        source: &PlanSource,
    ) -> Result<Plan, BackendError> {
        let journal = self.journal()?;
        let (selection, again, first) = match source {
            PlanSource::Selection(_) if list.changed_since_read() => {
                return Err(BackendError::ListChanged);
            }
            PlanSource::Selection(devices) => (&devices[..], &[][..], None),
            // The list may have changed: a retry sends the devices as they were confirmed.
            PlanSource::Retry(run, devices) => {
                let first = journal.confirmed(run)?;
                (&[][..], &devices[..], first)
            }
        };
        let retried = match &first {
            Some(run) => journal.retried(&run.id)?,
            None => Vec::new(),
        };
        let workspace = &self.workspace;
        // A retry doesn't send what another run has removed since the first plan was made.
        let since = match &first {
            Some(run) => run.list_time.map(|time| time.min(run.confirmed_at)),
            None => list.time(),
        };
        let selected = selection
            .iter()
            .map(|&id| ListIdentifiers::of(list.device(id)));
        let retried_devices = again.iter().map(|target| Candidate::from(&target.device));
        let keys = selected
            .flat_map(ListIdentifiers::into_keys)
            .chain(retried_devices.flat_map(Candidate::keys));
        let earlier =
            journal.earlier_devices(&workspace.target, selection.len() + again.len(), keys)?;
        let query = first
            .as_ref()
            .map(|run| SelectedBy::RetryOf(run.id.short()).to_string());
        let mut plan = build(&PlanRequest {
            selection,
            retry_targets: again,
            list_time: since,
            skip_removed: first.is_some(),
            retried_runs: &retried,
            last_planned: journal.last_list_size(&workspace.target, list.name())?,
            query: query.as_deref(),
            ..workspace.plan_request(RunId::random()?, list, action, protection, &earlier)
        });
        let keep = &workspace.keep;
        // A plan of more devices is refused.
        if plan.devices.len() as u64 <= workspace.limits.max_devices {
            match &first {
                Some(run) => full_records::attach_earlier(&mut plan, &journal, &run.id, keep),
                None => full_records::attach(&mut plan, list, keep),
            }
            .map_err(anyhow::Error::from)?;
        }
        if let Some(run) = first {
            // The devices come from that run's list, whichever list is open.
            plan.origin.list_name = run.list_name;
            plan.origin.list_hash = run.list_hash;
            plan.origin.list_time = run.list_time;
            plan.origin.list_devices = None;
            plan.origin.matched_from = run.matched_from;
        }
        self.check_against_inventory(list, &mut plan);
        Ok(plan)
    }

    /// Adds a warning for devices that the tenant's inventory lacks. Does nothing without a complete
    /// inventory.
    fn check_against_inventory(&self, list: &DeviceList, plan: &mut Plan) {
        let workspace = &self.workspace;
        let is_of_list = plan.origin.list_hash == list.hash();
        if is_of_list && inventory::is_last_fetched(workspace, list) {
            return;
        }
        if let AvailableInventory::Whole(inventory) = self.inventory.last_fetched(workspace) {
            let now = workspace.clock.now().wall;
            inventory::warn(workspace, list, plan, &inventory, now);
        }
    }
}
