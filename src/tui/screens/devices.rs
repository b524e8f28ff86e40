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
use crate::tui::dialogs::{
    ColumnsDialog, CommandPalette, CopyMenu, FilterLine, HelpDialog, ImportDialog,
};
use crate::tui::input::commands::{Act, View};
use crate::tui::list_state::ListState;
use crate::tui::message::{Effect, Sort};
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
    pub(in crate::tui) fn act(&mut self, act: Act) -> Vec<Effect> {
        match act {
            Act::Up => self.move_by(-1),
            Act::Down => self.move_by(1),
            Act::PageUp => self.move_by(-self.page()),
            Act::PageDown => self.move_by(self.page()),
            Act::Top => self.move_by(isize::MIN),
            Act::Bottom => self.move_by(isize::MAX),
            Act::Left => self.devices.scrolled = self.devices.scrolled.saturating_sub(1),
            Act::Right => {
                self.devices.scrolled = (self.devices.scrolled + 1).min(table::last_scroll(self));
            }
            Act::Mark if self.view == View::Failures => self.mark_failure(),
            Act::Mark => self.mark(),
            Act::Range => self.range(),
            Act::MarkShown => self.mark_shown(),
            Act::UnmarkShown => self.unmark_shown(),
            Act::Invert => self.invert_shown(),
            Act::UnmarkAll => self.unmark_all(),
            Act::Undo => self.change_back(true),
            Act::Redo => self.change_back(false),
            Act::Sort | Act::Columns => self.open(ColumnsDialog::new(self)),
            Act::Reverse => {
                self.devices.sort.reverse();
                self.context.list.range_start = None;
                return self.search();
            }
            Act::Detail if self.view == View::History => {
                return self.recall_current(Recall::Review);
            }
            Act::Detail => return self.detail(),
            Act::Filter if self.view == View::History => self.open_find(),
            Act::Filter => self.open(FilterLine::new(&self.devices.query)),
            Act::Filters => self.open_filters(),
            Act::Command => self.open(CommandPalette::default()),
            Act::Import => self.open(ImportDialog::default()),
            Act::Copy => self.open(CopyMenu),
            Act::Delete => return self.delete(),
            Act::Pause => return self.pause(),
            Act::Stop if self.view == View::History => return self.stop_current(),
            Act::Stop => return self.stop(),
            Act::Why => return self.ask_why(),
            Act::Retry => return self.retry(),
            Act::RetryOther => return self.retry_other(),
            Act::Export if self.view == View::History => self.export_current(),
            Act::Export => self.export(),
            Act::Fetch => return self.ask_to_fetch(),
            Act::Reload => return self.reload(),
            Act::History => return self.open_history(),
            Act::ResumeRun => return self.recall_current(Recall::Resume),
            Act::CloseRun => self.close_current(),
            Act::Devices => self.view = View::Devices,
            Act::Run => {
                self.view = View::Run;
                return self
                    .context
                    .runs
                    .views
                    .iter()
                    .map(|run| Effect::Explain(run.id))
                    .collect();
            }
            Act::Failures => {
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
            Act::Help => self.open(HelpDialog::default()),
            Act::Suspend => return self.suspend(),
            Act::Back => return self.back(),
            Act::Quit => return self.quit(),
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
