//! Calls without a trustworthy answer, and resends.

use super::*;

#[test]
fn devices_in_doubt_by_hwid_are_resent_once_after_a_minute() {
    let mut world = world(&[HWID; 5], 50).script([Reply::Lost, Reply::Answer(vec![2])]);
    let start = world.now.boot;
    assert_eq!(world.run(), finished());
    assert_eq!(world.sizes(), [5, 5]);
    assert!(world.now.boot.since(start) >= Duration::from_secs(60));
    assert_eq!(world.states()[2], ended(Outcome::Gone));
    assert_eq!(world.engine.tally().accepted, 4);
}

#[test]
fn zero_after_a_lost_answer_of_an_earlier_run_is_gone() {
    let mut world = world(&[HWID; 2], 50).script([Reply::Answer(vec![0, 1])]);
    world.engine = world.engine.with_lost_before(&[1]);
    assert_eq!(world.run(), finished());
    assert_eq!(world.states()[0], ended(Outcome::Failed(Failure::NotFound)));
    assert_eq!(world.states()[1], ended(Outcome::Gone));
}

#[test]
fn zero_after_a_lost_uninstall_stays_in_doubt() {
    let mut world = world(&[HWID; 2], 50).script([Reply::Lost, Reply::Answer(vec![0])]);
    world.engine.settings.action = Action::Uninstall;
    assert_eq!(world.run(), finished());
    assert_eq!(
        world.states()[0],
        ended(Outcome::InDoubt(Doubt::RepeatAnsweredZero))
    );
    assert_eq!(world.states()[1], ended(Outcome::Accepted));
}

#[test]
fn devices_in_doubt_by_mac_are_not_resent() {
    let mut world = world(&[MAC; 5], 50).script([Reply::Lost]);
    assert_eq!(world.run(), finished());
    assert_eq!(world.sent.len(), 1);
    assert_eq!(world.engine.tally().in_doubt, 5);
}

#[test]
fn refused_resend_leaves_its_devices_in_doubt() {
    for reply in [
        Reply::Status(429),
        Reply::Status(400),
        Reply::NotSent(NotSent::Unreachable("no".into())),
        Reply::Lost,
    ] {
        let mut world = world(&[HWID; 3], 50).script([Reply::Lost, reply]);
        assert_eq!(world.run(), finished());
        assert_eq!(world.sent.len(), 2);
        assert_eq!(world.engine.tally().in_doubt, 3);
    }
}

#[test]
fn two_calls_in_doubt_in_a_row_pause_the_run() {
    for reply in [
        Reply::Lost,
        Reply::Status(500),
        Reply::Body("{}"),
        Reply::Body(r#"{"result":[2,2,2,2,2]}"#),
    ] {
        let mut world = world(&[HWID; 30], 50).script([reply.clone(), reply]);
        assert_eq!(world.run(), paused(PauseReason::TwoInDoubt));
        assert_eq!(world.engine.tally().in_doubt, 10);
        assert_eq!(not_resent(&world), [10]);
        // It is paused already.
        world.give(Event::Control(Control::Pause));
        assert_eq!(world.run_until_idle(), paused(PauseReason::TwoInDoubt));
        // The number that confirms the rest has no device in doubt.
        assert_eq!(world.resume(), finished());
        assert_eq!(world.sizes().iter().sum::<usize>(), 30, "each once");
        assert_eq!(world.engine.tally().in_doubt, 10);
    }
}

/// How many devices each notice names that are not resent.
fn not_resent(world: &World) -> Vec<usize> {
    let notices = world.reports.iter().filter_map(|report| match report {
        Report::Notice(RunNotice::NotResent(devices)) => Some(*devices),
        _ => None,
    });
    notices.collect()
}

#[test]
fn calls_in_doubt_with_an_answer_between_them_pause_nothing() {
    let between = [Reply::Answer(vec![]), Reply::Status(400)];
    for answer in between {
        let script = [Reply::Lost, answer.clone(), Reply::Lost, answer];
        let mut world = world(&[HWID; 60], 10).script(script);
        world.engine.settings.resend_once = false;
        assert_eq!(world.run(), finished());
        assert!(world.script.is_empty() && world.engine.tally().in_doubt > 5);
        assert_eq!(not_resent(&world), [0; 0]);
    }
}

#[test]
fn lookup_changes_no_outcome_that_is_known() {
    let mut world = world(&[HWID; 2], 50).script([Reply::Answer(vec![1])]);
    assert_eq!(world.run(), finished());
    let states = world.states();
    for ordinal in [0, 1] {
        world.give(Event::Settled(ordinal, Outcome::Gone));
    }
    assert_eq!(world.states(), states);
}

#[test]
fn unreadable_element_puts_only_its_own_device_in_doubt() {
    let mut world = world(&[HWID; 3], 50).script([Reply::Body(r#"{"result":[1,"1",0]}"#)]);
    world.engine.settings.resend_once = false;
    assert_eq!(world.run(), finished());
    assert_eq!(
        world.states(),
        [
            ended(Outcome::Accepted),
            ended(Outcome::InDoubt(Doubt::WrongElement)),
            ended(Outcome::Failed(Failure::NotFound)),
        ]
    );
}

#[test]
fn redirections_and_web_pages_are_in_doubt_and_pause_the_run() {
    let mut redirected = world(&[HWID; 9], 50).script([Reply::Status(302)]);
    assert_eq!(redirected.run(), paused(PauseReason::Redirected(302)));
    let mut page = world(&[HWID; 9], 50).script([Reply::Body("<html>login</html>")]);
    assert_eq!(page.run(), paused(PauseReason::WebPage));
    assert_eq!(page.engine.tally().in_doubt, 5);
}

#[test]
fn devices_in_doubt_before_a_restart_are_not_resent() {
    let doubt = ended(Outcome::InDoubt(Doubt::Interrupted));
    let mut world = world(&[HWID; 2], 50);
    let settings = world.engine.settings.clone();
    world.engine = Engine::new(settings, &[(HWID, doubt), (HWID, DeviceState::Planned)]);
    assert_eq!(world.run(), finished());
    assert_eq!(world.sent[0].devices, [1]);
    assert_eq!(world.states()[0], doubt);
}

#[test]
fn resend_waits_for_its_minute_and_says_so() {
    let minute = Duration::from_secs(60);
    let mut world = world(&[HWID; 5], 50).script([Reply::Lost]);
    assert_eq!(world.run(), finished());
    let waits: Vec<BootTime> = world
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Waiting {
                until,
                reason: Waiting::Resend,
            } => Some(*until),
            _ => None,
        })
        .collect();
    let slots: Vec<BootTime> = world.ledger.slots.iter().map(|slot| slot.taken).collect();
    assert_eq!(
        waits,
        [slots[1]],
        "no slot is taken before the wait is over"
    );
    assert!(slots[1].since(slots[0]) >= minute);
}

#[test]
fn lookup_that_settles_a_device_in_doubt_leaves_nothing_to_resend() {
    let mut world = world(&[HWID; 2], 50).script([Reply::Lost]);
    world.give(Event::Begin);
    while let Some(command) = world.commands.pop_front() {
        if matches!(command, Command::Wait(_)) {
            for ordinal in [0, 1] {
                world.give(Event::Settled(ordinal, Outcome::Gone));
            }
        }
        world.perform(command);
    }
    assert_eq!(world.states(), [ended(Outcome::Gone); 2]);
    assert_eq!(world.sent.len(), 1, "sent once");
    assert_eq!(world.end, Some(finished()));
}
