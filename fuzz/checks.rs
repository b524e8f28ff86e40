//! Invariants for any input, checked by the fuzz targets and, for the corpus, by `cargo test`.

mod keyboard;

use offboard::domain::device::{Identifier, IdentifyBy};
use offboard::domain::rate_limit::RateHeaders;
use offboard::engine::response::{
    Answer, BODY_LIMIT, Body, CallResult, Element, classify, decode_result,
};
use offboard::import::Import;
use offboard::list::fuzzing::{self, Cut, HeaderRole, Record};
use offboard::list::{ColumnAssignment, DateOrder, DeviceList, Field, ReadOptions, parse_encoding};
use offboard::plan::{CallSizes, PlanFile, PlanFileError};
use offboard::query::{Matcher, NoStatus, Query};
use offboard::text;

pub use keyboard::keys;

/// A list is read or refused with a reason; its counts add up and every entry is accessible.
pub fn list(bytes: &[u8]) {
    match DeviceList::read_bytes("fuzzed", bytes) {
        Ok(list) => devices(&list),
        Err(error) => refused(&error.to_string()),
    }
}

/// Like [`list`], with options from the first eight bytes: container, encoding, delimiter, header and
/// columns are then given instead of detected.
pub fn options(bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(8));
    match DeviceList::read_bytes_as("fuzzed", rest, &options_of(first)) {
        Ok(list) => devices(&list),
        Err(error) => refused(&error.to_string()),
    }
}

/// The reading report is safe to show, as text and as JSON, and counts every entry.
pub fn report(bytes: &[u8]) {
    let Ok(list) = DeviceList::read_bytes("fuzzed", bytes) else {
        return;
    };
    let report = list.report();
    for line in report.text().split('\n') {
        assert!(!text::is_deceptive_text(line), "{line:?}");
    }
    assert_shown(&serde_json::to_value(&report).expect("a report is JSON"));
    let left_out: u64 = report.left_out.iter().map(|reason| reason.count).sum();
    assert_eq!(report.by_hwid + report.by_mac + left_out, report.entries);
    assert_eq!(report.entries + report.merged, report.rows);
    assert!(report.skipped.len() as u64 <= report.skipped_count);
}

/// Every row of a list is an entry of an import, and each device is selected at most once.
pub fn import(bytes: &[u8]) {
    let Ok(list) = DeviceList::read_bytes("fuzzed", bytes) else {
        return;
    };
    let inventory = "hwid,hostname,mac,serial,user\n\
        h1,LT-1,00:0c:29:cd:c7:b2,S1,ann\nh2,Front Desk,00:0c:29:cd:c7:b3,S2,ann\nh3,lt-1,,S3,bob\n";
    let inventory = DeviceList::read_bytes("l.csv", inventory.as_bytes()).expect("a list");
    let import = Import::of_list(&list, &inventory);
    for all_devices in [false, true] {
        let selected: Vec<_> = import.selected(all_devices).map(|(id, _)| id).collect();
        let unique: std::collections::HashSet<_> = selected.iter().collect();
        assert_eq!(selected.len(), unique.len(), "each device once");
        assert!(selected.iter().all(|id| id.index() < inventory.len()));
    }
    // In a list matched with itself, each device matches itself or nothing.
    let own = Import::of_list(&list, &list);
    assert!(own.devices().all(|id| id.index() < list.len()));
}

