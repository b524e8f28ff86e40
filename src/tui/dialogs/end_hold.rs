//! `:hold-end`: ends the holds of the marked devices, or of the one under the cursor.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::journal::HoldsOfDevices;
use crate::plan::{Hold, LeftOutReason};
use crate::text::{counted, visible};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DECLINE, DialogKey, Hint, MOTION, Section, command, hints, key, letter,
};
use crate::tui::job::Job;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::menu::render_menu;
use crate::tui::widgets::panel::{
    PopupWidth, dialog_panel, height_of, key_lines, popup, scrolling,
};

#[derive(Clone, Debug)]
pub struct EndHold {
    /// At least one of the devices' own.
    holds: HoldsOfDevices,
    /// The holds that will be ended, each on its line, and those that stay.
    lines: Vec<String>,
    cursor: ListCursor,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    Scroll,
    End,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Scroll, "scroll", "scroll"),
    letter("y", Command::End, "end the holds", "end the holds; their record is kept"),
    key("esc", DECLINE, Command::Back, "cancel", ""),
];

/// Why there is no hold to end.
#[derive(Debug, thiserror::Error)]
pub enum EndHoldError {
    #[error("the hold is of {0}, which has the same MAC: end it there")]
    OtherDevice(String),
    #[error("none of these devices is held any more")]
    NoneHeld,
}

impl EndHold {
    pub(super) const HELP: Section = Section {
        title: "end holds (:hold-end)",
        hints: || hints(KEYS),
    };

    /// The question about these holds.
    pub fn new(holds: HoldsOfDevices) -> Result<Self, EndHoldError> {
        if holds.own.is_empty() {
            let other = holds.others.first();
            return Err(other.map_or(EndHoldError::NoneHeld, |hold| {
                EndHoldError::OtherDevice(name(hold))
            }));
        }
        Ok(Self {
            lines: lines(&holds),
            holds,
            cursor: ListCursor::default(),
            guard: KeyGuard::once_drawn(),
        })
    }
}

fn lines(holds: &HoldsOfDevices) -> Vec<String> {
    let own = holds.own.iter();
    let own = own.map(|hold| format!("  {}: {}", name(hold), reason(hold)));
    let others = holds.others.iter().map(|hold| {
        let reason = reason(hold);
        format!(
            "  not ended, belongs to another device: {}: {reason}",
            name(hold)
        )
    });
    own.chain(others).collect()
}

/// The device that is held, safe to show.
fn name(hold: &Hold) -> String {
    let identifier = match (&hold.hwid, hold.macs.first()) {
        (Some(hwid), _) => hwid.to_string(),
        (None, Some(mac)) => mac.to_string(),
        (None, None) => String::new(),
    };
    match (&*hold.hostname, identifier) {
        ("", identifier) => visible(&identifier).into_owned(),
        (hostname, identifier) => format!("{} ({})", visible(hostname), visible(&identifier)),
    }
}

fn reason(hold: &Hold) -> String {
    visible(&LeftOutReason::of_hold(hold).to_string()).into_owned()
}

impl Component for EndHold {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Scroll) => {
                self.cursor.on_key(key, self.lines.len());
                Response::stay()
            }
            Some(Command::End) => {
                let holds = Box::new(self.holds.clone());
                Response::close().with([Effect::Job(Job::EndHolds(holds))])
            }
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let mut below = vec![
            Line::default(),
            Line::from("  They can be planned again. The record is kept."),
            Line::default(),
        ];
        below.extend(key_lines(KEYS, |command| {
            matches!(command, Command::End | Command::Back)
        }));
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let footer = height_of(&below);
        let height = rows.saturating_add(footer).saturating_add(3);
        let count = self.holds.own.len() as u64;
        let title = match self.lines.len() {
            all if all == self.holds.own.len() => format!("End {}?", counted(count, "hold")),
            _ => format!("End {} of these?", counted(count, "hold")),
        };
        let area = popup(area, context, PopupWidth::Large, scrolling(context, height));
        let inner = dialog_panel(frame, area, context, &title);
        let [_, list, rest] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Min(1),
            Constraint::Length(footer),
        ])
        .areas(inner);
        render_menu(frame, area, list, context, &self.lines, self.cursor);
        let text = Paragraph::new(below).style(context.settings.theme.strong());
        frame.render_widget(text, rest);
    }
}
