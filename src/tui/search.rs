//! Finding and sorting the rows to show. Runs off the drawing thread.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::message::{Column, Sort};
use crate::list::{DeviceId, DeviceList};
use crate::query::{Matcher, NoStates, Query};

/// What the query matches, in this order; rows that compare equal stay in list order.
pub(super) fn search(
    list: &DeviceList,
    query: &Query,
    sort: Sort,
    ranks: &[(DeviceId, u8)],
) -> Vec<DeviceId> {
    // A query that can't be asked of this list is refused while it is typed.
    let mut rows = Matcher::new(query, list, &NoStates)
        .map_or_else(|_| Vec::new(), |matcher| matcher.select());
    match sort.column {
        None if sort.reversed => rows.reverse(),
        None => {}
        Some(Column::Outcome) => {
            let ranks: HashMap<DeviceId, u8> = ranks.iter().copied().collect();
            // What no run has touched comes last, either way.
            let rank = |id: &DeviceId| ranks.get(id).copied();
            rows.sort_by(|a, b| missing_last(rank(a), rank(b), sort.reversed));
        }
        Some(Column::Field(field)) => rows.sort_by(|&a, &b| {
            let missing = (list.device(a).lacks(field), list.device(b).lacks(field));
            match missing {
                (false, false) if sort.reversed => list.compare(field, b, a),
                (false, false) => list.compare(field, a, b),
                (left, right) => left.cmp(&right),
            }
        }),
    }
    rows
}

fn missing_last(a: Option<u8>, b: Option<u8>, reversed: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if reversed => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Field;

    fn order(
        query: &str,
        column: Option<Column>,
        reversed: bool,
        ranks: &[(DeviceId, u8)],
    ) -> Vec<String> {
        let text = "hwid,hostname,last seen\nh1,b,2026-01-02T00:00:00Z\nh2,A,\nh3,c,2026-01-01T00:00:00Z\n";
        let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
        let query = Query::parse(query).expect("a query");
        search(&list, &query, Sort { column, reversed }, ranks)
            .into_iter()
            .map(|id| list.device(id).hwid().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn rows_are_sorted_by_value_and_missing_ones_come_last_either_way() {
        let hostname = Some(Column::Field(Field::Hostname));
        assert_eq!(order("", hostname, false, &[]), ["h2", "h1", "h3"]);
        assert_eq!(order("", hostname, true, &[]), ["h3", "h1", "h2"]);
        let seen = Some(Column::Field(Field::Seen));
        assert_eq!(order("", seen, false, &[]), ["h3", "h1", "h2"]);
        assert_eq!(order("", seen, true, &[]), ["h1", "h3", "h2"]);
    }

    #[test]
    fn without_a_column_the_lists_order_counts() {
        assert_eq!(order("", None, false, &[]), ["h1", "h2", "h3"]);
        assert_eq!(order("-hostname:a", None, true, &[]), ["h3", "h1"]);
    }

    #[test]
    fn outcomes_sort_by_trouble() {
        let ranks = [(DeviceId::from_index(2), 0), (DeviceId::from_index(1), 6)];
        assert_eq!(
            order("", Some(Column::Outcome), false, &ranks),
            ["h3", "h2", "h1"]
        );
    }
}
