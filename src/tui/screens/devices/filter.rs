//! Which rows are shown, and in which order.

use std::collections::HashMap;
use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::list::DeviceId;
use crate::query::{Query, State, complete};
use crate::tui::app::App;
use crate::tui::message::{Column, Effect};
use crate::tui::mode::{FilterLine, Mode, Offered};
use crate::tui::screens::devices::marks::Marks;
use crate::tui::screens::devices::search::Known;

impl App {
    /// `/`: edits the filter in force.
    pub(in crate::tui) fn edit_filter(&mut self) {
        self.mode = Mode::Filter(Box::new(FilterLine {
            input: Input::new(self.table.query.text().to_owned()),
            before: self.table.query.clone(),
            error: None,
            recalled: None,
            offered: None,
        }));
    }

    pub(in crate::tui) fn filter_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Filter(line) = &mut self.mode else {
            return Vec::new();
        };
        match key.code {
            KeyCode::Enter => {
                self.mode = Mode::Browse;
                self.remember_filter();
                Vec::new()
            }
            KeyCode::Up | KeyCode::Down => self.recall_filter(key.code == KeyCode::Up),
            KeyCode::Tab | KeyCode::BackTab => self.complete_filter(key.code == KeyCode::BackTab),
            KeyCode::Esc => {
                let before = line.before.clone();
                self.mode = Mode::Browse;
                self.filter_by(before)
            }
            _ => {
                line.input.handle_event(&Event::Key(*key));
                self.filter_edited()
            }
        }
    }

    /// The line isn't what tab or the arrows put there any more.
    fn filter_edited(&mut self) -> Vec<Effect> {
        if let Mode::Filter(line) = &mut self.mode {
            (line.recalled, line.offered) = (None, None);
        }
        self.filter_changed()
    }

    fn remember_filter(&mut self) {
        let text = self.table.query.text().trim();
        if !text.is_empty() {
            self.table.earlier.retain(|earlier| earlier != text);
            self.table.earlier.push(text.to_owned());
        }
    }

    /// The arrows: an earlier filter, or a later one, and at last an empty line.
    fn recall_filter(&mut self, back: bool) -> Vec<Effect> {
        let Mode::Filter(line) = &mut self.mode else {
            return Vec::new();
        };
        let count = self.table.earlier.len();
        let at = line.recalled.unwrap_or(count);
        let at = if back {
            at.saturating_sub(1)
        } else {
            (at + 1).min(count)
        };
        let text = self.table.earlier.get(at).cloned();
        line.input = Input::new(text.unwrap_or_default());
        line.recalled = (at < count).then_some(at);
        line.offered = None;
        self.filter_changed()
    }

    /// Tab: what could stand at the cursor, one after the other.
    fn complete_filter(&mut self, back: bool) -> Vec<Effect> {
        let Mode::Filter(line) = &mut self.mode else {
            return Vec::new();
        };
        match &mut line.offered {
            Some(offered) => {
                let count = offered.candidates.len();
                let step = if back { count - 1 } else { 1 };
                offered.at = (offered.at + step) % count;
            }
            None => {
                let cursor = line.input.cursor();
                let before: String = line.input.value().chars().take(cursor).collect();
                let after: String = line.input.value().chars().skip(cursor).collect();
                let Some(completion) = complete(&before, &self.list) else {
                    return Vec::new();
                };
                line.offered = Some(Offered {
                    kept: before
                        .get(..completion.start)
                        .unwrap_or_default()
                        .to_owned(),
                    after,
                    candidates: completion.candidates,
                    at: 0,
                });
            }
        }
        if let Some(offered) = &line.offered {
            let candidate = offered.candidates.get(offered.at);
            let before = format!("{}{}", offered.kept, candidate.map_or("", String::as_str));
            let cursor = before.chars().count();
            line.input = Input::new(format!("{before}{}", offered.after)).with_cursor(cursor);
        }
        self.filter_changed()
    }

    /// `F`: the filters of the configuration.
    pub(in crate::tui) fn open_filters(&mut self) {
        if self.facts.filters.is_empty() {
            self.status = Some(
                "the configuration names no filters: add [filters] stale-laptops = \"unseen>90d type:laptop\""
                    .to_owned(),
            );
        } else {
            self.mode = Mode::Filters(0);
        }
    }

    pub(in crate::tui) fn filters_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Filters(at) = &mut self.mode else {
            return Vec::new();
        };
        let last = self.facts.filters.len().saturating_sub(1);
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => *at = (*at + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => *at = at.saturating_sub(1),
            KeyCode::Esc | KeyCode::Char('q' | 'F') => self.mode = Mode::Browse,
            KeyCode::Enter => {
                let chosen = self.facts.filters.get(*at).cloned();
                self.mode = Mode::Browse;
                let Some((name, query)) = chosen else {
                    return Vec::new();
                };
                if let Err(error) = query.check(&self.list, &Known::default()) {
                    self.status = Some(format!("the filter {name}: {error}"));
                    return Vec::new();
                }
                let effects = self.filter_by(query);
                self.remember_filter();
                return effects;
            }
            _ => {}
        }
        Vec::new()
    }

    /// Text that was pasted into the filter.
    pub(in crate::tui) fn filter_text(&mut self, line: &str) -> Vec<Effect> {
        if let Mode::Filter(edited) = &mut self.mode {
            for character in line.chars() {
                edited
                    .input
                    .handle(tui_input::InputRequest::InsertChar(character));
            }
        }
        self.filter_edited()
    }

    /// The line was edited: it is the filter if it can be asked of this list, else the last good
    /// one stays in force.
    fn filter_changed(&mut self) -> Vec<Effect> {
        let Mode::Filter(line) = &mut self.mode else {
            return Vec::new();
        };
        let parsed = Query::parse(line.input.value())
            .and_then(|query| query.check(&self.list, &Known::default()).map(|()| query));
        line.error = parsed.as_ref().err().cloned();
        // A mistake is told on a line of its own, which the table lacks then.
        self.keep_in_sight();
        parsed.map_or_else(|_| Vec::new(), |query| self.filter_by(query))
    }

    pub(in crate::tui) fn filter_by(&mut self, query: Query) -> Vec<Effect> {
        if query == self.table.query {
            return Vec::new();
        }
        self.table.query = query;
        self.table.range = None;
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
            self.marks.snapshot()
        } else {
            Marks::default()
        };
        let by_outcome = self.table.sort.key(&Column::Outcome).is_some();
        let (states, earlier) = if by_outcome || !asked.is_empty() {
            (self.states.clone(), self.earlier.clone())
        } else {
            (HashMap::new(), Arc::default())
        };
        Known {
            marks,
            states,
            earlier,
            protection: self.facts.protection.clone(),
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
        self.table.wanted = self.table.wanted.or(current);
        let place = |id: Option<DeviceId>| rows.iter().position(|&row| Some(row) == id);
        let place = place(self.table.wanted).or_else(|| place(current));
        self.table.rows = rows;
        self.table.cursor = place.unwrap_or(0);
        self.keep_in_sight();
        self.count_hidden();
    }
}
