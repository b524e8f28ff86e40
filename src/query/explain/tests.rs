use super::*;
use crate::query::tests::{SomeStates, list};
use crate::query::{NoStatus, Query};

fn explained(query: &str, index: usize) -> Node {
    let (list, query) = (list(), Query::parse(query).expect("a query"));
    let matcher = Matcher::new(&query, &list, &SomeStates).expect("a matcher");
    matcher.explain(DeviceId::from_index(index))
}

fn lines(node: &Node) -> Vec<String> {
    let answer = match node.answer {
        Some(true) => "true",
        Some(false) => "false",
        None => "open",
    };
    let (line, parts) = match &node.part {
        Part::All => ("all".to_owned(), &[][..]),
        Part::And(parts) => ("and".to_owned(), &parts[..]),
        Part::Or(parts) => ("or".to_owned(), &parts[..]),
        Part::Not(part) => ("not".to_owned(), std::slice::from_ref(&**part)),
        Part::Term { text, fact } => (format!("{text}: {fact}"), &[][..]),
    };
    let below = parts.iter().flat_map(lines);
    let below = below.map(|line| format!("  {line}"));
    std::iter::once(format!("{answer} {line}"))
        .chain(below)
        .collect()
}

#[test]
fn explain_keeps_the_order_and_names_what_decided() {
    assert_eq!(
        lines(&explained(
            "unseen>90d -(group:sales or is:marked,accepted) 29:cd",
            0
        )),
        [
            "false and",
            "  false unseen>90d: last seen 0 s before the list's time",
            "  false not",
            "    true or",
            "      true group:sales: group is \"Sales\"",
            "      true is:marked,accepted: is marked, is not accepted",
            "  true 29:cd: mac is \"00:0c:29:cd:c7:b2\"",
        ]
    );
}

#[test]
fn explain_leaves_missing_values_open() {
    assert_eq!(
        lines(&explained(
            "unseen>90d or -group:x or issues:none mac:none",
            2
        )),
        [
            "true or",
            "  open unseen>90d: no seen",
            "  open not",
            "    open group:x: no group",
            "  true and",
            "    true issues:none: no issues",
            "    true mac:none: no mac",
        ]
    );
    assert_eq!(lines(&explained("", 0)), ["true all"]);
    assert_eq!(
        lines(&explained("unseen>90d", 1)),
        ["true unseen>90d: last seen 111 d before the list's time"]
    );
}

#[test]
fn explain_names_shared_values() {
    let list = "hwid,hostname,last seen\nh1,lt-1,2026-11-01\nh2,LT-1,2026-11-02\nh3,x,\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let query = Query::parse("stale:hostname").expect("a query");
    let matcher = Matcher::new(&query, &list, &NoStatus).expect("a matcher");
    let explained = |index| lines(&matcher.explain(DeviceId::from_index(index))).concat();
    assert_eq!(
        explained(0),
        "true stale:hostname: hostname is \"lt-1\", shared with 1 other device; another was seen more recently"
    );
    assert_eq!(
        explained(1),
        "false stale:hostname: hostname is \"LT-1\", shared with 1 other device; no other is certain to have been seen more recently"
    );
    assert_eq!(
        explained(2),
        "false stale:hostname: hostname is \"x\", shared with no other device"
    );
    let first = DeviceId::from_index(0);
    let twins = sharing(&list, &Key::Field(Field::Hostname), first);
    assert_eq!(twins, [DeviceId::from_index(1)]);
}

#[test]
fn explain_names_numbers_times_and_shared_addresses() {
    let list = "hwid,mac,issues,enrolled\n\
        h1,00:0c:29:cd:c7:b2,7,2025-01-31T23:59:59Z\n\
        h2,00:0c:29:cd:c7:b2,,\n\
        h3,,,\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    for (query, index, line) in [
        ("issues>5", 0, "true issues>5: issues is \"7\""),
        (
            "enrolled<2026-01-01",
            0,
            "true enrolled<2026-01-01: enrolled 2025-01-31T23:59:59Z",
        ),
        (
            "dup:mac",
            0,
            "true dup:mac: mac is \"00:0c:29:cd:c7:b2\", shared with 1 other device",
        ),
        ("dup:mac", 2, "open dup:mac: no mac"),
    ] {
        let query = Query::parse(query).expect("a query");
        let matcher = Matcher::new(&query, &list, &NoStatus).expect("a matcher");
        assert_eq!(lines(&matcher.explain(DeviceId::from_index(index))), [line]);
    }
}

#[test]
fn explain_of_a_rule_says_that_a_negated_value_has_to_be_in_all_rows() {
    let list = DeviceList::read_bytes("l.csv", b"hwid,group\nh1,Sales\nh1,Lab\n").expect("a list");
    let query = Query::parse("-group:sales").expect("a query");
    let matcher = Matcher::of_rule(&query, &list).expect("a rule");
    assert_eq!(
        lines(&matcher.explain(DeviceId::from_index(0))),
        [
            "true not",
            "  false group:sales: group is \"Sales\", \"Lab\"",
        ]
    );
}

#[test]
fn age_is_in_the_largest_unit_of_which_there_is_one() {
    for (seconds, text) in [
        (59, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (86_399, "23 h"),
        (86_400, "1 d"),
    ] {
        assert_eq!(age(seconds), text);
    }
}

/// Two digits without a separator are not looked for in addresses.
#[test]
fn explain_names_where_a_word_is() {
    for (query, line) in [
        ("sales", "true sales: group is \"Sales\""),
        ("29:cd", "true 29:cd: mac is \"00:0c:29:cd:c7:b2\""),
        ("29", "false 29: in no value"),
    ] {
        assert_eq!(lines(&explained(query, 0)), [line]);
    }
}
