//! `offboard plan`: what would be sent. Nothing is.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::recorded::Recorded;
use super::workspace::{Workspace, notices, open_list, span};
use super::{Exit, Failure, Global, ids};
use crate::action::Action;
use crate::device::{Identifier, IdentifierKind, IdentifyBy};
use crate::export::{self, Line};
use crate::import::Import;
use crate::list::{DeviceId, DeviceList};
use crate::outcome::{DeviceState, Tally};
use crate::plan::{LeftOutReason, Plan, PlanRequest, Warning, build};
use crate::query::{GRAMMAR, Matcher, Query};
use crate::run::RunId;
use crate::text;

/// What `plan` and `run` select, and how.
#[derive(Debug, Args)]
#[group(id = "selection")]
pub(super) struct Selecting {
    /// The device list; - is standard input
    pub(super) list: PathBuf,
    /// uninstall, archive or remove
    #[arg(long)]
    pub(super) action: Action,
    /// Select what matches this query
    #[arg(long = "where", value_name = "QUERY", allow_hyphen_values = true, long_help = query_help())]
    pub(super) query: Option<String>,
    /// Select the devices that this file names: HWIDs, MACs or host names; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) ids: Option<PathBuf>,
    /// Select everything
    #[arg(long, conflicts_with_all = ["query", "ids"])]
    pub(super) all: bool,
    /// Go on without entries of --ids that are missing or invalid
    #[arg(long, requires = "ids")]
    pub(super) skip_missing: bool,
    /// Send identifiers of --ids that the list doesn't have
    #[arg(long, requires = "ids", conflicts_with = "query")]
    pub(super) add_missing: bool,
    /// Which identifier is sent
    #[arg(long, value_name = "WHICH", default_value = "auto")]
    pub(super) identify_by: Which,
    /// A note for the record, such as a ticket's number
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
}

/// What `plan` and `run` print.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Printing {
    /// What is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: Output,
    /// Problems only
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) selection: Selecting,
    /// Write the frozen plan to this file, for `run --plan`
    #[arg(short = 'o', value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Warnings that may stand, joined by commas: recent, old-list, most
    #[arg(long, value_name = "WARNING", value_delimiter = ',', value_parser = Warning::NAMES)]
    pub(super) allow: Vec<String>,
    #[command(flatten)]
    pub(super) printing: Printing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Which {
    /// The HWID, else the MAC if it is the device's alone
    Auto,
    /// The HWID
    Hwid,
    /// The MAC
    Mac,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people
    Text,
    /// One JSON object a line
    Jsonl,
}

fn query_help() -> String {
    format!("Select what matches this query:\n\n{GRAMMAR}\n\nA query may begin with a hyphen.")
}

/// A plan, and what became of `--ids`.
pub(super) struct Made {
    pub(super) plan: Plan,
    pub(super) ids: Option<Import>,
    /// Why the entries of `--ids` forbid sending.
    pub(super) ids_refusal: Option<String>,
}

/// Runs the command.
pub(super) fn run(global: &Global, args: &PlanArgs) -> Result<Exit, Failure> {
    let workspace = Workspace::open(global)?;
    let made = make(&workspace, &args.selection, args.printing.quiet)?;
    let plan = &made.plan;
    let refusal = made
        .ids_refusal
        .clone()
        .or_else(|| refusal(&workspace, plan, &args.allow));
    let exit = if made.ids_refusal.is_some() {
        Exit::Refused
    } else {
        Exit::Accepted
    };
    if let Some(path) = &args.file {
        if let Some(why) = &made.ids_refusal {
            return Err(Failure::refused(format!("no plan is written: {why}")));
        }
        let now = workspace.clock.now().wall;
        crate::file::write_new(path, |out| plan.write(now, out))
            .map_err(|error| Failure::internal(error.to_string()))?;
    }
    match args.printing.output {
        Output::Jsonl => {
            let mut out = std::io::stdout().lock();
            write_lines(&mut out, plan, made.ids.as_ref())?;
            let tally = Tally::of(plan.devices.iter().map(|_| DeviceState::Planned));
            let line = Line::summary(None, "planned", tally, refusal, exit.number());
            export::write_line(&mut out, &line)?;
            out.flush()?;
        }
        Output::Text if args.printing.quiet => {}
        Output::Text => {
            let mut out = std::io::stdout().lock();
            out.write_all(describe(&workspace, plan).as_bytes())?;
            if let Some(refusal) = refusal {
                writeln!(out, "`run` would refuse it: {refusal}")?;
            } else if let Some(path) = &args.file {
                let path = path.display().to_string();
                let path = text::visible(&path);
                writeln!(out, "nothing was sent; to send it, `run --plan {path}`")?;
            } else if !plan.devices.is_empty() {
                writeln!(
                    out,
                    "nothing was sent; to send it, `run` with --expect-count {}",
                    plan.devices.len()
                )?;
            }
            out.flush()?;
        }
    }
    Ok(exit)
}

