//! Reads lists in JSON: answers of the tenant, arrays, JSON lines, and our own lists.
//!
//! [`scan`] finds the begin and end of each row in one pass; serde parses each row separately, so
//! that one bad row doesn't fail the list. In JSON lines, a line with unclosed brackets is one
//! unusable row; elsewhere it fails the list, because the begin of the next row is unknown.

mod own;
mod row;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde_json::value::RawValue;

use super::window::Window;
use crate::list::ReadOptions;
use crate::list::devices::build::{Builder, RowLocation};
use crate::list::error::{ListError, Stop};
use crate::list::fields::column::Roles;
use crate::list::fields::headers::{self, Meaning, System, normalise};
use crate::list::report::problem::Problem;
use own::OUR_KEY;
pub use row::OTHER_COLUMNS;

/// Keys under which an answer has its devices, whatever the array contains.
const WRAPPERS: [&[u8]; 7] = [
    b"devices",
    b"results",
    b"value",
    b"data",
    b"items",
    b"computers",
    b"rows",
];
const SECOND_ARRAY: &str = "a second array of objects: save the devices alone, or under the key devices with no other array";
/// Keys of objects in which an answer has the array.
const OUTER: [&[u8]; 8] = [
    b"data",
    b"result",
    b"results",
    b"response",
    b"body",
    b"payload",
    b"d",
    b"_embedded",
];
/// The maximum depth of the array in an answer.
const DEEPEST_ENVELOPE: usize = 4;
/// Reads all rows of the document.
pub(in crate::list) fn read(
    window: &mut Window<'_>,
    builder: &mut Builder,
    foreign_device_ids: bool,
) -> Result<(), Stop> {
    let mut reader = Reader {
        window,
        options: builder.options.clone(),
        builder,
        lines: false,
        envelope: HashSet::new(),
        unnamed_arrays: 0,
        expected: None,
        system: None,
        keys: None,
        foreign_device_ids,
    };
    while let Some(byte) = reader.skip_blank()? {
        reader.document(byte)?;
    }
    reader.check_length();
    let Reader { keys, builder, .. } = reader;
    if keys.is_some_and(|keys| keys.found_foreign_id) {
        return Err(Stop::ForeignIds);
    }
    let names_rows = |role: crate::list::fields::headers::Role| match role {
        crate::list::fields::headers::Role::Known(alias) => alias.meaning.names_row(),
        crate::list::fields::headers::Role::ForeignId => true,
        crate::list::fields::headers::Role::Other => false,
    };
    let found = builder.columns.iter().any(|column| names_rows(column.role));
    if !found && !builder.columns.is_empty() {
        let keys: Vec<&str> = builder
            .columns
            .iter()
            .map(|column| column.header.as_str())
            .collect();
        let seen = format!(
            "JSON without devices; its keys are {}",
            crate::text::clip(&keys.join(", "), 120)
        );
        return Err(window.not_a_list(1, seen).into());
    }
    Ok(())
}

/// True if a key of the object names a device.
fn names_device(object: &HashMap<String, &RawValue>) -> bool {
    object.keys().any(|key| {
        let alias = headers::alias(&normalise(key));
        alias.is_some_and(|alias| alias.meaning.names_row())
    })
}

/// The length of the value at the window's start.
pub(in crate::list) fn value_length(window: &mut Window<'_>) -> Result<usize, ListError> {
    scan::value(window, 0)
}

/// The JSON text of the row at the window's start.
pub(in crate::list) fn row_text(window: &mut Window<'_>) -> Result<String, ListError> {
    let length = value_length(window)?;
    let bytes = window.bytes().get(..length).unwrap_or_default();
    Ok(String::from_utf8_lossy(bytes).trim_end().to_owned())
}

struct Reader<'r, 'w> {
    window: &'r mut Window<'w>,
    builder: &'r mut Builder,
    options: ReadOptions,
    /// True once a complete value was alone on its line.
    lines: bool,
    /// The keys around the rows.
    envelope: HashSet<String>,
    /// The number of arrays of objects under an unknown key.
    unnamed_arrays: usize,
    /// How many devices a list of our own says that it has.
    expected: Option<u64>,
    system: Option<&'static System>,
    /// The keys of the rows, once a row was read.
    keys: Option<row::Keys>,
    foreign_device_ids: bool,
}

