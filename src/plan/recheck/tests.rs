use proptest::prelude::*;

use super::*;
use crate::plan::earlier::EarlierState;
use crate::plan::earlier::tests::earlier;
use crate::plan::tests::request;
use crate::plan::{Hold, PlanRequest, build};
use crate::query::NoStatus;

/// The tenant's inventory, of this time.
fn inventory(time: &str, devices: &[&str]) -> DeviceList {
    let stamp = format!("{{\"offboard_list\":1,\"fetched_at\":\"{time}\",\"complete\":true}}");
    let lines: Vec<&str> = std::iter::once(&*stamp)
        .chain(devices.iter().copied())
        .collect();
    DeviceList::read_bytes("inventory", lines.join("\n").as_bytes()).expect("a list")
}

const BEFORE: &str = "2026-11-27T08:00:00Z";
const NOW: &str = "2026-11-27T12:00:00Z";
const PLANNED: [&str; 3] = [
    r#"{"device_id":"H1","hostname":"LT-1","device_type":"laptop","last_seen":"2026-08-01T00:00:00Z"}"#,
    r#"{"device_id":"H2","hostname":"LT-2","device_type":"laptop","last_seen":"2026-08-02T00:00:00Z"}"#,
    r#"{"mac_addresses":["00:0c:29:00:00:03"],"hostname":"LT-3","device_type":"laptop","last_seen":"2026-08-03T00:00:00Z"}"#,
];

fn plan_of(list: &DeviceList, criterion: &Criterion) -> Plan {
    let selection: Vec<DeviceId> = list.ids().collect();
    build(&PlanRequest {
        now: "2026-11-27T09:00:00Z".parse().expect("a time"),
        criterion,
        ..request(list, &selection)
    })
}

fn planned() -> Plan {
    let criterion = Criterion::Query("unseen>90d type:laptop".to_owned());
    let plan = plan_of(&inventory(BEFORE, &PLANNED), &criterion);
    assert_eq!(plan.devices.len(), 3);
    plan
}

fn found(
    plan: &Plan,
    list: &DeviceList,
    rules: &Rules,
    earlier: &EarlierDevices,
) -> Result<Recheck, RecheckError> {
    let query = plan.origin.criterion.query()?;
    recheck(&RecheckRequest {
        plan,
        query: query.as_ref(),
        list,
        states: &NoStatus,
        rules,
        earlier,
        retried_runs: &[],
        now: NOW.parse().expect("a time"),
    })
}

/// The dropped devices of the plan by their place, and why.
fn dropped(list: &DeviceList) -> Vec<(u32, String)> {
    let found = found(
        &planned(),
        list,
        &Rules::default(),
        &EarlierDevices::default(),
    );
    reasons(&found.expect("rechecked"))
}

fn reasons(found: &Recheck) -> Vec<(u32, String)> {
    let dropped = found.dropped.iter();
    dropped
        .map(|dropped| (dropped.ordinal, dropped.reason.to_string()))
        .collect()
}

#[test]
fn recheck_of_an_unchanged_inventory_drops_nothing() {
    assert_eq!(dropped(&inventory(NOW, &PLANNED)), []);
}

#[test]
fn recheck_keeps_what_was_seen_at_the_very_time_of_the_planned_list() {
    let seen = PLANNED[0].replace("2026-08-01T00:00:00Z", BEFORE);
    let list = inventory(NOW, &[&seen, PLANNED[1], PLANNED[2]]);
    let plan = plan_of(&inventory(BEFORE, &PLANNED), &Criterion::None);
    let none = EarlierDevices::default();
    let found = found(&plan, &list, &Rules::default(), &none).expect("rechecked");
    assert_eq!(reasons(&found), []);
}

#[test]
fn keys_are_the_identifiers_of_the_plan_and_of_the_list() {
    let renamed = r#"{"device_id":"H1","mac_addresses":["00:0c:29:00:00:09"],"hostname":"LT-1"}"#;
    let other = r#"{"device_id":"H7","mac_addresses":["00:0c:29:00:00:07"],"hostname":"LT-7"}"#;
    let docked = r#"{"device_id":"H3","mac_addresses":["00:0c:29:00:00:03"],"hostname":"LT-3"}"#;
    let keys = keys_of(&planned(), &inventory(NOW, &[renamed, other, docked]));
    let mut keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(
        keys,
        ["00:0c:29:00:00:03", "00:0c:29:00:00:09", "h1", "h2", "h3"]
    );
}

