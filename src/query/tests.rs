//! Query results on a list with every kind of value.

mod columns;
mod errors;
mod groups;
mod literals;
mod reference;

use super::*;
use crate::list::DeviceId;
use crate::list::Field;

const LIST: &str = "hwid,mac,hostname,os,status,group,user,last seen,enrolled,issues\n\
    h1,00:0c:29:cd:c7:b2,LT-4411,Windows 11,non_compliant,Sales,CORP\\a.meier,2026-11-20T10:00:00Z,2025-01-31T23:59:59Z,7\n\
    h2,00:0c:29:00:00:02,lt-2093,Windows 10,compliant,Domain controllers,b.rossi,2026-08-01T10:00:00Z,,0\n\
    h3,,SRV-1,Ubuntu,compliant,,c.dubois,,2025-02-01T00:00:00Z,\n\
    h4,a4:bb:6d:29:cd:04,ZÜRICH-1,macOS 15,pending,Sales,d.kovac,2026-11-01T10:00:00Z,,5\n\
    h4,a4:bb:6d:29:cd:05,,,,,,,,\n\
    ,,BROKEN,,,,,,,\n";

/// Marks the first device; the second was accepted.
pub(super) struct SomeStates;

impl StatusSource for SomeStates {
    fn is(&self, id: DeviceId, state: State) -> bool {
        matches!(
            (id.index(), state),
            (0, State::Marked) | (1, State::Accepted) | (3, State::InDoubt)
        )
    }
}

pub(super) fn list() -> DeviceList {
    DeviceList::read_bytes("list.csv", LIST.as_bytes()).expect("a list")
}

/// The hardware IDs of matching devices; `-` for the row without one.
fn select(query: &str) -> Vec<String> {
    select_in(&list(), query)
}

fn select_in(list: &DeviceList, query: &str) -> Vec<String> {
    let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let matcher = Matcher::new(&query, list, &SomeStates).expect("a matcher");
    let selected = matcher.select().into_iter();
    selected
        .map(|id| list.device(id).hwid().unwrap_or("-").to_owned())
        .collect()
}

#[test]
fn word_searches_every_text_column_ignoring_case() {
    assert_eq!(select("lt-"), ["h1", "h2"]);
    assert_eq!(select("SALES"), ["h1", "h4"]);
    assert_eq!(select("zürich"), ["h4"]);
    assert_eq!(select("\"domain con\""), ["h2"]);
    assert_eq!(select("h3"), ["h3"]);
    assert_eq!(select("meier,"), [""; 0]);
    assert_eq!(select("\"or\""), ["h1"]);
    // A match never spans two texts.
    assert_eq!(select("h1l"), [""; 0]);
    assert_eq!(select("sales zürich h4 -ubuntu"), ["h4"]);
}

#[test]
fn empty_query_matches_everything() {
    for text in ["", "  \u{a0}\t"] {
        assert!(Query::parse(text).expect("empty").is_empty());
        assert_eq!(select(text).len(), 5);
    }
    assert_eq!(Query::parse("").expect("empty"), Query::default());
}

#[test]
fn query_combines_terms_with_and_or_not() {
    assert_eq!(select("sales windows"), ["h1"]);
    assert_eq!(select("windows or macos"), ["h1", "h2", "h4"]);
    assert_eq!(select("windows OR macos"), ["h1", "h2", "h4"]);
    assert_eq!(select("not windows h"), ["h3", "h4"]);
    assert_eq!(select("-windows -sales"), ["h3", "-"]);
    assert_eq!(select("--windows sales"), ["h1"]);
    assert_eq!(select("sales (windows or ubuntu)"), ["h1"]);
    assert_eq!(select("-(windows or ubuntu) sales"), ["h4"]);
    assert_eq!(select("windows sales or ubuntu"), ["h1", "h3"]);
    assert_eq!(select("(windows)(sales)"), ["h1"]);
}