fn options_of(first: &[u8]) -> ReadOptions {
    let byte = |at: usize| first.get(at).copied().unwrap_or_default();
    let bit = |number: u8| byte(0) >> number & 1 == 1;
    let encodings = [
        "utf-8",
        "utf-16le",
        "windows-1252",
        "shift_jis",
        "gb18030",
        "iso-2022-jp",
        "replacement",
    ];
    let encoding = encodings.get(usize::from(byte(1)) % encodings.len());
    let orders = [
        DateOrder::DayFirst,
        DateOrder::MonthFirst,
        DateOrder::YearFirst,
    ];
    let headers = ["hwid", "id", "Name", "column 1", "", "mac"];
    let columns = bit(5).then(|| {
        let field = Field::ALL[usize::from(byte(4)) % Field::ALL.len()];
        ColumnAssignment {
            header: headers[usize::from(byte(5)) % headers.len()].to_owned(),
            field: Some(field),
        }
    });
    ReadOptions {
        columns: columns.into_iter().collect(),
        given_columns: 0,
        encoding: encoding
            .filter(|_| bit(0))
            .and_then(|name| parse_encoding(name).ok()),
        delimiter: bit(1).then(|| byte(2)),
        sheet: bit(2).then(|| "Sheet1".to_owned()),
        header_row: bit(3).then(|| u64::from(byte(3))),
        date_order: orders
            .get(usize::from(byte(6) % 3))
            .copied()
            .filter(|_| bit(4)),
        max_expanded: if bit(6) {
            u64::from(byte(7)) << 8
        } else {
            1 << 20
        },
        max_rows: if bit(7) { u64::from(byte(7)) } else { u64::MAX },
    }
}

fn refused(reason: &str) {
    assert!(!reason.is_empty());
    assert!(!text::is_deceptive_text(reason), "{reason:?}");
}

fn assert_shown(value: &serde_json::Value) {
    match value {
        serde_json::Value::String(shown) if shown == "\t" => {}
        serde_json::Value::String(shown) => assert!(!text::is_deceptive_text(shown), "{shown:?}"),
        serde_json::Value::Array(values) => values.iter().for_each(assert_shown),
        serde_json::Value::Object(members) => members.values().for_each(assert_shown),
        _ => {}
    }
}

fn devices(list: &DeviceList) {
    let counts = list.counts();
    assert_eq!(counts.devices + counts.unusable, list.len() as u64);
    let mut repeats = 0;
    for id in list.ids() {
        let device = list.device(id);
        repeats += u64::from(device.repeats());
        for field in Field::ALL {
            let _ = device.text(field);
        }
        // Contradicting rows share a HWID; none of them is sent.
        if let Some(hwid) = device.hwid().filter(|_| device.problem().is_none()) {
            assert_eq!(list.find_hwid(hwid), Some(id), "a HWID names one device");
        }
        match list.identify(id, IdentifyBy::Auto) {
            Ok(Identifier::Hwid(hwid)) => assert_eq!(device.hwid(), Some(hwid.as_str())),
            Ok(Identifier::Mac(mac)) => assert!(device.macs().any(|own| own == mac)),
            Err(_) => {}
        }
        list.record(id).expect("what was read is read again");
    }
    assert_eq!(repeats, counts.repeated);
}

/// A query is parsed or refused with a column; on a list, it never agrees with its negation.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let query = match Query::parse(&text) {
        Ok(query) => query,
        Err(error) => {
            let columns = text.chars().count() + 1;
            assert!((1..=columns).contains(&error.column()), "{error}");
            return;
        }
    };
    assert_eq!(Query::parse(query.text()).as_ref(), Ok(&query));
    let list = "hwid,hostname,mac,last seen,issues\n\
        h1,LT-1,00:0c:29:cd:c7:b2,2026-01-01T00:00:00Z,3\nh2,lt-1,,,\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let (Ok(matcher), Ok(not)) = (
        Matcher::new(&query, &list, &NoStatus),
        Query::parse(&format!("-({text})")),
    ) else {
        return;
    };
    let not = Matcher::new(&not, &list, &NoStatus).expect("it asks the same");
    for id in list.ids() {
        assert!(!(matcher.matches(id) && not.matches(id)), "{text}");
    }
}

