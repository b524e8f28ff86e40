//! Exports a run of the journal in every format.

use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;

use super::report::{RunReport, html, markdown, run_document};
use super::{Line, RUN_HEADERS, run_cells, run_object, write_csv, write_json, write_line};
use crate::domain::run::RunState;
use crate::journal::{DeviceRecord, Journal, JournalError, RunRecord};

/// The format of an exported run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum RunFormat {
    /// One JSON object per line
    Jsonl,
    /// A table for a spreadsheet, which opens as a list again
    Csv,
    /// A JSON array, which opens as a list again
    Json,
    /// A report for a change ticket
    Markdown,
    /// A report as one web page, to attach or to print
    Html,
}

impl RunFormat {
    /// The endings of files that have a format.
    pub const ENDINGS: &str = ".jsonl, .csv, .json, .md or .html";

    /// The format for a file name extension; `None` for an unknown one.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "jsonl" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }

    /// True for a report for people.
    pub fn is_report(self) -> bool {
        matches!(self, Self::Markdown | Self::Html)
    }

    /// The run with these devices, as text in this format.
    pub fn text(
        self,
        journal: &Journal,
        run: &RunRecord,
        devices: &[DeviceRecord],
        now: Timestamp,
    ) -> Result<Vec<u8>, RunFileError> {
        let mut out = Vec::new();
        match self {
            Self::Jsonl => {
                for dropped in journal.dropped(&run.id)? {
                    write_line(&mut out, &Line::left_out(&dropped.row()))?;
                }
                write_run(&mut out, run, journal.run_status(run)?.0, devices)?;
            }
            Self::Csv => write_csv(&mut out, &RUN_HEADERS, devices.iter().map(run_cells))?,
            Self::Json => write_json(&mut out, devices.iter().map(run_object))?,
            Self::Markdown | Self::Html => {
                let document = run_document(&RunReport {
                    run,
                    state: journal.run_status(run)?.0,
                    devices,
                    calls: &journal.calls(&run.id)?,
                    resumes: &journal.resumes(&run.id)?,
                    lookups: &journal.lookups(&run.id)?,
                    dropped: &journal.dropped(&run.id)?,
                    forgotten_at: journal.forgotten_at(&run.id)?,
                    now,
                });
                let write = match self {
                    Self::Html => html,
                    _ => markdown,
                };
                out.write_all(write(&document).as_bytes())?;
            }
        }
        Ok(out)
    }
}

fn write_run(
    out: &mut dyn Write,
    run: &RunRecord,
    state: RunState,
    devices: &[DeviceRecord],
) -> io::Result<()> {
    for record in devices {
        write_line(out, &Line::recorded(record))?;
    }
    write_line(out, &Line::summary_of(run, state))
}

/// Why a run can't be exported.
#[derive(Debug, thiserror::Error)]
pub enum RunFileError {
    /// The journal can't be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The error of the system.
    #[error(transparent)]
    Io(#[from] io::Error),
}
