//! `offboard explain`: why a device is, or isn't, selected, protected and planned. It sends nothing.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::candidates;
use crate::cli::arguments::output::TextOrJson;
use crate::cli::arguments::reading::Reading;
use crate::cli::inventory::{self, AvailableInventory};
use crate::cli::recorded::Recorded;
use crate::cli::workspace::{Workspace, open_list, print_notices};
use crate::cli::{CommandError, Exit, Global};
use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::export::{self, ExplanationLine, standing};
use crate::journal::{Journal, JournalError};
use crate::list::{DeviceId, DeviceList};
use crate::plan::explain::{Explanation, Fate, RuleVerdict, explain, find};
use crate::plan::protection::Protection;
use crate::plan::{ListIdentifiers, PlanRequest, Warning};
use crate::query::{Node, Part, Query, QueryError, StatusSource, age};
use crate::text;
use crate::tui::error::BackendError;

/// Maximum number of candidates and twins that are listed.
const LISTED_MAX: usize = 20;

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArgs {
    /// The list; - is standard input
    list: PathBuf,
    /// The device: its HWID, a MAC address in any notation, or its host name
    id: String,
    /// Explain this query, term by term
    #[arg(long = "where", value_name = "QUERY", allow_hyphen_values = true, add = candidates::query())]
    query: Option<String>,
    /// The action that would be planned: uninstall, archive or remove
    #[arg(long)]
    action: Option<Action>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJson,
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &ExplainArgs) -> Result<Exit, CommandError> {
    let query = args.query.as_deref().map(Query::parse).transpose()?;
    let workspace = Workspace::open(global)?;
    let list = open_list(
        &args.list,
        &workspace.state_dir,
        &workspace.reading,
        &mut |_| {},
    )?;
    print_notices(&list, workspace.clock.now().wall);
    let device = the_device(&list, &args.id)?;
    let explained = explained(&workspace, &list, device, query.as_ref(), args.action)?;
    let warnings = warnings(&workspace, &list, &explained);
    let verified = workspace
        .journal()?
        .verified_states(&workspace.target, &list)?
        .remove(&device);
    let mut out = std::io::stdout().lock();
    match args.output {
        TextOrJson::Json => {
            let line = ExplanationLine::new(&list, &explained, verified, &warnings);
            export::write_line(&mut out, &line)?;
        }
        TextOrJson::Text => {
            let mut text = describe(&list, &explained, &warnings, args.action);
            if let Some(verified) = verified {
                text.push_str(&format!("  {:<11} {verified}\n", "verified"));
            }
            out.write_all(text.as_bytes())?;
        }
    }
    out.flush()?;
    Ok(Exit::Accepted)
}

/// The only device that `name` names.
fn the_device(list: &DeviceList, name: &str) -> Result<DeviceId, CommandError> {
    let shown = text::clip(name, 60);
    match find(list, name).as_slice() {
        [id] => Ok(*id),
        [] => Err(CommandError::usage(format!(
            "{shown} is not in {}: give a HWID, a MAC address or a host name of the list",
            text::visible(list.name())
        ))),
        several => {
            let candidates = several.iter().map(|&id| device_name(list, id));
            let candidates = text::first_of(candidates, LISTED_MAX);
            Err(CommandError::refused(format!(
                "{shown} is ambiguous: {} have it: name one by its HWID: {}",
                text::counted(several.len() as u64, "row"),
                candidates.join(", ")
            )))
        }
    }
}

/// Name, identifier and line of a row, safe to show.
fn device_name(list: &DeviceList, id: DeviceId) -> String {
    let name = list.name_of(id);
    format!("{} (line {})", text::visible(&name), list.device(id).line())
}

fn explained(
    workspace: &Workspace,
    list: &DeviceList,
    device: DeviceId,
    query: Option<&Query>,
    action: Option<Action>,
) -> Result<Explanation, CommandError> {
    let rules = &workspace.profile.protect;
    let protection = rules.apply(list).map_err(CommandError::refused)?;
    let mut journal = workspace.journal()?;
    let everything = Query::default();
    let read = query.unwrap_or(&everything);
    let states = Recorded::read(workspace, &mut journal, list, read, &protection)?;
    let subject = ExplainSubject {
        list,
        protection: &protection,
        device,
        query,
        states: &states,
    };
    Ok(subject.explain(workspace, &journal, action)?)
}

/// Why a device can't be explained.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ExplainError {
    /// The query can't be evaluated on the list.
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl From<ExplainError> for CommandError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Query(error) => error.into(),
            ExplainError::Journal(error) => error.into(),
        }
    }
}

impl From<ExplainError> for BackendError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Query(error) => error.into(),
            ExplainError::Journal(error) => error.into(),
        }
    }
}

/// What is explained.
pub(in crate::cli) struct ExplainSubject<'a> {
    pub list: &'a DeviceList,
    pub protection: &'a Protection,
    pub device: DeviceId,
    pub query: Option<&'a Query>,
    pub states: &'a dyn StatusSource,
}

impl ExplainSubject<'_> {
    /// The explanation, by the profile's rules and what the journal knows of the device.
    pub(in crate::cli) fn explain(
        &self,
        workspace: &Workspace,
        journal: &Journal,
        action: Option<Action>,
    ) -> Result<Explanation, ExplainError> {
        let Self {
            list,
            protection,
            device,
            query,
            states,
        } = *self;
        let keys = ListIdentifiers::of(list.device(device)).into_keys();
        let earlier = journal.earlier_devices(&workspace.target, 1, keys)?;
        // No rule depends on the action yet.
        let action = action.unwrap_or(Action::Archive);
        let id = RunId::from_bytes([0; 16]);
        let request = PlanRequest {
            query: query.map(Query::text),
            ..workspace.plan_request(id, list, action, protection, &earlier)
        };
        Ok(explain(device, query, states, &request)?)
    }
}

