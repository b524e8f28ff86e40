//! Workbooks of each kind, whole, damaged and hostile.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

mod container;
mod measured;
mod ods;
mod shown;
mod xls;
mod xlsb;

use self::container::ole2;
use self::xls::{record, shared, xls};

const LIMIT: u64 = 64 << 20;

fn read(bytes: &[u8], sheet: Option<&str>, limit: u64) -> Result<(Sheet, String), WorkbookError> {
    let rank = |rows: &[Vec<String>]| {
        rows.iter()
            .filter(|row| row.iter().any(|cell| cell == "HWID"))
            .count()
    };
    let mut out = Vec::new();
    let sheet = write_delimited(Cursor::new(bytes), sheet, limit, &rank, &mut out)?;
    Ok((sheet, String::from_utf8(out).expect("UTF-8")))
}

fn error(bytes: &[u8], limit: u64) -> String {
    read(bytes, None, limit).expect_err("refused").to_string()
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let fastest = SimpleFileOptions::default().compression_level(Some(1));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, fastest).expect("a name");
        archive.write_all(content).expect("in memory");
    }
    archive.finish().expect("in memory").into_inner()
}

/// An `.xlsx` with one sheet and these rows and shared texts, both as XML.
pub(in crate::list) fn xlsx(rows: &str, texts: &str) -> Vec<u8> {
    let relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        (
            "_rels/.rels",
            format!(r#"<Relationships><Relationship Id="a" Type="{relationship}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#).as_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(r#"<Relationships><Relationship Id="b" Type="{relationship}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#).as_bytes(),
        ),
        ("xl/workbook.xml", br#"<workbook><sheets><sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>"#),
        ("xl/sharedStrings.xml", texts.as_bytes()),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet><dimension ref="A1"/><sheetData>{rows}</sheetData></worksheet>"#).as_bytes(),
        ),
    ])
}

fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<office:document-content><office:automatic-styles><style:style style:name="h"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    archive(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

fn sample() -> Vec<u8> {
    let mut book = Workbook::new();
    let notes = book.add_worksheet().set_name("Notes").expect("a name");
    notes.write_string(0, 0, "Export of 2026").expect("a cell");
    let hidden = book.add_worksheet().set_name("Secret").expect("a name");
    hidden
        .set_hidden(true)
        .write_string(0, 0, "HWID")
        .expect("a cell");
    let sheet = book.add_worksheet().set_name("Devices").expect("a name");
    for (column, text) in ["HWID", "Seen", "On", "Number", "Note"]
        .into_iter()
        .enumerate()
    {
        sheet
            .write_string(2, u16::try_from(column).expect("small"), text)
            .expect("a cell");
    }
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let time = ExcelDateTime::from_ymd(2026, 10, 15)
        .expect("a date")
        .and_hms(8, 0, 0)
        .expect("a time");
    sheet.write_string(4, 0, "00042").expect("a cell");
    sheet
        .write_datetime_with_format(4, 1, &time, &date)
        .expect("a cell");
    sheet.write_boolean(4, 2, true).expect("a cell");
    sheet
        .write_number(4, 3, 9_156_240_000_000_000.0)
        .expect("a cell");
    sheet
        .write_string(4, 4, "one\r\ntwo, \"three\"")
        .expect("a cell");
    let midnight = ExcelDateTime::from_ymd(2026, 10, 15).expect("a date");
    sheet
        .write_datetime_with_format(5, 1, &midnight, &date)
        .expect("a cell");
    sheet
        .write_formula(5, 2, Formula::new("=NA()").set_result("#N/A"))
        .expect("a cell");
    sheet
        .write_number(5, 3, 123_456_789_012_345.0)
        .expect("a cell");
    book.save_to_buffer().expect("in memory")
}

#[test]
fn sheet_keeps_row_numbers_and_exact_texts() {
    let bytes = sample();
    assert!(is_workbook(&bytes) && !is_workbook(b"HWID,Name\n"));
    let (sheet, text) = read(&bytes, None, LIMIT).expect("a workbook");
    assert_eq!((sheet.name.as_str(), sheet.hidden), ("Devices", false));
    assert_eq!(sheet.others, ["Notes", "Secret"]);
    let expected = "\n\nHWID,Seen,On,Number,Note\n\n\
        00042,2026-10-15T08:00:00,TRUE,9.15624E+15,\"one two, \"\"three\"\"\"\n\
        ,2026-10-15,#N/A,123456789012345\n";
    assert_eq!(text, expected);
}

#[test]
fn sheet_option_selects_a_sheet_or_lists_all() {
    let (sheet, text) = read(&sample(), Some(" secret "), LIMIT).expect("a sheet");
    assert_eq!((sheet.hidden, text.as_str()), (true, "HWID\n"));
    let error = read(&sample(), Some("Other"), LIMIT)
        .expect_err("unknown")
        .to_string();
    assert!(
        error.contains("\"Other\"") && error.contains("\"Devices\""),
        "{error}"
    );
}

#[test]
fn first_filled_sheet_is_read_without_a_table() {
    let bytes = xlsx(
        r#"<row><c t="inlineStr"><is><t>x</t></is></c></row>"#,
        "<sst/>",
    );
    assert_eq!(read(&bytes, None, LIMIT).expect("a sheet").1, "x\n");
    assert!(error(&xlsx("", "<sst/>"), LIMIT).contains("no filled cell"));
}

#[test]
fn distant_cell_ends_the_sheet_and_is_reported() {
    for (place, row, columns) in [
        ("XFD1048576", Some(1), false),
        ("A10003", Some(1), false),
        ("A99999999", Some(1), false),
        ("XFD1", None, true),
        ("BXY1", None, true),
        ("BXX1", None, false),
        ("A10002", None, false),
    ] {
        let digits = place.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        let rows = format!(
            r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="{digits}"><c r="{place}"><v>2</v></c></row>"#
        );
        let (sheet, text) = read(&xlsx(&rows, "<sst/>"), None, LIMIT).expect("a sheet");
        assert_eq!(
            (sheet.cut_after_row, sheet.columns_cut),
            (row, columns),
            "{place}"
        );
        assert!(text.len() < 11_000);
    }
}

#[test]
fn row_after_the_last_one_is_cut() {
    let row = |number: u32| format!(r#"<row r="{number}"><c r="A{number}"><v>1</v></c></row>"#);
    let rows = (1..105).map(|tens| row(tens * 10_000)).collect::<String>() + &row(1_048_576);
    for (rows, cut_after) in [
        (rows.clone(), None),
        (rows + &row(1_048_577), Some(1_048_576)),
    ] {
        let (sheet, text) = read(&xlsx(&rows, "<sst/>"), None, LIMIT).expect("a sheet");
        assert_eq!(
            (sheet.cut_after_row, text.lines().count()),
            (cut_after, 1_048_576)
        );
    }
}

#[test]
fn sheet_is_chosen_by_its_first_50_rows() {
    let mut book = Workbook::new();
    for (name, row) in [("Late", 50), ("Early", 49)] {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        sheet.write_string(row, 0, "HWID").expect("a cell");
    }
    let bytes = book.save_to_buffer().expect("in memory");
    assert_eq!(read(&bytes, None, LIMIT).expect("a sheet").0.name, "Early");
}

#[test]
fn workbook_beyond_the_limit_is_refused() {
    let blanks = " ".repeat(5 << 20);
    let bytes = xlsx(&blanks, "<sst/>");
    assert!(bytes.len() < 1 << 20);
    let message = error(&bytes, 1 << 20);
    assert!(
        message.contains("1048576 bytes") && message.contains("max_expanded"),
        "{message}"
    );
    for content in ["", &blanks] {
        let content = content.as_bytes();
        let kind = b"application/vnd.oasis.opendocument.spreadsheet";
        let bytes = archive(&[("mimetype", kind), ("content.xml", content)]);
        let needed = bytes.len().max(kind.len() + content.len()) as u64;
        assert!(measure(&mut Cursor::new(&bytes), needed).is_ok());
        assert!(measure(&mut Cursor::new(&bytes), needed - 1).is_err());
    }
    // One long text in many cells.
    let texts = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(30_000));
    let rows = r#"<row><c t="s"><v>0</v></c></row>"#.repeat(400);
    assert!(error(&xlsx(&rows, &texts), 1 << 20).contains("max_expanded"));
    let many = "<si/>".repeat((96 << 20) / 24 + 1);
    for (rows, texts) in [
        (
            format!("<row><c><is><t>{blanks}</t></is></c></row>"),
            "<sst/>".to_owned(),
        ),
        (
            String::new(),
            r#"<sst uniqueCount="99999999999"/>"#.to_owned(),
        ),
        (String::new(), format!("<sst>{many}</sst>")),
        (String::new(), format!("<a><sst>{many}</sst></a>")),
    ] {
        assert!(error(&xlsx(&rows, &texts), LIMIT).contains("too much memory"));
    }
}

#[test]
fn text_of_a_row_is_limited_and_rows_are_in_order() {
    let texts = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(1 << 20));
    let row = |count| format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(count));
    assert!(read(&xlsx(&row(16), &texts), None, LIMIT).is_ok());
    assert!(error(&xlsx(&row(17), &texts), LIMIT).contains("a row has more than 16 MiB"));
    let rows = r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#;
    assert!(error(&xlsx(rows, "<sst/>"), LIMIT).contains("row 1 comes after row 2"));
}

