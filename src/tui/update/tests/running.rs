//! What the engine reports, and what is requested of a run.

use super::*;
use crate::journal::JournalError;
use crate::runner::{EngineFailure, RunRefusal};
use crate::tui::dialogs::{DeleteDialog, Dialog};
use crate::tui::file_content::ExportContent;
use crate::tui::identity::DeviceRef;
use crate::tui::job::{Job, RunJob};
use crate::tui::screens::run::activity::{Length, activity, time_spent};
use crate::tui::screens::run::progress::resume;
use crate::tui::verification::JournalStates;

#[test]
fn results_arrive_and_accepted_devices_lose_their_mark() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.report(Report::Sending {
        call: 1,
        devices: vec![0, 1, 2, 3],
    });
    assert_eq!(
        operator.app.context.list.session_states[&DeviceId::from_index(0)],
        DeviceState::Sending
    );
    operator.press("sj\n");
    operator.outcomes(
        1,
        &[
            (0, Outcome::Accepted),
            (1, Outcome::Failed(Failure::NotFound)),
            (2, Outcome::InDoubt(Doubt::NoAnswer)),
            (3, Outcome::Accepted),
        ],
    );
    assert_eq!(
        operator.marked(),
        [1, 3],
        "those that weren't accepted keep it"
    );
    let tally = operator.app.context.runs.newest().expect("a run").tally;
    assert_eq!((tally.accepted, tally.failed, tally.in_doubt), (2, 1, 1));
}

#[test]
fn run_screen_exports_the_run_as_a_report() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.press("2e\n");
    let run = operator.app.context.runs.newest().expect("a run").id;
    let content = ExportContent::Run(run);
    let path = format!("run-{run}.html").into();
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Job(Job::Write { path, content }))
    );
}

#[test]
fn failures_are_grouped_by_reason() {
    let mut operator = operator();
    operator.start_run();
    operator.outcomes(
        1,
        &[
            (0, Outcome::Failed(Failure::NotFound)),
            (1, Outcome::InDoubt(Doubt::NoAnswer)),
            (2, Outcome::Failed(Failure::NotFound)),
            (3, Outcome::Accepted),
        ],
    );
    operator.press("f");
    assert_eq!(operator.app.view, View::Failures);
    assert!(
        operator
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Runs(RunJob::Explain(_))))
    );
    let lines = operator.app.failure_lines();
    assert_eq!(lines.len(), 6, "with the accepted ones");
    assert!(matches!(
        lines[0],
        FailureLine::Group(FailureGroup {
            outcome: Outcome::Failed(Failure::NotFound),
            verdict: None,
            count: 2,
            ..
        })
    ));
    assert_eq!(
        (lines[1], lines[2]),
        (FailureLine::Device(0), FailureLine::Device(2))
    );
    operator.press("j\n");
    let Some(Dialog::DeviceDetail(detail)) = &operator.app.dialog else {
        panic!("{:?}", operator.app.dialog)
    };
    assert!(matches!(detail.subject, DeviceRef::Listed(id) if id.index() == 0));
}

#[test]
fn p_pauses_and_goes_on_only_with_what_p_paused() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.press("p");
    assert_eq!(operator.status(), "Pausing after the call in flight");
    operator.state(RunState::Paused, Some(PauseReason::Operator));
    assert_eq!(operator.status(), "", "the run's line says it");
    operator.press("p");
    assert_eq!(operator.controls(), [Control::Pause, Control::Resume]);
    operator.state(RunState::Running, None);
    operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
    operator.press("p");
    assert_eq!(
        operator.controls().len(),
        2,
        "another pause asks for the count"
    );
    assert!(matches!(operator.app.dialog, Some(Dialog::Resume(_))));
    operator.wait(600);
    operator.press("3\n");
    assert_eq!(operator.controls().len(), 2);
    operator.press("\u{8}4\n");
    // The engine compares the count once more, and records that a count was given.
    assert!(matches!(
        operator.effects.last(),
        Some(Effect::Resume(_, 4))
    ));
}

