//! Work for a thread of its own. What comes of each job is an [`Answer`](super::answer::Answer).

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::journal::{HoldsOfDevices, HoldsVersion};
use crate::list::{ColumnAssignment, DeviceId};
use crate::plan::{ConfirmedPlan, Hold, RetryTarget};
use crate::query::Query;
use crate::tui::column::Sort;
use crate::tui::file_content::ExportContent;
use crate::tui::identity::{DeviceRef, Identity};
use crate::tui::import_source::ImportSource;
use crate::tui::overview::{CountedRows, Index};
use crate::tui::screens::devices::search::DeviceStatusSnapshot;
use crate::tui::screens::history::state::Recall;

/// Finding or counting rows of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum RowJob {
    /// Find and sort the rows to show; answered with `Answer::Found`.
    Search {
        search_id: u64,
        query: Query,
        sort: Sort,
        /// What the screen knows of the devices.
        known: Arc<DeviceStatusSnapshot>,
    },
    /// Count the shown devices by their values; answered with `Answer::Counted`.
    Count {
        counted: CountedRows,
        /// The values of the list, once read.
        index: Option<Arc<Index>>,
        rows: Arc<Vec<DeviceId>>,
        /// What the screen knows of the devices.
        known: Arc<DeviceStatusSnapshot>,
    },
    /// Find the values of the list that complete this text; answered with `Answer::Completed`.
    Complete(String),
    /// Count the devices that each query matches; answered with `Answer::QueriesCounted`.
    CountQueries {
        queries: Vec<Query>,
        /// Count marked devices only.
        among_marked: bool,
        /// What the screen knows of the devices.
        known: Arc<DeviceStatusSnapshot>,
    },
}

/// Reading or changing runs of the journal.
#[derive(Clone, Debug, PartialEq)]
pub enum RunJob {
    /// Read what became of a device in all runs; answered with `Answer::Outcomes`.
    Outcomes(DeviceRef, Identity),
    /// Read the rows of a device of a run, by ordinal; answered with `Answer::FullRecord`.
    FullRecord(RunId, u32),
    /// Read the calls of a run; answered with `Answer::Explained`.
    Explain(RunId),
    /// Read the history; answered with `Answer::History`.
    History,
    /// Read what the account's fetches counted; answered with `Answer::Trend`.
    Trend,
    /// Count the devices of a run by outcome and group; answered with `Answer::Breakdown`.
    Breakdown(RunId),
    /// Read a run, and count its devices by outcome and group; answered with `Answer::RunDescribed`.
    Describe(RunId),
    /// Find devices in all runs; answered with `Answer::FoundInRuns`.
    FindInRuns(String),
    /// Read a run of the journal; answered with `Answer::Recalled`.
    Recall(RunId, Recall),
    /// Read the newest run of this tenant and account, to look at what failed; likewise.
    RecallNewest,
    /// Verify a run by the last fetched inventory; answered with `Answer::Verified`.
    Verify(RunId),
    /// Verify all runs by the list at this path, which was just fetched, and count these; answered with
    /// `Answer::FetchVerified`.
    VerifyFetched(PathBuf, Vec<RunId>),
    /// Give up what a run has not sent; answered with `Answer::Closed`.
    Close(RunId),
    /// Ask the process that has the run to stop it; answered with `Answer::StopRequested`.
    AskToStop(RunId),
}

/// Work on the list, the journal and files.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    /// Work out a plan; answered with `Answer::Planned`.
    Plan {
        request_id: u64,
        action: Action,
        source: PlanSource,
    },
    /// Read the device's records; answered with `Answer::Record`.
    Record(DeviceId),
    /// Work out why a device is, or isn't, selected by this filter, protected and planned; answered with
    /// `Answer::DeviceExplained`.
    ExplainDevice {
        device: DeviceId,
        query: Query,
        /// What the screen knows of the devices.
        known: Arc<DeviceStatusSnapshot>,
    },
    /// Read the states of the list's devices in earlier runs; answered with `Answer::JournalStates`.
    ReadJournalStates,
    /// Hold devices; answered with `Answer::HoldsChanged`.
    Hold {
        devices: Vec<DeviceId>,
        /// Until when, why, and who answers for it.
        hold: Hold,
    },
    /// Read the holds of devices, to end them; answered with `Answer::HoldsToEnd`.
    ReadHoldsOf(Vec<DeviceId>),
    /// End these holds, as they were shown; answered with `Answer::HoldsChanged`.
    EndHolds(Box<HoldsOfDevices>),
    /// Read which devices of the list are held, unless that is as `known`; answered with `Answer::Held`.
    ReadHolds {
        /// The holds that the screen knows.
        known: Option<HoldsVersion>,
    },
    /// Find out what a recheck of this plan drops; answered with `Answer::Rechecked`.
    Recheck {
        plan: Box<ConfirmedPlan>,
        /// True if the inventory was just fetched for it.
        fetched: bool,
    },
    /// Read a ticket's or another system's list and look it up; answered with
    /// `Answer::IdsRead`.
    ReadIds { request_id: u64, ids: ImportSource },
    /// Write a new file; answered with `Answer::Wrote`.
    Write {
        path: PathBuf,
        content: ExportContent,
    },
    /// Save a filter in the configuration; answered with `Answer::FilterSaved`.
    SaveFilter { name: String, query: Query },
    /// Read the list at this path, to take the place of the open one; answered with
    /// `Answer::Reloaded`.
    Reload(PathBuf),
    /// Read the list at this path again with these assignments of its columns; answered with
    /// `Answer::Reassigned`.
    AssignColumns(PathBuf, Vec<ColumnAssignment>),
    /// Open the inventory, and match the list at this path with it; answered with
    /// `Answer::MatchedWithInventory`.
    MatchWithInventory(PathBuf, Vec<ColumnAssignment>),
    /// Write copied text to a file; answered with `Answer::CopyWritten`.
    WriteCopy(String),
    /// Describe how the list was read; answered with `Answer::ListDescribed`.
    DescribeList,
}

/// What a plan is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanSource {
    Selection(Vec<DeviceId>),
    /// Devices of an earlier run, as they were confirmed there, whatever the list says now.
    Retry(RunId, Vec<RetryTarget>),
}
