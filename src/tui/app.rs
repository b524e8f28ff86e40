//! The app's state: everything that the screen shows, and nothing else. Only `update` changes it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use tui_input::Input;

use super::columns::Columns;
use super::confirm::Dialog;
use super::fetch::{Arrival, Question, Reading};
use super::history::{Announcement, Closing, History, PastRun};
use super::import::{ImportDialog, Imported};
use super::kept::Kept;
use super::keys::{Act, KeyMap, View};
use super::lookups::{Looking, Why};
use super::message::{CallDetail, Sort, Subject};
use super::selection::Marks;
use super::token::TokenEntry;
use super::view::theme::Theme;
use super::write::Prompt;
use crate::action::Action;
use crate::clock::{BootTime, Now};
use crate::device::IdentifierKind;
use crate::engine::Waiting;
use crate::fetch::Place;
use crate::journal::Found;
use crate::list::{DeviceId, DeviceList, RawRecord};
use crate::lookup::{Finding, Sighting};
use crate::outcome::{DeviceState, Outcome, OutcomeClass, Tally};
use crate::pacer::{Budget, Standing};
use crate::plan::{PlannedDevice, Target};
use crate::protect::Protection;
use crate::query::{Query, QueryError};
use crate::run::{PauseReason, RunId, RunState};

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
    pub fetch: Result<Place, String>,
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
    /// What takes the keys.
    pub mode: Mode,
    /// The table.
    pub table: Table,
    /// The marked devices.
    pub marks: Marks,
    /// Where they were imported from, if they were.
    pub imported: Imported,
    /// How many of them the filter hides.
    pub hidden_marks: usize,
    /// What was kept of the screen and isn't taken back or refused yet.
    pub offered_back: Option<Kept>,
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
    pub reading: Option<Reading>,
    /// What waits until no dialog is open.
    pub arrival: Option<Arrival>,
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
    pub ahead: VecDeque<Ahead>,
    /// Counts the plans that were asked for.
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

/// What takes the keys.
#[derive(Clone, Debug)]
pub enum Mode {
    /// The view itself.
    Browse,
    /// The filter is edited.
    Filter(Box<FilterLine>),
    /// A filter of the configuration is chosen; the line under the cursor.
    Filters(usize),
    /// What to search in all runs is typed.
    Find(Input),
    /// Something is done by its name.
    Command(Command),
    /// What a ticket names is matched and marked.
    Import(Box<ImportDialog>),
    /// A file's path is asked for.
    Write(Box<Prompt>),
    /// The columns are chosen and sorted by; the line under the cursor.
    Columns(usize),
    /// What to copy is chosen.
    Copy,
    /// Everything about a device.
    Detail(Detail),
    /// Every key.
    Help(Help),
    /// A plan is worked out and confirmed.
    Delete(Box<Dialog>),
    /// A paused run is taken up.
    Resume(Box<super::confirm::Resume>),
    /// A new token is typed.
    Token(Box<TokenEntry>),
    /// What lookups would cost.
    Why(Why),
    /// What is worth knowing about the list.
    Notices,
    /// What reading the inventory would cost.
    Fetch(Question),
    /// Open the list that was written?
    Fetched {
        /// Where it is.
        path: PathBuf,
        /// How many devices it has.
        devices: u64,
    },
    /// The marked devices that a list read anew doesn't have; the line under the cursor.
    Vanished {
        /// Their names, not safe to show.
        names: Vec<String>,
        /// The line.
        at: usize,
    },
    /// Runs that stopped earlier.
    Announce(Announcement),
    /// Take back what was kept of the screen?
    Kept,
    /// Give the rest of a run up?
    Close(Closing),
    /// Leave?
    Quit,
}

/// Something that waits for rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// A key.
    Key(KeyEvent),
    /// What was named by its name.
    Act(Act),
}

/// The filter while it is edited.
#[derive(Clone, Debug)]
pub struct FilterLine {
    /// The line.
    pub input: Input,
    /// The filter as it was before, for esc.
    pub before: Query,
    /// What is wrong with it.
    pub error: Option<QueryError>,
    /// Which of the earlier filters it shows; none while a new one is typed.
    pub recalled: Option<usize>,
    /// What tab offers.
    pub offered: Option<Offered>,
}

/// What tab offers for the end of the filter.
#[derive(Clone, Debug)]
pub struct Offered {
    /// What is kept before it.
    pub kept: String,
    /// What stands after the cursor.
    pub after: String,
    /// What it goes on with.
    pub candidates: Vec<String>,
    /// Which of them stands in the line.
    pub at: usize,
}

/// Something is done by its name.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// What is typed.
    pub input: Input,
    /// Which of the actions that match is chosen.
    pub at: usize,
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

/// Everything about a device.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Which.
    pub subject: Subject,
    /// Its rows as the list has them, once read.
    pub records: Option<Result<Vec<RawRecord>, String>>,
    /// What became of it in all runs of the journal, once read.
    pub outcomes: Option<Result<Vec<Found>, String>>,
    /// The first line shown.
    pub scroll: usize,
}

