//! `offboard verify`: what became of the devices that the cloud accepted.

mod print;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use print::{write_lines, write_text};

use crate::cli::arguments::candidates;
use crate::cli::arguments::output::TextOrJsonl;
use crate::cli::commands::{fetch, runs};
use crate::cli::inventory::InventoryCache;
use crate::cli::workspace::{Workspace, span};
use crate::cli::{CommandError, Exit, Global, print_note, verification};
use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::RunId;
use crate::export::verified_counts;
use crate::headless::{self, LookedUp};
use crate::journal::{DeviceRecord, Operator, RunRecord};
use crate::platform::file::{self, WriteError};
use crate::runner::Driver;
use crate::text::{counted, grouped};
use crate::verification::VerifiedCounts;

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArgs {
    /// The run, by the beginning of its name; or last. Default: all runs of the profile's tenant and
    /// account
    #[arg(add = candidates::runs())]
    run: Option<String>,
    /// Fetch the inventory first, as `offboard fetch` does
    #[arg(long, conflicts_with_all = ["lookup", "inventory"])]
    fetch: bool,
    /// Look up the accepted devices of the run, one call each
    #[arg(long, requires = "run", conflicts_with = "inventory")]
    lookup: bool,
    /// An inventory that `offboard fetch` wrote; default: the last one that was fetched
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJsonl,
    /// Write to this new file instead of standard output
    #[arg(short = 'o', value_name = "FILE")]
    file: Option<PathBuf>,
    /// Problems only, besides the result
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &VerifyArgs) -> Result<Exit, CommandError> {
    let workspace = Workspace::open(global)?;
    if let Some(path) = &args.file {
        file::check_new(path).map_err(|error| match error {
            WriteError::Exists(_) => CommandError::usage(format!("-o {error}")),
            WriteError::Io { .. } => CommandError::usage(format!(
                "-o {error}: name a file in a directory that you can write to"
            )),
        })?;
    }
    let run = match &args.run {
        Some(name) => Some(find_run(&workspace, name)?),
        None => None,
    };
    let only = run.as_ref().map(|run| run.id);
    if let Some(run) = only.filter(|_| !args.lookup)
        && workspace.journal()?.forgotten_at(&run)?.is_some()
    {
        return Err(CommandError::usage(format!(
            "the names of run {run} were forgotten, so that no inventory verifies it: look its devices up with --lookup"
        )));
    }
    if args.fetch {
        match fetch::fetch_default(&workspace, args.quiet, &InventoryCache::default())? {
            Exit::Accepted => {}
            exit => return Ok(exit),
        }
    }
    let mut is_unfinished = false;
    let notes = match (&run, &args.inventory) {
        (Some(run), _) if args.lookup => {
            let unfinished = look_up(&workspace, run, args.quiet)?;
            is_unfinished = unfinished.is_some();
            unfinished.into_iter().collect()
        }
        (_, Some(path)) => verification::by_inventory(&workspace, only.as_ref(), path)?,
        (_, None) => verification::by_last_fetched(&workspace, only.as_ref())?,
    };
    for note in notes {
        print_note(note);
    }
    report(&workspace, only, is_unfinished, args)
}

/// The run of this name. It must be one of the profile's tenant and account.
fn find_run(workspace: &Workspace, name: &str) -> Result<RunRecord, CommandError> {
    let mut journal = workspace.journal()?;
    journal.recover_dead_runs()?;
    let run = runs::run_of(&journal, &workspace.target, name)?;
    let id = run.id;
    workspace
        .target
        .check(&run.target)
        .map_err(|reason| CommandError::refused(format!("run {id} {reason}")))?;
    Ok(run)
}

