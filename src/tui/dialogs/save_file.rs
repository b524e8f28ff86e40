//! `e`: exports rows, a run or a plan to a new file. No file that exists is overwritten.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::run::RunId;
use crate::text::visible;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::file_content::ExportContent;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Section, TAB, TEXT, command, hints, hints_where, key, key_of,
};
use crate::tui::job::Job;
use crate::tui::widgets::panel::{
    PopupWidth, dialog_panel, height_of, paragraph, popup, wrap_line,
};
use crate::tui::widgets::text_field::TextField;
use crate::tui::widgets::theme::Theme;

/// The path of a file that is to be written.
#[derive(Debug)]
pub struct SaveFile {
    /// What can be written; never empty.
    contents: Vec<ExportContent>,
    /// The chosen content.
    chosen: usize,
    path: TextField,
    /// What was wrong with the last path.
    pub error: Option<String>,
    /// True while the file is being written.
    is_writing: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Command {
    Save,
    NextContent,
    Back,
    Edit,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Save, "save", "save the file"),
    key("tab", TAB, Command::NextContent, "other rows", "switch between marked, shown and all rows"),
    key("esc", ESC, Command::Back, "back", ""),
    key("", TEXT, Command::Edit, "", ""),
];

impl SaveFile {
    pub(super) const HELP: Section = Section {
        title: "export (e)",
        hints: || hints(KEYS),
    };

    /// Asks for the path of a file and proposes `name`. There is at least one content.
    pub fn new(contents: Vec<ExportContent>, name: &str) -> Self {
        Self {
            contents,
            chosen: 0,
            path: TextField::new(name.to_owned()),
            error: None,
            is_writing: false,
        }
    }

    /// Asks for the path of a run's file and proposes a report.
    pub fn of_run(run: RunId) -> Self {
        Self::new(vec![ExportContent::Run(run)], &format!("run-{run}.html"))
    }

    /// What is pressed to save other rows.
    pub fn other_rows_key() -> Option<KeyEvent> {
        key_of(KEYS, Command::NextContent)
    }

    pub fn is_writing(&self) -> bool {
        self.is_writing
    }

    /// The file couldn't be written.
    pub fn on_error(&mut self, reason: &str) {
        self.is_writing = false;
        self.error = Some(visible(reason).into_owned());
    }

    fn content(&self) -> Option<&ExportContent> {
        self.contents.get(self.chosen)
    }

    /// What can be written; of several contents, which one is chosen.
    fn choice(&self, theme: &Theme) -> Line<'static> {
        let mut spans = vec![Span::raw(" ")];
        for (index, content) in self.contents.iter().enumerate() {
            let label = content.label();
            spans.push(match (index == self.chosen, self.contents.len()) {
                (true, 1) => Span::raw(label),
                (true, _) => Span::styled(format!("‹{label}›  "), theme.strong()),
                (false, _) => Span::styled(format!("{label}  "), theme.dim()),
            });
        }
        Line::from(spans)
    }

    fn save(&mut self) -> Response {
        if self.is_writing {
            return Response::stay();
        }
        if self.path.text().is_empty() {
            self.error = Some("name a file".to_owned());
            return Response::stay();
        }
        self.is_writing = true;
        let path = self.path.text().into();
        let content = self.content().cloned();
        Response::stay().with(content.map(|content| Effect::Job(Job::Write { path, content })))
    }
}

impl Component for SaveFile {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints_where(KEYS, |command, _| {
            self.contents.len() > 1 || command != Command::NextContent
        })
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Save) => self.save(),
            Some(Command::NextContent) => {
                self.chosen = (self.chosen + 1) % self.contents.len().max(1);
                Response::stay()
            }
            Some(Command::Back) => Response::close(),
            Some(Command::Edit) | None => {
                self.error = None;
                self.path.on_key(key);
                Response::stay()
            }
        }
    }

    fn on_paste(&mut self, text: &str, _context: &mut Context) -> Response {
        self.error = None;
        self.path.on_paste(text);
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
        let title = self.content().map(ExportContent::title).unwrap_or_default();
        let inner = dialog_panel(frame, area, context, &title);
        let choice = wrap_line(&self.choice(theme), usize::from(inner.width));
        let [what, path, below] = Layout::vertical([
            Constraint::Length(height_of(&choice)),
            Constraint::Length(1),
            Constraint::Min(1),
        ])
        .areas(inner);
        frame.render_widget(Paragraph::new(choice), what);
        self.path.render(frame, path, context, " to  ", true);
        let (text, style) = match (&self.error, self.content()) {
            (Some(error), _) => (error.clone(), theme.danger()),
            (None, Some(chosen)) => {
                let format = chosen.format();
                (format!("{format} · readable by you only"), theme.dim())
            }
            (None, None) => return,
        };
        let lines = paragraph(&text, below.width);
        frame.render_widget(Paragraph::new(lines).style(style), below);
    }
}
