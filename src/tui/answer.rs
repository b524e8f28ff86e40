//! What comes of an effect, as plain values.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::run::RunId;
use crate::domain::target::DayUse;
use crate::domain::trend::Trend;
use crate::journal::{
    FoundDevice, FoundDevices, HoldsOfDevices, HoldsVersion, RunBreakdown, StoredRecord,
};
use crate::list::{DeviceId, DeviceList, RawRecord, ReadingReport};
use crate::plan::explain::Explanation;
use crate::plan::{Breakdown, ConfirmedPlan, Plan, Recheck};
use crate::query::Query;
use crate::tui::call_detail::CallDetail;
use crate::tui::error::{BackendError, EffectError, EngineError, SaveError};
use crate::tui::identity::DeviceRef;
use crate::tui::import_source::Matched;
use crate::tui::opened_list::Reloaded;
use crate::tui::overview::{CountedRows, Counts, Index};
use crate::tui::screens::devices::search::MatchCount;
use crate::tui::screens::history::state::{DescribedRun, PastRun, Recall, RecalledRun};
use crate::tui::verification::{FetchVerification, JournalStates, VerificationSummary};

/// A plan, and what it consists of.
#[derive(Clone, Debug)]
pub struct Planned {
    pub plan: Plan,
    /// Its totals and outliers.
    pub breakdown: Breakdown,
    /// What the account may send in a day, and has sent, if that is known.
    pub day: Option<DayUse>,
}

/// The held devices of a list, and why each is held.
#[derive(Clone, Debug)]
pub struct HeldDevices {
    /// Changes with the holds.
    pub version: HoldsVersion,
    /// Why, safe to show.
    pub devices: HashMap<DeviceId, String>,
}

impl Planned {
    /// The plan with its breakdown, which takes time proportional to the list.
    pub fn new(plan: Plan, list: &DeviceList) -> Self {
        let breakdown = Breakdown::of(&plan, list);
        Self {
            plan,
            breakdown,
            day: None,
        }
    }
}

