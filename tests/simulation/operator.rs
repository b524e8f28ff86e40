//! The operator: plans, confirms, pauses, stops, takes up, verifies, retries, closes, goes away.

use offboard::domain::outcome::{DeviceState, Outcome, Tally};
use offboard::domain::run::RunState;
use offboard::engine::{Control, CredentialKind};

use super::process::{Asked, Process};
use super::schedule::Due;
use super::world::World;

impl World {
    pub fn operate(&mut self) {
        if !self.faulty {
            if self.attentive && (self.end_next_hold() || self.take_up_all()) {
                let next = self.now + self.random.u64(10_000..90_000);
                self.at(next, Due::Operator);
            }
            return;
        }
        let often = if self.runs.len() < 2 { 10_000 } else { 40_000 };
        let next = self.now + self.random.u64(1..often);
        self.at(next, Due::Operator);
        let account = usize::from(self.random.u8(..4) == 0);
        let Some(index) = self.any_process(account) else {
            return;
        };
        let account = self.account_of(index);
        match self.random.u8(..40) {
            0..6 => self.plan(index, account, None),
            6 | 7 => {
                let doubting = self.any_run();
                self.plan(index, account, doubting);
            }
            8 | 18 => self.ask(index, Asked::Control(Control::Pause)),
            9 => self.ask(index, Asked::Control(Control::Stop)),
            10..13 => self.take_up(index),
            13 => {
                if let Some(run) = self.any_run() {
                    self.request_stop(index, run);
                }
            }
            14 => {
                if let Some(run) = self.any_run() {
                    self.close(index, run);
                }
            }
            15 | 16 => {
                // First of all those of a run that waits for its operator.
                let paused = (0..self.processes.len()).find(|&index| self.is_paused(index));
                let index = paused.unwrap_or(index);
                let process = self.processes[index].as_ref();
                let active = process.and_then(|process| process.active.as_ref());
                let own = active.map(|active| active.run);
                let free = self.any_run().filter(|&run| !self.waits_for_lock(run));
                if let Some(run) = own.or(free) {
                    let doubtful = self.in_doubt(run);
                    self.ask(index, Asked::LookUp(run, doubtful));
                }
            }
            17 => self.ask(index, Asked::Leave),
            19 => self.ask(index, Asked::CancelLookups),
            20 => self.ask(index, Asked::Probe),
            21 | 22 | 34 => self.save_plan(index, account),
            23 | 24 => self.send_plan_file(index, account),
            28 | 29 => self.add_holds(index, account),
            30 => self.end_any_hold(index),
            31..34 => self.send_rechecked(index, account),
            35 | 36 => self.verify(index, account),
            37 | 38 => self.verify_by_lookups(index),
            39 => drop(self.fetch(index, account)),
            _ => self.resume_paused(index),
        }
    }

    /// A process of this account, or a new one.
    fn any_process(&mut self, account: usize) -> Option<usize> {
        let index = self.random.usize(..self.processes.len());
        if self.processes[index].is_some() {
            return Some(index);
        }
        self.start(account)
    }

    pub fn any_run(&mut self) -> Option<usize> {
        let admitted: Vec<usize> = (0..self.runs.len())
            .filter(|&index| self.runs[index].admitted)
            .collect();
        self.random.choice(admitted)
    }

    pub fn in_doubt(&self, run: usize) -> Vec<u32> {
        let states = (0..).zip(&self.runs[run].states);
        states
            .filter(|(_, state)| matches!(state, DeviceState::Ended(Outcome::InDoubt(_))))
            .map(|(ordinal, _)| ordinal)
            .collect()
    }

    fn left(&self, run: usize) -> u64 {
        let states = self.auditor.states(&self.runs[run].id);
        Tally::of(states).left
    }

    /// Takes a run up that may be anywhere, and may be another account's.
    fn take_up(&mut self, index: usize) {
        if let Some(run) = self.any_run()
            && !self.waits_for_lock(run)
        {
            let reported = self.left(run) + u64::from(self.random.u8(..10) == 0);
            self.ask(index, Asked::Resume(run, reported));
        }
    }

