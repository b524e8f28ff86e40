//! A field for one line of text: a path, a note, a search.

use crossterm::event::{Event, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use crate::text::{clip, is_deceptive, width};
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

    /// The column of the cursor, in cells from the beginning of the text.
    pub fn visual_cursor(&self) -> usize {
        self.0.visual_cursor()
    }

    /// How many cells are scrolled away, so that the cursor is within `room` cells.
    pub fn visual_scroll(&self, room: usize) -> usize {
        self.0.visual_scroll(room)
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
        let scrolled = self.0.visual_scroll(room);
        let shown: String = self.0.value().chars().skip(scrolled).collect();
        let style = if is_edited {
            context.settings.theme.strong()
        } else {
            context.settings.theme.dim()
        };
        let line = format!("{label}{}", clip(&shown, room));
        frame.render_widget(Paragraph::new(line).style(style), area);
        if is_edited {
            let column = width(label) + self.0.visual_cursor() - scrolled;
            let column = u16::try_from(column).unwrap_or(u16::MAX).min(area.width);
            frame.set_cursor_position((area.x + column, area.y));
        }
    }
}
