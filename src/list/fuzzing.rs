//! Exposes the stages of reading to the fuzz targets; not for other use.
//!
//! Each function takes arbitrary bytes or text and returns the stage's result in plain types. The
//! invariants are in `fuzz/checks.rs`.

use std::io::Cursor;

use super::error::ListError;
use super::options::{ColumnAssignment, ReadOptions};
use crate::list::fields::cells;
use crate::list::fields::column::{Roles, system_of};
use crate::list::fields::dates::{Date, DateOrder, Orders};
use crate::list::fields::field::Field;
use crate::list::fields::headers::{Role, normalise};
use crate::list::formats::cutter::{Cutter, record_start};
use crate::list::formats::delimited::Delimited;
use crate::list::formats::fixed_width::FixedWidth;
use crate::list::formats::pipes::PipeTable;
use crate::list::formats::row::Cells;
use crate::list::formats::table::{Table, find_header};
use crate::list::formats::window::Window;
use crate::list::formats::workbook;
use crate::list::formats::{json, leases, neighbours};
use crate::list::input::container::Container;
use crate::list::input::{decode, spool};

/// A record of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The offset in bytes from the text's beginning.
    pub offset: usize,
    /// The length in bytes, without the rest of its line break.
    pub length: usize,
    /// The line, from 1.
    pub line: u64,
    /// The cells, in the order of the columns.
    pub cells: Vec<String>,
}

/// A table whose header was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The column names.
    pub headers: Vec<String>,
    /// The header's line, from 1.
    pub line: u64,
    /// The number of lines above the header that are not blank.
    pub skipped: usize,
}

/// The notation in which a text is split into records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    Delimited(u8),
    /// At the bars of a drawn table, if the first lines are one.
    Pipes,
    /// At fixed places, if the first lines are such a table.
    FixedWidth,
    /// Into the leases of ISC `dhcpd`.
    Leases,
    /// Into the leases of dnsmasq.
    Dnsmasq,
    /// Into the entries of a neighbour table.
    Neighbours,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderRole {
    /// The column belongs to this field.
    Field(Field),
    /// A mark of our own exports, or an identifier of another system.
    Special,
    /// For display only.
    Other,
}

/// The container and its text; `None` if it is damaged or expands to more than `limit`.
pub fn expand(bytes: &[u8], limit: u64) -> Option<(Container, Vec<u8>)> {
    let mut text = Vec::new();
    let decoded = spool::decode(bytes, limit, false, &mut text, &mut |_| {}).ok()?;
    Some((decoded.container, text))
}

/// True for bytes that [`expand`] has to turn into text.
pub fn needs_expanding(bytes: &[u8]) -> bool {
    spool::needs_decoding(bytes)
}

/// The text in UTF-8 and the number of damaged characters, decoded from the encoding with this label,
/// else from the detected one.
pub fn decode(bytes: &[u8], label: Option<&str>) -> Option<(Vec<u8>, u64)> {
    let encoding = match label {
        Some(label) => super::parse_encoding(label).ok()?,
        None => decode::detect(bytes).ok()?,
    };
    let mut text = Vec::new();
    let damaged = decode::decode(bytes, encoding, &mut text).ok()?;
    Some((text, damaged))
}

/// All records of the text; `None` if the text doesn't have this notation.
pub fn records(text: &str, cut: Cut) -> Result<Option<Vec<Record>>, ListError> {
    let Some(mut cutter) = cutter(text, cut) else {
        return Ok(None);
    };
    let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
    let mut cells = Cells::default();
    let mut records = Vec::new();
    loop {
        let start = record_start(&mut window, 0)?;
        window.consume(start);
        if window.peek(0)?.is_none() {
            return Ok(Some(records));
        }
        let length = cutter.cut(&mut window, 0, &mut cells)?;
        records.push(Record {
            offset: usize::try_from(window.offset()).unwrap_or(usize::MAX),
            length,
            line: window.line(),
            cells: cells.record().texts().map(str::to_owned).collect(),
        });
        window.consume(length);
    }
}

