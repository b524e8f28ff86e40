//! `/`: edits the filter; the table follows each valid change.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::query::{Query, QueryError, complete};
use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Press, Section, TEXT, command, hints, key,
};
use crate::tui::screens::devices::search::DeviceStatusSnapshot;
use crate::tui::widgets::text_field::TextField;

/// The filter while it is edited. The header draws it.
#[derive(Clone, Debug)]
pub struct FilterLine {
    /// The text.
    pub field: TextField,
    /// What is wrong with it; the last valid filter stays in force.
    pub error: Option<QueryError>,
    /// The filter before the edit, which `esc` restores.
    before: Query,
    /// Which of the earlier filters it shows; none while a new one is typed.
    recalled: Option<usize>,
    /// What tab offers.
    pub offered: Option<Completion>,
}

/// What tab offers at the cursor.
#[derive(Clone, Debug)]
pub struct Completion {
    /// The text before the completed part.
    prefix: String,
    /// The text behind the cursor.
    suffix: String,
    /// What could stand between them.
    pub candidates: Vec<String>,
    /// Which of them stands in the line.
    pub at: usize,
}

#[derive(Clone, Copy)]
enum Command {
    Keep,
    Complete,
    CompleteBack,
    Older,
    Newer,
    Restore,
    Edit,
}

const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Keep, "keep", "keep the filter"),
    key(
        "tab",
        &[Press::Key(KeyCode::Tab)],
        Command::Complete,
        "complete",
        "complete: fields, values; shift-tab goes back",
    ),
    key(
        "",
        &[Press::Key(KeyCode::BackTab)],
        Command::CompleteBack,
        "",
        "",
    ),
    key(
        "↑↓",
        &[Press::Key(KeyCode::Up)],
        Command::Older,
        "earlier",
        "an earlier filter, a later one",
    ),
    key("", &[Press::Key(KeyCode::Down)], Command::Newer, "", ""),
    key(
        "esc",
        ESC,
        Command::Restore,
        "undo",
        "restore the filter from before",
    ),
    key("", TEXT, Command::Edit, "", ""),
];

impl FilterLine {
    pub(super) const HELP: Section = Section {
        title: "edit the filter (/)",
        hints: || hints(KEYS),
    };

    /// An edit of this filter.
    pub fn new(query: &Query) -> Self {
        Self {
            field: TextField::new(query.text().to_owned()),
            before: query.clone(),
            error: None,
            recalled: None,
            offered: None,
        }
    }

    /// Puts an earlier filter into the line, or a later one, and at last none.
    fn recall(&mut self, older: bool, app: &mut App) -> Vec<Effect> {
        let count = app.devices.earlier_filters.len();
        let at = self.recalled.unwrap_or(count);
        let at = if older {
            at.saturating_sub(1)
        } else {
            (at + 1).min(count)
        };
        let text = app.devices.earlier_filters.get(at).cloned();
        self.field = TextField::new(text.unwrap_or_default());
        self.recalled = (at < count).then_some(at);
        self.offered = None;
        self.apply(app)
    }

    /// Puts the next candidate at the cursor.
    fn complete(&mut self, back: bool, app: &mut App) -> Vec<Effect> {
        match &mut self.offered {
            Some(offered) => {
                let count = offered.candidates.len();
                let step = if back { count - 1 } else { 1 };
                offered.at = (offered.at + step) % count;
            }
            None => {
                let characters = self.field.value().chars();
                let before: String = characters.clone().take(self.field.cursor()).collect();
                let suffix: String = characters.skip(self.field.cursor()).collect();
                let Some(completion) = complete(&before, &app.context.list.devices) else {
                    return Vec::new();
                };
                let prefix = before.get(..completion.start).unwrap_or_default();
                self.offered = Some(Completion {
                    prefix: prefix.to_owned(),
                    suffix,
                    candidates: completion.candidates,
                    at: 0,
                });
            }
        }
        if let Some(offered) = &self.offered {
            let candidate = offered.candidates.get(offered.at);
            let before = format!("{}{}", offered.prefix, candidate.map_or("", String::as_str));
            let cursor = before.chars().count();
            self.field
                .set(format!("{before}{}", offered.suffix), cursor);
        }
        self.apply(app)
    }

    /// The line was edited by hand.
    fn edited(&mut self, app: &mut App) -> Vec<Effect> {
        (self.recalled, self.offered) = (None, None);
        self.apply(app)
    }

    /// Filters by the line if it is valid for this list; else the last valid filter stays in force.
    fn apply(&mut self, app: &mut App) -> Vec<Effect> {
        let parsed = Query::parse(self.field.value()).and_then(|query| {
            query
                .check(&app.context.list.devices, &DeviceStatusSnapshot::default())
                .map(|()| query)
        });
        self.error = parsed.as_ref().err().cloned();
        parsed.map_or_else(|_| Vec::new(), |query| app.filter_by(query))
    }
}

impl Component for FilterLine {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        match command(KEYS, key) {
            Some(Command::Keep) => {
                app.remember_filter();
                Response::close()
            }
            Some(Command::Restore) => Response::close().with(app.filter_by(self.before.clone())),
            Some(Command::Older) => Response::stay().with(self.recall(true, app)),
            Some(Command::Newer) => Response::stay().with(self.recall(false, app)),
            Some(Command::Complete) => Response::stay().with(self.complete(false, app)),
            Some(Command::CompleteBack) => Response::stay().with(self.complete(true, app)),
            Some(Command::Edit) | None => {
                self.field.on_key(key);
                Response::stay().with(self.edited(app))
            }
        }
    }

    fn on_paste(&mut self, text: &str, app: &mut App) -> Response {
        self.field.on_paste(text);
        Response::stay().with(self.edited(app))
    }

    fn render(&self, _frame: &mut Frame<'_>, _area: Rect, _app: &App) {}
}
