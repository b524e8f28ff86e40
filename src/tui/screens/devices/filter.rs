//! Which rows are shown, and in which order.

use std::collections::HashMap;
use std::sync::Arc;

use crate::list::DeviceId;
use crate::query::{Query, State};
use crate::tui::app::App;
use crate::tui::column::Column;
use crate::tui::dialogs::NamedFilters;
use crate::tui::effect::Effect;
use crate::tui::screens::devices::marks::Marks;
use crate::tui::screens::devices::search::DeviceStatusSnapshot;

impl App {
    pub(in crate::tui) fn remember_filter(&mut self) {
        let text = self.devices.query.text().trim();
        if !text.is_empty() {
            self.devices
                .earlier_filters
                .retain(|earlier| earlier != text);
            self.devices.earlier_filters.push(text.to_owned());
        }
    }

    /// `F`: the filters of the configuration.
    pub(in crate::tui) fn open_filters(&mut self) {
        if self.context.settings.filters.is_empty() {
            self.context.status = Some(
                "the configuration names no filters: add [filters] stale-laptops = \"unseen>90d type:laptop\""
                    .to_owned(),
            );
        } else {
            self.open(NamedFilters::default());
        }
    }

    /// Applies a filter of the configuration, by its place there.
    pub(in crate::tui) fn apply_named_filter(&mut self, at: usize) -> Vec<Effect> {
        let Some((name, query)) = self.context.settings.filters.get(at).cloned() else {
            return Vec::new();
        };
        if let Err(error) =
            query.check(&self.context.list.devices, &DeviceStatusSnapshot::default())
        {
            self.context.status = Some(format!("the filter {name}: {error}"));
            return Vec::new();
        }
        let effects = self.filter_by(query);
        self.remember_filter();
        effects
    }

    pub(in crate::tui) fn filter_by(&mut self, query: Query) -> Vec<Effect> {
        if query == self.devices.query {
            return Vec::new();
        }
        self.devices.query = query;
        self.context.list.range_start = None;
        self.search()
    }

    pub(in crate::tui) fn search(&mut self) -> Vec<Effect> {
        self.devices.search_id += 1;
        vec![Effect::Search {
            search_id: self.devices.search_id,
            query: self.devices.query.clone(),
            sort: self.devices.sort.clone(),
            known: Arc::new(self.known()),
        }]
    }

    /// What a search may ask of the devices now, no more than it needs.
    fn known(&self) -> DeviceStatusSnapshot {
        let asked = self.devices.query.states();
        let marks = if asked.contains(&State::Marked) {
            self.context.list.marks.snapshot()
        } else {
            Marks::default()
        };
        let by_outcome = self.devices.sort.key(&Column::Outcome).is_some();
        let (states, earlier) = if by_outcome || !asked.is_empty() {
            (
                self.context.list.session_states.clone(),
                self.context.list.journal_states.clone(),
            )
        } else {
            (HashMap::new(), Arc::default())
        };
        DeviceStatusSnapshot {
            marks,
            states,
            earlier,
            protection: self.context.list.protection.clone(),
        }
    }

    /// Searches anew if what has changed is what the filter asks for or the rows are sorted by.
    pub(in crate::tui) fn search_if_asked(&mut self, marks: bool, outcomes: bool) -> Vec<Effect> {
        let filtered = self
            .devices
            .query
            .states()
            .into_iter()
            .any(|state| match state {
                State::Marked => marks,
                State::Protected => false,
                _ => outcomes,
            });
        let sorted = outcomes && self.devices.sort.key(&Column::Outcome).is_some();
        if filtered || sorted {
            return self.search();
        }
        Vec::new()
    }

    /// Takes in what a search found. The cursor stays on its device, and comes back to it when a
    /// filter has hidden it for a while, until the operator moves it.
    pub(in crate::tui) fn show(&mut self, rows: Vec<DeviceId>) {
        let current = self.current();
        self.context.list.pinned_device = self.context.list.pinned_device.or(current);
        let place = |id: Option<DeviceId>| rows.iter().position(|&row| Some(row) == id);
        let place = place(self.context.list.pinned_device).or_else(|| place(current));
        self.context.list.rows = rows;
        self.devices.cursor = place.unwrap_or(0);
        self.keep_in_sight();
        self.context.list.count_hidden();
    }
}
