use std::num::NonZeroU32;

use proptest::prelude::*;

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

fn plan_with(list: &DeviceList, by: IdentifyBy, held: &Held) -> Plan {
    plan_under(list, by, held, &Rules::default(), &[])
}

fn plan_under(
    list: &DeviceList,
    by: IdentifyBy,
    held: &Held,
    rules: &Rules,
    bare: &[Identifier],
) -> Plan {
    let selection: Vec<_> = list.ids().collect();
    build(&PlanRequest {
        id: RunId::from_bytes([7; 16]),
        list,
        selection: &selection,
        action: Action::Remove,
        identify_by: by,
        target: &target(),
        sizes: CallSizes {
            batch: 50,
            canary: 5,
        },
        bare,
        rules,
        protection: &rules.apply(list).expect("rules that apply"),
        held,
        skip_removed: true,
        again: &[],
        retried: &[],
        now: "2026-11-04T10:00:00Z".parse().expect("a time"),
        query: None,
        note: None,
    })
}

fn identifiers(plan: &Plan) -> Vec<String> {
    plan.devices
        .iter()
        .map(|device| device.identifier.to_string())
        .collect()
}

#[test]
fn hwids_go_before_macs_and_else_in_list_order() {
    let list = list(LIST);
    let plan = plan_with(&list, IdentifyBy::Auto, &Held::default());
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
fn hwid_and_mac_never_fall_back() {
    let list = list(LIST);
    let by_hwid = plan_with(&list, IdentifyBy::Hwid, &Held::default());
    assert_eq!(identifiers(&by_hwid), ["h1", "h3"]);
    let by_mac = plan_with(&list, IdentifyBy::Mac, &Held::default());
    assert!(!identifiers(&by_mac).contains(&"h3".to_owned()));
}

#[test]
fn devices_that_another_run_holds_are_left_out_and_listed() {
    let list = list(LIST);
    let mut held = Held::default();
    let in_run = LeftOutReason::InRun("7k2m9x4c".to_owned());
    held.insert(Some(Hwid::parse("h3").expect("a hwid")), &[], &in_run);
    let mac = MacAddress::parse("00:0c:29:00:00:02").expect("a mac");
    held.insert(
        None,
        &[mac],
        &LeftOutReason::RemovedEarlier("zzz".to_owned()),
    );
    let plan = plan_with(&list, IdentifyBy::Auto, &held);
    assert_eq!(identifiers(&plan), ["h1"]);
    assert!(
        plan.left_out
            .iter()
            .any(|row| row.reason == in_run && row.hostname == "LT-3")
    );
}

#[test]
fn a_reimaged_machine_is_not_held_by_its_mac() {
    let mac = MacAddress::parse("00:0c:29:00:00:01").expect("a mac");
    let hwid = |text| Some(Hwid::parse(text).expect("a hwid"));
    let mut held = Held::default();
    held.insert(hwid("old"), &[mac], &LeftOutReason::InRun("a".to_owned()));
    assert!(held.reason(hwid("new").as_ref(), &[mac], &[]).is_none());
    assert!(held.reason(hwid("old").as_ref(), &[], &[]).is_some());
    assert!(
        held.reason(None, &[mac], &[]).is_some(),
        "without a HWID the MAC decides"
    );
}

#[test]
fn a_bare_devices_mac_is_held_whoever_else_has_it() {
    let dock = MacAddress::parse("00:0c:29:00:00:0d").expect("a mac");
    let hwid = |text| Some(Hwid::parse(text).expect("a hwid"));
    let in_run = LeftOutReason::InRun("a".to_owned());
    for with_hwid_first in [true, false] {
        let mut held = Held::default();
        let mut records = [hwid("h1"), None];
        if !with_hwid_first {
            records.reverse();
        }
        for record in records {
            held.insert(record, &[dock], &in_run);
        }
        // It may be the record without a HWID, under the one that it has by now.
        assert_eq!(
            held.reason(hwid("h2").as_ref(), &[dock], &[]),
            Some(&in_run)
        );
        assert_eq!(held.reason(None, &[dock], &[]), Some(&in_run));
    }
}

#[test]
fn an_open_run_by_mac_outweighs_a_doubt_by_hwid() {
    let mac = MacAddress::parse("00:0c:29:00:00:01").expect("a mac");
    let hwid = Some(Hwid::parse("h").expect("a hwid"));
    let in_run = LeftOutReason::InRun("b".to_owned());
    let mut held = Held::default();
    held.insert(hwid.clone(), &[], &LeftOutReason::InDoubt("a".to_owned()));
    held.insert(None, &[mac], &in_run);
    assert_eq!(held.reason(hwid.as_ref(), &[mac], &[]), Some(&in_run));
}

#[test]
fn of_two_runs_in_doubt_the_later_one_is_told() {
    let hwid = Some(Hwid::parse("h").expect("a hwid"));
    let doubt = |run: &str| LeftOutReason::InDoubt(run.to_owned());
    let mut held = Held::default();
    held.insert(hwid.clone(), &[], &doubt("first"));
    held.insert(hwid.clone(), &[], &doubt("retry"));
    // Only a retry of the retry may send it again.
    assert_eq!(held.reason(hwid.as_ref(), &[], &[]), Some(&doubt("retry")));
}

#[test]
fn being_in_doubt_outweighs_having_been_removed() {
    let hwid = Hwid::parse("h").expect("a hwid");
    let mut held = Held::default();
    let doubt = LeftOutReason::InDoubt("a".to_owned());
    held.insert(Some(hwid.clone()), &[], &doubt);
    held.insert(
        Some(hwid.clone()),
        &[],
        &LeftOutReason::RemovedEarlier("b".to_owned()),
    );
    assert_eq!(held.reason(Some(&hwid), &[], &[]), Some(&doubt));
}

#[test]
fn a_retry_of_a_retry_takes_what_both_runs_have_in_doubt() {
    let hwid = Hwid::parse("h").expect("a hwid");
    let (first, second) = (RunId::from_bytes([1; 16]), RunId::from_bytes([2; 16]));
    let mut held = Held::default();
    for run in [first, second] {
        let doubt = LeftOutReason::InDoubt(run.short());
        held.insert(Some(hwid.clone()), &[], &doubt);
    }
    let reason = |retried: &[RunId]| held.reason(Some(&hwid), &[], retried).cloned();
    assert_eq!(
        reason(&[first]),
        Some(LeftOutReason::InDoubt(second.short()))
    );
    assert_eq!(reason(&[second, first]), None);
}

#[test]
fn an_identifier_that_the_list_lacks_is_sent_once_and_a_constant_never() {
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
    let none = Held::default();
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
        let plan = plan_with(&list(text), IdentifyBy::Auto, &Held::default());
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
        let plan = plan_under(&list, IdentifyBy::Auto, &Held::default(), &rules, &[]);
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
fn only_the_exact_number_confirms() {
    let plan = plan_with(&list(LIST), IdentifyBy::Auto, &Held::default());
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
fn the_hash_covers_everything_that_decides() {
    let plan = plan_with(&list(LIST), IdentifyBy::Auto, &Held::default());
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
fn the_time_it_takes_follows_the_budget() {
    let mut plan = plan_with(&list(LIST), IdentifyBy::Auto, &Held::default());
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
    fn calls_are_counted_as_they_are_cut(devices in 0_usize..2000, batch in 1_usize..60, canary in 1_usize..60) {
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
fn protected_devices_are_left_out_and_told() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let rules = rules("hostname:lt-3");
    let plan = plan_under(&list, IdentifyBy::Auto, &Held::default(), &rules, &[]);
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
fn identifiers_beside_the_list_are_sent_unless_a_rule_needs_to_know_more() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let bare = [
        Identifier::Hwid(Hwid::parse("h9").expect("an HWID")),
        Identifier::Mac("00:0c:29:00:00:09".parse().expect("a MAC")),
    ];
    let none = Rules::default();
    let plan = plan_under(&list, IdentifyBy::Auto, &Held::default(), &none, &bare);
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
    let plan = plan_under(&list, IdentifyBy::Auto, &Held::default(), &rules, &bare);
    assert!(plan.devices.is_empty(), "no row has a type");
    assert_eq!(plan.protected(), 5);
}

/// A plan of three devices, one of them by MAC, from a list that is three days old.
pub(super) fn sample() -> Plan {
    let text = format!("{LIST}h2,,LT-9,\n,,zero,\n");
    let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
    let rules = rules("hostname:lt-9");
    let held = Held::default();
    let mut plan = plan_under(&list, IdentifyBy::Auto, &held, &rules, &[]);
    plan.origin.note = Some("CHG-1".to_owned());
    plan
}
