//! `max_per_day`, and the size of the last list.

use super::*;
use crate::domain::target::PlanRefusal;

fn policy_of(max_per_day: u64) -> Policy {
    Policy {
        max_per_day,
        ..policy()
    }
}

fn admit_under(journal: &mut Journal, plan: &Plan, most: u64) -> Admission {
    let confirmed = plan.confirm(plan.devices.len() as u64).expect("confirmed");
    journal
        .admit(&confirmed, &Operator::default(), &policy_of(most))
        .expect("stored")
}

fn too_many(devices: u64, sent: u64, most: u64) -> Admission {
    Admission::TooManyInADay(PlanRefusal::TooManyInADay {
        devices,
        sent,
        most,
    })
}

fn accept(fixture: &Fixture, run: &RunId) {
    let connection = Connection::open(fixture.journal.path()).expect("open");
    connection
        .execute(
            "UPDATE run_devices SET outcome = 'accepted', decided_at = ?2
             WHERE run = (SELECT number FROM runs WHERE id = ?1)",
            rusqlite::params![run.bytes(), fixture.clock.now().wall.to_string()],
        )
        .expect("accepted");
    connection
        .execute(
            "UPDATE runs SET state = 'finished', ended_at = ?2 WHERE id = ?1",
            rusqlite::params![run.bytes(), fixture.clock.now().wall.to_string()],
        )
        .expect("ended");
}

#[test]
fn run_over_the_limit_of_a_day_is_refused_and_admitted_a_day_later() {
    let mut fixture = fixture();
    let first = plan(1, &["h1", "h2"]);
    assert_eq!(
        admit_under(&mut fixture.journal, &first, 3),
        Admission::Admitted
    );
    let second = plan(2, &["h3", "h4"]);
    assert_eq!(
        admit_under(&mut fixture.journal, &second, 3),
        too_many(2, 2, 3),
        "devices of an open run count"
    );
    accept(&fixture, &first.id);
    fixture.clock.advance(Duration::from_hours(23));
    assert_eq!(
        admit_under(&mut fixture.journal, &second, 3),
        too_many(2, 2, 3)
    );
    fixture.clock.advance(Duration::from_hours(2));
    assert_eq!(
        fixture.journal.sent_in_a_day(&target()).expect("counted"),
        0
    );
    assert_eq!(
        admit_under(&mut fixture.journal, &second, 3),
        Admission::Admitted,
        "a refused plan isn't used up"
    );
}

#[test]
fn another_process_counts_what_was_admitted_meanwhile() {
    let mut fixture = fixture();
    let mut other = Journal::open(&fixture.path, fixture.clock.clone()).expect("a journal");
    let (first, second) = (plan(1, &["h1", "h2"]), plan(2, &["h3", "h4"]));
    assert_eq!(other.sent_in_a_day(&target()).expect("counted"), 0);
    assert_eq!(
        admit_under(&mut fixture.journal, &first, 3),
        Admission::Admitted
    );
    assert_eq!(admit_under(&mut other, &second, 3), too_many(2, 2, 3));
}

#[test]
fn failed_devices_and_other_accounts_are_not_counted() {
    let mut fixture = fixture();
    let first = plan(1, &["h1", "h2"]);
    admit_under(&mut fixture.journal, &first, 9);
    accept(&fixture, &first.id);
    let connection = Connection::open(fixture.journal.path()).expect("open");
    connection
        .execute(
            "UPDATE run_devices SET outcome = 'failed' WHERE ordinal = 0",
            [],
        )
        .expect("failed");
    let sent = |target: &Target| fixture.journal.sent_in_a_day(target).expect("counted");
    assert_eq!(sent(&target()), 1);
    let other = another_account();
    assert_eq!(sent(&other), 0);
}

#[test]
fn resume_counts_the_devices_of_other_runs() {
    let mut fixture = fixture();
    let first = plan(1, &["h1", "h2"]);
    admit_under(&mut fixture.journal, &first, 4);
    admit_under(&mut fixture.journal, &plan(2, &["h3", "h4"]), 4);
    let mut resume = |most| {
        let operator = Operator::default();
        let resumed = fixture
            .journal
            .record_resume(&first.id, 2, &operator, &policy_of(most));
        resumed.expect("stored")
    };
    assert_eq!(resume(3), too_many(2, 2, 3), "the setting was lowered");
    assert_eq!(resume(4), Admission::Admitted);
}

#[test]
fn last_list_of_a_name_is_the_newest_that_was_confirmed() {
    let mut fixture = fixture();
    let size = |journal: &Journal| {
        journal
            .last_list_size(&target(), "devices.json")
            .expect("read")
    };
    assert_eq!(size(&fixture.journal), None);
    for (id, devices) in [(1, 100), (2, 90)] {
        let mut plan = plan(id, &[&format!("h{id}")]);
        plan.origin.list_name = "devices.json".to_owned();
        plan.origin.list_devices = Some(devices);
        admit_under(&mut fixture.journal, &plan, 9);
    }
    assert_eq!(size(&fixture.journal), Some(90));
}
