//! `:`: finds any command or filter by its name. What can't be done at the moment comes last, with the
//! reason.

use crossterm::event::KeyEvent;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::Query;
use crate::text::{capitalized, clip, grouped, width};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::commands::Command;
use crate::tui::input::dialog_keys::{
    ARROW, DialogKey, ENTER, ESC, Hint, Section as HelpSection, TEXT, command, hints, key,
};
use crate::tui::request::Request;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text_field::TextField;

/// What is typed, and what may be chosen.
#[derive(Clone, Debug)]
pub struct CommandPalette {
    entries: Vec<Entry>,
    field: TextField,
    /// Among the entries that match.
    cursor: ListCursor,
}

/// A command of the open screen.
#[derive(Clone, Debug)]
pub struct Action {
    /// Which.
    pub command: Command,
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Its key; empty without one.
    pub key: String,
    /// On how many devices it acts, where that is more than one row; or why it does nothing now.
    pub state: Result<Option<u64>, &'static str>,
}

/// What may be chosen.
#[derive(Clone, Debug)]
struct Entry {
    section: Section,
    label: String,
    /// The name of the action in the configuration; empty for a filter.
    name: &'static str,
    /// The key that does the same, or why it can't be done.
    note: String,
    choice: Choice,
}

#[derive(Clone, Debug)]
enum Choice {
    Command(Command),
    Filter(Query),
}

/// The sections, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Recent,
    Actions,
    Filters,
    NotNow,
}

impl Section {
    fn heading(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Actions => "actions",
            Self::Filters => "filters",
            Self::NotNow => "not now",
        }
    }
}

#[derive(Clone, Copy)]
enum PaletteKey {
    Run,
    Move,
    Back,
    Edit,
}

const KEYS: &[DialogKey<PaletteKey>] = &[
    key("enter", ENTER, PaletteKey::Run, "run", "run the command"),
    key("↑↓", ARROW, PaletteKey::Move, "move", "move the cursor"),
    key("esc", ESC, PaletteKey::Back, "back", ""),
    key("", TEXT, PaletteKey::Edit, "", ""),
];

/// How many commands that were run last come first.
const RECENT: usize = 3;

impl CommandPalette {
    pub(super) const HELP: HelpSection = HelpSection {
        title: "commands (:)",
        hints: || hints(KEYS),
    };

    /// These actions, of which the `recent` ones, oldest first, come first; then filters by their labels.
    pub fn new(
        actions: Vec<Action>,
        recent: &[Command],
        filters: impl IntoIterator<Item = (String, Query)>,
    ) -> Self {
        let recent: Vec<Command> = recent.iter().rev().take(RECENT).copied().collect();
        let actions = actions.into_iter().map(|action| action.entry(&recent));
        let filters = filters.into_iter().map(|(label, query)| Entry {
            section: Section::Filters,
            label: format!("Filter: {label}"),
            name: "",
            note: String::new(),
            choice: Choice::Filter(query),
        });
        Self {
            entries: actions.chain(filters).collect(),
            field: TextField::default(),
            cursor: ListCursor::default(),
        }
    }

    /// The entries that match what is typed, by section, the best first.
    fn matching(&self) -> Vec<(&Entry, Vec<u32>)> {
        let typed = self.field.text();
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut found = Vec::new();
        for (place, entry) in self.entries.iter().enumerate() {
            let text = format!("{} {}", entry.label, entry.name);
            let text = Utf32Str::new(&text, &mut buffer);
            let mut places = Vec::new();
            if let Some(score) = pattern.indices(text, &mut matcher, &mut places) {
                let is_exact = entry.name == typed && !typed.is_empty();
                let rank = (!is_exact, entry.section, u32::MAX - score, place);
                found.push((rank, entry, places));
            }
        }
        found.sort_by_key(|(rank, _, _)| *rank);
        found
            .into_iter()
            .map(|(_, entry, places)| (entry, places))
            .collect()
    }
}

impl Action {
    fn entry(self, recent: &[Command]) -> Entry {
        let is_recent = recent.contains(&self.command);
        let (section, note) = match self.state {
            Ok(devices) => {
                let section = if is_recent {
                    Section::Recent
                } else {
                    Section::Actions
                };
                let devices = devices.map(|devices| format!("{} devices   ", grouped(devices)));
                (
                    section,
                    format!("{}{}", devices.unwrap_or_default(), self.key),
                )
            }
            // Chosen all the same, it explains itself at more length.
            Err(reason) => (Section::NotNow, reason.to_owned()),
        };
        Entry {
            section,
            label: capitalized(self.help),
            name: self.name,
            note,
            choice: Choice::Command(self.command),
        }
    }
}

impl Component for CommandPalette {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(PaletteKey::Run) => {
                let matching = self.matching();
                let Some((entry, _)) = matching.get(self.cursor.at) else {
                    return Response::stay();
                };
                let request = match &entry.choice {
                    Choice::Command(command) => Request::RunCommand(*command),
                    Choice::Filter(query) => Request::Filter(query.clone()),
                };
                return Response::close().request(request);
            }
            Some(PaletteKey::Move) => self.cursor.on_key(key, self.matching().len()),
            Some(PaletteKey::Back) => return Response::close(),
            Some(PaletteKey::Edit) | None => {
                self.field.on_key(key);
                self.cursor = ListCursor::default();
            }
        }
        Response::stay()
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let inner = panel(frame, centred(area, 72, 18), context, "commands");
        let [line, rest] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inner);
        self.field.render(frame, line, context, " :", true);
        let (lines, cursor) = self.lines(context, usize::from(rest.width));
        let rows = usize::from(rest.height);
        let top = (cursor + 1).saturating_sub(rows);
        let shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(rows).collect();
        frame.render_widget(Paragraph::new(shown), rest);
    }
}

impl CommandPalette {
    /// The lines with their headings, and which of them is under the cursor.
    fn lines(&self, context: &Context, room: usize) -> (Vec<Line<'static>>, usize) {
        let theme = &context.settings.theme;
        let mut lines = Vec::new();
        let mut cursor = 0;
        let mut section = None;
        for (at, (entry, places)) in self.matching().into_iter().enumerate() {
            if section != Some(entry.section) {
                section = Some(entry.section);
                let heading = format!("  {}", entry.section.heading());
                lines.push(Line::from(Span::styled(heading, theme.dim())));
            }
            let is_cursor = at == self.cursor.at;
            if is_cursor {
                cursor = lines.len();
            }
            let sign = if is_cursor {
                theme.glyph("▌", ">")
            } else {
                " "
            };
            let note = clip(&entry.note, 30).into_owned();
            let label = clip(&entry.label, room.saturating_sub(width(&note) + 7)).into_owned();
            let gap = room.saturating_sub(width(&label) + width(&note) + 6);
            let mut spans = vec![Span::styled(format!("{sign}   "), theme.accent())];
            let plain = match entry.section {
                Section::NotNow => theme.dim(),
                _ => Style::new(),
            };
            for (place, character) in (0_u32..).zip(label.chars()) {
                let style = if places.contains(&place) {
                    theme.matched()
                } else {
                    plain
                };
                spans.push(Span::styled(character.to_string(), style));
            }
            spans.push(Span::raw(" ".repeat(gap)));
            spans.push(Span::styled(note, theme.dim()));
            let line = Line::from(spans);
            lines.push(if is_cursor {
                line.style(theme.selection())
            } else {
                line
            });
        }
        if lines.is_empty() {
            lines.push(Line::from(Span::styled(
                "  No command has this name.",
                theme.dim(),
            )));
        }
        (lines, cursor)
    }
}
