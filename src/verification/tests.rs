//! The rule, over small inventories.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::domain::device::{Hwid, Identifier, MacAddress};
use crate::domain::target::Target;
use crate::engine::lookup_verdict::{LookupAnswer, Presence};
use crate::list::DeviceList;

const ACCEPTED: &str = "2026-11-20T10:00:00Z";
const HEAD: &str = "{\"offboard_list\":1,\"tenant\":\"https://t.example\",\"account\":\"acme\",\
                    \"fetched_at\":\"2026-11-27T09:00:00Z\",\"complete\":true}\n";

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn inventory(rows: &str) -> DeviceList {
    let text = format!("{HEAD}{rows}");
    DeviceList::read_bytes("lab.jsonl", text.as_bytes()).expect("a list")
}

/// A device of the tenant: HWID, host name, serial number, MAC, enrolled and last seen on that day of
/// November.
fn row(hwid: &str, hostname: &str, serial: &str, mac: &str, enrolled: u8, seen: u8) -> String {
    format!(
        "{{\"device_id\":\"{hwid}\",\"host_name\":\"{hostname}\",\"serial_number\":\"{serial}\",\
         \"network_info\":[{{\"mac_addr\":\"{mac}\"}}],\
         \"enrolled_at\":\"2026-11-{enrolled:02}T09:00:00Z\",\"last_seen\":\"2026-11-{seen:02}T09:00:00Z\"}}\n"
    )
}

fn accepted(hwid: &str, hostname: &str, serial: &str, mac: &str) -> AcceptedDevice {
    let identifier = match hwid {
        "" => Identifier::Mac(MacAddress::parse(mac).expect("an address")),
        hwid => Identifier::Hwid(Hwid::parse(hwid).expect("a HWID")),
    };
    AcceptedDevice {
        device: PlannedDevice {
            macs: MacAddress::parse(mac).into_iter().collect(),
            hostname: hostname.to_owned(),
            serial: serial.to_owned(),
            ..PlannedDevice::bare(identifier)
        },
        at: time(ACCEPTED),
    }
}

fn verify(rows: &str, device: &AcceptedDevice) -> Verified {
    let list = inventory(rows);
    Verifier::over(&list, std::iter::once(device)).verify(device, &SharedValues::default())
}

#[test]
fn record_without_identifier_may_be_the_device_of_its_name() {
    let device = accepted("h1", "LT-1", "PF2A1B3C", MAC);
    let other = row("h9", "LT-9", "PF9Z9Z9Z", OTHER_MAC, 1, 26);
    for (hostname, state) in [
        ("lt-1.corp.example", VerifiedState::Unknown),
        ("", VerifiedState::Unknown),
        ("LT-2", VerifiedState::Gone),
    ] {
        let rows = other.clone() + &row("", hostname, "", "", 1, 19);
        assert_eq!(verify(&rows, &device).state, state, "{hostname}");
    }
    // Two addresses are two names, however both begin.
    let device = accepted("h1", "10.1.2.3", "PF2A1B3C", MAC);
    let rows = other + &row("", "10.9.8.7", "", "", 1, 19);
    assert_eq!(verify(&rows, &device).state, VerifiedState::Gone);
}

const MAC: &str = "3c:52:82:00:00:01";
const OTHER_MAC: &str = "3c:52:82:00:00:02";

#[test]
fn absent_device_is_gone_and_a_present_one_is_not() {
    let device = accepted("h1", "LT-1", "PF2A1B3C", MAC);
    let other = row("h9", "LT-9", "PF9Z9Z9Z", OTHER_MAC, 1, 26);
    assert_eq!(verify(&other, &device).state, VerifiedState::Gone);
    let silent = other.clone() + &row("H1", "LT-1", "PF2A1B3C", MAC, 1, 19);
    let found = verify(&silent, &device);
    assert_eq!(found.state, VerifiedState::StillThere, "HWIDs ignore case");
    assert_eq!(
        found.about(&device.device),
        "last seen 2026-11-19 09:00 UTC"
    );
    let alive = other + &row("h1", "LT-1", "PF2A1B3C", MAC, 1, 21);
    let found = verify(&alive, &device);
    assert_eq!(found.state, VerifiedState::Returned);
    assert_eq!(
        found.sighting.map(|sighting| sighting.recognised_by),
        Some(MatchRule::Hwid)
    );
}

