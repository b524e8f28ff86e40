//! Every value's query selects exactly its rows, for arbitrary lists.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::query::{Matcher, NoStatus, Query, State, StatusSource};

/// Values that quoting, folding or the search for parts could get wrong.
const TEXTS: [&str; 30] = [
    "Sales",
    "SALES",
    "Sales EMEA",
    "none",
    "a,b",
    "a",
    "*",
    "S*les",
    "\"quoted\"",
    "say \"Hi\"",
    "SAY \"hi\"",
    "/re/",
    "=x",
    "<1",
    "-x",
    "(x) y",
    "@\"x\"",
    "or",
    "‘single",
    "Größe",
    "GRÖSSE \"ß\"",
    "grösse \"ss\"",
    "İ \"x\"",
    "i \"X\"",
    "zero\u{200b}width",
    "zerowidth",
    "bell\u{7}",
    "fullwidth ＂",
    "a\\b/c \"",
    "K\u{212a}",
];

const HEADERS: [&str; 3] = ["Managed by", "Ordner*", "with \"quotes\""];

fn rows() -> impl Strategy<Value = Vec<Value>> {
    let text = || {
        prop_oneof![
            4 => prop::sample::select(&TEXTS[..]).prop_map(str::to_owned),
            1 => "[ -~]{0,6}",
            1 => any::<String>(),
        ]
    };
    let texts = move || {
        prop_oneof![
            3 => prop::option::of(text()).prop_map(|text| json!(text)),
            1 => prop::collection::vec(text(), 0..4).prop_map(|texts| json!(texts)),
        ]
    };
    let day = || prop::option::of(0_i64..900);
    let row = (
        (texts(), texts(), texts(), texts()),
        prop::sample::subsequence(
            vec![
                "00:0c:29:cd:c7:b2",
                "a4:bb:6d:29:cd:04",
                "00:0c:29:cd:c7:b3",
            ],
            0..3,
        ),
        prop::option::of(0_u32..3),
        (day(), day(), -1_i64..2),
    );
    let row = row.prop_map(|((group, hostname, managed, other), macs, issues, days)| {
        let start = "2026-06-01T00:00:00Z"
            .parse::<jiff::Timestamp>()
            .expect("a time");
        // Around the limits of the ranges.
        let ago = |days: i64| {
            let before = jiff::SignedDuration::from_secs(days * 86_400 + 1);
            (start - before).to_string()
        };
        let near = |day: i64, seconds: i64| {
            let limits = [0, 1, 7, 30, 90, 180, 365];
            let limit = usize::try_from(day).ok().and_then(|day| limits.get(day));
            let limit = limit.copied().unwrap_or(day);
            let before = jiff::SignedDuration::from_secs(limit * 86_400 + seconds);
            (start - before).to_string()
        };
        let mut row = json!({
            "group": group, "hostname": hostname, "mac": macs, "issues": issues,
            "last_seen": days.0.map(|day| near(day, days.2)),
            "enrolled": days.1.map(ago),
        });
        row[HEADERS[0]] = managed;
        row[HEADERS[1]] = other.clone();
        row[HEADERS[2]] = other;
        row
    });
    prop::collection::vec(row, 1..9)
}

fn list(rows: &[Value]) -> Option<DeviceList> {
    let rows = rows.iter().enumerate().map(|(index, row)| {
        let mut row = row.clone();
        // Some rows belong to one device, and one row is unusable.
        row["hwid"] = json!(
            ["", "h1", "h2", "h3", "h3", "h4"]
                .get(index)
                .unwrap_or(&"h5")
        );
        row
    });
    let rows: Vec<Value> = rows.collect();
    DeviceList::read_bytes("l.json", json!(rows).to_string().as_bytes()).ok()
}

fn selected(text: &str, list: &DeviceList) -> Vec<DeviceId> {
    let query = Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let matcher = Matcher::new(&query, list, &NoStatus).unwrap_or_else(|error| {
        panic!("{text}: {error}");
    });
    matcher.select()
}

