//! `offboard runs export`: a run as a file for a program, a spreadsheet or a reader, or in the columns
//! of a ticket's own file.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValue;

use super::RunName;
use crate::cli::arguments::reading::Reading;
use crate::cli::{CommandError, Global, print_note};
use crate::config::Config;
use crate::domain::outcome::OutcomeClass;
use crate::export::{self, Decided, MergeError, MergedRun, RunColumn, RunFormat};
use crate::import::ImportContent;
use crate::journal::{DeviceRecord, Journal, RunRecord};
use crate::list::ReadOptions;
use crate::platform::clock::Clock;
use crate::platform::file;
use crate::text::{self, counted};

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) name: RunName,
    /// The format of the export (default: by the ending of the file's name, else jsonl)
    #[arg(long, value_name = "FORMAT")]
    format: Option<RunFormat>,
    /// Only devices with these outcomes, joined by commas; csv and json
    #[arg(long, value_name = "OUTCOME", value_delimiter = ',', value_parser = outcome_names())]
    outcome: Vec<String>,
    /// With the rows of the devices as the list held them; csv and json
    #[arg(long, conflicts_with = "chosen")]
    full: bool,
    /// Only these columns, in this order, joined by commas; csv
    #[arg(long = "columns", value_name = "COLUMN", value_delimiter = ',', value_parser = RunColumn::NAMES)]
    chosen: Vec<String>,
    /// Add the outcomes to the rows of this CSV file, which stays as it is otherwise
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "outcome", "full", "chosen"])]
    merge: Option<PathBuf>,
    /// Write to this new file instead of standard output; with --merge also to the merged file itself
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reading: Reading,
}

/// The names of the outcomes as JSON has them; a hyphen may stand for the underscore, as in queries.
fn outcome_names() -> Vec<PossibleValue> {
    OutcomeClass::ALL
        .iter()
        .map(|class| {
            let name = PossibleValue::new(class.as_str());
            match class {
                OutcomeClass::InDoubt => name.alias("in-doubt"),
                OutcomeClass::NotSent => name.alias("not-sent"),
                _ => name,
            }
        })
        .collect()
}

impl ExportArgs {
    fn format(&self) -> Result<RunFormat, CommandError> {
        let format = match (self.format, &self.output) {
            (Some(format), _) => format,
            (None, None) => RunFormat::Jsonl,
            (None, Some(path)) => RunFormat::of(path).ok_or_else(|| {
                CommandError::usage(format!(
                    "-o {}: end the name with {}, or name the --format",
                    text::visible_path(path),
                    RunFormat::ENDINGS
                ))
            })?,
        };
        if !self.outcome.is_empty() && !matches!(format, RunFormat::Csv | RunFormat::Json) {
            return Err(CommandError::usage(
                "--outcome needs --format csv or json: the other formats always have all devices",
            ));
        }
        if !self.chosen.is_empty() && format != RunFormat::Csv {
            return Err(CommandError::usage(
                "--columns needs --format csv: the other formats have no columns to choose",
            ));
        }
        Ok(format)
    }
}

/// Writes the run as the arguments say.
pub(super) fn export_run(
    global: &Global,
    journal: &Journal,
    record: &RunRecord,
    args: &ExportArgs,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    if let Some(path) = &args.merge {
        return merge(global, journal, record, args, path, out);
    }
    let format = args.format()?;
    let (mut devices, damage) = journal.readable_devices(&record.id)?;
    if !args.outcome.is_empty() {
        devices.retain(|device| {
            let class = device.state.as_final_outcome().class();
            args.outcome
                .iter()
                .any(|name| name.replace('-', "_") == class.as_str())
        });
    }
    let mut damage = damage;
    let bytes = if args.full {
        let full = export::full_text(format, journal, &record.id, &devices)?;
        let full = full.ok_or_else(|| {
            CommandError::usage(
                "--full needs --format csv or json: the other formats have no place for rows",
            )
        })?;
        damage = damage.or(full.damage);
        full.text
    } else if args.chosen.is_empty() {
        let now = Clock::system().now().wall;
        format.text(journal, record, &devices, now)?
    } else {
        let columns = args.chosen.iter();
        let columns: Vec<RunColumn> = columns
            .filter_map(|name| RunColumn::from_name(name))
            .collect();
        let mut bytes = Vec::new();
        let decided = decided(journal, record, &devices)?;
        export::write_columns(&mut bytes, record, &decided, &columns)?;
        bytes
    };
    write(&bytes, args.output.as_deref(), out)?;
    // What can be read was written; damage is an error even so.
    Ok(damage.map_or(Ok(()), Err)?)
}

