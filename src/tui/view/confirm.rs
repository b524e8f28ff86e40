//! ```text
//! ┌ remove 137 devices ─────────────────────────────────────────────┐
//! │ tenant   gears.opswat.com (profile production)                   │
//! │ devices  137 · by HWID 130 · by MAC 7                            │
//! │ left out 12: 3 unusable: shared MAC · 9 in run 7k2m9x4c          │
//! │ calls    4 · about 0 s at 10 a minute                            │
//! │ warning  recent: 3 devices were seen within a day …              │
//! │ the exact list, from the top ↓                                   │
//! │   LT-4411  12ds44f5gacd52234                                     │
//! │ type 137 and press enter: 13▏                                    │
//! └─────────────────────────────────────────────────────────────────┘
//! ```

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::super::confirm::{Confirm, Dialog, Resume, TypedCount};
use crate::action::Action;
use crate::device::IdentifierKind;
use crate::text::{clip, counted, grouped, wrap};
use crate::tui::app::App;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, app: &App, dialog: &Dialog) {
    match dialog {
        Dialog::Action { devices } => render_action(frame, area, app, devices.len()),
        Dialog::Planning(_) => {
            let inner = super::panel(frame, area, app, "plan");
            frame.render_widget(Paragraph::new(" working out what would be sent…"), inner);
        }
        Dialog::Refused(why) => {
            let inner = super::panel(frame, area, app, "nothing can be sent");
            let text =
                Paragraph::new(crate::text::visible(why).into_owned()).wrap(Wrap { trim: true });
            frame.render_widget(text, inner);
        }
        Dialog::Confirm(confirm) => render_confirm(frame, area, app, confirm),
    }
}

fn render_action(frame: &mut Frame<'_>, area: Rect, app: &App, devices: usize) {
    let theme = app.facts.theme;
    let title = format!(
        "what is to be done to {}?",
        counted(devices as u64, "device")
    );
    let inner = super::panel(frame, area, app, &title);
    let mut lines = vec![Line::default()];
    for (key, action) in ["u", "a", "r"].into_iter().zip(Action::ALL) {
        lines.push(Line::from(vec![
            Span::styled(format!("  {key}  "), theme.warning()),
            Span::styled(action.word(), theme.strong()),
        ]));
        let width = usize::from(inner.width).saturating_sub(6);
        lines.extend(
            wrap(action.consequence(), width)
                .into_iter()
                .map(|line| Line::from(format!("     {line}"))),
        );
        lines.push(Line::default());
    }
    lines.push(Line::from(
        "  None of them can be undone. The next screen shows what would be sent, and asks.",
    ));
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}

fn render_confirm(frame: &mut Frame<'_>, area: Rect, app: &App, confirm: &Confirm) {
    let plan = &confirm.plan;
    let devices = counted(plan.devices.len() as u64, "device");
    let inner = super::panel(frame, area, app, &format!("{} {devices}", plan.action));
    let facts = facts(app, confirm, usize::from(inner.width));
    let facts_height = u16::try_from(facts.len())
        .unwrap_or(u16::MAX)
        .min(inner.height.saturating_sub(6));
    let [top, list, bottom] = Layout::vertical([
        Constraint::Length(facts_height),
        Constraint::Min(2),
        Constraint::Length(3),
    ])
    .areas(inner);
    frame.render_widget(Paragraph::new(facts), top);
    render_list(frame, list, app, confirm);
    let note = if confirm.editing_note {
        format!(
            " note     {}▏",
            clip(
                confirm.note.value(),
                usize::from(bottom.width).saturating_sub(12)
            )
        )
    } else if confirm.note.value().is_empty() {
        " note     (tab: a ticket's number, for the record)".to_owned()
    } else {
        format!(
            " note     {}",
            clip(
                confirm.note.value(),
                usize::from(bottom.width).saturating_sub(12)
            )
        )
    };
    let mut lines = vec![Line::from(Span::styled(note, app.facts.theme.dim()))];
    lines.extend(count_lines(app, plan.devices.len() as u64, &confirm.count));
    frame.render_widget(Paragraph::new(lines), bottom);
}

/// What the plan is; warnings last, so that they stand next to the question.
fn facts<'a>(app: &App, confirm: &Confirm, width: usize) -> Vec<Line<'a>> {
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
    let left = app
        .standing
        .map_or(app.facts.budget.calls.get(), |standing| standing.left);
    let seconds = plan.duration(&app.facts.budget, left).as_secs();
    let time = if seconds == 0 {
        "at once".to_owned()
    } else {
        format!("{}:{:02} at the least", seconds / 60, seconds % 60)
    };
    facts.push((
        "calls",
        format!("{} · {time}, by today's budget", plan.calls()),
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

/// A name and a value, the value wrapped beside the name.
fn fact<'a>(name: &str, value: &str, width: usize, named: Style, style: Style) -> Vec<Line<'a>> {
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
fn render_list(frame: &mut Frame<'_>, area: Rect, app: &App, confirm: &Confirm) {
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

/// `type 137 and press enter`, and what was wrong with the last try.
fn count_lines<'a>(app: &App, wanted: u64, count: &TypedCount) -> Vec<Line<'a>> {
    let theme = app.facts.theme;
    let field = if count.listens(app.now.boot) {
        format!("{}▏", count.digits)
    } else {
        "(wait)".to_owned()
    };
    let question = Line::from(vec![
        Span::styled(format!(" type {wanted} and press enter: "), theme.warning()),
        Span::styled(field, theme.strong()),
    ]);
    let complaint = count.complaint.clone().unwrap_or_default();
    vec![
        question,
        Line::from(Span::styled(format!(" {complaint}"), theme.bad())),
    ]
}

pub(super) fn render_resume(frame: &mut Frame<'_>, area: Rect, app: &App, resume: &Resume) {
    let theme = app.facts.theme;
    let inner = super::panel(frame, area, app, &format!("go on with run {}", resume.run));
    let run = app.runs.iter().find(|run| run.id == resume.run);
    let width = usize::from(inner.width);
    let mut lines = vec![Line::default()];
    let mut add = |name: &str, value: &str, style: Style| {
        lines.extend(fact(name, value, width, theme.dim(), style));
    };
    if let Some(target) = &app.facts.target {
        add(
            "tenant",
            &format!("{} (profile {})", target.host(), target.profile),
            Style::new(),
        );
    }
    let left = format!("{} {}", resume.action, counted(resume.left, "device"));
    add("left", &left, Style::new());
    if let Some(pause) = run.and_then(|run| run.pause.as_ref()) {
        add("paused", &pause.to_string(), theme.warning());
        add("", pause.advice(), Style::new());
    }
    if let Some(run) = run.filter(|run| run.tally.in_doubt > 0) {
        let in_doubt = format!(
            "{}: not sent again by this",
            counted(run.tally.in_doubt, "device")
        );
        add("in doubt", &in_doubt, Style::new());
    }
    lines.push(Line::default());
    lines.extend(count_lines(app, resume.left, &resume.count));
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}
