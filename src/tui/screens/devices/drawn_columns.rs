//! Which columns the table draws, and how wide: those that the operator chose, that of outcomes, and the
//! one that the filter matched.

use std::borrow::Cow;

use crate::list::Field;
use crate::query::Highlights;
use crate::tui::column::Column;
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::list_state::ListState;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::devices::fit::{ContentWidths, TableLayout};
use crate::tui::screens::devices::{DevicesScreen, OutcomeContent, fit, matched};
use crate::tui::widgets::layout;

impl DevicesScreen {
    /// Shows these columns, as wide as their content.
    pub fn show_columns(&mut self, columns: Columns, list: &ListState) {
        self.columns = columns;
        self.fit(list);
    }

    /// Measures the content of the shown columns, and finds those that have one value in all shown rows.
    pub fn fit(&mut self, list: &ListState) {
        self.widths = ContentWidths::measure(&list.devices, &self.drawn_columns());
        self.find_constants(list);
        let furthest = self.columns.shown().len().saturating_sub(2);
        self.scrolled = self.scrolled.min(furthest);
    }

    /// Finds the columns that have one value in all shown rows.
    pub(super) fn find_constants(&mut self, list: &ListState) {
        self.constants = fit::constants(&list.devices, &self.columns, &list.rows);
    }

    /// The chosen columns and the one that the filter matched.
    fn drawn_columns(&self) -> Cow<'_, Columns> {
        let is_shown = |column: &Column| {
            let mut shown = self.columns.shown().into_iter();
            shown.any(|shown| shown.column == *column)
        };
        match &self.matched_column {
            Some(column) if !is_shown(column) => {
                let mut columns = self.columns.clone();
                columns.toggle(column);
                Cow::Owned(columns)
            }
            _ => Cow::Borrowed(&self.columns),
        }
    }

    /// Draws the column in which the filter matched the shown rows, if no other one shows why they are
    /// there. The columns of earlier rows stay until then.
    fn draw_matched_column(&mut self, context: &Context) {
        if self.matched_search_id == self.shown_search_id {
            return;
        }
        self.matched_search_id = self.shown_search_id;
        let before = self.matched_column.take();
        let list = &context.list;
        let layout = self.layout(layout::table_width(context));
        let is_drawn = |column: &Column| layout.places.iter().any(|place| place.column == *column);
        // The line below the table says what all rows share.
        let is_said = |column: &Column| self.constants.iter().any(|(known, _)| known == column);
        let mut columns = self.columns.all();
        columns.retain(|column| !is_said(column));
        let highlights = Highlights::of(&self.shown_query, &list.devices);
        self.matched_column =
            matched::undrawn_column(&highlights, &list.devices, &list.rows, columns, is_drawn);
        if self.matched_column != before {
            self.fit(list);
        }
    }

    /// The column of a table of `room` cells whose heading is in this cell.
    pub fn heading_at(&self, room: u16, cell: u16) -> Option<Column> {
        let mut places = self.layout(room).places.into_iter();
        let place = places.find(|place| (place.at..place.at + place.width).contains(&cell));
        place.map(|place| place.column)
    }

    /// The columns on a table of `room` cells.
    pub fn layout(&self, room: u16) -> TableLayout {
        let is_sorted = |column: &Column| self.sort.key(column).is_some();
        let is_constant = |column: &Column| self.constants.iter().any(|(known, _)| known == column);
        let priority = |column: &Column| match column {
            column if self.matched_column.as_ref() == Some(column) => Some(fit::MATCHED),
            // The few rows that can't be sent have a sign, too, and the others nothing in this column.
            Column::Outcome if self.outcome_content == OutcomeContent::FewUnusable => {
                Some(fit::LEAST)
            }
            // The matched column doesn't take the place of what is sent and what came of it.
            Column::Outcome | Column::Field(Field::Hwid) if self.matched_column.is_some() => {
                Some(fit::ESSENTIAL)
            }
            // A value that all rows share says the least.
            column => is_constant(column).then_some(u8::MAX),
        };
        fit::lay_out(
            &self.drawn_columns(),
            &self.widths,
            is_sorted,
            priority,
            self.scrolled,
            room,
        )
    }

    /// Draws the column of outcomes from the first one on. A message says so if a run brings it: at the start
    /// nothing moves. Draws the column that the filter matched, unless it `is_typed`: a table that is drawn
    /// anew at each key costs too much.
    pub fn adapt_columns(&mut self, is_typed: bool, context: &mut Context) {
        let is_added = self.add_outcome_column(&context.list);
        if is_added && context.runs.newest().is_some() && context.status.is_none() {
            let columns = context.key(Command::Columns);
            context.status = Some(format!("Column outcome added · {columns} columns"));
        }
        if !is_typed {
            self.draw_matched_column(context);
        }
    }

    /// Adds the column of outcomes once there is something to show in it: outcomes, or why rows are
    /// unusable. True if it is new, or comes forward from behind all others.
    pub fn add_outcome_column(&mut self, list: &ListState) -> bool {
        let unusable = list.devices.counts().unusable;
        let was_least = self.outcome_content == OutcomeContent::FewUnusable;
        self.outcome_content = match self.outcome_content {
            OutcomeContent::Outcomes => OutcomeContent::Outcomes,
            _ if list.has_outcomes() => OutcomeContent::Outcomes,
            _ if unusable == 0 => OutcomeContent::Nothing,
            _ if unusable * 2 <= list.devices.len() as u64 => OutcomeContent::FewUnusable,
            _ => OutcomeContent::MostUnusable,
        };
        if self.outcome_added {
            return was_least && self.outcome_content == OutcomeContent::Outcomes;
        }
        if self.outcome_content == OutcomeContent::Nothing {
            return false;
        }
        self.outcome_added = true;
        let is_new = self.columns.add_outcome();
        if is_new {
            self.fit(list);
        }
        is_new
    }
}
