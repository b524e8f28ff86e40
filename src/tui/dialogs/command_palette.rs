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
use crate::text::{capitalized, clip, counted, visible, width};
use crate::tui::answer::Answer;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::dialogs::offered_filters::{OfferedFilter, Origin};
use crate::tui::effect::Effect;
use crate::tui::input::commands::Command;
use crate::tui::input::dialog_keys::{
    ARROW, DialogKey, ENTER, ESC, Hint, Section as HelpSection, TEXT, command, hints, key,
};
use crate::tui::request::Request;
use crate::tui::screens::devices::search::MatchCount;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::{PopupWidth, continues, dialog_panel, popup};
use crate::tui::widgets::text_field::TextField;

/// What is typed, and what may be chosen.
#[derive(Clone, Debug)]
pub struct CommandPalette {
    entries: Vec<Entry>,
    field: TextField,
    /// Among the entries that match.
    cursor: ListCursor,
}

/// A command.
#[derive(Clone, Debug)]
pub struct Action {
    pub command: Command,
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Its key; empty without one.
    pub key: String,
    /// On how many devices it acts, where a key would not show it; or why it does nothing now.
    pub state: Result<Option<u64>, &'static str>,
}

/// What may be chosen.
#[derive(Clone, Debug)]
struct Entry {
    section: Section,
    label: String,
    /// The name of the action in the configuration, or the filter of a name: shown once it is typed.
    name: String,
    /// How many devices it is about, or why it can't be done.
    note: String,
    /// The command's key; empty without one.
    key: String,
    choice: Choice,
}

#[derive(Clone, Debug)]
enum Choice {
    Command(Command),
    Filter(OfferedFilter),
}

/// An entry that matches what is typed.
struct Match<'a> {
    entry: &'a Entry,
    /// The label, with the name behind it if that is what matches.
    text: String,
    /// Which characters of the text match.
    places: Vec<u32>,
}

/// The sections, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Recent,
    Suggestions,
    Actions,
    Filters,
    NotNow,
}

