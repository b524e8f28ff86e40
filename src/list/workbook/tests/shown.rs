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
