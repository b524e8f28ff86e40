//! `:messages`: what the program has said so far, newest first.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::text::wrap;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{Hint, Section, VIEWER_KEYS, hints};
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::dialog_panel;

/// The first line shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessagesDialog {
    top: ListCursor,
}

impl MessagesDialog {
    pub(super) const HELP: Section = Section {
        title: "messages (:messages)",
        hints: || hints(VIEWER_KEYS),
    };
}

impl Component for MessagesDialog {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(VIEWER_KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let lines = lines(context, usize::from(context.size.0).saturating_sub(4));
        let rows = rows_on_screen(context);
        let last = lines.len().saturating_sub(rows);
        Response::of_viewer(key, &mut self.top, last, rows)
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn only_informs(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let inner = dialog_panel(frame, area, context, "messages, newest first");
        let mut lines = lines(context, usize::from(inner.width).saturating_sub(2));
        if lines.is_empty() {
            let theme = &context.settings.theme;
            lines.push(Line::from(Span::styled(" No messages yet.", theme.dim())));
        }
        // The screen may have grown since it was scrolled.
        let below = lines.len().saturating_sub(usize::from(inner.height));
        let shown: Vec<Line<'_>> = lines.into_iter().skip(self.top.at.min(below)).collect();
        frame.render_widget(Paragraph::new(shown), inner);
    }
}

/// ` 22:09:58  message`, wrapped.
fn lines<'a>(context: &Context, width: usize) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut lines = Vec::new();
    for (time, message) in context.messages.iter().rev() {
        let mut time = time.strftime(" %H:%M:%S  ").to_string();
        for text in wrap(message, width.saturating_sub(time.len())) {
            let blank = " ".repeat(time.len());
            let before = std::mem::replace(&mut time, blank);
            lines.push(Line::from(vec![
                Span::styled(before, theme.dim()),
                Span::raw(text),
            ]));
        }
    }
    lines
}
