//! How the devices of a plan were selected, as the journal and the plan files have it.

use std::fmt;

/// What selected the devices of a plan. Its text is stored, and read again where names are forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectedBy {
    /// Nothing was marked.
    RowUnderCursor,
    /// All were marked by hand.
    Hand,
    /// Some were marked by hand, and some when the list was open before.
    HandAndEarlierSession,
    /// All were marked when the list was open before.
    EarlierSession,
    /// Some were marked with filters, and not all with the same one.
    HandOrEarlierFilters,
    /// All of them were marked with this filter.
    Filter(String),
    /// The file of this name names them, but for some that were marked by hand.
    File {
        /// The file's name.
        name: String,
        /// Some were marked by hand.
        and_by_hand: bool,
    },
    /// They failed in this run.
    RetryOf(String),
    /// A query, with the options of the command line behind it.
    Query(String),
}

const WITHOUT_VALUE: [(SelectedBy, &str); 5] = [
    (SelectedBy::RowUnderCursor, "the row under the cursor"),
    (SelectedBy::Hand, "marked by hand"),
    (
        SelectedBy::HandAndEarlierSession,
        "marked by hand, and in an earlier session",
    ),
    (SelectedBy::EarlierSession, "marked in an earlier session"),
    (
        SelectedBy::HandOrEarlierFilters,
        "marked by hand or with earlier filters",
    ),
];
const RETRY: &str = "retry of run ";
const FILTER: &str = "marked with the filter: ";
const FILE: &str = "marked from ";
const AND_BY_HAND: &str = ", and by hand";

impl SelectedBy {
    /// Reads a text that was stored. `is_run` tells whether a text is the name of a run.
    pub fn parse(text: &str, is_run: impl Fn(&str) -> bool) -> Self {
        let mut known = WITHOUT_VALUE.into_iter();
        if let Some((selected, _)) = known.find(|(_, known)| *known == text) {
            return selected;
        }
        if let Some(run) = text.strip_prefix(RETRY).filter(|run| is_run(run)) {
            return Self::RetryOf(run.to_owned());
        }
        if let Some(name) = text.strip_prefix(FILE) {
            let without = name.strip_suffix(AND_BY_HAND);
            return Self::File {
                name: without.unwrap_or(name).to_owned(),
                and_by_hand: without.is_some(),
            };
        }
        match text.strip_prefix(FILTER) {
            Some(filter) => Self::Filter(filter.to_owned()),
            None => Self::Query(text.to_owned()),
        }
    }
}

impl fmt::Display for SelectedBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(filter) => write!(formatter, "{FILTER}{filter}"),
            Self::File { name, and_by_hand } => {
                let rest = if *and_by_hand { AND_BY_HAND } else { "" };
                write!(formatter, "{FILE}{name}{rest}")
            }
            Self::RetryOf(run) => write!(formatter, "{RETRY}{run}"),
            Self::Query(query) => formatter.write_str(query),
            other => {
                let mut known = WITHOUT_VALUE.iter();
                let text = known.find(|(selected, _)| selected == other);
                formatter.write_str(text.map_or("", |(_, text)| text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selected_by_is_read_as_it_was_stored() {
        let mut all: Vec<SelectedBy> = WITHOUT_VALUE.map(|(selected, _)| selected).to_vec();
        all.extend([
            SelectedBy::Filter("user:ada".to_owned()),
            SelectedBy::RetryOf("7f7c30wr".to_owned()),
            SelectedBy::Query("unseen>90d --oldest 5".to_owned()),
        ]);
        all.extend([true, false].map(|and_by_hand| SelectedBy::File {
            name: "ada.csv".to_owned(),
            and_by_hand,
        }));
        for selected in all {
            let text = selected.to_string();
            assert!(!text.is_empty(), "{selected:?}");
            assert_eq!(SelectedBy::parse(&text, |run| run == "7f7c30wr"), selected);
        }
        let no_run = SelectedBy::parse("retry of run ada", |_| false);
        assert_eq!(no_run, SelectedBy::Query("retry of run ada".to_owned()));
    }
}