#[test]
fn recheck_drops_what_is_missing_by_hwid_or_by_mac() {
    let missing = [1, 2].map(|place| (place, "missing from the newer list".to_owned()));
    assert_eq!(dropped(&inventory(NOW, &PLANNED[..1])), missing);
}

#[test]
fn recheck_drops_what_was_seen_since_is_missing_or_matches_no_more() {
    let seen = r#"{"device_id":"H1","hostname":"LT-1","device_type":"laptop","last_seen":"2026-11-27T08:30:00Z"}"#;
    let list = inventory(NOW, &[seen, PLANNED[2]]);
    assert_eq!(
        dropped(&list),
        [
            (0, "seen since the plan, at 2026-11-27T08:30:00Z".to_owned()),
            (1, "missing from the newer list".to_owned())
        ],
        "of several reasons one is named"
    );
    let plan = plan_of(&inventory(BEFORE, &PLANNED), &Criterion::None);
    let none = EarlierDevices::default();
    let found = found(&plan, &list, &Rules::default(), &none).expect("rechecked");
    assert_eq!(
        reasons(&found)[0].1,
        "seen since the plan, at 2026-11-27T08:30:00Z",
        "after the list's time, before the plan was made"
    );
    assert_eq!(
        found.sentence(),
        "rechecked against inventory of 2026-11-27T12:00:00Z: 2 of 3 devices dropped: 1 missing from the \
         newer list; 1 seen since the plan"
    );
}

#[test]
fn recheck_drops_a_device_whose_last_seen_is_unknown_by_now() {
    let undated = r#"{"device_id":"H1","hostname":"LT-1","device_type":"laptop"}"#;
    let list = inventory(NOW, &[undated, PLANNED[1], PLANNED[2]]);
    let plan = plan_of(&inventory(BEFORE, &PLANNED), &Criterion::None);
    let none = EarlierDevices::default();
    let found = found(&plan, &list, &Rules::default(), &none).expect("rechecked");
    assert_eq!(
        reasons(&found),
        [(0, "last seen is unknown by the newer list".to_owned())]
    );
}

#[test]
fn recheck_drops_a_mac_that_another_device_or_two_have_by_now() {
    let with_mac = |hwid: &str, hostname: &str| {
        format!(
            "{{\"device_id\":\"{hwid}\",\"hostname\":\"{hostname}\",\"device_type\":\"laptop\",\
             \"mac_addresses\":[\"00:0c:29:00:00:03\"],\"last_seen\":\"2026-08-03T00:00:00Z\"}}"
        )
    };
    let of = |rows: &[String]| {
        let rows = rows.iter().map(String::as_str);
        let rows: Vec<&str> = PLANNED[..2].iter().copied().chain(rows).collect();
        dropped(&inventory(NOW, &rows))
    };
    assert_eq!(of(&[with_mac("H8", "lt-3.corp.example")]), []);
    assert_eq!(
        of(&[with_mac("H8", "LT-8")]),
        [(
            2,
            "its MAC address is another device's by the newer list".to_owned()
        )]
    );
    let shared = of(&[with_mac("H8", "LT-3"), with_mac("H9", "LT-3")]);
    assert_eq!(shared.len(), 1, "{shared:?}");
    assert!(shared[0].1.starts_with("unusable: "), "{shared:?}");
    // Of a device whose hardware ID was known as well, that one decides.
    let list = inventory(BEFORE, &[&with_mac("H3", "LT-3")]);
    let selection: Vec<DeviceId> = list.ids().collect();
    let plan = build(&PlanRequest {
        identify_by: IdentifyBy::Mac,
        ..request(&list, &selection)
    });
    for (hwid, expected) in [("h3", vec![]), ("H8", vec![LeftOutReason::OtherDevice])] {
        let list = inventory(NOW, &[&with_mac(hwid, "LT-3")]);
        let none = EarlierDevices::default();
        let found = found(&plan, &list, &Rules::default(), &none).expect("rechecked");
        let reasons = found.dropped.into_iter().map(|dropped| dropped.reason);
        assert_eq!(reasons.collect::<Vec<_>>(), expected, "{hwid}");
    }
}

