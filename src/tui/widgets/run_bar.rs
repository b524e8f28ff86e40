//! A bar in parts, each distinguished from the others by its pattern and not by its colour alone.
//!
//! ```text
//! ▕███████████████████████████████████▓▓▓▓▒░░░░░░░░░░      ▏
//! ```

use ratatui::style::Style;
use ratatui::text::Span;

use crate::domain::outcome::Tally;
use crate::tui::widgets::theme::{Role, Theme};

/// A part of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Part {
    /// How many of the whole it stands for.
    pub count: u64,
    /// The pattern of its cells.
    pub pattern: &'static str,
    pub style: Style,
}

/// The parts of a run: accepted, gone, failed, in doubt, and the `in_flight` that are being sent.
/// What is left stays blank.
pub(in crate::tui) fn run_parts(theme: &Theme, tally: Tally, in_flight: u64) -> [Part; 5] {
    let part = |count, pattern, ascii, style| Part {
        count,
        pattern: theme.glyph(pattern, ascii),
        style,
    };
    [
        part(tally.accepted, "█", "#", theme.success()),
        part(tally.gone, "▚", "0", theme.dim()),
        part(tally.failed, "▓", "x", theme.danger()),
        part(tally.in_doubt, "▒", "?", theme.doubt()),
        part(in_flight, "░", "o", theme.role(Role::Progress)),
    ]
}

/// A bar of `width` cells with its ends, of which the whole stands for `total`. A part that isn't
/// empty has one cell at the least, as long as there are as many cells.
pub(in crate::tui) fn bar<'a>(
    theme: &Theme,
    parts: &[Part],
    total: u64,
    width: usize,
) -> Vec<Span<'a>> {
    let room = width.saturating_sub(2);
    let counts: Vec<u64> = parts.iter().map(|part| part.count).collect();
    let cells = share(&counts, total, room);
    let used: usize = cells.iter().sum();
    let mut spans = vec![Span::styled(theme.glyph("▕", "["), theme.faint())];
    for (part, &cells) in parts.iter().zip(&cells) {
        if cells > 0 {
            spans.push(Span::styled(part.pattern.repeat(cells), part.style));
        }
    }
    spans.push(Span::raw(" ".repeat(room.saturating_sub(used))));
    spans.push(Span::styled(theme.glyph("▏", "]"), theme.faint()));
    spans
}

/// How many of `room` cells each count gets, of which `total` takes all.
fn share(counts: &[u64], total: u64, room: usize) -> Vec<usize> {
    let total = u128::from(total.max(1));
    let mut cells: Vec<usize> = Vec::with_capacity(counts.len());
    // Where each part ends is rounded, not how long it is, so that the ends don't drift.
    let (mut sum, mut end) = (0_u128, 0_usize);
    for &count in counts {
        sum = (sum + u128::from(count)).min(total);
        let exact = usize::try_from(sum * room as u128 / total).unwrap_or(room);
        let least = end + usize::from(count > 0);
        let next = exact.max(least).min(room);
        cells.push(next - end);
        end = next;
    }
    // A small part at the end takes its cell from the largest one.
    for place in 0..cells.len() {
        let is_missing = counts.get(place).is_some_and(|&count| count > 0) && cells[place] == 0;
        let largest = (0..cells.len()).max_by_key(|&other| cells[other]);
        if let Some(largest) = largest.filter(|&largest| is_missing && cells[largest] > 1) {
            cells[largest] -= 1;
            cells[place] += 1;
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_parts_of_a_bar_are_visible() {
        for (counts, total, room, expected) in [
            (&[78, 6, 1, 20][..], 108, 50, &[36, 2, 1, 9][..]),
            (&[9_999, 1, 0], 10_000, 20, &[19, 1, 0]),
            (&[0, 1], 100_000, 10, &[0, 1]),
            (&[5, 5], 10, 10, &[5, 5]),
            (&[], 0, 10, &[]),
            (&[0, 0], 0, 10, &[0, 0]),
        ] {
            assert_eq!(
                share(counts, total, room),
                expected,
                "{counts:?} of {total}"
            );
        }
    }

    proptest! {
        #[test]
        fn bar_shows_every_part_and_never_outgrows_its_room(
            counts in prop::collection::vec(0_u64..1_000_000, 0..6),
            left in 0_u64..1_000_000,
            room in 0_usize..200,
        ) {
            let total = counts.iter().sum::<u64>() + left;
            let cells = share(&counts, total, room);
            prop_assert!(cells.iter().sum::<usize>() <= room);
            if room >= counts.len() {
                for (count, cells) in counts.iter().zip(&cells) {
                    prop_assert_eq!(*count > 0, *cells > 0);
                }
            }
        }
    }
}
