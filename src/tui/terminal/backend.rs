//! Collects what a frame writes, so that it goes to the terminal in one piece, or not at all.

mod shift;

use std::io;

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::style::{Attribute, Colored, Print, SetAttribute};
use ratatui::backend::IntoCrossterm;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Modifier};

use crate::tui::context::MIN_SIZE;
use crate::tui::terminal::backend::shift::Shift;

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
    /// What the terminal shows.
    shown: Buffer,
}

impl FrameBackend {
    /// The frame that was drawn, as the bytes of one synchronized update; empty if nothing changed. A small
    /// one, such as a countdown's, arrives in one piece anyway.
    pub(super) fn take(&mut self) -> Vec<u8> {
        if self.bytes.is_empty() {
            return Vec::new();
        }
        let frame = std::mem::take(&mut self.bytes);
        if frame.len() < SMALL {
            return frame;
        }
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

/// A frame of fewer bytes fits into one packet of any line.
const SMALL: usize = 256;

#[derive(Clone, Copy)]
struct Place {
    at: Position,
    /// The characters before it, since its column was last named, on whose width terminals disagree.
    doubtful: u16,
}

impl Place {
    /// Its column is known.
    fn is_exact(self) -> bool {
        self.doubtful == 0
    }

    /// Its row is known: even if all doubtful characters are wide, the line did not wrap.
    fn has_row(self) -> bool {
        self.at.x.saturating_add(self.doubtful) < MIN_SIZE.0
    }
}

/// Leads the cursor to a cell by the shortest way: from the cell before it in the row, from the
/// beginning of the row or of the next one, or by naming the place.
fn lead(out: &mut Vec<u8>, from: Option<Place>, to: Position) -> io::Result<()> {
    let mut named = Vec::new();
    queue!(named, MoveTo(to.x, to.y))?;
    let Some(from) = from else {
        out.extend(named);
        return Ok(());
    };
    if from.is_exact() && from.at.y == to.y && from.at.x < to.x {
        move_right(out, to.x - from.at.x);
        return Ok(());
    }
    let mut way = match to.y.checked_sub(from.at.y) {
        Some(0) => b"\r".to_vec(),
        Some(1) => b"\r\n".to_vec(),
        _ => named.clone(),
    };
    if way != named {
        move_right(&mut way, to.x);
    }
    let is_shorter = way.len() < named.len() && from.has_row();
    out.extend(if is_shorter { way } else { named });
    Ok(())
}

fn move_right(out: &mut Vec<u8>, cells: u16) {
    match cells {
        0 => {}
        1 => out.extend(b"\x1b[C"),
        cells => out.extend(format!("\x1b[{cells}C").bytes()),
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

/// Attributes that are seen without a character.
const SEEN_IN_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

/// True if the cell looks the same in this style, as a blank does in another colour.
fn hides_in_blank(cell: &Cell, (_, bg, modifier): Style) -> bool {
    cell.symbol() == " " && cell.bg == bg && !(cell.modifier | modifier).intersects(SEEN_IN_BLANKS)
}

/// Changes from a style, or the plain one, to another, in one sequence.
fn set_style(out: &mut Vec<u8>, from: Option<Style>, to: Style) {
    let (mut fg, mut bg, mut modifier) = from.unwrap_or(PLAIN);
    let mut codes = Vec::new();
    if !to.2.contains(modifier) {
        // Taking one attribute back by itself isn't the same on all terminals.
        codes.push(Attribute::Reset.sgr());
        (fg, bg, modifier) = PLAIN;
    }
    for (flag, attribute) in ATTRIBUTES {
        if to.2.contains(flag) && !modifier.contains(flag) {
            codes.push(attribute.sgr());
        }
    }
    if to.0 != fg {
        codes.push(match basic_colour(to.0) {
            Some(code) => code.to_string(),
            None => Colored::ForegroundColor(to.0.into_crossterm()).to_string(),
        });
    }
    if to.1 != bg {
        codes.push(match basic_colour(to.1) {
            Some(code) => (code + 10).to_string(),
            None => Colored::BackgroundColor(to.1.into_crossterm()).to_string(),
        });
    }
    if !codes.is_empty() {
        out.extend(format!("\x1b[{}m", codes.join(";")).bytes());
    }
}

/// The code of one of the sixteen colours as a text colour; that of the background is ten higher. The code
/// of a palette of 256, which crossterm uses for them, blinks on a terminal that has only these.
fn basic_colour(colour: Color) -> Option<u8> {
    Some(match colour {
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
        Color::Reset | Color::Indexed(_) | Color::Rgb(..) => return None,
    })
}

/// So many changed cells are two rows of a wide table, or more.
const MANY: usize = 160;

/// Puts the changed cells of a frame into the buffer of what is shown, which grows with them.
fn put(shown: &mut Buffer, content: &[(u16, u16, &Cell)]) {
    let columns = content.iter().map(|&(x, ..)| x + 1).max().unwrap_or(0);
    let rows = content.iter().map(|&(_, y, _)| y + 1).max().unwrap_or(0);
    let needed = Rect::new(0, 0, columns, rows);
    if shown.area.union(needed) != shown.area {
        let mut grown = Buffer::empty(shown.area.union(needed));
        grown.merge(shown);
        *shown = grown;
    }
    for &(x, y, cell) in content {
        shown[(x, y)] = cell.clone();
        // A wide character covers what stood in the next cell.
        for covered in x + 1..(x + cell.cell_width()).min(shown.area.width) {
            shown[(covered, y)].reset();
        }
    }
}

/// Writes cells in the order of their places.
fn write_cells(
    out: &mut Vec<u8>,
    cursor: &mut Option<Position>,
    content: Vec<(u16, u16, &Cell)>,
) -> io::Result<()> {
    // Runs of cells side by side, so that the way from one to the next can be a short one.
    let mut drawn: Vec<u8> = Vec::new();
    let mut place = cursor.map(|at| Place { at, doubtful: 0 });
    let mut style = None;
    for (x, y, cell) in content {
        let here = Position::new(x, y);
        if place.is_none_or(|place| place.at != here) {
            lead(&mut drawn, place, here)?;
            let doubtful = place.filter(|last| {
                // Only the way to the right keeps what was doubtful, and is taken without it.
                last.at.y == y && last.at.x < x && last.is_exact()
            });
            place = Some(Place {
                at: here,
                doubtful: doubtful.map_or(0, |last| last.doubtful),
            });
        }
        let wanted = (cell.fg, cell.bg, cell.modifier);
        if style != Some(wanted) && !style.is_some_and(|style| hides_in_blank(cell, style)) {
            set_style(&mut drawn, style, wanted);
            style = Some(wanted);
        }
        queue!(drawn, Print(cell.symbol()))?;
        // Terminals disagree on the width of other characters than ASCII.
        let is_doubtful = u16::from(!cell.symbol().is_ascii());
        place = Some(Place {
            at: Position::new(x + 1, y),
            doubtful: place.map_or(0, |place| place.doubtful) + is_doubtful,
        });
    }
    if drawn.is_empty() {
        return Ok(());
    }
    if style != Some(PLAIN) {
        queue!(drawn, SetAttribute(Attribute::Reset))?;
    }
    // At the right edge the terminal waits with the next row.
    let place = place.filter(|place| place.is_exact() && place.has_row());
    *cursor = place.map(|place| place.at);
    out.extend(drawn);
    Ok(())
}

impl Backend for FrameBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let content: Vec<_> = content.collect();
        let before = (content.len() >= MANY).then(|| self.shown.clone());
        put(&mut self.shown, &content);
        if let Some(mut before) = before.filter(|before| before.area == self.shown.area)
            && let Some(shift) = Shift::find(&before, &self.shown)
        {
            self.cursor = None;
            shift.write(&mut self.bytes)?;
            shift.apply(&mut before);
            let rest = before.diff(&self.shown);
            return write_cells(&mut self.bytes, &mut self.cursor, rest);
        }
        write_cells(&mut self.bytes, &mut self.cursor, content)
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
        self.cursor = None;
        self.shown.reset();
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
mod tests;
