//! Runs of the journal, as the screen shows them.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::run::RunState;
use crate::engine::lookup_verdict::Finding;
use crate::journal::{DeviceRecord, FoundDevices, ResumeRecord, RunBreakdown, RunRecord};
use crate::tui::call_detail::CallDetail;
use crate::tui::widgets::time::time_on;

/// A run of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    /// What the history shows of it.
    pub record: RunRecord,
    /// Its state: a run that no process holds any more isn't running.
    pub state: RunState,
    /// The process that has it, if one does.
    pub holder: Option<String>,
}

/// A run of the journal with its devices counted by outcome and group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedRun {
    pub past: PastRun,
    pub counts: RunBreakdown,
    /// Who continued it, oldest first.
    pub resumes: Vec<ResumeRecord>,
}

/// A run of the journal with everything about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecalledRun {
    pub past: PastRun,
    /// Its devices, in the plan's order.
    pub devices: Vec<DeviceRecord>,
    pub calls: Vec<CallDetail>,
    /// What lookups saw, by ordinal.
    pub findings: HashMap<u32, Finding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// To look at what failed.
    Review,
    /// To take it up again.
    Resume,
    /// To find its devices in the open list.
    Compare,
    /// To bring up to date what is shown of it.
    Update,
}

/// Devices searched in all runs.
#[derive(Clone, Debug)]
pub struct Search {
    pub text: String,
    /// The newest run's first; none while they are being read.
    pub found: Option<FoundDevices>,
    /// The line under the cursor.
    pub at: usize,
}

impl PastRun {
    /// The process that drives the run, with the time of its start where that is today.
    pub fn driver(&self, today: Timestamp) -> Option<String> {
        let holder = self.holder.as_ref()?;
        let shown = holder.split_once(" since ").and_then(|(process, since)| {
            let since: Timestamp = since.parse().ok()?;
            Some(format!("{process} since {}", time_on(today, since)))
        });
        Some(format!("driven by {}", shown.as_ref().unwrap_or(holder)))
    }

    /// Why this process can't go on with it, if another one drives it.
    /// `stop` is the key that requests a stop.
    pub fn held_refusal(&self, today: Timestamp, stop: &str) -> Option<String> {
        let driver = self.driver(today)?;
        let id = self.record.id;
        Some(format!("Run {id} is {driver} · {stop} requests a stop"))
    }

    /// Why the run can't be closed, if so.
    pub fn close_refusal(&self, today: Timestamp, stop: &str) -> Option<String> {
        let id = self.record.id;
        if let Some(refusal) = self.held_refusal(today, stop) {
            return Some(refusal);
        }
        let is_over = !self.state.is_open();
        is_over.then(|| format!("Run {id} is {}", self.state.as_str()))
    }
}
