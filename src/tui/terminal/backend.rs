//! Collects what a frame writes, so that it goes to the terminal in one piece, or not at all.

use std::io;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// Begins synchronized output: the terminal shows nothing of a frame before its end. Terminals that
/// don't know the mode ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// The library's backend on a buffer. It leaves out what changes nothing on the terminal: the
/// library hides the cursor and resets the colours with every frame, however little has changed.
#[derive(Debug, Default)]
pub(super) struct FrameBackend {
    bytes: Vec<u8>,
    is_cursor_shown: bool,
    /// Where the terminal's cursor is, if that is known.
    cursor: Option<Position>,
}

impl FrameBackend {
    /// The frame that was drawn, as the bytes of one synchronized update; empty if nothing changed.
    pub(super) fn take(&mut self) -> Vec<u8> {
        if self.bytes.is_empty() {
            return Vec::new();
        }
        let frame = std::mem::take(&mut self.bytes);
        [BEGIN, &frame, END].concat()
    }

    /// The terminal was taken over anew, with a hidden cursor.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn inner(&mut self) -> CrosstermBackend<&mut Vec<u8>> {
        CrosstermBackend::new(&mut self.bytes)
    }
}

impl Backend for FrameBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.cursor = None;
        self.inner().draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_cursor_shown) {
            return Ok(());
        }
        self.inner().hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.is_cursor_shown, true) {
            return Ok(());
        }
        self.inner().show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // The terminal isn't asked: its answer would arrive as keys.
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor == Some(position) {
            return Ok(());
        }
        self.cursor = Some(position);
        self.inner().set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.inner().clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        let (width, height) = crossterm::terminal::size()?;
        Ok(Size { width, height })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner().window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(backend: &mut FrameBackend, text: &str) -> Vec<u8> {
        let mut cell = Cell::default();
        cell.set_symbol(text);
        let cells: &[Cell] = if text.is_empty() { &[] } else { &[cell] };
        backend
            .draw(cells.iter().map(|cell| (1, 2, cell)))
            .expect("a buffer");
        backend.hide_cursor().expect("a buffer");
        backend.take()
    }

    #[test]
    fn frame_is_one_synchronized_update() {
        let frame = drawn(&mut FrameBackend::default(), "x");
        let text = String::from_utf8(frame).expect("text");
        assert!(
            text.starts_with("\u{1b}[?2026h\u{1b}[3;2Hx") && text.ends_with("\u{1b}[?2026l"),
            "{text:?}"
        );
    }

    #[test]
    fn frame_without_a_change_is_empty() {
        assert!(drawn(&mut FrameBackend::default(), "").is_empty());
    }

    #[test]
    fn cursor_is_moved_only_where_it_is_not_yet() {
        let mut backend = FrameBackend::default();
        let mut shown = |text: &str| {
            let mut cell = Cell::default();
            cell.set_symbol("x");
            let cells: &[Cell] = if text.is_empty() { &[] } else { &[cell] };
            let content = cells.iter().map(|cell| (0, 0, cell));
            backend.draw(content).expect("a buffer");
            backend.show_cursor().expect("a buffer");
            backend.set_cursor_position((4, 0)).expect("a buffer");
            String::from_utf8(backend.take()).expect("text")
        };
        assert!(shown("x").contains("\u{1b}[1;5H\u{1b}[?2026l"));
        assert_eq!(shown(""), "");
        let again = shown("x");
        assert!(again.contains("\u{1b}[1;5H") && !again.contains("\u{1b}[?25h"));
    }
}
