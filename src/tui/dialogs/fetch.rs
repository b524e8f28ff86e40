//! The question before the inventory is read: what that costs.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::text::counted;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::fetch_progress::FetchProgress;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC_OR_Q, Hint, Section, command, hints, key,
};
use crate::tui::widgets::panel::{PopupWidth, key_lines, message_panel, path_tail};

/// What reading the inventory costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchPrompt {
    /// How many devices the list has now.
    pub devices: u64,
    /// How many calls so many devices take.
    pub calls: u64,
    /// How long that takes at the least, in seconds.
    pub seconds: u64,
}

#[derive(Clone, Copy)]
enum Command {
    Fetch,
    Back,
}

#[rustfmt::skip]
const KEYS: &[DialogKey<Command>] = &[
    key("enter", ENTER, Command::Fetch, "fetch", "fetch the inventory"),
    key("esc", ESC_OR_Q, Command::Back, "back", ""),
];

impl FetchPrompt {
    pub(super) const HELP: Section = Section {
        title: "fetch the inventory (:fetch)",
        hints: || hints(KEYS),
    };
}

impl Component for FetchPrompt {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        match command(KEYS, key) {
            Some(Command::Fetch) => {
                let Ok(destination) = context.settings.fetch.clone() else {
                    return Response::stay();
                };
                context.runs.fetch_progress = Some(FetchProgress {
                    expected: self.devices,
                    ..FetchProgress::default()
                });
                Response::close().with([Effect::Fetch(destination)])
            }
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        // A call takes about a second.
        let seconds = self.seconds.max(self.calls);
        let time = format!("about {}:{:02}", seconds / 60, seconds % 60);
        let calls = counted(self.calls, "call");
        let devices = counted(self.devices, "device");
        let mut lines = vec![
            Line::default(),
            Line::from("  Reads the tenant's whole inventory into a list."),
            Line::from("  Read-only (Get Devices): nothing is sent. Marks stay."),
            Line::from(format!("  {calls} for {devices} as in this list:")),
            Line::from(format!("  {time}; waits for active runs.")),
        ];
        if let Ok(destination) = &context.settings.fetch {
            lines.push(Line::default());
            lines.push(Line::from(format!("  {}", path_tail(&destination.path))));
        }
        lines.push(Line::default());
        lines.extend(key_lines(KEYS, |_| true));
        message_panel(frame, area, context, "fetch", PopupWidth::Medium, lines);
    }
}
