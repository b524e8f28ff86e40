//! The whole text of every error that reading a list can end in, each from input that causes it.

use std::collections::BTreeSet;
use std::io::{self, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::list::formats::workbook::{WorkbookError, tests::xlsx};
use crate::list::{DeviceList, ListError, ReadOptions};

/// The end of every text about something that is not a list.
pub(super) const A_LIST_IS: &str = "a list is a table or JSON with names such as HWID, MAC Address or Hostname, \
                         a workbook, or one identifier per line; text that names devices is for --ids, or for `I` on the screen";

/// The variants of [`ListError`] and, as a part of one of them, of [`WorkbookError`].
const VARIANTS: u8 = 31;

/// The number of the variant. A new one does not compile without a number, and its number needs a
/// text below.
fn number(error: &ListError) -> u8 {
    match error {
        ListError::Open { .. } => 0,
        ListError::NotAFile { .. } => 1,
        ListError::Read { .. } => 2,
        ListError::Spool { .. } => 3,
        ListError::Empty { .. } => 4,
        ListError::Syntax { .. } => 5,
        ListError::RowTooLong { .. } => 6,
        ListError::TooLarge { .. } => 7,
        ListError::NoIdentifierColumn { .. } => 8,
        ListError::NulByte { .. } => 9,
        ListError::SecondList { .. } => 10,
        ListError::NewerFormat { .. } => 11,
        ListError::NotAList { .. } => 12,
        ListError::NotUtf8 { .. } => 13,
        ListError::Expands { .. } => 14,
        ListError::Changed { .. } => 15,
        ListError::Workbook { source, .. } => match source {
            WorkbookError::Read(_) => 16,
            WorkbookError::Write(_) => 17,
            WorkbookError::Encrypted => 18,
            WorkbookError::Damaged(_) => 19,
            WorkbookError::TooLarge { .. } => 20,
            WorkbookError::TooMuchMemory(_) => 21,
            WorkbookError::XlsTooLarge { .. } => 22,
            WorkbookError::NoSuchSheet { .. } => 23,
            WorkbookError::Empty => 24,
            WorkbookError::PlainZip => 25,
            WorkbookError::OtherDocument => 26,
            WorkbookError::ErrorValue { .. } => 30,
        },
        ListError::TooManyRows { .. } => 27,
        ListError::SecondHeader { .. } => 28,
        ListError::MixedEncodings { .. } => 29,
    }
}

/// An error and the text that is expected of it.
type Case = (ListError, String);

/// Why reading `bytes` ends in an error.
pub(super) fn refused(bytes: &[u8]) -> ListError {
    refused_with(bytes, &ReadOptions::default())
}

fn refused_with(bytes: &[u8], options: &ReadOptions) -> ListError {
    DeviceList::read_bytes_as("list", bytes, options).expect_err("not a list")
}

fn small_limit() -> ReadOptions {
    ReadOptions {
        max_expanded: 1 << 16,
        ..ReadOptions::default()
    }
}

fn few_rows() -> ReadOptions {
    ReadOptions {
        max_rows: 100,
        ..ReadOptions::default()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .expect("a name");
        archive.write_all(content.as_bytes()).expect("in memory");
    }
    archive.finish().expect("in memory").into_inner()
}

fn ods(manifest: &str, tables: &str) -> Vec<u8> {
    let content = format!("<a><b>{tables}</b></a>");
    archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", &content),
    ])
}

/// The header of an OLE2 file whose directory is `entries`, each a name.
fn ole2(names: &[&str], size: usize) -> Vec<u8> {
    let mut file = vec![0xff_u8; 512];
    file[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    file[30..32].copy_from_slice(&9_u16.to_le_bytes());
    file[48..52].copy_from_slice(&1_u32.to_le_bytes());
    file[60..64].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    file[64..68].copy_from_slice(&0_u32.to_le_bytes());
    file[68..72].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    file[76..80].copy_from_slice(&0_u32.to_le_bytes());
    file.resize(1024, 0xff);
    file[516..520].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    for name in names {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(128, 0);
        file.extend(entry);
    }
    file.resize(file.len().max(1_536).max(size), 0);
    file
}

fn of_files() -> Vec<Case> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("list.csv");
    let shown = path.display().to_string();
    let open = |path| DeviceList::open(path, &mut |_| {}).expect_err("not a list");
    let missing = open(&path);
    let folder = open(directory.path());
    let folder_text = format!(
        "{} is a directory: name a file, or - for standard input",
        directory.path().display()
    );
    std::fs::write(&path, gzip(b"hwid\na1\n")).expect("written");
    let nowhere = directory.path().join("none");
    let unspooled = DeviceList::open_with_spool(&path, &nowhere, &mut |_| {});
    let unspooled_text = format!("can't keep a copy of {shown} in {}: ", nowhere.display());
    std::fs::write(&path, "hwid\na1\n").expect("written");
    let list = DeviceList::open(&path, &mut |_| {}).expect("a list");
    std::fs::write(&path, "hwid\na1\na2\n").expect("written");
    let changed = list.record(super::id(0)).expect_err("changed");
    vec![
        (
            missing,
            format!(
                "can't open {shown}: No such file or directory (os error 2): \
                 name a file that exists and that you may read"
            ),
        ),
        (folder, folder_text),
        (
            open("/dev/null".as_ref()),
            "/dev/null is a device: name a file, or - for standard input".to_owned(),
        ),
        (
            unspooled.expect_err("no directory"),
            // The text between is of the system, and names the file once more.
            unspooled_text,
        ),
        (
            changed,
            format!("{shown} has changed on disk: load it again"),
        ),
    ]
}

