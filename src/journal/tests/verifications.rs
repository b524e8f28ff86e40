//! Verifications are stored whole, once, and change nothing that is definite.

use super::*;
use crate::engine::lookup_verdict::{LookupAnswer, Presence};
use crate::list::DeviceList;
use crate::verification::{Evidence, VerifiedCounts, VerifiedState};

/// An inventory that was begun at this time, with these rows: HWID and last seen.
fn inventory(fetched_at: &str, rows: &[(&str, &str)]) -> DeviceList {
    let mut text = format!(
        "{{\"offboard_list\":1,\"tenant\":\"https://a.example\",\"account\":null,\
         \"fetched_at\":\"{fetched_at}\",\"complete\":true}}\n"
    );
    // An empty inventory proves nothing.
    let other = ("another-device", "2026-11-01T00:00:00Z");
    for (hwid, seen) in rows.iter().chain([&other]) {
        text += &format!("{{\"device_id\":\"{hwid}\",\"last_seen\":\"{seen}\"}}\n");
    }
    DeviceList::read_bytes("lab.jsonl", text.as_bytes()).expect("a list")
}

fn verify(journal: &mut Journal, list: &DeviceList) -> Verification {
    let now = "2027-01-01T00:00:00Z".parse().expect("a time");
    let evidence = Evidence::of_inventory(list, &target(), now).expect("evidence");
    journal
        .verify_by_inventory(&target(), None, (list, &evidence), &Operator::default())
        .expect("stored")
}

/// Three devices, of which the first two are accepted at 10:00.
fn run_of_three() -> (Fixture, RunId) {
    let mut fixture = fixture();
    let plan = plan(1, &["h1", "h2", "h3"]);
    admit(&mut fixture.journal, &plan);
    let elements = [Element::Deleted, Element::Deleted];
    one_call(&mut fixture.journal, &plan.id, &[0, 1], &elements);
    (fixture, plan.id)
}

fn counts(journal: &Journal) -> Option<VerifiedCounts> {
    let run = journal.run("last").expect("a run");
    run.verification.map(|verification| verification.counts)
}

fn states(journal: &Journal, run: &RunId) -> Vec<Option<VerifiedState>> {
    let devices = journal.devices(run).expect("read");
    let states = devices.into_iter().map(|device| device.verified);
    states
        .map(|verified| verified.map(|verified| verified.state))
        .collect()
}

fn rows(journal: &Journal, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    journal
        .connection
        .query_row(&sql, [], |row| row.get(0))
        .expect("counted")
}

const GONE: Option<VerifiedState> = Some(VerifiedState::Gone);
const RETURNED: Option<VerifiedState> = Some(VerifiedState::Returned);
const STILL_THERE: Option<VerifiedState> = Some(VerifiedState::StillThere);

#[test]
fn verification_is_stored_beside_the_outcomes() {
    let (mut fixture, run) = run_of_three();
    assert_eq!(counts(&fixture.journal), None);
    let list = inventory(
        "2026-11-23T11:00:00Z",
        &[
            ("h2", "2026-11-23T09:00:00Z"),
            ("h3", "2026-11-23T10:30:00Z"),
        ],
    );
    let verification = verify(&mut fixture.journal, &list);
    assert_eq!(verification.covered, [run]);
    assert_eq!(states(&fixture.journal, &run), [GONE, STILL_THERE, None]);
    let expected = VerifiedCounts {
        gone: 1,
        still_there: 1,
        ..VerifiedCounts::default()
    };
    assert_eq!(counts(&fixture.journal), Some(expected));
    let found = fixture.journal.verified_states(&target(), &list);
    let found = found.expect("read");
    let ids: Vec<_> = found
        .iter()
        .map(|(id, entry)| (id.index(), entry.state))
        .collect();
    assert_eq!(ids, [(0, VerifiedState::StillThere)]);
    let tally = fixture.journal.run("last").expect("a run").tally;
    assert_eq!((tally.accepted, tally.left), (2, 1), "outcomes stay");
}