/// Writes to a new file or to standard output.
pub(super) fn write(
    bytes: &[u8],
    path: Option<&Path>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match path {
        // A file gets the exact text; a terminal would run its control characters.
        None if std::io::stdout().is_terminal() => {
            let text = String::from_utf8_lossy(bytes);
            out.write_all(text::visible_lines(&text).as_bytes())?;
        }
        None => out.write_all(bytes)?,
        Some(path) => file::write_new(path, |out| out.write_all(bytes))?,
    }
    Ok(())
}

/// The devices with the times at which their outcomes were decided.
fn decided<'a>(
    journal: &Journal,
    run: &RunRecord,
    devices: &'a [DeviceRecord],
) -> Result<Vec<Decided<'a>>, CommandError> {
    let times = journal.decision_times(&run.id)?;
    let decided = devices.iter().map(|record| Decided {
        record,
        at: times.get(&record.device.identifier).copied(),
    });
    Ok(decided.collect())
}

/// Writes the ticket's own file with the outcomes of the run in more columns.
fn merge(
    global: &Global,
    journal: &Journal,
    run: &RunRecord,
    args: &ExportArgs,
    path: &Path,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let name = text::visible_path(path);
    let refused = |reason: String| CommandError::usage(format!("--merge {reason}"));
    let bytes = std::fs::File::open(path)
        .map_err(file::ReadError::from)
        .and_then(file::bytes_of)
        .map_err(|reason| refused(format!("{name}: {reason}")))?;
    let options = args.reading.over(&configured(global)?);
    let content = ImportContent::of_bytes(&name, bytes.as_slice(), &options)
        .map_err(|error| refused(error.to_string()))?;
    let ImportContent::List(list) = content else {
        return Err(refused(format!(
            "{name} has no columns to which outcomes could be added: save it as CSV with a header"
        )));
    };
    if let Some(truncation) = list.truncation() {
        return Err(refused(format!(
            "{name}: {truncation}: save it again as a whole"
        )));
    }
    // A part of the run would give rows that are in it as rows that are not.
    let devices = journal.devices(&run.id)?;
    let decided = decided(journal, run, &devices)?;
    let of_run = MergedRun {
        id: run.id,
        state: journal.run_status(run)?.0,
        is_forgotten: journal.forgotten_at(&run.id)?.is_some(),
        devices: &decided,
    };
    let merged = export::merge(&bytes, &list, of_run).map_err(|error| match error {
        MergeError::Rows(reason) => refused(reason.to_string()),
        other => CommandError::internal(format!("--merge {other}")),
    })?;
    match &args.output {
        Some(output) if is_same_file(output, path) => replace(path, &bytes, &merged.bytes)?,
        output => write(&merged.bytes, output.as_deref(), out)?,
    }
    print_note(format_args!(
        "{} with an outcome, {} ambiguous, {} not in run {}; columns added{}: {}",
        counted(merged.matched as u64, "row"),
        merged.ambiguous,
        merged.others,
        run.id,
        if merged.has_header {
            ""
        } else {
            " without a header, as the file has none"
        },
        merged.columns.join(", ")
    ));
    if let Some(reason) = of_run.missing_names() {
        print_note(format_args!(
            "rows that name devices only by host name are not found in run {}: {reason}{}",
            run.id,
            if of_run.is_forgotten {
                ""
            } else {
                "; `keep` leaves them out, or its list had none"
            }
        ));
    }
    if of_run.state.is_open() {
        print_note(format_args!(
            "run {} is {}: outcomes can still change; merge the original file again when the run is over",
            run.id,
            of_run.state.as_str()
        ));
    }
    Ok(())
}

/// The reading options of the configuration, which the history doesn't need.
fn configured(global: &Global) -> Result<ReadOptions, CommandError> {
    let Some(config) = Config::load(global.config.as_deref())? else {
        return Ok(ReadOptions::default());
    };
    match config.profile(global.profile.as_deref()) {
        Ok((_, profile)) => Ok(profile.lists.clone()),
        Err(_) => Ok(config.lists),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Writes the merged file in place of the file that was read, whole or not at all, with its permissions.
fn replace(path: &Path, read: &[u8], merged: &[u8]) -> Result<(), CommandError> {
    let name = text::visible_path(path);
    let failed =
        |reason: String| CommandError::internal(format!("{name} was not changed: {reason}"));
    match std::fs::read(path) {
        Ok(now) if now == read => {}
        Ok(_) => {
            return Err(failed(
                "it was changed while it was merged; try again".to_owned(),
            ));
        }
        Err(error) => return Err(failed(error.to_string())),
    }
    file::replace_alike(path, |out| out.write_all(merged))
        .map_err(|error| failed(error.to_string()))
}
