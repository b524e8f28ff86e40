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
use crate::tui::context::Context;
use crate::tui::input::commands::View;
use crate::tui::input::dialog_keys::Hint;

/// Draws the keys of the open dialog, else the status line, else the keys of the screen.
pub(in crate::tui) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    view: View,
    dialog: Option<Vec<Hint>>,
) {
    let theme = context.settings.theme;
    if let Some(status) = context.status.as_ref().filter(|_| dialog.is_none()) {
        let shown = clip(status, usize::from(area.width).saturating_sub(2)).into_owned();
        frame.render_widget(
            Paragraph::new(format!(" {shown}")).style(theme.warning()),
            area,
        );
        return;
    }
    let bindings: Vec<(&str, &str)> = match dialog {
        None => {
            let keys = context.settings.keys.footer(view);
            keys.map(|key| (key.name.as_ref(), key.binding.footer.unwrap_or_default()))
                .collect()
        }
        Some(hints) => hints
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
        let needed = width(key) + width(word) + 3;
        let is_last = index + 2 >= bindings.len();
        if !is_last && used + needed + last > usize::from(area.width) {
            continue;
        }
        used += needed;
        spans.push(Span::styled((*key).to_owned(), theme.strong()));
        spans.push(Span::styled(format!(" {word}  "), theme.dim()));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}
