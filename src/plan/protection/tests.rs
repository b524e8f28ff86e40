use super::*;

const LIST: &str = "hwid,hostname,type,mac\n\
    h1,srv-1,server,00:0c:29:cd:c7:b2\n\
    h2,lt-1,laptop,00:0c:29:cd:c7:b3\n\
    h3,lt-2,,\n\
    h4,lt-3,laptop,00:0c:29:cd:c7:b2\n";

fn reasons(rules: &[&str]) -> Vec<Option<String>> {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let queries = rules
        .iter()
        .map(|rule| Query::parse(rule).expect("a query"));
    let protection = Rules::new(queries.collect()).apply(&list).expect("applies");
    list.ids()
        .map(|id| protection.reason(id).map(str::to_owned))
        .collect()
}

#[test]
fn protection_covers_matched_unknown_and_sharing_devices() {
    assert_eq!(
        reasons(&["type:server"]),
        [
            Some("type:server".to_owned()),
            None,
            Some("type unknown".to_owned()),
            Some("shares a MAC address with a protected device".to_owned()),
        ]
    );
}

/// Why the device is protected whose `field` is `value`, beside a server and a laptop.
fn reason_with(field: &str, rule: &str, value: &str) -> Option<String> {
    let list = format!("hwid,hostname,{field}\nh1,a,server\nh2,b,laptop\nh3,c,{value}\n");
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let rules = Rules::new(vec![Query::parse(rule).expect("a query")]);
    let protection = rules.apply(&list).expect("applies");
    let other = list.ids().nth(1).and_then(|id| protection.reason(id));
    assert_eq!(other, None, "{field}");
    let id = list.ids().nth(2).expect("a third device");
    protection.reason(id).map(str::to_owned)
}

#[test]
fn error_of_a_spreadsheet_protects() {
    for value in ["#N/A", "#GETTING_DATA", "#WERT", "Err:502", "####"] {
        for (field, rule) in [
            ("type", "type:server"),
            ("group", "group:server"),
            ("os", "os:server"),
            ("serial", "serial:server"),
            ("nickname", "nickname:server"),
            ("user", "user:server"),
        ] {
            let reason = format!("{field} could not be read");
            assert_eq!(
                reason_with(field, rule, value),
                Some(reason),
                "{field} {value}"
            );
        }
        let reason = reason_with("Room", "@Room:server", value).expect("protected");
        assert!(reason.ends_with("could not be read"), "{reason}");
    }
    assert_eq!(reason_with("type", "type:server", "#1"), None);
}

#[test]
fn error_beside_a_value_protects_in_the_row_and_after_merging() {
    let list = "hwid,hostname,serial,serial number,mac,last seen\n\
        h1,a,S1,#N/A,,2026-01-02\n\
        h2,b,S2,S2,#REF!,2026-01-02\n\
        h3,c,S3,,00:0c:29:cd:c7:b2,2026-01-02\n\
        h3,c,#NV,,,#N/A\n\
        h4,d,S4,,00:0c:29:cd:c7:b3,2026-01-02\n\
        ,d,#NV,,00:0c:29:cd:c7:b3,2026-01-02\n\
        h5,e,S5,,00:0c:29:cd:c7:b4,2026-01-02\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let reasons = |rule| {
        let rules = Rules::new(vec![Query::parse(rule).expect("a query")]);
        let protection = rules.apply(&list).expect("applies");
        let reason = |id| protection.reason(id).unwrap_or_default().to_owned();
        list.ids().map(reason).collect::<Vec<_>>()
    };
    let serial = "serial could not be read";
    assert_eq!(reasons("serial:X"), [serial, "", serial, serial, ""]);
    let unknown = "mac unknown";
    let mac = "mac could not be read";
    assert_eq!(reasons("mac:000c29000000"), [unknown, mac, "", "", ""]);
    assert_eq!(reasons("unseen>9000d")[2], "seen could not be read");
}

#[test]
fn word_for_nothing_is_no_value_for_a_rule() {
    for value in ["null", "N/A", "-", "(blank)", "unknown"] {
        for (field, rule) in [("type", "type:server"), ("group", "group:server")] {
            let reason = format!("{field} unknown");
            assert_eq!(
                reason_with(field, rule, value),
                Some(reason),
                "{field} {value}"
            );
        }
        let reason = reason_with("Room", "@Room:server", value).expect("protected");
        assert!(reason.ends_with("unknown"), "{reason}");
    }
    // A rule can still name the word, and a status can be unknown.
    for (field, rule, value) in [
        ("group", "group:\"none\"", "None"),
        ("status", "status:unknown", "unknown"),
    ] {
        assert_eq!(reason_with(field, rule, value).as_deref(), Some(rule));
    }
    assert_eq!(reason_with("status", "status:server", "unknown"), None);
    assert_eq!(reason_with("type", "type:server", "non-compliant"), None);
}

#[test]
fn protection_counts_the_matches_of_each_rule() {
    let rules = ["type:server", "hostname:srv", "hostname:lt", "os:windows"];
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let queries = rules.map(|rule| Query::parse(rule).expect("a query"));
    let protection = Rules::new(queries.into()).apply(&list).expect("applies");
    let matches = protection.matches().iter();
    let matches: Vec<_> = matches
        .map(|rule| (rule.rule.as_str(), rule.devices))
        .collect();
    assert_eq!(
        matches,
        [
            ("type:server", 1),
            ("hostname:srv", 1),
            ("hostname:lt", 3),
            ("os:windows", 0)
        ]
    );
    assert_eq!(protection.rules_without_match(), ["os:windows"]);
    assert!(!protection.is_empty() && Protection::default().is_empty());
}

