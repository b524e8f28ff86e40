//! Which rows are one device, and which identifier names it.

use proptest::prelude::*;

use super::*;

#[test]
fn rows_with_the_same_hwid_are_merged() {
    let list = list(
        "hwid,mac,host,user,seen,issues\n\
         a1,00:0c:29:00:00:01,,ann,2026-01-01,\n\
         b2,00:0c:29:00:00:09,LT-2,,,\n\
         a1,00:0c:29:00:00:02,LT-1,bob,2026-03-01,4\n\
         a1,00:0c:29:00:00:02,LT-9,,2026-02-01,5\n\
         A1,,,,,\n",
    );
    assert_eq!(counts(&list), (3, 0, 2));
    let device = list.device(id(0));
    let macs: Vec<_> = device.macs().map(|mac| mac.octets()[5]).collect();
    assert_eq!(macs, [1, 2]);
    assert_eq!((device.hostname(), device.user()), ("LT-1", "ann"));
    assert_eq!(device.issues(), Some(4));
    assert_eq!(device.repeats(), 2);
    assert_eq!(device.line(), 2);
    let seen = device.last_seen().map(|time| time.to_string());
    assert_eq!(seen.as_deref(), Some("2026-03-01T00:00:00Z"));
    assert_eq!(list.device(id(1)).hostname(), "LT-2");
    assert_eq!(list.find_hwid("A1"), Some(id(2)));
}

#[test]
fn adapter_row_is_merged_by_mac() {
    let list = list(
        "hwid,mac,host\n\
         ,00:0c:29:00:00:01,before\n\
         a1,00:0c:29:00:00:01,\n\
         b2,00:0c:29:00:00:07,\n\
         c3,00:0c:29:00:00:07,\n\
         ,00:0c:29:00:00:07,dock\n\
         ,00:0c:29:00:00:01,BEFORE\n",
    );
    assert_eq!(counts(&list), (3, 1, 2));
    let device = list.device(id(0));
    assert_eq!(device.hwid(), Some("a1"));
    assert_eq!(
        (device.hostname(), device.repeats(), device.line()),
        ("before", 2, 3)
    );
    assert_eq!(list.find_hwid("c3"), Some(id(2)));
    assert_eq!(problems(&list), [(6, "shared MAC".to_owned())]);
    let lines: Vec<_> = list.record(id(0)).expect("a record");
    assert_eq!(lines.len(), 3);
}

#[test]
fn identify_auto_uses_the_hwid_or_an_unshared_mac() {
    let list = list(
        "hwid,mac\n\
         a1,00:0c:29:00:00:01\n\
         ,00:0c:29:00:00:02\n\
         ,00:0c:29:00:00:02\n\
         ,02:42:ac:11:00:02 00:0c:29:00:00:03\n\
         ,00:05:9a:3c:7a:00\n\
         ,00:0c:29:00:00:04 00:0c:29:00:00:05\n\
         b/2,00:0c:29:00:00:06\n\
         ,00:0c:29:00:00:06\n\
         c3,\n",
    );
    let mac = |last: u8| Ok(format!("00:0c:29:00:00:{last:02x}"));
    let row = Err(Problem::Identifier(
        crate::domain::device::IdentifierError::HwidCharacter,
    ));
    assert_eq!(
        identified(&list, IdentifyBy::Auto),
        [
            Ok("a1".to_owned()),
            mac(2),
            mac(3),
            Err(Problem::SharedMac),
            Err(Problem::SeveralMacs),
            row.clone(),
            Err(Problem::SharedMac),
            Ok("c3".to_owned()),
        ]
    );
    assert_eq!(
        identified(&list, IdentifyBy::Hwid),
        [
            Ok("a1".to_owned()),
            Err(Problem::NoHwid),
            Err(Problem::NoHwid),
            Err(Problem::NoHwid),
            Err(Problem::NoHwid),
            row.clone(),
            Err(Problem::NoHwid),
            Ok("c3".to_owned()),
        ]
    );
    assert_eq!(
        identified(&list, IdentifyBy::Mac),
        [
            mac(1),
            mac(2),
            mac(3),
            Err(Problem::SharedMac),
            Err(Problem::AmbiguousMac),
            row,
            Err(Problem::SharedMac),
            Err(Problem::NoMac),
        ]
    );
}

