//! Rows of JSON are the same devices in any frame, and are read again as they were written.

use std::borrow::Cow;

use proptest::prelude::*;

use crate::list::{DeviceList, Field, ListError, RawRecord, Truncation};

/// A row as it is written, with a HWID of its own.
fn rows() -> impl Strategy<Value = Vec<String>> {
    let value = prop_oneof![
        "[ -~é]{0,6}".prop_map(|text| serde_json::json!(text)),
        any::<i32>().prop_map(|number| serde_json::json!(number)),
        any::<bool>().prop_map(|truth| serde_json::json!(truth)),
        Just(serde_json::json!(null)),
        Just(serde_json::json!(["x", {"name": "y"}])),
        Just(serde_json::json!({"name": "z", "id": 5})),
    ];
    let member = ("[a-c]|os|group|user|tags|networks", value);
    proptest::collection::vec(proptest::collection::vec(member, 0..5), 1..6).prop_map(|rows| {
        let row = |(number, members): (usize, Vec<(String, serde_json::Value)>)| {
            let mut row = serde_json::Map::from_iter(members);
            row.insert("hwid".to_owned(), format!("a{number}b4").into());
            serde_json::Value::Object(row).to_string()
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

fn read(text: &str) -> Result<DeviceList, ListError> {
    DeviceList::read_bytes("list", text.as_bytes())
}

fn texts(list: &DeviceList) -> Vec<String> {
    let rows = list.ids().flat_map(|id| list.record(id).expect("a record"));
    rows.map(|row| match row {
        RawRecord::Json { text, .. } => text,
        other => panic!("{other:?}"),
    })
    .collect()
}

fn devices(text: &str) -> Vec<Option<String>> {
    let list = read(text).expect("a list");
    list.ids()
        .map(|id| list.device(id).hwid().map(str::to_owned))
        .collect()
}

/// Only the first object can be an answer around the devices.
#[test]
fn objects_in_a_json_line_are_no_devices() {
    let text = "{\"hwid\":\"a1b4\"}\n{\"note\":\"x\",\"apps\":[{\"hwid\":\"z9y8\"}]}\n";
    assert_eq!(devices(text), [Some("a1b4".to_owned()), None]);
}

#[test]
fn second_array_under_an_unknown_key_is_refused() {
    let text = r#"{"foo":[{"hwid":"a1b4"}]} {"bar":[{"hwid":"c2d5"}]}"#;
    assert!(matches!(read(text), Err(ListError::Syntax { .. })));
}

#[test]
fn header_of_a_fetched_list_below_devices_is_refused() {
    let text = "{\"hwid\":\"a1b4\"}\n{\"offboard_list\":1,\"complete\":true}\n";
    assert!(matches!(
        read(text),
        Err(ListError::SecondList { line: 2, .. })
    ));
}

#[test]
fn rows_share_the_columns_of_their_keys() {
    let list = read(r#"[{"hwid":"a1b4","room":"1"},{"room":"2","hwid":"c2d5"}]"#).expect("a list");
    assert_eq!(list.headers().collect::<Vec<_>>(), ["hwid", "room"]);
}

#[test]
fn device_id_of_another_system_is_no_hwid() {
    let guid = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let unknown = format!(r#"[{{"device_id":"{guid}","hostname":"LT-1"}}]"#);
    assert_eq!(devices(&unknown), [None]);
    let mixed = format!(r#"[{{"device_id":"{guid}"}},{{"device_id":"12ds44f5gacd52234"}}]"#);
    assert_eq!(devices(&mixed), [None, None], "all are of the other system");
    let own =
        format!(r#"[{{"device_id":"{guid}","host_name":"LT-1","enrolled_at":"2026-01-02"}}]"#);
    assert_eq!(devices(&own), [Some(guid.to_owned())]);
}

#[test]
fn devices_are_in_an_answer_at_most_four_objects_deep() {
    let nested = |depth: usize| {
        let (open, close) = ("{\"data\":".repeat(depth), "}".repeat(depth));
        format!("{open}{{\"devices\":[{{\"hwid\":\"a1b4\"}}]}}{close}")
    };
    assert_eq!(devices(&nested(4)), [Some("a1b4".to_owned())]);
    assert!(read(&nested(5)).is_err());
    let device = r#"{"hwid":"a1b4","data":{"room":"12"}}"#;
    assert_eq!(devices(device), [Some("a1b4".to_owned())]);
}

#[test]
fn date_can_be_a_number() {
    let seen = |number: &str| {
        let list = read(&format!(r#"[{{"hwid":"a1b4","last_seen":{number}}}]"#)).expect("a list");
        let id = list.ids().next().expect("a device");
        let seen = list.device(id).text(Field::Seen).into_owned();
        (seen, list.report().columns[1].unreadable)
    };
    let noon = ("2026-10-16T12:00:00Z".to_owned(), 0);
    assert_eq!(seen("1792152000"), noon);
    assert_eq!(seen("46311.5"), noon);
    let never = "9.223372036854775807e18";
    assert_eq!(seen(never), (String::new(), 0));
}

#[test]
fn thousand_keys_are_columns_and_every_field() {
    let keys: String = (1..=1000)
        .flat_map(|key| [",\"key ".to_owned(), format!("{key}\":1")])
        .collect();
    let text = format!("{{\"hwid\":\"a1b4\"{keys},\"serial\":\"s1\"}}");
    let list = read(&text).expect("a list");
    let headers: Vec<&str> = list.headers().collect();
    assert_eq!(headers.len(), 1001);
    assert_eq!(headers[999..], ["key 999", "serial"]);
}

#[test]
fn truth_values_and_negative_numbers_are_texts() {
    let text = r#"[{"hwid":"a1b4","managed":true,"offset":-5,"group":false}]"#;
    let list = read(text).expect("a list");
    let id = list.ids().next().expect("a device");
    let others: Vec<_> = list
        .other_columns()
        .flat_map(|column| list.device(id).other_values(column))
        .collect();
    assert_eq!(others, ["true", "-5"]);
    assert_eq!(list.device(id).text(Field::Group), "false");
}

#[test]
fn identifier_that_is_a_truth_value_makes_its_row_unusable() {
    let list = read(r#"[{"hwid":true,"hostname":"LT-1"}]"#).expect("a list");
    let id = list.ids().next().expect("a row");
    let problem = list.device(id).problem().map(ToString::to_string);
    assert_eq!(problem.as_deref(), Some("HWID that is not a text"));
}

#[test]
fn blocks_of_a_person_and_an_agent_have_their_own_keys() {
    let text = r#"[{"hwid":"a1b4","user":{"displayName":"Ann"},"agent":{"version":"7.1"}},
        {"hwid":"c2d5","user":{"fullName":"Bob"},"agent":{"agentVersion":"7.2"}}]"#;
    let list = read(text).expect("a list");
    let read = |id| {
        let device = list.device(id);
        [device.text(Field::User), device.text(Field::Agent)].map(Cow::into_owned)
    };
    let found: Vec<_> = list.ids().map(read).collect();
    assert_eq!(found, [["Ann", "7.1"], ["Bob", "7.2"]]);
}

#[test]
fn line_that_breaks_off_truncates_the_list() {
    let list = read("{\"hwid\":\"a1b4\"}\n{\"hwid\":\"c2").expect("a list");
    assert_eq!(list.truncation(), Some(Truncation::BrokenJson { line: 2 }));
}

#[test]
fn other_columns_of_own_exports_keep_their_names() {
    let list = read(r#"[{"hwid":"a1b4","offboard_columns":{"room":"12"}}]"#).expect("a list");
    assert_eq!(list.headers().collect::<Vec<_>>(), ["hwid", "room"]);
}

/// Defender's `ipAddresses` is a block of networks; elsewhere it is a list of addresses.
#[test]
fn column_of_a_system_can_be_a_block() {
    let text = r#"[{"id":"x1","computerDnsName":"lt-1","healthStatus":"Active",
        "ipAddresses":[{"ipAddress":"10.0.0.1","macAddress":"3C5282000001"}]}]"#;
    let list = read(text).expect("a list");
    let id = list.ids().next().expect("a device");
    assert_eq!(list.device(id).macs().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn json_rows_are_read_from_every_envelope(
        rows in rows(),
        wrapper in "devices|results|value|data|items|computers|rows",
        outer in "data|result|response|_embedded",
        blank in "[ \t\n]{0,3}",
    ) {
        let joined = rows.join(&format!(",{blank}"));
        for text in [
            format!("[{blank}{joined}{blank}]"),
            rows.join("\n"),
            format!("{}{blank}", rows.join(&blank)),
            format!("{{\"count\":1,\"{wrapper}\":[{joined}],{blank}\"next\":null}}"),
            format!("{{\"{outer}\":{{\"page\":{{}},\"{wrapper}\":[{joined}]}}}}"),
            format!("[{joined}]\n[]"),
        ] {
            let list = read(&text).expect("a list");
            prop_assert_eq!(texts(&list), rows.clone(), "{}", text);
            for (number, id) in list.ids().enumerate() {
                let hwid = format!("a{number}b4");
                prop_assert_eq!(list.device(id).hwid(), Some(hwid.as_str()), "{}", text);
            }
        }
    }

    #[test]
    fn json_row_keeps_every_text(texts in proptest::collection::vec("[a-z]{1,6}", 1..6), deep: bool) {
        let value = if deep { serde_json::json!([{"x": texts}]) } else { serde_json::json!(texts) };
        let list = read(&serde_json::json!([{"hwid": "a1b4", "note": value}]).to_string()).expect("a list");
        let column = list.other_columns().next().expect("a column");
        prop_assert_eq!(list.header(column), if deep { "note.x" } else { "note" });
        let id = list.ids().next().expect("a device");
        let kept: Vec<&str> = list.device(id).other_values(column).collect();
        prop_assert!(texts.iter().all(|text| kept.contains(&text.as_str())), "{kept:?}");
    }

    #[test]
    fn truncated_json_is_refused_or_has_fewer_rows(rows in rows(), at in any::<prop::sample::Index>()) {
        let whole = format!("[{}]", rows.join(","));
        let end = at.index(whole.len());
        prop_assume!(whole.is_char_boundary(end));
        prop_assert!(read(&whole[..end]).is_err(), "an array that breaks off is no list");
        let lines = rows.join("\n");
        let end = at.index(lines.len());
        prop_assume!(lines.is_char_boundary(end));
        if let Ok(list) = read(&lines[..end]) {
            let last = lines[..end].rsplit('\n').next().unwrap_or_default();
            let is_whole = last.is_empty() || rows.iter().any(|row| row == last);
            prop_assert_eq!(list.truncation().is_none(), is_whole);
            prop_assert!(list.len() <= rows.len());
        }
    }

    #[test]
    fn json_never_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"hwid\"", "\"devices\":", "\"mac\":", "\"a\"", "5", "null", "\n", "\\", "\"", "é",
        "\"last_seen\":", "1e400", "{\"hwid\":\"a1\"}", "\"offboard_list\":1", "\"group\":", "-0.5",
    ]), 0..30)) {
        let text = format!("{{{}", pieces.concat());
        if let Ok(list) = read(&text) {
            for id in list.ids() {
                prop_assert_eq!(list.record(id).expect("a record").len(), list.device(id).repeats() as usize + 1);
            }
        }
    }
}
