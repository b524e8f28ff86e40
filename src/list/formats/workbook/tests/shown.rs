//! What the spreadsheet program showed, where it isn't the stored value.

use super::*;

/// A row of one cell.
fn ods_row(attributes: &str, text: &str) -> String {
    format!(
        "<table:table-row {attributes}><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row>"
    )
}

fn ods_of(rows: &[String]) -> Vec<u8> {
    let rows = rows.concat();
    ods(&format!(
        r#"<table:table table:name="A">{rows}</table:table>"#
    ))
}

#[test]
fn error_of_ods_is_read_as_shown() {
    let cell = |attributes: &str, text: &str| {
        format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
    };
    let rows = [
        cell("", "HWID") + &cell("", "Type"),
        cell("", "h1")
            + &cell(
                r#"office:value-type="float" office:value="0" table:formula="of:=X()""#,
                "Err:502",
            ),
        cell("", "h2")
            + &cell(
                r#"office:value-type="string" office:string-value="x""#,
                "#REF!",
            ),
    ]
    .map(|row| format!("<table:table-row>{row}</table:table-row>"));
    let (_, text) = read(&ods_of(&rows), None, LIMIT).expect("a document");
    assert_eq!(text, "HWID,Type\nh1,Err:502\nh2,#REF!\n");
}

