//! Marking: one row, a range, all that is shown.

use std::sync::Arc;

use crate::list::DeviceId;
use crate::query::Query;
use crate::text;
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::screens::devices::DevicesScreen;
use crate::tui::screens::devices::marks::{MarkedBy, Marks};

impl DevicesScreen {
    /// `space`: ends a range, else marks or unmarks the row and moves on.
    pub(super) fn mark(&mut self, context: &mut Context) {
        if context.list.range_start.is_some() {
            return self.range(context);
        }
        let Some(id) = self.current(&context.list) else {
            return;
        };
        if let Some(problem) = context.list.devices.device(id).problem() {
            context.status = Some(format!("This row can't be marked: {problem}"));
        } else {
            context.list.marks.note_way([id], MarkedBy::Hand);
            context.list.toggle_shown(id);
        }
        self.move_by(1, context);
    }

    /// Marks these shown rows, which match the term as well as the filter.
    pub(in crate::tui) fn mark_by_term(
        &self,
        rows: &[DeviceId],
        term: &str,
        context: &mut Context,
    ) {
        let both = self.query.with_term(term);
        let filter = both.as_ref().unwrap_or(&self.query);
        let way = context.list.marks.by_filter(filter.text().trim());
        mark_rows(rows, way, context);
    }

    /// `v`: begins a range at the cursor, or marks from where it began to the cursor.
    pub(super) fn range(&mut self, context: &mut Context) {
        let list = &mut context.list;
        let Some(anchor) = list.range_start.take() else {
            list.range_start = self.current(list);
            return;
        };
        let Some(start) = list.rows.iter().position(|&id| id == anchor) else {
            return;
        };
        let (from, to) = (start.min(self.cursor), start.max(self.cursor));
        let rows = list.rows.get(from..=to).unwrap_or_default().to_vec();
        mark_rows(&rows, MarkedBy::Range, context);
    }
}

pub(super) fn mark_shown(filter: &Query, context: &mut Context) {
    let rows = Arc::clone(&context.list.rows);
    let way = if filter.is_empty() {
        MarkedBy::All
    } else {
        context.list.marks.by_filter(filter.text().trim())
    };
    mark_rows(&rows, way, context);
}

/// Marks or unmarks rows that were named one by one.
pub(in crate::tui) fn set_marks(rows: &[DeviceId], marked: bool, context: &mut Context) {
    if marked {
        mark_rows(rows, MarkedBy::Hand, context);
    } else {
        let unmark = |marks: &mut Marks| marks.set(rows.iter().copied(), false);
        change_marks(context, unmark, "Unmarked");
    }
}

pub(super) fn unmark_shown(context: &mut Context) {
    let rows = Arc::clone(&context.list.rows);
    let unmark = |marks: &mut Marks| marks.set(rows.iter().copied(), false);
    change_marks(context, unmark, "Unmarked");
}

/// `i`: inverts the marks of all shown; what may not be marked with others is only unmarked.
pub(super) fn invert_shown(context: &mut Context) {
    let list = &context.list;
    let rows = list.rows.iter().copied();
    let inverted = rows.filter(|&id| list.marks.contains(id) || list.is_markable(id));
    let inverted: Vec<DeviceId> = inverted.collect();
    let change = |marks: &mut Marks| {
        let added = inverted.iter().copied();
        let added: Vec<DeviceId> = added.filter(|&id| !marks.contains(id)).collect();
        marks.note_way(added, MarkedBy::Inverted);
        marks.toggle(inverted)
    };
    change_marks(context, change, "Inverted");
}

pub(super) fn unmark_all(context: &mut Context) {
    let marked: Vec<DeviceId> = context.list.marks.iter().collect();
    change_marks(context, |marks| marks.set(marked, false), "Unmarked");
}

pub(super) fn undo(context: &mut Context) {
    let changed = context.list.marks.undo();
    say_changed(context, changed, "Undo");
}

pub(super) fn redo(context: &mut Context) {
    let changed = context.list.marks.redo();
    say_changed(context, changed, "Redo");
}

fn say_changed(context: &mut Context, changed: Option<usize>, verb: &str) {
    context.list.count_hidden();
    let total = text::grouped(context.list.marks.len() as u64);
    if changed.is_some() {
        context.confirm(format!("{verb}: {total} marked"));
    } else {
        context.status = Some(format!("Nothing to {}", verb.to_lowercase()));
    }
}

/// Marks these rows, but for those that can't be.
pub(in crate::tui) fn mark_rows(rows: &[DeviceId], way: MarkedBy, context: &mut Context) {
    let list = &mut context.list;
    let markable = rows.iter().copied().filter(|&id| list.is_markable(id));
    let markable: Vec<DeviceId> = markable.collect();
    let is_removed = |id: &&DeviceId| {
        list.removed.contains_key(id) && list.devices.device(**id).problem().is_none()
    };
    let removed = rows.iter().filter(is_removed).count();
    let unusable = rows.len() - markable.len() - removed;
    let usable = markable.len();
    let changed = list.marks.mark_by(markable, way);
    list.count_hidden();
    let total = text::grouped(list.marks.len() as u64);
    let more = text::grouped(changed as u64);
    let mut status = match (changed, list.marks.len()) {
        (0, _) if usable == 0 => "Nothing here can be marked".to_owned(),
        (0, _) => {
            let shown = if rows.len() == list.rows.len() {
                " shown"
            } else {
                ""
            };
            format!(
                "All {}{shown} are already marked",
                text::grouped(usable as u64)
            )
        }
        (changed, all) => {
            let marked = if changed == all {
                format!("Marked {more}")
            } else {
                format!("Marked {more} more, {total} in all")
            };
            // The header counts them beside the others.
            let kept = [
                (list.protected_marks, "protected"),
                (list.held_marks, "held"),
            ];
            let kept = kept.into_iter().filter(|(count, _)| *count > 0);
            let kept =
                kept.map(|(count, what)| format!(", {} {what}", text::grouped(count as u64)));
            let undo = context.key(Command::Undo);
            format!("{marked}{} · {undo} undoes", kept.collect::<String>())
        }
    };
    for (count, what) in [
        (unusable, "unusable"),
        (removed, "removed or archived earlier"),
    ] {
        if count > 0 {
            let count = text::grouped(count as u64);
            status.push_str(&format!(" · {count} {what}, left out"));
        }
    }
    if changed > 0 && unusable + removed == 0 {
        context.confirm(status);
    } else {
        context.status = Some(status);
    }
}

fn change_marks(context: &mut Context, change: impl FnOnce(&mut Marks) -> usize, verb: &str) {
    let changed = change(&mut context.list.marks);
    context.list.count_hidden();
    if changed == 0 {
        context.status = Some("Nothing here is marked".to_owned());
        return;
    }
    let changed = text::grouped(changed as u64);
    let left = text::grouped(context.list.marks.len() as u64);
    let undo = context.key(Command::Undo);
    context.confirm(format!("{verb} {changed} · {left} marked · {undo} undoes"));
}
