//! Quitting, signals, suspending.

use super::*;
use crate::engine::RunNotice;
use crate::runner::SendError;
use crate::tui::dialogs::Dialog;

#[test]
fn leaving_with_a_run_open_asks() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.press("q");
    assert!(matches!(operator.app.dialog, Some(Dialog::Quit(_))));
    operator.press("y");
    assert!(
        !operator.effects.contains(&Effect::Quit),
        "y is not an answer while a run is going on"
    );
    operator.press("\u{1b}qs");
    assert_eq!(operator.controls(), [Control::Stop]);
    assert!(
        !operator.effects.contains(&Effect::Quit),
        "the call in flight finishes first"
    );
    operator.state(RunState::Stopped, None);
    assert!(operator.effects.contains(&Effect::Quit));
}

#[test]
fn leaving_with_marks_asks_and_without_anything_leaves() {
    let mut operator = operator();
    operator.press(" q");
    assert!(matches!(operator.app.dialog, Some(Dialog::Quit(_))));
    operator.press("y");
    assert!(operator.effects.contains(&Effect::Quit));
    let mut idle = self::operator();
    idle.press("2q");
    assert!(idle.effects.is_empty(), "q closes the run first");
    idle.press("q");
    assert_eq!(idle.effects, [Effect::Quit]);
}

#[test]
fn hangup_keeps_what_the_screen_showed_of_active_runs() {
    let mut operator = operator();
    operator.send(Message::Signal(1));
    let keeps = |effect: &&Effect| matches!(effect, Effect::KeepClosedTerminal(_));
    assert_eq!(operator.effects.iter().find(keeps), None, "nothing is sent");
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.send(Message::Signal(1));
    let Some(Effect::KeepClosedTerminal(runs)) = operator.effects.iter().find(keeps) else {
        panic!("{:?}", operator.effects)
    };
    let run = operator.app.context.runs.newest().expect("a run").id;
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].run(), run.short());
}

#[test]
fn leaving_with_a_stopped_run_waits_for_nothing() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.state(RunState::Stopped, None);
    operator.press("qw");
    assert!(!operator.effects.contains(&Effect::Quit));
    operator.press("y");
    assert!(operator.effects.contains(&Effect::Quit));
    assert!(operator.controls().is_empty());
}

#[test]
fn stop_that_the_engine_did_not_take_can_be_asked_for_again() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.press("qs");
    operator.send(Answer::ControlRejected(SendError::Busy.into()));
    operator.press("qs");
    assert_eq!(operator.controls(), [Control::Stop, Control::Stop]);
    operator.state(RunState::Stopped, None);
    assert!(operator.effects.contains(&Effect::Quit));
}

#[test]
fn ctrl_z_works_in_a_dialog_which_is_armed_anew_afterwards() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.press("4");
    operator.control('z');
    assert_eq!(operator.effects.last(), Some(&Effect::Suspend));
    operator.send(Message::Resumed(operator.now));
    operator.press("4\n");
    assert!(operator.started().is_none());
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_some());
}

#[test]
fn suspending_says_so_until_the_program_continues() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.control('z');
    assert!(operator.status().contains("suspending"));
    operator.state(RunState::Paused, Some(PauseReason::Operator));
    operator.send(Message::Resumed(operator.now));
    assert_eq!(operator.status(), "");
}

#[test]
fn run_that_only_resends_is_not_suspended() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    let doubt = Outcome::InDoubt(Doubt::NoAnswer);
    let accepted = Outcome::Accepted;
    operator.outcomes(
        1,
        &[(0, doubt), (1, accepted), (2, accepted), (3, accepted)],
    );
    operator.report(Report::Notice(RunNotice::WillResend(vec![0])));
    let before = operator.effects.len();
    operator.control('z');
    assert_eq!(
        operator.status(),
        "Not suspended: first 1 device in doubt is resent · x ends the run"
    );
    assert_eq!(
        operator.effects.len(),
        before,
        "no pause, which would end it"
    );
}

#[test]
fn quit_dialog_over_a_save_dialog_drops_the_report_below_it() {
    let mut operator = operator();
    operator.press("I");
    operator.send(Message::Paste("nobody".to_owned(), operator.now));
    operator.control('d');
    operator.press("e");
    assert!(matches!(operator.app.dialog, Some(Dialog::SaveFile(_))));
    operator.control('c');
    assert!(matches!(operator.app.dialog, Some(Dialog::Quit(_))));
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
}
