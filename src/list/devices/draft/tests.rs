use super::*;
use proptest::prelude::*;

const HOSTNAME: Meaning = Meaning::Text(Field::Hostname);

fn settled(values: &[(Meaning, &str)]) -> Draft {
    let mut draft = Draft::default();
    for &(meaning, text) in values {
        draft.put(Alias::best(meaning), text);
    }
    draft.finish_row();
    draft
}

#[test]
fn finish_row_prefers_a_hwid_column_to_a_device_id() {
    let draft = settled(&[(Meaning::DeviceId, "ASSET-1"), (Meaning::Hwid, "abc")]);
    assert_eq!(draft.texts[0], "abc");
    let draft = settled(&[(Meaning::DeviceId, "12ds44f5gacd52234")]);
    assert_eq!(draft.texts[0], "12ds44f5gacd52234");
}

#[test]
fn finish_row_uses_the_best_known_device_id() {
    let settled = |ids: [(u16, &str); 2]| {
        let mut draft = Draft::default();
        for (rank, text) in ids {
            let meaning = Meaning::DeviceId;
            draft.put(Alias { meaning, rank }, text);
        }
        draft.finish_row();
        (draft.texts[0].clone(), draft.problem)
    };
    let two = (String::new(), Some(Problem::TwoHwids));
    assert_eq!(settled([(3, "b5"), (0, "a4")]), ("a4".to_owned(), None));
    assert_eq!(settled([(0, "a4"), (3, "b5")]), ("a4".to_owned(), None));
    assert_eq!(settled([(0, "a4"), (0, "a4")]), ("a4".to_owned(), None));
    assert_eq!(settled([(0, "a4"), (0, "b5")]), two);
}

#[test]
fn finish_row_rejects_two_hwids() {
    let same = settled(&[(Meaning::Hwid, "abc"), (Meaning::Hwid, "abc")]);
    assert_eq!(same.problem, None);
    let other = settled(&[(Meaning::Hwid, "abc"), (Meaning::Hwid, "abd")]);
    assert_eq!(other.problem, Some(Problem::TwoHwids));
    assert!(other.texts[0].is_empty());
}

#[test]
fn put_ignores_placeholders_and_truth_values() {
    for word in [
        "N/A", "none", "NULL", "-", "TRUE", "no", "unknown", "00000000",
    ] {
        let draft = settled(&[(Meaning::Hwid, word), (HOSTNAME, "lt-1")]);
        assert_eq!(draft.problem, Some(Problem::Unmatched), "{word}");
    }
    let draft = settled(&[(Meaning::Hwid, "{a1b3}")]);
    assert_eq!(draft.texts[0], "a1b3");
}

#[test]
fn finish_row_uses_the_mac_if_the_hwid_is_rounded_truncated_or_a_placeholder() {
    for (text, fault) in [
        ("9.15624E+15", Problem::Rounded),
        ("a1b3...", Problem::CutOff),
        ("2026-01-05", Problem::DateOrFraction),
        (
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            Problem::PlaceholderHwid,
        ),
        ("0123456789ABCDEF", Problem::PlaceholderHwid),
    ] {
        assert_eq!(settled(&[(Meaning::Hwid, text)]).problem, Some(fault));
        let draft = settled(&[(Meaning::Hwid, text), (Meaning::Mac, "3c:52:82:82:66:42")]);
        assert_eq!((draft.problem, draft.macs.len()), (None, 1));
    }
}

#[test]
fn put_reads_several_labelled_macs() {
    for cell in [
        "Ethernet: 3C-52-82-73-66-33; Wi-Fi: 3C-52-82-74-77-34",
        "3c:52:82:73:66:33 3c:52:82:74:77:34",
        "eth0=3c5282736633,wlan0=3c5282747734",
        "[3c:52:82:73:66:33] (3c:52:82:74:77:34)",
    ] {
        let draft = settled(&[(Meaning::Mac, cell)]);
        assert_eq!(draft.macs.len(), 2, "{cell}");
    }
}

