//! Devices as CSV or JSON that a spreadsheet shows and that opens as a list again.
//!
//! A spreadsheet computes a cell that begins with `=` and the like, so such a cell gets a `'` in
//! front; so does one that begins with a `'` itself, so that our reader, which knows our files by
//! their first column, can take exactly one off again.
//!
//! A row that can't be used in the list that it comes from is marked, and stays unusable: without
//! what made it so (a second HWID, another device with its MAC) it would read as a usable one.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::import::MatchRule;
use crate::journal::DeviceRecord;
use crate::list::{Device, DeviceList, Field, RawRecord};
use crate::outcome::DeviceState;
use crate::plan::PlannedDevice;
use crate::text;

/// The header of the column by which our reader knows our files.
const MARKER: &str = "offboard_csv";
/// Why a row can't be used.
const UNUSABLE: &str = "offboard_unusable";

/// A device of a run, for [`write_csv`].
pub const RUN_HEADERS: [&str; 13] = [
    "hwid",
    "mac",
    "hostname",
    "nickname",
    "user",
    "type",
    "group",
    "last_seen",
    "outcome",
    "reason",
    "call",
    "http_status",
    "matched_by",
];

/// The cells of a run's device, under [`RUN_HEADERS`].
pub fn run_cells(record: &DeviceRecord) -> Vec<String> {
    let device = &record.device;
    let macs: Vec<String> = device.macs.iter().map(ToString::to_string).collect();
    let (outcome, reason) = outcome_words(record.state);
    vec![
        device
            .hwid
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        macs.join(" "),
        device.hostname.clone(),
        device.nickname.clone(),
        device.user.clone(),
        device.device_type.clone(),
        device.group.clone(),
        device
            .last_seen
            .map(|seen| seen.to_string())
            .unwrap_or_default(),
        outcome.to_owned(),
        reason.to_owned(),
        record.call.map(|call| call.to_string()).unwrap_or_default(),
        record
            .status
            .map(|status| status.to_string())
            .unwrap_or_default(),
        matched_by(device).to_owned(),
    ]
}

/// A run's device as an object of a list.
pub fn run_object(record: &DeviceRecord) -> Value {
    let device = &record.device;
    let (outcome, reason) = outcome_words(record.state);
    let mut object = Map::new();
    let hwid = device.hwid.as_ref().map(ToString::to_string);
    put(&mut object, "hwid", hwid.as_deref().unwrap_or_default());
    put(&mut object, "hostname", &device.hostname);
    put(&mut object, "nickname", &device.nickname);
    put(&mut object, "user", &device.user);
    put(&mut object, "type", &device.device_type);
    put(&mut object, "group", &device.group);
    let seen = device.last_seen.map(|seen| seen.to_string());
    put(
        &mut object,
        "last_seen",
        seen.as_deref().unwrap_or_default(),
    );
    put_macs(&mut object, device.macs.iter().map(ToString::to_string));
    put(&mut object, "outcome", outcome);
    put(&mut object, "reason", reason);
    object.insert("call".to_owned(), json!(record.call));
    object.insert("http_status".to_owned(), json!(record.status));
    put(&mut object, "matched_by", matched_by(device));
    Value::Object(object)
}

/// The word of the rule that joined the device with an entry of another list, if one did.
fn matched_by(device: &PlannedDevice) -> &'static str {
    device.matched_by.map_or("", MatchRule::as_str)
}

fn outcome_words(state: DeviceState) -> (&'static str, &'static str) {
    let outcome = state.told();
    (outcome.class().word(), outcome.reason())
}

/// The headers of a list's devices, for [`write_csv`].
pub fn list_headers() -> Vec<&'static str> {
    let fields = Field::ALL.iter().map(|&field| header(field));
    fields.chain([UNUSABLE]).collect()
}

fn header(field: Field) -> &'static str {
    match field {
        Field::Seen => "last_seen",
        Field::Enrolled => "enrolled_at",
        other => other.name(),
    }
}

/// The cells of a list's device, under [`list_headers`].
pub fn list_cells(device: &Device<'_>) -> Vec<String> {
    let cells = Field::ALL
        .iter()
        .map(|&field| device.text(field).into_owned());
    let problem = device.problem().map(ToString::to_string);
    cells.chain([problem.unwrap_or_default()]).collect()
}

/// A list's device as objects of a list: its records as they are written where they are JSON, else
/// what is known of it. One that can't be used is marked with the reason.
pub fn list_objects(list: &DeviceList, device: &Device<'_>) -> Result<Vec<Box<RawValue>>, String> {
    let records = list
        .record(device.id())
        .map_err(|error| error.to_string())?;
    let reason = device.problem().map(ToString::to_string);
    let written: Option<Vec<_>> = match (&reason, records.as_slice()) {
        (None, records) => records.iter().map(|record| raw(record, None)).collect(),
        (Some(reason), [record]) => raw(record, Some(reason)).map(|object| vec![object]),
        // Marked rows aren't folded into one again.
        (Some(_), _) => None,
    };
    match written {
        Some(objects) if !objects.is_empty() => Ok(objects),
        _ => known(device, reason.as_deref()).map(|object| vec![object]),
    }
}

