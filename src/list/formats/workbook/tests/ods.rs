//! `OpenDocument` spreadsheets as several programs write them.

use std::ops::ControlFlow;

use super::super::ods::Ods;
use super::*;

fn table(attributes: &str, rows: &str) -> String {
    format!("<table:table {attributes}>{rows}</table:table>")
}

fn row(cells: &str) -> String {
    format!("<table:table-row>{cells}</table:table-row>")
}

fn cell(attributes: &str, content: &str) -> String {
    format!("<table:table-cell {attributes}>{content}</table:table-cell>")
}

fn text_of(rows: &str) -> String {
    read(&ods(&table(r#"table:name="A""#, rows)), None, LIMIT)
        .expect("a document")
        .1
}

#[test]
fn hidden_sheet_comes_after_a_visible_one() {
    let rows = row(&cell("", "<text:p>HWID</text:p>"));
    let tables = [
        r#"table:name="Old" table:style-name="h""#,
        r#"table:name="Plain""#,
        r#"table:name="Shown" table:style-name="s""#,
    ];
    let tables = tables.map(|attributes| table(attributes, &rows)).concat();
    let styles = r#"<style:style style:name="s"><style:table-properties table:display="true"/></style:style>"#;
    let bytes = ods(&format!("{styles}{tables}"));
    for (name, found, hidden) in [
        (None, "Plain", false),
        (Some("Old"), "Old", true),
        (Some("Shown"), "Shown", false),
    ] {
        let (sheet, _) = read(&bytes, name, LIMIT).expect("a document");
        assert_eq!((sheet.name.as_str(), sheet.hidden), (found, hidden));
    }
}

#[test]
fn tables_in_a_table_are_no_sheets_and_no_rows() {
    let inner = table(
        r#"table:name="local""#,
        &row(&cell("", "<text:p>inner</text:p>")),
    );
    let shapes = format!("<table:shapes><draw:object>{inner}</draw:object></table:shapes>");
    let rows = row(&cell("", "<text:p>HWID</text:p>"))
        + &row(&cell("", &format!("<text:p>h1</text:p>{inner}")))
        + &row(&cell("", "<text:p>h2</text:p>"));
    let tables = table(r#"table:name="A""#, &format!("{shapes}{rows}"))
        + &table(r#"table:name="B""#, &row(&cell("", "<text:p>b</text:p>")));
    let (sheet, text) = read(&ods(&tables), None, LIMIT).expect("a document");
    assert_eq!(
        (sheet.name.as_str(), text.as_str()),
        ("A", "HWID\nh1\nh2\n")
    );
    assert_eq!(sheet.others, ["B"]);
    assert_eq!(
        read(&ods(&tables), Some("B"), LIMIT).expect("a sheet").1,
        "b\n"
    );
}

#[test]
fn value_of_a_cell_comes_from_its_attributes() {
    for (attributes, content, expected) in [
        (
            r#"office:value="42" calcext:value-type="float""#,
            "42,00",
            "42\u{fdd0}",
        ),
        (
            r#"office:value="0" calcext:value-type="error""#,
            "nothing",
            "nothing",
        ),
        (r#"office:time-value="PT08H30M00S""#, "8:30", "08:30:00"),
        (r#"office:string-value="a  b""#, "a b", "a  b"),
        (r#"office:string-value="""#, "shown", "shown"),
    ] {
        let content = format!("<text:p>{content}</text:p>");
        let text = text_of(&row(&cell(attributes, &content)));
        assert_eq!(text, format!("{expected}\n"), "{attributes}");
    }
}

#[test]
fn text_of_a_cell_is_that_of_its_paragraphs() {
    let note = "<office:annotation>n<dc:creator>me</dc:creator><text:p>a &amp;<text:s/><![CDATA[b]]></text:p></office:annotation>";
    for (content, expected) in [
        ("\n  <text:p>h1</text:p>\n", "h1"),
        ("x&amp;<![CDATA[y]]><text:p>h1</text:p>", "h1"),
        (&format!("<text:p>h1</text:p>{note}"), "h1"),
        (&format!("{note}<text:p>h1</text:p>"), "h1"),
        ("<text:p>a<text:line-break/>b<text:tab/>c</text:p>", "a b c"),
        ("<text:p>a&#13;b&#10;c&#13;&#10;d</text:p>", "a b c d"),
        ("<text:p><![CDATA[a<b]]></text:p>", "a<b"),
        ("<text:p>a<text:span>b</text:span>c</text:p>", "abc"),
    ] {
        let text = text_of(&row(&cell("", content)));
        assert_eq!(text, format!("{expected}\n"), "{content}");
    }
    // What a row has beside its cells doesn't move them.
    let one = cell("", "<text:p>h1</text:p>");
    assert_eq!(
        text_of(&row(&format!("<loext:x/>{one}<loext:x/>{one}"))),
        "h1,h1\n"
    );
}

#[test]
fn columns_beyond_the_last_one_are_cut() {
    let filled = "<text:p>x</text:p>";
    let repeated = |count: u32| format!(r#"table:number-columns-repeated="{count}""#);
    for (cells, columns, cut) in [
        (cell(&repeated(2_000), filled), 2_000, false),
        (cell(&repeated(3_000), filled), 2_000, true),
        (cell(&repeated(1_999), "") + &cell("", filled), 2_000, false),
        (
            cell("", filled) + &cell(&repeated(1_999), "") + &cell("", filled),
            1,
            true,
        ),
    ] {
        let bytes = ods(&table(r#"table:name="A""#, &row(&cells)));
        let (sheet, text) = read(&bytes, None, LIMIT).expect("a document");
        assert_eq!((text.split(',').count(), sheet.columns_cut), (columns, cut));
    }
}

#[test]
fn sheets_and_the_text_of_a_row_are_limited() {
    for (count, message) in [
        (10_000, "no filled cell"),
        (10_001, "more than 10,000 sheets"),
    ] {
        let found = error(&ods(&"<table:table/>".repeat(count)), LIMIT);
        assert!(found.contains(message), "{found}");
    }
    let filled = |length| cell("", &format!("<text:p>{}</text:p>", "x".repeat(length)));
    for (cells, is_read) in [
        (filled(16 << 20), true),
        (filled(16 << 20) + &filled(1), false),
    ] {
        let bytes = ods(&table("", &row(&cells)));
        let (mut document, _) = Ods::open(Cursor::new(bytes), LIMIT).expect("a document");
        let visited = document.visit(0, &mut |_, _, _| Ok(ControlFlow::Continue(())));
        assert_eq!(visited.is_ok(), is_read);
    }
}

#[test]
fn repeats_are_refused_before_any_is_written() {
    let repeated = |count: u32, content: &str| {
        let attributes = format!(r#"table:number-columns-repeated="{count}""#);
        cell(&attributes, content)
    };
    let of = |cells: String| {
        let row = format!(
            r#"<table:table-row table:number-rows-repeated="10">{cells}</table:table-row>"#
        );
        ods(&table("", &row))
    };
    let filled = of(repeated(1_000, "<text:p>x</text:p>"));
    assert!(read(&filled, None, 20_000).is_ok());
    let mut out = Vec::new();
    let refused = write_delimited(Cursor::new(&filled), None, 19_999, &|_| 0, &mut out);
    assert!(refused.is_err() && out.is_empty());
    // Cells beyond the last column do not count.
    let cut = of(repeated(1_000, "") + &repeated(16_384, "<text:p>x</text:p>"));
    assert!(read(&cut, None, 30_000).is_ok());
}

#[test]
fn document_that_breaks_off_is_damaged() {
    for (content, message) in [
        ("<table:table>", "a table has no end"),
        ("<table:table><table:table-row>", "a row has no end"),
        (
            "<table:table><table:table-row><table:table-cell>",
            "a cell has no end",
        ),
    ] {
        let bytes = archive(&[
            (
                "mimetype",
                b"application/vnd.oasis.opendocument.spreadsheet",
            ),
            ("content.xml", content.as_bytes()),
        ]);
        let found = error(&bytes, LIMIT);
        assert!(found.contains(message), "{found}");
    }
}
