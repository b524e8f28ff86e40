//! `?`: every key, from the tables that dispatch them, and the filter language; searchable.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::GRAMMAR;
use crate::text::visible;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, MOTION, Press, Section, TEXT, command, hints, key,
};
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::panel;

/// The keys that hold the searched text.
#[derive(Clone, Debug)]
pub struct HelpDialog {
    /// The sections of the dialogs.
    sections: &'static [Section],
    /// The first line shown.
    pub top: ListCursor,
    /// Only lines that hold this text are shown.
    pub query: String,
    /// True while that text is typed.
    pub is_typing: bool,
}

#[derive(Clone, Copy)]
enum Command {
    Scroll,
    Search,
    Keep,
    Clear,
    Edit,
    Back,
}

const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Scroll, "scroll", "scroll"),
    key(
        "/",
        &[Press::Key(KeyCode::Char('/'))],
        Command::Search,
        "search",
        "search the keys",
    ),
    key(
        "esc",
        &[
            Press::Key(KeyCode::Esc),
            Press::Key(KeyCode::Enter),
            Press::Key(KeyCode::Char('q')),
            Press::Key(KeyCode::Char('?')),
        ],
        Command::Back,
        "back",
        "",
    ),
];

const SEARCH_KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Keep, "keep", ""),
    key("esc", ESC, Command::Clear, "all keys", ""),
    key("", TEXT, Command::Edit, "", ""),
];

impl HelpDialog {
    pub(super) const HELP: Section = Section {
        title: "help (?)",
        hints: || hints(KEYS),
    };

    /// The keys of the screens and of these sections.
    pub fn new(sections: &'static [Section]) -> Self {
        Self {
            sections,
            top: ListCursor::default(),
            query: String::new(),
            is_typing: false,
        }
    }

    fn keys(&self) -> &'static [DialogKey<Command>] {
        if self.is_typing { SEARCH_KEYS } else { KEYS }
    }

    fn edit(&mut self, key: &KeyEvent) {
        match key.code {
            KeyCode::Char(character) if !character.is_control() => self.query.push(character),
            KeyCode::Backspace => {
                self.query.pop();
            }
            _ => {}
        }
        self.top = ListCursor::default();
    }
}

impl Component for HelpDialog {
    fn hints(&self) -> Vec<Hint> {
        hints(self.keys())
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(self.keys(), key) {
            Some(Command::Scroll) => {
                // The panel has a border above and below.
                let height = rows_on_screen(context, false).saturating_sub(1);
                let count = self.lines(context).len().saturating_sub(height) + 1;
                self.top.on_key(key, count);
            }
            Some(Command::Search) => self.is_typing = true,
            Some(Command::Keep) => self.is_typing = false,
            Some(Command::Edit) => self.edit(key),
            Some(Command::Clear) => *self = Self::new(self.sections),
            Some(Command::Back) if key.code == KeyCode::Esc && !self.query.is_empty() => {
                *self = Self::new(self.sections);
            }
            Some(Command::Back) => return Response::close(),
            None => {}
        }
        Response::stay()
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = context.settings.theme;
        let query = visible(&self.query);
        let title = match (self.is_typing, self.query.is_empty()) {
            (true, _) => format!("keys with: {query}▏"),
            (false, false) => format!("keys with: {query}"),
            (false, true) => "all keys".to_owned(),
        };
        let inner = panel(frame, area, context, &title);
        let lines = self.lines(context);
        if lines.is_empty() {
            let text = Paragraph::new(" no matching key; esc clears the search").style(theme.dim());
            frame.render_widget(text, inner);
            return;
        }
        let height = usize::from(inner.height);
        let top = self.top.at.min(lines.len().saturating_sub(height));
        let shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(height).collect();
        frame.render_widget(Paragraph::new(shown), inner);
    }
}

impl HelpDialog {
    /// The lines that hold the searched text, in any case.
    fn lines(&self, context: &Context) -> Vec<Line<'static>> {
        let theme = context.settings.theme;
        let query = self.query.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&query);
        let line = |name: &str, help: &'static str| {
            Line::from(vec![
                Span::styled(format!(" {name:>7}  "), theme.strong()),
                Span::raw(help),
            ])
        };
        let heading = |title: &'static str| {
            [
                Line::default(),
                Line::from(Span::styled(format!(" {title}"), theme.strong())),
            ]
        };
        let mut lines: Vec<Line<'static>> = context
            .settings
            .keys
            .keys()
            .iter()
            .filter(|key| has(key.binding.help) || has(&key.name))
            .map(|key| line(&key.name, key.binding.help))
            .collect();
        for section in self.sections {
            let keys: Vec<Hint> = (section.hints)()
                .into_iter()
                .filter(|hint| !hint.help.is_empty())
                .filter(|hint| has(hint.name) || has(hint.help) || has(section.title))
                .collect();
            if !keys.is_empty() {
                lines.extend(heading(section.title));
                lines.extend(keys.into_iter().map(|hint| line(hint.name, hint.help)));
            }
        }
        let grammar: Vec<&str> = GRAMMAR.lines().filter(|line| has(line)).collect();
        if !grammar.is_empty() {
            lines.extend(heading("filter language (/)"));
            lines.extend(
                grammar
                    .into_iter()
                    .map(|line| Line::from(format!(" {line}"))),
            );
        }
        lines
    }
}