fn of_text() -> Vec<Case> {
    let named = |text: &str| text.to_owned();
    let long = format!("hwid,host\na,\"{}", "x\n".repeat(5 << 20));
    let whole = gzip(b"hwid\na1\n");
    let ours = "{\"offboard_list\":1,\"complete\":true}\n{\"hwid\":\"a1\"}\n";
    vec![
        (
            refused(b"Hostname,HWID,Linked HWID\nA,a0,b0\nHostname,Linked HWID,HWID\nB,b1,a1\n"),
            named(
                "list, line 3: a second header with other columns: save each part as a list of its own",
            ),
        ),
        (refused(b" \n"), named("list is empty: save the list again")),
        (
            refused(&whole[..whole.len() - 4]),
            named("can't read list: unexpected end of file: save the list again"),
        ),
        (
            refused_with(&gzip(&[b'a'; 1 << 17]), &small_limit()),
            named(
                "list has more than 65536 bytes once it is unpacked: raise `max_expanded` in [lists] if it really is a list",
            ),
        ),
        (
            refused_with(&gzip(&b"abc1\n".repeat(101)), &few_rows()),
            named(
                "list has more than 100 rows: raise `max_rows` in [lists] if it really is a list",
            ),
        ),
        (
            refused(long.as_bytes()),
            named(
                "list, line 2: a row of more than 8 MiB begins here: close a quote or bracket that is left open, or check that the file is a list with a line for each row",
            ),
        ),
        (
            refused(b"a\nb\0c"),
            named("list, line 2: a NUL byte, so this is not text: save the list as UTF-8"),
        ),
        (
            refused(format!("{ours}{ours}").as_bytes()),
            named(
                "list, line 3: a second list begins here: save and open each in a file of its own",
            ),
        ),
        (
            refused(ours.replace(":1", ":2").as_bytes()),
            named("list is a list of format 2, and this version reads format 1: update offboard"),
        ),
        (
            refused(b"Colour,\"Room, floor\"\nred,12\n"),
            named(
                "list has no column that names a device among its headers (Colour, Room, floor): \
                 say which column it is, as in --column hwid=\"\u{2026}\", or rename a header to HWID, \
                 MAC Address, Hostname or Serial",
            ),
        ),
        (
            refused(b"HWID;Group\na1;B\xfcro\nb1;Z\xfcrich\nc1;Z\xc3\xbcrich\n"),
            named(
                "list has two encodings: line 4 is UTF-8 and lines 2, 3 not, which looks like windows-1252: \
                 save each part as UTF-8, or give --encoding NAME if it really is one encoding",
            ),
        ),
        // These two can't be caused here: 4 GiB of text, and an encoding that nothing recognises.
        (
            crate::list::error::Full::Text.error("list"),
            named("list is too large: split it into lists of at most 4 GiB of text"),
        ),
        (
            ListError::NotUtf8 {
                name: "list".into(),
            },
            named("list: its encoding can't be recognised: give it with --encoding"),
        ),
    ]
}

