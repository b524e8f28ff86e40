//! The offer to restore the view in which this list was left.

use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::text::{clip, counted, visible};
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{DialogKey, ESC, Hint, Press, Section, command, hints, key};
use crate::tui::request::Request;
use crate::tui::saved_view::SavedView;
use crate::tui::widgets::age::age;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::panel::message_panel;

/// Restore the saved view?
#[derive(Clone, Debug)]
pub struct RestoreView {
    saved_at: Timestamp,
    /// What the view holds.
    facts: Vec<String>,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    Restore,
    Discard,
    Later,
}

const KEYS: &[DialogKey<Command>] = &[
    key(
        "enter",
        &[Press::Key(KeyCode::Enter), Press::Key(KeyCode::Char('y'))],
        Command::Restore,
        "restore",
        "restore the saved view",
    ),
    key(
        "n",
        &[Press::Key(KeyCode::Char('n'))],
        Command::Discard,
        "discard",
        "discard the saved view",
    ),
    key("esc", ESC, Command::Later, "not now", "not now"),
];

impl RestoreView {
    pub(super) const HELP: Section = Section {
        title: "restore the saved view, at the start",
        hints: || hints(KEYS),
    };

    /// The offer of this view; it accepts keys once it was drawn.
    pub fn new(saved: &SavedView, context: &Context) -> Self {
        Self {
            saved_at: saved.at,
            facts: facts(saved, context),
            guard: KeyGuard::once_drawn(),
        }
    }
}

impl Component for RestoreView {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Restore) => Response::close().request(Request::RestoreView),
            Some(Command::Discard) => Response::close().request(Request::DiscardSavedView),
            Some(Command::Later) => Response::close(),
            None => Response::stay(),
        }
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let ago = age(context.now.wall, self.saved_at);
        let mut lines = vec![
            Line::default(),
            Line::from(format!("  You left this list {ago} ago with")),
        ];
        lines.extend(
            self.facts
                .iter()
                .map(|fact| Line::from(format!("    {fact}"))),
        );
        lines.push(Line::default());
        lines.push(Line::from("  enter  restore this view"));
        lines.push(Line::from("  n      discard it"));
        lines.push(Line::from("  esc    not now"));
        message_panel(frame, area, context, "saved view", 64, lines);
    }
}

/// What the saved view holds, safe to show.
fn facts(saved: &SavedView, context: &Context) -> Vec<String> {
    let mut facts = Vec::new();
    if !saved.marks.is_empty() {
        facts.push(counted(saved.marks.len() as u64, "marked device"));
    }
    if !saved.filter.is_empty() {
        facts.push(format!("the filter {}", clip(&visible(&saved.filter), 44)));
    }
    if !saved.order().is_empty() {
        facts.push(format!("sorted by {}", clip(&saved.order(), 44)));
    }
    if saved.has_other_columns(&context.info.columns) {
        facts.push("other columns".to_owned());
    }
    if let Some(id) = saved.place(&context.list.devices) {
        let device = context.list.devices.device(id);
        let name = match device.hostname() {
            "" => device.hwid().unwrap_or("a row without a name"),
            name => name,
        };
        facts.push(format!("the cursor on {}", clip(&visible(name), 44)));
    }
    facts
}
