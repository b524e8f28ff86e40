//! What a dialog is to the app: a part of the screen that receives keys until it closes.
//!
//! While a dialog is open it receives every key but ctrl-c and the suspend key. It answers with a
//! [`Response`]: whether it stays, and which effects follow. It changes shared state through the app's
//! methods only.

use std::fmt::Debug;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::app::App;
use super::input::dialog_keys::Hint;
use super::widgets::key_guard::KeyGuard;
use crate::tui::effect::Effect;

/// A dialog.
pub trait Component: Debug {
    /// The keys that act at the moment, for the footer.
    fn hints(&self) -> Vec<Hint>;

    /// Handles a key.
    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response;

    /// Handles pasted text, which may hold line breaks and control characters. A dialog without a
    /// text field ignores it.
    fn on_paste(&mut self, _text: &str, _app: &mut App) -> Response {
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

    /// True if the dialog can end in a call to the tenant. The mouse is off meanwhile.
    fn can_send(&self) -> bool {
        false
    }

    /// True if the dialog is drawn in place of the screen below it, not over it.
    fn covers_screen(&self) -> bool {
        false
    }

    /// Draws the dialog; `area` is the body of the screen.
    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App);
}

/// What follows from a key.
#[derive(Debug)]
pub struct Response {
    /// True if the dialog stays open. A dialog that opens another one closes.
    pub stays: bool,
    /// The effects that follow.
    pub effects: Vec<Effect>,
}

impl Response {
    /// The dialog stays open.
    pub fn stay() -> Self {
        Self {
            stays: true,
            effects: Vec::new(),
        }
    }

    /// The dialog closes.
    pub fn close() -> Self {
        Self {
            stays: false,
            effects: Vec::new(),
        }
    }

    /// The same, with effects.
    #[must_use]
    pub fn with(mut self, effects: impl IntoIterator<Item = Effect>) -> Self {
        self.effects.extend(effects);
        self
    }
}
