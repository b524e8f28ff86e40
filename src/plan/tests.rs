use std::num::NonZeroU32;

use proptest::prelude::*;

use super::earlier::tests::earlier;
use super::*;
use crate::list::DeviceList;
use crate::plan::protection::Rules;
use crate::query::Query;

const LIST: &str = "hwid,mac,hostname,last seen\n\
    h1,00:0c:29:00:00:01,LT-1,2026-11-01T10:00:00Z\n\
    ,00:0c:29:00:00:02,LT-2,2026-08-01T10:00:00Z\n\
    h3,,LT-3,2026-08-02T10:00:00Z\n\
    ,,LT-4,2026-08-02T10:00:00Z\n\
    h1,00:0c:29:00:00:05,LT-1,2026-10-01T10:00:00Z\n";

fn target() -> Target {
    Target {
        tenant: "https://gears.opswat.com".to_owned(),
        account: Some("acme".to_owned()),
        profile: "production".to_owned(),
    }
}

fn list(text: &str) -> DeviceList {
    DeviceList::read_bytes("test.csv", text.as_bytes()).expect("a list")
}

fn plan_with(list: &DeviceList, by: IdentifyBy, held: &EarlierDevices) -> Plan {
    plan_under(list, by, held, &Rules::default(), &[])
}

fn plan_under(
    list: &DeviceList,
    by: IdentifyBy,
    held: &EarlierDevices,
    rules: &Rules,
    bare: &[Identifier],
) -> Plan {
    plan_of(list, by, held, rules, bare, &|_| {})
}

fn plan_of(
    list: &DeviceList,
    by: IdentifyBy,
    held: &EarlierDevices,
    rules: &Rules,
    bare: &[Identifier],
    change: &dyn Fn(&mut PlanRequest<'_>),
) -> Plan {
    let selection: Vec<_> = list.ids().collect();
    let (target, protection) = (target(), rules.apply(list).expect("rules that apply"));
    let mut request = PlanRequest {
        id: RunId::from_bytes([7; 16]),
        list,
        selection: &selection,
        action: Action::Remove,
        identify_by: by,
        target: &target,
        sizes: CallSizes {
            batch: 50,
            canary: 5,
        },
        bare,
        rules,
        protection: &protection,
        earlier: held,
        list_time: list.time(),
        skip_removed: true,
        again: &[],
        retried: &[],
        now: "2026-11-04T10:00:00Z".parse().expect("a time"),
        guards: Guards::default(),
        last_planned: None,
        oldest: None,
        query: None,
        criterion: &Criterion::None,
        note: None,
    };
    change(&mut request);
    build(&request)
}

fn identifiers(plan: &Plan) -> Vec<String> {
    plan.devices
        .iter()
        .map(|device| device.identifier.to_string())
        .collect()
}

#[test]
fn plan_orders_hwids_before_macs_and_else_by_the_list() {
    let list = list(LIST);
    let plan = plan_with(&list, IdentifyBy::Auto, &EarlierDevices::default());
    assert_eq!(identifiers(&plan), ["h1", "h3", "00:0c:29:00:00:02"]);
    assert_eq!(
        (
            plan.count_by(IdentifierKind::Hwid),
            plan.count_by(IdentifierKind::Mac)
        ),
        (2, 1)
    );
    assert_eq!(plan.repeated, 1);
    assert_eq!(plan.unusable(), 1);
    assert_eq!(plan.left_out[0].line, 5);
}

#[test]
fn identify_by_hwid_and_mac_never_fall_back() {
    let list = list(LIST);
    let by_hwid = plan_with(&list, IdentifyBy::Hwid, &EarlierDevices::default());
    assert_eq!(identifiers(&by_hwid), ["h1", "h3"]);
    let by_mac = plan_with(&list, IdentifyBy::Mac, &EarlierDevices::default());
    assert!(!identifiers(&by_mac).contains(&"h3".to_owned()));
}

#[test]
fn devices_of_another_run_are_left_out_and_listed() {
    let list = list(LIST);
    let run = RunId::from_bytes([3; 16]);
    let mut held = EarlierDevices::default();
    for (identifier, standing) in [
        ("h3", Standing::Open),
        ("00:0c:29:00:00:02", Standing::InDoubt),
    ] {
        held.insert(earlier(run, identifier, standing));
    }
    let in_run = LeftOutReason::InRun(run);
    let plan = plan_with(&list, IdentifyBy::Auto, &held);
    assert_eq!(identifiers(&plan), ["h1"]);
    assert!(
        plan.left_out
            .iter()
            .any(|row| row.reason == in_run && row.hostname == "LT-3")
    );
}

#[test]
fn bare_identifier_is_sent_once_and_a_constant_never() {
    let identifier = |text: &str| match MacAddress::parse(text) {
        Ok(mac) => Identifier::Mac(mac),
        Err(_) => Identifier::Hwid(Hwid::parse(text).expect("a hwid")),
    };
    let bare = [
        "h9",
        "000c29000009",
        "h9",
        "00:0c:29:00:00:09",
        "00:05:9a:3c:7a:00",
        "h1",
    ]
    .map(identifier);
    let none = EarlierDevices::default();
    let plan = plan_under(
        &list(LIST),
        IdentifyBy::Auto,
        &none,
        &Rules::default(),
        &bare,
    );
    assert_eq!(
        identifiers(&plan),
        ["h1", "h3", "h9", "00:0c:29:00:00:02", "00:0c:29:00:00:09"]
    );
    let constant = plan.left_out.last().expect("the constant");
    assert_eq!(
        constant.reason,
        LeftOutReason::Unusable(crate::list::Problem::SharedMac)
    );
}

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
fn new_counts_devices_that_were_enrolled_shortly_before_the_lists_time() {
    let text = "hwid,last seen,enrolled\n\
        h1,2026-11-01T10:00:00Z,2026-10-31T09:59:59Z\n\
        h2,2026-08-01T10:00:00Z,2026-10-31T10:00:01Z\n\
        h3,2026-08-01T10:00:00Z,2026-11-02T10:00:00Z\n\
        h4,2026-08-01T10:00:00Z,\n";
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
}

#[test]
fn confirm_accepts_only_the_exact_number() {
    let plan = plan_with(&list(LIST), IdentifyBy::Auto, &EarlierDevices::default());
    assert_eq!(
        plan.confirm(2),
        Err(WrongCount {
            expected: 2,
            actual: 3
        })
    );
    assert_eq!(plan.confirm(3).expect("confirmed").plan(), &plan);
    let empty = Plan {
        devices: vec![],
        sources: vec![],
        ..plan
    };
    assert!(
        empty.confirm(0).is_err(),
        "nothing to send is nothing to confirm"
    );
}

#[test]
fn plan_hash_covers_everything_that_is_sent() {
    let plan = plan_with(&list(LIST), IdentifyBy::Auto, &EarlierDevices::default());
    let mut variants = vec![plan.clone()];
    let mut change = |change: fn(&mut Plan)| {
        let mut variant = plan.clone();
        change(&mut variant);
        variants.push(variant);
    };
    change(|plan| plan.id = RunId::from_bytes([8; 16]));
    change(|plan| plan.target.tenant.push('x'));
    change(|plan| plan.target.account = None);
    change(|plan| plan.action = Action::Archive);
    change(|plan| plan.devices.swap(0, 1));
    change(|plan| {
        plan.devices.pop();
    });
    let mut hashes: Vec<_> = variants.iter().map(Plan::hash).collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), variants.len());
    let mut renamed = plan.clone();
    renamed.origin.note = Some("CHG-1".to_owned());
    assert_eq!(renamed.hash(), plan.hash());
}

