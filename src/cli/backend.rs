//! The backend of the terminal UI: plans, journal queries and list files of a workspace.

mod away;
mod holds;
mod offline;
mod opening;
mod planning;
mod runs;
mod saved_views;
mod verification;

use std::path::{Path, PathBuf};

use runs::{detail, past, recall};
use saved_views::SavedViews;

use crate::cli::CommandError;
use crate::cli::arguments::ids;
use crate::cli::column_memory::ColumnMemory;
use crate::cli::commands::explain::ExplainSubject;
use crate::cli::commands::fetch;
use crate::cli::commands::runs::stop_requested;
use crate::cli::inventory::{AvailableInventory, InventoryCache};
use crate::cli::on_finish::OnFinish;
use crate::cli::plan_file;
use crate::cli::recheck;
use crate::cli::upgrade;
use crate::cli::workspace::Workspace;
use crate::config::edit;
use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::domain::target::DayUse;
use crate::domain::trend::Trend;
use crate::export::RunFormat;
use crate::fetch::InventoryChanges;
use crate::import::ImportContent;
use crate::journal::{
    FoundDevice, FoundDevices, HoldsOfDevices, HoldsVersion, Journal, Operator, RunBreakdown,
    StoredRecord,
};
use crate::list::{ColumnAssignment, DeviceId, DeviceList};
use crate::plan::explain::Explanation;
use crate::plan::protection::Protection;
use crate::plan::{Hold, ListIdentifiers, Plan, Recheck, Warning};
use crate::query::{Query, StatusSource};
use crate::tui::answer::HeldDevices;
use crate::tui::away::ClosedTerminal;
use crate::tui::backend::Backend;
use crate::tui::call_detail::CallDetail;
use crate::tui::error::BackendError;
use crate::tui::identity::Identity;
use crate::tui::import_source::ImportSource;
use crate::tui::job::PlanSource;
use crate::tui::opened_list::{ColumnReading, Opened};
use crate::tui::run_end::RunEnd;
use crate::tui::saved_view::SavedView;
use crate::tui::screens::history::state::{DescribedRun, PastRun, RecalledRun};
use crate::tui::verification::{FetchVerification, JournalStates, VerificationSummary};

pub(super) use offline::OfflineBackend;

/// The backend of a session with a configuration.
pub(super) struct JournalBackend {
    workspace: Workspace,
    inventory: InventoryCache,
    columns: ColumnMemory,
    views: SavedViews,
}

impl JournalBackend {
    pub(super) fn new(workspace: Workspace) -> Self {
        Self {
            columns: ColumnMemory::in_state(&workspace.state_dir),
            workspace,
            inventory: InventoryCache::default(),
            views: SavedViews::default(),
        }
    }

    fn journal(&self) -> Result<Journal, BackendError> {
        let workspace = &self.workspace;
        Ok(upgrade::open_journal(
            &workspace.state_dir,
            &workspace.clock,
        )?)
    }
}

impl Backend for JournalBackend {
    fn plan(
        &self,
        list: &DeviceList,
        protection: &Protection,
        action: Action,
        source: &PlanSource,
    ) -> Result<Plan, BackendError> {
        self.planned(list, protection, action, source)
    }

    fn day_use(&self) -> Result<DayUse, BackendError> {
        let sent = self.journal()?.sent_in_a_day(&self.workspace.target)?;
        Ok(DayUse {
            sent,
            most: self.workspace.limits.max_per_day,
        })
    }

    fn recheck(&self, plan: &Plan, fetched: bool) -> Result<Option<Recheck>, BackendError> {
        let workspace = &self.workspace;
        let inventory = match self.inventory.last_fetched(workspace) {
            AvailableInventory::Whole(inventory) if fetched => inventory,
            AvailableInventory::Unusable(reason) if fetched => {
                return Err(CommandError::refused(reason).into());
            }
            _ => match recheck::fresh_inventory(workspace, plan, &self.inventory) {
                Some(inventory) => inventory,
                None => return Ok(None),
            },
        };
        Ok(Some(recheck::against(workspace, plan, &inventory)?))
    }

    fn hold(
        &self,
        list: &DeviceList,
        devices: &[DeviceId],
        hold: &Hold,
    ) -> Result<String, BackendError> {
        self.add_holds(list, devices, hold)
    }

