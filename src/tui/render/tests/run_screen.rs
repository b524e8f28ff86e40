//! The run's own screen and the line above the footer.

use super::*;
use crate::domain::outcome::Tally;
use crate::domain::run::StopCause;
use crate::engine::Control;
use crate::journal::CallOrigin;
use crate::tui::call_detail::CallDetail;
use crate::tui::effect::Effect;
use crate::tui::screens::run::state::RunOwnership;

/// A run of all devices, of which two calls are answered and one is in flight; another one waits.
fn long_run(operator: &mut Operator) {
    operator.press("adr");
    operator.wait(600);
    let count = operator.app.context.list.marks.len();
    operator.press(&format!("{count}\n"));
    operator.state(RunState::Running, None);
    let outcomes = |ordinals: std::ops::Range<u32>| -> Vec<(u32, Outcome)> {
        let outcomes = ordinals.map(|ordinal| {
            let outcome = match ordinal % 17 {
                7 => Outcome::Failed(Failure::NotFound),
                11 if ordinal < 20 => Outcome::InDoubt(Doubt::WrongElement),
                _ => Outcome::Accepted,
            };
            (ordinal, outcome)
        });
        outcomes.collect()
    };
    operator.outcomes(1, &outcomes(0..5));
    operator.wait(700);
    operator.outcomes(2, &outcomes(5..55));
    operator.calls[1].took = Some(Duration::from_millis(1_900));
    operator.news(News::Budget(BudgetStatus {
        others: 0,
        limit: 10,
        left: 5,
        next: Some(operator.app.context.now.boot + Duration::from_secs(4)),
    }));
    operator.wait(700);
    operator.report(Report::Sending {
        call: 3,
        devices: (55..105).collect(),
    });
    let mut second = operator.app.context.runs.views[0].clone();
    second.id = RunId::from_bytes([8; 16]);
    second.state = RunState::Queued;
    second.tally = Tally {
        left: 12,
        ..Tally::default()
    };
    operator.app.context.runs.views.push(second);
}

#[test]
fn long_run_with_another_behind_it() {
    every_screen("long_run", |operator| {
        long_run(operator);
        operator.press("2");
    });
}

#[test]
fn call_under_the_cursor_of_the_run() {
    every_screen("call", |operator| {
        long_run(operator);
        operator.press("2j");
    });
}

#[test]
fn devices_of_a_call() {
    every_screen("call_devices", |operator| {
        long_run(operator);
        operator.calls[1].message = "quota 3 of 5 used".to_owned();
        operator.report(Report::Notice(RunNotice::WillResend(vec![11])));
        operator.outcomes(3, &[(11, Outcome::Accepted)]);
        operator.calls[2].origin = CallOrigin::Resend;
        operator.press("2jjjk");
        operator.press("\njjj");
    });
}

#[test]
fn line_of_a_long_run() {
    every_screen("long_run_line", long_run);
}

#[test]
fn calls_of_a_resumed_run_are_as_many_as_its_devices_need() {
    let mut operator = operator((120, 40));
    long_run(&mut operator);
    operator.press("2");
    let run = &mut operator.app.context.runs.views[0];
    // Sixty-five devices are left, fifty of them in the call in flight, and all planned calls were made.
    run.planned_calls = 3;
    assert_eq!((run.tally.left, run.in_flight.len()), (65, 50));
    let screen = shown(&operator.app);
    assert!(screen.contains("sending call 3 of 4"), "{screen}");
    assert!(screen.contains("2 of 4 answered"), "{screen}");
}

fn waits_to_resend(operator: &mut Operator) {
    long_run(operator);
    operator.app.context.runs.views.pop();
    let outcomes: Vec<(u32, Outcome)> = (55..120)
        .map(|ordinal| (ordinal, Outcome::Accepted))
        .collect();
    operator.outcomes(3, &outcomes);
    operator.report(Report::Notice(RunNotice::WillResend(vec![11])));
    let until = operator.app.context.now.boot + Duration::from_secs(58);
    let reason = Waiting::Resend;
    operator.report(Report::Waiting { until, reason });
}

