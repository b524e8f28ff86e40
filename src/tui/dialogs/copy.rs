//! `y`: copies a part of the marked rows that are shown, or of the row under the cursor.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::text::counted;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ESC, Hint, Section, TEXT, command, hints, hints_where, key, letter,
};
use crate::tui::request::{CopyPart, CopyRows, Request};

/// What is copied? The footer is all that shows of this menu.
#[derive(Clone, Copy, Debug)]
pub struct CopyMenu {
    /// How many marked rows are shown.
    marked: usize,
    rows: CopyRows,
}

#[derive(Clone, Copy, PartialEq)]
enum Command {
    Copy(CopyPart),
    AllMarked,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    letter("h", Command::Copy(CopyPart::Hwid), "HWID", "copy the HWID"),
    letter("m", Command::Copy(CopyPart::Mac), "MAC", "copy the MAC address"),
    letter("n", Command::Copy(CopyPart::Name), "host name", "copy the host name"),
    letter("l", Command::Copy(CopyPart::Row), "whole row", "copy the whole row"),
    letter("M", Command::AllMarked, "all marked", "switch between the current row and the marked rows"),
    key("esc", ESC, Command::Back, "back", ""),
    // Any other key closes the menu too.
    key("", TEXT, Command::Back, "", ""),
];

impl CopyMenu {
    pub(super) const HELP: Section = Section {
        title: "copy (y)",
        hints: || hints(KEYS),
    };

    /// The menu while so many marked rows are shown.
    pub fn new(marked: usize, context: &mut Context) -> Self {
        let rows = if marked > 0 {
            CopyRows::Marked
        } else {
            CopyRows::UnderCursor
        };
        let menu = Self { marked, rows };
        context.status = Some(menu.question());
        menu
    }

    fn question(&self) -> String {
        match self.rows {
            CopyRows::UnderCursor => "Copy from the current row: press a key".to_owned(),
            CopyRows::Marked => {
                let rows = counted(self.marked as u64, "marked row");
                format!("Copy from {rows}: press a key")
            }
        }
    }
}

impl Component for CopyMenu {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints_where(KEYS, |command, hint| {
            match (command, self.rows) {
                (Command::AllMarked, CopyRows::UnderCursor) => hint.count = Some(self.marked),
                (Command::AllMarked, CopyRows::Marked) => hint.footer = "only this row",
                _ => {}
            }
            self.marked > 0 || command != Command::AllMarked
        })
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        context.status = None;
        match command(KEYS, key) {
            Some(Command::Copy(part)) => Response::close().request(Request::Copy(part, self.rows)),
            Some(Command::AllMarked) if self.marked > 0 => {
                self.rows = match self.rows {
                    CopyRows::UnderCursor => CopyRows::Marked,
                    CopyRows::Marked => CopyRows::UnderCursor,
                };
                context.status = Some(self.question());
                Response::stay()
            }
            Some(Command::AllMarked | Command::Back) | None => Response::close(),
        }
    }

    fn render(&self, _frame: &mut Frame<'_>, _area: Rect, _context: &Context) {}
}
