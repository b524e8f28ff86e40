//! Devices as CSV or JSON that a spreadsheet shows and that opens as a list again.
//!
//! A spreadsheet computes a cell that begins with `=` and the like, so such a cell gets a `'` in
//! front; so does one that begins with a `'` itself, so that our reader, which knows our files by
//! their first column, can take exactly one off again.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::journal::DeviceRecord;
use crate::list::{Device, DeviceList, Field, RawRecord};
use crate::outcome::{DeviceState, Outcome};

/// The header of the column by which our reader knows our files.
const MARKER: &str = "offboard_csv";

/// A device of a run, for [`write_csv`].
pub const RUN_HEADERS: [&str; 12] = [
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
    Value::Object(object)
}

fn outcome_words(state: DeviceState) -> (&'static str, &'static str) {
    let outcome = match state {
        DeviceState::Ended(outcome) => outcome,
        DeviceState::Planned | DeviceState::Sending => Outcome::NotSent,
    };
    (outcome.class().word(), outcome.reason())
}

/// The headers of a list's devices, for [`write_csv`].
pub fn list_headers() -> Vec<&'static str> {
    Field::ALL.iter().map(|&field| header(field)).collect()
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
    let cell = |&field: &Field| match field {
        Field::Mac => {
            let macs: Vec<String> = device.macs().map(|mac| mac.to_string()).collect();
            macs.join(" ")
        }
        Field::Seen => device
            .last_seen()
            .map(|seen| seen.to_string())
            .unwrap_or_default(),
        Field::Enrolled => device
            .enrolled_at()
            .map(|time| time.to_string())
            .unwrap_or_default(),
        field => device.text(field).into_owned(),
    };
    Field::ALL.iter().map(cell).collect()
}

/// A list's device as objects of a list: its records as they are written where they are JSON, else
/// what is known of it.
pub fn list_objects(list: &DeviceList, device: &Device<'_>) -> Result<Vec<Value>, String> {
    let records = list
        .record(device.id())
        .map_err(|error| error.to_string())?;
    let mut objects = Vec::new();
    for record in records {
        if let RawRecord::Json { text, .. } = record {
            objects.push(serde_json::from_str(&text).map_err(|error| error.to_string())?);
        }
    }
    if objects.is_empty() {
        let mut object = Map::new();
        for (field, cell) in Field::ALL.iter().zip(list_cells(device)) {
            if *field != Field::Mac {
                put(&mut object, header(*field), &cell);
            }
        }
        put_macs(&mut object, device.macs().map(|mac| mac.to_string()));
        objects.push(Value::Object(object));
    }
    Ok(objects)
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
pub fn write_json(out: &mut dyn Write, objects: impl Iterator<Item = Value>) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, object) in objects.enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        super::write_value(out, &object)?;
    }
    out.write_all(b"\n]\n")
}

/// A cell that no spreadsheet computes, and no terminal obeys.
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
            let objects = |list: &DeviceList| -> Vec<Value> {
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
