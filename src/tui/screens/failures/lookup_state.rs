//! Lookups under way: how far they have come.

use crate::domain::run::RunId;
use crate::engine::lookup_verdict::LookupKey;
use crate::platform::clock::BootTime;
use crate::runner::{LookupCalls, REFERENCE_CALLS};
use crate::text::counted;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupProgress {
    pub run: RunId,
    /// Which devices are looked up, by ordinal.
    pub devices: Vec<u32>,
    pub by: LookupKey,
    /// The calls that they take.
    pub calls: LookupCalls,
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
        let calls = LookupCalls {
            left: devices.len() + REFERENCE_CALLS,
            ..LookupCalls::default()
        };
        Self {
            run,
            devices,
            by,
            calls,
            unclear: 0,
            gone: 0,
            there: 0,
            until: None,
            yields: false,
        }
    }

    /// `2 gone, 1 still there`, of those that were looked up.
    pub fn results(&self) -> String {
        let counts = [
            (self.gone, "gone"),
            (self.there, "still there"),
            (self.unclear, "unclear"),
            (self.calls.unconfirmed, "unconfirmed"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        counts.join(", ")
    }

    /// `4 devices looked up: 2 gone, 1 still there, 1 unclear`.
    pub fn summary(&self) -> String {
        let done = self.gone + self.there + self.unclear;
        let all = counted(self.devices.len() as u64, "device");
        let of = if done < self.devices.len() {
            format!("{done} of {all} looked up")
        } else {
            format!("{all} looked up")
        };
        match self.results() {
            results if results.is_empty() => of,
            results => format!("{of}: {results}"),
        }
    }
}
