//! `offboard run` and `offboard resume`: send without a screen.

use std::io::Write;

use clap::Args;

use super::plan::{self, Output, Selecting};
use super::workspace::Workspace;
use super::{Exit, Failure, Global, runs};
use crate::engine::driver::Driver;
use crate::export::{self, Line};
use crate::headless::{self, Ending, Start, Telling};
use crate::journal::{DeviceRecord, RunRecord};
use crate::outcome::{DeviceState, Tally};
use crate::plan::Plan;

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    selection: Selecting,
    /// The exact number of devices that would be sent
    #[arg(long, value_name = "N")]
    expect_count: Option<u64>,
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
    /// What is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: Output,
    /// Problems only
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub(super) fn run(global: &Global, args: &RunArgs) -> Result<Exit, Failure> {
    let workspace = Workspace::open(global)?;
    let plan = plan::make(&workspace, &args.selection)?;
    if plan.devices.is_empty() {
        return none_to_send(&workspace, &plan, &args.selection);
    }
    if let Some(why) = plan::refusal(&workspace, &plan, &args.selection.allow) {
        return refuse(&workspace, &plan, &args.selection, &why);
    }
    let Some(told) = args.expect_count else {
        let why = format!(
            "run never asks: it wants --expect-count {}",
            plan.devices.len()
        );
        return refuse(&workspace, &plan, &args.selection, &why);
    };
    match plan.confirm(told) {
        Err(wrong) => refuse(&workspace, &plan, &args.selection, &wrong.to_string()),
        Ok(confirmed) => {
            let telling = telling(args.selection.output, args.selection.quiet);
            follow(&workspace, Start::Plan(Box::new(confirmed)), telling)
        }
    }
}

/// Runs the command.
pub(super) fn resume(global: &Global, args: &ResumeArgs) -> Result<Exit, Failure> {
    let workspace = Workspace::open(global)?;
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
        return verify(
            &workspace,
            &record,
            devices,
            telling(args.output, args.quiet),
        );
    }
    if !record.state.is_open() {
        return Err(Failure::refused(format!(
            "run {id} is {}: nothing is left to send",
            record.state.word()
        )));
    }
    let devices = crate::text::counted(left, "device");
    match args.expect_count {
        Some(told) if told == left => {
            let devices = journal.devices(&id)?;
            let start = Start::Resume {
                record: Box::new(record),
                devices,
                told,
            };
            follow(&workspace, start, telling(args.output, args.quiet))
        }
        Some(told) => Err(Failure::refused(format!(
            "run {id} has {devices} left to send, not {told}"
        ))),
        None => Err(Failure::refused(format!(
            "run {id} has {devices} left to send: resume it with --expect-count {left}"
        ))),
    }
}

fn telling(output: Output, quiet: bool) -> Telling {
    Telling {
        jsonl: output == Output::Jsonl,
        quiet,
    }
}

/// Looks up the devices of a run that are in doubt.
fn verify(
    workspace: &Workspace,
    record: &RunRecord,
    devices: Vec<DeviceRecord>,
    telling: Telling,
) -> Result<Exit, Failure> {
    workspace
        .target
        .check(&record.target)
        .map_err(|why| Failure::refused(format!("run {} {why}", record.id)))?;
    let (driver, updates) = Driver::start(workspace.setup()?)?;
    let ending = runtime()?.block_on(headless::verify(
        driver,
        updates,
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

fn follow(workspace: &Workspace, start: Start, telling: Telling) -> Result<Exit, Failure> {
    let (driver, updates) = Driver::start(workspace.setup()?)?;
    let runtime = runtime()?;
    let mut out = std::io::stdout();
    let clock = workspace.clock.clone();
    let ending = runtime
        .block_on(headless::follow(
            driver, updates, start, clock, telling, &mut out,
        ))
        .map_err(|error| {
            Failure::internal(format!(
                "standard output can\'t be written, nothing was sent: {error}"
            ))
        })?;
    Ok(ended(&ending))
}

fn ended(ending: &Ending) -> Exit {
    if let Ending::Killed(_) = ending {
        // At once: what is in flight has its intent in the journal and is in doubt.
        std::process::exit(i32::from(ending.exit_code()));
    }
    Exit::Code(ending.exit_code())
}

fn none_to_send(
    workspace: &Workspace,
    plan: &Plan,
    selecting: &Selecting,
) -> Result<Exit, Failure> {
    tell(workspace, plan, selecting, "finished", None, 0)?;
    if !selecting.quiet {
        let _ = writeln!(std::io::stderr(), "no device to send");
    }
    Ok(Exit::Accepted)
}

fn refuse(
    workspace: &Workspace,
    plan: &Plan,
    selecting: &Selecting,
    why: &str,
) -> Result<Exit, Failure> {
    tell(workspace, plan, selecting, "refused", Some(why), 7)?;
    Err(Failure::refused(format!("nothing was sent: {why}")))
}

/// Says what would have been sent.
fn tell(
    workspace: &Workspace,
    plan: &Plan,
    selecting: &Selecting,
    state: &'static str,
    reason: Option<&str>,
    exit: u8,
) -> std::io::Result<()> {
    if selecting.output == Output::Jsonl {
        let mut out = std::io::stdout().lock();
        plan::write_lines(&mut out, plan)?;
        let tally = Tally::of(plan.devices.iter().map(|_| DeviceState::Planned));
        export::write_line(
            &mut out,
            &Line::summary(None, state, tally, reason.map(str::to_owned), exit),
        )?;
        return out.flush();
    }
    if !selecting.quiet {
        let _ = std::io::stderr().write_all(plan::describe(workspace, plan).as_bytes());
    }
    Ok(())
}
