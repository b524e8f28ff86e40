//! The table of the list's devices: its state, what its commands do, and how its cursor moves.

pub mod columns;
mod drawn_columns;
pub mod filter;
pub mod fit;
mod jumps;
pub mod mark_keys;
pub mod marks;
mod matched;
mod matching;
mod no_rows;
pub mod overview;
pub mod search;
mod selection;
pub mod table;
mod view;

use crate::list::DeviceId;
use crate::query::Query;
use crate::tui::column::{Column, Sort};
use crate::tui::context::{Context, HEADER_ROWS};
use crate::tui::dialogs::{
    ColumnsDialog, Dialog, FilterLine, ImportDialog, LikeThis, OverviewDialog, SortMenu,
};
use crate::tui::input::commands::Command;
use crate::tui::list_state::ListState;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::devices::fit::ContentWidths;
use crate::tui::screens::devices::no_rows::TermCounts;
use crate::tui::widgets::layout;

/// The table of the list's devices. Its rows are in [`ListState::rows`].
#[derive(Debug)]
pub struct DevicesScreen {
    /// The row under the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// The header's rows when the table was on the screen last.
    pub header_rows: u16,
    /// How many columns are scrolled away.
    pub scrolled: usize,
    pub query: Query,
    /// The filter that found the shown rows: what it matched is marked in them.
    pub shown_query: Query,
    /// Earlier filters, oldest first.
    pub earlier_filters: Vec<String>,
    /// Only marked devices are shown, of those that the filter matches.
    pub marked_only: bool,
    /// The order of the rows.
    pub sort: Sort,
    pub columns: Columns,
    /// How wide their content is.
    pub widths: ContentWidths,
    /// The columns that have one value in all shown rows, and that value.
    pub constants: Vec<(Column, String)>,
    /// The column that is drawn only because the filter matched there.
    matched_column: Option<Column>,
    /// The search whose rows decided on it.
    matched_search_id: u64,
    /// The outcomes were added to the columns; once a session, so that the operator can hide them.
    pub outcome_added: bool,
    outcome_content: OutcomeContent,
    /// The number of the last search.
    pub search_id: u64,
    /// The search that found the shown rows.
    pub shown_search_id: u64,
    /// The matches of each term, if no row is found.
    term_counts: TermCounts,
}

/// What the column of outcomes has to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum OutcomeContent {
    #[default]
    Nothing,
    /// Why some rows can't be sent, no more than half of them.
    FewUnusable,
    /// Why most rows can't be sent.
    MostUnusable,
    Outcomes,
}

impl DevicesScreen {
    /// All devices in list order.
    pub fn new(columns: Columns, list: &ListState) -> Self {
        let mut screen = Self {
            widths: ContentWidths::default(),
            constants: Vec::new(),
            matched_column: None,
            matched_search_id: 0,
            outcome_added: false,
            outcome_content: OutcomeContent::default(),
            marked_only: false,
            cursor: 0,
            top: 0,
            header_rows: HEADER_ROWS,
            scrolled: 0,
            query: Query::default(),
            shown_query: Query::default(),
            earlier_filters: Vec::new(),
            sort: Sort::default(),
            columns,
            search_id: 0,
            shown_search_id: 0,
            term_counts: TermCounts::default(),
        };
        screen.fit(list);
        screen
    }

    /// The device under the cursor.
    pub fn current(&self, list: &ListState) -> Option<DeviceId> {
        list.rows.get(self.cursor).copied()
    }

