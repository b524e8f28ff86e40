use super::*;

const LIST: &str = "hwid,hostname,group,type,mac,last seen\n\
    h1,LT-1,Sales,laptop,00:0c:29:00:00:01 00:0c:29:00:00:02,2026-11-20T10:00:00Z\n\
    h2,LT-2,Domain controllers,server,,\n\
    h3,LT-3,Sales,laptop,,\n\
    h4,LT-4,None,,,\n";

fn completed(before: &str) -> Vec<String> {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    complete(before, &list).map_or_else(Vec::new, |completion| {
        let prefix = &before[..completion.start];
        let texts = completion.candidates.iter();
        texts
            .map(|candidate| format!("{prefix}{candidate}"))
            .collect()
    })
}

#[test]
fn complete_offers_fields_states_and_occurring_values() {
    assert_eq!(completed("ho"), ["hostname:"]);
    assert_eq!(completed("unseen>90d -gr"), ["unseen>90d -group:"]);
    assert_eq!(completed("is:in"), ["is:in-doubt"]);
    assert_eq!(completed("(stale:host"), ["(stale:hostname"]);
    assert_eq!(completed("type:"), ["type:laptop", "type:server"]);
    assert_eq!(completed("type:laptop,s"), ["type:laptop,server"]);
    assert_eq!(completed("group:dom"), ["group:\"Domain controllers\""]);
    assert_eq!(
        completed("group:\"Domain c"),
        ["group:\"Domain controllers\""]
    );
    assert!(completed("nonsense:").is_empty());
}

#[test]
fn complete_offers_a_value_that_is_a_part_of_another_one_with_an_equals_sign() {
    let list = "hwid,status,user\nh1,compliant,ada\nh2,non_compliant,Ada\nh3,pending,adam\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let completed = |before: &str| {
        let completion = complete(before, &list).expect("candidates");
        let prefix = &before[..completion.start];
        let texts = completion.candidates.iter();
        let texts = texts.map(|candidate| format!("{prefix}{candidate}"));
        texts.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        completed("-status:"),
        "-status=compliant -status:non_compliant -status:pending"
    );
    assert_eq!(completed("status:co"), "status=compliant");
    assert_eq!(
        completed("status="),
        "status=compliant status=non_compliant status=pending"
    );
    // Other values stay as the operator wrote them.
    assert_eq!(completed("status:pending,co"), "status:pending,compliant");
    assert_eq!(
        completed("user:"),
        "user=Ada user=ada user:adam",
        "but for case"
    );
}

#[test]
fn complete_offers_the_headers_of_other_columns() {
    let list = "hwid,Room,Desk,\"Room \"\"B\"\"\"\nh1,1,2,3\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    for (before, offered) in [
        ("-@", &["@\"Room\":", "@\"Desk\":"][..]),
        ("@\"ro", &["@\"Room\":"]),
    ] {
        let completion = complete(before, &list).expect("candidates");
        assert_eq!(completion.candidates, offered, "{before}");
    }
}

#[test]
fn complete_offers_values_behind_a_comparison_of_issues_only() {
    let list = "hwid,issues,group\nh1,3,Sales\nh2,12,Sales\nh3,12,Lab\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let completion = complete("issues>", &list).expect("candidates");
    assert_eq!(
        (completion.start, completion.candidates),
        (7, vec!["12".to_owned(), "3".to_owned()])
    );
    assert_eq!(complete("group>", &list), None);
}

#[test]
fn word_is_a_name_or_needs_values_or_neither() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    for (before, is_name, needs_values) in [
        ("gro", true, false),
        ("is:", false, false),
        ("group:", false, true),
    ] {
        let word = Word::of(before, &list).expect("a word");
        assert_eq!(
            (word.is_name(), word.needs_values()),
            (is_name, needs_values)
        );
    }
}

#[test]
fn text_is_incomplete_while_its_end_is_missing() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    for text in [
        "uns",
        "LT -uns",
        "(group",
        "unseen>",
        "unseen>6",
        "type:laptop,",
        "\"Domain",
        "group:\"Domain c",
        "hostname:/lt",
        "(lt",
        "lt or",
        "not",
        "-",
        "is:fa",
        "mac=00:0c",
        "s",
    ] {
        assert!(is_incomplete(text, &list), "{text}");
    }
    for text in [
        "",
        "lt",
        "unseen>60d",
        "unseen>60d ",
        "group:dom",
        "\"user\"",
        "\"a user\"",
        ">>60d",
        "unseen>>60d",
        "seen>>2026-01-31",
        "hst:a",
        "mac=lt",
        "a )",
        "unseen>60x",
    ] {
        assert!(!is_incomplete(text, &list), "{text}");
    }
}

#[test]
fn complete_offers_dates_as_days() {
    assert_eq!(completed("see"), ["seen>="]);
    let offered = completed("-seen:");
    assert_eq!(offered[0], "-seen>=2026-11-13");
    assert!(
        offered.contains(&"-seen<2026-08-22".to_owned()),
        "{offered:?}"
    );
    assert_eq!(completed("enrolled<2026-1")[0], "enrolled<2026-11-13");
}

#[test]
fn complete_offers_times_without_contact() {
    let offered = completed("type:laptop unseen>");
    assert_eq!(offered.len(), 5);
    assert_eq!(offered[0], "type:laptop unseen>30d");
    assert_eq!(completed("-unseen<=1"), ["-unseen<=180d"]);
    assert_eq!(completed("unseen:9"), ["unseen>90d"]);
    assert!(completed("unseen>x").is_empty());
}

#[test]
fn complete_separates_addresses_and_quotes_none() {
    assert_eq!(
        completed("mac:\"00:0C"),
        ["mac:\"00:0c:29:00:00:01\"", "mac:\"00:0c:29:00:00:02\""]
    );
    assert_eq!(completed("group:no"), ["group:\"None\""]);
}

#[test]
fn complete_offers_valid_queries() {
    for before in [
        "group:",
        "type:",
        "hostname:",
        "dup:",
        "is:",
        "-group=",
        "mac:",
        "mac=",
        "seen:",
        "seen<",
        "enrolled>=",
        "issues:",
        "hwid:",
        "seen=",
        "os:",
        "unseen>",
        "unseen:",
    ] {
        for text in completed(before) {
            assert!(Query::parse(&text).is_ok(), "{text}");
        }
    }
}
