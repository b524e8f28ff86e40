//! `c` and `s`: which columns are shown, how wide they are, and what rows are sorted by.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::text::{self, clip};
use crate::tui::app::App;
use crate::tui::column::Column;
use crate::tui::component::{Component, Response};
use crate::tui::input::dialog_keys::{DialogKey, ENTER, Hint, Press, Section, command, hints, key};
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{centred, panel};

/// The width of a column's name, in cells.
const NAME: usize = 24;

/// The column under the cursor; the line behind the last one is the list's own order.
#[derive(Clone, Copy, Debug)]
pub struct ColumnsDialog {
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

    /// The cursor is on the column that rows are sorted by first.
    pub fn new(app: &App) -> Self {
        let sorted = app.devices.sort.keys.first().map(|key| key.column.as_ref());
        let all = app.devices.columns.all();
        let at = sorted.map_or(0, |column| {
            all.iter()
                .position(|known| Some(known) == column)
                .unwrap_or(all.len())
        });
        Self {
            cursor: ListCursor::at(at),
        }
    }

    /// Keeps the cursor on a column that has moved.
    fn follow(&mut self, column: &Column, app: &mut App) {
        let place = app.devices.columns.all().iter().position(|c| c == column);
        if let Some(place) = place {
            self.cursor.at = place;
        }
        app.limit_scroll();
    }
}

impl Component for ColumnsDialog {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        let all = app.devices.columns.all();
        let column = all.get(self.cursor.at).cloned();
        match (command(KEYS, key), &column) {
            (Some(Command::Move), _) => self.cursor.on_key(key, all.len() + 1),
            (Some(Command::Back), _) => return Response::close(),
            (Some(Command::Sort), _) => return Response::close().with(app.sort_by(column)),
            (Some(Command::SortFurther), Some(column)) => {
                return Response::stay().with(app.sort_further(column));
            }
            (Some(Command::Toggle), Some(column)) => {
                app.devices.columns.toggle(column);
                self.follow(column, app);
            }
            (Some(Command::MoveDown), Some(column)) => {
                app.devices.columns.shift(column, true);
                self.follow(column, app);
            }
            (Some(Command::MoveUp), Some(column)) => {
                app.devices.columns.shift(column, false);
                self.follow(column, app);
            }
            (Some(Command::Narrow), Some(column)) => app.devices.columns.resize(column, false),
            (Some(Command::Widen), Some(column)) => app.devices.columns.resize(column, true),
            // The list's own order is no column.
            (Some(_), None) | (None, _) => {}
        }
        Response::stay()
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App) {
        let theme = app.context.settings.theme;
        let mut lines: Vec<String> = app
            .devices
            .columns
            .all()
            .into_iter()
            .map(|column| line_of(app, &column))
            .collect();
        let own = match app.devices.sort.keys.first() {
            None => theme.arrow(false),
            Some(key) if key.column.is_none() => theme.arrow(key.reversed),
            Some(_) => "",
        };
        lines.push(format!("   {:<24}     {own:<4}", "list order"));
        let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
        let inner = panel(frame, centred(area, 38, height), app, "columns and order");
        render_menu(frame, inner, app, lines, self.cursor);
    }
}

/// `✓ hostname                 15  ▲1`
fn line_of(app: &App, column: &Column) -> String {
    let theme = app.context.settings.theme;
    let sort = &app.devices.sort;
    let shown = app
        .devices
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
