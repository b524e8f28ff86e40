//! What holds of any text that is read: what can be sent is alone in its cell, the order of rows
//! decides nothing, and no option makes reading fail in another way than by an error.

use proptest::prelude::*;

use super::*;
use crate::domain::device::MacAddress;
use crate::list::{ColumnAssignment, DateOrder, Field, ReadOptions};
use crate::plan::protection::Rules;
use crate::query::Query;

/// Pieces of what people save as a list.
fn piece() -> impl Strategy<Value = String> {
    let fixed = proptest::sample::select(vec![
        "hwid",
        "HWID",
        "Hardware ID",
        "Device ID",
        "id",
        "MAC",
        "MAC Address",
        "mac2",
        "hostname",
        "Hostname",
        "Group",
        "Type",
        "Last Seen",
        "user",
        "Serial Number",
        "Geräte-ID",
        "Azure AD Device ID",
        "Machine ID",
        "Computer name",
        "Managed by",
        "Ownership",
        "offboard_csv",
        "sep=;",
        "#TYPE X",
        "total",
        "N/A",
        "none",
        "TRUE",
        "please remove",
        "lost in Vienna",
        "see INC0012345",
        "9.15624E+15",
        "a1b305c1…",
        "3 rows in set",
        "<td>",
        "</td>",
        "<tr>",
        "<p>",
        "http://x.example/?id=3c5282736633",
        "2026-11-03T08:59:00Z",
        "ERROR",
        "ann@corp.example",
        "CORP\\ann",
        "\u{1b}[2J",
        "\0",
        "\u{7}",
        "\u{200b}",
        "\u{a0}",
        "\u{feff}",
        "12ds44f5gacd52234",
        "HGFGUYFUYF4-12ds44f5gacd52234",
        "x12ds44f5gacd52234y",
        "a1b2c3d4",
        "(a1b2c3d4)",
        "{a1b2c3d4}",
        "`a1b2c3d4`",
        "'a1b2c3d4",
        "=\"a1b2c3d4\"",
        "\"a1b2c3d4\"",
        "**a1b2c3d4**",
        "a1b2 c3d4",
        "a1b2,c3d4",
        "a1b2/c3d4",
        "51de0051-7c1e-4f0a-9d81-00155d0510f3",
        "LT-4411",
        "lt-1.corp.example",
        "4711",
        "3c:52:82:73:66:33",
        "3C-52-82-73-66-34",
        "3c52.8273.6635",
        "3c5282736636",
        "x3c5282736636",
        "3c:52:82:73:66:33:44",
        "eth0=3c:52:82:73:66:37",
        "Wi-Fi: 3C-52-82-74-77-34",
        "00:00:00:00:00:00",
        "ff:ff:ff:ff:ff:ff",
        "3c:52:82:73:66:33;3c:52:82:73:66:38",
        "(10.0.0.9) at 3c:52:82:1:2:3",
        "{\"hwid\":\"a1b2c3d4\"}",
        "\"hwid\":",
        "\"device_id\":",
        "\"devices\":[",
    ]);
    prop_oneof![
        8 => fixed.prop_map(str::to_owned),
        1 => "[a-z0-9]{4,20}",
        1 => "[ -~]{0,12}",
    ]
}

/// Lines of pieces, most of them with one delimiter, some as a table with as many cells a row.
fn text() -> impl Strategy<Value = String> {
    let delimiter =
        || proptest::sample::select(vec![",", ";", "\t", "|", " | ", " ", "  ", ":", ""]);
    let ending = proptest::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]);
    let ragged = proptest::collection::vec(proptest::collection::vec(piece(), 1..5), 1..8);
    let even = (1_usize..5).prop_flat_map(|width| {
        proptest::collection::vec(proptest::collection::vec(piece(), width), 1..8)
    });
    (
        prop_oneof![1 => ragged, 3 => even],
        delimiter(),
        ending,
        0..4_u8,
    )
        .prop_map(|(rows, delimiter, ending, frame)| {
            let mut lines: Vec<String> = rows.iter().map(|row| row.join(delimiter)).collect();
            match frame {
                0 => lines
                    .iter_mut()
                    .for_each(|line| *line = format!("| {line} |")),
                1 => lines.insert(
                    0,
                    ["HWID", "Hostname", "MAC", "Group"][..rows[0].len().min(4)].join(delimiter),
                ),
                _ => {}
            }
            lines.join(ending)
        })
}

