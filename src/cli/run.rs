//! `offboard run` and `offboard resume`: send without a screen.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::ids::Entries;
use super::plan::{self, Output, PreparedPlan, Printing, Selecting, TermMatches};
use super::reading::Reading;
use super::setup::setup;
use super::workspace::Workspace;
use super::{Exit, Failure, Global, plan_file, runs};
use crate::domain::outcome::{DeviceState, Tally};
use crate::domain::run::RunId;
use crate::export::{self, Line, RunFormat};
use crate::headless::{self, Ending, OutputOptions, Start};
use crate::journal::{DeviceRecord, RunRecord};
use crate::plan::Warning;
use crate::platform::file::WriteError;
use crate::runner::Driver;

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    selection: Option<Selecting>,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Send this plan, which `offboard plan -o` wrote; once
    #[arg(long, value_name = "FILE", conflicts_with = "selection")]
    plan: Option<PathBuf>,
    /// The exact number of devices that would be sent
    #[arg(long, value_name = "N")]
    expect_count: Option<u64>,
    /// Warnings to accept, separated by commas
    #[arg(long, value_name = "WARNING", value_delimiter = ',', value_parser = Warning::NAMES)]
    allow: Vec<String>,
    /// Write the run's report in Markdown to this new file when it has come to rest
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    printing: Printing,
}

#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    /// The run, by the beginning of its name; or last
    run: Option<String>,
    /// The exact number of devices that are left to send
    #[arg(long, value_name = "N", requires = "run")]
    expect_count: Option<u64>,
    /// Look up those in doubt, one call each; nothing is sent
    #[arg(long, requires = "run", conflicts_with = "expect_count")]
    verify: bool,
    /// Write the run's report in Markdown to this new file when it has come to rest
    #[arg(long, value_name = "FILE", conflicts_with = "verify", requires = "run")]
    report: Option<PathBuf>,
    #[command(flatten)]
    printing: Printing,
}

/// Runs the command.
pub(super) fn run(global: &Global, args: &RunArgs) -> Result<Exit, Failure> {
    let workspace = Workspace::open(global)?;
    check_report(args.report.as_deref())?;
    let printing = args.printing;
    let made = match (&args.selection, &args.plan) {
        (Some(selecting), _) => plan::make(&workspace, selecting, args.printing.quiet)?,
        (None, Some(path)) => read_plan(&workspace, path)?,
        (None, None) => {
            return Err(Failure::usage(
                "nothing to send: pass LIST with --action and a selector, or --plan FILE",
            ));
        }
    };
    if let Some(why) = &made.ids_refusal {
        return refuse(&workspace, &made, printing, why);
    }
    // A given count is checked even then: the query may have a typing mistake.
    if made.plan.devices.is_empty() && args.expect_count.unwrap_or(0) == 0 {
        return Ok(none_to_send(&workspace, &made, printing));
    }
    let allowed = [&args.allow[..], &made.allowed].concat();
    if let Some(why) = plan::refusal(&workspace, &made.plan, &allowed) {
        return refuse(&workspace, &made, printing, &why);
    }
    let count = made.plan.devices.len() as u64;
    // A plan's file carries its count, which was checked when it was read.
    let expected_count = match (args.expect_count, &args.plan) {
        (Some(expected_count), _) => expected_count,
        (None, Some(_)) => count,
        (None, None) => {
            let why = format!("confirmation required: pass --expect-count {count}");
            return refuse(&workspace, &made, printing, &why);
        }
    };
    match made.plan.confirm(expected_count) {
        Err(wrong) => refuse(&workspace, &made, printing, &wrong.to_string()),
        Ok(_) if plan_file::missing_approvals(&workspace, &made.plan).is_some() => {
            ask_for_approval(&workspace, &made, printing, &allowed)
        }
        Ok(confirmed) => {
            print_selection(&made, printing).map_err(|error| unwritten(&error))?;
            let id = made.plan.id;
            let start = Start::Plan(Box::new(confirmed));
            let exit = follow(&workspace, start, telling(printing))?;
            report(&workspace, id, args.report.as_deref());
            Ok(exit)
        }
    }
}

