//! A line of text that is edited: a path, a name or a note.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;
use tui_input::Input;

use crate::text::{clip, width};
use crate::tui::app::App;

/// A line with a label and a field; the cursor is shown if it is `edited`.
pub(in crate::tui) fn render_path(
    frame: &mut Frame<'_>,
    area: Rect,
    app: &App,
    label: &str,
    path: &Input,
    edited: bool,
) {
    let room = usize::from(area.width).saturating_sub(width(label) + 1);
    let scrolled = path.visual_scroll(room);
    let shown: String = path.value().chars().skip(scrolled).collect();
    let style = if edited {
        app.facts.theme.strong()
    } else {
        app.facts.theme.dim()
    };
    let line = format!("{label}{}", clip(&shown, room));
    frame.render_widget(Paragraph::new(line).style(style), area);
    if edited {
        let column = width(label) + path.visual_cursor() - scrolled;
        let column = u16::try_from(column).unwrap_or(u16::MAX).min(area.width);
        frame.set_cursor_position((area.x + column, area.y));
    }
}

/// Text was pasted into a line; it stays one line.
pub(in crate::tui) fn paste_into(line: &mut Input, pasted: &str) {
    for character in pasted.chars().filter(|&c| !crate::text::is_deceptive(c)) {
        line.handle(tui_input::InputRequest::InsertChar(character));
    }
}