/// The record as it is written, on one line, and with nothing that a terminal obeys; marked if there
/// is a reason to. None for what is no JSON object. It isn't parsed into values: of a key that stands
/// in it twice they would keep one.
fn raw(record: &RawRecord, unusable: Option<&str>) -> Option<Box<RawValue>> {
    let RawRecord::Json { text, .. } = record else {
        return None;
    };
    let inside = text.strip_prefix('{')?;
    let mut written = String::with_capacity(text.len() + 1);
    written.push('{');
    if let Some(reason) = unusable {
        written.push_str(&format!("{}:{}", json!(UNUSABLE), json!(reason)));
        if !inside.trim_start().starts_with('}') {
            written.push(',');
        }
    }
    let mut units = [0_u16; 2];
    for character in inside.chars() {
        match character {
            // Valid JSON has these between its values only.
            '\n' | '\r' | '\t' => written.push(' '),
            // And these in its texts only.
            deceptive if text::is_deceptive(deceptive) => {
                for unit in deceptive.encode_utf16(&mut units) {
                    written.push_str(&format!("\\u{unit:04x}"));
                }
            }
            plain => written.push(plain),
        }
    }
    // Broken JSON is seen as such before its control characters become blanks.
    serde_json::from_str::<&RawValue>(text).ok()?;
    RawValue::from_string(written).ok()
}

/// What the list knows of a device, as an object.
fn known(device: &Device<'_>, unusable: Option<&str>) -> Result<Box<RawValue>, String> {
    let mut object = Map::new();
    for field in Field::ALL {
        if field != Field::Mac {
            put(&mut object, header(field), &device.text(field));
        }
    }
    put_macs(&mut object, device.macs().map(|mac| mac.to_string()));
    put(&mut object, UNUSABLE, unusable.unwrap_or_default());
    let mut bytes = Vec::new();
    super::write_value(&mut bytes, &object)
        .and_then(|()| String::from_utf8(bytes).map_err(io::Error::other))
        .and_then(|text| RawValue::from_string(text).map_err(io::Error::from))
        .map_err(|error| error.to_string())
}

fn put(object: &mut Map<String, Value>, key: &str, text: &str) {
    if !text.is_empty() {
        object.insert(key.to_owned(), json!(text));
    }
}

fn put_macs(object: &mut Map<String, Value>, macs: impl Iterator<Item = String>) {
    let adapters: Vec<Value> = macs.map(|mac| json!({ "mac_addr": mac })).collect();
    if !adapters.is_empty() {
        object.insert("network_info".to_owned(), Value::Array(adapters));
    }
}

/// Writes rows as CSV, safe to open in a spreadsheet.
pub fn write_csv(
    out: &mut dyn Write,
    headers: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(std::iter::once(MARKER).chain(headers.iter().copied()))?;
    for row in rows {
        let cells = row.iter().map(|cell| safe(cell));
        writer.write_record(std::iter::once("1".to_owned()).chain(cells))?;
    }
    writer.flush()
}

/// Writes objects as a JSON array, one a line.
pub fn write_json(
    out: &mut dyn Write,
    objects: impl Iterator<Item = impl Serialize>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, object) in objects.enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        super::write_value(out, &object)?;
    }
    out.write_all(b"\n]\n")
}