/// Writes a plan of a list for those who must approve it; refuses a file that lacks approvals.
fn ask_for_approval(
    workspace: &Workspace,
    made: &PreparedPlan,
    printing: Printing,
    allowed: &[String],
) -> Result<Exit, Failure> {
    match (
        &made.list,
        plan_file::missing_approvals(workspace, &made.plan),
    ) {
        (Some(list), _) => {
            let wrote = plan_file::write_for_approval(workspace, list, &made.plan, allowed)?;
            Err(Failure::refused(format!("nothing was sent: {wrote}")))
        }
        (None, missing) => refuse(workspace, made, printing, &missing.unwrap_or_default()),
    }
}

/// Prints what became of `--ids`, and what the rules and terms match, before the run's own lines.
fn print_selection(made: &PreparedPlan, printing: Printing) -> std::io::Result<()> {
    if printing.output == Output::Jsonl {
        let mut out = std::io::stdout().lock();
        let ids = made.ids.iter().map(Entries::line);
        for line in ids.chain(made.terms.iter().map(TermMatches::line)) {
            export::write_line(&mut out, &line)?;
        }
    } else if !printing.quiet {
        for sentence in made.terms.iter().filter_map(TermMatches::sentence) {
            // A closed standard error is no reason to stop.
            let _ = writeln!(std::io::stderr(), "{sentence}");
        }
    }
    Ok(())
}

/// Reads a plan file, with what was accepted when it was written.
fn read_plan(workspace: &Workspace, path: &Path) -> Result<PreparedPlan, Failure> {
    let (plan, allowed) = plan_file::open(workspace, path)?;
    Ok(PreparedPlan::of_file(plan, allowed))
}

/// Runs the command.
pub(super) fn resume(global: &Global, args: &ResumeArgs) -> Result<Exit, Failure> {
    let workspace = Workspace::open(global)?;
    check_report(args.report.as_deref())?;
    let Some(name) = &args.run else {
        return runs::list_open(&workspace);
    };
    let mut journal = workspace.journal()?;
    let id = journal.run(name)?.id;
    // What a process that died left in flight is judged first: it isn't left to send.
    let lock = journal.lock_run(&id)?;
    let record = journal.open_run(&id, &lock)?.record;
    drop(lock);
    let left = record.tally.left;
    if args.verify {
        let devices = journal.devices(&id)?;
        return verify(&workspace, &record, devices, telling(args.printing));
    }
    if !record.state.is_open() {
        return Err(Failure::refused(format!(
            "run {id} is {}: nothing is left to send",
            record.state.as_str()
        )));
    }
    let devices = crate::text::counted(left, "device");
    match args.expect_count {
        Some(expected_count) if expected_count == left => {
            let devices = journal.devices(&id)?;
            let start = Start::Resume {
                record: Box::new(record),
                devices,
                expected_count,
            };
            let exit = follow(&workspace, start, telling(args.printing))?;
            report(&workspace, id, args.report.as_deref());
            Ok(exit)
        }
        Some(expected_count) => Err(Failure::refused(format!(
            "run {id} has {devices} left to send, not {expected_count}"
        ))),
        None => Err(Failure::refused(format!(
            "run {id} has {devices} left to send: resume it with --expect-count {left}"
        ))),
    }
}

/// A report that couldn't be written is refused before anything is sent, not after.
fn check_report(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    crate::platform::file::check_new(path).map_err(|error| match error {
        WriteError::Exists(_) => Failure::usage(format!("--report {error}")),
        WriteError::Io { .. } => Failure::usage(format!(
            "--report {error}; nothing was sent: name a file in a directory that you can write to"
        )),
    })
}

/// Writes the report. The run is over by now, and its exit code is what a watch on it waits for:
/// that the report is missing is said, and changes nothing of it.
fn report(workspace: &Workspace, id: RunId, path: Option<&Path>) {
    if let Err(failure) = write_report(workspace, id, path) {
        // Nobody may be listening.
        let _ = writeln!(
            std::io::stderr(),
            "{}; write it with `offboard runs export {id} --format markdown -o FILE`",
            failure.message()
        );
    }
}

