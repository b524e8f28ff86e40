//! Everything that is known of the open list's devices by their places in it.
//!
//! A [`DeviceId`] is an index into one list: after a reload it names another device. So all that is
//! indexed by it is in here, and [`ListState::remap`] carries it over by identifiers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::action::Action;
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::RunState;
use crate::journal::VerifiedEntry;
use crate::list::{DeviceId, DeviceList};
use crate::plan::Removal;
use crate::plan::protection::Protection;
use crate::tui::screens::devices::marks::{FoundBy, Marks};
use crate::tui::screens::run::state::RunView;

#[derive(Debug)]
pub struct ListState {
    /// The list itself.
    pub devices: Arc<DeviceList>,
    /// Which devices are never sent.
    pub protection: Arc<Protection>,
    /// Devices that a run removed or archived after the list was saved, one of this process or an
    /// earlier one, and which run.
    pub removed: HashMap<DeviceId, Removal>,
    /// The states of devices in runs of this process.
    pub session_states: HashMap<DeviceId, DeviceState>,
    /// Their states by earlier runs, for devices without one of this process; empty until read.
    pub journal_states: Arc<HashMap<DeviceId, DeviceState>>,
    /// Devices that are the tenant's records of accepted ones; empty until read.
    pub verified: Arc<HashMap<DeviceId, VerifiedEntry>>,
    pub marks: Marks,
    /// The number of the marks' change after which they were exactly what an import found.
    pub imported_at: Option<u64>,
    /// How many of the marked devices that a plan can have the filter hides.
    pub hidden_marks: usize,
    /// How many marked devices are protected: they are never sent.
    pub protected_marks: usize,
    /// How many of the others are held: they aren't sent either.
    pub held_marks: usize,
    /// The rows that the table shows, in order.
    pub rows: Arc<Vec<DeviceId>>,
    /// The device that the operator put the cursor on. A filter may hide it for a while.
    pub pinned_device: Option<DeviceId>,
    /// The row where a range of marks begins.
    pub range_start: Option<DeviceId>,
}

impl ListState {
    /// A list of which nothing is marked; `removed` as the journal has it.
    pub fn new(
        devices: Arc<DeviceList>,
        protection: Arc<Protection>,
        removed: HashMap<DeviceId, Removal>,
    ) -> Self {
        Self {
            protection,
            removed,
            session_states: HashMap::new(),
            journal_states: Arc::default(),
            verified: Arc::default(),
            marks: Marks::new(devices.len()),
            imported_at: None,
            hidden_marks: 0,
            protected_marks: 0,
            held_marks: 0,
            rows: Arc::new(devices.ids().collect()),
            pinned_device: None,
            range_start: None,
            devices,
        }
    }

    /// The devices that the table shows.
    pub fn shown(&self) -> HashSet<DeviceId> {
        self.rows.iter().copied().collect()
    }

    /// Carries everything over to `new`, which takes this list's place, and finds the devices of
    /// `runs` in it. Also returns the names of marked devices that lost their mark, because the new
    /// list lacks them or they can't be sent any more; not safe to show.
    #[must_use]
    pub fn remap(&self, new: Self, runs: &mut [RunView]) -> (Self, Vec<String>) {
        // Without `..`: a new field has to be thought of here.
        let Self {
            devices: before,
            protection: _,
            removed: _,
            session_states: _,
            journal_states: _,
            verified: _,
            marks,
            imported_at: _,
            hidden_marks: _,
            protected_marks: _,
            held_marks: _,
            rows: _,
            pinned_device,
            range_start,
        } = self;
        let Self {
            devices,
            protection,
            removed,
            journal_states,
            verified,
            rows,
            ..
        } = new;
        // A list whose columns were read otherwise has the same rows.
        let is_same_text = devices.hash() == before.hash();
        let find = |id: DeviceId| {
            let same = devices.find_same(before, id);
            same.or_else(|| {
                devices
                    .at_line(before.device(id).line())
                    .filter(|_| is_same_text)
            })
        };
        let usable = |id: DeviceId| find(id).filter(|&id| devices.device(id).problem().is_none());
        let lost = marks.iter().filter(|&id| usable(id).is_none());
        let lost: Vec<String> = lost.map(|id| before.name_of(id)).collect();
        for run in &mut *runs {
            run.find_sources(&devices);
        }
        let mut state = Self {
            marks: carry_marks(marks, devices.len(), |id| {
                usable(id).filter(|id| !removed.contains_key(id))
            }),
            session_states: HashMap::new(),
            imported_at: None,
            hidden_marks: 0,
            protected_marks: 0,
            held_marks: 0,
            pinned_device: pinned_device.and_then(find),
            range_start: range_start.and_then(find),
            protection,
            removed,
            journal_states,
            verified,
            rows,
            devices,
        };
        state.rebuild_session_states(runs);
        state.add_removed(runs);
        state.count_hidden();
        (state, lost)
    }

