//! `S` in the saved filters: saves the current filter in the configuration, under a name.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::Query;
use crate::text::{clip, is_deceptive, visible};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Section, TEXT, command, hints, key,
};
use crate::tui::job::Job;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, paragraph, popup};
use crate::tui::widgets::text_field::TextField;

/// The name of a filter that is to be saved.
#[derive(Debug)]
pub struct SaveFilter {
    query: Query,
    name: TextField,
    /// What is wrong with the last name.
    error: Option<String>,
    /// True while the configuration is being written.
    is_writing: bool,
}

#[derive(Clone, Copy)]
enum Command {
    Save,
    Back,
    Edit,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Save, "save", "save the filter in the configuration"),
    key("esc", ESC, Command::Back, "back", ""),
    key("", TEXT, Command::Edit, "", ""),
];

impl SaveFilter {
    pub(super) const HELP: Section = Section {
        title: "save a filter (S in the saved filters)",
        hints: || hints(KEYS),
    };

    pub fn new(query: Query) -> Self {
        Self {
            query,
            name: TextField::default(),
            error: None,
            is_writing: false,
        }
    }

    /// The filter couldn't be saved.
    pub fn on_error(&mut self, reason: &str) {
        self.is_writing = false;
        self.error = Some(visible(reason).into_owned());
    }

    fn save(&mut self) -> Response {
        if self.is_writing {
            return Response::stay();
        }
        let name = self.name.text();
        if name.is_empty() {
            self.error = Some("type a name".to_owned());
            return Response::stay();
        }
        if name.chars().any(is_deceptive) {
            self.error = Some("the name has invisible characters: type it again".to_owned());
            return Response::stay();
        }
        self.is_writing = true;
        let name = name.to_owned();
        let query = self.query.clone();
        Response::stay().with([Effect::Job(Job::SaveFilter { name, query })])
    }
}

impl Component for SaveFilter {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Save) => return self.save(),
            Some(Command::Back) => return Response::close(),
            Some(Command::Edit) | None => {
                self.error = None;
                self.name.on_key(key);
            }
        }
        Response::stay()
    }

    fn on_paste(&mut self, text: &str, _: &mut Context) -> Response {
        self.error = None;
        self.name.on_paste(text);
        Response::stay()
    }

    fn on_interrupted_work(&mut self, reason: &str) {
        if self.is_writing {
            self.on_error(reason);
        }
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let area = popup(area, context, PopupWidth::Medium, 7);
        let inner = dialog_panel(frame, area, context, "save the filter");
        let [query, name, below] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Min(1),
        ])
        .areas(inner);
        let shown = clip(
            self.query.text(),
            usize::from(inner.width).saturating_sub(7),
        );
        let line = Line::from(vec![
            Span::raw(" /     "),
            Span::styled(shown.into_owned(), theme.accent()),
        ]);
        frame.render_widget(Paragraph::new(line), query);
        self.name.render(frame, name, context, " name  ", true);
        let (text, style) = match &self.error {
            Some(error) => (error.as_str(), theme.danger()),
            None if context.settings.demo => ("saved until the demo ends", theme.dim()),
            None => ("saved in [filters] of the configuration", theme.dim()),
        };
        let lines = paragraph(text, below.width);
        frame.render_widget(Paragraph::new(lines).style(style), below);
    }
}
