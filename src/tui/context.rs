//! What screens and dialogs share: the list, the runs, the settings, the time and the status line.

use std::collections::VecDeque;
use std::fmt::Display;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::licences::Licences;
use crate::domain::rate_limit::{Budget, BudgetStatus};
use crate::domain::run::RunId;
use crate::domain::target::{OtherTarget, Target};
use crate::fetch::FetchDestination;
use crate::list::ColumnAssignment;
use crate::platform::clock::{BootTime, Now};
use crate::query::Query;
use crate::text::{sentence, visible};
use crate::tui::away::AwayRun;
use crate::tui::clipboard::Clipboard;
use crate::tui::effect::Effect;
use crate::tui::error::FetchRefusal;
use crate::tui::holds_watch::HoldsWatch;
use crate::tui::input::commands::Command;
use crate::tui::input::keymap::KeyMap;
use crate::tui::list_state::ListState;
use crate::tui::open_runs::OpenRuns;
use crate::tui::overview::Overview;
use crate::tui::runs::Runs;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::history::state::PastRun;
use crate::tui::widgets::duration::step_up;
use crate::tui::widgets::theme::Theme;

/// Columns and rows of the smallest terminal in which what would be confirmed can be read.
pub const MIN_SIZE: (u16, u16) = (60, 15);

/// The rows of the header, unless the filter has a mistake or the screen is low.
pub(in crate::tui) const HEADER_ROWS: u16 = 3;

/// From this many columns on, the overview is open at the start.
const ROOMY: u16 = 120;

/// How long a confirmation is shown.
const CONFIRMATION: Duration = Duration::from_secs(4);

/// How many messages are kept.
const MESSAGES: usize = 200;

/// What doesn't change while the program runs.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct SessionConfig {
    /// Where plans are sent; none opens a list for triage.
    pub target: Option<Target>,
    /// The header shows it. What it forbids is in [`ListInfo::forbidden`].
    pub read_only: bool,
    /// The most devices that one plan may have.
    pub max_devices: u64,
    /// The rate limit.
    pub budget: Budget,
    /// The tenant is simulated.
    pub demo: bool,
    /// When the terminal goes away, the run continues to its end.
    pub finish_on_hangup: bool,
    /// The account's licences when they were measured last, at the start.
    pub licences: Option<Licences>,
    /// The credential is a ready token, which can't be renewed.
    pub static_token: bool,
    /// How many other people must approve a plan before it is sent.
    pub approvals: usize,
    /// Runs that were open at the start, newest first.
    pub open_runs: Vec<PastRun>,
    /// Runs of this target whose terminal was closed, and that weren't looked at since, newest first.
    pub away: Vec<AwayRun>,
    /// The configured columns of the table.
    pub columns: Columns,
    pub keys: KeyMap,
    /// The configuration's filters, by name.
    pub filters: Vec<(String, Query)>,
    /// Where the inventory is read to, if it can be fetched.
    pub fetch: Result<FetchDestination, FetchRefusal>,
    /// Colours and glyphs.
    pub theme: Theme,
}

/// Where the open list came from, and what it allows. It changes with the list.
#[derive(Clone, Debug)]
pub struct ListInfo {
    /// Where the list can be read again.
    pub path: Option<PathBuf>,
    /// When it was read.
    pub read_at: Timestamp,
    /// Where the view of the list is saved for the next start; none where it isn't.
    pub view_path: Option<PathBuf>,
    /// Why nothing of it can be sent, if so: no configuration, another tenant's list, read-only.
    pub forbidden: Option<String>,
    /// What an administrator should know about the list before acting on it.
    pub notices: Vec<String>,
    /// The configured columns, as far as the list has them.
    pub columns: Columns,
    /// What its columns were assigned to on the screen.
    pub assigned: Vec<ColumnAssignment>,
    /// How many of its entries have a name and no identifier.
    pub unmatched: usize,
    /// The list that was matched with this inventory, to go back to.
    pub matched_from: Option<PathBuf>,
}

#[derive(Debug)]
pub struct Context {
    pub settings: SessionConfig,
    /// Where the list came from.
    pub info: ListInfo,
    /// The list, and all that is indexed by its devices.
    pub list: ListState,
    pub runs: Runs,
    /// The account's licences when they were measured last.
    pub licences: Option<Licences>,
    /// The time of the last message that brought one.
    pub now: Now,
    /// The terminal's columns and rows.
    pub size: (u16, u16),
    /// How many rows the header takes.
    pub header_rows: u16,
    /// The row of the terminal with the cursor of the open screen, over which no popup is drawn.
    pub cursor_row: Option<u16>,
    /// How long the last frame that was asked about took to arrive, if that was long.
    pub slow_link: Option<Duration>,
    /// Clicks and the wheel act.
    pub mouse: bool,
    /// A line about what just happened. It stays until a key is pressed.
    pub status: Option<String>,
    /// Such a line that disappears after a time, and when.
    confirmation: Option<(String, BootTime)>,
    /// Such lines with their times, oldest first.
    pub messages: VecDeque<(Timestamp, String)>,
    /// The open runs that are announced where no such line is.
    pub open_runs: OpenRuns,
    /// Commands that were run by their names, oldest first, each once.
    pub recent_commands: Vec<Command>,
    /// What was copied.
    pub clipboard: Clipboard,
    /// The overview of the shown devices.
    pub overview: Overview,
    /// When the holds were looked at.
    pub holds: HoldsWatch,
    /// The number of the last plan or import that was requested; an answer to an older one is
    /// dropped.
    request_id: u64,
}

