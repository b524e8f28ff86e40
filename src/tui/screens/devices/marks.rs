//! Marks: which devices are chosen. They belong to devices, not to rows, so that they survive
//! sorting, filtering and arriving results; and each change of them can be undone. A mark that an
//! import made knows the rule that found the device, and in what.

use std::collections::HashMap;
use std::sync::Arc;

use crate::import::MatchRule;
use crate::list::DeviceId;
use crate::plan::MatchedFrom;

/// How many changes can be undone.
const HISTORY: usize = 100;
/// How many inverted marks these changes may hold together; the last change can always be undone.
const REMEMBERED: usize = 8_000_000;

/// The marked devices, and how they came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// A bit per device, 64 in each.
    bits: Vec<u64>,
    count: usize,
    /// How each device was marked the last time, by its place in the list.
    ways: Vec<MarkedBy>,
    /// Of marked devices only.
    found: HashMap<DeviceId, FoundBy>,
    /// How often they have changed.
    changes: u64,
    undo: Vec<Change>,
    redo: Vec<Change>,
}

/// What set a mark that no import set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MarkedBy {
    /// One key for one row.
    #[default]
    Hand,
    /// A range of rows.
    Range,
    /// All rows that a filter showed.
    Filter,
    /// All rows of the list.
    All,
    /// The marks of all shown rows were inverted.
    Inverted,
    /// A saved view.
    SavedView,
}

/// How an import found a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBy {
    /// The rule.
    pub rule: MatchRule,
    /// What named the device.
    pub from: Arc<MatchedFrom>,
}

/// What a change inverts: applied twice, it has no effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Change {
    /// The devices whose mark it inverts.
    inverted: Vec<DeviceId>,
    /// How devices are found on the other side of the change, where that differs.
    found: HashMap<DeviceId, Option<FoundBy>>,
}

impl Marks {
    /// None of `devices` entries is marked.
    pub fn new(devices: usize) -> Self {
        Self {
            bits: vec![0; devices.div_ceil(64)],
            ways: vec![MarkedBy::Hand; devices],
            ..Self::default()
        }
    }

    /// True if the device is marked.
    pub fn contains(&self, id: DeviceId) -> bool {
        self.bits
            .get(id.index() / 64)
            .is_some_and(|word| word >> (id.index() % 64) & 1 == 1)
    }

