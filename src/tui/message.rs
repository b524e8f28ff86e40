//! What can happen to the app, and what it asks of the world. Both are plain values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyEvent;
use jiff::Timestamp;

use crate::domain::action::Action;
use crate::domain::device::{Hwid, MacAddress};
use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::engine::Control;
use crate::engine::lookup_verdict::LookupKey;
use crate::fetch::FetchDestination;
use crate::journal::{Found, FoundDevices};
use crate::list::{DeviceId, Field, RawRecord};
use crate::plan::{ConfirmedPlan, Plan, RetryTarget};
use crate::platform::clock::Now;
use crate::query::Query;
use crate::runner::Update;
use crate::secret::Secret;
use crate::tui::dialogs::{ExportContent, ImportSource, Matched, Subject};
use crate::tui::reload::Reloaded;
use crate::tui::screens::devices::search::DeviceStatusSnapshot;
use crate::tui::screens::history::state::{PastRun, Recall, RecalledRun};

/// What happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent, Now),
    /// Text was pasted; what it was matters only where text is asked for.
    Paste(String, Now),
    /// The terminal has this many columns and rows.
    Resized(u16, u16),
    /// The mouse's wheel was turned, by rows; up is negative.
    Wheel(isize),
    /// The mouse was clicked in this row of the screen.
    Click(u16),
    /// A frame is on the screen.
    Drawn(Now),
    /// Time has passed.
    Tick(Now),
    /// The engine has news.
    Update(Update, Now),
    /// What [`Effect::Search`] found.
    Found {
        /// Of the search that asked; an older one's rows are dropped.
        search_id: u64,
        /// In order.
        rows: Vec<DeviceId>,
    },
    /// What became of [`Effect::Plan`].
    Planned {
        /// Of the question that asked; the answer to an older one is dropped.
        asked: u64,
        /// The plan, or why there is none.
        planned: Result<Box<Plan>, String>,
    },
    /// An effect that can't be done, and why.
    Failed(String),
    /// The engine didn't take an [`Effect::Control`]; why.
    ControlRejected(String),
    /// What [`Effect::Record`] read.
    Record(DeviceId, Result<Vec<RawRecord>, String>),
    /// What [`Effect::Outcomes`] read.
    Outcomes(Subject, Result<Vec<Found>, String>),
    /// What [`Effect::Explain`] read.
    Explained(RunId, Vec<CallDetail>),
    /// What [`Effect::History`] read.
    History(Result<Vec<PastRun>, String>),
    /// What [`Effect::FindInRuns`] found for this text.
    FoundInRuns(String, Result<FoundDevices, String>),
    /// What [`Effect::ReadJournalStates`] read.
    JournalStates(Result<HashMap<DeviceId, DeviceState>, String>),
    /// What [`Effect::Recall`] read.
    Recalled(Recall, Result<Box<RecalledRun>, String>),
    /// What became of [`Effect::Close`]: how many devices were given up.
    Closed(RunId, Result<u64, String>),
    /// What [`Effect::ReadIds`] found.
    IdsRead {
        /// Of the question that asked; the answer to an older one is dropped.
        asked: u64,
        /// What it matches, or why it can't be read.
        matched: Result<Box<Matched>, String>,
    },
    /// What became of [`Effect::Write`], in words.
    Wrote(Result<String, String>),
    /// What [`Effect::Reload`] read.
    Reloaded(Result<Box<Reloaded>, String>),
    /// What became of [`Effect::AskToStop`], in words.
    StopRequested(String),
    /// SIGINT, SIGTERM or SIGHUP, by its number.
    Signal(i32),
    /// SIGTSTP: somebody wants the process suspended.
    Suspend,
    /// Back from a suspension.
    Resumed(Now),
}

impl Message {
    /// True for an answer that names devices by their places in the list that was asked.
    pub fn is_of_list(&self) -> bool {
        matches!(
            self,
            Self::Found { .. }
                | Self::Planned { .. }
                | Self::Record(..)
                | Self::Outcomes(..)
                | Self::JournalStates(_)
                | Self::IdsRead { .. }
                | Self::Reloaded(_)
        )
    }
}