/// Reads the list, selects, and works the plan out.
pub(super) fn make(
    workspace: &Workspace,
    selecting: &Selecting,
    quiet: bool,
) -> Result<Made, Failure> {
    let query = match (&selecting.query, selecting.all || selecting.ids.is_some()) {
        (None, true) => None,
        (None, false) => {
            return Err(Failure::usage(
                "nothing is selected: give --where QUERY, --ids FILE, or --all for the whole list",
            ));
        }
        (Some(text), _) => {
            let query =
                Query::parse(text).map_err(|error| Failure::usage(format!("--where: {error}")))?;
            if query.is_empty() {
                return Err(Failure::usage(
                    "--where is empty: give a query, or --all for the whole list",
                ));
            }
            Some(query)
        }
    };
    let text = selecting
        .ids
        .as_deref()
        .map(|path| ids::read(path, &selecting.list))
        .transpose()?;
    let list = read_list(workspace, &selecting.list)?;
    let import = text.map(|text| Import::read(&text, &list));
    let mut selection: Vec<DeviceId> = match &import {
        Some(import) => import.devices().collect(),
        None => list.ids().collect(),
    };
    let rules = &workspace.profile.protect;
    let protection = rules
        .apply(&list)
        .map_err(|error| Failure::refused(error.to_string()))?;
    let mut journal = workspace.journal()?;
    if let Some(query) = &query {
        let states = Recorded::read(workspace, &mut journal, &list, query, &protection)?;
        let matcher = Matcher::new(query, &list, &states)
            .map_err(|error| Failure::usage(format!("--where: {error}")))?;
        selection.retain(|&id| matcher.matches(id));
    }
    let held = journal.held(&workspace.target, list.time())?;
    let id =
        RunId::random().map_err(|error| Failure::internal(format!("no randomness: {error}")))?;
    let bare: Vec<Identifier> = match &import {
        Some(import) if selecting.add_missing => import.missing_identifiers().collect(),
        _ => Vec::new(),
    };
    let selected_by = selected_by(query.as_ref(), selecting);
    let plan = build(&PlanRequest {
        id,
        list: &list,
        selection: &selection,
        action: selecting.action,
        identify_by: match selecting.identify_by {
            Which::Auto => IdentifyBy::Auto,
            Which::Hwid => IdentifyBy::Hwid,
            Which::Mac => IdentifyBy::Mac,
        },
        target: &workspace.target,
        sizes: workspace.sizes(),
        again: &[],
        bare: &bare,
        rules,
        protection: &protection,
        held: &held,
        skip_removed: true,
        retried: &[],
        now: workspace.clock.now().wall,
        query: Some(&selected_by),
        note: selecting.note.as_deref(),
    });
    let ids_refusal = import.as_ref().and_then(|import| {
        ids::tell(import, quiet);
        ids::refusal(import, selecting.skip_missing, selecting.add_missing)
    });
    Ok(Made {
        plan,
        ids: import,
        ids_refusal,
    })
}

/// Reads the list, tells what is worth knowing about it, and refuses one that isn't whole or isn't of
/// this tenant.
fn read_list(workspace: &Workspace, path: &Path) -> Result<DeviceList, Failure> {
    let list = open_list(path, &workspace.state_dir, &mut |_| {})?;
    for notice in notices(&list, workspace.clock.now().wall) {
        // A closed standard error is no reason to stop.
        let _ = writeln!(
            std::io::stderr(),
            "{}: {notice}",
            text::visible(list.name())
        );
    }
    if let Some(why) = list.half_read() {
        return Err(Failure::refused(format!(
            "nothing is sent of a list that is read by half: {}: {why}",
            list.name()
        )));
    }
    workspace.check_list(&list).map_err(Failure::refused)?;
    Ok(list)
}

