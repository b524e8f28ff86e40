//! Numbers as a line of small bars.

use crate::tui::widgets::theme::Theme;

const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII: [&str; 8] = [".", ".", ":", ":", "-", "=", "#", "#"];

/// One bar per number; the largest one is full.
pub(in crate::tui) fn sparkline(
    theme: &Theme,
    numbers: impl Iterator<Item = u64> + Clone,
) -> String {
    let bars = if theme.is_ascii() { ASCII } else { BARS };
    let most = u128::from(numbers.clone().max().unwrap_or(0).max(1));
    let bars = numbers.filter_map(|number| {
        let level = u128::from(number) * 7 / most;
        bars.get(usize::try_from(level).unwrap_or(7))
    });
    bars.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BaseTheme;
    use crate::tui::widgets::theme::ColourDepth;

    #[test]
    fn sparkline_is_relative_to_the_largest_number() {
        let theme = |ascii| Theme::new(BaseTheme::Mono, ColourDepth::None, ascii);
        let numbers = [0, 100, 305, 1_900].into_iter();
        assert_eq!(sparkline(&theme(false), numbers.clone()), "▁▁▂█");
        assert_eq!(sparkline(&theme(true), numbers), "...#");
        assert_eq!(sparkline(&theme(false), [].into_iter()), "");
        assert_eq!(sparkline(&theme(false), [0].into_iter()), "▁");
        assert_eq!(sparkline(&theme(false), [u64::MAX, 1].into_iter()), "█▁");
    }
}
