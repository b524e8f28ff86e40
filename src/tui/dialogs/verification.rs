//! `V` in the history: what became of a run's accepted devices.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Paragraph};

use crate::query::Query;
use crate::text::{clip, width, wrap};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::commands;
use crate::tui::input::dialog_keys::{
    DISMISS, DialogKey, Hint, MOTION, Section, command, hints, hints_where, key, letter,
};
use crate::tui::request::Request;
use crate::tui::verification::VerificationSummary;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{PopupWidth, dialog_panel, paragraph, popup, scrolling};

/// What the devices view is filtered to, to offboard them again.
const AGAIN: &str = "is:returned or is:still-there";

/// How wide the host names are at most.
const HOSTNAME_MAX: usize = 24;
/// The height of the body of a small screen.
const SMALL: u16 = 12;
/// How high the text about the device under the cursor is, with the line above it.
const ABOUT_HEIGHT: u16 = 4;

/// The result of a verification.
#[derive(Clone, Debug)]
pub struct VerificationDialog {
    verified: VerificationSummary,
    cursor: ListCursor,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    Scroll,
    Again,
    Fetch,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Scroll, "scroll", "scroll"),
    letter("/", Command::Again, "filter to these", "filter the devices to those that returned or are still there"),
    letter("f", Command::Fetch, "fetch, verify again", "read the inventory now, which verifies all runs"),
    key("esc", DISMISS, Command::Back, "back", ""),
];

impl VerificationDialog {
    pub(super) const HELP: Section = Section {
        title: "state of a run's accepted devices (V)",
        hints: || hints(KEYS),
    };

    /// About a run that was just verified.
    pub fn new(verified: VerificationSummary) -> Self {
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

    /// A line for each device, its columns fitted.
    fn lines(&self) -> Vec<String> {
        let devices = self.verified.devices.iter();
        let names = devices.clone().map(|device| width(&device.hostname));
        let column = names.max().unwrap_or(0).clamp(8, HOSTNAME_MAX);
        devices
            .map(|device| {
                let hostname = clip(&device.hostname, column);
                let gap = " ".repeat(column - width(&hostname));
                format!(
                    "  {:<11}  {hostname}{gap}  {}",
                    device.state.label(),
                    device.identifier
                )
            })
            .collect()
    }
}

impl Component for VerificationDialog {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints_where(KEYS, |command, _| {
            !self.verified.devices.is_empty() || !matches!(command, Command::Again)
        })
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Scroll) => self.cursor.on_key(key, self.verified.devices.len()),
            Some(Command::Again) if !self.verified.devices.is_empty() => {
                return match Query::parse(AGAIN) {
                    Ok(query) => Response::close()
                        .request(Request::RunCommand(commands::Command::Devices))
                        .request(Request::Filter(query)),
                    Err(_) => Response::stay(),
                };
            }
            Some(Command::Fetch) => {
                let fetch = Request::RunCommand(commands::Command::Fetch);
                return Response::close().request(fetch);
            }
            Some(Command::Back) => return Response::close(),
            Some(Command::Again) | None => {}
        }
        Response::stay()
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let width = PopupWidth::Large.cells(area);
        let devices = &self.verified.devices;
        let head = self.head(usize::from(width).saturating_sub(2));
        // The smallest screen has no room for blank lines and rules.
        let is_spaced = area.height > SMALL;
        let above = u16::try_from(head.len() + 2 * usize::from(is_spaced)).unwrap_or(u16::MAX);
        let rows = u16::try_from(devices.len()).unwrap_or(u16::MAX);
        let about = devices
            .get(self.cursor.at)
            .map_or("", |device| &device.about);
        let about = paragraph(about, width.saturating_sub(2));
        // The height stays as the cursor moves.
        let below = if devices.is_empty() { 0 } else { ABOUT_HEIGHT };
        let height = above.saturating_add(rows).saturating_add(below + 2);
        let area = popup(area, context, PopupWidth::Large, scrolling(context, height));
        let title = format!("run {} · accepted, since then", self.verified.run);
        let inner = dialog_panel(frame, area, context, &title);
        let [top, list, bottom] = Layout::vertical([
            Constraint::Length(above),
            Constraint::Min(2),
            Constraint::Max(below),
        ])
        .areas(inner);
        let theme = &context.settings.theme;
        let mut lines = vec![Line::default(); usize::from(is_spaced)];
        lines.extend(head.into_iter().enumerate().map(|(place, text)| {
            let style = if place == 0 {
                theme.strong()
            } else {
                theme.dim()
            };
            Line::from(text).style(style)
        }));
        frame.render_widget(Paragraph::new(lines), top);
        render_menu(frame, area, list, context, &self.lines(), self.cursor);
        let borders = if is_spaced {
            Borders::TOP
        } else {
            Borders::NONE
        };
        let rule = Block::new()
            .borders(borders)
            .border_set(theme.border())
            .border_style(theme.faint());
        frame.render_widget(Paragraph::new(about).block(rule), bottom);
    }
}
