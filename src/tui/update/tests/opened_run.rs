//! A run of the journal that was opened from the history, on the run's screen and in the failures.

use super::reviewing::stopped_run;
use super::*;
use crate::tui::screens::history::state::{Recall, RecalledRun};

/// A run that another process drives was opened from the history.
fn opened_run(id: u8) -> (Operator, RecalledRun) {
    let mut operator = operator();
    let mut run = stopped_run(&operator);
    run.past.record.id = RunId::from_bytes([id; 16]);
    run.past.state = RunState::Running;
    operator.press("H");
    operator.send(Answer::History(Ok(vec![run.past.clone()])));
    operator.press("\n");
    operator.send(Answer::Recalled(Recall::Review, Ok(Box::new(run.clone()))));
    (operator, run)
}

/// How often the run was read again.
fn updates(operator: &Operator, run: RunId) -> usize {
    let update = Effect::Runs(RunJob::Recall(run, Recall::Update));
    let updates = operator.effects.iter();
    updates.filter(|&effect| *effect == update).count()
}

#[test]
fn run_of_another_process_is_read_again_as_long_as_it_is_shown_and_open() {
    let (mut operator, mut run) = opened_run(9);
    let id = run.past.record.id;
    operator.wait(1000);
    assert_eq!(updates(&operator, id), 0);
    operator.wait(2100);
    assert_eq!(updates(&operator, id), 1, "its failures are shown");
    operator.press("2");
    assert_eq!(updates(&operator, id), 2);
    // What was read takes the place of what is known, and nothing else changes on the screen.
    for device in &mut run.devices {
        device.state = DeviceState::Ended(Outcome::Accepted);
    }
    run.past.state = RunState::Finished;
    operator.send(Answer::Recalled(Recall::Update, Ok(Box::new(run))));
    assert_eq!(operator.app.view, View::Run);
    let screen = operator.screen();
    assert!(screen.contains("4 accepted"), "{screen}");
    operator.wait(10_000);
    assert_eq!(updates(&operator, id), 2, "it is over");
}

#[test]
fn run_that_is_not_shown_is_not_read_again() {
    let (mut operator, run) = opened_run(9);
    operator.press("1");
    operator.wait(10_000);
    assert_eq!(updates(&operator, run.past.record.id), 0);
}

#[test]
fn run_screen_and_failures_are_of_the_run_that_was_opened_last() {
    let (mut operator, first) = opened_run(9);
    let mut run = first.clone();
    run.past.record.id = RunId::from_bytes([8; 16]);
    let id = run.past.record.id;
    operator.press("H");
    operator.send(Answer::History(Ok(vec![run.past.clone()])));
    operator.press("\n");
    operator.send(Answer::Recalled(Recall::Review, Ok(Box::new(run))));
    operator.press("2");
    let screen = operator.screen();
    assert!(screen.contains(&format!("run {id}")), "{screen}");
    operator.press("3");
    assert_eq!(operator.app.reviewed().map(|run| run.id), Some(id));
    // What was asked for before the other run was opened comes late.
    let first = Box::new(first);
    operator.send(Answer::Recalled(Recall::Update, Ok(first)));
    let shown = operator.app.context.runs.shown();
    assert_eq!(shown.map(|run| run.id), Some(id));
}

#[test]
fn p_on_a_run_of_the_history_says_where_it_is_resumed() {
    let (mut operator, mut run) = opened_run(9);
    run.past.state = RunState::Stopped;
    operator.send(Answer::Recalled(Recall::Update, Ok(Box::new(run))));
    operator.press("2p");
    let status = operator.status();
    assert!(status.contains("was opened from the history"), "{status}");
    operator.app.context.runs.opened = None;
    operator.press("p");
    assert_eq!(operator.status(), "No run to pause");
}

#[test]
fn last_call_of_a_run_that_a_process_drives_is_in_flight() {
    let (mut operator, mut run) = opened_run(9);
    run.calls = vec![CallDetail {
        call: 1,
        origin: crate::journal::CallOrigin::Fresh,
        at: operator.now.wall,
        took: None,
        status: None,
        message: String::new(),
        devices: vec![2, 3],
    }];
    for (holder, in_flight) in [(Some("process 4711".to_owned()), 2), (None, 0)] {
        run.past.holder = holder;
        operator.send(Answer::Recalled(Recall::Update, Ok(Box::new(run.clone()))));
        let shown = operator.app.context.runs.shown().expect("a run");
        assert_eq!(shown.in_flight.len(), in_flight);
        operator.press("2");
        let screen = operator.screen();
        assert_eq!(screen.contains("in flight"), in_flight > 0, "{screen}");
    }
}
