//! Full records without names.

use serde_json::{Map, Value};

use super::pseudonyms::Names;
use crate::list::{self, Field, OTHER_COLUMNS};
use crate::plan::{FullRecord, RecordRow};

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
    let json = row.json.as_ref().map(|json| {
        let value = serde_json::from_str(json.get()).unwrap_or_default();
        let value = forgotten_value(value, false, names);
        serde_json::value::to_raw_value(&value).unwrap_or_default()
    });
    RecordRow {
        line: row.line,
        json,
        cells: row
            .cells
            .as_ref()
            .map(|cells| cells.iter().map(cell).collect()),
        text: row.text.as_ref().map(|text| names.hash(text)),
        fields: row
            .fields
            .as_ref()
            .map(|fields| forgotten_object(fields.clone(), false, names)),
        cut_from: row.cut_from,
    }
}

fn forgotten_object(
    object: Map<String, Value>,
    kept: bool,
    names: &Names<'_>,
) -> Map<String, Value> {
    let values = object.into_iter().map(|(key, value)| {
        let kept = key != OTHER_COLUMNS && (kept || is_kept(&key));
        (names.replaced(&key), forgotten_value(value, kept, names))
    });
    values.collect()
}

fn forgotten_value(value: Value, kept: bool, names: &Names<'_>) -> Value {
    match value {
        Value::Object(object) => {
            // An adapter has addresses of both kinds.
            Value::Object(forgotten_object(object, false, names))
        }
        Value::Array(items) => {
            let items = items.into_iter();
            Value::Array(
                items
                    .map(|item| forgotten_value(item, kept, names))
                    .collect(),
            )
        }
        Value::String(text) if !kept => Value::String(names.hash(&text)),
        Value::Number(number) if !kept => Value::String(names.hash(&number.to_string())),
        other => other,
    }
}

/// True if values under this header or key are identifiers, or describe the device itself.
fn is_kept(header: &str) -> bool {
    matches!(
        list::field_of_header(header),
        Some(
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
                | Field::Source
        )
    )
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
        let cells = forgotten.rows[1].cells.as_ref().expect("cells");
        assert_eq!(cells[0].1, "A1");
        assert_eq!(cells[1].1, hash("of Ada"));
        assert_eq!(forgotten.rows[2].text, Some(hash("LT-1")));
    }
}
