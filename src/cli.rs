//! Defines the command line and dispatches each command to its module.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

mod arguments;
mod backend;
mod column_memory;
mod commands;
mod exit;
mod full_records;
mod inventory;
mod logging;
mod on_finish;
mod plan_file;
mod recheck;
mod recorded;
mod setup;
mod terminal_support;
mod ui_options;
mod upgrade;
mod verification;
mod workspace;
#[cfg(test)]
mod written_files;

use arguments::{candidates, reading, suggest};
use commands::{
    approve, backup, completions, demo, doctor, explain, fetch, forget, hold, init, inspect, man,
    overview, plan, profiles, run, runs, simulate, ui, verify,
};
pub use exit::{CommandError, Exit};

/// Retire MetaDefender IT-Access endpoint records: triage a saved device list, mark, confirm, send,
/// review.
#[derive(Debug, Parser)]
#[command(version = env!("OFFBOARD_VERSION"), max_term_width = 100, after_help = exit::codes(), subcommand_negates_reqs = true)]
#[command(override_usage = "offboard [OPTIONS] [LIST]\n       offboard [OPTIONS] <COMMAND>")]
struct Cli {
    #[command(flatten)]
    global: Global,

    /// The device list to open; default: the profile's list
    list: Option<PathBuf>,

    /// Run against a simulated tenant with a generated list; reads no configuration and makes no
    /// other connection
    #[arg(long, help_heading = "Options", conflicts_with_all = ["config", "profile", "state_dir"])]
    demo: bool,

    #[command(flatten)]
    reading: reading::Reading,

    #[command(subcommand)]
    command: Option<Command>,
}

/// Options of every command.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent switch on the command line"
)]
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The profile in the configuration file
    #[arg(long, global = true, value_name = "NAME", add = candidates::profiles())]
    pub(crate) profile: Option<String>,
    /// The directory of the journal
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// Send nothing that changes the tenant
    #[arg(long, global = true)]
    pub(crate) read_only: bool,
    /// Maximum number of devices per plan
    #[arg(long, global = true, value_name = "N")]
    pub(crate) max_devices: Option<u64>,
    /// No colours (as with `NO_COLOR` set)
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub(crate) ascii: bool,
    /// Line-based interface, for screen readers and dumb terminals
    #[arg(long, global = true)]
    pub(crate) plain: bool,
    /// Enable the mouse
    #[arg(long, global = true)]
    pub(crate) mouse: bool,
    /// Write a log to this file; rotated at 10 MiB, with four older files
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
    /// Increase the log's verbosity (-v debug, -vv trace)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How to read the command's list.
    #[arg(skip)]
    pub(crate) reading: reading::Reading,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented configuration file, interactive on a terminal; with --profile NAME, add a
    /// profile to the one that is there
    Init,
    /// List the configured tenants
    Profiles(profiles::ProfilesArgs),
    /// Show how a list is read: columns, identifiers, skipped rows
    Inspect(inspect::InspectArgs),
    /// Count a list's rows by field, and suggest queries
    Overview(overview::OverviewArgs),
    /// Show why a device is, or isn't, selected, protected and planned
    Explain(explain::ExplainArgs),
    /// Show what would be sent; nothing is sent
    Plan(plan::PlanArgs),
    /// Send a plan without the terminal UI
    #[command(
        override_usage = "offboard run [LIST] --action <ACTION> --expect-count <N> [OPTIONS]\n       \
            offboard run --plan <FILE> [--expect-count <N>] [OPTIONS]"
    )]
    Run(run::RunArgs),
    /// Sign a plan file as a second person
    Approve(approve::ApproveArgs),
    /// Resume a stopped or paused run; without a run, list those that can be resumed
    Resume(run::ResumeArgs),
    /// Ask a running run to stop after the current call
    Stop(runs::OpenRunName),
    /// Close a run without sending its remaining devices; its record stays
    Close(runs::OpenRunName),
    /// Show whether the accepted devices are gone, still there, or have returned
    Verify(verify::VerifyArgs),
    /// List the runs, newest first
    Runs(runs::RunsArgs),
    /// Exempt devices until a date: no plan has them, and no run sends them
    Hold(hold::HoldArgs),
    /// Write a consistent copy of the journal to a new file
    Backup(backup::BackupArgs),
    /// Replace the names of devices and users in old records by hashes; identifiers and outcomes stay
    Forget(forget::ForgetArgs),
    /// Read the tenant's inventory into a list; rate-limited, and resumable within the hour
    Fetch(fetch::FetchArgs),
    /// Check configuration, permissions, token, reachability, clock and terminal
    Doctor,
    /// Serve a simulated tenant on loopback
    Simulate(simulate::SimulateArgs),
    /// Print the completions of a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page of the program or of a command, or write all of them to a directory
    Man(man::ManArgs),
}

impl Command {
    /// True for a command that changes nothing: a closed pipe is then no error.
    fn is_read_only(&self) -> bool {
        matches!(
            self,
            Self::Inspect(_)
                | Self::Overview(_)
                | Self::Explain(_)
                | Self::Profiles(_)
                | Self::Plan(_)
                | Self::Runs(_)
                | Self::Doctor
                | Self::Completions(_)
                | Self::Man(_)
        )
    }
}