/// The table in this notation; `None` if no row names fields.
pub fn layout(text: &str, cut: Cut) -> Result<Option<Layout>, ListError> {
    let Some(cutter) = cutter(text, cut) else {
        return Ok(None);
    };
    let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
    let found = Table::detect(&mut window, cutter, &ReadOptions::default())?;
    Ok(found.map(|(table, found)| Layout {
        headers: table.headers().to_vec(),
        line: found.line,
        skipped: found.skipped.len(),
    }))
}

fn cutter(text: &str, cut: Cut) -> Option<Cutter> {
    let lines: Vec<&str> = text.lines().collect();
    Some(match cut {
        Cut::Delimited(delimiter) => Cutter::Delimited(Delimited::new(delimiter)),
        Cut::Pipes => Cutter::Pipes(PipeTable::detect(&lines)?.0),
        Cut::FixedWidth => Cutter::FixedWidth(FixedWidth::detect(&lines)?.0),
        Cut::Leases => Cutter::Leases,
        Cut::Dnsmasq => Cutter::Dnsmasq,
        Cut::Neighbours => Cutter::Neighbours,
    })
}

/// Whether the lines look like the leases of `dhcpd`, those of dnsmasq, a neighbour table.
pub fn looks_like(text: &str) -> [bool; 3] {
    let lines: Vec<&str> = text.lines().collect();
    [
        leases::looks_like_leases(&lines),
        leases::looks_like_dnsmasq(&lines),
        neighbours::looks_like_neighbours(&lines),
    ]
}

/// The end of the JSON value at the beginning of the text; `None` if it is broken.
pub fn json_value(text: &str) -> Option<usize> {
    let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
    json::value_length(&mut window).ok()
}

/// The index of the header among the first rows of a table.
pub fn header_row(rows: &[Vec<String>]) -> Option<usize> {
    find_header(rows, &ReadOptions::default()).map(|header| header.row)
}

/// The roles of the columns with these headers, with one assigned by the options.
pub fn roles(headers: &[String], given: Option<ColumnAssignment>) -> Vec<HeaderRole> {
    let options = ReadOptions {
        columns: given.into_iter().collect(),
        ..ReadOptions::default()
    };
    let roles = Roles {
        options: &options,
        system: system_of(headers),
        foreign_device_ids: false,
        ours: false,
    };
    let role = |role| match role {
        Role::Known(alias) => alias
            .meaning
            .field()
            .map_or(HeaderRole::Special, HeaderRole::Field),
        Role::ForeignId => HeaderRole::Special,
        Role::Other => HeaderRole::Other,
    };
    roles.of_headers(headers).into_iter().map(role).collect()
}

/// A normalised name.
pub fn normalised(name: &str) -> String {
    normalise(name)
}

/// A cell without its decoration, and the identifier in it.
pub fn cell(text: &str) -> (String, Option<String>) {
    let cell = cells::clean(text).into_owned();
    let identifier = cells::identifier(&cell).map(str::to_owned);
    (cell, identifier)
}

/// The seconds since 1970 of a date whose order is certain; otherwise the seconds with the day, the
/// month and the year first.
pub fn date(text: &str) -> (Option<u32>, [Option<u32>; 3]) {
    match Date::parse(text) {
        Date::At(seconds) => (Some(seconds.0), [None; 3]),
        Date::Open(open) => {
            let orders = [
                DateOrder::DayFirst,
                DateOrder::MonthFirst,
                DateOrder::YearFirst,
            ];
            let mut allowed = Orders::default();
            allowed.narrow(open);
            let only = allowed.decided().and_then(|order| open.resolve(order));
            let resolved = |order| open.resolve(order).map(|seconds| seconds.0);
            (only.map(|seconds| seconds.0), orders.map(resolved))
        }
        Date::Nothing | Date::Unreadable => (None, [None; 3]),
    }
}

/// The name and text of the sheet with a workbook's list, or the error.
pub fn sheet(bytes: &[u8], limit: u64) -> Result<(String, Vec<u8>), workbook::WorkbookError> {
    let rank = |rows: &[Vec<String>]| usize::from(header_row(rows).is_some());
    let mut text = Vec::new();
    let sheet = workbook::write_delimited(Cursor::new(bytes), None, limit, &rank, &mut text);
    Ok((sheet?.name, text))
}
