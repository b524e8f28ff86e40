//! Lookups under way: how far they have come.

use crate::domain::run::RunId;
use crate::engine::lookup_verdict::LookupKey;
use crate::platform::clock::BootTime;

/// Lookups under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupProgress {
    /// Of which run.
    pub run: RunId,
    /// Which devices are looked up, by ordinal.
    pub devices: Vec<u32>,
    /// By which identifier.
    pub by: LookupKey,
    /// How many are done.
    pub done: usize,
    /// How many answers couldn't be read.
    pub unclear: usize,
    /// How many devices the tenant doesn't have.
    pub gone: usize,
    /// How many it still has, as they or as others.
    pub there: usize,
    /// Nothing is looked up before this moment.
    pub until: Option<BootTime>,
    /// A run of another process is sending, and goes first.
    pub yields: bool,
}

impl LookupProgress {
    /// Nothing has been looked up yet.
    pub fn new(run: RunId, devices: Vec<u32>, by: LookupKey) -> Self {
        Self {
            run,
            devices,
            by,
            done: 0,
            unclear: 0,
            gone: 0,
            there: 0,
            until: None,
            yields: false,
        }
    }

    /// How many are looked up in all.
    pub fn total(&self) -> usize {
        self.devices.len()
    }
}
