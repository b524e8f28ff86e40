//! Streams the sheets of an `OpenDocument` spreadsheet.
//!
//! calamine expands a whole document into dense tables when it opens it, which repeated rows and
//! cells can make arbitrarily large; here a repeated row is kept once.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::SHOWN_OTHERWISE;
use super::archive::{damaged, from_zip};
use super::cell;
use super::error::WorkbookError;
use super::rows::{MOST_COLUMNS, MOST_ROW_BYTES, MOST_ROWS};
use super::sheet::{EachCell, SheetName};
use super::xml::{Xml, attribute};
use crate::list::is_error_value;

/// The sheets that a document can have.
const MOST_SHEETS: usize = 10_000;
/// The blanks that stand for a longer run of blanks in a cell.
const MOST_BLANKS: usize = 100;

/// An open document.
pub(super) struct Ods<R> {
    archive: ZipArchive<R>,
    /// The most bytes of text that a sheet can have.
    limit: u64,
    /// The hidden rows with a filled cell of the sheet that was visited last.
    pub hidden_rows: u64,
}

impl<R: Read + Seek> Ods<R> {
    /// Opens a document whose parts were measured, and lists its sheets; `limit` is in bytes of a
    /// sheet's text.
    pub fn open(input: R, limit: u64) -> Result<(Self, Vec<SheetName>), WorkbookError> {
        let archive = ZipArchive::new(input).map_err(from_zip)?;
        let mut document = Self {
            archive,
            limit,
            hidden_rows: 0,
        };
        if document.is_encrypted()? {
            return Err(WorkbookError::Encrypted);
        }
        let sheets = document.list()?;
        Ok((document, sheets))
    }

    fn part(&mut self, name: &str) -> Result<Xml<'_>, WorkbookError> {
        let entry = self.archive.by_name(name).map_err(from_zip)?;
        Ok(Xml::new(entry))
    }

    fn is_encrypted(&mut self) -> Result<bool, WorkbookError> {
        let Ok(mut xml) = self.part("META-INF/manifest.xml") else {
            return Ok(false);
        };
        loop {
            match xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "encryption-data" => {
                    return Ok(true);
                }
                Event::Eof => return Ok(false),
                _ => {}
            }
        }
    }

    fn list(&mut self) -> Result<Vec<SheetName>, WorkbookError> {
        let mut xml = self.part("content.xml")?;
        let (mut sheets, mut hiding) = (Vec::new(), Vec::new());
        let mut style = String::new();
        let mut depth = 0_u32;
        loop {
            match xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "style" => style = attribute(&tag, "name")?.unwrap_or_default(),
                    "table-properties"
                        if attribute(&tag, "display")?.as_deref() == Some("false") =>
                    {
                        hiding.push(style.clone());
                    }
                    "table" => {
                        if depth == 0 {
                            let style = attribute(&tag, "style-name")?.unwrap_or_default();
                            sheets.push(SheetName {
                                name: attribute(&tag, "name")?.unwrap_or_default(),
                                hidden: hiding.contains(&style),
                            });
                        }
                        depth += 1;
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == "table" => {
                    depth = depth.saturating_sub(1);
                }
                Event::Eof => return Ok(sheets),
                _ => {}
            }
            if sheets.len().max(hiding.len()) > MOST_SHEETS {
                return Err(WorkbookError::TooMuchMemory(
                    "it has more than 10,000 sheets",
                ));
            }
        }
    }

    /// Visits the cells of the table at `index`.
    pub fn visit(&mut self, index: usize, each: EachCell<'_>) -> Result<(), WorkbookError> {
        let mut hidden = 0;
        let visited = self.visit_rows(index, &mut hidden, each);
        self.hidden_rows = hidden;
        visited
    }

    fn visit_rows(
        &mut self,
        index: usize,
        hidden: &mut u64,
        each: EachCell<'_>,
    ) -> Result<(), WorkbookError> {
        let limit = self.limit;
        let mut xml = self.part("content.xml")?;
        let (mut table, mut depth) = (0, 0_u32);
        let mut next_row = 0_u32;
        loop {
            match xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "table" => depth += 1,
                Event::End(tag) if tag.local_name().as_ref() == "table" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        if table == index {
                            return Ok(());
                        }
                        table += 1;
                    }
                }
                Event::Start(tag)
                    if tag.local_name().as_ref() == "table-row" && depth == 1 && table == index =>
                {
                    let repeats = count(&tag, "number-rows-repeated")?;
                    let shown = attribute(&tag, "visibility")?;
                    let is_hidden = matches!(shown.as_deref(), Some("collapse" | "filter"));
                    let row = read_row(&mut xml)?;
                    if is_hidden && !row.is_empty() {
                        *hidden += u64::from(repeats.min(MOST_ROWS));
                    }
                    if text_bytes(&row, next_row, repeats) > limit {
                        return Err(WorkbookError::TooLarge { limit });
                    }
                    if visit_row(&row, next_row, repeats, each)?.is_break() {
                        return Ok(());
                    }
                    next_row = next_row.saturating_add(repeats);
                }
                Event::Eof => return Err(damaged("a table has no end")),
                _ => {}
            }
        }
    }
}

/// A run of equal cells: its first column, its length and its text.
type Run = (u32, u32, String);

