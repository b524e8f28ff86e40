//! `s`: one more key chooses what the rows are sorted by; the same again reverses the order.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::list::Field;
use crate::tui::column::{Column, Sort};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ESC, Hint, Section, TEXT, command, hints, hints_where, key, letter,
};
use crate::tui::request::Request;

/// The current order. The footer is all that shows of this menu.
#[derive(Clone, Debug)]
pub struct SortMenu {
    sort: Sort,
    /// Some rows have an outcome.
    has_outcomes: bool,
}

#[derive(Clone, Copy)]
enum Choice {
    By(Field),
    Outcome,
    FileOrder,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Choice>] = &[
    letter("l", Choice::By(Field::Seen), "seen", "sort by last seen"),
    letter("h", Choice::By(Field::Hostname), "host", "sort by host name"),
    letter("s", Choice::By(Field::Status), "status", "sort by status"),
    letter("t", Choice::By(Field::Type), "type", "sort by type"),
    letter("g", Choice::By(Field::Group), "group", "sort by group"),
    letter("u", Choice::By(Field::User), "user", "sort by user"),
    letter("o", Choice::Outcome, "outcome", "sort by outcome, failures first"),
    letter("f", Choice::FileOrder, "file", "show rows in file order"),
    key("esc", ESC, Choice::Back, "back", ""),
    // Any other key closes the menu too.
    key("", TEXT, Choice::Back, "", ""),
];

impl SortMenu {
    pub(super) const HELP: Section = Section {
        title: "sort (s)",
        hints: || hints(KEYS),
    };

    /// A choice of the order that follows this one, by outcome too if the list has any.
    pub fn new(sort: Sort, has_outcomes: bool) -> Self {
        Self { sort, has_outcomes }
    }
}

impl Component for SortMenu {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints_where(KEYS, |choice, _| {
            self.has_outcomes || !matches!(choice, Choice::Outcome)
        })
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        let column = match command(KEYS, key) {
            Some(Choice::By(field)) => Some(Column::Field(field)),
            Some(Choice::Outcome) if self.has_outcomes => Some(Column::Outcome),
            Some(Choice::FileOrder) => None,
            Some(Choice::Outcome | Choice::Back) | None => return Response::close(),
        };
        self.sort.choose(column);
        Response::close().request(Request::Sort(self.sort.clone()))
    }

    fn render(&self, _frame: &mut Frame<'_>, _area: Rect, _context: &Context) {}
}
