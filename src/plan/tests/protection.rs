//! What protect rules leave out.

use super::*;

#[test]
fn protected_devices_are_left_out_with_their_reason() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let rules = rules("hostname:lt-3");
    let plan = plan_under(
        &list,
        IdentifyBy::Auto,
        &EarlierDevices::default(),
        &rules,
        &[],
    );
    let counts = [LeftOutKind::Protected, LeftOutKind::Unusable].map(|kind| plan.left_out_as(kind));
    assert_eq!((plan.devices.len(), counts), (2, [1, 1]));
    let reasons: Vec<String> = plan
        .left_out
        .iter()
        .map(|row| row.reason.to_string())
        .collect();
    assert!(
        reasons.contains(&"protected: hostname:lt-3".to_owned()),
        "{reasons:?}"
    );
    assert_eq!(plan.origin.rules_hash, rules.hash());
}

#[test]
fn bare_identifiers_are_sent_unless_a_rule_reads_a_field() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let bare = [
        Identifier::Hwid(Hwid::parse("h9").expect("an HWID")),
        Identifier::Mac("00:0c:29:00:00:09".parse().expect("a MAC")),
    ];
    let none = Rules::default();
    let plan = plan_under(
        &list,
        IdentifyBy::Auto,
        &EarlierDevices::default(),
        &none,
        &bare,
    );
    let sent: Vec<String> = plan
        .devices
        .iter()
        .map(|device| device.identifier.to_string())
        .collect();
    assert_eq!(
        sent,
        ["h1", "h3", "h9", "00:0c:29:00:00:02", "00:0c:29:00:00:09"]
    );
    assert_eq!(plan.sources[2], None);
    let rules = rules("type:server");
    let plan = plan_under(
        &list,
        IdentifyBy::Auto,
        &EarlierDevices::default(),
        &rules,
        &bare,
    );
    assert!(plan.devices.is_empty(), "no row has a type");
    assert_eq!(plan.left_out_as(LeftOutKind::Protected), 5);
}
