//! Pause, resume and stop.

use super::*;
use crate::domain::run::StopCause;

#[test]
fn pause_takes_effect_after_the_call_in_flight() {
    let mut world = world(&[HWID; 9], 50);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::Send)) {
        let command = world.commands.pop_front().expect("a send comes");
        world.perform(command);
    }
    assert!(
        world
            .engine
            .step(Event::Control(Control::Pause), world.now)
            .is_empty()
    );
    assert_eq!(world.run_until_idle(), paused(PauseReason::Operator));
    assert_eq!(
        (world.engine.tally().accepted, world.engine.tally().left),
        (5, 4)
    );
    assert_eq!(world.resume(), finished());
    assert_eq!(world.sizes(), [5, 4]);
}

#[test]
fn stop_or_pause_before_the_slot_is_used_sends_nothing_more() {
    for control in [Control::Stop, Control::Pause] {
        let mut world = world(&[HWID; 20], 10);
        world.give(Event::Begin);
        while !matches!(world.commands.front(), Some(Command::TakeSlot(_))) {
            let command = world.commands.pop_front().expect("a slot is requested");
            world.perform(command);
        }
        world.give(Event::Control(control.clone()));
        world.run_until_idle();
        assert!(world.sent.is_empty(), "{control:?}");
        assert!(world.engine.stop_or_pause_requested() || control == Control::Pause);
    }
}

#[test]
fn stop_during_the_last_call_is_remembered() {
    let mut world = world(&[HWID; 3], 10);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::Send)) {
        let command = world.commands.pop_front().expect("a call");
        world.perform(command);
    }
    world.give(Event::Control(Control::Stop));
    assert_eq!(world.run_until_idle(), finished());
    assert!(
        world.engine.stop_or_pause_requested(),
        "what is queued behind it waits"
    );
}

#[test]
fn stop_while_waiting_ends_the_run_immediately() {
    let mut world = world(&[HWID; 100], 5);
    world.controls.push_back(Control::Stop);
    let stopped = Some(PauseReason::Stopped(StopCause::Operator));
    assert_eq!(world.run(), (RunState::Stopped, stopped));
    assert_eq!(world.engine.tally().left, 50);
}

#[test]
fn resume_of_a_run_that_is_not_paused_begins_no_second_step() {
    let mut world = world(&[HWID; 9], 50);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::Send)) {
        let command = world.commands.pop_front().expect("a send comes");
        world.perform(command);
    }
    let resume = Event::Control(Control::Resume);
    assert_eq!(world.engine.step(resume, world.now), []);
    assert_eq!(world.run_until_idle(), finished());
    assert_eq!(world.sizes(), [5, 4]);
}

#[test]
fn stop_ends_a_paused_run() {
    let mut world = world(&[HWID; 9], 50).script([Reply::Status(403)]);
    world.run();
    world.give(Event::Control(Control::Stop));
    let stopped = Some(PauseReason::Stopped(StopCause::Operator));
    assert_eq!(world.run_until_idle(), (RunState::Stopped, stopped));
}

#[test]
fn only_a_stop_has_a_cause() {
    assert_eq!(Control::Pause.stop_cause(), None);
    assert_eq!(Control::Resume.stop_cause(), None);
    assert_eq!(Control::Stop.stop_cause(), Some(StopCause::Operator));
    let cause = StopCause::Terminate;
    assert_eq!(Control::StopFor(cause.clone()).stop_cause(), Some(cause));
}