#[test]
fn finish_row_rejects_an_unreadable_mac_without_a_hwid() {
    let problem = |text: &str| settled(&[(Meaning::Mac, text)]).problem;
    assert_eq!(problem("00:0c:29:cd:c7:b2, 00:00:00:00:00:00"), None);
    assert_eq!(
        problem("00:00:00:00:00:00"),
        Some(IdentifierError::ZeroMac.into())
    );
    assert_eq!(
        problem("00:0c:29:cd:c7:b2 3c52828266"),
        Some(IdentifierError::NotAMac.into())
    );
    // A broadcast address is readable: it isn't the one that identifies the device.
    assert_eq!(problem("00:0c:29:cd:c7:b2, ff:ff:ff:ff:ff:ff"), None);
    assert_eq!(problem("00:0c:29:cd:c7:b2, -"), None);
    // An unreadable address counts, wherever it stands.
    assert_eq!(
        problem("3c52828266 ff:ff:ff:ff:ff:ff 00:0c:29:cd:c7:b2"),
        Some(IdentifierError::NotAMac.into())
    );
    // A label isn't an address, and none that is as long as one is a label.
    assert_eq!(problem("Wi-Fi 00:0c:29:cd:c7:b2"), None);
    assert_eq!(problem("abc: 00:0c:29:cd:c7:b2"), None);
    for unreadable in ["1234", "abcdef", "Wi-Fi-Wi-Fi5"] {
        assert_eq!(
            problem(&format!("{unreadable} 00:0c:29:cd:c7:b2")),
            Some(IdentifierError::NotAMac.into()),
            "{unreadable}"
        );
    }
    let draft = settled(&[(Meaning::Hwid, "abc"), (Meaning::Mac, "x")]);
    assert_eq!(draft.problem, None);
}

#[test]
fn put_mac_accepts_256_addresses() {
    let with = |count: usize| {
        let macs: Vec<String> = (0..count)
            .map(|number| format!("3c:52:82:00:{:02x}:{:02x}", number / 256, number % 256))
            .collect();
        settled(&[(Meaning::Mac, &macs.join(" "))]).problem
    };
    assert_eq!(with(256), None);
    assert_eq!(with(257), Some(Problem::TooManyMacs));
}

#[test]
fn finish_row_joins_first_and_last_name() {
    let user = |first, last| {
        let draft = settled(&[(Meaning::FirstName, first), (Meaning::LastName, last)]);
        values::first(&draft.texts[3]).to_owned()
    };
    assert_eq!(user("Ann", "Lee"), "Ann Lee");
    assert_eq!(user("", "Lee"), "Lee");
    assert_eq!(user("#N/A", "Lee"), "Lee");
    assert_eq!(user("", ""), "");
}

#[test]
fn put_shows_the_first_of_values_of_one_rank() {
    let draft = settled(&[(HOSTNAME, "lt-1"), (HOSTNAME, "lt-2")]);
    assert_eq!(values::first(&draft.texts[1]), "lt-1");
}

#[test]
fn merge_names_the_numbers_and_dates_that_differ() {
    let row = |issues: &str, enrolled: u32| {
        let mut row = settled(&[(Meaning::Issues, issues)]);
        row.enrolled = Seconds(enrolled);
        row
    };
    let merged = |one: (&str, u32), other: (&str, u32)| {
        let mut merged = row(one.0, one.1);
        let differing = merged.merge(&row(other.0, other.1));
        let differs = [Field::Issues, Field::Enrolled].map(|field| differing.has(field));
        (merged.issues, merged.enrolled, differs)
    };
    let day = Seconds(1_700_000_000);
    let seconds = 1_700_000_000;
    assert_eq!(
        merged(("4", seconds), ("4", seconds)),
        (Some(4), day, [false, false])
    );
    assert_eq!(
        merged(("4", seconds), ("5", seconds + 1)),
        (Some(4), day, [true, true])
    );
    assert_eq!(
        merged(("4", seconds), ("", 0)),
        (Some(4), day, [false, false])
    );
    assert_eq!(
        merged(("", 0), ("4", seconds)),
        (Some(4), day, [false, false])
    );
}

