//! Invariants of single stages of reading a list: container, encoding, records, headers and cells.

use offboard::list::fuzzing::{self, Cut, HeaderRole, Record};
use offboard::list::{ColumnAssignment, Container, DeviceList, Field};

use super::{devices, refused};

/// Compressed input is expanded up to the limit; other input is unchanged.
pub fn container(bytes: &[u8]) {
    const LIMIT: u64 = 1 << 16;
    let Some((container, text)) = fuzzing::expand(bytes, LIMIT) else {
        assert!(
            fuzzing::needs_expanding(bytes),
            "plain text is never refused"
        );
        return;
    };
    if container != Container::Plain {
        assert!(text.len() as u64 <= LIMIT);
        let half = text.len() as u64 / 2;
        assert!(text.is_empty() || fuzzing::expand(bytes, half).is_none());
    }
    if !fuzzing::needs_expanding(bytes) {
        assert_eq!((container, text.as_slice()), (Container::Plain, bytes));
    }
}

/// Bytes in the encoding chosen by the first byte, or in the detected one, become UTF-8, and damaged
/// characters are counted.
pub fn decode(bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(1));
    let labels = [
        None,
        Some("utf-8"),
        Some("utf-16le"),
        Some("utf-16be"),
        Some("windows-1252"),
        Some("shift_jis"),
        Some("gb18030"),
        Some("big5"),
        Some("euc-kr"),
        Some("iso-2022-jp"),
    ];
    let label = labels[usize::from(first.first().copied().unwrap_or(0)) % labels.len()];
    let (text, damaged) = fuzzing::decode(rest, label).expect("in memory");
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(damaged <= text.matches(char::REPLACEMENT_CHARACTER).count() as u64);
    if label == Some("utf-8") {
        let given = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
        match std::str::from_utf8(given) {
            Ok(given) => assert_eq!((text.as_str(), damaged), (given, 0)),
            Err(_) => assert!(damaged > 0),
        }
    }
}

/// A table in the notation chosen by the first byte: its records are contiguous, each can be read
/// again at its offset, and the header is one of the first records.
pub fn table(bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(1));
    let cuts = [
        Cut::Delimited(b','),
        Cut::Delimited(b';'),
        Cut::Delimited(b'\t'),
        Cut::Delimited(b'|'),
        Cut::Pipes,
        Cut::FixedWidth,
    ];
    let cut = cuts[usize::from(first.first().copied().unwrap_or(0)) % cuts.len()];
    let text = String::from_utf8_lossy(rest).replace('\0', " ");
    let records = match fuzzing::records(&text, cut) {
        Ok(Some(records)) => records,
        Ok(None) => return,
        Err(error) => return refused(&error.to_string()),
    };
    assert_records(&text, cut, &records);
    for record in &records {
        let line = &text[record.offset..record.offset + record.length];
        if matches!(cut, Cut::FixedWidth) {
            let words: Vec<&str> = record
                .cells
                .iter()
                .flat_map(|cell| cell.split_whitespace())
                .collect();
            assert!(line.split_whitespace().eq(words), "{line:?}");
        }
        if let Cut::Delimited(delimiter) = cut
            && !line.contains('"')
        {
            let line = line.trim_end_matches(['\r', '\n']);
            assert!(
                line.split(char::from(delimiter)).eq(record.cells.iter()),
                "{line:?}"
            );
        }
    }
    let is_blank = |record: &&Record| record.cells.concat().trim_ascii().is_empty();
    let filled: Vec<&Record> = records.iter().filter(|record| !is_blank(record)).collect();
    if let Some(layout) = fuzzing::layout(&text, cut).expect("its records could be read") {
        let header = filled.get(layout.skipped).expect("one of the records");
        assert!(layout.skipped < 50 && header.line == layout.line);
        let names = header.cells.iter().map(|cell| fuzzing::cell(cell).0);
        assert!(names.eq(layout.headers), "{header:?}");
    }
}

/// Leases and neighbours of any text: each can be read again at its offset and has an address.
pub fn leases(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace('\0', " ");
    fuzzing::looks_like(&text);
    for (cut, width) in [(Cut::Leases, 6), (Cut::Dnsmasq, 6), (Cut::Neighbours, 5)] {
        let records = match fuzzing::records(&text, cut) {
            Ok(records) => records.expect("every text is cut like this"),
            Err(error) => return refused(&error.to_string()),
        };
        assert_records(&text, cut, &records);
        for record in records.iter().filter(|record| !record.cells.is_empty()) {
            assert_eq!(record.cells.len(), width, "{record:?}");
            let (ip, mac) = (&record.cells[0], &record.cells[1]);
            assert!(
                ip.is_empty() || ip.parse::<std::net::IpAddr>().is_ok(),
                "{ip}"
            );
            let digits = mac.bytes().filter(u8::is_ascii_hexdigit).count();
            assert!(matches!(digits, 0 | 12), "{mac}");
        }
    }
}

