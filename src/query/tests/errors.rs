//! Query errors: columns, messages and hints.

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
fn parse_rejects_wildcards_with_the_regular_expression() {
    for (query, message) in [
        (
            "hostname:SRV*",
            "column 13: wildcards are not supported (write hostname:/^SRV.*/)",
        ),
        (
            "HostName=SRV*",
            "column 13: wildcards are not supported (write hostname:/^SRV.*/)",
        ),
        (
            "hostname:\"SRV*\"",
            "column 14: wildcards are not supported (write hostname:/^SRV.*/)",
        ),
        (
            "group:\"*\"",
            "column 8: wildcards are not supported (use -group:none for any value)",
        ),
        (
            "a -os:a,*-x.y/z",
            "column 9: wildcards are not supported (write os:/.*\\-x\\.y\\/z$/)",
        ),
        (
            "@\"Asset tag\":A*1",
            "column 15: wildcards are not supported (write @\"Asset tag\":/^A.*1$/)",
        ),
        (
            "mac:00:0c*",
            "column 10: wildcards are not supported (write mac:/^00:0c.*/)",
        ),
        (
            "SRV*",
            "column 4: wildcards are not supported (write hostname:/^SRV.*/, or quote a literal *)",
        ),
        (
            "*",
            "column 1: wildcards are not supported (use -field:none for any value)",
        ),
        (
            "seen>=2026*",
            "column 11: wildcards are not supported (write the whole value)",
        ),
        (
            "hostname:SRV＊",
            "column 13: wildcards are not supported (write hostname:/^SRV.*/)",
        ),
        (
            "hostname:S.V?",
            "column 13: wildcards are not supported (write hostname:/^S\\.V.$/, or quote a literal ?)",
        ),
        (
            "is:mark*",
            "column 8: wildcards are not supported (write the whole value)",
        ),
    ] {
        assert_eq!(error(query), message, "{query}");
    }
    let long = format!("hostname:{}*", "x".repeat(60));
    assert!(error(&long).ends_with("as in hostname:/^SRV.*/)"));
    // In a phrase without a field, and in the header of a column, it is literal.
    assert_eq!(select("\"lt-*\""), [""; 0]);
    assert!(Query::parse("@\"a*b\":none dup:@\"a*b\"").is_ok());
}

#[test]
fn suggested_regular_expressions_can_be_parsed() {
    for value in ["SRV*", "*-x.y/z", "a*b*c", "(x*", "lt-*1"] {
        let error = Query::parse(&format!("hostname:\"{value}\"")).expect_err(value);
        let hint = error.hint().expect("a hint").strip_prefix("write ");
        let suggested = Query::parse(hint.expect("a query"));
        assert!(suggested.is_ok(), "{value}: {suggested:?}");
    }
    assert_eq!(select("hostname:/^lt-.*/"), ["h1", "h2"]);
}

#[test]
fn parse_rejects_quotes_other_than_straight_double_quotes() {
    let hint = "a text between them is literal)";
    for (query, beginning) in [
        (
            "type:'server'",
            "column 6: expected straight double quotes (\") (as in type:\"server\";",
        ),
        (
            "type:“server”",
            "column 6: expected straight double quotes (\") (as in type:\"server\";",
        ),
        (
            "type:a,‘server’",
            "column 8: expected straight double quotes (\") (as in type:\"server\";",
        ),
        (
            "type=server”",
            "column 12: expected straight double quotes (\") (as in type:\"server\";",
        ),
        (
            "type:server'",
            "column 12: expected straight double quotes (\") (as in type:\"server\";",
        ),
        (
            "group:'Domain controllers'",
            "column 7: expected straight double quotes (\") (as in group:\"Domain\";",
        ),
        (
            "-`server`",
            "column 2: expected straight double quotes (\") (as in \"server\";",
        ),
        (
            "'a b'",
            "column 1: expected straight double quotes (\") (as in \"a\";",
        ),
        (
            "@x:«y»",
            "column 4: expected straight double quotes (\") (as in @\"x\":\"y\";",
        ),
        (
            "os:''",
            "column 4: expected straight double quotes (\") (as in group:\"Domain controllers\";",
        ),
        (
            "type:“a”b”",
            "column 6: expected straight double quotes (\") (as in group:\"Domain controllers\";",
        ),
    ] {
        let error = error(query);
        assert!(error.starts_with(beginning), "{query}: {error}");
        assert!(error.ends_with(hint), "{query}: {error}");
    }
    for (length, example) in [(40, "type:\"x"), (41, "group:\"Domain")] {
        let error = error(&format!("type:'{}'", "x".repeat(length)));
        assert!(error.contains(&format!("(as in {example}")), "{error}");
    }
    // Within a name it is an apostrophe, and in double quotes it is literal.
    for query in [
        "user:O'Brien",
        "O’Brien",
        "group:who?",
        "hostname:\"?\"",
        "user:\"'t Hooft\"",
        "\"“a”\"",
    ] {
        assert!(Query::parse(query).is_ok(), "{query}");
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
