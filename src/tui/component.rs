//! What a dialog is to the app: a part of the screen that receives keys until it closes.
//!
//! While a dialog is open it receives every key but ctrl-c and the suspend key. It answers with a
//! [`Response`]: whether it stays, which effects follow, and what it requests of the app. It reads
//! and changes the [`Context`] only.

use std::fmt::Debug;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::answer::Answer;
use super::context::Context;
use super::effect::Effect;
use super::input::dialog_keys::{Hint, VIEWER_KEYS, ViewerKey, command};
use super::request::Request;
use super::widgets::key_guard::KeyGuard;
use super::widgets::list_cursor::ListCursor;
use super::widgets::typed_count::TypedCount;
use crate::platform::clock::BootTime;
use crate::query::Query;

pub trait Component: Debug {
    /// The keys that act at the moment.
    fn footer(&self, context: &Context) -> Vec<Hint>;

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response;

    /// Handles pasted text, which may hold line breaks and control characters. A dialog without a
    /// text field ignores it.
    fn on_paste(&mut self, _text: &str, _context: &mut Context) -> Response {
        Response::stay()
    }

    /// When it does what it put off until no key had come for a moment.
    fn due(&self) -> Option<BootTime> {
        None
    }

    /// The moment has come.
    fn on_due(&mut self, _context: &mut Context) -> Response {
        Response::stay()
    }

    /// What keeps keys out that were typed before the dialog could be read.
    fn guard(&mut self) -> Option<&mut KeyGuard> {
        None
    }

    /// The screen was resized or the process suspended: what was typed in view of the old screen
    /// doesn't count.
    fn on_interrupted(&mut self) {
        if let Some(guard) = self.guard() {
            guard.reset();
        }
    }

    /// Takes the answer to work that the dialog has requested, and returns what follows. An answer that is
    /// for another dialog is given back. `query` is the filter in force.
    fn on_answer(
        &mut self,
        answer: Answer,
        _context: &Context,
        _query: &Query,
    ) -> Result<Vec<Effect>, Box<Answer>> {
        Err(Box::new(answer))
    }

    /// Work was interrupted whose answer never comes, perhaps what the dialog waits for. `reason` is not safe
    /// to show.
    fn on_interrupted_work(&mut self, _reason: &str) {}

    /// The next keys represent a line that was typed as a whole: how fast they follow says nothing.
    fn on_line_begins(&mut self) {}

    /// True if the dialog can end in a call to the tenant.
    fn can_send(&self) -> bool {
        false
    }

    /// True if the dialog is for the keyboard alone: the mouse isn't reported meanwhile.
    fn is_for_keyboard(&self) -> bool {
        self.can_send()
    }

    /// True if the dialog is drawn in place of the screen below it, not over it.
    fn covers_screen(&self) -> bool {
        false
    }

    /// True if the key of the help opens it above the dialog, which opens again afterwards.
    fn offers_help(&self) -> bool {
        let takes_keys = self.takes_text() || self.takes_secret() || self.can_send();
        self.covers_screen() && !takes_keys
    }

    /// True if it only shows something: it asks for no answer.
    fn only_informs(&self) -> bool {
        false
    }

    /// The number that has to be typed by hand, if one has.
    fn typed_count(&self) -> Option<&TypedCount> {
        None
    }

    /// True if a text field has the keys.
    fn takes_text(&self) -> bool {
        false
    }

    /// True if a field has the keys whose text is never shown.
    fn takes_secret(&self) -> bool {
        false
    }

    /// True if it says why something can't be done, in place of what was asked for.
    fn refuses(&self) -> bool {
        false
    }

    /// Draws the dialog; `area` is the body of the screen.
    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context);
}

/// What follows from a key, or from time.
#[derive(Debug)]
pub struct Response {
    /// True if the dialog stays open. A request for another dialog takes its place.
    pub stays: bool,
    pub effects: Vec<Effect>,
    /// What the app is asked to do, in order, once the dialog has stayed or closed.
    pub requests: Vec<Request>,
}

impl Response {
    pub fn stay() -> Self {
        Self {
            stays: true,
            effects: Vec::new(),
            requests: Vec::new(),
        }
    }

    pub fn close() -> Self {
        Self {
            stays: false,
            ..Self::stay()
        }
    }

    #[must_use]
    pub fn with(mut self, effects: impl IntoIterator<Item = Effect>) -> Self {
        self.effects.extend(effects);
        self
    }

    /// What a key does in a dialog that only shows lines: it scrolls them from `top` on, by pages of so many
    /// rows and no further than to line `last`, or closes the dialog.
    pub fn of_viewer(key: &KeyEvent, top: &mut ListCursor, last: usize, page: usize) -> Self {
        match command(VIEWER_KEYS, key) {
            Some(ViewerKey::Scroll) => top.on_key_by(key, last + 1, page),
            Some(ViewerKey::Back) => return Self::close(),
            None => {}
        }
        Self::stay()
    }

    /// The same, with a request to the app.
    #[must_use]
    pub fn request(mut self, request: Request) -> Self {
        self.requests.push(request);
        self
    }
}