/// Any answer is classified without a panic, and results are assigned by position or not at all.
pub fn answer(bytes: &[u8]) {
    let (sent, body) = match bytes {
        [first, rest @ ..] => (usize::from(first % 8) + 1, rest),
        [] => (1, bytes),
    };
    if let Ok(elements) = decode_result(body) {
        assert!(elements.len() <= body.len());
    }
    let answer = Answer {
        status: 200,
        content_type: Some("application/json".to_owned()),
        encoding: None,
        rate: RateHeaders::default(),
        body: Body::Whole(body.to_vec()),
    };
    let report = classify(sent, &answer);
    if let CallResult::Answered(elements) = &report.result {
        assert_eq!(elements.len(), sent, "a wrong length maps nothing");
        let ones = elements
            .iter()
            .filter(|element| matches!(element, Element::Deleted));
        let digits = memchr::memchr_iter(b'1', body).count();
        assert!(ones.count() <= digits, "no 1 that isn't there");
    }
    assert!(body.len() <= BODY_LIMIT || !matches!(report.result, CallResult::Answered(_)));
    assert!(!text::is_deceptive_text(&report.message));
}

/// Untrusted text is made safe to show and has the reported width.
pub fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shown = text::visible(&text);
    assert!(!text::is_deceptive_text(&shown), "{shown:?}");
    assert!(!shown.chars().any(char::is_control));
    for room in [0, 1, 7, 80] {
        assert!(
            text::width(&text::clip(&shown, room)) <= room,
            "{shown:?} in {room}"
        );
    }
    for line in text::wrap(&shown, 20) {
        assert!(text::width(&line) <= 20, "{line:?}");
    }
}

/// Pasted entries are matched, and unmatched ones do not match again.
pub fn ids(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let list = "hwid,hostname,mac\nh1,LT-1,00:0c:29:cd:c7:b2\nh2,Front Desk,00:0c:29:cd:c7:b3\n";
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let import = Import::read(&text, &list);
    let devices: Vec<_> = import.devices().collect();
    let unique: std::collections::HashSet<_> = devices.iter().collect();
    assert_eq!(devices.len(), unique.len(), "each device once");
    assert_eq!(Import::read(&import.unmatched(), &list).counts().matched, 0);
}

/// Compressed input is expanded up to the limit; other input is unchanged.
pub fn container(bytes: &[u8]) {
    const LIMIT: u64 = 1 << 16;
    let Some((container, text)) = fuzzing::expand(bytes, LIMIT) else {
        assert!(
            fuzzing::needs_expanding(bytes),
            "plain text is never refused"
        );
        return;
    };
    if container != "plain" {
        assert!(text.len() as u64 <= LIMIT);
        let half = text.len() as u64 / 2;
        assert!(text.is_empty() || fuzzing::expand(bytes, half).is_none());
    }
    if !fuzzing::needs_expanding(bytes) {
        assert_eq!((container, text.as_slice()), ("plain", bytes));
    }
}

/// Bytes in the encoding chosen by the first byte, or in the detected one, become UTF-8, and damaged
/// characters are counted.
pub fn decode(bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(1));
    let labels = [
        None,
        Some("utf-8"),
        Some("utf-16le"),
        Some("utf-16be"),
        Some("windows-1252"),
        Some("shift_jis"),
        Some("gb18030"),
        Some("big5"),
        Some("euc-kr"),
        Some("iso-2022-jp"),
    ];
    let label = labels[usize::from(first.first().copied().unwrap_or(0)) % labels.len()];
    let (text, damaged) = fuzzing::decode(rest, label).expect("in memory");
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(damaged <= text.matches(char::REPLACEMENT_CHARACTER).count() as u64);
    if label == Some("utf-8") {
        let given = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
        match std::str::from_utf8(given) {
            Ok(given) => assert_eq!((text.as_str(), damaged), (given, 0)),
            Err(_) => assert!(damaged > 0),
        }
    }
}

