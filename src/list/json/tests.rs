//! Rows of JSON are the same devices in any frame, and are read again as they were written.

use proptest::prelude::*;

use crate::list::{DeviceList, ListError, RawRecord};

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
