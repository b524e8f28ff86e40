//! How the screen is divided into header, body, run line and footer.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::text::{clip, width};
use crate::tui::context::Context;

/// How many rows of the table, or lines of a list, fit on the screen.
pub fn rows_on_screen(context: &Context) -> usize {
    // The table's heading and the line below its rows; the failures' list has neither but is no
    // longer.
    usize::from(body(context).height.saturating_sub(2))
}

/// Which line of the table, from the first on the screen, is in this row of the screen.
pub fn table_line_at(context: &Context, row: u16) -> Option<usize> {
    let body = body(context);
    // The heading takes a line.
    let line = row.checked_sub(body.y + 1)?;
    (line + 2 < body.height).then_some(usize::from(line))
}

/// In which row of the screen this line of the table is, from the first on the screen.
pub fn table_row_of(context: &Context, line: usize) -> Option<u16> {
    let body = body(context);
    let row = u16::try_from(line).ok()?.checked_add(body.y + 1)?;
    (table_line_at(context, row) == Some(line)).then_some(row)
}

/// In which row of the screen the cursor of a list is that scrolls within a panel, below `headings` lines.
pub(in crate::tui) fn row_in_panel(panel: Rect, cursor: usize, headings: u16) -> Option<u16> {
    let last = panel.height.checked_sub(3 + headings)?;
    // The list scrolls so far that the cursor is in its last row.
    let line = u16::try_from(cursor).unwrap_or(u16::MAX).min(last);
    Some(panel.y + 1 + headings + line)
}

/// The body of the screen, between the header and the line of the run.
pub(in crate::tui) fn body(context: &Context) -> Rect {
    let area = Rect::new(0, 0, context.size.0, context.size.1);
    let [_, body, _, _] = regions(area, context);
    body
}

/// The areas of the header, the body, the line of the run and the fetch, and the footer.
pub(in crate::tui) fn regions(area: Rect, context: &Context) -> [Rect; 4] {
    let run = run_lines(context) + u16::from(context.runs.fetch_progress.is_some());
    Layout::vertical([
        Constraint::Length(context.header_rows),
        Constraint::Min(1),
        Constraint::Length(run),
        Constraint::Length(1),
    ])
    .areas(area)
}

pub(in crate::tui) fn run_lines(context: &Context) -> u16 {
    u16::from(context.runs.newest().is_some())
}

/// The columns of a panel beside the table; none where the screen is too narrow for one.
pub(in crate::tui) fn panel_width(columns: u16) -> Option<u16> {
    match columns {
        140.. => Some(44),
        120..140 => Some(36),
        100..120 => Some(32),
        _ => None,
    }
}

/// The columns of the detail of a device beside the table; none where the screen is too narrow.
pub(in crate::tui) fn detail_width(columns: u16) -> Option<u16> {
    match columns {
        140.. => Some(56),
        120..140 => Some(48),
        // A HWID and the word beside it that it is sent, on one line.
        100..120 => Some(38),
        _ => None,
    }
}

/// The right part of the body, as wide as a panel.
pub(in crate::tui) fn beside_table(body: Rect, width: u16) -> Rect {
    let width = width.min(body.width);
    Rect {
        x: body.right() - width,
        width,
        ..body
    }
}

/// The columns of the table, beside which a panel may be open.
pub(in crate::tui) fn table_width(context: &Context) -> u16 {
    let panel = panel_width(context.size.0).filter(|_| context.overview.is_open);
    left_by_panel(context.size.0, panel)
}

/// The columns that a panel of this width leaves of `columns`: one is blank before its border.
pub(in crate::tui) fn left_by_panel(columns: u16, panel: Option<u16>) -> u16 {
    panel.map_or(columns, |panel| columns.saturating_sub(panel + 1))
}

/// How many rows half a page is.
pub fn half_page(context: &Context) -> isize {
    (page(context) / 2).max(1)
}

/// How many rows a page key moves.
pub fn page(context: &Context) -> isize {
    isize::try_from(rows_on_screen(context)).unwrap_or(1).max(1)
}

/// `left` and `right` on one line, the left one cut if they don't fit.
pub(in crate::tui) fn spread<'a>(
    area: Rect,
    left: Vec<Span<'a>>,
    right: Vec<Span<'a>>,
) -> Line<'a> {
    let right_width: usize = right.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(right_width + 2);
    let mut used = 0;
    let mut spans = Vec::new();
    for span in left {
        let text = clip(&span.content, room.saturating_sub(used)).into_owned();
        used += width(&text);
        spans.push(Span::styled(text, span.style));
    }
    spans.push(Span::raw(" ".repeat(
        usize::from(area.width).saturating_sub(used + right_width + 1),
    )));
    spans.extend(right);
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_in_panel_follows_the_cursor_to_the_last_row_and_stays_there() {
        let panel = Rect::new(0, 3, 80, 8);
        let rows = [0, 4, 5, 40].map(|cursor| row_in_panel(panel, cursor, 1));
        assert_eq!(rows, [Some(5), Some(9), Some(9), Some(9)]);
        assert_eq!(row_in_panel(Rect::new(0, 3, 80, 3), 0, 1), None);
    }
}
