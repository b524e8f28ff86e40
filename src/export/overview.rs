//! The JSON of `offboard overview`.

use serde::Serialize;

use crate::query::facets::{Count, Facet, SuggestionCount};

/// The counts of a list's values.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct OverviewLine {
    /// The list's name.
    list: String,
    /// The time from which ages count; null if it is unknown.
    time: Option<String>,
    /// The rows of the list.
    all: u64,
    /// The rows that `--where` selects; all without it.
    shown: u64,
    /// The rows of the whole list by last seen, from less than a day to more than a year; without
    /// those that were never seen.
    last_seen_histogram: Vec<u32>,
    /// The fields.
    fields: Vec<FacetObject>,
    /// Queries that are worth a look and select shown rows.
    suggestions: Vec<SuggestionObject>,
}

/// The values of one field.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct FacetObject {
    /// The field's name, or the column's header.
    field: String,
    /// True for a column that isn't a field.
    column: bool,
    /// True if the dates can't be compared, because day and month are ambiguous.
    undecided: bool,
    /// The most frequent values, and the missing one.
    values: Vec<ValueObject>,
    /// The number of further values.
    more: u64,
}

/// One value.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct ValueObject {
    /// The value or range; null for rows without a value.
    value: Option<String>,
    /// The shown rows that have it.
    shown: u32,
    /// All rows that have it.
    all: u32,
    /// The query that selects these rows.
    query: Option<String>,
    /// The query that excludes them.
    exclude: Option<String>,
}

/// A suggestion.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct SuggestionObject {
    /// What the rows are.
    heading: String,
    /// The query that selects them.
    query: String,
    /// The shown rows that it selects.
    shown: u32,
    /// All rows that it selects.
    all: u32,
}

impl OverviewLine {
    /// An overview without fields and suggestions.
    pub fn new(list: &crate::list::DeviceList, shown: usize) -> Self {
        Self {
            list: list.name().to_owned(),
            time: list.time().map(|time| time.to_string()),
            all: list.len() as u64,
            shown: shown as u64,
            last_seen_histogram: Vec::new(),
            fields: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// Sets the histogram of last seen.
    pub fn set_histogram(&mut self, histogram: &[u32]) {
        self.last_seen_histogram = histogram.to_vec();
    }

    /// Adds the first `most` values of a field.
    pub fn add_facet(&mut self, facet: &Facet, counts: &[Count], most: usize) {
        let top = facet.top(most);
        let values = top.values.iter().map(|&value| ValueObject {
            value: (!facet.is_missing(value)).then(|| facet.label(value).to_owned()),
            shown: counts.get(value).copied().unwrap_or_default().shown,
            all: facet.total(value),
            query: facet.query(value),
            exclude: facet.exclusion(value),
        });
        self.fields.push(FacetObject {
            field: match facet.key() {
                crate::query::Key::Field(field) => field.name().to_owned(),
                crate::query::Key::Column(header) => header.to_string(),
            },
            column: matches!(facet.key(), crate::query::Key::Column(_)),
            undecided: facet.is_undecided(),
            values: values.collect(),
            more: top.more as u64,
        });
    }

    /// Adds a suggestion.
    pub fn add_suggestion(&mut self, count: &SuggestionCount<'_>) {
        self.suggestions.push(SuggestionObject {
            heading: count.heading.to_owned(),
            query: count.query.to_owned(),
            shown: count.shown,
            all: count.all,
        });
    }
}
