//! How the devices of a plan were selected, for its record.

use crate::plan::{Criterion, MatchedFrom, Plan, SelectedBy};
use crate::query::{Query, State};
use crate::tui::context::Context;
use crate::tui::screens::devices::marks::{MarkedBy, Marks};

/// What selected the devices of a plan, for the record, and the query that each of them had to match, if
/// one filter marked them all.
pub(super) fn selected_by(marks: &Marks, imported_alone: bool) -> (SelectedBy, Criterion) {
    let by_no_query = |how| (how, Criterion::None);
    if marks.is_empty() {
        return by_no_query(SelectedBy::RowUnderCursor);
    }
    let found: Vec<_> = marks.iter().map(|id| marks.found_by(id)).collect();
    let sources = found.iter().flatten().map(|by| &*by.from);
    if let Some(from) = MatchedFrom::together(sources) {
        let is_by_file_alone = imported_alone && found.iter().all(Option::is_some);
        return by_no_query(SelectedBy::File {
            name: from.name.clone(),
            and_by_hand: !is_by_file_alone,
        });
    }
    let ways: Vec<MarkedBy> = marks.iter().map(|id| marks.marked_by(id)).collect();
    let has = |is_way: fn(&MarkedBy) -> bool| ways.iter().any(is_way);
    match ways.first() {
        Some(&MarkedBy::Filter(id)) if ways.iter().all(|&way| way == MarkedBy::Filter(id)) => {
            let filter = marks.filter(id);
            let query = Query::parse(filter).ok();
            // What only the screen knows can't be asked of another list.
            let query = query.filter(|query| {
                let states = query.states();
                !states.contains(&State::Marked) && !states.contains(&State::Sending)
            });
            (
                SelectedBy::Filter(filter.to_owned()),
                Criterion::of(query.as_ref()),
            )
        }
        _ if has(|way| matches!(way, MarkedBy::Filter(_))) => {
            by_no_query(SelectedBy::HandOrEarlierFilters)
        }
        _ if !has(|way| *way == MarkedBy::SavedView) => by_no_query(SelectedBy::Hand),
        _ if has(|way| *way != MarkedBy::SavedView) => {
            by_no_query(SelectedBy::HandAndEarlierSession)
        }
        _ => by_no_query(SelectedBy::EarlierSession),
    }
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
