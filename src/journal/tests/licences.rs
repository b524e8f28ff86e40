//! Licences and totals of fetches.

use jiff::SignedDuration;

use super::*;
use crate::journal::LicenceMoment;
use crate::query::{AgeBand, ListTotals};

/// A call of this purpose, which has ended.
fn call(journal: &mut Journal, purpose: SlotPurpose) -> i64 {
    let slot = journal.take_slot(&target(), &budget(10), purpose, Duration::from_secs(60));
    let Ok(SlotAnswer::Taken(slot)) = slot else {
        panic!("{slot:?}")
    };
    let end = slot_end(slot.number);
    journal.complete_slot(&end).expect("completed");
    slot.number
}

#[test]
fn tenant_that_does_not_tell_is_asked_again_after_a_week() {
    let mut fixture = fixture();
    let (clock, journal) = (fixture.clock.clone(), &mut fixture.journal);
    let asks = |journal: &Journal| journal.asks_for_licences(&target()).expect("read");
    assert!(asks(journal), "it was never asked");
    let slot = call(journal, SlotPurpose::Account);
    let stored = journal.store_licences(&target(), slot, None, None);
    assert_eq!(stored.expect("stored"), None);
    assert_eq!(journal.last_licences(&target()).expect("read"), None);
    assert!(!asks(journal));
    clock.advance(Duration::from_secs(7 * 86_400));
    assert!(asks(journal));
}

#[test]
fn measurement_stands_for_the_next_run_until_something_is_sent() {
    let mut fixture = fixture();
    let (clock, journal) = (fixture.clock.clone(), &mut fixture.journal);
    let plan = plan(1, &["h1"]);
    admit(journal, &plan);
    let run = plan.id;
    let reuse = |journal: &mut Journal| journal.reuse_licences(&target(), run).expect("read");
    assert_eq!(reuse(journal), None);
    let measure = |journal: &mut Journal| {
        let slot = call(journal, SlotPurpose::Account);
        let stored = journal.store_licences(&target(), slot, Some((487, 500)), None);
        stored.expect("stored").expect("measured")
    };
    let measured = measure(journal);
    assert_eq!((measured.used, measured.allowed), (487, 500));
    assert_eq!(reuse(journal), Some(measured));
    let record = journal.run(&run.short()).expect("a run");
    assert_eq!(
        (record.licences.before, record.licences.after),
        (Some(measured), None)
    );
    call(journal, SlotPurpose::Delete);
    assert_eq!(reuse(journal), None, "a call may have changed the number");
    let again = measure(journal);
    assert_eq!(reuse(journal), Some(again));
    clock.advance(Duration::from_secs(600));
    assert_eq!(reuse(journal), None, "it is old");
    let slot = call(journal, SlotPurpose::Account);
    let after = journal.store_licences(
        &target(),
        slot,
        Some((1, 2)),
        Some(LicenceMoment::After(run)),
    );
    let record = journal.run(&run.short()).expect("a run");
    assert_eq!(record.licences.after, after.expect("stored"));
    set_state(journal, &run, RunState::Running);
    let record = journal.run(&run.short()).expect("a run");
    assert_eq!(record.licences.after, None, "it goes on");
}

#[test]
fn totals_of_fetches_are_kept_in_order_with_the_licences_of_their_time() {
    let mut fixture = fixture();
    let (clock, journal) = (fixture.clock.clone(), &mut fixture.journal);
    let mut totals = ListTotals {
        devices: 3,
        ..ListTotals::default()
    };
    totals
        .by_age
        .extend([(AgeBand::Year, 2), (AgeBand::Unknown, 1)]);
    totals.by_status.insert("a\u{1b}b".to_owned(), 3);
    let fetch = |journal: &mut Journal, totals: &ListTotals| {
        let now = clock.now().wall;
        journal
            .record_fetch(&target(), now, "hash", totals)
            .expect("recorded");
    };
    fetch(journal, &totals);
    clock.advance(Duration::from_secs(86_400));
    let slot = call(journal, SlotPurpose::Account);
    journal
        .store_licences(&target(), slot, Some((5, 9)), None)
        .expect("stored");
    fetch(journal, &totals);
    clock.advance(Duration::from_secs(86_400));
    totals.devices = 2;
    fetch(journal, &totals);
    let trend = journal.trend(&target(), None).expect("read");
    let points: Vec<_> = trend
        .points
        .iter()
        .map(|point| (point.devices, point.unseen, point.licences))
        .collect();
    assert_eq!(points, [(3, 2, None), (3, 2, Some((5, 9))), (2, 2, None)]);
    assert_eq!(trend.fetches, 3);
    let since = trend.points[1].at;
    let later = journal.trend(&target(), Some(since)).expect("read");
    assert_eq!(later.points.len(), 2);
    let mut read = Vec::new();
    let all = journal.fetch_totals(&target(), None, &mut |fetch| {
        read.push(fetch);
        true
    });
    all.expect("read");
    assert_eq!(read.len(), 3);
    assert_eq!(read[0].totals.by_status.get("a\u{1b}b"), Some(&3));
    assert_eq!(read[0].totals.by_age, totals.by_age);
    let future = since + SignedDuration::from_hours(24 * 365);
    assert!(
        journal
            .trend(&target(), Some(future))
            .expect("read")
            .points
            .is_empty()
    );
}
