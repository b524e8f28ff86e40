//! `?`: the keys of the open screen by task, from the tables that dispatch them; then signs, examples of
//! filters and the keys of dialogs; searchable.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::GRAMMAR;
use crate::text::{self, clip};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::commands::{Task, View};
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, MOTION, Press, Section, TAB, TEXT, command, hints, key, letter,
};
use crate::tui::input::keymap::Key;
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::{continues, dialog_panel};
use crate::tui::widgets::text_field::TextField;
use crate::tui::widgets::underlined::underlined;

/// The cells for the names of keys.
const KEYS_WIDTH: usize = 11;
/// The cells for examples of filters, where there is room.
const EXAMPLES_WIDTH: usize = 28;

/// The keys that hold the searched text.
#[derive(Clone, Debug)]
pub struct HelpDialog {
    /// The sections of the dialogs.
    sections: &'static [Section],
    /// The screen whose keys come first.
    view: View,
    /// The keys of all screens are shown.
    all_views: bool,
    /// The first line shown.
    top: ListCursor,
    /// Only lines that hold this text are shown.
    pub query: TextField,
    /// True while that text is typed.
    pub is_typing: bool,
}

#[derive(Clone, Copy)]
enum Command {
    Scroll,
    Search,
    AllViews,
    Keep,
    Clear,
    Edit,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Scroll, "scroll", "scroll"),
    letter("/", Command::Search, "search", "search the keys"),
    key("tab", TAB, Command::AllViews, "keys of all views", "show the keys of all views"),
    key("esc", &[Press::Key(KeyCode::Esc), Press::Key(KeyCode::Enter), Press::Char('q'), Press::Char('?')], Command::Back, "back", ""),
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

    /// The keys of this screen and of these sections.
    pub fn new(view: View, sections: &'static [Section]) -> Self {
        Self {
            sections,
            view,
            all_views: false,
            top: ListCursor::default(),
            query: TextField::default(),
            is_typing: false,
        }
    }

    fn keys(&self) -> &'static [DialogKey<Command>] {
        if self.is_typing { SEARCH_KEYS } else { KEYS }
    }
}

impl Component for HelpDialog {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(self.keys())
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(self.keys(), key) {
            Some(Command::Scroll) => {
                // The panel has a border above and below, as the table has a line.
                let height = rows_on_screen(context);
                let width = context.size.0.saturating_sub(2);
                let count = self.lines(context, width).len().saturating_sub(height) + 1;
                self.top.on_key_by(key, count, height);
            }
            Some(Command::Search) => self.is_typing = true,
            Some(Command::AllViews) => {
                self.all_views = !self.all_views;
                self.top = ListCursor::default();
            }
            Some(Command::Keep) => self.is_typing = false,
            Some(Command::Edit) => {
                self.query.on_key(key);
                self.top = ListCursor::default();
            }
            Some(Command::Clear) => *self = Self::new(self.view, self.sections),
            Some(Command::Back) if key.code == KeyCode::Esc && self.is_searched() => {
                *self = Self::new(self.view, self.sections);
            }
            Some(Command::Back) => return Response::close(),
            None => {}
        }
        Response::stay()
    }

    fn on_paste(&mut self, text: &str, _context: &mut Context) -> Response {
        if self.is_typing {
            self.query.on_paste(text);
            self.top = ListCursor::default();
        }
        Response::stay()
    }

    fn takes_text(&self) -> bool {
        self.is_typing
    }

    fn offers_help(&self) -> bool {
        false
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let room = usize::from(area.width / 2);
        let title = match (self.is_typing, self.is_searched()) {
            (true, _) => format!("keys with: {}", self.query.with_cursor(room)),
            (false, true) => format!("keys with: {}", clip(self.query.value(), room)),
            (false, false) if self.all_views => "help · all views".to_owned(),
            (false, false) => format!("help · {}", self.view.title()),
        };
        let inner = dialog_panel(frame, area, context, &title);
        let lines = self.lines(context, inner.width);
        if lines.is_empty() {
            let text = Paragraph::new(" no matching key; esc clears the search").style(theme.dim());
            frame.render_widget(text, inner);
            return;
        }
        let height = usize::from(inner.height);
        let below = lines.len().saturating_sub(height);
        let top = self.top.at.min(below);
        continues(frame, area, context, [top, below - top]);
        let shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(height).collect();
        frame.render_widget(Paragraph::new(shown), inner);
    }
}