    fn holds_of(
        &self,
        list: &DeviceList,
        devices: &[DeviceId],
    ) -> Result<HoldsOfDevices, BackendError> {
        let identifiers = devices.iter();
        let identifiers: Vec<ListIdentifiers> = identifiers
            .map(|&id| ListIdentifiers::of(list.device(id)))
            .collect();
        let target = &self.workspace.target;
        Ok(self.journal()?.holds_of(target, &identifiers)?)
    }

    fn end_holds(&self, shown: &HoldsOfDevices) -> Result<String, BackendError> {
        self.end_shown_holds(shown)
    }

    fn held(
        &self,
        list: &DeviceList,
        known: Option<HoldsVersion>,
    ) -> Result<Option<HeldDevices>, BackendError> {
        let journal = self.journal()?;
        let version = journal.holds_version()?;
        if known == Some(version) {
            return Ok(None);
        }
        let devices = journal.held(&self.workspace.target, list)?;
        Ok(Some(HeldDevices { version, devices }))
    }

    fn explain(
        &self,
        list: &DeviceList,
        protection: &Protection,
        device: DeviceId,
        query: &Query,
        known: &dyn StatusSource,
    ) -> Result<Explanation, BackendError> {
        let journal = self.journal()?;
        let subject = ExplainSubject {
            list,
            protection,
            device,
            query: (!query.is_empty()).then_some(query),
            states: known,
        };
        Ok(subject.explain(&self.workspace, &journal, None)?)
    }

    fn outcomes(&self, device: &Identity) -> Result<Vec<FoundDevice>, BackendError> {
        let own = device.macs.iter().filter(|mac| !mac.is_known_constant());
        let macs: Vec<_> = own.copied().collect();
        let target = &self.workspace.target;
        Ok(self
            .journal()?
            .outcomes_of(target, device.hwid.as_ref(), &macs)?)
    }

    fn calls(&self, run: RunId) -> Result<Vec<CallDetail>, BackendError> {
        let calls = self.journal()?.calls(&run)?;
        Ok(calls.into_iter().map(detail).collect())
    }

    fn breakdown(&self, run: RunId) -> Result<RunBreakdown, BackendError> {
        Ok(self.journal()?.breakdown(&run)?)
    }

    fn describe(&self, run: RunId) -> Result<DescribedRun, BackendError> {
        let mut journal = self.journal()?;
        journal.recover_dead_runs()?;
        let record = journal.run(&run.short())?;
        Ok(DescribedRun {
            past: past(&journal, record)?,
            counts: journal.breakdown(&run)?,
            resumes: journal.resumes(&run)?,
        })
    }

    fn find(&self, query: &str) -> Result<FoundDevices, BackendError> {
        Ok(self.journal()?.find(query)?)
    }

    fn full_record(&self, run: RunId, ordinal: u32) -> Result<StoredRecord, BackendError> {
        Ok(self.journal()?.full_record(&run, ordinal)?)
    }

    fn export(&self, run: RunId, format: RunFormat) -> Result<Vec<u8>, BackendError> {
        let journal = self.journal()?;
        let record = journal.run(&run.short())?;
        // A damaged run is refused: a part of it must not look like the whole.
        let devices = journal.devices(&run)?;
        let now = self.workspace.clock.now().wall;
        Ok(format.text(&journal, &record, &devices, now)?)
    }

    fn journal_states(&self, list: &DeviceList) -> Result<JournalStates, BackendError> {
        let target = &self.workspace.target;
        let journal = self.journal()?;
        Ok(JournalStates {
            outcomes: journal.earlier_states(target, list)?,
            verified: journal.verified_states(target, list)?,
        })
    }

    fn verify(&self, run: RunId) -> Result<VerificationSummary, BackendError> {
        Ok(verification::of_run(&self.workspace, run)?)
    }

    fn verify_fetched(
        &self,
        path: &Path,
        runs: &[RunId],
    ) -> Result<FetchVerification, BackendError> {
        Ok(verification::of_fetched(&self.workspace, path, runs)?)
    }

    fn removed_by(&self, before: &DeviceList, changes: &InventoryChanges) -> Option<String> {
        fetch::attribution(&self.workspace, before, changes)
            .ok()?
            .summary()
    }

    fn history(&self) -> Result<Vec<PastRun>, BackendError> {
        let mut journal = self.journal()?;
        journal.recover_dead_runs()?;
        let runs = journal.runs()?;
        runs.into_iter()
            .map(|record| Ok(past(&journal, record)?))
            .collect()
    }

    fn trend(&self) -> Result<Trend, BackendError> {
        Ok(self.journal()?.trend(&self.workspace.target, None)?)
    }

