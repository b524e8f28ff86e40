//! At the start: what an administrator should know about the list before acting on it.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::text::wrap;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{DISMISS, DialogKey, Hint, Section, command, hints, key};
use crate::tui::widgets::panel::{PopupWidth, key_lines, panel, popup};

/// The notices of [`SessionConfig`](crate::tui::context::SessionConfig).
#[derive(Clone, Copy, Debug)]
pub struct Notices;

const KEYS: &[DialogKey<()>] = &[key("enter", DISMISS, (), "continue", "continue")];

impl Notices {
    pub(super) const HELP: Section = Section {
        title: "notices about the list, at the start",
        hints: || hints(KEYS),
    };
}

impl Component for Notices {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        if command(KEYS, key).is_none() {
            return Response::stay();
        }
        Response::close()
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let width = PopupWidth::Medium.cells(area);
        let room = usize::from(width).saturating_sub(6);
        let mut lines = vec![Line::default()];
        for notice in &context.info.notices {
            for (index, text) in wrap(notice, room).into_iter().enumerate() {
                let bullet = if index == 0 {
                    context.settings.theme.dot().trim()
                } else {
                    " "
                };
                lines.push(Line::from(format!(" {bullet} {text}")));
            }
        }
        lines.push(Line::default());
        lines.extend(key_lines(KEYS, |()| true));
        let height = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX);
        let inner = panel(
            frame,
            popup(area, context, PopupWidth::Medium, height),
            context,
            "about this list",
        );
        frame.render_widget(
            Paragraph::new(lines).style(context.settings.theme.strong()),
            inner,
        );
    }
}
