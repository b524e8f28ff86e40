//! Sending again what a retry can help, writing rows to a file, and devices that were removed
//! earlier.

use super::*;
use crate::outcome::{Doubt, Failure, Outcome};
use crate::tui::confirm::Dialog;
use crate::tui::write::Content;

/// A run that is over: one accepted, one not found, one in doubt.
fn after_a_run() -> Operator {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    let outcomes = [
        (0, Outcome::Accepted),
        (1, Outcome::Failed(Failure::NotFound)),
        (2, Outcome::InDoubt(Doubt::NoAnswer)),
        (3, Outcome::Accepted),
    ];
    operator.outcomes(1, &outcomes);
    operator.state(RunState::Finished, None);
    operator
}

fn plan_effect(operator: &Operator) -> Option<(Vec<usize>, Option<RunId>)> {
    operator
        .effects
        .iter()
        .rev()
        .find_map(|effect| match effect {
            Effect::Plan {
                devices, retry_of, ..
            } => Some((devices.iter().map(|id| id.index()).collect(), *retry_of)),
            _ => None,
        })
}

#[test]
fn a_retry_takes_only_what_it_can_help_and_goes_through_the_confirmation() {
    let mut operator = after_a_run();
    let run = operator.app.run().expect("a run");
    let (id, doubtful) = (run.id, run.sources[2].expect("of this list").index());
    operator.effects.clear();
    operator.press("f");
    let lines = operator.app.failure_lines();
    for _ in 0..lines.len() {
        operator.press(" ");
    }
    operator.press("r");
    assert_eq!(plan_effect(&operator), Some((vec![doubtful], Some(id))));
    let Mode::Delete(dialog) = &operator.app.mode else {
        panic!("{:?}", operator.app.mode)
    };
    assert!(matches!(**dialog, Dialog::Confirm(_)));
    assert!(operator.started().is_none());
    operator.wait(600);
    operator.press("1\n");
    assert_eq!(operator.started().expect("confirmed").devices.len(), 1);
}

#[test]
fn what_a_retry_cant_help_says_so() {
    let mut operator = after_a_run();
    operator.effects.clear();
    operator.press("f");
    // The first group is the one that was not found.
    operator.press("jr");
    assert_eq!(plan_effect(&operator), None);
    let status = operator.app.status.as_deref().unwrap_or_default();
    assert!(status.contains("w asks why"), "{status}");
}

#[test]
fn rows_are_written_as_marked_or_shown_and_failures_with_their_outcomes() {
    let mut operator = after_a_run();
    operator.press("U /srv\ne\n");
    let Some(Effect::Write { content, .. }) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    assert!(matches!(content, Content::Devices("marked", devices) if devices.len() == 1));
    operator.tell(Message::Wrote(Err("devices.csv exists".to_owned())));
    operator.press("\t\n");
    let Some(Effect::Write { content, .. }) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    let shown = operator.app.table.rows.len();
    assert!(matches!(content, Content::Devices("shown", devices) if devices.len() == shown));
    operator.press("\u{1b}fe\n");
    let Some(Effect::Write { content, path }) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    assert_eq!(path, std::path::Path::new("failures.csv"));
    assert!(matches!(content, Content::Outcomes(records) if records.len() == 2));
}

#[test]
fn what_an_earlier_run_removed_is_marked_by_hand_only() {
    let mut operator = operator();
    let removed = DeviceId::from_index(0);
    operator.app.facts.removed.insert(removed, "abc".to_owned());
    operator.press("a");
    assert!(!operator.app.marks.contains(removed));
    let status = operator.app.status.clone().unwrap_or_default();
    assert!(status.contains("1 removed earlier, left out"), "{status}");
    operator.press("g ");
    assert!(operator.app.marks.contains(removed));
}
