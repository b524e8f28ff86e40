//! What the model knows: three processes, the journal that they share, the network and the tenant.

/// How many processes there are.
pub const PROCESSES: usize = 3;
/// How many records the tenant has, and rows each list.
pub const DEVICES: usize = 2;

/// A moment or an age, in steps of [`STEP`](super::rules::STEP).
pub type Tick = u8;
/// A run by its place in the journal, in the order of admission.
pub type RunIndex = u8;
/// A device by its record in the tenant, and by its row in either list.
pub type DeviceIndex = u8;
/// A call by its place in the journal. Its slot's number is one more.
pub type CallIndex = u8;

/// Everything that is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The time, by which lists are dated.
    pub now: Tick,
    /// In no order: processes are alike, so they are kept sorted.
    pub processes: [Process; PROCESSES],
    /// Confirmed plans.
    pub runs: Vec<Run>,
    /// Slots and the calls that took them.
    pub calls: Vec<Call>,
    /// The newest call that arrived for each record, and its run. From the first on, the record is
    /// gone.
    pub removed_by: [Option<(CallIndex, RunIndex)>; DEVICES],
    /// How many calls arrived at the moment before and at this one: within 60 s.
    pub arrivals: [u8; 2],
    /// How many processes have died that had taken a lock or a slot.
    pub crashes: u8,
}

/// A process, by what it does next. All of it is lost in a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Process {
    /// Not started, or with nothing to do.
    Idle,
    /// It has built a plan, and may hand it over.
    Planned(Plan),
    /// Its plan was admitted; it has no lock yet.
    Admitted(RunIndex),
    /// It has the run's lock.
    Holding(Hold),
    /// It has a slot for a call that changes nothing, such as a lookup.
    LookingUp(CallIndex),
    /// That call is out.
    AwaitingLookup(CallIndex),
}

/// One of the two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListName {
    /// Both records by their HWIDs, which are sent, and with their MACs.
    Inventory,
    /// The first record by its HWID in another case, without a MAC; the second by its MAC, which is
    /// sent, with the HWID of another installation.
    Other,
}

/// A plan as it is frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Plan {
    /// Whose rows it has.
    pub list: ListName,
    /// When that list was read.
    pub list_time: Tick,
    /// When it was built; if that is after the list's own time, that time.
    pub planned_at: Tick,
    /// The newest slot at that time.
    pub known_slot: u8,
    /// The run that it repeats.
    pub retry_of: Option<RunIndex>,
    /// What it sends.
    pub rows: [Option<Row>; DEVICES],
}

/// A device of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row {
    /// The run that removed it, if the operator saw that and confirmed it all the same.
    pub removed_by: Option<RunIndex>,
}

/// A run's lock, and how far its holder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hold {
    /// The run.
    pub run: RunIndex,
    /// What was done last.
    pub step: Step,
    /// How long each device in doubt waits that is sent once more.
    pub resends: [Option<Tick>; DEVICES],
}

/// How far the holder of a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// It has the lock of the run that it admitted.
    Locked,
    /// It has the lock of a run that it found open.
    LockedAgain,
    /// That run is opened: what was in flight is in doubt.
    Opened,
    /// It may make a call, or is done.
    Ready,
    /// It has a slot, for this call.
    Slotted(CallIndex),
    /// The intent is durable.
    Prepared(CallIndex),
    /// The call is out.
    Waiting(CallIndex),
}

/// A confirmed plan and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// As it was confirmed.
    pub plan: Plan,
    /// Not finished, and not closed.
    pub open: bool,
    /// The outcome of each of its devices.
    pub outcomes: [Option<Outcome>; DEVICES],
}

/// What became of a device of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// Accepted or gone; else in doubt.
    pub definite: bool,
    /// When that was stored.
    pub at: Tick,
    /// The call that decided.
    pub call: CallIndex,
}

