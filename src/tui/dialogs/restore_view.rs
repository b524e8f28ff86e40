//! The offer to restore the view in which this list was left.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::text::{clip, counted, visible};
use crate::tui::app::App;
use crate::tui::component::{Component, Response};
use crate::tui::input::dialog_keys::{DialogKey, ESC, Hint, Press, Section, command, hints, key};
use crate::tui::widgets::age::age;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::panel::message_panel;

/// Restore the saved view?
#[derive(Clone, Debug)]
pub struct RestoreView {
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

    /// The offer; it accepts keys once it was drawn.
    pub fn new() -> Self {
        Self {
            guard: KeyGuard::once_drawn(),
        }
    }
}

impl Component for RestoreView {
    fn hints(&self) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, app: &mut App) -> Response {
        match command(KEYS, key) {
            Some(Command::Restore) => Response::close().with(app.restore_offered_view()),
            Some(Command::Discard) => {
                app.saved_view.offered = None;
                Response::close()
            }
            Some(Command::Later) => Response::close(),
            None => Response::stay(),
        }
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, app: &App) {
        let Some(saved) = &app.saved_view.offered else {
            return;
        };
        let ago = age(app.context.now.wall, saved.at);
        let mut lines = vec![
            Line::default(),
            Line::from(format!("  You left this list {ago} ago with")),
        ];
        let mut add = |text: String| lines.push(Line::from(format!("    {text}")));
        if !saved.marks.is_empty() {
            add(counted(saved.marks.len() as u64, "marked device"));
        }
        if !saved.filter.is_empty() {
            add(format!("the filter {}", clip(&visible(&saved.filter), 44)));
        }
        if !saved.order().is_empty() {
            add(format!("sorted by {}", clip(&saved.order(), 44)));
        }
        if saved.has_other_columns(&app.context.info.columns) {
            add("other columns".to_owned());
        }
        if let Some(id) = saved.place(&app.context.list.devices) {
            let device = app.context.list.devices.device(id);
            let name = match device.hostname() {
                "" => device.hwid().unwrap_or("a row without a name"),
                name => name,
            };
            add(format!("the cursor on {}", clip(&visible(name), 44)));
        }
        lines.push(Line::default());
        lines.push(Line::from("  enter  restore this view"));
        lines.push(Line::from("  n      discard it"));
        lines.push(Line::from("  esc    not now"));
        message_panel(frame, area, app, "saved view", 64, lines);
    }
}
