//! Small questions over the view: whether to leave, what lookups would cost, which filter, which
//! action, which file.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::engine::lookup_verdict::By;
use crate::text::{clip, counted, visible, width, wrap};
use crate::tui::app::App;
use crate::tui::dialogs::save_file::job::{Content, Prompt};
use crate::tui::mode::Command;
use crate::tui::screens::devices::table::age;
use crate::tui::screens::failures::lookup_state::Why;
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::path_field::render_path;

pub(in crate::tui) fn render_quit(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let theme = app.facts.theme;
    let mut lines = vec![Line::default()];
    match app.open_run() {
        Some(run) if app.is_active() => {
            let left = counted(run.tally.left, "device");
            lines.push(Line::from(format!(
                "  Run {} is {}, {left} left.",
                run.id,
                run.state.word()
            )));
            lines.push(Line::default());
            lines.push(Line::from(
                "  w    wait, and leave when it has come to rest",
            ));
            lines.push(Line::from("  s    stop after this call, and leave"));
            lines.push(Line::from("  esc  go back"));
        }
        open => {
            if let Some(run) = open {
                let left = counted(run.tally.left, "device");
                lines.push(Line::from(format!(
                    "  Run {} stays {}, {left} left.",
                    run.id,
                    run.state.word()
                )));
            }
            if !app.marks.is_empty() {
                let marked = counted(app.marks.len() as u64, "device");
                let kept: &[&str] = if app.facts.screen.is_none() {
                    &["not kept when you leave."]
                } else if app.offered_back.is_some() {
                    &[
                        "not kept, because",
                        "what you put off at the start still is.",
                    ]
                } else {
                    &["kept for the next start."]
                };
                for (index, text) in kept.iter().enumerate() {
                    lines.push(Line::from(if index == 0 {
                        format!("  {marked} marked: {text}")
                    } else {
                        format!("  {text}")
                    }));
                }
            }
            if app.reading.is_some() {
                lines.push(Line::from("  Reading the inventory stops after this call;"));
                lines.push(Line::from("  :fetch goes on from there within the hour."));
            }
            lines.push(Line::default());
            lines.push(Line::from("  y    leave"));
            if app.facts.screen.is_some() && app.offered_back.is_some() {
                lines.push(Line::from("  k    leave, and keep this in its place"));
            }
            lines.push(Line::from("  esc  go back"));
        }
    }
    let height = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX);
    let inner = panel(frame, centred(area, 56, height), app, "leave?");
    frame.render_widget(Paragraph::new(lines).style(theme.strong()), inner);
}

/// What is worth knowing about the list before anything is done with it.
pub(in crate::tui) fn render_notices(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let width = area.width.min(76);
    let room = usize::from(width).saturating_sub(6);
    let mut lines = vec![Line::default()];
    for notice in &app.facts.notices {
        for (index, text) in wrap(notice, room).into_iter().enumerate() {
            let bullet = if index == 0 {
                app.facts.theme.dot().trim()
            } else {
                " "
            };
            lines.push(Line::from(format!(" {bullet} {text}")));
        }
    }
    lines.push(Line::default());
    lines.push(Line::from("  enter  go on"));
    let height = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX);
    let inner = panel(frame, centred(area, width, height), app, "about this list");
    frame.render_widget(Paragraph::new(lines).style(app.facts.theme.strong()), inner);
}

/// What was kept of this list's screen.
pub(in crate::tui) fn render_kept(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let Some(kept) = &app.offered_back else {
        return;
    };
    let ago = age(app.now.wall, kept.at);
    let mut lines = vec![
        Line::default(),
        Line::from(format!("  You left this list {ago} ago with")),
    ];
    if !kept.marks.is_empty() {
        let marked = counted(kept.marks.len() as u64, "marked device");
        lines.push(Line::from(format!("    {marked}")));
    }
    if !kept.filter.is_empty() {
        lines.push(Line::from(format!(
            "    the filter {}",
            clip(&visible(&kept.filter), 44)
        )));
    }
    if !kept.order().is_empty() {
        lines.push(Line::from(format!(
            "    sorted by {}",
            clip(&kept.order(), 44)
        )));
    }
    if kept.has_other_columns(&app.facts.columns) {
        lines.push(Line::from("    other columns"));
    }
    if let Some(id) = kept.place(&app.list) {
        let device = app.list.device(id);
        let name = match device.hostname() {
            "" => device.hwid().unwrap_or("a row without a name"),
            name => name,
        };
        lines.push(Line::from(format!(
            "    the cursor on {}",
            clip(&visible(name), 44)
        )));
    }
    lines.push(Line::default());
    lines.push(Line::from("  enter  take it back"));
    lines.push(Line::from("  n      start fresh"));
    lines.push(Line::from("  esc    not now"));
    let height = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX);
    let inner = panel(frame, centred(area, 64, height), app, "as you left it");
    frame.render_widget(Paragraph::new(lines).style(app.facts.theme.strong()), inner);
}

