//! What the terminal UI needs beside the terminal and the engine: plans, the journal, files.

use std::path::{Path, PathBuf};

use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::domain::target::DayUse;
use crate::domain::trend::Trend;
use crate::export::RunFormat;
use crate::fetch::InventoryChanges;
use crate::import::ImportContent;
use crate::journal::{
    FoundDevice, FoundDevices, HoldsOfDevices, HoldsVersion, RunBreakdown, StoredRecord,
};
use crate::list::{ColumnAssignment, DeviceId, DeviceList};
use crate::plan::explain::Explanation;
use crate::plan::protection::Protection;
use crate::plan::{Hold, Plan, Recheck};
use crate::query::{Query, StatusSource};
use crate::tui::answer::HeldDevices;
use crate::tui::away::ClosedTerminal;
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

/// Plans, the journal and list files. Called on a thread of its own; each call is short, but
/// for [`Backend::notify_end`]. The provided methods are those of a session without a journal.
pub trait Backend: Send + Sync {
    /// Works out what would be sent.
    fn plan(
        &self,
        _list: &DeviceList,
        _protection: &Protection,
        _action: Action,
        _source: &PlanSource,
    ) -> Result<Plan, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// What the account may send in a day, and has sent.
    fn day_use(&self) -> Result<DayUse, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Says what a recheck of the plan against the inventory drops. None if that is too old, and must be
    /// fetched first; one that was `fetched` just now isn't.
    fn recheck(&self, _plan: &Plan, _fetched: bool) -> Result<Option<Recheck>, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Holds devices; says what is held.
    fn hold(
        &self,
        _list: &DeviceList,
        _devices: &[DeviceId],
        _hold: &Hold,
    ) -> Result<String, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// The holds by which devices are held.
    fn holds_of(
        &self,
        _list: &DeviceList,
        _devices: &[DeviceId],
    ) -> Result<HoldsOfDevices, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Ends holds as they were shown; says how many.
    fn end_holds(&self, _shown: &HoldsOfDevices) -> Result<String, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// The held devices of the list; none if the holds are as `known`.
    fn held(
        &self,
        _list: &DeviceList,
        _known: Option<HoldsVersion>,
    ) -> Result<Option<HeldDevices>, BackendError> {
        Ok(None)
    }

    /// Works out why a device is, or isn't, selected by `query`, protected and planned. The states of
    /// devices are those of `known`.
    fn explain(
        &self,
        _list: &DeviceList,
        _protection: &Protection,
        _device: DeviceId,
        _query: &Query,
        _known: &dyn StatusSource,
    ) -> Result<Explanation, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// What became of a device in all runs, newest first.
    fn outcomes(&self, _device: &Identity) -> Result<Vec<FoundDevice>, BackendError> {
        Ok(Vec::new())
    }

    fn calls(&self, _run: RunId) -> Result<Vec<CallDetail>, BackendError> {
        Ok(Vec::new())
    }

    /// The devices of all runs of which a name, the user or an identifier holds this.
    fn find(&self, _query: &str) -> Result<FoundDevices, BackendError> {
        Ok(FoundDevices::default())
    }

    /// The rows of a device of a run as the list held them.
    fn full_record(&self, _run: RunId, _ordinal: u32) -> Result<StoredRecord, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// A run as a file of this format.
    fn export(&self, _run: RunId, _format: RunFormat) -> Result<Vec<u8>, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// The states of the list's devices in earlier runs, the newest of each.
    fn journal_states(&self, _list: &DeviceList) -> Result<JournalStates, BackendError> {
        Ok(JournalStates::default())
    }

    /// Verifies a run by the last fetched inventory.
    fn verify(&self, _run: RunId) -> Result<VerificationSummary, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Verifies all runs by the list at this path, which was just fetched, and counts `runs`.
    fn verify_fetched(
        &self,
        _path: &Path,
        _runs: &[RunId],
    ) -> Result<FetchVerification, BackendError> {
        Ok(FetchVerification::default())
    }

    /// Which runs removed the devices of `before` that vanished, as a phrase; none if that isn't known.
    fn removed_by(&self, _before: &DeviceList, _changes: &InventoryChanges) -> Option<String> {
        None
    }

    /// All runs, newest first.
    fn history(&self) -> Result<Vec<PastRun>, BackendError> {
        Ok(Vec::new())
    }

    /// What the account's fetches counted, and its runs.
    fn trend(&self) -> Result<Trend, BackendError> {
        Ok(Trend::default())
    }

    /// The devices of a run, counted by outcome and group.
    fn breakdown(&self, _run: RunId) -> Result<RunBreakdown, BackendError> {
        Ok(RunBreakdown::default())
    }

    /// A run, and its devices counted by outcome and group.
    fn describe(&self, _run: RunId) -> Result<DescribedRun, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// The newest run of this tenant and account, if there is one.
    fn newest(&self) -> Result<Option<RunId>, BackendError> {
        Ok(None)
    }

    /// A run with everything about it.
    fn recall(&self, _run: RunId) -> Result<RecalledRun, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Gives up what a run has not sent; how many devices that were.
    fn close(&self, _run: RunId) -> Result<u64, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Keeps for the next start what a screen showed of a run when its terminal was closed; what is kept
    /// of the run already stays.
    fn keep_closed_terminal(&self, _run: &ClosedTerminal) -> Result<(), BackendError> {
        Ok(())
    }

    /// Forgets what was kept of the run: it was shown.
    fn forget_closed_terminal(&self, _run: &ClosedTerminal) -> Result<(), BackendError> {
        Ok(())
    }

    /// Keeps a list's screen in this file for the next start.
    fn save_view(&self, _path: &Path, _view: &SavedView) -> Result<(), BackendError> {
        Ok(())
    }

    /// Adds a filter to the configuration.
    fn save_filter(&self, _name: &str, _query: &Query) -> Result<(), BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Writes copied text to a file of the state directory that only its owner can read, in place of
    /// the last one.
    fn save_copy(&self, text: &str) -> Result<PathBuf, BackendError>;

    /// Opens the list at this path, and reads its columns so.
    fn open(&self, path: &Path, columns: &ColumnReading) -> Result<Opened, BackendError>;

    /// Remembers what columns were assigned to for lists with these headers; an empty slice forgets it.
    fn remember_columns(
        &self,
        list: &DeviceList,
        columns: &[ColumnAssignment],
    ) -> Result<(), BackendError>;

    /// Opens the tenant's inventory, and reads the list at this path to be matched with it.
    fn open_inventory_for(
        &self,
        _path: &Path,
        _columns: &[ColumnAssignment],
    ) -> Result<(Opened, ImportContent), BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn import_content(&self, ids: &ImportSource) -> Result<ImportContent, BackendError>;

    /// Writes a confirmed plan that other people must approve to a file, and says what to do with it.
    /// None where nobody must, and nothing was written.
    fn write_for_approval(
        &self,
        _list: &DeviceList,
        _plan: &Plan,
    ) -> Result<Option<String>, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Writes a plan to a new file, to be sent later with `offboard run --plan`; its warnings were
    /// shown.
    fn write_plan(
        &self,
        _list: &DeviceList,
        _plan: &Plan,
        _path: &Path,
    ) -> Result<(), BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Asks the process that has the run to stop it; says so.
    fn ask_to_stop(&self, _run: RunId) -> Result<String, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    /// Runs the `on_finish` command, if one is configured, for the end of a run. It may take half a minute,
    /// and ends early once `is_cancelled` is true.
    fn notify_end(
        &self,
        _end: &RunEnd,
        _is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), BackendError> {
        Ok(())
    }
}
