//! `c` and `s`: which columns are shown, how wide they are, and what rows are sorted by.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::text::{self, clip};
use crate::tui::column::{Column, Sort};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{DialogKey, ENTER, Hint, Press, Section, command, hints, key};
use crate::tui::request::Request;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::theme::Theme;

/// The width of a column's name, in cells.
const NAME: usize = 24;

/// The column under the cursor; the line behind the last one is the list's own order.
#[derive(Clone, Debug)]
pub struct ColumnsDialog {
    columns: Columns,
    sort: Sort,
    /// The line under the cursor.
    pub cursor: ListCursor,
}

#[derive(Clone, Copy)]
enum Command {
    Sort,
    SortFurther,
    Toggle,
    MoveDown,
    MoveUp,
    Narrow,
    Widen,
    Move,
    Back,
}

const KEYS: &[DialogKey<Command>] = &[
    key(
        "enter",
        ENTER,
        Command::Sort,
        "sort by",
        "sort by this column; again reverses the order",
    ),
    key(
        "s",
        &[Press::Key(KeyCode::Char('s'))],
        Command::SortFurther,
        "and by",
        "add as secondary sort key (asc, desc, off)",
    ),
    key(
        "space",
        &[Press::Key(KeyCode::Char(' '))],
        Command::Toggle,
        "show",
        "show or hide the column",
    ),
    key(
        "J",
        &[Press::Key(KeyCode::Char('J'))],
        Command::MoveDown,
        "down",
        "move the column down",
    ),
    key(
        "K",
        &[Press::Key(KeyCode::Char('K'))],
        Command::MoveUp,
        "up",
        "move the column up",
    ),
    key(
        "<",
        &[Press::Key(KeyCode::Char('<'))],
        Command::Narrow,
        "narrow",
        "make the column narrower",
    ),
    key(
        ">",
        &[Press::Key(KeyCode::Char('>'))],
        Command::Widen,
        "widen",
        "make the column wider",
    ),
    key(
        "↑↓",
        &[Press::Motion],
        Command::Move,
        "move",
        "move the cursor",
    ),
    key(
        "esc",
        &[
            Press::Key(KeyCode::Esc),
            Press::Key(KeyCode::Char('q')),
            Press::Key(KeyCode::Char('c')),
        ],
        Command::Back,
        "back",
        "",
    ),
];

impl ColumnsDialog {
    pub(super) const HELP: Section = Section {
        title: "columns and order (c, s)",
        hints: || hints(KEYS),
    };

    /// A choice among these columns. The cursor is on the one that rows are sorted by first.
    pub fn new(columns: Columns, sort: Sort) -> Self {
        let sorted = sort.keys.first().map(|key| key.column.as_ref());
        let all = columns.all();
        let at = sorted.map_or(0, |column| {
            all.iter()
                .position(|known| Some(known) == column)
                .unwrap_or(all.len())
        });
        Self {
            columns,
            sort,
            cursor: ListCursor::at(at),
        }
    }

    /// Changes a column and keeps the cursor on it.
    fn change(&mut self, column: &Column, change: impl FnOnce(&mut Columns, &Column)) -> Response {
        change(&mut self.columns, column);
        let place = self.columns.all().iter().position(|known| known == column);
        if let Some(place) = place {
            self.cursor.at = place;
        }
        Response::stay().request(Request::ShowColumns(self.columns.clone()))
    }
}

impl Component for ColumnsDialog {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        let all = self.columns.all();
        let column = all.get(self.cursor.at).cloned();
        match (command(KEYS, key), &column) {
            (Some(Command::Move), _) => self.cursor.on_key(key, all.len() + 1),
            (Some(Command::Back), _) => return Response::close(),
            (Some(Command::Sort), _) => {
                self.sort.choose(column);
                return Response::close().request(Request::Sort(self.sort.clone()));
            }
            (Some(Command::SortFurther), Some(column)) => {
                self.sort.choose_further(column);
                return Response::stay().request(Request::Sort(self.sort.clone()));
            }
            (Some(Command::Toggle), Some(column)) => return self.change(column, Columns::toggle),
            (Some(Command::MoveDown), Some(column)) => {
                return self.change(column, |columns, column| columns.shift(column, true));
            }
            (Some(Command::MoveUp), Some(column)) => {
                return self.change(column, |columns, column| columns.shift(column, false));
            }
            (Some(Command::Narrow), Some(column)) => {
                return self.change(column, |columns, column| columns.resize(column, false));
            }
            (Some(Command::Widen), Some(column)) => {
                return self.change(column, |columns, column| columns.resize(column, true));
            }
            // The list's own order is not a column.
            (Some(_), None) | (None, _) => {}
        }
        Response::stay()
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = context.settings.theme;
        let mut lines: Vec<String> = self
            .columns
            .all()
            .into_iter()
            .map(|column| self.line_of(&column, theme))
            .collect();
        let own = match self.sort.keys.first() {
            None => theme.arrow(false),
            Some(key) if key.column.is_none() => theme.arrow(key.reversed),
            Some(_) => "",
        };
        lines.push(format!("   {:<24}     {own:<4}", "list order"));
        let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
        let inner = panel(
            frame,
            centred(area, 38, height),
            context,
            "columns and order",
        );
        render_menu(frame, inner, context, lines, self.cursor);
    }
}

impl ColumnsDialog {
    /// `✓ hostname                 15  ▲1`
    fn line_of(&self, column: &Column, theme: Theme) -> String {
        let sort = &self.sort;
        let shown = self
            .columns
            .shown()
            .iter()
            .find(|shown| shown.column == *column)
            .map(|shown| shown.width);
        let tick = if shown.is_some() {
            theme.glyph("✓", "+")
        } else {
            " "
        };
        let width = shown.map_or(String::new(), |width| width.to_string());
        let order = sort.key(column).map_or(String::new(), |(place, key)| {
            let place = if sort.keys.len() > 1 {
                (place + 1).to_string()
            } else {
                String::new()
            };
            format!("{}{place}", theme.arrow(key.reversed))
        });
        let name = column.name();
        let name = clip(&name, NAME);
        // Padded by cells: a header may hold wide characters.
        let pad = " ".repeat(NAME.saturating_sub(text::width(&name)));
        format!(" {tick} {name}{pad} {width:>3} {order:<4}")
    }
}
