//! Canaries, batches and what the server refuses of them.

use super::*;

#[test]
fn run_sends_a_canary_of_each_kind_and_then_batches() {
    let mut world = world(&[vec![HWID; 70], vec![MAC; 12]].concat(), 50);
    assert_eq!(world.run(), finished());
    assert_eq!(world.sizes(), [5, 50, 15, 5, 7]);
    assert!(
        world
            .states()
            .iter()
            .all(|&state| state == ended(Outcome::Accepted))
    );
}

#[test]
fn results_are_matched_by_position() {
    let mut world =
        world(&[HWID; 9], 50).script([Reply::Answer(vec![1, 4]), Reply::Answer(vec![7])]);
    assert_eq!(world.run(), finished());
    let failed: Vec<usize> = (0..9)
        .filter(|&index| world.states()[index] == ended(Outcome::Failed(Failure::NotFound)))
        .collect();
    assert_eq!(failed, [1, 4, 7]);
}

#[test]
fn canary_of_zeros_pauses_while_devices_are_left() {
    let mut world = world(&[HWID; 9], 50).script([Reply::Answer((0..9).collect())]);
    assert_eq!(world.run(), paused(PauseReason::CanaryNotFound(5)));
    assert_eq!(world.engine.tally().left, 4);
    assert_eq!(world.resume(), finished());
    assert_eq!(world.sizes(), [5, 4]);
}

#[test]
fn canary_of_zeros_finishes_a_run_that_has_nothing_left() {
    let mut world = world(&[HWID; 3], 50).script([Reply::Answer(vec![0, 1, 2])]);
    assert_eq!(world.run(), finished());
    assert_eq!(world.engine.tally().failed, 3);
}

#[test]
fn refused_identifier_does_not_fail_the_others_of_its_batch() {
    let bad: fn(&Batch) -> bool = |batch| batch.devices.contains(&17);
    let mut world = world(&[HWID; 40], 50);
    world.afterwards = Reply::StatusIf(400, bad);
    assert_eq!(world.run(), finished());
    for (index, &state) in world.states().iter().enumerate() {
        let expected = if index == 17 {
            Outcome::Failed(Failure::Refused)
        } else {
            Outcome::Accepted
        };
        assert_eq!(state, ended(expected), "{index}");
    }
}

#[test]
fn batch_that_is_too_large_sets_the_size_of_the_next() {
    let large: fn(&Batch) -> bool = |batch| batch.devices.len() > 20;
    let mut world = world(&[HWID; 105], 50);
    world.afterwards = Reply::StatusIf(413, large);
    assert_eq!(world.run(), finished());
    assert_eq!(
        world.sizes(),
        [5, 50, 25, 25, 13, 12, 13, 12, 13, 13, 13, 11]
    );
    assert_eq!(world.engine.tally().accepted, 105);
}

#[test]
fn six_refusals_with_nothing_accepted_pause_the_run() {
    let mut world = world(&[HWID; 200], 50);
    world.afterwards = Reply::Status(400);
    assert_eq!(world.run(), paused(PauseReason::SixRefusals));
    assert_eq!(world.sent.len(), 6);
}
