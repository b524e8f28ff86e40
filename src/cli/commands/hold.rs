//! `offboard hold`: devices that nobody may send until a date.

mod names;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::json;

use crate::cli::arguments::dates::parse_day;
use crate::cli::arguments::output::TextOrJson;
use crate::cli::arguments::reading::Reading;
use crate::cli::commands::hold::names::HoldSelection;
use crate::cli::recorded::Recorded;
use crate::cli::workspace::{Workspace, open_list};
use crate::cli::{CommandError, Exit, Global, inventory};
use crate::domain::device::{Hwid, Identifier};
use crate::export;
use crate::journal::{EndedHolds, HoldRecord, Journal, JournalError, Operator};
use crate::list::{DeviceId, DeviceList, Problem};
use crate::plan::{Hold, LeftOutReason};
use crate::query::{Matcher, Query};
use crate::text;

/// How many held devices are listed.
const LISTED_MAX: usize = 20;

#[derive(Debug, Args)]
pub(in crate::cli) struct HoldArgs {
    #[command(subcommand)]
    command: HoldCommand,
}

#[derive(Debug, Subcommand)]
enum HoldCommand {
    /// Hold the devices of a list, or those with these identifiers or names
    Add(Box<AddArgs>),
    /// List the holds that are in force
    List(ListArgs),
    /// End the holds of these devices
    End(EndArgs),
}

#[derive(Debug, Args)]
struct AddArgs {
    /// A device list, or hardware IDs, MAC addresses, names of devices and accounts. Names, also those of a
    /// list without identifiers, are looked up in the profile's list, else in the last fetched inventory. An
    /// account holds all of its devices; any other name that means several is refused. With --where, these
    /// are the default for the list
    #[arg(value_name = "LIST|ID", required_unless_present = "query")]
    devices: Vec<String>,
    /// Hold only the devices of the list that match this query
    #[arg(long = "where", value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,
    /// The last day of the hold, in UTC, as in 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    until: Date,
    /// Why; plans show it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who answers for the hold
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Hold identifiers that the list doesn't have, too
    #[arg(long)]
    add_missing: bool,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// List the holds that have ended, too
    #[arg(long)]
    all: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJson,
}

#[derive(Debug, Args)]
struct EndArgs {
    /// Hardware IDs, MAC addresses and host names of held devices
    #[arg(value_name = "ID", required = true)]
    devices: Vec<String>,
}

impl HoldArgs {
    /// How its list is read.
    pub(in crate::cli) fn reading(&self) -> Reading {
        match &self.command {
            HoldCommand::Add(args) => args.reading.clone(),
            HoldCommand::List(_) | HoldCommand::End(_) => Reading::default(),
        }
    }
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &HoldArgs) -> Result<Exit, CommandError> {
    let workspace = Workspace::open(global)?;
    match &args.command {
        HoldCommand::Add(args) => add(&workspace, args),
        HoldCommand::List(args) => list(&workspace, args),
        HoldCommand::End(args) => end(&workspace, args),
    }
}

fn add(workspace: &Workspace, args: &AddArgs) -> Result<Exit, CommandError> {
    let now = workspace.clock.now().wall;
    let template = Hold::template(args.until, &args.reason, args.owner.as_deref(), now);
    let template = template.map_err(|error| CommandError::usage(format!("--{error}")))?;
    let HoldSelection {
        holds,
        unidentified,
        accounts,
    } = match list_path(workspace, args)? {
        Some(path) => of_list(workspace, args, &path, &template)?,
        None => names::holds(workspace, &args.devices, args.add_missing, &template)?,
    };
    if holds.is_empty() {
        return Err(CommandError::usage(
            "nothing is held: no device with an identifier is selected",
        ));
    }
    let mut journal = workspace.journal()?;
    let mut out = std::io::stdout().lock();
    for line in store(&mut journal, workspace, &template, &holds, unidentified)? {
        writeln!(out, "{line}")?;
    }
    for account in accounts {
        writeln!(out, "{account}")?;
    }
    for hold in holds.iter().take(LISTED_MAX) {
        writeln!(out, "  {}", device(hold))?;
    }
    if let Some(more) = holds.len().checked_sub(LISTED_MAX).filter(|&more| more > 0) {
        writeln!(out, "  and {more} more: see `offboard hold list`")?;
    }
    out.flush()?;
    Ok(Exit::Accepted)
}

