//! Marking: one row, a range, all that is shown.

use crate::list::DeviceId;
use crate::text;
use crate::tui::app::App;
use crate::tui::screens::devices::marks::Marks;

impl App {
    /// `space`: ends a range, else marks or unmarks the row and moves on.
    pub(in crate::tui) fn mark(&mut self) {
        if self.context.list.range_start.is_some() {
            return self.range();
        }
        let Some(id) = self.current() else { return };
        if let Some(problem) = self.context.list.devices.device(id).problem() {
            self.context.status = Some(format!("this row can't be marked: {problem}"));
        } else {
            self.context.list.marks.toggle([id]);
            self.context.list.count_hidden();
        }
        self.move_by(1);
    }

    /// `v`: begins a range at the cursor, or marks from where it began to the cursor.
    pub(in crate::tui) fn range(&mut self) {
        let Some(anchor) = self.context.list.range_start.take() else {
            self.context.list.range_start = self.current();
            return;
        };
        let Some(start) = self.context.list.rows.iter().position(|&id| id == anchor) else {
            return;
        };
        let (from, to) = (
            start.min(self.devices.cursor),
            start.max(self.devices.cursor),
        );
        let rows = self.context.list.rows[from..=to].to_vec();
        self.mark_these(&rows);
    }

    pub(in crate::tui) fn mark_shown(&mut self) {
        let rows = std::mem::take(&mut self.context.list.rows);
        self.mark_these(&rows);
        self.context.list.rows = rows;
        self.context.list.count_hidden();
    }

    /// `A`.
    pub(in crate::tui) fn unmark_shown(&mut self) {
        let rows = self.context.list.rows.clone();
        self.change_marks(|marks| marks.set(rows, false), "unmarked");
    }

    /// `i`: turns the marks of all shown around; what many at once may not mark is only unmarked.
    pub(in crate::tui) fn invert_shown(&mut self) {
        let turned = |id: &DeviceId| {
            self.context.list.marks.contains(*id) || self.context.list.is_markable(*id)
        };
        let rows: Vec<DeviceId> = self
            .context
            .list
            .rows
            .iter()
            .copied()
            .filter(turned)
            .collect();
        self.change_marks(|marks| marks.toggle(rows), "turned around");
    }

    /// `U`.
    pub(in crate::tui) fn unmark_all(&mut self) {
        let marked: Vec<DeviceId> = self.context.list.marks.iter().collect();
        self.change_marks(|marks| marks.set(marked, false), "unmarked");
    }

    fn mark_these(&mut self, rows: &[DeviceId]) {
        let markable: Vec<DeviceId> = rows
            .iter()
            .copied()
            .filter(|&id| self.context.list.is_markable(id))
            .collect();
        let removed = rows
            .iter()
            .filter(|id| {
                self.context.list.removed.contains_key(id)
                    && self.context.list.devices.device(**id).problem().is_none()
            })
            .count();
        let unusable = rows.len() - markable.len() - removed;
        let changed = self.context.list.marks.set(markable, true);
        self.context.list.count_hidden();
        let mut status = format!("{} marked", text::counted(changed as u64, "device"));
        for (count, what) in [(unusable, "unusable"), (removed, "removed earlier")] {
            if count > 0 {
                status.push_str(&format!(
                    " · {} {what}, left out",
                    text::grouped(count as u64)
                ));
            }
        }
        self.context.status = Some(status);
    }

    pub(in crate::tui) fn change_marks(
        &mut self,
        change: impl FnOnce(&mut Marks) -> usize,
        what: &str,
    ) {
        let changed = change(&mut self.context.list.marks);
        self.context.list.count_hidden();
        self.context.status = Some(format!("{} {what}", text::counted(changed as u64, "mark")));
    }

    pub(in crate::tui) fn change_back(&mut self, undo: bool) {
        let changed = if undo {
            self.context.list.marks.undo()
        } else {
            self.context.list.marks.redo()
        };
        self.context.list.count_hidden();
        let what = if undo { "undone" } else { "redone" };
        self.context.status = Some(changed.map_or_else(
            || format!("nothing to be {what}"),
            |changed| format!("{} {what}", text::counted(changed as u64, "mark")),
        ));
    }
}
