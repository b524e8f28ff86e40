//! Everything that can happen to three processes on one journal, step by step.
//!
//! The simulation (`tests/simulation.rs`) runs the program itself in many random worlds; this model
//! takes every turn of a small one. Its decisions are the functions that ship, called as the journal
//! calls them within its transactions: [`EarlierDevices::conflict`] when a plan is built, admitted or
//! taken up again, and [`next_call`] when a slot is taken. It shows three invariants:
//!
//! - never more than N calls arrive in any 60 s;
//! - one process writes a run;
//! - no process sends a device again that a run removed, unless its operator was told.
//!
//! A process builds a plan, has it admitted, takes the run's lock, opens the run, and for each device
//! takes a slot, stores the intent, sends, and stores what came of it. Each is one step, between any two
//! of them others may go on, time may pass, and the process may die. Another process then finds the run
//! open, takes its lock, judges what was in flight as in doubt, and takes it up or closes it. A request
//! arrives at any time until its deadline, even if its process is dead by then; the answer may be lost.
//! There are two records in the tenant. One list has both by HWID, the other has the first by the same
//! HWID in another case, and the second by its MAC under another HWID. A list is saved at the beginning
//! or read again, all or one device of it is planned, and the operator may plan again what was removed,
//! as may a retry what is in doubt.
//!
//! What is abstracted:
//!
//! - A call has one device. Batches, halves and refusals are the engine's, and have tests there.
//! - A transaction is one step, since SQLite admits one writer at a time. A plan that is stored and not
//!   yet confirmed is seen by nobody, so both transactions of an admission are one.
//! - Time goes in steps of 40 s, a call lasts up to one of them, and arrivals of two moments that follow
//!   each other lie within 60 s. Ages stop where they make no difference, so time has no end, but where
//!   lists are read again: there, moments are counted and bounded.
//! - Nothing arrives after its deadline, nor after its connection was given up.
//! - No headers of the server, no reboot and no lookup that settles a doubt; clocks agree, but in the one
//!   test that says otherwise.
//! - A stop is as a crash between two calls. Processes are alike, so they are kept sorted.
//!
//! Below the proofs stand rules that were wrong, or would be, and the model has to find out.
//!
//! [`EarlierDevices::conflict`]: offboard::plan::EarlierDevices::conflict
//! [`next_call`]: offboard::domain::rate_limit::next_call
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

mod model {
    pub mod action;
    pub mod plans;
    pub mod properties;
    pub mod rules;
    pub mod state;
    pub mod steps;
    pub mod world;
}

use model::properties::{BUDGET, NEVER_AGAIN, ONE_WRITER};
use model::rules::{AdmissionRule, LedgerRule, LockRule, Rules};
use model::world::{Bounds, World};
use stateright::{Checker, HasDiscoveries, Model};

/// More calls than any world makes.
const PLENTY: u32 = 9;

/// Two runs at the same time or one after the other, each device of each sent.
const TWO_RUNS: Bounds = Bounds {
    last: 0,
    runs: 2,
    calls: 4,
    crashes: 1,
    again: true,
    lookups: false,
    parts: true,
    resends: true,
};

/// Calls that change nothing, beside no run.
const LOOKUPS: Bounds = Bounds {
    last: 0,
    runs: 0,
    calls: 5,
    crashes: 1,
    again: false,
    lookups: true,
    parts: false,
    resends: false,
};

fn world(per_window: u32, bounds: Bounds) -> World {
    World {
        rules: Rules::SHIPPED,
        per_window,
        ahead: 0,
        bounds,
        proves: true,
    }
}

fn check(world: World) -> impl Checker<World> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    world
        .checker()
        .threads(threads)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join()
}

/// Looks at all of a world.
fn prove(world: World) {
    check(world).assert_properties();
}

/// Looks at a world until `invariant` fails, and nothing else.
fn find(invariant: &'static str, world: World) {
    let checker = check(World {
        proves: false,
        ..world
    });
    let found: Vec<_> = checker.discoveries().into_keys().collect();
    assert_eq!(found, [invariant]);
}

/// Looks at all of a world, in which `invariant` holds.
fn find_none(invariant: &'static str, world: World) {
    let checker = check(World {
        proves: false,
        ..world
    });
    let found = checker.discoveries();
    assert!(!found.contains_key(invariant), "{invariant}");
}

#[test]
fn two_runs_send_no_device_twice() {
    prove(world(PLENTY, TWO_RUNS));
}

#[test]
fn three_runs_send_no_device_twice() {
    let bounds = Bounds {
        runs: 3,
        calls: 3,
        crashes: 0,
        parts: false,
        ..TWO_RUNS
    };
    prove(world(PLENTY, bounds));
}

#[test]
fn lists_of_different_times_send_no_device_twice() {
    let bounds = Bounds {
        last: 1,
        calls: 2,
        parts: false,
        resends: false,
        ..TWO_RUNS
    };
    prove(world(PLENTY, bounds));
}

#[test]
fn calls_of_three_processes_share_one_budget() {
    prove(world(2, LOOKUPS));
}

#[test]
fn run_shares_its_budget_with_lookups() {
    let bounds = Bounds {
        runs: 1,
        calls: 2,
        ..LOOKUPS
    };
    prove(world(1, bounds));
}

#[test]
fn resend_keeps_to_the_budget_and_to_its_run() {
    let bounds = Bounds {
        calls: 3,
        runs: 1,
        again: false,
        parts: false,
        ..TWO_RUNS
    };
    prove(world(2, bounds));
}

#[test]
#[ignore = "takes a minute; for changes of what the model is about"]
fn more_crashes_send_no_device_twice() {
    let two_crashes = Bounds {
        calls: 3,
        crashes: 2,
        parts: false,
        ..TWO_RUNS
    };
    let three_runs = Bounds {
        runs: 3,
        calls: 2,
        parts: false,
        ..TWO_RUNS
    };
    for bounds in [two_crashes, three_runs] {
        prove(world(PLENTY, bounds));
    }
}

/// What earlier runs removed was read when a plan was built, and not again when it was admitted; and a
/// device that another run had was looked for by its HWID alone.
#[test]
fn old_admission_sends_a_device_twice() {
    for admission in [
        AdmissionRule::Old,
        AdmissionRule::WithoutRemoved,
        AdmissionRule::ByHwid,
    ] {
        let rules = Rules {
            admission,
            ..Rules::SHIPPED
        };
        let world = world(PLENTY, TWO_RUNS);
        find(NEVER_AGAIN, World { rules, ..world });
    }
}

#[test]
fn slot_whose_window_counts_from_the_send_breaks_the_budget() {
    let rules = Rules {
        ledger: LedgerRule::CompletesWhenSent,
        ..Rules::SHIPPED
    };
    let world = world(2, LOOKUPS);
    find(BUDGET, World { rules, ..world });
}

#[test]
fn lock_that_is_not_taken_lets_two_processes_write_a_run() {
    let rules = Rules {
        lock: LockRule::NotTaken,
        ..Rules::SHIPPED
    };
    let world = world(PLENTY, TWO_RUNS);
    find(ONE_WRITER, World { rules, ..world });
}

/// The rule allows for a list whose clock is ahead of ours by a few minutes.
#[test]
fn lists_whose_clock_is_ahead_send_no_device_twice() {
    let world = world(PLENTY, TWO_RUNS);
    find_none(NEVER_AGAIN, World { ahead: 1, ..world });
}
