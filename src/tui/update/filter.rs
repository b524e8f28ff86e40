//! Which rows are shown, and in which order.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::list::DeviceId;
use crate::outcome::{DeviceState, Outcome};
use crate::query::{NoStates, Query};
use crate::tui::app::{App, Mode};
use crate::tui::message::{Column, Effect, Sort};

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
            .and_then(|query| query.check(&self.list, &NoStates).map(|()| query));
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

    /// `s`: opens the columns, at the one that is sorted by.
    pub(super) fn choose_sort(&mut self) {
        let sorted = self.table.sort.column.map_or(0, |_| self.sorted_by());
        self.mode = Mode::Sort(sorted);
    }

    /// Which line of the columns' menu is the order in force.
    fn sorted_by(&self) -> usize {
        let columns = &self.facts.columns;
        let sorted = self.table.sort.column;
        columns
            .iter()
            .position(|&column| Some(column) == sorted)
            .unwrap_or(columns.len())
    }

    pub(super) fn sort_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let sorted_by = self.sorted_by();
        let Mode::Sort(at) = &mut self.mode else {
            return Vec::new();
        };
        // One line more than columns: the list's own order.
        let last = self.facts.columns.len();
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => *at = (*at + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => *at = at.saturating_sub(1),
            KeyCode::Esc | KeyCode::Char('q' | 's') => self.mode = Mode::Browse,
            KeyCode::Enter | KeyCode::Char(' ') => {
                let column = self.facts.columns.get(*at).copied();
                // The order in force, chosen again, is turned around.
                let reversed = *at == sorted_by && !self.table.sort.reversed;
                self.mode = Mode::Browse;
                self.table.sort = Sort { column, reversed };
                self.table.range = None;
                return self.search();
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn search(&mut self) -> Vec<Effect> {
        self.generation += 1;
        let ranks = match self.table.sort.column {
            Some(Column::Outcome) => self
                .states
                .iter()
                .map(|(&id, &state)| (id, rank(state)))
                .collect(),
            _ => Vec::new(),
        };
        vec![Effect::Search {
            generation: self.generation,
            query: self.table.query.clone(),
            sort: self.table.sort,
            ranks,
        }]
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

/// The order of outcomes in a sorted table: trouble first.
fn rank(state: DeviceState) -> u8 {
    match state {
        DeviceState::Ended(Outcome::InDoubt(_)) => 0,
        DeviceState::Ended(Outcome::Failed(_)) => 1,
        DeviceState::Ended(Outcome::Gone) => 2,
        DeviceState::Sending => 3,
        DeviceState::Planned => 4,
        DeviceState::Ended(Outcome::NotSent) => 5,
        DeviceState::Ended(Outcome::Accepted) => 6,
    }
}
