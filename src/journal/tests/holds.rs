//! Holds: admission obeys them, they end by two clocks only, and reading them is quick.

use super::*;
use crate::journal::EndedHolds;
use crate::plan::{Hold, LeftOutReason, ListIdentifiers};

fn hold(hwid: &str, until: &str) -> Hold {
    Hold {
        hwid: Some(Hwid::parse(hwid).expect("a HWID")),
        macs: Vec::new(),
        hostname: format!("LT-{hwid}"),
        until: until.parse().expect("a date"),
        reason: "on leave".to_owned(),
        owner: None,
    }
}

fn add(journal: &mut Journal, holds: &[Hold]) {
    journal
        .add_holds(&target(), holds, &Operator::default())
        .expect("stored");
}

fn end(journal: &mut Journal, hwid: &str) -> EndedHolds {
    let key = by_hwid(hwid).normal_form();
    journal
        .end_holds(&target(), &[key], &Operator::default())
        .expect("stored")
}

fn is_held(journal: &Journal, hwid: &str) -> bool {
    let key = by_hwid(hwid).normal_form();
    let earlier = journal.earlier_devices(&target(), 1, std::iter::once(key));
    !earlier.expect("read").holds.is_empty()
}

fn set(fixture: &Fixture, wall: &str, boot: i64) {
    fixture.clock.set(Now {
        wall: wall.parse().expect("a time"),
        boot: BootTime(boot),
    });
}

#[test]
fn admission_and_resume_refuse_held_devices_of_any_process() {
    let mut fixture = fixture();
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    let first = plan(1, &["h1", "h2"]);
    assert_eq!(admit(&mut fixture.journal, &first), Admission::Admitted);
    add(
        &mut other,
        &[hold("H2", "2026-12-31"), hold("h3", "2026-12-31")],
    );
    let held = LeftOutReason::Held("2026-12-31".parse().expect("a date"), "on leave".to_owned());
    assert_eq!(held.to_string(), "held until 2026-12-31: on leave");
    let conflict = |hwid: &str| {
        Admission::Conflicts(vec![Conflict {
            identifier: by_hwid(hwid),
            hostname: format!("LT-{hwid}"),
            reason: held.clone(),
        }])
    };
    let second = plan(2, &["h3", "h4"]);
    // All planned devices of these tests share a MAC, by which neither is held.
    assert_eq!(admit(&mut fixture.journal, &second), conflict("h3"));
    let resumed = fixture
        .journal
        .record_resume(&first.id, 2, &Operator::default(), &policy());
    assert_eq!(resumed.expect("read"), conflict("h2"));
    assert_eq!(end(&mut other, "h3"), EndedHolds::Ended(1));
    assert_eq!(admit(&mut fixture.journal, &second), Admission::Admitted);
    let elsewhere = another_account();
    assert_eq!(fixture.journal.holds(&elsewhere).expect("read"), []);
}

/// A device of a list: its HWID, and the MAC of a dock.
fn docked(hwid: &str) -> ListIdentifiers {
    let row = format!("hwid,mac\n{hwid},3c:52:82:00:00:01\n");
    let list = crate::list::DeviceList::read_bytes("l", row.as_bytes()).expect("a list");
    ListIdentifiers::of(list.device(list.ids().next().expect("a device")))
}

#[test]
fn holds_of_devices_are_ended_as_they_were_shown_and_not_those_of_others_at_the_same_dock() {
    let mut fixture = fixture();
    let journal = &mut fixture.journal;
    let dock = || MacAddress::parse("3c:52:82:00:00:01").into_iter().collect();
    let with_dock = |hwid: &str| Hold {
        macs: dock(),
        ..hold(hwid, "2026-12-31")
    };
    let by_mac = Hold {
        hwid: None,
        ..with_dock("h0")
    };
    let later = hold("h1", "2027-01-31");
    let added = [
        with_dock("h1"),
        with_dock("h2"),
        later.clone(),
        by_mac.clone(),
    ];
    add(journal, &added);
    let shown = journal.holds_of(&target(), &[docked("H1")]).expect("read");
    assert_eq!(shown.own, [with_dock("h1"), later, by_mac]);
    assert_eq!(shown.others, [with_dock("h2")]);
    let end = |journal: &mut Journal, shown: &HoldsOfDevices| {
        let ended = journal.end_holds_of(&target(), shown, &Operator::default());
        ended.expect("stored")
    };
    add(journal, &[hold("h9", "2026-12-31")]);
    assert_eq!(end(journal, &shown), None, "one was added since");
    assert_eq!(
        journal
            .holds_of(&target(), &[docked("h1")])
            .expect("read")
            .own
            .len(),
        3
    );
    let shown = journal.holds_of(&target(), &[docked("h1")]).expect("read");
    assert_eq!(end(journal, &shown), Some(3));
    assert_eq!(end(journal, &shown), None, "they were ended since");
    assert!(is_held(journal, "h2"));
    assert!(is_held(journal, "h9"));
    assert!(!is_held(journal, "h1"));
}