#[test]
fn verification_follows_the_newest_inventory_and_adds_only_changes() {
    let (mut fixture, run) = run_of_three();
    let journal = &mut fixture.journal;
    verify(journal, &inventory("2026-11-23T11:00:00Z", &[]));
    assert_eq!(states(journal, &run), [GONE, GONE, None]);
    assert_eq!(rows(journal, "verified_devices"), 0, "all of them are gone");
    let back = inventory("2026-11-24T11:00:00Z", &[("h2", "2026-11-24T08:00:00Z")]);
    verify(journal, &back);
    assert_eq!(states(journal, &run), [GONE, RETURNED, None]);
    let again = inventory("2026-11-25T11:00:00Z", &[("h2", "2026-11-25T08:00:00Z")]);
    verify(journal, &again);
    verify(journal, &again);
    assert_eq!(
        rows(journal, "verified_devices"),
        1,
        "seen again is no change"
    );
    assert_eq!(rows(journal, "verified_runs"), 2);
    assert_eq!(rows(journal, "verifications"), 3, "the same inventory once");
    let record = journal.run("last").expect("a run");
    let evidence = record.verification.expect("verified").evidence;
    assert_eq!(evidence.time, again.fetched_at().expect("a time"));
    // An older inventory changes nothing.
    let stands = verify(journal, &back);
    assert_eq!(stands.superseded_for, [run]);
    assert_eq!(states(journal, &run), [GONE, RETURNED, None]);
    verify(journal, &inventory("2026-11-26T11:00:00Z", &[]));
    assert_eq!(states(journal, &run), [GONE, GONE, None], "it went again");
}

#[test]
fn inventory_proves_nothing_of_devices_that_were_accepted_later() {
    let (mut fixture, run) = run_of_three();
    let before = inventory("2026-11-23T10:00:00Z", &[("h1", "2026-11-23T09:00:00Z")]);
    let verification = verify(&mut fixture.journal, &before);
    assert_eq!(verification.too_old_for, [run]);
    assert_eq!(states(&fixture.journal, &run), [None, None, None]);
    // The third device is accepted after the inventory was begun.
    fixture.clock.advance(Duration::from_secs(7200));
    one_call(&mut fixture.journal, &run, &[2], &[Element::Deleted]);
    verify(
        &mut fixture.journal,
        &inventory("2026-11-23T11:00:00Z", &[]),
    );
    assert_eq!(states(&fixture.journal, &run), [GONE, GONE, None]);
    let expected = VerifiedCounts {
        gone: 2,
        unknown: 1,
        ..VerifiedCounts::default()
    };
    assert_eq!(counts(&fixture.journal), Some(expected));
    verify(
        &mut fixture.journal,
        &inventory("2026-11-23T13:00:00Z", &[]),
    );
    assert_eq!(states(&fixture.journal, &run), [GONE, GONE, GONE]);
}

#[test]
fn lookups_verify_the_devices_that_they_saw() {
    let (mut fixture, run) = run_of_three();
    let at: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
    let present = LookupAnswer::Present(Presence {
        hwid: Some("h2".to_owned()),
        last_seen: Some(at),
        ..Presence::default()
    });
    let journal = &mut fixture.journal;
    let store = |journal: &mut Journal, lookups: &[(u32, Timestamp, LookupAnswer)]| {
        journal
            .verify_by_lookups(&target(), &run, lookups, &Operator::default())
            .expect("stored");
    };
    store(
        journal,
        &[(1, at, present.clone()), (2, at, LookupAnswer::Absent)],
    );
    assert_eq!(states(journal, &run), [None, RETURNED, None]);
    let partly = counts(journal).expect("verified");
    assert_eq!((partly.returned, partly.unknown), (1, 1));
    // What was looked up is newer than this inventory.
    verify(journal, &inventory("2026-11-23T11:00:00Z", &[]));
    assert_eq!(states(journal, &run), [GONE, RETURNED, None]);
    store(journal, &[(0, at, LookupAnswer::Absent), (1, at, present)]);
    assert_eq!(states(journal, &run), [GONE, RETURNED, None]);
    // A lookup before the answer proves nothing.
    let early: Timestamp = "2026-11-23T09:00:00Z".parse().expect("a time");
    store(journal, &[(0, early, LookupAnswer::Absent)]);
    assert_eq!(counts(journal).map(VerifiedCounts::total), Some(2));
}

