//! What must hold for any input, asked by the fuzz targets and, of the corpus, by `cargo test`.

use offboard::device::{Identifier, IdentifyBy};
use offboard::engine::classify::{
    Answer, BODY_LIMIT, Body, CallResult, Element, classify, decode_result,
};
use offboard::import::Import;
use offboard::list::{DeviceList, Field};
use offboard::pacer::RateHeaders;
use offboard::query::{Matcher, NoStates, Query};
use offboard::text;

/// A list is read or refused with a reason; what is read adds up and can be looked at.
pub fn list(bytes: &[u8]) {
    let list = match DeviceList::read_bytes("fuzzed", bytes) {
        Ok(list) => list,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let counts = list.counts();
    assert_eq!(counts.devices + counts.unusable, list.len() as u64);
    let mut repeats = 0;
    for id in list.ids() {
        let device = list.device(id);
        repeats += u64::from(device.repeats());
        for field in Field::ALL {
            let _ = device.text(field);
        }
        if let Some(hwid) = device.hwid() {
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
