//! `/`: edits the filter; the table follows when the hands rest, as long as the filter is valid.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::platform::clock::BootTime;
use crate::query::{Query, QueryError, complete, is_incomplete};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Press, Section, TEXT, command, hints, key,
};
use crate::tui::request::Request;
use crate::tui::screens::devices::search::DeviceStatusSnapshot;
use crate::tui::widgets::text_field::TextField;

/// The table follows when no key has come for this long.
const DELAY: Duration = Duration::from_millis(120);

/// The filter while it is edited. The header draws it.
#[derive(Clone, Debug)]
pub struct FilterLine {
    /// The text.
    pub field: TextField,
    /// What is wrong with it; the last valid filter stays.
    pub error: Option<QueryError>,
    /// The filter before the edit, which `esc` restores.
    before: Query,
    /// Earlier filters, oldest first.
    earlier: Vec<String>,
    /// Which of the earlier filters it shows; none while a new one is typed.
    recalled: Option<usize>,
    /// What tab offers.
    pub offered: Option<Completion>,
    /// What the line comes to, and when the table follows.
    pending: Option<(Draft, BootTime)>,
    /// The rows are not those of the line, because its end is missing.
    is_incomplete: bool,
}

/// What an edited line comes to.
#[derive(Clone, Debug)]
enum Draft {
    Filter(Query),
    /// Its end is missing: the rows of the last valid filter stay, without an error.
    Incomplete,
    Mistake(QueryError),
}

/// What tab offers at the cursor.
#[derive(Clone, Debug)]
pub struct Completion {
    /// The text before the completed part.
    prefix: String,
    /// The text behind the cursor.
    suffix: String,
    /// What can be put between them.
    pub candidates: Vec<String>,
    /// Which of them is in the line.
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

    /// An edit of this filter; `earlier` ones, oldest first, can be recalled.
    pub fn new(query: &Query, earlier: Vec<String>) -> Self {
        Self {
            field: TextField::new(query.text().to_owned()),
            before: query.clone(),
            earlier,
            error: None,
            recalled: None,
            offered: None,
            pending: None,
            is_incomplete: false,
        }
    }

    /// When the table follows the line, if it doesn't yet.
    pub fn due(&self) -> Option<BootTime> {
        self.pending.as_ref().map(|(_, due)| *due)
    }

    /// The table follows the line, if it is time.
    pub fn on_tick(&mut self, now: BootTime) -> Option<Request> {
        let (draft, _) = self.pending.take_if(|(_, due)| *due <= now)?;
        self.is_incomplete = matches!(draft, Draft::Incomplete);
        self.error = None;
        match draft {
            Draft::Filter(query) => return Some(Request::Filter(query)),
            Draft::Incomplete => {}
            Draft::Mistake(error) => self.error = Some(error),
        }
        None
    }

    /// Puts an earlier filter into the line, or a later one, and at last none.
    fn recall(&mut self, older: bool, context: &Context) -> Response {
        let count = self.earlier.len();
        let at = self.recalled.unwrap_or(count);
        let at = if older {
            at.saturating_sub(1)
        } else {
            (at + 1).min(count)
        };
        let text = self.earlier.get(at).cloned();
        self.field = TextField::new(text.unwrap_or_default());
        self.recalled = (at < count).then_some(at);
        self.offered = None;
        self.apply(context)
    }

    /// Puts the next candidate at the cursor.
    fn complete(&mut self, back: bool, context: &Context) -> Response {
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
                let Some(completion) = complete(&before, &context.list.devices) else {
                    return Response::stay();
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
        self.apply(context)
    }

    /// The line was edited by hand.
    fn edited(&mut self, context: &Context) -> Response {
        (self.recalled, self.offered) = (None, None);
        self.apply(context)
    }

    /// The table follows the line in a moment.
    fn apply(&mut self, context: &Context) -> Response {
        let draft = match self.parse(context) {
            _ if is_incomplete(self.field.value(), &context.list.devices) => Draft::Incomplete,
            Ok(query) => Draft::Filter(query),
            Err(error) => Draft::Mistake(error),
        };
        self.pending = Some((draft, context.now.boot + DELAY));
        Response::stay()
    }

    /// `enter`: filters by the line at once, complete or not.
    fn keep(&mut self, context: &Context) -> Response {
        self.pending = None;
        match self.parse(context) {
            Ok(query) => Response::close()
                .request(Request::Filter(query))
                .request(Request::RememberFilter),
            Err(error) => {
                self.error = Some(error);
                Response::stay()
            }
        }
    }

    /// The line as a filter, if it is valid for this list.
    fn parse(&self, context: &Context) -> Result<Query, QueryError> {
        let query = Query::parse(self.field.value())?;
        query.check(&context.list.devices, &DeviceStatusSnapshot::default())?;
        Ok(query)
    }
}

impl Component for FilterLine {
    fn hints(&self) -> Vec<Hint> {
        let mut hints = hints(KEYS);
        if self.is_incomplete
            && let Some(enter) = hints.first_mut()
        {
            enter.footer = "search now";
        }
        hints
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Keep) => self.keep(context),
            Some(Command::Restore) => {
                Response::close().request(Request::Filter(self.before.clone()))
            }
            Some(Command::Older) => self.recall(true, context),
            Some(Command::Newer) => self.recall(false, context),
            Some(Command::Complete) => self.complete(false, context),
            Some(Command::CompleteBack) => self.complete(true, context),
            Some(Command::Edit) | None => {
                self.field.on_key(key);
                self.edited(context)
            }
        }
    }

    fn on_paste(&mut self, text: &str, context: &mut Context) -> Response {
        self.field.on_paste(text);
        self.edited(context)
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn render(&self, _frame: &mut Frame<'_>, _area: Rect, _context: &Context) {}
}