#[test]
fn put_stores_all_values_and_shows_the_best_known() {
    let long = "x".repeat(65_536);
    let draft = settled(&[(Meaning::Hwid, &long), (Meaning::Text(Field::User), &long)]);
    assert_eq!(draft.problem, Some(IdentifierError::HwidTooLong.into()));
    assert_eq!(draft.texts[3].len(), long.len());
    let mut draft = Draft::default();
    draft.put(
        Alias {
            meaning: HOSTNAME,
            rank: 7,
        },
        "lt-1.corp.example",
    );
    draft.put(
        Alias {
            meaning: HOSTNAME,
            rank: 2,
        },
        "LT-1",
    );
    assert_eq!(values::first(&draft.texts[1]), "LT-1");
    assert_eq!(values::all(&draft.texts[1]).count(), 2);
    for (rank, name) in [(3, "Bob"), (0, "Ann")] {
        let meaning = Meaning::Person;
        draft.put(Alias { meaning, rank }, name);
    }
    assert_eq!(draft.text(Field::User), "Ann");
}

#[test]
fn put_no_text_makes_a_row_without_another_identifier_unusable() {
    for (meaning, problem) in [
        (Meaning::DeviceId, Problem::HwidNotText),
        (Meaning::Mac, IdentifierError::NotAMac.into()),
        (Meaning::Unusable, Problem::Marked),
    ] {
        let mut draft = Draft::default();
        draft.put_no_text(meaning);
        draft.finish_row();
        assert_eq!(draft.problem, Some(problem), "{meaning:?}");
    }
}

#[test]
fn finish_row_appends_the_os_version_once() {
    let os = |name, version| {
        let draft = settled(&[
            (Meaning::Text(Field::Os), name),
            (Meaning::OsVersion, version),
        ]);
        values::first(&draft.texts[7]).to_owned()
    };
    assert_eq!(os("Ubuntu", "22.04"), "Ubuntu 22.04");
    assert_eq!(os("Ubuntu 22.04", "22.04"), "Ubuntu 22.04");
}

#[test]
fn put_date_keeps_the_newest_or_an_unreadable_date() {
    let horizon = Seconds(2_000_000_000);
    let mut draft = Draft::default();
    let column = ColumnId::from_number(0);
    for seconds in [1_700_000_000, 1_790_000_000, 1_750_000_000] {
        draft.put_date(column, Meaning::Seen, Date::At(Seconds(seconds)), horizon);
    }
    assert_eq!(draft.seen, Seconds(1_790_000_000));
    let note = draft.put_date(
        column,
        Meaning::Seen,
        Date::At(Seconds(2_000_000_001)),
        horizon,
    );
    assert_eq!((note, draft.seen), (DateNote::Future, Seconds::UNREADABLE));
    let mut put = |meaning, seconds| draft.put_date(column, meaning, Date::At(seconds), horizon);
    put(Meaning::Enrolled, Seconds(1_700_000_000));
    assert_eq!(put(Meaning::Enrolled, horizon), DateNote::Fine);
    assert_eq!(
        draft.enrolled,
        Seconds(1_700_000_000),
        "the first of two columns"
    );
}

/// What a row may say.
fn values() -> impl Strategy<Value = Vec<(Meaning, String)>> {
    let texts = [
        Field::Hostname,
        Field::Serial,
        Field::User,
        Field::Group,
        Field::Os,
    ]
    .map(Meaning::Text);
    let value = prop_oneof![
        (Just(Meaning::Hwid), "[ab][1-3]|N/A|a/1|9E\\+15|x\\.\\.\\."),
        (Just(Meaning::DeviceId), "[ab][1-3]|none"),
        (
            Just(Meaning::Mac),
            "(3c:52:82:00:00:0[1-4] ?){0,3}|ff:ff:ff:ff:ff:ff|x|-"
        ),
        (
            proptest::sample::select(texts.to_vec()),
            "[a-c]{1,2}|unknown"
        ),
        (Just(Meaning::Issues), "[0-9]{1,2}"),
        (Just(Meaning::OsVersion), "1[01]"),
        (Just(Meaning::Person), "[a-c]{1,2}"),
    ];
    proptest::collection::vec(value, 0..8)
}

