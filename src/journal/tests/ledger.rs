//! The budget, shared by processes and kept over their ends.

use super::*;
use crate::domain::rate_limit;

#[test]
fn limit_that_holds_for_longer_is_not_loosened() {
    let mut fixture = fixture();
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let cap = |left, seconds| Cap {
        left,
        after: slot.number,
        until: BootTime(1_000_000) + Duration::from_secs(seconds),
        source: CapSource::TooMany,
    };
    for cap in [cap(0, 3600), cap(0, 60)] {
        let end = SlotEnd {
            cap: Some(cap),
            ..slot_end(slot.number)
        };
        fixture.journal.complete_slot(&end).expect("stored");
    }
    let ledger = fixture.journal.ledger(&target(), &budget(10));
    assert_eq!(ledger.expect("readable").caps, [cap(0, 3600)]);
}

#[test]
fn processes_share_one_budget() {
    let mut fixture = fixture();
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert!(take(&mut fixture.journal, 2).is_ok());
    let slot = take(&mut other, 2).expect("a slot");
    assert!(take(&mut fixture.journal, 2).is_err());
    other.complete_slot(&slot_end(slot.number)).expect("stored");
    let (at, why) = take(&mut fixture.journal, 2).expect_err("full");
    assert_eq!(
        (at, why),
        (BootTime(1_000_000 + 61_000), WaitReason::Budget)
    );
    fixture.clock.advance(Duration::from_secs(61));
    assert!(take(&mut fixture.journal, 2).is_ok());
}

#[test]
fn others_in_window_are_other_processes_whose_calls_still_count() {
    let mut fixture = fixture();
    assert!(take(&mut fixture.journal, 10).is_ok());
    let others = |journal: &Journal| journal.others_in_window(&target(), &budget(10));
    assert_eq!(others(&fixture.journal).expect("readable"), 0, "its own");
    let taken_by = |journal: &Journal, process: &str| {
        let sql = format!("UPDATE slots SET process = {process}");
        journal.connection.execute(&sql, []).expect("changed");
    };
    taken_by(&fixture.journal, "process + 1");
    assert!(take(&mut fixture.journal, 10).is_ok());
    assert_eq!(others(&fixture.journal).expect("readable"), 1);
    taken_by(&fixture.journal, "NULL");
    assert_eq!(
        others(&fixture.journal).expect("readable"),
        0,
        "an earlier version's"
    );
    taken_by(&fixture.journal, "1");
    fixture.clock.advance(Duration::from_secs(3600));
    assert_eq!(others(&fixture.journal).expect("readable"), 0, "long ago");
}

#[test]
fn another_account_has_a_budget_of_its_own() {
    let mut fixture = fixture();
    assert!(take(&mut fixture.journal, 1).is_ok());
    let other = another_account();
    let slot = fixture.journal.take_slot(
        &other,
        &budget(1),
        SlotPurpose::Token,
        Duration::from_secs(65),
    );
    assert!(matches!(slot, Ok(SlotAnswer::Taken(_))));
}

#[test]
fn cap_outlives_the_process() {
    let mut fixture = fixture();
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let until = fixture.clock.now().boot + Duration::from_secs(300);
    let cap = Cap {
        left: 0,
        after: slot.number,
        until,
        source: CapSource::TooMany,
    };
    fixture
        .journal
        .complete_slot(&SlotEnd {
            cap: Some(cap),
            ..slot_end(slot.number)
        })
        .expect("stored");
    let mut reopened = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert_eq!(take(&mut reopened, 10), Err((until, WaitReason::TooMany)));
}

/// The end of a lookup is stored again when another device has confirmed its answer.
#[test]
fn cap_that_was_over_when_it_was_stored_is_readable_after_a_reboot() {
    let mut fixture = fixture();
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let cap = Cap {
        left: 0,
        after: slot.number,
        until: fixture.clock.now().boot,
        source: CapSource::TooMany,
    };
    fixture.clock.advance(Duration::from_secs(65));
    let end = SlotEnd {
        cap: Some(cap),
        ..slot_end(slot.number)
    };
    fixture.journal.complete_slot(&end).expect("stored");
    let rebooted = Clock::manual_in("after", fixture.clock.now());
    let mut journal = Journal::open(&fixture.path, rebooted.clone()).expect("a journal");
    let ledger = journal.ledger(&target(), &budget(10)).expect("readable");
    let mut caps = ledger.caps.iter();
    let stored = caps.find(|cap| cap.source == CapSource::TooMany);
    assert!(stored.is_some_and(|cap| cap.until <= rebooted.now().boot));
}

#[test]
fn after_a_reboot_the_window_is_full_once() {
    let mut fixture = fixture();
    take(&mut fixture.journal, 10).expect("a slot");
    // Another boot: another id, and a clock that began anew.
    fixture
        .journal
        .connection
        .execute("UPDATE slots SET boot = 'before'", [])
        .expect("updated");
    let (at, why) = take(&mut fixture.journal, 10).expect_err("full");
    assert_eq!(
        (at, why),
        (BootTime(1_000_000 + 61_000), WaitReason::UnknownWindow)
    );
    fixture.clock.advance(Duration::from_secs(61));
    assert!(take(&mut fixture.journal, 10).is_ok());
}

