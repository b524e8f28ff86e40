//! What may happen next: one transaction, one step of the network, a crash, or time.

use offboard::domain::device::IdentifierKind;
use stateright::{Model, Property};

use super::action::{Action, Move};
use super::rules::{self, FREE_AFTER, LIFETIME, LedgerRule, LockRule, RESEND_AFTER, Rules};
use super::state::{
    CallIndex, DEVICES, Hold, Packet, Plan, Process, Run, RunIndex, Stage, State, Step, Tick,
};
use super::steps::{arrive, complete, end, judge_interrupted, store_outcome, take_slot};
use super::{plans, properties};

/// A model: the rules, and how far the world is looked at.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// Who decides.
    pub rules: Rules,
    /// Calls in any 60 s.
    pub per_window: u32,
    /// How far the clock that stamps lists goes ahead of the journal's.
    pub ahead: Tick,
    /// Where it ends.
    pub bounds: Bounds,
    /// Whether everything within the bounds is looked at, else only until an invariant fails.
    pub proves: bool,
}

/// Where a world ends.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each widens a world by itself"
)]
pub struct Bounds {
    /// The last moment; without dates, time has no end.
    pub last: Tick,
    /// The most runs.
    pub runs: usize,
    /// The most calls.
    pub calls: usize,
    /// The most crashes.
    pub crashes: u8,
    /// Whether lists may be read again, and what was removed may be planned again.
    pub again: bool,
    /// Whether a part of a list may be selected.
    pub parts: bool,
    /// Whether calls are made that change nothing.
    pub lookups: bool,
    /// Whether devices in doubt are sent once more, by the run itself or by a retry.
    pub resends: bool,
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if !self.dates() || state.now < self.bounds.last {
            actions.push(Action::Wait);
        }
        for (index, call) in (0..).zip(&state.calls) {
            if call.packet == Packet::Request {
                actions.push(Action::Arrive(index));
            }
        }
        for (place, process) in state.processes.iter().enumerate() {
            // Processes in the same state are one.
            if place > 0 && state.processes[place - 1] == *process {
                continue;
            }
            let moves = self.moves(state, process);
            actions.extend(moves.into_iter().map(|next| Action::Do(place, next)));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Wait => self.wait(&mut state),
            Action::Arrive(index) => arrive(&mut state, index),
            Action::Do(place, next) => {
                if next == Move::Crash && state.processes[place].has_to_lose() {
                    state.crashes += 1;
                }
                state.processes[place] = self.after(&mut state, place, next);
            }
        }
        state.forget();
        state.processes.sort_unstable();
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = properties::invariants();
        if self.proves {
            properties.extend(properties::occurrences(self.bounds));
        }
        properties
    }
}

impl World {
    /// True if it matters when lists were read and outcomes stored.
    fn dates(&self) -> bool {
        self.bounds.again || self.ahead > 0
    }

    /// Everything gets older. What is old enough doesn't, so that time needs no end.
    fn wait(&self, state: &mut State) {
        if self.dates() {
            state.now += 1;
        }
        state.arrivals = [state.arrivals[1], 0];
        for call in &mut state.calls {
            call.taken = (call.taken + 1).min(LIFETIME + FREE_AFTER);
            call.completed = call.completed.map(|age| (age + 1).min(FREE_AFTER));
            if call.packet == Packet::Request && call.taken > LIFETIME {
                call.packet = Packet::None;
            }
        }
        for process in &mut state.processes {
            if let Process::Holding(hold) = process {
                hold.resends = hold.resends.map(|due| Some(due?.saturating_sub(1)));
            }
        }
    }