    /// The same marks, without what was before them.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self {
            bits: self.bits.clone(),
            count: self.count,
            ways: self.ways.clone(),
            found: self.found.clone(),
            ..Self::default()
        }
    }

    /// How many are marked.
    pub fn len(&self) -> usize {
        self.count
    }

    /// True if none is.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The marked ones, in list order.
    pub fn iter(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.bits.iter().enumerate().flat_map(|(index, &word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| DeviceId::from_index(index * 64 + bit))
        })
    }

    /// How an import found the device; none if it isn't marked, or was marked by hand.
    pub fn found_by(&self, id: DeviceId) -> Option<&FoundBy> {
        self.found.get(&id)
    }

    /// What set the device's mark, if no import did.
    pub fn marked_by(&self, id: DeviceId) -> MarkedBy {
        self.ways.get(id.index()).copied().unwrap_or_default()
    }

    /// Notes what set the marks of these devices.
    pub fn note_way(&mut self, ids: impl IntoIterator<Item = DeviceId>, way: MarkedBy) {
        for id in ids {
            if let Some(known) = self.ways.get_mut(id.index()) {
                *known = way;
            }
        }
    }

    /// Marks these, as one change. Returns how many were not marked before.
    pub fn mark_by(&mut self, ids: impl IntoIterator<Item = DeviceId>, way: MarkedBy) -> usize {
        let added: Vec<DeviceId> = ids.into_iter().filter(|&id| !self.contains(id)).collect();
        self.note_way(added.iter().copied(), way);
        self.toggle(added)
    }

    /// Marks or unmarks these, as one change. Returns how many changed.
    pub fn set(&mut self, ids: impl IntoIterator<Item = DeviceId>, marked: bool) -> usize {
        let inverted: Vec<DeviceId> = ids
            .into_iter()
            .filter(|&id| self.contains(id) != marked)
            .collect();
        self.toggle(inverted)
    }

    /// Inverts these marks, as one change.
    pub fn toggle(&mut self, ids: impl IntoIterator<Item = DeviceId>) -> usize {
        self.apply(ids.into_iter().collect(), HashMap::new())
    }

    /// Marks these and what an import found, as one change.
    pub fn mark(
        &mut self,
        by_hand: impl IntoIterator<Item = DeviceId>,
        found: HashMap<DeviceId, FoundBy>,
    ) {
        let all = by_hand.into_iter().chain(found.keys().copied());
        let inverted = all.filter(|&id| !self.contains(id)).collect();
        self.apply(inverted, found);
    }

    /// Marks what an import found, as one change; those that are marked already are from now on
    /// known to be found by it. With `alone`, all others are unmarked. Returns how many are marked
    /// by it that were not.
    pub fn import(&mut self, found: HashMap<DeviceId, FoundBy>, alone: bool) -> usize {
        let mut added: Vec<DeviceId> = found.keys().copied().collect();
        added.retain(|&id| !self.contains(id));
        added.sort_unstable();
        let count = added.len();
        let mut inverted = added;
        if alone {
            inverted.extend(self.iter().filter(|id| !found.contains_key(id)));
        }
        self.apply(inverted, found);
        count
    }

    /// Unmarks devices because they are done, which no undo brings back.
    pub fn forget(&mut self, ids: &[DeviceId]) {
        let marked: Vec<DeviceId> = ids
            .iter()
            .copied()
            .filter(|&id| self.contains(id))
            .collect();
        self.flip(&marked);
        let mut done = ids.to_vec();
        done.sort_unstable();
        let is_done = |id: &DeviceId| done.binary_search(id).is_ok();
        self.found.retain(|id, _| !is_done(id));
        for change in self.undo.iter_mut().chain(&mut self.redo) {
            change.inverted.retain(|id| !is_done(id));
            change.found.retain(|id, _| !is_done(id));
        }
        // A change that inverted nothing else is removed.
        self.undo.retain(|change| !change.is_empty());
        self.redo.retain(|change| !change.is_empty());
    }

    /// Undoes the last change. Returns how many marks it inverted.
    pub fn undo(&mut self) -> Option<usize> {
        let mut change = self.undo.pop()?;
        self.swap(&mut change);
        let count = change.inverted.len();
        self.redo.push(change);
        Some(count)
    }

    /// Redoes the last undone change.
    pub fn redo(&mut self) -> Option<usize> {
        let mut change = self.redo.pop()?;
        self.swap(&mut change);
        let count = change.inverted.len();
        self.undo.push(change);
        Some(count)
    }

    /// Inverts these marks; `found` says how devices that are marked then were found.
    fn apply(&mut self, inverted: Vec<DeviceId>, found: HashMap<DeviceId, FoundBy>) -> usize {
        let count = inverted.len();
        let dropped = inverted.iter().filter(|id| self.found.contains_key(id));
        let mut other: HashMap<_, _> = dropped.map(|&id| (id, None)).collect();
        other.extend(found.into_iter().map(|(id, by)| (id, Some(by))));
        other.retain(|id, by| self.found.get(id) != by.as_ref());
        let mut change = Change {
            inverted,
            found: other,
        };
        if !change.is_empty() {
            self.swap(&mut change);
            self.redo.clear();
            self.undo.push(change);
            // On a list of a million, a hundred changes of all marks would take 400 MB.
            while self.undo.len() > HISTORY
                || self.undo.len() > 1
                    && self.undo.iter().map(Change::len).sum::<usize>() > REMEMBERED
            {
                self.undo.remove(0);
            }
        }
        count
    }

    /// A number that differs once they have changed.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    fn swap(&mut self, change: &mut Change) {
        self.flip(&change.inverted);
        for (id, other) in &mut change.found {
            let now = self.found.remove(id);
            if let Some(by) = std::mem::replace(other, now) {
                self.found.insert(*id, by);
            }
        }
    }

    fn flip(&mut self, ids: &[DeviceId]) {
        self.changes += 1;
        for id in ids {
            let Some(word) = self.bits.get_mut(id.index() / 64) else {
                continue;
            };
            let bit = 1 << (id.index() % 64);
            *word ^= bit;
            if *word & bit == 0 {
                self.count -= 1;
            } else {
                self.count += 1;
            }
        }
    }
}

impl Change {
    fn is_empty(&self) -> bool {
        self.inverted.is_empty() && self.found.is_empty()
    }

