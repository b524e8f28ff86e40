//! What a dialog requests of the app, as plain values: a change of a screen, another dialog, to quit.

use std::collections::BTreeSet;

use crate::domain::run::RunId;
use crate::list::DeviceId;
use crate::plan::ConfirmedPlan;
use crate::query::Query;
use crate::tui::column::Sort;
use crate::tui::file_content::ExportContent;
use crate::tui::input::commands::Command;
use crate::tui::screens::devices::columns::Columns;

/// Where a term goes in the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermPlace {
    /// Behind the others.
    Last,
    /// In place of those of its field: two of them could contradict each other.
    OfField,
    /// In place of those of its field, which it contradicts.
    Opposite,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Run a command by its name.
    RunCommand(Command),
    /// Go to the row at this place of the open screen.
    GoTo(usize),
    /// Go to this device of the failures, by ordinal.
    GoToFailure(u32),
    /// Go one step back, or clear one thing, but end nothing that is under way.
    StepBack,
    /// Read no more of the inventory.
    CancelFetch,
    /// Read the columns as if none was assigned on the screen.
    DropColumns,
    /// Mark or unmark these devices.
    Mark(Vec<DeviceId>, bool),
    /// Choose these devices of the failures, by ordinal.
    ChooseFailures(BTreeSet<u32>),
    Filter(Query),
    /// Remember the current filter, for recalling it while another is typed.
    RememberFilter,
    Sort(Sort),
    /// Show these columns of the devices.
    ShowColumns(Columns),
    /// Copy a part of these rows of the open screen.
    Copy(CopyPart, CopyRows),
    /// Add a term to the filter.
    AddTerm(String, TermPlace),
    /// Mark these shown rows, which match this term.
    MarkByTerm(Vec<DeviceId>, String),
    /// Search this text in all runs; without a text the search ends.
    FindInRuns(String),
    Start(Box<ConfirmedPlan>),
    /// Resume a run, of which this many devices are left.
    Resume(RunId, u64),
    Open(DialogRequest),
    /// Run a command of the screen below while the dialog stays, such as one that moves its cursor.
    OnScreen(Command),
    /// Show the device under the cursor in the detail.
    FollowCursor,
    /// Drop the keys that follow at once: they were typed for the dialog that closes.
    DropKeys,
    DiscardSavedView,
    /// Quit, after the call in flight.
    Quit,
    QuitWhenRunsEnd,
    /// Don't quit, whatever was requested before.
    Stay,
}

/// A dialog that another one requests.
#[derive(Clone, Debug, PartialEq)]
pub enum DialogRequest {
    /// The number of devices that a run has left is to be typed, which resumes it.
    Resume(RunId),
    /// Everything about a device of a run, by ordinal. The requesting dialog opens again afterwards.
    DeviceOfRun(RunId, u32),
    /// Where is this to be saved? A name is proposed. The requesting dialog opens again afterwards.
    SaveFile(ExportContent, &'static str),
    /// Under which name is this filter to be saved? The requesting dialog opens again afterwards.
    SaveFilter(Query),
}

/// What is copied of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyPart {
    Hwid,
    /// The first MAC.
    Mac,
    /// The host name.
    Name,
    /// The whole row, with tabs between its fields.
    Row,
}

/// Which rows are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyRows {
    /// The row, or the group, under the cursor.
    UnderCursor,
    /// The marked ones that are shown.
    Marked,
}

impl CopyPart {
    pub fn name(self) -> &'static str {
        match self {
            Self::Hwid => "HWID",
            Self::Mac => "MAC",
            Self::Name => "name",
            Self::Row => "row",
        }
    }
}
