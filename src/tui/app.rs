//! The app's state: everything that the screen shows, and nothing else. Only `update` changes it.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

use super::message::Sort;
use crate::domain::rate_limit::{Budget, Standing};
use crate::domain::run::{RunId, RunState};
use crate::domain::target::Target;
use crate::fetch::Place;
use crate::list::DeviceId;
use crate::platform::clock::{BootTime, Now};
use crate::query::Query;
use crate::tui::dialogs::Dialog;
use crate::tui::input::commands::View;
use crate::tui::input::keymap::KeyMap;
use crate::tui::input::typeahead::QueuedInput;
use crate::tui::list_state::ListState;
use crate::tui::reload::{FetchProgress, Opened, PendingList};
use crate::tui::saved_view::Kept;
use crate::tui::screens::devices::columns::Columns;
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
    /// Which keys do what.
    pub keys: KeyMap,
    /// The configuration's filters, by name.
    pub filters: Vec<(String, Query)>,
    /// Where the inventory is read to, or why it can't be.
    pub fetch: Result<Place, String>,
    /// Colours and glyphs.
    pub theme: Theme,
}

/// Where the open list came from, and what it allows. It changes with the list.
#[derive(Clone, Debug)]
pub struct ListInfo {
    /// Where the list can be read again.
    pub path: Option<PathBuf>,
    /// Where the view of the list is saved for the next start; none where it isn't.
    pub view_path: Option<PathBuf>,
    /// Why nothing of it can be sent, if so: no configuration, another tenant's list, read-only.
    pub forbidden: Option<String>,
    /// What an administrator should know about the list before acting on it.
    pub notices: Vec<String>,
    /// The configured columns, as far as the list has them.
    pub columns: Columns,
}

/// See the module.
#[derive(Debug)]
pub struct App {
    /// The list, and all that is indexed by its devices.
    pub list: ListState,
    /// Where the list came from, and what it allows.
    pub info: ListInfo,
    /// What doesn't change.
    pub facts: Facts,
    /// Which view is open.
    pub view: View,
    /// The open dialog, which receives the keys.
    pub dialog: Option<Dialog>,
    /// The table.
    pub table: Table,
    /// What was kept of the screen and isn't taken back or refused yet.
    pub offered_back: Option<Kept>,
    /// It was asked whether to take that back.
    pub kept_asked: bool,
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
    pub standing: Option<Standing>,
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
    /// The search that found them.
    pub found: u64,
    /// The row under the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// How many columns are scrolled away.
    pub scrolled: usize,
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
    pub fn new(opened: Opened, facts: Facts, now: Now, size: (u16, u16)) -> Self {
        let (list, info, kept) = opened.split(&facts.columns);
        let offered_back = kept.filter(|kept| !kept.is_plain(&list.devices, &info.columns));
        let mut app = Self {
            status: None,
            table: Table {
                found: 0,
                cursor: 0,
                top: 0,
                scrolled: 0,
                query: Query::default(),
                earlier: Vec::new(),
                sort: Sort::default(),
                columns: info.columns.clone(),
            },
            list,
            info,
            facts,
            view: View::Devices,
            dialog: None,
            offered_back,
            kept_asked: false,
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
        (self.info.view_path.is_some() && !undecided).then(|| self.keep())
    }

    /// The device under the cursor.
    pub fn current(&self) -> Option<DeviceId> {
        self.list.rows.get(self.table.cursor).copied()
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
                run.state.word(),
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
