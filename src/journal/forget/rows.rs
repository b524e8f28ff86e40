//! Full records without names.

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::pseudonyms::Names;
use crate::list::{self, Field, OTHER_COLUMNS};
use crate::plan::{FullRecord, RecordRow};
use crate::text::raw_json::{Level, MOST_LEVELS};

/// The record with a hash in place of every value but identifiers and what describes the device itself:
/// which column of a list has a name, nobody can say for sure.
pub(super) fn forgotten(record: &FullRecord, names: &Names<'_>) -> FullRecord {
    let rows = record.rows.iter().map(|row| forgotten_row(row, names));
    FullRecord {
        rows: rows.collect(),
    }
}

fn forgotten_row(row: &RecordRow, names: &Names<'_>) -> RecordRow {
    let cell = |(header, cell): &(String, String)| {
        let value = if is_kept(header) {
            cell.clone()
        } else {
            names.hash(cell)
        };
        (names.replaced(header), value)
    };
    RecordRow {
        line: row.line,
        json: row
            .json
            .as_ref()
            .map(|json| forgotten_json(json, false, MOST_LEVELS, names)),
        cells: row
            .cells
            .as_ref()
            .map(|cells| cells.iter().map(cell).collect()),
        text: row.text.as_ref().map(|text| names.hash(text)),
        fields: row
            .fields
            .as_ref()
            .map(|fields| forgotten_fields(fields, names)),
        cut_from: row.cut_from,
    }
}

fn forgotten_fields(fields: &Map<String, Value>, names: &Names<'_>) -> Map<String, Value> {
    let forgotten = to_raw_value(fields).and_then(|fields| {
        let fields = forgotten_json(&fields, false, MOST_LEVELS, names);
        serde_json::from_str(fields.get())
    });
    forgotten.unwrap_or_default()
}

/// The value with hashes in place of its strings and numbers, unless they are kept. What is nested too deeply
/// becomes one hash.
fn forgotten_json(value: &RawValue, kept: bool, levels: usize, names: &Names<'_>) -> Box<RawValue> {
    let level = match levels {
        0 => Level::Other(value.get()),
        _ => Level::of(value),
    };
    let forgotten = match level {
        Level::Object(members) => {
            let members = members.into_iter().map(|(key, value)| {
                // An adapter has addresses of both kinds.
                let kept = key != OTHER_COLUMNS && is_kept(&key);
                let value = forgotten_json(value, kept, levels - 1, names);
                format!("{}:{value}", Value::String(names.replaced(&key)))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Level::Array(items) => {
            let items = items.into_iter();
            let items = items.map(|item| forgotten_json(item, kept, levels - 1, names).to_string());
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        Level::Other("true" | "false" | "null") => return value.to_owned(),
        _ if kept && !value.get().starts_with(['{', '[']) => return value.to_owned(),
        Level::String(text) => Value::String(names.hash(&text)).to_string(),
        Level::Other(text) => Value::String(names.hash(text)).to_string(),
    };
    RawValue::from_string(forgotten).unwrap_or_default()
}

/// True if values under this header or key are identifiers, or describe the device itself.
fn is_kept(header: &str) -> bool {
    list::field_of_header(header).is_some_and(describes_device)
}

/// True if values of this field are identifiers, or describe the device itself, and name nobody.
pub(super) fn describes_device(field: Field) -> bool {
    match field {
        Field::Hwid
        | Field::Mac
        | Field::Serial
        | Field::Os
        | Field::Type
        | Field::Status
        | Field::Severity
        | Field::Group
        | Field::Agent
        | Field::Issues
        | Field::Seen
        | Field::Enrolled
        | Field::Source => true,
        Field::Hostname
        | Field::Nickname
        | Field::Asset
        | Field::Domain
        | Field::Ip
        | Field::User => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::forget::key::Key;
    use crate::journal::forget::pseudonyms::Pseudonyms;
    use crate::list::RawRecord;

    #[test]
    fn only_identifiers_and_what_describes_the_device_stay_in_a_record() {
        let pseudonyms = Pseudonyms::new(&Key([1; 32]));
        let names = Names::new(&pseudonyms, ["ada"]);
        let hash = |name: &str| pseudonyms.of(name);
        let text = r#"{"hwid":"A1","hostname":"LT-1","user":{"name":"Ada","mail":"a@b.c"},"os":"Windows 11",
            "network_info":[{"mac_addr":"00:0c:29:cd:c7:b2","ip":"10.0.0.7"}],"ada":{"badge":4711},"vip":true,"x":null}"#;
        let record = FullRecord::of_rows(vec![
            RawRecord::Json {
                line: 1,
                text: text.to_owned(),
            },
            RawRecord::Cells {
                line: 2,
                cells: vec![
                    ("HWID".to_owned(), "A1".to_owned()),
                    ("Remark".to_owned(), "of Ada".to_owned()),
                ],
            },
            RawRecord::Line {
                line: 3,
                text: "LT-1".to_owned(),
            },
        ]);
        let forgotten = forgotten(&record, &names);
        let json = forgotten.rows[0].json.as_ref().expect("JSON").get();
        let value: Value = serde_json::from_str(json).expect("JSON");
        let expected = serde_json::json!({
            "hwid": "A1", "hostname": hash("LT-1"), "user": {"name": hash("Ada"), "mail": hash("a@b.c")},
            "os": "Windows 11",
            "network_info": [{"mac_addr": "00:0c:29:cd:c7:b2", "ip": hash("10.0.0.7")}],
            hash("ada"): {"badge": hash("4711")}, "vip": true, "x": null,
        });
        assert_eq!(value, expected);
        let exact = RawValue::from_string(
            r#"{"serial": 12345678901234567890123, "z": 1, "issues": 1.50, "z": "Ada", "issues": [2e400]}"#
                .to_owned(),
        );
        let exact = forgotten_json(&exact.expect("JSON"), false, MOST_LEVELS, &names);
        assert_eq!(
            exact.get(),
            format!(
                "{{\"serial\":12345678901234567890123,\"z\":\"{}\",\"issues\":1.50,\"z\":\"{}\",\"issues\":[2e400]}}",
                hash("1"),
                hash("Ada")
            )
        );
        let deep = RawValue::from_string(format!("{}\"Ada\"{}", "[".repeat(40), "]".repeat(40)));
        let deep = forgotten_json(&deep.expect("JSON"), true, MOST_LEVELS, &names);
        assert!(!deep.get().contains("Ada"));
        let cells = forgotten.rows[1].cells.as_ref().expect("cells");
        assert_eq!(cells[0].1, "A1");
        assert_eq!(cells[1].1, hash("of Ada"));
        assert_eq!(forgotten.rows[2].text, Some(hash("LT-1")));
    }
}