/// Records have the right offset and line, and only line breaks are between them.
fn assert_records(text: &str, cut: Cut, records: &[Record]) {
    let line_break = if text.contains('\n') { '\n' } else { '\r' };
    let mut end = 0;
    for record in records {
        let between = &text[end..record.offset];
        assert!(
            between.bytes().all(|byte| matches!(byte, b'\r' | b'\n')),
            "{between:?}"
        );
        let above = text[..record.offset].matches(line_break).count() as u64;
        assert_eq!(record.line, above + 1);
        assert!(record.length > 0);
        end = record.offset + record.length;
    }
    assert!(
        text[end..]
            .bytes()
            .all(|byte| matches!(byte, b'\r' | b'\n'))
    );
    // The first lines of a drawn table decide how it is split.
    if matches!(cut, Cut::Pipes | Cut::FixedWidth) {
        return;
    }
    for record in records.iter().rev().take(8) {
        let rest = &text[record.offset..];
        if rest.contains('\n') == text.contains('\n') {
            let again = fuzzing::records(rest, cut)
                .ok()
                .flatten()
                .expect("it was read");
            assert_eq!(again[0].cells, record.cells, "{rest:?}");
        }
    }
}

/// The end of a JSON value agrees with serde; a list of it is read or refused.
pub fn json(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace('\0', " ");
    if text.starts_with(['{', '[', '"']) {
        let mut values =
            serde_json::Deserializer::from_str(&text).into_iter::<serde::de::IgnoredAny>();
        if values.next().is_some_and(|value| value.is_ok()) {
            assert_eq!(fuzzing::json_value(&text), Some(values.byte_offset()));
        }
    }
    if let Some(end) = fuzzing::json_value(&text) {
        assert!(end <= text.len() && text.is_char_boundary(end));
    }
    match DeviceList::read_bytes("fuzzed", text.as_bytes()) {
        Ok(list) => devices(&list),
        Err(error) => refused(&error.to_string()),
    }
}

/// Each header has one role, and the options override it.
pub fn headers(bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(2));
    let byte = |at: usize| usize::from(first.get(at).copied().unwrap_or_default());
    let text = String::from_utf8_lossy(rest);
    let rows: Vec<Vec<String>> = text
        .lines()
        .take(50)
        .map(|line| line.split(',').take(64).map(str::to_owned).collect())
        .collect();
    if let Some(row) = fuzzing::header_row(&rows) {
        let known = fuzzing::roles(&rows[row], None);
        assert!(known.iter().any(|role| *role != HeaderRole::Other));
    }
    let field = Field::ALL[byte(0) % Field::ALL.len()];
    for headers in &rows {
        let given = headers.get(byte(1) % headers.len().max(1)).cloned();
        let assignment = given.clone().map(|header| ColumnAssignment {
            header,
            field: Some(field),
        });
        let roles = fuzzing::roles(headers, assignment);
        assert_eq!(roles.len(), headers.len());
        for (header, role) in headers.iter().zip(&roles) {
            let name = fuzzing::normalised(header);
            assert_eq!(fuzzing::normalised(&name), name, "{header:?}");
            if Some(header) == given.as_ref() {
                assert_eq!(*role, HeaderRole::Field(field), "{header:?}");
            }
        }
    }
}

/// Cleaning a cell is idempotent, and a cell has at most one date.
pub fn cells(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for text in text.split('\n') {
        let (cell, identifier) = fuzzing::cell(text);
        assert_eq!(fuzzing::cell(&cell).0, cell, "{text:?}");
        assert!(cell.len() <= text.len());
        if let Some(identifier) = identifier {
            assert!(cell.contains(&identifier) && !identifier.is_empty());
        }
        let (decided, open) = fuzzing::date(text);
        assert_eq!(fuzzing::date(text.trim()), (decided, open));
        for seconds in open.into_iter().chain([decided]).flatten() {
            assert!(seconds >= 100_000_000, "{text:?}");
        }
        assert!(decided.is_none() || open.iter().flatten().all(|open| Some(*open) == decided));
    }
}

/// A workbook is refused with a reason, or its sheet is a table of text within the limit.
pub fn workbook(bytes: &[u8]) {
    const LIMIT: u64 = 1 << 20;
    match fuzzing::sheet(bytes, LIMIT) {
        Ok((_, text)) => {
            assert!(text.len() as u64 <= LIMIT);
            let text = String::from_utf8(text).expect("UTF-8");
            if !text.contains('\0') {
                let rows = fuzzing::records(&text, Cut::Delimited(b',')).expect("its quotes close");
                assert!(rows.is_some_and(|rows| !rows.is_empty()));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