/// The bytes of text that a repeated row will have, so that a row too many is refused before any
/// of it is written.
fn text_bytes(row: &[Run], first: u32, repeats: u32) -> u64 {
    let cells = row
        .iter()
        .map(|(_, repeats, text)| u64::from(*repeats) * (text.len() as u64 + 1));
    let rows = repeats.min(MOST_ROWS.saturating_sub(first));
    cells.sum::<u64>().saturating_mul(u64::from(rows))
}

fn visit_row(
    row: &[Run],
    first: u32,
    repeats: u32,
    each: EachCell<'_>,
) -> Result<ControlFlow<()>, WorkbookError> {
    if row.is_empty() {
        return Ok(ControlFlow::Continue(()));
    }
    for number in first..first.saturating_add(repeats) {
        for (column, repeats, text) in row {
            for column in *column..column.saturating_add(*repeats) {
                if each(number, column, text)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn read_row(xml: &mut Xml<'_>) -> Result<Vec<Run>, WorkbookError> {
    let mut row = Vec::new();
    let (mut column, mut bytes) = (0_u32, 0);
    loop {
        match xml.next()? {
            Event::Start(tag)
                if matches!(
                    tag.local_name().as_ref(),
                    "table-cell" | "covered-table-cell"
                ) =>
            {
                let repeats = count(&tag, "number-columns-repeated")?;
                let value = value(&tag)?;
                let content = read_content(xml)?;
                // An error can be shown beside a value of zero, without a mark.
                let text = match value {
                    Some((mut value, is_number)) if !is_error_value(&content) => {
                        if is_number && !content.is_empty() && content != value {
                            value.push(SHOWN_OTHERWISE);
                        }
                        value
                    }
                    _ => content,
                };
                // One cell beyond the last column is enough to say that there are some.
                if !text.trim().is_empty() && column <= MOST_COLUMNS {
                    bytes += text.len();
                    row.push((column, repeats.min(MOST_COLUMNS + 1 - column), text));
                }
                if bytes > MOST_ROW_BYTES {
                    return Err(WorkbookError::TooMuchMemory(
                        "a row has more than 16 MiB of text",
                    ));
                }
                column = column.saturating_add(repeats);
            }
            Event::End(tag) if tag.local_name().as_ref() == "table-row" => return Ok(row),
            Event::Eof => return Err(damaged("a row has no end")),
            _ => {}
        }
    }
}

/// The value that a cell's attributes give, and whether it is a number; none when its paragraphs are the
/// value.
fn value(tag: &BytesStart<'_>) -> Result<Option<(String, bool)>, WorkbookError> {
    let mut found = None;
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(damaged)?;
        let key = attribute.key.as_ref();
        let text = unescape(&attribute.value).map_err(damaged)?;
        let text = text.as_ref();
        match key {
            // LibreOffice marks a formula's error so, beside an empty or zero value.
            "calcext:value-type" if text == "error" => return Ok(None),
            "office:value" => {
                let number = text.parse().map_or_else(|_| text.to_owned(), cell::number);
                found = Some((number, true));
            }
            "office:date-value" => found = Some((cell::iso(text), false)),
            "office:time-value" => found = Some((cell::duration(text), false)),
            "office:boolean-value" => {
                let value = cell::boolean(text.eq_ignore_ascii_case("true"));
                found = Some((value.to_owned(), false));
            }
            "office:string-value" if !text.is_empty() => {
                found = Some((text.to_owned(), false));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The paragraphs of a cell, joined with blanks, without notes, shapes and nested tables.
fn read_content(xml: &mut Xml<'_>) -> Result<String, WorkbookError> {
    let mut text = String::new();
    let (mut depth, mut hidden) = (0_u32, None);
    loop {
        match xml.next()? {
            Event::Start(tag) => {
                depth += 1;
                let name = tag.name();
                let name = name.as_ref();
                if hidden.is_none() && !name.starts_with("text:") {
                    hidden = Some(depth);
                }
                match name {
                    _ if hidden.is_some() => {}
                    "text:p" if !text.is_empty() => text.push(' '),
                    "text:tab" | "text:line-break" => text.push(' '),
                    "text:s" => {
                        let blanks = count(&tag, "c")? as usize;
                        text.extend(std::iter::repeat_n(' ', blanks.min(MOST_BLANKS)));
                    }
                    _ => {}
                }
            }
            Event::End(_) if depth == 0 => return Ok(text),
            Event::End(_) => {
                if hidden == Some(depth) {
                    hidden = None;
                }
                depth -= 1;
            }
            Event::Text(piece) if hidden.is_none() && depth > 0 => {
                text.push_str(&piece.xml10_content());
            }
            Event::CData(piece) if hidden.is_none() && depth > 0 => {
                text.push_str(&piece.xml10_content());
            }
            Event::GeneralRef(name) if hidden.is_none() && depth > 0 => {
                let name: &str = &name;
                let reference = format!("&{name};");
                text.push_str(&unescape(&reference).map_err(damaged)?);
            }
            Event::Eof => return Err(damaged("a cell has no end")),
            _ => {}
        }
        if text.len() > MOST_ROW_BYTES {
            return Err(WorkbookError::TooMuchMemory(
                "a cell has more than 16 MiB of text",
            ));
        }
    }
}

/// How often something is repeated: at least once.
fn count(tag: &BytesStart<'_>, key: &str) -> Result<u32, WorkbookError> {
    let count = attribute(tag, key)?.map_or(1, |text| text.trim().parse().unwrap_or(u32::MAX));
    Ok(count.max(1))
}
