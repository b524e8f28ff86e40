//! ```text
//! ┌ mark what a ticket names ──────────────────────────────┐
//! │ 12 matched · 1 ambiguous · 0 repeated · 2 missing      │
//! │ ● LT-4411                  LT-4411  12ds44f5gacd5…     │
//! │ ? ws-7                     2 devices have it           │
//! │   LT-9                     not in the list             │
//! └────────────────────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::import::Meaning;
use crate::list::DeviceId;
use crate::text::{clip, counted, visible};
use crate::tui::app::App;
use crate::tui::dialogs::import::state::{ImportDialog, Report};
use crate::tui::screens::devices::table::age;
use crate::tui::widgets::panel::panel;
use crate::tui::widgets::path_field::render_path;

pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, app: &App, dialog: &ImportDialog) {
    match dialog {
        ImportDialog::Text {
            area: text,
            path,
            in_path,
            complaint,
        } => {
            let inner = panel(frame, area, app, "mark what a ticket names");
            let [hint, body, file, below] = Layout::vertical([
                Constraint::Length(2),
                Constraint::Min(1),
                Constraint::Length(1),
                Constraint::Length(1),
            ])
            .areas(inner);
            let lines = vec![
                Line::from(
                    " Paste or type HWIDs, MAC addresses or host names. ctrl-d ends it; nothing is",
                ),
                Line::from(" marked before you have seen what it matches."),
            ];
            frame.render_widget(Paragraph::new(lines).style(app.facts.theme.dim()), hint);
            let mut text = text.clone();
            text.set_cursor_line_style(Style::new());
            text.set_cursor_style(if *in_path {
                Style::new()
            } else {
                Style::new().add_modifier(Modifier::REVERSED)
            });
            frame.render_widget(&*text, body);
            render_path(frame, file, app, " or a file: ", path, *in_path);
            if let Some(complaint) = complaint {
                let line = format!(" {}", clip(complaint, usize::from(below.width)));
                frame.render_widget(Paragraph::new(line).style(app.facts.theme.bad()), below);
            }
        }
        ImportDialog::Report(report) => render_report(frame, area, app, report),
    }
}

fn render_report(frame: &mut Frame<'_>, area: Rect, app: &App, report: &Report) {
    let theme = app.facts.theme;
    let inner = panel(frame, area, app, "what the ticket names");
    let counts = report.import.counts();
    let parts = [
        (counts.matched, "matched"),
        (counts.several, "with several devices"),
        (counts.ambiguous, "ambiguous"),
        (counts.repeated, "repeated"),
        (counts.invalid, "invalid"),
        (counts.missing, "missing"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let chosen = counted(report.chosen.len() as u64, "device");
    let mut lines = vec![Line::from(format!(" {}", told.join(theme.dot()))).style(theme.strong())];
    lines.push(if report.asking {
        let marked = counted(app.marks.len() as u64, "device");
        Line::from(format!(
            " {marked} marked already: a adds {chosen}, r marks these alone"
        ))
        .style(theme.warning())
    } else {
        let left_out = report
            .import
            .devices()
            .filter(|id| !report.chosen.contains(id))
            .count();
        let rest = if left_out > 0 {
            format!("{}{left_out} matched and not chosen", theme.dot())
        } else {
            String::new()
        };
        Line::from(format!(" {chosen} chosen{rest}")).style(theme.dim())
    });
    let room = usize::from(inner.width);
    let rows: Vec<(String, usize)> = match report.candidate {
        Some(at) => report
            .candidates()
            .into_iter()
            .map(|id| candidate_line(app, report, id))
            .enumerate()
            .map(|(index, line)| (line, usize::from(index == at)))
            .collect(),
        None => report
            .import
            .entries
            .iter()
            .enumerate()
            .map(|(index, entry)| {
                let line = entry_line(app, report, &entry.text, &entry.meaning);
                (line, usize::from(index == report.at))
            })
            .collect(),
    };
    let at = report.candidate.unwrap_or(report.at);
    let shown = usize::from(inner.height).saturating_sub(lines.len());
    let top = (at + 1).saturating_sub(shown);
    for (text, is_cursor) in rows.into_iter().skip(top).take(shown) {
        let line = Line::from(format!("{:<room$}", clip(&text, room)));
        lines.push(if is_cursor == 1 {
            line.style(theme.cursor())
        } else {
            line
        });
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

fn entry_line(app: &App, report: &Report, text: &str, meaning: &Meaning) -> String {
    let theme = app.facts.theme;
    let (glyph, what) = match meaning {
        Meaning::Matched(id) => {
            let glyph = if report.chosen.contains(id) {
                theme.glyph("●", "*")
            } else {
                " "
            };
            (glyph, device_words(app, *id))
        }
        Meaning::Several(devices) | Meaning::Ambiguous(devices) => {
            let chosen = devices
                .iter()
                .filter(|id| report.chosen.contains(id))
                .count();
            let what = format!(
                "{} have it, {chosen} chosen: enter",
                counted(devices.len() as u64, "device")
            );
            ("?", what)
        }
        Meaning::Repeated => (" ", "named before".to_owned()),
        Meaning::Invalid(why) => ("!", why.clone()),
        Meaning::Missing(_) => ("-", "not in the list".to_owned()),
    };
    format!(" {glyph} {:<26} {what}", clip(&visible(text), 26))
}

fn candidate_line(app: &App, report: &Report, id: DeviceId) -> String {
    let glyph = if report.chosen.contains(&id) {
        app.facts.theme.glyph("●", "*")
    } else {
        " "
    };
    format!(" {glyph} {}", device_words(app, id))
}

fn device_words(app: &App, id: DeviceId) -> String {
    let device = app.list.device(id);
    let seen = match (device.problem(), app.removed.get(&id)) {
        (Some(problem), _) => format!("can't be marked: {problem}"),
        (_, Some(run)) => format!("removed by run {run}"),
        _ => seen_words(app, id),
    };
    let hwid = device.hwid().map_or_else(
        || {
            device
                .macs()
                .next()
                .map_or(String::new(), |mac| mac.to_string())
        },
        str::to_owned,
    );
    format!(
        "{:<16} {:<18} {:<12} {seen}",
        clip(&visible(device.hostname()), 16),
        clip(&hwid, 18),
        clip(&visible(device.group()), 12)
    )
}

fn seen_words(app: &App, id: DeviceId) -> String {
    match (app.list.device(id).last_seen(), app.list.time()) {
        (Some(seen), Some(time)) => format!("seen {} before", age(time, seen)),
        _ => "last seen unknown".to_owned(),
    }
}
