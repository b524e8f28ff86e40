//! Which rows are shown, and in which order.

use std::collections::HashMap;
use std::sync::Arc;

use crate::list::DeviceId;
use crate::query::{Query, State};
use crate::tui::app::App;
use crate::tui::dialogs::NamedFilters;
use crate::tui::message::{Column, Effect};
use crate::tui::screens::devices::marks::Marks;
use crate::tui::screens::devices::search::Known;

impl App {
    pub(in crate::tui) fn remember_filter(&mut self) {
        let text = self.table.query.text().trim();
        if !text.is_empty() {
            self.table.earlier.retain(|earlier| earlier != text);
            self.table.earlier.push(text.to_owned());
        }
    }

    /// `F`: the filters of the configuration.
    pub(in crate::tui) fn open_filters(&mut self) {
        if self.facts.filters.is_empty() {
            self.status = Some(
                "the configuration names no filters: add [filters] stale-laptops = \"unseen>90d type:laptop\""
                    .to_owned(),
            );
        } else {
            self.open(NamedFilters::default());
        }
    }

    /// Applies a filter of the configuration, by its place there.
    pub(in crate::tui) fn apply_named_filter(&mut self, at: usize) -> Vec<Effect> {
        let Some((name, query)) = self.facts.filters.get(at).cloned() else {
            return Vec::new();
        };
        if let Err(error) = query.check(&self.list.devices, &Known::default()) {
            self.status = Some(format!("the filter {name}: {error}"));
            return Vec::new();
        }
        let effects = self.filter_by(query);
        self.remember_filter();
        effects
    }

    pub(in crate::tui) fn filter_by(&mut self, query: Query) -> Vec<Effect> {
        if query == self.table.query {
            return Vec::new();
        }
        self.table.query = query;
        self.list.range_start = None;
        self.search()
    }

    pub(in crate::tui) fn search(&mut self) -> Vec<Effect> {
        self.generation += 1;
        vec![Effect::Search {
            generation: self.generation,
            query: self.table.query.clone(),
            sort: self.table.sort.clone(),
            known: Arc::new(self.known()),
        }]
    }

    /// What a search may ask of the devices now, no more than it needs.
    fn known(&self) -> Known {
        let asked = self.table.query.states();
        let marks = if asked.contains(&State::Marked) {
            self.list.marks.snapshot()
        } else {
            Marks::default()
        };
        let by_outcome = self.table.sort.key(&Column::Outcome).is_some();
        let (states, earlier) = if by_outcome || !asked.is_empty() {
            (
                self.list.session_states.clone(),
                self.list.journal_states.clone(),
            )
        } else {
            (HashMap::new(), Arc::default())
        };
        Known {
            marks,
            states,
            earlier,
            protection: self.list.protection.clone(),
        }
    }

    /// Searches anew if what has changed is what the filter asks for or the rows are sorted by.
    pub(in crate::tui) fn search_if_asked(&mut self, marks: bool, outcomes: bool) -> Vec<Effect> {
        let filtered = self
            .table
            .query
            .states()
            .into_iter()
            .any(|state| match state {
                State::Marked => marks,
                State::Protected => false,
                _ => outcomes,
            });
        let sorted = outcomes && self.table.sort.key(&Column::Outcome).is_some();
        if filtered || sorted {
            return self.search();
        }
        Vec::new()
    }

    /// Takes in what a search found. The cursor stays on its device, and comes back to it when a
    /// filter has hidden it for a while, until the operator moves it.
    pub(in crate::tui) fn show(&mut self, rows: Vec<DeviceId>) {
        let current = self.current();
        self.list.pinned_device = self.list.pinned_device.or(current);
        let place = |id: Option<DeviceId>| rows.iter().position(|&row| Some(row) == id);
        let place = place(self.list.pinned_device).or_else(|| place(current));
        self.list.rows = rows;
        self.table.cursor = place.unwrap_or(0);
        self.keep_in_sight();
        self.list.count_hidden();
    }
}