#[test]
fn lookup_of_the_old_hwid_does_not_take_back_that_a_device_returned_under_a_new_one() {
    let (mut fixture, run) = run_of_three();
    let journal = &mut fixture.journal;
    let hostname = journal.devices(&run).expect("read")[0]
        .device
        .hostname
        .clone();
    assert!(!hostname.is_empty());
    let list = format!(
        "{{\"offboard_list\":1,\"tenant\":\"https://a.example\",\"account\":null,\
         \"fetched_at\":\"2026-11-23T12:00:00Z\",\"complete\":true}}\n\
         {{\"device_id\":\"new1\",\"host_name\":\"{hostname}\",\"enrolled_at\":\"2026-11-23T11:00:00Z\"}}\n\
         {{\"device_id\":\"h2\",\"last_seen\":\"2026-11-23T11:30:00Z\"}}\n"
    );
    let list = DeviceList::read_bytes("lab.jsonl", list.as_bytes()).expect("a list");
    verify(journal, &list);
    assert_eq!(states(journal, &run), [RETURNED, RETURNED, None]);
    let at: Timestamp = "2026-11-23T13:00:00Z".parse().expect("a time");
    let absent = [(0, at, LookupAnswer::Absent), (1, at, LookupAnswer::Absent)];
    let stored = journal.verify_by_lookups(&target(), &run, &absent, &Operator::default());
    stored.expect("stored");
    assert_eq!(states(journal, &run), [RETURNED, GONE, None]);
    let counts = counts(journal).expect("verified");
    assert_eq!((counts.returned, counts.gone), (1, 1));
}

#[test]
fn run_whose_names_were_forgotten_is_not_verified_by_inventories_again() {
    let (mut fixture, run) = run_of_three();
    let forget = "UPDATE runs SET forgotten = 1";
    fixture
        .journal
        .connection
        .execute(forget, [])
        .expect("forgotten");
    let list = inventory("2026-11-23T11:00:00Z", &[("h2", "2026-11-23T10:30:00Z")]);
    let verification = verify(&mut fixture.journal, &list);
    assert_eq!(verification, Verification::default());
    let journal = &fixture.journal;
    assert_eq!(states(journal, &run), [None, None, None]);
    assert_eq!(rows(journal, "verified_devices"), 0);
}

#[test]
fn two_journals_that_verify_at_once_store_each_change_once() {
    let (mut fixture, run) = run_of_three();
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("opened");
    let list = inventory("2026-11-23T11:00:00Z", &[("h2", "2026-11-23T10:30:00Z")]);
    std::thread::scope(|scope| {
        for journal in [&mut fixture.journal, &mut other] {
            let list = &list;
            scope.spawn(move || {
                for _ in 0..20 {
                    verify(journal, list);
                }
            });
        }
    });
    assert_eq!(states(&other, &run), [GONE, RETURNED, None]);
    let all = ["verifications", "verified_runs", "verified_devices"];
    assert_eq!(all.map(|table| rows(&other, table)), [1, 1, 1]);
}

