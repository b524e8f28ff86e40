//! What a transaction or a request changes.

use super::state::{Call, CallIndex, Outcome, Packet, Run, RunIndex, Stage, State};

/// What a plan was built on is of no more use once its run is over, but for a retry.
pub fn end(run: &mut Run) {
    run.open = false;
    run.plan.known_slot = 0;
    if run
        .outcomes
        .iter()
        .flatten()
        .all(|outcome| outcome.definite)
    {
        (run.plan.list_time, run.plan.planned_at) = (0, 0);
    }
}

pub fn arrive(state: &mut State, index: CallIndex) {
    state.arrivals[1] += 1;
    let is_awaited = state.processes.iter().any(|process| process.awaits(index));
    let call = state.call(index);
    call.packet = if is_awaited {
        Packet::Answer
    } else {
        Packet::None
    };
    let (run, device) = (call.run, usize::from(call.device));
    if let Some(run) = run {
        let removed_by = &mut state.removed_by[device];
        // An old request that arrives late is not the newest.
        *removed_by = (*removed_by).max(Some((index, run)));
    }
}

pub fn take_slot(
    state: &mut State,
    run: Option<RunIndex>,
    device: usize,
    resend: bool,
) -> CallIndex {
    let index = CallIndex::try_from(state.calls.len()).expect("few calls");
    state.calls.push(Call {
        run,
        device: u8::try_from(device).expect("few devices"),
        resend,
        taken: 0,
        completed: None,
        stage: Stage::Slot,
        packet: Packet::None,
    });
    index
}

pub fn complete(state: &mut State, call: CallIndex) {
    let call = state.call(call);
    (call.stage, call.packet) = (Stage::Ended, Packet::None);
    call.completed.get_or_insert(0);
}

/// The outcome, of its device too, unless that is definite.
pub fn store_outcome(state: &mut State, index: CallIndex, definite: bool) {
    set_outcome(state, index, definite);
    complete(state, index);
}

fn set_outcome(state: &mut State, index: CallIndex, definite: bool) {
    let at = state.now;
    let Call { run, device, .. } = *state.call(index);
    let run = usize::from(run.expect("a call of a run"));
    let outcome = &mut state.runs[run].outcomes[usize::from(device)];
    if outcome.is_none_or(|outcome| !outcome.definite) {
        *outcome = Some(Outcome {
            definite,
            at,
            call: index,
        });
    }
}

/// Intents without an outcome, which a process left that died. Their slots complete at their
/// deadline.
pub fn judge_interrupted(state: &mut State, run: RunIndex) {
    for index in 0..state.calls.len() {
        let call = &mut state.calls[index];
        if call.run == Some(run) && call.stage == Stage::Intent {
            call.stage = Stage::Ended;
            let index = CallIndex::try_from(index).expect("few calls");
            set_outcome(state, index, false);
        }
    }
}