/// What separates two cells, whatever the text is written in.
fn is_boundary(character: char) -> bool {
    matches!(
        character,
        ',' | ';' | '\t' | '|' | '"' | '\n' | '\r' | '\u{0}'
    )
}

/// What may surround a value in a cell.
fn is_decoration(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\'' | '`' | '*' | '=' | '{' | '}' | '[' | ']' | '(' | ')' | '<' | '>' | '_'
        )
        || crate::text::is_deceptive(character)
}

/// True if a cell of the text, without what decorates it, is `hwid`.
fn has_hwid(text: &str, hwid: &str, words: bool) -> bool {
    let mut cells = text.split(|c: char| is_boundary(c) || (words && c.is_whitespace()));
    let bare = hwid.trim_matches(is_decoration);
    cells.any(|cell| cell.contains(hwid) && cell.trim_matches(is_decoration) == bare)
}

/// The address that a word is, however many digits each part of it has.
fn octets(word: &str) -> Option<[u8; 6]> {
    if let Ok(mac) = MacAddress::parse(word) {
        return Some(mac.octets());
    }
    let parts: Vec<&str> = word.split([':', '-']).collect();
    let octets: Vec<u8> = parts
        .iter()
        .filter(|part| part.len() <= 2)
        .filter_map(|part| u8::from_str_radix(part, 16).ok())
        .collect();
    (parts.len() == 6).then_some(octets)?.try_into().ok()
}

/// True if a word of the text is the address.
fn has_mac(text: &str, mac: MacAddress) -> bool {
    let mut words =
        text.split(|c: char| is_boundary(c) || c.is_whitespace() || matches!(c, '=' | '{' | '}'));
    words.any(|word| octets(word.trim_matches(is_decoration)) == Some(mac.octets()))
}