#[test]
fn clock_that_was_wrong_during_the_run_is_corrected_by_the_servers() {
    for (wall, found) in [
        // The clock of this host was a year ahead, or behind, when the device was accepted.
        ("2027-11-23T10:00:00Z", GONE),
        ("2025-11-23T10:00:00Z", GONE),
    ] {
        let mut fixture = fixture();
        fixture.clock.set(Now {
            wall: wall.parse().expect("a time"),
            boot: BootTime(1_000_000),
        });
        let plan = plan(1, &["h1", "h2"]);
        admit(&mut fixture.journal, &plan);
        let elements = [Element::Deleted, Element::Deleted];
        one_call(&mut fixture.journal, &plan.id, &[0, 1], &elements);
        let slot = take(&mut fixture.journal, 10).expect("a slot");
        let end = SlotEnd {
            number: slot.number,
            cap: None,
            server: "2026-11-23T10:00:00Z".parse().ok(),
        };
        fixture.journal.complete_slot(&end).expect("stored");
        let later = inventory("2026-11-23T11:00:00Z", &[("h2", "2026-11-23T09:30:00Z")]);
        verify(&mut fixture.journal, &later);
        assert_eq!(
            states(&fixture.journal, &plan.id),
            [found, STILL_THERE],
            "{wall}"
        );
        let earlier = inventory("2026-11-23T09:00:00Z", &[]);
        let verification = verify(&mut fixture.journal, &earlier);
        assert!(verification.covered.is_empty(), "{wall}");
    }
}

#[test]
#[ignore = "measures time: run it alone, in a release build"]
fn verification_of_ten_thousand_devices_by_a_large_inventory_takes_under_a_second() {
    let mut fixture = fixture();
    let hwids: Vec<String> = (0..10_000).map(|number| format!("hw{number:06}")).collect();
    let plan = plan(1, &hwids.iter().map(String::as_str).collect::<Vec<_>>());
    let policy = Policy {
        max_devices: 20_000,
        max_per_day: 20_000,
        ..policy()
    };
    let confirmed = plan.confirm(10_000).expect("confirmed");
    let admitted = fixture
        .journal
        .admit(&confirmed, &Operator::default(), &policy);
    admitted.expect("stored");
    let ordinals: Vec<u32> = (0..10_000).collect();
    for batch in ordinals.chunks(500) {
        fixture.clock.advance(Duration::from_secs(120));
        let elements = vec![Element::Deleted; batch.len()];
        one_call(&mut fixture.journal, &plan.id, batch, &elements);
    }
    // One in a hundred is there again, every second of them under a new HWID.
    let mut text = "{\"offboard_list\":1,\"tenant\":\"https://a.example\",\"account\":null,\
                    \"fetched_at\":\"2026-11-25T11:00:00Z\",\"complete\":true}\n"
        .to_owned();
    for number in 0..300_000 {
        let (hwid, hostname) = match number {
            0..10_000 if number % 200 == 0 => (format!("hw{number:06}"), String::new()),
            0..10_000 if number % 100 == 0 => {
                (format!("new{number:06}"), format!("LT-hw{number:06}"))
            }
            _ => (format!("other{number:06}"), format!("WS-{number:06}")),
        };
        text += &format!(
            "{{\"device_id\":\"{hwid}\",\"host_name\":\"{hostname}\",\"serial_number\":\"SN{number:08}\",\
             \"network_info\":[{{\"mac_addr\":\"3c:52:82:{:02x}:{:02x}:{:02x}\"}}],\
             \"enrolled_at\":\"2026-11-24T09:00:00Z\",\"last_seen\":\"2026-11-25T10:00:00Z\"}}\n",
            number >> 16 & 255,
            number >> 8 & 255,
            number & 255
        );
    }
    let list = DeviceList::read_bytes("lab.jsonl", text.as_bytes()).expect("a list");
    let begun = std::time::Instant::now();
    verify(&mut fixture.journal, &list);
    let took = begun.elapsed();
    let found = counts(&fixture.journal).expect("verified");
    assert_eq!((found.gone, found.returned), (9_900, 100));
    assert!(took < Duration::from_secs(1), "{took:?}");
}
