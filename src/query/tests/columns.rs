//! Columns by their header, of one list and of a matched one, and rules on columns with several values.

use std::collections::HashMap;

use super::{SomeStates, list, select_in};
use crate::list::{DeviceId, DeviceList};
use crate::query::{JoinedList, Matcher, Query};

fn read(text: &str) -> DeviceList {
    DeviceList::read_bytes("l", text.as_bytes()).expect("a list")
}

#[test]
fn at_sign_without_an_operator_begins_a_word() {
    let query = Query::parse("@corp -@x").expect("two words");
    assert_eq!(query.terms().len(), 2);
    let error = Query::parse("@\"corp\"").expect_err("a header alone");
    assert!(error.to_string().contains("expected ':' or '='"), "{error}");
}

/// A header can be that of a field, whose values are texts then.
#[test]
fn column_of_a_field_is_searched_as_text() {
    for (query, expected) in [
        ("@\"mac\":00-0c-29-cd", &["h1"][..]),
        ("@\"mac\":00:0C:29:cd", &["h1"]),
        ("@\"mac\"=000c29cdc7b2", &["h1"]),
        ("@\"mac\":/^000c29cd/", &["h1"]),
        ("@\"issues\"=7", &["h1"]),
        ("@\"issues\":none", &["h3", "-"]),
        ("-@\"issues\"=7", &["h2", "h4"]),
        ("@\"last seen\":2026-11", &["h1", "h4"]),
    ] {
        assert_eq!(select_in(&list(), query), expected, "{query}");
    }
}

#[test]
fn column_that_both_lists_have_is_the_list_s_own() {
    let inventory = read("hwid,Room\nh1,1\nh2,2\nh3,3\n");
    let other = read("hwid,Room,Desk\nh1,9,a\nh2,1,b\n");
    let joined = JoinedList {
        list: &other,
        rows: HashMap::from([0, 1].map(|at| (DeviceId::from_index(at), DeviceId::from_index(at)))),
    };
    let select = |text: &str| {
        let query = Query::parse(text).expect("a query");
        let matcher = Matcher::with_joined(&query, &inventory, &SomeStates, &joined);
        let found = matcher.expect("a matcher").select();
        found.into_iter().map(DeviceId::index).collect::<Vec<_>>()
    };
    assert_eq!(select("@\"Room\"=1"), [0]);
    assert_eq!(select("@\"Room\"=3"), [2]);
    assert_eq!(select("@\"Desk\"=b @\"Room\"=2"), [1]);
    assert_eq!(select("@\"Desk\":none"), [2]);
}

/// Any of the values may be the relevant one, in whichever order they are.
#[test]
fn rule_matches_a_device_if_one_of_its_values_could() {
    let text = "[{\"hwid\":\"h1\",\"group\":[\"sales\",\"it\"]},{\"hwid\":\"h2\",\"group\":[\"it\",\"sales\"]},\
        {\"hwid\":\"h3\",\"group\":\"sales\"},{\"hwid\":\"h4\",\"group\":\"it\"}]";
    let list = read(text);
    let protected = |text: &str| {
        let query = Query::parse(text).expect("a query");
        let found = Matcher::of_rule(&query, &list).expect("a rule").select();
        found.into_iter().map(DeviceId::index).collect::<Vec<_>>()
    };
    assert_eq!(protected("group:sales"), [0, 1, 2]);
    assert_eq!(protected("-group:sales"), [0, 1, 3]);
    assert_eq!(protected("not -group:sales"), [0, 1, 2]);
    assert_eq!(protected("-(group:sales or group:it)"), [0, 1]);
    // A filter needs one value that matches, and none for its negation.
    assert_eq!(select_in(&list, "group:sales"), ["h1", "h2", "h3"]);
    assert_eq!(select_in(&list, "-group:sales"), ["h4"]);
}
