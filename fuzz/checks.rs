//! Invariants for any input, checked by the fuzz targets and, for the corpus, by `cargo test`.

mod keyboard;
mod stages;

use offboard::domain::device::{Identifier, IdentifyBy};
use offboard::domain::rate_limit::RateHeaders;
use offboard::engine::response::{
    BODY_LIMIT, Body, CallResult, Element, HttpAnswer, classify, decode_result,
};
use offboard::import::Import;
use offboard::list::{ColumnAssignment, DateOrder, DeviceList, Field, ReadOptions, parse_encoding};
use offboard::plan::{CallSizes, PlanFile, PlanFileError};
use offboard::query::{Matcher, NoStatus, Query};
use offboard::text;

pub use keyboard::keys;
pub use stages::{cells, container, decode, headers, json, leases, table, workbook};

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
    let answer = HttpAnswer {
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
