//! `offboard run` and `offboard resume`: send without a screen.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::plan::{self, InventoryFile, OutputArgs, PreparedPlan, SelectionArgs, TermMatches};
use crate::cli::arguments::candidates;
use crate::cli::arguments::ids::Entries;
use crate::cli::arguments::output::TextOrJsonl;
use crate::cli::arguments::reading::Reading;
use crate::cli::commands::runs;
use crate::cli::full_records;
use crate::cli::inventory::InventoryCache;
use crate::cli::on_finish::OnFinish;
use crate::cli::setup::{runtime, setup};
use crate::cli::workspace::{Workspace, test_window};
use crate::cli::{CommandError, Exit, Global, plan_file, print_note};
use crate::domain::outcome::{DeviceState, Tally};
use crate::export::{self, Line};
use crate::headless::event_loop::PROGRESS;
use crate::headless::{self, Ending, OutputOptions, Start};
use crate::journal::{DeviceRecord, RunRecord};
use crate::plan::{ConfirmedPlan, Warning};
use crate::runner::Driver;

mod rechecked;
mod report;

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    #[command(flatten)]
    selection: Option<SelectionArgs>,
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
    /// Send this plan file, which `offboard plan -o` wrote, once
    #[arg(long, value_name = "FILE", conflicts_with = "selection")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    inventory: InventoryFile,
    /// Before sending a plan file, drop the devices that by the inventory no longer match its query, are
    /// missing, held or protected, or were seen since the plan. The inventory is fetched if it is older
    /// than an hour; --inventory FILE names another list
    #[arg(long, requires = "plan")]
    recheck: bool,
    /// The exact number of devices that would be sent
    #[arg(long, value_name = "N")]
    expect_count: Option<u64>,
    /// Warnings to accept, separated by commas
    #[arg(long, value_name = "WARNING", value_delimiter = ',', value_parser = Warning::NAMES)]
    allow: Vec<String>,
    /// Write the run's report to this new file when the run ends or pauses: .html or .md
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ResumeArgs {
    /// The run, by the beginning of its name; or last
    #[arg(add = candidates::open_runs())]
    run: Option<String>,
    /// The exact number of devices that are left to send
    #[arg(long, value_name = "N", requires = "run")]
    expect_count: Option<u64>,
    /// Look up devices in doubt, one call each; nothing is sent
    #[arg(long, requires = "run", conflicts_with = "expect_count")]
    verify: bool,
    /// List the runs of all profiles, not only of this one's tenant and account
    #[arg(long, conflicts_with = "run")]
    all_profiles: bool,
    /// Write the run's report to this new file when the run ends or pauses: .html or .md
    #[arg(long, value_name = "FILE", conflicts_with = "verify", requires = "run")]
    report: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &RunArgs) -> Result<Exit, CommandError> {
    let workspace = Workspace::open(global)?;
    report::check(args.report.as_deref())?;
    let output = args.output;
    let cache = InventoryCache::default();
    let mut prepared = prepare(&workspace, args, &cache)?;
    if let Some(reason) = &prepared.ids_refusal {
        return refuse(&workspace, &prepared, output, reason);
    }
    // A given count is checked even for no devices: the query may have a mistake.
    if prepared.plan.devices.is_empty() && args.expect_count.unwrap_or(0) == 0 {
        return Ok(none_to_send(&workspace, &prepared, output));
    }
    let allowed = [&args.allow[..], &prepared.allowed].concat();
    let refusal = if args.recheck {
        plan::refusal_before_recheck(&workspace, &prepared.plan, &allowed)
    } else {
        plan::refusal(&workspace, &prepared.plan, &allowed)
    };
    if let Some(reason) = refusal {
        return refuse(&workspace, &prepared, output, &reason);
    }
    let count = prepared.plan.devices.len() as u64;
    // A plan file has its count, which was checked when it was read.
    let expected_count = match (args.expect_count, &args.plan) {
        (Some(expected_count), _) => expected_count,
        (None, Some(_)) => count,
        (None, None) => {
            let reason = format!("confirmation required: pass --expect-count {count}");
            return refuse(&workspace, &prepared, output, &reason);
        }
    };
    if let Some(list) = &prepared.list {
        full_records::attach(&mut prepared.plan, list, &workspace.keep)?;
    }
    match prepared.plan.confirm(expected_count) {
        Err(wrong) => refuse(&workspace, &prepared, output, &wrong.to_string()),
        Ok(_) if plan_file::missing_approvals(&workspace, &prepared.plan).is_some() => {
            request_approval(&workspace, &prepared, output, &allowed)
        }
        Ok(confirmed) if args.recheck => {
            rechecked::send(&workspace, args, &prepared, confirmed, &cache)
        }
        Ok(confirmed) => {
            print_selection(&prepared, output).map_err(|error| unwritten(&error))?;
            send(&workspace, args, confirmed)
        }
    }
}

