//! Mistakes: where they are, what they are called, and what is proposed.

use proptest::prelude::*;

use super::{list, select};
use crate::list::DeviceList;
use crate::query::{Matcher, NoStatus, Query};

fn error(query: &str) -> String {
    match Query::parse(query) {
        Ok(parsed) => panic!("{query} was read as {parsed:?}"),
        Err(error) => error.to_string(),
    }
}

/// The error of a query that parses, when it is asked of `list` by itself.
fn refusal(list: &DeviceList, query: &str) -> Option<String> {
    let query = Query::parse(query).expect(query);
    Some(Matcher::new(&query, list, &NoStatus).err()?.to_string())
}

#[test]
fn an_error_has_its_column_message_and_hint_apart() {
    let error = Query::parse("ab cd hst:x").expect_err("no such field");
    assert_eq!(error.column(), 7);
    assert_eq!(error.message(), "unknown field 'hst'");
    assert_eq!(error.hint(), Some("did you mean 'hostname'?"));
    assert_eq!(
        error.to_string(),
        "column 7: unknown field 'hst' (did you mean 'hostname'?)"
    );
}

#[test]
fn mistakes_in_how_terms_are_joined() {
    for (query, message) in [
        ("ab (cd", "column 4: this ( is never closed"),
        ("ab (", "column 5: something to look for is missing here"),
        ("ab )", "column 4: this ) closes nothing"),
        ("()", "column 2: something to look for is missing here"),
        ("a or", "column 5: something to look for is missing here"),
        ("or a", "column 1: something to look for is missing here"),
        (
            "a or or b",
            "column 6: something to look for is missing here",
        ),
        ("not", "column 4: something to look for is missing here"),
        ("é \"cd", "column 3: this \" has no partner"),
        ("\"\"", "column 1: this phrase is empty"),
    ] {
        assert_eq!(error(query), message, "{query}");
    }
    assert!(error("a - b").starts_with("column 3: '-' leaves out"));
    assert!(error("a and b").starts_with("column 3: there is no 'and'"));
    assert!(error("group:Sales(EMEA)").starts_with("column 12: a space is missing here"));
    assert!(error("\"a\"b").starts_with("column 4: a space is missing here"));
    assert!(error("14\"").starts_with("column 3: a space is missing here"));
}

#[test]
fn mistakes_in_fields_and_values() {
    for (query, beginning) in [
        (
            "zz:b",
            "column 1: unknown field 'zz' (to look for the text as it stands",
        ),
        ("a host!=b", "column 3: unknown field 'host!'"),
        (
            "hostname!=b",
            "column 1: unknown field 'hostname!' (what it is not is -hostname=",
        ),
        (
            "issues > 5",
            "column 8: a field is missing here (write it without spaces",
        ),
        (
            "hostname:",
            "column 10: a value is missing here (no value at all is hostname:none)",
        ),
        ("os:a,,b", "column 6: a value is missing here"),
        ("os:\"\"", "column 4: a value is missing here"),
        ("hostname==b", "column 10: there is no such comparison"),
        ("group>3", "column 6: group is text and has no order"),
        ("mac:xyz", "column 5: 'xyz' is no part of a MAC address"),
        (
            "mac:00:0c,xyz",
            "column 11: 'xyz' is no part of a MAC address",
        ),
        ("mac=29:cd", "column 5: '29:cd' is no MAC address"),
        ("mac<29:cd", "column 4: mac is text and has no order"),
        ("issues>many", "column 8: 'many' is no whole number"),
        ("issues:1,2", "column 8: only one value"),
        (
            "issues:/5/",
            "column 8: no regular expression can stand here",
        ),
        (
            "seen>2026-13-45",
            "column 6: '2026-13-45' is no day (as in seen>=2026-01-31)",
        ),
        (
            "seen>90d",
            "column 6: seen is compared with a day, not an age (not seen for longer than that is unseen>90d)",
        ),
        ("enrolled>90d", "column 10: '90d' is no day"),
        (
            "unseen>3m",
            "column 9: 'm' could be minutes or months (write min or mo)",
        ),
        (
            "unseen>90",
            "column 10: an age needs a unit (units are min h d w mo y)",
        ),
        (
            "unseen>90days",
            "column 10: no such unit of time (units are min h d w mo y)",
        ),
        (
            "unseen>2026-01-31",
            "column 8: unseen is compared with an age, not a day (seen before",
        ),
        ("unseen>long", "column 8: 'long' is no age"),
        (
            "unseen>99999999999999999999d",
            "column 8: this age is too large",
        ),
        ("unseen:90d", "column 7: unseen is compared with < <= >= >"),
        (
            "unseen:none",
            "column 7: unseen is compared with < <= >= > (as in unseen>90d; never seen is seen:none)",
        ),
        (
            "is:marked,x",
            "column 11: unknown state 'x' (there are marked repeated",
        ),
        (
            "is=marked",
            "column 3: a ':' belongs here (as in is:marked)",
        ),
        (
            "is:/m/",
            "column 4: no regular expression can stand here (as in is:marked)",
        ),
        (
            "dup:seen",
            "column 5: that two devices share their seen says nothing",
        ),
        (
            "dup:hst",
            "column 5: unknown field 'hst' (did you mean 'hostname'?)",
        ),
        ("dup:unseen", "column 5: 'unseen' is no field"),
        ("stale:hostname,user", "column 7: stale looks at one field"),
    ] {
        let error = error(query);
        assert!(error.starts_with(beginning), "{query}: {error}");
    }
}