    fn resume_paused(&mut self, index: usize) {
        let account = self.account_of(index);
        let token = self.ready_token(account);
        let Some(process) = &self.processes[index] else {
            return;
        };
        if process.credential().kind == CredentialKind::Static {
            process.credential().ready = token.clone();
            if let Some(driver) = &process.driver
                && self.random.u8(..4) == 0
            {
                // Typed in the masked field. A worker that is too busy is asked again later.
                let _ = driver.use_token(token);
            }
        }
        let paused = process.active.as_ref().map(|active| active.run);
        let asked = match paused {
            Some(run) if self.random.bool() => Asked::Resume(run, self.left(run)),
            _ => Asked::Control(Control::Resume),
        };
        self.ask(index, asked);
    }

    /// True if the run is held, but for one time in thirty: whoever asks for it waits a moment of
    /// real time for its lock.
    pub fn waits_for_lock(&mut self, run: usize) -> bool {
        self.holder(run).is_some() && self.random.u8(..30) > 0
    }

    fn request_stop(&mut self, index: usize, run: usize) {
        let id = self.runs[run].id;
        if let Some(process) = &mut self.processes[index] {
            process
                .journal
                .request_stop(&id, &offboard::journal::Operator::current())
                .expect("stored");
            self.runs[run].stop_requested = true;
        }
        // Its holder looks for that every few seconds.
        if let Some(holder) = self.holder(run) {
            self.wake(holder);
        }
    }

    /// Gives up what a run has not sent, unless a process has it.
    fn close(&mut self, index: usize, run: usize) {
        let id = self.runs[run].id;
        let held = self.holder(run).is_some();
        let Some(process) = &mut self.processes[index] else {
            return;
        };
        if held {
            let reported = process.journal.holder(&id).expect("readable");
            assert!(
                reported.is_some(),
                "held, and nobody is reported to have it"
            );
            if self.random.u8(..30) > 0 {
                return;
            }
        }
        let closed = process
            .journal
            .close_run(&id, &offboard::journal::Operator::default());
        assert_eq!(
            closed.is_err(),
            held,
            "closed under its holder, or not: {closed:?}"
        );
        self.note(format!("run {run} is closed: {}", closed.is_ok()));
        self.runs[run].closed |= closed.is_ok();
        self.audit(run);
    }

    /// The faults are healed, and the operator wants everything done. True while something is left.
    fn take_up_all(&mut self) -> bool {
        // A process that is stopped may still have to take something in.
        let busy = |process: &Process| process.frozen_until > self.now || process.is_asked;
        let mut all_done = !self.processes.iter().flatten().any(busy);
        for index in 0..self.processes.len() {
            let process = self.processes[index].as_ref();
            if process.is_some_and(|process| process.has_failed && process.driver.is_some()) {
                // Its journal says that it can't be trusted: restart the program.
                self.ask(index, Asked::Leave);
            }
        }
        for run in 0..self.runs.len() {
            let Some(row) = self.auditor.run(&self.runs[run].id) else {
                continue;
            };
            let state: RunState = row.state.parse().expect("a state");
            if !state.is_open() {
                continue;
            }
            all_done = false;
            if let Some(holder) = self.holder(run) {
                if self.runs[run].must_close {
                    self.ask(holder, Asked::Leave);
                } else if state == RunState::Paused {
                    self.resume_paused(holder);
                }
                continue;
            }
            let account = self.runs[run].account;
            let idle = |process: &Option<Process>| {
                process.as_ref().is_some_and(|process| {
                    process.own.is_empty() && !process.is_asked && process.driver.is_some()
                })
            };
            let ours = |process: &Option<Process>| {
                idle(process)
                    && process
                        .as_ref()
                        .is_some_and(|process| process.account == account)
            };
            let index = self.processes.iter().position(ours);
            if let Some(index) = index.or_else(|| self.start(account)) {
                if self.runs[run].must_close {
                    self.close(index, run);
                    continue;
                }
                let reported = self.left(run);
                self.note(format!(
                    "run {run} is {state}: process {index} is to take it up",
                    state = row.state
                ));
                self.ask(index, Asked::Resume(run, reported));
            } else if let Some(index) = self.processes.iter().position(idle) {
                // Makes room.
                self.ask(index, Asked::Leave);
            }
        }
        !all_done
    }
}
