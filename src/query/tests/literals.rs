//! Values without quotes: wildcards, and quotes that are none to the query language.

use super::errors::error;
use super::select;
use crate::query::Query;

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
