//! Bordered areas over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

use crate::tui::app::App;

/// An area of this size in the middle.
pub(in crate::tui) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    )
}

/// A bordered area over what is below it.
pub(in crate::tui) fn panel(frame: &mut Frame<'_>, area: Rect, app: &App, title: &str) -> Rect {
    let theme = app.facts.theme;
    let block = Block::bordered()
        .border_set(theme.border())
        .border_style(theme.dim())
        .title(Line::from(Span::styled(
            format!(" {title} "),
            theme.strong(),
        )));
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    inner
}