/// Looks up the accepted devices of a run, and stores what was seen. Returns a sentence about those of which
/// nothing was seen.
fn look_up(
    workspace: &Workspace,
    run: &RunRecord,
    quiet: bool,
) -> Result<Option<String>, CommandError> {
    let devices = workspace.journal()?.devices(&run.id)?;
    let accepted: Vec<u32> = (0..)
        .zip(&devices)
        .filter(|(_, device)| is_accepted(device))
        .map(|(ordinal, _)| ordinal)
        .collect();
    if accepted.is_empty() {
        return Ok(None);
    }
    let calls = accepted.len() as u64;
    if !quiet {
        let windows = calls.div_ceil(u64::from(workspace.budget.calls.get()));
        let time = workspace
            .budget
            .recovery()
            .saturating_mul(u32::try_from(windows.saturating_sub(1)).unwrap_or(u32::MAX));
        print_note(format_args!(
            "run {}: looking up {}, one call each: at least {}",
            run.id,
            counted(calls, "accepted device"),
            span(time)
        ));
    }
    let (driver, updates) =
        Driver::start(crate::cli::setup::setup(workspace, workspace.journal()?))?;
    let runtime = crate::cli::setup::runtime()?;
    let looked_up = runtime.block_on(headless::look_up_accepted(
        (driver, updates),
        run.id,
        accepted,
        workspace.clock.clone(),
        quiet,
    ));
    let looked_up = match looked_up {
        Ok(looked_up) => looked_up,
        // It only reads, so that nothing can be left half done.
        Err(headless::LookUpError::Signalled(number)) => {
            std::process::exit(Exit::Signal(number).number().into())
        }
        Err(error) => return Err(CommandError::internal(error)),
    };
    workspace.journal()?.verify_by_lookups(
        &workspace.target,
        &run.id,
        &looked_up.seen,
        &Operator::current(),
    )?;
    Ok(unfinished(&looked_up, calls))
}

/// How many of `all` devices were not looked up, or got no clear answer, and why.
fn unfinished(looked_up: &LookedUp, all: u64) -> Option<String> {
    let seen = looked_up.seen.len() as u64;
    let left = all.saturating_sub(seen + looked_up.unclear);
    let of_all = format!("of {}", counted(all, "accepted device"));
    let unclear = (looked_up.unclear > 0).then(|| {
        let unclear = grouped(looked_up.unclear);
        format!("{unclear} {of_all} got no clear answer")
    });
    let left = (left > 0).then(|| {
        let reason = looked_up.given_up.as_ref();
        let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
        format!("{} {of_all} were not looked up{reason}", grouped(left))
    });
    let parts: Vec<String> = unclear.into_iter().chain(left).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn is_accepted(device: &DeviceRecord) -> bool {
    device.state == DeviceState::Ended(Outcome::Accepted)
}

/// Prints what the journal knows now of the runs.
fn report(
    workspace: &Workspace,
    only: Option<RunId>,
    is_unfinished: bool,
    args: &VerifyArgs,
) -> Result<Exit, CommandError> {
    let journal = workspace.journal()?;
    let mut runs = journal.runs()?;
    runs.retain(|run| {
        workspace.target.check(&run.target).is_ok()
            && run.tally.accepted > 0
            && only.is_none_or(|only| only == run.id)
    });
    let mut counts = VerifiedCounts::default();
    for run in &runs {
        counts = counts.plus(verified_counts(run));
    }
    let exit = exit_of(counts, is_unfinished);
    let print = |out: &mut dyn Write| -> Result<(), CommandError> {
        match args.output {
            TextOrJsonl::Jsonl => write_lines(&journal, &runs, counts, exit, out),
            TextOrJsonl::Text => write_text(&journal, &runs, only.is_some(), counts, out),
        }
    };
    match &args.file {
        None => {
            let mut out = std::io::stdout().lock();
            print(&mut out)?;
            out.flush()?;
        }
        Some(path) => {
            let mut bytes = Vec::new();
            print(&mut bytes)?;
            file::write_new(path, |out| out.write_all(&bytes))?;
        }
    }
    Ok(exit)
}

/// The exit code for accepted devices in these states, after lookups that may be unfinished.
fn exit_of(counts: VerifiedCounts, is_unfinished: bool) -> Exit {
    if counts.unknown > 0 {
        Exit::InDoubt
    } else if is_unfinished {
        Exit::Resumable
    } else if counts.still_there + counts.returned > 0 {
        Exit::Failed
    } else {
        Exit::Accepted
    }
}