/// A row of a list of few devices, so that rows meet: its hardware ID, host name, addresses, type.
type Row = (&'static str, &'static str, Vec<u8>, &'static str);

fn rows() -> impl Strategy<Value = (Vec<Row>, Vec<Row>)> {
    let row = (
        proptest::sample::select(vec![
            "",
            "",
            "a1",
            "a1",
            "b2",
            "c3",
            "b/2",
            "9.15624E+15",
            "{a1}",
        ]),
        proptest::sample::select(vec!["", "", "lt-1", "LT-1", "lt-2", "lt-1.corp.example"]),
        proptest::collection::vec(0_u8..5, 0..3),
        proptest::sample::select(vec!["", "laptop", "server"]),
    );
    proptest::collection::vec(row, 1..7)
        .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
}

fn table(rows: &[Row]) -> String {
    let mut text = "hwid,hostname,mac,type\n".to_owned();
    for (hwid, host, macs, kind) in rows {
        let macs: Vec<_> = macs
            .iter()
            .map(|last| format!("3c:52:82:00:00:{last:02x}"))
            .collect();
        text.extend([hwid, ",", host, ",", &macs.join(" "), ",", kind, "\n"]);
    }
    text
}

/// What is sent by each kind of identifier, and where servers are protected, each in its order.
fn sent(text: &str) -> [Vec<String>; 4] {
    let list = list(text);
    let rules = Rules::new(vec![Query::parse("type:server").expect("a rule")]);
    let protection = rules.apply(&list).expect("applies");
    let open = list.ids().filter(|&id| protection.reason(id).is_none());
    let open = open.filter_map(|id| list.identify(id, IdentifyBy::Auto).ok());
    let by = |by| identified(&list, by).into_iter().flatten().collect();
    let mut sent: [Vec<String>; 4] = [
        by(IdentifyBy::Auto),
        by(IdentifyBy::Hwid),
        by(IdentifyBy::Mac),
        open.map(|identifier| identifier.to_string()).collect(),
    ];
    for sent in &mut sent {
        sent.sort();
    }
    sent
}

fn options() -> impl Strategy<Value = ReadOptions> {
    let column = (
        proptest::option::of(proptest::sample::select(&Field::ALL[..])),
        prop_oneof![piece(), Just(String::new()), any::<String>()],
    );
    let column = column.prop_map(|(field, header)| ColumnAssignment { header, field });
    let encodings = [
        "utf-8",
        "utf-16le",
        "utf-16be",
        "windows-1252",
        "shift_jis",
        "gb18030",
        "iso-2022-jp",
        "replacement",
        "x-user-defined",
    ];
    let encoding = proptest::sample::select(encodings.to_vec())
        .prop_map(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
    let orders = [
        DateOrder::DayFirst,
        DateOrder::MonthFirst,
        DateOrder::YearFirst,
    ];
    let given = (
        proptest::collection::vec(column, 0..4),
        proptest::option::of(encoding),
        proptest::option::of(any::<u8>()),
        proptest::option::of(piece()),
        proptest::option::of(prop_oneof![0_u64..9, any::<u64>()]),
        proptest::option::of(proptest::sample::select(orders.to_vec())),
        prop_oneof![Just(0), Just(9), any::<u64>()],
    );
    given.prop_map(
        |(columns, encoding, delimiter, sheet, header_row, date_order, max_expanded)| ReadOptions {
            columns,
            encoding: encoding.flatten(),
            delimiter,
            sheet,
            header_row,
            date_order,
            max_expanded,
            ..ReadOptions::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn sendable_identifiers_occur_in_the_text(text in text()) {
        let Ok(list) = DeviceList::read_bytes("list", text.as_bytes()) else {
            return Ok(());
        };
        let shape = list.report().shape;
        let words = !(shape.contains("CSV") || shape.contains("JSON") || shape.contains('|') || shape.contains("line"));
        for id in list.ids() {
            match list.identify(id, IdentifyBy::Auto) {
                Ok(Identifier::Hwid(hwid)) => {
                    prop_assert!(has_hwid(&text, hwid.as_str(), words), "{hwid:?} of {shape}:\n{text}");
                }
                Ok(Identifier::Mac(mac)) => prop_assert!(has_mac(&text, mac), "{mac} of {shape}:\n{text}"),
                Err(_) => {}
            }
        }
    }

    #[test]
    fn row_order_does_not_matter((rows, shuffled) in rows()) {
        let (text, other) = (table(&rows), table(&shuffled));
        prop_assert_eq!(sent(&text), sent(&other), "of\n{}and\n{}", text, other);
    }

    #[test]
    fn options_never_cause_a_panic(
        bytes in prop_oneof![4 => text().prop_map(String::into_bytes), 1 => any::<Vec<u8>>()],
        options in options(),
    ) {
        if let Ok(list) = DeviceList::read_bytes_as("list", &bytes, &options) {
            let counts = list.counts();
            prop_assert_eq!(counts.devices + counts.unusable, list.len() as u64);
            let report = list.report();
            prop_assert_eq!(report.by_hwid + report.by_mac, counts.devices);
            let _ = (report.text(), list.is_people());
            for id in list.ids() {
                let _ = list.record(id);
            }
        }
    }
}

#[test]
fn row_order_does_not_matter_if_a_short_name_fits_two_full_names() {
    let rows = [
        "a1,lt-1\n",
        "a1,lt-1.lab.example\n",
        "a1,lt-1.corp.example\n",
    ];
    let text =
        |order: [usize; 3]| format!("hwid,hostname\n{}", order.map(|row| rows[row]).concat());
    assert_eq!(sent(&text([0, 1, 2])), sent(&text([2, 1, 0])));
}

#[test]
fn separator_line_requires_a_valid_delimiter() {
    for byte in [0x1b, 0x7f, b'"', b'h', 0xc3] {
        let text = [
            &b"sep="[..],
            &[byte],
            b"\nhwid",
            &[byte],
            b"hostname\na1b2",
            &[byte],
            b"lt-1\n",
        ]
        .concat();
        let Ok(list) = DeviceList::read_bytes("list", &text) else {
            continue;
        };
        let delimiter = list.report().delimiter;
        assert!(
            delimiter.is_none_or(|it| it.is_ascii_punctuation() && it != '"' || it == '\t'),
            "{delimiter:?}"
        );
    }
}
