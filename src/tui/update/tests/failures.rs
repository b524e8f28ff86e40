//! Failures: lookups, tokens, and the details of their devices.

use super::*;
use crate::engine::lookup_verdict::{LookupKey, Seen};
use crate::runner::LookupNews;
use crate::secret::Secret;
use crate::tui::identity::Subject;

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
    operator.found(0, Seen::Absent, DeviceState::Ended(Outcome::Gone), 1);
    let run = operator.app.context.runs.newest().expect("a run");
    assert_eq!((run.tally.gone, run.tally.in_doubt), (1, 1));
    operator.press("w");
    assert_eq!(operator.effects.last(), Some(&Effect::CancelLookups));
    operator.news(News::Lookup(LookupNews::Ended(None)));
    assert_eq!(
        operator.app.context.status.as_deref(),
        Some("1 device looked up, 1 not")
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
fn a_dead_token_is_asked_for_and_never_shown() {
    let mut operator = operator();
    operator.app.context.settings.static_token = true;
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.state(RunState::Paused, Some(PauseReason::TokenRefused));
    assert!(matches!(operator.app.dialog, Some(Dialog::Token(_))));
    operator.press("d");
    operator.wait(600);
    operator.tell(Message::Paste("canary-9f2e\n".to_owned(), operator.now));
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
fn a_device_that_the_list_does_not_hold_has_a_detail_too() {
    let mut operator = operator();
    let mut run = operator.announce();
    run.devices[0].device.hwid =
        Some(crate::domain::device::Hwid::parse("elsewhere").expect("an HWID"));
    operator.press("v");
    operator.answer_recall(&run);
    operator.wait(300);
    operator.press("j\n");
    let Some(Dialog::DeviceDetail(detail)) = &operator.app.dialog else {
        panic!("{:?}", operator.app.dialog)
    };
    assert_eq!(detail.subject, Subject::OfRun(run.past.record.id, 0));
    let asked = operator.effects.iter().any(|effect| {
        matches!(effect, Effect::Outcomes(Subject::OfRun(..), identity) if identity.hwid.is_some())
    });
    assert!(asked, "its earlier outcomes");
    operator.press("\u{1b}yh");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Copy("elsewhere".to_owned()))
    );
}

#[test]
fn a_mac_that_is_a_machines_with_an_hwid_by_now_is_not_the_rows_device() {
    let mut operator = operator();
    let mut run = operator.announce();
    // The plan had no HWID; the list's row with this MAC has one: a reimaged machine.
    let device = &mut run.devices[0].device;
    device.hwid = None;
    device.identifier = crate::domain::device::Identifier::Mac(device.macs[0]);
    operator.press("v");
    operator.answer_recall(&run);
    let shown = operator.app.reviewed().expect("a run");
    assert_eq!(shown.sources[0], None);
}
