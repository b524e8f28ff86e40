//! Which rows are shown, and in which order.

use std::collections::HashMap;
use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::list::DeviceId;
use crate::query::{Query, State};
use crate::tui::app::{App, Mode};
use crate::tui::message::{Column, Effect};
use crate::tui::search::Known;
use crate::tui::selection::Marks;

impl App {
    /// `/`: edits the filter in force.
    pub(super) fn edit_filter(&mut self) {
        self.mode = Mode::Filter {
            input: Input::new(self.table.query.text().to_owned()),
            before: self.table.query.clone(),
            error: None,
        };
    }

    pub(super) fn filter_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Filter { input, before, .. } = &mut self.mode else {
            return Vec::new();
        };
        match key.code {
            KeyCode::Enter => {
                self.mode = Mode::Browse;
                Vec::new()
            }
            KeyCode::Esc => {
                let before = before.clone();
                self.mode = Mode::Browse;
                self.filter_by(before)
            }
            _ => {
                input.handle_event(&Event::Key(*key));
                self.filter_changed()
            }
        }
    }

    /// Text that was pasted into the filter.
    pub(super) fn filter_text(&mut self, line: &str) -> Vec<Effect> {
        if let Mode::Filter { input, .. } = &mut self.mode {
            for character in line.chars() {
                input.handle(tui_input::InputRequest::InsertChar(character));
            }
        }
        self.filter_changed()
    }

    /// The line was edited: it is the filter if it can be asked of this list, else the last good
    /// one stays in force.
    fn filter_changed(&mut self) -> Vec<Effect> {
        let Mode::Filter { input, error, .. } = &mut self.mode else {
            return Vec::new();
        };
        let parsed = Query::parse(input.value())
            .and_then(|query| query.check(&self.list, &Known::default()).map(|()| query));
        *error = parsed.as_ref().err().cloned();
        // A mistake is told on a line of its own, which the table lacks then.
        self.keep_in_sight();
        parsed.map_or_else(|_| Vec::new(), |query| self.filter_by(query))
    }

    pub(super) fn filter_by(&mut self, query: Query) -> Vec<Effect> {
        if query == self.table.query {
            return Vec::new();
        }
        self.table.query = query;
        self.table.range = None;
        self.search()
    }

    pub(super) fn search(&mut self) -> Vec<Effect> {
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
            self.marks.snapshot()
        } else {
            Marks::default()
        };
        let by_outcome = self.table.sort.key(Column::Outcome).is_some();
        let states = if by_outcome || !asked.is_empty() {
            self.states.clone()
        } else {
            HashMap::new()
        };
        Known {
            marks,
            states,
            protection: self.facts.protection.clone(),
        }
    }

    /// Searches anew if what has changed is what the filter asks for.
    pub(super) fn search_if_asked(&mut self, changed: impl Fn(State) -> bool) -> Vec<Effect> {
        if self.table.query.states().into_iter().any(changed) {
            return self.search();
        }
        Vec::new()
    }

    /// Takes in what a search found. The cursor stays on its device if it is still shown.
    pub(super) fn show(&mut self, rows: Vec<DeviceId>) {
        let current = self.current();
        let place = current.and_then(|id| rows.iter().position(|&row| row == id));
        self.table.rows = rows;
        self.table.cursor = place.unwrap_or(0);
        self.keep_in_sight();
        self.count_hidden();
    }
}
