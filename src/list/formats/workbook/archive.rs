//! Recognises a workbook in a zip archive, and measures what it really expands to.

use std::io::{BufReader, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::{WorkbookError, WorkbookKind};
use super::markup::{Markup, Records};

/// Begins each entry of a zip archive's directory.
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";
/// The entries that an archive can have; each needs memory before anything is read.
const MOST_ENTRIES: usize = 65_535;

/// What `OpenDocument` spreadsheets and their templates say in the entry `mimetype`.
const SPREADSHEET: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";

/// Decompresses every entry, and refuses an archive that has more than `limit` bytes, is damaged
/// or isn't a workbook.
pub(super) fn measure(
    input: &mut (impl Read + Seek),
    limit: u64,
) -> Result<WorkbookKind, WorkbookError> {
    count_entries(input)?;
    let mut archive = ZipArchive::new(BufReader::new(input)).map_err(from_zip)?;
    let kind = kind(&mut archive)?;
    let mut piece = Vec::new();
    let mut total = 0;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(from_zip)?;
        let name = entry.name().map_err(from_zip)?.to_ascii_lowercase();
        let mut markup = Markup::new();
        let mut records = (kind == WorkbookKind::Xlsb && has_records(&name)).then(Records::default);
        loop {
            // Full pieces: how a part begins decides what it is measured as.
            piece.clear();
            let count = entry.by_ref().take(1 << 16).read_to_end(&mut piece);
            if count.map_err(damaged)? == 0 {
                break;
            }
            total += piece.len() as u64;
            if total > limit {
                return Err(WorkbookError::TooLarge { limit });
            }
            match &mut records {
                Some(records) => records.add(&piece)?,
                None => markup.add(&piece)?,
            }
        }
    }
    Ok(kind)
}

fn has_records(name: &str) -> bool {
    name.strip_prefix("xl/")
        .and_then(|name| name.strip_suffix(".bin"))
        .map(|name| name.strip_prefix("worksheets/").unwrap_or(name))
        .is_some_and(|name| !name.contains('/') && !name.starts_with("vbaproject"))
}

fn kind(archive: &mut ZipArchive<impl Read + Seek>) -> Result<WorkbookKind, WorkbookError> {
    if let Ok(entry) = archive.by_name("mimetype") {
        let mut mimetype = Vec::new();
        let length = SPREADSHEET.len() as u64;
        entry
            .take(length)
            .read_to_end(&mut mimetype)
            .map_err(damaged)?;
        return if mimetype == SPREADSHEET {
            Ok(WorkbookKind::Ods)
        } else {
            Err(WorkbookError::PlainZip)
        };
    }
    let (mut types, mut parts) = (false, false);
    for name in archive.file_names_raw() {
        // Some writers use backslashes, and letter case is free.
        let name = String::from_utf8_lossy(name)
            .replace('\\', "/")
            .to_ascii_lowercase();
        let name = name.trim_start_matches('/');
        if name == "xl/workbook.bin" {
            return Ok(WorkbookKind::Xlsb);
        }
        types |= name == "[content_types].xml";
        parts |= name.starts_with("xl/") || name == "workbook.xml";
    }
    if types && parts {
        Ok(WorkbookKind::Xlsx)
    } else {
        Err(WorkbookError::PlainZip)
    }
}

fn count_entries(input: &mut (impl Read + Seek)) -> Result<(), WorkbookError> {
    input.rewind().map_err(WorkbookError::Read)?;
    let keep = DIRECTORY_ENTRY.len() - 1;
    let mut buffer = Vec::new();
    let mut entries = 0;
    loop {
        let count = input.by_ref().take(1 << 16).read_to_end(&mut buffer);
        if count.map_err(WorkbookError::Read)? == 0 {
            break;
        }
        entries += memchr::memmem::find_iter(&buffer, DIRECTORY_ENTRY).count();
        if entries > MOST_ENTRIES {
            return Err(WorkbookError::TooMuchMemory(
                "the archive has more than 65,535 entries",
            ));
        }
        // The begin of an entry may be split between two pieces.
        buffer.drain(..buffer.len().saturating_sub(keep));
    }
    input.rewind().map_err(WorkbookError::Read)
}

/// Tells an error of the zip archive in the terms of the workbook.
pub(super) fn from_zip(error: ZipError) -> WorkbookError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => WorkbookError::Encrypted,
        other => damaged(&other),
    }
}

/// Damage, as an error or a text describes it.
pub(super) fn damaged(error: impl std::fmt::Display) -> WorkbookError {
    WorkbookError::Damaged(error.to_string())
}
