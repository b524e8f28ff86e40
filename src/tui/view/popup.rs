//! Small questions over the view: whether to leave, what lookups would cost.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::text::counted;
use crate::tui::app::App;
use crate::tui::lookups::Why;

/// An area of this size in the middle.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    )
}

pub(super) fn render_quit(frame: &mut Frame<'_>, area: Rect, app: &App) {
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
                lines.push(Line::from(format!(
                    "  {marked} marked: the marks are not kept."
                )));
            }
            lines.push(Line::default());
            lines.push(Line::from("  y    leave"));
            lines.push(Line::from("  esc  go back"));
        }
    }
    let height = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX);
    let inner = super::panel(frame, centred(area, 56, height), app, "leave?");
    frame.render_widget(Paragraph::new(lines).style(theme.strong()), inner);
}

/// What lookups would cost, before any is made.
pub(super) fn render_why(frame: &mut Frame<'_>, area: Rect, app: &App, why: &Why) {
    let theme = app.facts.theme;
    let count = why.devices.len() as u64;
    let time = match why.seconds {
        0 => "at once".to_owned(),
        seconds => format!("about {}:{:02} min", seconds / 60, seconds % 60),
    };
    let lines = vec![
        Line::default(),
        Line::from(format!(
            "  Look {} up in the tenant.",
            counted(count, "device")
        )),
        Line::from("  It only reads (Device Details); nothing is sent again."),
        Line::from(format!(
            "  {}, {time}; a run goes first.",
            counted(count, "call")
        )),
        Line::default(),
        Line::from("  enter  look up"),
        Line::from("  esc    go back"),
    ];
    let inner = super::panel(frame, centred(area, 60, 9), app, "why?");
    frame.render_widget(Paragraph::new(lines).style(theme.strong()), inner);
}
