//! Runs as the screen knows them.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::domain::action::Action;
use crate::domain::licences::RunLicences;
use crate::domain::outcome::{DeviceState, Tally};
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::domain::target::Target;
use crate::engine::Waiting;
use crate::engine::lookup_verdict::Finding;
use crate::list::{DeviceId, DeviceList};
use crate::plan::{CallSizes, Plan, PlannedDevice, Removal};
use crate::platform::clock::BootTime;
use crate::tui::call_detail::CallDetail;
use crate::tui::screens::run::call_log::CallLog;
use crate::tui::screens::run::groups::{self, DeviceGroup};

/// A run of this process, or one recalled from the journal.
#[derive(Clone, Debug)]
pub struct RunView {
    pub id: RunId,
    pub target: Target,
    pub action: Action,
    /// What the plan showed, in its order.
    pub devices: Vec<PlannedDevice>,
    /// The list's entries that they came from; a run of the journal may be of another list.
    pub sources: Vec<Option<DeviceId>>,
    pub states: Vec<DeviceState>,
    pub tally: Tally,
    pub state: RunState,
    /// How far it is this process's.
    pub ownership: RunOwnership,
    pub pause: Option<PauseReason>,
    /// Why it paused, for a run that was read from the journal.
    pub reason: Option<String>,
    /// What it waits for, and until when.
    pub waiting: Option<(BootTime, Waiting)>,
    /// How many calls it has made.
    pub calls: u32,
    /// How many it takes without repeats.
    pub planned_calls: usize,
    /// The last notices, newest last.
    pub notices: Vec<String>,
    /// Its calls, once read. See [`Self::set_calls`].
    pub call_details: Vec<CallDetail>,
    /// What is derived from the calls and the states.
    pub call_log: CallLog,
    /// The devices by what became of them.
    pub groups: Vec<DeviceGroup>,
    /// What lookups by the identifier that was sent saw, by ordinal.
    pub findings: HashMap<u32, Finding>,
    /// What lookups by the other identifier saw, by ordinal; of this process only.
    pub alternate_findings: HashMap<u32, Finding>,
    /// What the call in flight carries, by ordinal.
    pub in_flight: Vec<u32>,
    /// When that call began.
    pub sent_at: Option<Timestamp>,
    /// The devices in doubt that are resent by themselves, by ordinal.
    pub resends: HashSet<u32>,
    /// How many devices its calls carry.
    pub sizes: CallSizes,
    pub note: Option<String>,
    /// Who confirmed it, if that was not this process's operator.
    pub confirmed_by: Option<String>,
    pub confirmed_at: Option<Timestamp>,
    /// When it was first started.
    pub started_at: Option<Timestamp>,
    /// When it last ended or paused.
    pub ended_at: Option<Timestamp>,
    /// The account's licences before and after it.
    pub licences: RunLicences,
    /// The configured command was run for its end.
    pub is_end_notified: bool,
    /// The counts of its accepted devices by the newest verification, if there was one.
    pub verified: Option<String>,
}

/// How far a run is this process's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOwnership {
    /// It was read from the journal: another process ran it, or an earlier one.
    Journal,
    /// As above, but this process has requested the engine to resume it.
    Resuming,
    /// A new run, handed to the engine; the journal may not have it yet.
    Submitted,
    Engine,
}

