//! `offboard runs`, `stop` and `close`: the history, and commands for a run of another process.

use std::io::Write;

use clap::{Args, Subcommand};

mod device;
mod export;
mod find;
mod report;
mod scope;
mod show;
mod trend;

use device::show_device;
use export::{ExportArgs, export_run};
use find::{FindArgs, find};
use report::{ReportArgs, report};
use scope::RunScope;
pub(in crate::cli) use scope::run_of;
pub(in crate::cli) use show::write_not_gone;
use show::{list, show};
use trend::{TrendArgs, trend};

use crate::cli::arguments::candidates;
use crate::cli::arguments::output::TextOrJsonl;
use crate::cli::workspace::Workspace;
use crate::cli::{CommandError, Exit, Global, terminal_support, upgrade};
use crate::domain::run::RunId;
use crate::journal::{Holder, Journal, Operator, RunRecord};
use crate::platform::clock::Clock;
use crate::platform::failpoint;
use crate::platform::state_dir;
use crate::text;

#[derive(Debug, Args)]
pub(in crate::cli) struct RunsArgs {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJsonl,
    /// The runs of all profiles, not only of this one's tenant and account
    #[arg(long, global = true)]
    all_profiles: bool,
    #[command(subcommand)]
    command: Option<RunsCommand>,
}

#[derive(Debug, Subcommand)]
enum RunsCommand {
    /// Show a run: its counts, and the devices that were not accepted
    Show(ShowArgs),
    /// Write a run's devices and outcomes
    Export(Box<ExportArgs>),
    /// Report on all runs of a period
    Report(ReportArgs),
    /// Find devices by host name, user or identifier in all runs
    Find(FindArgs),
    /// Show how devices and licences have changed, with the runs
    Trend(TrendArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OpenRunName {
    /// The run, by the beginning of its name; or last
    #[arg(add = candidates::open_runs())]
    run: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunName {
    /// The run, by the beginning of its name; or last
    #[arg(add = candidates::runs())]
    run: String,
}

#[derive(Debug, Args)]
struct ShowArgs {
    #[command(flatten)]
    name: RunName,
    /// Only this device, by its HWID, a MAC address or its host name, with its rows as the list held them
    #[arg(long, value_name = "ID")]
    device: Option<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT")]
    output: Option<TextOrJsonl>,
}

/// Runs the command. The history needs no configuration.
pub(in crate::cli) fn run(global: &Global, args: &RunsArgs) -> Result<Exit, CommandError> {
    let state_dir = state_dir::open(global.state_dir.as_deref())?;
    let mut journal = upgrade::open_journal(&state_dir, &Clock::system())?;
    journal.recover_dead_runs()?;
    let mut out = std::io::stdout().lock();
    let scope = || RunScope::of(global, args.all_profiles);
    match &args.command {
        None => {
            let runs = scope()?.runs(&journal)?;
            if runs.is_empty() && args.output == TextOrJsonl::Text {
                crate::cli::print_note("no runs yet");
            }
            list(&journal, &runs, args.output, &mut out)?;
        }
        Some(RunsCommand::Show(show_args)) => {
            let run = scope()?.run(&journal, &show_args.name.run)?;
            let output = show_args.output.unwrap_or(args.output);
            match &show_args.device {
                None => show(&journal, &run, output, &mut out)?,
                Some(device) => show_device(&journal, &run, device, output, &mut out)?,
            }
        }
        Some(RunsCommand::Export(args)) => {
            let run = scope()?.run(&journal, &args.name.run)?;
            export_run(global, &journal, &run, args, &mut out)?;
        }
        Some(RunsCommand::Report(args)) => report(&journal, &scope()?, args, &mut out)?,
        Some(RunsCommand::Find(args)) => find(&journal, args, &mut out)?,
        Some(RunsCommand::Trend(args)) => {
            let ascii = terminal_support::uses_ascii(global.ascii, None);
            trend(&journal, &scope()?, args, ascii, &mut out)?;
        }
    }
    out.flush()?;
    // What can be read was printed; an incomplete journal is an error even so.
    journal.check_whole()?;
    Ok(Exit::Accepted)
}

/// Asks the holder of a run to stop.
pub(in crate::cli) fn stop(global: &Global, name: &OpenRunName) -> Result<Exit, CommandError> {
    let mut journal = open(global)?;
    let id = RunScope::of(global, false)?.run(&journal, &name.run)?.id;
    let Some(holder) = journal.holder(&id)? else {
        return Err(CommandError::refused(not_running(&id)));
    };
    journal.request_stop(&id, &Operator::current())?;
    writeln!(std::io::stdout(), "{}", stop_requested(&holder, &id))?;
    Ok(Exit::Accepted)
}

/// The message for a stop of a run that no process holds.
fn not_running(id: &RunId) -> String {
    format!("run {id} isn't running in any process")
}

/// The message for a stop that was requested.
pub(in crate::cli) fn stop_requested(holder: &Holder, id: &RunId) -> String {
    format!("run {id} was asked to stop after its call in flight; it is driven by {holder}")
}

/// Closes a run without sending its remaining devices.
pub(in crate::cli) fn close(global: &Global, name: &OpenRunName) -> Result<Exit, CommandError> {
    let mut journal = open(global)?;
    let id = RunScope::of(global, false)?.run(&journal, &name.run)?.id;
    let opened = journal.close_run(&id, &Operator::current())?;
    failpoint::reach("close-stored");
    let record = opened.record;
    if !record.state.is_open() {
        return Err(CommandError::refused(format!(
            "run {id} is {} already",
            record.state.as_str()
        )));
    }
    writeln!(
        std::io::stdout(),
        "run {id} is closed; {} not sent",
        text::counted(record.tally.left, "device")
    )?;
    Ok(Exit::Accepted)
}

/// Lists the runs that can be resumed: those of this target, or of all.
pub(in crate::cli) fn list_open(
    workspace: &Workspace,
    all_profiles: bool,
) -> Result<Exit, CommandError> {
    let mut journal = workspace.journal()?;
    journal.recover_dead_runs()?;
    let open: Vec<RunRecord> = journal
        .open_runs()?
        .into_iter()
        .filter(|run| all_profiles || workspace.target.check(&run.target).is_ok())
        .collect();
    let mut out = std::io::stdout().lock();
    if open.is_empty() {
        writeln!(out, "no run to resume")?;
    }
    list(&journal, &open, TextOrJsonl::Text, &mut out)?;
    Ok(Exit::Accepted)
}

fn open(global: &Global) -> Result<Journal, CommandError> {
    let state_dir = state_dir::open(global.state_dir.as_deref())?;
    Ok(upgrade::open_journal(&state_dir, &Clock::system())?)
}
