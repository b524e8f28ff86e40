//! Moving about, and what each key of a view does.

pub mod columns;
pub mod filter;
pub mod mark_keys;
pub mod marks;
pub mod search;
mod sorting;
pub mod table;

use crate::query::Query;
use crate::tui::app::{App, Cursor};
use crate::tui::dialogs::{
    ColumnsDialog, CommandPalette, CopyMenu, FilterLine, HelpDialog, ImportDialog,
};
use crate::tui::input::commands::{Act, View};
use crate::tui::message::Effect;
use crate::tui::screens::history::state::Recall;
use crate::tui::widgets::layout;

impl App {
    pub(in crate::tui) fn act(&mut self, act: Act) -> Vec<Effect> {
        match act {
            Act::Up => self.move_by(-1),
            Act::Down => self.move_by(1),
            Act::PageUp => self.move_by(-self.page()),
            Act::PageDown => self.move_by(self.page()),
            Act::Top => self.move_by(isize::MIN),
            Act::Bottom => self.move_by(isize::MAX),
            Act::Left => self.table.scrolled = self.table.scrolled.saturating_sub(1),
            Act::Right => {
                self.table.scrolled = (self.table.scrolled + 1).min(table::last_scroll(self));
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
                self.table.sort.reverse();
                self.list.range_start = None;
                return self.search();
            }
            Act::Detail if self.view == View::History => {
                return self.recall_current(Recall::Review);
            }
            Act::Detail => return self.detail(),
            Act::Filter if self.view == View::History => self.open_find(),
            Act::Filter => self.open(FilterLine::new(&self.table.query)),
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
                    .runs
                    .iter()
                    .map(|run| Effect::Explain(run.id))
                    .collect();
            }
            Act::Failures => {
                self.view = View::Failures;
                self.reviewed = None;
                self.failures = Cursor::default();
                self.failure_marks.clear();
                return vec![
                    self.run()
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
                (&mut self.failures.at, count)
            }
            View::History => self.history.cursor(),
            _ => {
                self.list.pinned_device = None;
                (&mut self.table.cursor, self.list.rows.len())
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
        let place = self.table.top + line;
        if self.view == View::Devices && place < self.list.rows.len() {
            self.table.cursor = place;
            self.list.pinned_device = None;
        }
    }

    /// Scrolls so that the cursor is on the screen.
    pub(in crate::tui) fn keep_in_sight(&mut self) {
        let rows = layout::rows_on_screen(self).max(1);
        let count = self.list.rows.len();
        let table = &mut self.table;
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
        } else if self.list.range_start.is_some() {
            self.list.range_start = None;
        } else if self.reading.is_some() {
            return self.cancel_fetch();
        } else if !self.table.query.is_empty() {
            return self.filter_by(Query::default());
        }
        Vec::new()
    }

    /// `ctrl-z`, unless another key has it: after the call in flight, which leaves the run paused.
    pub(in crate::tui) fn suspend(&mut self) -> Vec<Effect> {
        if self.is_active() {
            self.suspending = true;
            self.status = Some("suspending after the call in flight".to_owned());
            return vec![Effect::Control(crate::engine::Control::Pause)];
        }
        vec![Effect::Suspend]
    }
}