    /// What a process may do.
    fn moves(&self, state: &State, process: &Process) -> Vec<Move> {
        let mut moves = Vec::new();
        match process {
            Process::Idle => {
                self.idle_moves(state, &mut moves);
                return moves;
            }
            Process::Planned(_) => moves.push(Move::Admit),
            Process::Admitted(run) => {
                if self.is_free(state, *run) {
                    moves.push(Move::Lock(*run));
                }
            }
            Process::Holding(hold) => self.holder_moves(state, *hold, &mut moves),
            Process::LookingUp(call) => moves.push(next_send(state, *call)),
            // Whatever comes is worth the same.
            Process::AwaitingLookup(_) => moves.push(Move::StoreAnswer),
        }
        if state.crashes < self.bounds.crashes || !process.has_to_lose() {
            moves.push(Move::Crash);
        }
        moves
    }

    fn idle_moves(&self, state: &State, moves: &mut Vec<Move>) {
        // A plan that is refused leaves nothing behind: none is built that can't become a run.
        if state.runs.len() + state.planned() < self.bounds.runs {
            moves.extend(plans::possible(self, state).into_iter().map(Move::Build));
        }
        if self.bounds.lookups && self.may_call(state) {
            moves.push(Move::LookUp);
        }
        for (index, run) in (0..).zip(&state.runs) {
            if run.open && self.is_free(state, index) {
                moves.push(Move::Lock(index));
            }
        }
    }

    fn holder_moves(&self, state: &State, hold: Hold, moves: &mut Vec<Move>) {
        match hold.step {
            Step::Locked | Step::LockedAgain => moves.push(Move::Open),
            Step::Opened => moves.extend([Move::Resume, Move::Close]),
            Step::Ready => {
                let next = (0..DEVICES)
                    .find(|&device| hold.resends[device] == Some(0))
                    .map(|device| (device, true))
                    .or_else(|| Some((state.run(hold.run).unsent().next()?, false)));
                match next {
                    Some((device, resend)) if self.may_call(state) => {
                        moves.push(Move::TakeSlot(device, resend));
                    }
                    None if hold.resends == [None; DEVICES] => moves.push(Move::Finish),
                    _ => {}
                }
            }
            Step::Slotted(_) => moves.push(Move::StoreIntent),
            Step::Prepared(call) => moves.push(next_send(state, call)),
            Step::Waiting(call) => {
                moves.push(Move::StoreDoubt);
                if state.calls[usize::from(call)].packet == Packet::Answer {
                    moves.push(Move::StoreAnswer);
                }
            }
        }
    }

    fn is_free(&self, state: &State, run: RunIndex) -> bool {
        self.rules.lock == LockRule::NotTaken || !state.is_held(run)
    }

    /// True if a slot may be taken.
    pub fn may_call(&self, state: &State) -> bool {
        state.calls.len() < self.bounds.calls && rules::may_call(&state.calls, self.per_window)
    }

    /// The process after its move, which changes the rest of the state.
    fn after(&self, state: &mut State, place: usize, next: Move) -> Process {
        match (state.processes[place], next) {
            (Process::Idle, Move::Build(plan)) => Process::Planned(plan),
            (Process::Planned(plan), Move::Admit) => self.admit(state, plan),
            (Process::Idle, Move::Lock(run)) => holding(run, Step::LockedAgain),
            (Process::Admitted(run), Move::Lock(_)) => holding(run, Step::Locked),
            (Process::Idle, Move::LookUp) => Process::LookingUp(take_slot(state, None, 0, false)),
            (Process::LookingUp(call), Move::Send) => {
                self.send(state, call);
                Process::AwaitingLookup(call)
            }
            (
                Process::LookingUp(call) | Process::AwaitingLookup(call),
                Move::StoreNotSent | Move::StoreAnswer,
            ) => {
                complete(state, call);
                Process::Idle
            }
            (Process::LookingUp(call), Move::Crash) => {
                state.call(call).stage = Stage::Ended;
                Process::Idle
            }
            (Process::AwaitingLookup(call), Move::Crash) => {
                let call = state.call(call);
                call.stage = Stage::Ended;
                if call.packet == Packet::Answer {
                    call.packet = Packet::None;
                }
                Process::Idle
            }
            (Process::Holding(hold), next) => self.after_holding(state, hold, next),
            _ => Process::Idle,
        }
    }