/// What the app asks of the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Find and sort the rows to show; answered with [`Message::Found`].
    Search {
        /// Names the search.
        search_id: u64,
        /// What to show.
        query: Query,
        /// In which order.
        sort: Sort,
        /// What the screen knows of the devices.
        known: Arc<DeviceStatusSnapshot>,
    },
    /// Work out a plan; answered with [`Message::Planned`].
    Plan {
        /// Names the question.
        asked: u64,
        /// What is to be done.
        action: Action,
        /// To what.
        wanted: PlanSource,
    },
    /// Hand a confirmed plan to the engine.
    Start(Box<ConfirmedPlan>),
    /// Pass something on to the engine.
    Control(Control),
    /// Take a run up that stopped in this process; the count was typed.
    Resume(RunId, u64),
    /// Read the device's records; answered with [`Message::Record`].
    Record(DeviceId),
    /// Read what became of a device in all runs; answered with [`Message::Outcomes`].
    Outcomes(Subject, Identity),
    /// Read the calls of a run; answered with [`Message::Explained`].
    Explain(RunId),
    /// Read the history; answered with [`Message::History`].
    History,
    /// Find devices in all runs; answered with [`Message::FoundInRuns`].
    FindInRuns(String),
    /// Read how the list's devices stand by earlier runs; answered with [`Message::JournalStates`].
    ReadJournalStates,
    /// Read a run of the journal; answered with [`Message::Recalled`].
    Recall(RunId, Recall),
    /// Read the newest run of this tenant and account, to look at what failed; likewise.
    RecallNewest,
    /// Give up what a run has not sent; answered with [`Message::Closed`].
    Close(RunId),
    /// Ask the process that has the run to stop it; answered with [`Message::StopRequested`].
    AskToStop(RunId),
    /// Read a ticket's or another system's list and look it up; answered with
    /// [`Message::IdsRead`].
    ReadIds {
        /// Names the question.
        asked: u64,
        /// What names devices.
        ids: ImportSource,
    },
    /// Write a new file; answered with [`Message::Wrote`].
    Write {
        /// Where.
        path: PathBuf,
        /// What.
        content: ExportContent,
    },
    /// Look devices of a run up, by ordinal.
    LookUp(RunId, Vec<u32>, LookupKey),
    /// Look nothing more up.
    CancelLookups,
    /// Read the inventory into a list.
    Fetch(FetchDestination),
    /// Read no more of it.
    CancelFetch,
    /// Read the list at this path, to take the place of the open one; answered with
    /// [`Message::Reloaded`].
    Reload(PathBuf),
    /// Use this token until the process ends.
    UseToken(Secret),
    /// Put text on the terminal's clipboard.
    Copy(String),
    /// Suspend the process.
    Suspend,
    /// Leave, once the engine has finished its call.
    Quit,
    /// Leave at once with 128 and this signal's number.
    Abort(i32),
}

/// By what the journal knows a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its HWID.
    pub hwid: Option<Hwid>,
    /// Its MACs.
    pub macs: Vec<MacAddress>,
}

/// What a plan is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanSource {
    /// Devices of the list.
    Selection(Vec<DeviceId>),
    /// Devices of an earlier run, as they were confirmed there, whatever the list says now.
    Retry(RunId, Vec<RetryTarget>),
}

/// A call, as the failures' detail shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDetail {
    /// Its number in the run.
    pub call: u32,
    /// When its intent was durable.
    pub at: Timestamp,
    /// From then to its outcome.
    pub took: Option<Duration>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The server's or the network's words.
    pub message: String,
    /// What it carried, by ordinal in the plan.
    pub devices: Vec<u32>,
}

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// How the device ended.
    Outcome,
    /// A field of the list.
    Field(Field),
    /// A column of the list that is not read as a field, by its header: its place changes when the
    /// list is read anew. Columns with the same header are one.
    Other(Arc<str>),
}

/// An order of rows: by the first key, among equals by the next; at last in list order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// The keys.
    pub keys: Vec<SortKey>,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// By this column; in list order without it.
    pub column: Option<Column>,
    /// Turned around.
    pub reversed: bool,
}

impl Sort {
    /// The place and the direction of a column among the keys.
    pub fn key(&self, column: &Column) -> Option<(usize, &SortKey)> {
        let mut keys = self.keys.iter().enumerate();
        keys.find(|(_, key)| key.column.as_ref() == Some(column))
    }

    /// Turns the order around.
    pub fn reverse(&mut self) {
        if self.keys.is_empty() {
            self.keys.push(SortKey {
                column: None,
                reversed: false,
            });
        }
        for key in &mut self.keys {
            key.reversed = !key.reversed;
        }
        self.keys.retain(|key| key.column.is_some() || key.reversed);
    }
}

impl Column {
    /// The column of this name, as the configuration has it: a field's, or a header behind an `@`.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "outcome" {
            Some(Self::Outcome)
        } else if let Some(header) = name.strip_prefix('@') {
            Some(Self::Other(header.into()))
        } else {
            Field::from_name(name).map(Self::Field)
        }
    }

    /// Its name, as the configuration has it. Not safe to show.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Outcome => Cow::Borrowed("outcome"),
            Self::Field(field) => Cow::Borrowed(field.name()),
            Self::Other(header) => Cow::Owned(format!("@{header}")),
        }
    }

    /// What stands over it, safe to show.
    pub fn heading(&self) -> Cow<'_, str> {
        match self {
            Self::Outcome => Cow::Borrowed("outcome"),
            Self::Field(field) => Cow::Borrowed(field.heading()),
            Self::Other(header) if header.is_empty() => Cow::Borrowed("(no header)"),
            Self::Other(header) => crate::text::visible(header),
        }
    }
}
