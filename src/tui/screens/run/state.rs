//! Runs as the screen knows them, and the lines of their failures.

use std::collections::{BTreeMap, HashMap};

use crate::domain::action::Action;
use crate::domain::device::IdentifierKind;
use crate::domain::outcome::{DeviceState, Outcome, OutcomeClass, Tally};
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::domain::target::Target;
use crate::engine::Waiting;
use crate::engine::lookup_verdict::{Finding, LookupVerdict};
use crate::list::{DeviceId, DeviceList};
use crate::plan::{Plan, PlannedDevice};
use crate::platform::clock::BootTime;
use crate::tui::call_detail::CallDetail;

/// A run of this process, or one recalled from the journal.
#[derive(Clone, Debug)]
pub struct RunView {
    /// Its name.
    pub id: RunId,
    /// Where it is sent.
    pub target: Target,
    /// What is done.
    pub action: Action,
    /// What the plan showed, in its order.
    pub devices: Vec<PlannedDevice>,
    /// The list's entries that they came from; a run of the journal may be of another list.
    pub sources: Vec<Option<DeviceId>>,
    /// Their states.
    pub states: Vec<DeviceState>,
    /// The same, counted.
    pub tally: Tally,
    /// Its state.
    pub state: RunState,
    /// How far it is this process's.
    pub ownership: RunOwnership,
    /// Why it is paused.
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
    /// Its calls, once read for the failures.
    pub call_details: Vec<CallDetail>,
    /// What lookups by the identifier that was sent saw, by ordinal.
    pub findings: HashMap<u32, Finding>,
    /// What lookups by the other identifier saw, by ordinal; of this process only.
    pub alternate_findings: HashMap<u32, Finding>,
    /// What the call in flight carries, by ordinal.
    pub in_flight: Vec<u32>,
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
    /// The engine has it.
    Engine,
}

/// A line of the failures' view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureLine {
    /// Devices that ended alike, and of which lookups, if they were looked up, saw the same.
    Group(FailureGroup),
    /// A device, by its ordinal in the plan.
    Device(u32),
}

/// A group of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureGroup {
    /// How they ended.
    pub outcome: Outcome,
    /// What they were sent by.
    pub kind: IdentifierKind,
    /// What a lookup by that came to.
    pub sighting: Option<LookupVerdict>,
    /// How many they are.
    pub count: usize,
}

impl FailureLine {
    /// The device of the line, by its ordinal; none for a group.
    pub fn device(&self) -> Option<u32> {
        match *self {
            Self::Device(ordinal) => Some(ordinal),
            Self::Group(_) => None,
        }
    }
}

impl RunView {
    /// A confirmed plan: queued until the engine says more.
    pub fn new(plan: &Plan) -> Self {
        let states = vec![DeviceState::Planned; plan.devices.len()];
        Self {
            id: plan.id,
            target: plan.target.clone(),
            action: plan.action,
            devices: plan.devices.clone(),
            sources: plan.sources.clone(),
            tally: Tally::of(states.iter().copied()),
            states,
            state: RunState::Queued,
            ownership: RunOwnership::Submitted,
            pause: None,
            reason: None,
            waiting: None,
            calls: 0,
            planned_calls: plan.calls(),
            notices: Vec::new(),
            call_details: Vec::new(),
            findings: HashMap::new(),
            alternate_findings: HashMap::new(),
            in_flight: Vec::new(),
        }
    }

    /// True for a run that this process has handed to the engine.
    pub fn is_ours(&self) -> bool {
        self.ownership != RunOwnership::Journal
    }

    /// The lines of the failures' view: groups, each followed by its devices. A run that was
    /// `opened` lists all of them, those that nothing is wrong with last.
    pub fn failure_lines(&self, opened: bool) -> Vec<FailureLine> {
        let mut groups: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for (ordinal, (state, device)) in (0_u32..).zip(self.states.iter().zip(&self.devices)) {
            let outcome = state.as_final_outcome();
            let is_well = matches!(
                outcome.class(),
                OutcomeClass::Accepted | OutcomeClass::NotSent
            );
            let is_on_its_way = !matches!(state, DeviceState::Ended(_))
                && matches!(self.state, RunState::Queued | RunState::Running);
            if !is_well || opened && !is_on_its_way {
                let finding = self.findings.get(&ordinal);
                let sighting = finding.map(|found| found.seen.sighting(device.hwid.as_ref()));
                groups
                    .entry((is_well, outcome, device.identifier.kind(), sighting))
                    .or_default()
                    .push(ordinal);
            }
        }
        let mut lines = Vec::new();
        for ((_, outcome, kind, sighting), ordinals) in groups {
            lines.push(FailureLine::Group(FailureGroup {
                outcome,
                kind,
                sighting,
                count: ordinals.len(),
            }));
            lines.extend(ordinals.into_iter().map(FailureLine::Device));
        }
        lines
    }

    /// The last call that carried the device.
    pub fn last_call(&self, ordinal: u32) -> Option<&CallDetail> {
        let mut calls = self.call_details.iter().rev();
        calls.find(|call| call.devices.contains(&ordinal))
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
