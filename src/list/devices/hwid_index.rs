//! An index of a list's devices by HWID.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::store::Store;
use crate::list::fields::field::Field;

/// Devices by HWID; the HWIDs themselves are in the store.
#[derive(Debug, Default)]
pub(in crate::list) struct HwidIndex {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl HwidIndex {
    /// The number of devices.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// The device whose HWID is exactly `hwid`.
    pub fn find(&self, store: &Store, hwid: &str) -> Option<u32> {
        self.table
            .find(self.hasher.hash_one(hwid), |&index| {
                store.block(index).text(Field::Hwid) == hwid
            })
            .copied()
    }

    /// Replaces the index of every device.
    pub fn renumber(&mut self, new: impl Fn(u32) -> u32) {
        for index in &mut self.table {
            *index = new(*index);
        }
    }

    /// Reserves space for `more` devices.
    pub fn reserve(&mut self, store: &Store, more: usize) {
        let hasher = &self.hasher;
        self.table.reserve(more, |&index| {
            hasher.hash_one(store.block(index).text(Field::Hwid))
        });
    }

    /// Inserts device `index`, whose HWID is not in the index yet.
    pub fn insert(&mut self, store: &Store, index: u32) {
        let hasher = &self.hasher;
        let hash = |index: u32| hasher.hash_one(store.block(index).text(Field::Hwid));
        self.table
            .insert_unique(hash(index), index, |&other| hash(other));
    }
}
