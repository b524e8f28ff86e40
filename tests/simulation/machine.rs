//! The machine that the processes run on: it starts, wakes, asks and kills them.

use offboard::domain::run::RunState;
use offboard::engine::CredentialKind;
use offboard::journal::Journal;

use super::process::{Asked, Next, Process};
use super::schedule::{Due, Moment};
use super::world::World;

impl World {
    /// A process does its next step.
    pub fn step(&mut self, index: usize) {
        let mut process = self.processes[index].take().expect("a process");
        match process.step(self) {
            Ok(next) => {
                let now = self.clock.now().boot;
                let moment = match next {
                    // Never at once, so that no two moments are the same on the clock.
                    Next::Soon => Some(self.now + self.random.u64(1..4)),
                    Next::At(until) => {
                        let span = u64::try_from(until.since(now).as_millis()).expect("soon");
                        Some(self.now + span.max(1))
                    }
                    Next::Still => None,
                };
                self.processes[index] = Some(process);
                if let Some(moment) = moment {
                    self.step_at(index, moment);
                }
            }
            Err(gone) => self.note(format!("process {index} is gone: {gone:?}")),
        }
    }

    fn step_at(&mut self, index: usize, moment: Moment) {
        self.calls += 1;
        let ticket = self.calls;
        if let Some(process) = &mut self.processes[index] {
            process.ticket = ticket;
            self.at(
                moment,
                Due::Step {
                    process: index,
                    ticket,
                },
            );
        }
    }

    /// Asks a process for something: in a call a control is noted, else it wakes.
    pub fn ask(&mut self, index: usize, asked: Asked) {
        let now = self.clock.now();
        let Some(process) = &mut self.processes[index] else {
            return;
        };
        if process.is_calling() && process.frozen_until <= self.now {
            process.hear_in_call(asked, now);
            return;
        }
        process.inbox.push_back(asked);
        self.wake(index);
    }

    pub fn wake(&mut self, index: usize) {
        if self.processes[index]
            .as_ref()
            .is_some_and(|process| process.awaited.is_none())
        {
            let moment = self.now + self.random.u64(1..4);
            self.step_at(index, moment);
        }
    }

    /// Starts a process, and gives its index; none if all are taken.
    pub fn start(&mut self, account: usize) -> Option<usize> {
        let index = self.processes.iter().position(Option::is_none)?;
        let directory = self.directory.path();
        let journal = Journal::open(directory, self.clock.clone()).expect("a journal");
        let credential = if self.random.bool() {
            CredentialKind::Static
        } else {
            CredentialKind::Client
        };
        let mut process = Process::new(index, account, journal, credential);
        process.resend_once = self.random.u8(..5) > 0;
        process.ready_token = Some(self.ready_token(account));
        self.note(format!("process {index} starts for account {account}"));
        self.processes[index] = Some(process);
        Some(index)
    }

    pub fn ready_token(&mut self, account: usize) -> u64 {
        let until = self.now
            + if self.faulty {
                self.random.u64(1..7_200_000)
            } else {
                1 << 40
            };
        self.tenants[account].grant(until)
    }

    pub fn kill(&mut self, index: usize) {
        if self.processes[index].take().is_some() {
            self.note(format!("process {index} is killed"));
        }
    }

    /// The process that has this run, by index. The one that is just doing a step isn't seen.
    pub fn holder(&self, run: usize) -> Option<usize> {
        self.processes
            .iter()
            .position(|process| process.as_ref().is_some_and(|process| process.has(run)))
    }

    pub fn is_paused(&self, index: usize) -> bool {
        let process = self.processes[index].as_ref();
        let driving = process.and_then(|process| process.driving.as_ref());
        driving.is_some_and(|driving| driving.state == RunState::Paused)
    }

    pub fn account_of(&self, index: usize) -> usize {
        self.processes[index]
            .as_ref()
            .map_or(0, |process| process.account)
    }
}
