//! What a recheck found, as a part of a plan's line.

use serde::Serialize;

use crate::journal::RecheckRecord;
use crate::plan::Recheck;

/// The recheck of a plan. The devices that it dropped have a line `left_out` each.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct RecheckLine {
    /// Name of the list that it was rechecked against.
    list: String,
    /// SHA-256 of that list.
    list_hash: String,
    /// Time of that list.
    list_time: Option<String>,
    /// Devices that were confirmed.
    planned: u64,
    /// Devices that were dropped.
    dropped: u64,
    /// SHA-256 over the plan that was confirmed.
    planned_hash: String,
}

impl RecheckLine {
    fn new<D>(recheck: &Recheck<D>, dropped: u64) -> Self {
        Self {
            list: recheck.list_name.clone(),
            list_hash: recheck.list_hash.clone(),
            list_time: recheck.list_time.map(|time| time.to_string()),
            planned: recheck.planned_devices,
            dropped,
            planned_hash: recheck.planned_hash.clone(),
        }
    }
}

impl From<&Recheck> for RecheckLine {
    fn from(recheck: &Recheck) -> Self {
        Self::new(recheck, recheck.dropped.len() as u64)
    }
}

impl From<&RecheckRecord> for RecheckLine {
    fn from(recheck: &RecheckRecord) -> Self {
        Self::new(recheck, recheck.dropped_devices())
    }
}