    fn admit(&self, state: &mut State, plan: Plan) -> Process {
        if plans::conflict(self, state, &plan, None) {
            return Process::Idle;
        }
        let index = RunIndex::try_from(state.runs.len()).expect("few runs");
        state.runs.push(Run {
            plan,
            open: true,
            outcomes: [None; DEVICES],
        });
        Process::Admitted(index)
    }

    fn after_holding(&self, state: &mut State, hold: Hold, next: Move) -> Process {
        let run = usize::from(hold.run);
        match (hold.step, next) {
            (Step::Locked | Step::LockedAgain, Move::Open) => {
                judge_interrupted(state, hold.run);
                match hold.step {
                    // Another process closed it in between.
                    _ if !state.runs[run].open => Process::Idle,
                    Step::Locked => hold.at(Step::Ready),
                    _ => hold.at(Step::Opened),
                }
            }
            (Step::Opened, Move::Resume) => {
                let plan = state.runs[run].plan;
                if plans::conflict(self, state, &plan, Some(hold.run)) {
                    Process::Idle
                } else {
                    hold.at(Step::Ready)
                }
            }
            (Step::Opened, Move::Close) | (Step::Ready, Move::Finish) => {
                end(&mut state.runs[run]);
                Process::Idle
            }
            (Step::Ready, Move::TakeSlot(device, resend)) => {
                let index = take_slot(state, Some(hold.run), device, resend);
                let mut hold = hold;
                if resend {
                    // It is sent once more, whatever comes.
                    hold.resends[device] = None;
                }
                hold.at(Step::Slotted(index))
            }
            (Step::Slotted(call), Move::StoreIntent) => {
                state.call(call).stage = Stage::Intent;
                hold.at(Step::Prepared(call))
            }
            (Step::Prepared(call), Move::Send) => {
                self.send(state, call);
                hold.at(Step::Waiting(call))
            }
            (Step::Prepared(call), Move::StoreNotSent) => {
                complete(state, call);
                hold.at(Step::Ready)
            }
            (Step::Waiting(call), Move::StoreAnswer) => {
                store_outcome(state, call, true);
                hold.at(Step::Ready)
            }
            (Step::Waiting(call), Move::StoreDoubt) => {
                let mut hold = hold;
                self.plan_resend(state, call, &mut hold);
                store_outcome(state, call, false);
                hold.at(Step::Ready)
            }
            // A crash: nobody waits for the answer any more.
            (Step::Waiting(call), _) => {
                let call = state.call(call);
                if call.packet == Packet::Answer {
                    call.packet = Packet::None;
                }
                Process::Idle
            }
            // Nothing but the slot is left of it.
            (Step::Slotted(call), _) => {
                state.call(call).stage = Stage::Ended;
                Process::Idle
            }
            _ => Process::Idle,
        }
    }

    fn send(&self, state: &mut State, call: CallIndex) {
        let call = state.call(call);
        call.packet = Packet::Request;
        if self.rules.ledger == LedgerRule::CompletesWhenSent {
            call.completed = Some(0);
        }
    }

    /// By HWID, a device in doubt is sent once more by itself.
    fn plan_resend(&self, state: &State, call: CallIndex, hold: &mut Hold) {
        let call = state.calls[usize::from(call)];
        let device = usize::from(call.device);
        let list = state.run(hold.run).plan.list;
        let kind = rules::device(list, device).identifier.kind();
        if self.bounds.resends && kind == IdentifierKind::Hwid && !call.resend {
            hold.resends[device] = Some(RESEND_AFTER);
        }
    }
}

/// A call whose slot is about to run out is not sent.
fn next_send(state: &State, call: CallIndex) -> Move {
    if state.calls[usize::from(call)].taken == 0 {
        Move::Send
    } else {
        Move::StoreNotSent
    }
}

fn holding(run: RunIndex, step: Step) -> Process {
    Process::Holding(Hold {
        run,
        step,
        resends: [None; DEVICES],
    })
}
