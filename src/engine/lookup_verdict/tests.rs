use super::*;
use crate::domain::outcome::Doubt;

const DOUBT: Outcome = Outcome::InDoubt(Doubt::NoAnswer);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
}

fn question(action: Action) -> LookupQuestion {
    LookupQuestion {
        action,
        hwid: Some(Hwid::parse("12ds44f5").expect("an HWID")),
        attempt: Attempt {
            intent: at(0),
            intent_boot: Some(BootTime(1_000_000)),
            lasted: Duration::from_secs(60),
        },
    }
}

/// The moment so many seconds after the intent, by all clocks alike.
fn answered(seconds: i64) -> AnsweredAt {
    AnsweredAt {
        now: Now {
            wall: at(seconds),
            boot: BootTime(1_000_000 + seconds * 1000),
        },
        server: Some(at(seconds)),
    }
}

fn present(hwid: &str, enrolled: Option<i64>) -> LookupAnswer {
    LookupAnswer::Present(Presence {
        hwid: Some(hwid.to_owned()),
        hostname: "LT-4411".to_owned(),
        last_seen: Some(at(-5000)),
        enrolled: enrolled.map(at),
    })
}

fn conclude(action: Action, seen: &LookupAnswer, seconds: i64) -> Outcome {
    question(action).conclude(DOUBT, seen, answered(seconds))
}

#[test]
fn answer_is_of_the_device_that_was_asked_for_only_if_it_names_it() {
    let hwid = Identifier::Hwid(Hwid::parse("12ds44f5").expect("an HWID"));
    let mac = Identifier::parse(IdentifierKind::Mac, "00:0c:29:11:22:33").expect("a MAC");
    let unnamed = LookupAnswer::Present(Presence::default());
    assert!(present("12DS44F5", None).is_of(&hwid));
    assert!(present("another", None).is_of(&mac));
    assert!(!unnamed.is_of(&hwid));
    assert!(!present("another", None).is_of(&hwid));
    assert!(!LookupAnswer::Absent.is_of(&hwid));
}

#[test]
fn absent_record_is_gone() {
    for action in Action::ALL {
        assert_eq!(conclude(action, &LookupAnswer::Absent, 61), Outcome::Gone);
    }
}

#[test]
fn record_still_there_failed_only_where_nothing_else_is_left() {
    let still = Outcome::Failed(Failure::StillThere);
    let old = || present("12ds44f5", Some(-1));
    assert_eq!(conclude(Action::Remove, &old(), 660), still);
    let other_case = present("12DS44F5", Some(-1));
    assert_eq!(conclude(Action::Remove, &other_case, 660), still);
    assert_eq!(conclude(Action::Remove, &old(), 659), DOUBT, "too early");
    assert_eq!(conclude(Action::Archive, &old(), 9000), DOUBT);
    assert_eq!(conclude(Action::Uninstall, &old(), 9000), DOUBT);
    let other = present("another", Some(-1));
    assert_eq!(conclude(Action::Remove, &other, 9000), DOUBT);
    let enrolled_again = present("12ds44f5", Some(0));
    assert_eq!(conclude(Action::Remove, &enrolled_again, 9000), DOUBT);
    let unknown = present("12ds44f5", None);
    assert_eq!(conclude(Action::Remove, &unknown, 9000), DOUBT);
}

