//! Frames on their way: which dialogs the operator can have read, and how long the line takes.

use std::time::Duration;

use crate::platform::clock::Now;
use crate::tui::app::App;
use crate::tui::effect::Effect;
use crate::tui::widgets::key_guard::KeyGuard;

/// A line on which a frame takes longer to arrive is named in the header.
const FAST_LINK: Duration = Duration::from_millis(400);

impl App {
    /// A frame was drawn of the state as it is.
    pub(in crate::tui) fn on_rendered(&mut self) -> Vec<Effect> {
        if let Some(guard) = self.guard() {
            guard.rendered();
        }
        Vec::new()
    }

    /// It was written. A dialog that has to be read waits until it has arrived.
    pub(in crate::tui) fn on_frame_written(&mut self, now: Now) -> Vec<Effect> {
        self.context.now = now;
        self.type_ahead.pause.drawn(now.boot);
        if let Some(guard) = self.guard().filter(|guard| !guard.has_delay()) {
            guard.drawn(now.boot);
        }
        Vec::new()
    }

    /// It is on the screen.
    pub(in crate::tui) fn on_drawn(&mut self, now: Now) -> Vec<Effect> {
        self.context.now = now;
        self.type_ahead.pause.drawn(now.boot);
        if let Some(guard) = self.guard() {
            guard.drawn(now.boot);
        }
        Vec::new()
    }

    /// It is on the screen, and was under way for so long.
    pub(in crate::tui) fn on_arrived(&mut self, took: Duration, now: Now) -> Vec<Effect> {
        self.context.slow_link = Some(took).filter(|took| *took > FAST_LINK);
        self.on_drawn(now)
    }

    /// True if the next frame is the first to show a dialog that has to be read for a moment.
    pub(in crate::tui) fn opens_key_guard(&mut self) -> bool {
        self.guard()
            .is_some_and(|guard| guard.has_delay() && guard.is_undrawn())
    }

    /// What keeps keys out of the open dialog, if that can be read.
    fn guard(&mut self) -> Option<&mut KeyGuard> {
        if self.context.is_too_small() {
            return None;
        }
        self.dialog.as_mut()?.component_mut().guard()
    }
}