    /// How much it takes to remember.
    fn len(&self) -> usize {
        // An entry of the map takes about as much as eight devices.
        self.inverted.len() + 8 * self.found.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn ids(range: std::ops::Range<usize>) -> impl Iterator<Item = DeviceId> {
        range.map(DeviceId::from_index)
    }

    #[test]
    fn changes_are_undone_and_redone_one_by_one() {
        let mut marks = Marks::new(100);
        marks.set(ids(0..70), true);
        marks.set(ids(60..80), true);
        assert_eq!(marks.len(), 80);
        assert_eq!(marks.undo(), Some(10));
        assert_eq!(marks.len(), 70);
        assert_eq!(marks.redo(), Some(10));
        assert_eq!((marks.len(), marks.redo()), (80, None));
    }

    #[test]
    fn what_is_done_does_not_come_back_by_undo() {
        let mut marks = Marks::new(10);
        marks.set(ids(0..5), true);
        marks.forget(&[DeviceId::from_index(1)]);
        assert_eq!(marks.len(), 4);
        marks.undo();
        assert!(marks.is_empty());
        marks.redo();
        assert!(!marks.contains(DeviceId::from_index(1)));
    }

    #[test]
    fn a_change_of_nothing_but_what_is_done_is_none() {
        let mut marks = Marks::new(10);
        marks.set(ids(0..1), true);
        marks.set(ids(1..3), true);
        marks.forget(&[DeviceId::from_index(1), DeviceId::from_index(2)]);
        assert_eq!(marks.undo(), Some(1), "the change before it");
        assert!(marks.is_empty());
        assert_eq!(marks.undo(), None);
    }

    fn found(rule: MatchRule, ids: impl Iterator<Item = DeviceId>) -> HashMap<DeviceId, FoundBy> {
        let from = Arc::new(MatchedFrom {
            name: "leavers.csv".to_owned(),
            hash: String::new(),
        });
        let by = FoundBy { rule, from };
        ids.map(|id| (id, by.clone())).collect()
    }

    fn rules(marks: &Marks) -> Vec<(usize, Option<MatchRule>)> {
        let rule = |id| marks.found_by(id).map(|by| by.rule);
        marks.iter().map(|id| (id.index(), rule(id))).collect()
    }

    #[test]
    fn marks_of_an_import_know_their_rule_until_they_are_unmarked() {
        const BY: Option<MatchRule> = Some(MatchRule::Serial);
        let mut marks = Marks::new(10);
        marks.set(ids(0..2), true);
        assert_eq!(marks.import(found(MatchRule::Serial, ids(1..4)), false), 2);
        let imported = [(0, None), (1, BY), (2, BY), (3, BY)];
        assert_eq!(rules(&marks), imported);
        marks.set(ids(2..3), false);
        assert_eq!(marks.found_by(DeviceId::from_index(2)), None);
        marks.set(ids(2..3), true);
        assert_eq!(rules(&marks), [(0, None), (1, BY), (2, None), (3, BY)]);
        marks.undo();
        marks.undo();
        assert_eq!(rules(&marks), imported, "taken back");
        marks.undo();
        assert_eq!(rules(&marks), [(0, None), (1, None)]);
        marks.redo();
        assert_eq!(rules(&marks), imported, "done again");
        assert_eq!(rules(&marks.snapshot()), imported);
        marks.forget(&[DeviceId::from_index(1)]);
        marks.undo();
        marks.redo();
        assert_eq!(rules(&marks), [(0, None), (2, BY), (3, BY)]);
    }

    #[test]
    fn an_import_of_what_is_marked_alone_unmarks_the_rest() {
        let mut marks = Marks::new(10);
        marks.import(found(MatchRule::Mac, ids(0..3)), false);
        assert_eq!(marks.import(found(MatchRule::User, ids(2..4)), true), 1);
        let user = Some(MatchRule::User);
        assert_eq!(rules(&marks), [(2, user), (3, user)]);
        marks.undo();
        assert!(
            rules(&marks)
                .iter()
                .all(|(_, rule)| *rule == Some(MatchRule::Mac))
        );
        assert_eq!(marks.len(), 3);
    }

    proptest! {
        #[test]
        fn only_marked_devices_are_found_by_a_rule_and_undo_goes_back(
            steps in prop::collection::vec((0_u8..5, 0_usize..40, 0_usize..40), 0..40),
        ) {
            let mut marks = Marks::new(40);
            let mut before = vec![rules(&marks)];
            for (what, from, to) in steps {
                let changes = marks.undo.len();
                match what {
                    0 => { marks.set(ids(from..to), true); }
                    1 => { marks.set(ids(from..to), false); }
                    2 => { marks.toggle(ids(from..to)); }
                    3 => { marks.import(found(MatchRule::Serial, ids(from..to)), false); }
                    _ => { marks.import(found(MatchRule::User, ids(from..to)), true); }
                }
                prop_assert!(marks.found.keys().all(|&id| marks.contains(id)));
                if marks.undo.len() > changes {
                    before.push(rules(&marks));
                }
            }
            let last = rules(&marks);
            before.pop();
            let mut count = 0;
            while let Some(expected) = before.pop() {
                marks.undo();
                count += 1;
                prop_assert_eq!(rules(&marks), expected);
            }
            for _ in 0..count { marks.redo(); }
            prop_assert_eq!(rules(&marks), last);
        }

        #[test]
        fn it_is_a_set(changes in prop::collection::vec((any::<bool>(), 0_usize..200, 0_usize..200), 0..30)) {
            let (mut marks, mut set) = (Marks::new(200), BTreeSet::new());
            for (marked, from, to) in changes {
                marks.set(ids(from..to), marked);
                for id in from..to { if marked { set.insert(id); } else { set.remove(&id); } }
                let now: Vec<usize> = marks.iter().map(DeviceId::index).collect();
                prop_assert_eq!(&now, &set.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(marks.len(), set.len());
            }
            while marks.undo().is_some() {}
            prop_assert!(marks.is_empty());
        }
    }
}
