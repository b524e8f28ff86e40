//! Marks: which devices are chosen. They belong to devices, not to rows, so that they survive
//! sorting, filtering and arriving results; and each change of them can be undone. A mark that an
//! import made knows the rule that found the device, and in what.

#[cfg(test)]
mod tests;

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
    /// The filters by which devices were marked.
    filters: Vec<String>,
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
    Range,
    /// All rows that a filter showed.
    Filter(FilterId),
    /// All rows of the list.
    All,
    /// The marks of all shown rows were inverted.
    Inverted,
    SavedView,
}

/// A filter by which devices were marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterId(u16);

/// How an import found a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBy {
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
            filters: self.filters.clone(),
            found: self.found.clone(),
            ..Self::default()
        }
    }

    /// No marks of as many entries; the filters are known by the same IDs.
    #[must_use]
    pub fn emptied(&self, devices: usize) -> Self {
        Self {
            filters: self.filters.clone(),
            ..Self::new(devices)
        }
    }

    pub fn len(&self) -> usize {
        self.count
    }

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

    /// The way of marks that are set by this filter.
    pub fn by_filter(&mut self, filter: &str) -> MarkedBy {
        let known = self.filters.iter().position(|known| known == filter);
        let place = known.unwrap_or_else(|| {
            self.filters.push(filter.to_owned());
            self.filters.len() - 1
        });
        // Of so many filters none is said.
        u16::try_from(place).map_or(MarkedBy::Hand, |place| MarkedBy::Filter(FilterId(place)))
    }

    pub fn filter(&self, id: FilterId) -> &str {
        self.filters
            .get(usize::from(id.0))
            .map_or("", String::as_str)
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

    /// True if a change can be undone.
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// True if an undone change can be redone.
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
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
