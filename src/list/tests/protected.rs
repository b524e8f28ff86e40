//! A value that a protect rule looks for protects its device, wherever it is in the list and
//! however it is written.

use encoding_rs::WINDOWS_1252;

use super::*;
use crate::plan::protection::Rules;
use crate::query::Query;

/// A value, the rule that looks for it, and the two headers of its field that a list has side by
/// side.
struct Protected {
    rule: &'static str,
    /// Ways to write the value.
    written: Vec<String>,
    other: &'static str,
    headers: [&'static str; 2],
}

fn protected() -> Vec<Protected> {
    let far = format!("{}, Domain controllers", "Sales and ".repeat(500));
    let groups = [
        "Domain controllers",
        "DOMAIN CONTROLLERS",
        "Tier 0 / Domain controllers / Vienna",
        " Domain  controllers ",
        "Domain\u{a0}controllers",
        "Domain\tcontrollers",
        "Domain\ncontrollers",
        "Domain\r\ncontrollers",
        "Domain \u{200b}controllers",
        "Dom\u{ad}ain control\u{200b}lers\u{feff}",
        "Ｄｏｍａｉｎ controllers",
        "'Domain controllers",
        "`Domain controllers`",
        "=\"Domain controllers\"",
        "none, Domain controllers",
    ];
    let umlauts = [
        "Domänencontroller",
        "DOMÄNENCONTROLLER",
        "Doma\u{308}nencontroller",
        "DOMA\u{308}NENCONTROLLER",
        "Domänen\u{ad}controller",
    ];
    let types = [
        "server",
        "SERVER",
        "Windows Server 2022",
        "\u{a0}ser\u{200b}ver",
        "Server\n(virtual)",
    ];
    let of = |rule, texts: &[&str], other, headers| Protected {
        rule,
        written: texts.iter().map(|&text| text.to_owned()).collect(),
        other,
        headers,
    };
    let mut all = vec![
        of(
            "group:\"Domain controllers\"",
            &groups,
            "Sales",
            ["Group", "Group Name"],
        ),
        of(
            "group:domänencontroller",
            &umlauts,
            "Büro",
            ["Gruppe", "Group"],
        ),
        of(
            "type:server",
            &types,
            "laptop",
            ["Machine Type", "Device Type"],
        ),
    ];
    all[0].written.push(far);
    all
}

/// Which cell of the protected device holds the value; all others hold another one.
const PLACES: [(usize, usize); 6] = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)];

/// Rows of cells: hardware ID, host name, address, the field twice. The first three rows are one
/// device, the last of them by its address.
fn rows(protected: &Protected, value: &str, place: (usize, usize)) -> Vec<[String; 5]> {
    let keys = [
        ("a1b2c3d4", "lt-1", "3c:52:82:00:00:01"),
        ("a1b2c3d4", "LT-1", ""),
        ("", "lt-1", "3c:52:82:00:00:01"),
        ("a1b2c3d5", "lt-2", "3c:52:82:00:00:02"),
    ];
    let cell = |at| {
        if at == place {
            value.to_owned()
        } else {
            protected.other.to_owned()
        }
    };
    let row = |(row, (hwid, host, mac)): (usize, (&str, &str, &str))| {
        [
            hwid.to_owned(),
            host.to_owned(),
            mac.to_owned(),
            cell((row, 0)),
            cell((row, 1)),
        ]
    };
    keys.into_iter().enumerate().map(row).collect()
}

fn headers(protected: &Protected) -> [&str; 5] {
    let [one, other] = protected.headers;
    ["HWID", "Hostname", "MAC Address", one, other]
}

fn delimited(headers: &[&str], rows: &[[String; 5]], delimiter: u8) -> String {
    let mut writer = ::csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    writer.write_record(headers).expect("in memory");
    for row in rows {
        writer.write_record(row).expect("in memory");
    }
    String::from_utf8(writer.into_inner().expect("in memory")).expect("UTF-8")
}

fn markdown(headers: &[&str], rows: &[[String; 5]]) -> String {
    let mut text = format!("| {} |\n|---|---|---|---|---|\n", headers.join(" | "));
    for row in rows {
        text.extend(["| ", &row.join(" | "), " |\n"]);
    }
    text
}

