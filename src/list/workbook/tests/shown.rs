//! What the spreadsheet program showed, where it isn't the stored value.

use super::*;

#[test]
fn an_error_of_ods_is_read_as_shown() {
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
    let table = format!(
        r#"<table:table table:name="A">{}</table:table>"#,
        rows.concat()
    );
    let (_, text) = read(&ods(&table), None, LIMIT).expect("a document");
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

    let row = |attributes: &str, text: &str| {
        format!(
            "<table:table-row {attributes}><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row>"
        )
    };
    let rows = [
        row("", "HWID"),
        row(r#"table:visibility="filter""#, "h1"),
        row(
            r#"table:visibility="collapse" table:number-rows-repeated="2""#,
            "h2",
        ),
        row(r#"table:visibility="collapse""#, ""),
        row("", "h3"),
    ];
    let table = format!(
        r#"<table:table table:name="A">{}</table:table>"#,
        rows.concat()
    );
    let (sheet, text) = read(&ods(&table), None, LIMIT).expect("a document");
    assert_eq!(
        (sheet.hidden_rows, text.as_str()),
        (3, "HWID\nh1\nh2\nh2\n\nh3\n")
    );
}

#[test]
fn hidden_rows_are_a_notice() {
    let row = |attributes: &str, text: &str| {
        format!(
            "<table:table-row {attributes}><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row>"
        )
    };
    let rows = [
        row("", "HWID"),
        row(r#"table:visibility="filter""#, "h1"),
        row("", "h3"),
    ];
    let table = format!(
        r#"<table:table table:name="A">{}</table:table>"#,
        rows.concat()
    );
    let list = crate::list::DeviceList::read_bytes("l.ods", &ods(&table)).expect("a list");
    assert_eq!(
        list.report().warnings,
        [
            "1 row of the sheet is hidden or filtered out in the workbook and is read too: \
          delete hidden rows there, or copy the visible ones to a sheet of their own"
        ]
    );
}
