//! The app's state: everything that the screen shows, and nothing else. Only `update` changes it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use super::message::Sort;
use crate::domain::outcome::DeviceState;
use crate::domain::rate_limit::{Budget, BudgetStatus};
use crate::domain::run::{RunId, RunState};
use crate::domain::target::Target;
use crate::fetch::FetchDestination;
use crate::list::{DeviceId, DeviceList};
use crate::plan::protection::Protection;
use crate::platform::clock::{BootTime, Now};
use crate::query::Query;
use crate::tui::dialogs::{Dialog, Imported};
use crate::tui::input::commands::View;
use crate::tui::input::keymap::KeyMap;
use crate::tui::input::typeahead::QueuedInput;
use crate::tui::reload::{FetchProgress, PendingList};
use crate::tui::saved_view::Kept;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::devices::marks::Marks;
use crate::tui::screens::failures::lookup_state::Looking;
use crate::tui::screens::history::state::{History, PastRun};
use crate::tui::screens::run::state::{FailureLine, RunView};
use crate::tui::widgets::theme::Theme;

/// What doesn't change while the screen is open.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug)]
pub struct Facts {
    /// Where plans are sent; none opens a list for triage.
    pub target: Option<Target>,
    /// Why nothing can be sent, if so: no configuration, another tenant's list, read-only.
    pub forbidden: Option<String>,
    /// Which devices are never sent.
    pub protection: Arc<Protection>,
    /// Devices that an earlier run had removed at the start, after the list was saved, and by which
    /// run.
    pub removed: HashMap<DeviceId, String>,
    /// Shown in words.
    pub read_only: bool,
    /// The most devices that one plan may have.
    pub max_devices: u64,
    /// The rate limit.
    pub budget: Budget,
    /// The simulated tenant.
    pub demo: bool,
    /// When the terminal goes away, the run goes on.
    pub finish_on_hangup: bool,
    /// The credential is a ready token, which can't be renewed.
    pub static_token: bool,
    /// Runs that stopped with devices left, newest first.
    pub stopped_runs: Vec<PastRun>,
    /// The table's columns.
    pub columns: Columns,
    /// What is worth telling about the list.
    pub notices: Vec<String>,
    /// Which keys do what.
    pub keys: KeyMap,
    /// The configuration's filters, by name.
    pub filters: Vec<(String, Query)>,
    /// What was kept of this list's screen.
    pub kept: Option<Kept>,
    /// Where the list can be read again.
    pub path: Option<PathBuf>,
    /// Where the list's screen is kept for the next start; none where it isn't.
    pub screen: Option<PathBuf>,
    /// Where the inventory is read to, or why it can't be.
    pub fetch: Result<FetchDestination, String>,
    /// Colours and glyphs.
    pub theme: Theme,
}

