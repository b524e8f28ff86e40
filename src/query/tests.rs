use proptest::prelude::*;

use super::*;
use crate::list::{DeviceId, DeviceList};

const LIST: &str = "hwid,mac,hostname,os,status,group,user,last seen,issues\n\
    h1,00:0c:29:cd:c7:b2,LT-4411,Windows 11,non_compliant,Sales,a.meier,2026-11-20T10:00:00Z,7\n\
    h2,00:0c:29:00:00:02,lt-2093,Windows 10,compliant,Domain controllers,b.rossi,2026-08-01T10:00:00Z,0\n\
    h3,,SRV-1,Ubuntu,compliant,,c.dubois,,\n\
    h4,a4:bb:6d:29:cd:04,ZÜRICH-1,macOS 15,pending,Sales,d.kovac,2026-11-01T10:00:00Z,5\n";

fn list() -> DeviceList {
    DeviceList::read_bytes("list.csv", LIST.as_bytes()).expect("a list")
}

/// The hardware IDs that match.
fn select(query: &str) -> Vec<String> {
    let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let list = list();
    let matcher = Matcher::new(&query, &list);
    matcher
        .select()
        .into_iter()
        .filter_map(|id| Some(list.device(id).hwid()?.to_owned()))
        .collect()
}

fn error(query: &str) -> (usize, String) {
    let error = Query::parse(query).expect_err(query);
    (error.column, error.message)
}

#[test]
fn words_are_looked_for_in_every_text_column_whatever_their_case() {
    assert_eq!(select("lt-"), ["h1", "h2"]);
    assert_eq!(select("SALES"), ["h1", "h4"]);
    assert_eq!(select("zürich"), ["h4"]);
    assert_eq!(select("\"domain con\""), ["h2"]);
    assert_eq!(select("h3"), ["h3"]);
    assert!(select("").len() == 4 && Query::parse("  ").expect("empty").is_empty());
}

#[test]
fn terms_are_joined_by_and_or_not_and_parentheses() {
    assert_eq!(select("sales windows"), ["h1"]);
    assert_eq!(select("windows or macos"), ["h1", "h2", "h4"]);
    assert_eq!(select("not windows"), ["h3", "h4"]);
    assert_eq!(select("-windows -sales"), ["h3"]);
    assert_eq!(select("sales (windows or ubuntu)"), ["h1"]);
    assert_eq!(select("-(windows or ubuntu)"), ["h4"]);
    assert_eq!(select("windows sales or ubuntu"), ["h1", "h3"]);
}

#[test]
fn fields_contain_equal_or_lack_a_value() {
    assert_eq!(select("status:compliant"), ["h1", "h2", "h3"]);
    assert_eq!(select("status=compliant"), ["h2", "h3"]);
    assert_eq!(select("group:\"domain controllers\""), ["h2"]);
    assert_eq!(select("os:ubuntu,macos"), ["h3", "h4"]);
    assert_eq!(select("group:none"), ["h3"]);
    assert_eq!(select("-group:none user:meier"), ["h1"]);
    assert_eq!(select("STATUS=PENDING"), ["h4"]);
}

#[test]
fn macs_are_found_in_any_notation_and_by_two_pairs() {
    for query in [
        "00:0c:29:cd:c7:b2",
        "00-0C-29-CD-C7-B2",
        "000c.29cd.c7b2",
        "000c29cdc7b2",
        "mac:000C29CDC7B2",
    ] {
        assert_eq!(select(query), ["h1"], "{query}");
    }
    assert_eq!(select("29:cd"), ["h1", "h4"]);
    assert_eq!(select("mac:29-cd"), ["h1", "h4"]);
    assert_eq!(select("mac:none"), ["h3"]);
}

