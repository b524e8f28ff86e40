//! `V` in the history: what became of a run's accepted devices.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::query::Query;
use crate::text::wrap;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DISMISS, DialogKey, Hint, MOTION, Press, Section, command, hints, key,
};
use crate::tui::request::Request;
use crate::tui::verification::RunVerified;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{centred, panel};

/// What the devices view is filtered to, to offboard them again.
const AGAIN: &str = "is:returned or is:still-there";

/// The result of a verification.
#[derive(Clone, Debug)]
pub struct VerifiedRun {
    verified: RunVerified,
    cursor: ListCursor,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    Scroll,
    Again,
    Back,
}

const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Scroll, "scroll", "scroll"),
    key(
        "/",
        &[Press::Key(KeyCode::Char('/'))],
        Command::Again,
        "filter to these",
        "filter the devices to those that returned or are still there",
    ),
    key("esc", DISMISS, Command::Back, "back", ""),
];

impl VerifiedRun {
    pub(super) const HELP: Section = Section {
        title: "what became of a run's accepted devices (V)",
        hints: || hints(KEYS),
    };

    /// About a run that was just verified.
    pub fn new(verified: RunVerified) -> Self {
        Self {
            verified,
            cursor: ListCursor::default(),
            guard: KeyGuard::once_drawn(),
        }
    }

    /// The sentences above the devices.
    fn head(&self, width: usize) -> Vec<String> {
        let verified = &self.verified;
        let mut head = vec![verified.counts.clone()];
        head.extend(verified.basis.clone());
        head.extend(verified.notes.iter().cloned());
        let wrapped = head
            .iter()
            .flat_map(|sentence| wrap(sentence, width.saturating_sub(4)));
        wrapped.map(|line| format!("  {line}")).collect()
    }
}

impl Component for VerifiedRun {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Scroll) => self.cursor.on_key(key, self.verified.devices.len()),
            Some(Command::Again) => {
                return match Query::parse(AGAIN) {
                    Ok(query) => Response::close()
                        .request(Request::RunCommand(
                            crate::tui::input::commands::Command::Devices,
                        ))
                        .request(Request::Filter(query)),
                    Err(_) => Response::stay(),
                };
            }
            Some(Command::Back) => return Response::close(),
            None => {}
        }
        Response::stay()
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let width = area.width.min(110);
        let head = self.head(usize::from(width).saturating_sub(2));
        let above = u16::try_from(head.len() + 2).unwrap_or(u16::MAX);
        let rows = u16::try_from(self.verified.devices.len()).unwrap_or(u16::MAX);
        let height = above.saturating_add(rows).saturating_add(2);
        let area = centred(area, width, height.min(area.height));
        let title = format!("run {} · accepted, since then", self.verified.run);
        let inner = panel(frame, area, context, &title);
        let [top, below] =
            Layout::vertical([Constraint::Length(above), Constraint::Min(0)]).areas(inner);
        let theme = &context.settings.theme;
        let mut lines = vec![Line::default()];
        lines.extend(head.into_iter().enumerate().map(|(place, text)| {
            let style = if place == 0 {
                theme.strong()
            } else {
                theme.dim()
            };
            Line::from(text).style(style)
        }));
        frame.render_widget(Paragraph::new(lines), top);
        let devices = self.verified.devices.iter();
        let devices = devices.map(|device| format!("  {device}")).collect();
        render_menu(frame, below, context, devices, self.cursor);
    }
}
