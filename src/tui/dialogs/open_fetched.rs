//! The question whether a list that was just fetched takes the place of the open one.

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::text::counted;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC_OR_Q, Hint, Section, command, hints, key,
};
use crate::tui::job::Job;
use crate::tui::widgets::key_guard::KeyGuard;
use crate::tui::widgets::panel::{PopupWidth, key_lines, message_panel, path_tail};

/// Open the fetched list?
#[derive(Clone, Debug)]
pub struct OpenFetched {
    path: PathBuf,
    devices: u64,
    guard: KeyGuard,
}

#[derive(Clone, Copy)]
enum Command {
    Open,
    Stay,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Open, "open it", "open the fetched list"),
    key("esc", ESC_OR_Q, Command::Stay, "stay here", "stay on this list"),
];

impl OpenFetched {
    pub(super) const HELP: Section = Section {
        title: "a list was fetched",
        hints: || hints(KEYS),
    };

    /// The question about the list at `path`, which has so many devices.
    pub fn new(path: PathBuf, devices: u64) -> Self {
        Self {
            path,
            devices,
            guard: KeyGuard::once_drawn(),
        }
    }
}

impl Component for OpenFetched {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, _context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Open) => {
                Response::close().with([Effect::Job(Job::Reload(self.path.clone()))])
            }
            Some(Command::Stay) => Response::close(),
            None => Response::stay(),
        }
    }

    fn guard(&mut self) -> Option<&mut KeyGuard> {
        Some(&mut self.guard)
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let mut lines = vec![
            Line::default(),
            Line::from(format!("  {} fetched to", counted(self.devices, "device"))),
            Line::from(format!("  {}", path_tail(&self.path))),
            Line::from("  If you open it, the marks of this list go with it."),
            Line::default(),
        ];
        lines.extend(key_lines(KEYS, |_| true));
        message_panel(frame, area, context, "fetched", PopupWidth::Medium, lines);
    }
}
