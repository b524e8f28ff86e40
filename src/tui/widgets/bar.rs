//! A bar in parts, drawn with eighths of a cell.

use ratatui::style::Style;
use ratatui::text::Span;

use crate::tui::widgets::theme::Theme;

/// The blocks that fill no to seven eighths of a cell.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar of `cells` cells that `whole` fills. A part that isn't nothing is never drawn as nothing.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Bar {
    whole: u64,
    cells: usize,
    parts: Vec<(u64, Style)>,
}

impl Bar {
    /// Without a part yet.
    pub(in crate::tui) fn new(whole: u64, cells: usize) -> Self {
        Self {
            whole,
            cells,
            parts: Vec::new(),
        }
    }

    /// Adds a part behind the others.
    #[must_use]
    pub(in crate::tui) fn part(mut self, value: u64, style: Style) -> Self {
        self.parts.push((value, style));
        self
    }

    /// The bar, padded to its cells.
    pub(in crate::tui) fn spans(&self, theme: &Theme) -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        let mut used = 0;
        let last = self.parts.iter().rposition(|(value, _)| *value > 0);
        for (place, (value, style)) in self.parts.iter().enumerate() {
            if *value == 0 {
                continue;
            }
            let eighths = self.eighths(*value).max(1);
            let room = self.cells.saturating_sub(used);
            // Only the end of the bar shows less than a cell.
            let (full, rest) = if Some(place) == last && !theme.is_ascii() {
                (eighths / 8, eighths % 8)
            } else {
                (eighths.div_ceil(8), 0)
            };
            let full = full.min(room);
            let mut text = theme.glyph("█", "#").repeat(full);
            used += full;
            if rest > 0 && used < self.cells {
                text.push_str(EIGHTHS.get(rest).copied().unwrap_or_default());
                used += 1;
            }
            spans.push(Span::styled(text, *style));
        }
        spans.push(Span::raw(" ".repeat(self.cells.saturating_sub(used))));
        spans
    }

    fn eighths(&self, value: u64) -> usize {
        let all = (self.cells * 8) as u64;
        let eighths = value.saturating_mul(all).checked_div(self.whole);
        usize::try_from(eighths.unwrap_or(0))
            .map_or(self.cells * 8, |eighths| eighths.min(self.cells * 8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BaseTheme;
    use crate::tui::widgets::theme::ColourDepth;

    fn drawn(bar: &Bar, ascii: bool) -> String {
        let theme = Theme::new(BaseTheme::Mono, ColourDepth::None, ascii);
        let spans = bar.spans(&theme);
        spans.iter().map(|span| span.content.as_ref()).collect()
    }

    #[test]
    fn bars_are_drawn_in_eighths_and_fill_their_cells() {
        let plain = Style::new();
        for (parts, text, ascii) in [
            (&[8][..], "████", "####"),
            (&[4], "██  ", "##  "),
            (&[3], "█▌  ", "##  "),
            (&[0], "    ", "    "),
            (&[2, 2], "██  ", "##  "),
            (&[2, 3], "██▌ ", "### "),
            (&[8, 1], "████", "####"),
        ] {
            let bar = parts
                .iter()
                .fold(Bar::new(8, 4), |bar, &part| bar.part(part, plain));
            assert_eq!(drawn(&bar, false), text, "{parts:?}");
            assert_eq!(drawn(&bar, true), ascii, "{parts:?}");
        }
        let tiny = Bar::new(1_000_000, 4).part(1, plain);
        assert_eq!(drawn(&tiny, false), "▏   ", "one is not nothing");
        assert_eq!(drawn(&Bar::new(0, 2), false), "  ");
    }
}