#[test]
fn other_columns_have_no_order_whatever_they_hold() {
    assert_eq!(
        error("@\"Warranty end\"<2026-01-01"),
        "column 16: @\"Warranty end\" is text and has no order (use @\"Warranty end\":text or \
         @\"Warranty end\"=text; days are compared of seen and enrolled, which --column can assign)"
    );
    for query in ["@\"Last seen\">180d", "@\"Issues\">=5"] {
        let error = error(query);
        assert!(error.contains("is text and has no order"), "{error}");
    }
}

#[test]
fn a_mistake_in_a_regular_expression_is_pointed_at() {
    assert_eq!(
        error("a os:/win(dows/"),
        "column 10: regular expression: unclosed group"
    );
    assert!(error("os:/é**[/").starts_with("column 8: regular expression: unclosed"));
    assert!(error("os:/win").starts_with("column 4: this regular expression has no / at its end"));
    assert!(error("group:/Root/Sales").starts_with("column 13: a space is missing here"));
    assert!(error("os:/(\\w{900}){900}/").starts_with("column 4: this regular expression is too"));
}

#[test]
fn errors_are_safe_to_show() {
    for query in [
        "\u{1b}[2J:x",
        "mac:\u{202e}",
        "issues>\u{7}",
        "is:\u{9b}",
        "os:/\u{1b}(/",
    ] {
        let error = error(query);
        assert_eq!(crate::text::visible(&error), error);
    }
}

#[test]
fn nesting_has_a_limit() {
    assert_eq!(
        select(&format!("{}h3{}", "(".repeat(64), ")".repeat(64))),
        ["h3"]
    );
    for opening in ["(", "-", "not "] {
        let error = error(&format!("{}h3", opening.repeat(100_000)));
        let column = 64 * opening.len() + 1;
        assert_eq!(
            error,
            format!("column {column}: more than 64 parentheses or negations in one another")
        );
    }
}

#[test]
fn states_that_nobody_knows_are_refused() {
    let list = list();
    assert_eq!(refusal(&list, "is:repeated,unusable"), None);
    assert_eq!(
        refusal(&list, "a -is:repeated,in-doubt").as_deref(),
        Some(
            "column 4: which devices are in-doubt isn't known here \
             (a list by itself knows repeated and unusable)"
        )
    );
}

#[test]
fn a_column_of_dates_that_cant_be_read_is_refused() {
    let text = "hwid,hostname,last seen\nh1,a,03/04/2026\nh2,a,05/06/2026\n";
    let list = DeviceList::read_bytes("list.csv", text.as_bytes()).expect("a list");
    for query in [
        "unseen>1d",
        "seen>2026-01-01",
        "-seen:none",
        "stale:hostname",
    ] {
        let error = refusal(&list, &format!("a or {query}")).expect(query);
        assert!(
            error.contains("day and month of 'last seen' can't be told apart"),
            "{error}"
        );
        assert!(error.starts_with(if query.starts_with('-') {
            "column 7"
        } else {
            "column 6"
        }));
    }
    assert_eq!(refusal(&list, "a enrolled:none dup:hostname"), None);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>(), near in "[a-z:=<>/\\\\\"()\\[*, -]{0,40}") {
        for text in [text, near] {
            match Query::parse(&text) {
                Ok(query) => {
                    prop_assert_eq!(query.text(), &text);
                    prop_assert_eq!(Query::parse(query.text()), Ok(query));
                }
                Err(error) => {
                    prop_assert!((1..=text.chars().count() + 1).contains(&error.column()));
                }
            }
        }
    }
}
