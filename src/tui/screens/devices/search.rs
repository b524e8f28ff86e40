//! Finding and sorting the rows to show. Runs off the drawing thread.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::outcome::{DeviceState, Outcome};
use crate::journal::VerifiedEntry;
use crate::list::{DeviceId, DeviceList};
use crate::plan::protection::Protection;
use crate::query::{Matcher, Query, State, StatusSource};
use crate::tui::column::{Column, Sort};
use crate::tui::list_state::ListState;
use crate::tui::screens::devices::columns::{first_value, with_header};
use crate::tui::screens::devices::marks::Marks;

/// What the screen knows of the devices besides the list, at the moment of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceStatusSnapshot {
    /// The marked ones; empty if the search doesn't need them.
    pub marks: Marks,
    /// The states of devices in runs of this process.
    pub states: HashMap<DeviceId, DeviceState>,
    /// Their states in earlier runs, where this process has none.
    pub earlier: Arc<HashMap<DeviceId, DeviceState>>,
    pub verified: Arc<HashMap<DeviceId, VerifiedEntry>>,
    /// Which are never sent.
    pub protection: Arc<Protection>,
}

impl DeviceStatusSnapshot {
    pub fn of(list: &ListState) -> Self {
        Self {
            marks: list.marks.snapshot(),
            states: list.session_states.clone(),
            earlier: list.journal_states.clone(),
            verified: list.verified.clone(),
            protection: list.protection.clone(),
        }
    }

    /// The marks alone.
    pub fn of_marks(list: &ListState) -> Self {
        Self {
            marks: list.marks.snapshot(),
            ..Self::default()
        }
    }

    /// What the query depends on, and no more; with `by_outcome` the states in runs too.
    pub fn for_query(list: &ListState, query: &Query, by_outcome: bool) -> Self {
        let states = query.states();
        let mut known = Self {
            protection: list.protection.clone(),
            ..Self::default()
        };
        if states.contains(&State::Marked) {
            known.marks = list.marks.snapshot();
        }
        if by_outcome || !states.is_empty() {
            known.states.clone_from(&list.session_states);
            known.earlier = list.journal_states.clone();
            known.verified = list.verified.clone();
        }
        known
    }

    fn state(&self, id: DeviceId) -> Option<DeviceState> {
        self.states
            .get(&id)
            .or_else(|| self.earlier.get(&id))
            .copied()
    }
}

impl StatusSource for DeviceStatusSnapshot {
    fn is(&self, id: DeviceId, state: State) -> bool {
        match state {
            State::Marked => self.marks.contains(id),
            State::Protected => self.protection.reason(id).is_some(),
            State::Held => self.protection.held(id).is_some(),
            verified if verified.is_verified() => self
                .verified
                .get(&id)
                .is_some_and(|entry| entry.state.query_state() == Some(verified)),
            other => self.state(id).is_some_and(|state| other.is_of(state)),
        }
    }
}