/// Signs of the table, the same in ASCII, and what they mean.
const SIGNS: &[(&str, &str, &str)] = &[
    ("●", "*", "marked"),
    ("┆", "|", "in the range"),
    ("◆", "P", "protected: never sent"),
    ("◇", "H", "held: not sent until its hold ends"),
    ("⊘", "!", "unusable: can't be sent"),
    ("✓", "+", "accepted by the cloud"),
    ("✗", "x", "failed"),
    ("?", "?", "in doubt: perhaps applied"),
    ("∅", "0", "gone after a lost answer"),
    ("–", "-", "not sent"),
];

/// Examples of filters.
const EXAMPLES: &[(&str, &str)] = &[
    (
        "unseen>90d -type:server",
        "not seen for 90 days, no servers",
    ),
    ("status:out_of_license_usage", "devices without a licence"),
    ("stale:hostname", "older records with the same host name"),
    ("hwid:1c21  mac:29cd", "part of an identifier, any notation"),
    ("is:failed  is:marked", "by outcome, by mark"),
];

/// The tasks side by side, by the number of columns.
const ONE_COLUMN: &[&[&[Task]]] = &[&[&Task::ALL]];
const TWO_COLUMNS: &[&[&[Task]]] = &[
    &[&[Task::Move, Task::Look], &[Task::Find, Task::Mark]],
    &[&[Task::Act], &[Task::Go]],
];
const THREE_COLUMNS: &[&[&[Task]]] = &[&[
    &[Task::Move, Task::Look],
    &[Task::Find, Task::Mark],
    &[Task::Act, Task::Go],
]];

impl HelpDialog {
    fn is_searched(&self) -> bool {
        !self.query.text().is_empty()
    }

