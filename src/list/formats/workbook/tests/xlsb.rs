//! Binary `.xlsb` workbooks, written record by record as [MS-XLSB] describes them.

use super::*;

/// A record: its type and its length with seven bits to the byte, then its content.
pub(super) fn record(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    for number in [usize::from(kind), content.len()] {
        let mut rest = number;
        while rest > 0x7f {
            record.push(u8::try_from(rest & 0x7f).expect("seven bits") | 0x80);
            rest >>= 7;
        }
        record.push(u8::try_from(rest).expect("seven bits"));
    }
    [&record, content].concat()
}

/// A text after its length in UTF-16 units.
fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let length = u32::try_from(units.len()).expect("short").to_le_bytes();
    [
        &length[..],
        &units
            .into_iter()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>(),
    ]
    .concat()
}

enum Value {
    /// In the table of shared texts.
    Shared(u32),
    /// In the cell.
    Text(&'static str),
    /// With the number of its cell format.
    Number(f64, u32),
}

fn cell(column: u32, value: &Value) -> Vec<u8> {
    let (kind, format, content) = match value {
        Value::Shared(index) => (0x07, 0, index.to_le_bytes().to_vec()),
        Value::Text(text) => (0x06, 0, wide(text)),
        Value::Number(number, format) => (0x05, *format, number.to_le_bytes().to_vec()),
    };
    record(
        kind,
        &[&column.to_le_bytes()[..], &format.to_le_bytes(), &content].concat(),
    )
}

/// A workbook with one sheet; cell format 1 is that of a date.
fn xlsb(rows: &[&[Value]], shared: &[&str]) -> Vec<u8> {
    let count = |length: usize| u32::try_from(length).expect("few").to_le_bytes();
    let sheet = [&[0; 4][..], &[1, 0, 0, 0], &wide("r1"), &wide("Geräte")].concat();
    let workbook = [
        record(0x83, &[]),
        record(0x99, &[0; 12]),
        record(0x8f, &[]),
        record(0x9c, &sheet),
        record(0x90, &[]),
        record(0x9d, &[0; 26]),
        record(0x84, &[]),
    ];
    let format = |number: u16| {
        record(
            0x2f,
            &[&[0; 2][..], &number.to_le_bytes(), &[0; 12]].concat(),
        )
    };
    let styles = [
        record(0x116, &[]),
        record(0x269, &count(2)),
        format(0),
        // The built-in format m/d/yy.
        format(14),
        record(0x26a, &[]),
    ];
    let texts: Vec<u8> = shared
        .iter()
        .flat_map(|text| record(0x13, &[&[0][..], &wide(text)].concat()))
        .collect();
    let table = [
        record(0x9f, &[count(9), count(shared.len())].concat()),
        texts,
        record(0xa0, &[]),
    ];
    let mut data = [record(0x81, &[]), record(0x94, &[0; 16]), record(0x91, &[])].concat();
    for (row, cells) in rows.iter().enumerate() {
        data.extend(record(0x00, &[&count(row)[..], &[0; 13]].concat()));
        for (column, value) in (0..).zip(*cells) {
            data.extend(cell(column, value));
        }
    }
    data.extend(record(0x92, &[]));
    archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        (
            "xl/_rels/workbook.bin.rels",
            br#"<Relationships><Relationship Id="r1" Target="worksheets/sheet1.bin"/></Relationships>"#,
        ),
        ("xl/workbook.bin", &workbook.concat()),
        ("xl/styles.bin", &styles.concat()),
        ("xl/sharedStrings.bin", &table.concat()),
        ("xl/worksheets/sheet1.bin", &data),
    ])
}

pub(super) fn sample() -> Vec<u8> {
    use Value::{Number, Shared, Text};
    xlsb(
        &[
            &[Shared(0), Shared(1), Shared(2)],
            &[Text("a1b305c1"), Text("LT-1"), Number(46_310.0, 1)],
            &[Text("0042"), Text("Büro, \"2\""), Number(46_310.5, 1)],
            &[Number(42.0, 0), Text("LT-3"), Text("")],
        ],
        &["HWID", "Hostname", "Last seen"],
    )
}

#[test]
fn xlsb_texts_numbers_and_dates_are_read() {
    let (sheet, text) = read(&sample(), None, LIMIT).expect("a workbook");
    assert_eq!(sheet.name, "Geräte");
    let expected = "HWID,Hostname,Last seen\n\
        a1b305c1,LT-1,2026-10-15\n\
        0042,\"Büro, \"\"2\"\"\",2026-10-15T12:00:00\n\
        42,LT-3\n";
    assert_eq!(text, expected);
}

#[test]
fn parser_panic_is_an_error() {
    let file = xlsb(&[&[Value::Shared(9)]], &["HWID"]);
    assert!(error(&file, LIMIT).contains("its content can't be parsed"));
}

proptest! {
    #[test]
    fn damaged_xlsb_never_panics(at in any::<prop::sample::Index>(), value: u8) {
        let mut file = sample();
        let at = at.index(file.len());
        file[at] = value;
        let _ = read(&file, None, LIMIT);
    }
}