fn of_workbooks() -> Vec<Case> {
    let row = "<table name=\"A\"><table-row><table-cell value=\"1\"/></table-row></table>";
    let filled = ods("<m/>", &row.replace("value", "office:value"));
    let many = ods("<m/>", &"<table name=\"A\"></table>".repeat(10_001));
    let named = ReadOptions {
        sheet: Some("B".to_owned()),
        ..ReadOptions::default()
    };
    let of = |error: ListError, text: &str| (error, format!("list: {text}"));
    let failure = |source| ListError::Workbook {
        name: "list".into(),
        source,
    };
    let newer = r#"<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row><row r="2"><c r="A2" t="e"><v>#SPILL!</v></c></row>"#;
    vec![
        of(
            refused(&xlsx(newer, "<sst/>")),
            "the workbook has a cell with the error #SPILL! in row 1 or below, which can't be read: \
             correct the formula, or save the sheet as CSV",
        ),
        of(
            refused(&ods("<m><encryption-data/></m>", row)),
            "the workbook is encrypted: save it without a password",
        ),
        of(
            refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            "the workbook is damaged (its sector size is unknown): \
             open it in a spreadsheet program and save it again",
        ),
        of(
            refused_with(&ods("<m/>", &" ".repeat(1 << 17)), &small_limit()),
            "the workbook expands to more than 65536 bytes: raise `max_expanded` in [lists], \
             or save the sheet as CSV",
        ),
        of(
            refused(&many),
            "the workbook needs too much memory (it has more than 10,000 sheets): save the sheet as CSV",
        ),
        of(
            refused_with(&ole2(&["Root Entry", "Workbook"], 8_192), &small_limit()),
            "the .xls workbook needs more than 8192 bytes of memory, an eighth of `max_expanded`: \
             save it as .xlsx or CSV, or raise `max_expanded` in [lists]",
        ),
        of(
            refused_with(&filled, &named),
            "the workbook has no sheet \"B\": choose one of \"A\"",
        ),
        of(
            refused(&ods("<m/>", "<table name=\"A\"></table>")),
            "the workbook has no filled cell: save the list in it first",
        ),
        of(
            refused(&archive(&[("readme.txt", "hello")])),
            "a zip archive that is not a workbook: unpack it first",
        ),
        of(
            refused(&ole2(&["Root Entry", "WordDocument"], 0)),
            "an OLE2 file that is not a workbook: save the list as .xlsx or CSV",
        ),
        // A file that can't be read a second time, and a disk that fills up.
        of(
            failure(WorkbookError::Read(io::ErrorKind::UnexpectedEof.into())),
            "the workbook can't be read: unexpected end of file: save it again",
        ),
        of(
            failure(WorkbookError::Write(io::ErrorKind::StorageFull.into())),
            "the sheet's text can't be written: no storage space: make room in the directory",
        ),
    ]
}

#[test]
fn list_errors_have_their_exact_texts() {
    let syntax = (
        refused(b"[1,]"),
        "list, line 1, column 4: expected a value: save the list again".to_owned(),
    );
    let not_a_list = (
        refused(b"<a/>"),
        format!("list, line 1: this is not a device list but XML or HTML: {A_LIST_IS}"),
    );
    let cases = [
        of_files(),
        of_text(),
        of_workbooks(),
        vec![syntax, not_a_list],
    ];
    let mut seen = BTreeSet::new();
    for (error, expected) in cases.into_iter().flatten() {
        seen.insert(number(&error));
        let shown = error.to_string();
        match &error {
            ListError::Spool { .. } => assert!(
                shown.starts_with(&expected)
                    && shown.ends_with(": make room in the directory, or make it writable"),
                "{shown}"
            ),
            _ => assert_eq!(shown, expected),
        }
    }
    assert_eq!(seen, (0..VARIANTS).collect());
}

#[test]
fn no_identifier_column_names_headers_below_titles() {
    let row = |cells: &[&str]| {
        let cells = cells
            .iter()
            .map(|cell| format!("<table:table-cell><text:p>{cell}</text:p></table:table-cell>"));
        format!("<table-row>{}</table-row>", cells.collect::<String>())
    };
    let rows = [
        row(&["Rooms at 09:00"]),
        row(&["", "Colour", "Floor, wing", "Size"]),
        row(&["", "red", "3", "12"]),
        row(&["", "blue"]),
    ];
    let table = format!("<table name=\"A\">{}</table>", rows.concat());
    let shown = refused(&ods("<m/>", &table)).to_string();
    let expected =
        "list has no column that names a device among its headers (Colour, Floor, wing, Size): ";
    assert!(shown.starts_with(expected), "{shown}");
    let table = format!("<table name=\"A\">{}</table>", row(&["red"]).repeat(2));
    let shown = refused(&ods("<m/>", &table)).to_string();
    assert!(shown.contains("lines that are not identifiers"), "{shown}");
}

#[test]
fn max_rows_applies_to_every_shape() {
    let csv = |rows: usize| format!("hwid,hostname\n{}", "abc1,a\n".repeat(rows));
    let lines = |rows: usize| "{\"hwid\":\"abc1\"}\n".repeat(rows);
    let array = |rows: usize| format!("[{}0]", "{\"hwid\":\"abc1\"},".repeat(rows - 1));
    let bare = |rows: usize| "abc1\n".repeat(rows);
    let shapes: [&dyn Fn(usize) -> String; 4] = [&csv, &lines, &array, &bare];
    for shape in shapes {
        let list = |rows| DeviceList::read_bytes_as("list", shape(rows).as_bytes(), &few_rows());
        assert!(list(100).is_ok(), "{}", shape(2));
        assert!(
            matches!(list(101), Err(ListError::TooManyRows { limit: 100, .. })),
            "{}",
            shape(2)
        );
    }
}