/// See the module.
#[derive(Debug)]
pub struct App {
    /// The list.
    pub list: Arc<DeviceList>,
    /// What doesn't change.
    pub facts: Facts,
    /// Which view is open.
    pub view: View,
    /// The open dialog, which receives the keys.
    pub dialog: Option<Dialog>,
    /// The table.
    pub table: Table,
    /// The marked devices.
    pub marks: Marks,
    /// Whether they are all of the last import.
    pub imported: Imported,
    /// How many of them the filter hides.
    pub hidden_marks: usize,
    /// What was kept of the screen and isn't taken back or refused yet.
    pub offered_back: Option<Kept>,
    /// It was asked whether to take that back.
    pub kept_asked: bool,
    /// How devices stand in runs of this process.
    pub states: HashMap<DeviceId, DeviceState>,
    /// Devices that a run removed or archived after the list was saved, one of this process or an
    /// earlier one, and which.
    pub removed: HashMap<DeviceId, String>,
    /// How they stand by earlier runs, where this process has none; empty until it is read.
    pub earlier: Arc<HashMap<DeviceId, DeviceState>>,
    /// Runs that were recalled from the journal, then those of this process, oldest first.
    pub runs: Vec<RunView>,
    /// The run whose failures are shown, if it isn't the newest of this process.
    pub reviewed: Option<RunId>,
    /// The failures' cursor: a line of the view.
    pub failures: Cursor,
    /// The marked rows of the failures, by ordinal.
    pub failure_marks: BTreeSet<u32>,
    /// Lookups under way.
    pub looking: Option<Looking>,
    /// The inventory is being read.
    pub reading: Option<FetchProgress>,
    /// What waits until no dialog is open.
    pub arrival: Option<PendingList>,
    /// The runs of the journal.
    pub history: History,
    /// What the budget leaves.
    pub standing: Option<BudgetStatus>,
    /// A line about what just happened.
    pub status: Option<String>,
    /// The time, as far as the app was told.
    pub now: Now,
    /// The terminal's columns and rows.
    pub size: (u16, u16),
    /// Counts searches.
    pub generation: u64,
    /// What was typed before the rows it is about had come.
    pub ahead: VecDeque<QueuedInput>,
    /// Counts the plans and imports that were asked for.
    pub asked: u64,
    /// When SIGINT came, for the second one.
    pub interrupted: Option<BootTime>,
    /// Suspend once the run is paused.
    pub suspending: bool,
    /// On the way out?
    pub leaving: Leaving,
    /// SIGINT or SIGTERM came; the next one leaves at once.
    pub signalled: bool,
    /// The signal that ended it at once.
    pub interrupted_by: Option<i32>,
    /// What must not be lost with the screen.
    pub broken: Option<String>,
}

/// On the way out?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaving {
    /// No.
    #[default]
    No,
    /// Once the runs have come to rest by themselves.
    AtRest,
    /// Once the call in flight has finished, after which nothing is sent.
    AfterCall,
}

/// A place in a list of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The line.
    pub at: usize,
}

/// The table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What is shown, in order.
    pub rows: Vec<DeviceId>,
    /// The search that found them.
    pub found: u64,
    /// The row under the cursor.
    pub cursor: usize,
    /// The device that the operator put the cursor on. A filter may hide it for a while.
    pub wanted: Option<DeviceId>,
    /// The first row on the screen.
    pub top: usize,
    /// How many columns are scrolled away.
    pub scrolled: usize,
    /// Where a range began.
    pub range: Option<DeviceId>,
    /// The filter in force.
    pub query: Query,
    /// Filters that were in force before, oldest first.
    pub earlier: Vec<String>,
    /// The order.
    pub sort: Sort,
    /// The columns.
    pub columns: Columns,
}

impl App {
    /// The screen on a list that was just opened.
    pub fn new(list: Arc<DeviceList>, mut facts: Facts, now: Now, size: (u16, u16)) -> Self {
        facts.columns.set_list(&list);
        let rows: Vec<DeviceId> = list.ids().collect();
        let offered_back = facts
            .kept
            .clone()
            .filter(|kept| !kept.is_plain(&list, &facts.columns));
        let mut app = Self {
            marks: Marks::new(rows.len()),
            status: None,
            removed: facts.removed.clone(),
            table: Table {
                rows,
                found: 0,
                cursor: 0,
                wanted: None,
                top: 0,
                scrolled: 0,
                range: None,
                query: Query::default(),
                earlier: Vec::new(),
                sort: Sort::default(),
                columns: facts.columns.clone(),
            },
            list,
            facts,
            view: View::Devices,
            dialog: None,
            imported: Imported::default(),
            hidden_marks: 0,
            offered_back,
            kept_asked: false,
            states: HashMap::new(),
            earlier: Arc::default(),
            runs: Vec::new(),
            reviewed: None,
            failures: Cursor::default(),
            failure_marks: BTreeSet::new(),
            looking: None,
            reading: None,
            arrival: None,
            history: History::default(),
            standing: None,
            now,
            size,
            generation: 0,
            ahead: VecDeque::new(),
            asked: 0,
            interrupted: None,
            suspending: false,
            leaving: Leaving::No,
            signalled: false,
            interrupted_by: None,
            broken: None,
        };
        app.begin();
        app
    }

