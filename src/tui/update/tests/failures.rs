//! Failures: lookups, tokens, and the details of their devices.

use super::reviewing::{found, stopped_run};
use super::*;
use crate::engine::Waiting;
use crate::engine::lookup_verdict::{LookupAnswer, LookupKey, Presence};
use crate::journal::FoundDevices;
use crate::runner::{LookupCalls, LookupNews};
use crate::secret::Secret;
use crate::tui::identity::DeviceRef;
use crate::tui::job::{Job, RunJob};
use crate::tui::screens::failures::spoken;

#[test]
fn asking_why_shows_the_cost_first_and_takes_the_group_under_the_cursor() {
    let mut operator = operator();
    operator.start_run();
    operator.outcomes(
        1,
        &[
            (0, Outcome::InDoubt(Doubt::NoAnswer)),
            (1, Outcome::Failed(Failure::NotFound)),
            (2, Outcome::InDoubt(Doubt::NoAnswer)),
            (3, Outcome::Accepted),
        ],
    );
    let id = operator.app.context.runs.newest().expect("a run").id;
    operator.press("fjjw\u{1b}");
    let looks = |operator: &Operator| {
        operator
            .effects
            .iter()
            .filter(|effect| matches!(effect, Effect::LookUp(..)))
            .count()
    };
    assert_eq!(looks(&operator), 0, "esc asks nothing");
    operator.press("w\n");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::LookUp(id, vec![0, 2], LookupKey::SentIdentifier))
    );
    let called = |made, left, unconfirmed| {
        News::Lookup(LookupNews::Called(LookupCalls {
            made,
            left,
            unconfirmed,
        }))
    };
    operator.news(called(2, 2, 1));
    let progress = |operator: &Operator| {
        let context = &operator.app.context;
        spoken::lookups(context, context.runs.newest().expect("a run"))
    };
    assert_eq!(
        progress(&operator).as_deref(),
        Some("look-up 2 of 4 calls · 1 unconfirmed · after the run"),
        "a call counts before its verdict"
    );
    operator.found(0, LookupAnswer::Absent, DeviceState::Ended(Outcome::Gone));
    operator.news(called(3, 1, 0));
    assert_eq!(
        progress(&operator).as_deref(),
        Some("look-up 3 of 4 calls · 1 gone · after the run")
    );
    let run = operator.app.context.runs.newest().expect("a run");
    assert_eq!((run.tally.gone, run.tally.in_doubt), (1, 1));
    operator.press("w");
    assert_eq!(operator.effects.last(), Some(&Effect::CancelLookups));
    operator.news(News::Lookup(LookupNews::Ended(None)));
    assert_eq!(
        operator.app.context.status.as_deref(),
        Some("1 of 2 devices looked up: 1 gone")
    );
}

#[test]
fn end_of_lookups_says_what_was_found() {
    let mut operator = operator();
    operator.start_run();
    let doubt = Outcome::InDoubt(Doubt::NoAnswer);
    let doubts: Vec<_> = (0..4).map(|ordinal| (ordinal, doubt)).collect();
    operator.outcomes(1, &doubts);
    operator.press("fw\n");
    for ordinal in [0, 1] {
        operator.found(
            ordinal,
            LookupAnswer::Absent,
            DeviceState::Ended(Outcome::Gone),
        );
    }
    let there = DeviceState::Ended(Outcome::Failed(Failure::StillThere));
    operator.found(2, LookupAnswer::Present(Presence::default()), there);
    operator.news(News::Lookup(LookupNews::Called(LookupCalls {
        made: 6,
        left: 0,
        unconfirmed: 1,
    })));
    operator.news(News::Lookup(LookupNews::Unclear {
        ordinal: 3,
        message: "404".to_owned(),
    }));
    operator.news(News::Lookup(LookupNews::Ended(None)));
    assert_eq!(
        operator.app.context.status.as_deref(),
        Some("4 devices looked up: 2 gone, 1 still there, 1 unclear")
    );
}

#[test]
fn marked_rows_of_the_failures_are_asked_about() {
    let mut operator = operator();
    operator.start_run();
    operator.outcomes(
        1,
        &[
            (0, Outcome::Failed(Failure::NotFound)),
            (1, Outcome::Failed(Failure::NotFound)),
            (2, Outcome::InDoubt(Doubt::NoAnswer)),
        ],
    );
    let id = operator.app.context.runs.newest().expect("a run").id;
    operator.press("fjj jj w\n");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::LookUp(id, vec![1, 2], LookupKey::SentIdentifier))
    );
}