#[test]
fn ledger_from_the_future_makes_the_window_full_once() {
    let mut fixture = fixture();
    take(&mut fixture.journal, 10).expect("a slot");
    fixture
        .journal
        .connection
        .execute("UPDATE slots SET taken = 99999999", [])
        .expect("updated");
    assert!(take(&mut fixture.journal, 10).is_err());
    fixture.clock.advance(Duration::from_secs(61));
    assert!(take(&mut fixture.journal, 10).is_ok());
}

/// A checkpoint of the machine was restored: the same boot, and a wall clock that went on.
#[test]
fn restored_boot_makes_the_window_full_once() {
    let mut fixture = fixture();
    take(&mut fixture.journal, 10).expect("a slot");
    let now = fixture.clock.now();
    fixture.clock.set(Now {
        wall: now.wall + Duration::from_secs(600),
        boot: now.boot + Duration::from_secs(90),
    });
    let (at, reason) = take(&mut fixture.journal, 10).expect_err("full");
    assert_eq!(reason, WaitReason::UnknownWindow);
    assert_eq!(at, now.boot + Duration::from_secs(90 + 61));
    fixture.clock.advance(Duration::from_secs(61));
    assert!(take(&mut fixture.journal, 10).is_ok());
}

#[test]
fn gauge_of_an_idle_process_frees_after_a_reboot() {
    let mut fixture = fixture();
    take(&mut fixture.journal, 10).expect("a slot");
    let rebooted = Clock::manual_in("after", fixture.clock.now());
    let mut journal = Journal::open(&fixture.path, rebooted.clone()).expect("a journal");
    let mut left = |clock: &Clock| {
        let ledger = journal.ledger(&target(), &budget(10)).expect("readable");
        rate_limit::budget_status(&ledger, &budget(10), clock.now().boot).left
    };
    assert_eq!(left(&rebooted), 0);
    rebooted.advance(Duration::from_secs(61));
    // The slot was never completed: it may have been in flight for as long as its call may last.
    assert_eq!(left(&rebooted), 9);
    rebooted.advance(Duration::from_secs(65));
    assert_eq!(left(&rebooted), 10);
}

/// Where machines have no boot ID, each process is a boot of its own.
#[test]
fn processes_without_a_boot_id_share_the_budget_and_block_each_other_once() {
    let fixture = fixture();
    let start = fixture.clock.now();
    let clocks = ["process-1", "process-2"].map(|name| Clock::manual_in(name, start));
    let mut journals = clocks
        .clone()
        .map(|clock| Journal::open(&fixture.path, clock).expect("a journal"));
    let mut arrivals: Vec<(usize, u64)> = Vec::new();
    for second in 0..1200_u64 {
        // Whoever comes first when a slot frees takes it: both do in turn.
        let order = if second % 2 == 0 { [0, 1] } else { [1, 0] };
        for index in order {
            let journal = &mut journals[index];
            // One of them is idle at first, and would like to go on all the time then.
            if index == 1 && second < 30 {
                continue;
            }
            if let Ok(slot) = take(journal, 4) {
                arrivals.push((index, second));
                let end = slot_end(slot.number);
                journal.complete_slot(&end).expect("stored");
            }
        }
        for clock in &clocks {
            clock.advance(Duration::from_secs(1));
        }
    }
    for window in arrivals.windows(5) {
        let span = window[4].1 - window[0].1;
        assert!(span >= 60, "five calls within {span} s: {window:?}");
    }
    let of = |index| arrivals.iter().filter(|&&(by, _)| by == index).count();
    // 1,200 seconds have room for 79 calls; each lost a window or two when it first saw the other.
    assert!(of(0) + of(1) >= 60, "{} and {}", of(0), of(1));
    assert!(of(0) > 0 && of(1) > 0, "{} and {}", of(0), of(1));
}

#[test]
fn nobody_deletes_the_slots_or_the_limits_of_another_boot_that_lives() {
    let mut fixture = fixture();
    let slot = take(&mut fixture.journal, 10).expect("a slot");
    let cap = Cap {
        left: 0,
        after: slot.number,
        until: fixture.clock.now().boot + Duration::from_secs(300),
        source: CapSource::TooMany,
    };
    let end = SlotEnd {
        cap: Some(cap),
        ..slot_end(slot.number)
    };
    fixture.journal.complete_slot(&end).expect("stored");
    // Its boot time is far ahead, and goes its own way.
    let other = Clock::manual_in(
        "other",
        Now {
            boot: BootTime(900_000_000),
            ..fixture.clock.now()
        },
    );
    let mut journal = Journal::open(&fixture.path, other.clone()).expect("a journal");
    let (at, reason) = take(&mut journal, 10).expect_err("full");
    assert_eq!(reason, WaitReason::TooMany, "for as long as it was to hold");
    assert_eq!(at, other.now().boot + Duration::from_secs(300));
    other.advance(Duration::from_secs(301));
    assert!(take(&mut journal, 10).is_ok());
    let ledger = fixture.journal.ledger(&target(), &budget(10));
    let ledger = ledger.expect("readable");
    assert_eq!(ledger.slots.len(), 2);
    assert!(ledger.slots.iter().any(|own| own.number == slot.number));
    assert!(ledger.caps.contains(&cap));
    other.advance(Duration::from_secs(3 * 3600));
    assert!(take(&mut journal, 10).is_ok());
    let kept: i64 = journal
        .connection
        .query_row("SELECT count(*) FROM slots", [], |row| row.get(0))
        .expect("a number");
    assert_eq!(kept, 1, "what was seen for hours is forgotten");
}
