//! Warnings, and the limits behind them.

use super::*;

#[test]
fn warnings_are_named() {
    let names = |text: &str| {
        let plan = plan_with(&list(text), IdentifyBy::Auto, &EarlierDevices::default());
        plan.warnings.iter().map(Warning::name).collect::<Vec<_>>()
    };
    assert_eq!(names(LIST), ["recent", "old-list"]);
    let many: Vec<String> = (0..20).map(|number| format!("h{number}")).collect();
    assert_eq!(names(&format!("hwid\n{}\n", many.join("\n"))), ["most"]);
}

#[test]
fn rules_that_match_none_of_twenty_devices_are_a_warning() {
    let rules = ["hostname:pc", "hostname:/^SRV/", "type:srever"];
    let queries = rules.map(|rule| Query::parse(rule).expect("a query"));
    let rules = Rules::new(queries.into());
    let sentences = |devices: u64| {
        let rows = (0..devices).map(|number| format!("h{number},PC-{number},laptop\n"));
        let list = list(&format!("hwid,hostname,type\n{}", rows.collect::<String>()));
        let plan = plan_under(
            &list,
            IdentifyBy::Auto,
            &EarlierDevices::default(),
            &rules,
            &[],
        );
        let warnings = plan.warnings.iter();
        warnings
            .filter(|warning| warning.name() == "rule-matches-none")
            .map(Warning::sentence)
            .collect::<Vec<_>>()
    };
    assert!(sentences(19).is_empty());
    assert_eq!(
        sentences(20),
        ["no device matches protect 'hostname:/^SRV/', 'type:srever'"]
    );
}

#[test]
fn rule_that_matches_none_is_a_warning_in_any_list_of_a_guessed_encoding() {
    // In code page 850, ü is 0x81, as in no encoding that is recognised.
    let of_850 = b"hwid;hostname;group\nh1;B\x81rorechner;Z\x81rich\nh2;b;B\x81ro\n";
    let warning = plan_sentence(of_850, "group:Zürich").expect("a warning");
    let guess = "no device matches protect 'group:Zürich'; the list's encoding was guessed as ";
    assert!(warning.starts_with(guess), "{warning}");
    // A rule of which another value matches protects no device of the group that was misread.
    for rule in ["group:Zürich,o", "group:Zürich or hostname:b"] {
        let warning = plan_sentence(of_850, rule).expect("a warning");
        assert!(warning.starts_with(guess), "{warning}");
    }
    assert_eq!(plan_sentence(of_850, "group:Zurich or hostname:b"), None);
    let western = b"hwid;hostname;group\nh1;B\xfcrorechner;Z\xfcrich\nh2;b;B\xfcro\n";
    assert_eq!(plan_sentence(western, "group:Zürich"), None);
    assert_eq!(plan_sentence(western, "group:Zürich or hostname:b"), None);
    assert_eq!(
        plan_sentence(western, "group:Server").as_deref(),
        Some(
            "no device matches protect 'group:Server'; the list's encoding was guessed as windows-1252: \
             compare its letters, or give --encoding"
        )
    );
    let utf8 = "hwid;hostname;group\nh1;Bürorechner;Zürich\n";
    assert_eq!(plan_sentence(utf8.as_bytes(), "group:Server"), None);
}

/// The warning `rule-matches-none` of a plan of the whole list under one rule.
fn plan_sentence(list: &[u8], rule: &str) -> Option<String> {
    let list = DeviceList::read_bytes("l.csv", list).expect("a list");
    let rules = Rules::new(vec![Query::parse(rule).expect("a query")]);
    let none = EarlierDevices::default();
    let plan = plan_under(&list, IdentifyBy::Auto, &none, &rules, &[]);
    sentence(&plan, "rule-matches-none")
}

