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

/// The lines of a table without a header: its first cell and a name.
fn headerless(cells: impl IntoIterator<Item = String>) -> String {
    let rows = (1..).zip(cells);
    let rows: Vec<String> = rows
        .map(|(number, cell)| format!("{cell};LT-{number}\n"))
        .collect();
    rows.concat()
}

fn hwids(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("12ds44f5gacd5{number:04}"))
}

/// A later row could have a value that is none.
#[test]
fn hardware_ids_without_a_header_are_read_from_a_short_table_only() {
    let read = |text: &str| DeviceList::read_bytes("list", text.as_bytes());
    let list = read(&headerless(hwids(2))).expect("a list");
    let identifiers: Vec<_> = list.ids().map(|id| list.device(id).hwid()).collect();
    assert_eq!(
        identifiers,
        [Some("12ds44f5gacd50000"), Some("12ds44f5gacd50001")]
    );
    assert!(read(&headerless(hwids(HEADER_ROWS - 1))).is_ok());
    assert!(read(&headerless(hwids(HEADER_ROWS + 9))).is_err());
    let macs = (0..80).map(|number| format!("3c:52:82:00:00:{number:02x}"));
    assert_eq!(
        read(&headerless(macs)).expect("a list").counts().devices,
        80
    );
}

#[test]
fn columns_without_a_header_are_read_only_if_one_has_identifiers() {
    let refused = |text: &str| DeviceList::read_bytes("list", text.as_bytes()).is_err();
    let foreign = "51de0051-7c1e-4f0a-9d81-00155d0510f3";
    assert!(refused(&headerless([foreign.to_owned()])));
    assert!(refused(
        "3c:52:82:00:00:01,3c:52:82:00:00:02\n3c:52:82:00:00:03,3c:52:82:00:00:04\n"
    ));
    assert!(refused(
        "12ds44f5gacd50000,12ds44f5gacd50001\n12ds44f5gacd50002,12ds44f5gacd50003\n"
    ));
}

#[test]
fn separator_line_decides_the_delimiter() {
    // With commas, more cells name fields.
    let rows = "HWID;Serial,Hostname,MAC\r\na1;x,y,z\r\n";
    for line in ["sep=;\r\n", "\"sep=;\"\n", "SEP=;\n"] {
        let list =
            DeviceList::read_bytes("list", format!("{line}{rows}").as_bytes()).expect("a list");
        let report = list.report();
        assert_eq!(
            (report.delimiter, report.header_line),
            (Some(';'), Some(2)),
            "{line}"
        );
        assert_eq!(report.skipped_count, 0, "{line}");
    }
    for line in ["sep=\t\r\n", "sep=\t\n", "\"sep=\t\"\r\n"] {
        let text = format!("{line}{}", rows.replace(';', "\t"));
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        assert_eq!(list.report().delimiter, Some('\t'), "{line}");
    }
    for line in ["PCs=#12\n", "sep=\n", "sep=\"\n"] {
        let text = format!("{line}HWID;Hostname\na1;LT-1\n");
        let (_, delimiter, rows) = read(&text);
        assert_eq!((delimiter, rows.len()), (Some(';'), 1), "{line}");
    }
}

#[test]
fn delimiter_is_the_one_with_the_most_known_columns_and_else_the_first() {
    let hosts = |text: &str| {
        let (_, delimiter, rows) = read(text);
        (delimiter, rows[0].clone())
    };
    let row = |cells: [&str; 3]| cells.map(str::to_owned);
    assert_eq!(
        hosts("HWID,Hostname,Room|Serial\na1,LT-1,12|S1\n"),
        (Some(','), row(["a1", "LT-1", "12|S1"]))
    );
    assert_eq!(
        hosts("Hostname\nLT-1;x|y\n"),
        (Some(','), row(["", "LT-1;x|y", ""]))
    );
}

#[test]
fn markup_keys_and_contacts_are_no_tables() {
    for line in [
        "<devices>",
        "\n<devices>",
        "-----BEGIN CERTIFICATE-----",
        "BEGIN:VCARD",
    ] {
        let text = format!("{line}\nhwid,hostname\na1,LT-1\n");
        let read = DeviceList::read_bytes("list", text.as_bytes());
        assert!(matches!(read, Err(ListError::NotAList { .. })), "{line}");
    }
}

#[test]
fn section_of_a_settings_file_is_no_json() {
    for (text, is_array) in [
        ("[ main ]\nname=x\n", false),
        ("[main]\nname=x\n", false),
        ("[ \n {", true),
        ("[ null", true),
    ] {
        let mut window = Window::new("list", text.as_bytes(), 0, |_| {});
        assert_eq!(is_json(&mut window, b'[').expect("readable"), is_array);
    }
}

#[test]
fn columns_of_fixed_width_are_found_below_the_name_of_a_field() {
    let text = "Hostname\nHWID    User\n------  ------\na1      ann\na2\na3\na4\n";
    assert_eq!(read(text).0, "a table in columns of fixed width");
}