/// A slot, and the call that took it, for one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Whose, unless it changes nothing.
    pub run: Option<RunIndex>,
    /// For which device.
    pub device: DeviceIndex,
    /// A second call for a device in doubt.
    pub resend: bool,
    /// How long ago the slot was taken.
    pub taken: Tick,
    /// How long ago the slot was completed, if it was.
    pub completed: Option<Tick>,
    /// What the journal says.
    pub stage: Stage,
    /// What the network has of it.
    pub packet: Packet,
}

/// How far a call is, by the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// A slot, and nothing more.
    Slot,
    /// An intent without an outcome.
    Intent,
    /// Judged.
    Ended,
}

/// What is under way of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Packet {
    /// Nothing.
    None,
    /// The request.
    Request,
    /// The answer.
    Answer,
}

impl State {
    /// Nothing was done yet.
    pub fn new() -> Self {
        Self {
            now: 0,
            processes: [Process::Idle; PROCESSES],
            runs: Vec::new(),
            calls: Vec::new(),
            removed_by: [None; DEVICES],
            arrivals: [0; 2],
            crashes: 0,
        }
    }

    /// A run by its index.
    pub fn run(&self, run: RunIndex) -> &Run {
        &self.runs[usize::from(run)]
    }

    /// A call by its index.
    pub fn call(&mut self, call: CallIndex) -> &mut Call {
        &mut self.calls[usize::from(call)]
    }

    /// The run, the run of which it is a retry, and so on.
    pub fn retried(&self, run: Option<RunIndex>) -> Vec<RunIndex> {
        std::iter::successors(run, |&run| self.run(run).plan.retry_of).collect()
    }

    /// Calls of which nothing counts any more but their place and their slot are alike.
    pub fn forget(&mut self) {
        for call in &mut self.calls {
            if call.stage == Stage::Ended && call.packet == Packet::None {
                (call.run, call.device, call.resend) = (None, 0, false);
                call.taken = call.completed.unwrap_or(call.taken);
            }
        }
    }

    /// How many processes have a plan that was not handed over.
    pub fn planned(&self) -> usize {
        let planned = |process: &&Process| matches!(process, Process::Planned(_));
        self.processes.iter().filter(planned).count()
    }

    /// True if a process has the lock.
    pub fn is_held(&self, run: RunIndex) -> bool {
        self.processes.iter().any(|process| process.holds(run))
    }

    /// True if whoever confirmed `run` knew what `other` did with the device, or of a run that
    /// knew so.
    pub fn was_told(&self, run: RunIndex, other: RunIndex, device: usize) -> bool {
        let plan = &self.run(run).plan;
        let removed_by = plan.rows[device].and_then(|row| row.removed_by);
        [plan.retry_of, removed_by]
            .into_iter()
            .flatten()
            .any(|known| known == other || self.was_told(known, other, device))
    }
}

impl Process {
    /// True if it has taken a lock or a slot.
    pub fn has_to_lose(&self) -> bool {
        !matches!(self, Self::Idle | Self::Planned(_) | Self::Admitted(_))
    }

    /// True if it waits for the answer to this call.
    pub fn awaits(&self, call: CallIndex) -> bool {
        match self {
            Self::Holding(hold) => hold.step == Step::Waiting(call),
            Self::AwaitingLookup(own) => *own == call,
            _ => false,
        }
    }

    /// True if it has this run's lock.
    pub fn holds(&self, run: RunIndex) -> bool {
        matches!(self, Self::Holding(hold) if hold.run == run)
    }
}

impl Hold {
    /// Its process after this step.
    pub fn at(self, step: Step) -> Process {
        Process::Holding(Self { step, ..self })
    }
}

impl Run {
    /// The devices that were not sent, in order.
    pub fn unsent(&self) -> impl Iterator<Item = usize> {
        let waits =
            |&device: &usize| self.plan.rows[device].is_some() && self.outcomes[device].is_none();
        (0..DEVICES).filter(waits)
    }
}
