//! After a list was read again: the marked devices that it doesn't have any more.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::text::{counted, visible};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{Hint, Section, VIEWER_KEYS, hints};
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::list_cursor::{ListCursor, PAGE};
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, popup, scrolling};

/// Devices that lost their marks.
#[derive(Clone, Debug)]
pub struct VanishedMarks {
    /// Their names, not safe to show.
    pub names: Vec<String>,
    cursor: ListCursor,
    guard: KeyGuard,
}

impl VanishedMarks {
    pub(super) const HELP: Section = Section {
        title: "marked devices that a new list lacks",
        hints: || hints(VIEWER_KEYS),
    };

    /// About devices with these names.
    pub fn new(names: Vec<String>) -> Self {
        Self {
            names,
            cursor: ListCursor::default(),
            guard: KeyGuard::once_drawn(),
        }
    }
}

impl Component for VanishedMarks {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(VIEWER_KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        let last = self.names.len().saturating_sub(1);
        Response::of_viewer(key, &mut self.cursor, last, PAGE)
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let height = u16::try_from(self.names.len() + 5).unwrap_or(u16::MAX);
        let area = popup(
            area,
            context,
            PopupWidth::Medium,
            scrolling(context, height),
        );
        let inner = dialog_panel(frame, area, context, "no longer marked");
        let [above, below] =
            Layout::vertical([Constraint::Length(2), Constraint::Min(0)]).areas(inner);
        let count = counted(self.names.len() as u64, "marked device");
        let head = Line::from(format!("  {count} missing from this list, or not usable:"));
        frame.render_widget(
            Paragraph::new(head.style(context.settings.theme.strong())),
            above,
        );
        let lines: Vec<String> = self
            .names
            .iter()
            .map(|name| format!("   {}", visible(name)))
            .collect();
        render_menu(frame, area, below, context, &lines, self.cursor);
    }
}
