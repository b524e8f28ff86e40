//! `offboard plan`: what would be sent. Nothing is.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::arguments::ids::Entries;
use crate::cli::arguments::output::TextOrJsonl;
use crate::cli::arguments::reading::Reading;
use crate::cli::column_memory;
use crate::cli::inventory::{self, AvailableInventory};
use crate::cli::plan_file;
use crate::cli::recorded::Recorded;
use crate::cli::workspace::{Workspace, open_list, print_notices};
use crate::cli::{CommandError, Exit, Global, print_note};
use crate::domain::device::Identifier;
use crate::domain::outcome::{DeviceState, Tally};
use crate::domain::run::RunId;
use crate::export::{self, Line};
use crate::list::{DeviceId, DeviceList, ReadOptions};
use crate::plan::{
    Criterion, LeftOutReason, ListIdentifiers, Plan, PlanRequest, Recheck, Warning, build,
};
use crate::text;

mod describe;
mod refusal;
mod selection;
mod terms;

pub(in crate::cli) use describe::{describe, describe_devices};
pub(in crate::cli) use refusal::{over_day, refusal, refusal_before_recheck};
pub(in crate::cli) use selection::SelectionArgs;
pub(in crate::cli) use terms::TermMatches;

/// What `plan` and `run` print.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct OutputArgs {
    /// Output format
    #[arg(long = "output", value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: TextOrJsonl,
    /// Problems only
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
}