impl Context {
    pub fn new(
        settings: SessionConfig,
        info: ListInfo,
        list: ListState,
        now: Now,
        size: (u16, u16),
    ) -> Self {
        Self {
            licences: settings.licences,
            settings,
            info,
            list,
            runs: Runs::default(),
            now,
            size,
            header_rows: HEADER_ROWS,
            cursor_row: None,
            slow_link: None,
            mouse: false,
            status: None,
            confirmation: None,
            messages: VecDeque::new(),
            open_runs: OpenRuns::default(),
            recent_commands: Vec::new(),
            clipboard: Clipboard::default(),
            overview: Overview::new(size.0 >= ROOMY),
            holds: HoldsWatch::default(),
            request_id: 0,
        }
    }

    /// The number of a new request for a plan or an import; answers to older ones are dropped.
    pub fn next_request_id(&mut self) -> u64 {
        self.request_id += 1;
        self.request_id
    }

    /// The name of a command's key, as it is configured; empty if it has none.
    pub fn key(&self, command: Command) -> &str {
        self.settings.keys.name_of(command)
    }

    /// Copies a text, which the line about it calls `what`.
    pub fn copy(&mut self, what: &str, text: String) -> Effect {
        let file_key = self.settings.keys.name_of(Command::CopyToFile);
        let (status, effect) = self.clipboard.put(what, text, file_key);
        self.status = Some(status);
        effect
    }

    /// Shows for a moment that what a key was pressed for is done. Errors, refusals and what no key caused
    /// are not shown so: they stay until a key shows that somebody is there.
    pub fn confirm(&mut self, line: impl Into<String>) {
        let line = line.into();
        self.confirmation = Some((line.clone(), self.now.boot + CONFIRMATION));
        self.status = Some(line);
    }

    /// Shows an error until the next key, as a sentence.
    pub fn show_error(&mut self, error: &dyn Display) {
        self.show(&error.to_string());
    }

    /// Shows what a command would print, until the next key, as a sentence.
    pub fn show(&mut self, text: &str) {
        self.status = Some(sentence(&visible(text)));
    }

    /// When the line about what just happened disappears.
    pub fn status_due(&self) -> Option<BootTime> {
        let (line, due) = self.confirmation.as_ref()?;
        (self.status.as_ref() == Some(line)).then_some(*due)
    }

    /// Time has passed: a confirmation may be gone.
    pub fn drop_confirmation(&mut self) {
        if self.status_due().is_some_and(|due| self.now.boot >= due) {
            self.status = None;
        }
    }

    /// Keeps the line about what just happened, unless it was there `before`.
    pub fn remember_message(&mut self, before: Option<&String>) {
        let Some(message) = self
            .status
            .as_ref()
            .filter(|_| self.status.as_ref() != before)
        else {
            return;
        };
        self.keep_message(message.clone());
    }

    pub fn keep_message(&mut self, line: String) {
        if self.messages.len() == MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back((self.now.wall, line));
    }

    /// The announcement of open runs, in at most `room` cells where that is possible.
    pub fn open_runs_line(&self, room: usize) -> Option<String> {
        let key = self.settings.keys.name_of(Command::History);
        self.open_runs.line(key, room)
    }

    /// True if the terminal is too small to read what would be confirmed.
    pub fn is_too_small(&self) -> bool {
        self.size.0 < MIN_SIZE.0 || self.size.1 < MIN_SIZE.1
    }

    /// Why nothing can be sent, if so.
    pub fn refusal(&self) -> Option<String> {
        let failure = self.runs.failure.as_ref().map(|failure| {
            format!("Nothing can be sent any more: {failure}. Leave, and start the program again.")
        });
        failure.or_else(|| self.info.forbidden.clone())
    }

    /// Why the inventory can't be fetched, if so.
    pub fn fetch_refusal(&self) -> Option<String> {
        let error = self.settings.fetch.as_ref().err();
        error.map(ToString::to_string)
    }

    /// Why a run can't be acted upon here, if it is another tenant's or account's.
    pub fn foreign_run(&self, id: RunId, target: &Target) -> Option<String> {
        let other = self.other_target(target)?;
        Some(format!("run {id} {other}"))
    }

    /// The target, if it isn't the one of this session.
    pub fn other_target(&self, target: &Target) -> Option<OtherTarget> {
        self.settings.target.as_ref()?.check(target).err()
    }

    /// About the least time that this many calls take, the first of which is made after `next`.
    pub fn time_for(&self, calls_left: u64, next: Duration) -> Duration {
        let Some(later) = self.windows_for(calls_left).checked_sub(1) else {
            return step_up(next);
        };
        let recovery = self.settings.budget.recovery();
        let later = recovery.saturating_mul(u32::try_from(later).unwrap_or(u32::MAX));
        step_up(next.max(self.until_more_slots()) + later)
    }

    /// When more calls may go than those that may go now.
    fn until_more_slots(&self) -> Duration {
        match self.runs.budget_status {
            None => Duration::ZERO,
            Some(BudgetStatus {
                next: Some(next), ..
            }) => next.since(self.now.boot),
            Some(BudgetStatus { next: None, .. }) => self.settings.budget.recovery(),
        }
    }

    /// The least time that this many calls take with today's budget, in seconds.
    pub fn seconds_for(&self, calls: u64) -> u64 {
        self.settings.budget.recovery().as_secs() * self.windows_for(calls)
    }

    /// How many windows of the rate limit this many calls need beside the slots that are free now.
    fn windows_for(&self, calls: u64) -> u64 {
        let free = self.runs.budget_status.map_or(0, |status| status.left);
        let calls_per_window = u64::from(self.settings.budget.calls.get());
        calls
            .saturating_sub(u64::from(free))
            .div_ceil(calls_per_window)
    }
}
