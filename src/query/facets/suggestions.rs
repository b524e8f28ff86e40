//! Queries that are worth a look in most lists, with the number of rows that each selects.

use crate::list::{DeviceId, DeviceList};
use crate::query::{Matcher, Query, State, StatusSource};

/// The suggestions: heading, query, and whether protected devices are left out.
const SUGGESTIONS: [(&str, &str, bool); 8] = [
    ("stale duplicates", "stale:hostname", false),
    ("not seen ≥ 180 d", "unseen>180d", true),
    (
        "unlicensed & unseen ≥ 90 d",
        "status:out_of_license_usage unseen>90d",
        false,
    ),
    ("shared MAC address", "dup:mac", false),
    ("no host name", "hostname:none", false),
    ("never seen", "seen:none", false),
    ("protected", "is:protected", false),
    ("failed earlier", "is:failed", false),
];

/// Which suggestions select which rows of a list: one byte per row.
#[derive(Clone, Debug)]
pub struct Suggestions {
    queries: Vec<(&'static str, String)>,
    /// By row, one bit per query.
    masks: Vec<u8>,
}

/// How many rows a suggestion selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuggestionCount<'a> {
    /// What the rows are.
    pub heading: &'static str,
    /// The query that selects them.
    pub query: &'a str,
    /// The selected rows that are shown.
    pub shown: u32,
    /// The selected rows of the whole list.
    pub all: u32,
}

/// All suggestions: heading and query, which leaves out protected devices if the list
/// `has_protected` ones and the suggestion is about what to remove.
pub fn suggested(has_protected: bool) -> impl Iterator<Item = (&'static str, String)> {
    SUGGESTIONS
        .into_iter()
        .map(move |(heading, query, without_protected)| {
            let text = if without_protected && has_protected {
                format!("{query} -is:protected")
            } else {
                query.to_owned()
            };
            (heading, text)
        })
}

impl Suggestions {
    /// Evaluates all suggestions that can be answered for `list`. The states of devices are those of
    /// `states` at this time.
    pub fn of(list: &DeviceList, states: &dyn StatusSource) -> Self {
        let has_protected =
            states.knows(State::Protected) && list.ids().any(|id| states.is(id, State::Protected));
        let mut found = Self {
            queries: Vec::new(),
            masks: vec![0; list.len()],
        };
        for (heading, text) in suggested(has_protected) {
            let Ok(query) = Query::parse(&text) else {
                continue;
            };
            let Ok(matcher) = Matcher::new(&query, list, states) else {
                continue;
            };
            let bit = 1 << found.queries.len();
            found.queries.push((heading, text));
            for (id, mask) in list.ids().zip(&mut found.masks) {
                if matcher.matches(id) {
                    *mask |= bit;
                }
            }
        }
        found
    }

    /// True if the suggestion of this query selects the row.
    pub fn has(&self, id: DeviceId, query: &str) -> bool {
        let bit = self.queries.iter().position(|(_, text)| text == query);
        let mask = self.masks.get(id.index()).copied().unwrap_or(0);
        bit.is_some_and(|bit| mask >> bit & 1 == 1)
    }

    /// The suggestions that select a shown row.
    pub fn count(&self, shown: &[DeviceId]) -> Vec<SuggestionCount<'_>> {
        let mask = |id: &DeviceId| self.masks.get(id.index()).copied().unwrap_or(0);
        let of_shown = tally(shown.iter().map(mask));
        let of_all = tally(self.masks.iter().copied());
        let counts = self
            .queries
            .iter()
            .enumerate()
            .map(|(bit, (heading, query))| {
                let sum = |counts: &[u32; 256]| {
                    let counts = counts.iter().enumerate();
                    let with_bit = counts.filter(|(mask, _)| mask >> bit & 1 == 1);
                    with_bit.map(|(_, count)| count).sum()
                };
                SuggestionCount {
                    heading,
                    query,
                    shown: sum(&of_shown),
                    all: sum(&of_all),
                }
            });
        counts.filter(|count| count.shown > 0).collect()
    }
}

fn tally(masks: impl Iterator<Item = u8>) -> [u32; 256] {
    let mut counts = [0_u32; 256];
    for mask in masks {
        if let Some(count) = counts.get_mut(usize::from(mask)) {
            *count += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the first device, or none.
    struct Protection(bool);

    impl StatusSource for Protection {
        fn is(&self, id: DeviceId, state: State) -> bool {
            self.0 && id.index() == 0 && state == State::Protected
        }
    }

    fn list() -> DeviceList {
        let list = "hwid,hostname,last seen\nh1,,2026-11-20\nh2,lt,2026-01-01\nh3,,2026-11-19\n";
        DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list")
    }

    #[test]
    fn has_says_of_each_row_whether_a_suggestion_selects_it() {
        let list = list();
        let suggestions = Suggestions::of(&list, &Protection(true));
        let rows = |query: &str| {
            let rows = list.ids().filter(|&id| suggestions.has(id, query));
            rows.map(DeviceId::index).collect::<Vec<_>>()
        };
        assert_eq!(rows("hostname:none"), [0, 2]);
        assert_eq!(rows("unseen>180d -is:protected"), [1]);
        assert_eq!(rows("is:protected"), [0]);
        assert_eq!(rows("is:failed"), [0; 0]);
        assert_eq!(rows("hostname:lt"), [0; 0], "no suggestion");
    }

    #[test]
    fn suggestions_leave_out_protected_devices_only_if_there_are_any() {
        let list = list();
        let queries = |states: &dyn StatusSource| {
            let suggestions = Suggestions::of(&list, states);
            let queries = suggestions.queries.into_iter().map(|(_, query)| query);
            queries
                .filter(|query| query.starts_with("unseen"))
                .collect::<Vec<_>>()
        };
        assert_eq!(queries(&Protection(true)), ["unseen>180d -is:protected"]);
        assert_eq!(queries(&Protection(false)), ["unseen>180d"]);
    }
}
