//! `I`: marks the devices that a ticket or another system's list names, after showing the matches.

mod preview;
mod render;
mod render_text;
mod report;
mod text;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::platform::clock::BootTime;
use crate::query::Query;
use crate::tui::answer::Answer;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::import_source::Matched;
use crate::tui::input::commands::Command;
use crate::tui::input::dialog_keys::{Hint, Section, key_of};
use crate::tui::request::Request;
use crate::tui::widgets::key_guard::KeyGuard;

pub use preview::Preview;
pub use report::Report;
pub use text::ImportText;
use text::{TEXT_KEYS, TextKey};

/// The import, from the text to the marks.
#[derive(Clone, Debug)]
pub enum ImportDialog {
    /// The text is typed or pasted, or a file named.
    Text(Box<ImportText>, Preview),
    /// What was matched, before anything is marked.
    Report(Box<Report>),
}

impl Default for ImportDialog {
    fn default() -> Self {
        Self::Text(Box::default(), Preview::default())
    }
}

impl ImportDialog {
    /// What is pressed to name a file instead of typing the text.
    pub fn file_key() -> Option<KeyEvent> {
        key_of(TEXT_KEYS, TextKey::Switch)
    }

    /// What is pressed to look up the text.
    pub fn match_key() -> Option<KeyEvent> {
        key_of(TEXT_KEYS, TextKey::Match)
    }

    pub(super) const HELP: Section = Section {
        title: "mark devices from a ticket (I)",
        hints: || [ImportText::help(), Report::help()].concat(),
    };

    /// What a list matched in the inventory, which is the open list by now. It opens by itself, when that
    /// has been read.
    pub fn matched(matched: Matched, context: &Context) -> Self {
        let report = Report::new(matched, None, |id| context.list.is_markable(id));
        Self::Report(Box::new(report.guarded()))
    }

    /// The source was read and looked up, or can't be read. The answer to an older request is
    /// dropped.
    fn on_read(
        &mut self,
        request_id: u64,
        read: Result<Box<Matched>, BackendError>,
        context: &Context,
    ) {
        let Self::Text(text, preview) = self else {
            return;
        };
        let Some(read) = preview.on_read(request_id, read, context) else {
            return;
        };
        if !text.end_request(request_id) {
            return;
        }
        match read {
            Ok(matched) if matched.import.entries.is_empty() => {
                text.error = Some("It is empty.".to_owned());
            }
            Ok(matched) => {
                let before = Some(text.clone());
                let report = Report::new(*matched, before, |id| context.list.is_markable(id));
                *self = Self::Report(Box::new(report));
            }
            Err(error) => text.error = Some(error.to_string()),
        }
    }
}

impl Component for ImportDialog {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        match self {
            Self::Text(text, _) => text.hints(),
            Self::Report(report) => report.hints(),
        }
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match self {
            Self::Text(text, preview) => {
                let response = text.on_key(key, context);
                preview.follow(text.edits, context);
                response
            }
            Self::Report(report) if Report::is_back(key) => match report.before.take() {
                Some(text) => {
                    let mut preview = Preview::default();
                    preview.follow(text.edits, context);
                    *self = Self::Text(text, preview);
                    Response::stay()
                }
                None => {
                    let back = Request::RunCommand(Command::MatchInventory);
                    Response::close().request(back)
                }
            },
            Self::Report(report) => report.on_key(key, context),
        }
    }

    fn on_paste(&mut self, text: &str, context: &mut Context) -> Response {
        if let Self::Text(field, preview) = self {
            field.on_paste(text);
            preview.follow(field.edits, context);
        }
        Response::stay()
    }

    fn due(&self) -> Option<BootTime> {
        match self {
            Self::Text(_, preview) => preview.due(),
            Self::Report(_) => None,
        }
    }

    fn on_due(&mut self, context: &mut Context) -> Response {
        let effect = match self {
            Self::Text(text, preview) => preview.look_up(text.text(), context),
            Self::Report(_) => None,
        };
        Response::stay().with(effect)
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        match self {
            Self::Text(..) => None,
            Self::Report(report) => report.guard.as_mut(),
        }
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        matches!(self, Self::Text(..))
    }

    fn on_answer(
        &mut self,
        answer: Answer,
        context: &Context,
        _: &Query,
    ) -> Result<Vec<Effect>, Box<Answer>> {
        let Answer::IdsRead {
            request_id,
            matched,
        } = answer
        else {
            return Err(Box::new(answer));
        };
        self.on_read(request_id, matched, context);
        Ok(Vec::new())
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        match self {
            Self::Text(text, preview) => {
                render_text::render_text(frame, area, context, text, preview.report());
            }
            Self::Report(report) => render::render_report(frame, area, context, report),
        }
    }
}
