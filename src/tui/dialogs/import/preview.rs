//! What the text of an import matches so far, shown beside it while it is typed or pasted. Nothing is
//! chosen here.

use std::time::Duration;

use crate::platform::clock::BootTime;
use crate::tui::context::Context;
use crate::tui::dialogs::import::report::Report;
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::import_source::{ImportSource, Matched};
use crate::tui::job::Job;

/// The text is looked up when no key has come for this long.
const DELAY: Duration = Duration::from_millis(300);

/// What the text matches so far.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    due: Option<BootTime>,
    /// The request whose answer is awaited. One is open at a time.
    request_id: Option<u64>,
    report: Option<Box<Report>>,
    /// The edits of the text that it knows of.
    edits: u64,
}

impl Preview {
    /// When the text is to be looked up.
    pub(super) fn due(&self) -> Option<BootTime> {
        self.due.filter(|_| self.request_id.is_none())
    }

    /// Looks the text up in a moment if it was edited. The earlier matches stay until then.
    pub(super) fn follow(&mut self, edits: u64, context: &Context) {
        if edits != self.edits {
            self.edits = edits;
            self.due = Some(context.now.boot + DELAY);
        }
    }

    /// Looks the text up.
    pub(super) fn look_up(&mut self, text: String, context: &mut Context) -> Option<Effect> {
        self.due = None;
        if text.trim().is_empty() {
            self.report = None;
            return None;
        }
        let request_id = context.next_request_id();
        self.request_id = Some(request_id);
        Some(Effect::Job(Job::ReadIds {
            request_id,
            ids: ImportSource::Pasted(text),
        }))
    }

    /// Takes the answer to its request; gives any other one back. A text that can't be read matches
    /// nothing yet: the error is for who asks for the matches.
    pub(super) fn on_read(
        &mut self,
        request_id: u64,
        read: Result<Box<Matched>, BackendError>,
        context: &Context,
    ) -> Option<Result<Box<Matched>, BackendError>> {
        if self.request_id != Some(request_id) {
            return Some(read);
        }
        self.request_id = None;
        let matched = read
            .ok()
            .filter(|matched| !matched.import.entries.is_empty());
        let is_markable = |id| context.list.is_markable(id);
        self.report = matched.map(|matched| Box::new(Report::new(*matched, None, is_markable)));
        None
    }

    /// The matches, if there are any yet.
    pub(super) fn report(&self) -> Option<&Report> {
        self.report.as_deref()
    }
}
