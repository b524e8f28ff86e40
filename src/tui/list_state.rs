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
use crate::plan::protection::Protection;
use crate::tui::screens::devices::marks::{FoundBy, Marks};
use crate::tui::screens::run::state::RunView;

/// See the module.
#[derive(Debug)]
pub struct ListState {
    /// The list itself.
    pub devices: Arc<DeviceList>,
    /// Which devices are never sent.
    pub protection: Arc<Protection>,
    /// Devices that a run removed or archived after the list was saved, one of this process or an
    /// earlier one, and which run.
    pub removed: HashMap<DeviceId, String>,
    /// The states of devices in runs of this process.
    pub session_states: HashMap<DeviceId, DeviceState>,
    /// Their states by earlier runs, for devices without one of this process; empty until read.
    pub journal_states: Arc<HashMap<DeviceId, DeviceState>>,
    /// Devices that are the tenant's records of accepted ones; empty until read.
    pub verified: Arc<HashMap<DeviceId, VerifiedEntry>>,
    /// The marked devices.
    pub marks: Marks,
    /// The number of the marks' change after which they were exactly what an import found.
    pub imported_at: Option<u64>,
    /// How many marked devices the filter hides.
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
        removed: HashMap<DeviceId, String>,
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
        let lost: Vec<String> = lost.map(|id| before.named(id)).collect();
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
                self.removed
                    .extend(gone.map(|(id, _)| (id, run.id.short())));
            }
        }
    }

    /// True if any device has an outcome, or was removed by a run. Rows that can't be sent have a sign of
    /// their own, so that a few of them don't take a column from all.
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

    /// How many marked devices a plan can have: neither protected nor held ones.
    pub fn plannable_marks(&self) -> usize {
        self.marks.len() - self.protected_marks - self.held_marks
    }

    /// Counts the marked devices that the filter hides, those that are protected, and those that are held.
    pub fn count_hidden(&mut self) {
        let shown = self.rows.iter().filter(|&&id| self.marks.contains(id));
        self.hidden_marks = self.marks.len() - shown.count();
        self.protected_marks = if self.protection.is_empty() {
            0
        } else {
            let is_protected = |&id: &DeviceId| self.protection.reason(id).is_some();
            self.marks.iter().filter(is_protected).count()
        };
        self.held_marks = if self.protection.has_held() {
            let is_held = |&id: &DeviceId| {
                self.protection.held(id).is_some() && self.protection.reason(id).is_none()
            };
            self.marks.iter().filter(is_held).count()
        } else {
            0
        };
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
    let mut marks = Marks::new(len);
    marks.mark(by_hand, imported);
    for (id, way) in ways {
        marks.note_way([id], way);
    }
    marks.snapshot()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::outcome::Failure;
    use crate::plan::build;
    use crate::tui::fuzzing::request;

    /// Even devices have a HWID, odd ones a MAC and a host name.
    fn list_of(devices: &[u8]) -> Arc<DeviceList> {
        let row = |&number: &u8| match number % 2 {
            0 => format!("h{number},,\n"),
            _ => format!(",00:0c:29:00:00:{number:02x},LT-{number}\n"),
        };
        let rows: String = devices.iter().map(row).collect();
        let text = format!("hwid,mac,hostname\n{rows}");
        let list = DeviceList::read_bytes("l.csv", text.as_bytes());
        Arc::new(list.expect("a list"))
    }

    fn state_of(devices: &[u8], removed: &BTreeSet<u8>) -> ListState {
        let ids = (0..).map(DeviceId::from_index).zip(devices);
        let removed = ids.filter(|(_, number)| removed.contains(number));
        let removed = removed.map(|(id, _)| (id, "7k2m9x4c".to_owned()));
        ListState::new(list_of(devices), Arc::default(), removed.collect())
    }

    /// What names a device in every list.
    fn name(list: &ListState, id: DeviceId) -> String {
        list.devices.named(id)
    }

    fn names(list: &ListState, ids: impl IntoIterator<Item = DeviceId>) -> BTreeSet<String> {
        ids.into_iter().map(|id| name(list, id)).collect()
    }

    fn run_on(list: &mut ListState, devices: &[DeviceId], states: &[u8]) -> RunView {
        let plan = build(&request(&list.devices, devices, Action::Remove));
        let mut run = RunView::new(&plan);
        run.state = RunState::Stopped;
        for (state, kind) in run.states.iter_mut().zip(states.iter().cycle()) {
            *state = match kind {
                0 => DeviceState::Planned,
                1 => DeviceState::Ended(Outcome::Accepted),
                _ => DeviceState::Ended(Outcome::Failed(Failure::NotFound)),
            };
        }
        list.rebuild_session_states(std::slice::from_ref(&run));
        run
    }

    #[test]
    fn marking_one_row_counts_as_counting_all_anew_does() {
        let text = "hwid,hostname,type\nh0,a,server\nh1,b,laptop\nh2,c,laptop\n";
        let list = Arc::new(DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list"));
        let rule = crate::query::Query::parse("type:server").expect("a rule");
        let protection = crate::plan::protection::Rules::new(vec![rule]).apply(&list);
        let held = HashMap::from([(DeviceId::from_index(1), "held until then".to_owned())]);
        let protection = protection.expect("protection").with_held(held);
        let mut state = ListState::new(Arc::clone(&list), Arc::new(protection), HashMap::new());
        let counts =
            |state: &ListState| (state.hidden_marks, state.protected_marks, state.held_marks);
        for index in [0, 1, 2, 1, 0, 0] {
            state.toggle_shown(DeviceId::from_index(index));
            let counted = counts(&state);
            state.count_hidden();
            assert_eq!(counted, counts(&state), "after {index}");
        }
        assert_eq!(counts(&state), (0, 1, 0));
        assert_eq!((state.marks.len(), state.plannable_marks()), (2, 1));
    }

    #[test]
    fn remap_of_columns_read_otherwise_moves_no_mark_to_another_row_of_a_line() {
        let read = |text: &str, column: &str| {
            let options = crate::list::ReadOptions {
                columns: vec![crate::list::parse_column(column).expect("a column")],
                ..crate::list::ReadOptions::default()
            };
            let list = DeviceList::read_bytes_as("l.json", text.as_bytes(), &options);
            ListState::new(
                Arc::new(list.expect("a list")),
                Arc::default(),
                HashMap::new(),
            )
        };
        let rows = [
            r#"{"id":"a0000000000000a1","tag":"b0000000000000b1","hostname":"one"}"#,
            r#"{"id":"a0000000000000a2","tag":"b0000000000000b2","hostname":"two"}"#,
        ];
        let of_lines = [
            (format!("[{}]", rows.join(",")), None),
            (format!("[{}]", rows.join(",\n")), Some("two")),
        ];
        for (text, expected) in of_lines {
            let mut old = read(&text, "hwid=id");
            old.marks.set([DeviceId::from_index(1)], true);
            let (new, lost) = old.remap(read(&text, "hwid=tag"), &mut []);
            let marked: Vec<&str> = new
                .marks
                .iter()
                .map(|id| new.devices.device(id).hostname())
                .collect();
            assert_eq!(marked, expected.into_iter().collect::<Vec<_>>());
            assert_eq!(lost.len(), usize::from(expected.is_none()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn remap_keeps_everything_on_the_same_device_or_drops_it(
            before in Just((0_u8..20).collect::<Vec<_>>()).prop_shuffle(),
            after in Just((0_u8..30).collect::<Vec<_>>()).prop_shuffle(),
            (left, arrived) in (1_usize..20, 0_usize..30),
            marked in prop::collection::vec(any::<bool>(), 20),
            planned in prop::collection::vec(any::<bool>(), 20),
            states in prop::collection::vec(0_u8..3, 1..5),
            removed in prop::collection::btree_set(0_u8..30, 0..5),
            (pinned, range) in (0_usize..20, 0_usize..20),
        ) {
            let (before, after) = (&before[..left], &after[..arrived]);
            let mut old = state_of(before, &BTreeSet::new());
            let chosen = |flags: &[bool]| -> Vec<DeviceId> {
                old.devices.ids().filter(|id| flags[id.index()]).collect()
            };
            let (marked, planned) = (chosen(&marked), chosen(&planned));
            old.marks.set(marked.iter().copied(), true);
            old.pinned_device = old.devices.ids().nth(pinned);
            old.range_start = old.devices.ids().nth(range);
            let run = run_on(&mut old, &planned, &states);
            let mut runs = [run.clone()];

            let fresh = state_of(after, &removed);
            let journal = names(&fresh, fresh.removed.keys().copied());
            let (new, lost) = old.remap(fresh, &mut runs);

            let listed = names(&new, new.devices.ids());
            let still = |names: &BTreeSet<String>| -> BTreeSet<String> {
                names.intersection(&listed).cloned().collect()
            };
            let marks = names(&old, marked);
            let expected: BTreeSet<_> = still(&marks).difference(&journal).cloned().collect();
            prop_assert_eq!(names(&new, new.marks.iter()), expected);
            prop_assert_eq!(lost.into_iter().collect::<BTreeSet<_>>(), &marks - &listed);

            let place = |list: &ListState, id: Option<DeviceId>| names(list, id);
            prop_assert_eq!(place(&new, new.pinned_device), still(&place(&old, old.pinned_device)));
            prop_assert_eq!(place(&new, new.range_start), still(&place(&old, old.range_start)));

            let states = |list: &ListState| -> HashMap<String, DeviceState> {
                list.session_states.iter().map(|(&id, &state)| (name(list, id), state)).collect()
            };
            let mut expected = states(&old);
            expected.retain(|name, _| listed.contains(name));
            prop_assert_eq!(states(&new), expected);

            for (before, after) in run.sources.iter().zip(&runs[0].sources) {
                prop_assert_eq!(place(&new, *after), still(&place(&old, *before)));
            }
            let accepted = run.source_states();
            let accepted = accepted.filter(|(_, state)| *state == DeviceState::Ended(Outcome::Accepted));
            let gone = &still(&names(&old, accepted.map(|(id, _)| id))) | &journal;
            prop_assert_eq!(names(&new, new.removed.keys().copied()), gone);
            prop_assert_eq!(names(&new, new.rows.iter().copied()), listed);
        }
    }
}