impl Section {
    fn heading(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Suggestions => "suggestions",
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

/// The most cells of a note, so that the label and the key have room beside it.
const NOTE: usize = 30;

/// How many commands that were run last come first.
const RECENT: usize = 3;

impl CommandPalette {
    pub(super) const HELP: HelpSection = HelpSection {
        title: "commands (:)",
        hints: || hints(KEYS),
    };

    /// These actions, of which those that were run last come first, and the filters that are offered;
    /// with the effect that counts what these match.
    pub fn new(mut actions: Vec<Action>, earlier: &[String], context: &Context) -> (Self, Effect) {
        let recent = context.recent_commands.iter().rev().take(RECENT);
        let recent: Vec<Command> = recent.copied().collect();
        let age = |action: &Action| recent.iter().position(|known| *known == action.command);
        actions.sort_by_key(|action| age(action).unwrap_or(RECENT));
        let actions = actions.into_iter().map(|action| action.entry(&recent));
        let filters = OfferedFilter::all(earlier, context);
        let effect = OfferedFilter::count_all(&filters, context);
        let filters = filters.into_iter().map(Entry::of_filter);
        let palette = Self {
            entries: actions.chain(filters).collect(),
            field: TextField::default(),
            cursor: ListCursor::default(),
        };
        (palette, effect)
    }

    /// What the filters match was counted.
    fn on_counted(&mut self, counts: &[(String, MatchCount)]) {
        let chosen = self.matching().get(self.cursor.at).map(|found| found.entry);
        let chosen = chosen.map(|entry| entry.label.clone());
        let entries = std::mem::take(&mut self.entries).into_iter();
        let counted = entries.filter_map(|entry| match entry.choice {
            Choice::Filter(mut filter) => {
                let is_offered = filter.on_counted(counts);
                is_offered.then(|| Entry::of_filter(filter))
            }
            Choice::Command(_) => Some(entry),
        });
        self.entries = counted.collect();
        // What is chosen stays so, whatever goes above it.
        let matching = self.matching();
        let place = matching
            .iter()
            .position(|found| Some(&found.entry.label) == chosen.as_ref());
        let last = matching.len().saturating_sub(1);
        self.cursor.at = place.unwrap_or(self.cursor.at).min(last);
    }

    /// The entries that match what is typed, by section, the best first. Letters that are only strewn
    /// over a text count where no text has them together.
    fn matching(&self) -> Vec<Match<'_>> {
        let typed = self.field.text();
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut found = Vec::new();
        for (place, entry) in self.entries.iter().enumerate() {
            for text in [
                entry.label.clone(),
                format!("{}  {}", entry.label, entry.name),
            ] {
                let mut places = Vec::new();
                let haystack = Utf32Str::new(&text, &mut buffer);
                let Some(score) = pattern.indices(haystack, &mut matcher, &mut places) else {
                    continue;
                };
                let is_exact = entry.name == typed && !typed.is_empty();
                let is_together = text.to_lowercase().contains(&typed.to_lowercase());
                let rank = (!is_exact, entry.section, u32::MAX - score, place);
                let hit = Match {
                    entry,
                    text,
                    places,
                };
                found.push((is_together, rank, hit));
                break;
            }
        }
        if found.iter().any(|(is_together, ..)| *is_together) {
            found.retain(|(is_together, ..)| *is_together);
        }
        found.sort_by_key(|(_, rank, _)| *rank);
        found.into_iter().map(|(.., hit)| hit).collect()
    }
}

impl Entry {
    fn of_filter(filter: OfferedFilter) -> Self {
        let (section, label, name) = match filter.origin {
            Origin::Recent => (Section::Recent, filter.query.text(), ""),
            Origin::Saved => (Section::Filters, &*filter.name, filter.query.text()),
            Origin::Suggestion => (Section::Suggestions, &*filter.name, filter.query.text()),
        };
        let (section, note) = match filter.count {
            MatchCount::Counting => (section, String::new()),
            MatchCount::Known(count) => (section, counted(count, "device")),
            MatchCount::Invalid => (Section::NotNow, "not for this list".to_owned()),
        };
        Self {
            section,
            label: format!("Filter: {label}"),
            name: name.to_owned(),
            note,
            key: String::new(),
            choice: Choice::Filter(filter),
        }
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
                let devices = devices.map(|devices| counted(devices, "device"));
                (section, devices.unwrap_or_default())
            }
            // Chosen all the same, it explains itself at more length.
            Err(reason) => (Section::NotNow, reason.to_owned()),
        };
        Entry {
            section,
            label: capitalized(self.help),
            name: self.name.to_owned(),
            note,
            key: self.key,
            choice: Choice::Command(self.command),
        }
    }
}

impl Component for CommandPalette {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(PaletteKey::Run) => {
                let matching = self.matching();
                let Some(found) = matching.get(self.cursor.at) else {
                    return Response::stay();
                };
                return match &found.entry.choice {
                    Choice::Command(command) => {
                        Response::close().request(Request::RunCommand(*command))
                    }
                    Choice::Filter(filter) => filter.apply(false, context),
                };
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

    fn on_answer(
        &mut self,
        answer: Answer,
        _: &Context,
        _: &Query,
    ) -> Result<Vec<Effect>, Box<Answer>> {
        let Answer::QueriesCounted(counts) = answer else {
            return Err(Box::new(answer));
        };
        self.on_counted(&counts);
        Ok(Vec::new())
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let area = popup(area, context, PopupWidth::Medium, 18);
        let inner = dialog_panel(frame, area, context, "commands");
        let [line, rest] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inner);
        self.field.render(frame, line, context, " :", true);
        let (lines, cursor) = self.lines(context, usize::from(rest.width));
        let rows = usize::from(rest.height);
        let top = (cursor + 1).saturating_sub(rows);
        let below = lines.len().saturating_sub(top + rows);
        continues(frame, area, context, [top, below]);
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
        for (at, found) in self.matching().into_iter().enumerate() {
            let Match {
                entry,
                text,
                places,
            } = found;
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
            let note = clip(&entry.note, NOTE);
            let note = match (&*note, &*entry.key) {
                (note, "") => note.to_owned(),
                ("", key) => key.to_owned(),
                (note, key) => format!("{note}   {key}"),
            };
            let label = theme.in_ascii(&clip(
                &visible(&text),
                room.saturating_sub(width(&note) + 7),
            ));
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
