//! `/` in the history: a search for devices in all runs.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::widgets::Paragraph;

use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Section, TEXT, command, hints, key,
};
use crate::tui::request::Request;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, popup};
use crate::tui::widgets::text_field::TextField;

/// The text that is searched for.
#[derive(Clone, Debug)]
pub struct FindInRuns {
    field: TextField,
}

#[derive(Clone, Copy)]
enum Command {
    Search,
    Back,
    Edit,
}

const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Search, "search", "search all runs"),
    key("esc", ESC, Command::Back, "cancel", ""),
    key("", TEXT, Command::Edit, "", ""),
];

impl FindInRuns {
    pub(super) const HELP: Section = Section {
        title: "search in the history (/)",
        hints: || hints(KEYS),
    };

    /// A search that begins with this text.
    pub fn new(text: String) -> Self {
        Self {
            field: TextField::new(text),
        }
    }
}

impl Component for FindInRuns {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Search) => {
                let text = self.field.text().to_owned();
                Response::close().request(Request::FindInRuns(text))
            }
            Some(Command::Back) => Response::close(),
            Some(Command::Edit) | None => {
                self.field.on_key(key);
                Response::stay()
            }
        }
    }

    fn on_paste(&mut self, text: &str, _context: &mut Context) -> Response {
        self.field.on_paste(text);
        Response::stay()
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let inner = dialog_panel(
            frame,
            popup(area, context, PopupWidth::Medium, 4),
            context,
            "Search devices in all runs",
        );
        let [line, help] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1)]).areas(inner);
        self.field.render(frame, line, context, " /", true);
        let text = " Part of a host name, user or HWID, or a MAC in any notation.";
        frame.render_widget(
            Paragraph::new(text).style(context.settings.theme.dim()),
            help,
        );
    }
}
