//! At the start: what an administrator should know about the list before acting on it.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::text::wrap;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DISMISS, DialogKey, Hint, MOTION, Section, command, hints, hints_where, key,
};
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::{
    PopupWidth, continues, dialog_panel, key_lines, popup, scrolling,
};

/// The notices of [`SessionConfig`](crate::tui::context::SessionConfig).
#[derive(Clone, Copy, Debug, Default)]
pub struct Notices {
    /// The first line shown.
    top: ListCursor,
}

#[derive(Clone, Copy)]
enum Command {
    Scroll,
    Continue,
}

const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Scroll, "scroll", "scroll"),
    key("enter", DISMISS, Command::Continue, "continue", "continue"),
];

impl Notices {
    pub(super) const HELP: Section = Section {
        title: "notices about the list, at the start",
        hints: || hints(KEYS),
    };

    /// The notices as lines for a screen of the context's size, and how many of them it shows.
    fn lines(context: &Context) -> (Vec<Line<'static>>, usize) {
        let (columns, rows) = context.size;
        let width = PopupWidth::Medium.cells(Rect::new(0, 0, columns, rows));
        let room = usize::from(width).saturating_sub(6);
        let mut lines = Vec::new();
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
        let most = scrolling(context, u16::MAX).saturating_sub(FRAME);
        let shown = lines.len().min(usize::from(most).max(1));
        (lines, shown)
    }
}

/// The rows of the dialog without a notice: the border, two blank ones and the keys.
const FRAME: u16 = 6;

impl Component for Notices {
    fn footer(&self, context: &Context) -> Vec<Hint> {
        let (lines, shown) = Self::lines(context);
        hints_where(KEYS, |command, _| {
            lines.len() > shown || matches!(command, Command::Continue)
        })
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Scroll) => {
                let (lines, shown) = Self::lines(context);
                self.top.on_key(key, lines.len() - shown + 1);
                Response::stay()
            }
            Some(Command::Continue) => Response::close(),
            None => Response::stay(),
        }
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let (lines, shown) = Self::lines(context);
        let all = lines.len();
        let top = self.top.at.min(all - shown);
        let mut rows = vec![Line::default()];
        rows.extend(lines.into_iter().skip(top).take(shown));
        rows.push(Line::default());
        let can_scroll = all > shown;
        rows.extend(key_lines(KEYS, |command| {
            can_scroll || !matches!(command, Command::Scroll)
        }));
        let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX);
        let popup = popup(area, context, PopupWidth::Medium, height);
        let inner = dialog_panel(frame, popup, context, "about this list");
        let style = context.settings.theme.strong();
        frame.render_widget(Paragraph::new(rows).style(style), inner);
        continues(frame, popup, context, [top, all - shown - top]);
    }
}
