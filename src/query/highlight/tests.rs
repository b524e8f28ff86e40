use proptest::prelude::*;

use super::*;
use crate::list::Field;

/// The matched parts of `value` in brackets, in the host name of a list.
fn marked(query: &str, value: &str) -> String {
    marked_in(query, Field::Hostname, value)
}

fn marked_in(query: &str, field: Field, value: &str) -> String {
    let list = DeviceList::read_bytes("l.csv", b"hwid,Cost Centre\nh1,x\n").expect("a list");
    let query = Query::parse(query).expect("a query");
    let highlights = Highlights::of(&query, &list);
    let mut marked = String::new();
    let mut at = 0;
    for part in highlights.in_text(&[ColumnRef::Field(field)], value) {
        marked.push_str(&value[at..part.start]);
        marked.push_str(&format!("[{}]", &value[part.clone()]));
        at = part.end;
    }
    marked.push_str(&value[at..]);
    marked
}

#[test]
fn in_text_finds_words_fields_and_patterns_of_their_column_only() {
    assert_eq!(marked("lt", "LT-1 alt"), "[LT]-1 a[lt]");
    assert_eq!(marked("hostname:1,2", "LT-12"), "LT-[12]", "as one");
    assert_eq!(marked("group:lt", "LT-1"), "LT-1");
    assert_eq!(marked("hostname=lt-1", "LT-1"), "[LT-1]");
    assert_eq!(marked("hostname=lt", "LT-1"), "LT-1");
    assert_eq!(marked("hostname:/^lt-\\d/", "LT-12"), "[LT-1]2");
    assert_eq!(marked("a or (lt 12)", "LT-12"), "[LT]-[12]");
    assert_eq!(marked("hostname:none", "none"), "none");
    assert_eq!(marked("\"t-1\"", "LT-12"), "L[T-1]2");
}

#[test]
fn in_text_ignores_negated_terms_and_what_is_no_text() {
    for query in [
        "-lt",
        "not (lt or 12)",
        "unseen>1d",
        "is:marked",
        "dup:hostname",
        "seen>=2026-01-01",
    ] {
        assert_eq!(marked(query, "LT-12"), "LT-12", "{query}");
    }
    assert_eq!(marked("not (12 -lt)", "LT-12"), "[LT]-12");
}

#[test]
fn in_text_finds_the_same_letters_in_another_form() {
    assert_eq!(marked("domäne", "DOMA\u{308}NEN"), "[DOMA\u{308}NE]N");
    assert_eq!(marked("strasse", "Haupt-Straße 1"), "Haupt-[Straße] 1");
    assert_eq!(marked("ｌｔ", "LT-1"), "[LT]-1");
    assert_eq!(marked("日本", "東日本語"), "東[日本]語");
    assert_eq!(marked("\"a b\"", "xa \u{a0} by"), "x[a \u{a0} b]y");
    assert_eq!(marked("ab", "xa\u{200b}by"), "x[a\u{200b}b]y");
    assert_eq!(marked("hostname:/o.e$/", "Zo\u{200b}ë"), "Zo\u{200b}ë");
    assert_eq!(marked("hostname:/oë$/", "Zo\u{200b}ë"), "Z[o\u{200b}ë]");
    // Two letters of Hangul that are one in the form that is compared.
    assert_eq!(marked("hostname:/가/", "xㄱㅏ"), "[xㄱㅏ]");
    assert_eq!(marked("hostname:/y/", "xㄱㅏ"), "xㄱㅏ");
    assert_eq!(
        marked("lic", "out of licence, Größe"),
        "out of [lic]ence, Größe"
    );
}

#[test]
fn in_text_finds_a_column_by_its_header() {
    let list = DeviceList::read_bytes("l.csv", b"hwid,Cost Centre\nh1,x\n").expect("a list");
    let query = Query::parse("@\"cost centre\":x").expect("a query");
    let highlights = Highlights::of(&query, &list);
    let column = list.other_columns().next().expect("a column");
    let parts = highlights.in_text(&[ColumnRef::Other(column)], "axb");
    assert_eq!((parts.len(), parts.first()), (1, Some(&(1..2))));
    assert!(highlights.names(&[ColumnRef::Other(column)]));
    assert!(!highlights.names(&[ColumnRef::Field(Field::Os)]));
    assert!(
        highlights
            .in_text(&[ColumnRef::Field(Field::Os)], "axb")
            .is_empty()
    );
}

#[test]
fn in_mac_finds_digits_of_any_notation() {
    let list = DeviceList::read_bytes("l.csv", b"hwid\nh1\n").expect("a list");
    let mac: MacAddress = "00:0c:29:cd:c7:b2".parse().expect("a mac");
    let marked = |query: &str| {
        let query = Query::parse(query).expect("a query");
        let parts = Highlights::of(&query, &list).in_mac(mac);
        let shown = mac.to_string();
        parts
            .into_iter()
            .map(|part| shown[part].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(marked("29cd.c7b2"), ["29:cd:c7:b2"]);
    assert_eq!(marked("29:cd:c"), ["29:cd:c"]);
    assert_eq!(marked("mac:000c,b2"), ["00:0c", "b2"]);
    assert_eq!(marked("mac:c"), ["c"]);
    assert_eq!(
        marked("mac=00:00:00:00:00:01,000c.29cd.c7b2"),
        ["00:0c:29:cd:c7:b2"]
    );
    assert_eq!(marked("mac=00:00:00:00:00:01"), [""; 0]);
    assert_eq!(marked("mac:/c7.b/"), ["c7:b"]);
    let whole = ["00:0c:29:cd:c7:b2"];
    assert_eq!(marked("mac:/0c-29/"), whole, "in another notation");
    assert_eq!(marked("-mac:29"), [""; 0]);
    assert_eq!(marked("29"), [""; 0], "a number, not an address");
}

#[test]
fn is_empty_without_a_test_of_text() {
    let list = DeviceList::read_bytes("l.csv", b"hwid\nh1\n").expect("a list");
    for (query, expected) in [
        ("", true),
        ("unseen>1d -lt", true),
        ("lt", false),
        ("hostname:lt", false),
        ("mac:29", false),
    ] {
        let query = Query::parse(query).expect("a query");
        assert_eq!(
            Highlights::of(&query, &list).is_empty(),
            expected,
            "{query:?}"
        );
    }
}

proptest! {
    #[test]
    fn in_text_finds_something_exactly_if_the_needle_is_in(
        value in "[aBßÄäkKσΣς\u{212a}İiⱥȺ\u{308}\u{200b} \u{a0}日]{0,12}",
        needle in "[aBßÄäkKσΣς\u{212a}İi日]{1,3}",
    ) {
        let parsed = Query::parse(&format!("hostname:\"{needle}\""));
        prop_assume!(parsed.is_ok());
        let list = DeviceList::read_bytes("l.csv", b"hwid\nh1\n").expect("a list");
        let query = parsed.expect("checked");
        let parts = Highlights::of(&query, &list).in_text(&[ColumnRef::Field(Field::Hostname)], &value);
        prop_assert_eq!(!parts.is_empty(), Needle::new(&needle).is_in(&value));
        for part in parts {
            // Whole characters, and a match by itself.
            prop_assert!(Needle::new(&needle).is_in(&value[part]));
        }
    }
}
