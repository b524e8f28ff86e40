//! Moving about, and what each key of a view does.

pub mod columns;
pub mod filter;
pub mod mark_keys;
pub mod marks;
pub mod search;
mod sorting;
pub mod table;

use crate::list::DeviceId;
use crate::query::Query;
use crate::tui::app::App;
use crate::tui::column::Sort;
use crate::tui::dialogs::{
    ColumnsDialog, CommandPalette, CopyMenu, FilterLine, HelpDialog, ImportDialog,
};
use crate::tui::effect::Effect;
use crate::tui::input::commands::{Command, View};
use crate::tui::list_state::ListState;
use crate::tui::screens::history::state::Recall;
use crate::tui::widgets::layout;
use columns::Columns;

/// The table of the list's devices. Its rows are in [`ListState::rows`].
#[derive(Debug)]
pub struct DevicesScreen {
    /// The row under the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// How many columns are scrolled away.
    pub scrolled: usize,
    /// The filter in force.
    pub query: Query,
    /// Filters that were in force before, oldest first.
    pub earlier_filters: Vec<String>,
    /// The order of the rows.
    pub sort: Sort,
    /// The shown columns.
    pub columns: Columns,
    /// The number of the last search.
    pub search_id: u64,
    /// The search that found the shown rows.
    pub shown_search_id: u64,
}

impl DevicesScreen {
    /// All devices in list order.
    pub fn new(columns: Columns) -> Self {
        Self {
            cursor: 0,
            top: 0,
            scrolled: 0,
            query: Query::default(),
            earlier_filters: Vec::new(),
            sort: Sort::default(),
            columns,
            search_id: 0,
            shown_search_id: 0,
        }
    }

    /// The device under the cursor.
    pub fn current(&self, list: &ListState) -> Option<DeviceId> {
        list.rows.get(self.cursor).copied()
    }
}

impl App {
    pub(in crate::tui) fn run_command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Up => self.move_by(-1),
            Command::Down => self.move_by(1),
            Command::PageUp => self.move_by(-self.page()),
            Command::PageDown => self.move_by(self.page()),
            Command::Top => self.move_by(isize::MIN),
            Command::Bottom => self.move_by(isize::MAX),
            Command::Left => self.devices.scrolled = self.devices.scrolled.saturating_sub(1),
            Command::Right => {
                self.devices.scrolled = (self.devices.scrolled + 1).min(table::last_scroll(self));
            }
            Command::Mark if self.view == View::Failures => self.mark_failure(),
            Command::Mark => self.mark(),
            Command::Range => self.range(),
            Command::MarkShown => self.mark_shown(),
            Command::UnmarkShown => self.unmark_shown(),
            Command::Invert => self.invert_shown(),
            Command::UnmarkAll => self.unmark_all(),
            Command::Undo => self.change_back(true),
            Command::Redo => self.change_back(false),
            Command::Sort | Command::Columns => self.open(ColumnsDialog::new(self)),
            Command::Reverse => {
                self.devices.sort.reverse();
                self.context.list.range_start = None;
                return self.search();
            }
            Command::Detail if self.view == View::History => {
                return self.recall_current(Recall::Review);
            }
            Command::Detail => return self.detail(),
            Command::Filter if self.view == View::History => self.open_find(),
            Command::Filter => self.open(FilterLine::new(&self.devices.query)),
            Command::Filters => self.open_filters(),
            Command::Palette => self.open(CommandPalette::default()),
            Command::Import => self.open(ImportDialog::default()),
            Command::Copy => self.open(CopyMenu),
            Command::Delete => return self.delete(),
            Command::Pause => return self.pause(),
            Command::Stop if self.view == View::History => return self.stop_current(),
            Command::Stop => return self.stop(),
            Command::LookUp => return self.ask_why(),
            Command::Retry => return self.retry(),
            Command::RetryOther => return self.retry_other(),
            Command::Export if self.view == View::History => self.export_current(),
            Command::Export => self.export(),
            Command::Fetch => return self.ask_to_fetch(),
            Command::Reload => return self.reload(),
            Command::History => return self.open_history(),
            Command::ResumeRun => return self.recall_current(Recall::Resume),
            Command::CloseRun => self.close_current(),
            Command::Devices => self.view = View::Devices,
            Command::Run => {
                self.view = View::Run;
                return self
                    .context
                    .runs
                    .views
                    .iter()
                    .map(|run| Effect::Explain(run.id))
                    .collect();
            }
            Command::Failures => {
                self.view = View::Failures;
                self.failures.reviewed_run = None;
                self.failures.cursor = 0;
                self.failures.marks.clear();
                return vec![
                    self.context
                        .runs
                        .newest()
                        .map_or(Effect::RecallNewest, |run| Effect::Explain(run.id)),
                ];
            }
            Command::Help => self.open(HelpDialog::default()),
            Command::Suspend => return self.suspend(),
            Command::Back => return self.back(),
            Command::Quit => return self.quit(),
        }
        Vec::new()
    }

    fn page(&self) -> isize {
        isize::try_from(layout::rows_on_screen(self))
            .unwrap_or(1)
            .max(1)
    }

    pub(in crate::tui) fn move_by(&mut self, rows: isize) {
        let (cursor, count) = match self.view {
            View::Failures => {
                let count = self.failure_lines().len();
                (&mut self.failures.cursor, count)
            }
            View::History => self.history.cursor(),
            _ => {
                self.context.list.pinned_device = None;
                (&mut self.devices.cursor, self.context.list.rows.len())
            }
        };
        *cursor = cursor
            .saturating_add_signed(rows)
            .min(count.saturating_sub(1));
        self.keep_in_sight();
    }

    /// The cursor goes to the row of the table that was clicked.
    pub(in crate::tui) fn click(&mut self, row: u16) {
        let Some(line) = layout::table_line_at(self, row) else {
            return;
        };
        let place = self.devices.top + line;
        if self.view == View::Devices && place < self.context.list.rows.len() {
            self.devices.cursor = place;
            self.context.list.pinned_device = None;
        }
    }

    /// Scrolls so that the cursor is on the screen.
    pub(in crate::tui) fn keep_in_sight(&mut self) {
        let rows = layout::rows_on_screen(self).max(1);
        let count = self.context.list.rows.len();
        let table = &mut self.devices;
        table.cursor = table.cursor.min(count.saturating_sub(1));
        if table.cursor < table.top {
            table.top = table.cursor;
        } else if table.cursor >= table.top + rows {
            table.top = table.cursor + 1 - rows;
        }
        table.top = table.top.min(count.saturating_sub(rows));
    }

    /// `esc`: one step back.
    fn back(&mut self) -> Vec<Effect> {
        if self.view == View::History && self.history.search.is_some() {
            self.history.search = None;
        } else if self.view != View::Devices {
            self.view = View::Devices;
        } else if self.context.list.range_start.is_some() {
            self.context.list.range_start = None;
        } else if self.context.runs.fetch_progress.is_some() {
            return self.cancel_fetch();
        } else if !self.devices.query.is_empty() {
            return self.filter_by(Query::default());
        }
        Vec::new()
    }

    /// `ctrl-z`, unless another key has it: after the call in flight, which leaves the run paused.
    pub(in crate::tui) fn suspend(&mut self) -> Vec<Effect> {
        let is_active = self.context.runs.is_active();
        if is_active {
            self.context.status = Some("suspending after the call in flight".to_owned());
        }
        self.shutdown.suspend(is_active)
    }
}
