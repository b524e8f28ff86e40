//! `offboard runs trend`: how devices and licences have changed, with the runs.

use std::io::{IsTerminal, Write};

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::scope::RunScope;
use crate::cli::CommandError;
use crate::cli::arguments::dates::parse_day;
use crate::cli::arguments::output::TextOrJsonl;
use crate::domain::target::Target;
use crate::export::{self, ChartStyle, TrendLine};
use crate::journal::Journal;
use crate::text::visible;

/// The cells of a line where standard output is not a terminal.
const WIDTH: usize = 79;
/// The most cells of a line.
const WIDEST: usize = 120;
/// The lines of bars for each of what is counted.
const ROWS: usize = 4;

#[derive(Debug, Args)]
pub(super) struct TrendArgs {
    /// Only what is not older than this day, such as 2026-01-31, in UTC
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    since: Option<Date>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJsonl,
}

pub(super) fn trend(
    journal: &Journal,
    scope: &RunScope,
    args: &TrendArgs,
    ascii: bool,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let target = target(journal, scope)?;
    let since = args.since.map(midnight).transpose()?;
    if args.output == TextOrJsonl::Jsonl {
        let Some(target) = target else { return Ok(()) };
        let mut written = Ok(());
        journal.fetch_totals(&target, since, &mut |fetch| {
            written = export::write_line(out, &TrendLine::new(&target, fetch));
            written.is_ok()
        })?;
        return Ok(written?);
    }
    let trend = match &target {
        Some(target) => journal.trend(target, since)?,
        None => crate::domain::trend::Trend::default(),
    };
    let style = ChartStyle {
        width: width(),
        rows: ROWS,
        ascii,
    };
    let chart = export::chart(&trend, style);
    if chart.is_empty() {
        let since = args.since.map(|since| format!(" since {since}"));
        let none = match &since {
            Some(since) => format!("no fetch is recorded{since}"),
            None => "no fetch is recorded yet".to_owned(),
        };
        writeln!(
            out,
            "{none}: each complete `offboard fetch` adds a point to the trend"
        )?;
        return Ok(());
    }
    if let Some(target) = target {
        writeln!(out, "{}", target.label())?;
    }
    for (_, line) in chart {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The account whose trend is meant; none if nothing was fetched.
fn target(journal: &Journal, scope: &RunScope) -> Result<Option<Target>, CommandError> {
    if let Some(target) = scope.target() {
        return Ok(Some(target.clone()));
    }
    let mut targets = journal.fetched_targets()?;
    if targets.len() > 1 {
        let names: Vec<String> = targets
            .iter()
            .map(|target| visible(&target.profile).into_owned())
            .collect();
        return Err(CommandError::usage(format!(
            "a trend is of one account: give --profile with one of {}",
            names.join(", ")
        )));
    }
    Ok(targets.pop())
}

fn midnight(date: Date) -> Result<Timestamp, CommandError> {
    let time = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0));
    time.map_err(|error| CommandError::usage(format!("--since {date}: {error}")))
}

/// The width of the terminal, within limits.
fn width() -> usize {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return WIDTH;
    }
    let size = rustix::termios::tcgetwinsize(&stdout);
    let columns = size.map_or(0, |size| usize::from(size.ws_col));
    match columns {
        0 => WIDTH,
        columns => columns.clamp(40, WIDEST) - 1,
    }
}
