//! Finds the header among a table's first rows.

use crate::domain::device::MacAddress;
use crate::list::ReadOptions;
use crate::list::fields::column::{Roles, system_of};
use crate::list::fields::headers::{Alias, Meaning, Role};

/// The number of rows that are searched for the header.
pub(in crate::list) const HEADER_ROWS: usize = 50;

/// The header that was found among the first rows.
pub(in crate::list) struct Header {
    /// Its index among the first [`HEADER_ROWS`] rows.
    pub row: usize,
    /// The number of its cells that name fields.
    pub known: usize,
}

/// Finds the header among a table's first rows.
pub(in crate::list) fn find_header(rows: &[Vec<String>], options: &ReadOptions) -> Option<Header> {
    let mut single: Option<Header> = None;
    for (row, cells) in rows.iter().enumerate() {
        let roles = Roles {
            options,
            system: system_of(cells),
            foreign_device_ids: false,
            ours: false,
        };
        let aliases: Vec<(usize, Alias)> = cells
            .iter()
            .enumerate()
            .filter_map(|(column, cell)| match roles.of(cell) {
                Role::Known(alias) => Some((column, alias)),
                Role::ForeignId => Some((column, Alias::best(Meaning::DeviceId))),
                Role::Other => None,
            })
            .collect();
        let names_row = aliases.iter().any(|(_, alias)| alias.meaning.names_row());
        let mut names_field = aliases.iter().map(|&(column, alias)| {
            // A machine or a person may be called `PC13` or `user2`.
            !alias.is_numbered() || alias.meaning == Meaning::Mac && has_macs(rows, row, column)
        });
        if !names_row || !names_field.any(|is_field| is_field) {
            continue;
        }
        let header = Header {
            row,
            known: aliases.len(),
        };
        if header.known >= 2 {
            return Some(header);
        }
        // A single field name can also occur in a title: require a table of one column, or rows of the
        // same width below.
        let next = rows.get(row + 1).map_or(cells.len(), Vec::len);
        if single.is_none()
            && is_below_titles(rows, row)
            && cells.len() == next
            && is_column_of_tokens(rows, row)
        {
            single = Some(header);
        }
    }
    single
}

/// True if a value below the header is a MAC address.
fn has_macs(rows: &[Vec<String>], header: usize, column: usize) -> bool {
    let below = rows.iter().skip(header + 1);
    let mut cells = below.filter_map(|cells| cells.get(column));
    cells.any(|cell| MacAddress::parse(cell).is_ok())
}

/// True if only titles are above the header of a single column. A single word above it may be an
/// identifier of a bare list.
fn is_below_titles(rows: &[Vec<String>], header: usize) -> bool {
    let is_single = rows.get(header).is_some_and(|cells| cells.len() == 1);
    let above = rows.iter().take(header).flatten();
    !is_single
        || above
            .map(|cell| cell.trim())
            .all(|cell| cell.contains(' ') || cell.starts_with('#'))
}

/// True unless the table has one column whose values are mostly several words: prose that begins
/// with the name of a field is not a list.
fn is_column_of_tokens(rows: &[Vec<String>], header: usize) -> bool {
    let is_single = rows.get(header).is_some_and(|cells| cells.len() == 1);
    let values: Vec<&str> = rows
        .iter()
        .skip(header + 1)
        .flatten()
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty())
        .collect();
    let words = values
        .iter()
        .filter(|value| !value.contains(char::is_whitespace))
        .count();
    !is_single || words * 2 >= values.len()
}
