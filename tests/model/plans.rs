//! Which plans a process may build, and what a transaction says of one.

use offboard::plan::EarlierDevices;

use super::rules::{self, AdmissionRule, Conflict, Question};
use super::state::{DEVICES, ListName, Plan, Row, RunIndex, State};
use super::world::World;

/// A part of a list, or all of it.
type Selection = [bool; DEVICES];

/// Every plan that can be built now, once each.
pub fn possible(world: &World, state: &State) -> Vec<Plan> {
    let mut plans = Vec::new();
    // The program's rule reads the same for every device.
    let earlier = rules::read(AdmissionRule::Shipped, state, ListName::Inventory, 0);
    for list in [ListName::Inventory, ListName::Other] {
        // Saved at the beginning, or read from the tenant right now.
        let present = state.removed_by.map(|call| call.is_none());
        let readings = [(0, [true; DEVICES]), (state.now, present)];
        let readings = &readings[..if world.bounds.again { 2 } else { 1 }];
        for &(time, rows) in readings {
            let plan = empty(world, state, list, time);
            let found: [_; DEVICES] =
                std::array::from_fn(|device| when_built(world, state, &earlier, &plan, device));
            for selection in selections(world, list) {
                for again in [false, world.bounds.again] {
                    let chosen = |device: usize| selection[device] && rows[device];
                    let rows = std::array::from_fn(|device| {
                        chosen(device).then(|| row(found[device], again)).flatten()
                    });
                    plans.push(Plan { rows, ..plan });
                }
            }
        }
    }
    let retries = (0..)
        .zip(&state.runs)
        .filter(|(_, run)| world.bounds.resends && !run.open);
    plans.extend(retries.map(|(index, _)| retry(world, state, &earlier, index)));
    plans.retain(|plan| plan.rows != [None; DEVICES]);
    plans.sort_unstable();
    plans.dedup();
    plans
}

/// All of it, or one of its devices: a different one of each list, so that two runs can be under way.
fn selections(world: &World, list: ListName) -> &'static [Selection] {
    let selections = match list {
        ListName::Inventory => &[[true, true], [true, false]],
        ListName::Other => &[[true, true], [false, true]],
    };
    if world.bounds.parts {
        selections
    } else {
        &selections[..1]
    }
}

fn empty(world: &World, state: &State, list: ListName, list_time: u8) -> Plan {
    Plan {
        list,
        list_time,
        // The earlier of the two times is all that is asked for.
        planned_at: state.now.min(list_time + world.ahead),
        known_slot: u8::try_from(state.calls.len()).expect("few calls"),
        retry_of: None,
        rows: [None; DEVICES],
    }
}

/// A device as it is planned, if it is. What was removed is planned if its operator says so, who is
/// shown which run removed it.
fn row(found: Option<Conflict>, again: bool) -> Option<Row> {
    match found {
        None => Some(Row { removed_by: None }),
        Some(Conflict::Removed(run)) if again => Some(Row {
            removed_by: Some(run),
        }),
        Some(_) => None,
    }
}

/// What a run that is over has in doubt.
fn retry(world: &World, state: &State, earlier: &EarlierDevices, index: RunIndex) -> Plan {
    let run = state.run(index);
    let mut plan = Plan {
        retry_of: Some(index),
        ..empty(world, state, run.plan.list, run.plan.list_time)
    };
    for device in 0..DEVICES {
        let in_doubt = run.outcomes[device].is_some_and(|outcome| !outcome.definite);
        if in_doubt && when_built(world, state, earlier, &plan, device).is_none() {
            plan.rows[device] = Some(Row { removed_by: None });
        }
    }
    plan
}

fn when_built(
    world: &World,
    state: &State,
    earlier: &EarlierDevices,
    plan: &Plan,
    device: usize,
) -> Option<Conflict> {
    let question = Question {
        plan,
        ahead: world.ahead,
        run: None,
        is_built: false,
    };
    let row = Row { removed_by: None };
    rules::conflict(earlier, state, &question, row, device)
}

/// True if the transaction that admits a plan, or takes its run up again, finds that a device that
/// was not sent may not be sent.
pub fn conflict(world: &World, state: &State, plan: &Plan, run: Option<RunIndex>) -> bool {
    let question = Question {
        plan,
        ahead: world.ahead,
        run,
        is_built: true,
    };
    let is_unsent = |device: usize| run.is_none_or(|run| state.run(run).outcomes[device].is_none());
    (0..DEVICES)
        .filter(|&device| is_unsent(device))
        .any(|device| {
            let conflict = |row| {
                let earlier = rules::read(world.rules.admission, state, plan.list, device);
                rules::conflict(&earlier, state, &question, row, device)
            };
            plan.rows[device].and_then(conflict).is_some()
        })
}
