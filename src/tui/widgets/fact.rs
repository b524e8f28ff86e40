//! A name and its value in a dialog, wrapped under each other.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::text::wrap;

/// A name and a value, the value wrapped beside the name.
pub(in crate::tui) fn fact<'a>(
    name: &str,
    value: &str,
    width: usize,
    named: Style,
    style: Style,
) -> Vec<Line<'a>> {
    let wrapped = wrap(value, width.saturating_sub(11));
    wrapped
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let name = if index == 0 { name } else { "" };
            Line::from(vec![
                Span::styled(format!(" {name:<8} "), named),
                Span::styled(text, style),
            ])
        })
        .collect()
}