/// Stores holds, and says in lines what is held and what isn't.
pub(in crate::cli) fn store(
    journal: &mut Journal,
    workspace: &Workspace,
    template: &Hold,
    holds: &[Hold],
    unidentified: u64,
) -> Result<Vec<String>, JournalError> {
    let keys: Vec<Identifier> = holds.iter().flat_map(Hold::keys).collect();
    let earlier = journal.earlier_devices(&workspace.target, holds.len(), keys.into_iter())?;
    let in_runs = holds.iter().filter_map(|hold| {
        let candidate = hold.candidate();
        match earlier.conflict(candidate, &crate::plan::Basis::default()) {
            Some(LeftOutReason::InRun(run)) => Some(run.short()),
            _ => None,
        }
    });
    let mut in_runs: Vec<String> = in_runs.collect();
    journal.add_holds(&workspace.target, holds, &Operator::current())?;
    let mut lines = vec![format!(
        "held {} until {}: {}",
        text::counted(holds.len() as u64, "device"),
        template.until,
        text::visible(&template.reason)
    )];
    if unidentified > 0 {
        lines.push(format!(
            "not held: {} without an identifier",
            text::counted(unidentified, "row")
        ));
    }
    if !in_runs.is_empty() {
        let devices = text::counted(in_runs.len() as u64, "device");
        in_runs.sort_unstable();
        in_runs.dedup();
        lines.push(format!(
            "{devices} of them in open runs ({}): a run that is being sent goes on; stop it with `offboard stop RUN`",
            in_runs.join(", ")
        ));
    }
    Ok(lines)
}

/// The list that the arguments name; none if they are identifiers.
fn list_path(workspace: &Workspace, args: &AddArgs) -> Result<Option<PathBuf>, CommandError> {
    match args.devices.as_slice() {
        [] => inventory::default_list(workspace)
            .map(Some)
            .ok_or_else(|| CommandError::usage(inventory::NO_LIST)),
        [one] if one == "-" || Path::new(one).is_file() => Ok(Some(PathBuf::from(one))),
        _ if args.query.is_some() => Err(CommandError::usage(
            "--where selects from one list: name one file, and no identifiers",
        )),
        _ => Ok(None),
    }
}

/// The holds of a list's devices.
fn of_list(
    workspace: &Workspace,
    args: &AddArgs,
    path: &Path,
    template: &Hold,
) -> Result<HoldSelection, CommandError> {
    let query = args.query.as_deref().unwrap_or_default();
    let query = Query::parse(query)?;
    if args.query.is_some() && query.is_empty() {
        return Err(CommandError::usage(
            "--where is empty: give a query, or leave it out for the whole list",
        ));
    }
    let read = open_list(path, &workspace.state_dir, &workspace.reading, &mut |_| {});
    if args.query.is_none()
        && path.is_file()
        && read.as_ref().map_or(true, has_names_only)
        && let Some(selected) = names::of_file(workspace, path, args.add_missing, template)?
    {
        return Ok(selected);
    }
    let list = read?;
    workspace.check_whole_list(&list)?;
    let mut holding = HoldSelection::default();
    for id in selected(workspace, &list, &query)? {
        match template.for_device(&list.device(id)) {
            Some(hold) => holding.holds.push(hold),
            None => holding.unidentified += 1,
        }
    }
    Ok(holding)
}

