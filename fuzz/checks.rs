//! What must hold for any input, asked by the fuzz targets and, of the corpus, by `cargo test`.

use offboard::domain::device::{Identifier, IdentifyBy};
use offboard::domain::rate_limit::RateHeaders;
use offboard::engine::response::{
    Answer, BODY_LIMIT, Body, CallResult, Element, classify, decode_result,
};
use offboard::import::Import;
use offboard::list::{DateOrder, DeviceList, Field, ReadOptions, parse_encoding};
use offboard::query::{Matcher, NoStates, Query};
use offboard::text;

/// A list is read or refused with a reason; what is read adds up and can be looked at.
pub fn list(bytes: &[u8]) {
    match DeviceList::read_bytes("fuzzed", bytes) {
        Ok(list) => devices(&list),
        Err(error) => refused(&error.to_string()),
    }
}

/// The same of a list that is read as the first eight bytes say: container, encoding, delimiter,
/// header and columns are then taken from the operator and not from the text.
pub fn options(bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(8));
    match DeviceList::read_bytes_as("fuzzed", rest, &options_of(first)) {
        Ok(list) => devices(&list),
        Err(error) => refused(&error.to_string()),
    }
}

/// The reading report of any list is safe to show, as text and as JSON, and counts every entry.
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

/// Every row of a list is an entry of an import, and only what one row alone leads to is selected.
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
    // A list joined with itself leads each device to itself or nowhere.
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
        (
            field,
            headers[usize::from(byte(5)) % headers.len()].to_owned(),
        )
    });
    ReadOptions {
        columns: columns.into_iter().collect(),
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
        // Contradicting rows share theirs; none of them is sent.
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

/// A query is parsed or its mistake is pointed at; asking it of a list agrees with its negation.
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
        Matcher::new(&query, &list, &NoStates),
        Query::parse(&format!("-({text})")),
    ) else {
        return;
    };
    let not = Matcher::new(&not, &list, &NoStates).expect("it asks the same");
    for id in list.ids() {
        assert!(!(matcher.matches(id) && not.matches(id)), "{text}");
    }
}

/// An answer of any shape is told apart without a panic, and results map by position or not at
/// all.
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
    assert!(!text::is_deceptive_text(&report.words));
}

/// Untrusted text is safe to show, and as wide as it claims.
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

/// A pasted list is matched entry by entry, and what wasn't matched is not matched again.
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
