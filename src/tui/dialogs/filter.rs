//! `/`: edits the filter; the table follows 120 ms after the last key, as long as the filter is valid, and the
//! completions of the word 400 ms after it, with the rows that each would leave. Reading values and counting
//! rows are effects, one of each at a time.

mod offer;
mod render;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::platform::clock::BootTime;
use crate::query::{Query, QueryError, is_incomplete};
use crate::tui::answer::Answer;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::dialogs::filter::offer::{Offer, around_cursor, needs_values};
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC, Hint, Press, Section, TAB, TEXT, command, hints, hints_where, key,
};
use crate::tui::job::RowJob;
use crate::tui::request::Request;
use crate::tui::screens::devices::search::{DeviceStatusSnapshot, MatchCount};
use crate::tui::widgets::text_field::TextField;
use crate::tui::widgets::typing_pause::TypingPause;

/// The filter while it is edited. The header draws it.
#[derive(Clone, Debug)]
pub struct FilterLine {
    pub field: TextField,
    /// What is wrong with it; the last valid filter stays.
    pub error: Option<QueryError>,
    /// The filter before the edit, which `esc` restores.
    before: Query,
    /// Earlier filters, oldest first.
    earlier: Vec<String>,
    /// Which of the earlier filters it shows; none while a new one is typed.
    recalled: Option<usize>,
    /// Only marked devices are shown, of those that it matches.
    marked_only: bool,
    /// What completes the word.
    offer: Option<Offer>,
    /// When that is shown, unless it is already.
    offer_due: Option<BootTime>,
    /// The values that complete a text.
    values: (String, Vec<String>),
    /// Tab was pressed before they were: with or without shift.
    tab_waits: Option<bool>,
    /// The devices that filters match, by their texts.
    counts: HashMap<String, MatchCount>,
    /// What was requested and isn't answered.
    open: OpenRequests,
    pace: TypingPause,
    /// What the line comes to, and when the table follows.
    pending: Option<(Draft, BootTime)>,
    /// What is missing, and when that is to be said.
    missing: Option<(String, BootTime)>,
    /// What is missing, once it is said.
    pub hint: Option<String>,
}

/// What was requested for the list of completions: one of each at a time.
#[derive(Clone, Copy, Debug, Default)]
struct OpenRequests {
    values: bool,
    counts: bool,
}

/// What an edited line comes to.
#[derive(Clone, Debug)]
enum Draft {
    Filter(Query),
    /// Its end is missing: the rows of the last valid filter stay, without an error. With what is missing.
    Incomplete(String),
    Mistake(QueryError),
}

/// How long a line rests before completions open: opened while a word is typed, they would be drawn only to
/// disappear.
const OFFER_REST: Duration = Duration::from_millis(400);

/// How long a line rests before it is said what it lacks: said while it is typed, it would be written over and
/// over.
const REST: Duration = Duration::from_millis(800);

/// The line may go on: what is there is the beginning of a field's name.
const NOT_APPLIED: &str = "not applied yet";

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

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Keep, "apply", "apply the filter"),
    key("tab", TAB, Command::Complete, "complete", "complete: fields, values, states, saved filters; shift-tab goes back"),
    key("", &[Press::Key(KeyCode::BackTab)], Command::CompleteBack, "", ""),
    key("↑↓", &[Press::Key(KeyCode::Up)], Command::Older, "history", "an earlier filter, a later one"),
    key("", &[Press::Key(KeyCode::Down)], Command::Newer, "", ""),
    key("esc", ESC, Command::Restore, "cancel", "restore the filter from before"),
    key("", TEXT, Command::Edit, "", ""),
];

impl FilterLine {
    pub(super) const HELP: Section = Section {
        title: "edit the filter (/)",
        hints: || hints(KEYS),
    };

    /// An edit of this filter; `earlier` ones, oldest first, can be recalled.
    pub fn new(query: &Query, earlier: Vec<String>, marked_only: bool, now: BootTime) -> Self {
        Self {
            field: TextField::new(query.text().to_owned()),
            before: query.clone(),
            earlier,
            error: None,
            recalled: None,
            marked_only,
            offer: None,
            offer_due: None,
            values: (String::new(), Vec::new()),
            tab_waits: None,
            counts: HashMap::new(),
            open: OpenRequests::default(),
            pace: TypingPause::begin(now),
            pending: None,
            missing: None,
            hint: None,
        }
    }

    /// The values that complete `before` were read.
    fn on_completed(
        &mut self,
        before: String,
        values: Vec<String>,
        context: &Context,
    ) -> Vec<Effect> {
        self.open.values = false;
        self.values = (before, values);
        if let Some(back) = self.tab_waits.take() {
            return self.complete(back, context).effects;
        }
        self.refresh_offer(context)
    }

    /// The devices that some filters match were counted.
    fn on_counted(&mut self, counts: Vec<(String, MatchCount)>, context: &Context) -> Vec<Effect> {
        self.open.counts = false;
        self.counts.extend(counts);
        self.refresh_offer(context)
    }

    /// How many devices the filter matches.
    pub(super) fn count_of(&self, query: &Query) -> MatchCount {
        let known = self.counts.get(query.text());
        known.copied().unwrap_or(MatchCount::Counting)
    }

    /// Offers what completes the word, and requests what isn't known about it.
    fn refresh_offer(&mut self, context: &Context) -> Vec<Effect> {
        if self.pending.is_some() {
            // The line changes.
            return Vec::new();
        }
        if self.offer.as_ref().is_none_or(|offer| offer.at.is_none()) {
            self.offer = self.offer_now(context);
        }
        let mut effects = self.read_values(context);
        effects.extend(self.count(context));
        effects
    }

