//! A bar whose length shows a number beside others.

use crate::tui::widgets::theme::Theme;

/// Eighths of a cell.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar of at most `width` cells, which is full where `part` is `most`. Anything but zero is seen.
pub fn bar(theme: &Theme, part: u64, most: u64, width: usize) -> String {
    let eighths = (part.min(most) * width as u64 * 8)
        .checked_div(most)
        .unwrap_or(0);
    let eighths = eighths.max(u64::from(part > 0));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    if theme.is_ascii() {
        return "#".repeat(eighths.div_ceil(8));
    }
    let rest = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{rest}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BaseTheme;
    use crate::tui::widgets::theme::ColourDepth;

    #[test]
    fn bar_is_as_long_as_its_part_and_never_empty_for_one() {
        let theme = |ascii| Theme::new(BaseTheme::Mono, ColourDepth::None, ascii);
        for (part, most, drawn, ascii) in [
            (90, 90, "███████", "#######"),
            (18, 90, "█▍", "##"),
            (1, 1000, "▏", "#"),
            (0, 90, "", ""),
            (0, 0, "", ""),
        ] {
            assert_eq!(bar(&theme(false), part, most, 7), drawn, "{part} of {most}");
            assert_eq!(bar(&theme(true), part, most, 7), ascii, "{part} of {most}");
        }
    }
}
