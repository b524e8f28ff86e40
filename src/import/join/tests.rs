use super::*;
use proptest::prelude::*;

const INVENTORY: &str = "hwid,mac,serial,hostname,nickname,user,last seen\n\
    h0,00:0c:29:00:00:01,PF-0001,lt-1.corp.example,Front Desk,CORP\\ada,2026-01-01T00:00:00Z\n\
    h1,00:0c:29:00:00:02,PF-0002,LT-2,,CORP\\bob,2026-02-01T00:00:00Z\n\
    h2,00:05:9a:3c:7a:00,PF-0002,localhost,,bob@corp.example,2026-03-01T00:00:00Z\n\
    h3,00:0c:29:00:00:02,To be filled by O.E.M.,DESKTOP,Front Desk,LAB\\eve,2026-04-01T00:00:00Z\n\
    h4,,,lt-1.lab.example,Counter,CORP\\eve,\n";

fn list(text: &str) -> DeviceList {
    DeviceList::read_bytes("inventory.csv", text.as_bytes()).expect("a list")
}

fn found_in(inventory: &DeviceList, clues: &LookupValues) -> String {
    let join = Join::over(inventory, std::iter::once(clues.clone()));
    let places = |ids: &[DeviceId]| -> Vec<usize> { ids.iter().map(|id| id.index()).collect() };
    match join.find(clues) {
        JoinResult::Nothing => "nothing".to_owned(),
        JoinResult::One(rule, id) => format!("{} {rule}", id.index()),
        JoinResult::Ambiguous(rule, ids) => format!("{:?} {rule}", places(&ids)),
        JoinResult::Account(ids) => format!("all of {:?}", places(&ids)),
    }
}

fn found(clues: &LookupValues) -> String {
    found_in(&list(INVENTORY), clues)
}

