//! What a run leaves behind in the table and in the messages once it has ended.

use super::*;
use crate::domain::licences::{Licences, RunLicences};
use crate::runner::{EngineFailure, LicenceNews, RunRefusal};
use crate::tui::screens::run::state::RunOwnership;
use crate::tui::verification::JournalStates;

#[test]
fn end_of_a_run_says_how_to_check_that_its_devices_are_gone() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Finished, None);
    assert!(
        !operator.status().contains(":fetch"),
        "{}",
        operator.status()
    );
    let mut operator = self::operator();
    operator.start_run();
    let accepted = [0, 1, 2, 3].map(|ordinal| (ordinal, Outcome::Accepted));
    operator.outcomes(1, &accepted);
    operator.state(RunState::Finished, None);
    assert!(
        operator
            .status()
            .ends_with(" :fetch checks that they are gone"),
        "{}",
        operator.status()
    );
}

#[test]
fn action_is_for_the_devices_that_are_still_marked_when_it_is_chosen() {
    let mut operator = operator();
    operator.start_run();
    operator.press("d");
    assert!(
        operator
            .screen()
            .contains("What should happen to 4 devices?")
    );
    let accepted = [0, 1, 2].map(|ordinal| (ordinal, Outcome::Accepted));
    operator.outcomes(1, &accepted);
    let screen = operator.screen();
    assert!(
        !screen.contains("What should happen to 4 devices?"),
        "{screen}"
    );
    operator.press("r");
    assert_eq!(
        operator.confirm().plan.devices.len(),
        1,
        "one is marked still"
    );
    let mut operator = self::operator();
    operator.start_run();
    operator.press("d");
    operator.outcomes(1, &[0, 1, 2, 3].map(|ordinal| (ordinal, Outcome::Accepted)));
    operator.effects.clear();
    operator.press("r");
    assert!(operator.app.dialog.is_none(), "{}", operator.screen());
    assert_eq!(operator.status(), "Nothing is marked any more");
    assert!(operator.effects.is_empty(), "no plan is built");
}

#[test]
fn removed_device_is_not_marked_again_by_many_at_once() {
    let mut operator = operator();
    operator.start_run();
    operator.outcomes(
        1,
        &[
            (0, Outcome::Accepted),
            (1, Outcome::Gone),
            (2, Outcome::Failed(Failure::NotFound)),
            (3, Outcome::Accepted),
        ],
    );
    operator.state(RunState::Finished, None);
    assert_eq!(
        operator.marked(),
        [3],
        "accepted and gone ones lose their mark"
    );
    operator.press("Ua");
    assert_eq!(operator.marked(), [3]);
    let status = operator.status();
    assert!(
        status.contains("3 removed or archived earlier, left out"),
        "{status}"
    );
    // By hand it may be marked, and `*` unmarks it then.
    operator.press("Ug ");
    assert_eq!(operator.marked(), [0]);
    operator.press("*");
    assert_eq!(operator.marked(), [3]);
}

#[test]
fn uninstalled_device_may_be_removed_next() {
    let mut operator = operator();
    operator.press("adu");
    operator.wait(600);
    operator.press("4\n");
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    operator.press("Ua");
    assert_eq!(operator.marked(), [0, 1, 3, 4]);
}

#[test]
fn device_of_an_earlier_run_shows_how_it_ended_though_the_list_is_older() {
    let mut operator = operator();
    let id = DeviceId::from_index;
    let removed = [0, 1].map(|index| (id(index), archived()));
    operator.app.context.list.removed = HashMap::from(removed);
    operator.send(Answer::JournalStates(Ok(JournalStates {
        outcomes: HashMap::from([
            (id(0), DeviceState::Ended(Outcome::Accepted)),
            (id(1), DeviceState::Ended(Outcome::Gone)),
        ]),
        ..JournalStates::default()
    })));
    let shown = operator.screen();
    let line = |name: &str| shown.lines().find(|line| line.contains(name)).unwrap_or("");
    assert!(line("LT-1 ").contains("✓ accepted"), "{shown}");
    assert!(line("LT-2 ").contains("gone"), "{shown}");
}

