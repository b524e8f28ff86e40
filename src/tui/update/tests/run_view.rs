//! The run's own screen: its calls, their devices, and what the journal says of the run.

use super::reviewing::stopped_run;
use super::*;
use crate::journal::RunBreakdown;
use crate::tui::identity::DeviceRef;
use crate::tui::screens::history::state::DescribedRun;

/// A run of four devices with as many calls, shown on its own screen.
fn run_of_four_calls() -> Operator {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    for call in 1..=4 {
        operator.outcomes(call, &[(call - 1, Outcome::Accepted)]);
    }
    operator.press("2");
    operator
}

/// The call under the cursor.
fn current(operator: &mut Operator) -> String {
    operator.press("\n");
    let screen = operator.screen();
    operator.press("\u{1b}");
    let title = screen.lines().find_map(|line| line.split_once("call "));
    let (_, rest) = title.expect("the devices of a call");
    rest.chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn cursor_follows_the_newest_call_until_it_is_moved_and_then_stays_on_its_call() {
    let mut operator = run_of_four_calls();
    assert_eq!(current(&mut operator), "4");
    operator.press("j");
    assert_eq!(current(&mut operator), "3");
    operator.outcomes(5, &[(0, Outcome::Accepted)]);
    assert_eq!(current(&mut operator), "3");
    operator.press("jjjjjj");
    assert_eq!(current(&mut operator), "1");
    operator.press("g");
    operator.outcomes(6, &[(1, Outcome::Accepted)]);
    assert_eq!(current(&mut operator), "6");
    operator.press("G");
    assert_eq!(current(&mut operator), "1");
}

#[test]
fn cursor_of_another_run_is_not_the_cursor_of_this_one() {
    let mut operator = run_of_four_calls();
    operator.app.context.runs.current_call = Some((RunId::from_bytes([8; 16]), 2));
    assert_eq!(current(&mut operator), "4");
}

#[test]
fn call_in_flight_is_not_under_the_cursor() {
    let mut operator = run_of_four_calls();
    let mut call = operator.calls[3].clone();
    (call.call, call.took) = (5, None);
    operator.calls.push(call);
    let devices = vec![3];
    operator.report(Report::Sending { call: 5, devices });
    let run = operator.app.context.runs.newest().expect("a run").id;
    operator.send(Answer::Explained(run, operator.calls.clone()));
    assert_eq!(current(&mut operator), "4");
}

#[test]
fn enter_on_a_call_shows_its_devices_and_on_a_device_everything_about_it() {
    let mut operator = run_of_four_calls();
    operator.press("jj\n");
    let screen = operator.screen();
    assert!(screen.contains("call 2 of run "), "{screen}");
    assert!(screen.contains("LT-2"), "{screen}");
    assert!(!screen.contains("LT-1"), "{screen}");
    operator.press("\n");
    match &operator.app.dialog {
        Some(Dialog::DeviceDetail(detail)) => {
            assert_eq!(detail.subject, DeviceRef::Listed(DeviceId::from_index(1)));
        }
        dialog => panic!("{dialog:?}"),
    }
    operator.press("\u{1b}");
    assert!(operator.screen().contains("call 2 of run "));
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
    assert_eq!(operator.app.view, View::Run);
}

#[test]
fn device_that_a_later_call_carried_again_says_so_in_the_earlier_one() {
    let mut operator = run_of_four_calls();
    operator.outcomes(5, &[(1, Outcome::Failed(Failure::NotFound))]);
    operator.press("G\n");
    assert!(!operator.screen().contains("sent again"));
    operator.press("\u{1b}k\n");
    let screen = operator.screen();
    assert!(screen.contains("call 2 of run "), "{screen}");
    assert!(screen.contains("sent again in call 5"), "{screen}");
    assert!(!screen.contains("not found"), "{screen}");
    operator.press("\u{1b}g\n");
    assert!(operator.screen().contains("not found"));
}

#[test]
fn enter_does_nothing_before_the_first_answer() {
    let mut operator = operator();
    operator.press("2\n");
    assert!(operator.app.dialog.is_none());
    operator.press("1");
    operator.start_run();
    operator.press("2\n");
    assert!(operator.app.dialog.is_none());
    assert!(!operator.screen().contains("enter call"));
    operator.state(RunState::Running, None);
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    assert!(operator.screen().contains("enter call"));
}

#[test]
fn header_names_the_key_that_explains_duplicates_where_it_does() {
    let mut operator = operator_on("hwid,hostname\nh1,LT-1\nh1,LT-1\nh2,LT-2\n", (120, 40));
    for (view, explains) in [("2", false), ("3", true), ("4", false), ("1", true)] {
        let screen = operator.press(view).screen();
        assert_eq!(screen.contains("(i explains)"), explains, "{screen}");
    }
}

/// The effects that read what the journal says of a run.
fn reads(operator: &Operator, run: RunId) -> usize {
    let read = Effect::Runs(RunJob::Describe(run));
    operator
        .effects
        .iter()
        .filter(|&effect| *effect == read)
        .count()
}

fn described(operator: &Operator, id: RunId, state: RunState) -> Answer {
    let mut past = stopped_run(operator).past;
    past.record.id = id;
    past.record.note = Some(format!("the note of {id}"));
    past.state = state;
    let counts = RunBreakdown::default();
    Answer::RunDescribed(
        id,
        Ok(Box::new(DescribedRun {
            past,
            counts,
            resumes: vec![],
        })),
    )
}

#[test]
fn i_shows_what_the_journal_says_of_the_run_and_reads_it_again_until_it_is_over() {
    let mut operator = run_of_four_calls();
    let id = operator.app.context.runs.newest().expect("a run").id;
    operator.press("i");
    assert_eq!(reads(&operator, id), 1);
    assert!(operator.screen().contains("Reading the journal"));
    let running = described(&operator, id, RunState::Running);
    operator.send(running);
    assert!(operator.screen().contains(&format!("the note of {id}")));
    operator.wait(1000);
    assert_eq!(reads(&operator, id), 1);
    operator.wait(2100);
    assert_eq!(reads(&operator, id), 2);
    let over = described(&operator, id, RunState::Finished);
    operator.send(over);
    operator.wait(10_000);
    assert_eq!(reads(&operator, id), 2);
    operator.press("\u{1b}");
    assert_eq!(operator.app.view, View::Run);
}

#[test]
fn run_info_shows_why_the_run_cannot_be_read_and_tries_again() {
    let mut operator = run_of_four_calls();
    let id = operator.app.context.runs.newest().expect("a run").id;
    operator.press("i");
    let error = BackendError::NoConfiguration;
    let text = error.to_string();
    operator.send(Answer::RunDescribed(id, Err(error)));
    assert!(operator.screen().contains(&text), "{text}");
    operator.wait(3100);
    assert_eq!(reads(&operator, id), 2);
    let over = described(&operator, id, RunState::Finished);
    operator.send(over);
    let screen = operator.screen();
    assert!(screen.contains(&format!("the note of {id}")), "{screen}");
    assert!(!screen.contains(&text), "{screen}");
}

#[test]
fn run_info_cuts_no_reason() {
    let mut operator = operator_on(LIST, (60, 15));
    operator.start_run();
    operator.press("2i");
    let id = operator.app.context.runs.newest().expect("a run").id;
    let reason = anyhow::Error::msg(format!("{} and the remedy", "the reason ".repeat(8)));
    operator.send(Answer::RunDescribed(id, Err(BackendError::Command(reason))));
    let screen = operator.screen();
    assert!(screen.contains("and the remedy"), "{screen}");
}

#[test]
fn run_info_drops_what_was_read_of_another_run() {
    let mut operator = run_of_four_calls();
    operator.press("i");
    let other = described(&operator, RunId::from_bytes([8; 16]), RunState::Finished);
    operator.send(other);
    assert!(!operator.screen().contains("the note of"));
}

#[test]
fn i_in_the_history_is_about_the_run_under_the_cursor() {
    let mut operator = operator();
    let newer = stopped_run(&operator).past;
    let mut older = newer.clone();
    older.record.id = RunId::from_bytes([8; 16]);
    let id = older.record.id;
    operator.press("H");
    operator.send(Answer::History(Ok(vec![newer, older])));
    operator.press("ji");
    assert_eq!(reads(&operator, id), 1);
    assert!(matches!(operator.app.dialog, Some(Dialog::RunInfo(_))));
}

#[test]
fn i_without_a_run_shows_nothing() {
    let mut operator = operator();
    operator.press("2i");
    assert!(operator.app.dialog.is_none());
    operator.press("4i");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn run_info_is_read_again_when_the_run_changes_its_state() {
    let mut operator = run_of_four_calls();
    let id = operator.app.context.runs.newest().expect("a run").id;
    operator.press("i");
    operator.state(RunState::Paused, Some(PauseReason::Operator));
    assert_eq!(reads(&operator, id), 2);
    operator.press("\u{1b}");
    operator.state(RunState::Running, None);
    assert_eq!(reads(&operator, id), 2, "it isn't shown");
}

#[test]
fn run_that_is_not_over_has_no_end_and_devices_without_an_outcome() {
    let mut operator = run_of_four_calls();
    let id = operator.app.context.runs.newest().expect("a run").id;
    operator.press("i");
    let mut past = stopped_run(&operator).past;
    past.record.id = id;
    past.record.started_at = "2026-11-23T10:00:00Z".parse().ok();
    past.record.ended_at = "2026-11-23T10:01:05Z".parse().ok();
    past.state = RunState::Paused;
    past.holder = Some("process 4711".to_owned());
    let counts = RunBreakdown {
        outcomes: vec![(Outcome::NotSent, 2)],
        ..RunBreakdown::default()
    };
    let described = |past| DescribedRun {
        past,
        counts: counts.clone(),
        resumes: vec![],
    };
    let read = Box::new(described(past.clone()));
    operator.send(Answer::RunDescribed(id, Ok(read)));
    let screen = operator.screen();
    assert!(screen.contains("paused 10:01:05"), "{screen}");
    assert!(!screen.contains("paused in"), "{screen}");
    assert!(screen.contains("no outcome yet"), "{screen}");
    (past.state, past.holder) = (RunState::Closed, None);
    let read = Box::new(described(past));
    operator.send(Answer::RunDescribed(id, Ok(read)));
    let screen = operator.screen();
    assert!(screen.contains("closed in 1:05"), "{screen}");
    assert!(screen.contains("ended 10:01:05"), "{screen}");
    assert!(screen.contains("not sent"), "{screen}");
}

#[test]
fn call_that_took_nothing_says_what_becomes_of_its_devices() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.outcomes(1, &[(0, Outcome::Accepted), (1, Outcome::Accepted)]);
    let run = operator.app.context.runs.newest().expect("a run").id;
    let mut refused = operator.calls[0].clone();
    (refused.call, refused.status, refused.devices) = (2, Some(413), vec![2, 3]);
    operator.calls.push(refused);
    operator.send(Answer::Explained(run, operator.calls.clone()));
    operator.press("2\n");
    let screen = operator.screen();
    assert!(screen.contains("not taken · still to be sent"), "{screen}");
    operator.press("\n");
    assert!(operator.screen().contains("remove: · planned"));
    operator.press("\u{1b}");
    operator.state(RunState::Closed, None);
    let screen = operator.screen();
    assert!(screen.contains("not taken · not sent again"), "{screen}");
    operator.press("\n");
    let screen = operator.screen();
    assert!(screen.contains("remove: – not sent"), "{screen}");
}

#[test]
fn no_width_leaves_out_what_a_call_came_to() {
    for (columns, took, devices) in [(120, true, true), (72, true, false), (60, false, false)] {
        let mut operator = operator_on(LIST, (columns, 30));
        operator.start_run();
        operator.state(RunState::Running, None);
        operator.outcomes(1, &[(0, Outcome::InDoubt(Doubt::NoAnswer))]);
        operator.press("2");
        let screen = operator.screen();
        let heading = screen.lines().find(|line| line.contains("call  time"));
        let heading = heading.expect("a heading");
        assert!(heading.contains("in doubt"), "{columns}: {screen}");
        assert_eq!(heading.contains("took"), took, "{columns}: {screen}");
        assert_eq!(heading.contains("devices"), devices, "{columns}: {screen}");
    }
    let mut operator = operator_on(LIST, (60, 30));
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.outcomes(1, &[(0, Outcome::Gone)]);
    operator.press("2");
    let screen = operator.screen();
    assert!(screen.contains("in doubt    gone"), "{screen}");
}