impl Reader<'_, '_> {
    /// Reads one top-level value, whose first byte is `byte`.
    fn document(&mut self, byte: u8) -> Result<(), ListError> {
        let location = self.location();
        let result = match byte {
            b'{' => self.object(0),
            b'[' => self.array(),
            _ if self.lines => scan::value(self.window, 0).and_then(|length| self.row(length)),
            _ => Err(self.window.syntax(
                0,
                "text after the end of the JSON: delete it, or save the list again",
            )),
        };
        match result {
            Err(ListError::Syntax { .. }) if self.lines => {
                // Rows before the mistake may have been read.
                let location = self.location();
                let length = self.window.line_length()?;
                self.window.consume(length);
                self.unusable(Problem::BrokenJson, location)
            }
            Ok(()) => {
                let on_one_line = location.line == self.window.line();
                self.lines |= on_one_line && matches!(self.window.peek(0)?, Some(b'\n' | b'\r'));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Reads an object: an answer that contains rows, our own header, or a row.
    fn object(&mut self, depth: usize) -> Result<(), ListError> {
        let first = self.builder.rows() == 0 && self.builder.stamp.is_none();
        let mut wraps = false;
        let mut named = false;
        let mut ours = false;
        let mut at = 1;
        loop {
            at = scan::blank(self.window, at)?;
            match self.window.peek(at)? {
                Some(b'}') => break,
                Some(b'"') => {}
                _ => {
                    return Err(self
                        .window
                        .syntax(at, "expected a key in quotes or }: save the list again"));
                }
            }
            let key_end = scan::value(self.window, at)?;
            let key = self
                .window
                .bytes()
                .get(at + 1..key_end - 1)
                .unwrap_or_default();
            let (wrapper, outer) = (WRAPPERS.contains(&key), OUTER.contains(&key));
            ours |= key == OUR_KEY;
            let name = String::from_utf8_lossy(key).into_owned();
            at = scan::blank(self.window, key_end)?;
            if self.window.peek(at)? != Some(b':') {
                return Err(self
                    .window
                    .syntax(at, "expected : after a key: save the list again"));
            }
            at = scan::blank(self.window, at + 1)?;
            let value = self.window.peek(at)?;
            let is_array = value == Some(b'[');
            if is_array && wraps && self.begins_with_device(at)? {
                // The other one may have the devices to keep.
                return Err(self.window.syntax(at, SECOND_ARRAY));
            }
            let is_rows = is_array && !wraps && (wrapper || self.is_array_of_rows(at, &name)?);
            if is_rows || (outer && !named && depth < DEEPEST_ENVELOPE && value == Some(b'{')) {
                wraps = true;
                self.window.consume(at);
                if is_rows && !wrapper {
                    self.unnamed_array()?;
                }
                if is_rows {
                    self.array()?;
                } else {
                    self.object(depth + 1)?;
                }
                at = 0;
            } else {
                at = scan::value(self.window, at)?;
            }
            let alias = headers::alias(&normalise(&name));
            named |= alias.is_some_and(|alias| alias.meaning.names_row());
            self.envelope.insert(normalise(&name));
            at = scan::blank(self.window, at)?;
            match self.window.peek(at)? {
                Some(b',') => at += 1,
                Some(b'}') => {}
                None => return Err(self.window.syntax(at, scan::BREAKS_OFF)),
                Some(_) => {
                    let reason = "expected , or } after a value: save the list again";
                    return Err(self.window.syntax(at, reason));
                }
            }
        }
        let length = at + 1;
        if wraps {
            self.window.consume(length);
            Ok(())
        } else if ours {
            self.header(length, first)
        } else {
            self.row(length)
        }
    }

    /// True if the array at `at`, under an unknown key, contains the rows: its elements are objects, and
    /// the object around it is not itself a device.
    fn is_array_of_rows(&mut self, at: usize, key: &str) -> Result<bool, ListError> {
        let first = scan::blank(self.window, at + 1)?;
        let block = headers::alias(&normalise(key)).and_then(|alias| alias.meaning.block());
        if self.lines || block.is_some() || self.window.peek(first)? != Some(b'{') {
            return Ok(false);
        }
        // No device is too long.
        Ok(self.object_names_device(0)? != Some(true))
    }

    /// True if the array at `at` begins with a device.
    fn begins_with_device(&mut self, at: usize) -> Result<bool, ListError> {
        let first = scan::blank(self.window, at + 1)?;
        if self.window.peek(first)? != Some(b'{') {
            return Ok(false);
        }
        // What is too long may be one.
        Ok(self.object_names_device(first)? != Some(false))
    }

    /// True if the object at `at` is a device by its keys; none if it is too long to be read.
    fn object_names_device(&mut self, at: usize) -> Result<Option<bool>, ListError> {
        let end = match scan::value(self.window, at) {
            Ok(end) => end,
            Err(ListError::RowTooLong { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let bytes = self.window.bytes().get(at..end).unwrap_or_default();
        let object: HashMap<String, &RawValue> = serde_json::from_slice(bytes).unwrap_or_default();
        Ok(Some(names_device(&object)))
    }

    fn unnamed_array(&mut self) -> Result<(), ListError> {
        self.unnamed_arrays += 1;
        if self.unnamed_arrays > 1 {
            return Err(self.window.syntax(0, SECOND_ARRAY));
        }
        Ok(())
    }

    /// Reads an array of rows.
    fn array(&mut self) -> Result<(), ListError> {
        self.window.consume(1);
        if self.skip_blank()? == Some(b']') {
            self.window.consume(1);
            return Ok(());
        }
        loop {
            self.skip_blank()?;
            let length = scan::value(self.window, 0)?;
            self.row(length)?;
            match self.skip_blank()? {
                Some(b',') => self.window.consume(1),
                Some(b']') => {
                    self.window.consume(1);
                    return Ok(());
                }
                None => return Err(self.window.syntax(0, scan::BREAKS_OFF)),
                Some(_) => {
                    let reason = "expected , or ] after a device: save the list again";
                    return Err(self.window.syntax(0, reason));
                }
            }
        }
    }

    /// Reads the row that the next `length` bytes are.
    fn row(&mut self, length: usize) -> Result<(), ListError> {
        let location = self.location();
        let bytes = self.window.bytes().get(..length).unwrap_or_default();
        if self.keys.is_none() && bytes.first() == Some(&b'{') {
            let names = row::key_names(bytes);
            self.system = headers::recognise(&names, &self.envelope);
            let is_hwid = |name: &String| {
                headers::alias(name).is_some_and(|alias| alias.meaning == Meaning::Hwid)
            };
            // If the row has a hardware ID, the device ID of an unknown system is a different identifier.
            self.foreign_device_ids |= self.system.is_none() && names.iter().any(is_hwid);
            self.builder.findings.system = self.system.map(|system| system.name);
            self.builder.findings.own_system = self.system.is_some_and(|system| system.own);
            self.builder.doubts_device_ids = self.system.is_none();
            self.keys = Some(row::Keys::new());
        }
        let roles = Roles {
            options: &self.options,
            system: self.system,
            foreign_device_ids: self.foreign_device_ids,
            ours: false,
        };
        let parsed = match &mut self.keys {
            Some(keys) => row::parse(bytes, keys, &roles, self.builder),
            None => Err(Problem::NotAnObject),
        };
        if let Err(problem) = parsed {
            self.unusable(problem, location)?;
        } else {
            self.builder
                .add(location)
                .map_err(|full| full.error(self.window.name()))?;
        }
        self.window.consume(length);
        Ok(())
    }

    fn unusable(&mut self, problem: Problem, location: RowLocation) -> Result<(), ListError> {
        self.builder
            .add_unusable(problem, location)
            .map_err(|full| full.error(self.window.name()))
    }

    fn location(&self) -> RowLocation {
        RowLocation {
            offset: self.window.offset(),
            line: self.window.line(),
        }
    }

    /// Skips white space and returns the next byte.
    fn skip_blank(&mut self) -> Result<Option<u8>, ListError> {
        let length = scan::blank(self.window, 0)?;
        self.window.consume(length);
        self.window.peek(0)
    }
}
