//! The machine that the processes run on: it starts, polls, asks and kills them.

use offboard::domain::device::{Hwid, Identifier};
use offboard::domain::run::RunState;
use offboard::engine::Control;
use offboard::engine::lookup_verdict::LookupKey;
use offboard::platform::failpoint::{self, NextWrite};
use offboard::secret::Secret;

use super::process::{Asked, Process};
use super::schedule::{Due, Moment};
use super::world::World;

impl World {
    /// A process does its next step, and what it did is looked at.
    pub fn step(&mut self, index: usize) {
        let mut process = self.processes[index].take().expect("a process");
        process.is_asked = false;
        process.hear_stop();
        process.credential().fails = self.chance(2);
        let (sound, next) = self.next_write();
        failpoint::decide_write(sound, next);
        failpoint::hold_next_step();
        let is_over = process.poll();
        let is_held = failpoint::is_held();
        process.has_failed |= !failpoint::take_back_write() && next != NextWrite::Sound;
        self.look(&mut process);
        if is_over {
            assert!(
                process.is_broken || process.driver.is_none(),
                "the worker has ended, and nobody knows why"
            );
            return self.note(format!("process {index} is over"));
        }
        if is_held && self.chance_in(250) {
            return self.note(format!("process {index} is killed between two steps"));
        }
        if is_held && self.chance_in(100) {
            // Stopped, or asleep with the machine, between two steps.
            process.frozen_until = self.now + self.random.u64(1..3_600_000);
        }
        let moment = if is_held {
            // Never at once, so that no two moments are the same on the clock.
            Some(self.now + self.random.u64(1..4))
        } else {
            process.check_waits();
            process.clock.alarm().map(|until| {
                let span = until.since(self.clock.now().boot).as_millis();
                self.now + u64::try_from(span).expect("soon").max(1)
            })
        };
        self.processes[index] = Some(process);
        if let Some(moment) = moment {
            self.step_at(index, moment);
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

    /// Asks a process for something. It may be too busy, or over.
    pub fn ask(&mut self, index: usize, asked: Asked) {
        let Some(process) = &mut self.processes[index] else {
            return;
        };
        let Some(driver) = &process.driver else {
            return;
        };
        let (mut stops, mut pauses) = (false, false);
        let result = match asked {
            Asked::Control(control) => {
                stops = matches!(control, Control::Stop | Control::StopFor(_));
                pauses = control == Control::Pause;
                driver.control(control)
            }
            Asked::Plan(plan) => driver.run(*plan),
            Asked::Resume(run, reported) => driver.resume(self.runs[run].id, reported),
            Asked::LookUp(run, devices) => {
                let tenant = &self.accounts[self.runs[run].account].tenant;
                let listed = tenant.devices().take(20);
                let controls = listed
                    .filter_map(|(_, hwid, _)| Hwid::parse(hwid).ok())
                    .map(Identifier::Hwid)
                    .collect();
                let by = LookupKey::SentIdentifier;
                driver.look_up(self.runs[run].id, devices, by, controls)
            }
            Asked::CancelLookups => driver.cancel_lookups(),
            Asked::Probe => driver.probe(),
            Asked::Leave => {
                stops = true;
                process.driver = None;
                Ok(())
            }
        };
        if result.is_ok() {
            process.is_asked = true;
            process.stop_asked |= stops;
            process.pause_asked |= pauses;
            process.stop_waits |= stops;
            self.wake(index);
        }
    }

    pub fn wake(&mut self, index: usize) {
        if self.processes[index].is_some() {
            let moment = self.now + self.random.u64(1..4);
            self.step_at(index, moment);
        }
    }

    /// Starts a process, and gives its index; none if all are taken.
    pub fn start(&mut self, account: usize) -> Option<usize> {
        let index = self.processes.iter().position(Option::is_none)?;
        let process = Process::new(self, index, account);
        self.note(format!("process {index} starts for account {account}"));
        self.processes[index] = Some(process);
        self.wake(index);
        Some(index)
    }

    pub fn ready_token(&mut self, account: usize) -> Secret {
        let until = self.now
            + if self.faulty {
                self.random.u64(1..7_200_000)
            } else {
                1 << 40
            };
        self.accounts[account].grant(until)
    }

    pub fn kill(&mut self, index: usize) {
        if self.processes[index].take().is_some() {
            self.note(format!("process {index} is killed"));
        }
    }

    /// The process that has this run, by index. The one that is just doing a step isn't seen.
    pub fn holder(&self, run: usize) -> Option<usize> {
        self.processes.iter().position(|process| {
            process
                .as_ref()
                .is_some_and(|process| process.own.contains(&run))
        })
    }

    pub fn is_paused(&self, index: usize) -> bool {
        self.processes[index]
            .as_ref()
            .is_some_and(Process::is_paused)
    }

    pub fn account_of(&self, index: usize) -> usize {
        self.processes[index]
            .as_ref()
            .map_or(0, |process| process.account)
    }
}

impl Process {
    /// What comes in the middle of a call, its run knows of. What comes while there is no run is
    /// dropped.
    fn hear_stop(&mut self) {
        let running = self
            .active
            .as_ref()
            .is_some_and(|active| active.state == RunState::Running);
        if running && self.call.is_some() {
            self.stop_heard |= std::mem::take(&mut self.stop_waits);
        }
        if self.own.is_empty() {
            self.stop_waits = false;
        }
    }

    /// It waits: for a call, for a moment, or for its operator.
    fn check_waits(&self) {
        let running = self
            .active
            .as_ref()
            .is_some_and(|active| active.state == RunState::Running);
        assert!(
            !running || self.call.is_some() || self.clock.alarm().is_some(),
            "neither paused nor waiting: it would hang"
        );
    }
}