#[test]
fn dead_token_is_asked_for_and_never_shown() {
    let mut operator = operator();
    operator.app.context.settings.static_token = true;
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.state(RunState::Paused, Some(PauseReason::TokenRefused));
    assert!(matches!(operator.app.dialog, Some(Dialog::Token(_))));
    operator.press("d");
    operator.wait(600);
    operator.send(Message::Paste("canary-9f2e\n".to_owned(), operator.now));
    assert!(!format!("{:?}", operator.app.dialog).contains("canary"));
    operator.press("\n");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::UseToken(Secret::new("canary-9f2e".to_owned()))),
        "what was typed ahead is no part of it"
    );
    operator.wait(600);
    operator.press("4\n");
    assert!(matches!(
        operator.effects.last(),
        Some(Effect::Resume(_, 4))
    ));
}

#[test]
fn client_credentials_are_not_asked_for() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.state(RunState::Paused, Some(PauseReason::TokenRefused));
    assert!(operator.app.dialog.is_none());
}

#[test]
fn device_that_the_list_does_not_hold_has_a_detail_too() {
    let mut operator = operator();
    let mut run = operator.announce_and_open();
    run.devices[0].device.hwid =
        Some(crate::domain::device::Hwid::parse("elsewhere").expect("an HWID"));
    operator.press("\n");
    operator.answer_recall(&run);
    operator.wait(300);
    operator.press("j\n");
    let Some(Dialog::DeviceDetail(detail)) = &operator.app.dialog else {
        panic!("{:?}", operator.app.dialog)
    };
    assert_eq!(detail.subject, DeviceRef::OfRun(run.past.record.id, 0));
    let asked = operator.effects.iter().any(|effect| {
        matches!(effect, Effect::Runs(RunJob::Outcomes(DeviceRef::OfRun(..), identity)) if identity.hwid.is_some())
    });
    assert!(asked, "its earlier outcomes");
    operator.press("\u{1b}yh");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Copy("elsewhere".to_owned()))
    );
}

#[test]
fn mac_that_is_a_machines_with_an_hwid_by_now_is_not_the_rows_device() {
    let mut operator = operator();
    let mut run = operator.announce_and_open();
    // The plan had no HWID; the list's row with this MAC has one: a reimaged machine.
    let device = &mut run.devices[0].device;
    device.hwid = None;
    device.identifier = crate::domain::device::Identifier::Mac(device.macs[0]);
    operator.press("\n");
    operator.answer_recall(&run);
    let shown = operator.app.reviewed().expect("a run");
    assert_eq!(shown.sources[0], None);
}

#[test]
fn enter_folds_groups_and_accepted_devices_are_folded_at_first() {
    let mut operator = operator();
    let mut run = operator.announce_and_open();
    run.devices[2].state = DeviceState::Ended(Outcome::Accepted);
    operator.press("\n");
    operator.answer_recall(&run);
    operator.wait(300);
    let kinds = |operator: &Operator| -> Vec<Option<u32>> {
        let lines = operator.app.failure_lines().into_iter();
        let kinds = lines.map(|line| match line {
            FailureLine::Group(_) => None,
            FailureLine::Device(ordinal) => Some(ordinal),
        });
        kinds.collect()
    };
    let opened = [None, Some(0), None, Some(1), None, Some(3), None];
    assert_eq!(kinds(&operator), opened, "the accepted device is folded");
    operator.press("G\n");
    assert_eq!(kinds(&operator).last(), Some(&Some(2)));
    operator.press("g\n");
    assert_eq!(kinds(&operator)[..2], [None, None]);
    operator.press("w");
    let Some(Dialog::LookUp(prompt)) = &operator.app.dialog else {
        panic!("{:?}", operator.app.dialog)
    };
    assert_eq!(prompt.devices, [0], "a folded group has its devices");
    operator.press("\u{1b}\n");
    assert_eq!(kinds(&operator)[..2], [None, Some(0)]);
    // `n` and `N` go from heading to heading.
    operator.press("nn");
    assert_eq!(operator.app.failures.cursor, 4);
    operator.press("NN");
    assert_eq!(operator.app.failures.cursor, 0);
}

#[test]
fn device_that_was_found_is_shown_though_its_group_was_folded() {
    let mut operator = operator();
    let mut run = stopped_run(&operator);
    run.devices[2].state = DeviceState::Ended(Outcome::Accepted);
    let device = found(&run.past.record, run.devices[2].clone(), 2);
    operator.press("H");
    operator.send(Answer::History(Ok(vec![run.past.clone()])));
    operator.press("/lt-5\n");
    let found = FoundDevices {
        devices: vec![device],
        is_truncated: false,
    };
    operator.send(Answer::FoundInRuns("lt-5".to_owned(), Ok(found)));
    operator.press("\n");
    operator.answer_recall(&run);
    let lines = operator.app.failure_lines();
    let cursor = operator.app.failures.cursor;
    assert_eq!(lines.get(cursor), Some(&FailureLine::Device(2)));
}

