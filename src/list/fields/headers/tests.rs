use super::*;
use proptest::prelude::*;

fn meaning(name: &str) -> Option<Meaning> {
    alias(&normalise(name)).map(|alias| alias.meaning)
}

#[test]
fn every_name_of_headers_toml_has_a_meaning() {
    for (name, (key, _)) in &data::ALIASES {
        assert!(Meaning::from_key(key).is_some(), "{name}: {key}");
    }
    for system in data::SYSTEMS {
        for (name, key) in system.columns {
            let is_known = *key == "other" || Meaning::from_key(key).is_some();
            assert!(is_known, "{}, {name}: {key}", system.name);
        }
    }
    assert!(data::ALIASES.len() > 500 && data::SYSTEMS.len() > 25);
}

#[test]
fn normalise_ignores_case_punctuation_and_unicode_form() {
    for (name, wanted) in [
        ("Device ID", Meaning::DeviceId),
        ("HWID", Meaning::Hwid),
        ("Hardware-ID", Meaning::Hwid),
        ("MAC Address", Meaning::Mac),
        ("mac_address_2", Meaning::Mac),
        ("Host Name", Meaning::Text(Field::Hostname)),
        ("ＨＯＳＴＮＡＭＥ", Meaning::Text(Field::Hostname)),
        ("Gera\u{308}tename", Meaning::Text(Field::Hostname)),
        ("MACアドレス", Meaning::Mac),
        ("Last Seen", Meaning::Seen),
        ("offboard_csv", Meaning::Marker),
        ("offboard_unusable", Meaning::Unusable),
    ] {
        assert_eq!(meaning(name), Some(wanted), "{name}");
    }
    assert_eq!(meaning("colour"), None);
    assert_eq!(meaning(&"m".repeat(99)), None);
}

#[test]
fn alias_knows_names_and_headings_of_fields() {
    for field in Field::ALL {
        for name in [field.name(), field.heading()] {
            let read = meaning(name).and_then(Meaning::field);
            assert_eq!(read, Some(field), "{name}");
        }
    }
}

#[test]
fn numbered_name_ranks_behind_the_one_without_a_number() {
    let rank = |name| alias(name).map(|alias| alias.rank);
    let plain = rank("hostname").expect("a known name");
    assert_eq!(rank("hostname2"), Some(plain + NUMBERED_RANK));
}

#[test]
fn block_alias_depends_on_the_block() {
    let of = |block, name: &str| alias_in(block, name).map(|alias| alias.meaning);
    assert_eq!(of(JsonParent::Os, "name"), Some(Meaning::Text(Field::Os)));
    assert_eq!(
        of(JsonParent::Group, "name"),
        Some(Meaning::Text(Field::Group))
    );
    assert_eq!(
        of(JsonParent::User, "name"),
        Some(Meaning::Text(Field::User))
    );
    assert_eq!(of(JsonParent::Network, "macaddr"), Some(Meaning::Mac));
    assert_eq!(of(JsonParent::Unknown, "hwid"), None);
}

#[test]
fn system_is_recognised_by_its_headers() {
    let names = |names: &[&str]| names.iter().map(|name| normalise(name)).collect();
    let intune = [
        "Device ID",
        "Device name",
        "Managed by",
        "Ownership",
        "Compliance",
        "OS",
        "Last check-in",
        "Primary user UPN",
        "Wi-Fi MAC",
        "Serial number",
    ];
    let system = recognise(&names(&intune), &HashSet::new()).expect("Intune");
    assert!(system.name.contains("Intune") && !system.own);
    assert!(system.is_foreign_id("deviceid"));
    assert!(recognise(&names(&["Hostname", "HWID"]), &HashSet::new()).is_none());
}

fn known_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = data::ALIASES.keys().copied().collect();
    names.sort_unstable();
    names
}

/// Each signature with the place of its system.
fn signatures() -> Vec<(usize, Vec<&'static str>)> {
    let mut signatures = Vec::new();
    for (first, with_first) in &data::SIGNATURES {
        for (system, others) in *with_first {
            let names = std::iter::once(first).chain(*others).copied().collect();
            signatures.push((*system, names));
        }
    }
    signatures.sort_unstable();
    signatures
}

#[test]
fn keys_around_the_rows_are_enough_to_recognise_a_system() {
    for (&key, &system) in &data::ENVELOPES {
        let recognised = recognise(&HashSet::new(), &HashSet::from([key.to_owned()]));
        let name = recognised.map(|system| system.name);
        assert_eq!(name, Some(data::SYSTEMS[system].name), "{key}");
    }
}

#[test]
fn normalise_composes_marks_of_letters_without_a_capital() {
    assert_eq!(normalise("T\u{308}"), "ẗ");
    assert_eq!(normalise("t\u{308}"), "ẗ");
}

proptest! {
    #[test]
    fn normalise_is_idempotent(name in any::<String>(), close in "[ -~äÄßéｱ①Ａ\u{308}]{0,12}") {
        let marks = "\u{1e008}🌀\u{5b0}".to_owned();
        for name in [name, close, marks] {
            let once = normalise(&name);
            prop_assert_eq!(&normalise(&once), &once);
            prop_assert!(once.chars().all(char::is_alphanumeric));
            prop_assert_eq!(normalise(&name.to_ascii_uppercase()), once);
        }
    }

    #[test]
    fn alias_accepts_every_notation_of_a_name(
        name in proptest::sample::select(known_names()),
        sign in proptest::sample::select(vec!["", " ", "_", "-", ".", " (", "\u{a0}", "\u{200b}"]),
        upper: bool,
        number in 2_u8..20,
    ) {
        let spelled: String = name.chars().flat_map(|letter| std::iter::once(letter).chain(sign.chars())).collect();
        let spelled = if upper { spelled.to_ascii_uppercase() } else { spelled };
        let found = alias(&normalise(&spelled));
        prop_assert_eq!(found, alias(name), "{}", spelled);
        let found = found.expect("a known name");
        // Of a name that ends with digits (`IPv4`) it is unknown which of them count.
        prop_assume!(!name.ends_with(|last: char| last.is_ascii_digit()));
        // A number behind a name counts columns; of a device ID it may be another ID.
        match alias(&normalise(&format!("{spelled} {number}"))) {
            Some(numbered) => prop_assert_eq!(numbered.meaning, found.meaning),
            None => prop_assert_eq!(found.meaning, Meaning::DeviceId),
        }
    }

    #[test]
    fn system_is_recognised_among_other_columns(
        at in any::<[prop::sample::Index; 2]>(),
        others in proptest::collection::hash_set("[a-z]{1,8}", 0..6),
    ) {
        let signatures = signatures();
        // Of two systems whose names are there, the first one wins.
        let both = at.iter().flat_map(|at| &at.get(&signatures).1);
        let names: HashSet<String> = both.map(|&name| name.to_owned()).chain(others).collect();
        let system = recognise(&names, &HashSet::new()).expect("a system");
        let whole = signatures.iter().filter(|(_, signature)| signature.iter().all(|name| names.contains(*name)));
        let first = whole.map(|(system, _)| *system).min().expect("a system");
        prop_assert!(std::ptr::eq(system, &raw const data::SYSTEMS[first]), "{}", system.name);
    }
}
