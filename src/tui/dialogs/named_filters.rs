//! `F`: the filters that the configuration names.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::text::{clip, visible, width};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, Hint, MOTION, Press, Section, command, hints, key,
};
use crate::tui::request::Request;
use crate::tui::screens::devices::search::DeviceStatusSnapshot;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{centred, panel};

/// The filter under the cursor.
#[derive(Clone, Debug, Default)]
pub struct NamedFilters {
    cursor: ListCursor,
}

#[derive(Clone, Copy)]
enum Command {
    Move,
    Apply,
    Back,
}

const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Move, "move", "move the cursor"),
    key("enter", ENTER, Command::Apply, "filter", "apply the filter"),
    key(
        "esc",
        &[
            Press::Key(KeyCode::Esc),
            Press::Key(KeyCode::Char('q')),
            Press::Key(KeyCode::Char('F')),
        ],
        Command::Back,
        "back",
        "",
    ),
];

impl NamedFilters {
    pub(super) const HELP: Section = Section {
        title: "named filters (F)",
        hints: || hints(KEYS),
    };

    /// Filters by the chosen filter, if it is valid for the list.
    fn apply(&self, context: &mut Context) -> Response {
        let Some((name, query)) = context.settings.filters.get(self.cursor.at).cloned() else {
            return Response::close();
        };
        if let Err(error) = query.check(&context.list.devices, &DeviceStatusSnapshot::default()) {
            context.status = Some(format!("the filter {name}: {error}"));
            return Response::close();
        }
        Response::close()
            .request(Request::Filter(query))
            .request(Request::RememberFilter)
    }
}

impl Component for NamedFilters {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Move) => self.cursor.on_key(key, context.settings.filters.len()),
            Some(Command::Apply) => {
                return self.apply(context);
            }
            Some(Command::Back) => return Response::close(),
            None => {}
        }
        Response::stay()
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let filters = &context.settings.filters;
        let names = filters.iter().map(|(name, _)| width(&visible(name))).max();
        let column = names.unwrap_or(0).min(24);
        let lines = filters.iter().map(|(name, query)| {
            let name = visible(name);
            let pad = " ".repeat(column.saturating_sub(width(&name)));
            format!(" {}{pad}  {}", clip(&name, column), visible(query.text()))
        });
        let height = u16::try_from(filters.len() + 2).unwrap_or(u16::MAX);
        let inner = panel(frame, centred(area, 76, height), context, "filters");
        render_menu(frame, inner, context, lines.collect(), self.cursor);
    }
}
