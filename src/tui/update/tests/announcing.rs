//! What the start says of runs that aren't over, and until when.

use super::reviewing::stopped_run;
use super::*;
use crate::tui::job::RunJob;

#[test]
fn stopped_run_and_the_saved_view_are_announced_beside_each_other_or_in_turn() {
    let mut operator = operator_on("hwid,hostname\nh1,a\nh2,b\nh3,c\nh4,d\n", (120, 24));
    operator.press(" ");
    let saved = operator.app.view_to_save();
    let run = stopped_run(&operator).past;
    operator.app.context.settings.open_runs = vec![run];
    for (width, fits) in [(120, true), (80, false)] {
        operator.app.context.size = (width, 24);
        let opened = Opened {
            saved_view: saved.clone(),
            ..operator.opened()
        };
        operator.start_on(opened);
        let said = |operator: &Operator| {
            let screen = operator.screen();
            let line = screen.lines().nth(2).unwrap_or_default().to_owned();
            (line.contains("R restores"), line.contains(ANNOUNCED))
        };
        operator.wait(10);
        assert_eq!(
            said(&operator),
            (fits, true),
            "{width} {}",
            operator.screen()
        );
        operator.press("j");
        assert_eq!(said(&operator), (!fits, fits), "{width}");
        operator.press("j");
        assert_eq!(said(&operator), (false, true), "offered once: {width}");
    }
}

#[test]
fn offer_that_had_no_room_is_shown_before_its_key_restores() {
    let mut operator = operator_on("hwid,hostname\nh1,a\nh2,b\nh3,c\nh4,d\n", (80, 24));
    operator.press("a");
    let saved_view = operator.app.view_to_save();
    operator.app.context.settings.open_runs = vec![stopped_run(&operator).past];
    let opened = Opened {
        saved_view,
        ..operator.opened()
    };
    operator.start_on(opened);
    operator.wait(10);
    operator.effects.clear();
    operator.press("R");
    assert!(operator.marked().is_empty(), "nothing is restored unseen");
    assert!(operator.effects.is_empty(), "nor is the list read again");
    let status = operator.status();
    assert!(status.starts_with("R restores 4 marks"), "{status}");
    operator.press("R");
    assert_eq!(operator.marked().len(), 4);
}

#[test]
fn run_of_another_process_is_announced_at_the_start() {
    let mut operator = operator_on("hwid,hostname\nh1,a\nh2,b\nh3,c\nh4,d\n", (80, 24));
    let mut run = stopped_run(&operator).past;
    run.holder = Some("process 7 since 2026-11-23T10:00:00Z".to_owned());
    operator.app.context.settings.open_runs = vec![run];
    operator.start_on(operator.opened());
    let said = "1 run is driven by another process · 4 shows it";
    assert!(operator.screen().contains(said), "{}", operator.screen());
}

const ANNOUNCED: &str = "1 run stopped with 2 devices not sent · 4 shows it";

#[test]
fn stopped_run_is_announced_until_the_history_shows_it() {
    let mut operator = operator();
    let run = operator.announce();
    assert!(operator.app.dialog.is_none());
    let messages = operator.app.context.messages.iter();
    assert!(messages.clone().any(|(_, line)| line == ANNOUNCED));
    operator.effects.clear();
    for keys in ["j", "r", "X", "/LT\n", " ", "3", "1"] {
        operator.press(keys);
        assert!(operator.screen().contains(ANNOUNCED), "{keys}");
        assert!(operator.app.dialog.is_none(), "{keys}");
    }
    let recalled =
        |effect: &Effect| matches!(effect, Effect::Runs(RunJob::Recall(..) | RunJob::Close(_)));
    assert!(!operator.effects.iter().any(recalled), "no key resumes it");
    operator.press("4");
    let mut newer = run.past.clone();
    newer.record.id = RunId::from_bytes([11; 16]);
    newer.state = RunState::Finished;
    operator.send(Answer::History(Ok(vec![newer, run.past.clone()])));
    let current = operator.app.history.current().map(|run| run.record.id);
    assert_eq!(current, Some(run.past.record.id), "the cursor is on it");
    assert!(!operator.screen().contains(ANNOUNCED));
    operator.press("q");
    assert!(!operator.screen().contains("stopped"));
}

#[test]
fn history_that_is_read_elsewhere_or_cant_be_read_does_not_end_the_announcement() {
    let mut operator = operator();
    let run = operator.announce();
    operator.send(Answer::History(Ok(vec![run.past.clone()])));
    assert!(operator.screen().contains(ANNOUNCED), "not shown");
    let mut operator = self::operator();
    operator.announce();
    operator.press("4");
    let error = BackendError::NoConfiguration;
    operator.send(Answer::History(Err(error)));
    operator.press("q");
    assert!(operator.screen().contains(ANNOUNCED));
}
