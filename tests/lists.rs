//! Lists as other systems write them, with the right answers in `corpus/lists/expected*.json`.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use offboard::domain::device::{Identifier, IdentifyBy};
use offboard::import::{Import, MatchResult};
use offboard::list::{DeviceId, DeviceList, Field};
use offboard::query::{Matcher, NoStatus, Query};
use serde::Deserialize;

/// What is right for a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    note: String,
    hwid: BTreeSet<String>,
    mac: BTreeSet<String>,
    out: usize,
    host: BTreeMap<String, String>,
    seen: BTreeMap<String, usize>,
    user: BTreeMap<String, usize>,
    r#where: BTreeMap<String, usize>,
    ids: Option<(String, String)>,
    refuse: bool,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/lists")
}

fn expectations(file: &str) -> BTreeMap<String, Expected> {
    let text = std::fs::read(folder().join(file)).expect("the expectations");
    serde_json::from_slice(&text).expect("expectations")
}

/// The devices that a query selects and that can be sent, with what is sent of them.
fn planned(list: &DeviceList, query: &str) -> Result<Vec<(DeviceId, Identifier)>, String> {
    let query = Query::parse(query).map_err(|error| error.to_string())?;
    let matcher = Matcher::new(&query, list, &NoStatus).map_err(|error| error.to_string())?;
    let selected = matcher.select().into_iter();
    Ok(selected
        .filter_map(|id| Some((id, list.identify(id, IdentifyBy::Auto).ok()?)))
        .collect())
}

fn count(list: &DeviceList, query: &str) -> Result<usize, String> {
    let query = Query::parse(query).map_err(|error| error.to_string())?;
    let matcher = Matcher::new(&query, list, &NoStatus).map_err(|error| error.to_string())?;
    Ok(matcher.select().len())
}

fn check(file: &str, expected: &Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    let list = match DeviceList::open(&folder().join(file), &mut |_| {}) {
        Ok(list) if list.is_empty() || list.truncation().is_some() => {
            if !expected.refuse {
                wrong.push(format!("refused: {:?}", list.truncation()));
            }
            return wrong;
        }
        Ok(_) if expected.refuse => return vec!["not refused".to_owned()],
        Ok(list) => list,
        Err(error) => {
            if !expected.refuse {
                wrong.push(format!("refused: {error}"));
            }
            return wrong;
        }
    };
    let all = planned(&list, "").expect("everything");
    let sent = |is: fn(&Identifier) -> bool| -> BTreeSet<String> {
        all.iter()
            .filter(|(_, sent)| is(sent))
            .map(|(_, sent)| sent.to_string())
            .collect()
    };
    let mut compare = |what: &str, got: &dyn Debug, want: &dyn Debug| {
        let (got, want) = (format!("{got:?}"), format!("{want:?}"));
        if got != want {
            wrong.push(format!("{what}: {got}, wanted {want}"));
        }
    };
    let hwids = sent(|identifier| matches!(identifier, Identifier::Hwid(_)));
    compare("hwid", &hwids, &expected.hwid);
    let macs = sent(|identifier| matches!(identifier, Identifier::Mac(_)));
    compare("mac", &macs, &expected.mac);
    compare("out", &(list.len() - all.len()), &expected.out);
    for (identifier, name) in &expected.host {
        let found = all.iter().find(|(_, sent)| sent.to_string() == *identifier);
        let got = found.map_or("nothing", |(id, _)| list.device(*id).hostname());
        compare("host", &got, name);
    }
    let right = |devices: &usize| Ok::<_, String>(*devices);
    for (day, devices) in &expected.seen {
        let got = count(&list, &format!("seen={day}"));
        compare(&format!("seen {day}"), &got, &right(devices));
    }
    for (user, devices) in &expected.user {
        let query = match user.as_str() {
            "none" => "user:none".to_owned(),
            user => format!("user:\"{user}\""),
        };
        let got = count(&list, &query);
        compare(&format!("user {user}"), &got, &right(devices));
    }
    for (query, devices) in &expected.r#where {
        let got = planned(&list, query).map(|devices| devices.len());
        compare(&format!("where {query}"), &got, &right(devices));
    }
    if let Some((text, hwid)) = &expected.ids {
        let import = Import::read(text, &list);
        let found = import.entries.iter().find_map(|entry| match &entry.result {
            MatchResult::Matched(id) => list.device(*id).hwid(),
            _ => None,
        });
        compare("ids", &found, &Some(hwid));
    }
    wrong
}

#[test]
fn lists_of_other_systems_are_read_as_expected() {
    let mut wrong = Vec::new();
    for file in ["expected.json", "expected-own.json"] {
        for (name, expected) in expectations(file) {
            for what in check(&name, &expected) {
                wrong.push(format!("{name}: {what}\n    ({})", expected.note));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_list_of_the_corpus_has_an_expectation() {
    let mut known: BTreeSet<String> = expectations("expected.json").into_keys().collect();
    known.extend(expectations("expected-own.json").into_keys());
    let files = std::fs::read_dir(folder()).expect("the corpus");
    for file in files {
        let name = file
            .expect("a file")
            .file_name()
            .to_string_lossy()
            .into_owned();
        assert!(
            known.contains(&name) || name.starts_with("expected"),
            "{name}"
        );
    }
    assert_eq!(Field::from_name("serial"), Some(Field::Serial));
}
