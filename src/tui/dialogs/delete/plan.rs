//! What a plan would send: the facts above the exact list of the confirmation.
//!
//! ```text
//! tenant   gears.opswat.com (profile production)
//! action   remove: The agent is told to uninstall itself; …
//! devices  137 · by HWID 130 · by MAC 7
//! matched  assets.xlsx: 120 by serial · 17 by hostname
//! left out 3 shared MAC · 9 in run 7k2m9x4c
//! calls    4 · at once, by today's budget
//! hidden   5 marked devices not shown by the filter, …
//! warning  recent: 3 devices were seen within a day …
//! the exact list, 1 to 12 of 137
//!   LT-4411          12ds44f5gacd52234                  Sales      by serial
//! ```

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::device::IdentifierKind;
use crate::import::MatchRule;
use crate::plan::{Plan, Warning};
use crate::text::{clip, counted, grouped};
use crate::tui::context::Context;
use crate::tui::dialogs::delete::Confirmation;
use crate::tui::widgets::fact::fact;

/// How detailed the hidden devices and the warnings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Detail {
    /// All, in sentences.
    Sentences,
    /// Their names and numbers.
    Names,
}

/// The facts of a plan; warnings last, so that they are next to the question.
pub(in crate::tui) fn facts<'a>(
    context: &Context,
    confirm: &Confirmation,
    width: usize,
    detail: Detail,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let plan = &confirm.plan;
    let mut facts = vec![
        (
            "tenant",
            format!("{} (profile {})", plan.target.host(), plan.target.profile),
        ),
        ("action", consequence(plan)),
    ];
    let mut devices = format!(
        "{} · by HWID {} · by MAC {}",
        grouped(plan.devices.len() as u64),
        grouped(plan.count_by(IdentifierKind::Hwid) as u64),
        grouped(plan.count_by(IdentifierKind::Mac) as u64),
    );
    if plan.repeated > 0 {
        let rows = counted(plan.repeated, "repeated row");
        devices.push_str(&format!(" · {rows}"));
    }
    facts.push(("devices", devices));
    if !plan.left_out.is_empty() {
        facts.push(("left out", reasons(plan)));
    }
    if let Some(matched) = matched(plan) {
        facts.push(("matched", matched));
    }
    facts.push((
        "calls",
        format!(
            "{} · {}, by today's budget",
            plan.calls(),
            time(context, plan)
        ),
    ));
    let mut lines: Vec<Line<'a>> = facts
        .iter()
        .flat_map(|(name, value)| fact(name, value, width, theme.dim(), Style::new()))
        .collect();
    let mut warn = |name: &str, text: &str| {
        lines.extend(fact(name, text, width, theme.warning(), theme.warning()));
    };
    if detail == Detail::Names {
        if let Some(odd) = odd(confirm) {
            warn("warning", &odd);
        }
        return lines;
    }
    if !confirm.hidden.is_empty() {
        let hidden = counted(confirm.hidden.len() as u64, "marked device");
        let text =
            format!("{hidden} not shown by the filter, at the end of the list; D drops them");
        warn("hidden", &text);
    }
    if let removed @ 1.. = removed_earlier(plan) {
        let devices = counted(removed, "device");
        let text = format!("{devices} removed earlier, by a run after the list was saved");
        warn("removed", &text);
    }
    for warning in &plan.warnings {
        warn(
            "warning",
            &format!("{}: {}", warning.name(), warning.sentence()),
        );
    }
    lines
}

/// The same where there is next to no room, in at most `most` lines if that can be: every number and
/// the name of every warning; then why rows are left out and what the action does, as far as there
/// is room.
pub(in crate::tui) fn facts_in_short<'a>(
    context: &Context,
    confirm: &Confirmation,
    width: usize,
    most: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let plan = &confirm.plan;
    let mut devices = format!(
        "{} HWID, {} MAC",
        grouped(plan.count_by(IdentifierKind::Hwid) as u64),
        grouped(plan.count_by(IdentifierKind::Mac) as u64),
    );
    for (count, what) in [
        (plan.left_out.len() as u64, "left out"),
        (plan.repeated, "repeated"),
    ] {
        if count > 0 {
            devices.push_str(&format!(" · {} {what}", grouped(count)));
        }
    }
    let calls = counted(plan.calls() as u64, "call");
    devices.push_str(&format!(" · {calls}, {}", time(context, plan)));
    let tenant = format!("{} ({})", plan.target.host(), plan.target.profile);
    let fact_lines = |name: &str, value: &str| fact(name, value, width, theme.dim(), Style::new());
    let mut lines = fact_lines("tenant", &tenant);
    lines.extend(fact_lines("devices", &devices));
    let warnings = odd(confirm).map_or_else(Vec::new, |odd| {
        fact("warning", &odd, width, theme.warning(), theme.warning())
    });
    let left_out = if plan.left_out.is_empty() {
        Vec::new()
    } else {
        fact_lines("left out", &reasons(plan))
    };
    for further in [left_out, fact_lines("action", &consequence(plan))] {
        let room = most.saturating_sub(lines.len() + warnings.len());
        let cut = further.len() > room;
        let last = room.saturating_sub(1);
        lines.extend(
            further
                .into_iter()
                .take(room)
                .enumerate()
                .map(|(index, line)| {
                    if cut && index == last {
                        cut_off(&line, width)
                    } else {
                        line
                    }
                }),
        );
    }
    lines.extend(warnings);
    lines
}

