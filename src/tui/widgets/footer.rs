//! ```text
//!  space mark  a mark shown  / filter  enter detail  d delete 5…  : commands  ? help  q quit
//! ```
//!
//! Only keys that do something at the moment.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::{grouped, width};
use crate::tui::availability::Scene;
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::input::dialog_keys::Hint;
use crate::tui::widgets::match_offer;

/// A key and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Label {
    key: String,
    text: String,
    /// Where there is no room for all, labels with a higher rank go first.
    rank: u8,
    /// What a click on it presses.
    presses: Vec<KeyEvent>,
}

/// The keys of a dialog, with that of the help where it opens above it. The last one, which closes it, stays
/// whatever else must go.
pub(in crate::tui) fn of_dialog(
    hints: Vec<Hint>,
    context: &Context,
    offers_help: bool,
) -> Vec<Label> {
    let shown: Vec<Hint> = hints
        .into_iter()
        .filter(|hint| !hint.footer.is_empty())
        .collect();
    let last = shown.len().saturating_sub(1);
    let labels = shown.into_iter().enumerate().map(|(place, hint)| Label {
        key: hint.name.to_owned(),
        text: match hint.count {
            Some(count) => format!("{} {}", hint.footer, grouped(count as u64)),
            None => hint.footer.to_owned(),
        },
        rank: u8::from(place != last),
        presses: hint.press.into_iter().collect(),
    });
    let mut labels: Vec<Label> = labels.collect();
    if offers_help {
        let mut keys = context.settings.keys.keys().iter();
        let help = keys.find(|key| key.binding.command == Command::Help);
        let help = help.map(|key| Label {
            key: key.name.clone().into_owned(),
            text: "help".to_owned(),
            rank: 2,
            presses: key.presses(),
        });
        let before_last = labels.len().saturating_sub(1);
        labels.splice(before_last..before_last, help);
    }
    labels
}

/// The keys of the open screen; after the first of two keys, those that it begins.
pub(in crate::tui) fn of_screen(scene: &Scene<'_>, first: Option<&KeyEvent>) -> Vec<Label> {
    if let Some(first) = first {
        let keys = scene.context.settings.keys.seconds(scene.view, first);
        let mut labels: Vec<Label> = keys
            .map(|key| Label {
                key: key.name.clone().into_owned(),
                text: key.binding.help.to_owned(),
                rank: 1,
                presses: key.presses().into_iter().skip(1).collect(),
            })
            .collect();
        labels.push(Label {
            key: "esc".to_owned(),
            text: "cancel".to_owned(),
            rank: 0,
            presses: vec![KeyCode::Esc.into()],
        });
        return labels;
    }
    let keys = scene.context.settings.keys.footer(scene.view);
    let labels = keys.filter_map(|key| {
        let footer = key.binding.footer?;
        let available = scene.availability(key.binding.command).ok()?;
        let mut text = available.label.unwrap_or(footer.label).to_owned();
        if let Some(devices) = available.devices {
            text.push_str(&format!(" {}", grouped(devices)));
        }
        if key.binding.command == Command::Delete {
            text.push('…');
        }
        // What the header offers is what there is to do.
        let is_offered = key.binding.command == Command::MatchInventory
            && match_offer::in_header(scene.context).is_some();
        Some(Label {
            key: key.name.clone().into_owned(),
            text,
            rank: if is_offered { 0 } else { footer.rank },
            presses: key.presses(),
        })
    });
    labels.collect()
}

/// Draws as many labels as fit, in their order.
pub(in crate::tui) fn render(
    frame: &mut Frame<'_>,
    area: Rect,
    context: &Context,
    labels: &[Label],
) {
    let theme = &context.settings.theme;
    let mut spans = vec![Span::raw(" ")];
    for label in fitting(labels, usize::from(area.width)) {
        spans.push(Span::styled(label.key.clone(), theme.strong()));
        spans.push(Span::styled(format!(" {}  ", label.text), theme.dim()));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// The keys that a click on this column presses; none beside the labels.
pub(in crate::tui) fn presses_at(labels: &[Label], room: u16, column: u16) -> Vec<KeyEvent> {
    let mut at = 1;
    for label in fitting(labels, usize::from(room)) {
        let end = at + width(&label.key) + 1 + width(&label.text);
        if (at..end).contains(&usize::from(column)) {
            return label.presses.clone();
        }
        at = end + 2;
    }
    Vec::new()
}

/// The labels that fit into `room` cells: the lower ranks first, of the same rank the earlier ones.
fn fitting(labels: &[Label], room: usize) -> Vec<&Label> {
    let mut by_rank: Vec<usize> = (0..labels.len()).collect();
    by_rank.sort_by_key(|&at| labels.get(at).map(|label| label.rank));
    // The space before the first one; the two behind the last one may be cut.
    let mut used = 0;
    let mut shown = vec![false; labels.len()];
    for at in by_rank {
        let Some(label) = labels.get(at) else {
            continue;
        };
        let needed = width(&label.key) + width(&label.text) + 3;
        if used + needed <= room + 1 {
            used += needed;
            shown[at] = true;
        }
    }
    let labels = labels.iter().zip(shown);
    labels
        .filter_map(|(label, shown)| shown.then_some(label))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_a_lower_rank_stay_where_there_is_no_room_for_all() {
        let label = |key: &str, text: &str, rank| Label {
            key: key.to_owned(),
            text: text.to_owned(),
            rank,
            presses: Vec::new(),
        };
        let labels = [
            label("a", "first", 1),
            label("b", "second", 2),
            label("c", "third", 1),
            label("q", "quit", 0),
        ];
        let shown = |room| -> String {
            let shown = fitting(&labels, room);
            shown.into_iter().map(|label| label.key.as_str()).collect()
        };
        assert_eq!(shown(80), "abcq");
        assert_eq!(shown(30), "acq");
        assert_eq!(shown(20), "aq");
        assert_eq!(shown(8), "q");
    }
}