fn write_report(workspace: &Workspace, id: RunId, path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let journal = workspace.journal()?;
    let Some(record) = journal.confirmed(&id)? else {
        // It was refused, so that there is nothing to report.
        return Ok(());
    };
    let devices = journal.devices(&id)?;
    let now = workspace.clock.now().wall;
    let text = RunFormat::Markdown.text(&journal, &record, &devices, now)?;
    crate::platform::file::write_new(path, |out| out.write_all(&text))
        .map_err(|error| Failure::internal(format!("the report wasn't written: {error}")))
}

fn telling(printing: Printing) -> OutputOptions {
    OutputOptions {
        jsonl: printing.output == Output::Jsonl,
        quiet: printing.quiet,
    }
}

/// Looks up the devices of a run that are in doubt.
fn verify(
    workspace: &Workspace,
    record: &RunRecord,
    devices: Vec<DeviceRecord>,
    telling: OutputOptions,
) -> Result<Exit, Failure> {
    workspace
        .target
        .check(&record.target)
        .map_err(|why| Failure::refused(format!("run {} {why}", record.id)))?;
    let ending = runtime()?.block_on(headless::verify(
        Driver::start(setup(workspace)?)?,
        record,
        devices,
        workspace.clock.clone(),
        telling,
        &mut std::io::stdout(),
    ))?;
    Ok(ended(&ending))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn follow(workspace: &Workspace, start: Start, telling: OutputOptions) -> Result<Exit, Failure> {
    let (driver, updates) = Driver::start(setup(workspace)?)?;
    let runtime = runtime()?;
    let mut out = std::io::stdout();
    let clock = workspace.clock.clone();
    let ending = runtime
        .block_on(headless::follow(
            driver,
            updates,
            start,
            clock,
            telling,
            workspace.policy.on_hangup,
            &mut out,
        ))
        .map_err(|error| unwritten(&error))?;
    Ok(ended(&ending))
}

/// Nothing is sent for a reader that isn't there.
fn unwritten(error: &std::io::Error) -> Failure {
    Failure::internal(format!(
        "standard output can't be written, nothing was sent: {error}"
    ))
}

fn ended(ending: &Ending) -> Exit {
    if let Ending::Killed(_) = ending {
        // At once: what is in flight has its intent in the journal and is in doubt.
        std::process::exit(ending.exit().number().into());
    }
    ending.exit()
}

fn none_to_send(workspace: &Workspace, made: &PreparedPlan, printing: Printing) -> Exit {
    // Whether or not anybody reads it, there was none to send.
    let _ = tell(workspace, made, printing, "finished", None, Exit::Accepted);
    if !printing.quiet {
        let _ = writeln!(std::io::stderr(), "no device to send");
    }
    Exit::Accepted
}

fn refuse(
    workspace: &Workspace,
    made: &PreparedPlan,
    printing: Printing,
    why: &str,
) -> Result<Exit, Failure> {
    // A reader that is gone makes it no less refused.
    let _ = tell(
        workspace,
        made,
        printing,
        "refused",
        Some(why),
        Exit::Refused,
    );
    Err(Failure::refused(format!("nothing was sent: {why}")))
}

/// Says what would have been sent.
fn tell(
    workspace: &Workspace,
    made: &PreparedPlan,
    printing: Printing,
    state: &'static str,
    reason: Option<&str>,
    exit: Exit,
) -> std::io::Result<()> {
    let plan = &made.plan;
    if printing.output == Output::Jsonl {
        let mut out = std::io::stdout().lock();
        plan::write_lines(&mut out, made)?;
        let tally = Tally::of(plan.devices.iter().map(|_| DeviceState::Planned));
        export::write_line(
            &mut out,
            &Line::summary(None, state, tally, reason.map(str::to_owned), exit),
        )?;
        return out.flush();
    }
    if !printing.quiet {
        let _ = std::io::stderr().write_all(plan::describe(workspace, made).as_bytes());
    }
    Ok(())
}