#[test]
fn field_terms_support_contains_equals_regex_and_none() {
    assert_eq!(select("status:compliant"), ["h1", "h2", "h3"]);
    assert_eq!(select("status=compliant"), ["h2", "h3"]);
    assert_eq!(select("STATUS=PENDING"), ["h4"]);
    assert_eq!(select("group:\"domain controllers\""), ["h2"]);
    assert_eq!(
        select("group:\"domain controllers\",sal"),
        ["h1", "h2", "h4"]
    );
    assert_eq!(select("os:ubuntu,macos"), ["h3", "h4"]);
    assert_eq!(select("user:corp\\"), ["h1"]);
    assert_eq!(select("group:none"), ["h3", "-"]);
    assert_eq!(select("group:none,domain"), ["h2", "h3", "-"]);
    assert_eq!(select("group:\"none\""), [""; 0]);
    assert_eq!(select("-group:none user:meier"), ["h1"]);
    assert_eq!(select("hostname:/^lt-\\d{4}$/"), ["h1", "h2"]);
    assert_eq!(select("os:/dows (10|12)/ or os:/^u/"), ["h2", "h3"]);
    assert_eq!(select("user:/corp\\\\a/"), ["h1"]);
    assert_eq!(select("(hostname:/^z\\w+-1$/)"), ["h4"]);
    assert_eq!(select("hostname=/^lt-\\d{4}$/"), [""; 0], "a whole text");
}

#[test]
fn mac_terms_accept_any_notation_and_partial_addresses() {
    for query in [
        "00:0c:29:cd:c7:b2",
        "00-0C-29-CD-C7-B2",
        "000c.29cd.c7b2",
        "000c29cdc7b2",
        "mac:000C29CDC7B2",
        "mac=00-0c-29-cd-c7-b2",
        "mac:/^00.*b2$/",
        "mac:/^00-0c-29-cd/",
        "mac:/^000c29cd/",
        "mac:/c7b2$/",
        "mac:/29cd.c7/",
        "cd:c7:b",
        "mac:c7",
    ] {
        assert_eq!(select(query), ["h1"], "{query}");
    }
    assert_eq!(select("29:cd"), ["h1", "h4"]);
    assert_eq!(select("mac:29-cd"), ["h1", "h4"]);
    assert_eq!(select("mac:cd:05,00:02"), ["h2", "h4"]);
    // Whole addresses, in no order and beside parts.
    let whole = "mac=ff:ff:ff:00:00:02,00:0c:29:cd:c7:b2,00-00-00-00-00-01";
    assert_eq!(select(whole), ["h1"]);
    assert_eq!(select("mac:000c29cdc7b2,00:02"), ["h1", "h2"]);
    assert_eq!(select("mac:000c29cdc7b2,none h"), ["h1", "h3"]);
    assert_eq!(select("mac:none h"), ["h3"]);
    assert_eq!(select("-mac:29cd"), ["h2"]);
}

#[test]
fn ages_are_relative_to_list_time() {
    assert_eq!(select("unseen>90d"), ["h2"]);
    assert_eq!(select("unseen>=19d"), ["h2", "h4"]);
    assert_eq!(select("unseen>19d"), ["h2"]);
    assert_eq!(select("unseen<=3w"), ["h1", "h4"]);
    assert_eq!(select("unseen<1min"), ["h1"]);
}

#[test]
fn dates_compare_whole_utc_days() {
    assert_eq!(select("seen>=2026-11-01"), ["h1", "h4"]);
    assert_eq!(select("seen>2026-11-01"), ["h1"]);
    assert_eq!(select("seen=2026-11-01"), ["h4"]);
    assert_eq!(select("seen:2026-11-01"), ["h4"]);
    assert_eq!(select("seen<2026-11-01"), ["h2"]);
    assert_eq!(select("seen<=2026-11-01"), ["h2", "h4"]);
    assert_eq!(select("enrolled<=2025-01-31"), ["h1"]);
    assert_eq!(select("enrolled>2025-01-31"), ["h3"]);
    // Midnight belongs to the day that it begins.
    assert_eq!(select("enrolled<2025-02-01"), ["h1"]);
    assert_eq!(select("enrolled>=2025-02-01"), ["h3"]);
    assert_eq!(select("enrolled=2025-02-01"), ["h3"]);
    assert_eq!(select("seen:none"), ["h3", "-"]);
}

