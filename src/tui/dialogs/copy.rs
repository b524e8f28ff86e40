//! `y`: copies from the marked rows that are shown, or else from the row under the cursor.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ESC, Hint, Section, TEXT, command, hints, key, letter,
};
use crate::tui::request::{CopyPart, Request};

/// What is copied of each row? The footer is all that shows of this menu.
#[derive(Clone, Copy, Debug)]
pub struct CopyMenu;

const KEYS: &[DialogKey<Option<CopyPart>>] = &[
    letter("h", Some(CopyPart::Hwid), "HWID", "copy the HWID"),
    letter("m", Some(CopyPart::Mac), "MAC", "copy the MAC address"),
    letter("n", Some(CopyPart::Name), "name", "copy the host name"),
    letter("l", Some(CopyPart::Row), "row", "copy the whole row"),
    key("esc", ESC, None, "back", ""),
    // Any other key closes the menu too.
    key("", TEXT, None, "", ""),
];

impl CopyMenu {
    pub(super) const HELP: Section = Section {
        title: "copy (y)",
        hints: || hints(KEYS),
    };
}

impl Component for CopyMenu {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key).flatten() {
            Some(part) => Response::close().request(Request::Copy(part)),
            None => Response::close(),
        }
    }

    fn render(&self, _frame: &mut Frame<'_>, _area: Rect, _context: &Context) {}
}
