//! Marks: which devices are chosen. They belong to devices, not to rows, so that they survive
//! sorting, filtering and arriving results; and each change of them can be undone.

use crate::list::DeviceId;

/// How many changes can be undone.
const HISTORY: usize = 100;
/// How many marks they may have turned around together; the last change can be undone always.
const REMEMBERED: usize = 8_000_000;

/// The marked devices, and how they came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    words: Vec<u64>,
    count: usize,
    /// How often they have changed.
    changes: u64,
    undo: Vec<Change>,
    redo: Vec<Change>,
}

/// The devices whose mark a change turned around.
type Change = Vec<DeviceId>;

impl Marks {
    /// None of `devices` entries is marked.
    pub fn new(devices: usize) -> Self {
        Self {
            words: vec![0; devices.div_ceil(64)],
            ..Self::default()
        }
    }

    /// True if the device is marked.
    pub fn contains(&self, id: DeviceId) -> bool {
        self.words
            .get(id.index() / 64)
            .is_some_and(|word| word >> (id.index() % 64) & 1 == 1)
    }

    /// The same marks, without what was before them.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self {
            words: self.words.clone(),
            count: self.count,
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
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| DeviceId::from_index(index * 64 + bit))
        })
    }

    /// Marks or unmarks these, as one change. Returns how many changed.
    pub fn set(&mut self, ids: impl IntoIterator<Item = DeviceId>, marked: bool) -> usize {
        let change: Change = ids
            .into_iter()
            .filter(|&id| self.contains(id) != marked)
            .collect();
        self.apply(change)
    }

    /// Turns these around, as one change.
    pub fn toggle(&mut self, ids: impl IntoIterator<Item = DeviceId>) -> usize {
        self.apply(ids.into_iter().collect())
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
        for change in self.undo.iter_mut().chain(&mut self.redo) {
            change.retain(|id| done.binary_search(id).is_err());
        }
        // A change that turned nothing else around is none any more.
        self.undo.retain(|change| !change.is_empty());
        self.redo.retain(|change| !change.is_empty());
    }

    /// Takes the last change back. Returns how many marks it turned around.
    pub fn undo(&mut self) -> Option<usize> {
        let change = self.undo.pop()?;
        self.flip(&change);
        let count = change.len();
        self.redo.push(change);
        Some(count)
    }

    /// Does the last undone change again.
    pub fn redo(&mut self) -> Option<usize> {
        let change = self.redo.pop()?;
        self.flip(&change);
        let count = change.len();
        self.undo.push(change);
        Some(count)
    }

    fn apply(&mut self, change: Change) -> usize {
        let count = change.len();
        if count > 0 {
            self.flip(&change);
            self.redo.clear();
            self.undo.push(change);
            // On a list of a million, a hundred changes of all marks would take 400 MB.
            while self.undo.len() > HISTORY
                || self.undo.len() > 1 && self.undo.iter().map(Vec::len).sum::<usize>() > REMEMBERED
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

    fn flip(&mut self, ids: &[DeviceId]) {
        self.changes += 1;
        for id in ids {
            let Some(word) = self.words.get_mut(id.index() / 64) else {
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

    proptest! {
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