/// A line that says that more would follow.
fn cut_off<'a>(line: &Line<'_>, width: usize) -> Line<'a> {
    let text: String = line.spans.iter().map(|span| &*span.content).collect();
    // One character too many, so that it is cut and shown to be.
    let text = format!("{text} …");
    Line::from(clip(&text, width).into_owned())
}

fn consequence(plan: &Plan) -> String {
    format!("{}: {}", plan.action, plan.action.consequence())
}

/// What an import named the devices in, and how many each rule found.
fn matched(plan: &Plan) -> Option<String> {
    let from = plan.origin.matched_from.as_ref()?;
    let mut counts: BTreeMap<MatchRule, u64> = BTreeMap::new();
    for rule in plan.devices.iter().filter_map(|device| device.matched_by) {
        *counts.entry(rule).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(rule, count)| format!("{} {rule}", grouped(*count)))
        .collect();
    Some(format!("{}: {}", from.name, counts.join(" · ")))
}

/// Why rows are left out, with how many each.
fn reasons(plan: &Plan) -> String {
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for row in &plan.left_out {
        *reasons.entry(row.reason.to_string()).or_default() += 1;
    }
    let reasons: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{} {reason}", grouped(*count)))
        .collect();
    reasons.join(" · ")
}

/// How many devices a run removed after the list was saved, and were marked all the same.
fn removed_earlier(plan: &Plan) -> u64 {
    let devices = plan.devices.iter();
    devices.filter(|device| device.removed_by.is_some()).count() as u64
}

/// The hidden devices, those that a run removed since the list was saved, and the warnings, by name and
/// number.
fn odd(confirm: &Confirmation) -> Option<String> {
    let mut odd = Vec::new();
    if !confirm.hidden.is_empty() {
        let hidden = grouped(confirm.hidden.len() as u64);
        odd.push(format!("{hidden} hidden, D drops"));
    }
    if let removed @ 1.. = removed_earlier(&confirm.plan) {
        odd.push(format!("{} removed earlier", grouped(removed)));
    }
    odd.extend(confirm.plan.warnings.iter().map(|warning| match warning {
        Warning::Recent { devices } => format!("{} recent", grouped(*devices)),
        Warning::OldList { age } => {
            format!("old-list, {}", counted(age.as_secs() / 86_400, "day"))
        }
        Warning::Most { of, .. } => format!("most of {}", grouped(*of)),
        Warning::New { devices, .. } => format!("{} new", grouped(*devices)),
        Warning::Shrunk { expected, .. } => format!("shrunk from {}", grouped(*expected)),
        Warning::Last {
            users, hostnames, ..
        } => format!("last of {}", grouped(users + hostnames)),
        Warning::NotInInventory { devices, .. } => {
            format!("{} not in inventory", grouped(*devices))
        }
        Warning::RuleMatchesNone { rules } => {
            format!("rule-matches-none: protect {}", rules.join(", "))
        }
    }));
    (!odd.is_empty()).then(|| odd.join(" · "))
}

/// How long the calls take.
fn time(context: &Context, plan: &Plan) -> String {
    let left = context
        .runs
        .budget_status
        .map_or(context.settings.budget.calls.get(), |status| status.left);
    let seconds = plan.duration(&context.settings.budget, left).as_secs();
    if seconds == 0 {
        "at once".to_owned()
    } else {
        format!("{}:{:02} at the least", seconds / 60, seconds % 60)
    }
}

/// The exact list: what is shown first, then what the filter hides.
pub(in crate::tui) fn render_list(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    confirm: &Confirmation,
) {
    let theme = &context.settings.theme;
    let plan = &confirm.plan;
    let is_matched = plan
        .devices
        .iter()
        .any(|device| device.matched_by.is_some());
    let rows = usize::from(area.height.saturating_sub(1));
    let all = u32::try_from(plan.devices.len()).unwrap_or(u32::MAX);
    let hidden: std::collections::HashSet<u32> = confirm.hidden.iter().copied().collect();
    let order = (0..all)
        .filter(|ordinal| !hidden.contains(ordinal))
        .chain(confirm.hidden.iter().copied());
    let top = confirm
        .scroll
        .at
        .min(plan.devices.len().saturating_sub(rows));
    let last = (top + rows).min(plan.devices.len());
    let heading = format!(
        " the exact list, {} to {} of {}",
        grouped(top as u64 + 1),
        grouped(last as u64),
        grouped(u64::from(all))
    );
    let mut lines = vec![Line::from(Span::styled(heading, theme.strong()))];
    for ordinal in order.skip(top).take(rows) {
        let Some(device) = plan.devices.get(ordinal as usize) else {
            continue;
        };
        let is_hidden = hidden.contains(&ordinal);
        let group = if is_matched && area.width < 100 {
            8
        } else {
            14
        };
        let reason = [
            is_hidden.then(|| "hidden".to_owned()),
            device.matched_by.map(|rule| rule.to_string()),
        ];
        let reason: Vec<String> = reason.into_iter().flatten().collect();
        let text = format!(
            "   {:<16} {:<34} {:<group$} {}",
            clip(&device.hostname, 16),
            clip(&device.identifier.to_string(), 34),
            clip(&device.group, group),
            reason.join(" ")
        );
        let style = if is_hidden {
            theme.warning()
        } else {
            Style::new()
        };
        lines.push(Line::from(Span::styled(
            clip(&text, usize::from(area.width)).into_owned(),
            style,
        )));
    }
    frame.render_widget(Paragraph::new(lines), area);
}