#[test]
fn recheck_drops_what_is_protected_or_held_now_or_can_not_be_told_from_it() {
    let none = EarlierDevices::default();
    let rules = |query: &str| Rules::new(vec![Query::parse(query).expect("a query")]);
    let group = |device: &str, group: &str| {
        device.replacen('{', &format!("{{\"group_name\":\"{group}\","), 1)
    };
    let rows = [
        group(PLANNED[0], "Executives"),
        group(PLANNED[1], "Sales"),
        // The newer list doesn't say which group it is in.
        PLANNED[2].to_owned(),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let list = inventory(NOW, &rows);
    let found = found(&planned(), &list, &rules("group:executives"), &none).expect("rechecked");
    let protected: Vec<u32> = found
        .dropped
        .iter()
        .map(|dropped| dropped.ordinal)
        .collect();
    assert_eq!(protected, [0, 2], "{:?}", reasons(&found));

    let mut earlier = EarlierDevices::default();
    earlier.holds.insert(Hold {
        hwid: Some(crate::domain::device::Hwid::parse("h2").expect("a HWID")),
        macs: vec![],
        hostname: String::new(),
        until: "2026-12-31".parse().expect("a date"),
        reason: "on leave".to_owned(),
        owner: None,
    });
    let list = inventory(NOW, &PLANNED);
    let found = super::tests::found(&planned(), &list, &Rules::default(), &earlier);
    assert_eq!(
        reasons(&found.expect("rechecked")),
        [(1, "held until 2026-12-31: on leave".to_owned())]
    );
}

#[test]
fn recheck_drops_what_another_run_may_send_or_has_in_doubt() {
    let plan = planned();
    let list = inventory(NOW, &PLANNED);
    let other = RunId::from_bytes([8; 16]);
    for (run, state, expected) in [
        (
            other,
            EarlierState::Open,
            vec![(0, LeftOutReason::InRun(other).to_string())],
        ),
        (
            other,
            EarlierState::InDoubt,
            vec![(0, LeftOutReason::InDoubt(other).to_string())],
        ),
        (plan.id, EarlierState::Open, vec![]),
    ] {
        let mut devices = EarlierDevices::default();
        devices.insert(earlier(run, "h1", state));
        let found = found(&plan, &list, &Rules::default(), &devices);
        assert_eq!(reasons(&found.expect("rechecked")), expected, "{state:?}");
    }
}

#[test]
fn recheck_refuses_a_list_that_proves_nothing() {
    let none = EarlierDevices::default();
    let refusal = |list: &DeviceList, criterion: &Criterion| {
        let plan = plan_of(&inventory(BEFORE, &PLANNED), criterion);
        found(&plan, list, &Rules::default(), &none)
            .expect_err("refused")
            .to_string()
    };
    let partial = format!("{{\"offboard_list\":1,\"fetched_at\":\"{NOW}\",\"complete\":false}}\n");
    let partial = DeviceList::read_bytes("part", format!("{partial}{}", PLANNED[0]).as_bytes());
    let said = refusal(&partial.expect("a list"), &Criterion::None);
    assert!(said.starts_with("can't be used to recheck"), "{said}");
    let said = refusal(&inventory(NOW, &[]), &Criterion::None);
    assert!(said.ends_with("it holds no devices"), "{said}");
    let older = refusal(
        &inventory("2026-11-27T07:59:59Z", &PLANNED),
        &Criterion::None,
    );
    assert!(
        older.ends_with(
            "it is of 2026-11-27T07:59:59Z, and the plan is based on 2026-11-27T08:00:00Z"
        ),
        "{older}"
    );
    let as_old = refusal(&inventory(BEFORE, &PLANNED[..2]), &Criterion::None);
    assert!(
        as_old.ends_with(
            "it is of 2026-11-27T08:00:00Z, and the plan is based on 2026-11-27T08:00:00Z"
        ),
        "{as_old}"
    );
    let own = refusal(&inventory(BEFORE, &PLANNED), &Criterion::None);
    assert!(
        own.ends_with("it is the list that the plan was made of"),
        "{own}"
    );
    let undated = DeviceList::read_bytes("csv", b"hwid,hostname\nH1,LT-1\nH2,LT-2\n");
    let said = refusal(&undated.expect("a list"), &Criterion::None);
    assert!(said.contains("it has no dates"), "{said}");
    let said = refusal(
        &inventory(NOW, &PLANNED),
        &Criterion::Query("@Ticket=closed".to_owned()),
    );
    assert!(said.contains("can't be evaluated on it"), "{said}");
    let said = refusal(&inventory(NOW, &PLANNED), &Criterion::Unknown);
    assert!(said.contains("plan again"), "{said}");
}

#[test]
fn confirmed_plan_takes_only_its_own_recheck_and_only_once() {
    let plan = planned();
    let list = inventory(NOW, &PLANNED[..2]);
    let none = EarlierDevices::default();
    let found = found(&plan, &list, &Rules::default(), &none).expect("rechecked");
    let confirmed = plan.confirm(3).expect("the count of the plan");
    let mut other = found.clone();
    other.planned_hash.push('x');
    assert_eq!(confirmed.clone().rechecked(other), None);
    let left = confirmed.rechecked(found.clone()).expect("two are left");
    assert_eq!(left.plan().devices, plan.devices[..2]);
    assert_ne!(left.plan().hash(), plan.hash());
    assert_eq!(left.recheck(), Some(&found));
    assert_eq!(left.rechecked(found), None);
}

/// Rows of a newer inventory: any of the planned identifiers, in any state.
fn rows() -> impl Strategy<Value = Vec<String>> {
    let row = (
        0..6_u8,
        any::<bool>(),
        0..4_u8,
        prop::option::of(0..3000_i64),
    );
    prop::collection::vec(row, 0..8).prop_map(|rows| {
        let rows = rows.into_iter().map(|(number, by_hwid, kind, seen)| {
            let identifier = if by_hwid {
                format!("\"device_id\":\"H{number}\"")
            } else {
                format!("\"mac_addresses\":[\"00:0c:29:00:00:0{number}\"]")
            };
            let kind = ["laptop", "server", "", "desktop"][usize::from(kind)];
            let seen = seen.map_or_else(String::new, |hours| {
                let time = NOW.parse::<Timestamp>().expect("a time")
                    - jiff::SignedDuration::from_hours(hours);
                format!(",\"last_seen\":\"{time}\"")
            });
            format!("{{{identifier},\"device_type\":\"{kind}\"{seen}}}")
        });
        rows.collect()
    })
}

proptest! {
    #[test]
    fn recheck_only_removes_devices(rows in rows(), with_query: bool) {
        let criterion = if with_query {
            Criterion::Query("unseen>30d -type:server".to_owned())
        } else {
            Criterion::None
        };
        let plan = plan_of(&inventory(BEFORE, &PLANNED), &criterion);
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let rules = Rules::new(vec![Query::parse("type:server").expect("a query")]);
        let list = inventory(NOW, &rows);
        let Ok(found) = found(&plan, &list, &rules, &EarlierDevices::default()) else {
            return Ok(());
        };
        let dropped: Vec<&PlannedDevice> = found.dropped.iter().map(|dropped| &dropped.device).collect();
        let confirmed = plan.confirm(3).expect("the count of the plan");
        let left: Vec<PlannedDevice> = confirmed
            .rechecked(found.clone())
            .map(|left| left.plan().devices.clone())
            .unwrap_or_default();
        // What is left is what was planned without what was dropped, unchanged and in its order.
        let expected: Vec<&PlannedDevice> =
            plan.devices.iter().filter(|device| !dropped.contains(device)).collect();
        prop_assert_eq!(left.iter().collect::<Vec<_>>(), expected);
        prop_assert_eq!(left.len() + found.dropped.len(), 3);
        // Nothing that is left is protected, missing, or was seen since.
        for device in &left {
            let entries = entries_of(&list, device);
            prop_assert!(!entries.is_empty());
            for id in entries {
                prop_assert!(list.device(id).device_type() != "server");
                prop_assert!(list.device(id).last_seen().is_none_or(|seen| seen <= known_until(&plan)));
            }
        }
    }
}
