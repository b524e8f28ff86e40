//! What the screen draws, as lines of text: without borders, bars and signs, for a screen reader.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::tui::component::Component;
use crate::tui::context::Context;

/// How wide dialogs are drawn to be read. Wider ones put things beside each other.
pub(super) const WIDTH: u16 = 79;
/// How high. What is higher scrolls on the screen, too.
const HEIGHT: u16 = 400;

/// What a dialog says, line by line. Where it takes keys, the line under its cursor is `current`.
pub(super) fn dialog(dialog: &dyn Component, context: &Context, takes_keys: bool) -> Vec<String> {
    let cursor = takes_keys.then(|| context.settings.theme.selection());
    let draw = |frame: &mut ratatui::Frame<'_>| dialog.render(frame, frame.area(), context);
    let mut lines = drawn_with(HEIGHT, cursor, draw);
    // A hint on the border, such as `esc closes`.
    if let Some(title) = lines.first_mut()
        && let Some(hint) = title.find("  esc ")
    {
        title.truncate(hint);
    }
    lines
}

/// What is drawn on a screen of this height, line by line.
pub(super) fn drawn(height: u16, draw: impl FnOnce(&mut ratatui::Frame<'_>)) -> Vec<String> {
    drawn_with(height, None, draw)
}

/// The same; a line in the style of the `cursor` is `current`.
fn drawn_with(
    height: u16,
    cursor: Option<Style>,
    draw: impl FnOnce(&mut ratatui::Frame<'_>),
) -> Vec<String> {
    // It writes to memory, which doesn't fail.
    let Ok(mut terminal) = Terminal::new(TestBackend::new(WIDTH, height));
    let Ok(_) = terminal.draw(draw);
    paragraphs(rows(terminal.backend().buffer(), cursor))
}

fn rows(buffer: &Buffer, cursor: Option<Style>) -> Vec<String> {
    let Rect { width, height, .. } = buffer.area;
    let row = |y: u16| (0..width).filter_map(move |x| buffer.cell((x, y)));
    let text = |y: u16| {
        let text: String = row(y).map(Cell::symbol).collect();
        match cursor {
            Some(cursor) if row(y).any(|cell| has_style(cell, cursor)) => {
                // Borders end the line.
                format!("{}, current", line_of(&text))
            }
            _ => text,
        }
    };
    (0..height).map(text).collect()
}

/// True if the cell has the background and the modifiers of a style that has some.
fn has_style(cell: &Cell, style: Style) -> bool {
    let has_background = style.bg.is_none_or(|background| cell.bg == background);
    let is_plain = style.bg.is_none() && style.add_modifier.is_empty();
    !is_plain && has_background && cell.modifier.contains(style.add_modifier)
}

/// The text of lines that are styled for the screen.
pub(super) fn lines(lines: &[Line<'_>]) -> Vec<String> {
    paragraphs(lines.iter().map(ToString::to_string))
}

/// Lines without what only draws, and no more than one blank line in a row.
fn paragraphs(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    for line in lines {
        let line = line_of(&line);
        let is_blank = line.is_empty();
        let after_blank = paragraphs.last().is_none_or(String::is_empty);
        if !is_blank || !after_blank {
            paragraphs.push(line);
        }
    }
    while paragraphs.last().is_some_and(String::is_empty) {
        paragraphs.pop();
    }
    paragraphs
}

/// A line without borders, bars and signs. Every sign has a word beside it.
pub(super) fn line_of(text: &str) -> String {
    let text: String = text.chars().map(without_drawing).collect();
    let text = text.trim();
    let text = match text.strip_prefix("· ") {
        Some(item) => format!("- {item}"),
        None => text.to_owned(),
    };
    let text = text.replace(" · ", "; ");
    // Columns stay apart; what aligned them goes.
    let mut words = text.trim().split("  ").map(str::trim);
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words.filter(|word| !word.is_empty()) {
        line.push_str("  ");
        line.push_str(word);
    }
    line
}

fn without_drawing(character: char) -> char {
    match character {
        // Box drawing, block elements, geometric shapes.
        '\u{2500}'..='\u{25ff}' | '✓' | '✗' | '∅' | '⊘' | '\u{a0}' => ' ',
        other => other,
    }
}

/// The same in ASCII, where the program itself wrote something else. Names of devices stay as they
/// are.
pub(super) fn in_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '·' | '–' | '—' => ascii.push('-'),
            '…' => ascii.push_str("..."),
            '↑' => ascii.push('^'),
            '↓' => ascii.push('v'),
            '←' => ascii.push_str("<-"),
            '→' => ascii.push_str("->"),
            '⇄' => ascii.push_str("<->"),
            '×' => ascii.push('x'),
            '≥' => ascii.push_str(">="),
            '’' => ascii.push('\''),
            other => ascii.push(other),
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_bars_and_signs_are_left_out() {
        for (drawn, said) in [
            ("│ ▾ ✗ not found        6 devices │", "not found  6 devices"),
            ("┌ leave? ───────┐", "leave?"),
            ("by type  ▕███░░▏   12", "by type  12"),
            ("Marked 3 · u undoes", "Marked 3; u undoes"),
            (" · someone removed it", "- someone removed it"),
            ("└───────┘", ""),
        ] {
            assert_eq!(line_of(drawn), said);
        }
    }

    #[test]
    fn line_under_the_cursor_is_current() {
        use ratatui::style::{Color, Modifier};
        for cursor in [
            Style::new().bg(Color::Blue),
            Style::new().add_modifier(Modifier::REVERSED),
        ] {
            let lines = drawn_with(3, Some(cursor), |frame| {
                let buffer = frame.buffer_mut();
                buffer.set_string(0, 0, "│ one", Style::new());
                buffer.set_string(0, 1, "│ two  │", Style::new());
                buffer.set_style(Rect::new(1, 1, 5, 1), cursor);
            });
            assert_eq!(lines, ["one", "two, current"]);
        }
        let plain = drawn_with(1, Some(Style::new()), |frame| {
            frame.buffer_mut().set_string(0, 0, "one", Style::new());
        });
        assert_eq!(plain, ["one"]);
    }

    #[test]
    fn several_blank_lines_are_one() {
        let lines = ["", "a", "", "│ │", "b", ""].map(str::to_owned);
        assert_eq!(paragraphs(lines), ["a", "", "b"]);
    }

    #[test]
    fn ascii_replaces_what_the_program_writes() {
        assert_eq!(
            in_ascii("1–3 of 9 · next… → 60×15"),
            "1-3 of 9 - next... -> 60x15"
        );
    }
}