fn objects(headers: &[&str], rows: &[[String; 5]]) -> Vec<String> {
    let object = |row: &[String; 5]| {
        let pairs = headers.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let pairs: Vec<_> = pairs
            .map(|(header, cell)| format!("\"{header}\": {}", serde_json::json!(cell)))
            .collect();
        format!("{{{}}}", pairs.join(", "))
    };
    rows.iter().map(object).collect()
}

/// The list in each of the shapes that can hold it.
fn texts(headers: &[&str], rows: &[[String; 5]]) -> Vec<(&'static str, String)> {
    let mut texts = vec![
        ("comma", delimited(headers, rows, b',')),
        ("semicolon", delimited(headers, rows, b';')),
        ("tab", delimited(headers, rows, b'\t')),
        ("pipe", delimited(headers, rows, b'|')),
        ("JSON", format!("[{}]", objects(headers, rows).join(",\n"))),
        (
            "answer",
            format!("{{\"devices\": [{}]}}", objects(headers, rows).join(", ")),
        ),
        ("JSON lines", objects(headers, rows).join("\n")),
    ];
    if !rows.iter().flatten().any(|cell| cell.contains(['\n', '|'])) {
        texts.push(("Markdown", markdown(headers, rows)));
    }
    texts
}

fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
    let units = mark
        .then_some(0xfeff)
        .into_iter()
        .chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

/// The text in each of the encodings that can hold it.
fn encoded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with a mark", format!("\u{feff}{text}").into_bytes()),
        ("UTF-16 LE", utf16(text, true, false)),
        ("UTF-16 BE", utf16(text, true, true)),
        ("UTF-16 LE without a mark", utf16(text, false, false)),
    ];
    let (bytes, _, failed) = WINDOWS_1252.encode(text);
    if !failed && !text.is_ascii() {
        all.push(("windows-1252", bytes.into_owned()));
    }
    all
}

/// A row that can't be used protects the device that it names all the same.
const NAMED: &str = "a protected row names its hardware ID";

/// Why the device is not protected by the rule, if so.
fn unprotected(rule: &str, bytes: &[u8]) -> Option<String> {
    let list = list(bytes);
    let rules = Rules::new(vec![Query::parse(rule).expect("a rule")]);
    let protection = rules.apply(&list).expect("applies");
    list.ids().find_map(|id| {
        let sent = list.identify(id, IdentifyBy::Auto).ok()?.to_string();
        let is_other = ["a1b2c3d5", "3c:52:82:00:00:02"].contains(&sent.as_str());
        let is_protected = [Some(rule), Some(NAMED)].contains(&protection.reason(id));
        (!is_other && !is_protected).then(|| format!("{sent} for {:?}", protection.reason(id)))
    })
}

