//! The dialog of the columns: which are shown, how wide, and what the rows are sorted by.

pub mod render;

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::app::App;
use crate::tui::message::{Column, Effect, SortKey};
use crate::tui::mode::Mode;
use crate::tui::screens::devices::table::last_scroll;

impl App {
    /// `s` and `c`: opens the columns, at the one that is sorted by.
    pub(in crate::tui) fn open_columns(&mut self) {
        let sorted = self.table.sort.keys.first().map(|key| key.column.as_ref());
        let all = self.table.columns.all();
        let at = sorted.map_or(0, |column| {
            all.iter()
                .position(|known| Some(known) == column)
                .unwrap_or(all.len())
        });
        self.mode = Mode::Columns(at);
    }

    pub(in crate::tui) fn columns_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        let Mode::Columns(at) = &mut self.mode else {
            return Vec::new();
        };
        let all = self.table.columns.all();
        // One line more than columns: the list's own order.
        let last = all.len();
        let column = all.get(*at).cloned();
        match (key.code, &column) {
            (KeyCode::Down | KeyCode::Char('j'), _) => *at = (*at + 1).min(last),
            (KeyCode::Up | KeyCode::Char('k'), _) => *at = at.saturating_sub(1),
            (KeyCode::Esc | KeyCode::Char('q' | 'c'), _) => self.mode = Mode::Browse,
            (KeyCode::Enter, _) => {
                self.mode = Mode::Browse;
                return self.sort_by(column);
            }
            (KeyCode::Char('s'), Some(column)) => return self.sort_further(column),
            (KeyCode::Char(' '), Some(column)) => {
                self.table.columns.toggle(column);
                self.follow(column);
            }
            (KeyCode::Char(direction @ ('J' | 'K')), Some(column)) => {
                self.table.columns.shift(column, direction == 'J');
                self.follow(column);
            }
            (KeyCode::Char(direction @ ('<' | '>')), Some(column)) => {
                self.table.columns.resize(column, direction == '>');
            }
            _ => {}
        }
        Vec::new()
    }

    /// Keeps the dialog's cursor on a column that has moved.
    fn follow(&mut self, column: &Column) {
        let place = self.table.columns.all().iter().position(|c| c == column);
        if let (Mode::Columns(at), Some(place)) = (&mut self.mode, place) {
            *at = place;
        }
        self.table.scrolled = self.table.scrolled.min(last_scroll(self));
    }

    /// Sorts by this alone. The order in force, chosen again, is turned around.
    fn sort_by(&mut self, column: Option<Column>) -> Vec<Effect> {
        let sort = &mut self.table.sort;
        let again = match (sort.keys.as_slice(), &column) {
            ([], None) => true,
            ([key], column) => &key.column == column,
            _ => false,
        };
        if again {
            sort.reverse();
        } else {
            sort.keys.clear();
            sort.keys.extend(column.map(|column| SortKey {
                column: Some(column),
                reversed: false,
            }));
        }
        self.table.range = None;
        self.search()
    }

    /// Sorts by this too, among rows that are equal so far: upwards, then downwards, then not.
    fn sort_further(&mut self, column: &Column) -> Vec<Effect> {
        let sort = &mut self.table.sort;
        sort.keys.retain(|key| key.column.is_some());
        match sort.key(column).map(|(at, key)| (at, key.reversed)) {
            None => sort.keys.push(SortKey {
                column: Some(column.clone()),
                reversed: false,
            }),
            Some((_, true)) => {
                sort.keys.retain(|key| key.column.as_ref() != Some(column));
            }
            Some((at, false)) => {
                if let Some(key) = sort.keys.get_mut(at) {
                    key.reversed = true;
                }
            }
        }
        self.table.range = None;
        self.search()
    }
}
