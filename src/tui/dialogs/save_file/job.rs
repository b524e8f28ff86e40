//! Where something is to be written, before it is.

use std::path::Path;

use tui_input::Input;

use crate::domain::run::RunId;
use crate::export::{self, RunFormat};
use crate::journal::DeviceRecord;
use crate::list::{DeviceId, DeviceList};
use crate::text::counted;
use crate::tui::Outside;
use crate::tui::mode::Mode;

/// A file's path is typed.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What can be written there; at least one.
    pub contents: Vec<Content>,
    /// Which of them is.
    pub at: usize,
    /// The path.
    pub path: Input,
    /// What was wrong with the last one.
    pub complaint: Option<String>,
    /// The file is being written.
    pub busy: bool,
    /// Where it goes back to.
    pub back: Mode,
}

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Entries that an import didn't match, a line each.
    Unmatched(String),
    /// Devices of the list: `marked` or `shown` ones.
    Devices(&'static str, Vec<DeviceId>),
    /// Devices of a run, with their outcomes.
    Outcomes(Vec<DeviceRecord>),
    /// A run of the journal.
    Run(RunId),
}

impl Prompt {
    /// What is written.
    pub fn content(&self) -> Option<&Content> {
        self.contents.get(self.at)
    }
}

impl Content {
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

/// Writes it, and says so in words, or why not.
pub(in crate::tui) fn write(
    path: &Path,
    content: &Content,
    list: &DeviceList,
    outside: &dyn Outside,
) -> Result<String, String> {
    let bytes = match content {
        Content::Run(run) => match RunFormat::of(path) {
            Some(format) => outside.export(*run, format)?,
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
fn bytes(path: &Path, content: &Content, list: &DeviceList) -> Result<Vec<u8>, String> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let mut bytes = Vec::new();
    let written = match (content, ending) {
        (Content::Unmatched(text), _) => return Ok(text.clone().into_bytes()),
        (Content::Devices(_, devices), Some("csv")) => {
            let table = export::ListTable::of(list, devices.iter().copied());
            let rows = devices.iter().map(|&id| table.cells(&list.device(id)));
            export::write_csv(&mut bytes, &table.headers(), rows)
        }
        (Content::Devices(_, devices), Some("json")) => {
            let mut objects = Vec::new();
            for &id in devices {
                objects.extend(export::list_objects(list, &list.device(id))?);
            }
            export::write_json(&mut bytes, objects.into_iter())
        }
        (Content::Outcomes(devices), Some("csv")) => {
            let rows = devices.iter().map(export::run_cells);
            export::write_csv(&mut bytes, &export::RUN_HEADERS, rows)
        }
        (Content::Outcomes(devices), Some("json")) => {
            export::write_json(&mut bytes, devices.iter().map(export::run_object))
        }
        _ => return Err("end the name with .csv or .json".to_owned()),
    };
    written.map_err(|error| error.to_string())?;
    Ok(bytes)
}
