//! Full records of a run's devices: in CSV and JSON exports, and as a line of JSON.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::table::{RUN_HEADERS, push_safe_json, run_cells, run_object, write_csv, write_json};
use super::{RunFileError, RunFormat};
use crate::domain::run::RunId;
use crate::journal::{DeviceRecord, Journal, JournalError, StoredRecord};
use crate::plan::{FullRecord, RecordBlock, RecordReader, RecordRow};
use crate::text::raw_json::{Level, MOST_LEVELS};

/// The most columns that rows get in a CSV export.
const MOST_COLUMNS: usize = 1_000;
/// The column that says why there is no row.
const MISSING: &str = "row_missing";
/// The column of whole rows, if they have too many columns.
const WHOLE: &str = "row";

/// Reads the full records of a run one by one; the first damage is remembered.
struct Rows<'a> {
    journal: &'a Journal,
    run: &'a RunId,
    /// None if the run has no records.
    reader: Option<RecordReader<'a>>,
    damage: Option<JournalError>,
}

impl<'a> Rows<'a> {
    fn new(journal: &'a Journal, run: &'a RunId, blocks: Option<&'a [RecordBlock]>) -> Self {
        Self {
            journal,
            run,
            reader: blocks.map(RecordReader::new),
            damage: None,
        }
    }

    /// The record of a device, or an empty one and why there is none.
    fn of(&mut self, device: &DeviceRecord) -> (FullRecord, Option<String>) {
        let missing = |reason: &str| (FullRecord::default(), Some(reason.to_owned()));
        let (Some(reader), Some(ordinal)) = (&mut self.reader, device.device.record) else {
            return missing(StoredRecord::NoRecords.missing());
        };
        let error = match reader.get(ordinal) {
            Ok(Some(record)) if record.rows.is_empty() => {
                return missing(StoredRecord::NoRow.missing());
            }
            Ok(Some(record)) => return (record.clone(), None),
            Ok(None) => self.journal.missing_record(self.run, ordinal),
            Err(error) => self.journal.unreadable_record(self.run, ordinal, &error),
        };
        let text = error.to_string();
        self.damage.get_or_insert(error);
        missing(&text)
    }
}

/// An export with full records.
pub struct FullExport {
    /// The text.
    pub text: Vec<u8>,
    /// The first record that can't be read, if there is one; the text has the reason in its place.
    pub damage: Option<JournalError>,
}

/// The devices with their full records in this format. None for a format that has no place for records.
pub fn full_text(
    format: RunFormat,
    journal: &Journal,
    run: &RunId,
    devices: &[DeviceRecord],
) -> Result<Option<FullExport>, RunFileError> {
    let blocks = journal.record_blocks(run)?;
    let mut rows = Rows::new(journal, run, blocks.as_deref());
    let mut out = Vec::new();
    match format {
        RunFormat::Json => {
            let objects = devices.iter().map(|device| full_object(device, &mut rows));
            write_json(&mut out, objects)?;
        }
        RunFormat::Csv => {
            let columns = Columns::of(devices, &mut rows);
            let mut headers: Vec<String> = RUN_HEADERS.map(str::to_owned).to_vec();
            headers.extend(columns.headers());
            let cells = devices.iter().map(|device| {
                let mut cells = run_cells(device);
                cells.extend(columns.cells(rows.of(device)));
                cells
            });
            write_csv(&mut out, &headers, cells)?;
        }
        _ => return Ok(None),
    }
    Ok(Some(FullExport {
        text: out,
        damage: rows.damage,
    }))
}

/// A device of a run with its rows.
#[derive(Serialize)]
struct FullObject {
    #[serde(flatten)]
    device: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    offboard_rows: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offboard_rows_missing: Option<String>,
}

fn full_object(device: &DeviceRecord, rows: &mut Rows<'_>) -> FullObject {
    let (record, missing) = rows.of(device);
    FullObject {
        device: run_object(device),
        offboard_rows: spelt_rows(&record),
        offboard_rows_missing: missing,
    }
}

/// The rows on one line of JSON each, in the list's own spelling.
pub(super) fn spelt_rows(record: &FullRecord) -> Vec<Box<RawValue>> {
    let rows = record.rows.iter().filter_map(|row| {
        let mut text = String::new();
        push_safe_json(&mut text, &serde_json::to_string(row).ok()?);
        RawValue::from_string(text).ok()
    });
    rows.collect()
}

/// The columns of the rows in a CSV export.
struct Columns {
    /// The names in order, each with its place; none if there are too many.
    names: Option<(Vec<String>, HashMap<String, usize>)>,
}

impl Columns {
    /// The columns of the rows of these devices.
    fn of(devices: &[DeviceRecord], rows: &mut Rows<'_>) -> Self {
        let (mut names, mut places) = (Vec::new(), HashMap::new());
        for device in devices {
            for (name, _) in values(&rows.of(device).0) {
                if !places.contains_key(&name) {
                    places.insert(name.clone(), names.len());
                    names.push(name);
                }
            }
            if names.len() > MOST_COLUMNS {
                return Self { names: None };
            }
        }
        Self {
            names: Some((names, places)),
        }
    }