/// What the query matches, in this order; rows that compare equal stay in list order.
pub(in crate::tui) fn search(
    list: &DeviceList,
    query: &Query,
    sort: &Sort,
    known: &DeviceStatusSnapshot,
) -> Vec<DeviceId> {
    // A query that isn't valid for this list is refused while it is typed.
    let mut rows =
        Matcher::new(query, list, known).map_or_else(|_| Vec::new(), |matcher| matcher.select());
    if !sort.keys.is_empty() {
        let keys: Vec<_> = sort
            .keys
            .iter()
            .map(|key| (key, folded_texts(list, key.column.as_ref(), &rows)))
            .collect();
        rows.sort_by(|&a, &b| {
            keys.iter()
                .map(|(key, texts)| match key.column {
                    None => directed(a.cmp(&b), key.reversed),
                    Some(Column::Outcome) => {
                        let rank = |id| known.state(id).map(rank);
                        missing_last(rank(a), rank(b), key.reversed)
                    }
                    Some(Column::Field(field)) => {
                        match (list.device(a).lacks(field), list.device(b).lacks(field)) {
                            (false, false) => directed(list.compare(field, a, b), key.reversed),
                            (left, right) => left.cmp(&right),
                        }
                    }
                    Some(Column::Other(_)) => {
                        let text =
                            |id: DeviceId| texts.get(id.index()).filter(|text| !text.is_empty());
                        missing_last(text(a), text(b), key.reversed)
                    }
                })
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
    }
    rows
}

/// How many devices of the list a query matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchCount {
    /// It isn't known yet.
    Counting,
    Known(u64),
    /// The query can't be asked of the list.
    Invalid,
}

/// How many devices each query matches, of the marked ones only if so. Each comes with the query's text.
pub(in crate::tui) fn count_matches(
    list: &DeviceList,
    queries: &[Query],
    among_marked: bool,
    known: &DeviceStatusSnapshot,
) -> Vec<(String, MatchCount)> {
    let counts = queries.iter().map(|query| {
        let matcher = Matcher::new(query, list, known).ok();
        let count = matcher.map(|matcher| {
            if among_marked {
                let marked = known.marks.iter();
                marked.filter(|&id| matcher.matches(id)).count() as u64
            } else {
                matcher.count()
            }
        });
        let count = count.map_or(MatchCount::Invalid, MatchCount::Known);
        (query.text().to_owned(), count)
    });
    counts.collect()
}

fn directed(order: Ordering, reversed: bool) -> Ordering {
    if reversed { order.reverse() } else { order }
}

/// The rows' texts in another column of the list, without case, by the devices' places; nothing for
/// columns that the list compares itself. Sorting would else look each up for every comparison.
fn folded_texts(list: &DeviceList, column: Option<&Column>, rows: &[DeviceId]) -> Vec<String> {
    let Some(Column::Other(header)) = column else {
        return Vec::new();
    };
    let columns = with_header(list, header);
    let mut texts = vec![String::new(); list.len()];
    for &id in rows {
        if let Some(text) = texts.get_mut(id.index()) {
            let value = first_value(&list.device(id), &columns);
            *text = value.chars().flat_map(char::to_lowercase).collect();
        }
    }
    texts
}

/// What has no value, or what no run has touched, comes last, either way.
fn missing_last<T: Ord>(a: Option<T>, b: Option<T>, reversed: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => directed(a.cmp(&b), reversed),
        (a, b) => a.is_none().cmp(&b.is_none()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::{Doubt, Failure};
    use crate::list::Field;
    use crate::tui::column::SortKey;

    fn order(
        query: &str,
        keys: &[(Option<Column>, bool)],
        known: &DeviceStatusSnapshot,
    ) -> Vec<String> {
        let text = "hwid,hostname,last seen\nh1,b,2026-01-02T00:00:00Z\nh2,A,\nh3,c,2026-01-01T00:00:00Z\nh4,b,2026-01-03T00:00:00Z\n";
        let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
        let query = Query::parse(query).expect("a query");
        let keys = keys
            .iter()
            .cloned()
            .map(|(column, reversed)| SortKey { column, reversed });
        let sort = Sort {
            keys: keys.collect(),
        };
        search(&list, &query, &sort, known)
            .into_iter()
            .map(|id| list.device(id).hwid().unwrap_or_default().to_owned())
            .collect()
    }

    fn known() -> DeviceStatusSnapshot {
        let id = DeviceId::from_index;
        let mut marks = Marks::new(4);
        marks.set([id(1)], true);
        DeviceStatusSnapshot {
            verified: Arc::default(),
            marks,
            states: HashMap::from([
                (
                    id(2),
                    DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted)),
                ),
                (id(1), DeviceState::Ended(Outcome::Accepted)),
                (
                    id(0),
                    DeviceState::Ended(Outcome::Failed(Failure::NotFound)),
                ),
            ]),
            earlier: Arc::new(HashMap::from([
                (id(1), DeviceState::Ended(Outcome::Gone)),
                (id(3), DeviceState::Ended(Outcome::NotSent)),
            ])),
            protection: Arc::default(),
        }
    }

    const HOSTNAME: Option<Column> = Some(Column::Field(Field::Hostname));
    const SEEN: Option<Column> = Some(Column::Field(Field::Seen));

    #[test]
    fn rows_are_sorted_by_value_and_missing_ones_come_last_either_way() {
        let known = DeviceStatusSnapshot::default();
        assert_eq!(
            order("", &[(HOSTNAME, false)], &known),
            ["h2", "h1", "h4", "h3"]
        );
        assert_eq!(
            order("", &[(HOSTNAME, true)], &known),
            ["h3", "h1", "h4", "h2"]
        );
        assert_eq!(
            order("", &[(SEEN, false)], &known),
            ["h3", "h1", "h4", "h2"]
        );
        assert_eq!(order("", &[(SEEN, true)], &known), ["h4", "h1", "h3", "h2"]);
    }

    #[test]
    fn another_column_sorts_without_case_and_stably_with_missing_ones_last_either_way() {
        let text = "hwid,Cost Centre\nh1,b\nh2,\nh3,A\nh4,B\nh5,a\n";
        let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
        let order = |header: &str, reversed| -> Vec<usize> {
            let column = Some(Column::Other(header.into()));
            let sort = Sort {
                keys: vec![SortKey { column, reversed }],
            };
            let rows = search(
                &list,
                &Query::default(),
                &sort,
                &DeviceStatusSnapshot::default(),
            );
            rows.into_iter().map(DeviceId::index).collect()
        };
        assert_eq!(order("Cost Centre", false), [2, 4, 0, 3, 1]);
        assert_eq!(order("Cost Centre", true), [0, 3, 2, 4, 1]);
        assert_eq!(order("Not There", true), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn further_key_decides_among_equals() {
        let keys = [(HOSTNAME, false), (SEEN, true)];
        assert_eq!(
            order("", &keys, &DeviceStatusSnapshot::default()),
            ["h2", "h4", "h1", "h3"]
        );
    }

    #[test]
    fn without_a_column_the_lists_order_counts() {
        assert_eq!(
            order("", &[], &DeviceStatusSnapshot::default()),
            ["h1", "h2", "h3", "h4"]
        );
        assert_eq!(
            order(
                "-hostname:a",
                &[(None, true)],
                &DeviceStatusSnapshot::default()
            ),
            ["h4", "h3", "h1"]
        );
    }

    #[test]
    fn outcomes_sort_by_trouble() {
        assert_eq!(
            order("", &[(Some(Column::Outcome), false)], &known()),
            ["h3", "h1", "h4", "h2"]
        );
    }

    #[test]
    fn states_are_asked_for() {
        assert_eq!(order("is:marked", &[], &known()), ["h2"]);
        assert_eq!(
            order("is:failed or is:in-doubt", &[], &known()),
            ["h1", "h3"]
        );
        assert_eq!(order("-is:accepted", &[], &known()), ["h1", "h3", "h4"]);
        assert_eq!(order("is:not-sent", &[], &known()), ["h4"], "earlier");
        assert_eq!(order("is:gone", &[], &known()), [""; 0], "accepted since");
        assert_eq!(order("is:protected", &[], &known()), [""; 0]);
    }
}
