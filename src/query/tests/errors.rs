//! Query errors: columns, messages and hints.

use proptest::prelude::*;

use super::{list, select};
use crate::list::DeviceList;
use crate::query::{Matcher, NoStatus, Query};

pub(super) fn error(query: &str) -> String {
    match Query::parse(query) {
        Ok(parsed) => panic!("{query} was read as {parsed:?}"),
        Err(error) => error.to_string(),
    }
}

/// The error of a query that parses but can't be evaluated on `list`.
fn refusal(list: &DeviceList, query: &str) -> Option<String> {
    let query = Query::parse(query).expect(query);
    Some(Matcher::new(&query, list, &NoStatus).err()?.to_string())
}

#[test]
fn query_error_separates_column_message_and_hint() {
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
fn parse_reports_errors_between_terms() {
    for (query, message) in [
        ("ab (cd", "column 4: unclosed '('"),
        ("ab (", "column 5: expected a term"),
        ("ab )", "column 4: unmatched ')'"),
        ("()", "column 2: expected a term"),
        ("a or", "column 5: expected a term"),
        ("or a", "column 1: expected a term"),
        ("a or or b", "column 6: expected a term"),
        ("not", "column 4: expected a term"),
        ("é \"cd", "column 3: unclosed '\"'"),
        ("\"\"", "column 1: empty phrase"),
    ] {
        assert_eq!(error(query), message, "{query}");
    }
    assert!(error("a - b").starts_with("column 3: expected a term after '-'"));
    assert!(error("a and b").starts_with("column 3: unexpected 'and'"));
    assert!(error("group:Sales(EMEA)").starts_with("column 12: expected a space"));
    assert!(error("\"a\"b").starts_with("column 4: expected a space"));
    assert!(error("14\"").starts_with("column 3: expected a space"));
}

#[test]
fn parse_names_a_value_for_what_none_is_no_value_of() {
    for (text, expected) in [
        ("is:", "column 4: expected a value (such as is:marked)"),
        (
            "stale:",
            "column 7: expected a value (such as stale:hostname)",
        ),
    ] {
        let error = Query::parse(text).expect_err(text);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn parse_reports_errors_in_fields_and_values() {
    for (query, beginning) in [
        (
            "zz:b",
            "column 1: unknown field 'zz' (quote it to search for the text",
        ),
        (
            "a host!=b",
            "column 3: unknown field 'host!' (quote it to search for the text",
        ),
        (
            "zz!=b",
            "column 1: unknown field 'zz!' (quote it to search for the text",
        ),
        (
            "hostname!=b",
            "column 1: unknown field 'hostname!' (use -hostname=",
        ),
        (
            "issues > 5",
            "column 8: expected a field before the operator (without spaces",
        ),
        (
            "hostname:",
            "column 10: expected a value (use hostname:none for a missing value)",
        ),
        ("os:a,,b", "column 6: expected a value"),
        ("os:\"\"", "column 4: expected a value"),
        ("hostname==b", "column 10: unknown operator"),
        ("group>3", "column 6: group is a text and can't be compared"),
        ("mac:xyz", "column 5: 'xyz' is not part of a MAC address"),
        (
            "mac:00:0c,xyz",
            "column 11: 'xyz' is not part of a MAC address",
        ),
        ("mac=29:cd", "column 5: '29:cd' is not a MAC address"),
        ("mac<29:cd", "column 4: mac is a text and can't be compared"),
        ("issues>many", "column 8: 'many' is not a whole number"),
        ("issues:1,2", "column 8: expected one value"),
        (
            "issues:/5/",
            "column 8: a regular expression is not allowed here",
        ),
        (
            "seen>2026-13-45",
            "column 6: '2026-13-45' is not a day (as in seen>=2026-01-31)",
        ),
        (
            "seen>90d",
            "column 6: seen takes a day, not an age (as in seen<2026-01-31, or unseen>90d)",
        ),
        ("enrolled>90d", "column 10: '90d' is not a day"),
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
            "column 10: unknown unit of time (units are min h d w mo y)",
        ),
        (
            "unseen>2026-01-31",
            "column 8: unseen takes an age, not a day (as in unseen>90d, or seen<2026-01-31",
        ),
        ("unseen>long", "column 8: 'long' is not an age"),
        (
            "unseen>99999999999999999999d",
            "column 8: this age is too large",
        ),
        ("unseen:90d", "column 7: unseen is compared with < <= >= >"),
        ("unseen=90d", "column 7: unseen is compared with < <= >= >"),
        (
            "unseen:none",
            "column 7: unseen is compared with < <= >= > (as in unseen>90d; use seen:none for devices never seen)",
        ),
        (
            "is:marked,x",
            "column 11: unknown state 'x' (use marked repeated",
        ),
        ("is=marked", "column 3: expected ':' (as in is:marked)"),
        (
            "is:/m/",
            "column 4: a regular expression is not allowed here (as in is:marked)",
        ),
        ("dup:seen", "column 5: dup does not support seen"),
        (
            "dup:hst",
            "column 5: unknown field 'hst' (did you mean 'hostname'?)",
        ),
        ("dup:unseen", "column 5: 'unseen' is not a field"),
        ("stale:hostname,user", "column 7: stale takes one field"),
    ] {
        let error = error(query);
        assert!(error.starts_with(beginning), "{query}: {error}");
    }
}

#[test]
fn parse_rejects_comparison_of_other_columns() {
    assert_eq!(
        error("@\"Warranty end\"<2026-01-01"),
        "column 16: @\"Warranty end\" is a text and can't be compared (use @\"Warranty end\":text or \
         @\"Warranty end\"=text; only seen and enrolled compare days: assign one with --column)"
    );
    for query in ["@\"Last seen\">180d", "@\"Issues\">=5"] {
        let error = error(query);
        assert!(error.contains("is a text and can't be compared"), "{error}");
    }
}

#[test]
fn regex_errors_give_their_column() {
    assert_eq!(
        error("a os:/win(dows/"),
        "column 10: regular expression: unclosed group"
    );
    assert!(error("os:/é**[/").starts_with("column 8: regular expression: unclosed"));
    assert!(error("os:/^win^(/").starts_with("column 10: regular expression: unclosed"));
    assert!(error("os:/win").starts_with("column 4: unclosed regular expression"));
    assert!(error("group:/Root/Sales").starts_with("column 13: expected a space"));
    assert!(error("os:/(\\w{900}){900}/").starts_with("column 4: this regular expression is too"));
}

#[test]
fn query_errors_are_safe_to_show() {
    for query in [
        "\u{1b}[2J:x",
        "mac:\u{202e}",
        "issues>\u{7}",
        "is:\u{9b}",
        "os:/\u{1b}(/",
        "os:\"\u{1b}*\"",
        "os:'\u{202e}'",
        "@\"\u{9b}\" x",
        "@\"\u{9b}\":",
    ] {
        let error = error(query);
        assert_eq!(crate::text::visible(&error), error);
    }
}

#[test]
fn parse_limits_nesting() {
    assert_eq!(
        select(&format!("{}h3{}", "(".repeat(64), ")".repeat(64))),
        ["h3"]
    );
    for opening in ["(", "-", "not "] {
        let error = error(&format!("{}h3", opening.repeat(100_000)));
        let column = 64 * opening.len() + 1;
        assert_eq!(
            error,
            format!("column {column}: more than 64 nested parentheses or negations")
        );
    }
}

#[test]
fn matcher_rejects_unknown_states() {
    let list = list();
    assert_eq!(refusal(&list, "is:repeated,unusable"), None);
    assert_eq!(
        refusal(&list, "a -is:repeated,in-doubt").as_deref(),
        Some(
            "column 4: state 'in-doubt' is not available here \
             (use repeated or unusable)"
        )
    );
}

#[test]
fn matcher_rejects_ambiguous_dates() {
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
            error.contains("day and month of 'last seen' are ambiguous"),
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
    fn parse_never_panics(text in any::<String>(), near in "[a-z:=<>/\\\\\"()\\[*, -]{0,40}") {
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
