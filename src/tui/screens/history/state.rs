//! Runs of the journal, as the screen shows them.

use std::collections::HashMap;

use crate::domain::run::RunState;
use crate::engine::lookup_verdict::Finding;
use crate::journal::{DeviceRecord, Found, FoundDevices, RunRecord};
use crate::tui::call_detail::CallDetail;

/// A run of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    /// What the history shows of it.
    pub record: RunRecord,
    /// Where it stands: one that no process holds any more isn't running.
    pub state: RunState,
    /// The process that has it, if one does.
    pub holder: Option<String>,
}

/// A run of the journal with everything about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecalledRun {
    /// The run.
    pub past: PastRun,
    /// Its devices, in the plan's order.
    pub devices: Vec<DeviceRecord>,
    /// Its calls.
    pub calls: Vec<CallDetail>,
    /// What lookups saw, by ordinal.
    pub findings: HashMap<u32, Finding>,
}

/// What a run is recalled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// To look at what failed.
    Review,
    /// To take it up again.
    Resume,
}

/// The history, once read, and the cursor in it.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Newest first; none while it is being read.
    pub runs: Option<Vec<PastRun>>,
    /// The line under the cursor.
    pub at: usize,
    /// Devices that were searched; the runs are behind it.
    pub search: Option<Search>,
}

/// Devices searched in all runs.
#[derive(Clone, Debug)]
pub struct Search {
    /// What is looked for.
    pub text: String,
    /// The newest run's first; none while they are being read.
    pub found: Option<FoundDevices>,
    /// The line under the cursor.
    pub at: usize,
}

impl History {
    /// The run under the cursor, or that of the device under it.
    pub fn current(&self) -> Option<&PastRun> {
        let runs = self.runs.as_ref()?;
        if self.search.is_none() {
            return runs.get(self.at);
        }
        let found = self.current_device()?;
        runs.iter().find(|run| run.record.id == found.run)
    }

    /// The device under the cursor, where devices were searched.
    pub fn current_device(&self) -> Option<&Found> {
        let search = self.search.as_ref()?;
        search.found.as_ref()?.devices.get(search.at)
    }

    /// The cursor, and how many lines it moves over.
    pub fn cursor(&mut self) -> (&mut usize, usize) {
        match &mut self.search {
            Some(search) => {
                let count = search.found.as_ref().map_or(0, |found| found.devices.len());
                (&mut search.at, count)
            }
            None => {
                let count = self.runs.as_ref().map_or(0, Vec::len);
                (&mut self.at, count)
            }
        }
    }
}