/// The plan of everything in the list, with changes of the request.
fn changed(text: &str, change: &dyn Fn(&mut PlanRequest<'_>)) -> Plan {
    let (none, rules) = (EarlierDevices::default(), Rules::default());
    plan_of(&list(text), IdentifyBy::Auto, &none, &rules, &[], change)
}

/// The sentence of the plan's warning with this name.
fn sentence(plan: &Plan, name: &str) -> Option<String> {
    let mut warnings = plan.warnings.iter();
    warnings
        .find(|warning| warning.name() == name)
        .map(Warning::sentence)
}

#[test]
fn most_follows_max_share() {
    let rows: Vec<String> = (0..20).map(|number| format!("h{number}")).collect();
    let rows = rows.join("\n");
    let most = |share| {
        let plan = changed(&format!("hwid\n{rows}"), &|request| {
            request.selection = &request.selection[..8];
            request.guards.max_share = Share::new(share).expect("a share");
        });
        sentence(&plan, "most")
    };
    assert_eq!(most(0.4), None);
    assert_eq!(
        most(0.39).as_deref(),
        Some("8 of the list's 20 devices: more than max_share = 0.39")
    );
}

#[test]
fn recent_counts_devices_that_were_seen_less_than_a_day_before_the_lists_time() {
    let recent = |seen: &str| {
        let text = format!("hwid,last seen\nh1,2026-11-02T10:00:00Z\nh2,{seen}\n");
        let plan = changed(&text, &|request| {
            request.selection = &request.selection[1..];
        });
        sentence(&plan, "recent")
    };
    assert_eq!(recent("2026-11-01T10:00:00Z"), None);
    assert_eq!(recent(""), None);
    assert_eq!(
        recent("2026-11-01T10:00:01Z").as_deref(),
        Some("1 device was seen within a day of the list's time")
    );
}

#[test]
fn new_counts_devices_that_were_enrolled_shortly_before_the_lists_time() {
    let text = "hwid,last seen,enrolled\n\
        h1,2026-11-01T10:00:00Z,2026-10-31T09:59:59Z\n\
        h2,2026-08-01T10:00:00Z,2026-10-31T10:00:01Z\n\
        h3,2026-08-01T10:00:00Z,2026-11-02T10:00:00Z\n\
        h4,2026-08-01T10:00:00Z,\n\
        h5,2026-08-01T10:00:00Z,2026-10-31T10:00:00Z\n";
    let new = |hours| {
        let plan = changed(text, &|request| {
            request.guards.min_enrolled = Duration::from_hours(hours);
        });
        sentence(&plan, "new")
    };
    assert_eq!(
        new(24).as_deref(),
        Some("2 devices were enrolled less than min_enrolled = 1d before the list's time")
    );
    assert_eq!(
        new(0).as_deref(),
        Some("1 device was enrolled less than min_enrolled = 0s before the list's time")
    );
}

#[test]
fn shrunk_compares_with_the_list_that_was_planned_last() {
    let shrunk = |last| {
        let rows: Vec<String> = (0..24).map(|number| format!("h{number}")).collect();
        let rows = rows.join("\n");
        let plan = changed(&format!("hwid\n{rows}"), &|request| {
            request.last_planned = last;
        });
        sentence(&plan, "shrunk")
    };
    assert_eq!(shrunk(None), None);
    assert_eq!(shrunk(Some(30)), None);
    let sentence = shrunk(Some(31)).expect("a warning");
    assert!(
        sentence.starts_with("the list has 24 devices, and the last list of this name"),
        "{sentence}"
    );
}

#[test]
fn last_names_users_and_host_names_that_lose_every_device() {
    let text = "hwid,hostname,user\n\
        h1,LT-1,ann\n\
        h2,lt-1,bob\n\
        h3,LT-3,Ann\n\
        h4,LT-4,cat\n\
        h5,LT-5,cat\n\
        h6,localhost,\n\
        h7,localhost,\n\
        h8,LT-8,dan\n";
    let last = |count: usize| {
        let plan = changed(text, &|request| {
            request.selection = &request.selection[..count];
        });
        sentence(&plan, "last")
    };
    assert_eq!(last(1), None);
    assert_eq!(
        last(2).as_deref(),
        Some("every device of 1 host name is planned, such as of LT-1")
    );
    assert_eq!(
        last(4).as_deref(),
        Some("every device of 1 user and 1 host name is planned, such as of ann")
    );
    assert_eq!(
        last(8).as_deref(),
        Some("every device of 2 users and 1 host name is planned, such as of ann"),
        "neither localhost, nor who has one device"
    );
}

#[test]
fn oldest_takes_those_seen_longest_ago_in_list_order() {
    let text = "hwid,last seen\n\
        h1,2026-03-01T10:00:00Z\n\
        h2,\n\
        h3,2026-01-01T10:00:00Z\n\
        h4,2026-02-01T10:00:00Z\n\
        h5,2026-02-01T10:00:00Z\n\
        h3,2026-01-01T10:00:00Z\n";
    let oldest = |count: u64| {
        let plan = changed(text, &|request| {
            request.oldest = std::num::NonZeroU64::new(count);
        });
        let oldest = plan.oldest.expect("a cut");
        let sentence = oldest.sentence(plan.devices.len() as u64);
        (identifiers(&plan), plan.repeated, sentence)
    };
    let taken = |hwids: &[&str]| hwids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (devices, repeated, sentence) = oldest(2);
    assert_eq!((devices, repeated), (taken(&["h3", "h4"]), 1));
    assert_eq!(
        sentence,
        "oldest 2: 2 of 5 devices taken, those seen longest ago; 1 device has no last seen and can't be taken"
    );
    assert_eq!(oldest(9).0, taken(&["h1", "h3", "h4", "h5"]));
    assert_eq!(changed(text, &|_| {}).oldest, None);
    let dated = changed(&text.replace("h2,\n", ""), &|request| {
        request.oldest = std::num::NonZeroU64::new(2);
    });
    assert_eq!(
        dated.oldest.map(|oldest| oldest.sentence(2)).as_deref(),
        Some("oldest 2: 2 of 4 devices taken, those seen longest ago")
    );
}