#[test]
fn ages_count_from_the_lists_time_and_a_missing_one_matches_neither_way() {
    assert_eq!(select("unseen>90d"), ["h2"]);
    assert_eq!(select("unseen<=3w"), ["h1", "h4"]);
    assert_eq!(select("not unseen>90d"), ["h1", "h4"]);
    assert_eq!(select("not unseen>90d or hostname:srv"), ["h1", "h3", "h4"]);
    assert_eq!(select("not (unseen>90d or issues>6)"), ["h4"]);
}

#[test]
fn dates_are_whole_days_in_utc() {
    assert_eq!(select("seen>=2026-11-01"), ["h1", "h4"]);
    assert_eq!(select("seen>2026-11-01"), ["h1"]);
    assert_eq!(select("seen=2026-11-01"), ["h4"]);
    assert_eq!(select("seen<2026-11-01"), ["h2"]);
    assert_eq!(select("seen<=2026-11-01"), ["h2", "h4"]);
    assert_eq!(select("seen:none"), ["h3"]);
}

#[test]
fn numbers_are_compared() {
    assert_eq!(select("issues>5"), ["h1"]);
    assert_eq!(select("issues>=5"), ["h1", "h4"]);
    assert_eq!(select("issues=0"), ["h2"]);
    assert_eq!(select("-issues>5"), ["h2", "h4"]);
}

#[test]
fn an_error_points_at_the_column_of_the_mistake() {
    assert_eq!(error("ab (cd"), (4, "this ( is never closed".to_owned()));
    assert_eq!(error("ab )"), (4, "this ) closes nothing".to_owned()));
    assert_eq!(error("é \"cd").0, 3);
    assert_eq!(error("a or").0, 5);
    assert_eq!(error("or a").0, 1);
    assert_eq!(error("not").0, 4);
    let (column, message) = error("a hst:b");
    assert!(column == 3 && message.contains("hostname"), "{message}");
    let (column, message) = error("unseen>3m");
    assert!(column == 9 && message.contains("min or mo"), "{message}");
    let (column, message) = error("seen>90d");
    assert!(column == 6 && message.contains("unseen>90d"), "{message}");
    assert_eq!(error("issues>many").0, 8);
    assert_eq!(error("group>3").0, 6);
    assert_eq!(error("hostname:").0, 10);
    assert_eq!(error("mac:xyz").0, 5);
    assert_eq!(error("seen>2026-13-45").0, 6);
}

#[test]
fn nesting_has_a_limit() {
    let (_, message) = error(&"(".repeat(100_000));
    assert_eq!(message, "nested too deep");
    let (_, message) = error(&"-".repeat(100_000));
    assert_eq!(message, "nested too deep");
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        if let Err(error) = Query::parse(&text) {
            prop_assert!(error.column <= text.chars().count() + 1);
        }
    }

    /// Against the plain way to ask for a word.
    #[test]
    fn a_word_is_found_as_the_plain_way_finds_it(word in "[a-zA-Z0-9.]{1,6}") {
        prop_assume!(!["or", "not"].contains(&word.to_lowercase().as_str()));
        let (list, query) = (list(), Query::parse(&word).expect("a word"));
        let matcher = Matcher::new(&query, &list);
        for id in list.ids() {
            let plain = list.device(id).texts()
                .any(|(_, text)| text.to_lowercase().contains(&word.to_lowercase()));
            prop_assert_eq!(matcher.matches(id), plain);
        }
    }

    /// Negation turns every certain answer around, and leaves what is open open.
    #[test]
    fn nothing_matches_both_a_query_and_its_negation(
        term in prop::sample::select(vec!["sales", "unseen>90d", "issues>3", "group:none", "seen<2026-11-01", "29:cd"]),
    ) {
        let (list, plain, negated) = (list(), Query::parse(term).expect("a query"), Query::parse(&format!("-{term}")).expect("a query"));
        let (plain, negated) = (Matcher::new(&plain, &list), Matcher::new(&negated, &list));
        for index in 0..list.len() {
            let id = DeviceId::from_index(index);
            prop_assert!(!(plain.matches(id) && negated.matches(id)));
        }
    }
}