#[test]
fn hidden_and_filtered_rows_are_counted() {
    let mut book = Workbook::new();
    let other = book.add_worksheet().set_name("Other").expect("a name");
    other.write_string(0, 0, "Note").expect("a cell");
    other.set_row_hidden(0).expect("a row");
    let sheet = book.add_worksheet().set_name("A & B").expect("a name");
    sheet.write_string(0, 0, "HWID").expect("a cell");
    for row in 1..10 {
        sheet
            .write_string(row, 0, format!("h{row}"))
            .expect("a cell");
    }
    sheet.set_row_hidden(4).expect("a row");
    sheet.set_row_hidden(20).expect("a row without cells");
    sheet.autofilter(0, 0, 9, 0).expect("a filter");
    let condition = rust_xlsxwriter::FilterCondition::new()
        .add_list_filter("h1")
        .add_list_filter("h2");
    sheet.filter_column(0, &condition).expect("a filter");
    let bytes = book.save_to_buffer().expect("in memory");
    let (sheet, text) = read(&bytes, None, LIMIT).expect("a workbook");
    assert_eq!((sheet.name.as_str(), sheet.hidden_rows), ("A & B", 7));
    assert_eq!(text.lines().count(), 10, "they are read");
    assert_eq!(
        read(&sample(), None, LIMIT)
            .expect("a workbook")
            .0
            .hidden_rows,
        0
    );
    // Without room for a row's height.
    let flat = xlsx(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="2" ht="0"><c r="A2"><v>2</v></c></row>"#,
        "<sst/>",
    );
    assert_eq!(
        read(&flat, None, LIMIT).expect("a workbook").0.hidden_rows,
        1
    );
    // What follows the rows is none of them.
    let empty_row = xlsx(
        r#"<row r="1" hidden="1"/></sheetData><v>1</v><sheetData>"#,
        "<sst/>",
    );
    let count = hidden::count(&mut Cursor::new(&empty_row), "S").expect("an archive");
    assert_eq!(count, Some(0));

    let rows = [
        ods_row("", "HWID"),
        ods_row(r#"table:visibility="filter""#, "h1"),
        ods_row(
            r#"table:visibility="collapse" table:number-rows-repeated="2""#,
            "h2",
        ),
        ods_row(r#"table:visibility="collapse""#, ""),
        ods_row("", "h3"),
    ];
    let (sheet, text) = read(&ods_of(&rows), None, LIMIT).expect("a document");
    assert_eq!(
        (sheet.hidden_rows, text.as_str()),
        (3, "HWID\nh1\nh2\nh2\n\nh3\n")
    );
}

#[test]
fn hidden_rows_are_a_notice() {
    let rows = [
        ods_row("", "HWID"),
        ods_row(r#"table:visibility="filter""#, "h1"),
        ods_row("", "h3"),
    ];
    let list = crate::list::DeviceList::read_bytes("l.ods", &ods_of(&rows)).expect("a list");
    assert_eq!(list.report().container.to_string(), "workbook, sheet 'A'");
    assert_eq!(
        list.report().warnings,
        [
            "1 row of the sheet is hidden or filtered out in the workbook and is read too: \
          delete hidden rows there, or copy the visible ones to a sheet of their own"
        ]
    );
}

#[test]
fn hidden_sheet_that_is_read_is_a_notice() {
    let mut book = Workbook::new();
    let notes = book.add_worksheet().set_name("Notes").expect("a name");
    notes.write_string(0, 0, "Export of 2026").expect("a cell");
    let hidden = book.add_worksheet().set_name("Old").expect("a name");
    hidden.set_hidden(true);
    for (row, text) in [(0, "HWID"), (1, "h1")] {
        hidden.write_string(row, 0, text).expect("a cell");
    }
    let bytes = book.save_to_buffer().expect("a workbook");
    let list = crate::list::DeviceList::read_bytes("l.xlsx", &bytes).expect("a list");
    let warnings = list.report().warnings;
    assert!(
        warnings[0].starts_with("the sheet is hidden"),
        "{warnings:?}"
    );
}

#[test]
fn hidden_rows_of_a_sheet_that_is_not_found_are_unknown() {
    let count = |bytes: &[u8], sheet: &str| {
        hidden::count(&mut Cursor::new(bytes), sheet).expect("an archive")
    };
    let whole = xlsx(
        r#"<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>"#,
        "<sst/>",
    );
    assert_eq!(count(&whole, "S"), Some(1));
    assert_eq!(count(&whole, "T"), None);
    let book: (&str, &[u8]) = (
        "xl/workbook.xml",
        br#"<workbook><sheet name="S" r:id="b"/></workbook>"#,
    );
    let links: (&str, &[u8]) = (
        "xl/_rels/workbook.xml.rels",
        br#"<Relationships><Relationship Id="a" Target="a.xml"/><Relationship Id="b" Target="b.xml"/></Relationships>"#,
    );
    let cut_off: (&str, &[u8]) = (
        "xl/b.xml",
        br#"<worksheet><sheetData><row hidden="1"><c><v>1</v></c></row>"#,
    );
    let other = (links.0, &b"<Relationships/>"[..]);
    for (parts, found) in [
        (&[book][..], None),
        (&[book, other], None),
        (&[book, links], None),
        (&[book, links, cut_off], Some(1)),
    ] {
        assert_eq!(count(&archive(parts), "S"), found);
    }
}

fn left_out(bytes: &[u8]) -> Vec<(String, Vec<u64>)> {
    let list = crate::list::DeviceList::read_bytes("l", bytes).expect("a list");
    let report = list.report();
    let reasons = report.left_out.into_iter();
    reasons.map(|left| (left.reason, left.lines)).collect()
}

#[test]
fn identifiers_that_a_spreadsheet_has_changed_are_unusable() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(["HWID", "Hostname", "Issues"]) {
        sheet.write_string(0, column, header).expect("a cell");
    }
    let format = |code: &str| Format::new().set_num_format(code);
    for (row, value, code) in [
        (1, 46_027.0, "yyyy-mm-dd"),
        (2, 0.25, "hh:mm:ss"),
        (3, 12_345.5, "General"),
        (4, 12_345_678.0, "000000000000"),
        (5, 1_234.0, "\"HW-\"00000"),
        (6, 1_234_567.0, "#,##0"),
        (7, 12_345_679.0, "0"),
        (8, 987_654_310_012.0, "000000000000"),
        (9, 12_345_680.0, "General"),
        (10, 12_345_681.0, "@"),
    ] {
        sheet
            .write_number_with_format(row, 0, value, &format(code))
            .expect("a cell");
        sheet
            .write_string(row, 1, format!("pc{row}"))
            .expect("a cell");
        sheet
            .write_number_with_format(row, 2, 3, &format("0.00"))
            .expect("a cell");
    }
    sheet.write_string(11, 0, "Total").expect("a cell");
    sheet
        .write_number_with_format(11, 2, 30, &format("#,##0"))
        .expect("a cell");
    let bytes = book.save_to_buffer().expect("in memory");
    assert_eq!(
        left_out(&bytes),
        [
            (
                "HWID that is a date, time or fraction".to_owned(),
                vec![2, 3, 4]
            ),
            (
                "HWID that is a number with a display format".to_owned(),
                vec![5, 6, 7]
            ),
        ]
    );
    let list = crate::list::DeviceList::read_bytes("l", &bytes).expect("a list");
    let devices = list.ids().map(|id| list.device(id));
    let issues: Vec<_> = devices.map(|device| device.issues()).collect();
    assert_eq!(issues, vec![Some(3); 10], "another column keeps its number");
    let row = list
        .record(list.ids().nth(4).expect("a row"))
        .expect("a record");
    let shown = format!("{row:?}");
    assert!(shown.contains("\"1234\""), "{shown}");
}

#[test]
fn numbers_of_ods_that_are_shown_otherwise_are_no_identifiers() {
    let cell = |attributes: &str, text: &str| {
        format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
    };
    let number = |value: &str, text: &str| {
        cell(
            &format!(r#"office:value-type="float" office:value="{value}""#),
            text,
        )
    };
    let rows = [
        cell("", "HWID") + &cell("", "Hostname"),
        number("12345678", "000012345678") + &cell("", "a"),
        number("12345679", "12345679") + &cell("", "b"),
        cell(
            r#"office:value-type="date" office:date-value="2026-01-05""#,
            "05.01.26",
        ) + &cell("", "c"),
    ]
    .map(|row| format!("<table:table-row>{row}</table:table-row>"));
    assert_eq!(
        left_out(&ods_of(&rows)),
        [
            ("HWID that is a date, time or fraction".to_owned(), vec![4]),
            (
                "HWID that is a number with a display format".to_owned(),
                vec![2]
            ),
        ]
    );
}