impl RunView {
    /// What a running run waits for that has nothing left to send but what it resends.
    pub fn wait_in_words(&self) -> Option<&'static str> {
        let resends = matches!(self.waiting, Some((_, Waiting::Resend)));
        (resends && self.only_resends()).then_some("waiting to resend")
    }

    /// True if a running run has nothing left to send but what it resends.
    pub fn only_resends(&self) -> bool {
        self.state == RunState::Running && self.tally.left == 0
    }

    /// A confirmed plan: queued until the engine says more.
    pub fn new(plan: &Plan) -> Self {
        let states = vec![DeviceState::Planned; plan.devices.len()];
        let mut run = Self {
            devices: plan.devices.clone(),
            sources: plan.sources.clone(),
            tally: Tally::of(states.iter().copied()),
            states,
            planned_calls: plan.calls(),
            note: plan.origin.note.clone(),
            ..Self::without_devices(plan.id, plan.target.clone(), plan.action, plan.sizes)
        };
        run.summarize();
        run
    }

    /// A run that was handed to the engine, without its devices. Its other parts are filled in by whoever
    /// knows them.
    pub fn without_devices(id: RunId, target: Target, action: Action, sizes: CallSizes) -> Self {
        Self {
            id,
            target,
            action,
            sizes,
            devices: Vec::new(),
            sources: Vec::new(),
            states: Vec::new(),
            tally: Tally::default(),
            state: RunState::Queued,
            ownership: RunOwnership::Submitted,
            pause: None,
            reason: None,
            waiting: None,
            calls: 0,
            planned_calls: 0,
            notices: Vec::new(),
            call_details: Vec::new(),
            call_log: CallLog::default(),
            groups: Vec::new(),
            findings: HashMap::new(),
            alternate_findings: HashMap::new(),
            in_flight: Vec::new(),
            sent_at: None,
            resends: HashSet::new(),
            note: None,
            confirmed_by: None,
            confirmed_at: None,
            started_at: None,
            ended_at: None,
            licences: RunLicences::default(),
            is_end_notified: false,
            verified: None,
        }
    }

    /// About how many calls are still to be made after those that were. More than were planned, where
    /// batches are repeated, halved, or begun anew with a small first call.
    pub fn calls_to_come(&self) -> usize {
        let batch = self.sizes.batch.max(1);
        let resends = self.resends.len().div_ceil(batch);
        let left = usize::try_from(self.tally.left).unwrap_or(usize::MAX);
        let waiting = left.saturating_sub(self.in_flight.len());
        if waiting == 0 {
            return resends;
        }
        let planned = self.planned_calls.saturating_sub(self.calls as usize);
        planned.max(waiting.div_ceil(batch)) + resends
    }

    /// True for a run that this process has handed to the engine.
    pub fn is_ours(&self) -> bool {
        self.ownership != RunOwnership::Journal
    }

    /// How many of these devices, by ordinal, the run resends once, without a key.
    pub fn count_resent(&self, ordinals: &[u32]) -> usize {
        let is_resent = |ordinal: &&u32| self.resends.contains(ordinal);
        if self.state == RunState::Running {
            ordinals.iter().filter(is_resent).count()
        } else {
            0
        }
    }

    /// What this run does to a device that it removes.
    pub fn removal(&self) -> Removal {
        Removal {
            run: self.id,
            action: self.action,
        }
    }

    /// Replaces what is known of the calls.
    pub fn set_calls(&mut self, calls: Vec<CallDetail>) {
        self.call_details = calls;
        self.summarize();
    }

    /// Groups the devices and counts the calls anew. Whoever changes states, findings or calls does
    /// this once, so that no frame depends on the number of devices.
    pub fn summarize(&mut self) {
        self.groups = groups::group(&self.states, &self.devices, &self.findings);
        self.call_log = CallLog::new(&self.call_details, &self.states);
    }

    /// True if the call at this place was the small first one of its kind of identifier.
    pub fn is_canary(&self, place: usize) -> bool {
        let Some(call) = self.call_details.get(place) else {
            return false;
        };
        let kind = |call: &CallDetail| {
            let first = *call.devices.first()? as usize;
            Some(self.devices.get(first)?.identifier.kind())
        };
        let earlier = self.call_details.iter().take(place);
        call.devices.len() <= self.sizes.canary
            && call.devices.len() < self.devices.len()
            && !earlier.into_iter().any(|other| kind(other) == kind(call))
    }

    /// The last call that carried the device.
    pub fn last_call(&self, ordinal: u32) -> Option<&CallDetail> {
        self.call_details.get(self.call_log.last_call(ordinal)?)
    }

    /// The state in which the call at this place left one of its devices, by ordinal.
    pub fn state_left_by(&self, place: usize, ordinal: u32) -> Option<DeviceState> {
        self.call_log
            .left_by(&self.call_details, &self.states, place, ordinal)
    }

    /// Finds the devices again in a list that was read again.
    pub fn find_sources(&mut self, list: &DeviceList) {
        self.sources = Self::sources_of(list, &self.devices);
    }

    /// The list's entry of each planned device, if it has one.
    pub fn sources_of(list: &DeviceList, devices: &[PlannedDevice]) -> Vec<Option<DeviceId>> {
        devices.iter().map(|device| source(list, device)).collect()
    }

    /// The states of the list's entries in this run.
    pub fn source_states(&self) -> impl Iterator<Item = (DeviceId, DeviceState)> {
        (0_u32..)
            .zip(self.sources.iter().zip(&self.states))
            .filter_map(|(ordinal, (source, &state))| {
                let state = if self.in_flight.contains(&ordinal) {
                    DeviceState::Sending
                } else {
                    state
                };
                Some(((*source)?, state))
            })
    }
}

/// The list's entry of a device of the journal, if it has exactly one.
fn source(list: &DeviceList, device: &PlannedDevice) -> Option<DeviceId> {
    if let Some(hwid) = &device.hwid {
        return list.find_hwid(hwid.as_str());
    }
    // An entry with a HWID may be another machine by now: a reimaged one keeps its MAC.
    match list.find_mac(*device.macs.first()?)[..] {
        [only] => {
            let entry = list.device(only);
            let same =
                entry.hwid().is_none() && entry.hostname().eq_ignore_ascii_case(&device.hostname);
            same.then_some(only)
        }
        _ => None,
    }
}