    /// Runs a command of this screen; any other one does nothing.
    pub fn on_command(&mut self, command: Command, context: &mut Context) -> ScreenResponse {
        match command {
            Command::Up => self.move_by(-1, context),
            Command::Down => self.move_by(1, context),
            Command::PageUp => self.move_by(-layout::page(context), context),
            Command::PageDown => self.move_by(layout::page(context), context),
            Command::HalfPageUp => self.move_by(-layout::half_page(context), context),
            Command::HalfPageDown => self.move_by(layout::half_page(context), context),
            Command::Top => self.move_by(isize::MIN, context),
            Command::Bottom => self.move_by(isize::MAX, context),
            Command::Left => self.scrolled = self.scrolled.saturating_sub(1),
            Command::Right => {
                let is_cut = self.layout(layout::table_width(context)).hidden_right > 0;
                self.scrolled += usize::from(is_cut);
            }
            Command::FirstColumn => self.scrolled = 0,
            Command::LastColumn => self.scroll_to_last_column(layout::table_width(context)),
            Command::NextMark => self.next_mark(true, context),
            Command::PreviousMark => self.next_mark(false, context),
            Command::Twin => self.next_twin(context),
            Command::MatchInventory => return matching::match_inventory(context),
            Command::LikeThis => {
                let current = self.current(&context.list);
                let dialog = current.map(|id| Dialog::from(LikeThis::new(id, context)));
                return ScreenResponse {
                    dialog,
                    ..ScreenResponse::default()
                };
            }
            Command::Overview => return toggle_overview(context),
            Command::Panel => {
                context.overview.is_open = true;
                return ScreenResponse::open(OverviewDialog::default());
            }
            Command::MarkedOnly => return self.toggle_marked_only(context),
            Command::Mark => self.mark(context),
            Command::Range => self.range(context),
            Command::MarkShown => mark_keys::mark_shown(&self.query, context),
            Command::UnmarkShown => mark_keys::unmark_shown(context),
            Command::Invert => mark_keys::invert_shown(context),
            Command::UnmarkAll => mark_keys::unmark_all(context),
            Command::Undo => mark_keys::undo(context),
            Command::Redo => mark_keys::redo(context),
            Command::Sort => {
                return ScreenResponse::open(SortMenu::new(
                    self.sort.clone(),
                    context.list.has_outcomes(),
                ));
            }
            Command::Columns => {
                let dialog = ColumnsDialog::new(
                    self.columns.clone(),
                    self.widths.clone(),
                    self.sort.clone(),
                );
                return ScreenResponse::open(dialog);
            }
            Command::Reverse => {
                self.sort.reverse();
                context.list.range_start = None;
                return ScreenResponse::effects([self.search(&context.list)]);
            }
            Command::Detail => return self.detail(context),
            Command::Filter => {
                let earlier = self.earlier_filters.clone();
                let dialog =
                    FilterLine::new(&self.query, earlier, self.marked_only, context.now.boot);
                return ScreenResponse::open(dialog);
            }
            Command::Filters => return self.open_filters(context),
            Command::Import => return ScreenResponse::open(ImportDialog::default()),
            Command::Copy => return selection::copy(context),
            Command::Delete => return self.delete(context),
            Command::Export => return selection::export(&context.list),
            _ => {}
        }
        ScreenResponse::default()
    }

    /// Moves the cursor by as many rows.
    pub fn move_by(&mut self, rows: isize, context: &mut Context) {
        context.list.pinned_device = None;
        let last = context.list.rows.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(rows).min(last);
        self.keep_in_sight(context, layout::rows_on_screen(context));
    }

    /// Moves the cursor to the row of the table that was clicked.
    pub fn click(&mut self, row: u16, context: &mut Context) {
        let Some(line) = layout::table_line_at(context, row) else {
            return;
        };
        let place = self.top + line;
        if place < context.list.rows.len() {
            self.cursor = place;
            context.list.pinned_device = None;
        }
    }

    /// Scrolls so that the cursor is among the `rows` on the screen.
    pub fn keep_in_sight(&mut self, context: &Context, rows: usize) {
        let rows = rows.max(1);
        let count = context.list.rows.len();
        self.cursor = self.cursor.min(count.saturating_sub(1));
        let bottom = self.top + rows - 1;
        // A step past the edge moves the table by a row, which the terminal does itself. Beside the
        // overview it can't: there the table moves by half a screen, so that most steps draw two rows.
        let by_step = if layout::table_width(context) < context.size.0 {
            rows / 2
        } else {
            0
        };
        if self.cursor < self.top {
            let is_step = self.cursor + 1 == self.top;
            self.top = self
                .cursor
                .saturating_sub(if is_step { by_step } else { 0 });
        } else if self.cursor > bottom {
            let ahead = if self.cursor == bottom + 1 {
                by_step
            } else {
                0
            };
            self.top = self.cursor + 1 + ahead - rows;
        }
        self.top = self.top.min(count.saturating_sub(rows));
    }
}

/// `o`: shows or hides the overview. Without room for it beside the table, it has the keys.
fn toggle_overview(context: &mut Context) -> ScreenResponse {
    if layout::panel_width(context.size.0).is_none() {
        context.overview.is_open = true;
        return ScreenResponse::open(OverviewDialog::default());
    }
    context.overview.is_open = !context.overview.is_open;
    ScreenResponse::default()
}