fn macs(texts: &[&str]) -> Vec<MacAddress> {
    let parsed = texts.iter().map(|text| MacAddress::parse(text));
    parsed.map(|mac| mac.expect("a MAC")).collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn find_prefers_the_hwid_and_ignores_its_case() {
    let clues = LookupValues {
        hwid: Some("H0".to_owned()),
        macs: macs(&["00:0c:29:00:00:02"]),
        ..LookupValues::default()
    };
    assert_eq!(found(&clues), "0 by HWID");
    let unknown = LookupValues {
        hwid: Some("h9".to_owned()),
        ..clues
    };
    assert_eq!(found(&unknown), "[3, 1] by MAC");
}

#[test]
fn find_matches_any_mac_but_known_constants() {
    let of = |texts: &[&str]| {
        found(&LookupValues {
            macs: macs(texts),
            ..LookupValues::default()
        })
    };
    assert_eq!(of(&["00:0c:29:00:00:99", "00:0c:29:00:00:01"]), "0 by MAC");
    assert_eq!(
        of(&["00:0c:29:00:00:01", "00:0c:29:00:00:02"]),
        "[3, 1, 0] by MAC"
    );
    assert_eq!(of(&["00:05:9a:3c:7a:00"]), "nothing");
}

#[test]
fn find_ignores_case_and_placeholders_of_serials() {
    let of = |serials: &[&str]| {
        found(&LookupValues {
            serials: texts(serials),
            ..LookupValues::default()
        })
    };
    assert_eq!(of(&["pf-0001"]), "0 by serial");
    assert_eq!(of(&["PF-0002"]), "[2, 1] by serial");
    assert_eq!(of(&["To be filled by O.E.M."]), "nothing");
}

#[test]
fn find_compares_hostnames_with_and_without_domain() {
    let of = |names: &[&str]| {
        found(&LookupValues {
            hostnames: texts(names),
            ..LookupValues::default()
        })
    };
    assert_eq!(of(&["LT-1.CORP.example"]), "0 by hostname");
    assert_eq!(of(&["lt-2.corp.example."]), "1 by hostname");
    assert_eq!(of(&["lt-1"]), "[0, 4] by hostname");
    assert_eq!(of(&["lt-1.other.example"]), "nothing");
    assert_eq!(of(&["localhost", "DESKTOP", "unknown"]), "nothing");
}

#[test]
fn find_tries_nicknames_after_hostnames() {
    let of = |hostname: &str, nickname: &str| {
        found(&LookupValues {
            hostnames: texts(&[hostname]),
            nicknames: texts(&[nickname]),
            ..LookupValues::default()
        })
    };
    assert_eq!(of("LT-2", "counter"), "1 by hostname");
    assert_eq!(of("LT-9", "counter"), "4 by nickname");
    assert_eq!(of("LT-9", "front desk"), "[3, 0] by nickname");
}

#[test]
fn find_matches_accounts_and_separates_domains() {
    let of = |users: &[&str]| {
        found(&LookupValues {
            users: texts(users),
            ..LookupValues::default()
        })
    };
    for ada in ["ada", "CORP\\Ada", "ADA@elsewhere.example"] {
        assert_eq!(of(&[ada]), "0 by user", "{ada}");
    }
    assert_eq!(of(&["bob@corp.example"]), "all of [2, 1]");
    assert_eq!(of(&["eve"]), "[3, 4] by user");
    assert_eq!(of(&["eve@elsewhere.example"]), "[3, 4] by user");
    assert_eq!(of(&["lab\\eve"]), "3 by user");
    assert_eq!(of(&["eve@corp.example"]), "4 by user");
    assert_eq!(of(&["mallory@corp.example"]), "nothing");
}

#[test]
fn find_compares_a_word_with_users_as_written() {
    let inventory = list("hwid,user\nh0,CORP\\ada\nh1,bob\n");
    let of = |user: &str| {
        let clues = LookupValues {
            users: texts(&[user]),
            is_of_any_kind: false,
            users_as_written: true,
            ..LookupValues::default()
        };
        found_in(&inventory, &clues)
    };
    assert_eq!(of("ada"), "nothing");
    assert_eq!(of("BOB"), "1 by user");
    assert_eq!(of("ada@corp.example"), "0 by user");
}

#[test]
fn find_accepts_a_display_name_of_one_account() {
    let inventory = list(
        "{\"hwid\":\"h0\",\"user\":[\"Ada Lovelace\",\"CORP\\\\al\"]}\n\
         {\"hwid\":\"h1\",\"user\":[\"Ada Lovelace\",\"al@corp.example\"]}\n\
         {\"hwid\":\"h2\",\"user\":[\"Bob Ross\",\"bob\"]}\n\
         {\"hwid\":\"h3\",\"user\":[\"Bob Ross\",\"ross\"]}\n\
         {\"hwid\":\"h4\",\"user\":\"Eve Doe\"}\n",
    );
    let of = |users: &[&str]| {
        let clues = LookupValues {
            users: texts(users),
            ..LookupValues::default()
        };
        found_in(&inventory, &clues)
    };
    assert_eq!(of(&["ada  lovelace"]), "all of [0, 1]");
    assert_eq!(of(&["Bob Ross"]), "[2, 3] by user");
    assert_eq!(of(&["Eve Doe"]), "[4] by user", "there is no account");
    assert_eq!(of(&["Bob Ross", "ross@corp.example"]), "3 by user");
}

proptest! {
    #[test]
    fn find_never_panics(text in "\\PC{0,20}", as_written: bool) {
        let clues = LookupValues {
            hwid: Some(text.clone()),
            macs: macs(&["00:0c:29:00:00:77"]),
            serials: vec![text.clone()],
            hostnames: vec![text.clone()],
            nicknames: vec![text.clone()],
            users: vec![text],
            users_as_written: as_written,
            is_of_any_kind: as_written,
        };
        let _ = found(&clues);
    }

    #[test]
    fn find_returns_each_device_for_its_hwid(index in 0_usize..5) {
        let clues = LookupValues { hwid: Some(format!("h{index}")), ..LookupValues::default() };
        prop_assert_eq!(found(&clues), format!("{index} by HWID"));
    }
}
