//! `c`: which columns are shown, how wide they are, and what rows are sorted by.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::text::{self, clip};
use crate::tui::column::{Column, Sort};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, Hint, MOTION, Press, SPACE, Section, command, hints, key, letter,
};
use crate::tui::request::Request;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::screens::devices::fit::ContentWidths;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, popup, scrolling};
use crate::tui::widgets::theme::Theme;

/// The width of a column's name, in cells.
const NAME: usize = 24;

/// The column under the cursor; the line behind the last one is the list's own order.
#[derive(Clone, Debug)]
pub struct ColumnsDialog {
    columns: Columns,
    widths: ContentWidths,
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
    Fit,
    Move,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Sort, "sort", "sort by this column; again reverses the order"),
    letter("s", Command::SortFurther, "then by", "add as secondary sort key (asc, desc, off)"),
    key("space", SPACE, Command::Toggle, "show", "show or hide the column"),
    key("J K", &[Press::Char('J')], Command::MoveDown, "move", "move the column down, up"),
    key("", &[Press::Char('K')], Command::MoveUp, "", ""),
    key("< >", &[Press::Char('<')], Command::Narrow, "width", "make the column narrower, wider"),
    key("", &[Press::Char('>')], Command::Widen, "", ""),
    letter("0", Command::Fit, "fit", "fit the column to its content"),
    key("↑↓", MOTION, Command::Move, "move", "move the cursor"),
    key("esc", &[Press::Key(KeyCode::Esc), Press::Char('q'), Press::Char('c')], Command::Back, "back", ""),
];

impl ColumnsDialog {
    pub(super) const HELP: Section = Section {
        title: "columns (c)",
        hints: || hints(KEYS),
    };

    /// A choice among these columns. The cursor is on the one that rows are sorted by first.
    pub fn new(columns: Columns, widths: ContentWidths, sort: Sort) -> Self {
        let sorted = sort.keys.first().map(|key| key.column.as_ref());
        let all = columns.all();
        let at = sorted.map_or(0, |column| {
            all.iter()
                .position(|known| Some(known) == column)
                .unwrap_or(all.len())
        });
        Self {
            columns,
            widths,
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
    fn footer(&self, _: &Context) -> Vec<Hint> {
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
                let width = self.width(column).saturating_sub(1);
                return self.set_width(column, Some(width));
            }
            (Some(Command::Widen), Some(column)) => {
                return self.set_width(column, Some(self.width(column) + 1));
            }
            (Some(Command::Fit), Some(column)) => return self.set_width(column, None),
            // The list's own order is not a column.
            (Some(_), None) | (None, _) => {}
        }
        Response::stay()
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
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
        lines.push(format!("   {:<24}     {own:<4}", "file order"));
        let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
        let area = popup(area, context, PopupWidth::Small, scrolling(context, height));
        let inner = dialog_panel(frame, area, context, "columns");
        render_menu(frame, area, inner, context, &lines, self.cursor);
    }
}

impl ColumnsDialog {
    /// The width of a shown column, in cells: the chosen one, else that of its content.
    fn width(&self, column: &Column) -> u16 {
        let shown = self.columns.shown();
        let chosen = shown.iter().find(|shown| shown.column == *column);
        chosen
            .and_then(|shown| shown.width)
            .unwrap_or_else(|| self.widths.ideal(column, self.sort.key(column).is_some()))
    }

    fn set_width(&mut self, column: &Column, width: Option<u16>) -> Response {
        self.change(column, |columns, column| columns.set_width(column, width))
    }

    /// `✓ hostname                 15  ▲1`
    fn line_of(&self, column: &Column, theme: &Theme) -> String {
        let sort = &self.sort;
        let shown = self.columns.shown();
        let shown = shown.iter().find(|shown| shown.column == *column);
        let tick = if shown.is_some() {
            theme.glyph("✓", "+")
        } else {
            " "
        };
        let width = match shown.map(|shown| shown.width) {
            Some(Some(width)) => width.to_string(),
            Some(None) => "fit".to_owned(),
            None => String::new(),
        };
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
