//! What other processes of this user change meanwhile: the holds, and what the rate limit leaves.

use std::time::Duration;

use crate::tui::answer::Answer;
use crate::tui::app::App;
use crate::tui::effect::Effect;
use crate::tui::message::Message;

/// How long they aren't looked at again.
const LOOK_EVERY: Duration = Duration::from_secs(5);

impl App {
    /// Looks again at the holds and the rate limit, when something happens that shows the operator to be
    /// there and some time has passed, or at once when it `is_due`.
    pub(in crate::tui) fn look_at_others(&mut self, is_due: bool) -> Vec<Effect> {
        let now = self.context.now.boot;
        let looked_at = self.context.holds.looked_at;
        let rested = looked_at.is_none_or(|looked| now.since(looked) >= LOOK_EVERY);
        let has_journal = self.context.settings.target.is_some();
        if has_journal && (is_due || rested) {
            vec![Effect::ReportBudget, self.read_holds()]
        } else {
            Vec::new()
        }
    }
}

/// Whether a message has other processes looked at: at once, or only some time after the last time.
pub(in crate::tui) fn looks_at_others(message: &Message) -> Option<bool> {
    match message {
        Message::Answer(Answer::Planned { .. }) => Some(true),
        Message::Key(..) | Message::Request(..) => Some(false),
        _ => None,
    }
}