    /// What completes the word, as far as it is known.
    fn offer_now(&self, context: &Context) -> Option<Offer> {
        let (before, _) = around_cursor(&self.field);
        let known = self.values.0 == before;
        let values = if known { &self.values.1[..] } else { &[] };
        Offer::of(&self.field, values, context)
    }

    /// Requests the values that complete the line, if they aren't known.
    fn read_values(&mut self, context: &Context) -> Vec<Effect> {
        let (before, _) = around_cursor(&self.field);
        let is_known = self.values.0 == before;
        let is_due = !is_known && !self.open.values && needs_values(&before, context);
        if !is_due || self.offer.as_ref().is_some_and(|offer| offer.at.is_some()) {
            return Vec::new();
        }
        self.open.values = true;
        vec![Effect::Rows(RowJob::Complete(before))]
    }

    /// Requests the counts of the candidates on the screen that aren't known.
    fn count(&mut self, context: &Context) -> Option<Effect> {
        let offer = self.offer.as_ref().filter(|offer| offer.is_shown())?;
        let shown = offer.candidates.get(offer.window())?.iter();
        let shown = shown.filter_map(|candidate| candidate.query.as_ref());
        let unknown = shown.filter(|query| !self.counts.contains_key(query.text()));
        let queries: Vec<Query> = unknown.cloned().collect();
        if queries.is_empty() || self.open.counts {
            return None;
        }
        self.open.counts = true;
        Some(Effect::Rows(RowJob::CountQueries {
            queries,
            among_marked: self.marked_only,
            known: Arc::new(DeviceStatusSnapshot::of(&context.list)),
        }))
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
        self.offer = None;
        self.apply(context)
    }

    /// Puts the next candidate at the cursor, as soon as there is one.
    fn complete(&mut self, back: bool, context: &Context) -> Response {
        if self.offer.as_ref().is_none_or(|offer| offer.at.is_none()) {
            self.offer = self.offer_now(context);
        }
        let Some(offer) = &mut self.offer else {
            let effects = self.read_values(context);
            self.tab_waits = self.open.values.then_some(back);
            return Response::stay().with(effects);
        };
        offer.step(back, &mut self.field);
        self.apply(context)
    }

    /// The line was edited by hand.
    fn edited(&mut self, context: &Context) -> Response {
        (self.recalled, self.tab_waits) = (None, None);
        // The list stays as it is until no key has come for a while.
        if let Some(offer) = &mut self.offer {
            offer.at = None;
        }
        self.apply(context)
    }

    /// The table follows the line in a moment.
    fn apply(&mut self, context: &Context) -> Response {
        let is_incomplete = is_incomplete(self.field.value(), &context.list.devices);
        let draft = match self.parse(context) {
            Ok(_) if is_incomplete => Draft::Incomplete(NOT_APPLIED.to_owned()),
            Ok(query) => Draft::Filter(query),
            Err(error) if is_incomplete => Draft::Incomplete(error.explanation()),
            Err(error) => Draft::Mistake(error),
        };
        let now = context.now.boot;
        let due = self.pace.after_key(now);
        self.pending = Some((draft, due));
        self.offer_due = Some(due.max(now + OFFER_REST));
        (self.missing, self.hint) = (None, None);
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
                (self.missing, self.hint) = (None, None);
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
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints_where(KEYS, |command, hint| {
            if self.hint.is_some() && matches!(command, Command::Keep) {
                hint.footer = "search now";
            }
            true
        })
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

    fn due(&self) -> Option<BootTime> {
        let pending = self.pending.as_ref().map(|(_, due)| *due);
        let missing = self.missing.as_ref().map(|(_, due)| *due);
        [pending, self.offer_due, missing]
            .into_iter()
            .flatten()
            .min()
    }

    /// The table and the list of completions follow the line; at last it is said what that lacks.
    fn on_due(&mut self, context: &mut Context) -> Response {
        let now = context.now.boot;
        let mut response = Response::stay();
        if let Some((draft, _)) = self.pending.take_if(|(_, due)| *due <= now) {
            self.error = None;
            match draft {
                Draft::Filter(query) => response = response.request(Request::Filter(query)),
                Draft::Incomplete(missing) => self.missing = Some((missing, now + REST)),
                Draft::Mistake(error) => self.error = Some(error),
            }
            if self.offer.as_ref().is_some_and(Offer::is_shown) {
                self.offer_due = Some(now);
            }
        }
        if self.offer_due.take_if(|due| *due <= now).is_some() {
            response = response.with(self.refresh_offer(context));
        }
        if let Some((missing, _)) = self.missing.take_if(|(_, due)| *due <= now) {
            self.hint = Some(missing);
        }
        response
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn on_answer(
        &mut self,
        answer: Answer,
        context: &Context,
        _: &Query,
    ) -> Result<Vec<Effect>, Box<Answer>> {
        match answer {
            Answer::Completed(before, values) => Ok(self.on_completed(before, values, context)),
            Answer::QueriesCounted(counts) => Ok(self.on_counted(counts, context)),
            answer => Err(Box::new(answer)),
        }
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        if let Some(offer) = self.offer.as_ref().filter(|offer| offer.is_shown()) {
            render::render(frame, area, context, self, offer);
        }
    }
}
