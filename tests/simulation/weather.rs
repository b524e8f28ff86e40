//! What befalls the machine, the network and the tenant, whoever runs there.

use std::time::Duration;

use jiff::SignedDuration;
use offboard::journal::Journal;
use offboard::platform::clock::{BootTime, Clock, Now};

use super::schedule::Due;
use super::world::{World, true_wall};

impl World {
    pub fn befall(&mut self) {
        if !self.faulty {
            return;
        }
        let next = self.now + self.random.u64(1..40_000);
        self.at(next, Due::Weather);
        match self.random.u8(..26) {
            0 | 1 => {
                let index = self.random.usize(..self.processes.len());
                self.kill(index);
            }
            2 | 3 => {
                // SIGSTOP, and SIGCONT after a while.
                let index = self.random.usize(..self.processes.len());
                let until = self.now + self.random.u64(1..1_200_000);
                self.freeze(index, until);
            }
            4 => {
                // The machine sleeps; its boot time goes on.
                let until = self.now + self.random.u64(1..7_200_000);
                for index in 0..self.processes.len() {
                    self.freeze(index, until);
                }
            }
            5 | 6 if !self.wall_is_right => self.set_wall(),
            7 => self.reboot(),
            8 => self.boot_time_goes_back(),
            9 => self.outage_until = self.now + self.random.u64(1..300_000),
            10 => {
                let account = self.random.usize(..2);
                self.accounts[account].revoke();
            }
            11 | 12 => {
                let account = self.random.usize(..2);
                for _ in 0..self.random.u8(1..6) {
                    self.accounts[account].another_client(self.now);
                }
            }
            13 | 14 => self.enrol_again(),
            15 | 16 => self.list_runs(),
            17 => self.open_twice(),
            18 => self.lose_file(),
            19 | 20 => self.lose_files_of_a_copy(),
            21 => self.forge_plan_file(),
            22 | 23 => (0..2).for_each(|account| self.check_holds(account)),
            _ => {}
        }
    }

    fn freeze(&mut self, index: usize, until: u64) {
        if let Some(process) = &mut self.processes[index] {
            process.frozen_until = process.frozen_until.max(until);
        }
    }

    /// Somebody sets the wall clock, up to a year off.
    fn set_wall(&mut self) {
        let year = 365 * 24 * 3_600_000_000_000_i64;
        let span = if self.random.bool() {
            SignedDuration::from_nanos(self.random.i64(-year..year))
        } else {
            // To another day, on which midnight is as near.
            SignedDuration::from_hours(24 * self.random.i64(-365..365))
        };
        let Now { boot, .. } = self.clock.now();
        let wall = true_wall(self.now) + span;
        self.note(format!("the wall clock is set to {wall}"));
        self.clock.set(Now { wall, boot });
        let index = self.random.usize(..self.processes.len());
        if self.processes[index].is_some() && self.random.bool() {
            // By that clock somebody says until when devices are held.
            self.add_holds(index, self.account_of(index));
        }
    }

    /// All processes die, and boot time begins anew.
    fn reboot(&mut self) {
        self.note("the machine starts anew");
        for index in 0..self.processes.len() {
            self.kill(index);
        }
        self.schedule.cut_wires(self.now, &mut self.random);
        self.boots += 1;
        self.boot_epoch += 1;
        let now = Now {
            wall: self.clock.now().wall,
            boot: BootTime(self.random.i64(..3_000_000).max(1)),
        };
        self.clock = Clock::manual_in(&format!("boot {}", self.boots), now);
        // Somebody goes on at once.
        let soon = self.now + self.random.u64(1..10_000);
        self.at(soon, Due::Operator);
    }

    /// The boot clock is earlier than the ledger says, as in a copy of the machine.
    fn boot_time_goes_back(&mut self) {
        if self.processes.iter().any(Option::is_some) {
            return;
        }
        self.schedule.cut_wires(self.now, &mut self.random);
        let Now { wall, boot } = self.clock.now();
        let back = Duration::from_millis(self.random.u64(..200_000));
        self.boot_epoch += 1;
        let boot = BootTime((boot - back).0.max(0));
        self.clock.set(Now { wall, boot });
    }

    /// A device comes back: its agent reports again.
    pub fn enrol_again(&mut self) {
        let account = self.random.usize(..2);
        let now = true_wall(self.now);
        let tenant = &mut self.accounts[account].tenant;
        let number = self.random.usize(..tenant.devices().count());
        tenant.enrol_again(number, now);
    }

    /// Another process lists the runs, which judges those of dead processes and no others.
    fn list_runs(&mut self) {
        let directory = self.directory.path().to_owned();
        let mut journal = Journal::open(&directory, self.clock.clone()).expect("a journal");
        journal.recover_dead_runs().expect("recovered");
        let reported = journal.runs().expect("the runs");
        for index in 0..self.runs.len() {
            self.audit(index);
            let run = &self.runs[index];
            if let Some(record) = reported.iter().find(|record| record.id == run.id) {
                let (state, holder) = journal.run_status(record).expect("a run");
                let held = self.holder(index);
                // A process whose front end is gone lets go of its runs one by one.
                let leaves = held.and_then(|held| self.processes[held].as_ref());
                if leaves.is_some_and(|process| process.driver.is_none()) {
                    continue;
                }
                let held = held.is_some();
                assert_eq!(
                    holder.is_some(),
                    held,
                    "run {index}, {state:?}, is reported as held, and isn't, or the reverse"
                );
                assert!(
                    held || state != offboard::domain::run::RunState::Running,
                    "reported as running, and nobody has it"
                );
                assert!(
                    held || run.flights.iter().all(|flight| flight.settled),
                    "a dead process's call is not reported as in doubt"
                );
            } else {
                assert!(!run.admitted, "a run that isn't listed");
            }
        }
    }

    /// Opening a run twice is as opening it once.
    fn open_twice(&mut self) {
        let Some(run) = self.any_run().filter(|&run| self.holder(run).is_none()) else {
            return;
        };
        let id = self.runs[run].id;
        let directory = self.directory.path().to_owned();
        let mut journal = Journal::open(&directory, self.clock.clone()).expect("a journal");
        let lock = journal.try_lock_run(&id).expect("nobody has it");
        let mut open = || format!("{:?}", journal.open_run(&id, &lock).expect("readable"));
        assert_eq!(open(), open(), "opened twice isn't opened once");
        self.audit(run);
    }
}