/// Reads the list or the plan file.
fn prepare(
    workspace: &Workspace,
    args: &RunArgs,
    cache: &InventoryCache,
) -> Result<PreparedPlan, CommandError> {
    let inventory = args.inventory.inventory.as_deref();
    match (&args.selection, &args.plan) {
        (Some(selection), _) => {
            plan::prepare_plan(workspace, selection, inventory, args.output.quiet)
        }
        (None, Some(_)) if inventory.is_some() && !args.recheck => Err(CommandError::usage(
            "--inventory with --plan is the list to recheck against: add --recheck",
        )),
        (None, Some(path)) => {
            // A named list can be anything: only the inventory itself replaces its protection.
            let by_inventory = args.recheck && inventory.is_none();
            let (plan, allowed) = plan_file::open(workspace, path, by_inventory, cache)?;
            Ok(PreparedPlan::of_file(plan, allowed))
        }
        (None, None) => Err(CommandError::usage(
            "nothing to send: pass LIST with --action and a selector, or --plan FILE",
        )),
    }
}

/// Sends a confirmed plan.
fn send(
    workspace: &Workspace,
    args: &RunArgs,
    confirmed: ConfirmedPlan,
) -> Result<Exit, CommandError> {
    let start = Start::Plan(Box::new(confirmed));
    follow(workspace, start, args.report.as_deref(), args.output)
}

/// Writes a plan of a list for its approvers; refuses a plan file that lacks approvals.
fn request_approval(
    workspace: &Workspace,
    prepared: &PreparedPlan,
    output: OutputArgs,
    allowed: &[String],
) -> Result<Exit, CommandError> {
    match (
        &prepared.list,
        plan_file::missing_approvals(workspace, &prepared.plan),
    ) {
        (Some(list), _) => {
            let wrote = plan_file::write_for_approval(workspace, list, &prepared.plan, allowed)?;
            Err(CommandError::refused(format!("nothing was sent: {wrote}")))
        }
        (None, missing) => refuse(workspace, prepared, output, &missing.unwrap_or_default()),
    }
}

/// Prints the result of `--ids` and the matches of rules and terms, before the run's own lines.
fn print_selection(prepared: &PreparedPlan, output: OutputArgs) -> std::io::Result<()> {
    if output.format == TextOrJsonl::Jsonl {
        let mut out = std::io::stdout().lock();
        let ids = prepared.ids.iter().map(Entries::line);
        for line in ids.chain(prepared.terms.iter().map(TermMatches::line)) {
            export::write_line(&mut out, &line)?;
        }
    } else if !output.quiet {
        for sentence in prepared.terms.iter().filter_map(TermMatches::sentence) {
            print_note(sentence);
        }
    }
    Ok(())
}

/// Runs the command.
pub(in crate::cli) fn resume(global: &Global, args: &ResumeArgs) -> Result<Exit, CommandError> {
    let workspace = Workspace::open(global)?;
    report::check(args.report.as_deref())?;
    let Some(name) = &args.run else {
        return runs::list_open(&workspace, args.all_profiles);
    };
    let mut journal = workspace.journal()?;
    let id = runs::run_of(&journal, &workspace.target, name)?.id;
    // Opening marks devices in doubt that a process which died had in flight: they aren't left to send.
    let lock = journal.lock_run(&id)?;
    let record = journal.open_run(&id, &lock)?.record;
    drop(lock);
    let left = record.tally.left;
    if args.verify {
        let devices = journal.devices(&id)?;
        return look_up_doubts(&workspace, &record, devices, output_options(args.output));
    }
    if !record.state.is_open() {
        return Err(CommandError::refused(format!(
            "run {id} is {}: nothing is left to send",
            record.state.as_str()
        )));
    }
    let devices = crate::text::counted(left, "device");
    let in_doubt = record.tally.in_doubt;
    match args.expect_count {
        None if left == 0 && in_doubt > 0 => Err(CommandError::refused(format!(
            "run {id} has {devices} left to send, and {} in doubt: look them up with \
             `offboard resume {id} --verify`, or end the run with --expect-count 0",
            crate::text::counted(in_doubt, "device")
        ))),
        Some(expected_count) if expected_count == left => {
            let devices = journal.devices(&id)?;
            let start = Start::Resume {
                record: Box::new(record),
                devices,
                expected_count,
            };
            follow(&workspace, start, args.report.as_deref(), args.output)
        }
        Some(expected_count) => Err(CommandError::refused(format!(
            "run {id} has {devices} left to send, not {expected_count}"
        ))),
        None => Err(CommandError::refused(format!(
            "run {id} has {devices} left to send: resume it with --expect-count {left}"
        ))),
    }
}