#[test]
fn run_that_waits_to_resend() {
    every_screen("resending", |operator| {
        waits_to_resend(operator);
        operator.press("2");
    });
}

#[test]
fn device_in_doubt_that_the_run_resends_asks_for_nothing() {
    for size in [(120, 40), (60, 15)] {
        let mut operator = operator(size);
        waits_to_resend(&mut operator);
        operator.press("3nj");
        let screen = shown(&operator.app);
        let text: String = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("The run resends it"), "{screen}");
        operator.state(RunState::Finished, None);
        assert!(!shown(&operator.app).contains("The run resends it"));
    }
}

#[test]
fn only_devices_that_the_run_resends_are_said_to_be_resent() {
    let mut operator = operator((120, 40));
    waits_to_resend(&mut operator);
    operator.press("2");
    has(
        &operator,
        "1 in doubt: neither 0 nor 1   resent once automatically",
    );
    operator.outcomes(3, &[(12, Outcome::InDoubt(Doubt::WrongElement))]);
    has(
        &operator,
        "2 in doubt: neither 0 nor 1   1 resent once automatically",
    );
    operator.press("3nj");
    has(&operator, "The run resends it once");
    operator.press("j");
    assert!(!shown(&operator.app).contains("The run resends it"));
}

#[test]
fn quit_dialog_names_resends_queued_runs_and_marks() {
    let mut operator = operator((120, 40));
    long_run(&mut operator);
    operator.app.context.runs.views[0].resends = [11].into();
    operator.press("1gg");
    operator.press("q");
    has(&operator, "1 device in doubt to be resent.");
    has(&operator, "1 queued run behind it.");
    has(&operator, "marks");
}

#[test]
fn run_of_another_process_is_not_said_to_start() {
    let mut operator = operator((120, 40));
    long_run(&mut operator);
    operator.app.context.runs.views.pop();
    let run = &mut operator.app.context.runs.views[0];
    run.in_flight.clear();
    run.ownership = RunOwnership::Journal;
    operator.app.context.runs.opened = Some(operator.app.context.runs.views[0].id);
    operator.press("2");
    has(&operator, "driven by another process");
    assert!(!shown(&operator.app).contains("starting"));
}

#[test]
fn run_with_nothing_but_a_resend_left_is_not_paused() {
    let mut operator = operator((120, 40));
    waits_to_resend(&mut operator);
    operator.press("2");
    assert!(!shown(&operator.app).contains("p pause"));
    operator.press("p");
    has(
        &operator,
        "Nothing is left to pause: only 1 device in doubt is resent · x ends the run",
    );
    assert!(!operator.effects.contains(&Effect::Control(Control::Pause)));
    operator.press("x");
    has(
        &operator,
        "Stop the run? Then 1 device in doubt won't be resent.",
    );
}

#[test]
fn run_that_the_operator_paused_says_so_once() {
    for size in [(120, 40), (80, 24), (60, 15)] {
        for view in ["1", "2"] {
            let mut operator = operator(size);
            run(&mut operator);
            operator.outcomes(2, &[(5, Outcome::Accepted)]);
            operator.press(view);
            operator.state(RunState::Paused, Some(PauseReason::Operator));
            let screen = shown(&operator.app);
            let said = "paused by you · 15 left";
            assert_eq!(screen.matches(said).count(), 1, "{screen}");
            // The tab, too, unless there is room for letters only.
            let tabs = usize::from(size.0 > 60 || view == "2");
            assert_eq!(screen.matches("paused").count(), 1 + tabs, "{screen}");
        }
    }
}

#[test]
fn run_that_the_operator_stopped_says_so_once() {
    let mut operator = operator((80, 24));
    run(&mut operator);
    operator.outcomes(2, &[(5, Outcome::Accepted)]);
    operator.press("2");
    let stopped = PauseReason::Stopped(StopCause::Operator);
    operator.state(RunState::Stopped, Some(stopped));
    let screen = shown(&operator.app);
    assert!(screen.contains("stopped by you · 15 not sent"), "{screen}");
    assert!(!screen.contains("stopped by the operator"), "{screen}");
}

