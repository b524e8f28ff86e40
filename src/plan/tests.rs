mod guards;
mod protection;

use std::num::NonZeroU32;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::earlier::tests::earlier;
use super::*;
use crate::list::{DeviceList, Problem};
use crate::plan::protection::{Protection, Rules};
use crate::query::Query;

const LIST: &str = "hwid,mac,hostname,last seen\n\
    h1,00:0c:29:00:00:01,LT-1,2026-11-01T10:00:00Z\n\
    ,00:0c:29:00:00:02,LT-2,2026-08-01T10:00:00Z\n\
    h3,,LT-3,2026-08-02T10:00:00Z\n\
    ,,LT-4,2026-08-02T10:00:00Z\n\
    h1,00:0c:29:00:00:05,LT-1,2026-10-01T10:00:00Z\n";

static TARGET: LazyLock<Target> = LazyLock::new(|| Target {
    tenant: "https://gears.opswat.com".to_owned(),
    account: Some("acme".to_owned()),
    profile: "production".to_owned(),
});
static NO_RULES: LazyLock<Rules> = LazyLock::new(Rules::default);
static UNPROTECTED: LazyLock<Protection> = LazyLock::new(Protection::default);
static NOTHING_EARLIER: LazyLock<EarlierDevices> = LazyLock::new(EarlierDevices::default);

/// A request to remove these devices, without rules, earlier runs and options.
pub(super) fn request<'a>(list: &'a DeviceList, selection: &'a [DeviceId]) -> PlanRequest<'a> {
    PlanRequest {
        id: RunId::from_bytes([7; 16]),
        list,
        selection,
        action: Action::Remove,
        identify_by: IdentifyBy::Auto,
        target: &TARGET,
        sizes: CallSizes {
            batch: 50,
            canary: 5,
        },
        bare_identifiers: &[],
        retry_targets: &[],
        rules: &NO_RULES,
        protection: &UNPROTECTED,
        earlier: &NOTHING_EARLIER,
        list_time: list.time(),
        skip_removed: true,
        retried_runs: &[],
        now: "2026-11-04T10:00:00Z".parse().expect("a time"),
        guards: Guards::default(),
        last_planned: None,
        oldest: None,
        query: None,
        criterion: &Criterion::None,
        note: None,
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
    let protection = rules.apply(list).expect("rules that apply");
    let mut request = PlanRequest {
        identify_by: by,
        bare_identifiers: bare,
        rules,
        protection: &protection,
        earlier: held,
        ..request(list, &selection)
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
    assert_eq!(plan.left_out_as(LeftOutKind::Unusable), 1);
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
    for (identifier, state) in [
        ("h3", EarlierState::Open),
        ("00:0c:29:00:00:02", EarlierState::InDoubt),
    ] {
        held.insert(earlier(run, identifier, state));
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
fn device_that_was_removed_is_left_out_or_planned_with_the_run_that_did() {
    let list = list(LIST);
    let run = RunId::from_bytes([3; 16]);
    let mut held = EarlierDevices::default();
    held.insert(EarlierDevice {
        decided_at: None,
        ..earlier(run, "h3", EarlierState::Removed)
    });
    let left_out = LeftOutReason::RemovedEarlier(run, Action::Remove);
    for (skip_removed, removed_by) in [(true, vec![]), (false, vec![run])] {
        let rules = Rules::default();
        let plan = plan_of(&list, IdentifyBy::Auto, &held, &rules, &[], &|request| {
            request.skip_removed = skip_removed;
        });
        let is_left_out = plan.left_out.iter().any(|row| row.reason == left_out);
        assert_eq!(is_left_out, skip_removed);
        let removed = plan.devices.iter().filter_map(|device| device.removed_by);
        assert_eq!(removed.collect::<Vec<_>>(), removed_by);
    }
}

#[test]
fn device_that_is_sent_by_another_identifier_is_the_same_else() {
    let device = sample().devices.pop().expect("a device with a MAC");
    let hwid = Hwid::parse("h9").expect("a HWID");
    let by_hwid = device.by(Identifier::Hwid(hwid.clone()));
    assert_eq!(
        (device.hwid.as_ref(), by_hwid.hwid.as_ref()),
        (None, Some(&hwid))
    );
    let by_mac = by_hwid.by(device.identifier.clone());
    assert_eq!(by_mac.hwid, Some(hwid));
    assert_eq!(
        PlannedDevice {
            hwid: None,
            ..by_mac
        },
        device
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
        "FFFFFFFFFFFFFFFF",
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
    let [.., mac, hwid] = &plan.left_out[..] else {
        panic!("the constants: {:?}", plan.left_out);
    };
    assert_eq!(
        [mac.reason.clone(), hwid.reason.clone()],
        [Problem::SharedMac, Problem::PlaceholderHwid].map(LeftOutReason::Unusable)
    );
}

#[test]
fn device_that_is_chosen_and_retried_is_sent_once() {
    let (list, none) = (list(LIST), EarlierDevices::default());
    let chosen = plan_with(&list, IdentifyBy::Auto, &none);
    let devices = chosen.devices.iter().cloned();
    let retried: Vec<RetryTarget> = devices
        .map(|device| RetryTarget {
            device,
            source: None,
        })
        .collect();
    let retried: &'static [RetryTarget] = retried.leak();
    let (by, rules) = (IdentifyBy::Auto, Rules::default());
    let plan = plan_of(&list, by, &none, &rules, &[], &|request| {
        request.retry_targets = retried;
    });
    assert_eq!(identifiers(&plan), identifiers(&chosen));
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