#[test]
fn numbers_are_compared() {
    assert_eq!(select("issues>5"), ["h1"]);
    assert_eq!(select("issues>=5"), ["h1", "h4"]);
    assert_eq!(select("issues<5"), ["h2"]);
    assert_eq!(select("issues=0"), ["h2"]);
    assert_eq!(select("issues:5"), ["h4"]);
    assert_eq!(select("issues:none"), ["h3", "-"]);
}

#[test]
fn missing_value_never_matches_a_comparison_or_its_negation() {
    assert_eq!(select("not unseen>90d"), ["h1", "h4"]);
    assert_eq!(select("-issues>5"), ["h2", "h4"]);
    assert_eq!(select("-seen<2026-11-01"), ["h1", "h4"]);
    assert_eq!(select("-group:sales"), ["h2"]);
    assert_eq!(select("-group=sales"), ["h2"]);
    assert_eq!(select("-group:/s/"), [""; 0]);
    assert_eq!(select("-mac:29:cd"), ["h2"]);
    // A certain part still decides.
    assert_eq!(select("not unseen>90d or hostname:srv"), ["h1", "h3", "h4"]);
    assert_eq!(select("not (unseen>90d or issues>6)"), ["h4"]);
    assert_eq!(
        select("not (unseen>90d hostname:lt)"),
        ["h1", "h3", "h4", "-"]
    );
}

#[test]
fn state_terms_query_list_and_status_source() {
    assert_eq!(select("is:marked"), ["h1"]);
    assert_eq!(select("is:in-doubt,Accepted"), ["h2", "h4"]);
    assert_eq!(select("-is:marked is:failed"), [""; 0]);
    assert_eq!(select("is:repeated"), ["h4"]);
    assert_eq!(select("is:unusable"), ["-"]);
    for state in State::ALL {
        assert_eq!(State::from_name(state.as_str()), Some(state));
    }
}