    /// All lines for an area of this width; with a searched text those that hold it, in any case.
    fn lines(&self, context: &Context, width: u16) -> Vec<Line<'static>> {
        let query = self.query.text().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&query);
        let mut lines = if query.is_empty() {
            self.by_task(context, width)
        } else {
            let found = self.keys_of(context, &Task::ALL);
            let found = found
                .into_iter()
                .filter(|(keys, help)| has(keys) || has(help));
            found
                .map(|(keys, help)| entry(context, &keys, &help, KEYS_WIDTH))
                .collect()
        };
        let theme = &context.settings.theme;
        let signs = SIGNS
            .iter()
            .map(|(sign, ascii, help)| (theme.glyph(sign, ascii), *help));
        let examples = if width < 70 { 0 } else { EXAMPLES_WIDTH };
        for (title, names, entries) in [
            ("signs", KEYS_WIDTH, signs.collect::<Vec<_>>()),
            ("filter examples", examples, EXAMPLES.to_vec()),
        ] {
            let found = entries
                .into_iter()
                .filter(|(name, help)| has(name) || has(help));
            let found: Vec<_> = found
                .map(|(name, help)| entry(context, name, help, names))
                .collect();
            if !found.is_empty() {
                lines.extend(heading(context, title));
                lines.extend(found);
            }
        }
        for section in self.sections {
            let keys: Vec<Hint> = (section.hints)()
                .into_iter()
                .filter(|hint| !hint.help.is_empty())
                .filter(|hint| has(hint.name) || has(hint.help) || has(section.title))
                .collect();
            if !keys.is_empty() {
                lines.extend(heading(context, section.title));
                lines.extend(
                    keys.into_iter()
                        .map(|hint| entry(context, hint.name, hint.help, KEYS_WIDTH)),
                );
            }
        }
        let grammar: Vec<&str> = GRAMMAR.lines().filter(|line| has(line)).collect();
        if !grammar.is_empty() {
            lines.extend(heading(context, "filter language (/)"));
            let grammar = grammar.into_iter();
            lines.extend(grammar.map(|line| Line::from(format!(" {line}"))));
        }
        if query.is_empty() {
            return lines;
        }
        let query: Vec<char> = query.chars().collect();
        let lines = lines.into_iter();
        lines
            .map(|line| underlined(line, &query, theme.matched()))
            .collect()
    }

    /// The keys for these tasks, those of one command together. Where a key is there twice, the only view
    /// of each is named.
    fn keys_of(&self, context: &Context, tasks: &[Task]) -> Vec<(String, String)> {
        let mut found: Vec<(Key, String)> = Vec::new();
        for key in context.settings.keys.keys() {
            let is_here = self.all_views || self.is_searched() || key.is_in(self.view);
            if !is_here || !tasks.contains(&key.binding.task) {
                continue;
            }
            let same = found.iter_mut().find(|(other, _)| {
                other.binding.command == key.binding.command
                    && other.binding.help == key.binding.help
            });
            match same {
                Some((_, names)) => names.push_str(&format!(" {}", key.name)),
                None => found.push((key.clone(), key.name.clone().into_owned())),
            }
        }
        let texts = found.iter().map(|(key, names)| {
            let is_twice = found
                .iter()
                .filter(|(other, _)| other.name == key.name)
                .nth(1)
                .is_some();
            let help = match key.binding.only_view().filter(|_| is_twice) {
                Some(view) => format!("{} ({})", key.binding.help, view.title()),
                None => key.binding.help.to_owned(),
            };
            (names.clone(), help)
        });
        texts.collect()
    }

    fn by_task(&self, context: &Context, width: u16) -> Vec<Line<'static>> {
        let (blocks, count) = match width {
            108.. => (THREE_COLUMNS, 3),
            70.. => (TWO_COLUMNS, 2),
            _ => (ONE_COLUMN, 1),
        };
        let width = usize::from(width) / count;
        let mut lines = Vec::new();
        for block in blocks {
            let columns: Vec<Vec<Line<'static>>> = block
                .iter()
                .map(|tasks| self.task_column(context, tasks))
                .collect();
            let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
            for row in 0..rows {
                let cells = columns.iter().map(|column| column.get(row).cloned());
                lines.push(side_by_side(cells, width));
            }
        }
        lines
    }

    fn task_column(&self, context: &Context, tasks: &[Task]) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for task in tasks {
            let keys = self.keys_of(context, &[*task]);
            if keys.is_empty() {
                continue;
            }
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            let strong = context.settings.theme.strong();
            lines.push(Line::from(Span::styled(
                format!(" {}", task.heading()),
                strong,
            )));
            lines.extend(
                keys.into_iter()
                    .map(|(keys, help)| entry(context, &keys, &help, KEYS_WIDTH)),
            );
        }
        lines
    }
}

/// The cells of one line, each cut or padded to `width` cells.
fn side_by_side(cells: impl Iterator<Item = Option<Line<'static>>>, width: usize) -> Line<'static> {
    let mut spans = Vec::new();
    for cell in cells {
        let mut room = width;
        for span in cell.unwrap_or_default().spans {
            let text = clip(&span.content, room).into_owned();
            room -= text::width(&text);
            spans.push(Span::styled(text, span.style));
        }
        spans.push(Span::raw(" ".repeat(room)));
    }
    Line::from(spans)
}

/// Keys, or other names in a column of this width, and what they do.
fn entry(context: &Context, keys: &str, help: &str, names: usize) -> Line<'static> {
    let theme = &context.settings.theme;
    let pad = " ".repeat(names.saturating_sub(text::width(keys)) + 1);
    Line::from(vec![
        Span::styled(format!("  {keys}{pad}"), theme.accent()),
        Span::raw(help.to_owned()),
    ])
}

fn heading(context: &Context, title: &str) -> [Line<'static>; 2] {
    let strong = context.settings.theme.strong();
    [
        Line::default(),
        Line::from(Span::styled(format!(" {title}"), strong)),
    ]
}