#[test]
fn device_that_enrolled_again_has_returned_whenever_it_was_seen() {
    let device = accepted("h1", "LT-1", "", MAC);
    let again = row("h1", "LT-1", "", MAC, 22, 19);
    assert_eq!(verify(&again, &device).state, VerifiedState::Returned);
}

#[test]
fn new_hwid_is_recognised_by_mac_serial_and_hostname() {
    let device = accepted("h1", "LT-1.corp.example", "PF2A1B3C", MAC);
    for (row, rule) in [
        (row("h2", "DESKTOP", "", MAC, 22, 26), MatchRule::Mac),
        (
            row("h2", "NEW", "pf2a1b3c", OTHER_MAC, 22, 26),
            MatchRule::Serial,
        ),
        (
            row("h2", "lt-1", "", OTHER_MAC, 22, 26),
            MatchRule::Hostname,
        ),
    ] {
        let found = verify(&row, &device);
        assert_eq!(found.state, VerifiedState::Returned, "{row}");
        let sighting = found.sighting.clone().expect("a record");
        assert_eq!(sighting.recognised_by, rule);
        assert_eq!(sighting.hwid.as_deref(), Some("h2"));
        let about = found.about(&device.device);
        assert!(
            about.contains("under the new HWID h2, recognised by")
                && about.contains("enrolled 2026-11-22"),
            "{about}"
        );
    }
}

#[test]
fn older_record_of_the_same_computer_is_no_return() {
    // The usual case: the record that a reimaged laptop left behind was removed, and the new one stays.
    let device = accepted("h1", "LT-1", "PF2A1B3C", MAC);
    let newer = row("h2", "LT-1", "PF2A1B3C", MAC, 10, 26);
    assert_eq!(verify(&newer, &device).state, VerifiedState::Gone);
    let undated = "{\"device_id\":\"h2\",\"host_name\":\"LT-1\"}\n";
    assert_eq!(verify(undated, &device).state, VerifiedState::Gone);
}

#[test]
fn values_of_many_computers_recognise_none() {
    for (device, rows) in [
        // Two records have the dock's address.
        (
            accepted("h1", "LT-1", "", MAC),
            row("h2", "A", "", MAC, 22, 26) + &row("h3", "B", "", MAC, 22, 26),
        ),
        (
            accepted("h1", "", "", "02:42:ac:11:00:02"),
            row("h2", "A", "", "02:42:ac:11:00:02", 22, 26),
        ),
        (
            accepted("h1", "DESKTOP", "To be filled by O.E.M.", MAC),
            row("h2", "DESKTOP", "To be filled by O.E.M.", OTHER_MAC, 22, 26),
        ),
        (
            accepted("h1", "localhost", "123456789", MAC),
            row("h2", "localhost", "123456789", OTHER_MAC, 22, 26),
        ),
    ] {
        assert_eq!(verify(&rows, &device).state, VerifiedState::Gone, "{rows}");
    }
    let device = accepted("h1", "LT-1", "", MAC);
    let list = inventory(&row("h2", "A", "", MAC, 22, 26));
    let shared =
        SharedValues::of([&device.device, &accepted("h4", "LT-4", "", MAC).device].into_iter());
    let verifier = Verifier::over(&list, std::iter::once(&device));
    assert_eq!(verifier.verify(&device, &shared).state, VerifiedState::Gone);
}

#[test]
fn host_name_of_several_computers_recognises_none_of_them() {
    let device = accepted("h1", "KIOSK-7", "", MAC);
    let another = accepted("h2", "kiosk-7.corp.example", "", OTHER_MAC);
    let same = accepted("h3", "KIOSK-7", "", MAC);
    let state = |others: &[&AcceptedDevice], rows: &str| {
        let devices = others.iter().map(|accepted| &accepted.device);
        let shared = SharedValues::of(devices.chain([&device.device]));
        let list = inventory(rows);
        let verifier = Verifier::over(&list, std::iter::once(&device));
        verifier.verify(&device, &shared).state
    };
    let new = row("h9", "KIOSK-7", "", "3c:52:82:00:00:09", 22, 26);
    let unrelated = row("h8", "LT-8", "", "3c:52:82:00:00:08", 1, 26);
    assert_eq!(state(&[&another], &new), VerifiedState::Unknown);
    assert_eq!(state(&[&another], &unrelated), VerifiedState::Gone);
    let of_another = row("h9", "KIOSK-7", "", OTHER_MAC, 22, 26);
    assert_eq!(
        state(&[&another], &of_another),
        VerifiedState::Gone,
        "it is the other computer"
    );
    assert_eq!(state(&[], &new), VerifiedState::Returned);
    assert_eq!(
        state(&[&same], &new),
        VerifiedState::Returned,
        "two records of one computer"
    );
    let mut bare = accepted("h4", "KIOSK-7", "", MAC);
    bare.device.macs.clear();
    assert_eq!(state(&[&bare], &new), VerifiedState::Returned);
    let serials = ["PF2A1B3C", "PF2A1B3D"].map(|serial| accepted("h5", "KIOSK-7", serial, MAC));
    let [one, other] = &serials;
    assert_eq!(state(&[one, other], &new), VerifiedState::Unknown);
}

