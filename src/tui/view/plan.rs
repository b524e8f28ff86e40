//! What a plan would send: the facts above the exact list of the confirmation.
//!
//! ```text
//! tenant   gears.opswat.com (profile production)
//! action   remove: The agent is told to uninstall itself; …
//! devices  137 · by HWID 130 · by MAC 7
//! left out 3 shared MAC · 9 in run 7k2m9x4c
//! calls    4 · at once, by today's budget
//! hidden   5 marked devices not shown by the filter, …
//! warning  recent: 3 devices were seen within a day …
//! the exact list, 1 to 12 of 137
//!   LT-4411          12ds44f5gacd52234                  Sales
//! ```

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::device::IdentifierKind;
use crate::plan::Plan;
use crate::text::{clip, counted, grouped, wrap};
use crate::tui::app::App;
use crate::tui::confirm::Confirm;

/// What the plan is; warnings last, so that they stand next to the question.
pub(super) fn facts<'a>(app: &App, confirm: &Confirm, width: usize) -> Vec<Line<'a>> {
    let theme = app.facts.theme;
    let plan = &confirm.plan;
    let mut facts = vec![
        (
            "tenant",
            format!("{} (profile {})", plan.target.host(), plan.target.profile),
        ),
        (
            "action",
            format!("{}: {}", plan.action, plan.action.consequence()),
        ),
    ];
    let mut devices = format!(
        "{} · by HWID {} · by MAC {}",
        grouped(plan.devices.len() as u64),
        grouped(plan.count_by(IdentifierKind::Hwid) as u64),
        grouped(plan.count_by(IdentifierKind::Mac) as u64),
    );
    if plan.repeated > 0 {
        devices.push_str(&format!(" · {} repeated rows", grouped(plan.repeated)));
    }
    facts.push(("devices", devices));
    if !plan.left_out.is_empty() {
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for row in &plan.left_out {
            *reasons.entry(row.reason.to_string()).or_default() += 1;
        }
        let reasons: Vec<String> = reasons
            .iter()
            .map(|(reason, count)| format!("{} {reason}", grouped(*count)))
            .collect();
        facts.push(("left out", reasons.join(" · ")));
    }
    facts.push((
        "calls",
        format!("{} · {}, by today's budget", plan.calls(), time(app, plan)),
    ));
    let mut lines: Vec<Line<'a>> = facts
        .iter()
        .flat_map(|(name, value)| fact(name, value, width, theme.dim(), Style::new()))
        .collect();
    if !confirm.hidden.is_empty() {
        let hidden = counted(confirm.hidden.len() as u64, "marked device");
        let text =
            format!("{hidden} not shown by the filter, at the end of the list; D drops them");
        lines.extend(fact(
            "hidden",
            &text,
            width,
            theme.warning(),
            theme.warning(),
        ));
    }
    for warning in &plan.warnings {
        let text = format!("{}: {}", warning.name(), warning.sentence());
        lines.extend(fact(
            "warning",
            &text,
            width,
            theme.warning(),
            theme.warning(),
        ));
    }
    lines
}

/// The same where there is no room: every number and the name of every warning, without sentences.
pub(super) fn facts_in_short<'a>(app: &App, confirm: &Confirm, width: usize) -> Vec<Line<'a>> {
    let theme = app.facts.theme;
    let plan = &confirm.plan;
    let mut devices = format!(
        "{} HWID, {} MAC",
        grouped(plan.count_by(IdentifierKind::Hwid) as u64),
        grouped(plan.count_by(IdentifierKind::Mac) as u64),
    );
    if !plan.left_out.is_empty() {
        devices.push_str(&format!(
            " · {} left out",
            grouped(plan.left_out.len() as u64)
        ));
    }
    let calls = counted(plan.calls() as u64, "call");
    devices.push_str(&format!(" · {calls}, {}", time(app, plan)));
    let tenant = format!("{} ({})", plan.target.host(), plan.target.profile);
    let mut lines = fact("tenant", &tenant, width, theme.dim(), Style::new());
    lines.extend(fact("devices", &devices, width, theme.dim(), Style::new()));
    let mut odd = Vec::new();
    if !confirm.hidden.is_empty() {
        let hidden = grouped(confirm.hidden.len() as u64);
        odd.push(format!("{hidden} hidden, D drops"));
    }
    odd.extend(
        plan.warnings
            .iter()
            .map(|warning| warning.name().to_owned()),
    );
    if !odd.is_empty() {
        let text = odd.join(" · ");
        lines.extend(fact(
            "warning",
            &text,
            width,
            theme.warning(),
            theme.warning(),
        ));
    }
    lines
}

/// How long the calls take.
fn time(app: &App, plan: &Plan) -> String {
    let left = app
        .standing
        .map_or(app.facts.budget.calls.get(), |standing| standing.left);
    let seconds = plan.duration(&app.facts.budget, left).as_secs();
    if seconds == 0 {
        "at once".to_owned()
    } else {
        format!("{}:{:02} at the least", seconds / 60, seconds % 60)
    }
}

/// A name and a value, the value wrapped beside the name.
pub(super) fn fact<'a>(
    name: &str,
    value: &str,
    width: usize,
    named: Style,
    style: Style,
) -> Vec<Line<'a>> {
    let wrapped = wrap(value, width.saturating_sub(11));
    wrapped
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let name = if index == 0 { name } else { "" };
            Line::from(vec![
                Span::styled(format!(" {name:<8} "), named),
                Span::styled(text, style),
            ])
        })
        .collect()
}

/// The exact list: what is shown first, then what the filter hides.
pub(super) fn render_list(frame: &mut Frame<'_>, area: Rect, app: &App, confirm: &Confirm) {
    let theme = app.facts.theme;
    let plan = &confirm.plan;
    let rows = usize::from(area.height.saturating_sub(1));
    let all = u32::try_from(plan.devices.len()).unwrap_or(u32::MAX);
    let hidden: std::collections::HashSet<u32> = confirm.hidden.iter().copied().collect();
    let order = (0..all)
        .filter(|ordinal| !hidden.contains(ordinal))
        .chain(confirm.hidden.iter().copied());
    let top = confirm.scroll.min(plan.devices.len().saturating_sub(rows));
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
        let text = format!(
            "   {:<16} {:<34} {:<14} {}",
            clip(&device.hostname, 16),
            clip(&device.identifier.to_string(), 34),
            clip(&device.group, 14),
            if hidden.contains(&ordinal) {
                "hidden"
            } else {
                ""
            }
        );
        let style = if hidden.contains(&ordinal) {
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