#[test]
fn protection_knows_which_reasons_say_that_a_value_is_unknown() {
    let rules = ["type:server", "laptop unknown"];
    let list = DeviceList::read_bytes(
        "l.csv",
        b"hwid,hostname,note\nh1,LT-1,\nh2,LT-2,laptop unknown\n",
    );
    let queries = rules.map(|rule| Query::parse(rule).expect("a query"));
    let list = list.expect("a list");
    let protection = Rules::new(queries.into()).apply(&list).expect("applies");
    assert!(protection.is_unknown("type unknown"));
    assert!(!protection.is_unknown("laptop unknown"), "it is a rule");
    assert!(!Protection::default().is_unknown("type unknown"));
}

#[test]
fn held_devices_are_kept_beside_the_protected_ones() {
    let id = DeviceId::from_index(1);
    let none = Protection::default();
    assert_eq!((none.held(id), none.has_held()), (None, false));
    let held = none.with_held(HashMap::from([(id, "on leave".to_owned())]));
    assert_eq!((held.held(id), held.has_held()), (Some("on leave"), true));
}

#[test]
fn unknown_value_protects_under_a_negation_too() {
    let reasons = reasons(&["-type:laptop"]);
    assert_eq!(reasons[2].as_deref(), Some("type unknown"));
    assert_eq!(reasons[1], None);
}

#[test]
fn every_row_of_a_device_can_protect_it() {
    let list = "hwid,hostname,type,group,mac\n\
        h1,a,laptop,Sales,\n\
        h1,a,server,Domain controllers,\n\
        h2,b,laptop,Sales,\n\
        h2,b,,SALES,\n\
        ,c,laptop,Sales,00:0c:29:cd:c7:b2\n\
        ,C,laptop,Domain controllers,00:0c:29:cd:c7:b2\n\
        ,d,laptop,Sales,00:0c:29:cd:c7:b3\n\
        h4,d,server,Sales,00:0c:29:cd:c7:b3\n\
        h4,d,laptop,Sales,00:0c:29:cd:c7:b3\n\
        h5,e,laptop,Sales,\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let reasons = |rule| {
        let rules = Rules::new(vec![Query::parse(rule).expect("a query")]);
        let protection = rules.apply(&list).expect("applies");
        let reasons = list
            .ids()
            .map(|id| protection.reason(id).map(str::to_owned));
        reasons.collect::<Vec<_>>()
    };
    let server = Some("type=server".to_owned());
    assert_eq!(
        reasons("type=server"),
        [server, None, None, Some("type=server".to_owned()), None]
    );
    let controllers = reasons("group:\"Domain controllers\"");
    let rule = Some("group:\"Domain controllers\"".to_owned());
    assert_eq!(controllers, [rule.clone(), None, rule, None, None]);
}

#[test]
fn row_with_an_unreadable_hardware_id_protects_by_its_mac() {
    let list = br#"[
        {"hwid": 9156240, "type": "server", "mac": "00:0c:29:cd:c7:b2"},
        {"hwid": "0f1e2d3c\u2026", "type": "server", "mac": "00:0c:29:cd:c7:b4"},
        {"hwid": "h2", "type": "laptop", "mac": "00:0c:29:cd:c7:b2"},
        {"hwid": "h3", "type": "laptop", "mac": "00:0c:29:cd:c7:b4"},
        {"hwid": "h4", "type": "laptop", "mac": "00:0c:29:cd:c7:b3"}]"#;
    let list = DeviceList::read_bytes("l.json", list).expect("a list");
    let rules = Rules::new(vec![Query::parse("type:server").expect("a query")]);
    let protection = rules.apply(&list).expect("applies");
    let is_protected = |hwid| {
        let id = list.find_hwid(hwid).expect("a device");
        protection.reason(id).is_some()
    };
    assert!(is_protected("h2") && is_protected("h3") && !is_protected("h4"));
}

#[test]
fn protection_is_empty_without_rules() {
    assert_eq!(reasons(&[]), [None, None, None, None]);
    let rules = Rules::default();
    assert_eq!(rules.bare(), None);
}

#[test]
fn bare_identifiers_are_protected_by_any_rule() {
    let rules = |text| Rules::new(vec![Query::parse(text).expect("a query")]);
    assert_eq!(rules("type:server").bare().as_deref(), Some("type unknown"));
    assert!(rules("is:repeated").bare().is_some());
}

#[test]
fn rules_must_name_fields() {
    let unfit = |text| Rules::unfit(&Query::parse(text).expect("a query"));
    for fit in [
        "type:server",
        "-type:laptop or group:\"a b\"",
        "is:repeated",
    ] {
        assert_eq!(unfit(fit), None, "{fit}");
    }
    for bare in [
        "srv",
        "type:server or \"srv\"",
        "type:server -(group:x 29:cd)",
    ] {
        let reason = unfit(bare).expect("unfit");
        assert!(reason.contains("names no field"), "{reason}");
    }
    assert!(unfit("is:marked").is_some());
}

#[test]
fn rules_hash_distinguishes_rules() {
    let rules = |texts: &[&str]| {
        let queries = texts
            .iter()
            .map(|text| Query::parse(text).expect("a query"));
        Rules::new(queries.collect()).hash()
    };
    assert_eq!(rules(&["type:server"]), rules(&["type:server"]));
    assert_ne!(rules(&["type:server"]), rules(&[]));
    assert_ne!(rules(&["os:a", "os:b"]), rules(&["os:a os:b"]));
}
