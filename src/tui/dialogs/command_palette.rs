//! `:`: runs any command by its name.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::input::commands::{ACTIONS, Command, View};
use crate::tui::input::dialog_keys::{
    ARROW, DialogKey, ENTER, ESC, Hint, Section, TAB, TEXT, command, hints, key,
};
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text_field::TextField;

/// What is typed, and the commands that match it.
#[derive(Clone, Debug, Default)]
pub struct CommandPalette {
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

    /// The commands of this view whose names contain what is typed; those that begin with it first.
    pub fn matching(&self, view: View) -> Vec<(Command, &'static str)> {
        let typed = self.field.text().to_lowercase();
        let mut found: Vec<(Command, &'static str)> = ACTIONS
            .iter()
            .copied()
            .filter(|(act, name)| name.contains(&typed) && act.is_in(view))
            .collect();
        found.sort_by_key(|(_, name)| (*name != typed, !name.starts_with(&typed)));
        found
    }
}

impl Component for CommandPalette {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        let matching = self.matching(app.view);
        match command(KEYS, key) {
            Some(PaletteKey::Run) => {
                if let Some(&(act, _)) = matching.get(self.cursor.at) {
                    return Response::close().with(app.run_by_name(act));
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

    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App) {
        let inner = panel(frame, centred(area, 70, 16), app, "commands");
        let [line, rest] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inner);
        self.field.render(frame, line, app, " :", true);
        let keys = app.context.settings.keys.keys();
        let lines = self.matching(app.view).into_iter().map(|(act, name)| {
            let key = keys.iter().find(|key| key.binding.command == act);
            let help = key.map_or("", |key| key.binding.help);
            let key = key.map_or("", |key| key.name.as_ref());
            format!(" {name:<13} {key:<7} {help}")
        });
        render_menu(frame, rest, app, lines.collect(), self.cursor);
    }
}
