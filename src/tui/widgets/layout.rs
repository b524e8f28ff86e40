//! How the screen is divided into header, body, run line and footer.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::app::App;
use crate::tui::dialogs::Dialog;

/// How many rows of the table, or lines of a list, fit on the screen.
pub fn rows_on_screen(app: &App) -> usize {
    let area = Rect::new(0, 0, app.context.size.0, app.context.size.1);
    let [_, body, _, _] = regions(area, app);
    // The table's heading takes a line; the failures' list has none but is no longer.
    usize::from(body.height.saturating_sub(1))
}

/// Which line of the table, from the first on the screen, stands in this row of the screen.
pub fn table_line_at(app: &App, row: u16) -> Option<usize> {
    let area = Rect::new(0, 0, app.context.size.0, app.context.size.1);
    let [_, body, _, _] = regions(area, app);
    // The heading takes a line.
    let line = row.checked_sub(body.y + 1)?;
    (line + 1 < body.height).then_some(usize::from(line))
}

pub(in crate::tui) fn regions(area: Rect, app: &App) -> [Rect; 4] {
    let run = run_lines(app) + u16::from(app.context.runs.fetch_progress.is_some());
    let mistake = matches!(&app.dialog, Some(Dialog::Filter(line)) if line.error.is_some());
    Layout::vertical([
        Constraint::Length(3 + u16::from(mistake)),
        Constraint::Min(1),
        Constraint::Length(run),
        Constraint::Length(1),
    ])
    .areas(area)
}

pub(in crate::tui) fn run_lines(app: &App) -> u16 {
    u16::from(app.context.runs.newest().is_some())
}
