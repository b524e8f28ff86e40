//! Sending again what a retry can help, writing rows to a file, and devices that were removed
//! earlier.

use super::*;
use crate::domain::outcome::{DeviceState, Doubt, Failure, Outcome, Tally};
use crate::engine::lookup_verdict::{Finding, LookupAnswer, LookupKey};
use crate::runner::{LookupNews, RunRefusal};
use crate::tui::dialogs::{DeleteDialog, Dialog};
use crate::tui::error::SaveError;
use crate::tui::file_content::ExportContent;
use crate::tui::job::Job;

/// A run that is over: one accepted, one not found, one in doubt.
pub(super) fn after_a_run() -> Operator {
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

/// The run that is retried, and the identifiers that are sent again.
pub(super) fn plan_effect(operator: &Operator) -> Option<(RunId, Vec<String>)> {
    let effects = operator.effects.iter().rev();
    effects.into_iter().find_map(|effect| match effect {
        Effect::Job(Job::Plan {
            source: PlanSource::Retry(run, devices),
            ..
        }) => {
            let sent = devices
                .iter()
                .map(|again| again.device.identifier.to_string());
            Some((*run, sent.collect()))
        }
        _ => None,
    })
}

#[test]
fn retry_takes_only_what_it_can_help_and_goes_through_the_confirmation() {
    let mut operator = after_a_run();
    let run = operator.app.context.runs.newest().expect("a run");
    let (id, doubtful) = (run.id, run.devices[2].identifier.to_string());
    operator.effects.clear();
    operator.press("f");
    let lines = operator.app.failure_lines();
    for line in lines {
        let is_group = matches!(line, FailureLine::Group(_));
        operator.press(if is_group { " " } else { "j" });
    }
    operator.press("r");
    assert_eq!(plan_effect(&operator), Some((id, vec![doubtful])));
    let Some(Dialog::Delete(dialog)) = &operator.app.dialog else {
        panic!("{:?}", operator.app.dialog)
    };
    assert!(matches!(**dialog, DeleteDialog::Confirm(_)));
    let screen = operator.screen();
    assert!(
        screen.contains("1 device is in doubt: the earlier call may have worked"),
        "{screen}"
    );
    assert!(operator.started().is_none());
    operator.wait(600);
    operator.press("1\n");
    assert_eq!(operator.started().expect("confirmed").devices.len(), 1);
}

#[test]
fn failures_are_of_the_run_before_as_long_as_a_queued_one_has_no_result() {
    let mut operator = after_a_run();
    let mut queued = operator.app.context.runs.views[0].clone();
    let (first, second) = (queued.id, RunId::from_bytes([9; 16]));
    queued.id = second;
    queued.state = RunState::Queued;
    queued.states.fill(DeviceState::Planned);
    queued.tally = Tally::of(queued.states.iter().copied());
    operator.app.context.runs.views.push(queued);
    for _ in 0..2 {
        operator.press("f");
        assert_eq!(operator.app.reviewed().map(|run| run.id), Some(first));
        let screen = operator.screen();
        assert!(screen.contains("3 Failures 2"), "{screen}");
        operator.press("1");
        operator.state(RunState::Stopped, None);
    }
    operator.outcomes(1, &[(0, Outcome::Failed(Failure::NotFound))]);
    operator.press("f");
    assert_eq!(operator.app.reviewed().map(|run| run.id), Some(second));
}

#[test]
fn retry_says_what_it_cant_help() {
    let mut operator = after_a_run();
    operator.effects.clear();
    operator.press("f");
    // The first group is the one that was not found.
    operator.press("jr");
    assert_eq!(plan_effect(&operator), None);
    let status = operator.app.context.status.as_deref().unwrap_or_default();
    assert!(status.contains("w looks up why"), "{status}");
    let finding = Finding {
        at: operator.now.wall,
        seen: LookupAnswer::Absent,
    };
    operator.news(News::Lookup(LookupNews::Seen {
        ordinal: 1,
        by: LookupKey::SentIdentifier,
        finding,
        state: DeviceState::Ended(Outcome::Gone),
    }));
    operator.wait(1000);
    operator.press("r");
    assert_eq!(operator.status(), "Gone: nothing is left to retry.");
}

#[test]
fn rows_are_written_as_marked_or_shown_and_failures_with_their_outcomes() {
    let mut operator = after_a_run();
    operator.press("U /srv\n e\n");
    let Some(Effect::Job(Job::Write { content, .. })) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    assert!(matches!(content, ExportContent::Devices("marked", devices) if devices.len() == 1));
    operator.send(Answer::Wrote(Err(SaveError::RunFormat)));
    operator.press("\t\n");
    let Some(Effect::Job(Job::Write { content, .. })) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    let shown = operator.app.context.list.rows.len();
    assert!(matches!(content, ExportContent::Devices("shown", devices) if devices.len() == shown));
    operator.press("\u{1b}f j e\n");
    let Some(Effect::Job(Job::Write { content, path })) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    assert_eq!(path, std::path::Path::new("failures.csv"));
    let all =
        matches!(content, ExportContent::Outcomes("not accepted", records) if records.len() == 2);
    assert!(all, "the row under the cursor is not all: {content:?}");
    operator.send(Answer::Wrote(Ok("failures.csv written".to_owned())));
    operator.wait(400);
    operator.press(" e\n");
    let Some(Effect::Job(Job::Write { content, .. })) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    let marked =
        matches!(content, ExportContent::Outcomes("marked", records) if records.len() == 1);
    assert!(marked, "{content:?}");
}

#[test]
fn export_of_marked_devices_is_offered_also_if_as_many_others_failed() {
    let mut operator = after_a_run();
    // The two accepted ones.
    operator.press("fG e\n");
    let Some(Effect::Job(Job::Write { content, .. })) = operator.effects.last() else {
        panic!("{:?}", operator.effects.last())
    };
    let ExportContent::Outcomes("marked", records) = content else {
        panic!("{content:?}")
    };
    let states: Vec<DeviceState> = records.iter().map(|record| record.state).collect();
    assert_eq!(states, [DeviceState::Ended(Outcome::Accepted); 2]);
}

#[test]
fn device_removed_by_an_earlier_run_is_marked_by_hand_only() {
    let mut operator = operator();
    let removed = DeviceId::from_index(0);
    operator
        .app
        .context
        .list
        .removed
        .insert(removed, archived());
    operator.press("a");
    assert!(!operator.app.context.list.marks.contains(removed));
    let status = operator.status();
    assert!(
        status.contains("1 removed or archived earlier, left out"),
        "{status}"
    );
    operator.press("g ");
    assert!(operator.app.context.list.marks.contains(removed));
}

#[test]
fn marks_of_failures_are_of_their_run_only() {
    let mut operator = after_a_run();
    operator.press("f ");
    assert!(!operator.app.failures.marks.is_empty());
    // Two of the four were removed by the run before.
    operator.press("1Uadr");
    operator.wait(600);
    operator.press("2\n");
    assert!(operator.app.failures.marks.is_empty());
}

#[test]
fn dropping_the_hidden_keeps_the_note_and_the_rest_of_the_very_plan() {
    let mut operator = operator();
    operator.press("a/lt\ndr");
    operator.wait(600);
    let planned = operator.confirm().plan.devices.len();
    assert_eq!(operator.confirm().hidden.len(), 1);
    operator.press("\t");
    operator.send(Message::Paste("CHG-7".to_owned(), operator.now));
    operator.press("\tD");
    let confirm = operator.confirm();
    assert_eq!(confirm.plan.devices.len(), planned - 1);
    assert_eq!(confirm.note.value(), "CHG-7");
    assert!(confirm.count.digits.is_empty());
}

#[test]
fn retry_counts_no_device_as_hidden() {
    let mut operator = after_a_run();
    operator.press("/nothing-like-it\nf j r").wait(600);
    assert!(operator.confirm().hidden.is_empty());
    assert!(!operator.screen().contains("P save plan"));
    operator.press("D");
    assert!(matches!(operator.confirm().source, PlanSource::Retry(..)));
}

#[test]
fn refused_start_leaves_what_is_known_of_its_devices() {
    let mut operator = after_a_run();
    let doubtful = operator.app.context.runs.newest().expect("a run").sources[2].expect("listed");
    let before = operator.app.context.list.session_states[&doubtful];
    operator.press("f j r");
    operator.wait(600);
    operator.press("1\n");
    // Its own name, which the tests' plans share.
    let id = RunId::from_bytes([8; 16]);
    operator
        .app
        .context
        .runs
        .views
        .last_mut()
        .expect("a run")
        .id = id;
    let update = Update {
        run: Some(id),
        news: News::Refused(RunRefusal::Unknown("held".to_owned())),
    };
    operator.send(Message::Update(update, operator.now));
    assert_eq!(
        operator.app.context.list.session_states.get(&doubtful),
        Some(&before)
    );
}
