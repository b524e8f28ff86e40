//! What can be written to a file, and how.

use std::path::Path;

use crate::domain::run::RunId;
use crate::export;
use crate::journal::DeviceRecord;
use crate::list::{DeviceId, DeviceList};
use crate::plan::Plan;
use crate::text::{counted, grouped};
use crate::tui::error::SaveError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportContent {
    /// Entries that an import didn't match, a line each.
    Unmatched(String),
    /// Devices of the list: `marked`, `shown` or `all` ones.
    Devices(&'static str, Vec<DeviceId>),
    /// Devices of a run, with their outcomes: `marked` ones, those `under the cursor`, those `not accepted` or all `listed` ones.
    Outcomes(&'static str, Vec<DeviceRecord>),
    /// A run of the journal.
    Run(RunId),
    /// A plan that is sent later.
    Plan(Box<Plan>),
}

impl ExportContent {
    /// What it is, to choose it by.
    pub fn label(&self) -> String {
        let rows = |count: usize, which| format!("{} {which}", grouped(count as u64));
        match self {
            Self::Unmatched(_) => "the entries that were not matched".to_owned(),
            Self::Devices(which, devices) => rows(devices.len(), which),
            Self::Outcomes(which, devices) => rows(devices.len(), which),
            Self::Run(run) => format!("run {run}"),
            Self::Plan(plan) => format!(
                "the plan to {} {}",
                plan.action,
                counted(plan.devices.len() as u64, "device")
            ),
        }
    }

    /// What a dialog does that asks where it goes.
    pub fn title(&self) -> String {
        let exported = |devices: usize| format!("export {}", counted(devices as u64, "device"));
        match self {
            Self::Unmatched(entries) => {
                let lines = entries.lines().count();
                format!("export {}", counted(lines as u64, "unmatched line"))
            }
            Self::Devices(_, devices) => exported(devices.len()),
            Self::Outcomes(_, devices) => exported(devices.len()),
            Self::Run(run) => format!("export run {run}"),
            Self::Plan(plan) => {
                let devices = counted(plan.devices.len() as u64, "device");
                format!("save the plan for {devices}")
            }
        }
    }

    /// What the file's ending can be, or what the file is for.
    pub fn format(&self) -> &'static str {
        match self {
            Self::Unmatched(_) => "one entry per line",
            Self::Devices(..) => ".csv or .json",
            Self::Outcomes(..) => ".csv or .json, with outcomes",
            Self::Run(_) => ".html or .md for a report, .csv, .json or .jsonl for the devices",
            Self::Plan(_) => "for `offboard run --plan`",
        }
    }

    /// The file's text; its ending says how rows are written. A run of the journal and a
    /// plan have none here.
    pub fn bytes(&self, path: &Path, list: &DeviceList) -> Result<Vec<u8>, SaveError> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let mut bytes = Vec::new();
        let written = match (self, ending) {
            (Self::Unmatched(text), _) => return Ok(text.clone().into_bytes()),
            (Self::Devices(_, devices), Some("csv")) => {
                let table = export::ListTable::of(list, devices.iter().copied());
                let rows = devices.iter().map(|&id| table.cells(&list.device(id)));
                export::write_csv(&mut bytes, &table.headers(), rows)
            }
            (Self::Devices(_, devices), Some("json")) => {
                let mut objects = Vec::new();
                for &id in devices {
                    objects.extend(export::list_objects(list, &list.device(id))?);
                }
                export::write_json(&mut bytes, objects.into_iter())
            }
            (Self::Outcomes(_, devices), Some("csv")) => {
                let rows = devices.iter().map(export::run_cells);
                export::write_csv(&mut bytes, &export::RUN_HEADERS, rows)
            }
            (Self::Outcomes(_, devices), Some("json")) => {
                export::write_json(&mut bytes, devices.iter().map(export::run_object))
            }
            _ => return Err(SaveError::RowFormat),
        };
        written?;
        Ok(bytes)
    }
}