#[test]
fn clock_that_jumped_or_is_wrong_makes_no_outcome_definite_too_early() {
    let wall = |seconds, at: AnsweredAt| AnsweredAt {
        now: Now {
            wall: self::at(seconds),
            ..at.now
        },
        ..at
    };
    let boot = |seconds: i64, at: AnsweredAt| AnsweredAt {
        now: Now {
            boot: BootTime(1_000_000 + seconds * 1000),
            ..at.now
        },
        ..at
    };
    let server = |server: Option<i64>, at| AnsweredAt {
        server: server.map(self::at),
        ..at
    };
    let late = answered(700);
    let cases = [
        ("all clocks agree", Some(1_000_000), late, Some(-1), true),
        (
            "the wall clock jumped ahead",
            Some(1_000_000),
            wall(700, answered(90)),
            Some(-1),
            false,
        ),
        (
            "the same after a reboot",
            None,
            wall(700, server(Some(90), late)),
            Some(-1),
            false,
        ),
        (
            "the boot time alone is early",
            Some(1_000_000),
            boot(90, late),
            Some(-1),
            false,
        ),
        (
            "without the server's clock",
            Some(1_000_000),
            server(None, late),
            Some(-1),
            false,
        ),
        (
            "the same, enrolled long before",
            Some(1_000_000),
            server(None, late),
            Some(-601),
            true,
        ),
        // This host is 500 s ahead: by the server's clock the intent was at -500.
        (
            "enrolled after the intent by the server",
            None,
            server(Some(1500), wall(2000, late)),
            Some(-300),
            false,
        ),
        (
            "enrolled before it",
            None,
            server(Some(1500), wall(2000, late)),
            Some(-501),
            true,
        ),
        (
            "this host is behind",
            None,
            server(Some(2500), wall(2000, late)),
            Some(-1),
            true,
        ),
    ];
    for (name, intent_boot, at, enrolled, is_definite) in cases {
        let mut question = question(Action::Remove);
        question.attempt.intent_boot = intent_boot.map(BootTime);
        let outcome = question.conclude(DOUBT, &present("12ds44f5", enrolled), at);
        assert_eq!(outcome != DOUBT, is_definite, "{name}");
    }
}

#[test]
fn definite_outcome_stays() {
    for outcome in [
        Outcome::Accepted,
        Outcome::Gone,
        Outcome::Failed(Failure::NotFound),
    ] {
        let question = question(Action::Remove);
        let after = question.conclude(outcome, &LookupAnswer::Absent, answered(9000));
        assert_eq!(after, outcome);
    }
}

#[test]
fn sighting_is_told_in_words() {
    let there = present("12ds44f5", None);
    assert_eq!(
        there.about(DOUBT, None),
        "there, as LT-4411, last seen 2023-11-14 20:50 UTC: came back, or never removed"
    );
    assert_eq!(
        LookupAnswer::Absent.about(Outcome::Failed(Failure::NotFound), None),
        "not in this tenant"
    );
    let confirmed = Hwid::parse("cd7323a6").expect("an HWID");
    assert_eq!(
        there.about(DOUBT, Some(&confirmed)),
        "another device is there, as LT-4411, last seen 2023-11-14 20:50 UTC"
    );
    assert_eq!(there.verdict(Some(&confirmed)), LookupVerdict::Another);
    let unnamed = LookupAnswer::Present(Presence::default());
    for same in [
        present(confirmed.as_str(), None),
        present("CD7323A6", None),
        unnamed,
    ] {
        assert_eq!(same.verdict(Some(&confirmed)), LookupVerdict::There);
    }
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
fn other_identifier_is_the_only_mac_or_the_hwid() {
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
    let offer = |device: &PlannedDevice, seen: &LookupAnswer| {
        let finding = Finding {
            at: at(0),
            seen: seen.clone(),
        };
        super::offer(device, &finding).map_err(|error| error.to_string())
    };
    let one = device(&hwid("h1"), Some("h1"), &[MAC]);
    assert_eq!(offer(&one, &present("h1", None)), Ok(mac(MAC)));
    assert_eq!(offer(&one, &present("H1", None)), Ok(mac(MAC)));
    assert_eq!(
        offer(&one, &present("h2", None)),
        Err("this MAC now belongs to LT-4411, seen today".to_owned())
    );
    let long_ago = Finding {
        at: at(86_400 * 40),
        seen: present("h2", None),
    };
    assert_eq!(
        super::offer(&one, &long_ago).map_err(|error| error.to_string()),
        Err("this MAC now belongs to LT-4411, last seen 2023-11-14".to_owned())
    );
    assert!(offer(&one, &LookupAnswer::Absent).is_err());
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