/// A table in the notation chosen by the first byte: its records are contiguous, each can be read
/// again at its offset, and the header is one of the first records.
pub fn table(bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(1));
    let cuts = [
        Cut::Delimited(b','),
        Cut::Delimited(b';'),
        Cut::Delimited(b'\t'),
        Cut::Delimited(b'|'),
        Cut::Pipes,
        Cut::FixedWidth,
    ];
    let cut = cuts[usize::from(first.first().copied().unwrap_or(0)) % cuts.len()];
    let text = String::from_utf8_lossy(rest).replace('\0', " ");
    let records = match fuzzing::records(&text, cut) {
        Ok(Some(records)) => records,
        Ok(None) => return,
        Err(error) => return refused(&error.to_string()),
    };
    assert_records(&text, cut, &records);
    for record in &records {
        let line = &text[record.offset..record.offset + record.length];
        if matches!(cut, Cut::FixedWidth) {
            let words: Vec<&str> = record
                .cells
                .iter()
                .flat_map(|cell| cell.split_whitespace())
                .collect();
            assert!(line.split_whitespace().eq(words), "{line:?}");
        }
        if let Cut::Delimited(delimiter) = cut
            && !line.contains('"')
        {
            let line = line.trim_end_matches(['\r', '\n']);
            assert!(
                line.split(char::from(delimiter)).eq(record.cells.iter()),
                "{line:?}"
            );
        }
    }
    let is_blank = |record: &&Record| record.cells.concat().trim_ascii().is_empty();
    let filled: Vec<&Record> = records.iter().filter(|record| !is_blank(record)).collect();
    if let Some(layout) = fuzzing::layout(&text, cut).expect("its records could be read") {
        let header = filled.get(layout.skipped).expect("one of the records");
        assert!(layout.skipped < 50 && header.line == layout.line);
        let names = header.cells.iter().map(|cell| fuzzing::cell(cell).0);
        assert!(names.eq(layout.headers), "{header:?}");
    }
}

/// Leases and neighbours of any text: each can be read again at its offset and has an address.
pub fn leases(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace('\0', " ");
    fuzzing::looks_like(&text);
    for (cut, width) in [(Cut::Leases, 6), (Cut::Dnsmasq, 6), (Cut::Neighbours, 5)] {
        let records = match fuzzing::records(&text, cut) {
            Ok(records) => records.expect("every text is cut like this"),
            Err(error) => return refused(&error.to_string()),
        };
        assert_records(&text, cut, &records);
        for record in records.iter().filter(|record| !record.cells.is_empty()) {
            assert_eq!(record.cells.len(), width, "{record:?}");
            let (ip, mac) = (&record.cells[0], &record.cells[1]);
            assert!(
                ip.is_empty() || ip.parse::<std::net::IpAddr>().is_ok(),
                "{ip}"
            );
            let digits = mac.bytes().filter(u8::is_ascii_hexdigit).count();
            assert!(matches!(digits, 0 | 12), "{mac}");
        }
    }
}

/// Records have the right offset and line, and only line breaks are between them.
fn assert_records(text: &str, cut: Cut, records: &[Record]) {
    let line_break = if text.contains('\n') { '\n' } else { '\r' };
    let mut end = 0;
    for record in records {
        let between = &text[end..record.offset];
        assert!(
            between.bytes().all(|byte| matches!(byte, b'\r' | b'\n')),
            "{between:?}"
        );
        let above = text[..record.offset].matches(line_break).count() as u64;
        assert_eq!(record.line, above + 1);
        assert!(record.length > 0);
        end = record.offset + record.length;
    }
    assert!(
        text[end..]
            .bytes()
            .all(|byte| matches!(byte, b'\r' | b'\n'))
    );
    // The first lines of a drawn table decide how it is split.
    if matches!(cut, Cut::Pipes | Cut::FixedWidth) {
        return;
    }
    for record in records.iter().rev().take(8) {
        let rest = &text[record.offset..];
        if rest.contains('\n') == text.contains('\n') {
            let again = fuzzing::records(rest, cut)
                .ok()
                .flatten()
                .expect("it was read");
            assert_eq!(again[0].cells, record.cells, "{rest:?}");
        }
    }
}