#[test]
fn ods_repeats_are_read() {
    let tables = r#"<table:table table:name="Info"><table:table-row><table:table-cell office:value-type="string"><text:p>about</text:p></table:table-cell></table:table-row></table:table>
        <table:table table:name="Old" table:style-name="h"><table:table-row/></table:table>
        <table:table table:name="List"><table:table-header-rows><table:table-row><table:table-cell office:value-type="string"><office:annotation><text:p>note</text:p></office:annotation><text:p>HWID</text:p></table:table-cell><table:table-cell><text:p>a &amp;</text:p><text:p>b<text:s text:c="2"/>c</text:p></table:table-cell></table:table-row></table:table-header-rows>
        <table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
        <table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="42.0"><text:p>42,00</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2" office:value-type="boolean" office:boolean-value="true"/><table:table-cell office:value-type="date" office:date-value="2026-10-15T00:00:00"/><table:table-cell table:number-columns-repeated="16000"/></table:table-row>
        <table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>"#;
    let (sheet, text) = read(&ods(tables), None, LIMIT).expect("a document");
    assert_eq!(sheet.others, ["Info", "Old"]);
    let row = "42\u{fdd0},TRUE,TRUE,2026-10-15\n";
    assert_eq!(text, format!("HWID,a & b  c\n\n\n{row}{row}"));
    assert!(
        read(&ods(tables), Some("old"), LIMIT)
            .is_err_and(|error| matches!(error, WorkbookError::Empty))
    );
}

#[test]
fn ods_bomb_of_repeats_is_refused() {
    let tables = r#"<table:table table:name="A"><table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" office:value="1"/></table:table-row></table:table>"#;
    assert!(error(&ods(tables), 4 << 20).contains("max_expanded"));
    // Refused before any of it is written, or this would take minutes.
    assert!(error(&ods(tables), 1 << 30).contains("max_expanded"));
}

#[test]
fn utf_16_part_is_measured() {
    let encode = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let with_part = |text: &str| {
        let mut archive = ZipWriter::new_append(Cursor::new(sample())).expect("an archive");
        archive
            .start_file("customXml/item1.xml", SimpleFileOptions::default())
            .expect("a name");
        archive.write_all(&encode(text)).expect("in memory");
        archive.finish().expect("in memory").into_inner()
    };
    let query = with_part("<?xml version=\"1.0\"?><Query>Größe</Query>");
    assert_eq!(
        read(&query, None, LIMIT).expect("a workbook").0.name,
        "Devices"
    );
    let bomb = with_part(r#"<sst uniqueCount="99999999999"/>"#);
    assert!(error(&bomb, LIMIT).contains("too much memory"));
}

#[test]
fn other_containers_are_named_in_the_error() {
    let zip = archive(&[("readme.txt", b"hello")]);
    let loops = {
        let mut file = ole2("Workbook", &[0; 4_096]);
        file[512 + 4..512 + 8].copy_from_slice(&1_u32.to_le_bytes());
        file
    };
    let mut broken = sample();
    let middle = broken.len() / 2;
    broken[middle..middle + 64].fill(0);
    let locked = record(0x002f, &[1, 0]);
    for (bytes, part) in [
        (zip, "is not a workbook: unpack"),
        (ole2("EncryptedPackage", &[0; 4_096]), "without a password"),
        (ole2("WordDocument", &[0; 4_096]), "OLE2 file that is not"),
        (
            ole2("Workbook", &[&locked[..], &[0; 4_096]].concat()),
            "without a password",
        ),
        (loops, "a loop"),
        (broken, "damaged"),
        (sample()[..900].to_vec(), "damaged"),
        (OLE2.to_vec(), "damaged"),
    ] {
        let message = error(&bytes, LIMIT);
        assert!(message.contains(part), "{part}: {message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn workbook_never_panics(bytes in any::<Vec<u8>>(), at in any::<prop::sample::Index>(), value: u8) {
        for magic in [ZIP, OLE2, b""] {
            let _ = read(&[magic, &bytes].concat(), None, LIMIT);
        }
        let tables = r#"<table:table table:name="A"><table:table-row><table:table-cell/></table:table-row></table:table>"#;
        for mut file in [sample(), xls(&shared(0)), ods(tables)] {
            let at = at.index(file.len());
            file[at] = value;
            let _ = read(&file, None, LIMIT);
        }
    }

    #[test]
    fn workbook_texts_round_trip(rows in prop::collection::vec(prop::collection::vec("[a-z,\"' ]{0,6}[a-z]", 1..4), 1..6)) {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write_string(u32::try_from(row)?, u16::try_from(column)?, cell)?;
            }
        }
        let (_, text) = read(&book.save_to_buffer()?, None, LIMIT)?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let back: Vec<Vec<String>> = reader.records().map(|row| Ok(row?.iter().map(str::to_owned).collect())).collect::<Result<_, csv::Error>>()?;
        prop_assert_eq!(back, rows);
    }
}