    /// What is to be kept of the screen; none if what was kept before stays, as it does until the
    /// operator has taken it back or refused it.
    pub fn to_keep(&self) -> Option<Kept> {
        let undecided = self.offered_back.is_some();
        (self.facts.screen.is_some() && !undecided).then(|| self.keep())
    }

    /// The device under the cursor.
    pub fn current(&self) -> Option<DeviceId> {
        self.table.rows.get(self.table.cursor).copied()
    }

    /// The newest run of this process.
    pub fn run(&self) -> Option<&RunView> {
        self.runs.iter().rev().find(|run| run.is_ours())
    }

    /// The run whose failures are shown: the one that was asked for, else the newest of this process.
    pub fn reviewed(&self) -> Option<&RunView> {
        let asked = self.runs.iter().find(|run| Some(run.id) == self.reviewed);
        asked.or_else(|| self.run())
    }

    /// The run that keys and the line above the footer are about: the one that is sending, else a
    /// paused one, else the newest that isn't over, else the newest.
    pub fn focus(&self) -> Option<&RunView> {
        let ours = || self.runs.iter().rev().filter(|run| run.is_ours());
        let newest = |state| ours().find(|run| run.state == state);
        newest(RunState::Running)
            .or_else(|| newest(RunState::Paused))
            .or_else(|| ours().find(|run| run.state.is_open()))
            .or_else(|| self.run())
    }

    /// The run in focus, if it isn't over.
    pub fn open_run(&self) -> Option<&RunView> {
        self.focus().filter(|run| run.state.is_open())
    }

    /// True while a run sends, or will by itself.
    pub fn is_active(&self) -> bool {
        self.runs
            .iter()
            .any(|run| run.is_ours() && matches!(run.state, RunState::Running | RunState::Queued))
    }

    /// Opens a dialog, in place of the one that is open.
    pub(in crate::tui) fn open(&mut self, dialog: impl Into<Dialog>) {
        self.dialog = Some(dialog.into());
    }

    /// True while a dialog is open that can end in sending.
    pub fn is_confirming(&self) -> bool {
        self.dialog
            .as_ref()
            .is_some_and(|dialog| dialog.component().can_send())
    }

    /// True when the screen is too small to be read, and so confirms nothing.
    pub fn is_too_small(&self) -> bool {
        self.size.0 < 60 || self.size.1 < 15
    }

    /// True while something on the screen counts down.
    pub fn counts_down(&self) -> bool {
        let guard = self
            .dialog
            .as_ref()
            .and_then(|dialog| dialog.component().guard());
        let arming = guard.is_some_and(|guard| guard.is_waiting(self.now.boot));
        arming
            || self
                .standing
                .is_some_and(|standing| standing.next.is_some())
            || self.looking.is_some()
            || self.reading.is_some()
            || self.is_active()
    }

    /// What must not be lost with the screen: how the last run ended, and what couldn't be stored.
    pub fn parting(&self) -> Option<String> {
        let run = self.run().map(|run| {
            format!(
                "run {} {}: {}",
                run.id,
                run.state.as_str(),
                crate::export::counts(run.tally)
            )
        });
        match (run, &self.broken) {
            (Some(run), Some(broken)) => Some(format!("{run}\n{broken}")),
            (run, broken) => run.or_else(|| broken.clone()),
        }
    }

    /// The lines of the failures' view.
    pub fn failure_lines(&self) -> Vec<FailureLine> {
        self.reviewed().map_or(Vec::new(), |run| {
            run.failure_lines(self.reviewed == Some(run.id))
        })
    }
}
