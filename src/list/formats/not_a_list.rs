//! Describes a file that is not a list, for the error message.

use super::bare;
use super::table::HEADER_ROWS;
use super::window::Window;
use crate::list::devices::build::Builder;
use crate::list::error::ListError;
use crate::text;

/// The maximum width of headers in an error, in columns.
const SHOWN_HEADERS: usize = 200;

/// The error that describes a file that is not a list.
pub(in crate::list) fn seen(
    window: &mut Window<'_>,
    builder: &Builder,
) -> Result<ListError, ListError> {
    let line = window.line();
    let lines = window.first_lines(HEADER_ROWS)?;
    let first = lines
        .iter()
        .map(|line| line.trim())
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    // A sheet is always a table.
    if builder.findings.is_sheet()
        && let Some(headers) = sheet_headers(&lines)
    {
        return Ok(no_identifier_column(window, &headers));
    }
    let lower = first.to_lowercase();
    let count = |is: &dyn Fn(&str) -> bool| lines.iter().filter(|line| is(line)).count();
    if let Some(at) = bare::odd_line(&lines) {
        let text = lines.get(at).map_or("", |line| line.trim());
        let seen = format!("one identifier per line but for '{}'", text::clip(text, 60));
        return Ok(window.not_a_list(line + at as u64, seen));
    }
    let seen = if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        "a web page (a sign-in page saved as the list?)".to_owned()
    } else if first.starts_with('<') {
        "XML or HTML".to_owned()
    } else if first.starts_with("-----BEGIN ") {
        "a key or certificate".to_owned()
    } else if lower.starts_with("begin:v") {
        "a contact or calendar file".to_owned()
    } else if first.starts_with('[') && first.ends_with(']') {
        "a settings file".to_owned()
    } else if lines.len() == 1 && serde_json::from_str::<serde_json::Value>(first).is_ok() {
        "a single JSON value".to_owned()
    } else if ["from:", "subject:", "received:", "return-path:"]
        .iter()
        .any(|name| lower.starts_with(name))
    {
        "an e-mail".to_owned()
    } else if let Some(headers) = unknown_headers(&lines) {
        return Ok(no_identifier_column(window, &headers));
    } else if count(&|line| {
        line.starts_with(|first: char| first.is_ascii_digit()) && line.contains(':')
    }) * 2
        > lines.len()
    {
        "a log".to_owned()
    } else if count(&|line| line.trim().contains(' ')) > 0 {
        format!("text: '{}'", text::clip(first, 60))
    } else {
        format!(
            "lines that are not identifiers: '{}'",
            text::clip(first, 60)
        )
    };
    Ok(window.not_a_list(line, seen))
}

/// The header of a table with unknown columns: each line has the same number of cells.
fn unknown_headers(lines: &[String]) -> Option<String> {
    let lines: Vec<&String> = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let (first, rest) = lines.split_first()?;
    [',', ';', '\t', '|'].into_iter().find_map(|delimiter| {
        let headers = cells_of(first, delimiter);
        let is_table = headers.len() > 1
            && !rest.is_empty()
            && rest
                .iter()
                .all(|line| cells_of(line, delimiter).len() == headers.len());
        is_table.then(|| shown_headers(&headers))
    })
}

/// The first row with the most filled cells, if there are several cells: titles are above it.
fn sheet_headers(lines: &[String]) -> Option<String> {
    let rows = lines.iter().map(|line| cells_of(line, ','));
    let filled = |row: &Vec<&str>| row.iter().filter(|cell| !cell.is_empty()).count();
    let header = rows.rev().max_by_key(filled)?;
    (filled(&header) > 1).then(|| shown_headers(&header))
}

fn shown_headers(cells: &[&str]) -> String {
    let filled = cells.iter().filter(|cell| !cell.is_empty());
    filled.copied().collect::<Vec<_>>().join(", ")
}

fn no_identifier_column(window: &Window<'_>, headers: &str) -> ListError {
    ListError::NoIdentifierColumn {
        name: window.name().into(),
        headers: text::clip(headers, SHOWN_HEADERS).into(),
    }
}

/// The trimmed cells of a line; a delimiter between quotes is ignored.
fn cells_of(line: &str, delimiter: char) -> Vec<&str> {
    let mut quoted = false;
    let cells = line.split(|character| {
        quoted ^= character == '"';
        character == delimiter && !quoted
    });
    cells.map(|cell| cell.trim().trim_matches('"')).collect()
}
