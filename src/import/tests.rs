use super::*;
use crate::domain::device::Hwid;
use crate::list::DeviceList;
use proptest::prelude::*;

const LIST: &str = "hwid,hostname,mac,last seen\n\
    12ds44f5gacd52234,LT-4411,00:0c:29:cd:c7:b2,2026-01-01T00:00:00Z\n\
    cd7323a67effe2ab53,LT-4411,00:0c:29:cd:c7:b3,2026-05-01T00:00:00Z\n\
    aaaaaaaaaaaaaaaa1,srv-1.corp.example,00:0c:29:cd:c7:b4,\n\
    bbbbbbbbbbbbbbbb2,Front Desk,00:0c:29:cd:c7:b4,\n\
    cccccccccccccccc3,WS-7,,\n";

fn list() -> DeviceList {
    DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list")
}

fn meanings(text: &str) -> Vec<String> {
    Import::read(text, &list())
        .entries
        .iter()
        .map(|entry| match &entry.result {
            MatchResult::Matched(id) => format!("{} = {}", entry.text, id.index()),
            MatchResult::Ambiguous(ids) => {
                let ids: Vec<usize> = ids.iter().map(|id| id.index()).collect();
                format!("{} in {ids:?}", entry.text)
            }
            MatchResult::Several(ids) => format!("{} all {}", entry.text, ids.len()),
            MatchResult::Repeated => format!("{} again", entry.text),
            MatchResult::Invalid(_) => format!("{} invalid", entry.text),
            MatchResult::Missing(Some(identifier)) => {
                format!("{} missing {identifier}", entry.text)
            }
            MatchResult::Missing(None) => format!("{} missing", entry.text),
        })
        .collect()
}

#[test]
fn read_cleans_pasted_text() {
    let text = "• “12ds44f5gacd52234”,\n1. ws\u{2011}7\u{a0}\n- 00\u{2013}0c–29–cd–c7–b2\r\n\u{feff}Front\u{a0}Desk;";
    assert_eq!(
        meanings(text),
        [
            "12ds44f5gacd52234 = 0",
            "ws-7 = 4",
            "00-0c-29-cd-c7-b2 again",
            "Front Desk = 3"
        ]
    );
}

#[test]
fn read_never_takes_a_hostname_for_a_hwid() {
    for hwid in [
        "12ds44f5gacd52234",
        "cd7323a67effe2ab53",
        "0123456789abcdef",
        "4c4c4544-0042-3510-8051-b4c04f564432",
    ] {
        assert!(Hwid::is_distinctive(hwid), "{hwid}");
    }
    for name in [
        "DESKTOP-4F7K2M9",
        "LAPTOP-0A1B2C3D4E5F",
        "WIN-0123456789AB",
        "chicagolaptop0001",
        "win10laptopchicago2",
        "000c29000001",
        "deadbeef",
        "4c4c4544-0042-3510-8051",
    ] {
        assert!(!Hwid::is_distinctive(name), "{name}");
    }
    assert_eq!(meanings("DESKTOP-4F7K2M9"), ["DESKTOP-4F7K2M9 missing"]);
}

#[test]
fn read_compares_macs_in_every_notation_and_rejects_constants() {
    assert_eq!(
        meanings("00:0c:29:00:00:01\n000c29000001\n000c.2900.0001\n00:05:9a:3c:7a:00"),
        [
            "00:0c:29:00:00:01 missing 00:0c:29:00:00:01",
            "000c29000001 again",
            "000c.2900.0001 again",
            "00:05:9a:3c:7a:00 invalid"
        ]
    );
}

#[test]
fn read_accepts_carriage_returns_as_line_ends() {
    assert_eq!(meanings("ws-7\rlt-9\r"), ["ws-7 = 4", "lt-9 missing"]);
}

#[test]
fn read_lists_ambiguous_devices_newest_first() {
    assert_eq!(meanings("lt-4411"), ["lt-4411 in [1, 0]"]);
    assert_eq!(meanings("000c29cdc7b4"), ["000c29cdc7b4 in [2, 3]"]);
}

#[test]
fn read_reports_missing_identifiers() {
    assert_eq!(
        meanings("LT-9\nffffffffffffffff9\n00-0c-29-00-00-01\nff:ff:ff:ff:ff:ff\nwho@corp"),
        [
            "LT-9 missing",
            "ffffffffffffffff9 missing ffffffffffffffff9",
            "00-0c-29-00-00-01 missing 00:0c:29:00:00:01",
            "ff:ff:ff:ff:ff:ff invalid",
            "who@corp invalid"
        ]
    );
}