/// The query, the file or both, for the record.
fn selected_by(query: Option<&Query>, selecting: &Selecting) -> String {
    let ids = selecting.ids.as_ref();
    let parts = [
        query.map(|query| query.text().to_owned()),
        ids.map(|path| format!("--ids {}", path.display())),
        selecting.all.then(|| "--all".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Why a plan may not be sent as it stands, with the warnings that are allowed.
pub(super) fn refusal(workspace: &Workspace, plan: &Plan, allowed: &[String]) -> Option<String> {
    let devices = plan.devices.len() as u64;
    if workspace.read_only {
        return Some(crate::api::ReadOnly.to_string());
    }
    if let Err(refusal) = workspace
        .policy_of_plans()
        .check(&plan.origin.rules_hash, devices)
    {
        return Some(refusal.to_string());
    }
    let standing: Vec<String> = plan
        .warnings
        .iter()
        .filter(|warning| !allowed.iter().any(|name| name == warning.name()))
        .map(|warning| format!("{} ({})", warning.name(), warning.sentence()))
        .collect();
    (!standing.is_empty() && devices > 0).then(|| {
        format!(
            "warnings that --allow doesn't name: {}",
            standing.join("; ")
        )
    })
}

/// The plan's JSON lines but the last.
pub(super) fn write_lines(
    out: &mut dyn Write,
    plan: &Plan,
    ids: Option<&Import>,
) -> std::io::Result<()> {
    if let Some(import) = ids {
        export::write_line(out, &Line::ids(import.counts()))?;
    }
    export::write_line(out, &Line::plan(plan, None))?;
    for row in &plan.left_out {
        export::write_line(out, &Line::left_out(row))?;
    }
    for device in &plan.devices {
        export::write_line(out, &Line::device(device, None, None, None))?;
    }
    Ok(())
}

/// Which list the plan is of, and how old that is.
fn of_list(workspace: &Workspace, plan: &Plan) -> String {
    const DAY: u64 = 86_400;
    let origin = &plan.origin;
    let mut text = format!("list {}", text::visible(&origin.list_name));
    if let Some(time) = origin.list_time {
        let age = workspace.clock.now().wall.duration_since(time).try_into();
        let age: std::time::Duration = age.unwrap_or_default();
        let age = match age.as_secs() / DAY {
            0 => span(age),
            days => text::counted(days, "day"),
        };
        text.push_str(&format!(" · of {time:.0}, {age} old"));
    }
    text
}

/// The plan in words.
pub(super) fn describe(workspace: &Workspace, plan: &Plan) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = writeln!(
        text,
        "{} {} on {} (profile {})",
        plan.action,
        text::counted(plan.devices.len() as u64, "device"),
        plan.target.host(),
        text::visible(&plan.target.profile)
    );
    let _ = writeln!(text, "  {}", of_list(workspace, plan));
    let _ = writeln!(
        text,
        "  by HWID {} · by MAC {} · repeated rows {}",
        text::grouped(plan.count_by(IdentifierKind::Hwid) as u64),
        text::grouped(plan.count_by(IdentifierKind::Mac) as u64),
        text::grouped(plan.repeated)
    );
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for row in &plan.left_out {
        let reason = match &row.reason {
            LeftOutReason::Unusable(_) => row.reason.to_string(),
            held => held.to_string(),
        };
        *reasons.entry(reason).or_default() += 1;
    }
    for (reason, count) in reasons {
        let _ = writeln!(text, "  left out: {} {reason}", text::grouped(count));
    }
    if !plan.devices.is_empty() {
        let least = plan.duration(&workspace.budget, workspace.budget.calls.get());
        let time = if least.is_zero() {
            "at once".to_owned()
        } else {
            format!("{} at the least", span(least))
        };
        let _ = writeln!(
            text,
            "  {} · {time}, {} a minute",
            text::counted(plan.calls() as u64, "call"),
            workspace.budget.calls
        );
    }
    for warning in &plan.warnings {
        let _ = writeln!(text, "  warning {}: {}", warning.name(), warning.sentence());
    }
    text
}