#[test]
fn serial_or_host_name_of_several_records_recognises_the_only_one_enrolled_since() {
    let by_serial = accepted("h1", "LT-1", "PF2A1B3C", MAC);
    let by_hostname = accepted("h1", "LT-1", "", MAC);
    for (device, serial, hostname, rule) in [
        (&by_serial, "PF2A1B3C", "NEW", MatchRule::Serial),
        (&by_hostname, "", "LT-1", MatchRule::Hostname),
    ] {
        let older = row("h2", hostname, serial, OTHER_MAC, 10, 26);
        let since = |hwid: &str| row(hwid, hostname, serial, OTHER_MAC, 22, 26);
        assert_eq!(verify(&older, device).state, VerifiedState::Gone);
        let found = verify(&(older.clone() + &since("h3")), device);
        assert_eq!(found.state, VerifiedState::Returned, "{rule}");
        let sighting = found.sighting.expect("a record");
        assert_eq!(
            (sighting.hwid.as_deref(), sighting.recognised_by),
            (Some("h3"), rule)
        );
        let several = older.clone() + &since("h3") + &since("h4");
        assert_eq!(verify(&several, device).state, VerifiedState::Unknown);
        let own = several + &row("h1", "LT-1", "", MAC, 1, 19);
        assert_eq!(
            verify(&own, device).state,
            VerifiedState::StillThere,
            "its own record is there whatever the others are"
        );
    }
}

#[test]
fn device_without_hwid_is_found_by_an_address_of_its_own_only() {
    let device = accepted("", "LT-1", "", MAC);
    let present = row("h1", "LT-1", "", MAC, 1, 19);
    let found = verify(&present, &device);
    assert_eq!(found.state, VerifiedState::StillThere);
    assert_eq!(
        found.about(&device.device),
        "last seen 2026-11-19 09:00 UTC"
    );
    let other = row("h9", "LT-9", "", OTHER_MAC, 1, 26);
    assert_eq!(verify(&other, &device).state, VerifiedState::Gone);
    let shared = present.clone() + &row("h2", "LT-2", "", MAC, 1, 26);
    assert_eq!(verify(&shared, &device).state, VerifiedState::Unknown);
    let without = "{\"device_id\":\"h9\",\"host_name\":\"LT-9\"}\n";
    assert_eq!(
        verify(without, &device).state,
        VerifiedState::Unknown,
        "an inventory without addresses tells nothing"
    );
}

#[test]
fn lookup_tells_the_same_states() {
    let device = accepted("h1", "LT-1", "", MAC);
    let present = |hwid: &str, enrolled: u8, seen: u8| {
        let day = |day: u8| time(&format!("2026-11-{day:02}T09:00:00Z"));
        LookupAnswer::Present(Presence {
            hwid: Some(hwid.to_owned()),
            hostname: "LT-1".to_owned(),
            last_seen: Some(day(seen)),
            enrolled: Some(day(enrolled)),
        })
    };
    for (seen, state) in [
        (LookupAnswer::Absent, VerifiedState::Gone),
        (present("h1", 1, 19), VerifiedState::StillThere),
        (present("H1", 1, 21), VerifiedState::Returned),
        (present("h2", 22, 26), VerifiedState::Returned),
        // Somebody else's dock.
        (present("h2", 1, 26), VerifiedState::Unknown),
    ] {
        assert_eq!(
            by_lookup(&device, &seen, MatchRule::Mac).state,
            state,
            "{seen:?}"
        );
    }
}