    fn newest(&self) -> Result<Option<RunId>, BackendError> {
        let runs = self.journal()?.runs()?;
        let ours = runs
            .iter()
            .find(|run| self.workspace.target.check(&run.target).is_ok());
        Ok(ours.map(|run| run.id))
    }

    fn recall(&self, run: RunId) -> Result<RecalledRun, BackendError> {
        Ok(recall(&mut self.journal()?, run)?)
    }

    fn close(&self, run: RunId) -> Result<u64, BackendError> {
        let opened = self.journal()?.close_run(&run, &Operator::current())?;
        Ok(opened.record.tally.left)
    }

    fn write_for_approval(
        &self,
        list: &DeviceList,
        plan: &Plan,
    ) -> Result<Option<String>, BackendError> {
        if plan_file::missing_approvals(&self.workspace, plan).is_none() {
            return Ok(None);
        }
        let warnings = shown_warnings(plan);
        let written = plan_file::write_for_approval(&self.workspace, list, plan, &warnings)?;
        Ok(Some(written))
    }

    fn write_plan(&self, list: &DeviceList, plan: &Plan, path: &Path) -> Result<(), BackendError> {
        if list.changed_since_read() {
            return Err(BackendError::ListChanged);
        }
        // Nobody has confirmed it: its warnings are accepted by whoever runs it.
        Ok(plan_file::write(
            &mut self.journal()?,
            list,
            plan,
            &[],
            path,
        )?)
    }

    fn keep_closed_terminal(&self, run: &ClosedTerminal) -> Result<(), BackendError> {
        away::keep(&self.workspace.state_dir, run).map_err(BackendError::ClosedTerminal)
    }

    fn forget_closed_terminal(&self, run: &ClosedTerminal) -> Result<(), BackendError> {
        away::forget(&self.workspace.state_dir, run).map_err(BackendError::ClosedTerminal)
    }

    fn save_view(&self, path: &Path, view: &SavedView) -> Result<(), BackendError> {
        self.views.write(path, view).map_err(BackendError::SaveView)
    }

    fn save_filter(&self, name: &str, query: &Query) -> Result<(), BackendError> {
        Ok(edit::add_filter(&self.workspace.config, name, query)?)
    }

    fn save_copy(&self, text: &str) -> Result<PathBuf, BackendError> {
        let path = self.workspace.state_dir.join("copied.txt");
        crate::platform::file::replace(&path, |out| writeln!(out, "{text}"))
            .map_err(|error| BackendError::SaveCopy(std::io::Error::other(error)))?;
        Ok(path)
    }

    fn open(&self, path: &Path, columns: &ColumnReading) -> Result<Opened, BackendError> {
        self.open_as(path, columns)
    }

    fn remember_columns(
        &self,
        list: &DeviceList,
        columns: &[ColumnAssignment],
    ) -> Result<(), BackendError> {
        let now = self.workspace.clock.now().wall;
        let saved = self.columns.save(list, columns, now);
        saved.map_err(BackendError::SaveColumns)
    }

    fn open_inventory_for(
        &self,
        path: &Path,
        columns: &[ColumnAssignment],
    ) -> Result<(Opened, ImportContent), BackendError> {
        self.inventory_for(path, columns)
    }

    fn import_content(&self, ids: &ImportSource) -> Result<ImportContent, BackendError> {
        let workspace = &self.workspace;
        let content = ids.read(&workspace.state_dir, &workspace.lists)?;
        ids::check(workspace, &content)?;
        Ok(content)
    }

    fn ask_to_stop(&self, run: RunId) -> Result<String, BackendError> {
        let mut journal = self.journal()?;
        let Some(holder) = journal.holder(&run)? else {
            return Err(BackendError::NotRunning(run));
        };
        journal.request_stop(&run, &Operator::current())?;
        Ok(stop_requested(&holder, &run))
    }

    fn notify_end(
        &self,
        end: &RunEnd,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), BackendError> {
        let Some(command) = OnFinish::of(&self.workspace) else {
            return Ok(());
        };
        let run = command.run(&end.summary(), is_cancelled);
        Ok(run.map_err(anyhow::Error::from)?)
    }
}

/// The names of a plan's warnings: each of them was shown with the plan.
fn shown_warnings(plan: &Plan) -> Vec<String> {
    let names = plan.warnings.iter().map(Warning::name);
    names.map(str::to_owned).collect()
}
