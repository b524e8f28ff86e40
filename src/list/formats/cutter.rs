//! Splits the records of each kind of table into cells.

use std::borrow::Cow;

use super::delimited::Delimited;
use super::fixed_width::FixedWidth;
use super::leases::{Lease, LeaseReader, dnsmasq};
use super::neighbours::{self, Line};
use super::pipes::PipeTable;
use super::row::Cells;
use super::window::Window;
use crate::list::error::ListError;

/// The notation of a table's records.
#[derive(Clone, Debug)]
pub(in crate::list) enum Cutter {
    /// CSV and similar formats.
    Delimited(Delimited),
    /// Cells between pipes, as in Markdown and in the output of database clients.
    Pipes(PipeTable),
    /// Columns at fixed positions.
    FixedWidth(FixedWidth),
    /// The output of `arp` and similar programs.
    Neighbours,
    /// The lease file of ISC `dhcpd`.
    Leases,
    /// The lease file of dnsmasq.
    Dnsmasq,
}

impl Cutter {
    /// The name of the notation.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Delimited(_) => "CSV",
            Self::Pipes(_) => "a table drawn with |",
            Self::FixedWidth(_) => "a table in columns of fixed width",
            Self::Neighbours => "an ARP or neighbour table",
            Self::Leases => "an ISC dhcpd lease file",
            Self::Dnsmasq => "a dnsmasq lease file",
        }
    }

    /// The delimiter of cells.
    pub fn delimiter(&self) -> Option<char> {
        match self {
            Self::Delimited(delimited) => Some(char::from(delimited.delimiter())),
            _ => None,
        }
    }

    /// Splits the record that begins at index `at` of the window, and returns the index of its end.
    pub fn cut(
        &mut self,
        window: &mut Window<'_>,
        at: usize,
        cells: &mut Cells,
    ) -> Result<usize, ListError> {
        if let Self::Delimited(delimited) = self {
            return delimited.cut(window, at, cells);
        }
        cells.clear();
        let mut reader = LeaseReader::default();
        let mut end = at;
        loop {
            let start = end;
            end = window.line_end(start)?;
            let line = String::from_utf8_lossy(window.bytes().get(start..end).unwrap_or_default())
                .into_owned();
            let line = line.trim_end_matches(['\r', '\n']);
            match self {
                Self::Delimited(_) => {}
                Self::Pipes(table) => match table.cells(line) {
                    Some(found) => {
                        for cell in found {
                            cells.push(&without_markup(&cell));
                        }
                    }
                    None => cells.push(line),
                },
                Self::FixedWidth(columns) => match columns.cells(line) {
                    Some(found) => {
                        for cell in found {
                            cells.push(cell);
                        }
                    }
                    // One cell for the whole line, so that the number of cells is wrong.
                    None => cells.push(line),
                },
                Self::Neighbours => {
                    if let Line::Neighbour(found) = neighbours::parse(line) {
                        let parts = [
                            found.ip,
                            Some(&*found.mac),
                            found.name,
                            found.interface,
                            found.kind,
                        ];
                        for part in parts {
                            cells.push(part.unwrap_or_default());
                        }
                    }
                }
                Self::Dnsmasq => {
                    if let Some(lease) = dnsmasq(line) {
                        push_lease(&lease, cells);
                    }
                }
                Self::Leases => match reader.line(line) {
                    Some((lease, length)) => {
                        push_lease(&lease, cells);
                        // Another lease can begin on this line.
                        let rest = line.get(length..).unwrap_or_default().trim_start();
                        if !rest.is_empty() && !rest.starts_with('#') {
                            return Ok(start + length);
                        }
                    }
                    None if window.peek(end)?.is_some() => continue,
                    None => {}
                },
            }
            return Ok(end);
        }
    }
}

/// Replaces line breaks and character references in a cell of Markdown.
fn without_markup(cell: &str) -> Cow<'_, str> {
    if !cell.contains(['<', '&']) {
        return Cow::Borrowed(cell);
    }
    let mut text = cell.to_owned();
    for (markup, plain) in [
        ("<br>", " "),
        ("<br/>", " "),
        ("<br />", " "),
        ("<BR>", " "),
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(markup, plain);
    }
    Cow::Owned(text)
}

/// The index of the next record, at or after `at`.
pub(in crate::list) fn record_start(
    window: &mut Window<'_>,
    mut at: usize,
) -> Result<usize, ListError> {
    while let Some(b'\r' | b'\n') = window.peek(at)? {
        at += 1;
    }
    Ok(at)
}

fn push_lease(lease: &Lease, cells: &mut Cells) {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    cells.push(&lease.ip);
    cells.push(&or_empty(&lease.mac));
    cells.push(&or_empty(&lease.hostname));
    cells.push(&or_empty(&lease.seen));
    cells.push(&or_empty(&lease.ends));
    cells.push(&or_empty(&lease.state));
}