/// Parses `arguments` and runs the command.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    forbid_core_dumps();
    survive_file_size_limit();
    crate::platform::panics::install_hook();
    if completions::answer() {
        return Exit::Accepted.into();
    }
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = Cli::command().try_get_matches_from(&arguments);
    let parsed = parsed.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let is_help = parsed.as_ref().is_err_and(|error| !error.use_stderr());
    if !is_help && let Some(error) = suggest::unknown_command_error(&arguments) {
        print_note(format_args!("offboard: {error}"));
        return Exit::Usage.into();
    }
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error),
    };
    let is_read_only = cli.command.as_ref().is_some_and(Command::is_read_only);
    match dispatch(cli, matches.subcommand_name()) {
        Ok(exit) => exit.into(),
        // The reader closed the pipe, as `head` does.
        Err(failure) if is_read_only && failure.is_closed_pipe() => Exit::Accepted.into(),
        Err(failure) => {
            print_note(format_args!("offboard: {}", failure.message()));
            failure.exit().into()
        }
    }
}

/// Disables core dumps, which would contain the token. Best effort: a failure is ignored.
fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
}

/// Has a write beyond the limit on the size of files (`ulimit -f`) fail as on a full disk. Without a
/// handler the signal that comes with it ends the process without a message. Best effort, too.
fn survive_file_size_limit() {
    let signal = rustix::process::Signal::XFSZ.as_raw();
    let _ = signal_hook::flag::register(signal, std::sync::Arc::default());
}

fn dispatch(cli: Cli, command_name: Option<&str>) -> Result<Exit, CommandError> {
    let Cli {
        mut global,
        list,
        demo,
        reading,
        command,
    } = cli;
    if command.is_some() && (list.is_some() || demo) {
        let argument = if demo { "--demo" } else { "a list" };
        return Err(CommandError::usage(format!(
            "{argument} can't be combined with a subcommand: leave one of them out"
        )));
    }
    global.reading = match &command {
        None => reading,
        Some(Command::Overview(args)) => args.reading.clone(),
        Some(Command::Explain(args)) => args.reading.clone(),
        Some(Command::Plan(args)) => args.reading.clone(),
        Some(Command::Run(args)) => args.reading.clone(),
        Some(Command::Hold(args)) => args.reading(),
        Some(_) => reading::Reading::default(),
    };
    let log = logging::start(&global)?;
    tracing::info!(
        version = env!("OFFBOARD_VERSION"),
        command = command_name.unwrap_or("screen"),
        "started"
    );
    let result = perform(command, demo, list.as_deref(), &global);
    match &result {
        Ok(exit) => tracing::info!(exit = exit.number(), "ended"),
        Err(failure) => {
            tracing::error!(
                exit = failure.exit().number(),
                message = failure.message(),
                "failed"
            );
        }
    }
    if let Some(log) = log {
        log.finish();
    }
    result
}

/// Prints a note on standard error, of which parts may come from files and servers. A closed standard error
/// stops nothing.
fn print_note(note: impl std::fmt::Display) {
    let note = crate::text::visible_lines(&note.to_string());
    let _ = writeln!(std::io::stderr(), "{note}");
}

fn perform(
    command: Option<Command>,
    demo: bool,
    list: Option<&Path>,
    global: &Global,
) -> Result<Exit, CommandError> {
    match command {
        None if demo => demo::run(global, list),
        None => ui::run(global, list),
        Some(Command::Init) => init::run(global),
        Some(Command::Profiles(args)) => profiles::run(global, &args),
        Some(Command::Inspect(args)) => inspect::run(global, &args),
        Some(Command::Overview(args)) => overview::run(global, &args),
        Some(Command::Explain(args)) => explain::run(global, &args),
        Some(Command::Plan(args)) => plan::run(global, &args),
        Some(Command::Run(args)) => run::run(global, &args),
        Some(Command::Approve(args)) => approve::run(global, &args),
        Some(Command::Resume(args)) => run::resume(global, &args),
        Some(Command::Stop(name)) => runs::stop(global, &name),
        Some(Command::Close(name)) => runs::close(global, &name),
        Some(Command::Verify(args)) => verify::run(global, &args),
        Some(Command::Runs(args)) => runs::run(global, &args),
        Some(Command::Hold(args)) => hold::run(global, &args),
        Some(Command::Backup(args)) => backup::run(global, &args),
        Some(Command::Forget(args)) => forget::run(global, &args),
        Some(Command::Fetch(args)) => fetch::run(global, &args),
        Some(Command::Doctor) => doctor::run(global),
        Some(Command::Simulate(args)) => simulate::run(&args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man(args)) => man::run(&args),
    }
}

/// Prints help and version to standard output with code 0, errors to standard error with code 2.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render();
    let is_help = !error.use_stderr();
    // The stream may be closed: ignore errors.
    let _ = if is_help {
        write!(std::io::stdout(), "{text}")
    } else {
        write!(std::io::stderr(), "{text}")
    };
    if is_help {
        Exit::Accepted.into()
    } else {
        Exit::Usage.into()
    }
}

#[cfg(test)]
mod tests;
