//! What rows are sorted by.

use crate::tui::app::App;
use crate::tui::column::{Column, SortKey};
use crate::tui::effect::Effect;
use crate::tui::screens::devices::table::last_scroll;

impl App {
    /// Keeps the horizontal scroll within the shown columns.
    pub(in crate::tui) fn limit_scroll(&mut self) {
        self.devices.scrolled = self.devices.scrolled.min(last_scroll(self));
    }

    /// Sorts by this column alone; in list order without one. The order in force, chosen again, is
    /// reversed.
    pub(in crate::tui) fn sort_by(&mut self, column: Option<Column>) -> Vec<Effect> {
        let sort = &mut self.devices.sort;
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
        self.context.list.range_start = None;
        self.search()
    }

    /// Sorts by this column too, among rows that are equal so far: ascending, then descending, then
    /// not.
    pub(in crate::tui) fn sort_further(&mut self, column: &Column) -> Vec<Effect> {
        let sort = &mut self.devices.sort;
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
        self.context.list.range_start = None;
        self.search()
    }
}