/// The rows that have at least one of the values.
fn rows_of(facet: &Facet, list: &DeviceList, values: &[usize]) -> Vec<DeviceId> {
    let has = |id: &DeviceId| values.iter().any(|&value| facet.has(*id, value));
    list.ids().filter(has).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn queries_select_exactly_the_counted_rows(rows in rows(), shown in any::<u16>(), marked in any::<u16>()) {
        let Some(list) = list(&rows) else { return Ok(()) };
        let facets = Facets::of(&list, &Facets::keys(&list));
        let is = |set: u16, id: DeviceId| set >> (id.index() % 16) & 1 == 1;
        let shown: Vec<DeviceId> = list.ids().filter(|&id| is(shown, id)).collect();
        let counts = facets.count(&shown, |id| is(marked, id));
        prop_assert_eq!(facets.iter().len(), counts.len());
        for (facet, counts) in facets.iter().zip(&counts) {
            prop_assert_eq!(facet.len(), counts.len());
            let mut covered = vec![false; list.len()];
            for (value, count) in counts.iter().enumerate() {
                let query = facet.query(value).expect("a query");
                let of_value = rows_of(facet, &list, &[value]);
                prop_assert_eq!(&selected(&query, &list), &of_value, "{}", query);
                prop_assert_eq!(facet.total(value) as usize, of_value.len());
                let of_shown: Vec<_> = of_value.iter().filter(|id| shown.contains(id)).collect();
                prop_assert_eq!(count.shown as usize, of_shown.len());
                let of_marked = of_shown.iter().filter(|id| is(marked, ***id)).count();
                prop_assert_eq!(count.marked as usize, of_marked);
                let exclusion = facet.exclusion(value).expect("a term");
                let left = selected(&exclusion, &list);
                prop_assert!(left.iter().all(|id| !of_value.contains(id)), "{}", exclusion);
                for id in of_value {
                    covered[id.index()] = true;
                }
            }
            prop_assert!(covered.iter().all(|&covered| covered), "{:?}", facet.key());
            let all: Vec<usize> = (0..facet.len()).collect();
            for some in [&all[..], all.get(1..).unwrap_or_default(), all.get(..2).unwrap_or_default()] {
                if let Some(query) = facet.query_any(some) {
                    prop_assert_eq!(selected(&query, &list), rows_of(facet, &list, some), "{}", query);
                }
            }
        }
    }
}

const LIST: &str = "hwid,hostname,mac,group,status,last seen,Managed by\n\
    h1,lt-1,00:0c:29:cd:c7:b2,Sales,out_of_license_usage,2026-11-20T10:00:00Z,intune\n\
    h2,lt-1,00:0c:29:cd:c7:b2,Sales EMEA,compliant,2026-11-19T10:00:01Z,\n\
    h3,lt-2,,sales,out_of_license_usage,2026-02-01,jamf\n\
    h4,,,Domain controllers,non_compliant,,jamf\n\
    h5,srv,,,compliant,2026-11-19T10:00:00Z,\"a \"\"b\"\"\"\n";

fn of(field: Field) -> Facet {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    Facet::of(&list, &Key::Field(field)).expect("a facet")
}

fn shown(facet: &Facet) -> Vec<(String, u32, String)> {
    (0..facet.len())
        .map(|value| {
            (
                facet.label(value).to_owned(),
                facet.total(value),
                facet.query(value).expect("a query"),
            )
        })
        .collect()
}

#[test]
fn values_are_sorted_by_count_then_name_and_written_as_short_as_possible() {
    let shown = shown(&of(Field::Group));
    let shown: Vec<_> = shown
        .iter()
        .map(|(label, total, query)| (label.as_str(), *total, query.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Sales", 2, "group=Sales"),
            ("Domain controllers", 1, "group:\"Domain controllers\""),
            ("Sales EMEA", 1, "group:\"Sales EMEA\""),
            ("none", 1, "group:none"),
        ]
    );
    let top = of(Field::Group).top(1);
    assert_eq!((top.values.as_slice(), top.more), (&[0, 3][..], 2));
    let facet = of(Field::Group);
    assert!(!facet.is_undecided() && !facet.is_empty());
    assert_eq!(facet.histogram(), None);
    assert_eq!(facet.exclusion(0).as_deref(), Some("-group=Sales"));
}

#[test]
fn ages_are_in_ranges_from_the_time_of_the_list() {
    let facet = of(Field::Seen);
    assert_eq!(facet.totals(), [2, 1, 0, 0, 0, 1, 0, 1]);
    assert_eq!(facet.histogram(), Some(&[2, 1, 0, 0, 0, 1, 0][..]));
    assert_eq!(facet.label(0), "< 1 d");
    assert_eq!(facet.label(7), "never/unknown");
    assert_eq!(facet.query(7).as_deref(), Some("seen:none"));
    assert_eq!(
        facet.exclusion(2).as_deref(),
        Some("-(unseen>7d unseen<=30d)")
    );
    assert_eq!(facet.top(2).more, 0);
}

