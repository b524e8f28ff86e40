//! How the devices of a plan were selected, for its record.

use std::collections::HashSet;

use crate::list::DeviceId;
use crate::plan::{Criterion, MatchedFrom, Plan};
use crate::query::{Query, State};
use crate::tui::context::Context;
use crate::tui::screens::devices::marks::MarkedBy;

/// What selected the devices of a plan, for the record, and the query that each of them had to match;
/// `filter` is the current one. Marks are selected by the filter only if it shows all of them.
pub(super) fn selected_by(
    context: &Context,
    filter: &str,
    plan: &Plan,
    shown: &HashSet<DeviceId>,
) -> (String, Criterion) {
    let marks = &context.list.marks;
    if marks.is_empty() {
        return ("the row under the cursor".to_owned(), Criterion::None);
    }
    let found: Vec<_> = marks.iter().map(|id| marks.found_by(id)).collect();
    let sources = found.iter().flatten().map(|by| &*by.from);
    if let Some(from) = MatchedFrom::together(sources) {
        let alone = context.list.imported_at == Some(marks.changes());
        let rest = if alone && found.iter().all(Option::is_some) {
            ""
        } else {
            ", and by hand"
        };
        return (format!("marked from {}{rest}", from.name), Criterion::None);
    }
    let filter = filter.trim();
    if filter.is_empty() {
        let is_restored = |id| marks.marked_by(id) == MarkedBy::SavedView;
        let restored = marks.iter().filter(|&id| is_restored(id)).count();
        let how = match restored {
            0 => "marked by hand",
            _ if restored == marks.len() => "marked in an earlier session",
            _ => "marked by hand, and in an earlier session",
        };
        return (how.to_owned(), Criterion::None);
    }
    let query = Query::parse(filter).ok();
    // What only the screen knows can't be asked of another list.
    let query = query.filter(|query| {
        let states = query.states();
        !states.contains(&State::Marked) && !states.contains(&State::Sending)
    });
    let shows_all = plan.sources.iter().flatten().all(|id| shown.contains(id));
    if !shows_all {
        // The filter that is shown now didn't select them all.
        let description = "marked by hand or with earlier filters".to_owned();
        return (description, Criterion::None);
    }
    (
        format!("marked with the filter: {filter}"),
        Criterion::of(query.as_ref()),
    )
}

/// Notes how an import found the devices of a plan that is made of marks.
pub(super) fn note_matches(context: &Context, plan: &mut Plan) {
    let found = |id| context.list.marks.found_by(id);
    let planned = plan.sources.iter().flatten();
    let sources = planned.filter_map(|&id| found(id)).map(|by| &*by.from);
    if let Some(from) = MatchedFrom::together(sources) {
        plan.note_matches(from, |id| found(id).map(|by| by.rule));
    }
}