/// True for a list of names, serial numbers or accounts: no row has an identifier of its own.
fn has_names_only(list: &DeviceList) -> bool {
    let mut problems = list.ids().map(|id| list.device(id).problem().copied());
    list.counts().devices == 0 && problems.any(|problem| problem == Some(Problem::Unmatched))
}

fn selected(
    workspace: &Workspace,
    list: &DeviceList,
    query: &Query,
) -> Result<Vec<DeviceId>, CommandError> {
    let protection = workspace.profile.protect.apply(list).unwrap_or_default();
    let mut journal = workspace.journal()?;
    let states = Recorded::read(workspace, &mut journal, list, query, &protection)?;
    Ok(Matcher::new(query, list, &states)?.select())
}

fn list(workspace: &Workspace, args: &ListArgs) -> Result<Exit, CommandError> {
    let mut records = workspace.journal()?.holds(&workspace.target)?;
    records.retain(|record| args.all || record.status.is_in_force());
    let mut out = std::io::stdout().lock();
    if args.output == TextOrJson::Json {
        export::write_json(&mut out, records.iter().map(object))?;
    } else if records.is_empty() {
        writeln!(out, "no device is held")?;
    } else {
        for record in &records {
            writeln!(out, "{}", line(record))?;
        }
    }
    out.flush()?;
    Ok(Exit::Accepted)
}

fn object(record: &HoldRecord) -> serde_json::Value {
    let HoldRecord {
        hold,
        added_at,
        operator,
        ended_at,
        status,
    } = record;
    json!({
        "hwid": hold.hwid.as_ref().map(Hwid::as_str),
        "macs": hold.macs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "hostname": hold.hostname,
        "until": hold.until.to_string(),
        "reason": hold.reason,
        "owner": hold.owner,
        "state": status.as_str(),
        "added_at": added_at.to_string(),
        "added_by": operator.to_string(),
        "ended_at": ended_at.map(|ended| ended.to_string()),
    })
}

/// The identifiers and the host name of a held device.
fn device(hold: &Hold) -> String {
    let hwid = hold.hwid.as_ref().map(ToString::to_string);
    let macs = hold.macs.iter().map(ToString::to_string);
    let identifiers: Vec<String> = hwid.into_iter().chain(macs).collect();
    let mut device = identifiers.join(" ");
    if !hold.hostname.is_empty() {
        device.push_str(&format!("  {}", text::visible(&hold.hostname)));
    }
    device
}

fn line(record: &HoldRecord) -> String {
    let hold = &record.hold;
    let mut line = format!("{}  {}", hold.until, device(hold));
    line.push_str(&format!("  {}", text::visible(&hold.reason)));
    if let Some(owner) = &hold.owner {
        line.push_str(&format!("  owner {}", text::visible(owner)));
    }
    line.push_str(&format!(
        "  added {:.0} by {}",
        record.added_at,
        text::visible(&record.operator.to_string())
    ));
    match record.status {
        crate::journal::HoldStatus::InForce => {}
        crate::journal::HoldStatus::Unconfirmed => line.push_str(
            "  expired by this computer's clock; any call to the tenant (such as `offboard doctor`) confirms it",
        ),
        crate::journal::HoldStatus::Expired => line.push_str("  over"),
        crate::journal::HoldStatus::Ended => line.push_str("  ended"),
    }
    line
}

fn end(workspace: &Workspace, args: &EndArgs) -> Result<Exit, CommandError> {
    let mut journal = workspace.journal()?;
    let records = journal.holds(&workspace.target)?;
    let mut keys = Vec::new();
    for name in &args.devices {
        keys.extend(names::held(&records, name)?);
    }
    let operator = Operator::current();
    match journal.end_holds(&workspace.target, &keys, &operator)? {
        EndedHolds::Ended(ended) => {
            let mut out = std::io::stdout().lock();
            writeln!(out, "ended {}", text::counted(ended, "hold"))?;
            out.flush()?;
            Ok(Exit::Accepted)
        }
        EndedHolds::NotHeld(key) => Err(names::not_held(&key.to_string())),
    }
}