/// The tenant's inventory that a command reads.
#[derive(Debug, Args)]
pub(in crate::cli) struct InventoryFile {
    /// The tenant's inventory that --match joins with and plans are checked against; else the list that
    /// `offboard fetch` read last
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) inventory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArgs {
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
    #[command(flatten)]
    pub(in crate::cli) inventory: InventoryFile,
    /// Write the frozen plan to this file, for `run --plan`
    #[arg(short = 'o', value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// Warnings to accept, separated by commas
    #[arg(long, value_name = "WARNING", value_delimiter = ',', value_parser = Warning::NAMES)]
    pub(in crate::cli) allow: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// A plan, and what became of `--ids` or `--match`.
pub(in crate::cli) struct PreparedPlan {
    pub(in crate::cli) plan: Plan,
    /// The list that it is of; none for a plan file.
    pub(in crate::cli) list: Option<DeviceList>,
    /// The names of the warnings that were accepted when a plan file was written.
    pub(in crate::cli) allowed: Vec<String>,
    pub(in crate::cli) ids: Option<Entries>,
    /// Why these entries forbid sending.
    pub(in crate::cli) ids_refusal: Option<String>,
    /// How the list was read, in a line.
    pub(in crate::cli) reading: Option<String>,
    /// Devices are protected because the list lacks a value that a rule reads.
    pub(in crate::cli) lacks_values: bool,
    /// The matches of each `protect` rule and each term of `--where`.
    pub(in crate::cli) terms: Vec<TermMatches>,
    /// The recheck that dropped devices of it, if there was one.
    pub(in crate::cli) recheck: Option<Recheck>,
}

impl PreparedPlan {
    /// The plan of a file, and the warnings that were accepted when it was written.
    pub(in crate::cli) fn of_file(plan: Plan, allowed: Vec<String>) -> Self {
        Self {
            plan,
            list: None,
            allowed,
            ids: None,
            ids_refusal: None,
            reading: None,
            lacks_values: false,
            terms: Vec::new(),
            recheck: None,
        }
    }

    /// The plan as a recheck left it.
    pub(in crate::cli) fn rechecked(plan: Plan, recheck: Recheck) -> Self {
        Self {
            recheck: Some(recheck),
            ..Self::of_file(plan, Vec::new())
        }
    }
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &PlanArgs) -> Result<Exit, CommandError> {
    let workspace = Workspace::open(global)?;
    let inventory = args.inventory.inventory.as_deref();
    let prepared = prepare_plan(&workspace, &args.selection, inventory, args.output.quiet)?;
    let plan = &prepared.plan;
    let refusal = prepared.ids_refusal.clone().or_else(|| {
        // With no devices `run` exits 0, so there is nothing to refuse.
        (!plan.devices.is_empty())
            .then(|| refusal(&workspace, plan, &args.allow))
            .flatten()
    });
    let exit = match refusal {
        Some(_) => Exit::Refused,
        None => Exit::Accepted,
    };
    if let Some(path) = &args.file {
        if let Some(reason) = &prepared.ids_refusal {
            return Err(CommandError::refused(format!(
                "no plan is written: {reason}"
            )));
        }
        if let Some(list) = &prepared.list {
            plan_file::write(&mut workspace.journal()?, list, plan, &args.allow, path)?;
        }
    }
    match args.output.format {
        TextOrJsonl::Jsonl => {
            let mut out = std::io::stdout().lock();
            write_lines(&mut out, &workspace, &prepared)?;
            let tally = Tally::of(plan.devices.iter().map(|_| DeviceState::Planned));
            let line = Line::summary(None, "planned", tally, refusal.clone(), exit);
            export::write_line(&mut out, &line)?;
            out.flush()?;
        }
        TextOrJsonl::Text if args.output.quiet => {}
        TextOrJsonl::Text => {
            let mut out = std::io::stdout().lock();
            out.write_all(describe(&workspace, &prepared).as_bytes())?;
            if !plan.devices.is_empty() {
                out.write_all(describe_devices(plan).as_bytes())?;
            }
            if let Some(next) = next_step(args.file.as_deref(), &workspace, plan, refusal.is_some())
            {
                writeln!(out, "{next}")?;
            }
            out.flush()?;
        }
    }
    if let Some(refusal) = refusal {
        print_note(format_args!(
            "offboard: nothing was sent; `run` would refuse this plan: {}",
            text::visible(&refusal)
        ));
    }
    Ok(exit)
}

/// What comes after a plan: where it was written, and how it is sent.
fn next_step(
    file: Option<&Path>,
    workspace: &Workspace,
    plan: &Plan,
    is_refused: bool,
) -> Option<String> {
    let needs_approval = plan_file::missing_approvals(workspace, plan).is_some();
    match file.map(text::visible_path) {
        Some(path) if is_refused => Some(format!("the plan is in {path}")),
        Some(path) if needs_approval => Some(format!(
            "nothing was sent; have it approved with `offboard approve {path}`, and send it with `run --plan {path}`"
        )),
        Some(path) => Some(format!(
            "nothing was sent; send it with `run --plan {path}`"
        )),
        None if plan.devices.is_empty() || is_refused => None,
        None if needs_approval => {
            Some("nothing was sent; it needs approval: write it to a file with -o FILE".to_owned())
        }
        None => Some(format!(
            "nothing was sent; send it with `run` and --expect-count {}",
            plan.devices.len()
        )),
    }
}

/// Reads the list, selects, and works the plan out.
pub(in crate::cli) fn prepare_plan(
    workspace: &Workspace,
    selection: &SelectionArgs,
    inventory: Option<&Path>,
    quiet: bool,
) -> Result<PreparedPlan, CommandError> {
    let query = selection.query()?;
    let sources = selection.read(workspace, inventory)?;
    let (list, entries) = (&sources.list, &sources.entries);
    let tolerance = selection.tolerance();
    let found = entries.as_ref().map(|entries| entries.selected(tolerance));
    let mut devices: Vec<DeviceId> = match &found {
        Some(found) => found.keys().copied().collect(),
        None => list.ids().collect(),
    };
    let rules = &workspace.profile.protect;
    let protection = rules.apply(list).map_err(CommandError::refused)?;
    let mut terms = terms::of_rules(&protection);
    let mut journal = workspace.journal()?;
    if let Some(query) = &query {
        let states = Recorded::read(workspace, &mut journal, list, query, &protection)?;
        terms.extend(sources.retain_matching(query, &states, &mut devices)?);
    }
    let id = RunId::random()
        .map_err(|error| CommandError::internal(format!("no randomness: {error}")))?;
    let bare: Vec<Identifier> = match entries {
        Some(entries) if selection.add_missing => entries.import.missing_identifiers().collect(),
        _ => Vec::new(),
    };
    let selected = devices
        .iter()
        .map(|&id| ListIdentifiers::of(list.device(id)));
    let keys = selected
        .flat_map(ListIdentifiers::into_keys)
        .chain(bare.iter().map(Identifier::normal_form));
    let count = devices.len() + bare.len();
    let earlier = journal.earlier_devices(&workspace.target, count, keys)?;
    let mut plan = build(&PlanRequest {
        selection: &devices,
        identify_by: selection.identify_by,
        bare_identifiers: &bare,
        last_planned: journal.last_list_size(&workspace.target, list.name())?,
        oldest: selection.oldest,
        query: Some(&selection.in_words(query.as_ref())),
        criterion: &Criterion::of(query.as_ref()),
        note: selection.note.as_deref(),
        ..workspace.plan_request(id, list, selection.action, &protection, &earlier)
    });
    let reading = Some(list.form());
    if !selection.matching {
        check_against_inventory(workspace, inventory, list, &mut plan)?;
    }
    let mut ids_refusal = None;
    if let (Some(entries), Some(found)) = (entries, &found) {
        plan.note_matches(entries.from.clone(), |id| found.get(&id).copied());
        entries.print(list, quiet);
        ids_refusal = entries.refusal(tolerance);
    }
    let mut left_out = plan.left_out.iter();
    let lacks_values = left_out.any(|row| {
        matches!(&row.reason, LeftOutReason::Protected(reason) if protection.is_unknown(reason))
    });
    Ok(PreparedPlan {
        plan,
        lacks_values,
        list: Some(sources.list),
        allowed: Vec::new(),
        ids: sources.entries,
        ids_refusal,
        reading,
        terms,
        recheck: None,
    })
}

/// Warns of devices that the tenant's inventory doesn't have.
fn check_against_inventory(
    workspace: &Workspace,
    named: Option<&Path>,
    list: &DeviceList,
    plan: &mut Plan,
) -> Result<(), CommandError> {
    if named.is_none() && inventory::is_last_fetched(workspace, list) {
        return Ok(());
    }
    match inventory::to_check_against(workspace, named)? {
        AvailableInventory::None => {}
        AvailableInventory::Unusable(reason) => {
            print_note(format_args!(
                "the plan isn't checked against the inventory: {reason}"
            ));
        }
        AvailableInventory::Whole(inventory) => {
            let now = workspace.clock.now().wall;
            inventory::warn(workspace, list, plan, &inventory, now);
        }
    }
    Ok(())
}

/// Reads the list, prints what is worth knowing about it, and refuses one that isn't whole or isn't of
/// this tenant.
fn read_list(
    workspace: &Workspace,
    path: &Path,
    options: &ReadOptions,
) -> Result<DeviceList, CommandError> {
    let list = open_list(path, &workspace.state_dir, options, &mut |_| {})?;
    print_notices(&list, workspace.clock.now().wall);
    if let Some(note) = column_memory::note(&workspace.state_dir, &list, &options.columns) {
        print_note(note);
    }
    workspace.check_whole_list(&list)?;
    if list.is_empty() {
        return Err(CommandError::refused(format!(
            "nothing was planned: {} holds no devices: save the list again",
            list.name()
        )));
    }
    Ok(list)
}

/// The plan's JSON lines but the last.
pub(in crate::cli) fn write_lines(
    out: &mut dyn Write,
    workspace: &Workspace,
    prepared: &PreparedPlan,
) -> std::io::Result<()> {
    let plan = &prepared.plan;
    if let Some(entries) = &prepared.ids {
        export::write_line(out, &entries.line())?;
    }
    let journal = workspace.journal().ok();
    let licences = journal.and_then(|journal| workspace.last_licences(&journal));
    export::write_line(
        out,
        &Line::plan(plan, None, prepared.recheck.as_ref()).with_last_licences(licences),
    )?;
    for term in &prepared.terms {
        export::write_line(out, &term.line())?;
    }
    for row in &plan.left_out {
        export::write_line(out, &Line::left_out(row))?;
    }
    for dropped in prepared.recheck.iter().flat_map(|recheck| &recheck.dropped) {
        export::write_line(out, &Line::left_out(&dropped.row()))?;
    }
    for device in &plan.devices {
        export::write_line(out, &Line::device(device, None, None, None))?;
    }
    Ok(())
}