#[test]
fn read_splits_lines_into_words_and_marks_repeats() {
    assert_eq!(
        meanings("ws-7 WS-7\nlt-9 LT-9"),
        ["ws-7 = 4", "WS-7 again", "lt-9 missing", "LT-9 again"]
    );
    let import = Import::read("ws-7 lt-9 lt-4411", &list());
    assert_eq!(import.unmatched(), "lt-9\nlt-4411\n");
    let counts = import.counts();
    assert_eq!(
        (counts.matched, counts.missing, counts.ambiguous),
        (1, 1, 1)
    );
}

#[test]
fn read_skips_comments() {
    let text = "# remove these, not WS-7\n; lt-4411\n// srv-1\n#aaaaaaaaaaaaaaaa1\n\
        12ds44f5gacd52234 # WS-7, srv-1\nLT-9 #WS-7\n";
    assert_eq!(meanings(text), ["12ds44f5gacd52234 = 0", "LT-9 missing"]);
    assert_eq!(Import::read(text, &list()).comments, 6);
}

#[test]
fn read_keeps_number_signs_of_names() {
    let list = DeviceList::read_bytes(
        "l.csv",
        b"hwid,hostname,nickname\nh0,a,Desk\nh1,b,Desk #2\nh2,c,Desk #old\nh3,d,#4 Lab\n",
    )
    .expect("a list");
    let result = |text: &str| Import::read(text, &list).entries[0].result.clone();
    let id = DeviceId::from_index;
    assert_eq!(result("Desk"), MatchResult::Matched(id(0)));
    assert_eq!(result("Desk # the old one"), MatchResult::Matched(id(0)));
    assert_eq!(result("Desk #2"), MatchResult::Matched(id(1)));
    assert_eq!(result("desk #OLD, a"), MatchResult::Matched(id(2)));
    assert_eq!(result("a, #4 Lab"), MatchResult::Matched(id(0)));
    assert_eq!(Import::read("a,#4 Lab", &list).counts().matched, 2);
    // Not cut to `Desk`, but reported.
    assert_eq!(Import::read("Desk #3", &list).counts().matched, 0);
}

#[test]
fn read_calls_a_token_of_several_kinds_ambiguous() {
    let list = DeviceList::read_bytes(
        "l.csv",
        b"hwid,mac,serial,hostname,nickname\n\
          aaaa1,00:0c:29:00:00:01,PF-0001,000c29000002,\n\
          aaaa2,00:0c:29:00:00:02,PF-0002,PF-0003,\n\
          aaaa3,00:0c:29:00:00:03,PF-0003,aaaa1,LT-4\n\
          aaaa4,00:0c:29:00:00:04,PF-0004,LT-4,aaaa4\n",
    )
    .expect("a list");
    let result = |text: &str| Import::read(text, &list).entries[0].result.clone();
    let id = DeviceId::from_index;
    for (text, devices) in [
        ("000C29000002", [0, 1]),
        ("pf-0003", [1, 2]),
        ("aaaa1", [0, 2]),
        ("lt-4", [2, 3]),
    ] {
        let MatchResult::Ambiguous(mut ids) = result(text) else {
            panic!("{text}: {:?}", result(text));
        };
        ids.sort_unstable();
        assert_eq!(ids, devices.map(id), "{text}");
    }
    assert_eq!(
        result("aaaa4"),
        MatchResult::Matched(id(3)),
        "both are its own"
    );
    assert_eq!(result("00:0c:29:00:00:03"), MatchResult::Matched(id(2)));
}

#[test]
fn read_rejects_default_names() {
    let list = DeviceList::read_bytes("l.csv", b"hwid,hostname\nh0,localhost\nh1,DESKTOP\n");
    let list = list.expect("a list");
    let counts = Import::read("localhost\ndesktop\nunknown", &list).counts();
    assert_eq!((counts.invalid, counts.matched), (3, 0));
}

#[test]
fn read_says_why_an_entry_names_no_device() {
    let text = "00:0c:29:cd:c7:zz\n00-0c-29-cd-c7-bO\nff:ff:ff:ff:ff:ff\nwho@corp\nunknown\n00:05:9a:3c:7a:00";
    let reasons = Import::read(text, &list()).entries.into_iter();
    let reasons: Vec<String> = reasons
        .map(|entry| match entry.result {
            MatchResult::Invalid(reason) => reason.to_string(),
            other => panic!("{}: {other:?}", entry.text),
        })
        .collect();
    assert_eq!(
        reasons,
        [
            "not a MAC address",
            "not a MAC address",
            "broadcast MAC address",
            "neither an identifier nor a host name",
            "a placeholder, or a default name of many machines",
            "an address that a VPN or virtual adapter gives to many machines",
        ]
    );
    assert!(reasons.iter().all(|reason| reason.is_ascii()));
}

proptest! {
    #[test]
    fn unmatched_entries_do_not_match_again(text in "\\PC{0,80}") {
        let import = Import::read(&text, &list());
        let again = Import::read(&import.unmatched(), &list());
        prop_assert_eq!(again.counts().matched, 0);
    }
}
