//! The world: time, the machine's clocks, its disk, the tenants, the processes, and the seed that
//! decides all of it.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroU32;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use offboard::api::{self, Client};
use offboard::domain::rate_limit::Budget;
use offboard::domain::run::RunState;
use offboard::domain::target::Target;
use offboard::journal::Journal;
use offboard::platform::clock::{BootTime, Clock, Now};
use offboard::platform::failpoint::NextWrite;

use super::account::Account;
use super::auditor::Auditor;
use super::files::Saved;
use super::holds::HoldTruth;
use super::inventories::{Fetched, Reading};
use super::losses::Missing;
use super::network::TIMEOUT;
use super::process::Process;
use super::schedule::{Due, Moment, Schedule};
use super::truth::Run;
use super::verifications::Lookups;

/// What no world needs before it comes to rest.
const MOST_EVENTS: u32 = 60_000;
/// An idle worker wakes now and then for the budget's gauge. With faults healed, a world in which
/// nothing else happens has come to rest.
const QUIET_EVENTS: u32 = 2_000;

pub struct World {
    pub random: Rng,
    pub now: Moment,
    pub clock: Clock,
    pub boots: u32,
    pub directory: tempfile::TempDir,
    pub schedule: Schedule,
    pub processes: [Option<Process>; 3],
    pub targets: [Target; 2],
    pub budgets: [Budget; 2],
    pub accounts: [Account; 2],
    /// The slot that was taken last.
    pub newest_slot: i64,
    pub runs: Vec<Run>,
    pub auditor: Auditor,
    pub client: Arc<Client>,
    /// Calls and tickets, to distinguish them.
    pub calls: u64,
    pub outage_until: Moment,
    pub plan_files: Vec<Saved>,
    /// In the order in which they were added.
    pub holds: Vec<HoldTruth>,
    /// Changes of the boot time.
    pub boot_epoch: u32,
    /// The fetches under way, of each account.
    pub readings: [Reading; 2],
    /// Complete inventories that were read, the newest last.
    pub fetched: Vec<Rc<Fetched>>,
    pub lookups: Lookups,
    /// A file of the journal that processes use and that is not there.
    pub missing: Option<Missing>,
    /// Faults happen; at the end they are healed.
    pub faulty: bool,
    faulty_until: Moment,
    /// The wall clock isn't set by anybody.
    pub wall_is_right: bool,
    /// In the end the operator takes up what paused and stopped; else nobody does.
    pub attentive: bool,
    /// For how many events nobody has sent, stored or reported anything but the state of the budget.
    pub quiet: u32,
    log: VecDeque<String>,
}

/// The wall time as an infallible clock has it. It begins a quarter of an hour before midnight, when
/// holds end.
pub fn true_wall(moment: Moment) -> Timestamp {
    let start = Timestamp::from_second(1_700_005_500).expect("a time");
    start + Duration::from_millis(moment)
}

/// One client for all worlds: it only makes request bodies here.
fn client() -> Arc<Client> {
    static CLIENT: OnceLock<Arc<Client>> = OnceLock::new();
    let made = CLIENT.get_or_init(|| Arc::new(Client::new(api()).expect("a client")));
    Arc::clone(made)
}

/// How the tenants would be reached.
pub fn api() -> api::ClientSettings {
    api::ClientSettings {
        base_url: "https://tenant.invalid".parse().expect("a URL"),
        proxy: None,
        ca_file: None,
        connect_timeout: TIMEOUT,
        request_timeout: TIMEOUT,
        read_only: false,
    }
}

