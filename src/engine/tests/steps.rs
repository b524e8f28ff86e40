//! The order of steps, and what is reported of them.

use super::*;

#[test]
fn steps_are_durable_before_the_next_begins() {
    let mut world = world(&[HWID; 8], 50);
    world.run();
    let round = ["slot", "intent", "sent", "outcome"];
    assert_eq!(world.durable, [round, round].concat());
}

#[test]
fn unusual_content_type_is_reported_once() {
    let mut world = world(&[HWID; 40], 10);
    world.odd_content_type = true;
    world.run();
    let reported = world
        .reports
        .iter()
        .filter(|report| **report == Report::Notice(RunNotice::OddContentType));
    assert_eq!(reported.count(), 1);
}

#[test]
fn outcomes_are_reported_only_once_stored() {
    let mut world = world(&[HWID; 3], 50);
    world.give(Event::Begin);
    while let Some(command) = world.commands.pop_front() {
        if matches!(command, Command::StoreOutcome(_)) {
            let reported = world
                .reports
                .iter()
                .any(|report| matches!(report, Report::Changed { .. }));
            assert!(!reported);
        }
        world.perform(command);
    }
    assert!(
        world
            .reports
            .iter()
            .any(|report| matches!(report, Report::Changed { .. }))
    );
}

#[test]
fn unexpected_events_change_nothing() {
    let mut world = world(&[HWID; 3], 50);
    let now = world.now;
    assert!(world.engine.step(Event::Stored, now).is_empty());
    assert!(world.engine.step(Event::Woken, now).is_empty());
    assert_eq!(world.run(), finished());
    assert!(world.engine.step(Event::Stored, now).is_empty());
}