#[test]
fn column_of_outcomes_is_announced_if_a_run_brings_it() {
    let list = "hwid,hostname\nh1,a\nh2,b\nh3,c\nh4,d\n";
    let outcome = DeviceState::Ended(Outcome::Accepted);
    let mut operator = operator_on(list, (120, 40));
    operator.send(Answer::JournalStates(Ok(JournalStates {
        outcomes: HashMap::from([(DeviceId::from_index(0), outcome)]),
        ..JournalStates::default()
    })));
    assert!(operator.screen().contains("✓ accepted"));
    assert_eq!(operator.app.context.status, None, "nothing has moved");
    let mut operator = operator_on(list, (120, 40));
    operator.start_run();
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    assert!(operator.status().starts_with("Column outcome added"));
    // Where it was behind all others for the sake of an unusable row, it comes forward.
    let mut operator = operator_on(&format!("{list},e\n"), (120, 40));
    operator.start_run();
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    assert!(operator.status().starts_with("Column outcome added"));
}

#[test]
fn message_goes_at_the_next_key_of_a_dialog_that_stays() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.app.context.status = Some("written".to_owned());
    operator.press("4");
    assert_eq!(operator.app.context.status, None);
    operator.app.context.status = Some("1 device vanished".to_owned());
    operator.press("\u{1b}");
    let status = operator.app.context.status.as_deref();
    assert_eq!(
        status,
        Some("1 device vanished"),
        "it is for the screen below"
    );
}

#[test]
fn run_that_is_not_resumed_keeps_its_end() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    operator.state(RunState::Stopped, None);
    let ended = operator.app.context.runs.views[0].ended_at;
    assert!(ended.is_some());
    operator.app.context.runs.views[0].is_end_notified = true;
    operator.press("p");
    operator.wait(600);
    operator.press("3\n");
    operator.news(News::Refused(RunRefusal::Unknown(
        "held by process 7".to_owned(),
    )));
    let run = &operator.app.context.runs.views[0];
    assert_eq!((run.ended_at, run.is_end_notified), (ended, true));
    operator.press("p");
    operator.wait(600);
    operator.press("3\n");
    operator.state(RunState::Running, None);
    let run = &operator.app.context.runs.views[0];
    assert_eq!((run.ended_at, run.is_end_notified), (None, false));
}

#[test]
fn broken_engine_stops_only_runs_of_this_program() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    let mut other = operator.app.context.runs.views[0].clone();
    other.id = RunId::from_bytes([8; 16]);
    other.ownership = RunOwnership::Journal;
    operator.app.context.runs.views.insert(0, other);
    operator.news(News::Failed(EngineFailure::Ended));
    let states = operator.app.context.runs.views.iter().map(|run| run.state);
    assert_eq!(
        states.collect::<Vec<_>>(),
        [RunState::Running, RunState::Stopped]
    );
}

#[test]
fn licences_are_added_to_the_end_of_their_own_run_only() {
    let licences = |used| {
        Some(Licences {
            used,
            allowed: 500,
            measured_at: wall(),
        })
    };
    let measured = RunLicences {
        before: licences(120),
        after: licences(118),
    };
    for (ends_both, is_added) in [(false, true), (true, false)] {
        let mut operator = operator();
        operator.start_run();
        operator.state(RunState::Running, None);
        let first = operator.app.context.runs.views[0].id;
        operator.outcomes(1, &[(0, Outcome::Accepted)]);
        operator.state(RunState::Finished, None);
        if ends_both {
            operator.app.context.status = Some("Finished: 7 accepted".to_owned());
        }
        operator.send(Message::Update(
            Update {
                run: Some(first),
                news: News::Licences(LicenceNews::Settled(measured)),
            },
            operator.now,
        ));
        assert_eq!(
            operator.status().contains("licences"),
            is_added,
            "{}",
            operator.status()
        );
    }
}