/// The warnings of a plan that this device contributes to.
fn warnings(workspace: &Workspace, list: &DeviceList, explained: &Explanation) -> Vec<Warning> {
    let plan = &explained.plan;
    let of_device =
        |warning: &&Warning| matches!(warning, Warning::Recent { .. } | Warning::New { .. });
    let mut warnings: Vec<Warning> = plan.warnings.iter().filter(of_device).cloned().collect();
    if !inventory::is_last_fetched(workspace, list)
        && let Ok(AvailableInventory::Whole(inventory)) =
            inventory::to_check_against(workspace, None)
    {
        let now = workspace.clock.now().wall;
        warnings.extend(inventory::warning(plan, &inventory, now));
    }
    warnings
}

/// The explanation for people.
fn describe(
    list: &DeviceList,
    explained: &Explanation,
    warnings: &[Warning],
    action: Option<Action>,
) -> String {
    let mut lines = format!(
        "{} of {}\n",
        device_name(list, explained.device),
        text::visible(list.name())
    );
    let result = match (&explained.fate, action) {
        (Fate::Planned(identifier), Some(action)) => format!("planned: {action} {identifier}"),
        (Fate::Planned(identifier), None) => format!("planned, as {identifier}"),
        (Fate::LeftOut(reason), _) => format!("left out: {reason}"),
        (Fate::NotSelected, _) => "not selected: the query doesn't match".to_owned(),
    };
    let mut line = |label: &str, value: &str| {
        lines.push_str(&format!("  {label:<11} {value}\n"));
    };
    line("result", &result);
    if let Some(problem) = explained.problem {
        line("row", &format!("unusable: {problem}"));
    }
    match (&explained.identifier, explained.identifier_reason) {
        (Ok(identifier), Some(reason)) => line("identifier", &format!("{identifier}: {reason}")),
        (Ok(identifier), None) => line("identifier", &identifier.to_string()),
        (Err(problem), _) => line("identifier", &format!("none: {problem}")),
    }
    if let Some(query) = &explained.query {
        line("query", answer(query.answer));
        tree(query, 2, &mut lines);
    }
    lines.push_str(&protection(explained));
    lines.push_str(&surroundings(list, explained, warnings));
    lines
}

/// Whether the device is protected, with each rule.
fn protection(explained: &Explanation) -> String {
    let mut lines = match &explained.protected {
        Some(reason) => format!("  {:<11} yes: {reason}\n", "protected"),
        None if explained.rules.is_empty() => {
            format!("  {:<11} no: the profile has no rules\n", "protected")
        }
        None => format!("  {:<11} no: no rule matches\n", "protected"),
    };
    for rule in &explained.rules {
        let verdict = match &rule.verdict {
            RuleVerdict::Matches => "matches".to_owned(),
            RuleVerdict::Uncertain(reason) => {
                format!("protects, since it is not certain: {reason}")
            }
            RuleVerdict::No => "doesn't match".to_owned(),
        };
        lines.push_str(&format!(
            "    rule {}: {verdict}\n",
            text::visible(&rule.rule)
        ));
        tree(&rule.node, 3, &mut lines);
    }
    lines
}

/// Twins, earlier runs and warnings.
fn surroundings(list: &DeviceList, explained: &Explanation, warnings: &[Warning]) -> String {
    let mut lines = String::new();
    let own = list.device(explained.device).last_seen();
    for twin in explained.twins.iter().take(LISTED_MAX) {
        let difference = match (list.device(twin.device).last_seen(), own) {
            (Some(other), Some(own)) => match other.as_second() - own.as_second() {
                0 => "seen at the same time".to_owned(),
                later @ 1.. => format!("seen {} later", age(later)),
                earlier => format!("seen {} earlier", age(-earlier)),
            },
            (None, _) => "never seen".to_owned(),
            (Some(_), None) => "seen, unlike this one".to_owned(),
        };
        lines.push_str(&format!(
            "  {:<11} {} with {}, {difference}\n",
            "shares",
            twin.field.name(),
            device_name(list, twin.device)
        ));
    }
    if explained.twins.len() > LISTED_MAX {
        lines.push_str(&format!(
            "  and {} more\n",
            explained.twins.len() - LISTED_MAX
        ));
    }
    for earlier in &explained.earlier {
        let time = earlier.decided_at.map(|time| format!(" at {time:.0}"));
        lines.push_str(&format!(
            "  {:<11} run {}: {} {}, {}{}\n",
            "earlier",
            earlier.run,
            earlier.action,
            earlier.sent,
            standing(earlier.state).replace('_', " "),
            time.unwrap_or_default()
        ));
    }
    for warning in warnings {
        lines.push_str(&format!(
            "  {:<11} {}: {}\n",
            "warning",
            warning.name(),
            warning.sentence()
        ));
    }
    lines
}

fn answer(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "true",
        Some(false) => "false",
        None => "unknown",
    }
}

/// A part of a query and the parts below it, a line each.
fn tree(node: &Node, depth: usize, lines: &mut String) {
    let (what, parts) = match &node.part {
        Part::All => ("everything".to_owned(), &[][..]),
        Part::And(parts) => ("all of".to_owned(), &parts[..]),
        Part::Or(parts) => ("one of".to_owned(), &parts[..]),
        Part::Not(part) => ("not".to_owned(), std::slice::from_ref(&**part)),
        Part::Term { text, fact } => (format!("{}: {fact}", text::visible(text)), &[][..]),
    };
    let indent = "  ".repeat(depth);
    lines.push_str(&format!("{indent}{:<7} {what}\n", answer(node.answer)));
    for part in parts {
        tree(part, depth + 1, lines);
    }
}
