//! A list of lines with a cursor.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::list_cursor::ListCursor;
use crate::text::clip;
use crate::tui::context::Context;
use crate::tui::widgets::panel::continues;

/// Draws the lines around the cursor in an area of the panel; the line under it is highlighted.
pub fn render_menu(
    frame: &mut Frame<'_>,
    panel: Rect,
    area: Rect,
    context: &Context,
    lines: &[String],
    cursor: ListCursor,
) {
    let rows = usize::from(area.height);
    let room = usize::from(area.width);
    let top = cursor.top(rows);
    let hidden = [top, lines.len().saturating_sub(top + rows)];
    let lines: Vec<Line<'_>> = lines
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(index, text)| {
            let line = Line::from(format!("{:<room$}", clip(text, room)));
            if index == cursor.at {
                line.style(context.settings.theme.selection())
            } else {
                line
            }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
    continues(frame, panel, context, hidden);
}
