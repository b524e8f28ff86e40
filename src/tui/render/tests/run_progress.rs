//! How far a run has come, and how long it takes.

use super::*;
use crate::domain::licences::{Licences, RunLicences};
use crate::domain::run::StopCause;
use crate::plan::CallSizes;

#[test]
fn signs_of_calls_to_come_give_way_to_those_of_answered_ones() {
    for (size, dots) in [((60, 15), 2), ((120, 40), 12)] {
        let mut operator = operator(size);
        operator.press("adr");
        operator.wait(600);
        let count = operator.app.context.list.marks.len();
        operator.press(&format!("{count}\n"));
        operator.app.context.runs.views[0].sizes = CallSizes {
            batch: 4,
            canary: 4,
        };
        operator.state(RunState::Running, None);
        for call in 0..8 {
            let ordinals = call * 4..call * 4 + 4;
            let outcomes: Vec<_> = ordinals
                .map(|ordinal| (ordinal, Outcome::Failed(Failure::NotFound)))
                .collect();
            operator.outcomes(call + 1, &outcomes);
        }
        operator.press("2");
        let screen = shown(&operator.app);
        let line = screen.lines().find(|line| line.contains("calls    "));
        let signs = line.expect("the calls").split("of ").next().expect("signs");
        assert_eq!(signs.matches("· ").count(), dots, "{screen}");
        assert!(signs.matches('✗').count() >= 4, "{screen}");
    }
}

#[test]
fn licences_after_an_earlier_stop_are_not_those_of_a_run_that_goes_on() {
    let mut operator = operator((120, 40));
    operator.press("adr");
    operator.wait(600);
    let count = operator.app.context.list.marks.len();
    operator.press(&format!("{count}\n2"));
    operator.state(RunState::Running, None);
    let measured = |used| {
        Some(Licences {
            used,
            allowed: 500,
            measured_at: operator.app.context.now.wall,
        })
    };
    let licences = RunLicences {
        before: measured(479),
        after: measured(470),
    };
    let stopped = PauseReason::Stopped(StopCause::Operator);
    operator.state(RunState::Stopped, Some(stopped));
    operator.app.context.runs.views[0].licences = licences;
    has(&operator, "479 → 470 of 500 used");
    operator.state(RunState::Running, None);
    has(&operator, "479 of 500 used before");
    operator.state(RunState::Paused, Some(PauseReason::Operator));
    has(&operator, "479 of 500 used before");
}

#[test]
fn plan_counts_the_token_that_the_first_run_requests() {
    let mut operator = operator((120, 40));
    let mut said = |left, static_token| {
        operator.app.context.settings.static_token = static_token;
        operator.app.context.runs.budget_status = Some(BudgetStatus {
            others: 0,
            limit: 10,
            left,
            next: None,
        });
        operator.press("adr");
        operator.wait(600);
        let screen = shown(&operator.app);
        operator.press("\u{1b}\u{1b}");
        operator.wait(1000);
        let line = screen.lines().find(|line| line.contains("│ calls "));
        line.map(str::to_owned).unwrap_or(screen)
    };
    for (left, static_token, expected) in [
        (6, false, "5 calls of ≤ 50, canary of 5 · about"),
        (5, true, "· about"),
        (5, false, "at least 1:01"),
    ] {
        let said = said(left, static_token);
        assert!(said.contains(expected), "{left} {static_token}: {said}");
    }
}

#[test]
fn plan_counts_no_token_once_the_tenant_has_answered() {
    let mut operator = operator((120, 40));
    operator.app.context.runs.budget_status = Some(BudgetStatus {
        others: 0,
        limit: 10,
        left: 5,
        next: None,
    });
    operator.news(News::Fetch(FetchNews::Read(50)));
    operator.press("adr");
    operator.wait(600);
    has(&operator, "5 calls of ≤ 50, canary of 5 · about");
}

#[test]
fn time_to_go_counts_the_window_after_the_calls_that_are_free() {
    let mut operator = operator((120, 40));
    let status = |left, next| BudgetStatus {
        others: 0,
        limit: 10,
        left,
        next,
    };
    let context = &mut operator.app.context;
    let wait = Duration::from_secs(40);
    let next = Some(context.now.boot + wait);
    let cases = [
        (status(3, next), 3, 0),
        (status(3, next), 4, 40),
        (status(3, next), 14, 110),
        (status(10, None), 11, 70),
        (status(0, next), 2, 40),
    ];
    for (status, calls, seconds) in cases {
        context.runs.budget_status = Some(status);
        let first = if status.left == 0 {
            wait
        } else {
            Duration::ZERO
        };
        let time = context.time_for(calls, first);
        assert_eq!(time.as_secs(), seconds, "{status:?} {calls}");
    }
}
