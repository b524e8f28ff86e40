//! ```text
//!  space mark  v range  a all  / filter  d delete…  f failures  ? help  q quit
//! ```
//!
//! or, for a moment, what just happened.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::{clip, width};
use crate::tui::app::App;

pub(in crate::tui) fn render(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let theme = app.context.settings.theme;
    if let Some(status) = app.context.status.as_ref().filter(|_| app.dialog.is_none()) {
        let shown = clip(status, usize::from(area.width).saturating_sub(2)).into_owned();
        frame.render_widget(
            Paragraph::new(format!(" {shown}")).style(theme.warning()),
            area,
        );
        return;
    }
    let bindings: Vec<(&str, &str)> = match &app.dialog {
        None => {
            let keys = app.context.settings.keys.footer(app.view);
            keys.map(|key| (key.name.as_ref(), key.binding.footer.unwrap_or_default()))
                .collect()
        }
        Some(dialog) => dialog
            .component()
            .hints()
            .iter()
            .filter(|hint| !hint.footer.is_empty())
            .map(|hint| (hint.name, hint.footer))
            .collect(),
    };
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    // Help and quit stay, whatever else must go.
    let last: usize = bindings
        .iter()
        .rev()
        .take(2)
        .map(|(key, word)| width(key) + width(word) + 3)
        .sum();
    for (index, (key, word)) in bindings.iter().enumerate() {
        let wanted = width(key) + width(word) + 3;
        let is_last = index + 2 >= bindings.len();
        if !is_last && used + wanted + last > usize::from(area.width) {
            continue;
        }
        used += wanted;
        spans.push(Span::styled((*key).to_owned(), theme.strong()));
        spans.push(Span::styled(format!(" {word}  "), theme.dim()));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}