/// In memory where the system has that: what is synced there is as good as on a disk.
fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir()
        && let Ok(directory) = tempfile::tempdir_in(memory)
    {
        return directory;
    }
    tempfile::tempdir().expect("a directory")
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let now = Now {
            wall: true_wall(0),
            boot: BootTime(1_000_000),
        };
        let clock = Clock::manual_in("boot 0", now);
        let directory = directory();
        drop(Journal::open(directory.path(), clock.clone()).expect("a journal"));
        let auditor = Auditor::open(directory.path());
        // From its first read on, the journal's log stays, whoever closes the journal.
        let newest_slot = auditor.newest_slot().unwrap_or_default();
        // The worker draws jitter from its thread's generator.
        fastrand::seed(seed);
        let target = |account: Option<&str>| Target {
            tenant: "https://tenant.invalid".to_owned(),
            account: account.map(str::to_owned),
            profile: "production".to_owned(),
        };
        let calls = [0; 2].map(|_| random.u32(1..=10));
        Self {
            now: 0,
            clock,
            boots: 0,
            directory,
            schedule: Schedule::default(),
            processes: [None, None, None],
            targets: [target(None), target(Some("second"))],
            budgets: calls
                .map(|calls| Budget::per_minute(NonZeroU32::new(calls).expect("positive"))),
            accounts: calls.map(|calls| Account::new(calls, &mut random)),
            newest_slot,
            runs: Vec::new(),
            auditor,
            client: client(),
            calls: 0,
            outage_until: 0,
            plan_files: Vec::new(),
            holds: Vec::new(),
            boot_epoch: 0,
            readings: Default::default(),
            fetched: Vec::new(),
            lookups: Lookups::default(),
            missing: None,
            faulty: true,
            faulty_until: random.u64(60_000..2_400_000),
            wall_is_right: random.bool(),
            attentive: random.bool(),
            quiet: 0,
            log: VecDeque::new(),
            random,
        }
    }

    /// Goes on until nothing more can happen.
    pub fn live(&mut self) {
        self.at(0, Due::Operator);
        self.at(5_000, Due::Weather);
        let mut events = 0;
        while let Some((moment, due)) = self.schedule.next() {
            events += 1;
            // One that is frozen goes on by itself, and a run that waits for the rate limit.
            self.quiet = if self.is_any_frozen() || self.is_any_running() {
                0
            } else {
                self.quiet + 1
            };
            if self.quiet > QUIET_EVENTS && !self.faulty {
                break;
            }
            assert!(events < MOST_EVENTS, "it never comes to rest");
            if let Some(span) = moment.checked_sub(self.now) {
                self.now = moment;
                self.clock.advance(Duration::from_millis(span));
            }
            if self.faulty && self.now > self.faulty_until {
                self.note("faults are healed");
                self.faulty = false;
            }
            self.happen(due);
        }
        self.check_rest();
    }

    /// True while a process is stopped, or asleep with the machine.
    fn is_any_frozen(&self) -> bool {
        let mut processes = self.processes.iter().flatten();
        processes.any(|process| process.frozen_until > self.now)
    }

    /// True while a process sends a run.
    fn is_any_running(&self) -> bool {
        let mut active = self
            .processes
            .iter()
            .flatten()
            .flat_map(|process| &process.active);
        active.any(|active| active.state == RunState::Running)
    }

    fn happen(&mut self, due: Due) {
        if let Some(until) = self.missing_until() {
            if self.now >= until {
                self.find_file();
            } else if matches!(due, Due::Operator | Due::Weather) {
                // Nobody starts a process meanwhile, which would make another journal.
                return self.at(until, due);
            }
        }
        match due {
            Due::Operator => self.operate(),
            Due::Weather => self.befall(),
            Due::Arrival(request) => self.arrive(*request),
            Due::Kill { process, call } => {
                if self.processes[process]
                    .as_ref()
                    .is_some_and(|process| process.call == Some(call))
                {
                    self.kill(process);
                }
            }
            Due::Step { process, ticket } => {
                if let Some(found) = &self.processes[process]
                    && found.ticket == ticket
                {
                    if found.frozen_until > self.now {
                        let until = found.frozen_until;
                        return self.at(until, Due::Step { process, ticket });
                    }
                    self.step(process);
                }
            }
            Due::Return {
                process,
                call,
                with,
            } => {
                if let Some(found) = &mut self.processes[process]
                    && found.call == Some(call)
                {
                    if found.frozen_until > self.now {
                        let until = found.frozen_until;
                        return self.at(
                            until,
                            Due::Return {
                                process,
                                call,
                                with,
                            },
                        );
                    }
                    found.call = None;
                    found.wire.give_back(*with);
                    self.step(process);
                }
            }
        }
    }

    pub fn at(&mut self, moment: Moment, due: Due) {
        self.schedule.at(moment, due, &mut self.random);
    }

    /// True in so many of a hundred cases, while faults happen.
    pub fn chance(&mut self, percent: u8) -> bool {
        self.faulty && self.random.u8(..100) < percent
    }

    pub fn chance_in(&mut self, cases: u32) -> bool {
        self.faulty && self.random.u32(..cases) == 0
    }

    /// What becomes of the next write.
    pub fn next_write(&mut self) -> (u32, NextWrite) {
        if !self.chance_in(200) {
            return (0, NextWrite::Sound);
        }
        let sound = self.random.u32(..2);
        let next = if self.random.bool() {
            NextWrite::Fails
        } else {
            NextWrite::FailsWritten
        };
        (sound, next)
    }

    pub fn note(&mut self, what: impl fmt::Display) {
        const KEPT: usize = 40;
        if self.log.len() == KEPT {
            self.log.pop_front();
        }
        self.log.push_back(format!("{:>10} {what}", self.now));
    }

    /// The last of what happened.
    pub fn log(&self) -> String {
        let lines: Vec<&str> = self.log.iter().map(String::as_str).collect();
        lines.join("\n")
    }

    /// With faults healed, every run is finished or waits for its operator, with a reason.
    fn check_rest(&mut self) {
        for index in 0..self.runs.len() {
            self.audit(index);
            if !self.runs[index].admitted {
                continue;
            }
            let id = self.runs[index].id;
            let state = self.auditor.run(&id).expect("a run").state;
            let rests = match state.as_str() {
                "finished" | "closed" => true,
                _ if self.attentive => false,
                "paused" | "stopped" => true,
                // What a process left that died, or that waits behind a paused run.
                _ => self
                    .holder(index)
                    .is_none_or(|holder| self.is_paused(holder)),
            };
            assert!(rests, "run {id} is {state} and nothing goes on");
        }
        self.check_holds_end();
        for process in self.processes.iter().flatten() {
            assert!(process.call.is_none(), "a call never came back");
        }
    }
}