#[test]
fn plan_duration_follows_the_budget() {
    let mut plan = plan_with(&list(LIST), IdentifyBy::Auto, &EarlierDevices::default());
    assert_eq!(plan.calls(), 2);
    let device = plan.devices[0].clone();
    plan.devices = vec![device; 1005];
    let budget = Budget::per_minute(NonZeroU32::new(10).expect("positive"));
    assert_eq!(plan.calls(), 21);
    assert_eq!(plan.duration(&budget, 10), Duration::from_secs(122));
    assert_eq!(plan.duration(&budget, 0), Duration::from_secs(183));
}

proptest! {
    /// 1 + ceil((n − C) / B) for each kind that occurs.
    #[test]
    fn call_sizes_count_calls_as_the_queue_cuts_them(devices in 0_usize..2000, batch in 1_usize..60, canary in 1_usize..60) {
        let sizes = CallSizes { batch, canary };
        let mut left = devices;
        let mut calls = 0;
        while left > 0 {
            left -= left.min(if calls == 0 { canary.min(batch) } else { batch });
            calls += 1;
        }
        prop_assert_eq!(sizes.calls(devices), calls);
    }
}

fn rules(text: &str) -> Rules {
    Rules::new(vec![Query::parse(text).expect("a query")])
}

#[test]
fn protected_devices_are_left_out_with_their_reason() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let rules = rules("hostname:lt-3");
    let plan = plan_under(
        &list,
        IdentifyBy::Auto,
        &EarlierDevices::default(),
        &rules,
        &[],
    );
    assert_eq!(
        (plan.devices.len(), plan.protected(), plan.unusable()),
        (2, 1, 1)
    );
    let reasons: Vec<String> = plan
        .left_out
        .iter()
        .map(|row| row.reason.to_string())
        .collect();
    assert!(
        reasons.contains(&"protected: hostname:lt-3".to_owned()),
        "{reasons:?}"
    );
    assert_eq!(plan.origin.rules_hash, rules.hash());
}

#[test]
fn bare_identifiers_are_sent_unless_a_rule_reads_a_field() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let bare = [
        Identifier::Hwid(Hwid::parse("h9").expect("an HWID")),
        Identifier::Mac("00:0c:29:00:00:09".parse().expect("a MAC")),
    ];
    let none = Rules::default();
    let plan = plan_under(
        &list,
        IdentifyBy::Auto,
        &EarlierDevices::default(),
        &none,
        &bare,
    );
    let sent: Vec<String> = plan
        .devices
        .iter()
        .map(|device| device.identifier.to_string())
        .collect();
    assert_eq!(
        sent,
        ["h1", "h3", "h9", "00:0c:29:00:00:02", "00:0c:29:00:00:09"]
    );
    assert_eq!(plan.sources[2], None);
    let rules = rules("type:server");
    let plan = plan_under(
        &list,
        IdentifyBy::Auto,
        &EarlierDevices::default(),
        &rules,
        &bare,
    );
    assert!(plan.devices.is_empty(), "no row has a type");
    assert_eq!(plan.protected(), 5);
}

/// A plan of three devices, one of them by MAC, from a list that is three days old.
pub(super) fn sample() -> Plan {
    let text = format!("{LIST}h2,,LT-9,\n,,zero,\n");
    let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
    let rules = rules("hostname:lt-9");
    let held = EarlierDevices::default();
    let mut plan = plan_under(&list, IdentifyBy::Auto, &held, &rules, &[]);
    plan.origin.note = Some("CHG-1".to_owned());
    plan
}
