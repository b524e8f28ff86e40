//! A field for one line of text: a path, a note, a search.

use crossterm::event::{Event, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::{clip, is_deceptive, visible, width};
use crate::tui::context::Context;

/// One line of text and the cursor in it.
#[derive(Clone, Debug, Default)]
pub struct TextField(Input);

impl TextField {
    /// A field with this text; the cursor is behind it.
    pub fn new(text: String) -> Self {
        Self(Input::new(text))
    }

    /// The text without white space around it.
    pub fn text(&self) -> &str {
        self.0.value().trim()
    }

    /// The text as it was typed.
    pub fn value(&self) -> &str {
        self.0.value()
    }

    /// The number of characters before the cursor.
    pub fn cursor(&self) -> usize {
        self.0.cursor()
    }

    /// The text before and behind the cursor, as far as these cells have room for it and for the cursor.
    pub fn shown(&self, room: usize) -> [String; 2] {
        let [before, after] = self.around_cursor();
        let before = visible(before);
        let mut cells = 0;
        let clusters = before.grapheme_indices(true).rev();
        let fitting = clusters.take_while(|(_, cluster)| {
            cells += width(cluster);
            cells < room
        });
        let begin = fitting.last().map_or(before.len(), |(at, _)| at);
        let before = before.get(begin..).unwrap_or_default();
        let after = clip(after, room.saturating_sub(width(before)));
        [before.to_owned(), after.into_owned()]
    }

    /// How many cells before the cursor don't have room within `room` cells.
    pub fn scrolled(&self, room: usize) -> usize {
        let [shown, _] = self.shown(room);
        let [before, _] = self.around_cursor();
        width(&visible(before)) - width(&shown)
    }

    /// The text with a mark at the cursor, for a field that doesn't have the terminal's cursor.
    pub fn with_cursor(&self, room: usize) -> String {
        self.shown(room.saturating_sub(1)).join("▏")
    }

    fn around_cursor(&self) -> [&str; 2] {
        let value = self.0.value();
        let at = value.char_indices().nth(self.0.cursor());
        let (before, after) = value.split_at(at.map_or(value.len(), |(at, _)| at));
        [before, after]
    }

    /// Replaces the text and puts the cursor behind this many characters.
    pub fn set(&mut self, text: String, cursor: usize) {
        self.0 = Input::new(text).with_cursor(cursor);
    }

    /// Handles a key that edits the line.
    pub fn on_key(&mut self, key: &KeyEvent) {
        self.0.handle_event(&Event::Key(*key));
    }

    /// Inserts pasted text. Line breaks and characters that a terminal would hide or obey are
    /// dropped, so that it stays one readable line.
    pub fn on_paste(&mut self, text: &str) {
        for character in text.chars().filter(|&character| !is_deceptive(character)) {
            self.0.handle(InputRequest::InsertChar(character));
        }
    }

    /// Draws a label and the text; with the cursor while the field `is_edited`.
    pub fn render(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        context: &Context,
        label: &str,
        is_edited: bool,
    ) {
        let room = usize::from(area.width).saturating_sub(width(label) + 1);
        let [before, after] = self.shown(room);
        let style = if is_edited {
            context.settings.theme.strong()
        } else {
            context.settings.theme.dim()
        };
        let line = format!("{label}{before}{after}");
        frame.render_widget(Paragraph::new(line).style(style), area);
        if is_edited {
            let column = width(label) + width(&before);
            let column = u16::try_from(column).unwrap_or(u16::MAX).min(area.width);
            frame.set_cursor_position((area.x + column, area.y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_scrolled_by_cells_and_shows_where_the_cursor_is() {
        for (text, cursor, room, shown) in [
            ("abc", 3, 5, ["abc", ""]),
            ("abc", 1, 5, ["a", "bc"]),
            ("abcdef", 6, 4, ["def", ""]),
            ("abcdef", 2, 4, ["ab", "c…"]),
            ("\u{9ebb}\u{9ebb}\u{9ebb}", 3, 4, ["\u{9ebb}", ""]),
            ("abc", 3, 0, ["", ""]),
            ("e\u{301}e\u{301}", 4, 2, ["e\u{301}", ""]),
        ] {
            let mut field = TextField::default();
            field.set(text.to_owned(), cursor);
            assert_eq!(field.shown(room), shown, "{text} {cursor} {room}");
        }
        let mut field = TextField::default();
        field.set("\u{9ebb}\u{9ebb}\u{9ebb}".to_owned(), 3);
        assert_eq!((field.scrolled(4), field.scrolled(9)), (4, 0));
        field.set("abc".to_owned(), 1);
        assert_eq!(field.with_cursor(9), "a▏bc");
    }
}