#[test]
fn x_stops_and_a_stopped_run_is_taken_up_by_its_count() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    for (in_flight, question) in [(false, "Stop the run?"), (true, "Stop after this call?")] {
        if in_flight {
            let (call, devices) = (1, vec![0]);
            operator.report(Report::Sending { call, devices });
        }
        operator.press("x");
        assert_eq!(operator.controls(), [], "the first x only asks");
        assert_eq!(operator.app.context.status.as_deref(), Some(question));
        operator.press("\u{1b}");
    }
    assert!(operator.app.dialog.is_none() && operator.app.context.status.is_none());
    // A key that is held down repeats before the question was drawn.
    operator.press("x");
    operator.code_at_once(KeyCode::Char('x'));
    operator.press("\u{1b}");
    assert_eq!(operator.controls(), []);
    operator.press("xx");
    assert_eq!(operator.controls(), [Control::Stop]);
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    operator.state(RunState::Stopped, None);
    assert!(
        operator
            .app
            .context
            .status
            .as_deref()
            .is_some_and(|status| status.contains("3 not sent"))
    );
    operator.press("p");
    operator.wait(600);
    operator.press("3\n");
    assert!(
        operator
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Resume(_, 3)))
    );
}

#[test]
fn run_that_cannot_start_leaves_no_trace_on_the_devices() {
    let mut operator = operator();
    operator.start_run();
    operator.news(News::Refused(RunRefusal::Unknown("overlap".to_owned())));
    assert!(
        operator.app.context.runs.views.is_empty()
            && operator.app.context.list.session_states.is_empty()
    );
    assert_eq!(operator.marked().len(), 4);
}

/// The journal couldn't store an outcome.
fn unstored() -> News {
    News::Failed(EngineFailure::Unstored {
        error: JournalError::Poisoned.into(),
        outcomes: "these outcomes of call 1 could not be stored:\n  h1: accepted".to_owned(),
    })
}

#[test]
fn outcome_that_the_journal_could_not_store_is_told_on_the_way_out() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.news(unstored());
    assert!(
        operator
            .app
            .runs()
            .exit_message()
            .expect("words")
            .contains("\n  h1: accepted")
    );
    operator.press("q");
    operator.press("\u{1b}");
}

#[test]
fn scrollback_keeps_what_each_run_did_and_the_command_that_goes_on() {
    let mut operator = operator();
    assert_eq!(operator.app.runs().exit_message(), None);
    operator.start_run();
    let id = operator.app.context.runs.views[0].id;
    operator.state(RunState::Stopped, None);
    let mut second = operator.app.context.runs.views[0].clone();
    second.id = RunId::from_bytes([8; 16]);
    second.state = RunState::Finished;
    second.tally.failed = 1;
    let other = second.id;
    operator.app.context.runs.views.push(second);
    let message = operator.app.runs().exit_message().expect("two runs");
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with(&format!("run {id} (remove) stopped: ")),
        "{message}"
    );
    assert_eq!(
        operator.app.runs().next_commands(),
        Some(format!(
            "to continue: offboard resume {id}\nto review: offboard runs show {other}"
        ))
    );
}

#[test]
fn keys_are_about_the_run_that_sends_and_not_about_the_one_behind_it() {
    let mut operator = operator();
    operator.start_run();
    let first = operator.app.context.runs.views[0].id;
    operator.state(RunState::Running, None);
    let mut second = operator.app.context.runs.views[0].clone();
    second.id = RunId::from_bytes([8; 16]);
    second.state = RunState::Queued;
    operator.app.context.runs.views.push(second);
    assert_eq!(
        operator.app.context.runs.focus().map(|run| run.id),
        Some(first)
    );
    operator.press("pxx");
    assert_eq!(operator.controls(), [Control::Pause, Control::Stop]);
}

#[test]
fn run_that_the_journal_has_stays_when_it_cannot_be_taken_up() {
    let mut operator = operator();
    operator.start_run();
    operator.news(News::Queued);
    operator.news(News::Refused(RunRefusal::Unknown(
        "held by process 7".to_owned(),
    )));
    assert_eq!(operator.app.context.runs.views.len(), 1);
    assert_eq!(operator.app.context.runs.views[0].state, RunState::Stopped);
    assert_eq!(operator.app.context.list.session_states.len(), 4);
}

