//! A table is recognised by how it is written, whatever its cells say.

use proptest::prelude::*;

use super::*;
use crate::list::DeviceList;

const HEADERS: [&str; 3] = ["HWID", "Hostname", "Note"];

/// A HWID and two texts of a row.
type Row = [String; 3];

/// Rows with a HWID of their own each and cells of `cell`.
fn rows(cell: &'static str) -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec((cell, cell), 1..8).prop_map(|cells| {
        (0..)
            .zip(cells)
            .map(|(number, (host, note))| [format!("a{number}b4"), host, note])
            .collect()
    })
}

/// What is read: its shape, its delimiter, and of each device the HWID, the host name and the note.
fn read(text: &str) -> (String, Option<char>, Vec<Row>) {
    let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
    let report = list.report();
    let note = list.other_columns().next();
    let rows = list.ids().map(|id| {
        let device = list.device(id);
        let note = note.map_or("", |column| device.other(column));
        [device.hwid().unwrap_or_default(), device.hostname(), note].map(str::to_owned)
    });
    (report.shape, report.delimiter, rows.collect())
}

fn lines(rows: &[Row], line: impl Fn(&[&str]) -> String) -> Vec<String> {
    let rows = rows.iter().map(|row| row.each_ref().map(String::as_str));
    std::iter::once(HEADERS)
        .chain(rows)
        .map(|row| line(&row))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shape_recognises_delimited_text(
        rows in rows("x[a-z0-9 ,;|\"\\t\\n:=-]{0,8}y"),
        delimiter in proptest::sample::select(&DELIMITERS[..]),
        quoted: bool,
    ) {
        let style = if quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(style).from_writer(Vec::new());
        writer.write_record(HEADERS).expect("in memory");
        for row in &rows {
            writer.write_record(row).expect("in memory");
        }
        let text = String::from_utf8(writer.into_inner().expect("in memory")).expect("UTF-8");
        prop_assert_eq!(read(&text), ("CSV".to_owned(), Some(char::from(delimiter)), rows));
    }

    #[test]
    fn shape_recognises_drawn_tables(rows in rows("x[a-z0-9 ,;:=-]{0,8}y"), frame in 0_usize..3) {
        let (left, bar, right, rule) = [
            ("| ", " | ", " |", "|---|---|---|"),
            (" ", " | ", "", "---+---+---"),
            ("│ ", " │ ", " │", "├───┼───┼───┤"),
        ][frame];
        let mut lines = lines(&rows, |row| format!("{left}{}{right}", row.join(bar)));
        lines.insert(1, rule.to_owned());
        prop_assert_eq!(read(&lines.join("\n")), ("a table drawn with |".to_owned(), None, rows));
    }

    #[test]
    fn shape_recognises_fixed_width(rows in rows("x[a-z0-9=-]{0,8}y"), gap in 2_usize..5, rule: bool) {
        let pad = |row: &[&str]| row.iter().map(|cell| format!("{cell:<width$}", width = 10 + gap)).collect::<Vec<_>>().concat();
        let mut lines = lines(&rows, pad);
        if rule {
            lines.insert(1, pad(&["----------"; 3]));
        }
        prop_assert_eq!(read(&lines.join("\n")), ("a table in columns of fixed width".to_owned(), None, rows));
    }

    #[test]
    fn shape_recognises_json_in_every_envelope(rows in rows("x.{0,8}y"), frame in 0_usize..4) {
        let objects: Vec<String> = rows.iter()
            .map(|[hwid, host, note]| serde_json::json!({"hwid": hwid, "hostname": host, "note": note}).to_string())
            .collect();
        let text = match frame {
            0 => format!("[{}]", objects.join(",")),
            1 => objects.join("\n"),
            2 => format!("{{\"total\":1,\"devices\":[{}]}}", objects.join(", ")),
            _ => objects.concat(),
        };
        let (shape, delimiter, read) = read(&text);
        prop_assert_eq!((shape.as_str(), delimiter), ("JSON", None));
        let hwids = |rows: &[Row]| rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>();
        prop_assert_eq!(hwids(&read), hwids(&rows));
    }

    #[test]
    fn blank_lines_above_do_not_matter(rows in rows("x[a-z]{0,4}y"), blank in "[ \t\r\n]{0,9}") {
        let lines = lines(&rows, |row| row.join(","));
        let text = lines.join("\n");
        prop_assert_eq!(read(&format!("{blank}\n{text}")), read(&text));
    }
}