#[test]
fn protection_works_in_every_cell_shape_and_encoding() {
    let mut failed = Vec::new();
    let mut count = 0;
    for protected in protected() {
        for (number, value) in protected.written.iter().enumerate() {
            for (at, place) in PLACES.into_iter().enumerate() {
                for (shape, text) in texts(&headers(&protected), &rows(&protected, value, place)) {
                    // All encodings of each shape of each value, each in one place; UTF-8 in every place.
                    let encodings = encoded(&text).into_iter().enumerate();
                    let chosen = encodings
                        .filter(|(encoding, _)| *encoding == 0 || (number + encoding) % 6 == at);
                    for (_, (encoding, bytes)) in chosen {
                        count += 1;
                        if let Some(why) = unprotected(protected.rule, &bytes) {
                            let value = crate::text::clip(value, 40);
                            failed.push(format!(
                                "{value:?} at {place:?} in {shape}, {encoding}: {why}"
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {count}:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// What is sent of a JSON row with these fields, in each shape of JSON, unless it is protected.
fn unprotected_json(fields: &str) -> Vec<String> {
    let rows = [
        format!("{{\"hwid\": \"a1b2c3d4\", {fields}}}"),
        format!("{{{fields}, \"hwid\": \"a1b2c3d4\"}}"),
    ];
    let texts = rows.iter().flat_map(|row| {
        [
            format!("[{row}]"),
            format!("{row}\n{row}\n"),
            format!("{{\"results\": [{row}]}}"),
        ]
    });
    texts
        .filter_map(|text| {
            let why = unprotected("group:\"Domain controllers\"", text.as_bytes())?;
            let end: String = text
                .chars()
                .skip(text.chars().count().saturating_sub(120))
                .collect();
            Some(format!("{why}: …{end}"))
        })
        .collect()
}

#[test]
fn protection_works_at_every_position_of_a_json_row() {
    let value = "\"Domain controllers\"";
    let mut blocks = String::new();
    for number in 0..20 {
        blocks.push_str(&format!("{{\"name\": \"g{number}\"}}, "));
    }
    let filler = filler(900);
    for fields in [
        format!("\"group\": [\"Sales\", {value}]"),
        format!("\"group\": [[\"Sales\"], [{value}]]"),
        format!("\"group\": \"Sales\", \"group\": {value}"),
        format!("\"group\": {value}, \"group\": \"Sales\""),
        format!("\"group\": {value}, \"group\": null"),
        format!("\"group\": \"Sales\", \"GROUP\": {value}"),
        format!("\"group\": \"Sales\", \"group_name\": [null, {value}]"),
        format!("\"group\": {{\"name\": {value}}}"),
        format!("\"group\": \"Sales\", \"group\": {{\"name\": {value}}}"),
        format!("\"groups\": [{{\"name\": \"Sales\"}}, {{\"id\": 2, \"name\": {value}}}]"),
        format!("\"groups\": [{blocks} {{\"name\": {value}}}]"),
        format!("\"group\": \"Sales\", \"device\": {{\"group\": {value}}}"),
        format!("\"group\": \"Sales\", \"device\": {{\"groups\": [{{\"name\": {value}}}]}}"),
        format!("\"group\": \"Sales\", \"_source\": {{\"Group Name\": {value}}}"),
        format!("\"group\": \"Sales\", {filler} \"Group Name\": {value}"),
        format!("\"group\": \"Sales\", {filler} \"device\": {{\"group\": {value}}}"),
    ] {
        assert_eq!(unprotected_json(&fields), Vec::<String>::new());
    }
}

/// Keys that mean nothing, so that a row has more of them.
fn filler(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        text.push_str(&format!("\"k{number}\": 1, "));
    }
    text
}

#[test]
fn two_hwids_are_detected_after_a_thousand_keys() {
    let list = list(format!(
        "[{{\"hwid\": \"a1b2c3d4\", {} \"Hardware ID\": \"a1b2c3d5\"}}]",
        filler(1000)
    ));
    assert_eq!(
        identified(&list, IdentifyBy::Auto),
        [Err(Problem::TwoHwids)]
    );
}

#[test]
fn protection_matches_sharp_s_in_capitals() {
    let text = "hwid,group\na1b2c3d4,AUSSENSTELLE\n";
    assert_eq!(unprotected("group:Außenstelle", text.as_bytes()), None);
}

#[test]
fn protection_works_in_unusual_rows_columns_and_blocks() {
    let [first, last] = [
        "\"group\": \"Sales\"",
        "\"Group Name\": \"Domain controllers\"",
    ];
    let many_keys = filler(1000);
    let many_keys = format!("[{{\"hwid\": \"a1b2c3d4\", {first}, {many_keys} {last}}}]");
    for text in [
        // A row with two HWIDs protects both, and so does one with a surplus cell.
        "hwid,hardware id,group\na1b2c3d4,,Sales\na1b2c3d4,a1b2c3d6,Domain controllers\n",
        "hwid,group\na1b2c3d4,Sales\na1b2c3d4,Domain controllers,x\n",
        // A numbered column.
        "hwid,group,group 2\na1b2c3d4,Sales,Domain controllers\n",
        "hwid,group,group.1\na1b2c3d4,Sales,Domain controllers\n",
        // Line breaks of Markdown.
        "| HWID | Group |\n|---|---|\n| a1b2c3d4 | Domain<br>controllers |\n",
        "| HWID | Group |\n|---|---|\n| a1b2c3d4 | Domain&nbsp;controllers |\n",
        // Deep in a block, and behind a thousand keys.
        r#"[{"hwid":"a1b2c3d4","group":"Sales","groups":{"data":["Domain controllers"]}}]"#,
        r#"[{"hwid":"a1b2c3d4","group":"Sales","groups":{"items":[{"name":"Domain controllers"}]}}]"#,
        r#"[{"hwid":"a1b2c3d4","group":{"name":"Sales","display_name":"Domain controllers"}}]"#,
        r#"[{"hwid":"a1b2c3d4","group":{"name":"Sales","parent":{"name":"Domain controllers"}}}]"#,
        &many_keys,
    ] {
        let unprotected = unprotected("group:\"Domain controllers\"", text.as_bytes());
        assert_eq!(unprotected, None, "{text}");
    }
}