/// Every key, and what is looked for among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// The first line shown.
    pub top: usize,
    /// Only lines that hold this are shown.
    pub wanted: String,
    /// It is being typed.
    pub typing: bool,
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

/// A run of this process, or one recalled from the journal.
#[derive(Clone, Debug)]
pub struct RunView {
    /// Its name.
    pub id: RunId,
    /// Where it is sent.
    pub target: Target,
    /// What is done.
    pub action: Action,
    /// What the plan showed, in its order.
    pub devices: Vec<PlannedDevice>,
    /// The list's entries that they came from; a run of the journal may be of another list.
    pub sources: Vec<Option<DeviceId>>,
    /// How they stand.
    pub states: Vec<DeviceState>,
    /// The same, counted.
    pub tally: Tally,
    /// Where it stands.
    pub state: RunState,
    /// How far it is this process's.
    pub hold: Hold,
    /// Why it is paused.
    pub pause: Option<PauseReason>,
    /// Why it paused, as the journal tells it of a run of another process.
    pub reason: Option<String>,
    /// What it waits for, and until when.
    pub waiting: Option<(BootTime, Waiting)>,
    /// How many calls it has made.
    pub calls: u32,
    /// How many it takes without repeats.
    pub planned_calls: usize,
    /// The last things worth telling, newest last.
    pub notices: Vec<String>,
    /// Its calls, once read for the failures.
    pub explained: Vec<CallDetail>,
    /// What lookups by the identifier that was sent saw, by ordinal.
    pub findings: HashMap<u32, Finding>,
    /// What lookups by the other identifier saw, by ordinal; of this process only.
    pub others: HashMap<u32, Finding>,
    /// What the call in flight carries, by ordinal.
    pub in_flight: Vec<u32>,
}

/// How far a run is this process's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The journal tells of it: another process ran it, or an earlier one.
    Recalled,
    /// So far, but this process has asked the engine to take it up.
    TakenUp,
    /// A new run, handed to the engine; the journal may not have it yet.
    HandedOver,
    /// The engine has it.
    Driven,
}

/// A line of the failures' view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureLine {
    /// Devices that ended alike, and of which lookups, if they were looked up, saw the same.
    Group(FailureGroup),
    /// A device, by its ordinal in the plan.
    Device(u32),
}

/// A group of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureGroup {
    /// How they ended.
    pub outcome: Outcome,
    /// What they were sent by.
    pub kind: IdentifierKind,
    /// What a lookup by that came to.
    pub sighting: Option<Sighting>,
    /// How many they are.
    pub count: usize,
}

impl RunView {
    /// True for a run that this process has handed to the engine.
    pub fn is_ours(&self) -> bool {
        self.hold != Hold::Recalled
    }
}

impl App {
    /// The screen on a list that was just opened.
    pub fn new(list: Arc<DeviceList>, facts: Facts, now: Now, size: (u16, u16)) -> Self {
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
            mode: Mode::Browse,
            imported: Imported::default(),
            hidden_marks: 0,
            offered_back,
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

    /// True while a dialog is open that can end in sending.
    pub fn is_confirming(&self) -> bool {
        matches!(
            self.mode,
            Mode::Delete(_) | Mode::Resume(_) | Mode::Token(_)
        )
    }

    /// True when the screen is too small to be read, and so confirms nothing.
    pub fn is_too_small(&self) -> bool {
        self.size.0 < 60 || self.size.1 < 15
    }

    /// True while something on the screen counts down.
    pub fn counts_down(&self) -> bool {
        let arming = match &self.mode {
            Mode::Delete(dialog) => dialog.is_arming(self.now.boot),
            Mode::Resume(resume) => resume.is_arming(self.now.boot),
            Mode::Token(entry) => !entry.listens(self.now.boot),
            _ => false,
        };
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

    /// The lines of the failures' view: groups, each followed by its devices.
    pub fn failure_lines(&self) -> Vec<FailureLine> {
        let Some(run) = self.reviewed() else {
            return Vec::new();
        };
        // A run that was opened tells of all its devices, those that nothing is wrong with last.
        let opened = self.reviewed == Some(run.id);
        let mut groups: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for (ordinal, (state, device)) in (0_u32..).zip(run.states.iter().zip(&run.devices)) {
            let outcome = state.told();
            let is_well = matches!(
                outcome.class(),
                OutcomeClass::Accepted | OutcomeClass::NotSent
            );
            let is_on_its_way = !matches!(state, DeviceState::Ended(_))
                && matches!(run.state, RunState::Queued | RunState::Running);
            if !is_well || opened && !is_on_its_way {
                let finding = run.findings.get(&ordinal);
                let sighting = finding.map(|found| found.seen.sighting(device.hwid.as_ref()));
                groups
                    .entry((is_well, outcome, device.identifier.kind(), sighting))
                    .or_default()
                    .push(ordinal);
            }
        }
        let mut lines = Vec::new();
        for ((_, outcome, kind, sighting), ordinals) in groups {
            lines.push(FailureLine::Group(FailureGroup {
                outcome,
                kind,
                sighting,
                count: ordinals.len(),
            }));
            lines.extend(ordinals.into_iter().map(FailureLine::Device));
        }
        lines
    }
}
