//! Failures that are sent again by the other identifier, once it is known whose that is.

use super::retrying::{after_a_run, plan_effect};
use super::*;
use crate::engine::lookup_verdict::{Finding, LookupAnswer, LookupKey, Presence};
use crate::runner::LookupNews;

fn presence(hwid: &str, hostname: &str) -> LookupAnswer {
    LookupAnswer::Present(Presence {
        hwid: Some(hwid.to_owned()),
        hostname: hostname.to_owned(),
        ..Presence::default()
    })
}

/// Looks the chosen failures up by their other identifier, after the question what that costs.
fn look_up_by_other(operator: &mut Operator) -> Vec<u32> {
    operator.press("O");
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::LookUp(reason)) if reason.by == LookupKey::AlternateIdentifier)
    );
    operator.press("\n");
    match operator.effects.last() {
        Some(Effect::LookUp(_, devices, LookupKey::AlternateIdentifier)) => devices.clone(),
        other => panic!("{other:?}"),
    }
}

fn seen(operator: &mut Operator, ordinal: u32, seen: LookupAnswer) {
    let run = operator.app.context.runs.newest().expect("a run");
    let state = run.states[ordinal as usize];
    let finding = Finding {
        at: operator.now.wall,
        seen,
    };
    operator.news(News::Lookup(LookupNews::Seen {
        ordinal,
        by: LookupKey::AlternateIdentifier,
        finding,
        state,
    }));
}

/// After a look-up of the first failure by its other identifier, which is offered, saw this.
fn looked_up(answer: LookupAnswer) -> Operator {
    let mut operator = after_a_run();
    operator.press("fj");
    assert!(operator.screen().contains("O other identifier"));
    assert_eq!(look_up_by_other(&mut operator), [1]);
    seen(&mut operator, 1, answer);
    operator.news(News::Lookup(LookupNews::Ended(None)));
    operator
}

#[test]
fn retry_plans_the_same_device_by_its_other_identifier() {
    let mut operator = after_a_run();
    let id = operator.app.context.runs.newest().expect("a run").id;
    operator.press("f");
    // Both groups: h2, not found, and h4, in doubt.
    operator.press(" j ");
    assert_eq!(look_up_by_other(&mut operator), [1, 2]);
    seen(&mut operator, 1, presence("h2", "LT-2"));
    seen(&mut operator, 2, presence("h9", "LT-4411"));
    assert!(plan_effect(&operator).is_none(), "nothing is planned yet");
    operator.news(News::Lookup(LookupNews::Ended(None)));
    assert_eq!(
        plan_effect(&operator),
        Some((id, vec!["00:0c:29:00:00:02".to_owned()]))
    );
    let status = operator.status();
    assert!(
        status.contains("this MAC now belongs to LT-4411"),
        "{status}"
    );
    let planned = &operator.confirm().plan.devices[0];
    let hwid = planned.hwid.as_ref().map(ToString::to_string);
    assert_eq!(hwid.as_deref(), Some("h2"), "what holds it still does");
    let run = operator.app.context.runs.newest().expect("a run");
    assert!(run.findings.is_empty(), "of what was sent nothing was seen");
}

#[test]
fn retry_plans_by_a_fresh_lookup_and_repeats_an_old_one() {
    let mut operator = looked_up(presence("h2", "LT-2"));
    operator.wait(600);
    operator.press("\u{1b}");
    operator.effects.clear();
    operator.press("O");
    assert!(plan_effect(&operator).is_some());
    operator.wait(600);
    operator.press("\u{1b}");
    operator.wait(11 * 60 * 1000);
    operator.press("O");
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::LookUp(reason)) if reason.by == LookupKey::AlternateIdentifier)
    );
}

#[test]
fn other_identifier_is_not_offered_again_once_a_lookup_found_another_device() {
    let mut operator = looked_up(presence("h9", "LT-4411"));
    operator.press("k j");
    assert!(
        !operator.screen().contains("O other identifier"),
        "{}",
        operator.screen()
    );
    operator.effects.clear();
    operator.press("O");
    assert!(operator.app.dialog.is_none());
    let status = operator.status();
    assert!(status.contains("LT-4411"), "it says why: {status}");
    operator.wait(11 * 60 * 1000);
    assert!(
        operator.screen().contains("O other identifier"),
        "an old lookup says nothing"
    );
}

#[test]
fn lookup_by_the_other_identifier_leaves_out_what_one_has_ruled_out() {
    let mut operator = looked_up(presence("h9", "LT-4411"));
    // Both groups: h2, which was looked up, and h4, which was not.
    operator.press("gg j ");
    assert_eq!(look_up_by_other(&mut operator), [2]);
}

#[test]
fn retry_plans_by_no_old_lookup_when_lookups_end_early() {
    let mut operator = looked_up(presence("h2", "LT-2"));
    operator.wait(600);
    operator.press("\u{1b}");
    operator.wait(60 * 60 * 1000);
    operator.effects.clear();
    assert_eq!(look_up_by_other(&mut operator), [1]);
    operator.press("w");
    operator.news(News::Lookup(LookupNews::Ended(None)));
    assert_eq!(plan_effect(&operator), None);
    let status = operator.status();
    assert!(status.contains("not looked up"), "{status}");
}

#[test]
fn what_was_looked_up_by_the_other_identifier_stays_when_a_run_is_read_again() {
    let mut operator = operator();
    let run = operator.announce_and_open();
    operator.press("\n");
    operator.answer_recall(&run);
    let finding = Finding {
        at: operator.now.wall,
        seen: LookupAnswer::Absent,
    };
    let known = &mut operator.app.context.runs.views[0];
    known.alternate_findings.insert(0, finding.clone());
    operator.press("4\n");
    operator.answer_recall(&run);
    let known = &operator.app.context.runs.views[0];
    assert_eq!(known.alternate_findings.get(&0), Some(&finding));
}
