//! Exports devices as CSV or JSON that opens as a list again.
//!
//! A spreadsheet evaluates cells that begin with `=` and similar characters, so `'` is put in front
//! of them, and in front of cells that begin with `'`. Our reader recognises our files by their first
//! column and removes exactly one `'`.
//!
//! A row that is unusable in its list is marked and stays unusable: without the cause (a second HWID,
//! another device with its MAC) it would be read as usable.

mod run;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization as _;

use crate::list::{
    ColumnId, Device, DeviceId, DeviceList, Field, ListError, OTHER_COLUMNS, RawRecord,
};
use crate::text;

pub use run::{RUN_HEADERS, run_cells, run_object};

/// The header of the column by which our reader recognises our files.
const MARKER: &str = "offboard_csv";
/// The header of the column with the reason why a row is unusable.
const UNUSABLE: &str = "offboard_unusable";

/// Devices of a list as rows of CSV: the fields, then the list's other columns.
///
/// A field or column with several values has as many columns with its name. When it is read again,
/// they are the values of one field, and the first is shown.
#[derive(Clone, Debug)]
pub struct ListTable<'l> {
    list: &'l DeviceList,
    /// The fields with several values, and the number of additional columns.
    several: Vec<(Field, usize)>,
    /// The list's other columns, and the number of columns for each.
    others: Vec<(ColumnId, usize)>,
}

impl<'l> ListTable<'l> {
    /// The table of these devices.
    pub fn of(list: &'l DeviceList, devices: impl Iterator<Item = DeviceId>) -> Self {
        let mut several = Field::ALL.map(|field| (field, 0));
        let mut others: BTreeMap<ColumnId, usize> =
            list.other_columns().map(|column| (column, 1)).collect();
        for id in devices {
            let device = list.device(id);
            for (column, values) in device.all_others() {
                if let Some(width) = others.get_mut(&column) {
                    *width = values.count().max(*width);
                }
            }
            for (field, more) in &mut several {
                *more = device.values(*field).skip(1).count().max(*more);
            }
        }
        Self {
            list,
            several: several.into_iter().filter(|(_, more)| *more > 0).collect(),
            others: others.into_iter().collect(),
        }
    }

    /// The headers, for [`write_csv`].
    pub fn headers(&self) -> Vec<String> {
        let fields = Field::ALL.iter().map(|&field| header(field).to_owned());
        let mut headers: Vec<String> = fields.collect();
        for &(field, more) in &self.several {
            headers.extend(std::iter::repeat_n(header(field).to_owned(), more));
        }
        headers.push(UNUSABLE.to_owned());
        for &(column, width) in &self.others {
            let header = Self::foreign_header(self.list.header(column));
            headers.extend(std::iter::repeat_n(header, width));
        }
        headers
    }

    /// A header that our reader can't mistake for one of ours, also after it has cleaned it.
    fn foreign_header(header: &str) -> String {
        let left: String = header
            .nfkc()
            .filter(|&character| character.is_alphanumeric() || character == '_')
            .collect();
        if is_own(&left) {
            format!("{header} (list)")
        } else {
            header.to_owned()
        }
    }

    /// The device's cells, in the order of [`headers`](Self::headers).
    pub fn cells(&self, device: &Device<'_>) -> Vec<String> {
        let fields = Field::ALL.iter();
        let mut cells: Vec<String> = fields
            .map(|&field| device.text(field).into_owned())
            .collect();
        for &(field, more) in &self.several {
            push_values(&mut cells, device.values(field).skip(1), more);
        }
        let problem = device.problem().map(ToString::to_string);
        cells.push(problem.unwrap_or_default());
        let mut others: BTreeMap<_, _> = device.all_others().collect();
        for (column, width) in &self.others {
            push_values(
                &mut cells,
                others.remove(column).into_iter().flatten(),
                *width,
            );
        }
        cells
    }
}

/// Adds the values as `width` cells, padded with empty ones.
fn push_values<'a>(cells: &mut Vec<String>, values: impl Iterator<Item = &'a str>, width: usize) {
    let values = values.map(str::to_owned);
    cells.extend(values.chain(std::iter::repeat(String::new())).take(width));
}

/// True for a header that our reader reads as a field or mark in our own exports.
fn is_own(name: &str) -> bool {
    [MARKER, UNUSABLE].contains(&name)
        || Field::from_name(name).is_some()
        || Field::ALL.iter().any(|&field| header(field) == name)
}

fn header(field: Field) -> &'static str {
    match field {
        Field::Seen => "last_seen",
        Field::Enrolled => "enrolled_at",
        other => other.name(),
    }
}

