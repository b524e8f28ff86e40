//! `F`: the filters that the configuration names, the recent ones, and queries that are worth a look,
//! with the devices that each matches.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::query::Query;
use crate::text::{clip, grouped, width};
use crate::tui::answer::Answer;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::dialogs::offered_filters::{OfferedFilter, Origin};
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, Hint, MOTION, Press, Section as HelpSection, command, hints, hints_where,
    key, letter,
};
use crate::tui::request::{DialogRequest, Request};
use crate::tui::screens::devices::search::MatchCount;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, popup, scrolling};

/// Why no filter can be saved.
const NO_CONFIGURATION: &str =
    "filters are saved in the configuration: write one with `offboard init`";
const NO_FILTER: &str = "no filter is set: / sets one, then S saves it";

/// The filters, and the cursor.
#[derive(Clone, Debug)]
pub struct FiltersMenu {
    /// The filter in force, which can be saved.
    current: Query,
    choices: Vec<OfferedFilter>,
    cursor: ListCursor,
}

impl Origin {
    fn heading(self) -> &'static str {
        match self {
            Self::Saved => "saved in [filters] of the configuration",
            Self::Recent => "recent",
            Self::Suggestion => "worth a look",
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Command {
    Move,
    Apply,
    Add,
    Save,
    Copy,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Move, "move", "move the cursor"),
    key("enter", ENTER, Command::Apply, "filter", "apply the filter"),
    letter("+", Command::Add, "add", "add it to the current filter"),
    letter("S", Command::Save, "save current", "save the current filter in the configuration"),
    letter("y", Command::Copy, "copy for [filters]", "copy it as a line for [filters] of the configuration"),
    key("esc", &[Press::Key(KeyCode::Esc), Press::Char('q'), Press::Char('F')], Command::Back, "back", ""),
];

impl FiltersMenu {
    pub(super) const HELP: HelpSection = HelpSection {
        title: "saved filters and suggestions (F)",
        hints: || hints(KEYS),
    };

    /// The filters of the configuration, the newest of the `earlier` ones, and suggestions; with the
    /// effect that counts what they match. `current` is in force.
    pub fn new(earlier: &[String], current: &Query, context: &Context) -> (Self, Effect) {
        let choices = OfferedFilter::all(earlier, context);
        let effect = OfferedFilter::count_all(&choices, context);
        let menu = Self {
            current: current.clone(),
            choices,
            cursor: ListCursor::default(),
        };
        (menu, effect)
    }

    /// The menu with the cursor on this line.
    #[must_use]
    pub fn at(self, line: usize) -> Self {
        Self {
            cursor: ListCursor::at(line),
            ..self
        }
    }

    /// What the filters match was counted. A suggestion that matches nothing goes.
    fn on_counted(&mut self, counts: &[(String, MatchCount)]) {
        let current = self.choices.get(self.cursor.at).cloned();
        self.choices.retain_mut(|choice| choice.on_counted(counts));
        let place = self.choices.iter().position(|choice| {
            let of = |choice: &OfferedFilter| (choice.origin, choice.query.text().to_owned());
            current.as_ref().map(of) == Some(of(choice))
        });
        let last = self.choices.len().saturating_sub(1);
        self.cursor.at = place.unwrap_or(self.cursor.at).min(last);
    }

    /// Filters by the chosen filter; `adds` it to the current one.
    fn apply(&self, adds: bool, context: &mut Context) -> Response {
        match self.choices.get(self.cursor.at) {
            Some(choice) => choice.apply(adds, context),
            None => Response::close(),
        }
    }

    /// Asks for a name for the current filter, if there is one, and a configuration.
    fn save(&self, context: &mut Context) -> Response {
        if context.settings.target.is_none() {
            context.show(NO_CONFIGURATION);
        } else if self.current.is_empty() {
            context.show(NO_FILTER);
        } else {
            let request = DialogRequest::SaveFilter(self.current.clone());
            return Response::stay().request(Request::Open(request));
        }
        Response::stay()
    }

    /// Copies the filter as a line of the configuration.
    fn copy(&self, context: &mut Context) -> Option<Effect> {
        let choice = self.choices.get(self.cursor.at)?;
        let letters = choice
            .name
            .chars()
            .filter(|letter| !matches!(letter, '≥' | '&'));
        let name: String = letters.collect();
        let words: Vec<&str> = name.split_whitespace().collect();
        let name = match words.join("-") {
            name if name.is_empty() => "my-filter".to_owned(),
            name => name,
        };
        let mut table = toml::Table::new();
        table.insert(name, choice.query.text().into());
        let line = table.to_string().trim_end().to_owned();
        Some(context.copy("line for [filters] of the configuration", line))
    }

    /// The lines with their headings, and which of them is under the cursor.
    fn lines(&self, context: &Context, room: usize) -> (Vec<Line<'static>>, usize) {
        let theme = &context.settings.theme;
        let names = self.choices.iter().map(|choice| width(&choice.name)).max();
        let column = names.unwrap_or(0).min(28);
        let (mut lines, mut cursor, mut section) = (Vec::new(), 0, None);
        for (at, choice) in self.choices.iter().enumerate() {
            if section != Some(choice.origin) {
                section = Some(choice.origin);
                let heading = format!(" {}", choice.origin.heading());
                lines.push(Line::from(Span::styled(heading, theme.dim())));
            }
            let (note, style) = match choice.count {
                MatchCount::Counting => ("counting…".to_owned(), theme.dim()),
                MatchCount::Known(count) => (grouped(count), theme.strong()),
                MatchCount::Invalid => ("not for this list".to_owned(), theme.dim()),
            };
            let name = theme.in_ascii(&clip(&choice.name, column));
            let name = match choice.origin {
                Origin::Recent => String::new(),
                _ => format!(
                    "{name}{}  ",
                    " ".repeat(column.saturating_sub(width(&name)))
                ),
            };
            let for_query = room.saturating_sub(width(&name) + width(&note) + 6);
            let query = clip(choice.query.text(), for_query).into_owned();
            let used = width(&name) + width(&query) + width(&note) + 4;
            let line = Line::from(vec![
                Span::raw(format!("   {name}")),
                Span::styled(query, theme.accent()),
                Span::raw(" ".repeat(room.saturating_sub(used))),
                Span::styled(format!("{note} "), style),
            ]);
            if at == self.cursor.at {
                cursor = lines.len();
                lines.push(line.style(theme.selection()));
            } else {
                lines.push(line);
            }
        }
        (lines, cursor)
    }
}

impl Component for FiltersMenu {
    fn footer(&self, context: &Context) -> Vec<Hint> {
        let can_save = context.settings.target.is_some() && !self.current.is_empty();
        hints_where(KEYS, |command, _| can_save || command != Command::Save)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Move) => self.cursor.on_key(key, self.choices.len()),
            Some(Command::Apply) => return self.apply(false, context),
            Some(Command::Add) => return self.apply(true, context),
            Some(Command::Save) => return self.save(context),
            Some(Command::Copy) => return Response::stay().with(self.copy(context)),
            Some(Command::Back) => return Response::close(),
            None => {}
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
        let inner_width = usize::from(PopupWidth::Large.cells(area)).saturating_sub(2);
        let (lines, cursor) = self.lines(context, inner_width);
        let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
        let inner = dialog_panel(
            frame,
            popup(area, context, PopupWidth::Large, scrolling(context, height)),
            context,
            "filters",
        );
        let rows = usize::from(inner.height);
        let top = (cursor + 1).saturating_sub(rows);
        let shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(rows).collect();
        frame.render_widget(Paragraph::new(shown), inner);
    }
}
