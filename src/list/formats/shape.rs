//! Recognises the format of a list by its content, and reads the list.

#[cfg(test)]
mod tests;

use super::bare;
use super::cutter::Cutter;
use super::delimited::Delimited;
use super::fixed_width::FixedWidth;
use super::table::{Found, HEADER_ROWS, Table, first_cells};
use super::window::Window;
use super::{json, not_a_list};
use crate::domain::device::{Hwid, MacAddress};
use crate::list::ReadOptions;
use crate::list::devices::build::Builder;
use crate::list::error::{ListError, Stop};
use crate::list::fields::cells;
use crate::list::fields::headers::{Alias, Meaning, Role};
use crate::list::formats::{leases, neighbours, pipes};

/// The possible delimiters.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// The format of a list, with which its rows can be read again.
#[derive(Debug)]
pub(in crate::list) enum Shape {
    /// Answers, arrays, JSON lines, our own.
    Json,
    /// A table, in any layout.
    Table(Box<Table>),
    /// One identifier per line.
    Bare,
}

/// Reads the list behind `window` into `builder`.
pub(in crate::list) fn read(
    window: &mut Window<'_>,
    builder: &mut Builder,
    foreign_device_ids: bool,
) -> Result<Shape, Stop> {
    window.skip_byte_order_mark()?;
    let Some(first) = skip_blank_lines(window)? else {
        return Err(Stop::Error(ListError::Empty {
            name: window.name().into(),
        }));
    };
    if is_json(window, first)? {
        builder.findings.shape = "JSON";
        json::read(window, builder, foreign_device_ids)?;
        return Ok(Shape::Json);
    }
    if let Some((mut table, found)) = find_table(window, builder)? {
        builder.findings.shape = table.cutter().name();
        builder.findings.delimiter = table.cutter().delimiter();
        let mut roles = None;
        if let Some(found) = found {
            builder.findings.header_line = Some(found.line);
            builder.findings.skip_lines(found.skipped);
            window.consume(found.end);
        } else if table.is_headerless() {
            builder.findings.shape = "a table without a header";
            roles = headerless_roles(window, &mut table)?;
            if roles.is_none() {
                return Err(not_a_list::seen(window, builder)?.into());
            }
        }
        table.read(window, builder, foreign_device_ids, roles)?;
        return Ok(Shape::Table(Box::new(table)));
    }
    builder.findings.shape = "one identifier per line";
    if !bare::is_bare(window)? {
        return Err(not_a_list::seen(window, builder)?.into());
    }
    bare::read(window, builder)?;
    Ok(Shape::Bare)
}

/// A bracket can begin JSON, or a section of a settings file.
fn is_json(window: &mut Window<'_>, first: u8) -> Result<bool, ListError> {
    if first != b'[' {
        return Ok(first == b'{');
    }
    let mut at = 0;
    while window
        .peek(at)?
        .is_some_and(|byte| byte.is_ascii_whitespace())
    {
        at += 1;
    }
    at += 1;
    while window
        .peek(at)?
        .is_some_and(|byte| byte.is_ascii_whitespace())
    {
        at += 1;
    }
    let next = window.peek(at)?;
    Ok(match next {
        Some(b'{' | b'[' | b']' | b'"' | b'-' | b'0'..=b'9') | None => true,
        Some(_) => {
            let rest = window.bytes().get(at..).unwrap_or_default();
            [&b"null"[..], b"true", b"false"]
                .iter()
                .any(|word| rest.starts_with(word))
        }
    })
}

/// The table that the window's first rows form, and the position of its header if it has one.
fn find_table(
    window: &mut Window<'_>,
    builder: &Builder,
) -> Result<Option<(Table, Option<Found>)>, ListError> {
    let options = &builder.options;
    let separator = take_separator_line(window)?;
    let lines = window.first_lines(HEADER_ROWS)?;
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    if lines
        .first()
        .is_some_and(|line| is_another_format(line.trim_start()))
    {
        return Ok(None);
    }
    let delimiter = options.delimiter.or(separator);
    if delimiter.is_none() {
        if let Some(table) = reports_of_tools(&lines) {
            return Ok(Some((table, None)));
        }
        if let Some((pipes, _)) = pipes::PipeTable::detect(&lines) {
            let found = Table::detect(window, Cutter::Pipes(pipes), options)?;
            if let Some((table, found)) = found {
                return Ok(Some((table, Some(found))));
            }
        }
    }
    let (best, mistake) = best_delimited(window, delimiter, options)?;
    let is_wide = best
        .as_ref()
        .is_some_and(|(table, _)| table.headers().len() > 1);
    if !is_wide && let Some((columns, _)) = FixedWidth::detect(&lines) {
        let found = Table::detect(window, Cutter::FixedWidth(columns), options)?;
        if let Some((table, found)) =
            found.filter(|(_, found)| found.known >= 2 || options.header_row.is_some())
        {
            return Ok(Some((table, Some(found))));
        }
    }
    match (best, mistake) {
        (Some((table, found)), _) => Ok(Some((table, Some(found)))),
        (None, Some(mistake)) => Err(mistake),
        (None, None) => headerless(window, delimiter),
    }
}