    /// Derives the states of devices from the runs of this process, oldest first.
    pub fn rebuild_session_states(&mut self, runs: &[RunView]) {
        self.session_states.clear();
        let ours = || runs.iter().filter(|run| run.is_ours());
        let states = ours().flat_map(RunView::source_states);
        self.session_states.extend(states);
        for run in ours().filter(|run| matches!(run.state, RunState::Stopped | RunState::Closed)) {
            self.give_up_unsent(run);
        }
    }

    /// The run ended early: what it has left is not sent, unless the run is resumed.
    pub fn give_up_unsent(&mut self, run: &RunView) {
        let left = run.sources.iter().zip(&run.states);
        let left = left.filter(|&(_, &state)| state == DeviceState::Planned);
        for source in left.filter_map(|(source, _)| *source) {
            // A device that no run of this process has planned keeps its state of the journal.
            if let Some(state) = self.session_states.get_mut(&source)
                && *state == DeviceState::Planned
            {
                *state = DeviceState::Ended(Outcome::NotSent);
            }
        }
    }

    /// What this process has removed may be newer than what was read of the journal.
    fn add_removed(&mut self, runs: &[RunView]) {
        for run in runs {
            if run.is_ours() && run.action != Action::Uninstall {
                let gone = run.source_states().filter(|(_, state)| {
                    matches!(state, DeviceState::Ended(Outcome::Accepted | Outcome::Gone))
                });
                self.removed.extend(gone.map(|(id, _)| (id, run.removal())));
            }
        }
    }

    /// True if any device has an outcome, or was removed by a run.
    pub fn has_outcomes(&self) -> bool {
        !self.session_states.is_empty()
            || !self.journal_states.is_empty()
            || !self.verified.is_empty()
            || !self.removed.is_empty()
    }

    /// Marks or unmarks a device that is shown: nothing has to be counted anew.
    pub fn toggle_shown(&mut self, id: DeviceId) {
        self.marks.toggle([id]);
        let count = if self.protection.reason(id).is_some() {
            &mut self.protected_marks
        } else if self.protection.held(id).is_some() {
            &mut self.held_marks
        } else {
            return;
        };
        *count = if self.marks.contains(id) {
            *count + 1
        } else {
            count.saturating_sub(1)
        };
    }

    /// True if any row can be sent.
    pub fn has_usable(&self) -> bool {
        self.devices.counts().devices > 0
    }

    /// How many marked devices a plan can have: neither protected nor held ones.
    pub fn plannable_marks(&self) -> usize {
        self.marks.len() - self.protected_marks - self.held_marks
    }

    /// Counts the marked devices that the filter hides, those that are protected, and those that are held.
    pub fn count_hidden(&mut self) {
        (self.protected_marks, self.held_marks) = self.count_unplannable(self.marks.iter());
        let marked = self.rows.iter().filter(|&&id| self.marks.contains(id));
        let (protected, held) = self.count_unplannable(marked.clone().copied());
        self.hidden_marks = self.plannable_marks() - (marked.count() - protected - held);
    }

    /// How many of these devices are protected, and how many of the others are held.
    pub fn count_unplannable(&self, devices: impl Iterator<Item = DeviceId>) -> (usize, usize) {
        let protection = &self.protection;
        devices.fold((0, 0), |(protected, held), id| {
            if protection.reason(id).is_some() {
                (protected + 1, held)
            } else {
                (protected, held + usize::from(protection.held(id).is_some()))
            }
        })
    }

    /// True if the device may be marked together with others: what a run removed or archived is
    /// marked one by one only.
    pub fn is_markable(&self, id: DeviceId) -> bool {
        self.devices.device(id).problem().is_none() && !self.removed.contains_key(&id)
    }
}

/// The marks of devices that `find` finds in a new list of `len` devices. They can't be undone: that
/// would take away marks from before the reload.
fn carry_marks(old: &Marks, len: usize, find: impl Fn(DeviceId) -> Option<DeviceId>) -> Marks {
    let mut by_hand: Vec<DeviceId> = Vec::new();
    let mut imported: HashMap<DeviceId, FoundBy> = HashMap::new();
    let mut ways = Vec::new();
    for (old_id, id) in old.iter().filter_map(|id| Some((id, find(id)?))) {
        match old.found_by(old_id) {
            Some(by) => drop(imported.insert(id, by.clone())),
            None => {
                by_hand.push(id);
                ways.push((id, old.marked_by(old_id)));
            }
        }
    }
    by_hand.sort_unstable();
    let mut marks = old.emptied(len);
    marks.mark(by_hand, imported);
    for (id, way) in ways {
        marks.note_way([id], way);
    }
    marks.snapshot()
}

#[cfg(test)]
mod tests;
