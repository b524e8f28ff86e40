//! The budget, shared by processes and kept over their ends.

use super::*;

#[test]
fn a_limit_that_holds_for_longer_is_not_loosened() {
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
            number: slot.number,
            cap: Some(cap),
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
    other
        .complete_slot(&SlotEnd {
            number: slot.number,
            cap: None,
        })
        .expect("stored");
    let (at, why) = take(&mut fixture.journal, 2).expect_err("full");
    assert_eq!(
        (at, why),
        (BootTime(1_000_000 + 61_000), WaitReason::Budget)
    );
    fixture.clock.advance(Duration::from_secs(61));
    assert!(take(&mut fixture.journal, 2).is_ok());
}

#[test]
fn another_account_has_a_budget_of_its_own() {
    let mut fixture = fixture();
    assert!(take(&mut fixture.journal, 1).is_ok());
    let other = Target {
        account: Some("other".to_owned()),
        ..target()
    };
    let slot = fixture.journal.take_slot(
        &other,
        &budget(1),
        SlotPurpose::Token,
        Duration::from_secs(65),
    );
    assert!(slot.expect("the ledger works").is_ok());
}

#[test]
fn a_cap_outlives_the_process() {
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
            number: slot.number,
            cap: Some(cap),
        })
        .expect("stored");
    let mut reopened = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    assert_eq!(take(&mut reopened, 10), Err((until, WaitReason::TooMany)));
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
fn a_ledger_from_the_future_makes_the_window_full_once() {
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