#[test]
fn rows_without_hwid_and_with_different_names_stay_apart() {
    let list = list(
        "mac,host,type,hwid\n\
         00:0c:29:00:00:01,lt-1,laptop,\n\
         00:0c:29:00:00:01,LT-2,laptop,\n\
         00:0c:29:00:00:02,lt-3,laptop,\n\
         00:0c:29:00:00:02,LT-3,,\n\
         00:0c:29:00:00:03,x,laptop,\n\
         00:0c:29:00:00:03,,server,\n\
         00:0c:29:00:00:04,y,laptop,\n\
         00:0c:29:00:00:04,z,laptop,h1\n",
    );
    let shared = || Err(Problem::SharedMac);
    assert_eq!(
        identified(&list, IdentifyBy::Auto),
        [
            shared(),
            shared(),
            Ok("00:0c:29:00:00:02".to_owned()),
            shared(),
            shared(),
            shared(),
            Ok("h1".to_owned()),
        ]
    );
    assert_eq!(counts(&list), (2, 5, 1));
}

#[test]
fn known_constant_macs_merge_no_rows() {
    let list = list("hwid,mac\na1,00:05:9a:3c:7a:00\n,00:05:9a:3c:7a:00\n,00:05:9a:3c:7a:00\n");
    assert_eq!(counts(&list), (1, 2, 0));
    let constant = "00:05:9a:3c:7a:00".parse().expect("a mac");
    assert_eq!(list.find_mac(constant), [id(0), id(1), id(2)]);
}

/// Rows of a few HWIDs and MACs, so that they meet often.
fn rows() -> impl Strategy<Value = Vec<(Option<u8>, Vec<u8>)>> {
    let row = (
        proptest::option::of(0_u8..4),
        proptest::collection::vec(0_u8..6, 0..3),
    );
    proptest::collection::vec(row, 0..14)
}

fn table(rows: &[(Option<u8>, Vec<u8>)]) -> DeviceList {
    let mut text = "hwid,mac,host\n".to_owned();
    for (hwid, macs) in rows {
        let hwid = hwid.map_or(String::new(), |hwid| format!("h{hwid}"));
        let macs: Vec<_> = macs
            .iter()
            .map(|mac| format!("00:0c:29:00:00:{mac:02x}"))
            .collect();
        text.extend([&hwid, ",", &macs.join(" "), ",x\n"]);
    }
    list(text)
}

proptest! {
    #[test]
    fn identifiers_are_unique_and_never_shared(rows in rows()) {
        let list = table(&rows);
        for by in [IdentifyBy::Auto, IdentifyBy::Hwid, IdentifyBy::Mac] {
            let mut sent: Vec<_> = identified(&list, by).into_iter().flatten().collect();
            let count = sent.len();
            sent.sort();
            sent.dedup();
            prop_assert_eq!(sent.len(), count);
        }
        for id in list.ids() {
            if let Ok(Identifier::Mac(mac)) = list.identify(id, IdentifyBy::Auto) {
                prop_assert_eq!(list.find_mac(mac), [id]);
            }
        }
    }
}

/// Its addresses may belong to either of two machines.
#[test]
fn row_without_a_name_connects_rows_of_one_name_and_not_of_two() {
    for (other, expected) in [("LT-1", 1), ("lt-1.corp.example", 1), ("LT-2", 3)] {
        let text = format!(
            "mac,host\n\
             3c:52:82:00:00:01,LT-1\n\
             3c:52:82:00:00:01 3c:52:82:00:00:02,\n\
             3c:52:82:00:00:02,{other}\n",
        );
        let list = list(&text);
        assert_eq!(list.len(), expected, "{other}");
    }
}