#[test]
fn accepted_devices_of_a_run_of_this_process_are_folded_below_what_failed() {
    let mut operator = operator();
    operator.start_run();
    operator.outcomes(1, &[(0, Outcome::Accepted), (1, Outcome::Accepted)]);
    operator.press("f");
    assert_eq!(operator.app.failure_lines(), [], "nothing failed");
    operator.outcomes(2, &[(2, Outcome::Failed(Failure::NotFound))]);
    let lines = operator.app.failure_lines();
    let [
        FailureLine::Group(_),
        FailureLine::Device(2),
        FailureLine::Group(accepted),
    ] = lines[..]
    else {
        panic!("{lines:?}")
    };
    assert_eq!((accepted.outcome, accepted.count), (Outcome::Accepted, 2));
    operator.press("j");
    let screen = operator.screen();
    assert!(screen.contains("· said 0 ·"), "{screen}");
}

#[test]
fn how_the_list_was_read_is_shown_from_the_devices_and_the_failures() {
    for view in ["1", "3"] {
        let mut operator = operator();
        operator.press(view).press("i");
        let shown = matches!(operator.app.dialog, Some(Dialog::ListInfo(_)));
        assert!(shown, "view {view}");
        assert_eq!(
            operator.effects.last(),
            Some(&Effect::Job(Job::DescribeList))
        );
    }
}

#[test]
fn tab_and_list_count_gone_devices_and_neither_counts_those_that_were_not_sent() {
    let mut operator = operator();
    let mut run = operator.announce_and_open();
    run.devices[1].state = DeviceState::Ended(Outcome::Gone);
    operator.press("\n");
    operator.answer_recall(&run);
    let screen = operator.screen();
    assert!(screen.contains("3 Failures 2"), "{screen}");
    assert!(screen.contains("not accepted · 2 of 4"), "{screen}");
    operator.press("e");
    let screen = operator.screen();
    assert!(
        screen.contains("‹2 not accepted›  1 under the cursor  4 listed"),
        "{screen}"
    );
    operator.press("\t\t");
    let screen = operator.screen();
    assert!(screen.contains("‹4 listed›"), "{screen}");
}

#[test]
fn detail_of_a_failure_takes_no_key_of_the_table() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.outcomes(1, &[(1, Outcome::Failed(Failure::NotFound))]);
    operator.state(RunState::Finished, None);
    operator.press("fj\n");
    let screen = operator.screen();
    assert!(screen.contains("esc back"), "{screen}");
    assert!(!screen.contains("space mark"), "{screen}");
    let marked = operator.marked();
    operator.effects.clear();
    // The cursor of the table is on another device.
    operator.press(" yt=\nj");
    assert_eq!(operator.marked(), marked);
    assert_eq!(operator.effects, []);
    assert!(operator.app.covered_dialog.is_none());
    assert_eq!(operator.app.devices.cursor, 0);
    operator.press("\u{1b}");
    assert_eq!(operator.app.view, View::Failures);
}

#[test]
fn cursor_stays_on_its_device_when_others_change_their_group() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    let doubt = Outcome::InDoubt(Doubt::NoAnswer);
    operator.outcomes(1, &[(1, doubt), (2, doubt), (3, Outcome::Accepted)]);
    operator.state(RunState::Finished, None);
    operator.press("fjj");
    let under_cursor = |operator: &Operator| {
        let (_, line) = operator
            .app
            .failures
            .place(&operator.app.context.runs)
            .expect("a line");
        line
    };
    assert_eq!(under_cursor(&operator), FailureLine::Device(2));
    operator.found(1, LookupAnswer::Absent, DeviceState::Ended(Outcome::Gone));
    assert_eq!(under_cursor(&operator), FailureLine::Device(2));
    operator.found(2, LookupAnswer::Absent, DeviceState::Ended(Outcome::Gone));
    assert_eq!(
        under_cursor(&operator),
        FailureLine::Device(2),
        "in its new group"
    );
}

#[test]
fn run_that_only_resends_is_said_to_wait_for_that() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    let doubt = Outcome::InDoubt(Doubt::NoAnswer);
    operator.outcomes(1, &[(0, doubt), (1, doubt), (2, doubt), (3, doubt)]);
    operator.press("f");
    assert!(
        operator.screen().contains(" · running"),
        "{}",
        operator.screen()
    );
    let until = operator.now.boot + Duration::from_secs(50);
    operator.report(Report::Waiting {
        until,
        reason: Waiting::Resend,
    });
    assert!(
        operator.screen().contains(" · waiting to resend"),
        "{}",
        operator.screen()
    );
}
