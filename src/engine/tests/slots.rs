//! Slots of the rate limit.

use super::*;

#[test]
fn slot_that_ran_out_before_the_send_sends_nothing() {
    let mut world = world(&[HWID; 3], 50);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::StoreIntent(_))) {
        let command = world.commands.pop_front().expect("an intent comes");
        world.perform(command);
    }
    world.commands.clear();
    // The computer sleeps for an hour between the slot and the send.
    world.pass(Duration::from_secs(3600));
    let commands = world.engine.step(Event::Stored, world.now);
    assert!(matches!(
        &commands[..],
        [Command::StoreOutcome(CallEnd {
            report: CallReport {
                result: CallResult::NotSent(NotSent::SlotExpired),
                ..
            },
            ..
        })]
    ));
    assert_eq!(world.engine.tally().left, 3);
}

#[test]
fn slot_that_ran_out_before_its_token_call_is_spent() {
    let mut world = world(&[HWID; 3], 50);
    world.credential = Event::Credential(CredentialKind::Client);
    world.give(Event::Begin);
    while !matches!(world.commands.front(), Some(Command::TakeSlot(_))) {
        let command = world.commands.pop_front().expect("a slot is taken");
        world.perform(command);
    }
    world.commands.clear();
    let slot = TakenSlot {
        number: 1,
        deadline: world.now.boot + Duration::from_secs(65),
    };
    // The computer sleeps for an hour between the slot and the call.
    world.pass(Duration::from_secs(3600));
    let commands = world.engine.step(Event::SlotTaken(slot), world.now);
    assert!(matches!(&commands[..], [Command::CompleteSlot(_)]));
}

#[test]
fn slot_has_run_out_once_a_call_could_outlast_its_deadline() {
    let deadline = BootTime(1_000_000);
    let slot = TakenSlot {
        number: 1,
        deadline,
    };
    let timeout = Duration::from_secs(60);
    let last = deadline - timeout;
    assert!(!slot.has_run_out(timeout, last));
    assert!(slot.has_run_out(timeout, last + Duration::from_millis(1)));
}

#[test]
fn calls_of_a_minute_stay_within_the_budget() {
    let mut world = world(&[HWID; 100], 5);
    world.run();
    let taken: Vec<BootTime> = world.ledger.slots.iter().map(|slot| slot.taken).collect();
    assert_eq!(taken.len(), 20);
    for pair in taken.windows(11) {
        assert!(pair[10].since(pair[0]) >= Duration::from_secs(60));
    }
}
