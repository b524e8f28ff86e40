//! What can be written to a file, and how.

use std::path::Path;

use crate::domain::run::RunId;
use crate::export::{self, RunFormat};
use crate::journal::DeviceRecord;
use crate::list::{DeviceId, DeviceList};
use crate::text::counted;
use crate::tui::Backend;

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportContent {
    /// Entries that an import didn't match, a line each.
    Unmatched(String),
    /// Devices of the list: `marked` or `shown` ones.
    Devices(&'static str, Vec<DeviceId>),
    /// Devices of a run, with their outcomes.
    Outcomes(Vec<DeviceRecord>),
    /// A run of the journal.
    Run(RunId),
}

impl ExportContent {
    /// What it is, for people.
    pub fn name(&self) -> String {
        match self {
            Self::Unmatched(_) => "the entries that were not matched".to_owned(),
            Self::Devices(which, devices) => {
                counted(devices.len() as u64, &format!("{which} device"))
            }
            Self::Outcomes(devices) => {
                format!(
                    "{} with their outcomes",
                    counted(devices.len() as u64, "device")
                )
            }
            Self::Run(run) => format!("run {run}: .csv, .json, .jsonl, or .md for a report"),
        }
    }
}

/// Writes a new file and returns the message about it.
pub fn write_file(
    path: &Path,
    content: &ExportContent,
    list: &DeviceList,
    backend: &dyn Backend,
) -> Result<String, String> {
    let bytes = match content {
        ExportContent::Run(run) => match RunFormat::of(path) {
            Some(format) => backend.export(*run, format)?,
            None => return Err("end the name with .csv, .json, .jsonl or .md".to_owned()),
        },
        content => bytes(path, content, list)?,
    };
    crate::platform::file::write_new(path, |out| out.write_all(&bytes))
        .map_err(|error| error.to_string())?;
    let path = path.display().to_string();
    Ok(format!("{} written", crate::text::visible(&path)))
}

/// The file's ending says how rows are written.
fn bytes(path: &Path, content: &ExportContent, list: &DeviceList) -> Result<Vec<u8>, String> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let mut bytes = Vec::new();
    let written = match (content, ending) {
        (ExportContent::Unmatched(text), _) => return Ok(text.clone().into_bytes()),
        (ExportContent::Devices(_, devices), Some("csv")) => {
            let table = export::ListTable::of(list, devices.iter().copied());
            let rows = devices.iter().map(|&id| table.cells(&list.device(id)));
            export::write_csv(&mut bytes, &table.headers(), rows)
        }
        (ExportContent::Devices(_, devices), Some("json")) => {
            let mut objects = Vec::new();
            for &id in devices {
                objects.extend(export::list_objects(list, &list.device(id))?);
            }
            export::write_json(&mut bytes, objects.into_iter())
        }
        (ExportContent::Outcomes(devices), Some("csv")) => {
            let rows = devices.iter().map(export::run_cells);
            export::write_csv(&mut bytes, &export::RUN_HEADERS, rows)
        }
        (ExportContent::Outcomes(devices), Some("json")) => {
            export::write_json(&mut bytes, devices.iter().map(export::run_object))
        }
        _ => return Err("end the name with .csv or .json".to_owned()),
    };
    written.map_err(|error| error.to_string())?;
    Ok(bytes)
}
