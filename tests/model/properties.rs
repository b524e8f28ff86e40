//! The invariants, and what must occur so that they say something.

use stateright::Property;

use super::plans;
use super::state::{Call, DEVICES, Packet, Process, Stage, State, Step};
use super::world::{Bounds, World};

/// What the budget is for.
pub const BUDGET: &str = "never more than N calls arrive in any 60 s";
/// What the run lock is for.
pub const ONE_WRITER: &str = "one process writes a run";
/// What the check at admission is for.
pub const NEVER_AGAIN: &str = "no device that a run removed is sent again, untold";

/// The invariants.
pub fn invariants() -> Vec<Property<World>> {
    vec![
        Property::always(BUDGET, |world: &World, state: &State| {
            let arrivals = state.arrivals.into_iter().map(u32::from);
            arrivals.sum::<u32>() <= world.per_window
        }),
        Property::always(ONE_WRITER, |_, state| has_one_writer(state)),
        Property::always(NEVER_AGAIN, |_, state| sends_nothing_again(state)),
    ]
}

/// What has to occur within these bounds, so that the invariants were tried.
pub fn occurrences(bounds: Bounds) -> Vec<Property<World>> {
    let mut all = Vec::new();
    if bounds.runs > 1 {
        all.push(Property::sometimes(
            "a plan is refused when it is handed over",
            refuses,
        ));
    }
    if bounds.runs > 1 && bounds.parts {
        all.push(Property::sometimes(
            "two runs are under way",
            |_, state: &State| state.runs.iter().filter(|run| run.open).count() > 1,
        ));
    }
    if bounds.crashes > 0 {
        all.push(Property::sometimes(
            "a slot is left open by a crash",
            |_, state: &State| {
                let is_left = |call: &Call| call.stage == Stage::Ended && call.completed.is_none();
                state.calls.iter().any(is_left)
            },
        ));
    }
    if bounds.again {
        all.push(Property::sometimes(
            "a removed device is sent again, told",
            |_, state: &State| state.calls.iter().any(|call| is_sent_again(state, call)),
        ));
    }
    if bounds.lookups {
        all.push(Property::sometimes(
            "a call waits for the budget",
            |world: &World, state: &State| {
                state.calls.len() < world.bounds.calls && !world.may_call(state)
            },
        ));
    }
    all
}

fn is_sent_again(state: &State, call: &Call) -> bool {
    let row = call
        .run
        .and_then(|run| state.run(run).plan.rows[usize::from(call.device)]);
    call.packet == Packet::Request && row.is_some_and(|row| row.removed_by.is_some())
}

/// No two processes hold a run, and what one of them waits for nobody else has judged.
fn has_one_writer(state: &State) -> bool {
    state.processes.iter().enumerate().all(|(place, process)| {
        let Process::Holding(hold) = process else {
            return true;
        };
        let others = &state.processes[place + 1..];
        let is_open = match hold.step {
            Step::Slotted(call) | Step::Prepared(call) | Step::Waiting(call) => {
                state.calls[usize::from(call)].stage != Stage::Ended
            }
            _ => true,
        };
        is_open && !others.iter().any(|other| other.holds(hold.run))
    })
}

/// No request is under way for a record that a call of another run reached, unless the operator of
/// one of the two runs was told of the other.
fn sends_nothing_again(state: &State) -> bool {
    (0..DEVICES).all(|device| {
        let requests = || {
            let concerns =
                |call: &&Call| call.packet == Packet::Request && usize::from(call.device) == device;
            state
                .calls
                .iter()
                .filter(concerns)
                .filter_map(|call| call.run)
        };
        let removed = state.removed_by[device].map(|(_, run)| run);
        requests().all(|request| {
            removed.into_iter().chain(requests()).all(|other| {
                request == other
                    || state.was_told(request, other, device)
                    || state.was_told(other, request, device)
            })
        })
    })
}

fn refuses(world: &World, state: &State) -> bool {
    state.processes.iter().any(|process| match process {
        Process::Planned(plan) => plans::conflict(world, state, plan, None),
        _ => false,
    })
}