#[test]
fn only_a_complete_inventory_of_the_account_is_evidence() {
    let target = Target {
        tenant: "https://t.example".to_owned(),
        account: Some("acme".to_owned()),
        profile: "lab".to_owned(),
    };
    let now = time("2026-11-27T10:00:00Z");
    let of = |text: &str| {
        let list = DeviceList::read_bytes("l", text.as_bytes()).expect("a list");
        Evidence::of_inventory(&list, &target, now)
    };
    let row = row("h1", "LT-1", "", MAC, 1, 26);
    let whole = format!("{HEAD}{row}");
    let evidence = of(&whole).expect("evidence");
    assert_eq!(evidence.time, time("2026-11-27T09:00:00Z"));
    assert!(matches!(
        evidence.source,
        EvidenceSource::Inventory { devices: 1, .. }
    ));
    assert_eq!(of(&row), Err(Unproven::NotFetched));
    assert_eq!(of("hwid,hostname\nh1,LT-1\n"), Err(Unproven::NotFetched));
    let partial = whole.replace("true", "false");
    assert!(matches!(of(&partial), Err(Unproven::Partial(_))));
    assert_eq!(of(HEAD), Err(Unproven::Empty));
    let cut = &whole[..whole.len() - 20];
    assert!(matches!(of(cut), Err(Unproven::Partial(_))));
    for other in [
        whole.replace("t.example", "u.example"),
        whole.replace("\"acme\"", "\"other\""),
        whole.replace("\"acme\"", "null"),
    ] {
        assert!(
            matches!(of(&other), Err(Unproven::OtherTenant(_))),
            "{other}"
        );
    }
    let early = whole.replace("2026-11-27T09", "2026-11-27T11");
    assert!(matches!(of(&early), Err(Unproven::Future(_))));
}

#[test]
fn counts_read_as_a_sentence() {
    let mut counts = VerifiedCounts::default();
    assert_eq!(counts.to_string(), "0 gone");
    for state in [
        VerifiedState::Gone,
        VerifiedState::Returned,
        VerifiedState::StillThere,
        VerifiedState::Returned,
    ] {
        counts.add(state);
    }
    assert_eq!(counts.to_string(), "1 gone · 1 still there · 2 returned");
    assert_eq!(counts.plus(counts).total(), 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the inventory holds: a device is gone only if no row has its HWID, and has returned only
    /// by a row that was seen or enrolled after it was accepted.
    #[test]
    fn verify_claims_only_what_a_row_shows(
        rows in proptest::collection::vec((0_u8..4, 0_u8..3, 0_u8..3, 0_u8..3, 1_u8..28, 1_u8..28), 0..6),
        (hwid, host, serial, mac) in (0_u8..4, 0_u8..3, 0_u8..3, 0_u8..3),
    ) {
        let host_of = |number: u8| ["localhost", "LT-1", "LT-2"][number as usize];
        let serial_of = |number: u8| ["", "PF2A1B3C", "PF9Z9Z9Z"][number as usize];
        let mac_of = |number: u8| ["02:42:ac:11:00:02", MAC, OTHER_MAC][number as usize];
        let mut seen = HashSet::new();
        let rows: Vec<_> = rows.into_iter().filter(|row| seen.insert(row.0)).collect();
        let text: String = rows
            .iter()
            .map(|&(hwid, host, serial, mac, enrolled, last)| {
                row(&format!("h{hwid}"), host_of(host), serial_of(serial), mac_of(mac), enrolled, last)
            })
            .collect();
        let device = accepted(&format!("H{hwid}"), host_of(host), serial_of(serial), mac_of(mac));
        let found = verify(&text, &device);
        let own = rows.iter().find(|row| row.0 == hwid);
        match found.state {
            VerifiedState::Gone => prop_assert!(own.is_none(), "{text}"),
            VerifiedState::StillThere => {
                let own = own.expect("its record");
                prop_assert!(own.4 <= 20 && own.5 <= 20, "{text}");
            }
            VerifiedState::Returned => {
                let sighting = found.sighting.expect("a record");
                prop_assert!(sighting.is_after(device.at));
                if sighting.is_new_record(&device.device) {
                    prop_assert!(sighting.enrolled > Some(device.at));
                }
            }
            VerifiedState::Unknown => {
                prop_assert!(own.is_none(), "its own HWID is enough: {text}");
                let since = rows.iter().filter(|row| row.4 > 20 && (row.1 == host || row.2 == serial));
                prop_assert!(since.count() > 1, "{text}");
            }
        }
    }
}