/// What lookups would cost, before any is made.
pub(in crate::tui) fn render_why(frame: &mut Frame<'_>, area: Rect, app: &App, why: &Why) {
    let theme = app.facts.theme;
    let count = why.devices.len() as u64;
    let time = match why.seconds {
        0 => "at once".to_owned(),
        seconds => format!("about {}:{:02} min", seconds / 60, seconds % 60),
    };
    let lines = vec![
        Line::default(),
        Line::from(format!(
            "  Look {} up in the tenant{}.",
            counted(count, "device"),
            match why.by {
                By::Sent => "",
                By::Other => ", by the other identifier",
            }
        )),
        Line::from(match why.by {
            By::Sent => "  It only reads (Device Details); nothing is sent again.",
            By::Other => "  It only reads; what is the same device is then planned.",
        }),
        Line::from(format!(
            "  {}, {time}; a run goes first.",
            counted(count, "call")
        )),
        Line::default(),
        Line::from("  enter  look up"),
        Line::from("  esc    go back"),
    ];
    let title = match why.by {
        By::Sent => "why?",
        By::Other => "the other identifier",
    };
    let inner = panel(frame, centred(area, 64, 9), app, title);
    frame.render_widget(Paragraph::new(lines).style(theme.strong()), inner);
}

/// A menu of lines, one of them under the cursor.
pub(in crate::tui) fn render_menu(
    frame: &mut Frame<'_>,
    area: Rect,
    app: &App,
    lines: Vec<String>,
    at: usize,
) {
    let rows = usize::from(area.height);
    let room = usize::from(area.width);
    let top = (at + 1).saturating_sub(rows);
    let lines: Vec<Line<'_>> = lines
        .into_iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, text)| {
            let line = Line::from(format!("{:<room$}", clip(&text, room)));
            if index == at {
                line.style(app.facts.theme.cursor())
            } else {
                line
            }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// The filters of the configuration.
pub(in crate::tui) fn render_filters(frame: &mut Frame<'_>, area: Rect, app: &App, at: usize) {
    let filters = &app.facts.filters;
    let names = filters.iter().map(|(name, _)| width(&visible(name))).max();
    let column = names.unwrap_or(0).min(24);
    let lines = filters.iter().map(|(name, query)| {
        let name = visible(name);
        let pad = " ".repeat(column.saturating_sub(width(&name)));
        format!(" {}{pad}  {}", clip(&name, column), visible(query.text()))
    });
    let height = u16::try_from(filters.len() + 2).unwrap_or(u16::MAX);
    let inner = panel(frame, centred(area, 76, height), app, "filters");
    render_menu(frame, inner, app, lines.collect(), at);
}

/// The actions whose names hold what is typed.
pub(in crate::tui) fn render_command(
    frame: &mut Frame<'_>,
    area: Rect,
    app: &App,
    command: &Command,
) {
    let inner = panel(frame, centred(area, 70, 16), app, "do by name");
    let [line, rest] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inner);
    render_path(frame, line, app, " :", &command.input, true);
    let keys = app.facts.keys.keys();
    let lines = command.matching(app.view).into_iter().map(|(act, name)| {
        let key = keys.iter().find(|key| key.binding.act == act);
        let help = key.map_or("", |key| key.binding.help);
        let key = key.map_or("", |key| key.name.as_ref());
        format!(" {name:<13} {key:<7} {help}")
    });
    render_menu(frame, rest, app, lines.collect(), command.at);
}

/// Which file is written.
pub(in crate::tui) fn render_write(frame: &mut Frame<'_>, area: Rect, app: &App, prompt: &Prompt) {
    let theme = app.facts.theme;
    let inner = panel(frame, centred(area, 70, 6), app, "write a file");
    let [what, path, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
    ])
    .areas(inner);
    let name = prompt.content().map_or(String::new(), Content::name);
    let other = if prompt.contents.len() > 1 {
        " (tab: others)"
    } else {
        ""
    };
    let text = format!(" {name}{other}: a new file that only you can read");
    frame.render_widget(Paragraph::new(text).style(theme.dim()), what);
    render_path(frame, path, app, " file: ", &prompt.path, true);
    if let Some(complaint) = &prompt.complaint {
        let lines: Vec<Line<'_>> =
            crate::text::wrap(complaint, usize::from(below.width).saturating_sub(2))
                .into_iter()
                .map(|line| Line::from(format!(" {line}")))
                .collect();
        frame.render_widget(Paragraph::new(lines).style(theme.bad()), below);
    }
}
