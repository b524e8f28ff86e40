//! A plan in words.

use std::collections::BTreeMap;

use super::{PreparedPlan, TermMatches};
use crate::cli::workspace::{Workspace, span};
use crate::domain::device::IdentifierKind;
use crate::plan::Plan;
use crate::text;

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
pub(in crate::cli) fn describe(workspace: &Workspace, made: &PreparedPlan) -> String {
    use std::fmt::Write as _;
    let plan = &made.plan;
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = writeln!(
        text,
        "{} {} on {}",
        plan.action,
        text::counted(plan.devices.len() as u64, "device"),
        plan.target.label()
    );
    let _ = writeln!(text, "  {}", of_list(workspace, plan));
    if let Some(reading) = &made.reading {
        let _ = writeln!(text, "  read as {reading}");
    }
    if let Some(from) = &plan.origin.matched_from {
        let rules = plan.matches_by_rule();
        let colon = if rules.is_empty() { "" } else { ": " };
        let rules = rules.join(" · ");
        let _ = writeln!(text, "  matched with {}{colon}{rules}", from.name);
    }
    let _ = writeln!(
        text,
        "  by HWID {} · by MAC {} · repeated rows {}",
        text::grouped(plan.count_by(IdentifierKind::Hwid) as u64),
        text::grouped(plan.count_by(IdentifierKind::Mac) as u64),
        text::grouped(plan.repeated)
    );
    if let Some(oldest) = &plan.oldest {
        let _ = writeln!(text, "  {}", oldest.sentence(plan.devices.len() as u64));
    }
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for row in &plan.left_out {
        *reasons.entry(row.reason.to_string()).or_default() += 1;
    }
    for (reason, count) in reasons {
        let _ = writeln!(text, "  left out: {} {reason}", text::grouped(count));
    }
    if made.lacks_values && plan.origin.matched_from.is_none() {
        let _ = writeln!(
            text,
            "  the list lacks fields that `protect` reads: --match takes them from the inventory"
        );
    }
    if !plan.devices.is_empty() {
        let least = plan.duration(&workspace.budget, workspace.budget.calls.get());
        let time = if least.is_zero() {
            "at once".to_owned()
        } else {
            format!("at least {}", span(least))
        };
        let _ = writeln!(
            text,
            "  {} · {time}, {} per minute",
            text::counted(plan.calls() as u64, "call"),
            workspace.budget.calls
        );
    }
    // An unreadable journal is reported where the plan is refused or admitted.
    let journal = workspace.journal().ok();
    let journal = journal.as_ref();
    if let Some(licences) = journal.and_then(|journal| workspace.last_licences(journal)) {
        let _ = writeln!(
            text,
            "  licences: {licences}, measured {:.0}",
            licences.measured_at
        );
    }
    let day = journal.and_then(|journal| workspace.day_use(journal).ok());
    if let Some(sentence) = day.and_then(|day| day.sentence(plan.devices.len() as u64)) {
        let _ = writeln!(text, "  {sentence}");
    }
    for sentence in made.terms.iter().filter_map(TermMatches::sentence) {
        let _ = writeln!(text, "  {sentence}");
    }
    if let Some(note) = &plan.origin.note {
        let _ = writeln!(text, "  note: {}", text::visible(note));
    }
    for warning in &plan.warnings {
        let _ = writeln!(text, "  warning {}: {}", warning.name(), warning.sentence());
    }
    text
}

/// The plan's devices, a line each, under a line of headers.
pub(in crate::cli) fn describe_devices(plan: &Plan) -> String {
    let headers = [
        "hostname",
        "identifier",
        "type",
        "status",
        "group",
        "user",
        "last seen",
    ];
    let mut rows: Vec<[String; 7]> = vec![headers.map(str::to_owned)];
    rows.extend(plan.devices.iter().map(|device| {
        let texts = [
            &device.hostname,
            &device.identifier.to_string(),
            &device.device_type,
            &device.status,
            &device.group,
            &device.user,
            &device
                .last_seen
                .map(|seen| seen.strftime("%Y-%m-%d").to_string())
                .unwrap_or_default(),
        ];
        texts.map(|text| match text::visible(text) {
            empty if empty.is_empty() => "–".to_owned(),
            text => text.into_owned(),
        })
    }));
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = text::width(cell).max(*width);
        }
    }
    let line = |row: &[String; 7]| {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - text::width(cell))))
            .collect();
        format!("  {}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