fn draft(values: &[(Meaning, String)]) -> Draft {
    let values: Vec<_> = values
        .iter()
        .map(|(meaning, text)| (*meaning, text.as_str()))
        .collect();
    settled(&values)
}

/// What a draft says, without the order of its values.
fn said(draft: &Draft) -> (Vec<Vec<&str>>, Vec<MacAddress>) {
    let sorted = |text| {
        let mut all: Vec<&str> = values::all(text).collect();
        all.sort_unstable();
        all
    };
    let mut macs = draft.macs.clone();
    macs.sort_unstable_by_key(|mac| mac.octets());
    (draft.texts.iter().map(|text| sorted(text)).collect(), macs)
}

proptest! {
    #[test]
    fn finish_row_finds_an_identifier_or_a_problem(values in values()) {
        let draft = draft(&values);
        let hwid = draft.texts[0].as_str();
        prop_assert!(hwid.is_empty() || Hwid::parse(hwid).is_ok_and(|parsed| parsed.as_str() == hwid));
        prop_assert!(draft.problem.is_some() || !hwid.is_empty() || !draft.macs.is_empty());
        prop_assert!(draft.problem.is_none() || hwid.is_empty(), "nothing of it is sent");
        let named: Vec<&str> = values.iter()
            .filter(|(meaning, text)| *meaning == Meaning::Hwid && cells::identifier(text).is_some())
            .map(|(_, text)| text.as_str())
            .collect();
        let claimed: Vec<&str> = draft.claimed_hwids().collect();
        prop_assert!(named.iter().all(|hwid| claimed.contains(hwid)), "{claimed:?}");
        for (meaning, text) in &values {
            let Meaning::Text(field) = meaning else { continue };
            let slot = field.text_slot().expect("a text");
            let is_kept = values::all(&draft.texts[slot]).any(|kept| kept == text);
            prop_assert!(is_kept || cells::is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn order_of_values_only_affects_the_shown_value(
        (values, shuffled) in values().prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle())),
    ) {
        // The version follows the shown name of the operating system.
        prop_assume!(values.iter().filter(|(meaning, _)| *meaning == Meaning::Text(Field::Os)).count() < 2);
        prop_assume!(values.iter().filter(|(meaning, _)| *meaning == Meaning::OsVersion).count() < 2);
        let (one, other) = (draft(&values), draft(&shuffled));
        prop_assert_eq!(said(&one), said(&other));
        prop_assert_eq!(one.problem.is_some(), other.problem.is_some());
    }

    #[test]
    fn merge_keeps_the_values_of_both_rows(one in values(), other in values()) {
        let (mut merged, later) = (draft(&one), draft(&other));
        let earlier = draft(&one);
        let differing = merged.merge(&later);
        for row in [&earlier, &later] {
            let ((texts, macs), (all_texts, all_macs)) = (said(row), said(&merged));
            prop_assert!(texts.iter().zip(&all_texts).all(|(some, all)| some.iter().all(|text| all.contains(text))));
            prop_assert!(macs.iter().all(|mac| all_macs.contains(mac)));
        }
        for field in TEXT_FIELDS {
            let text = |draft: &Draft| draft.texts[field.text_slot().expect("a text")].clone();
            let (earlier, later) = (text(&earlier), text(&later));
            let differ = !earlier.is_empty() && !later.is_empty() && !earlier.eq_ignore_ascii_case(&later);
            prop_assert_eq!(differing.has(field), differ);
        }
        let before = (said(&merged).0.len(), format!("{merged:?}"));
        let again = draft(&other);
        merged.merge(&again);
        prop_assert_eq!((said(&merged).0.len(), format!("{merged:?}")), before, "a row says nothing new twice");
    }

    #[test]
    fn clear_resets_the_draft(first in values(), second in values()) {
        let mut reused = draft(&first);
        reused.put_column(ColumnId::from_number(3), "x");
        reused.clear();
        for (meaning, text) in &second {
            reused.put(Alias::best(*meaning), text);
        }
        reused.finish_row();
        let new = draft(&second);
        prop_assert_eq!((said(&reused), reused.problem, reused.issues), (said(&new), new.problem, new.issues));
        prop_assert!(reused.others().is_empty());
    }
}