#[derive(Debug)]
pub enum Answer {
    /// What `RowJob::Search` found.
    Found {
        /// Of the search; an older one's rows are dropped.
        search_id: u64,
        /// In order.
        rows: Vec<DeviceId>,
    },
    /// What `RowJob::Count` counted.
    Counted {
        counted: CountedRows,
        /// The values of the list.
        index: Arc<Index>,
        /// How many of the rows have each.
        counts: Counts,
    },
    /// What completes the text of `RowJob::Complete`.
    Completed(String, Vec<String>),
    /// How many devices each query of `RowJob::CountQueries` matches, by its text.
    QueriesCounted(Vec<(String, MatchCount)>),
    /// What became of `Job::Plan`.
    Planned {
        /// Of the request; the answer to an older one is dropped.
        request_id: u64,
        /// The plan, if there is one.
        planned: Result<Box<Planned>, BackendError>,
    },
    /// The plan of an `Effect::Start` was written for approval in place of being sent: where to.
    WrittenForApproval(RunId, String),
    /// A confirmed plan didn't reach the engine, so that nothing of it was sent.
    NotStarted(RunId, EffectError),
    /// The terminal has no clipboard for the text of `Effect::Copy`.
    NoClipboard(String),
    /// An effect wasn't performed.
    Failed(EffectError),
    /// The engine didn't take an `Effect::Control`.
    ControlRejected(EngineError),
    /// What `Job::Record` read.
    Record(DeviceId, Result<Vec<RawRecord>, BackendError>),
    /// How the list was read, for `Job::DescribeList`.
    ListDescribed(Box<ReadingReport>),
    /// What `Job::ExplainDevice` worked out.
    DeviceExplained(DeviceId, Result<Box<Explanation>, BackendError>),
    /// What `RunJob::Outcomes` read.
    Outcomes(DeviceRef, Result<Vec<FoundDevice>, BackendError>),
    /// What `RunJob::FullRecord` read.
    FullRecord(RunId, u32, Result<StoredRecord, BackendError>),
    /// What `RunJob::Explain` read.
    Explained(RunId, Vec<CallDetail>),
    /// What `RunJob::History` read.
    History(Result<Vec<PastRun>, BackendError>),
    /// What `RunJob::Trend` read.
    Trend(Result<Trend, BackendError>),
    /// What `RunJob::Breakdown` counted.
    Breakdown(RunId, Result<RunBreakdown, BackendError>),
    /// What `RunJob::Describe` read.
    RunDescribed(RunId, Result<Box<DescribedRun>, BackendError>),
    /// What `RunJob::FindInRuns` found for this text.
    FoundInRuns(String, Result<FoundDevices, BackendError>),
    /// What `Job::ReadJournalStates` read.
    JournalStates(Result<JournalStates, BackendError>),
    /// What became of `Job::Hold` or `Job::EndHolds`, as a message.
    HoldsChanged(Result<String, BackendError>),
    /// What `Job::ReadHoldsOf` read.
    HoldsToEnd(Result<Box<HoldsOfDevices>, BackendError>),
    /// What `Job::ReadHolds` read; nothing if it is as before.
    Held(Result<Option<HeldDevices>, BackendError>),
    /// What `Job::Recheck` found.
    Rechecked {
        plan: Box<ConfirmedPlan>,
        /// What is dropped from it; nothing yet if the inventory must be fetched first.
        found: Result<Option<Box<Recheck>>, BackendError>,
    },
    /// What `RunJob::Verify` found.
    Verified(Result<Box<VerificationSummary>, BackendError>),
    /// What `RunJob::VerifyFetched` found.
    FetchVerified(Result<FetchVerification, BackendError>),
    /// What `RunJob::Recall` read.
    Recalled(Recall, Result<Box<RecalledRun>, BackendError>),
    /// What became of `RunJob::Close`: how many devices were given up.
    Closed(RunId, Result<u64, BackendError>),
    /// What became of `Effect::NotifyEnd`.
    EndNotified(Result<(), BackendError>),
    /// What `Job::ReadIds` found.
    IdsRead {
        /// Of the request; the answer to an older one is dropped.
        request_id: u64,
        matched: Result<Box<Matched>, BackendError>,
    },
    /// What became of `Job::Write`, as a message.
    Wrote(Result<String, SaveError>),
    /// What became of `Job::SaveFilter`.
    FilterSaved {
        name: String,
        query: Query,
        saved: Result<(), BackendError>,
    },
    /// What became of `Job::WriteCopy`, as a message.
    CopyWritten(Result<String, BackendError>),
    /// What `Job::Reload` read.
    Reloaded(Result<Box<Reloaded>, BackendError>),
    /// What `Job::AssignColumns` read, and whether it can't be remembered.
    Reassigned(Result<(Box<Reloaded>, Option<BackendError>), BackendError>),
    /// What `Job::MatchWithInventory` opened and matched.
    MatchedWithInventory(Result<Box<(Reloaded, Matched)>, BackendError>),
    /// What became of `RunJob::AskToStop`, as a message.
    StopRequested(String),
}

impl Answer {
    /// True for an answer that names devices by their places in the list that was open at the time.
    pub fn is_of_list(&self) -> bool {
        matches!(
            self,
            Self::Found { .. }
                | Self::Counted { .. }
                | Self::Completed(..)
                | Self::QueriesCounted(_)
                | Self::Planned { .. }
                | Self::Record(..)
                | Self::ListDescribed(_)
                | Self::DeviceExplained(..)
                | Self::Outcomes(..)
                | Self::JournalStates(_)
                | Self::Held(_)
                | Self::IdsRead { .. }
                | Self::Reloaded(_)
                | Self::Reassigned(_)
                | Self::MatchedWithInventory(_)
        )
    }
}