/// The table of a tool that writes no header: leases of DHCP servers, and neighbours of hosts.
fn reports_of_tools(lines: &[&str]) -> Option<Table> {
    const LEASE: [&str; 6] = [
        "IP address",
        "MAC address",
        "Hostname",
        "Last seen",
        "Lease ends",
        "State",
    ];
    const NEIGHBOUR: [&str; 5] = ["IP address", "MAC address", "Hostname", "Interface", "Kind"];
    let (cutter, names) = if leases::looks_like_leases(lines) {
        (Cutter::Leases, &LEASE[..])
    } else if leases::looks_like_dnsmasq(lines) {
        (Cutter::Dnsmasq, &LEASE[..])
    } else if neighbours::looks_like_neighbours(lines) {
        (Cutter::Neighbours, &NEIGHBOUR[..])
    } else {
        return None;
    };
    let names = names.iter().map(|&name| name.to_owned()).collect();
    Some(Table::without_header(cutter, names))
}

type TableWithHeader = (Table, Found);

/// The table by the delimiter, else by the one with the most known and the most columns. Without a table, the
/// first syntax error.
fn best_delimited(
    window: &mut Window<'_>,
    delimiter: Option<u8>,
    options: &ReadOptions,
) -> Result<(Option<TableWithHeader>, Option<ListError>), ListError> {
    let delimiters = delimiter.map_or_else(|| DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let mut best: Option<TableWithHeader> = None;
    let mut mistake = None;
    for delimiter in delimiters {
        let cutter = Cutter::Delimited(Delimited::new(delimiter));
        match Table::detect(window, cutter, options) {
            Ok(Some((table, found))) => {
                let rank = |table: &Table, found: &Found| (found.known, table.headers().len());
                if best
                    .as_ref()
                    .is_none_or(|(other, at)| rank(&table, &found) > rank(other, at))
                {
                    best = Some((table, found));
                }
            }
            Ok(None) => {}
            Err(error @ ListError::Syntax { .. }) => mistake = mistake.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Ok((best, mistake))
}

/// True for the first line of markup, keys and contacts, which can contain a line that looks like a
/// header.
fn is_another_format(first: &str) -> bool {
    let start = first.get(..7).unwrap_or(first).to_ascii_lowercase();
    first.starts_with(['<']) || first.starts_with("-----BEGIN ") || start == "begin:v"
}

/// Reads Excel's line that names the delimiter.
pub(in crate::list) fn take_separator_line(
    window: &mut Window<'_>,
) -> Result<Option<u8>, ListError> {
    let end = window.line_end(0)?;
    let line = window.bytes().get(..end).unwrap_or_default();
    let line = line.trim_ascii_start();
    let separator = match line.strip_prefix(b"\"").unwrap_or(line) {
        [s, e, p, b'=', delimiter, ..] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            Some(*delimiter).filter(|delimiter| {
                *delimiter == b'\t' || (delimiter.is_ascii_punctuation() && *delimiter != b'"')
            })
        }
        _ => None,
    };
    if separator.is_some() {
        window.consume(end);
    }
    Ok(separator)
}

/// A table without a header: rows of equal width, at least two columns.
fn headerless(
    window: &mut Window<'_>,
    delimiter: Option<u8>,
) -> Result<Option<(Table, Option<Found>)>, ListError> {
    let delimiters = delimiter.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    for delimiter in delimiters {
        let cutter = Cutter::Delimited(Delimited::new(delimiter));
        let rows = first_cells(cutter.clone(), window)?;
        let width = rows.first().map_or(0, Vec::len);
        if width < 2 || rows.iter().any(|row| row.len() != width) {
            continue;
        }
        let names: Vec<String> = (1..=width)
            .map(|number| format!("column {number}"))
            .collect();
        return Ok(Some((Table::headerless(cutter, names), None)));
    }
    Ok(None)
}

/// The roles of a headerless table's columns, if exactly one column contains only MAC addresses or
/// only hardware IDs.
fn headerless_roles(
    window: &mut Window<'_>,
    table: &mut Table,
) -> Result<Option<Vec<Role>>, ListError> {
    let rows = first_cells(table.cutter().clone(), window)?;
    let width = table.headers().len();
    let is_whole = rows.len() < HEADER_ROWS;
    let columns_of = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let holds = |column: &usize| {
            let mut values = rows
                .iter()
                .filter_map(|row| row.get(*column))
                .filter(|cell| !cell.trim().is_empty());
            values.clone().next().is_some() && values.all(|cell| is(cells::clean(cell).as_ref()))
        };
        (0..width).filter(holds).collect()
    };
    let macs = columns_of(&|cell| MacAddress::parse(cell).is_ok());
    // Later values are unknown, so only a table that was read completely can have hardware IDs.
    let hwids = if is_whole {
        columns_of(&|cell| {
            Hwid::is_distinctive(cell)
                && !cells::looks_like_foreign_id(cell)
                && MacAddress::parse(cell).is_err()
        })
    } else {
        Vec::new()
    };
    if macs.len() > 1 || hwids.len() > 1 || macs.len() + hwids.len() == 0 {
        return Ok(None);
    }
    let mut roles = vec![Role::Other; width];
    for (columns, meaning) in [(macs, Meaning::Mac), (hwids, Meaning::Hwid)] {
        for column in columns {
            if let Some(role) = roles.get_mut(column) {
                *role = Role::Known(Alias::best(meaning));
            }
        }
    }
    Ok(Some(roles))
}

/// Moves to the first line that isn't blank, and returns its first byte that isn't white space.
fn skip_blank_lines(window: &mut Window<'_>) -> Result<Option<u8>, ListError> {
    while window.peek(0)?.is_some() {
        let blank = window
            .bytes()
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        if let Some(&byte) = window.bytes().get(blank) {
            let line = window.bytes().get(..blank).unwrap_or_default();
            let indent = memchr::memrchr2(b'\n', b'\r', line).map_or(0, |last| last + 1);
            window.consume(indent);
            return Ok(Some(byte));
        }
        if !window.more()? {
            return Ok(None);
        }
    }
    Ok(None)
}
