//! `s`: one more key chooses what the rows are sorted by; the same again reverses the order.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::list::Field;
use crate::tui::column::{Column, Sort};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ESC, Hint, Press, Section, TEXT, command, hints, key,
};
use crate::tui::request::Request;

/// The current order. The footer is all that shows of this menu.
#[derive(Clone, Debug)]
pub struct SortMenu {
    sort: Sort,
}

#[derive(Clone, Copy)]
enum Choice {
    Field(Field),
    Outcome,
    FileOrder,
    Back,
}

const fn by(
    name: &'static str,
    presses: &'static [Press],
    field: Field,
    footer: &'static str,
    help: &'static str,
) -> DialogKey<Choice> {
    key(name, presses, Choice::Field(field), footer, help)
}

const KEYS: &[DialogKey<Choice>] = &[
    by(
        "l",
        &[Press::Key(KeyCode::Char('l'))],
        Field::Seen,
        "last seen",
        "sort by last seen",
    ),
    by(
        "h",
        &[Press::Key(KeyCode::Char('h'))],
        Field::Hostname,
        "host name",
        "sort by host name",
    ),
    by(
        "s",
        &[Press::Key(KeyCode::Char('s'))],
        Field::Status,
        "status",
        "sort by status",
    ),
    by(
        "t",
        &[Press::Key(KeyCode::Char('t'))],
        Field::Type,
        "type",
        "sort by type",
    ),
    by(
        "g",
        &[Press::Key(KeyCode::Char('g'))],
        Field::Group,
        "group",
        "sort by group",
    ),
    by(
        "u",
        &[Press::Key(KeyCode::Char('u'))],
        Field::User,
        "user",
        "sort by user",
    ),
    key(
        "o",
        &[Press::Key(KeyCode::Char('o'))],
        Choice::Outcome,
        "outcome",
        "sort by outcome, trouble first",
    ),
    key(
        "f",
        &[Press::Key(KeyCode::Char('f'))],
        Choice::FileOrder,
        "file order",
        "show rows in file order",
    ),
    key("esc", ESC, Choice::Back, "back", ""),
    // Any other key closes the menu too.
    key("", TEXT, Choice::Back, "", ""),
];

impl SortMenu {
    pub(super) const HELP: Section = Section {
        title: "sort (s)",
        hints: || hints(KEYS),
    };

    /// A choice of the order that follows this one.
    pub fn new(sort: Sort) -> Self {
        Self { sort }
    }
}

impl Component for SortMenu {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        let column = match command(KEYS, key) {
            Some(Choice::Field(field)) => Some(Column::Field(field)),
            Some(Choice::Outcome) => Some(Column::Outcome),
            Some(Choice::FileOrder) => None,
            Some(Choice::Back) | None => return Response::close(),
        };
        self.sort.choose(column);
        Response::close().request(Request::Sort(self.sort.clone()))
    }

    fn render(&self, _frame: &mut Frame<'_>, _area: Rect, _context: &Context) {}
}
