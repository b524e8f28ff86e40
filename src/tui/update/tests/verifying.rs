//! What became of accepted devices, in the history, the table and after a fetch.

use super::fetching::read_anew;
use super::reviewing::stopped_run;
use super::*;
use crate::domain::outcome::Tally;
use crate::fetch::FetchDestination;
use crate::import::MatchRule;
use crate::journal::VerifiedEntry;
use crate::runner::FetchNews;
use crate::tui::dialogs::Dialog;
use crate::tui::input::commands::View;
use crate::tui::job::{Job, RunJob};
use crate::tui::verification::{FetchVerification, JournalStates, NotGone, VerificationSummary};
use crate::verification::VerifiedState;

/// What a verification of the run found.
pub(crate) fn verified(run: RunId) -> VerificationSummary {
    VerificationSummary {
        run,
        counts: "51 gone · 2 still there · 1 returned".to_owned(),
        basis: Some("by the inventory of 2026-11-27 09:00 UTC (12,408 devices)".to_owned()),
        notes: vec!["the tenant was read within 10 minutes of the run".to_owned()],
        devices: vec![
            NotGone {
                state: VerifiedState::Returned,
                hostname: "LT-1".to_owned(),
                identifier: "8af6ea0d24d45e5a".to_owned(),
                about: "as LT-1 under the new HWID 48af9135d0c2542e, recognised by MAC, enrolled 2026-11-26 \
                        08:00 UTC, last seen 2026-11-27 08:00 UTC"
                    .to_owned(),
            },
            NotGone {
                state: VerifiedState::StillThere,
                hostname: "MACBOOK-OF-THE-RECEPTION-2".to_owned(),
                identifier: "65c161d1e0280e04".to_owned(),
                about: "last seen 2026-11-19 08:00 UTC".to_owned(),
            },
        ],
    }
}

/// The history with a run of which this many devices are accepted.
pub(crate) fn history_of(operator: &mut Operator, accepted: u64) -> RunId {
    let mut run = stopped_run(operator).past;
    run.record.tally = Tally {
        accepted,
        ..Tally::default()
    };
    run.state = RunState::Finished;
    let id = run.record.id;
    operator.press("H");
    operator.send(Answer::History(Ok(vec![run])));
    id
}

#[test]
fn v_verifies_the_run_under_the_cursor_and_shows_what_is_not_gone() {
    let mut operator = operator();
    let id = history_of(&mut operator, 54);
    operator.press("V");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Runs(RunJob::Verify(id)))
    );
    operator.send(Answer::Verified(Ok(Box::new(verified(id)))));
    assert!(matches!(operator.app.dialog, Some(Dialog::Verification(_))));
    assert!(
        operator
            .effects
            .contains(&Effect::Job(Job::ReadJournalStates))
    );
    operator.wait(600);
    operator.press("/");
    assert!(operator.app.dialog.is_none());
    assert_eq!(operator.app.view, View::Devices);
    assert_eq!(
        operator.app.devices.query.text(),
        "is:returned or is:still-there"
    );
}

#[test]
fn f_in_the_verification_fetches_the_inventory() {
    let mut operator = operator();
    let id = history_of(&mut operator, 54);
    operator.press("V");
    operator.send(Answer::Verified(Ok(Box::new(verified(id)))));
    operator.wait(600);
    operator.press("f");
    assert!(matches!(operator.app.dialog, Some(Dialog::Fetch(_))));
}

#[test]
fn v_does_nothing_for_a_run_without_accepted_devices() {
    let mut operator = operator();
    history_of(&mut operator, 0);
    operator.press("V");
    let verifies = |effect: &Effect| matches!(effect, Effect::Runs(RunJob::Verify(_)));
    assert!(!operator.effects.iter().any(verifies));
    assert!(
        operator.status().contains("no accepted devices"),
        "{}",
        operator.status()
    );
}

#[test]
fn states_of_a_verification_can_be_filtered_and_stand_in_the_table() {
    for (query, found) in [("/is:returned\n", 0), ("/is:still-there\n", 4)] {
        let mut operator = operator();
        announce_verified(&mut operator);
        operator.press(query);
        assert_eq!(operator.shown(), [found], "{query}");
    }
}

#[test]
fn what_a_verification_found_takes_the_place_of_what_its_run_was_answered() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    operator.state(RunState::Finished, None);
    let run = operator.app.context.runs.newest().expect("a run").id;
    announce_verified(&mut operator);
    let line = |operator: &Operator| {
        let screen = operator.screen();
        let line = screen.lines().find(|line| line.contains("LT-1 "));
        line.expect("a row").to_owned()
    };
    assert!(line(&operator).contains("accepted"), "of an earlier run");
    announce_verified_after(&mut operator, run);
    assert!(line(&operator).contains("returned"), "{}", line(&operator));
    operator
        .app
        .context
        .list
        .session_states
        .remove(&DeviceId::from_index(0));
    assert!(line(&operator).contains("returned"));
}

fn announce_verified(operator: &mut Operator) {
    announce_verified_after(operator, RunId::from_bytes([9; 16]));
}

fn announce_verified_after(operator: &mut Operator, run: RunId) {
    let id = DeviceId::from_index;
    let entry = |state| VerifiedEntry {
        state,
        run,
        recognised_by: MatchRule::Hwid,
    };
    operator.send(Answer::JournalStates(Ok(JournalStates {
        verified: HashMap::from([
            (id(0), entry(VerifiedState::Returned)),
            (id(4), entry(VerifiedState::StillThere)),
        ]),
        ..JournalStates::default()
    })));
}

#[test]
fn fetched_list_verifies_earlier_runs_and_one_message_says_both() {
    for is_read_first in [true, false] {
        let mut operator = operator();
        let path = FetchDestination::default_for("/state".as_ref(), "production").path;
        operator.app.context.info.path = Some(path.clone());
        operator.news(News::Fetch(FetchNews::Ended(Ok((4, path.clone())))));
        assert!(
            operator
                .effects
                .contains(&Effect::Runs(RunJob::VerifyFetched(
                    path.clone(),
                    Vec::new()
                )))
        );
        let summary = "verified 54 accepted devices of 1 run: 54 gone";
        let found = FetchVerification {
            summary: Some(summary.to_owned()),
            runs: Vec::new(),
        };
        let read = read_anew(
            &operator,
            super::fetching::ANEW,
            &path.display().to_string(),
        );
        if is_read_first {
            operator.send(read);
            operator.send(Answer::FetchVerified(Ok(found)));
        } else {
            operator.send(Answer::FetchVerified(Ok(found)));
            operator.send(read);
        }
        assert_eq!(
            operator.status(),
            format!("4 devices read: 1 new, 1 gone; {summary}"),
            "{is_read_first}"
        );
    }
}