    fn headers(&self) -> Vec<String> {
        let mut headers = vec![MISSING.to_owned()];
        match &self.names {
            Some((names, _)) => headers.extend(names.iter().cloned()),
            None => headers.push(WHOLE.to_owned()),
        }
        headers
    }

    fn cells(&self, (record, missing): (FullRecord, Option<String>)) -> Vec<String> {
        let mut cells = vec![missing.unwrap_or_default()];
        match &self.names {
            Some((names, places)) => {
                let mut values_of = vec![String::new(); names.len()];
                for (name, value) in values(&record) {
                    if let Some(cell) = places.get(&name).and_then(|&at| values_of.get_mut(at)) {
                        *cell = value;
                    }
                }
                cells.extend(values_of);
            }
            None => cells.push(serde_json::to_string(&record).unwrap_or_default()),
        }
        cells
    }
}

/// The values of all rows by the names of their columns, each with a name of its own.
fn values(record: &FullRecord) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for (number, row) in (1..).zip(&record.rows) {
        let prefix = match number {
            1 => WHOLE.to_owned(),
            number => format!("{WHOLE}{number}"),
        };
        row_values(&prefix, row, &mut values);
    }
    let mut used: HashMap<String, u32> = HashMap::new();
    for (name, _) in &mut values {
        let count = used.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let numbers = *count..;
            let mut numbered = numbers.map(|number| format!("{name}.{number}"));
            if let Some(free) = numbered.find(|name| !used.contains_key(name)) {
                used.insert(free.clone(), 1);
                *name = free;
            }
        }
    }
    values
}

/// The list's own columns are below the prefix, so that none has the name of what is known about the row.
fn row_values(prefix: &str, row: &RecordRow, values: &mut Vec<(String, String)>) {
    let about = [
        ("line", row.line.map(|line| line.to_string())),
        ("cut_from", row.cut_from.map(|bytes| bytes.to_string())),
        ("text", row.text.clone()),
    ];
    for (name, value) in about {
        values.extend(value.map(|value| (format!("{prefix}_{name}"), value)));
    }
    for (header, cell) in row.cells.iter().flatten() {
        values.push((format!("{prefix}.{header}"), cell.clone()));
    }
    if let Some(json) = &row.json {
        flatten(prefix, json, MOST_LEVELS, values);
    }
    if let Some(fields) = row
        .fields
        .as_ref()
        .and_then(|fields| to_raw_value(fields).ok())
    {
        flatten(prefix, &fields, MOST_LEVELS, values);
    }
}

/// Adds the values of nested JSON with the path to each; what is nested too deeply stays JSON.
fn flatten(path: &str, value: &RawValue, levels: usize, values: &mut Vec<(String, String)>) {
    let level = match levels {
        0 => Level::Other(value.get()),
        _ => Level::of(value),
    };
    match level {
        Level::Object(members) => {
            for (key, value) in members {
                flatten(&format!("{path}.{key}"), value, levels - 1, values);
            }
        }
        Level::Array(items) => {
            for (number, value) in (1..).zip(items) {
                flatten(&format!("{path}.{number}"), value, levels - 1, values);
            }
        }
        Level::String(text) => values.push((path.to_owned(), text)),
        Level::Other("null") => {}
        Level::Other(text) => values.push((path.to_owned(), text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::RawRecord;

    #[test]
    fn every_value_of_a_row_has_a_column_of_its_own_and_its_own_text() {
        let cells = [
            ("line", "a"),
            ("text", "b"),
            ("cut_from", "c"),
            ("x", "d"),
            ("x", "e"),
            ("x.2", "f"),
        ];
        let cells = cells.map(|(header, cell)| (header.to_owned(), cell.to_owned()));
        let json = r#"{"n": 1.50, "big": 123456789012345678901234567890, "n": {"a": [null, true, "\u00e9"]},
            "line": 7}"#;
        let record = FullRecord::of_rows(vec![
            RawRecord::Cells {
                line: 4,
                cells: cells.to_vec(),
            },
            RawRecord::Json {
                line: 5,
                text: json.to_owned(),
            },
            RawRecord::Line {
                line: 6,
                text: "LT-1".to_owned(),
            },
        ]);
        let values = values(&record);
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let expected = [
            ("row_line", "4"),
            ("row.line", "a"),
            ("row.text", "b"),
            ("row.cut_from", "c"),
            ("row.x", "d"),
            ("row.x.2", "e"),
            ("row.x.2.2", "f"),
            ("row2_line", "5"),
            ("row2.n", "1.50"),
            ("row2.big", "123456789012345678901234567890"),
            ("row2.n.a.2", "true"),
            ("row2.n.a.3", "\u{e9}"),
            ("row2.line", "7"),
            ("row3_line", "6"),
            ("row3_text", "LT-1"),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn deeply_nested_values_stay_json() {
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        let record = FullRecord::of_rows(vec![RawRecord::Json {
            line: 1,
            text: deep,
        }]);
        let values = values(&record);
        assert_eq!(values.len(), 2);
        assert_eq!(values[1].1, format!("{}{}", "[".repeat(8), "]".repeat(8)));
    }
}