/// A cell that no spreadsheet computes.
fn safe(cell: &str) -> String {
    let shown = cell.replace('\0', "");
    if shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
        format!("'{shown}")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{Identifier, IdentifyBy};
    use proptest::prelude::*;

    fn csv(cells: &[&str]) -> String {
        let mut bytes = Vec::new();
        let row = cells.iter().map(ToString::to_string).collect();
        write_csv(&mut bytes, &["hwid", "hostname"], std::iter::once(row)).expect("written");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn what_a_spreadsheet_would_compute_has_an_apostrophe_more() {
        assert_eq!(
            csv(&["h1", "=1+1"]),
            "offboard_csv,hwid,hostname\n1,h1,'=1+1\n"
        );
        assert_eq!(
            csv(&["h1", "'=1"]),
            "offboard_csv,hwid,hostname\n1,h1,''=1\n"
        );
        for first in ["+", "-", "@", "\t", "\r"] {
            assert!(
                csv(&["h1", &format!("{first}x")]).contains('\''),
                "{first:?}"
            );
        }
    }

    /// The list, exported as CSV and as JSON, and opened again.
    fn reopened(list: &DeviceList) -> [DeviceList; 2] {
        let rows = list.ids().map(|id| list_cells(&list.device(id)));
        let mut csv = Vec::new();
        write_csv(&mut csv, &list_headers(), rows).expect("written");
        let objects = list
            .ids()
            .flat_map(|id| list_objects(list, &list.device(id)).expect("read"));
        let mut json = Vec::new();
        write_json(&mut json, objects).expect("written");
        [csv, json].map(|bytes| DeviceList::read_bytes("again", &bytes).expect("a list"))
    }

    /// What would be sent for each entry, or the words why nothing is; and all its addresses.
    fn sent(list: &DeviceList, by: IdentifyBy) -> Vec<(Result<Identifier, String>, String)> {
        let sent = |id| list.identify(id, by).map_err(|problem| problem.to_string());
        let ids = list.ids();
        ids.map(|id| (sent(id), list.device(id).text(Field::Mac).into_owned()))
            .collect()
    }

    #[test]
    fn a_row_that_cannot_be_used_stays_so_whatever_is_exported_of_it() {
        for text in [
            "hwid,mac\na b,00:0c:29:00:00:01\n",
            r#"[{"hwid":"a b","mac":"00:0c:29:00:00:01"}]"#,
            r#"[{"hwid":"a","hwid":"b"}]"#,
            r#"[{"hwid":7,"mac":"00:0c:29:00:00:01"}]"#,
            "{\"hwid\":\"a\"}\n{\"hwid\":\"b\",}\n7\n{}\n",
            "hwid,mac\na,00:0c:29:00:00:01\nb,00:0c:29:00:00:01\n,00:0c:29:00:00:01\n",
        ] {
            let list = DeviceList::read_bytes("l", text.as_bytes()).expect("a list");
            for again in reopened(&list) {
                let by = IdentifyBy::Auto;
                assert_eq!(sent(&again, by), sent(&list, by), "{text}");
            }
        }
    }

    #[test]
    fn a_row_alone_is_not_usable_because_the_others_are_missing() {
        let text = "hwid,mac\na,00:0c:29:00:00:01\nb,00:0c:29:00:00:01\n,00:0c:29:00:00:01\n";
        let list = DeviceList::read_bytes("l", text.as_bytes()).expect("a list");
        let shared = list.ids().nth(2).map(|id| list_cells(&list.device(id)));
        let mut csv = Vec::new();
        write_csv(&mut csv, &list_headers(), shared.into_iter()).expect("written");
        let again = DeviceList::read_bytes("again", &csv).expect("a list");
        for by in [IdentifyBy::Auto, IdentifyBy::Hwid, IdentifyBy::Mac] {
            assert_eq!(sent(&again, by)[0].0, Err("shared MAC".to_owned()));
        }
    }

    #[test]
    fn a_record_in_json_is_written_whole_and_shows_nothing_that_a_terminal_obeys() {
        let text = "[{\n \"mac\": \"00:0c:29:00:00:01\",\n \"mac\": \"00:0c:29:00:00:02\",\n \"hwid\": \"a\", \"host\": \"x\u{202e}\u{9b}\"}]";
        let list = DeviceList::read_bytes("l", text.as_bytes()).expect("a list");
        let id = list.ids().next().expect("a device");
        let objects = list_objects(&list, &list.device(id)).expect("read");
        let written = objects[0].get();
        assert_eq!(text::visible(written), written);
        let [_, again] = reopened(&list);
        assert_eq!(list_cells(&again.device(id)), list_cells(&list.device(id)));
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~]{0,12}",
            "[=+@'\"-][=+@'\"a-]{0,4}",
            "[a-zäß€,;\n]{0,8}"
        ]
    }

    proptest! {
        #[test]
        fn an_export_opens_as_the_same_devices(rows in prop::collection::vec((text(), text(), any::<bool>()), 1..8)) {
            let objects: Vec<Value> = rows.iter().enumerate().map(|(index, (name, group, mac))| {
                let mut object = json!({"hwid": format!("h{index}"), "hostname": name.trim(), "group": group.trim()});
                if *mac {
                    object["network_info"] = json!([{"mac_addr": format!("00:0c:29:00:00:{index:02x}")}]);
                }
                object
            }).collect();
            let text = serde_json::to_string(&objects).expect("JSON");
            let list = DeviceList::read_bytes("l.json", text.as_bytes()).expect("a list");
            let cells = |list: &DeviceList| -> Vec<Vec<String>> {
                list.ids().map(|id| list_cells(&list.device(id))).collect()
            };
            let mut bytes = Vec::new();
            write_csv(&mut bytes, &list_headers(), cells(&list).into_iter()).expect("written");
            let again = DeviceList::read_bytes("again.csv", &bytes).expect("a list");
            prop_assert_eq!(cells(&list), cells(&again));
            let objects = |list: &DeviceList| -> Vec<Box<RawValue>> {
                list.ids().flat_map(|id| list_objects(list, &list.device(id)).expect("read")).collect()
            };
            for list in [&list, &again] {
                let mut bytes = Vec::new();
                write_json(&mut bytes, objects(list).into_iter()).expect("written");
                let read = DeviceList::read_bytes("again.json", &bytes).expect("a list");
                prop_assert_eq!(cells(list), cells(&read));
            }
        }
    }
}
