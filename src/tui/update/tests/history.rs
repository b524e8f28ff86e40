//! The history: read again, searched, and which keys are for whose run.

use super::reviewing::{found, stopped_run};
use super::*;
use crate::journal::FoundDevices;
use crate::tui::dialogs::Dialog;
use crate::tui::file_content::ExportContent;
use crate::tui::job::{Job, RunJob};
use crate::tui::screens::history::state::Recall;

#[test]
fn open_history_is_read_again_while_a_run_is_open_and_the_cursor_follows_its_run() {
    let mut operator = operator();
    let mut open = stopped_run(&operator).past;
    open.state = RunState::Running;
    open.holder = Some("process 77".to_owned());
    let id = open.record.id;
    let reads = |operator: &Operator| {
        let effects = operator.effects.iter();
        effects
            .filter(|effect| **effect == Effect::Runs(RunJob::History))
            .count()
    };
    operator.press("H");
    operator.send(Answer::History(Ok(vec![open.clone()])));
    operator.wait(2_900);
    assert_eq!(reads(&operator), 1);
    operator.wait(200);
    assert_eq!(reads(&operator), 2);
    let mut newer = open.clone();
    newer.record.id = RunId::from_bytes([42; 16]);
    open.state = RunState::Finished;
    newer.state = RunState::Finished;
    operator.send(Answer::History(Ok(vec![newer, open])));
    let current = operator.app.history.current().expect("a run");
    assert_eq!(current.record.id, id);
    operator.wait(60_000);
    assert_eq!(reads(&operator), 2, "no run can change");
}

#[test]
fn resume_in_the_history_takes_up_a_run_that_rests_in_this_program() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
    let id = operator.app.context.runs.focus().expect("a run").id;
    let mut run = stopped_run(&operator).past;
    run.record.id = id;
    run.holder = Some("process 1".to_owned());
    operator.press("H");
    operator.send(Answer::History(Ok(vec![run])));
    operator.press("r");
    assert!(matches!(operator.app.dialog, Some(Dialog::Resume(_))));
    operator.wait(600);
    operator.press("\u{1b}");
    operator.state(RunState::Running, None);
    operator.press("r");
    let status = operator.status();
    assert!(
        status.contains("is running in this program · 2 shows it"),
        "{status}"
    );
}

#[test]
fn run_that_another_process_has_can_be_asked_to_stop() {
    let mut operator = operator();
    let mut run = stopped_run(&operator).past;
    run.holder = Some("process 77 since 2026-11-26T22:06:52.387801804Z".to_owned());
    run.state = RunState::Running;
    let id = run.record.id;
    operator.press("H");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Runs(RunJob::History))
    );
    operator.send(Answer::History(Ok(vec![run])));
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Runs(RunJob::Breakdown(id)))
    );
    operator.press("r");
    let status = operator.status();
    assert!(status.contains("driven by process 77 since"), "{status}");
    assert!(status.ends_with("x requests a stop"), "{status}");
    operator.wait(300);
    operator.press("X");
    assert!(!matches!(operator.app.dialog, Some(Dialog::CloseRun(_))));
    let requested = |operator: &Operator| {
        let request = Effect::Runs(RunJob::AskToStop(id));
        operator
            .effects
            .iter()
            .filter(|effect| **effect == request)
            .count()
    };
    operator.wait(300);
    operator.press("x");
    let status = operator.status();
    assert!(status.contains("to stop after its call?"), "{status}");
    operator.press("\u{1b}");
    assert_eq!(requested(&operator), 0, "the first x only asks");
    operator.press("xx");
    assert_eq!(requested(&operator), 1);
}

#[test]
fn devices_are_searched_in_all_runs_and_open_their_run() {
    let mut operator = operator();
    let run = stopped_run(&operator).past;
    let id = run.record.id;
    let device = found(&run.record, stopped_run(&operator).devices[1].clone(), 1);
    operator.press("H");
    operator.send(Answer::History(Ok(vec![run])));
    operator.press("/lt-1\n");
    let asked = Effect::Runs(RunJob::FindInRuns("lt-1".to_owned()));
    assert_eq!(operator.effects.last(), Some(&asked));
    operator.send(Answer::FoundInRuns(
        "older".to_owned(),
        Ok(FoundDevices::default()),
    ));
    operator.press("\n");
    assert_eq!(
        operator.effects.last(),
        Some(&asked),
        "nothing is found yet, whatever an older question found"
    );
    let found = FoundDevices {
        devices: vec![device],
        is_truncated: false,
    };
    operator.send(Answer::FoundInRuns("lt-1".to_owned(), Ok(found)));
    operator.press("\n");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Runs(RunJob::Recall(id, Recall::Review)))
    );
    let recalled = Box::new(stopped_run(&operator));
    operator.send(Answer::Recalled(Recall::Review, Ok(recalled)));
    assert_eq!(operator.app.view, View::Failures);
    let lines = operator.app.failure_lines();
    assert_eq!(
        lines.get(operator.app.failures.cursor),
        Some(&FailureLine::Device(1)),
        "on the device that was found"
    );
    let devices = lines
        .iter()
        .filter(|line| matches!(line, FailureLine::Device(_)));
    assert_eq!(devices.count(), 4, "the run's other devices, too");
    operator.press("\u{1b}");
    assert_eq!(operator.app.view, View::History, "where it was opened");
    operator.press("3\u{1b}");
    assert_eq!(operator.app.view, View::Devices);
    assert_eq!(
        lines.last(),
        Some(&FailureLine::Device(3)),
        "what isn't sent comes last"
    );
    operator.press("H/\u{8}\u{8}\u{8}\u{8}lt-1\n");
    operator.press("\u{1b}");
    assert!(operator.app.history.search.is_none(), "back to the runs");
    assert_eq!(operator.app.view, View::History);
    operator.press("e\n");
    let content = ExportContent::Run(id);
    let path = format!("run-{id}.html").into();
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Job(Job::Write { path, content }))
    );
}