/// Whatever else must give way, how many failed and how many are in doubt stays.
#[test]
fn run_line_never_leaves_failed_and_in_doubt_out() {
    let large = Tally {
        accepted: 1_234_567,
        failed: 98_765,
        gone: 4_321,
        in_doubt: 54_321,
        left: 7_654_321,
    };
    for size in [
        (60, 15),
        (70, 20),
        (80, 24),
        (100, 30),
        (120, 40),
        (200, 50),
    ] {
        for state in [
            RunState::Running,
            RunState::Paused,
            RunState::Stopped,
            RunState::Finished,
        ] {
            let mut operator = operator(size);
            waiting(&mut operator);
            operator.state(state, None);
            operator.app.context.runs.views[0].tally = large;
            operator.app.context.status = None;
            for view in ["1", "2"] {
                operator.press(view);
                let screen = shown(&operator.app);
                for count in ["98,765", "54,321"] {
                    assert!(screen.contains(count), "{size:?} {state:?}:\n{screen}");
                }
            }
        }
    }
}

/// The bar goes first, then the time to go, the run's name and the action.
#[test]
fn parts_of_the_run_line_give_way_in_order() {
    let mut before = usize::MAX;
    for width in (60..=160).rev().step_by(4) {
        let mut operator = operator((width, 24));
        waiting(&mut operator);
        let screen = shown(&operator.app);
        let line = screen.lines().rev().nth(1).expect("the run line");
        let parts = ["█", "ETA", "run ", "remove"].map(|part| line.contains(part));
        let left = parts.iter().filter(|&&shown| shown).count();
        assert!(left <= before, "a narrower line shows more: {line}");
        before = left;
        let given = parts.iter().take_while(|&&shown| !shown).count();
        assert_eq!(given + left, parts.len(), "{width}: {line}");
    }
}

#[test]
fn device_that_was_resent_counts_as_in_doubt_in_its_first_call() {
    for (outcome, said) in [
        (Outcome::Accepted, "accepted after a resend"),
        // The reason is that of the resend, not of the first call.
        (
            Outcome::InDoubt(Doubt::ServerError),
            "in doubt, sent again in call 3",
        ),
    ] {
        let mut operator = operator((120, 40));
        run(&mut operator);
        operator.outcomes(2, &[(5, Outcome::Accepted)]);
        operator.calls.push(CallDetail {
            call: 3,
            origin: CallOrigin::Resend,
            devices: vec![2],
            ..operator.calls[0].clone()
        });
        operator.report(Report::Changed {
            call: 3,
            status: Some(200),
            devices: vec![(2, crate::domain::outcome::DeviceState::Ended(outcome))],
        });
        operator.press("2");
        let screen = shown(&operator.app);
        assert!(screen.contains("200  resend"), "{screen}");
        assert!(screen.contains(said), "{screen}");
    }
}

#[test]
fn empty_screens_say_what_to_do() {
    let mut operator = operator((80, 24));
    for (key, says) in [("2", "No run in this session yet"), ("3", "No runs yet")] {
        operator.press(key);
        let screen = shown(&operator.app);
        assert!(screen.contains(says), "{screen}");
        assert!(screen.contains("Mark devices with space, then press d."));
    }
    operator.press("4");
    operator.send(Answer::History(Ok(vec![])));
    assert!(shown(&operator.app).contains("No runs yet"));
    operator.press("1");
    run(&mut operator);
    let all = (0..21).map(|ordinal| (ordinal, Outcome::Accepted));
    operator.outcomes(2, &all.collect::<Vec<_>>());
    operator.press("3");
    let screen = shown(&operator.app);
    assert!(
        screen.contains("✓ Nothing failed, nothing is in doubt."),
        "{screen}"
    );
}

#[test]
fn column_of_gone_devices_has_room_at_80_columns() {
    let mut operator = operator((80, 24));
    long_run(&mut operator);
    operator.app.context.runs.views.pop();
    operator.outcomes(3, &[(55, Outcome::Gone)]);
    operator.press("2");
    let screen = shown(&operator.app);
    assert!(
        screen.contains("accepted  failed  in doubt    gone"),
        "{screen}"
    );
}