/// The end of a JSON value agrees with serde; a list of it is read or refused.
pub fn json(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace('\0', " ");
    if text.starts_with(['{', '[', '"']) {
        let mut values =
            serde_json::Deserializer::from_str(&text).into_iter::<serde::de::IgnoredAny>();
        if values.next().is_some_and(|value| value.is_ok()) {
            assert_eq!(fuzzing::json_value(&text), Some(values.byte_offset()));
        }
    }
    if let Some(end) = fuzzing::json_value(&text) {
        assert!(end <= text.len() && text.is_char_boundary(end));
    }
    match DeviceList::read_bytes("fuzzed", text.as_bytes()) {
        Ok(list) => devices(&list),
        Err(error) => refused(&error.to_string()),
    }
}

/// Each header has one role, and the options override it.
pub fn headers(bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(2));
    let byte = |at: usize| usize::from(first.get(at).copied().unwrap_or_default());
    let text = String::from_utf8_lossy(rest);
    let rows: Vec<Vec<String>> = text
        .lines()
        .take(50)
        .map(|line| line.split(',').take(64).map(str::to_owned).collect())
        .collect();
    if let Some(row) = fuzzing::header_row(&rows) {
        let known = fuzzing::roles(&rows[row], None);
        assert!(known.iter().any(|role| *role != HeaderRole::Other));
    }
    let field = Field::ALL[byte(0) % Field::ALL.len()];
    for headers in &rows {
        let given = headers.get(byte(1) % headers.len().max(1)).cloned();
        let assignment = given.clone().map(|header| ColumnAssignment {
            header,
            field: Some(field),
        });
        let roles = fuzzing::roles(headers, assignment);
        assert_eq!(roles.len(), headers.len());
        for (header, role) in headers.iter().zip(&roles) {
            let name = fuzzing::normalised(header);
            assert_eq!(fuzzing::normalised(&name), name, "{header:?}");
            if Some(header) == given.as_ref() {
                assert_eq!(*role, HeaderRole::Field(field), "{header:?}");
            }
        }
    }
}

/// Cleaning a cell is idempotent, and a cell has at most one date.
pub fn cells(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for text in text.split('\n') {
        let (cell, identifier) = fuzzing::cell(text);
        assert_eq!(fuzzing::cell(&cell).0, cell, "{text:?}");
        assert!(cell.len() <= text.len());
        if let Some(identifier) = identifier {
            assert!(cell.contains(&identifier) && !identifier.is_empty());
        }
        let (decided, open) = fuzzing::date(text);
        assert_eq!(fuzzing::date(text.trim()), (decided, open));
        for seconds in open.into_iter().chain([decided]).flatten() {
            assert!(seconds >= 100_000_000, "{text:?}");
        }
        assert!(decided.is_none() || open.iter().flatten().all(|open| Some(*open) == decided));
    }
}

/// A workbook is refused with a reason, or its sheet is a table of text within the limit.
pub fn workbook(bytes: &[u8]) {
    const LIMIT: u64 = 1 << 20;
    match fuzzing::sheet(bytes, LIMIT) {
        Ok((_, text)) => {
            assert!(text.len() as u64 <= LIMIT);
            let text = String::from_utf8(text).expect("UTF-8");
            if !text.contains('\0') {
                let rows = fuzzing::records(&text, Cut::Delimited(b',')).expect("its quotes close");
                assert!(rows.is_some_and(|rows| !rows.is_empty()));
            }
        }
        Err(reason) => assert!(!reason.is_empty()),
    }
}

/// Rows of few devices, three bytes each, so that they collide: their order doesn't change which are
/// sent or left out.
pub fn rows(bytes: &[u8]) {
    let mut rows: Vec<String> = bytes.chunks_exact(3).take(10).map(row_of).collect();
    let expected = sent(&rows);
    for _ in 0..rows.len().min(4) {
        rows.rotate_left(1);
        assert_eq!(sent(&rows), expected, "{rows:?}");
        rows.reverse();
        assert_eq!(sent(&rows), expected, "{rows:?}");
    }
}