#[test]
fn every_fact_of_a_run_can_be_reached_on_a_small_screen() {
    let mut operator = operator_on(LIST, (80, 24));
    let mut run = stopped_run(&operator).past;
    run.record.warnings = Some((0..9).map(|place| format!("warning {place}")).collect());
    run.record.left_out = 22;
    operator.press("H");
    operator.send(Answer::History(Ok(vec![run])));
    let screen = operator.screen();
    assert!(
        screen.contains("warning 0"),
        "few runs leave it room: {screen}"
    );
    assert!(!screen.contains("22 rows"), "{screen}");
    assert!(screen.contains("tab scrolls"), "{screen}");
    operator.press("\tGjj");
    assert!(
        operator.screen().contains("22 rows"),
        "{}",
        operator.screen()
    );
    operator.press("k");
    assert!(
        !operator.screen().contains("22 rows"),
        "it scrolls back at once"
    );
    operator.press("\u{1b}");
    assert_eq!(operator.app.view, View::History);
    assert_eq!(operator.app.history.detail, None);
}

#[test]
fn comparing_a_run_with_the_list_shows_its_devices_and_counts_them() {
    let mut operator = operator();
    let mut run = operator.announce_and_open();
    run.devices[2].state = DeviceState::Ended(Outcome::Accepted);
    run.devices[3].state = DeviceState::Ended(Outcome::Accepted);
    let hwid = crate::domain::device::Hwid::parse("elsewhere").expect("an HWID");
    run.devices[3].device.hwid = Some(hwid);
    operator.press("c");
    let what = operator.effects.last();
    assert!(
        matches!(what, Some(Effect::Runs(RunJob::Recall(_, Recall::Compare)))),
        "{what:?}"
    );
    operator.answer_recall(&run);
    let id = run.past.record.id;
    let said = operator.status();
    let expected = format!("Run {id}: 3 of 4 devices in this list · of 2 accepted, 1 still in it");
    assert_eq!(said, expected);
    assert_eq!(operator.app.view, View::Devices);
    assert_eq!(
        operator.shown(),
        [0, 1, 3],
        "the fifth row isn't in the run's list any more"
    );
    assert!(operator.marked().is_empty());
    operator.press("\u{1b}");
    assert_eq!(operator.shown().len(), 5);
    // The run isn't one of this process, and none of its devices is sent by that.
    assert!(operator.app.context.runs.views.is_empty());
}

#[test]
fn comparing_finds_devices_without_a_hwid_by_their_mac_and_says_if_there_are_none() {
    let text = "hwid,mac,hostname\n,3c:52:82:00:00:01,a\nh2,3c:52:82:00:00:02,b\nh3,,c\n";
    let mut operator = operator_on(text, (120, 40));
    let run = operator.announce_and_open();
    operator.press("c");
    operator.answer_recall(&run);
    assert_eq!(operator.shown(), [0, 1, 2]);
    let mut other = operator_on("hwid,hostname\nh9,z\n", (120, 40));
    other.announce_and_open();
    other.press("c");
    other.answer_recall(&run);
    let said = other.status();
    assert!(
        said.contains("none of its 3 devices in this list"),
        "{said}"
    );
    assert_eq!(other.app.view, View::History);
}

#[test]
fn wheel_scrolls_the_details_that_have_the_keys() {
    let mut operator = operator_on(LIST, (60, 15));
    operator.announce_and_open();
    operator.press("\t");
    let at = operator.app.history.at;
    operator.send(Message::Wheel(3));
    assert_eq!(operator.app.history.detail, Some(3));
    assert_eq!(operator.app.history.at, at);
    // The table has them now.
    operator.press("1");
    operator.send(Message::Wheel(1));
    assert_eq!(operator.app.devices.cursor, 1);
}

#[test]
fn detail_of_a_device_lists_other_runs_apart_from_the_one_above() {
    let mut operator = operator();
    let run = stopped_run(&operator);
    let (record, device) = (run.past.record.clone(), run.devices[1].clone());
    operator.press("H");
    operator.send(Answer::History(Ok(vec![run.past.clone()])));
    operator.send(Answer::Recalled(Recall::Review, Ok(Box::new(run))));
    operator.press("G");
    operator.press("\n");
    let Some(Dialog::DeviceDetail(detail)) = &operator.app.dialog else {
        panic!("{:?}", operator.app.dialog)
    };
    let subject = detail.subject;
    let mut other = found(&record, device.clone(), 1);
    other.run = RunId::from_bytes([77; 16]);
    for (runs, listed) in [
        (vec![found(&record, device.clone(), 1)], 0),
        (vec![found(&record, device, 1), other], 1),
    ] {
        operator.send(Answer::Outcomes(subject, Ok(runs)));
        let screen = operator.screen();
        assert_eq!(screen.matches("sent as").count(), listed, "{screen}");
        assert_eq!(screen.contains("earlier runs"), listed > 0, "{screen}");
    }
}
