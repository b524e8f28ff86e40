//! Collects what a frame writes, so that it goes to the terminal in one piece, or not at all.

use std::io;

use crossterm::cursor::{MoveRight, MoveTo};
use crossterm::queue;
use crossterm::style::{Attribute, Print, SetAttribute, SetBackgroundColor, SetForegroundColor};
use ratatui::backend::IntoCrossterm;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

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

    /// For what is rare.
    fn inner(&mut self) -> CrosstermBackend<&mut Vec<u8>> {
        CrosstermBackend::new(&mut self.bytes)
    }
}

type Style = (Color, Color, Modifier);

/// How the terminal draws before and after each frame.
const PLAIN: Style = (Color::Reset, Color::Reset, Modifier::empty());

/// Attributes, and the sequences that set them.
const ATTRIBUTES: [(Modifier, Attribute); 9] = [
    (Modifier::BOLD, Attribute::Bold),
    (Modifier::DIM, Attribute::Dim),
    (Modifier::ITALIC, Attribute::Italic),
    (Modifier::UNDERLINED, Attribute::Underlined),
    (Modifier::SLOW_BLINK, Attribute::SlowBlink),
    (Modifier::RAPID_BLINK, Attribute::RapidBlink),
    (Modifier::REVERSED, Attribute::Reverse),
    (Modifier::HIDDEN, Attribute::Hidden),
    (Modifier::CROSSED_OUT, Attribute::CrossedOut),
];

/// Changes from a style, or the plain one, to another.
fn set_style(out: &mut Vec<u8>, from: Option<Style>, to: Style) -> io::Result<()> {
    let (mut fg, mut bg, mut modifier) = from.unwrap_or(PLAIN);
    if !to.2.contains(modifier) {
        // Taking one attribute back by itself isn't the same on all terminals.
        queue!(out, SetAttribute(Attribute::Reset))?;
        (fg, bg, modifier) = PLAIN;
    }
    for (flag, attribute) in ATTRIBUTES {
        if to.2.contains(flag) && !modifier.contains(flag) {
            queue!(out, SetAttribute(attribute))?;
        }
    }
    if to.0 != fg {
        queue!(out, SetForegroundColor(to.0.into_crossterm()))?;
    }
    if to.1 != bg {
        queue!(out, SetBackgroundColor(to.1.into_crossterm()))?;
    }
    Ok(())
}

impl Backend for FrameBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        // Runs of cells side by side, so that the way from one to the next can be a short one.
        let mut drawn: Vec<u8> = Vec::new();
        let mut at: Option<Position> = None;
        // Terminals disagree on the width of other characters than ASCII: behind one of them, only
        // the name of a place leads there.
        let mut is_exact = false;
        let mut style = None;
        for (x, y, cell) in content {
            match at {
                Some(last) if last == Position::new(x, y) => {}
                Some(last) if is_exact && last.y == y && last.x < x => {
                    // Shorter than to name the place.
                    queue!(drawn, MoveRight(x - last.x))?;
                }
                _ => {
                    queue!(drawn, MoveTo(x, y))?;
                    is_exact = true;
                }
            }
            let wanted = (cell.fg, cell.bg, cell.modifier);
            if style != Some(wanted) {
                set_style(&mut drawn, style, wanted)?;
                style = Some(wanted);
            }
            queue!(drawn, Print(cell.symbol()))?;
            is_exact &= cell.symbol().is_ascii();
            at = Some(Position::new(x + 1, y));
        }
        if drawn.is_empty() {
            return Ok(());
        }
        if style != Some(PLAIN) {
            queue!(drawn, SetAttribute(Attribute::Reset))?;
        }
        self.cursor = None;
        self.bytes.extend(drawn);
        Ok(())
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
    fn cells_are_where_and_how_they_were_drawn() {
        let mut backend = FrameBackend::default();
        let mut terminal = vt100::Parser::new(3, 20, 0);
        let cell = |symbol: &str, modifier: Modifier, fg: Color| {
            let mut cell = Cell::default();
            cell.set_symbol(symbol);
            (cell.modifier, cell.fg) = (modifier, fg);
            cell
        };
        let (plain, bold) = (Modifier::empty(), Modifier::BOLD);
        let cells = [
            (1, 0, cell("a", plain, Color::Reset)),
            (2, 0, cell("b", bold, Color::Red)),
            (9, 0, cell("c", bold | Modifier::REVERSED, Color::Red)),
            (10, 0, cell("…", Modifier::REVERSED, Color::Reset)),
            (15, 0, cell("d", plain, Color::Reset)),
            (19, 0, cell("e", plain, Color::Reset)),
            (0, 2, cell("f", plain, Color::Reset)),
            (2, 2, cell("g", bold, Color::Reset)),
        ];
        let content = cells.iter().map(|(x, y, cell)| (*x, *y, cell));
        backend.draw(content).expect("a buffer");
        let frame = backend.take();
        terminal.process(&frame);
        let screen = terminal.screen();
        assert_eq!(screen.contents(), " ab      c…    d   e\n\nf g");
        for (x, y, drawn) in &cells {
            let shown = screen.cell(*y, *x).expect("a cell");
            assert_eq!(shown.contents(), drawn.symbol());
            assert_eq!(shown.bold(), drawn.modifier.contains(bold), "{x}");
            let reversed = drawn.modifier.contains(Modifier::REVERSED);
            assert_eq!(shown.inverse(), reversed, "{x}");
            let is_red = shown.fgcolor() != vt100::Color::Default;
            assert_eq!(is_red, drawn.fg == Color::Red, "{x}");
        }
        assert!(!screen.bold() && !screen.inverse(), "plain after a frame");
        // Behind a character whose width terminals disagree on, the place is named.
        let text = String::from_utf8(frame).expect("text");
        assert!(
            text.contains("\u{1b}[6C") && text.contains("\u{1b}[1;16H"),
            "{text:?}"
        );
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
