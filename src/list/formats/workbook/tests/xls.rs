//! `.xls` workbooks, written record by record as [MS-CFB] and [MS-XLS] describe them.

use super::super::xls::measure;
use super::container::ole2;
use super::*;

pub(super) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("small");
    [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

fn begin() -> Vec<u8> {
    record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn end() -> Vec<u8> {
    record(0x000a, &[])
}

/// A workbook's stream with one sheet, and with records of no sheet after it.
pub(super) fn stream(globals: &[u8], cells: &[u8]) -> Vec<u8> {
    let format = record(0x00e0, &[0; 20]);
    let start = begin().len() + format.len() + 4 + 11 + globals.len() + end().len();
    let start = u32::try_from(start).expect("small").to_le_bytes();
    let sheet = record(0x0085, &[&start[..], b"\0\0\x03\0Old"].concat());
    let far = number(0xffff, 0xff);
    let globals = [&begin(), &format, &sheet, globals, &end()].concat();
    let sheet = [&begin(), cells, &end()].concat();
    [globals, sheet, begin(), far, end()].concat()
}

/// A workbook with one sheet, and what its globals have beside.
fn xls_with(globals: &[u8], cells: &[u8]) -> Vec<u8> {
    let mut stream = stream(globals, cells);
    stream.resize(stream.len().max(4_096), 0);
    ole2("Workbook", &stream)
}

fn texts(count: u8, content: &[u8]) -> Vec<u8> {
    record(
        0x00fc,
        &[&[count, 0, 0, 0, count, 0, 0, 0], content].concat(),
    )
}

/// The table of shared texts with a single one.
pub(super) fn hwid() -> Vec<u8> {
    texts(1, b"\x04\0\0HWID")
}

pub(super) fn xls(cells: &[u8]) -> Vec<u8> {
    xls_with(&hwid(), cells)
}

pub(super) fn number(row: u16, column: u16) -> Vec<u8> {
    let place = [row.to_le_bytes(), column.to_le_bytes(), [0; 2]].concat();
    record(0x0203, &[&place[..], &42.5_f64.to_le_bytes()].concat())
}

pub(super) fn shared(row: u16) -> Vec<u8> {
    shared_text(row, 0)
}

fn shared_text(row: u16, index: u32) -> Vec<u8> {
    let row = row.to_le_bytes();
    record(
        0x00fd,
        &[&row[..], &[0; 4], &index.to_le_bytes()[..]].concat(),
    )
}

/// Asserts that a workbook needs memory for so many cells and bytes of text, and no more.
pub(super) fn assert_needs(file: &[u8], cells: u64, text: u64) {
    let size = file.len() as u64;
    let needed = 2 * size + cells * size_of::<calamine::Data>() as u64 + text;
    measure(&mut Cursor::new(file), size, 8 * needed).expect("as much as it needs");
    let less = measure(&mut Cursor::new(file), size, 8 * needed - 1);
    assert!(
        matches!(less, Err(WorkbookError::XlsTooLarge { limit }) if limit == needed - 1),
        "{less:?}"
    );
}

#[test]
fn memory_is_counted_for_each_kind_of_cell() {
    let numbers = record(0x00bd, &[&[0, 0, 0, 0][..], &[0; 6 * 4], &[3, 0]].concat());
    let formula = [record(0x0006, &[9; 22]), record(0x0207, b"\x04\0\0HWID")].concat();
    let row = record(0x0208, &[0xff; 16]);
    let sheet = record(0x0085, &[0xff; 12]);
    let chart = [begin(), number(0xffff, 0xff), end()].concat();
    for (cells, count, text) in [
        (number(1, 0), 1, 14),
        ([number(1, 0), number(3, 2)].concat(), 3 * 3, 2 * 14),
        (number(0, 0).repeat(3), 3, 3 * 14),
        (numbers, 4, 0),
        (formula, 2, 22 + 2 * 7),
        // The text of a formula that isn't there is the first cell's.
        (
            [record(0x0207, b"\x04\0\0HWID"), number(9, 1)].concat(),
            10 * 2,
            2 * 7 + 14,
        ),
        (shared(0), 1, 3 * 4),
        // Of a text that the table doesn't have, the length is unknown.
        (shared_text(0, 9), 1, 3 * 32_767),
        // Neither is a cell.
        ([row, sheet, number(0, 0)].concat(), 1, 14),
        // Nor is what an embedded chart has; the sheet goes on after it.
        ([number(0, 0), chart, number(1, 0)].concat(), 2, 2 * 14),
    ] {
        assert_needs(&xls(&cells), count, text);
    }
}

#[test]
fn shared_texts_go_on_in_further_records() {
    let go_on = |content: &[u8]| record(0x003c, content);
    let globals = [
        texts(
            8,
            &[
                &b"\x04\0\0HWID"[..],
                // In UTF-16.
                b"\x03\0\x01a\0b\0c\0",
                // With formatting of two runs, and with phonetic text of three bytes.
                b"\x05\0\x08\x02\0rich!\0\0\0\0\0\0\0\0",
                b"\x06\0\x04\x03\0\0\0phones\0\0\0",
                // Goes on in UTF-16, and then in single bytes again.
                b"\x0a\0\0nar",
            ]
            .concat(),
        ),
        go_on(b"\x01r\0o\0w\0"),
        go_on(b"\0 end"),
        // Begins where a record begins, and its formatting goes on in the next one.
        go_on(b"\x02\0\x08\x01\0hi\0"),
        go_on(b"\0\0\0\x08\0\0the last"),
    ]
    .concat();
    let cells: Vec<u8> = (0..7)
        .flat_map(|row| shared_text(row, u32::from(row)))
        .collect();
    let file = xls_with(&globals, &cells);
    let (_, text) = read(&file, None, LIMIT).expect("a workbook");
    assert_eq!(text, "HWID\nabc\nrich!\nphones\nnarrow end\nhi\nthe last\n");
    assert_needs(&file, 7, 3 * (4 + 3 + 5 + 6 + 10 + 2 + 8));
}

#[test]
fn xls_with_any_password_is_encrypted() {
    // XOR obfuscation and RC4.
    for kind in [0, 1] {
        let locked = record(0x002f, &[kind, 0, 0x12, 0x34, 0x56, 0x78]);
        let file = xls_with(&[locked, hwid()].concat(), &shared(0));
        assert!(error(&file, LIMIT).contains("without a password"));
    }
}

#[test]
fn impossible_dimensions_are_refused() {
    let wide = |first: u32, last: u32, columns: u16| {
        let rows = [first.to_le_bytes(), last.to_le_bytes()].concat();
        [&rows[..], &[0; 2], &columns.to_le_bytes(), &[0; 2]].concat()
    };
    let narrow = |first: u16, last: u16| {
        let rows = [first.to_le_bytes(), last.to_le_bytes()].concat();
        [&rows[..], &[0, 0, 1, 0, 0, 0]].concat()
    };
    let with = |dimensions: &[u8]| xls(&[record(0x0200, dimensions), shared(0)].concat());
    for dimensions in [
        wide(0, 0, 0),
        // No row is used.
        wide(3, 0, 0),
        wide(0, 1, 1),
        wide(9, 10, 1),
        wide(0, 1, 0xffff),
        wide(0, 0x1_0000, 0x100),
        narrow(0, 1),
        narrow(3, 0),
    ] {
        let (_, text) = read(&with(&dimensions), None, LIMIT).expect("a workbook");
        assert_eq!(text, "HWID\n", "{dimensions:?}");
    }
    for dimensions in [
        wide(5, 5, 1),
        wide(6, 5, 1),
        wide(0, 0x1_0001, 1),
        // More than a sheet can have: calamine makes room for all of them.
        wide(0, 0x1_0000, 0x101),
        wide(0, 0x1_0000, 0xffff),
        narrow(5, 5),
        vec![0; 3],
    ] {
        let message = error(&with(&dimensions), LIMIT);
        assert!(message.contains("dimensions of a sheet"), "{message}");
    }
}

#[test]
fn xls_is_read_and_a_sparse_one_refused() {
    let file = xls(&[shared(0), number(2, 1)].concat());
    let (sheet, text) = read(&file, None, LIMIT).expect("a workbook");
    assert_eq!(
        (sheet.name.as_str(), text.as_str()),
        ("Old", "HWID\n\n,42.5\n")
    );
    let message = error(&xls(&[shared(0), number(0xffff, 0xff)].concat()), LIMIT);
    assert!(
        message.contains("8388608 bytes") && message.contains("max_expanded"),
        "{message}"
    );
}

#[test]
fn sheets_of_xls_are_limited_and_do_not_overlap() {
    // The sheets are records of the globals, which have 24 bytes and 15 for each sheet.
    let measured = |count: usize, start: usize, length: usize| {
        let start = u32::try_from(start).expect("small").to_le_bytes();
        let sheet = record(0x0085, &[&start[..], &[0; 7]].concat());
        let mut stream = [begin(), sheet.repeat(count), end()].concat();
        stream.resize(length, 0);
        let file = ole2("Workbook", &stream);
        let size = file.len() as u64;
        measure(&mut Cursor::new(file), size, LIMIT)
            .map_or_else(|error| error.to_string(), |()| "fine".to_owned())
    };
    for (count, start, length, verdict) in [
        // At the end of the globals.
        (1_024, 20 + 15 * 1_024, 20_000, "fine"),
        (1_025, 20 + 15 * 1_025, 20_000, "more than 1,024 sheets"),
        // All the globals.
        (24, 0, 24 * (24 + 15 * 24) / 2, "fine"),
        (24, 0, 24 * (24 + 15 * 24) / 2 - 1, "its sheets overlap"),
    ] {
        let found = measured(count, start, length);
        assert!(found.contains(verdict), "{verdict}: {found}");
    }
}

#[test]
fn xls_may_need_an_eighth_of_the_limit() {
    // 4,096 rows by 16 columns, of which only two cells are filled.
    let file = xls(&[shared(0), number(0x0fff, 0x0f)].concat());
    let needed = 2 * file.len() as u64 + 4_096 * 16 * size_of::<calamine::Data>() as u64;
    assert!(read(&file, None, 8 * (needed + 1_024)).is_ok());
    assert!(error(&file, 8 * needed).contains("save it as .xlsx or CSV, or raise `max_expanded`"));
}

#[test]
fn xls_texts_in_two_byte_units_are_combined() {
    let label = |row: u16, text: &[u8]| {
        let length = u16::try_from(text.len()).expect("small").to_le_bytes();
        record(
            0x0204,
            &[&row.to_le_bytes()[..], &[0; 4], &length, &[0], text].concat(),
        )
    };
    let cells = [label(0, b"H\0W\0I\0D\0"), label(1, b"a\0b")].concat();
    assert_eq!(
        read(&xls(&cells), None, LIMIT).expect("a workbook").1,
        "HWID\nab\n"
    );
}
