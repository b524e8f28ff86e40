//! Counts the hidden rows of an `.xlsx` sheet, which calamine does not report.

use std::io::{BufReader, Read, Seek};

use quick_xml::events::Event;
use zip::ZipArchive;

use super::archive::from_zip;
use super::error::WorkbookError;
use super::xml::{Xml, attribute};

/// The rows with a filled cell that the sheet hides, by hand or by a filter. None if the sheet's part
/// is not found.
pub(super) fn count(
    input: &mut (impl Read + Seek),
    sheet: &str,
) -> Result<Option<u64>, WorkbookError> {
    input.rewind().map_err(WorkbookError::Read)?;
    let mut archive = ZipArchive::new(BufReader::new(input)).map_err(from_zip)?;
    let book = related(&mut archive, "_rels/.rels", |kind, _| {
        kind.ends_with("/officeDocument")
    })?;
    let book = book.unwrap_or_else(|| "xl/workbook.xml".to_owned());
    let book = book.trim_start_matches('/').to_owned();
    let Some(wanted) = relationship_of(&mut archive, &book, sheet)? else {
        return Ok(None);
    };
    let (directory, file) = book.rsplit_once('/').unwrap_or(("", &book));
    let links = joined(directory, &format!("_rels/{file}.rels"));
    let Some(target) = related(&mut archive, &links, |_, id| id == wanted)? else {
        return Ok(None);
    };
    let part = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => joined(directory, &target),
    };
    let Some(mut xml) = open(&mut archive, &part)? else {
        return Ok(None);
    };
    hidden_rows(&mut xml).map(Some)
}

fn hidden_rows(xml: &mut Xml<'_>) -> Result<u64, WorkbookError> {
    let (mut hidden, mut is_hidden) = (0, false);
    loop {
        match xml.next()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "row" => {
                    let mark = attribute(&tag, "hidden")?;
                    let height = attribute(&tag, "ht")?.and_then(|it| it.parse::<f64>().ok());
                    is_hidden = matches!(mark.as_deref(), Some("1" | "true"))
                        || height.is_some_and(|height| height <= 0.0);
                }
                "v" | "is" if is_hidden => {
                    hidden += 1;
                    // Each row counts once.
                    is_hidden = false;
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "sheetData" => return Ok(hidden),
            Event::Eof => return Ok(hidden),
            _ => {}
        }
    }
}

/// The relationship that the workbook gives for a sheet.
fn relationship_of<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    book: &str,
    sheet: &str,
) -> Result<Option<String>, WorkbookError> {
    let Some(mut xml) = open(archive, book)? else {
        return Ok(None);
    };
    loop {
        match xml.next()? {
            Event::Start(tag)
                if tag.local_name().as_ref() == "sheet"
                    && attribute(&tag, "name")?.as_deref() == Some(sheet) =>
            {
                return attribute(&tag, "id");
            }
            Event::Eof => return Ok(None),
            _ => {}
        }
    }
}

/// The target of the first relationship in `links` whose type and id are wanted.
fn related<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    links: &str,
    is_wanted: impl Fn(&str, &str) -> bool,
) -> Result<Option<String>, WorkbookError> {
    let Some(mut xml) = open(archive, links)? else {
        return Ok(None);
    };
    loop {
        match xml.next()? {
            Event::Start(tag) => {
                let kind = attribute(&tag, "Type")?.unwrap_or_default();
                let id = attribute(&tag, "Id")?.unwrap_or_default();
                if is_wanted(&kind, &id) {
                    return attribute(&tag, "Target");
                }
            }
            Event::Eof => return Ok(None),
            _ => {}
        }
    }
}

/// A part by its name, of which letter case is free and some writers use backslashes.
fn open<'a, R: Read + Seek>(
    archive: &'a mut ZipArchive<R>,
    name: &str,
) -> Result<Option<Xml<'a>>, WorkbookError> {
    let plain = |name: &str| {
        let name = name.replace('\\', "/").to_ascii_lowercase();
        name.trim_start_matches('/').to_owned()
    };
    let wanted = plain(name);
    let mut names = archive.file_names_raw();
    let Some(index) = names.position(|raw| plain(&String::from_utf8_lossy(raw)) == wanted) else {
        return Ok(None);
    };
    drop(names);
    let entry = archive.by_index(index).map_err(from_zip)?;
    Ok(Some(Xml::new(entry)))
}

/// A path relative to a directory, with its `..` resolved.
fn joined(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
