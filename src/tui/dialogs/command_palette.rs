//! `:`: runs any command by its name.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::commands::{ACTIONS, Command, View};
use crate::tui::input::dialog_keys::{
    ARROW, DialogKey, ENTER, ESC, Hint, Section, TAB, TEXT, command, hints, key,
};
use crate::tui::request::Request;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text_field::TextField;

/// What is typed, and the commands that match it.
#[derive(Clone, Debug)]
pub struct CommandPalette {
    /// The screen whose commands are offered.
    view: View,
    field: TextField,
    cursor: ListCursor,
}

#[derive(Clone, Copy)]
enum PaletteKey {
    Run,
    Complete,
    Move,
    Back,
    Edit,
}

const KEYS: &[DialogKey<PaletteKey>] = &[
    key("enter", ENTER, PaletteKey::Run, "run it", "run the command"),
    key(
        "tab",
        TAB,
        PaletteKey::Complete,
        "complete",
        "complete the name",
    ),
    key("↑↓", ARROW, PaletteKey::Move, "move", "move the cursor"),
    key("esc", ESC, PaletteKey::Back, "back", ""),
    key("", TEXT, PaletteKey::Edit, "", ""),
];

impl CommandPalette {
    pub(super) const HELP: Section = Section {
        title: "command palette (:)",
        hints: || hints(KEYS),
    };

    /// All commands of this screen.
    pub fn new(view: View) -> Self {
        Self {
            view,
            field: TextField::default(),
            cursor: ListCursor::default(),
        }
    }

    /// The commands of the screen whose names contain what is typed; those that begin with it first.
    pub fn matching(&self) -> Vec<(Command, &'static str)> {
        let typed = self.field.text().to_lowercase();
        let mut found: Vec<(Command, &'static str)> = ACTIONS
            .iter()
            .copied()
            .filter(|(command, name)| name.contains(&typed) && command.is_in(self.view))
            .collect();
        found.sort_by_key(|(_, name)| (*name != typed, !name.starts_with(&typed)));
        found
    }
}

impl Component for CommandPalette {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        let matching = self.matching();
        match command(KEYS, key) {
            Some(PaletteKey::Run) => {
                if let Some(&(command, _)) = matching.get(self.cursor.at) {
                    return Response::close().request(Request::RunCommand(command));
                }
            }
            Some(PaletteKey::Complete) => {
                if let Some(&(_, name)) = matching.get(self.cursor.at) {
                    self.field = TextField::new(name.to_owned());
                    self.cursor = ListCursor::default();
                }
            }
            Some(PaletteKey::Move) => self.cursor.on_key(key, matching.len()),
            Some(PaletteKey::Back) => return Response::close(),
            Some(PaletteKey::Edit) | None => {
                self.field.on_key(key);
                self.cursor = ListCursor::default();
            }
        }
        Response::stay()
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let inner = panel(frame, centred(area, 70, 16), context, "commands");
        let [line, rest] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inner);
        self.field.render(frame, line, context, " :", true);
        let keys = context.settings.keys.keys();
        let lines = self.matching().into_iter().map(|(command, name)| {
            let key = keys.iter().find(|key| key.binding.command == command);
            let help = key.map_or("", |key| key.binding.help);
            let key = key.map_or("", |key| key.name.as_ref());
            format!(" {name:<13} {key:<7} {help}")
        });
        render_menu(frame, rest, context, lines.collect(), self.cursor);
    }
}
