//! Which rows are shown, and in which order.

use std::sync::Arc;

use crate::list::DeviceId;
use crate::query::{Query, State};
use crate::text::grouped;
use crate::tui::column::{Column, Sort};
use crate::tui::context::Context;
use crate::tui::dialogs::FiltersMenu;
use crate::tui::effect::Effect;
use crate::tui::job::RowJob;
use crate::tui::list_state::ListState;
use crate::tui::overview::CountedRows;
use crate::tui::request::TermPlace;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::devices::DevicesScreen;
use crate::tui::screens::devices::search::DeviceStatusSnapshot;

impl DevicesScreen {
    /// `F`: the filters of the configuration, recent ones and suggestions.
    pub(super) fn open_filters(&self, context: &Context) -> ScreenResponse {
        let (menu, effect) = FiltersMenu::new(&self.earlier_filters, &self.query, context);
        ScreenResponse::open(menu).with([effect])
    }

    /// Remembers the current filter, for recalling it while another is typed.
    pub fn remember_filter(&mut self) {
        let text = self.query.text().trim();
        if !text.is_empty() {
            self.earlier_filters.retain(|earlier| earlier != text);
            self.earlier_filters.push(text.to_owned());
        }
    }

    /// Adds a term to the filter. The message says why not where that would leave no row.
    pub fn add_term(
        &mut self,
        term: &str,
        place: TermPlace,
        context: &mut Context,
    ) -> Option<Effect> {
        let query = self.query_with(term, place);
        if query.is_none() && place == TermPlace::Opposite {
            let shown = grouped(context.list.rows.len() as u64);
            context.status = Some(format!("All {shown} shown have it: none would be left"));
        }
        self.filter_by(query?, &mut context.list)
    }

    /// The filter with a further term. None if it has the term, or can't have it.
    fn query_with(&self, term: &str, place: TermPlace) -> Option<Query> {
        if place != TermPlace::Last
            && let Some(query) = self.query.with_field_term(term)
        {
            return Some(query);
        }
        let is_new = place != TermPlace::Opposite && !self.query.has_term(term);
        is_new.then(|| self.query.with_term(term).ok())?
    }

    /// Filters by this query; returns no search if it is the current one.
    pub fn filter_by(&mut self, query: Query, list: &mut ListState) -> Option<Effect> {
        if query == self.query {
            return None;
        }
        self.query = query;
        list.range_start = None;
        Some(self.search(list))
    }

    /// Sorts the rows in this order.
    pub fn sort_by(&mut self, sort: Sort, list: &mut ListState) -> Effect {
        self.sort = sort;
        list.range_start = None;
        self.search(list)
    }

    /// Searches the rows to show. The rows of an earlier search are dropped.
    pub fn search(&mut self, list: &ListState) -> Effect {
        self.search_id += 1;
        Effect::Rows(RowJob::Search {
            search_id: self.search_id,
            query: self.query_in_force(),
            sort: self.sort.clone(),
            known: Arc::new(self.snapshot(list)),
        })
    }

    /// The filter, and that devices are marked if only those are shown.
    fn query_in_force(&self) -> Query {
        if !self.marked_only {
            return self.query.clone();
        }
        let marked = self.query.with_term("is:marked");
        marked.unwrap_or_else(|_| self.query.clone())
    }

    /// `m`: shows marked devices only, or all again.
    pub(super) fn toggle_marked_only(&mut self, context: &mut Context) -> ScreenResponse {
        if !self.marked_only && context.list.marks.is_empty() {
            context.status = Some("Nothing is marked".to_owned());
            return ScreenResponse::default();
        }
        let search = self.show_marked_only(!self.marked_only, &mut context.list);
        ScreenResponse::effects([search])
    }

    /// Shows marked devices only, of those that the filter matches, or all of them.
    pub fn show_marked_only(&mut self, marked_only: bool, list: &mut ListState) -> Effect {
        self.marked_only = marked_only;
        list.range_start = None;
        self.search(list)
    }

    /// Counts the shown rows for the overview, if it is open and they have changed.
    pub fn count(&self, context: &mut Context) -> Option<Effect> {
        let counted = CountedRows {
            search_id: self.shown_search_id,
            mark_changes: context.list.marks.changes(),
        };
        if !context.overview.is_open || !context.overview.request(counted) {
            return None;
        }
        let list = &context.list;
        let index = context.overview.index.clone();
        // Once the values are known, counting needs the marks alone.
        let known = match index {
            Some(_) => DeviceStatusSnapshot::of_marks(list),
            None => DeviceStatusSnapshot::of(list),
        };
        Some(Effect::Rows(RowJob::Count {
            counted,
            index,
            rows: list.rows.clone(),
            known: Arc::new(known),
        }))
    }

    /// What the search needs to know of the devices, and no more.
    fn snapshot(&self, list: &ListState) -> DeviceStatusSnapshot {
        let by_outcome = self.sort.key(&Column::Outcome).is_some();
        DeviceStatusSnapshot::for_query(list, &self.query_in_force(), by_outcome)
    }

    /// Searches again if the filter or the order depends on what has changed.
    pub fn search_after_change(
        &mut self,
        marks: bool,
        outcomes: bool,
        list: &ListState,
    ) -> Option<Effect> {
        let states = self.query_in_force().states();
        let filtered = states.into_iter().any(|state| match state {
            State::Marked => marks,
            State::Protected => false,
            _ => outcomes,
        });
        let sorted = outcomes && self.sort.key(&Column::Outcome).is_some();
        (filtered || sorted).then(|| self.search(list))
    }

    /// Shows the rows that a search found. The cursor stays on its device, and comes back to it when
    /// a filter has hidden it for a while, until the operator moves it.
    pub fn show(&mut self, rows: Vec<DeviceId>, list: &mut ListState) {
        let current = self.current(list);
        list.pinned_device = list.pinned_device.or(current);
        let place = |id: Option<DeviceId>| rows.iter().position(|&row| Some(row) == id);
        let place = place(list.pinned_device).or_else(|| place(current));
        list.rows = Arc::new(rows);
        self.shown_query.clone_from(&self.query);
        self.find_constants(list);
        self.cursor = place.unwrap_or(0);
        list.count_hidden();
    }
}
