//! The cursor of a list: which line it is on, and the keys that move it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// How many lines a page key moves.
pub const PAGE: usize = 10;

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
        self.on_key_by(key, count, PAGE);
    }

    /// The same with pages of so many lines.
    pub fn on_key_by(&mut self, key: &KeyEvent, count: usize, page: usize) {
        let last = count.saturating_sub(1);
        let page = page.max(1);
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            self.at = match key.code {
                KeyCode::Char('f') => self.at + page,
                KeyCode::Char('b') => self.at.saturating_sub(page),
                KeyCode::Char('d') => self.at + page.div_ceil(2),
                KeyCode::Char('u') => self.at.saturating_sub(page.div_ceil(2)),
                _ => self.at,
            }
            .min(last);
            return;
        }
        self.at = match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.at.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.at + 1,
            KeyCode::PageUp => self.at.saturating_sub(page),
            KeyCode::PageDown => self.at + page,
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
