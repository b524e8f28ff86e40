//! A list as it was opened or read again.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::run::RunId;
use crate::fetch::InventoryChanges;
use crate::journal::HoldsVersion;
use crate::list::{ColumnAssignment, DeviceId, DeviceList};
use crate::plan::Removal;
use crate::plan::protection::Protection;
use crate::tui::context::ListInfo;
use crate::tui::list_state::ListState;
use crate::tui::saved_view::{SavedView, SavedViewOffer};
use crate::tui::screens::devices::columns::Columns;

/// A list as it was opened, with all that is known of its devices by their places in it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub list: Arc<DeviceList>,
    /// Where it can be read again.
    pub path: Option<PathBuf>,
    /// Where its view is saved; none where it isn't.
    pub view_path: Option<PathBuf>,
    pub saved_view: Option<SavedView>,
    /// Which of its devices are never sent.
    pub protection: Arc<Protection>,
    /// What the holds in `protection` were read from; none without a journal.
    pub holds_version: Option<HoldsVersion>,
    /// Its devices that an earlier run removed after it was saved, and by which run.
    pub removed: HashMap<DeviceId, Removal>,
    /// Why nothing of it can be sent, if so.
    pub forbidden: Option<String>,
    /// Notices to show.
    pub notices: Vec<String>,
    /// What its columns were assigned to on the screen.
    pub assigned: Vec<ColumnAssignment>,
}

/// What the columns of a list are read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnReading {
    /// As remembered for lists with these headers.
    Remembered,
    /// As assigned on the screen; to be remembered if the list can be read so.
    Assigned(Vec<ColumnAssignment>),
}

/// A list that was read, and what it has more or less than the one on the screen.
#[derive(Clone, Debug)]
pub struct Reloaded {
    pub opened: Opened,
    /// Against the one that was on the screen when it was read.
    pub changes: InventoryChanges,
    /// Which runs removed those that it lacks, as a phrase.
    pub gone_by: Option<String>,
}

impl Reloaded {
    /// `opened` in the place of `list`.
    pub fn over(list: &DeviceList, opened: Opened) -> Self {
        let changes = InventoryChanges::between(list, &opened.list);
        Self {
            opened,
            changes,
            gone_by: None,
        }
    }
}

/// What waits for the operator, or for the end of a dialog.
#[derive(Debug)]
pub struct PendingDecisions {
    /// The view that was saved of the open list, until the operator has restored or discarded it.
    pub saved_view: SavedViewOffer,
    /// A list, until no dialog is open.
    pub list: Option<PendingList>,
    /// What is to be said of a fetched list that takes the place of the open one.
    pub fetch_note: FetchNote,
    /// The inventory was fetched for a recheck of this plan, which follows once earlier runs were verified by
    /// it: what that finds matters to the plan's query.
    pub rechecks_verified: Option<RunId>,
}

/// Progress of replacing the open list by a fetched one. Reading and verification run in parallel; one
/// message reports both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FetchNote {
    /// No list is awaited.
    #[default]
    Nothing,
    /// Neither is known.
    Awaited,
    /// What it has more and less, which the status line shows.
    Read(String),
    /// What the verification found, which wasn't shown yet.
    Verified(String),
}

/// A list that waits until no dialog is open.
#[derive(Clone, Debug)]
pub enum PendingList {
    /// The inventory is written to a list that isn't the open one.
    Written { path: PathBuf, devices: u64 },
    /// A list takes the place of the open one.
    Reloaded(Box<Reloaded>),
}

impl Opened {
    /// The parts that the app holds; `columns` are the configured ones, and the list was read `at` this time.
    pub fn split(
        self,
        columns: &Columns,
        at: Timestamp,
    ) -> (ListState, ListInfo, Option<SavedView>) {
        let Self {
            list,
            path,
            view_path,
            saved_view,
            protection,
            holds_version: _,
            removed,
            forbidden,
            notices,
            assigned,
        } = self;
        let mut columns = columns.clone();
        columns.set_list(&list);
        let info = ListInfo {
            path,
            read_at: at,
            view_path,
            forbidden,
            notices,
            columns,
            assigned,
            unmatched: list.unmatched(),
            matched_from: None,
        };
        (ListState::new(list, protection, removed), info, saved_view)
    }
}
