//! Every key, from the table that also answers them, and the filter language.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::GRAMMAR;
use crate::tui::app::App;
use crate::tui::keys::BINDINGS;

pub(super) fn render(frame: &mut Frame<'_>, area: Rect, app: &App, top: usize) {
    let theme = app.facts.theme;
    let inner = super::panel(frame, area, app, "keys · esc closes, ↓ goes on");
    let keys = BINDINGS.iter().map(|binding| {
        Line::from(vec![
            Span::styled(format!(" {:>7}  ", binding.name), theme.strong()),
            Span::raw(binding.help),
        ])
    });
    let mut lines: Vec<Line<'_>> = keys.collect();
    lines.push(Line::default());
    lines.push(Line::from(Span::styled(
        " the filter, opened with /",
        theme.strong(),
    )));
    lines.extend(GRAMMAR.lines().map(|line| Line::from(format!(" {line}"))));
    let height = usize::from(inner.height);
    let top = top.min(lines.len().saturating_sub(height));
    let shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(height).collect();
    frame.render_widget(Paragraph::new(shown), inner);
}
