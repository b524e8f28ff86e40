//! A run as CSV with chosen columns.

use std::io::{self, Write};

use super::merge::Decided;
use super::table::safe;
use super::{RUN_HEADERS, run_cells};
use crate::journal::RunRecord;

/// A column of a run's CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunColumn(usize);

/// The columns that a choice has beyond those of a whole export.
const MORE: [&str; 5] = ["enrolled", "time", "run", "action", "note"];

impl RunColumn {
    /// The names of all columns.
    pub const NAMES: [&str; 19] = names();

    /// The column of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let position = Self::NAMES.iter().position(|other| *other == name);
        position.map(Self)
    }
}

const fn names() -> [&'static str; 19] {
    let mut names = [""; 19];
    let mut at = 0;
    while at < names.len() {
        names[at] = if at < RUN_HEADERS.len() {
            RUN_HEADERS[at]
        } else {
            MORE[at - RUN_HEADERS.len()]
        };
        at += 1;
    }
    names
}

/// Writes these columns of the run's devices as CSV that is safe to open in a spreadsheet.
pub fn write_columns(
    out: &mut dyn Write,
    run: &RunRecord,
    devices: &[Decided<'_>],
    columns: &[RunColumn],
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(
        columns
            .iter()
            .filter_map(|column| RunColumn::NAMES.get(column.0)),
    )?;
    for Decided { record, at } in devices {
        let mut cells = run_cells(record);
        let enrolled = record.device.enrolled.map(|time| time.to_string());
        cells.extend([
            enrolled.unwrap_or_default(),
            at.map(|time| time.to_string()).unwrap_or_default(),
            run.id.to_string(),
            run.action.to_string(),
            run.note.clone().unwrap_or_default(),
        ]);
        let chosen = columns.iter().filter_map(|column| cells.get(column.0));
        writer.write_record(chosen.map(|cell| safe(cell)))?;
    }
    writer.flush()
}