fn row_of(bytes: &[u8]) -> String {
    let hwids = ["", "a1", "b2", "c3", "b/2", "{a1}"];
    let hosts = [
        "",
        "lt-1",
        "LT-1",
        "lt-2",
        "lt-1.corp.example",
        "lt-1.lab.example",
    ];
    let (hwid, host) = (bytes[0] % 6, bytes[1] % 6);
    let kind = ["", "laptop", "server"][usize::from(bytes[1] / 6 % 3)];
    let macs: Vec<String> = (0..5)
        .filter(|last| bytes[2] >> last & 1 == 1)
        .map(|last| format!("3c:52:82:00:00:{last:02x}"))
        .collect();
    format!(
        "{},{},{},{kind}",
        hwids[usize::from(hwid)],
        hosts[usize::from(host)],
        macs.join(" ")
    )
}

fn sent(rows: &[String]) -> Vec<String> {
    let text = format!("hwid,hostname,mac,type\n{}\n", rows.join("\n"));
    let list = DeviceList::read_bytes("rows", text.as_bytes()).expect("a list");
    let read: usize = list
        .ids()
        .map(|id| list.record(id).expect("a record").len())
        .sum();
    let filled = rows.iter().filter(|row| row.as_str() != ",,,").count();
    assert_eq!(read, filled, "every row belongs to one entry");
    let mut sent: Vec<String> = list
        .ids()
        .map(|id| format!("{:?}", list.identify(id, IdentifyBy::Auto)))
        .collect();
    sent.sort();
    sent
}

/// A configuration is refused with a line of its own, or its calls are not empty and its token is sent
/// over TLS or to this machine only.
pub fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match offboard::fuzzing::config(&text) {
        Ok(settings) => {
            let (per_minute, batch, canary) = settings.calls;
            assert!(per_minute > 0 && (1..=batch).contains(&canary) && batch <= 500);
            for tenant in &settings.tenants {
                let local = ["http://localhost", "http://127.", "http://[::1]"];
                let is_local = local.iter().any(|start| tenant.starts_with(start));
                assert!(tenant.starts_with("https://") || is_local, "{tenant}");
            }
            for rule in &settings.rules {
                assert!(!rule.trim().is_empty(), "a rule of nothing matches all");
                Query::parse(rule).expect("it is read again");
            }
        }
        Err((line, message)) => {
            assert!((1..=text.matches('\n').count() + 1).contains(&line));
            assert!(!message.is_empty());
        }
    }
}

/// A plan file is refused with a reason, or a signature changes nothing else in it, and another action
/// is noticed.
pub fn plan(bytes: &[u8]) {
    let now = "2026-11-23T10:00:00Z".parse().expect("a time");
    let sizes = CallSizes {
        batch: 50,
        canary: 5,
    };
    let read = |bytes: &[u8]| PlanFile::read(bytes, now, sizes);
    let file = match read(bytes) {
        Ok(file) => file,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let devices = &file.plan.devices;
    let sent: std::collections::HashSet<_> =
        devices.iter().map(|device| &device.identifier).collect();
    assert_eq!(sent.len(), devices.len(), "each identifier is sent once");
    let signed = PlanFile::with_signature(bytes, "signature".to_owned()).expect("it was read");
    let again = read(&signed).expect("what was written is read");
    assert_eq!(again.digest(), file.digest());
    assert_eq!(again.plan, file.plan);
    assert_eq!(again.signatures.len(), file.signatures.len() + 1);
    for other in ["remove", "archive", "uninstall"] {
        if other != file.plan.action.as_str() {
            let mut value: serde_json::Value = serde_json::from_slice(&signed).expect("JSON");
            value["action"] = other.into();
            let changed = read(value.to_string().as_bytes());
            assert!(matches!(changed, Err(PlanFileError::Hash)));
        }
    }
}
