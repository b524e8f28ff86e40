//! Which value of an entry makes it unusable, read again from the source.

use serde_json::Value;

use crate::domain::device::IdentifierError;
use crate::list::fields::column::Column;
use crate::list::record::RawRecord;
use crate::list::{DeviceId, DeviceList, Field, Problem};

/// What about an entry is to blame.
enum Cause {
    /// The values of these fields.
    Fields(&'static [Field]),
    /// The row as a whole.
    Row,
    /// What it lacks.
    Nothing,
}

impl Cause {
    fn of(problem: &Problem) -> Self {
        match problem {
            Problem::Identifier(
                IdentifierError::NotAMac
                | IdentifierError::ZeroMac
                | IdentifierError::BroadcastMac
                | IdentifierError::MulticastMac,
            )
            | Problem::SharedMac
            | Problem::SeveralMacs
            | Problem::AmbiguousMac
            | Problem::TooManyMacs => Self::Fields(&[Field::Mac]),
            Problem::Identifier(
                IdentifierError::Empty
                | IdentifierError::HwidTooLong
                | IdentifierError::HwidCharacter,
            )
            | Problem::HwidNotText
            | Problem::PlaceholderHwid
            | Problem::TwoHwids
            | Problem::Rounded
            | Problem::DateOrFraction
            | Problem::Formatted
            | Problem::Contradicting => Self::Fields(&[Field::Hwid]),
            Problem::CutOff => Self::Fields(&[Field::Hwid, Field::Mac]),
            Problem::NotAnObject
            | Problem::BrokenJson
            | Problem::WrongCells
            | Problem::Commented => Self::Row,
            Problem::NoIdentifier
            | Problem::NoHwid
            | Problem::NoMac
            | Problem::Unmatched
            | Problem::Marked => Self::Nothing,
            Problem::Exported(problem) => Self::of(problem),
        }
    }
}

impl DeviceList {
    /// The value of an entry that makes it unusable; empty if one is missing, or can't be read again.
    pub(in crate::list) fn cause(&self, id: DeviceId, problem: &Problem) -> String {
        let cause = Cause::of(problem);
        if matches!(cause, Cause::Nothing) {
            return String::new();
        }
        let rows = self.record(id).unwrap_or_default();
        let mut values: Vec<String> = Vec::new();
        for row in rows {
            match (&cause, row) {
                (Cause::Fields(fields), RawRecord::Cells { cells, .. }) => {
                    let cells = cells.into_iter();
                    let of_field = cells.filter(|(header, _)| self.is_read_as(header, fields));
                    values.extend(of_field.map(|(_, cell)| cell));
                }
                (Cause::Fields(fields), RawRecord::Json { text, .. }) => {
                    let headers = self.columns.iter().map(|column| column.header.as_str());
                    let row = serde_json::from_str(&text).unwrap_or_default();
                    for header in headers.filter(|header| self.is_read_as(header, fields)) {
                        add_values(&row, header, &mut values);
                    }
                }
                (_, RawRecord::Cells { cells, .. }) => {
                    let cells: Vec<String> = cells.into_iter().map(|(_, cell)| cell).collect();
                    // The record has an empty cell for each that the row lacks.
                    let row = cells.join(";");
                    values.push(row.trim_end_matches(';').to_owned());
                }
                (_, RawRecord::Json { text, .. } | RawRecord::Line { text, .. }) => {
                    values.push(text);
                }
            }
        }
        values.retain(|value| !value.trim().is_empty());
        let mut known = std::collections::HashSet::new();
        values.retain(|value| known.insert(value.clone()));
        values.join(" · ")
    }

    /// True if a column is read as one of the fields.
    fn is_read_as(&self, header: &str, fields: &[Field]) -> bool {
        let mut columns = self.columns.iter();
        let column = columns.find(|column| column.header == header);
        let field = column.and_then(Column::field);
        field.is_some_and(|field| fields.contains(&field))
    }
}

/// The values at this path of keys, of each element of an array.
fn add_values(value: &Value, path: &str, values: &mut Vec<String>) {
    match value {
        Value::Array(elements) => {
            for element in elements {
                add_values(element, path, values);
            }
        }
        Value::Object(_) => {
            let whole = value.get(path).map(|value| (value, ""));
            let nested = || {
                let (key, rest) = path.split_once('.')?;
                Some((value.get(key)?, rest))
            };
            if let Some((value, rest)) = whole.or_else(nested) {
                add_values(value, rest, values);
            }
        }
        Value::Null => {}
        Value::String(text) if path.is_empty() => values.push(text.clone()),
        other if path.is_empty() => values.push(other.to_string()),
        _ => {}
    }
}
