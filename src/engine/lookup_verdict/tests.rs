use super::*;
use crate::domain::outcome::Doubt;

const DOUBT: Outcome = Outcome::InDoubt(Doubt::NoAnswer);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
}

fn question(action: Action) -> Question {
    Question {
        action,
        hwid: Some(Hwid::parse("12ds44f5").expect("an HWID")),
        intent: at(0),
        deadline: at(60),
    }
}

fn present(hwid: &str, enrolled: Option<i64>) -> Seen {
    Seen::Present(Presence {
        hwid: Some(hwid.to_owned()),
        hostname: "LT-4411".to_owned(),
        last_seen: Some(at(-5000)),
        enrolled: enrolled.map(at),
    })
}

fn conclude(action: Action, seen: Seen, seconds: i64) -> Outcome {
    let finding = Finding {
        at: at(seconds),
        seen,
    };
    question(action).conclude(DOUBT, &finding)
}

#[test]
fn an_absent_record_is_gone() {
    for action in Action::ALL {
        assert_eq!(conclude(action, Seen::Absent, 61), Outcome::Gone);
    }
}

#[test]
fn a_record_still_there_failed_only_where_nothing_else_is_left() {
    let still = Outcome::Failed(Failure::StillThere);
    let old = || present("12ds44f5", Some(-1));
    assert_eq!(conclude(Action::Remove, old(), 660), still);
    assert_eq!(conclude(Action::Remove, old(), 659), DOUBT, "too early");
    assert_eq!(conclude(Action::Archive, old(), 9000), DOUBT);
    assert_eq!(conclude(Action::Uninstall, old(), 9000), DOUBT);
    let other = present("another", Some(-1));
    assert_eq!(conclude(Action::Remove, other, 9000), DOUBT);
    let enrolled_again = present("12ds44f5", Some(0));
    assert_eq!(conclude(Action::Remove, enrolled_again, 9000), DOUBT);
    let unknown = present("12ds44f5", None);
    assert_eq!(conclude(Action::Remove, unknown, 9000), DOUBT);
}

#[test]
fn a_definite_outcome_stays() {
    let finding = Finding {
        at: at(9000),
        seen: Seen::Absent,
    };
    for outcome in [
        Outcome::Accepted,
        Outcome::Gone,
        Outcome::Failed(Failure::NotFound),
    ] {
        let question = question(Action::Remove);
        assert_eq!(question.conclude(outcome, &finding), outcome);
    }
}

#[test]
fn what_was_seen_is_told_in_words() {
    let there = present("12ds44f5", None);
    assert_eq!(
        there.about(DOUBT, None),
        "there, as LT-4411, last seen 2023-11-14 20:50 UTC: came back, or never removed"
    );
    assert_eq!(
        Seen::Absent.about(Outcome::Failed(Failure::NotFound), None),
        "not in this tenant"
    );
    let confirmed = Hwid::parse("cd7323a6").expect("an HWID");
    assert_eq!(
        there.about(DOUBT, Some(&confirmed)),
        "another device is there, as LT-4411, last seen 2023-11-14 20:50 UTC"
    );
    assert_eq!(there.sighting(Some(&confirmed)), LookupVerdict::Another);
}

const MAC: &str = "00:0c:29:cd:c7:b2";

fn device(sent: &Identifier, hwid: Option<&str>, macs: &[&str]) -> PlannedDevice {
    let mac = |text: &&str| crate::domain::device::MacAddress::parse(text).expect("a MAC");
    PlannedDevice {
        hwid: hwid.map(|hwid| Hwid::parse(hwid).expect("an HWID")),
        macs: macs.iter().map(mac).collect(),
        hostname: "lt-4411".to_owned(),
        ..PlannedDevice::bare(sent.clone())
    }
}

fn hwid(text: &str) -> Identifier {
    Identifier::Hwid(Hwid::parse(text).expect("an HWID"))
}

fn mac(text: &str) -> Identifier {
    Identifier::Mac(crate::domain::device::MacAddress::parse(text).expect("a MAC"))
}

#[test]
fn the_other_identifier_is_the_only_mac_or_the_hwid() {
    let other = |device: &PlannedDevice| LookupKey::AlternateIdentifier.identifier(device);
    let one = device(&hwid("h1"), Some("h1"), &[MAC]);
    assert_eq!(other(&one), Some(mac(MAC)));
    let two = device(&hwid("h1"), Some("h1"), &[MAC, "00:0c:29:cd:c7:b3"]);
    assert_eq!(other(&two), None, "which of them?");
    let none = device(&hwid("h1"), Some("h1"), &[]);
    assert_eq!(other(&none), None);
    let by_mac = device(&mac(MAC), Some("h1"), &[MAC]);
    assert_eq!(other(&by_mac), Some(hwid("h1")));
    let without = device(&mac(MAC), None, &[MAC]);
    assert_eq!(other(&without), Some(mac(MAC)), "its answer names the HWID");
    assert_eq!(LookupKey::SentIdentifier.identifier(&one), Some(hwid("h1")));
}

#[test]
fn only_the_same_device_is_offered_by_its_other_identifier() {
    let offer = |device: &PlannedDevice, seen: &Seen| {
        let finding = Finding {
            at: at(0),
            seen: seen.clone(),
        };
        super::offer(device, &finding)
    };
    let one = device(&hwid("h1"), Some("h1"), &[MAC]);
    assert_eq!(offer(&one, &present("h1", None)), Ok(mac(MAC)));
    assert_eq!(
        offer(&one, &present("h2", None)),
        Err("this MAC now belongs to LT-4411, seen today".to_owned())
    );
    let long_ago = Finding {
        at: at(86_400 * 40),
        seen: present("h2", None),
    };
    assert_eq!(
        super::offer(&one, &long_ago),
        Err("this MAC now belongs to LT-4411, last seen 2023-11-14".to_owned())
    );
    assert!(offer(&one, &Seen::Absent).is_err());
    let by_mac = device(&mac(MAC), Some("h1"), &[MAC]);
    assert_eq!(offer(&by_mac, &present("h1", None)), Ok(hwid("h1")));
    let without = device(&mac(MAC), None, &[MAC]);
    assert_eq!(offer(&without, &present("h7", None)), Ok(hwid("h7")));
    let renamed = PlannedDevice {
        hostname: "LT-0001".to_owned(),
        ..without.clone()
    };
    assert!(offer(&renamed, &present("h7", None)).is_err());
    let nameless = PlannedDevice {
        hostname: String::new(),
        ..without
    };
    assert!(offer(&nameless, &present("h7", None)).is_err());
}