#[test]
fn unstored_outcome_outlives_the_engines_end_and_nothing_is_sent_after_it() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.news(unstored());
    operator.news(News::Failed(EngineFailure::Ended));
    assert_eq!(operator.app.runs().next_commands(), None);
    let run = &operator.app.context.runs.views[0];
    let activity = activity(&operator.app.context, run, Length::Long);
    assert!(!activity.contains("resumes"), "{activity}");
    operator.press("2x");
    let status = operator.status();
    assert!(status.ends_with(" is stopped"), "{status}");
    operator.press("1");
    let parting = operator.app.runs().exit_message().expect("words");
    assert!(parting.contains("\n  h1: accepted"), "{parting}");
    operator.press("d");
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::Delete(dialog)) if matches!(**dialog, DeleteDialog::Refused(_)))
    );
}

#[test]
fn filter_by_state_and_an_order_by_outcome_follow_the_results() {
    let mut operator = operator();
    operator.press("/is:failed\n");
    assert!(operator.shown().is_empty());
    let id = DeviceId::from_index;
    let earlier = HashMap::from([
        (
            id(0),
            DeviceState::Ended(Outcome::Failed(Failure::NotFound)),
        ),
        (id(4), DeviceState::Ended(Outcome::Failed(Failure::Refused))),
    ]);
    operator.send(Answer::JournalStates(Ok(JournalStates {
        outcomes: earlier,
        ..JournalStates::default()
    })));
    assert_eq!(operator.shown(), [0, 4], "by earlier runs");
    operator.press("/\u{1b}").app.dialog = None;
    operator.press("\u{1b}");
    operator.start_run();
    operator.press("/is:failed\n");
    assert_eq!(operator.shown(), [0; 0], "all of them are planned anew");
    operator.outcomes(1, &[(1, Outcome::Failed(Failure::NotFound))]);
    assert_eq!(operator.shown(), [1], "as the result arrives");
    operator.press("\u{1b}");
    operator.press("s");
    assert!(operator.screen().contains("o outcome"));
    operator.press("o\u{1b}");
    assert!(operator.app.devices.sort.key(&Column::Outcome).is_some());
    assert_eq!(operator.shown()[0], 1);
    operator.outcomes(2, &[(3, Outcome::InDoubt(Doubt::NoAnswer))]);
    assert_eq!(operator.shown()[..2], [4, 1], "trouble first");
}

#[test]
fn stopped_run_sends_nothing_until_it_is_taken_up() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    operator.press("/is:planned\n");
    assert_eq!(operator.shown(), [1, 3, 4]);
    operator.state(RunState::Stopped, None);
    assert!(operator.shown().is_empty());
    operator.press("/\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}not-sent\n");
    assert_eq!(operator.shown(), [1, 3, 4]);
    operator.press("p");
    operator.wait(600);
    operator.press("3\n");
    assert!(operator.shown().is_empty(), "they are on their way again");
}

/// As the journal counts it, so that the history gives the same duration.
#[test]
fn time_of_a_run_begins_at_its_first_start_and_not_at_its_first_call() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.wait(30_000);
    operator.report(Report::Sending {
        call: 1,
        devices: vec![0],
    });
    operator.wait(30_000);
    operator.state(RunState::Stopped, Some(PauseReason::TwoInDoubt));
    let spent = |operator: &Operator| {
        let run = operator.app.context.runs.newest().expect("a run");
        time_spent(&operator.app.context, run)
    };
    assert_eq!(spent(&operator), Some(Duration::from_mins(1)));
    let id = operator.app.context.runs.newest().expect("a run").id;
    assert!(resume(id, &mut operator.app.context));
    operator.state(RunState::Running, None);
    operator.wait(30_000);
    assert_eq!(spent(&operator), Some(Duration::from_secs(90)));
}

#[test]
fn plan_for_approval_is_read_before_a_second_enter_closes_it() {
    let mut operator = operator();
    operator.start_run();
    let run = operator.app.context.runs.views[0].id;
    operator.send(Answer::WrittenForApproval(
        run,
        "plan.json is written".to_owned(),
    ));
    assert!(operator.app.context.runs.views.is_empty());
    operator.code_at_once(KeyCode::Enter);
    assert!(operator.screen().contains("plan.json is written"));
    operator.wait(600);
    operator.press("\n");
    assert!(operator.app.dialog.is_none());
}
