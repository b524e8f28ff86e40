//! `offboard runs report`: one document about all runs of a period.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::Offset;

use super::export::write;
use super::scope::RunScope;
use crate::cli::CommandError;
use crate::cli::arguments::dates::parse_day;
use crate::export::{self, PeriodReport, PeriodRun, RunFormat};
use crate::journal::{Journal, RunRecord};
use crate::platform::clock::Clock;
use crate::text;

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The first day, in UTC, as in 2026-01-31
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    since: Date,
    /// The last day, in UTC (default: today)
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    until: Option<Date>,
    /// The format of the report (default: by the ending of the file's name, else markdown)
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write to this new file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One web page, to attach or to print
    Html,
    /// Text for a ticket
    Markdown,
}

impl ReportArgs {
    fn format(&self) -> Result<Format, CommandError> {
        let Some(path) = self.output.as_ref().filter(|_| self.format.is_none()) else {
            return Ok(self.format.unwrap_or(Format::Markdown));
        };
        match RunFormat::of(path) {
            Some(RunFormat::Html) => Ok(Format::Html),
            Some(RunFormat::Markdown) => Ok(Format::Markdown),
            _ => Err(CommandError::usage(format!(
                "-o {}: end the name with .html or .md, or name the --format",
                text::visible_path(path)
            ))),
        }
    }
}

/// Writes the report of the runs in the scope that were confirmed in the period.
pub(super) fn report(
    journal: &Journal,
    scope: &RunScope,
    args: &ReportArgs,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let now = Clock::system().now().wall;
    let until = args
        .until
        .unwrap_or_else(|| Offset::UTC.to_datetime(now).date());
    if until < args.since {
        let remedy = match args.until {
            Some(until) => format!("--until {until}: swap them"),
            None => format!("today, {until}: give an earlier day"),
        };
        return Err(CommandError::usage(format!(
            "--since {} is after {remedy}",
            args.since
        )));
    }
    let format = args.format()?;
    let mut records = scope.runs(journal)?;
    records.retain(|run| {
        let day = Offset::UTC.to_datetime(run.confirmed_at).date();
        (args.since..=until).contains(&day)
    });
    records.reverse();
    let runs = records
        .into_iter()
        .map(|record| period_run(journal, record));
    let runs = runs.collect::<Result<Vec<_>, CommandError>>()?;
    let document = export::period_document(&PeriodReport {
        since: args.since,
        until,
        scope: &scope.description(),
        runs: &runs,
        now,
    });
    let text = match format {
        Format::Html => export::html(&document),
        Format::Markdown => export::markdown(&document),
    };
    write(text.as_bytes(), args.output.as_deref(), out)
}

fn period_run(journal: &Journal, record: RunRecord) -> Result<PeriodRun, CommandError> {
    Ok(PeriodRun {
        state: journal.run_status(&record)?.0,
        counts: journal.device_counts(&record.id)?,
        forgotten_at: journal.forgotten_at(&record.id)?,
        record,
    })
}