fn output_options(output: OutputArgs) -> OutputOptions {
    OutputOptions {
        jsonl: output.format == TextOrJsonl::Jsonl,
        quiet: output.quiet,
        progress: test_window().map_or(PROGRESS, |minute| minute / 6),
    }
}

/// Looks up the devices of a run that are in doubt.
fn look_up_doubts(
    workspace: &Workspace,
    record: &RunRecord,
    devices: Vec<DeviceRecord>,
    output: OutputOptions,
) -> Result<Exit, CommandError> {
    workspace
        .target
        .check(&record.target)
        .map_err(|reason| CommandError::refused(format!("run {} {reason}", record.id)))?;
    let ending = runtime()?.block_on(headless::look_up_doubts(
        Driver::start(setup(workspace, workspace.journal()?))?,
        record,
        devices,
        workspace.clock.clone(),
        output,
        &mut std::io::stdout(),
    ))?;
    Ok(ended(&ending))
}

/// Follows a run to its end, writes its report, and runs the configured command.
fn follow(
    workspace: &Workspace,
    start: Start,
    report_path: Option<&Path>,
    output: OutputArgs,
) -> Result<Exit, CommandError> {
    let id = start.run();
    let (driver, updates) = Driver::start(setup(workspace, workspace.journal()?))?;
    let runtime = runtime()?;
    let mut out = std::io::stdout();
    let followed = runtime
        .block_on(headless::follow(
            driver,
            updates,
            start,
            workspace.clock.clone(),
            output_options(output),
            workspace.policy.on_hangup,
            &mut out,
        ))
        .map_err(|error| unwritten(&error))?;
    let exit = ended(&followed.ending);
    // A refused command did not run, even if the same plan was sent earlier.
    let is_over = matches!(
        followed.ending,
        Ending::RunEnded { .. } | Ending::EngineFailed(_)
    );
    if is_over {
        report::write(workspace, id, report_path);
    }
    if let Some(command) = OnFinish::of(workspace).filter(|_| is_over)
        && let Err(error) = runtime.block_on(command.run_until_signal(followed.summary))
    {
        print_note(error);
    }
    Ok(exit)
}

/// The failure of standard output, before anything is sent.
fn unwritten(error: &std::io::Error) -> CommandError {
    CommandError::internal(format!(
        "standard output can't be written, nothing was sent: {error}"
    ))
}

fn ended(ending: &Ending) -> Exit {
    if let Ending::Signalled(_) = ending {
        // Immediately: the call in flight has its intent in the journal and is in doubt.
        std::process::exit(ending.exit().number().into());
    }
    ending.exit()
}

fn none_to_send(workspace: &Workspace, prepared: &PreparedPlan, output: OutputArgs) -> Exit {
    // An error of standard output doesn't change the result.
    let _ = print_plan(
        workspace,
        prepared,
        output,
        "finished",
        None,
        Exit::Accepted,
    );
    if !output.quiet {
        print_note("no device to send");
    }
    Exit::Accepted
}

fn refuse(
    workspace: &Workspace,
    prepared: &PreparedPlan,
    output: OutputArgs,
    reason: &str,
) -> Result<Exit, CommandError> {
    // An error of standard output doesn't change the result.
    let _ = print_plan(
        workspace,
        prepared,
        output,
        "refused",
        Some(reason),
        Exit::Refused,
    );
    Err(CommandError::refused(format!("nothing was sent: {reason}")))
}

/// Prints what would have been sent.
fn print_plan(
    workspace: &Workspace,
    prepared: &PreparedPlan,
    output: OutputArgs,
    state: &'static str,
    reason: Option<&str>,
    exit: Exit,
) -> std::io::Result<()> {
    let plan = &prepared.plan;
    if output.format == TextOrJsonl::Jsonl {
        let mut out = std::io::stdout().lock();
        plan::write_lines(&mut out, workspace, prepared)?;
        let tally = Tally::of(plan.devices.iter().map(|_| DeviceState::Planned));
        export::write_line(
            &mut out,
            &Line::summary(None, state, tally, reason.map(str::to_owned), exit),
        )?;
        return out.flush();
    }
    if !output.quiet {
        let _ = std::io::stderr().write_all(plan::describe(workspace, prepared).as_bytes());
    }
    Ok(())
}
