//! What the terminal UI needs beside the terminal and the engine: plans, the journal, files.

use std::path::{Path, PathBuf};

use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::domain::target::DayUse;
use crate::domain::trend::Trend;
use crate::export::RunFormat;
use crate::fetch::Changes;
use crate::import::Named;
use crate::journal::{
    Found, FoundDevices, HoldsOfDevices, HoldsVersion, RunBreakdown, StoredRecord,
};
use crate::list::{ColumnAssignment, DeviceId, DeviceList};
use crate::plan::explain::Explanation;
use crate::plan::protection::Protection;
use crate::plan::{Hold, Plan, Recheck};
use crate::query::{Query, StatusSource};
use crate::tui::away::ClosedTerminal;
use crate::tui::call_detail::CallDetail;
use crate::tui::effect::PlanSource;
use crate::tui::error::BackendError;
use crate::tui::identity::Identity;
use crate::tui::import_source::ImportSource;
use crate::tui::message::HeldDevices;
use crate::tui::opened::{ColumnReading, Opened};
use crate::tui::run_end::RunEnd;
use crate::tui::saved_view::SavedView;
use crate::tui::screens::history::state::{PastRun, RecalledRun};
use crate::tui::verification::{FetchVerified, JournalStates, RunVerified};

/// Plans, the journal and list files. Called on a thread of its own; each call is short, but
/// for [`Backend::notify_end`].
pub trait Backend: Send + Sync {
    /// Works out what would be sent.
    fn plan(
        &self,
        list: &DeviceList,
        protection: &Protection,
        action: Action,
        source: &PlanSource,
    ) -> Result<Plan, BackendError>;
    /// What the account may send in a day, and has sent.
    fn day_use(&self) -> Result<DayUse, BackendError>;
    /// Says what a recheck of the plan against the inventory drops. None if that is too old, and must be
    /// fetched first; one that was `fetched` just now isn't.
    fn recheck(&self, plan: &Plan, fetched: bool) -> Result<Option<Recheck>, BackendError>;
    /// Holds devices; says what is held.
    fn hold(
        &self,
        list: &DeviceList,
        devices: &[DeviceId],
        hold: &Hold,
    ) -> Result<String, BackendError>;
    /// The holds by which devices are held.
    fn holds_of(
        &self,
        list: &DeviceList,
        devices: &[DeviceId],
    ) -> Result<HoldsOfDevices, BackendError>;
    /// Ends holds as they were shown; says how many.
    fn end_holds(&self, shown: &HoldsOfDevices) -> Result<String, BackendError>;
    /// The held devices of the list; none if the holds are as `known`.
    fn held(
        &self,
        list: &DeviceList,
        known: Option<HoldsVersion>,
    ) -> Result<Option<HeldDevices>, BackendError>;
    /// Works out why a device is, or isn't, selected by `query`, protected and planned. The states of
    /// devices are those of `known`.
    fn explain(
        &self,
        list: &DeviceList,
        protection: &Protection,
        device: DeviceId,
        query: &Query,
        known: &dyn StatusSource,
    ) -> Result<Explanation, BackendError>;
    /// What became of a device in all runs, newest first.
    fn outcomes(&self, device: &Identity) -> Result<Vec<Found>, BackendError>;
    /// The calls of a run.
    fn calls(&self, run: RunId) -> Result<Vec<CallDetail>, BackendError>;
    /// The devices of all runs of which a name, the user or an identifier holds this.
    fn find(&self, text: &str) -> Result<FoundDevices, BackendError>;
    /// The rows of a device of a run as the list held them.
    fn full_record(&self, run: RunId, ordinal: u32) -> Result<StoredRecord, BackendError>;
    /// A run as a file of this format.
    fn export(&self, run: RunId, format: RunFormat) -> Result<Vec<u8>, BackendError>;
    /// The states of the list's devices in earlier runs, the newest of each.
    fn journal_states(&self, list: &DeviceList) -> Result<JournalStates, BackendError>;
    /// Verifies a run by the last fetched inventory.
    fn verify(&self, run: RunId) -> Result<RunVerified, BackendError>;
    /// Verifies all runs by the list at this path, which was just fetched, and counts `runs`.
    fn verify_fetched(&self, path: &Path, runs: &[RunId]) -> Result<FetchVerified, BackendError>;
    /// Which runs removed the devices of `before` that vanished, as a phrase; none if that isn't known.
    fn removed_by(&self, before: &DeviceList, changes: &Changes) -> Option<String>;
    /// All runs, newest first.
    fn history(&self) -> Result<Vec<PastRun>, BackendError>;
    /// What the account's fetches counted, and its runs.
    fn trend(&self) -> Result<Trend, BackendError>;
    /// The devices of a run, counted by outcome and group.
    fn breakdown(&self, run: RunId) -> Result<RunBreakdown, BackendError>;
    /// The newest run of this tenant and account, if there is one.
    fn newest(&self) -> Result<Option<RunId>, BackendError>;
    /// A run with everything about it.
    fn recall(&self, run: RunId) -> Result<RecalledRun, BackendError>;
    /// Gives up what a run has not sent; how many devices that were.
    fn close(&self, run: RunId) -> Result<u64, BackendError>;
    /// Keeps for the next start what a screen showed of a run when its terminal was closed; what is kept
    /// of the run already stays.
    fn keep_closed_terminal(&self, run: &ClosedTerminal) -> Result<(), BackendError>;
    /// Forgets what was kept of the run: it was shown.
    fn forget_closed_terminal(&self, run: &ClosedTerminal) -> Result<(), BackendError>;
    /// Keeps a list's screen in this file for the next start.
    fn save_view(&self, path: &Path, view: &SavedView) -> Result<(), BackendError>;
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
        path: &Path,
        columns: &[ColumnAssignment],
    ) -> Result<(Opened, Named), BackendError>;
    /// Reads what names devices.
    fn named(&self, ids: &ImportSource) -> Result<Named, BackendError>;
    /// Writes a confirmed plan that other people must approve to a file, and says what to do with it.
    /// None where nobody must, and nothing was written.
    fn write_for_approval(
        &self,
        list: &DeviceList,
        plan: &Plan,
    ) -> Result<Option<String>, BackendError>;
    /// Writes a plan to a new file, to be sent later with `offboard run --plan`; its warnings were
    /// shown.
    fn write_plan(&self, list: &DeviceList, plan: &Plan, path: &Path) -> Result<(), BackendError>;
    /// Asks the process that has the run to stop it; says so.
    fn ask_to_stop(&self, run: RunId) -> Result<String, BackendError>;
    /// Runs the `on_finish` command, if one is configured, for the end of a run. It may take half a minute,
    /// and ends early once `is_cancelled` is true.
    fn notify_end(&self, end: &RunEnd, is_cancelled: &dyn Fn() -> bool)
    -> Result<(), BackendError>;
}