#[test]
fn keys_returns_fields_that_the_query_reads() {
    let fields = |text: &str| {
        let query = Query::parse(text).expect(text);
        query
            .keys()
            .into_iter()
            .map(|key| key.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        fields("type:server -group:\"Domain controllers\""),
        ["type", "group"]
    );
    assert_eq!(
        fields("unseen>90d or seen:none (mac:none issues>5)"),
        ["mac", "issues", "seen"]
    );
    assert_eq!(
        fields("stale:hostname dup:user"),
        ["hostname", "user", "seen"]
    );
    assert_eq!(fields("word is:marked"), [""; 0]);
}

#[test]
fn terms_are_the_parts_that_can_match_on_their_own() {
    let terms = |text: &str| {
        let terms = Query::parse(text).expect(text).terms();
        let texts = terms.iter().map(|term| term.text().to_owned());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(terms(""), [""; 0]);
    assert_eq!(
        terms("a -(unseen>90d or not type:server,\"b, c\",none) \"d e\" hostname:/x y/"),
        [
            "a",
            "unseen>90d",
            "type:server",
            "type:\"b, c\"",
            "type:none",
            "\"d e\"",
            "hostname:/x y/"
        ]
    );
    assert_eq!(
        terms("@\"x y\"=a,b is:marked,failed 29:cd mac:c7,b2"),
        [
            "@\"x y\"=a",
            "@\"x y\"=b",
            "is:marked",
            "is:failed",
            "29:cd",
            "mac:c7",
            "mac:b2"
        ]
    );
}

#[test]
fn comparison_ignores_unicode_form_and_full_case() {
    let list = "hwid,hostname,group\n\
        h1,a,Zu\u{308}rich\n\
        h2,b,ZÜRICH\n\
        h3,c,İSTANBUL\n\
        h4,d,istanbul\n\
        h5,e,Gießen\n\
        h6,f,GIESSEN\n\
        h7,g,Ⅳ ﬁle\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    for (query, expected) in [
        ("group=zürich", &["h1", "h2"][..]),
        ("group=zu\u{308}rich", &["h1", "h2"]),
        ("zürich", &["h1", "h2"]),
        ("group=i\u{307}stanbul", &["h3", "h4"]),
        ("group=İstanbul", &["h3", "h4"]),
        ("group:istanbul", &["h3", "h4"]),
        ("group=gießen", &["h5", "h6"]),
        ("group=gieẞen", &["h5", "h6"]),
        ("giessen", &["h5", "h6"]),
        ("group=\"iv file\"", &["h7"]),
        ("dup:group", &["h1", "h2", "h3", "h4", "h5", "h6"]),
    ] {
        assert_eq!(select_in(&list, query), expected, "{query}");
    }
}

#[test]
fn grammar_names_every_field_and_state() {
    let names: Vec<&str> = GRAMMAR.split([' ', '\n', ':', '>', '=']).collect();
    for field in Field::ALL {
        assert!(names.contains(&field.name()), "{}", field.name());
    }
    for state in State::ALL {
        assert!(names.contains(&state.as_str()), "{}", state.as_str());
    }
    assert!(GRAMMAR.lines().all(|line| line.len() <= 76));
}

#[test]
fn term_takes_the_place_of_those_of_its_fields() {
    let replaced = |query: &str, term: &str| -> Option<String> {
        let query = Query::parse(query).expect("a query");
        let query = query.with_field_term(term)?;
        Some(query.text().to_owned())
    };
    for (query, term, expected) in [
        ("status:a", "status:b", Some("status:b")),
        ("lt status:a os:x", "status:b", Some("lt os:x status:b")),
        ("lt -status:a", "status:b", Some("lt status:b")),
        (
            "unseen>90d unseen<=180d group:\"a b\"",
            "unseen>180d unseen<=1y",
            Some("group:\"a b\" unseen>180d unseen<=1y"),
        ),
        (
            "(status:a or status:c) -(unseen>1d unseen<9d)",
            "-(unseen>2d unseen<9d)",
            Some("(status:a or status:c) -(unseen>2d unseen<9d)"),
        ),
        (
            "(status:a or lt) status:b",
            "status:c",
            Some("(status:a or lt) status:c"),
        ),
        ("stale:hostname", "unseen>90d", None),
        ("lt", "status:b", None),
        ("status:a or status:b", "status:c", None),
        ("lt or status:a", "status:b", None),
        ("", "status:c", None),
    ] {
        assert_eq!(
            replaced(query, term).as_deref(),
            expected,
            "{query} + {term}"
        );
    }
    let query = Query::parse("lt -(os:x os:y)").expect("a query");
    assert!(query.has_term("-(os:x os:y)") && query.has_term("lt"));
    assert!(!query.has_term("os:x"));
    let choice = Query::parse("lt or os:x").expect("a query");
    assert!(!choice.has_term("lt"));
}

#[test]
fn queries_are_equal_if_their_texts_and_values_are() {
    let query = |text: &str| Query::parse(text).expect(text);
    for (one, other) in [
        ("os:/a/", "os:/b/"),
        ("os:a", "os:b"),
        ("sales", "seats"),
        ("mac:29", "mac:2a"),
    ] {
        assert_eq!(query(one), query(one));
        assert_ne!(query(one).expression, query(other).expression, "{one}");
    }
}

#[test]
fn operator_can_begin_a_value_after_a_colon() {
    for value in ["=x", "<x", ">x"] {
        let terms = Query::parse(&format!("group:{value}"))
            .expect("a query")
            .terms();
        assert_eq!(terms.len(), 1, "{value}");
    }
    let list = "hwid,group\nh1,a=x\nh2,x\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    assert_eq!(select_in(&list, "group:=x"), ["h1"]);
}

#[test]
fn count_is_the_number_of_selected_rows() {
    let (list, query) = (list(), Query::parse("windows").expect("a query"));
    let matcher = Matcher::new(&query, &list, &SomeStates).expect("a matcher");
    assert_eq!(matcher.count(), 2);
}