#[test]
fn hold_ends_when_its_day_is_over_by_boot_time_too() {
    let mut fixture = fixture();
    add(&mut fixture.journal, &[hold("h1", "2026-11-24")]);
    let start = fixture.clock.now().boot.0;
    let hours = |hours: i64| start + hours * 3_600_000;
    // From 10:00 on the 23rd, the 24th is over after 38 hours.
    for (wall, boot, held) in [
        ("2026-11-24T23:59:59Z", hours(38) - 1000, true),
        ("2027-11-25T00:00:00Z", hours(1), true),
        ("2026-11-20T00:00:00Z", hours(50), true),
        ("2026-11-25T00:00:00Z", hours(38), false),
    ] {
        set(&fixture, wall, boot);
        assert_eq!(is_held(&fixture.journal, "h1"), held, "{wall}");
    }
    set(&fixture, "2027-11-25T00:00:00Z", hours(1));
    let status = |journal: &Journal| journal.holds(&target()).expect("read")[0].status;
    assert_eq!(status(&fixture.journal), HoldStatus::Unconfirmed);
    assert_eq!(end(&mut fixture.journal, "h1"), EndedHolds::Ended(1));
    assert_eq!(status(&fixture.journal), HoldStatus::Ended);
    let key = by_hwid("h1");
    assert_eq!(end(&mut fixture.journal, "h1"), EndedHolds::NotHeld(key));
}

#[test]
fn after_a_reboot_the_server_confirms_the_end_of_a_hold() {
    let mut fixture = fixture();
    add(&mut fixture.journal, &[hold("h1", "2026-11-24")]);
    let wall = "2026-11-26T10:00:00Z".parse().expect("a time");
    let boot = BootTime(500_000_000);
    let clock = Clock::manual_in("another boot", Now { wall, boot });
    let mut journal = Journal::open(&fixture.path, clock.clone()).expect("a journal");
    assert!(is_held(&journal, "h1"), "only the wall clock says so");
    let number = match take(&mut journal, 10) {
        Ok(slot) => slot.number,
        Err(_) => {
            clock.advance(Duration::from_secs(600));
            take(&mut journal, 10).expect("a slot").number
        }
    };
    let answered = |server: &str| SlotEnd {
        number,
        cap: None,
        server: Some(server.parse().expect("a time")),
    };
    journal
        .complete_slot(&answered("2026-11-24T23:59:00Z"))
        .expect("stored");
    assert!(
        is_held(&journal, "h1"),
        "the server's clock is before the end"
    );
    clock.advance(Duration::from_secs(60));
    assert!(!is_held(&journal, "h1"), "and reaches it a minute later");
}

#[test]
fn server_outweighs_the_clock_by_which_a_hold_was_added() {
    let mut fixture = fixture();
    let start = fixture.clock.now().boot.0;
    let minutes = |minutes: i64| start + minutes * 60_000;
    // A year ahead, half an hour before the hold's last day is over by that clock.
    set(&fixture, "2027-11-23T23:30:00Z", start);
    add(&mut fixture.journal, &[hold("h1", "2027-11-23")]);
    let number = take(&mut fixture.journal, 10).expect("a slot").number;
    let answered = SlotEnd {
        number,
        cap: None,
        server: Some("2026-11-23T10:00:00Z".parse().expect("a time")),
    };
    fixture.journal.complete_slot(&answered).expect("stored");
    set(&fixture, "2027-11-24T00:30:00Z", minutes(60));
    assert!(
        is_held(&fixture.journal, "h1"),
        "it has a year left by the server's clock"
    );
    set(&fixture, "2027-11-24T00:30:00Z", minutes(366 * 24 * 60));
    assert!(!is_held(&fixture.journal, "h1"));
}

#[test]
#[ignore = "measures time: run it alone, in a release build"]
fn ten_thousand_holds_cost_a_plan_under_20_ms() {
    let mut fixture = fixture();
    let holds: Vec<Hold> = (0..10_000)
        .map(|number| hold(&format!("x{number}"), "2026-12-31"))
        .collect();
    add(&mut fixture.journal, &holds);
    for devices in [500_usize, 20_000] {
        let keys: Vec<Identifier> = (0..devices)
            .map(|number| by_hwid(&format!("h{number}")))
            .collect();
        let start = std::time::Instant::now();
        let earlier = fixture
            .journal
            .earlier_devices(&target(), devices, keys.into_iter());
        let took = start.elapsed();
        assert_eq!(earlier.expect("read").holds.is_empty(), devices == 500);
        let most = if cfg!(debug_assertions) { 400 } else { 20 };
        assert!(took < Duration::from_millis(most), "{devices}: {took:?}");
    }
}
