//! The cursor of a list: which line it is on, and the keys that move it.

use crossterm::event::{KeyCode, KeyEvent};

/// How many lines a page key moves.
const PAGE: usize = 10;

/// A line of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListCursor {
    /// The line, from 0.
    pub at: usize,
}

impl ListCursor {
    pub fn at(at: usize) -> Self {
        Self { at }
    }

    /// Moves as an arrow, a page key, `home`, `end`, `j`, `k`, `g` or `G` says, within a list of
    /// `count` lines.
    pub fn on_key(&mut self, key: &KeyEvent, count: usize) {
        let last = count.saturating_sub(1);
        self.at = match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.at.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.at + 1,
            KeyCode::PageUp => self.at.saturating_sub(PAGE),
            KeyCode::PageDown => self.at + PAGE,
            KeyCode::Home | KeyCode::Char('g') => 0,
            KeyCode::End | KeyCode::Char('G') => last,
            _ => self.at,
        }
        .min(last);
    }

    /// The first line to draw, so that the cursor is within `rows` lines.
    pub fn top(self, rows: usize) -> usize {
        (self.at + 1).saturating_sub(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_cursor_stays_within_the_list() {
        let press = |cursor: &mut ListCursor, code, count| {
            cursor.on_key(&KeyEvent::from(code), count);
            cursor.at
        };
        let mut cursor = ListCursor::default();
        assert_eq!(press(&mut cursor, KeyCode::Up, 3), 0);
        assert_eq!(press(&mut cursor, KeyCode::Down, 3), 1);
        assert_eq!(press(&mut cursor, KeyCode::PageDown, 3), 2);
        assert_eq!(press(&mut cursor, KeyCode::Char('g'), 3), 0);
        assert_eq!(press(&mut cursor, KeyCode::Char('G'), 3), 2);
        assert_eq!(press(&mut cursor, KeyCode::Char('x'), 3), 2);
        assert_eq!(press(&mut cursor, KeyCode::Down, 0), 0, "an empty list");
        assert_eq!(ListCursor::at(7).top(5), 3);
        assert_eq!(ListCursor::at(4).top(5), 0);
    }
}
