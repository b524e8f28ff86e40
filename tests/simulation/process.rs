//! A process: its journal, what it was asked, and the run that it has.

use std::collections::VecDeque;

use offboard::api::PreparedDelete;
use offboard::domain::run::RunState;
use offboard::engine::{Command, Control, CredentialKind, Engine, Event, SlotEnd, TakenSlot};
use offboard::journal::{Journal, JournalError, OpenedRun, RunLock};
use offboard::plan::ConfirmedPlan;
use offboard::platform::clock::{BootTime, Now};
use offboard::platform::failpoint::{self, NextWrite};

use super::lookups::Lookups;
use super::network::Returned;
use super::schedule::Moment;
use super::watch::Watch;
use super::world::World;

pub struct Process {
    pub index: usize,
    pub account: usize,
    pub journal: Journal,
    /// Its next step comes with this ticket only.
    pub ticket: u64,
    pub credential: CredentialKind,
    /// The ready token that the operator gave it.
    pub ready_token: Option<u64>,
    pub token: Option<u64>,
    pub resend_once: bool,
    pub driving: Option<Driving>,
    /// Runs that come after it, by index. They are this process's own.
    pub queue: VecDeque<(usize, RunLock)>,
    pub inbox: VecDeque<Asked>,
    pub lookups: Lookups,
    pub awaited: Option<(u64, Awaited)>,
    pub returned: Option<Returned>,
    /// What the machine is to be told, once the process goes on.
    pub withheld: Option<Event>,
    /// SIGSTOP: it does nothing before this moment.
    pub frozen_until: Moment,
    pub leaving: bool,
}

/// The run that a process has.
pub struct Driving {
    /// By index.
    pub run: usize,
    pub machine: Engine,
    pub opened: OpenedRun,
    pub commands: VecDeque<Command>,
    pub prepared: Option<PreparedDelete>,
    pub slot: i64,
    pub state: RunState,
    pub wake: Option<BootTime>,
    pub watch: Watch,
    pub stop_asked: bool,
    pub _lock: RunLock,
}

/// What a process waits for on the network.
pub enum Awaited {
    Delete,
    Token,
    /// A lookup's token, or a lookup.
    LookupToken(TakenSlot),
    Lookup(TakenSlot),
}

/// What an operator or a signal asks of a process.
pub enum Asked {
    Control(Control),
    Plan(usize, Box<ConfirmedPlan>),
    /// A run, by index, and the number of devices left that was told.
    Resume(usize, u64),
    LookUp(usize, Vec<u32>),
    /// The front end goes away.
    Leave,
}

/// When a process goes on.
pub enum Next {
    Soon,
    At(BootTime),
    /// When it is asked for something, or a call comes back.
    Still,
}

/// The process is no more.
#[derive(Debug)]
pub enum Gone {
    Left,
    Killed,
    /// Its journal failed, and it does nothing more.
    Broken,
}

impl Process {
    pub fn new(index: usize, account: usize, journal: Journal, credential: CredentialKind) -> Self {
        Self {
            index,
            account,
            journal,
            ticket: 0,
            credential,
            ready_token: None,
            token: None,
            resend_once: true,
            driving: None,
            queue: VecDeque::new(),
            inbox: VecDeque::new(),
            lookups: Lookups::default(),
            awaited: None,
            returned: None,
            withheld: None,
            frozen_until: 0,
            leaving: false,
        }
    }

    pub fn awaits(&self, call: u64) -> bool {
        self.awaited
            .as_ref()
            .is_some_and(|(awaited, _)| *awaited == call)
    }

    /// True if it has this run, to drive it now or later.
    pub fn has(&self, run: usize) -> bool {
        self.driving
            .as_ref()
            .is_some_and(|driving| driving.run == run)
            || self.queue.iter().any(|(queued, _)| *queued == run)
    }

    /// True if the machine is in the middle of a call, where controls are only noted.
    pub fn is_calling(&self) -> bool {
        matches!(self.awaited, Some((_, Awaited::Delete | Awaited::Token)))
    }

    /// In the middle of a call a control is only noted; anything else comes after it.
    pub fn hear_in_call(&mut self, asked: Asked, now: Now) {
        let control = match asked {
            Asked::Control(control) => control,
            Asked::Leave => {
                self.leaving = true;
                Control::Stop
            }
            other => return self.inbox.push_back(other),
        };
        if let Some(driving) = &mut self.driving {
            driving.stop_asked |= control == Control::Stop;
            let commands = driving.machine.step(Event::Control(control), now);
            assert!(commands.is_empty(), "a control in a call is only noted");
        }
    }

    /// Does what comes next.
    pub fn step(&mut self, world: &mut World) -> Result<Next, Gone> {
        if let Some(returned) = self.returned.take() {
            return self.take_in(world, returned);
        }
        if let Some(event) = self.withheld.take() {
            return self.wake_up(world, event);
        }
        if self.driving.is_some() {
            return self.drive(world);
        }
        if let Some((run, lock)) = self.queue.pop_front() {
            self.open(world, run, lock)?;
            return Ok(Next::Soon);
        }
        if let Some(asked) = self.inbox.pop_front() {
            self.enqueue(world, asked)?;
            return Ok(Next::Soon);
        }
        if self.leaving {
            return Err(Gone::Left);
        }
        self.look_up(world)
    }

    /// A write: the disk may be full, and the process may die before or after it.
    pub fn write<T>(
        &mut self,
        world: &mut World,
        work: impl FnOnce(&mut Journal) -> Result<T, JournalError>,
    ) -> Result<T, Gone> {
        let (sound, next) = world.next_write();
        failpoint::decide_write(sound, next);
        let done = work(&mut self.journal);
        failpoint::decide_write(0, NextWrite::Sound);
        done.map_err(|error| {
            assert!(next != NextWrite::Sound, "the journal: {error}");
            let end = SlotEnd {
                number: 0,
                cap: None,
            };
            let more = self.journal.complete_slot(&end);
            assert!(
                matches!(more, Err(JournalError::Poisoned)),
                "a write after one that failed"
            );
            world.note(format!("process {} is broken: {error}", self.index));
            Gone::Broken
        })
    }
}
