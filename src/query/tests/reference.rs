//! Property tests of the query language against a slow reference evaluator.

use proptest::prelude::*;

use super::SomeStates;
use crate::list::{DeviceId, DeviceList};
use crate::query::{Matcher, Node, Part, Query};

const HOSTNAMES: [&str; 6] = ["", "LT-1", "lt-1", "LT-22", "ZÜRICH 1", "localhost"];
const GROUPS: [&str; 5] = ["", "Sales", "SALES emea", "Größe", "or"];
const MACS: [&str; 4] = [
    "",
    "00:0c:29:cd:c7:b2",
    "a4:bb:6d:29:cd:04",
    "00:0c:29:cd:c7:b3",
];
const DAYS: [&str; 5] = ["", "2026-01-01", "2026-01-31", "2026-02-01", "2026-03-02"];
const SYMBOLS: [&str; 5] = ["<", "<=", "=", ">=", ">"];

/// A generated device; `day` is an index into `DAYS`.
#[derive(Clone, Debug)]
struct Row {
    hostname: &'static str,
    group: &'static str,
    mac: &'static str,
    issues: Option<u32>,
    day: usize,
}

/// A generated query.
#[derive(Clone, Debug)]
enum ReferenceQuery {
    Word(&'static str),
    Contains(Column, Vec<&'static str>),
    Equals(Column, &'static str),
    BeginsWith(Column, &'static str),
    Missing(&'static str),
    Mac(&'static str),
    Issues(&'static str, u32),
    Seen(&'static str, usize),
    UnseenDays(&'static str, u32),
    Marked,
    Duplicate(Column),
    Stale(Column),
    Not(Box<ReferenceQuery>),
    All(Vec<ReferenceQuery>),
    Any(Vec<ReferenceQuery>),
}

#[derive(Clone, Copy, Debug)]
enum Column {
    Hostname,
    Group,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Hostname => "hostname",
            Self::Group => "group",
        }
    }

    fn of(self, row: &Row) -> String {
        match self {
            Self::Hostname => row.hostname.to_lowercase(),
            Self::Group => row.group.to_lowercase(),
        }
    }
}

impl ReferenceQuery {
    /// The query text, with every group in parentheses.
    fn text(&self) -> String {
        let group = |parts: &[Self], joint: &str| {
            let parts: Vec<String> = parts.iter().map(Self::text).collect();
            format!("({})", parts.join(joint))
        };
        match self {
            Self::Word(word) => format!("\"{word}\""),
            Self::Contains(column, values) => {
                let values: Vec<String> =
                    values.iter().map(|value| format!("\"{value}\"")).collect();
                format!("{}:{}", column.name(), values.join(","))
            }
            Self::Equals(column, value) => format!("{}=\"{value}\"", column.name()),
            Self::BeginsWith(column, start) => format!("{}:/^{start}/", column.name()),
            Self::Missing(name) => format!("{name}:none"),
            Self::Mac(part) => (*part).to_owned(),
            Self::Issues(symbol, number) => format!("issues{symbol}{number}"),
            Self::Seen(symbol, day) => format!("seen{symbol}{}", DAYS[*day]),
            Self::UnseenDays(symbol, days) => format!("unseen{symbol}{days}d"),
            Self::Marked => "is:marked".to_owned(),
            Self::Duplicate(column) => format!("dup:{}", column.name()),
            Self::Stale(column) => format!("stale:{}", column.name()),
            Self::Not(inner) => format!("-{}", inner.text()),
            Self::All(parts) => group(parts, " "),
            Self::Any(parts) => group(parts, "  OR "),
        }
    }

    /// The expected result for the row at `index`; `None` if it is open.
    fn answer(&self, rows: &[Row], index: usize) -> Option<bool> {
        let row = &rows[index];
        let present = |column: Column| Some(column.of(row)).filter(|text| !text.is_empty());
        let others = |column: Column| {
            let name = column.of(row);
            rows.iter()
                .filter(move |other| column.of(other) == name && name != "localhost")
        };
        match self {
            Self::Word(word) => Some(
                [Column::Hostname, Column::Group]
                    .iter()
                    .any(|column| column.of(row).contains(&word.to_lowercase())),
            ),
            Self::Contains(column, values) => present(*column).map(|text| {
                values
                    .iter()
                    .any(|value| text.contains(&value.to_lowercase()))
            }),
            Self::Equals(column, value) => {
                present(*column).map(|text| text == value.to_lowercase())
            }
            Self::BeginsWith(column, start) => {
                present(*column).map(|text| text.starts_with(&start.to_lowercase()))
            }
            Self::Missing(name) => Some(match *name {
                "mac" => row.mac.is_empty(),
                "issues" => row.issues.is_none(),
                "seen" => row.day == 0,
                _ => row.group.is_empty(),
            }),
            Self::Mac(part) => Some(row.mac.contains(part)),
            Self::Issues(symbol, number) => row.issues.map(|issues| holds(symbol, issues, *number)),
            Self::Seen(symbol, day) => (row.day > 0).then(|| holds(symbol, row.day, *day)),
            Self::UnseenDays(symbol, days) => {
                let newest = rows.iter().map(|row| row.day).max()?;
                (row.day > 0).then(|| holds(symbol, number(newest) - number(row.day), *days))
            }
            Self::Marked => Some(index == 0),
            Self::Duplicate(column) => present(*column).map(|_| others(*column).count() > 1),
            Self::Stale(column) => present(*column).map(|_| {
                let newest = others(*column).map(|row| row.day).max().unwrap_or(0);
                others(*column).all(|row| row.day > 0)
                    && others(*column).filter(|row| row.day == newest).count() == 1
                    && row.day < newest
            }),
            Self::Not(inner) => Some(!inner.answer(rows, index)?),
            Self::All(parts) => {
                let answers: Vec<_> = parts.iter().map(|part| part.answer(rows, index)).collect();
                if answers.contains(&Some(false)) {
                    return Some(false);
                }
                (!answers.contains(&None)).then_some(true)
            }
            Self::Any(parts) => {
                let answers: Vec<_> = parts.iter().map(|part| part.answer(rows, index)).collect();
                if answers.contains(&Some(true)) {
                    return Some(true);
                }
                (!answers.contains(&None)).then_some(false)
            }
        }
    }
}

fn holds<T: Ord + Copy>(symbol: &str, left: T, right: T) -> bool {
    match symbol {
        "<" => left < right,
        "<=" => left <= right,
        "=" => left == right,
        ">=" => left >= right,
        _ => left > right,
    }
}

/// Days since the first of `DAYS`.
fn number(day: usize) -> u32 {
    [0, 0, 30, 31, 60][day]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        prop::sample::select(&HOSTNAMES[..]),
        prop::sample::select(&GROUPS[..]),
        prop::sample::select(&MACS[..]),
        prop::option::of(0_u32..4),
        0..DAYS.len(),
    );
    let row = row.prop_map(|(hostname, group, mac, issues, day)| Row {
        hostname,
        group,
        mac,
        issues,
        day,
    });
    prop::collection::vec(row, 1..7)
}

fn query() -> impl Strategy<Value = ReferenceQuery> {
    let column = || prop::sample::select(vec![Column::Hostname, Column::Group]);
    let value = || {
        prop::sample::select(vec![
            "lt", "LT-1", "zürich", "E", "1", "SALES", "größe", "or",
        ])
    };
    let symbol = || prop::sample::select(&SYMBOLS[..]);
    let strict = prop::sample::select(vec!["<", "<=", ">=", ">"]);
    let term = prop_oneof![
        value().prop_map(ReferenceQuery::Word),
        (column(), prop::collection::vec(value(), 1..3))
            .prop_map(|(column, values)| ReferenceQuery::Contains(column, values)),
        (column(), value()).prop_map(|(column, value)| ReferenceQuery::Equals(column, value)),
        (column(), value()).prop_map(|(column, start)| ReferenceQuery::BeginsWith(column, start)),
        prop::sample::select(vec!["mac", "issues", "seen", "group"])
            .prop_map(ReferenceQuery::Missing),
        prop::sample::select(vec!["29:cd", "00:0c:29:cd:c7:b2", "cd:c7:b"])
            .prop_map(ReferenceQuery::Mac),
        (symbol(), 0_u32..4).prop_map(|(symbol, number)| ReferenceQuery::Issues(symbol, number)),
        (symbol(), 1..DAYS.len()).prop_map(|(symbol, day)| ReferenceQuery::Seen(symbol, day)),
        (strict, 0_u32..70).prop_map(|(symbol, days)| ReferenceQuery::UnseenDays(symbol, days)),
        Just(ReferenceQuery::Marked),
        column().prop_map(ReferenceQuery::Duplicate),
        column().prop_map(ReferenceQuery::Stale),
    ];
    term.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|inner| ReferenceQuery::Not(Box::new(inner))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(ReferenceQuery::All),
            prop::collection::vec(inner, 1..4).prop_map(ReferenceQuery::Any),
        ]
    })
}

fn list(rows: &[Row]) -> DeviceList {
    let mut text = "hwid,hostname,group,mac,issues,last seen\n".to_owned();
    for (index, row) in rows.iter().enumerate() {
        let Row {
            hostname,
            group,
            mac,
            issues,
            day,
        } = row;
        let issues = issues.map(|issues| issues.to_string()).unwrap_or_default();
        let day = DAYS[*day];
        // No searched word occurs in such a HWID.
        let hwid = "x".repeat(index + 1);
        text += &format!("{hwid},{hostname},{group},{mac},{issues},{day}\n");
    }
    DeviceList::read_bytes("list.csv", text.as_bytes()).expect("a list")
}

/// True if each answer follows from the parts below it, and each term is in the query and has the
/// answer that it has alone.
fn follows(node: &Node, query: &Query, list: &DeviceList, id: DeviceId) -> bool {
    let all = |parts: &[Node]| parts.iter().all(|part| follows(part, query, list, id));
    let has = |parts: &[Node], answer| parts.iter().any(|part| part.answer == answer);
    let joined = |parts: &[Node], decisive| {
        let answer = match (has(parts, Some(decisive)), has(parts, None)) {
            (true, _) => Some(decisive),
            (false, true) => None,
            (false, false) => Some(!decisive),
        };
        node.answer == answer && all(parts)
    };
    match &node.part {
        Part::All => node.answer == Some(true),
        Part::And(parts) => joined(parts, false),
        Part::Or(parts) => joined(parts, true),
        Part::Not(inner) => {
            node.answer == inner.answer.map(|answer| !answer) && follows(inner, query, list, id)
        }
        Part::Term { text, .. } => {
            let alone = Query::parse(text).expect("a term");
            let matcher = Matcher::new(&alone, list, &SomeStates).expect("a matcher");
            query.text().contains(text) && matcher.matches(id) == (node.answer == Some(true))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn matcher_agrees_with_reference(rows in rows(), case in query()) {
        let text = case.text();
        let (list, query) = (list(&rows), Query::parse(&text).expect("a query"));
        let matcher = Matcher::new(&query, &list, &SomeStates).expect("a matcher");
        for id in list.ids() {
            let plain = case.answer(&rows, id.index()) == Some(true);
            prop_assert_eq!(matcher.matches(id), plain, "{} for row {}", text, id.index());
        }
    }

    /// The answers of a tree follow from those of its parts, and the root's is the matcher's.
    #[test]
    fn explanation_agrees_with_matcher(rows in rows(), case in query()) {
        let (list, query) = (list(&rows), Query::parse(&case.text()).expect("a query"));
        let matcher = Matcher::new(&query, &list, &SomeStates).expect("a matcher");
        for id in list.ids() {
            let root = matcher.explain(id);
            prop_assert_eq!(root.answer == Some(true), matcher.matches(id), "{}", query.text());
            prop_assert!(follows(&root, &query, &list, id), "{:#?}", root);
        }
    }

    /// `a b or c d` without parentheses is `(a b) or (c d)`, and `-a b` is `(-a) b`.
    #[test]
    fn parser_respects_precedence(rows in rows(), a in query(), b in query(), c in query()) {
        let (bare, grouped) = (
            format!("-{} {} or {}", a.text(), b.text(), c.text()),
            format!("(((-{}) {}) or {})", a.text(), b.text(), c.text()),
        );
        let list = list(&rows);
        let find = |text: &str| {
            let query = Query::parse(text).expect("a query");
            Matcher::new(&query, &list, &SomeStates).expect("a matcher").select()
        };
        prop_assert_eq!(find(&bare), find(&grouped));
    }
}