#[test]
fn several_values_are_one_term_if_they_can_be() {
    let facet = of(Field::Status);
    let of = |label: &str| (0..facet.len()).find(|&value| facet.label(value) == label);
    let values = [of("compliant"), of("out_of_license_usage")].map(|value| value.expect("a value"));
    // `status:compliant` would match non_compliant too.
    assert_eq!(
        facet.query_any(&values).as_deref(),
        Some("status=compliant,out_of_license_usage")
    );
    let group = self::of(Field::Group);
    assert_eq!(
        group.query_any(&[0, 3]).as_deref(),
        Some("(group=Sales or group:none)")
    );
    assert_eq!(
        group.query_any(&[1, 3]).as_deref(),
        Some("group:\"Domain controllers\",none")
    );
}

#[test]
fn columns_with_one_header_have_one_facet() {
    let list = "hwid,Room,Desk,room,\"a \"\"b\"\"\"\nh1,1,2,3,4\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let keys = Facets::keys(&list).into_iter().filter_map(|key| match key {
        Key::Column(header) => Some(header),
        Key::Field(_) => None,
    });
    assert_eq!(keys.collect::<Vec<_>>(), ["Room".into(), "Desk".into()]);
}

#[test]
fn columns_are_written_by_their_header() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let keys = Facets::keys(&list);
    let column = keys.last().expect("a column");
    let facet = Facet::of(&list, column).expect("a facet");
    assert_eq!(facet.heading(), "Managed by");
    assert_eq!(facet.query(0).as_deref(), Some("@\"Managed by\":jamf"));
    assert_eq!(
        facet.query(1).as_deref(),
        Some("@\"Managed by\":/^a \"b\"$/")
    );
    let missing = Key::Column("Nothing".into());
    assert!(Facet::of(&list, &missing).is_none());
}

#[test]
fn ambiguous_dates_have_no_values() {
    let list = "hwid,last seen\nh1,03/04/2026\nh2,05/06/2026\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let facet = Facet::of(&list, &Key::Field(Field::Seen)).expect("a facet");
    assert!(facet.is_undecided() && facet.is_empty());
    let suggestions = Suggestions::of(&list, &NoStatus);
    let all: Vec<DeviceId> = list.ids().collect();
    let queries: Vec<_> = suggestions
        .count(&all)
        .iter()
        .map(|one| one.query.to_owned())
        .collect();
    assert_eq!(queries, ["hostname:none"]);
}

struct Protected;

impl StatusSource for Protected {
    fn is(&self, id: DeviceId, state: State) -> bool {
        matches!(
            (id.index(), state),
            (2, State::Protected) | (0, State::Failed)
        )
    }
}

#[test]
fn suggestions_count_shown_rows_and_drop_those_without() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let shown = |ids: &[usize]| -> Vec<DeviceId> {
        ids.iter()
            .map(|&index| DeviceId::from_index(index))
            .collect()
    };
    let counts = |states: &dyn StatusSource, ids: &[usize]| -> Vec<(String, u32, u32)> {
        let suggestions = Suggestions::of(&list, states);
        let counts = suggestions.count(&shown(ids));
        counts
            .iter()
            .map(|count| (count.query.to_owned(), count.shown, count.all))
            .collect()
    };
    let all = [0, 1, 2, 3, 4];
    let expected = [
        ("stale:hostname", 1, 1),
        ("unseen>180d", 1, 1),
        ("status:out_of_license_usage unseen>90d", 1, 1),
        ("dup:mac", 2, 2),
        ("hostname:none", 1, 1),
        ("seen:none", 1, 1),
    ];
    let expected = expected.map(|(query, shown, all)| (query.to_owned(), shown, all));
    assert_eq!(counts(&NoStatus, &all), expected);
    assert_eq!(counts(&NoStatus, &[0]), [("dup:mac".to_owned(), 1, 2)]);
    let queries: Vec<_> = counts(&Protected, &all)
        .into_iter()
        .map(|(query, ..)| query)
        .collect();
    // The protected device is the only one that wasn't seen for long.
    assert!(
        !queries.iter().any(|query| query.starts_with("unseen>180d")),
        "{queries:?}"
    );
    assert!(queries.contains(&"is:protected".to_owned()), "{queries:?}");
    assert!(queries.contains(&"is:failed".to_owned()), "{queries:?}");
}
