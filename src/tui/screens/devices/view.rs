//! The view of the table: saved for the next start, and restored.

use std::collections::HashMap;

use crate::list::DeviceId;
use crate::query::{Query, QueryError};
use crate::text::{counted, visible};
use crate::tui::context::Context;
use crate::tui::saved_view::{SavedView, TableView};
use crate::tui::screens::devices::DevicesScreen;
use crate::tui::screens::devices::marks::{FoundBy, MarkedBy};
use crate::tui::screens::devices::search::DeviceStatusSnapshot;

impl DevicesScreen {
    /// The view as it is now.
    pub fn save_view(&self, context: &Context) -> SavedView {
        let table = TableView {
            filter: self.query.text(),
            sort: &self.sort,
            columns: &self.columns,
            cursor: self.current(&context.list),
            earlier_filters: &self.earlier_filters,
        };
        SavedView::new(&context.list, table, context.now.wall)
    }

    /// Restores a saved view. The status line says what can't be restored.
    pub fn restore(&mut self, saved: &SavedView, context: &mut Context) {
        let found = saved.found(&context.list.devices);
        let lost = saved.marks.len() - found.len();
        let (removed, marked): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|(id, _)| context.list.removed.contains_key(id));
        let mut by_hand: Vec<DeviceId> = Vec::new();
        let mut imported: HashMap<DeviceId, FoundBy> = HashMap::new();
        for (id, by) in marked {
            match by {
                Some(by) => drop(imported.insert(id, by)),
                None => by_hand.push(id),
            }
        }
        by_hand.sort_unstable();
        let marks = &mut context.list.marks;
        marks.note_way(by_hand.iter().copied(), MarkedBy::SavedView);
        marks.mark(by_hand, imported);
        context.list.count_hidden();
        let mut message = Vec::new();
        for (count, what) in [
            (lost, "not in this list any more"),
            (removed.len(), "removed or archived since, left out"),
        ] {
            if count > 0 {
                message.push(format!("{} {what}", counted(count as u64, "marked device")));
            }
        }
        if let Err(error) = self.restore_table(saved, context) {
            let filter = visible(&saved.filter);
            message.push(format!("the filter {filter} is left out: {error}"));
        }
        // The cursor goes there with the rows.
        let cursor = saved.cursor.as_ref();
        context.list.pinned_device = cursor.and_then(|key| key.find(&context.list.devices));
        if !message.is_empty() {
            context.status = Some(message.join(context.settings.theme.dot()));
        }
    }

    /// Restores columns, order and filters, as far as the list has what they name. A filter that
    /// isn't valid for the list is left out, and is the error.
    pub fn restore_table(
        &mut self,
        saved: &SavedView,
        context: &Context,
    ) -> Result<(), QueryError> {
        let list = &context.list.devices;
        self.query = Query::default();
        self.columns = saved.columns();
        if self.columns.is_empty() {
            self.columns.clone_from(&context.info.columns);
        }
        self.columns.set_list(list);
        self.fit(&context.list);
        self.sort = saved.sort(&self.columns, list);
        self.earlier_filters.clone_from(&saved.filters);
        let query = Query::parse(&saved.filter)?;
        query.check(list, &DeviceStatusSnapshot::default())?;
        self.query = query;
        Ok(())
    }
}