/// Why a device of a list can't be written as JSON.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// Its source record can't be read.
    #[error(transparent)]
    Record(#[from] ListError),
    /// Its fields can't be encoded.
    #[error(transparent)]
    Encode(#[from] io::Error),
}

/// A list's device as JSON objects: its source records if they are JSON, else its fields. An unusable
/// device is marked with the reason.
pub fn list_objects(
    list: &DeviceList,
    device: &Device<'_>,
) -> Result<Vec<Box<RawValue>>, RowError> {
    let records = list.record(device.id())?;
    let reason = device.problem().map(ToString::to_string);
    let written: Option<Vec<_>> = match (&reason, records.as_slice()) {
        (None, records) => records.iter().map(|record| raw(record, None)).collect(),
        (Some(reason), [record]) => raw(record, Some(reason)).map(|object| vec![object]),
        // Marked rows would not be merged again.
        (Some(_), _) => None,
    };
    match written {
        Some(objects) if !objects.is_empty() => Ok(objects),
        _ => Ok(vec![known(list, device, reason.as_deref())?]),
    }
}

/// The source record on one line, without characters that a terminal would interpret; marked if it is
/// unusable. `None` if it is not a JSON object. It isn't parsed into values, because they would keep
/// only one of two equal keys.
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
    push_safe_json(&mut written, inside);
    // Broken JSON was detected before its control characters become spaces.
    serde_json::from_str::<&RawValue>(text).ok()?;
    RawValue::from_string(written).ok()
}

/// Appends valid JSON on one line, without characters that a terminal would interpret.
pub(super) fn push_safe_json(written: &mut String, json: &str) {
    let mut units = [0_u16; 2];
    for character in json.chars() {
        match character {
            // Valid JSON has these only between values.
            '\n' | '\r' | '\t' => written.push(' '),
            // Valid JSON has these only in strings.
            deceptive if text::is_deceptive(deceptive) => {
                for unit in deceptive.encode_utf16(&mut units) {
                    written.push_str(&format!("\\u{unit:04x}"));
                }
            }
            plain => written.push(plain),
        }
    }
}

/// What the list knows of a device, as an object of a list of ours.
pub fn known_object(list: &DeviceList, device: &Device<'_>) -> io::Result<Box<RawValue>> {
    known(
        list,
        device,
        device.problem().map(ToString::to_string).as_deref(),
    )
}

/// A device's fields as an object, with the list's other columns under a separate key, so that none
/// of them is read as a field.
fn known(
    list: &DeviceList,
    device: &Device<'_>,
    unusable: Option<&str>,
) -> io::Result<Box<RawValue>> {
    let mut object = Map::new();
    for field in Field::ALL {
        match field {
            Field::Mac => {}
            _ if device.values(field).nth(1).is_some() => {
                let values: Vec<&str> = device.values(field).collect();
                object.insert(header(field).to_owned(), json!(values));
            }
            _ => put(&mut object, header(field), &device.text(field)),
        }
    }
    let others = others(list, device);
    if !others.is_empty() {
        object.insert(OTHER_COLUMNS.to_owned(), Value::Object(others));
    }
    put_macs(&mut object, device.macs().map(|mac| mac.to_string()));
    put(&mut object, UNUSABLE, unusable.unwrap_or_default());
    let mut bytes = Vec::new();
    super::write_value(&mut bytes, &object)
        .and_then(|()| String::from_utf8(bytes).map_err(io::Error::other))
        .and_then(|text| RawValue::from_string(text).map_err(io::Error::from))
}

/// The values of the list's other columns by header: one as a string, several as an array.
fn others(list: &DeviceList, device: &Device<'_>) -> Map<String, Value> {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (column, _) in device.others() {
        // Columns with the same header become one.
        let of_header = values.entry(list.header(column)).or_default();
        of_header.extend(device.other_values(column));
    }
    let others = values.into_iter().map(|(header, values)| {
        let value = match values.as_slice() {
            [value] => json!(value),
            values => json!(values),
        };
        (header.to_owned(), value)
    });
    others.collect()
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
    headers: &[impl AsRef<str>],
    rows: impl Iterator<Item = Vec<String>>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let headers = headers.iter().map(|header| safe(header.as_ref()));
    writer.write_record(std::iter::once(MARKER.to_owned()).chain(headers))?;
    for row in rows {
        let cells = row.iter().map(|cell| safe(cell));
        writer.write_record(std::iter::once("1".to_owned()).chain(cells))?;
    }
    writer.flush()
}

/// Writes objects as a JSON array, one per line.
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

/// The cell with `'` in front if a spreadsheet would evaluate it.
pub(super) fn safe(cell: &str) -> String {
    let shown = cell.replace('\0', "");
    if shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
        format!("'{shown}")
    } else {
        shown
    }
}
