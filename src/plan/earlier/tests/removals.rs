//! When the removal of a device by an earlier run counts.

use super::*;

#[test]
fn removal_counts_unless_the_list_and_the_plan_came_later() {
    let half_a_second = SignedDuration::from_millis(500);
    let cases = [
        ("a list without a time", None, 200, None, true),
        ("an older list", Some(at(99)), 200, None, true),
        (
            "ten minutes later, less a fraction",
            Some(at(110) - half_a_second),
            200,
            None,
            true,
        ),
        (
            "ten minutes later, and a fraction",
            Some(at(110) + half_a_second),
            200,
            None,
            false,
        ),
        ("a list of soon after", Some(at(109)), 200, None, true),
        (
            "a list of ten minutes later",
            Some(at(110)),
            200,
            None,
            false,
        ),
        ("a newer list", Some(at(111)), 200, None, false),
        (
            "a list whose clock is ahead of the plan's",
            Some(at(900)),
            50,
            None,
            true,
        ),
        (
            "a list of a little later than the plan",
            Some(at(210)),
            200,
            None,
            false,
        ),
        (
            "a list of the future, long after the removal",
            Some(at(211)),
            200,
            None,
            true,
        ),
        (
            "a slot after the plan, whatever the clocks say",
            Some(at(111)),
            200,
            Some(9),
            true,
        ),
        (
            "a slot that the plan knew of",
            Some(at(111)),
            200,
            Some(10),
            false,
        ),
    ];
    for (name, list_time, planned, known_slot, expected) in cases {
        let basis = Basis {
            list_time,
            planned_at: at(planned),
            known_slot,
            ..Basis::default()
        };
        let device = device("h1", "h1", "");
        let earlier = all([earlier(run(1), "h1", EarlierState::Removed)]);
        let conflict = earlier.conflict((&device).into(), &basis);
        assert_eq!(conflict.is_some(), expected, "{name}");
    }
}

#[test]
fn removal_is_unknown_to_the_list_that_it_was_planned_from() {
    let device = device("h1", "h1", "");
    let mut devices = all([earlier(run(1), "h1", EarlierState::Removed)]);
    devices.note_list(run(1), "its own");
    for (hash, expected) in [("its own", true), ("another", false), ("", false)] {
        let basis = Basis {
            list_time: Some(at(111)),
            list_hash: hash,
            planned_at: at(200),
            ..Basis::default()
        };
        let conflict = devices.conflict((&device).into(), &basis);
        assert_eq!(conflict.is_some(), expected, "{hash}");
    }
}

#[test]
fn removal_that_the_operator_saw_is_excused_and_a_newer_one_is_not() {
    let planned = PlannedDevice {
        removed_by: Some(run(1)),
        ..device("h1", "h1", "")
    };
    let first = earlier(run(1), "h1", EarlierState::Removed);
    let second = EarlierDevice {
        slot: Some(11),
        ..earlier(run(2), "h1", EarlierState::Removed)
    };
    let basis = Basis::default();
    assert_eq!(
        all([first.clone()]).conflict((&planned).into(), &basis),
        None
    );
    assert_eq!(
        all([first, second]).conflict((&planned).into(), &basis),
        Some(LeftOutReason::RemovedEarlier(run(2), Action::Remove))
    );
}

#[test]
fn removed_earlier_names_what_was_done() {
    let reason = |action| LeftOutReason::RemovedEarlier(run(1), action).to_string();
    let name = run(1);
    assert_eq!(
        reason(Action::Archive),
        format!("archived earlier, by run {name}")
    );
    assert_eq!(
        reason(Action::Uninstall),
        format!("uninstalled earlier, by run {name}")
    );
}
