//! A deterministic simulation of runs under faults.
//!
//! The workers are those of the program, polled by hand: one step at a time, so that each may be
//! stopped or killed between any two. Clocks, network, disk and the death of processes are behind one
//! seeded scheduler. Up to three processes share one journal, the real one on SQLite, whose writes can
//! be made to fail: a stand-in for it would prove nothing of its transactions and locks. The simulated
//! tenant is the oracle, and reads the very bytes that would be sent. After each step the safety
//! invariants are checked on what the worker reported, sent and stored; at the end, that every run came
//! to rest. A seed that fails prints itself;
//! `OFFBOARD_SEED=n` replays it, `OFFBOARD_SEEDS=n` runs more of them.
#![cfg(debug_assertions)]
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

mod simulation {
    pub mod account;
    pub mod audit;
    pub mod auditor;
    pub mod commands;
    pub mod files;
    pub mod holds;
    pub mod inventories;
    pub mod losses;
    pub mod machine;
    pub mod network;
    pub mod operator;
    pub mod plans;
    pub mod process;
    pub mod rechecks;
    pub mod reported;
    pub mod schedule;
    pub mod transport;
    pub mod truth;
    pub mod verifications;
    pub mod watch;
    pub mod weather;
    pub mod world;
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use simulation::world::World;

const SEEDS: u64 = 30;

#[test]
fn whatever_happens_the_invariants_hold_and_every_run_comes_to_rest() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let seeds = match number("OFFBOARD_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("OFFBOARD_SEEDS").unwrap_or(SEEDS),
    };
    let next = AtomicU64::new(seeds.start);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            live(seed);
        }
    };
    // Each world is one thread's; only their number is the machine's.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            if let Err(panic) = worker.join() {
                next.store(u64::MAX, Ordering::Relaxed);
                std::panic::resume_unwind(panic);
            }
        }
    });
}

#[test]
fn seed_replays() {
    let log = || {
        let mut world = World::new(11);
        world.live();
        world.log()
    };
    assert_eq!(log(), log());
}

fn live(seed: u64) {
    let mut world = World::new(seed);
    let lived = catch_unwind(AssertUnwindSafe(|| world.live()));
    assert!(
        lived.is_ok(),
        "seed {seed} fails; replay it with OFFBOARD_SEED={seed} cargo test --test simulation. \
         It ended in:\n{}",
        world.log()
    );
}
