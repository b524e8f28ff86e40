//! ```text
//! ─ reading the inventory · 1,250 of about 12,408 devices · page 25 · next call 4 s · ETA 20:31 · esc ends it ──
//! ```
//!
//! and the dialogs around it: what it costs, where it was written, which marked devices vanished.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::api::PAGE;
use crate::text::{clip, counted, grouped, visible, width};
use crate::tui::app::App;
use crate::tui::dialogs::fetch::state::{Question, Reading, Waiting};
use crate::tui::dialogs::small::render_menu;
use crate::tui::screens::run::render::time_for;
use crate::tui::widgets::panel::{centred, panel};

/// The line above the footer.
pub(in crate::tui) fn render_line(frame: &mut Frame<'_>, area: Rect, app: &App, reading: &Reading) {
    let theme = app.facts.theme;
    let devices = if reading.expected > 0 {
        format!(
            "{} of about {} devices",
            grouped(reading.devices),
            grouped(reading.expected)
        )
    } else {
        counted(reading.devices, "device")
    };
    let read = reading.devices.div_ceil(u64::from(PAGE));
    let next = if app.is_active() || reading.waiting == Some(Waiting::Run) {
        "a run goes first".to_owned()
    } else {
        let wait = match reading.waiting {
            Some(Waiting::Until(until)) => until.since(app.now.boot),
            _ => Duration::ZERO,
        };
        let mut next = match wait.as_millis().div_ceil(1000) {
            0 => "reading".to_owned(),
            seconds => format!("next call {seconds} s"),
        };
        let left = reading.expected.saturating_sub(reading.devices);
        if left > 0 {
            let calls = left.div_ceil(u64::from(PAGE));
            next.push_str(&format!(" · ETA {}", time_for(app, calls, wait)));
        }
        next
    };
    // What can be done about it stays, whatever else must be cut.
    let end = format!(" · {next} · esc ends it");
    let room = usize::from(area.width).saturating_sub(4);
    let what = format!("reading the inventory · {devices} · page {}", read + 1);
    let text = format!("{}{end}", clip(&what, room.saturating_sub(width(&end))));
    let shown = clip(&text, room).into_owned();
    let line = theme.glyph("─", "-");
    let rest = line.repeat(room.saturating_sub(width(&shown)) + 1);
    let spans = vec![
        Span::styled(format!("{line} "), theme.dim()),
        Span::styled(shown, theme.strong()),
        Span::styled(format!(" {rest}"), theme.dim()),
    ];
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// What reading costs, before anything is read.
pub(in crate::tui) fn render_question(
    frame: &mut Frame<'_>,
    area: Rect,
    app: &App,
    question: &Question,
) {
    let time = match question.seconds {
        0 => "at once".to_owned(),
        seconds => format!("about {}:{:02} min", seconds / 60, seconds % 60),
    };
    let calls = counted(question.calls, "call");
    let devices = counted(question.devices, "device");
    let mut lines = vec![
        Line::default(),
        Line::from("  Read the tenant's whole inventory into a list."),
        Line::from("  It only reads (Get Devices); nothing is sent. Marks stay."),
        Line::from(format!("  {calls} for {devices} as in this list:")),
        Line::from(format!("  {time}; a run goes first.")),
    ];
    if let Ok(place) = &app.facts.fetch {
        lines.push(Line::default());
        lines.push(Line::from(format!("  {}", shown_path(&place.path))));
    }
    lines.push(Line::default());
    lines.push(Line::from("  enter  read it"));
    lines.push(Line::from("  esc    go back"));
    render_lines(frame, area, app, "fetch", lines);
}

/// The list that was written isn't the open one.
pub(in crate::tui) fn render_written(
    frame: &mut Frame<'_>,
    area: Rect,
    app: &App,
    path: &std::path::Path,
    devices: u64,
) {
    let lines = vec![
        Line::default(),
        Line::from(format!("  {} read into", counted(devices, "device"))),
        Line::from(format!("  {}", shown_path(path))),
        Line::from("  Opened in place of this list, the marks go with it."),
        Line::default(),
        Line::from("  enter  open it"),
        Line::from("  esc    stay here"),
    ];
    render_lines(frame, area, app, "fetched", lines);
}

/// Marked devices that the new list doesn't have.
pub(in crate::tui) fn render_vanished(
    frame: &mut Frame<'_>,
    area: Rect,
    app: &App,
    names: &[String],
    at: usize,
) {
    let height = u16::try_from(names.len() + 5).unwrap_or(u16::MAX);
    let area = centred(area, 70, height.min(area.height));
    let inner = panel(frame, area, app, "no longer marked");
    let count = counted(names.len() as u64, "marked device");
    let head = vec![
        Line::from(format!(
            "  {count} not in the list any more, or not usable:"
        ))
        .style(app.facts.theme.strong()),
        Line::default(),
    ];
    let above = Rect {
        height: inner.height.min(2),
        ..inner
    };
    frame.render_widget(Paragraph::new(head), above);
    let below = Rect {
        y: inner.y + above.height,
        height: inner.height - above.height,
        ..inner
    };
    let lines = names.iter().map(|name| format!("   {}", visible(name)));
    render_menu(frame, below, app, lines.collect(), at);
}

fn render_lines(frame: &mut Frame<'_>, area: Rect, app: &App, title: &str, lines: Vec<Line<'_>>) {
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let inner = panel(frame, centred(area, 70, height), app, title);
    frame.render_widget(Paragraph::new(lines).style(app.facts.theme.strong()), inner);
}

/// The end of a path says more than its beginning.
fn shown_path(path: &std::path::Path) -> String {
    const ROOM: usize = 64;
    let shown = path.display().to_string();
    let shown = visible(&shown);
    if width(&shown) <= ROOM {
        return shown.into_owned();
    }
    let mut tail: Vec<char> = Vec::new();
    for character in shown.chars().rev().take(ROOM - 1) {
        tail.push(character);
    }
    format!("…{}", tail.into_iter().rev().collect::<String>())
}
